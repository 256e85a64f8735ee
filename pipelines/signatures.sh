#!/usr/bin/env bash
# signatures.sh -m MODEL [option ...] PATH ...
#
# The failures of a sampler and their signatures (mfc-metric chaos --verdict): samplers that are broken on purpose, each by one thing, beside a good
# one and beside other real shapes, all against the held-out shapes of PATH. Leaves signatures.tsv and a plot of the figures over their thresholds.
#   training shapes   independent samples of real shapes
#   sample.sh         as it should be
#   all seen          every particle in one stage, seen by all: the more the network sees the fewer shapes there are
#   few seen          the network sees 4 of the particles: all others share what these happen to be
#   not parted        branched at s = 0.35, and down by the deterministic solver
#   parted late       branched at s = 0.03
#
#   -m, --model FILE     the model
#   -c, --count COUNT    clouds (32)
#   -n, --points POINTS  particles of each (2048)
#   -d, --dir FOLDER     where everything goes (signatures)
#       --quick          a smoke run of seconds: few particles, few steps
#   -s, --seed N         seed (0)
#   -v, --verbose        print the pipelines
#   -h, --help           print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"

model='' count=32 points=2048 dir=signatures quick='' seed=0 paths=()
while [ $# -gt 0 ]; do
	case $1 in
		-m | --model) model=$(value "$@"); shift 2 ;;
		-c | --count) count=$(value "$@"); shift 2 ;;
		-n | --points) points=$(value "$@"); shift 2 ;;
		-?*) experiment_option "$@"; shift "$taken" ;;
		*) paths+=("$1"); shift ;;
	esac
done
[ -n "$model" ] || usage "which model? -m MODEL"
[ ${#paths[@]} -gt 0 ] || usage "which shapes? PATH ..."
command -v gnuplot >/dev/null || die "gnuplot is not in PATH"
steps=30
[ -z "$quick" ] || count=8 points=256 steps=6
mkdir -p "$dir"
table=$dir/signatures.tsv

load="mfc-load -q --like ${model@Q} --limit ${count@Q} -n ${points@Q} --seed ${seed@Q}"
run "$load --split test -o ${dir@Q}/held-out.mfc -- ${paths[*]@Q}"
printf 'sampler\tsignature\tmeasure\tgenerated\tthreshold\tif\tthere\n' > "$table"

# verdict NAME PIPELINE: of the clouds that it makes.
verdict() {
	run "$2 > ${dir@Q}/clouds.mfc"
	run "mfc-metric chaos -q --verdict --reference ${dir@Q}/held-out.mfc ${dir@Q}/clouds.mfc" |
		awk -v name="$1" 'NR > 1 { print name "\t" $0 }' >> "$table"
}

few=$(mfc-subdivide plan -m "$model" -n "$points" --start 1 | awk 'NR == 2 { print $4 }')
prior() { echo "mfc-noise prior -q -m ${model@Q} -c ${count@Q} -n $1 --seed ${seed@Q}"; }
denoise="mfc-score denoise -q -m ${model@Q} --grid edm:4 --steps $steps --seed ${seed@Q}"
verdict 'training shapes' "$load --split train --shuffle -- ${paths[*]@Q}"
verdict 'sample.sh' "$(dirname "$0")/sample.sh -m ${model@Q} -c ${count@Q} -n ${points@Q} --steps $steps --seed ${seed@Q} --progress never"
verdict 'all seen' "$(prior "$points") | $denoise --solver sde-dpmpp2m --context ${points@Q}"
verdict 'few seen' "$(prior "$points") | $denoise --context 4 --leads"
verdict 'not parted' "$(prior "$few") | $denoise --to 0.35 | mfc-subdivide branch -q --to ${points@Q} | $denoise --solver dpmpp2m"
verdict 'parted late' "$(prior "$few") | $denoise --to 0.03 | mfc-subdivide branch -q --to ${points@Q} | $denoise"
rm -f "$dir"/clouds.mfc "$dir"/held-out.mfc

# Samplers down, signatures across.
awk -F'\t' -v OFS='\t' '
	NR > 1 { if (!($1 in row)) { row[$1] = 1; name[++n] = $1 } if (!($2 in column)) { column[$2] = 1; head[++m] = $2 } there[$1, $2] = $7 }
	END { printf("sampler"); for (j = 1; j <= m; j++) printf("\t%s", head[j]); print ""
		for (i = 1; i <= n; i++) { printf("%s", name[i]); for (j = 1; j <= m; j++) printf("\t%s", there[name[i], head[j]]); print "" } }' "$table" > "$dir/there.tsv"
# How far beyond its threshold a figure is: above 1 is there. Beyond the plot's edge at the edge.
awk -F'\t' -v OFS='\t' '
	NR > 1 { if (!($1 in x)) x[$1] = ++n; if (!($2 in z)) z[$2] = m++
		r = $6 == "above" ? ($5 > 0 ? $4 / $5 : 1) : ($4 > 0 ? $5 / $4 : 100); if (r > 100) r = 100; if (r < 0.01) r = 0.01
		print x[$1] + (z[$2] - 2) * 0.12, r, z[$2], $1, x[$1] }
	' "$table" > "$dir/beyond.tsv"
gnuplot <<END_OF_PLOT
set terminal pngcairo size 1100,450 font ',10'
set output '$dir/signatures.png'
set datafile separator '\t'
set logscale y; set format y '%g'; set yrange [0.008:130]; set xrange [0.5:6.5]; set ylabel 'figure over threshold'; set key outside right
set title 'signatures of failure: there where above 1'
plot 1 with lines lc 'black' notitle, for [k = 0:4] '$dir/beyond.tsv' using 1:(\$3 == k ? \$2 : 1/0) with points pt 7 ps 1.3 \
	title word('collapse broken-chaos copies clusters blotches', k + 1), '' using 5:(0.01):xtic(4) with points ps 0 notitle
END_OF_PLOT
rm "$dir/beyond.tsv"
columns < "$dir/there.tsv"
