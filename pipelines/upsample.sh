#!/usr/bin/env bash
# upsample.sh -m MODEL -n POINTS [option ...] PATH ... > CLOUDS.mfc
#
# More points for clouds of shapes of the kind that a model was trained on: noise that spreads the points over the gaps between them, as many
# copies as are wanted, and back along the stochastic reverse diffusion.
#
#   -m, --model FILE     the model
#   -n, --points POINTS  points of each cloud afterwards (16 times as many as it has)
#       --spread S       noise to go back from, where the standard deviation of the model's data is 1; about the distance
#                        between neighbours (0.04)
#       --fit            scale each cloud by itself, as the model's data are on average: where it is not in the data set's units
#       --steps COUNT    evaluations of the network on the whole way, of which a part is gone (60)
#   -s, --seed N         seed (0)
#   -o, --output FILE    write here (standard output)
#       --progress WHEN  auto, always or never
#   -v, --verbose        print the pipeline
#   -h, --help           print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"

model='' points='' spread=0.04 fit='' steps=60 seed=0 output=- progress=auto
paths=()
while [ $# -gt 0 ]; do
	case $1 in
		-n | --points) points=$(value "$@"); shift 2 ;;
		--spread) spread=$(value "$@"); shift 2 ;;
		*) shape_option "$@"; shift "$taken" ;;
	esac
done
shape_options_end

many="--factor 16"
[ -z "$points" ] || many="--to ${points@Q}"
run "$(load_as "$model" "$fit" '') --seed ${seed@Q} -- ${paths[*]@Q} |
	mfc-noise --to ${spread@Q} --seed ${seed@Q} |
	mfc-subdivide branch $many --seed ${seed@Q} |
	mfc-score denoise -m ${model@Q} --steps ${steps@Q} --seed ${seed@Q} --progress=${progress@Q} -o ${output@Q}"
