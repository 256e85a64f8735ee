#!/bin/bash
# Usage: emd.sh [POINTS [PAIRS]] -- exact EMD by mfc-metric and by scipy.optimize.linear_sum_assignment, one thread each, on PAIRS (4) pairs of
# random clouds of POINTS (2048); prints both times, their ratio and the largest relative difference. Run after make.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
points=${1:-2048} pairs=${2:-4}
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
$python tests/stream.py --clouds 1 --points "$points" --seed 1 --prefix g >"$work/g.mfc"
$python tests/stream.py --clouds "$pairs" --points "$points" --seed 2 --prefix r >"$work/r.mfc"
start=$(date +%s.%N)
bin/mfc-metric pairs --metrics emd --threads 1 --reference "$work/r.mfc" -o "$work/pairs.tsv" "$work/g.mfc"
end=$(date +%s.%N)
$python - "$work" "$(echo "$end $start" | awk '{ print $1 - $2 }')" <<'PYTHON'
import sys, time
import msgpack, numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

def read(path):
    with open(path, "rb") as f:
        return [np.frombuffer(m["x"]["data"], "<f4").reshape(m["x"]["shape"]) for m in msgpack.Unpacker(f) if "x" in m]

work, ours = sys.argv[1], float(sys.argv[2])
g, r = read(work + "/g.mfc"), read(work + "/r.mfc")
start = time.perf_counter()
exact = []
for y in r:
    d = cdist(g[0], y)
    exact.append(d[linear_sum_assignment(d)].mean())
theirs = time.perf_counter() - start
got = [float(line.split("\t")[2]) for line in open(work + "/pairs.tsv").readlines()[1:]]
error = max(abs(a - b) / b for a, b in zip(got, exact, strict=True))
print(f"{len(r)} pairs of {len(g[0])} points: mfc-metric {ours / len(r):.3f} s a pair (reading included), scipy {theirs / len(r):.3f} s, "
      f"ratio {theirs / ours:.1f}, largest relative difference {error:.1e}")
sys.exit(int(error > 1e-6))
PYTHON
