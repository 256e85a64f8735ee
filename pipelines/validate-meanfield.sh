#!/usr/bin/env bash
# validate-meanfield.sh [option ...]
#
# The method on ground truth, by filters alone: tables and plots in a folder, and the fitted rates with their standard errors beside theory's.
#   chaos.tsv   particles drawn to their mean (mfc-noise interact), N by N: error of the mean, which is the W2 of its law to the limit, error of the
#               variance, and the correlation of two particles beside its exact value
#   limit.tsv   W2 (sliced) of such particles to as many draws of the limit, and of these to others, the floor, by N
#   flow.tsv    mean and variance of such particles on their way to the stationary law, beside the closed ones
#   oracle-steps.tsv, oracle-n.tsv
#               the exact score of a mixture on the line through mfc-score denoise: W2 to what finest steps make of the same noise, by steps, and
#               W1 to independent draws of the mixture beside that between such draws, the floor of sampling, by N (of W2 the rate is less where a law
#               has gaps)
#
#   -d, --dir FOLDER     where everything goes (meanfield)
#       --quick          a smoke run of seconds: few particles, few clouds
#       --kappa K        attraction (2)
#   -s, --seed N         seed (0)
#   -v, --verbose        print the pipelines
#   -h, --help           print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"

dir=meanfield quick='' kappa=2 seed=0
while [ $# -gt 0 ]; do
	case $1 in
		--kappa) kappa=$(value "$@"); shift 2 ;;
		*) experiment_option "$@"; shift "$taken" ;;
	esac
done
command -v gnuplot >/dev/null || die "gnuplot is not in PATH"
mkdir -p "$dir"
sizes=(100 1000 10000 100000 1000000) clouds=(400 400 200 60 24) samples=(100 1000 10000 100000) steps=(16 24 32 48 64 96 128) fine=1000
limits=(100 316 1000 3162 10000)
steps_points=10000 draws=20 flows=1000
[ -z "$quick" ] || sizes=(100 400 1600) clouds=(200 200 100) samples=(100 400) limits=(100 400) steps=(8 16 32) fine=200 steps_points=400 draws=10 flows=100

printf 'N\tclouds\tmean-error\tvariance-error\tcorrelation\terror\texact\n' > "$dir/chaos.tsv"
for i in "${!sizes[@]}"; do   # with seeds of their own, for independent rows
	n=${sizes[i]} own=$((seed + 1000 * (i + 1)))
	system="mfc-noise interact --kappa ${kappa@Q} --t-to 0.5 --seed $own"
	run "mfc-noise prior -q -d 4 -c ${clouds[i]} -n $n --seed $own | $system -q --t-from 0 > ${dir@Q}/interact.mfc"
	run "$system --law 0:1:$n" > "$dir/law.tsv"
	run "mfc-metric chaos -q --correlation ${dir@Q}/interact.mfc" > "$dir/correlation.tsv"
	run "mfc-metric moments -q ${dir@Q}/interact.mfc" |
		awk -F'\t' -v OFS='\t' -v n="$n" -v law="$(tail -n 1 "$dir/law.tsv")" -v c="$(tail -n 1 "$dir/correlation.tsv")" '
		BEGIN { split(law, l, "\t"); split(c, rho, "\t") }
		NR == 1 { for (i = 3; i <= NF; i++) { if ($i ~ /^mean/) mean[i]; if (split($i, p, "-") == 3 && p[2] == p[3]) variance[i] } next }
		{ for (i in mean) { m += ($i - l[2]) ^ 2; k++ } for (i in variance) v += ($i - l[3]) ^ 2 }
		END { print n, NR - 1, sqrt(m / k), sqrt(v / k), rho[2], rho[3], l[6] }' >> "$dir/chaos.tsv"
done

printf 'weight mean sd\n1 2 0.5\n' > "$dir/start.txt"
printf 'clock\tmean\tmean-law\tvariance\tvariance-law\n' > "$dir/flow.tsv"
for t in 0.02 0.05 0.1 0.15 0.2 0.25 0.3 0.4 0.5 0.7 1; do
	run "mfc-noise interact --kappa ${kappa@Q} --t-to $t --law 2:0.25:${sizes[2]}" > "$dir/law.tsv"
	run "mfc-noise prior -q --oracle ${dir@Q}/start.txt -c $flows -n ${sizes[2]} --seed ${seed@Q} |
		mfc-noise interact -q --kappa ${kappa@Q} --t-to $t --seed ${seed@Q} |
		mfc-metric moments -q" | awk -F'\t' -v OFS='\t' -v law="$(tail -n 1 "$dir/law.tsv")" '
		NR > 1 { m += $3; v += $4 } END { split(law, l, "\t"); print l[1], m / (NR - 1), l[2], v / (NR - 1), l[3] }' >> "$dir/flow.tsv"
done

# Flow of the ODE on the line keeps order, so that W2 between its solutions is that of the same particles; sliced W2 on the line is exact.
printf 'weight mean sd\n0.3 -1.2 0.3\n0.5 0.4 0.2\n0.2 1.5 0.5\n' > "$dir/law.txt"
# denoise CLOUDS POINTS SEED SOLVER STEPS NAME
denoise() {
	run "mfc-noise prior -q -d 1 -c $1 -n $2 --seed $3 |
		mfc-score denoise -q --oracle ${dir@Q}/law.txt --last 0.01 --solver $4 --steps $5 > ${dir@Q}/$6.mfc"
}
# pairs CONVENTION FILE FILE [own]: lines of distances between the clouds, each with each or those of one id
pairs() {
	run "mfc-metric pairs -q --metrics emd --emd sliced --convention $1 --reference ${dir@Q}/$2.mfc ${dir@Q}/$3.mfc" |
		awk -F'\t' -v own="${4-}" 'NR > 1 && (!own || $1 == $2) { print $3 }'
}
w2() { pairs pvd "$@" own | awk '{ s += $1; n++ } END { printf("%.6g\n", sqrt(s / n)) }'; }
w1() { pairs mfc "$@" | awk '{ s += $1; n++ } END { printf("%.6g\n", s / n) }'; }

printf 'N\tw2\tfloor\n' > "$dir/limit.tsv"
for n in "${limits[@]}"; do
	own=$((seed + 7 * n))
	run "mfc-noise interact --kappa ${kappa@Q} --t-to 0.5 --law 0:1:$n" |
		awk -F'\t' 'NR > 1 { print "weight mean mean mean mean sd\n1 0 0 0 0 " sqrt($3) }' > "$dir/limit.txt"
	run "mfc-noise prior -q -d 4 -c $draws -n $n --seed $own | mfc-noise interact -q --kappa ${kappa@Q} --t-from 0 --t-to 0.5 --seed $own > ${dir@Q}/interact.mfc"
	for k in 1 2; do run "mfc-noise prior -q --oracle ${dir@Q}/limit.txt -c $draws -n $n --seed $((own + k)) > ${dir@Q}/draws-$k.mfc"; done
	printf '%s\t%s\t%s\n' "$n" "$(w2 draws-1 interact)" "$(w2 draws-1 draws-2)" >> "$dir/limit.tsv"
done

denoise 4 "${steps_points}" "$seed" heun "$fine" fine
printf 'steps\tdpmpp2m\theun\n' > "$dir/oracle-steps.tsv"
for k in "${steps[@]}"; do
	for solver in dpmpp2m heun; do denoise 4 "$steps_points" "$seed" $solver "$k" $solver; done
	printf '%s\t%s\t%s\n' "$k" "$(w2 fine dpmpp2m)" "$(w2 fine heun)" >> "$dir/oracle-steps.tsv"
done
printf 'N\tw1\tfloor\n' > "$dir/oracle-n.tsv"
for n in "${samples[@]}"; do
	denoise "$draws" "$n" $((seed + n)) dpmpp2m 200 some
	for k in 1 2; do run "mfc-noise prior -q --oracle ${dir@Q}/law.txt -c $draws -n $n --seed $((seed + n + k)) > ${dir@Q}/draws-$k.mfc"; done
	printf '%s\t%s\t%s\n' "$n" "$(w1 draws-1 some)" "$(w1 draws-1 draws-2)" >> "$dir/oracle-n.tsv"
done

{
	printf 'what\trate\terror\ttheory\n'
	rate "$dir/chaos.tsv" 1 3 'W2 of the mean' -0.5
	rate "$dir/chaos.tsv" 1 4 'variance' -0.5
	rate "$dir/chaos.tsv" 1 5 'correlation of two particles' -1
	rate "$dir/limit.tsv" 1 2 'W2 to draws of the limit' -0.5
	rate "$dir/limit.tsv" 1 3 'W2 of draws and draws' -0.5
	# Of e^clock: exponential decay. Of the variance while what is left of it is well above its error.
	rate <(awk -F'\t' -v OFS='\t' 'NR == 1 || $1 < 3 { print exp($1), $2 }' "$dir/flow.tsv") 1 2 'mean, by e^clock' -0.5
	rate <(awk -F'\t' -v OFS='\t' -v k="$kappa" 'NR == 1 || $4 - 1 / (1 + 2 * k) > 0.003 { print exp($1), $4 - 1 / (1 + 2 * k) }' "$dir/flow.tsv") 1 2 \
		'variance, by e^clock' "$(awk -v k="$kappa" 'BEGIN { print -(1 + 2 * k) }')"
	rate "$dir/oracle-steps.tsv" 1 2 'dpmpp2m, by steps' -2
	rate "$dir/oracle-steps.tsv" 1 3 'heun, by steps' -2
	rate "$dir/oracle-n.tsv" 1 2 'W1 of oracle and draws, by N' -0.5
	rate "$dir/oracle-n.tsv" 1 3 'W1 of draws and draws, by N' -0.5
} > "$dir/rates.tsv"
gnuplot <<END_OF_PLOT
set terminal pngcairo size 1500,450 font ',10'
set output '$dir/meanfield.png'
set multiplot layout 1,3
set logscale xy; set format '10^{%T}'; set key bottom left; set xlabel 'N'; set title 'particles drawn to their mean'
plot '$dir/chaos.tsv' skip 1 using 1:3 with linespoints title 'W2 of the mean', '' skip 1 using 1:4 with linespoints title 'variance', \
	'' skip 1 using 1:5:6 with yerrorbars title 'correlation', '' skip 1 using 1:7 with lines title 'exact'
unset logscale; unset format; set key top right; set xlabel 'clock'; set title 'to the stationary law'
plot '$dir/flow.tsv' skip 1 using 1:2 title 'mean', '' skip 1 using 1:3 with lines title 'limit', \
	'' skip 1 using 1:4 title 'variance', '' skip 1 using 1:5 with lines title 'limit'
set logscale xy; set format y '10^{%T}'; set key bottom left; set xlabel 'steps'; set title 'oracle: W2 to finest steps'
plot '$dir/oracle-steps.tsv' skip 1 using 1:2 with linespoints title 'dpmpp2m', '' skip 1 using 1:3 with linespoints title 'heun'
END_OF_PLOT
rm -f "$dir"/*.mfc "$dir/law.tsv" "$dir/correlation.tsv"
columns < "$dir/rates.tsv"
