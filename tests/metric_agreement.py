#!/usr/bin/env python3
"""mfc-metric pairs beside scipy's linear_sum_assignment and cKDTree on 200 pairs of clouds, random and degenerate, of 64 to 2,048 points, in the folder
given: fails unless every EMD and CD agrees to 1e-6. The last word of the output is how many agreed."""
import subprocess
import sys

import msgpack
import numpy as np
from scipy.optimize import linear_sum_assignment
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


def emd(x, y):
    d = cdist(x, y)
    return d[linear_sum_assignment(d)].mean()


def cd(x, y):
    return (cKDTree(y).query(x)[0] ** 2).mean() + (cKDTree(x).query(y)[0] ** 2).mean()


def main():
    folder, agreed, rng = sys.argv[1], 0, np.random.default_rng(7)
    for kind in "random", "clusters", "coincident", "equal", "collinear", "doubled", "offset", "planar":
        for n, generated, reference in (64, 3, 4), (65, 2, 2), (127, 2, 3), (300, 1, 2), (1024, 1, 1) if kind == "random" else (512, 1, 1):
            g, r = ([make(kind, n, rng).astype(float) for _ in range(k)] for k in (generated, reference))
            agreed += agree(folder, kind, g, r)
    agreed += agree(folder, "random", [make("random", 2048, rng).astype(float)], [make("random", 2048, rng).astype(float)])
    print(agreed)


def agree(folder, kind, g, r):
    write(folder + "/g.mfc", [x.astype("<f4") for x in g])
    write(folder + "/r.mfc", [y.astype("<f4") for y in r])
    out = subprocess.run(["mfc-metric", "pairs", "--metrics", "cd,emd", "--reference", folder + "/r.mfc", folder + "/g.mfc"], check=True,
                         capture_output=True, text=True).stdout.splitlines()
    column = {name: k for k, name in enumerate(out[0].split("\t"))}
    good = 0
    for line in out[1:]:
        f = line.split("\t")
        x, y = g[int(f[0])], r[int(f[1])]
        pair = [(float(f[column[m]]), want(x, y)) for m, want in (("emd", emd), ("cd", cd))]
        if all(abs(got - want) <= 1e-6 * want + 1e-9 * np.abs(x).max() ** 2 * (want < 1e-6) for got, want in pair):
            good += 1
        else:
            print(f"{kind}, {len(x)} points, cloud {f[0]} and {f[1]}: {pair}")
    return good


main()
