#!/usr/bin/env python3
"""mfc-metric pairs beside scipy on pairs of clouds, random and degenerate, in the folder given: 200 pairs of equal size, of 64 to 2,048 points, by
linear_sum_assignment and cKDTree, and 160 of 1 to 300 points to as many others by a linear program (HiGHS). EMD, the squared one of pvd, and CD
agree to 1e-6, or are printed. The last line of the output is how many pairs agreed. With "pot" as a second argument the transport of all of them is
by POT's network simplex (python3-pot)."""
import subprocess
import sys

import msgpack
import numpy as np
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import eye, kron, vstack
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist


def make(kind, n, rng):
    x = rng.standard_normal((n, 3))
    if kind == "clusters":
        x = 0.01 * x + np.eye(3)[rng.choice(3, n, p=rng.dirichlet([1, 1, 1]))]
    elif kind == "coincident":                  # on few places
        x = np.round(x)
    elif kind == "equal":                       # all in one place
        x = np.broadcast_to(np.round(x[:1], 1), x.shape)
    elif kind == "collinear":
        x = np.outer(np.arange(n) + rng.integers(0, 5), [0.5, 0.25, -1]) / n
    elif kind == "doubled":                     # every point twice
        x = np.repeat(x[:(n + 1) // 2], 2, axis=0)[:n]
    elif kind == "offset":
        x = x + 4096
    elif kind == "planar":
        x[:, 2] = 0.5
    return x.astype("<f4")


def write(path, clouds):
    with open(path, "wb") as f:
        f.write(msgpack.packb({"mfc": 1, "kind": "header", "dim": 3}))
        for i, x in enumerate(clouds):
            f.write(msgpack.packb({"id": str(i), "x": {"shape": list(x.shape), "dtype": "<f4", "data": x.tobytes()}}))
        f.write(msgpack.packb({"kind": "trailer", "count": len(clouds)}))


POT = sys.argv[2:] == ["pot"]
KINDS = "random", "clusters", "coincident", "equal", "collinear", "doubled", "offset", "planar"


def emd(x, y, metric):
    d = cdist(x, y, metric)
    n, m = d.shape
    if POT:
        import ot
        return ot.emd2([], [], d, numItermax=10**8)
    if n == m:
        return d[linear_sum_assignment(d)].mean()
    sums = vstack([kron(eye(n), np.ones((1, m))), kron(np.ones((1, n)), eye(m))]).tocsr()
    unit = d.max() or 1
    return unit * linprog(d.ravel() / unit, A_eq=sums, b_eq=np.r_[np.full(n, 1 / n), np.full(m, 1 / m)]).fun


def cd(x, y):
    return (cKDTree(y).query(x)[0] ** 2).mean() + (cKDTree(x).query(y)[0] ** 2).mean()


def main():
    folder, agreed, rng = sys.argv[1], 0, np.random.default_rng(7)
    for kind in KINDS:
        for n, generated, reference in (64, 3, 4), (65, 2, 2), (127, 2, 3), (300, 1, 2), (1024, 1, 1) if kind == "random" else (512, 1, 1):
            agreed += agree(folder, kind, *([make(kind, n, rng) for _ in range(k)] for k in (generated, reference)))
    agreed += agree(folder, "random", [make("random", 2048, rng)], [make("random", 2048, rng)])
    for i in range(10):
        for kind in KINDS:
            g = make(kind, rng.integers(1, 301 if i == 0 else 41), rng)
            other = KINDS[rng.integers(len(KINDS))]
            agreed += agree(folder, f"{kind} to {other}", [g], [make(other, rng.integers(1, 301 if i == 1 else 41), rng) for _ in range(2)])
    print(agreed)


def pairs(folder, *options):
    out = subprocess.run(["mfc-metric", "pairs", *options, "--reference", folder + "/r.mfc", folder + "/g.mfc"], check=True, capture_output=True,
                         text=True).stdout.splitlines()
    return [line.split("\t") for line in out[1:]]


def agree(folder, kind, g, r):
    write(folder + "/g.mfc", g)
    write(folder + "/r.mfc", r)
    good = 0
    for a, b in zip(pairs(folder, "--metrics", "cd,emd"), pairs(folder, "--metrics", "emd", "--convention", "pvd"), strict=True):
        x, y = g[int(a[0])].astype(float), r[int(a[1])].astype(float)
        values = [(float(a[2]), cd(x, y)), (float(a[3]), emd(x, y, "euclidean")), (float(b[2]), emd(x, y, "sqeuclidean"))]
        if all(abs(got - want) <= 1e-6 * want + 1e-9 * np.abs(x).max() ** 2 * (want < 1e-6) for got, want in values):
            good += 1
        else:
            print(f"{kind}, {len(x)} and {len(y)} points, cloud {a[0]} and {a[1]}: {values}")
    return good


main()
