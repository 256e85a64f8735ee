#!/usr/bin/env python3
"""upsample.py DENSE SPARSE UP: how near the upsampled clouds UP of SPARSE are to the surface that DENSE samples, beside copies with jitter and points on
the lines between neighbours, both at several settings."""
import sys

import msgpack
import numpy as np
from scipy.spatial import cKDTree


def clouds(path):
    with open(path, "rb") as f:
        return [np.frombuffer(m["x"]["data"], m["x"]["dtype"]).reshape(m["x"]["shape"]).astype(float)
                for m in msgpack.Unpacker(f, max_buffer_size=0) if "x" in m]


def jitter(draw, x, many, size):
    return np.repeat(x, many, 0) + size * draw.standard_normal((many * len(x), x.shape[1]))


def lines(draw, x, many, k):
    """The point itself, and the rest at uniform places on the way to one of its k nearest."""
    near = cKDTree(x).query(x, k + 1)[1][:, 1:]
    out = [x]
    for _ in range(many - 1):
        to = near[np.arange(len(x)), draw.integers(0, k, len(x))]
        out.append(x + (x[to] - x) * draw.random((len(x), 1)))
    return np.concatenate(out)


dense, sparse, up = map(clouds, sys.argv[1:4])
many, draw = len(up[0]) // len(sparse[0]), np.random.default_rng(0)
fresh = [d[:many * len(sparse[0])] for d in dense]     # what the true surface would give
dense = [d[many * len(sparse[0]):] for d in dense]
tree = [cKDTree(d) for d in dense]


def row(name, made):
    """To the surface by its 360,000 points, from it by a tenth of them."""
    there = np.mean([np.square(tree[i].query(x)[0]).mean() for i, x in enumerate(made)]) * 1e4
    back = np.mean([np.square(cKDTree(x).query(dense[i][::10])[0]).mean() for i, x in enumerate(made)]) * 1e4
    print(f"{name:24} {there:8.2f} {back:8.2f} {there + back:8.2f}")


row("given", sparse)
for size in (0.005, 0.01, 0.02, 0.03):
    row(f"jitter {size}", [jitter(draw, x, many, size) for x in sparse])
for k in (4, 8, 16, 32, 64):
    row(f"lines to {k} neighbours", [lines(draw, x, many, k) for x in sparse])
row("upsample.sh", up)
row("true samples", fresh)
