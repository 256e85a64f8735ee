#!/usr/bin/env bash
# train.sh -m MODEL [option ...] PATH ... [-- OPTION-OF-MFC-SCORE-TRAIN ...]
#
# Train a model on the shapes in archives, folders or streams, for a given time. The log (TSV) goes to standard output.
#
#   -m, --model FILE      where the model is written
#   -t, --time SECONDS    wall-clock budget (600), or
#       --steps COUNT     one in steps, by which the same command makes the same model
#       --resume          go on from the model, if it is there: run again after whatever end, a training by steps ends in the same bytes
#   -c, --category GLOB   shapes whose label or id matches
#       --split NAME      part of the data set (train; "all" for everything)
#       --augment LIST    random changes of each shape (mirror:x,scale:0.1,rotate:y:10; "none")
#       --levels LIST     noise levels S:N:B,... (2:128:16,0.5:256:8,0:512:8)
#       --fine            for clouds of very many particles: a local term, and crowds of up to 65,536 to learn it from
#   -s, --seed N          seed (0)
#   -o, --output FILE     the log, which grows by a row at a time (standard output)
#       --progress WHEN   auto, always or never
#   -v, --verbose         print the pipeline
#   -h, --help            print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"

model='' time=600 category='' split=train augment=mirror:x,scale:0.1,rotate:y:10 levels='' fine='' seed=0 progress=auto steps='' resume='' log=-
paths=() more=()
while [ $# -gt 0 ]; do
	case $1 in
		-m | --model) model=$(value "$@"); shift ;;
		-t | --time) time=$(value "$@"); shift ;;
		--steps) steps=$(value "$@"); shift ;;
		--resume) resume=' --resume' ;;
		-c | --category) category=$(value "$@"); shift ;;
		--split) split=$(value "$@"); shift ;;
		--augment) augment=$(value "$@"); shift ;;
		--levels) levels=$(value "$@"); shift ;;
		--fine) fine=1 ;;
		-s | --seed) seed=$(value "$@"); shift ;;
		-o | --output) log=$(value "$@"); shift ;;
		--progress) progress=$(value "$@"); shift ;;
		-v | --verbose) verbose=1 ;;
		-h | --help) help ;;
		--) shift; more=("$@"); break ;;
		-?*) usage "$1: no such option" ;;
		*) paths+=("$1") ;;
	esac
	shift
done
[ -n "$model" ] || usage "where should the model go? -m MODEL"
[ ${#paths[@]} -gt 0 ] || usage "train on what? PATH ..."

if [ -n "$fine" ]; then
	: "${levels:=2:128:16,0.5:256:8,0.1:512:6:8192,0:512:8:65536}"
	more=(--local '1.5,3' "${more[@]}")
fi
: "${levels:=2:128:16,0.5:256:8,0:512:8}"

# Every level's clouds are subsets of what is loaded: the largest level says how many points.
points=$(tr , '\n' <<<"$levels" | awk -F: '{ if ($2 > n) n = $2; if ($4 > n) n = $4 } END { print n }')
load="mfc-load -n $points --normalize set-std --shuffle --epochs 0 --seed ${seed@Q}"
[ "$split" = all ] || load+=" --split ${split@Q}"
[ "$augment" = none ] || load+=" --augment ${augment@Q}"
[ -z "$category" ] || load+=" --category ${category@Q}"
budget="--time ${time@Q}"
[ -z "$steps" ] || budget="--steps ${steps@Q}"
[[ " ${more[*]} " != *' --steps'* ]] || budget=   # which is among them
run "$load -- ${paths[*]@Q} |
	mfc-subdivide split --levels ${levels@Q} --seed ${seed@Q} |
	mfc-noise --seed ${seed@Q} |
	mfc-score train -m ${model@Q} $budget$resume -o ${log@Q} --seed ${seed@Q} --progress=${progress@Q} ${more[*]@Q}"
