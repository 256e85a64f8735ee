#!/bin/bash
# Usage: metric.sh [-p PAIRS] [-c CLOUDS] [--check] -- mfc-metric beside its peers on real pairs, clouds that the fixture's model generated against
# held-out aircraft, 2,048 points each, one thread each, in one run; prints the times, their ratios and whether each bar is met, exit 1 when one is
# not or when values differ by more than 1e-6. Wants an idle machine; half a minute, and about a second more for every one of PAIRS.
#   EMD          PAIRS (6) pairs: POT's network simplex (ot.emd2, python3-pot, where it is installed) and scipy's linear_sum_assignment, both with
#                the matrix of distances, which they need; bar 10
#   CD 2048      all pairs of 16 clouds and 16, and
#   CD 100000    a pair: scipy's cKDTree, trees included; bars 4 and 3
#   1-NNA-EMD    of CLOUDS (16) generated against CLOUDS held-out (above 32, of all the fixture's aircraft): the peer computes all pairs, its time is
#                extrapolated from PAIRS; bar 50 with 100 clouds, which is -c 100 and takes minutes
# --check: 1-NNA, COV and MMD once more from the EMDs of all pairs, none left out, which takes as long as they do (20 s with 16 clouds).
# Of ours the whole process counts, reading included; of the peers, in Python, only what they compute. All are user and system time.
set -eu -o pipefail
usage() { echo "usage: metric.sh [-p PAIRS] [-c CLOUDS] [--check]" >&2; exit 2; }
pairs=6 clouds=16 check=
while [ $# -gt 0 ]; do
	case $1 in
		-p) [[ ${2-} =~ ^[1-9][0-9]*$ ]] || usage; pairs=$2; shift 2 ;;
		-c) [[ ${2-} =~ ^[1-9][0-9]*$ ]] || usage; clouds=$2; shift 2 ;;
		--check) check=1; shift ;;
		*) usage ;;
	esac
done
cd "$(dirname "$0")/../.."
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
make -s bin/mfc-load bin/mfc-noise bin/mfc-score bin/mfc-subdivide bin/mfc-metric
export PATH=$PWD/bin:$PATH OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

held_out=(--split test)
[ "$clouds" -le 32 ] || held_out=()
most=$((clouds > 16 ? clouds : 16)); most=$((pairs > most ? pairs : most))
pipelines/sample.sh -m fixtures/airplanes.mfc -c "$most" -n 2048 >"$work/g.mfc"
mfc-load -q "${held_out[@]}" --like fixtures/airplanes.mfc -n 2048 -o "$work/r.mfc" fixtures/airplanes.zip
mfc-load -q --split test --like fixtures/airplanes.mfc -n 100000 --limit 2 -o "$work/large.mfc" fixtures/airplanes.zip

$python - "$work" "$pairs" "$clouds" "$check" <<'PYTHON'
import json, os, resource, subprocess, sys, time
import msgpack, numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist
try:
    import ot
except ImportError:
    ot = None
    print("POT is not installed (python3-pot)")

work, pairs, clouds, check = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
failed = False


def read(name):
    with open(f"{work}/{name}.mfc", "rb") as f:
        return [np.frombuffer(m["x"]["data"], "<f4").reshape(m["x"]["shape"]).astype(float) for m in msgpack.Unpacker(f) if "x" in m]


def write(name, xs):
    with open(f"{work}/{name}.mfc", "wb") as f:
        f.write(msgpack.packb({"mfc": 1, "kind": "header", "dim": 3}))
        for i, x in enumerate(xs):
            f.write(msgpack.packb({"id": str(i), "x": {"shape": list(x.shape), "dtype": "<f4", "data": x.astype("<f4").tobytes()}}))
        f.write(msgpack.packb({"kind": "trailer", "count": len(xs)}))
    return f"{work}/{name}.mfc"


def ours(command, metrics, g, r, *more):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run(["mfc-metric", *command, "-q", "--threads", "1", "--metrics", metrics, "--reference", write("b", r), *more, write("a", g)],
                         check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, out


def values(out, name):
    lines = [line.split("\t") for line in out.splitlines()]
    return [float(f[lines[0].index(name)]) for f in lines[1:]]


def timed(compute):
    start = time.process_time()
    value = compute()
    return time.process_time() - start, value


def say(what, mine, peer, theirs, bar, got, want):
    global failed
    apart = max(abs(a - b) / b for a, b in zip(got, want, strict=True))
    good = theirs / mine >= bar and apart <= 1e-6
    failed |= not good
    print(f"{what}: {1e3 * mine:.2f} ms, {peer} {1e3 * theirs:.2f} ms: {theirs / mine:.1f} times (bar {bar}), "
          f"apart by {apart:.0e}: {'good' if good else 'NOT MET'}", flush=True)


def assign(x, y):
    d = cdist(x, y)
    return d[linear_sum_assignment(d)].mean()


def cd(x, y):
    return (y.query(x.data)[0] ** 2).mean() + (x.query(y.data)[0] ** 2).mean()


g, r, large = read("g"), read("r"), read("large")
peers = {"scipy": assign}
if ot:
    peers = {"POT": lambda x, y: ot.emd2([], [], cdist(x, y), numItermax=10**8, numThreads=1), **peers}
mine, got = 0, []
for k in range(pairs):
    t, out = ours(["pairs"], "emd", [g[k]], [r[k % len(r)]])
    mine += t / pairs
    got += values(out, "emd")
seconds = {}
for name, compute in peers.items():
    runs = [timed(lambda: compute(g[k], r[k % len(r)])) for k in range(pairs)]
    seconds[name] = sum(t for t, _ in runs) / pairs
    say(f"EMD of 2048 points, {pairs} pairs", mine, name, seconds[name], 10, got, [v for _, v in runs])

for what, a, b, bar in ("CD of 2048 points, 16 by 16", g[:16], r[:16], 4), ("CD of 100000 points", large[:1], large[1:], 3):
    mine, out = ours(["pairs"], "cd", a, b)
    def all_pairs():
        x, y = [cKDTree(c) for c in a], [cKDTree(c) for c in b]
        return [cd(p, q) for p in x for q in y]
    theirs, want = timed(all_pairs)
    count = len(a) * len(b)
    say(what, mine / count, "cKDTree", theirs / count, bar, values(out, "cd"), want)

a, b = g[:clouds], r[:clouds]
if len(b) < clouds:
    sys.exit(f"the fixture has {len(b)} shapes")
mine, out = ours([], "emd", a, b, "--json")
result, count = json.loads(out), clouds * (2 * clouds - 1)
name = next(iter(seconds))
ratio = seconds[name] * count / mine
bar = 50 if clouds >= 100 else 0
failed |= ratio < bar
print(f"1-NNA-EMD of {clouds} against {clouds}, {count} pairs: {mine:.1f} s, {name} {seconds[name] * count:.0f} s by {pairs} pairs: {ratio:.0f} times"
      + (f" (bar {bar}): {'good' if ratio >= bar else 'NOT MET'}" if bar else ""))
if check:
    stack = b + a
    m = np.array(values(ours(["pairs"], "emd", stack, stack)[1], "emd")).reshape(len(stack), -1)
    m = (m + m.T) / 2
    label = np.arange(len(stack)) < clouds
    nna = (label[(m + np.diag([np.inf] * len(stack))).argmin(1)] == label).mean()
    cross = m[clouds:, :clouds]
    full = {"mmd-emd": cross.min(0).mean(), "cov-emd": len(set(cross.argmin(1))) / clouds, "1nna-emd": nna}
    same = all(abs(result[k] - v) <= 1e-8 * v for k, v in full.items())
    failed |= not same
    print(f"the same of all {len(stack)} by {len(stack)} pairs: {full}: {'same' if same else 'DIFFERENT'}")
sys.exit(failed)
PYTHON
