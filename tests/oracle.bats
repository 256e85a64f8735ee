# mfc-score denoise and loss --oracle: known laws in the place of a network; mfc-noise prior --oracle: data of them.
bats_require_minimum_version 1.5.0
load common
setup() {
	common_setup
	printf 'weight mean mean sd\n1 -1 0.5 0.3\n3 1 0 0.2\n' >blobs
}

# Python with the clouds of a stream as an array X (K, N, d).
look() {   # FILE CODE
	python3 - "$@" <<-'END'
		import sys, msgpack, numpy as np
		X = np.array([np.frombuffer(r["x"]["data"], "<f4").reshape(r["x"]["shape"]) for r in
		              msgpack.Unpacker(open(sys.argv[1], "rb"), max_buffer_size=1 << 30) if "x" in r], float)
		exec(sys.argv[2])
	END
}

law='
from scipy import stats
x = X.reshape(-1, 2)
left = x[:, 0] < 0
share = 5 * np.sqrt(0.25 * 0.75 / len(x))
assert abs(left.mean() - 0.25) < share, left.mean()
for part, mean, sd in (x[left], (-1, 0.5), 0.3), (x[~left], (1, 0), 0.2):
    for j in 0, 1: assert stats.kstest(part[:, j], stats.norm(mean[j], sd).cdf).statistic < 0.02, (mean, j)'

@test "prior --oracle: draws of the mixture, clean, other ones in every cloud" {
	mfc-noise prior --oracle blobs -c 2 -n 8000 >out
	look out "$law
assert abs(np.corrcoef(X[0].ravel(), X[1].ravel())[0, 1] - np.corrcoef(X[0, ::-1].ravel(), X[1].ravel())[0, 1]) < 0.05 and (X[0] != X[1]).all()"
	run -0 bash -c "dump out | jq -c 'select(.id) | [.t, .s, .level]' | sort -u"
	assert_output '[null,null,null]'
	run -2 mfc-noise prior --oracle blobs -c 1 -n 3 -d 3
	run -2 mfc-noise prior --oracle blobs -m blobs -c 1 -n 3
	stream >shapes.mfc
	run -1 mfc-noise prior --oracle shapes.mfc -c 1 -n 3
	assert_output --partial 'shapes.mfc: a stream of shapes'
}

@test "from the prior to the mixture, by every solver" {
	local solver
	for solver in dpmpp2m sde-dpmpp2m heun euler-maruyama; do
		mfc-noise prior -d 2 -c 2 -n 10000 | mfc-score denoise --oracle blobs --solver $solver --steps 150 >out
		look out "$law"
	done
}

@test "stratified noise: the same mixture, and more of each cloud is like it than chance has it" {
	mfc-noise prior -d 2 -c 8 -n 2000 >prior
	mfc-score denoise --oracle blobs --solver sde-dpmpp2m --steps 60 prior >chance
	mfc-score denoise --oracle blobs --solver sde-dpmpp2m --steps 60 --stratify prior >even
	mfc-noise prior -d 2 -c 2 -n 10000 | mfc-score denoise --oracle blobs --solver sde-dpmpp2m --stratify --steps 150 >out
	look out "$law"
	python3 - <<-'END'
		import msgpack, numpy as np
		def share(f): return np.std([(np.frombuffer(r["x"]["data"], "<f4").reshape(-1, 2)[:, 0] > 0).mean() for r in msgpack.Unpacker(open(f, "rb")) if "x" in r])
		assert share("even") < share("chance") / 2, (share("even"), share("chance"))
	END
}

@test "from the prior to shapes: each cloud becomes one of them, all are met, and their normalisation is kept" {
	mfc-load --normalize set-std -n 64 --limit 3 "$FIXTURES/airplanes.zip" >shapes.mfc
	mfc-noise prior -c 40 -n 96 | mfc-score denoise --oracle shapes.mfc --solver sde-dpmpp2m --last 0.001 --steps 40 >out
	python3 - <<-'END'
		import msgpack, numpy as np
		from scipy.spatial import cKDTree
		def read(f): return [np.frombuffer(r["x"]["data"], "<f4").reshape(-1, 3) for r in msgpack.Unpacker(open(f, "rb")) if "x" in r]
		trees = [cKDTree(x) for x in read("shapes.mfc")]
		far = np.array([[t.query(x)[0].max() for t in trees] for x in read("out")])   # of a shape: every particle is at a point of it
		assert far.min(1).max() < 0.01 and np.sort(far, 1)[:, 1].min() > 0.1 and set(far.argmin(1)) == {0, 1, 2}, far
	END
	run -0 bash -c "dump out | jq -c 'select(.id) | .scale > 0' | sort -u"
	assert_output true
}

@test "a cloud of a shape and noise comes back as that shape" {
	mfc-load --normalize set-std -n 64 --limit 6 "$FIXTURES/airplanes.zip" >shapes.mfc
	mfc-noise --to 0.15 shapes.mfc | mfc-score denoise --oracle shapes.mfc >out
	mfc-metric pairs --metrics cd --reference shapes.mfc out | tail -n +2 | sort -k1,1 -k3,3g | sort -u -k1,1 | awk '$1 != $2 { print; exit 1 }'
}

@test "errors name the file and the line, or the cloud" {
	mfc-noise prior -d 2 -c 1 -n 4 >prior
	printf 'weight mean mean sd\n1 0 0 x\n' >bad
	run -1 mfc-score denoise -o out --oracle bad prior
	assert_output 'mfc-score denoise: bad: line 2: "x" is no number'
	run -1 mfc-score denoise -o out --oracle nowhere prior
	assert_output --partial 'nowhere: No such file'
	mfc-noise prior -c 1 -n 4 >space
	run -1 mfc-score denoise -o out --oracle blobs space
	assert_output 'mfc-score denoise: cloud "sample-000001": 3 coordinates where the oracle has 2'
	run -1 mfc-score denoise -o out --oracle space space
	assert_output --partial 'space: cloud "sample-000001": is noised, and no shape'
	stream >shapes.mfc
	head -c 300 shapes.mfc >cut
	run -1 mfc-score denoise -o out --oracle cut space
	assert_output --partial 'cut: '
	stream --clouds 0 >none
	run -1 mfc-score denoise -o out --oracle none space
	assert_output 'mfc-score denoise: none: no shapes'
	run -2 mfc-score denoise --oracle blobs --level 0 prior
}

# The mean loss of the clouds of a stream, as the formulas have it: exact EXPRESSION, the D of all particles y of one cloud.
exact() {
	mfc-score loss --oracle "$1" in.mfc >loss.tsv
	python3 - "$2" <<-'END'
		import sys, msgpack, numpy as np
		from scipy.special import logsumexp, softmax
		def array(v): return np.frombuffer(v["data"], v["dtype"]).reshape(v["shape"]).astype(float)
		shapes = [array(r["x"]) for r in msgpack.Unpacker(open("shapes.mfc", "rb")) if "x" in r]
		losses = []
		for r in msgpack.Unpacker(open("in.mfc", "rb")):
		    if "x" not in r: continue
		    s, eps = r["s"], array(r["eps"])
		    y = array(r["x"]) * np.sqrt(1 + s * s)
		    D = eval(sys.argv[1])
		    losses.append(((D - y + s * eps) ** 2).mean() * (1 + s * s) / (s * s))
		head, *rows = [l.rstrip("\n").split("\t") for l in open("loss.tsv")]
		got = dict(zip(head, rows[-1]))
		assert got["level"] == "all" and int(got["clouds"]) == len(losses) > 50, got
		assert abs(float(got["loss"]) / np.mean(losses) - 1) < 1e-4, (got, np.mean(losses))
	END
}

# d (n, k) squared distances of y to points c.
to='(lambda c: ((y[:, None] - c) ** 2).sum(2))'

@test "loss --oracle: of the exact denoisers as the formulas have them, cloud by cloud" {
	mfc-noise prior --oracle blobs -c 60 -n 40 | mfc-subdivide split --levels 0:40:1 | mfc-noise >in.mfc
	stream --clouds 3 --points 20 >shapes.mfc
	exact blobs "(lambda c, v: (lambda w: (w[:, :, None] * (c + (v / (v + s * s))[:, None] * (y[:, None] - c))).sum(1))(
	    softmax(np.log([1, 3]) - np.log(v + s * s) - $to(c) / 2 / (v + s * s), 1)))(np.array([[-1, 0.5], [1, 0]]), np.array([0.09, 0.04]))"
	# Of whole clouds: what all particles say of the shape is in every weight.
	stream --clouds 60 --points 20 | mfc-subdivide split --levels 0:20:1 | mfc-noise >in.mfc
	exact shapes.mfc "(lambda q: np.einsum('k,kid->id', softmax([logsumexp(-a, 1).sum() for a in q]),
	    [softmax(-a, 1) @ c for a, c in zip(q, shapes)]))([$to(c) / 2 / s / s for c in shapes])"
}

@test "loss --oracle: of Gaussian data in closed form" {
	printf 'weight mean mean mean sd\n1 0 0 0 0.6\n' >normal
	mfc-noise prior --oracle normal -c 2000 -n 64 | mfc-subdivide split --levels 2:64:1,0.5:64:2,0:64:2 | mfc-noise >in.mfc
	mfc-score loss --oracle normal in.mfc >loss.tsv
	python3 - <<-'END'
		import math, msgpack
		head, *rows = [l.rstrip("\n").split("\t") for l in open("loss.tsv")]
		R = {r[0]: dict(zip(head[1:], map(float, r[1:]))) for r in rows}
		d, v, low, high, least = 3, 0.36, 0.002, 60, [[], [], []]
		for r in msgpack.Unpacker(open("in.mfc", "rb")):
		    if "x" in r: least[r["level"]].append(v * (1 + r["s"] ** 2) / (v + r["s"] ** 2))
		def near(want, got, error): assert abs(got - want) < 4 * error, (want, got, error)
		for k, l in enumerate(least):
		    assert len(l) == R[str(k)]["clouds"] > 100
		    near(sum(l) / len(l), R[str(k)]["loss"], math.sqrt(2 / (192 * len(l))))   # the squares of normals
		for column, want in ("bound", d / 2 * math.log(2 * math.pi * math.e * (v + low ** 2))), ("entropy", d / 2 * (v - 1 - math.log(v))):
		    near(want, R["all"][column], R["all"][column + "_error"])
		    assert R["all"][column + "_error"] < 0.3
	END
}

@test "loss --oracle: errors" {
	mfc-noise prior -d 2 -c 1 -n 4 >prior
	stream | mfc-noise >space
	run -1 mfc-score loss --oracle blobs prior
	assert_output --partial 'no noise (key eps)'
	run -1 mfc-score loss --oracle blobs space
	assert_output --partial '3 coordinates, not 2'
	run -1 mfc-score loss --oracle nowhere space
	assert_output --partial 'nowhere: No such file'
}
