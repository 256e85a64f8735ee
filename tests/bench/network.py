#!/usr/bin/env python3
"""Usage: network.py [SECONDS [THREADS]] -- the times of network.c, of the same network in PyTorch: SECONDS (3) for each, on THREADS (1) threads.

The network is that of fixtures/make-network, batched: a batch holds clouds of one size, (B, N, d), and every layer is one operation of
PyTorch's on all of it, in float32. Before it is timed it is compared with the golden values. A training step is what a step of ours is: the
noised clouds and the loss from x0 and ε, the gradient (one pass forward and back for each size of cloud), the gradient's norm clipped
to 1, AdamW; but for the moving average of the parameters, which is ours alone. Inference is the denoised cloud, without gradients. Attention
is written out, and PyTorch's own fused one where it has it; the faster is reported. Prints TSV: seconds of the fastest and of the
median call as microseconds a particle, GFLOP/s of the product.

Set OMP_NUM_THREADS and OPENBLAS_NUM_THREADS to THREADS, as train.sh does: set_num_threads() does not reach the threads of every BLAS.
"""
import importlib.machinery
import importlib.util
import math
import os
import statistics
import sys
import time

import msgpack
import numpy as np
import torch

F = torch.nn.functional
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
GOLDEN = os.path.join(ROOT, "fixtures", "golden", "network.mfc")
TOLERANCE = 1e-4   # relative, as of our network in float (tests/unit/reference.c)
BATCHES = {"16x2048": [(16, 2048, 0.3)], "mixed": [(16, 128, 4), (8, 256, 1), (8, 512, 0.2)]}   # (clouds, particles, s), as in network.c
INFER = {"2048": (1, 2048), "16x2048": (16, 2048), "32768": (1, 32768)}


def load(name):
    """The module in fixtures/NAME, which has no suffix."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), os.path.join(ROOT, "fixtures", name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


ref = load("make-network")
NET = ref.DEFAULT


def heads(x):
    """(B, A, C) -> (B, H, A, C/H)"""
    return x.view(x.shape[0], x.shape[1], NET.heads, -1).transpose(1, 2)


def plain(q, k, v):
    return torch.softmax(q @ k.transpose(2, 3) / math.sqrt(q.shape[-1]), -1) @ v


ATTENTION = [plain] + ([F.scaled_dot_product_attention] if hasattr(F, "scaled_dot_product_attention") else [])


def network(p, u, c, attention):
    """F(u, c, ν): u (B, N, d), c (B) -> (B, N, d)"""
    lin = lambda n, x: F.linear(x, p[n + ".weight"], p[n + ".bias"])
    affine = lambda n, x: ref.norm(x, p[n + ".weight"], p[n + ".bias"])
    attend = lambda q, k, v: attention(heads(q), heads(k), heads(v)).transpose(1, 2).flatten(2)
    a = c[:, None] * 2.0 ** torch.linspace(-2, 3, ref.TIME_FREQUENCIES)
    e = F.silu(lin("time.2", F.silu(lin("time.0", torch.cat([a.sin(), a.cos()], -1)))))[:, None]
    angles = [u * (math.pi / 4 * 2**i) for i in range(ref.FREQUENCIES)]
    h = lin("embed", torch.cat([u] + [f(a) for a in angles for f in (torch.sin, torch.cos)], -1))
    z = p["latent"] + lin("latent_time", e)
    for k in range(NET.blocks):
        b = f"block.{k}."
        g1, b1, g2, b2 = lin(b + "film", e).chunk(4, -1)
        v = ref.norm(h) * (1 + g1) + b1
        z = z + lin(b + "read.out", attend(lin(b + "read.q", affine(b + "read.norm", z)), *lin(b + "read.kv", v).chunk(2, -1)))
        z = z + lin(b + "self.out", attend(*lin(b + "self.qkv", affine(b + "self.norm", z)).chunk(3, -1)))
        g, s = lin(b + "latent_film", e).chunk(2, -1)
        z = z + lin(b + "latent_mlp.2", F.silu(lin(b + "latent_mlp.0", affine(b + "latent_mlp.norm", z) * (1 + g) + s)))
        h = h + lin(b + "write.out", attend(lin(b + "write.q", v), *lin(b + "write.kv", affine(b + "write.norm", z)).chunk(2, -1)))
        h = h + lin(b + "mlp.2", F.silu(lin(b + "mlp.0", ref.norm(h) * (1 + g2) + b2)))
    g, s = lin("out.film", e).chunk(2, -1)
    return lin("out", ref.norm(h) * (1 + g) + s)


def denoise(p, y, s, attention):
    """D(y; s, ν) for data of standard deviation 1: y (B, N, d), s (B)."""
    r = (s * s + 1).sqrt()[:, None, None]
    return y / (r * r) + network(p, y / r, s.log() / 4, attention) * (s[:, None, None] / r)


def losses(p, x0, eps, s, attention):
    """(B)"""
    return (s * s + 1) / (s * s) * ((denoise(p, x0 + s[:, None, None] * eps, s, attention) - x0) ** 2).mean((1, 2))


def parameters():
    return {n: t.detach().float().requires_grad_() for n, t in ref.parameters().items()}


def check(attention):
    """The golden clouds as one batch: what is denoised, the losses, and the product of their sum's gradient with the hash."""
    with open(GOLDEN, "rb") as f:
        records = [r for r in msgpack.Unpacker(f) if "D" in r]
    array = lambda key: np.stack([np.frombuffer(r[key]["data"], r[key]["dtype"]).reshape(r[key]["shape"]) for r in records])
    x0, eps, y = (torch.tensor(array(key)) for key in ("x0", "eps", "y"))
    s, p = torch.tensor([r["s"] for r in records], dtype=torch.float32), parameters()
    want, loss = array("D"), np.array([r["loss"] for r in records])
    got = losses(p, x0, eps, s, attention)
    got.sum().backward()
    worst = [np.linalg.norm(denoise(p, y, s, attention).detach().numpy() - want) / np.linalg.norm(want),
             np.abs(got.detach().numpy() / loss - 1).max()]
    offset = 0
    for t, dot, norm in zip(p.values(), array("dot").sum(0), array("norm").sum(0), strict=True):
        g = t.grad.numpy().ravel().astype(np.float64)
        worst.append(abs(g @ ref.hashed(2**32 + offset, g.size) - dot) / norm)
        offset += g.size
    if not max(worst) <= TOLERANCE:
        sys.exit(f"network.py: not the network of {GOLDEN}: relative error {max(worst):.1e}")


def measure(call, seconds):
    """(fastest, median) seconds of a call: one to warm up, then at least three."""
    call()
    times, end = [], time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times), statistics.median(times)


def trainer(batches, attention):
    p = parameters()
    tensors = list(p.values())
    optimizer = torch.optim.AdamW(tensors, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.01, foreach=True)
    data = [(torch.randn(b, n, NET.dim), torch.randn(b, n, NET.dim), torch.full((b,), float(s))) for b, n, s in batches]

    def step():
        optimizer.zero_grad(set_to_none=True)
        for x0, eps, s in data:
            (losses(p, x0, eps, s, attention).sum() / 32).backward()
        torch.nn.utils.clip_grad_norm_(tensors, 1.0)
        optimizer.step()
    return step


def denoiser(clouds, points, attention):
    p, y, s = parameters(), torch.randn(clouds, points, NET.dim), torch.full((clouds,), 0.3)

    def call():
        with torch.no_grad():
            denoise(p, y, s, attention)
    return call


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    for attention in ATTENTION:
        check(attention)
    print("what\tthreads\tus_best\tus_median\tgflops")
    a, b = torch.randn(2, 1024, 1024)
    print(f"sgemm\t{threads}\t\t\t{2e-9 * 1024**3 / measure(lambda: a @ b, seconds)[0]:.1f}")

    def row(what, particles, make):
        times = [measure(make(attention), seconds) for attention in ATTENTION]
        best, median = (1e6 * t / particles for t in min(times))
        print(f"{what}\t{threads}\t{best:.3f}\t{median:.3f}\t", flush=True)

    for name, batches in BATCHES.items():
        row("train " + name, sum(b * n for b, n, _ in batches), lambda attention: trainer(batches, attention))
    if threads == 1:
        for name, (clouds, points) in INFER.items():
            row("infer " + name, clouds * points, lambda attention: denoiser(clouds, points, attention))


if __name__ == "__main__":
    main()
