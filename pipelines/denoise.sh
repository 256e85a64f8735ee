#!/usr/bin/env bash
# denoise.sh -m MODEL [option ...] PATH ... > CLOUDS.mfc
#
# Clean noisy scans of shapes of the kind that a model was trained on: take each for a cloud that has diffused to the noise it has, and
# follow the score back.
#
#   -m, --model FILE     the model
#       --noise S        standard deviation of the scans' noise, where that of the model's data is 1 (0.05)
#       --fit            scale each scan by itself, as the model's data are on average: where it is not in the data set's units
#   -n, --points POINTS  a random subset of so many points (all)
#       --steps COUNT    evaluations of the network on the whole way, of which a part is gone (30)
#   -s, --seed N         seed (0)
#   -o, --output FILE    write here (standard output)
#       --progress WHEN  auto, always or never
#   -v, --verbose        print the pipeline
#   -h, --help           print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"

model='' noise=0.05 fit='' points='' steps=30 seed=0 output=- progress=auto
paths=()
while [ $# -gt 0 ]; do
	case $1 in
		--noise) noise=$(value "$@"); shift 2 ;;
		-n | --points) points=$(value "$@"); shift 2 ;;
		*) shape_option "$@"; shift "$taken" ;;
	esac
done
shape_options_end

run "$(load_as "$model" "$fit" "$points") --seed ${seed@Q} -- ${paths[*]@Q} |
	mfc-noise --from ${noise@Q} --to ${noise@Q} --seed ${seed@Q} |
	mfc-score denoise -m ${model@Q} --steps ${steps@Q} --seed ${seed@Q} --progress=${progress@Q} -o ${output@Q}"
