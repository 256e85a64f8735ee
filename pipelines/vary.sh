#!/usr/bin/env bash
# vary.sh -m MODEL [option ...] PATH ... > CLOUDS.mfc
#
# Variants of shapes of the kind that a model was trained on: noise that leaves only as much of each as the variants are to share, and back.
#
#   -m, --model FILE     the model
#   -c, --count COUNT    variants of each shape (4)
#       --amount S       noise to go back from, where the standard deviation of the model's data is 1: 0.5 keeps the shape's parts, 2 little
#                        more than its size (1)
#   -n, --points POINTS  points of each variant (2048)
#       --fit            scale each shape by itself, as the model's data are on average: where it is not in the data set's units
#       --steps COUNT    evaluations of the network on the whole way, of which a part is gone (30)
#   -s, --seed N         seed (0)
#   -o, --output FILE    write here (standard output)
#       --progress WHEN  auto, always or never
#   -v, --verbose        print the pipeline
#   -h, --help           print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"

model='' count=4 amount=1 points=2048 fit='' steps=30 seed=0 output=- progress=auto
paths=()
while [ $# -gt 0 ]; do
	case $1 in
		-c | --count) count=$(count "$@"); shift 2 ;;
		--amount) amount=$(value "$@"); shift 2 ;;
		-n | --points) points=$(value "$@"); shift 2 ;;
		*) shape_option "$@"; shift "$taken" ;;
	esac
done
shape_options_end

run "$(load_as "$model" "$fit" "$points") --epochs ${count@Q} --seed ${seed@Q} -- ${paths[*]@Q} |
	mfc-noise --to ${amount@Q} --seed ${seed@Q} |
	mfc-score denoise -m ${model@Q} --steps ${steps@Q} --seed ${seed@Q} --progress=${progress@Q} -o ${output@Q}"
