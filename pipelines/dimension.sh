#!/usr/bin/env bash
# dimension.sh [option ...]
#
# What the dimension of the data costs: one network and one number of steps for laws in 1 to 32 coordinates, and what was learnt of each. A mixture is
# 2d Gaussians of deviation 0.3, one on either half of each axis; a sphere is its surface, of which S^0 is two points. Both have mean 0 and the
# covariance I in every d. Tables and a plot in a folder:
#   dimension.tsv   by law and d: steps and seconds of training; the loss, the least that there is (mfc-score loss --oracle; of spheres its formula)
#                   and how much the loss is above it, with its standard error; and the distances of generated clouds to draws of the law, sliced and
#                   exact EMD, each beside that between two sets of draws, the floor of sampling
#
#   -d, --dir FOLDER     where everything goes (dimension)
#       --quick          a smoke run of seconds: few steps, dimensions and particles
#       --steps COUNT    of training, of 16 clouds of 128 particles each (2000)
#   -s, --seed N         seed (0)
#   -v, --verbose        print the pipelines
#   -h, --help           print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"
shopt -s inherit_errexit

dir=dimension quick='' steps='' seed=0
while [ $# -gt 0 ]; do
	case $1 in
		--steps) steps=$(count "$@"); shift 2 ;;
		*) experiment_option "$@"; shift "$taken" ;;
	esac
done
command -v gnuplot >/dev/null || die "gnuplot is not in PATH"
mkdir -p "$dir"
dimensions=(1 2 3 8 16 32) points=1024 clouds=4 judge=64 pool=65536
[ -z "$quick" ] || dimensions=(1 3) points=64 clouds=2 judge=8 pool=1024
: "${steps:=${quick:+20}}" "${steps:=2000}"

# mixture D: the text of the law. The means lie so far out that a coordinate has variance 1.
mixture() {
	awk -v d="$1" 'BEGIN { sd = 0.3; far = sqrt(d * (1 - sd ^ 2)); printf("weight"); for (i = 1; i <= d; i++) printf(" mean"); print " sd"
		for (k = 0; k < 2 * d; k++) { printf("1"); for (i = 0; i < d; i++) printf(" %.9g", int(k / 2) != i ? 0 : k % 2 ? far : -far); print " " sd } }'
}

# sphere POINTS D SEED: draws as an NPY array of integers, which loading scales.
sphere() {
	LC_ALL=C awk -v n="$1" -v d="$2" -v seed="$3" '
		function byte(x) { printf("%c", x) }
		function normal() { return sqrt(-2 * log(1 - rand())) * cos(6.283185307179586 * rand()) }
		BEGIN { srand(seed); byte(147); printf("NUMPY"); byte(1); byte(0); byte(118); byte(0)
			printf("%-117s\n", sprintf("{\047descr\047: \047<i2\047, \047fortran_order\047: False, \047shape\047: (%d, %d), }", n, d))
			for (p = 0; p < n; p++) {
				for (r = i = 0; i < d; i++) r += (x[i] = normal()) ^ 2
				for (i = 0; i < d; i++) { v = int(32767 * x[i] / sqrt(r) + 65536.5) % 65536; byte(v % 256); byte(int(v / 256)) } } }'
}

# least_sphere D: the least loss, in the mean over the law of s in training. Of y = x_0 + s eps the exact denoiser is R A(R |y|/s^2) y/|y|, R^2 = d,
# A = I_(d/2) / I_(d/2-1) of Bessel functions, by their recurrence from an order where Amos bounds it, so that E|x_0 - D|^2 = d (1 - E A^2).
least_sphere() {
	awk -v d="$1" '
		function normal() { return sqrt(-2 * log(1 - rand())) * cos(6.283185307179586 * rand()) }
		function A(k,   v, r) {
			v = d / 2 + 59; r = k / (v + 0.5 + sqrt(k ^ 2 + (v + 1.5) ^ 2))
			while (v > d / 2 - 0.5) { r = 1 / (2 * v / k + r); v-- }
			return r }
		BEGIN { srand(1); low = log(0.002); high = log(60); n = 2000
			for (j = 0; j < n; j++) {
				x = low + (j + 0.5) / n * (high - low); s = exp(x)
				p = 0.85 * exp(-((x + 0.6) / 1.4) ^ 2 / 2) / (1.4 * 2.5066282746310002) + (s < 0.3 ? 0.15 / (log(0.3) - low) : 0)
				for (a = k = 0; k < 40; k++) {
					y = (sqrt(d) + s * normal()) ^ 2
					for (i = 1; i < d; i++) y += (s * normal()) ^ 2
					a += A(sqrt(d * y) / s ^ 2) ^ 2 / 40 }
				sum += p; loss += p * (1 + 1 / s ^ 2) * (1 - a) }
			printf("%.6f", loss / sum) }'
}

# What is wanted of a law: begin_LAW D SEED makes what the others need, data_LAW COUNT SEED is the command for so many clouds of 128 particles, and
# draws_LAW D SEED writes clouds to compare with.
begin_mixture() { mixture "$1" > "$dir/law.txt"; }
data_mixture() { echo "mfc-noise prior -q --oracle ${dir@Q}/law.txt -c $1 -n 128 --seed $2"; }
draws_mixture() { run "mfc-noise prior -q --oracle ${dir@Q}/law.txt -c $clouds -n $points --seed $2"; }
begin_sphere() {   # many points, of which a cloud is a random choice
	sphere "$pool" "$1" "$2" > "$dir/pool.npy"
	run "mfc-load -q --sample all --normalize set-std ${dir@Q}/pool.npy > ${dir@Q}/pool.mfc"
}
data_sphere() { echo "mfc-load -q -n 128 --epochs $1 --seed $2 ${dir@Q}/pool.mfc"; }
draws_sphere() {
	local k files=''
	for ((k = 1; k <= clouds; k++)); do
		sphere "$points" "$1" "$2$k" > "$dir/draws-$k.npy"
		files+=" ${dir@Q}/draws-$k.npy"
	done
	run "mfc-load -q --sample all --like ${dir@Q}/pool.mfc $files"
}

# noised LAW COUNT SEED: the command for clouds of all noise levels.
noised() { echo "$(data_"$1" "$2" "$3") | mfc-subdivide split -q --levels 0:128:16 --seed $3 | mfc-noise -q --seed $3"; }

# train LAW SEED: steps and seconds.
train() {
	run "$(noised "$1" $((16 * steps)) "$2") | mfc-score train -q -m ${dir@Q}/model.mfc --steps $steps --seed $2" | tail -n 1 | cut -f 1,2
}

# judge LAW D SEED: the loss, the least, how much it is above and the error of that, from sets of clouds. Of mixtures the noise is the same for both.
loss() { run "mfc-score loss -q $1 ${dir@Q}/noised.mfc" | awk '$1 == "all" { print $4 }'; }
judge() {
	local k least
	[ "$1" = mixture ] || least=$(least_sphere "$2")
	for k in 1 2 3 4; do
		run "$(noised "$1" "$judge" $(($3 + k))) > ${dir@Q}/noised.mfc"
		[ "$1" = sphere ] || least=$(loss "--oracle ${dir@Q}/law.txt")
		echo "$(loss "-m ${dir@Q}/model.mfc") $least"
	done | awk -v OFS='\t' '
		{ loss += $1 / 4; least += $2 / 4; x = $1 - $2; sum += x / 4; square += x * x / 4 }
		END { print loss, least, sum, sqrt((square - sum ^ 2) / 3) }'
}

# distance FILE FILE: sliced and exact EMD, the mean over all pairs of their clouds.
distance() {
	local how
	for how in sliced exact; do
		run "mfc-metric pairs -q --metrics emd --emd $how --reference ${dir@Q}/$1.mfc ${dir@Q}/$2.mfc" |
			awk 'NR > 1 { s += $3 } END { printf("%.5f\n", s / (NR - 1)) }'
	done | paste -s
}

printf 'law\td\tsteps\tseconds\tloss\tleast\texcess\terror\tsliced\temd\tsliced-floor\temd-floor\n' > "$dir/dimension.tsv"
for law in mixture sphere; do
	for d in "${dimensions[@]}"; do
		own=$((1000 * seed + 10 * d))
		begin_$law "$d" "$own"
		trained=$(train $law "$own")
		run "mfc-noise prior -q -m ${dir@Q}/model.mfc -c $clouds -n $points --seed $own |
			mfc-score denoise -q -m ${dir@Q}/model.mfc --steps 60 --seed $own > ${dir@Q}/generated.mfc"
		for k in 1 2; do draws_$law "$d" $((own + k)) > "$dir/draws-$k.mfc"; done
		judged=$(judge $law "$d" $((own + 2))) far=$(distance draws-1 generated) floor=$(distance draws-1 draws-2)
		printf '%s\t' $law "$d" "$trained" "$judged" "$far" >> "$dir/dimension.tsv"
		printf '%s\n' "$floor" >> "$dir/dimension.tsv"
		[ -z "$verbose" ] || tail -n 1 "$dir/dimension.tsv" >&2
	done
done

gnuplot <<END_OF_PLOT
set terminal pngcairo size 1000,450 font ',10'
set output '$dir/dimension.png'
set multiplot layout 1,2
of(name, column) = strcol(1) eq name ? column : NaN
law(i) = word('mixture sphere', i)
set logscale x 2; set xrange [0.8:40]; set xlabel 'dimension'; set format y '%g'; set grid ytics linecolor 'gray90'
set key bottom right maxrows 3; set yrange [0:*]; set title 'distance of generated clouds to draws, over that of draws'
plot for [i = 1:2] '$dir/dimension.tsv' skip 1 using 2:(of(law(i), \$10 / \$12)) with linespoints linetype i pointtype 7 title law(i).', EMD', \
	for [i = 1:2] '' skip 1 using 2:(of(law(i), \$9 / \$11)) with linespoints linetype i dashtype 2 pointtype 6 title law(i).', sliced', \
	1 with lines linecolor 'gray' title 'floor'
set logscale y; set key maxrows auto; set yrange [*:2]; set title 'loss above the least, over what there was to learn'
plot for [i = 1:2] '$dir/dimension.tsv' skip 1 using 2:(of(law(i), \$7 / (1 - \$6))):(\$8 / (1 - \$6)) with yerrorlines linetype i pointtype 7 \
	title law(i), 1 with lines linecolor 'gray' title 'knows mean and variance alone'
END_OF_PLOT
rm -f "$dir"/*.mfc "$dir"/*.npy "$dir/law.txt"
columns < "$dir/dimension.tsv"
