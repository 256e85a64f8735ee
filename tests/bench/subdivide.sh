#!/usr/bin/env bash
# subdivide.sh [-m MODEL] [-d FOLDER] [-c COUNT] [PART ...]
#
# What subdivision is worth, with the fixture's model of aircraft. Parts, all by default:
#   cost      COUNT (32) clouds of 100,000 particles a seed, three seeds: the stages of pipelines/sample.sh, whose network sees a few hundred
#             particles, against all particles through all steps, which all see each other; time on one thread, and what the clouds are worth
#   scaling   one cloud of 10^3 ... 10^6 particles: time and peak memory of the widest stage, and the fitted exponents
#   quality   clouds of 2,000 ... 10^6 particles, of each a subset of 2,048 against unseen aircraft
#   kernels   COUNT clouds a seed, three seeds, of 2,048, of 8,192 and of 100,000 particles, begun with the few of the model's first level: by each
#             kernel at every branching; by sample.sh as it is, which begins with more; and by a perfect kernel: all particles from the start, which
#             are as good as independent at every noise level, in the field of the same leads; their noise is independent too, that of the rest stratified
#   upsample  held-out clouds of 2,048 points to 32,768: squared distance to the true surface and back, against copies with jitter and linear
#             interpolation between neighbours
# Needs python3 with numpy, scipy and msgpack for the last, and hours for all of it on a laptop. Nothing else should run.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
PATH=$root/bin:$PATH
model=$root/fixtures/airplanes.mfc dir=$root/build/bench/subdivide count=32 parts=()
while [ $# -gt 0 ]; do
	case $1 in
		-m) model=$2; shift ;;
		-d) dir=$2; shift ;;
		-c) count=$2; shift ;;
		-*) sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit 2 ;;
		*) parts+=("$1") ;;
	esac
	shift
done
[ ${#parts[@]} -gt 0 ] || parts=(cost scaling quality kernels upsample)
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
mkdir -p "$dir"
cd "$dir"

archive=$root/fixtures/airplanes.zip
[ -e real.mfc ] || mfc-load --split test --like "$model" -n 100000 -o real.mfc "$archive"

# Seconds of a command by all its processes, user and system together; its output is not looked at.
seconds() { local TIMEFORMAT='%U %S'; { time "$@" >/dev/null 2>/dev/null; } 2>&1 | awk '{ print $1 + $2 }'; }

# sample COUNT POINTS SEED [option ...]
sample() { "$root/pipelines/sample.sh" -m "$model" -c "$1" -n "$2" -s "$3" "${@:4}"; }

# whole COUNT POINTS SEED [THREADS]: all particles from the prior to data in one stage, under the stochastic solver, every one of them seen.
whole() {
	mfc-noise prior -c "$1" -n "$2" -s "$3" |
		mfc-score denoise -@ "${4:-2}" -m "$model" --context "$2" --solver sde-dpmpp2m --steps 60 --grid edm:4 -s "$3"
}

# evenness FILE: mfc-metric chaos beside the real clouds, a line
evenness() { mfc-metric chaos -r real.mfc -n 100000 "$1" | awk -F '\t' 'NR > 1 { printf "  %s %.4g (%.3f)", $1, $2, $6 }'; }

cost() {
	echo "== cost: 100,000 particles, one thread, one cloud; then $count clouds a seed, two threads"
	local a b seed file
	export -f whole
	export model
	a=$(seconds taskset -c 0 "$root/pipelines/sample.sh" -m "$model" -c 1 -n 100000)
	b=$(seconds taskset -c 0 bash -c "whole 1 100000 0 1")
	awk -v a="$a" -v b="$b" 'BEGIN { printf "subdivided %.2f s, whole %.2f s: %.3f of it\n", a, b, a / b }'
	for seed in 1 2 3; do
		[ -e "sub-$seed.mfc" ] || sample "$count" 100000 $seed -o "sub-$seed.mfc"
		[ -e "whole-$seed.mfc" ] || whole "$count" 100000 $seed >"whole-$seed.mfc"
		for file in "sub-$seed" "whole-$seed"; do
			printf '%s: ' "$file"
			mfc-metric --metrics cd --json -n 2048 -r real.mfc "$file.mfc" |
				jq -r '"1-NNA-CD \(."1nna-cd" * 1000 | round / 10)  COV-CD \(."cov-cd" * 1000 | round / 10)  MMD-CD \(."mmd-cd" * 1e6 | round / 1e3)e-3"'
			evenness "$file.mfc"
			echo
		done
	done
}

scaling() {
	echo "== scaling: one cloud, two threads; memory of the largest process"
	local n
	: >scaling.tsv
	for n in 1000 3162 10000 31623 100000 316228 1000000; do
		/usr/bin/time -a -o scaling.tsv -f "$n\t%e\t%M" "$root/pipelines/sample.sh" -m "$model" -c 1 -n $n -o one.mfc
		tail -n 1 scaling.tsv
	done
	awk '{ n = log($1); t = log($2); m[NR] = $3; p[NR] = $1; k++; sn += n; st += t; snn += n * n; snt += n * t }
		END { printf "time grows as N^%.2f; memory %.0f bytes a particle between the last two, %.0f MiB in all\n",
			(k * snt - sn * st) / (k * snn - sn * sn), (m[k] - m[k - 1]) * 1024 / (p[k] - p[k - 1]), m[k] / 1024 }' scaling.tsv
}

quality() {
	echo "== quality: subsets of 2,048 points, 32 clouds against 32 unseen (EMD where N is 2,048 of both)"
	local n
	for n in 2048 10000 100000 1000000; do
		[ -e "q$n.mfc" ] || sample "$count" $n 7 | mfc-load -n 2048 -o "q$n.mfc" -
		printf '%8d  ' $n
		mfc-metric --json -n 2048 -r real.mfc "q$n.mfc" |
			jq -r '[."mmd-cd", ."mmd-emd", ."cov-cd", ."cov-emd", ."1nna-cd", ."1nna-emd", .jsd] | map(. * 1e5 | round / 1e5 | tostring) | join("  ")'
	done
}

kernels() {
	local n kernel seed options
	for n in 2048 8192 100000; do
		echo "== kernels: $n particles, $count clouds a seed"
		for kernel in sde langevin tweedie restart default perfect; do
			[ "$kernel:$n" != perfect:2048 ] || continue   # the default
			for seed in 1 2 3; do
				options=(--start 1 --kernel "$kernel")
				[ "$kernel" != default ] || options=()
				[ "$kernel" != perfect ] || options=(--start "$n")
				sample "$count" $n $seed "${options[@]}" -o k.mfc
				printf '%-9s MMD-CD %s ' $kernel "$(mfc-metric --metrics cd --json -n 2048 -r real.mfc k.mfc | jq '."mmd-cd" * 1e6 | round / 1e3')"
				evenness k.mfc
				echo
			done
		done
	done
}

upsample() {
	echo "== upsample: 16 held-out clouds of 2,048 points to 32,768; mean squared distance to the true surface, from it, and their sum (CD), 1e-4"
	[ -e dense.mfc ] || mfc-load --split test --like "$model" --limit 16 --shuffle -n 400000 --max-record 1G -o dense.mfc "$archive"
	mfc-load -n 2048 -o sparse.mfc dense.mfc
	"$root/pipelines/upsample.sh" -m "$model" -o up.mfc sparse.mfc
	"$python" "$here/upsample.py" dense.mfc sparse.mfc up.mfc
}

for part in "${parts[@]}"; do
	"$part"
done
