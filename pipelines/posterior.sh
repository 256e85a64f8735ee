#!/usr/bin/env bash
# posterior.sh [option ...] [ARCHIVE]
#
# A law of which the exact score is known and every particle tells something of all others: each cloud is independent draws from the points of one
# of eight shapes, the first of ARCHIVE's training part. Its score is an average over the posterior of shapes given all particles (mfc-score denoise
# --oracle). Without ARCHIVE: that in fixtures/. Tables and plots in a folder:
#   stages.tsv   the exact score through mfc-score denoise, all particles from the start (density -), or in the stages of mfc-subdivide plan --start 1,
#                which begin with 64 (--quick: 16): w1, the distance of clouds to the nearest shape (sliced W1) by density, N and steps, floor, that of
#                as many draws of the shapes, and their standard errors
#   learned.tsv  a network that learns from clouds of 256 particles, judged on clouds of N: its loss, the least that there is, that of the exact
#                score, the excess of the one over the other, and its standard error, by level of noise and N
#   rates.tsv    the rates in N of w1, all particles from the start, and of the floor
#
#   -d, --dir FOLDER     where everything goes (posterior)
#       --quick          a smoke run of seconds: few particles, few steps
#       --steps COUNT    of training (2000)
#   -s, --seed N         seed (0)
#   -v, --verbose        print the pipelines
#   -h, --help           print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"
shopt -s inherit_errexit

dir=posterior quick='' steps='' seed=0 archive=$(cd "$(dirname "$0")" && pwd)/../fixtures/airplanes.zip
while [ $# -gt 0 ]; do
	case $1 in
		--steps) steps=$(count "$@"); shift 2 ;;
		-?*) experiment_option "$@"; shift "$taken" ;;
		*) archive=$1; shift ;;
	esac
done
command -v gnuplot >/dev/null || die "gnuplot is not in PATH"
[ -e "$archive" ] || die "$archive: no such file"
mkdir -p "$dir"
points=2048 clouds=16 first=64 sizes=(64 256 1024) densities=(16 64 256 1024) counts=(4 8 16 64) usual=32 judge=64 judged=(16 32 64 128 256 512 1024)
[ -z "$quick" ] || points=256 clouds=8 first=16 sizes=(16 64) densities=(16 64) counts=(2) usual=8 judge=4 judged=(16 64)
: "${steps:=${quick:+20}}" "${steps:=2000}"
run "mfc-load -q --split train --normalize set-std --limit 8 -n $points --seed ${seed@Q} ${archive@Q} > ${dir@Q}/shapes.mfc"
shapes=$(mfc-metric moments -q "$dir/shapes.mfc" | awk 'END { print NR - 1 }')
[ "$shapes" -eq 8 ] || die "$archive: $shapes training shapes, where 8 are needed"

# sample DENSITY N STEPS: clouds of N particles by the exact score.
sample() {
	local stage to particles last pipeline=''
	while IFS=$'\t' read -r stage _ to particles _ last; do
		if [ "$stage" = 0 ]; then
			pipeline="mfc-noise prior -q -d 3 -c $clouds -n $particles --seed ${seed@Q}"
		else
			pipeline+=" | mfc-subdivide branch -q --to $particles --seed ${seed@Q}"
		fi
		pipeline+=" | mfc-score denoise -q --oracle ${dir@Q}/shapes.mfc --grid edm:4 --to $to --last $last --steps $3 --seed ${seed@Q}"
	done < <(if [ "$1" = - ]; then mfc-subdivide plan --levels "0:$2:1" -n "$2"; else mfc-subdivide plan -q --levels "0:$first:1" -n "$2" --start 1 --density "$1"; fi |
		tail -n +2)
	run "$pipeline"
}
# nearest: of the clouds on standard input, the mean sliced W1 to the nearest of the eight shapes, and its standard error.
nearest() {
	mfc-metric pairs -q --metrics emd --emd sliced --reference "$dir/shapes.mfc" - | awk -F'\t' '
		NR > 1 { i = int((NR - 2) / 8); if (!(i in least) || $3 < least[i]) least[i] = $3 }
		END { for (i in least) { n++; s += least[i]; q += least[i] ^ 2 }
			s /= n; v = (q / n - s ^ 2) / (n - 1); printf("%.5f\t%.5f\n", s, v > 0 ? sqrt(v) : 0) }'
}
draws() { run "mfc-load -q --split train --limit 8 --epochs 4 -n $1 --like ${dir@Q}/shapes.mfc --seed $((seed + 1)) ${archive@Q}"; }

printf 'density\tN\tsteps\tw1\terror\tfloor\tfloor-error\n' > "$dir/stages.tsv"
row() {   # DENSITY N STEPS
	local got floor
	got=$(sample "$@" | nearest)
	floor=$(draws "$2" | nearest)
	printf '%s\t%s\t%s\t%s\t%s\n' "$@" "$got" "$floor" >> "$dir/stages.tsv"
}
for n in "${sizes[@]}"; do row - "$n" "$usual"; done
for c in "${densities[@]}"; do row "$c" "${sizes[-1]}" "$usual"; done
for k in "${counts[@]}"; do row - "${sizes[1]}" "$k"; done

# Levels for a finer look than the default ones, the same number of particles in all.
levels() { printf '2:%s:%s,1:%s:%s,0.5:%s:%s,0.25:%s:%s,0.1:%s:%s,0:%s:%s' "$1" 4 "$1" 4 "$1" 4 "$1" 4 "$1" 4 "$1" 4; }
# noised N COUNT SEED: COUNT clouds of N particles of each shape at all noise levels.
noised() {
	echo "mfc-load -q -n $1 --epochs $2 --shuffle --seed $3 ${dir@Q}/shapes.mfc | mfc-subdivide split -q --levels $(levels "$1") --seed $3 |
		mfc-noise -q --seed $3"
}
run "$(noised 256 $((3 * steps)) "$seed") | mfc-score train -q -m ${dir@Q}/model.mfc --steps $steps --seed ${seed@Q}" > "$dir/train.tsv"
losses() { run "mfc-score loss -q $1 ${dir@Q}/noised.mfc" | awk -F'\t' '$1 ~ /^[0-9]/ { print $4 }'; }
printf 's\tN\tloss\tleast\texcess\terror\n' > "$dir/learned.tsv"
for n in "${judged[@]}"; do
	few=$((n > 128 ? judge / 4 : judge))
	for k in 1 2 3 4; do   # the noise of the clouds is in both, and mostly cancels
		run "$(noised "$n" "$few" $((seed + k))) > ${dir@Q}/noised.mfc"
		losses "-m ${dir@Q}/model.mfc" > "$dir/loss.tsv"
		losses "--oracle ${dir@Q}/shapes.mfc" > "$dir/least.tsv"
		paste <(printf '%s\n' 2-20 1-2 0.5-1 0.25-0.5 0.1-0.25 0-0.1) "$dir/loss.tsv" "$dir/least.tsv"
	done | awk -F'\t' -v OFS='\t' -v n="$n" '
		{ if (!($1 in loss)) name[++names] = $1; loss[$1] += $2 / 4; least[$1] += $3 / 4; square[$1] += ($2 - $3) ^ 2 / 4 }
		END { for (i = 1; i <= names; i++) { s = name[i]; x = loss[s] - least[s]; v = (square[s] - x * x) / 3
			print s, n, loss[s], least[s], x, (v > 0 ? sqrt(v) : 0) } }' >> "$dir/learned.tsv"
done
{
	printf 'what\trate\terror\ttheory\n'
	awk -F'\t' -v n="$usual" 'NR == 1 || ($1 == "-" && $3 == n) { print $2 "\t" $4 }' "$dir/stages.tsv" > "$dir/part.tsv"
	rate "$dir/part.tsv" 1 2 'w1, all from the start, by N' -0.5
	awk -F'\t' -v n="$usual" 'NR == 1 || ($1 == "-" && $3 == n) { print $2 "\t" $6 }' "$dir/stages.tsv" > "$dir/part.tsv"
	rate "$dir/part.tsv" 1 2 'floor, by N' -0.5
} > "$dir/rates.tsv"

gnuplot <<END_OF_PLOT
set terminal pngcairo size 1500,450 font ',10'
set output '$dir/posterior.png'
set datafile separator '\t'
set multiplot layout 1,3
set logscale xy; set key bottom left; set xlabel 'N'; set title 'the exact score: W1 to the nearest of eight shapes'
plot '< grep "^-" "$dir/stages.tsv"' using 2:(\$3 == $usual ? \$4 : 1/0):5 with yerrorlines title 'all particles from the start', \
	'' using 2:(\$3 == $usual ? \$6 : 1/0):7 with yerrorlines title 'draws'
set xlabel 'density C'; set title 'in stages, to ${sizes[-1]} particles'
plot '< grep "^[0-9]" "$dir/stages.tsv"' using 1:4:5 with yerrorlines title 'stages', '' using 1:6 with lines title 'draws'
set xlabel 'N'; set title 'a network: excess over the least loss, by s'; set key top right maxrows 3; set yrange [*:5]
plot for [s in "2-20 1-2 0.5-1 0.25-0.5 0.1-0.25 0-0.1"] sprintf("< grep '^%s' '$dir/learned.tsv'", s) using 2:5:6 with yerrorlines title s
END_OF_PLOT
rm -f "$dir/noised.mfc" "$dir/part.tsv" "$dir/train.tsv" "$dir/loss.tsv" "$dir/least.tsv"
columns < "$dir/stages.tsv"
echo
columns < "$dir/learned.tsv"
echo
columns < "$dir/rates.tsv"
