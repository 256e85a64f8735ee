#!/usr/bin/env python3
"""Print an mfc-stream(5), from a file or standard input, as one line of JSON a record.

Every line has a "kind": header, record or trailer. An ARRAY becomes {"shape", "dtype", "sum", "first"}, first being its first
row, or with --values the nested list of its numbers; other bytes become {"bin": "hexadecimal"}. Exit 1 when the input ends
within a record."""
import argparse
import json
import sys

import msgpack
import numpy as np


def plain(v, values):
    if isinstance(v, dict) and {"shape", "dtype", "data"} == set(v):
        a = np.frombuffer(v["data"], v["dtype"]).reshape(v["shape"])
        if values:
            return a.tolist()
        return {"shape": v["shape"], "dtype": v["dtype"], "sum": float(a.sum(dtype=np.float64)),
                "first": a[0].tolist() if a.size else None}
    if isinstance(v, dict):
        return {k: plain(x, values) for k, x in v.items()}
    if isinstance(v, list):
        return [plain(x, values) for x in v]
    if isinstance(v, bytes):
        return {"bin": v.hex()}
    return v


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--values", action="store_true")
    p.add_argument("file", nargs="?", default="-")
    o = p.parse_args()
    with sys.stdin.buffer if o.file == "-" else open(o.file, "rb") as f:
        data = f.read()
    unpacker = msgpack.Unpacker(raw=False, strict_map_key=False, max_buffer_size=len(data) + 1)
    unpacker.feed(data)
    for record in unpacker:
        print(json.dumps({"kind": "record", **plain(record, o.values)}, ensure_ascii=False))
    if unpacker.tell() != len(data):
        sys.exit(f"dump.py: the input ends within a record, after byte {unpacker.tell()}")


main()
