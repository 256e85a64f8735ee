#!/usr/bin/env bash
# convergence.sh [-m MODEL] [option ...] [ARCHIVE]
#
# How fast a trained network's output converges as the cloud that it sees has more particles: clouds of N independent samples of one shape, the
# first of ARCHIVE's test part, noised to s; the network's output at the particles, against that at the same particles in a cloud of a very large N
# that begins with them. Without MODEL and ARCHIVE: those in fixtures/.
#   convergence.tsv  by N, for each s: root mean square of the difference, and its standard error over clouds
#
#   -m, --model FILE     the model
#   -d, --dir FOLDER     where everything goes (convergence)
#       --quick          a smoke run of seconds: few particles, few clouds
#       --noise "S ..."  noise levels (0.1 0.5 2)
#   -s, --seed N         seed (0)
#   -v, --verbose        print the pipelines
#   -h, --help           print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"
fixtures=$(cd "$(dirname "$0")" && pwd)/../fixtures

dir=convergence quick='' seed=0 noise='0.1 0.5 2' model=$fixtures/airplanes.mfc archive=$fixtures/airplanes.zip
while [ $# -gt 0 ]; do
	case $1 in
		-m | --model) model=$(value "$@"); shift 2 ;;
		--noise) noise=$(value "$@"); shift 2 ;;
		-?*) experiment_option "$@"; shift "$taken" ;;
		*) archive=$1; shift ;;
	esac
done
command -v gnuplot >/dev/null || die "gnuplot is not in PATH"
[ -e "$model" ] || usage "which model? -m MODEL"
[ -e "$archive" ] || die "$archive: no such file"
mkdir -p "$dir"
read -ra levels <<<"$noise"
sizes=(64 128 256 512 1024 2048 4096 8192 16384) fine=131072 clouds=16 large=512
[ -z "$quick" ] || sizes=(64 256 1024) fine=8192 clouds=8 large=4096

# denoise S N: the pipeline that writes what the network makes, by a single evaluation and whole as they are, of clouds of N particles at S.
# The samples and the noise of a particle depend on its number alone, so that every cloud begins with those of a smaller one.
denoise() {
	printf '%s | %s | %s' "mfc-load -q --split test --limit 1 --epochs $clouds -n $2 --like ${model@Q} --seed ${seed@Q} ${archive@Q}" \
		"mfc-noise -q --to $1 --seed ${seed@Q}" "mfc-score denoise -q -m ${model@Q} --steps 1 --last $1 --context $2 --leads --seed ${seed@Q}"
}
# How many particles those at noise S have neighbours among, 0: they have none.
crowd() {
	mfc-score show "$model" | awk -F'\t' -v s="$1" '{ of[$1] = $2 } END { s /= of["model.sd"]; c = of["model.crowd"] / (s * s)
		print (s > of["model.below"] ? 0 : c > int(c) ? int(c) + 1 : c) }'
}

for i in "${!levels[@]}"; do
	s=${levels[i]}
	printf 'rms-%s\terror-%s\n' "$s" "$s" > "$dir/column-$i.tsv"
	run "$(denoise "$s" "$fine") > ${dir@Q}/fine.mfc"
	for n in "${sizes[@]}"; do
		run "$(denoise "$s" "$n") | mfc-metric moments -q --reference ${dir@Q}/fine.mfc" | awk -F'\t' '
			NR > 1 { e = $3 ^ 2 + $4 ^ 2 + $5 ^ 2 + $6 + $9 + $11; m += e; q += e * e; k++ }
			END { m /= k; v = (q / k - m * m) / (k - 1); printf("%.6g\t%.2g\n", sqrt(m), sqrt(v > 0 ? v : 0) / (2 * sqrt(m))) }' >> "$dir/column-$i.tsv"
	done
done
paste <(printf '%s\n' N "${sizes[@]}") "$dir"/column-*.tsv > "$dir/convergence.tsv"

# part FROM TO ALL I WHAT: the rate at the I-th noise level over these N, if they are several. A part of the large cloud is nearer to it than another
# cloud would be, by the factor 1 - N/ALL in the mean square, which 1/(1/N - 1/ALL) in the place of N allows for.
part() {
	awk -F'\t' -v OFS='\t' -v from="$1" -v to="$2" -v all="$3" 'NR == 1 { print } $1 >= from && $1 < to { $1 = 1 / (1 / $1 - 1 / all); print }' \
		"$dir/convergence.tsv" > "$dir/part.tsv"
	[ "$(wc -l < "$dir/part.tsv")" -lt 3 ] || rate "$dir/part.tsv" 1 $((2 * $4 + 2)) "s = ${levels[$4]}$5" -0.5
}
{
	printf 'what\trate\terror\ttheory\n'
	for i in "${!levels[@]}"; do
		c=$(crowd "${levels[i]}")
		if [ "$c" = 0 ]; then part 1 "$fine" "$fine" "$i" ''; else part 1 "$c" "$c" "$i" ", N below the crowd of $c"; fi
		from=$((c > large ? c : large))
		part "$from" "$fine" "$fine" "$i" ", N from $from"
	done
} > "$dir/rates.tsv"
{
	echo "set terminal pngcairo size 700,500 font ',10'; set output '$dir/convergence.png'; set logscale xy; set format '10^{%T}'; set key bottom left"
	echo "set xlabel 'N'; set title 'the network, to what it makes of $fine particles: root mean square'"
	echo "set xrange [${sizes[0]} / 1.5 : ${sizes[-1]} * 1.5]; theory(x) = sqrt(1 / x - 1. / $fine) / sqrt(1. / ${sizes[-1]} - 1. / $fine)"
	for i in "${!levels[@]}"; do   # the theory through the last point
		y=$(awk -F'\t' -v i=$((2 * i + 2)) 'END { print $i }' "$dir/convergence.tsv")
		printf '%s %s\n' "$([ "$i" = 0 ] && echo plot || echo ,)" "$y * theory(x) with lines dashtype 2 linecolor $((i + 1)) notitle, \
			'$dir/convergence.tsv' skip 1 using 1:$((2 * i + 2)):$((2 * i + 3)) with yerrorlines linecolor $((i + 1)) pointtype 7 title 's = ${levels[i]}'\\"
	done
	echo ", 1/0 with lines dashtype 2 linecolor 'black' title '(1/N - 1/$fine)^{1/2}'"
} | gnuplot
rm -f "$dir/fine.mfc" "$dir"/column-*.tsv "$dir/part.tsv"
columns < "$dir/rates.tsv"
