# mfc-noise: the forward law, and what its draws depend on.
bats_require_minimum_version 1.5.0
load common
setup() { common_setup; }

# Python with the records of two streams by id: a, b; A(v) is an array, header(...) a header.
compare() {   # FILE FILE CODE
	python3 - "$@" <<-'END'
		import sys, msgpack, numpy as np
		from math import *
		def A(v): return np.frombuffer(v["data"], v["dtype"]).reshape(v["shape"]).astype(float)
		def read(path): return list(msgpack.Unpacker(open(path, "rb"), max_buffer_size=1 << 30))
		def clouds(path): return {r["id"]: r for r in read(path) if "id" in r}
		a, b = clouds(sys.argv[1]), clouds(sys.argv[2])
		LEVELS = next((r["levels"] for r in read(sys.argv[2]) if "levels" in r), None)
		def exponent(t): return 0.5 * t * t * 19.9 + 0.1 * t
		def alpha(t): return exp(-0.5 * exponent(t))
		def sigma(t): return sqrt(-expm1(-exponent(t)))
		def law(ln):   # of ln s in training, before it is clamped
		    from scipy import stats
		    return 0.85 * stats.norm(-0.6, 1.4).cdf(ln) + 0.15 * stats.uniform(log(0.002), log(0.3 / 0.002)).cdf(ln)
		exec(sys.argv[3])
	END
}

@test "x_t = alpha x_0 + sigma eps, to rounding" {
	stream --points 500 >in
	mfc-noise --t 0.3 <in >out
	compare in out '
for i in a:
    want = alpha(0.3) * A(a[i]["x"]) + sigma(0.3) * A(b[i]["eps"])
    assert np.abs(A(b[i]["x"]) - want).max() < 1e-6
    assert b[i]["t"] == 0.3 or abs(b[i]["t"] - 0.3) < 1e-12
    assert abs(b[i]["s"] / (sigma(0.3) / alpha(0.3)) - 1) < 1e-12
assert len(b) == 3'
}

@test "the noise is standard normal, and independent between clouds" {
	stream --points 20000 --clouds 2 >in
	mfc-noise --t 0.5 <in >out
	compare in out '
from scipy import stats
e = [A(b[i]["eps"]).ravel() for i in b]
for x in e: assert stats.kstest(x, "norm").pvalue > 1e-4
assert abs(np.corrcoef(e[0], e[1])[0, 1]) < 0.02'
}

@test "any dimension" {
	local d
	for d in 1 2 7; do
		stream --dim "$d" >in
		mfc-noise --t 0.5 <in >out
		compare in out 'for i in a: assert np.abs(alpha(0.5) * A(a[i]["x"]) + sigma(0.5) * A(b[i]["eps"]) - A(b[i]["x"])).max() < 1e-6'
	done
}

@test "t and s agree in every mode" {
	stream --clouds 30 --points 8 >in
	mfc-noise --t-from 0.1 --t-to 0.9 <in >one
	mfc-noise <in >two
	local f
	for f in one two; do
		compare in $f 'for r in b.values(): assert abs(r["s"] / (sigma(r["t"]) / alpha(r["t"])) - 1) < 1e-9'
	done
}

@test "--t-from --t-to: uniform between them, another for every cloud" {
	stream --clouds 2000 --points 1 >in
	mfc-noise --t-from 0.2 --t-to 0.6 <in >out
	compare in out '
from scipy import stats
t = [r["t"] for r in b.values()]
assert 0.2 <= min(t) and max(t) <= 0.6 and len(set(t)) == 2000
assert stats.kstest(t, stats.uniform(0.2, 0.4).cdf).pvalue > 1e-4'
}

@test "without levels: ln s ~ 0.85 N(-0.6, 1.4^2) + 0.15 U(ln 0.002, ln 0.3)" {
	stream --clouds 6000 --points 1 >in
	mfc-noise <in >out
	compare in out '
from scipy import stats
ln = [log(r["s"]) for r in b.values()]
assert stats.kstest(ln, law).pvalue > 1e-4 and stats.kstest(ln, stats.norm(-0.6, 1.4).cdf).pvalue < 1e-6
assert min(ln) >= log(0.002) - 1e-9 and max(ln) <= log(60) + 1e-9'
}

@test "by level: within the level's range, one in each of its B strata a batch" {
	stream --clouds 64 --points 8 >in
	mfc-subdivide split --levels 2:4:4,0.5:8:2,0:8:2 <in | mfc-noise >out
	compare in out '
F = law
edges = [inf] + [l["s"] for l in LEVELS]
for k, l in enumerate(LEVELS):
    low = F(log(edges[k + 1])) if edges[k + 1] else 0
    high = F(log(edges[k])) if edges[k] < inf else 1
    u = [(F(log(r["s"])) - low) / (high - low) for r in b.values() if r["level"] == k]
    assert len(u) == 64 * l["batch"] // 8 and min(u) > -1e-9 and max(u) < 1 + 1e-9
    for first in range(0, len(u), l["batch"]):
        assert sorted(int(x * l["batch"]) for x in u[first:first + l["batch"]]) == list(range(l["batch"])), (k, u)'
}

@test "by level: over the batches the law of ln s, weighted, is that of training" {
	stream --clouds 4000 --points 1 >in
	mfc-subdivide split --levels 2:1:2,0:1:2 <in | mfc-noise >out
	compare in out '
from scipy import stats
for k, (lo, hi) in enumerate([(log(2), inf), (-inf, log(2))]):
    z = [log(r["s"]) for r in b.values() if r["level"] == k]
    c = lambda x: np.clip((law(x) - law(lo)) / (law(hi) - law(lo)), 0, 1)
    assert stats.kstest(z, c).statistic < 0.02'
}

@test "eps depends on the cloud, not on its place: a subset in another order" {
	stream --clouds 5 --points 20 | mfc-noise --t 0.4 -s 3 >all
	stream --only 4,2 --points 20 | mfc-noise --t 0.4 -s 3 >some
	compare some all '
assert list(a) == ["c4", "c2"]
for i in a: assert a[i] == b[i]'
}

@test "eps of the first particles is the same in a larger cloud" {
	stream --points 10 | mfc-noise --t 0.4 >small
	stream --points 30 | mfc-noise --t 0.4 >large
	compare small large 'for i in a: assert (A(a[i]["eps"]) == A(b[i]["eps"])[:10]).all()'
}

@test "eps is the same at any number of threads" {
	stream --clouds 9 --points 100 >in
	mfc-noise --t 0.4 --no-history -@ 1 <in >one
	mfc-noise --t 0.4 --no-history -@ 4 <in | cmp - one
}

@test "--to S: of data, and of clouds that have a part of it already" {
	stream --points 4000 >in
	mfc-noise --to 0.5 in >once
	compare in once '
for i in a:
    want = (A(a[i]["x"]) + 0.5 * A(b[i]["eps"])) / sqrt(1.25)
    assert np.abs(A(b[i]["x"]) - want).max() < 1e-6 and b[i]["s"] == 0.5 and abs(sigma(b[i]["t"]) / alpha(b[i]["t"]) - 0.5) < 1e-9'
	mfc-noise --to 1.3 once >twice
	compare once twice '
from scipy import stats
for i in a:
    added = (A(b[i]["x"]) * sqrt(1 + 1.69) - A(a[i]["x"]) * sqrt(1.25)) / sqrt(1.69 - 0.25)
    assert stats.kstest(added.ravel(), "norm").pvalue > 1e-4 and abs((added * A(a[i]["eps"])).mean()) < 0.05
    assert b[i]["s"] == 1.3 and "eps" not in b[i]   # all of the noise is not known'
	# Nothing is missing: nothing is added.
	mfc-noise --to 0.5 once >same
	compare once same 'for i in a: assert np.abs(A(a[i]["x"]) - A(b[i]["x"])).max() < 1e-6 and "eps" not in b[i]'
	run -1 mfc-noise --to 0.4 -o out once
	assert_output 'mfc-noise: cloud "c1": has noise of s = 0.5, more than 0.4'
}

@test "--from S: the noise of a scan, whatever the record says" {
	stream --points 4000 >in
	mfc-noise --from 0.3 --to 0.3 in >scan
	compare in scan 'for i in a: assert np.abs(A(b[i]["x"]) * sqrt(1.09) - A(a[i]["x"])).max() < 1e-6 and b[i]["s"] == 0.3 and "eps" not in b[i]'
	mfc-noise --from 0.3 --to 0.5 in >more
	compare in more '
from scipy import stats
for i in a: assert stats.kstest(((A(b[i]["x"]) * sqrt(1.25) - A(a[i]["x"])) / 0.4).ravel(), "norm").pvalue > 1e-4'
	# Of noised clouds: their y = x_0 + s eps is taken for what has that noise.
	mfc-noise --to 2 in | mfc-noise --from 0.3 --to 0.3 >less
	compare <(mfc-noise --to 2 in) less 'for i in a: assert np.abs(A(b[i]["x"]) * sqrt(1.09) - A(a[i]["x"]) * sqrt(5)).max() < 1e-5'
	local bad
	for bad in '--to 0' '--to -1' '--to x' '--from 0.1' '--from -1 --to 1' '--from 2 --to 1' '--to 1 --t 0.5' '--to 1 --t-from 0.1 --t-to 0.2'; do
		# shellcheck disable=SC2086
		run --separate-stderr mfc-noise $bad in
		[ "$status" -eq 2 ] || fail "$bad: status $status, $stderr"
		assert_output ''
	done
}

@test "noise on noise is refused" {
	stream | mfc-noise --t 0.4 >noised
	run mfc-noise --t 0.4 noised
	assert_failure 1
	assert_output --partial 'cloud "c1": is noised already (t = 0.4)'
}

@test "a level that the stream does not have is refused" {
	stream --points 8 | mfc-subdivide split --levels 2:4:1,0:8:1 >split
	python3 -c '
import msgpack, sys
for r in msgpack.Unpacker(open("split", "rb")):
    if "level" in r: r["level"] = 5
    sys.stdout.buffer.write(msgpack.packb(r))' >bad
	run mfc-noise bad
	assert_failure 1
	assert_output --partial 'level 5, but the stream has levels 0 to 1'
}

@test "prior: standard normal clouds at t = 1, level 0" {
	mfc-noise prior -c 3 -n 5000 -d 2 >out
	compare out out '
from scipy import stats
assert list(b) == ["sample-000001", "sample-000002", "sample-000003"]
for r in b.values():
    assert r["x"]["shape"] == [5000, 2] and r["t"] == 1 and r["level"] == 0 and abs(r["s"] - sigma(1) / alpha(1)) < 1e-9
    assert stats.kstest(A(r["x"]).ravel(), "norm").pvalue > 1e-4'
}

@test "prior: shards by --first are the parts of one run" {
	mfc-noise prior -c 6 -n 10 -s 4 >all
	mfc-noise prior -c 2 -n 10 -s 4 --first 1 >one
	mfc-noise prior -c 4 -n 10 -s 4 --first 3 >two
	cat one two >both
	compare both all 'assert len(a) == 6 and a == b'
}

@test "prior: another seed, other clouds" {
	mfc-noise prior -c 1 -n 10 --no-history -s 1 >one
	mfc-noise prior -c 1 -n 10 --no-history -s 2 >two
	run cmp -s one two
	assert_failure 1
}

@test "prior: usage errors" {
	local bad
	for bad in '' '-c 3' '-n 3' '-c 0 -n 3' '-c 3 -n 0' '-c 3 -n 3 -d 5000' '-c 3 -n 3 file' '-c x -n 3'; do
		# shellcheck disable=SC2086
		run --separate-stderr mfc-noise prior $bad
		[ "$status" -eq 2 ] || fail "$bad: status $status, $stderr"
		assert_output ''
	done
}

@test "prior: dimension, particles and normalisation from a model" {
	stream --clouds 4 --points 8 --dim 2 | mfc-subdivide split --levels 2:4:2,0:8:2 | mfc-noise |
		mfc-score train -m model.mfc --steps 1 --width 8 --latents 2 --latent-width 8 --embed 8 --heads 2 --blocks 1 >log
	mfc-noise prior -c 1 -m model.mfc >out
	compare out out 'assert b["sample-000001"]["x"]["shape"] == [4, 2]'
	stream >data.mfc
	run mfc-noise prior -c 1 -m data.mfc
	assert_failure 1
	assert_output 'mfc-noise prior: data.mfc: not a model'
}

@test "interact: from the time of the record or --t-from to --t-to; noise and noise level are gone" {
	mfc-noise prior -c 2 -n 50 -d 2 >prior
	mfc-noise --t 0.2 <(stream --points 50) >noised
	run mfc-noise interact --t-to 0.5 prior
	assert_failure 1
	assert_output --partial 'cloud "sample-000001": is at t = 1, later than 0.5'
	mfc-noise interact --t-from 0 --t-to 0.5 prior >out
	compare prior out 'assert len(b) == 2 and all(r["t"] == 0.5 and "s" not in r and "eps" not in r and r["x"]["shape"] == [50, 2] for r in b.values())'
	# 0.2 to 0.2 is no time at all
	mfc-noise interact --t-to 0.2 noised >out
	compare noised out 'for i in a: assert np.abs(A(a[i]["x"]) - A(b[i]["x"])).max() < 1e-6 and "eps" not in b[i]'
	# and in two parts it goes on from where it is
	mfc-noise interact --t-to 0.3 noised | mfc-noise interact -s 5 --t-to 0.6 >out
	compare noised out 'assert all(r["t"] == 0.6 for r in b.values())'
}

@test "interact: the law of what comes out is the one that --law prints, by any number of steps" {
	stream --clouds 400 --points 20 --dim 2 >in   # of standard deviations 1.3 and 0.6, and mean 0
	local steps
	for steps in 1 3; do
		mfc-noise interact --kappa 3 --t-to 0.2 --steps $steps in >out
		for v in 1.69 0.36; do mfc-noise interact --kappa 3 --t-to 0.2 --law 0:$v:20 >law-$v; done
		compare in out '
x = np.array([A(r["x"]) for r in b.values()])
for j, v in enumerate(("1.69", "0.36")):
    law = dict(zip(*(l.rstrip().split("\t") for l in open("law-" + v))))
    got = (x[:, :, j] ** 2).mean(), (x[:, :, j].mean(1) ** 2).mean()
    want = float(law["variance"]), float(law["mean-variance"])
    assert abs(got[0] / want[0] - 1) < 0.1 and abs(got[1] / want[1] - 1) < 5 * sqrt(2 / 400), (got, want)
    V = want[1]; rho = float(law["correlation"])
    assert abs(V - want[0] * (1 + 19 * rho) / 20) < 1e-9'
	done
}

@test "interact: without attraction it is the forward SDE" {
	stream --clouds 1 --points 40000 --dim 1 >in
	mfc-noise interact --kappa 0 --t-to 0.3 in >out
	compare in out '
from scipy import stats
z = (A(b["c1"]["x"]) - alpha(0.3) * A(a["c1"]["x"])) / sigma(0.3)
assert stats.kstest(z.ravel(), "norm").pvalue > 1e-4'
}

@test "a signal leaves no temporary file, and is died of" {
	for signal in TERM HUP XCPU; do
		env --default-signal=$signal mfc-noise prior -c 1000000 -n 2000 -o out.mfc 3>&- &
		pid=$!
		until compgen -G 'out.mfc.*' >/dev/null; do sleep 0.02; done
		kill -$signal $pid
		await $pid && status=0 || status=$?
		assert_equal "$status" $((128 + $(kill -l $signal)))
		assert_equal "$(ls)" ''
	done
}
