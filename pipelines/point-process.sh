#!/usr/bin/env bash
# point-process.sh [option ...]
#
# Temporal point processes as clouds of one coordinate: a realisation on [0, 64] of an intensity of 1 on average is a cloud of its times, as many as
# there are. Networks learn from clouds of a known process, whole ones, and generate as many as are held out; N is drawn from those of training.
#   poisson     exponential times between events, mean 1
#   wave        the same with the intensity 1 + 0.9 sin(2 pi t/64)
#   renewal     times between events from the gamma law of shape 4: events keep apart
#   hawkes      intensity 0.5 + the sum of 0.5 exp(-(t - t_i)) over the events before: events draw others (Ogata's thinning)
# Of each the networks are mfc-score train's: none, where a particle knows nothing of the others; latent, the mean field; local, which is that and
# --local. Beside them, true: another draw of the process, which is what sampling alone leaves.
#   gaps.tsv      times between neighbours: mean, coefficient of variation, and Kolmogorov-Smirnov distance to those held out
#   counts.tsv    per window of so much time: mean and variance of the number of events, their ratio (Fano factor), and for halves of [0, 64] the
#                 variance given N, over that of independent particles: 1 for poisson
#   density.tsv   of the times between events, by which the plot is drawn
#
#   -d, --dir FOLDER     where everything goes (point-process)
#       --quick          a smoke run of seconds: few clouds, few steps
#       --steps COUNT    of training (1500)
#   -s, --seed N         seed (0)
#   -v, --verbose        print the pipelines
#   -h, --help           print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"

dir=point-process quick='' steps='' seed=0
while [ $# -gt 0 ]; do
	case $1 in
		--steps) steps=$(count "$@"); shift 2 ;;
		*) experiment_option "$@"; shift "$taken" ;;
	esac
done
[[ $seed =~ ^[0-9]{1,6}$ ]] || usage "--seed ${seed@Q}: not a number of up to six digits"
command -v gnuplot >/dev/null || die "gnuplot is not in PATH"
learnt=1024 held=512
network=(--width 32 --latents 16 --latent-width 64 --embed 64 --blocks 3)
[ -z "$quick" ] || learnt=64 held=32 steps=${steps:-20}
: "${steps:=1500}"
mkdir -p "$dir"

# simulate LAW PART CLOUDS SEED: a file of times for each realisation, in a folder of the part. What awk's rand() gives differs from awk to awk, so
# the numbers are those of L'Ecuyer's combined generator (1988), exact in doubles.
simulate() {
	rm -rf "${dir:?}/$2" && mkdir "$dir/$2"
	awk -v law="$1" -v folder="$dir/$2" -v clouds="$3" -v seed="$4" '
		function uniform() {
			a = 40014 * a % 2147483563
			b = 40692 * b % 2147483399
			return ((a - b + 2147483562) % 2147483562 + 0.5) / 2147483562
		}
		function exponential() { return -log(uniform()) }
		function wave(t) { return 1 + 0.9 * sin(2 * atan2(0, -1) * t / 64) }
		function after(t,   gap, top) {   # the next event
			if (law == "poisson") return t + exponential()
			if (law == "renewal") return t + (exponential() + exponential() + exponential() + exponential()) / 4
			if (law == "wave") { do t += exponential() / 1.9; while (1.9 * uniform() > wave(t)); return t }
			for (;;) {   # the intensity falls until an event: it is below what it was
				top = 0.5 + excess
				t += gap = exponential() / top
				excess *= exp(-gap)
				if (top * uniform() <= 0.5 + excess) { excess += 0.5; return t }
			}
		}
		BEGIN {
			a = 1 + seed
			b = 1 + 7919 * seed
			for (i = 0; i < 50; i++) uniform()
			for (c = 1; c <= clouds; c++) {
				file = sprintf("%s/%05d.csv", folder, c)
				excess = 0
				for (t = after(-32); t < 64; t = after(t))   # stationary by 0
					if (t >= 0) printf("%.5f\n", t) > file
				close(file)
			}
		}'
}

# events FOLDER: cloud and time of each event, in order.
events() {
	find "$dir/$1" -name '*.csv' | LC_ALL=C sort | awk '{ c++; while ((getline line < $0) > 0) if (line + 0 == line) print c "\t" line; close($0) }' |
		LC_ALL=C sort -k1,1n -k2,2g
}
gaps() { awk -F'\t' '$1 == c { print $2 - t } { c = $1; t = $2 }' | LC_ALL=C sort -g; }

# generate NETWORK: as many clouds as are held out, of particles as many as a training cloud chosen at random has.
generate() {
	local n count first=1
	while read -r n count; do
		run "mfc-noise prior -q -m ${dir@Q}/$1.model -n $n -c $count --first $first --seed ${seed@Q}"
		first=$((first + count))
	done < "$dir/sizes" |
		run "mfc-score denoise -q -m ${dir@Q}/$1.model --context 1000 --steps 60 --last 0.003 --seed ${seed@Q} |
			mfc-save -q -f csv -o ${dir@Q}/set/"
}

# measure LAW NAME: of the folder set, the rows of each table.
measure() {
	events set > "$dir/events"
	gaps < "$dir/events" > "$dir/gaps"
	{ sed 's/$/\t0/' "$dir/true-gaps"; sed 's/$/\t1/' "$dir/gaps"; } | LC_ALL=C sort -g | awk -F'\t' -v OFS='\t' -v row="$1	$2" \
		-v n0="$(wc -l < "$dir/true-gaps")" -v n1="$(wc -l < "$dir/gaps")" '
		{ k[$2]++; d = k[0] / n0 - k[1] / n1; if (d < 0) d = -d; if ($1 != last && before > ks) ks = before; before = d; last = $1 }
		$2 { s += $1; q += $1 * $1 }
		END { m = s / n1; print row, n1, sprintf("%.4f\t%.4f\t%.4f", m, sqrt(q / n1 - m * m) / m, ks) }' >> "$dir/gaps.tsv"
	awk -v OFS='\t' -v row="$1	$2" -v n="$(wc -l < "$dir/gaps")" '
		{ h[int($1 * 5)]++ }
		END { for (i = 0; i < 20; i++) print row, (i + 0.5) / 5, sprintf("%.4f", h[i] * 5 / n) }' "$dir/gaps" >> "$dir/density.tsv"
	awk -F'\t' -v OFS='\t' -v row="$1	$2" '
		$1 > clouds { clouds = $1 }
		{ all[$1]++ }
		$2 >= 0 && $2 < 64 { for (w = 1; w <= 64; w *= 2) n[w, $1, int($2 / w)]++ }
		END {
			for (w = 1; w <= 64; w *= 2) {
				s = q = given = 0
				for (c = 1; c <= clouds; c++) for (i = 0; i < 64 / w; i++) { k = n[w, c, i] + 0; s += k; q += k * k }
				m = s / (clouds * 64 / w)
				v = q / (clouds * 64 / w) - m * m
				ratio = "nan"
				if (w == 32) {
					p = n0 = 0
					for (c = 1; c <= clouds; c++) { p += n[w, c, 0]; n0 += all[c] }
					p /= n0
					for (c = 1; c <= clouds; c++) given += (n[w, c, 0] - p * all[c]) ^ 2
					ratio = sprintf("%.3f", given / (n0 * p * (1 - p)))
				}
				print row, w, sprintf("%.3f\t%.3f\t%.3f", m, v, v / m), ratio
			}
		}' "$dir/events" >> "$dir/counts.tsv"
}

printf 'process\tset\tgaps\tmean\tcv\tks\n' > "$dir/gaps.tsv"
printf 'process\tset\twindow\tmean\tvariance\tfano\tgiven-n\n' > "$dir/counts.tsv"
printf 'process\tset\tgap\tdensity\n' > "$dir/density.tsv"
number=0
for law in poisson wave renewal hawkes; do
	number=$((number + 1)) own=$((100 * seed + 10 * number))
	simulate $law learnt $learnt $((own + 1))
	simulate $law held $held $((own + 2))
	events held | gaps > "$dir/true-gaps"
	simulate $law set $held $((own + 3))
	measure $law true
	run "mfc-load -q --sample all --normalize set-std -o ${dir@Q}/learnt.mfc ${dir@Q}/learnt"
	# As many are generated as are held out: every so-many-th of the numbers of particles in order, which is their law without chance.
	wc -l "$dir"/learnt/*.csv | awk '$2 != "total" { print $1 }' | LC_ALL=C sort -n | awk -v every=$((learnt / held)) 'NR % every == 0' |
		uniq -c | awk '{ print $2, $1 }' > "$dir/sizes"
	for set in none latent local; do
		case $set in none) arch=(--arch none) ;; latent) arch=() ;; local) arch=(--local '1.5,3') ;; esac
		echo "$name: $law, $set" >&2
		run "mfc-load -q --sample all --shuffle --epochs 0 --seed ${seed@Q} ${dir@Q}/learnt.mfc |
			mfc-noise -q --seed ${seed@Q} |
			mfc-score train -q -m ${dir@Q}/$set.model --steps ${steps@Q} --levels 0:64:32 --seed ${seed@Q} ${network[*]} ${arch[*]@Q}" > "$dir/log.tsv"
		rm -rf "${dir:?}/set"
		generate $set
		measure $law $set
	done
done

gnuplot <<END_OF_PLOT
set terminal pngcairo size 1600,800 font ',10'
set output '$dir/point-process.png'
set multiplot layout 2,4
row(law, set, column) = strcol(1) eq law && strcol(2) eq set ? column : NaN
set datafile separator '\t'
set xlabel 'time between events'; set xrange [0:4]; set yrange [0:*]
do for [law in 'poisson wave renewal hawkes'] {
	set title law
	plot for [set in 'true none latent local'] '$dir/density.tsv' skip 1 using (row(law, set, \$3)):(\$4) with lines lw (set eq 'true' ? 3 : 1.5) title set
}
set xlabel 'window'; set xrange [1:64]; set yrange [*:*]; set logscale xy 2; unset key   # as above
do for [law in 'poisson wave renewal hawkes'] {
	set title law.': variance over mean of the number of events'
	plot for [set in 'true none latent local'] '$dir/counts.tsv' skip 1 using (row(law, set, \$3)):(\$6) with linespoints lw (set eq 'true' ? 3 : 1.5) title set
}
END_OF_PLOT
rm -rf "${dir:?}"/{learnt,held,set,learnt.mfc,sizes,events,gaps,true-gaps,log.tsv} "$dir"/*.model
columns < "$dir/gaps.tsv"
