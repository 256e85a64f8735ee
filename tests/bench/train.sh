#!/bin/bash
# Usage: train.sh [ROUNDS [TIME]] -- the network of mfc-score against the same network in PyTorch (network.c and network.py say what is timed), in
# turns, ROUNDS (3) times, TIME (2) seconds a measurement: training on 16 clouds of 2,048 particles and on a mixture of levels, with one
# thread and with two, and the denoiser as sampling uses it. One-thread runs are pinned to one processor. Prints the times, the fraction of
# the rate of a large sgemm that each of the two reaches, and whether each bar is met; exit 1 when one is not. Wants an idle machine.
#
# PyTorch gets as many threads as ours, in its BLAS too, which wait without spinning against each other, and the kernels of OpenBLAS that our
# programs choose: an OpenBLAS that does not know its processor would cost it a factor of four. The rest of its environment is the caller's:
# MALLOC_MMAP_THRESHOLD_=4000000000 with the same MALLOC_TRIM_THRESHOLD_ keeps its temporary arrays from being mapped and cleared anew, a fifth
# of its time at 16 clouds of 2,048.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-3} time=${2:-2}
network=build/bench/network
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
missing=
for module in torch numpy msgpack; do
	$python -c "import $module" 2>/dev/null || missing+=" python3-$module"
done
[ -z "$missing" ] || { echo "train.sh: $python lacks a module: install$missing" >&2; exit 2; }
make -s "$network"
kernels=${OPENBLAS_CORETYPE:-$($network --kernels)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
list=$(taskset -cp $$)
one="taskset -c ${list##*[ ,-]}"   # the last processor allowed

run() {   # THREADS [PREFIX] -- a turn of each
	$2 "$network" "$time" "$1" | sed "s/^/ours\t/" >>"$work/rows"
	$2 env OMP_NUM_THREADS="$1" OPENBLAS_NUM_THREADS="$1" OMP_WAIT_POLICY=passive OPENBLAS_CORETYPE="$kernels" \
		$python tests/bench/network.py "$time" "$1" | sed "s/^/theirs\t/" >>"$work/rows"
}

model=$(sed -n '/^model name/ { s/.*: //p; q }' /proc/cpuinfo)
echo "${model:-$(uname -m)}, $(nproc) processors, load $(cut -d ' ' -f 1 /proc/loadavg); OpenBLAS kernels $kernels"
for ((i = 1; i <= rounds; i++)); do
	[ ! -t 2 ] || printf '\rround %d of %d ' "$i" "$rounds" >&2
	run 1 "$one"
	[ "$(nproc)" -lt 2 ] || run 2 ''
done
[ ! -t 2 ] || printf '\r\033[K' >&2
$python - "$work/rows" <<'PYTHON'
import statistics, sys

best, median, rate = {}, {}, {}
for line in open(sys.argv[1]):
    who, what, threads, us, middle, gflops = line.rstrip("\n").split("\t")[:6]
    if threads == "threads":
        continue
    key = who, what, int(threads)
    if what == "sgemm":
        rate[key] = max(rate.get(key, 0), float(gflops))
    else:
        best[key] = min(best.get(key, float("inf")), float(us))
        median.setdefault(key, []).append(float(middle))
        if who == "ours":
            rate[key] = max(rate.get(key, 0), float(gflops))
peak = rate["ours", "sgemm", 1]
print(f"sgemm 1,024³ on one thread: ours {peak:.1f} GFLOP/s, PyTorch's {rate['theirs', 'sgemm', 1]:.1f}")
print(f"{'µs a particle, the best':24}{'threads':>8}{'ours':>9}{'PyTorch':>9}{'ratio':>7}{'of medians':>12}{'of peak':>9}{'PyTorch':>9}")
bars = [("PyTorch's sgemm, as a fraction of ours:", rate["theirs", "sgemm", 1] / peak, 0.8)]
for who, what, threads in best:
    if who == "theirs":
        continue
    us, peer = best[who, what, threads], best["theirs", what, threads]
    middle = statistics.median(median["theirs", what, threads]) / statistics.median(median[who, what, threads])
    share = rate[who, what, threads] / peak / threads
    print(f"{what:24}{threads:8}{us:9.2f}{peer:9.2f}{peer / us:7.2f}{middle:12.2f}{share:9.3f}{share * us / peer:9.3f}")
    if threads == 1:
        bars.append((f"{what}: ratio", peer / us, 2.5))
    if threads == 1 and what.startswith("train"):
        bars.append((f"{what}: fraction of the sgemm peak", share, 0.6))
        bars.append((f"{what}: from one thread to two", us / best.get((who, what, 2), float("inf")), 1.8))
for what, value, bar in bars:
    print(f"{'met    ' if value >= bar else 'not met'} {what} {value:.2f}, at least {bar}")
sys.exit(int(any(value < bar for _, value, bar in bars)))
PYTHON
