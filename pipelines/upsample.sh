#!/usr/bin/env bash
# upsample.sh -m MODEL -n POINTS [option ...] PATH ... > CLOUDS.mfc
#
# More points for clouds of shapes of the kind that a model was trained on: as many copies as are wanted, noise that carries them over the gaps
# between the points, and back along the score. The points that were given stay as they are.
#
#   -m, --model FILE     the model
#   -n, --points POINTS  points of each cloud afterwards (16 times as many as it has)
#       --spread S       noise to come back from, where the standard deviation of the model's data is 1 (√(12/N), N points a cloud)
#       --fit            scale each cloud by itself, as the model's data are on average: where it is not in the data set's units
#       --steps COUNT    evaluations of the network (8)
#   -s, --seed N         seed (0)
#   -o, --output FILE    write here (standard output)
#       --progress WHEN  auto, always or never
#   -v, --verbose        print the pipeline
#   -h, --help           print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"

model='' points='' spread='' fit='' steps=8 seed=0 output=- progress=auto
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
	mfc-subdivide branch $many --kernel restart ${spread:+--spread ${spread@Q}} --kernel-steps ${steps@Q} -m ${model@Q} --seed ${seed@Q} --progress=${progress@Q} -o ${output@Q}"
