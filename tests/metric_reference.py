#!/usr/bin/env python3
"""What mfc-metric computes, by brute force on numpy and scipy:
    metric_reference.py set|pairs GENERATED REFERENCE [mfc|pointflow|dpm|pvd] [none|raw|cloud-box|cloud-sphere|cloud-std]
    metric_reference.py near GENERATED REFERENCE TAU    cd, F-score, Hausdorff distance, normal consistency: of sets; near-pairs: of pairs
    metric_reference.py nearest GENERATED REFERENCE [mfc|pvd]    each cloud's nearest other by emd, as mfc-metric --nearest prints it
    metric_reference.py unequal GENERATED REFERENCE [mfc|pvd]    EMD of pairs of other sizes, by a linear program
    metric_reference.py sinkhorn|sliced GENERATED REFERENCE [mfc|pvd]    approximations of EMD, of pairs
    metric_reference.py bootstrap GENERATED REFERENCE [...]    the same figures' standard errors, from samples of its own
    metric_reference.py chaos CLOUDS [none|cloud-box|...]    as mfc-metric chaos prints it
    metric_reference.py compare KEYS A.json B.json [TOLERANCE]    fails unless the numbers agree to 1e-6 relative, or that
Written from the peers' evaluation code: torch's topk and min become a stable argmin over the same stack."""
import json
import sys

import msgpack
import numpy as np
from scipy.optimize import linear_sum_assignment, linprog
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from scipy.stats import wasserstein_distance


CONVENTIONS = {"mfc": "none", "pointflow": "raw", "dpm": "cloud-box", "pvd": "raw"}   # and how each normalises


def read(path):
    with open(path, "rb") as f:
        return [m for m in msgpack.Unpacker(f, raw=False) if "x" in m]


def array(a):
    return np.frombuffer(a["data"], a["dtype"]).reshape(a["shape"]).astype(float)


def normalize(m, how):
    x = array(m["x"])
    if how == "none":
        return x
    if how == "raw":
        return (x * m.get("scale", 1) + np.array(m.get("center", 0))).astype(np.float32).astype(float)
    if how == "cloud-box":
        x = x - (x.min(0) + x.max(0)) / 2
        x = x / np.abs(x).max()
    elif how == "cloud-sphere":
        x = x - x.mean(0)
        x = x / np.linalg.norm(x, axis=1).max()
    elif how == "cloud-std":
        x = x - x.mean(0)
        x = x / np.sqrt(np.mean(x ** 2))
    return x.astype(np.float32).astype(float)


def cd(x, y):
    d = cdist(x, y, "sqeuclidean")
    return d.min(1).mean() + d.min(0).mean()


def emd(x, y, squared=False):
    if len(x) != len(y):
        return unequal(x, y, squared)
    d = cdist(x, y, "sqeuclidean" if squared else "euclidean")
    return d[linear_sum_assignment(d)].mean()


def near(a, b, tau):
    """F-score, Hausdorff distance and normal consistency of clouds (x, normals or None)."""
    (x, nx), (y, ny) = a, b
    d = cdist(x, y)
    p, q = (d.min(1) < tau).mean(), (d.min(0) < tau).mean()
    agree = np.nan
    if nx is not None and ny is not None:
        nx, ny = (n / np.linalg.norm(n, axis=1, keepdims=True) for n in (nx, ny))
        agree = (np.abs((nx * ny[d.argmin(1)]).sum(1)).mean() + np.abs((ny * nx[d.argmin(0)]).sum(1)).mean()) / 2
    return 2 * p * q / (p + q) if p + q else 0, max(d.min(1).max(), d.min(0).max()), agree


def near_main(pairs, generated, reference, tau):
    g, r = ([(m["id"], (array(m["x"]), array(m["normal"]) if "normal" in m else None)) for m in read(p)] for p in (generated, reference))
    if pairs:
        for i, x in g:
            for j, y in r:
                print(i, j, f"{cd(x[0], y[0]):.12g}", *(f"{v:.12g}" for v in near(x, y, tau)), sep="\t")
        return
    out, stack = {}, [c for _, c in r + g]
    for k, name in enumerate(("cd", "fscore", "hausdorff", "normals")):
        likeness = name in ("fscore", "normals")
        m = matrix(stack, lambda x, y: cd(x[0], y[0]) if k == 0 else near(x, y, tau)[k - 1])
        mmd, out["cov-" + name], out["1nna-" + name] = sets(1 - m if likeness else m, len(r))
        out["mmd-" + name] = 1 - mmd if likeness else mmd
    out["jsd"], out["jsd-scale"] = jsd([c[0] for _, c in g], [c[0] for _, c in r], True)
    print(json.dumps(out))


def unequal(x, y, squared):
    n, m = len(x), len(y)
    rows, columns = np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))
    return linprog(cdist(x, y, "sqeuclidean" if squared else "euclidean").ravel(), A_eq=np.r_[rows, columns], b_eq=np.r_[np.full(n, 1 / n), np.full(m, 1 / m)]).fun


def sinkhorn(x, y, squared):
    """In logarithms: 20 iterations with each ε of 1, 1/4, 1/16, 1/64, then 100 with 0.01, in units of the mean cost."""
    c = cdist(x, y, "sqeuclidean" if squared else "euclidean")
    n, m = c.shape
    g, mean = np.zeros(m), c.mean() or 1
    for eps, count in (1, 20), (1 / 4, 20), (1 / 16, 20), (1 / 64, 20), (0.01, 100):
        for _ in range(count):
            f = -eps * logsumexp((g - c / mean) / eps, axis=1) - eps * np.log(n)
            g = -eps * logsumexp((f[:, None] - c / mean) / eps, axis=0) - eps * np.log(m)
    return (np.exp((f[:, None] + g - c / mean) / eps) * c).sum()


def sliced(x, y, squared):
    """Directions of its own, many of them; clouds of equal size, or on a line."""
    dim = x.shape[1]
    u = np.random.default_rng(3).standard_normal((5000, dim))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    if dim == 1:
        return wasserstein_distance(x[:, 0], y[:, 0])
    d = np.abs(np.sort(x @ u.T, axis=0) - np.sort(y @ u.T, axis=0))
    return (d ** 2).mean() * dim if squared else d.mean() / np.abs(u[:, 0]).mean()


def matrix(stack, distance):
    m = np.array([[distance(a, b) if i < j else 0 for j, b in enumerate(stack)] for i, a in enumerate(stack)])
    return m + m.T


def sets(m, r):
    g = len(m) - r
    gr = m[r:, :r]
    mmd = gr.min(0).mean()
    cov = len(set(gr.argmin(1))) / r
    label = np.array([1] * r + [0] * g)
    nearest = (m + np.diag([np.inf] * (r + g))).argmin(0)
    return mmd, cov, (label[nearest] == label).mean()


def print_nearest(generated, reference, transport):
    names = [("reference", i) for i, _ in reference] + [("generated", i) for i, _ in generated]
    m = matrix([x for _, x in reference + generated], transport)
    np.fill_diagonal(m, np.inf)
    for name, row in zip(names, m):
        j = row.argmin()
        print("emd", *name, *names[j], f"{row[j]:.12g}", sep="\t")


def occupancy(clouds, cells):
    counts = np.zeros(len(cells))
    for x in clouds:
        np.add.at(counts, cdist(x, cells).argmin(1), 1)
    return counts / counts.sum()


def lattice(dim):
    axis = np.arange(28) / 27 - 0.5
    cells = np.stack(np.meshgrid(*[axis] * dim, indexing="ij"), -1).reshape(-1, dim)
    return cells[np.linalg.norm(cells, axis=1) <= 0.5].astype(np.float32).astype(float)


def divergence(p, q):
    entropy = lambda v: -np.sum(v[v > 0] * np.log2(v[v > 0]))
    return entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2


def jsd(generated, reference, fits):
    cells = lattice(reference[0].shape[1])
    farthest = max(np.abs(x).max() for x in reference)
    scale = 0.5 / farthest if fits and farthest > 0.501 else 1.0
    p, q = (occupancy([(scale * x).astype(np.float32).astype(float) for x in s], cells) for s in (generated, reference))
    return divergence(p, q), scale


def bootstrap(reference, generated, transport, fits, samples=20000):
    """Every sample is written out; a copy of a cloud is no neighbour of it, and all copies of what is covered are."""
    r, g = len(reference), len(generated)
    rng = np.random.default_rng(1)
    draws = [(rng.integers(0, r, r), rng.integers(0, g, g)) for _ in range(samples)]
    out = {}
    for name, distance in ("cd", cd), ("emd", transport):
        m = matrix(reference + generated, distance)
        values = []
        for a, b in draws:
            s = np.r_[a, r + b]
            d = m[np.ix_(s, s)]
            d[s[:, None] == s] = np.inf
            label = np.arange(r + g) < r
            covered = np.isin(s[:r], s[d[r:, :r].argmin(1)])
            values.append((d[:r, r:].min(1).mean(), covered.mean(), (label[d.argmin(1)] == label).mean()))
        for key, e in zip(("mmd-", "cov-", "1nna-"), np.std(values, 0, ddof=1)):
            out[key + name + "-error"] = e
    farthest = max(np.abs(x).max() for x in reference)
    scale = 0.5 / farthest if fits and farthest > 0.501 else 1.0
    counts = [np.array([occupancy([(scale * x).astype(np.float32).astype(float)], lattice(x.shape[1])) for x in c]) for c in (reference, generated)]
    out["jsd-error"] = np.std([divergence(counts[0][a].mean(0), counts[1][b].mean(0)) for a, b in draws], ddof=1)
    return out


def compare(keys, first, second, tolerance="1e-6"):
    a, b = json.load(open(first)), json.load(open(second))
    bad = [k for k in keys.split(",") if not abs(a[k] - b[k]) <= float(tolerance) * abs(b[k]) + 1e-12]
    for k in bad:
        print(f"{k}: {a[k]!r} and {b[k]!r}")
    sys.exit(bool(bad))


def uniformity(x, share):
    """Counts in balls about farthest points, of the least radius at which they hold the share of all points on average."""
    if share * len(x) < 2:
        return np.nan
    places = [int(((x - x.mean(0)) ** 2).sum(1).argmax())]
    far = np.full(len(x), np.inf)
    while len(places) < min(max(len(x) // 8, 1), 256):
        far = np.minimum(far, ((x - x[places[-1]]) ** 2).sum(1))
        places.append(int(far.argmax()))
    d = cdist(x[places], x, "sqeuclidean")
    radius2 = np.sort(d, axis=None)[int(np.ceil(share * len(x) * len(places))) - 1]
    counts = (d <= radius2).sum(1)
    return counts.std() / counts.mean() if radius2 > 0 else np.nan


def chaos(x):
    d = cKDTree(x).query(x, min(len(x), 65))[0]
    first = d[:, 1]
    values = [first.mean(), (first <= 0.1 * np.sort(first)[len(x) // 2]).mean()]
    values += [d[:, k].std() / d[:, k].mean() if k < len(x) and d[:, k].any() else np.nan for k in (1, 8, 64)]
    # Facco et al. 2017, over the points that have their first neighbour elsewhere
    apart = d[first > 0]
    values.append((len(apart) - 1) / np.log(apart[:, 2] / apart[:, 1]).sum() if len(apart) > 2 else np.nan)
    return values + [uniformity(x, 0.004), uniformity(x, 0.012)]


def print_chaos(clouds):
    table = np.array([chaos(x) for x in clouds])
    names = "nearest", "near-duplicates", "variation-1", "variation-8", "variation-64", "dimension", "uniformity-0.4", "uniformity-1.2"
    print("measure\tgenerated\terror")
    for name, v in zip(names, table.T):
        error = v.std(ddof=1) / np.sqrt(len(v)) if len(v) > 1 else np.nan
        print(f"{name}\t{v.mean():.6g}\t{error:.2g}")


def main():
    if sys.argv[1] == "compare":
        compare(*sys.argv[2:])
    if sys.argv[1] == "chaos":
        how = sys.argv[3] if len(sys.argv) > 3 else "none"
        return print_chaos([normalize(m, how) for m in read(sys.argv[2])])
    if sys.argv[1] in ("near", "near-pairs"):
        return near_main(sys.argv[1] == "near-pairs", sys.argv[2], sys.argv[3], float(sys.argv[4]))
    if sys.argv[1] in ("unequal", "sinkhorn", "sliced"):
        distance = {"unequal": unequal, "sinkhorn": sinkhorn, "sliced": sliced}[sys.argv[1]]
        for a in read(sys.argv[2]):
            for b in read(sys.argv[3]):
                print(a["id"], b["id"], f"{distance(array(a['x']), array(b['x']), sys.argv[4:] == ['pvd']):.12g}", sep="\t")
        return
    words = sys.argv[4:]
    convention = words.pop(0) if words and words[0] in CONVENTIONS else "mfc"
    how = words[0] if words else CONVENTIONS[convention]
    generated, reference = ([(m["id"], normalize(m, how)) for m in read(p)] for p in sys.argv[2:4])
    transport = lambda x, y: emd(x, y, convention == "pvd")
    if sys.argv[1] == "pairs":
        for i, x in generated:
            for j, y in reference:
                print(f"{i}\t{j}\t{cd(x, y):.12g}\t{transport(x, y):.12g}")
        return
    if sys.argv[1] == "nearest":
        return print_nearest(generated, reference, transport)
    g, r = [x for _, x in generated], [y for _, y in reference]
    if sys.argv[1] == "bootstrap":
        return print(json.dumps(bootstrap(r, g, transport, convention == "mfc")))
    out = {}
    for name, distance in ("cd", cd), ("emd", transport):
        out["mmd-" + name], out["cov-" + name], out["1nna-" + name] = sets(matrix(r + g, distance), len(r))
    out["jsd"], out["jsd-scale"] = jsd(g, r, convention == "mfc")
    print(json.dumps(out))


main()
