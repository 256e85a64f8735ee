#!/usr/bin/env python3
"""Write a small mfc-stream(5) of random clouds on standard output, with nothing but msgpack and numpy.

Cloud i depends on the seed and on i alone: a longer stream, a selection or another order holds the same clouds."""
import argparse
import signal
import sys

import msgpack
import numpy as np


def array(a, dtype="<f4"):
    a = np.asarray(a).astype(dtype)
    return {"shape": list(a.shape), "dtype": dtype, "data": a.tobytes()}


def cloud(o, i):
    rng = np.random.default_rng([o.seed, i])
    # an ellipsoid about the origin whose coordinates have a standard deviation of about 1
    x = rng.standard_normal((o.points, o.dim)) * np.linspace(1.3, 0.6, o.dim)
    record = {"id": f"{o.prefix}{i}", "x": array(x)}
    if o.label:
        record["label"] = o.label
    if o.normals:
        n = rng.standard_normal((o.points, o.dim))
        record["normals"] = array(n / np.linalg.norm(n, axis=1, keepdims=True))
    if o.extra:
        record["index"] = array(np.arange(o.points), "<i4")         # follows the particles
        record["colour"] = array(rng.integers(0, 256, (o.points, 3)), "|u1")
        record["weights"] = array(rng.random(5), "<f8")             # not one a particle
        record["note"] = {"by": "stream.py", "list": [1, -2, 2.5, True, None, "é"], "raw": b"\0\xff"}
    return record


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--clouds", type=int, default=3, help="ids PREFIX1, PREFIX2, … (3)")
    p.add_argument("--points", type=int, default=16)
    p.add_argument("--dim", type=int, default=3)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--prefix", default="c")
    p.add_argument("--label")
    p.add_argument("--only", help="these clouds in this order instead of 1 … CLOUDS: 3,1")
    p.add_argument("--normals", action="store_true", help="unit vectors, one a particle")
    p.add_argument("--extra", action="store_true", help="keys that no filter knows, in header and records")
    p.add_argument("--no-trailer", action="store_true")
    o = p.parse_args()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    out = sys.stdout.buffer
    header = {"mfc": 1, "kind": "header", "dim": o.dim}
    if o.extra:
        header["licence"] = {"name": "CC0", "years": [2025, 2026]}
    out.write(msgpack.packb(header))
    which = [int(i) for i in o.only.split(",")] if o.only else range(1, o.clouds + 1)
    for i in which:
        out.write(msgpack.packb(cloud(o, i)))
    if not o.no_trailer:
        out.write(msgpack.packb({"kind": "trailer", "count": len(which)}))


main()
