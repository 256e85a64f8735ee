#!/usr/bin/env bash
# demo.sh [option ...] [ARCHIVE]
#
# The whole line on one page: train on an archive's training part from scratch, generate clouds, compare them with the held-out part, and
# draw generated above held-out. Without ARCHIVE: the aircraft in fixtures/.
#
#   -d, --dir FOLDER     where everything goes (demo)
#   -t, --time SECONDS   for training (270)
#   -c, --count COUNT    clouds to generate and to compare (32)
#   -n, --points POINTS  particles of each (2048)
#   -s, --seed N         seed (0)
#   -v, --verbose        print the pipelines
#   -h, --help           print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"
here=$(cd "$(dirname "$0")" && pwd)

dir=demo time=270 count=32 points=2048 seed=0 archive=$here/../fixtures/airplanes.zip
while [ $# -gt 0 ]; do
	case $1 in
		-d | --dir) dir=$(value "$@"); shift ;;
		-t | --time) time=$(value "$@"); shift ;;
		-c | --count) count=$(value "$@"); shift ;;
		-n | --points) points=$(value "$@"); shift ;;
		-s | --seed) seed=$(value "$@"); shift ;;
		-v | --verbose) verbose=1 ;;
		-h | --help) help ;;
		-?*) usage "$1: no such option" ;;
		*) archive=$1 ;;
	esac
	shift
done
[ -e "$archive" ] || die "$archive: no such file"
mkdir -p "$dir"
say() { printf '\n== %s\n' "$*"; }
flags=(${verbose:+--verbose} --seed "$seed")

say "loading ${archive##*/}"
run "mfc-load --split train --normalize set-std -n ${points@Q} -o ${dir@Q}/train.mfc ${archive@Q}"
run "mfc-load --split test --like ${dir@Q}/train.mfc --limit ${count@Q} -n ${points@Q} -o ${dir@Q}/held-out.mfc ${archive@Q}"

say "training for $time s (log: $dir/train.tsv)"
"$here/train.sh" "${flags[@]}" -m "$dir/model.mfc" -t "$time" --progress always "$archive" > "$dir/train.tsv"

say "generating $count clouds of $points points"
"$here/sample.sh" "${flags[@]}" -m "$dir/model.mfc" -c "$count" -n "$points" --progress always -o "$dir/generated.mfc"

say "comparing with the held-out shapes"
run "mfc-load --shuffle --limit ${count@Q} -n ${points@Q} -o ${dir@Q}/some-train.mfc ${dir@Q}/train.mfc"
run "mfc-noise prior -c ${count@Q} -n ${points@Q} -o ${dir@Q}/noise.mfc"
"$here/evaluate.sh" ${verbose:+--verbose} -r "$dir/held-out.mfc" --progress always \
	generated="$dir/generated.mfc" "training shapes=$dir/some-train.mfc" "Gaussian noise=$dir/noise.mfc" > "$dir/metrics.txt"

say "drawing"
run "mfc-view -o ${dir@Q}/sheet.png --limit 16 --columns 8 ${dir@Q}/generated.mfc ${dir@Q}/held-out.mfc"

say "generated above held-out: $dir/sheet.png"
cat <<EOF
model               $dir/model.mfc      (mfc-score show $dir/model.mfc)
training log        $dir/train.tsv
generated clouds    $dir/generated.mfc  (mfc-save -o clouds.zip $dir/generated.mfc)
held-out clouds     $dir/held-out.mfc
metrics             $dir/metrics.txt

EOF
cat "$dir/metrics.txt"
