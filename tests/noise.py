#!/usr/bin/env python3
"""mfc-noise again, for mfc-score train: forward noise of each cloud's level, keeping eps. A whole filter of the stream."""
import math, sys
import msgpack, numpy as np

draw, out = np.random.default_rng(1), sys.stdout.buffer
for m in msgpack.Unpacker(sys.stdin.buffer, max_buffer_size=0):
    if m.get("kind") == "header":
        lows = [k["s"] for k in m["levels"]]
        highs = [60.0] + lows[:-1]
        m["history"] = m.get("history", []) + [{"name": "noise.py", "version": "1", "argv": sys.argv}]
    elif m.get("kind") != "trailer":
        x = np.frombuffer(m["x"]["data"], m["x"]["dtype"]).reshape(m["x"]["shape"])
        s = 0.0   # ln s is normal, or uniform at low noise, within the range of the cloud's level
        while not max(lows[m["level"]], 0.002) <= s < highs[m["level"]]:
            s = math.exp(draw.normal(-0.6, 1.4) if draw.random() < 0.85 else draw.uniform(math.log(0.002), math.log(0.3)))
        eps = draw.standard_normal(x.shape).astype("<f4")
        x = ((x + s * eps) / math.sqrt(1 + s * s)).astype("<f4")
        m.update(s=s, eps={"shape": list(x.shape), "dtype": "<f4", "data": eps.tobytes()})
        m["x"] = {"shape": list(x.shape), "dtype": "<f4", "data": x.tobytes()}
    out.write(msgpack.packb(m))
