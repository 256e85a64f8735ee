# mfc-subdivide: levels for training, copies for sampling, the plan that joins the stages.
bats_require_minimum_version 1.5.0
load common

# A model for the kernels, of levels 2:8:4,0.5:16:2,0:32:2, in which particles see each other.
setup_file() {
	common_path
	cd "$BATS_FILE_TMPDIR" || return
	stream --clouds 24 --points 64 | mfc-subdivide split --levels 2:8:4,0.5:16:2,0:32:2 | mfc-noise |
		mfc-score train -@ 1 -m trained.mfc --steps 2 --width 8 --latents 2 --latent-width 8 --embed 8 --heads 2 --blocks 1 >log
	edit "
    import numpy as np
    if 'ema' in m: m['ema']['data'] = (0.2 * (7 * np.arange(len(m['ema']['data']) // 4) % 5 - 2)).astype('<f4').tobytes()" <trained.mfc >model.mfc
	stream --clouds 3 --points 20 --extra | mfc-noise --t 0.3 >in.mfc
}

setup() {
	common_setup
	MODEL=$BATS_FILE_TMPDIR/model.mfc
	IN=$BATS_FILE_TMPDIR/in.mfc
}

# Run Python with R(path), a stream's clouds by id, H(path) its header, A(v) an array.
look() {
	python3 - "$@" <<-'END'
		import sys, msgpack, numpy as np
		def A(v): return np.frombuffer(v["data"], v["dtype"]).reshape(v["shape"])
		def R(path): return {m["id"]: m for m in msgpack.Unpacker(open(path, "rb"), max_buffer_size=0) if "id" in m}
		def H(path): return next(iter(msgpack.Unpacker(open(path, "rb"), max_buffer_size=0)))
		exec(sys.argv[1])
	END
}

levels=2:4:4,0.5:8:2,0:16:1

@test "split: in every batch B_k clouds of level k, each of N_k particles" {
	stream --clouds 21 | mfc-subdivide split --levels $levels | dump | jq -c 'select(.id) | [.level, .x.shape[0]]' >pairs
	local batch
	for batch in 1 8 15; do
		assert_equal "$(tail -n +$batch pairs | head -n 7 | sort | uniq -c | tr -s ' \n' ' ')" ' 4 [0,4] 2 [1,8] 1 [2,16] '
	done
}

@test "split: the rotation spreads a level over the batch" {
	stream --clouds 8 | mfc-subdivide split --levels 2:4:4,0:8:4 | dump | jq -r 'select(.id) | .level' | tr '\n' ' ' >order
	run cat order
	assert_output --regexp '^(0 1 ){4}$|^(1 0 ){4}$'
}

@test "split: the levels go into the header, in place of others" {
	stream | mfc-subdivide split --levels 0:4:1 | mfc-subdivide split --levels 1:2:3,0:4:5 | dump | jq -c 'select(.kind == "header") | .levels' >levels
	run cat levels
	assert_output '[{"s":1,"points":2,"batch":3},{"s":0,"points":4,"batch":5}]'
}

@test "split: the levels of a model" {
	stream --clouds 8 --points 40 >data
	mfc-subdivide split --no-history -m "$MODEL" data >one
	mfc-subdivide split --no-history --levels 2:8:4,0.5:16:2,0:32:2 data | cmp - one
	run -2 mfc-subdivide split -m "$MODEL" --levels $levels data
	assert_output --partial '--levels and -m exclude each other'
	run -1 mfc-subdivide split -m nowhere.mfc data
	assert_output --partial 'nowhere.mfc: No such file or directory'
	run -1 mfc-subdivide split -m data data
	assert_output 'mfc-subdivide split: data: not a model'
}

@test "split: a subset without repeats, uniform over the particles" {
	stream --clouds 400 --points 10 --extra | mfc-subdivide split --levels 0:3:1 | dump --values | jq -c 'select(.id) | .index' >chosen
	python3 - <<-'END'
		import json, collections
		from scipy import stats
		rows = [json.loads(l) for l in open("chosen")]
		assert len(rows) == 400 and all(len(set(r)) == 3 for r in rows)
		count = collections.Counter(i for r in rows for i in r)
		assert stats.chisquare([count[i] for i in range(10)]).pvalue > 1e-4, count
	END
}

@test "split: a crowd is of N to C particles, uniform in the logarithm, and in the header" {
	stream --clouds 300 --points 64 | mfc-subdivide split --levels 1:2:1,0:4:2:64 | dump >out.json
	jq -se '.[0].levels == [{"s":1,"points":2,"batch":1},{"s":0,"points":4,"batch":2,"crowd":64}]' out.json
	jq -s -e '[.[] | select(.id and .level == 1) | .x.shape[0]] | length == 200 and min >= 4 and max <= 64 and (map(select(. < 16)) | length > 70 and length < 130)' out.json
	jq -s -e '[.[] | select(.id and .level == 0) | .x.shape[0]] | unique == [2]' out.json
	run -2 mfc-subdivide split --levels 0:8:1:7
	assert_output --partial "a crowd of 7, fewer than the 8 points"
	run bash -c 'stream --points 50 | mfc-subdivide split --levels 0:8:1:64 | wc -c'
	assert_output --partial "50 particles, level 0 needs 64"
}

@test "split: the subset depends on the cloud, not on its place" {
	stream --clouds 6 --extra | mfc-subdivide split --levels 0:5:1 | dump | jq -c 'select(.id == "c5")' >one
	stream --only 5,1 --extra | mfc-subdivide split --levels 0:5:1 | dump | jq -c 'select(.id == "c5")' | cmp - one
}

@test "split: a cloud that is too small is an error that says so" {
	run --separate-stderr bash -c 'stream --points 5 | mfc-subdivide split --levels 0:6:1 | wc -c'
	assert_equal "$stderr" 'mfc-subdivide split: cloud "c1": 5 particles, level 0 needs 6'
}

@test "branch --to: exactly so many, the parents first, multiplicities differ by one at most" {
	stream --points 10 --extra >in
	local m
	for m in 10 13 20 47; do
		mfc-subdivide branch --to $m <in | dump --values | jq -c 'select(.id) | .index' >index
		python3 - $m <<-'END'
			import json, sys, collections
			m = int(sys.argv[1])
			for line in open("index"):
			    i = json.loads(line)
			    n = collections.Counter(i)
			    assert len(i) == m and i[:10] == list(range(10)) and set(n.values()) <= {m // 10, m // 10 + 1}, n
		END
	done
}

@test "branch --factor: every particle so often" {
	stream --points 4 --extra | mfc-subdivide branch --factor 3 | dump --values | jq -c 'select(.id == "c1") | .index' >index
	run cat index
	assert_output '[0,1,2,3,0,1,2,3,0,1,2,3]'
}

@test "branch: copies are copies, noise and time included" {
	stream --points 4 --extra | mfc-noise --t 0.5 >in
	mfc-subdivide branch --to 9 in | dump --values >out
	dump --values in >was
	python3 - <<-'END'
		import json
		was = {r["id"]: r for r in map(json.loads, open("was")) if r["kind"] == "record"}
		for r in map(json.loads, open("out")):
		    if r["kind"] == "record":
		        w = was[r["id"]]
		        assert r["x"] == [w["x"][i] for i in r["index"]] and r["eps"] == [w["eps"][i] for i in r["index"]]
		        assert (r["t"], r["s"]) == (w["t"], w["s"]) and len(r["x"]) == 9
	END
}

@test "branch: fewer than there are is refused" {
	run bash -c 'stream --points 9 | mfc-subdivide branch --to 8 | wc -c'
	assert_output --partial 'cloud "c1": has 9 particles already, more than 8'
}

@test "branch: a factor that overflows is refused" {
	run bash -c 'stream | mfc-subdivide branch --factor 9223372036854775807 | wc -c'
	assert_output --partial 'too many'
}

@test "branch --to and --factor: so many as they say, to the particle" {
	stream --points 10 >in
	local want
	for want in '-n 10:10' '-n 11:11' '-n 29:29' '--factor 1:10' '--factor 1.5:15' '--factor 1.24:12' '--factor 1.26:13' '--factor 7.77:78'; do
		# shellcheck disable=SC2086
		mfc-subdivide branch ${want%:*} in >out
		look "assert all(m['x']['shape'] == [${want#*:}, 3] for m in R('out').values()), '$want'"
	done
}

@test "branch --parents: a column for every branching, of whom each was copied from" {
	mfc-subdivide branch --factor 1.5 --parents "$IN" >one   # 20, 30, 50, 50 particles
	mfc-subdivide branch -n 50 --parents one >two
	mfc-subdivide branch -n 50 --parents two >three
	mfc-subdivide branch -n 50 one >without
	look '
was, one, two, three, without = map(R, (sys.argv[0] and "'"$IN"'", "one", "two", "three", "without"))
for i in was:
    p, q, r = (A(m[i]["parents"]) for m in (one, two, three))
    assert one[i]["parents"]["dtype"] == "<i4" and p.shape == (30, 1) and q.shape == (50, 2) and r.shape == (50, 3)
    for before, after, own in (was, one, p), (one, two, q), (two, three, r):
        for key in "x", "eps", "index", "colour":
            assert (A(after[i][key]) == A(before[i][key])[own[:, -1]]).all(), key
    # What was recorded is inherited, so that the way leads back to the first.
    assert (q[:, :1] == p[q[:, 1]]).all() and (r[:, :2] == q[r[:, 2]]).all()
    assert (A(three[i]["x"]) == A(was[i]["x"])[r[:, 0]]).all() and (r[:, 2] == np.arange(50)).all()
    assert A(without[i]["parents"]).shape == (50, 1) and "parents" not in was[i]
    assert len(set(p[20:, 0])) == 10 and len({tuple(A(m[i]["parents"])[20:, 0]) for m in (one,) for i in m}) == 3
'
	mfc-subdivide branch --factor 2 "$IN" >none
	look 'assert not any("parents" in m for m in R("none").values())'
}

@test "branch --parents: what is under that key and no record of parents is an error" {
	local other
	for other in '[1, 2]' '{"shape": [20, 1], "dtype": "<f4", "data": bytes(80)}' '{"shape": [20], "dtype": "<i4", "data": bytes(80)}' \
		'{"shape": [10, 2], "dtype": "<i4", "data": bytes(80)}' '{"shape": [20, 1], "dtype": "<i8", "data": bytes(160)}' \
		'{"shape": [20, 1], "dtype": ">i4", "data": bytes(80)}'; do
		look '
with open("odd", "wb") as f:
    for m in msgpack.Unpacker(open("'"$IN"'", "rb")):
        if m.get("id") == "c1": m["parents"] = '"$other"'
        f.write(msgpack.packb(m))'
		run -1 bash -c 'mfc-subdivide branch --factor 2 --parents odd >out'
		assert_output 'mfc-subdivide branch: cloud "c1": its "parents" are not those of a branching'
	done
}

@test "branch --kernel: copies are parted, parents stay but under restart, which moves all" {
	local kernel
	mfc-subdivide branch -n 50 --parents --no-history "$IN" >sde
	mfc-subdivide branch -n 50 --parents --no-history --kernel sde "$IN" | cmp - sde
	for kernel in langevin tweedie restart; do
		mfc-subdivide branch -n 50 --parents --no-history --kernel $kernel -m "$MODEL" "$IN" >$kernel
	done
	look '
was, sde = R("'"$IN"'"), R("sde")
for kernel in "langevin", "tweedie", "restart":
    for i, m in R(kernel).items():
        x, y = A(m["x"]).astype(float), A(was[i]["x"]).astype(float)
        # Whom a copy is of does not depend on the kernel; nor does what is not a place change.
        assert m["parents"] == sde[i]["parents"] and m["colour"] == sde[i]["colour"] and m["s"] == sde[i]["s"] and m["t"] == sde[i]["t"]
        assert "eps" not in m and len(np.unique(x, axis=0)) == 50
        parents, copies = abs(x[:20] - y), np.abs(x - y[A(m["parents"])[:, 0]])[20:]
        assert (parents < 1e-6).all() if kernel != "restart" else (parents.max(1) > 1e-3).all(), kernel
        # They have gone a way of about the length of the noise; the state x is y/√(1+s²).
        noise = m["s"] / np.sqrt(1 + m["s"] ** 2)
        way = np.sqrt((copies ** 2).mean())
        assert (copies.max(1) > 1e-3).all() and 0.3 * noise < way < 10 * noise, (kernel, noise, way)
'
}

@test "branch --kernel restart of data: those that were given stay, copies come back from --spread, and their field is of the given ones alone" {
	stream --clouds 2 --points 300 >data
	go() { mfc-subdivide branch --no-history --kernel restart -m "$MODEL" "$@" data; }
	go --factor 4 --parents >out
	go --factor 4 --parents --spread 0.2 --kernel-steps 8 | cmp - out   # √(12/300)
	go --factor 4 --parents --spread 0.05 >near
	go --factor 4 --parents -@ 1 | cmp - out
	go --factor 4 --parents --seed 1 >other
	look '
was, out, near, other = R("data"), R("out"), R("near"), R("other")
way = lambda m: np.sqrt(((A(m["x"]) - A(m["x"])[A(m["parents"])[:, 0]])[300:] ** 2).mean())
for i, m in out.items():
    assert "s" not in m and "t" not in m and (A(m["x"])[:300] == A(was[i]["x"])).all() and len(np.unique(A(m["x"]), axis=0)) == 1200
    assert 1.5 * way(near[i]) < way(m) and (A(other[i]["x"])[300:] != A(m["x"])[300:]).any()
'
	mfc-noise --t 0.3 data >noised
	run -1 bash -c 'mfc-subdivide branch --factor 2 --kernel restart --spread 0.1 -m "$0" noised >none' "$MODEL"
	assert_output --regexp 'cloud "c1": at s = [0-9.]+: --spread is for clouds without noise'
}

@test "branch --kernel tweedie: copies are about what their parents are denoised to" {
	# D by one evaluation of denoise, with all 20 particles as context; then x = (D + s z)/√(1+s²).
	mfc-subdivide branch -n 6020 --parents --kernel tweedie --context 20 -m "$MODEL" "$IN" >out
	mfc-score denoise -m "$MODEL" --steps 1 --last 19 --context 20 "$IN" >D
	look '
out, D = R("out"), R("D")
for i, m in out.items():
    z = (A(m["x"]).astype(float) * np.sqrt(1 + m["s"] ** 2) - A(D[i]["x"])[A(m["parents"])[:, 0]])[20:] / m["s"]
    assert abs(z.mean()) < 0.03 and abs(z.std() - 1) < 0.03, (i, z.mean(), z.std())
    for p in range(20):   # 300 copies each
        assert abs(z[p::20].mean(0)).max() < 0.25, (i, p, z[p::20].mean(0))
'
}

@test "branch --kernel: the same bytes at any number of threads, others with another seed" {
	local kernel
	stream --clouds 2 --points 3000 | mfc-noise --t 0.3 >large
	for kernel in "langevin --kernel-steps 2" tweedie "restart --kernel-steps 2"; do
		# shellcheck disable=SC2086
		go() { mfc-subdivide branch --no-history --kernel $kernel -m "$MODEL" "$@"; }
		go --factor 1.7 -@ 1 "$IN" large >one   # 5100 of them, and
		go --factor 1.7 -@ 3 "$IN" large | cmp - one
		go --factor 3 -@ 1 large >one           # 9000, which take all threads together
		go --factor 3 -@ 3 large | cmp - one
		go --factor 3 -s 1 large >other
		look 'a, b = R("one"), R("other")
assert (A(a["c1"]["x"])[3000:] != A(b["c1"]["x"])[3000:]).any(1).all(), "'"$kernel"'"'
	done
}

@test "branch --kernel: what moves the copies is the field of the parents, or of as many as --context says" {
	local kernel
	for kernel in langevin tweedie restart; do
		go() { mfc-subdivide branch --no-history -n 70 --kernel $kernel -m "$MODEL" "$@" "$IN"; }
		go --context 20 >parents
		go --context 1000 | cmp - parents
		go --context 16 >some
		run -1 cmp -s some parents
		go | cmp - some   # as in training, at this noise level
	done
}

@test "branch --kernel: a context is drawn from all of the parents, whatever their order" {
	local kernel
	stream --clouds 1 --points 20 >data
	for kernel in langevin tweedie restart "restart of data"; do
		[ "$kernel" = "restart of data" ] && cp data in || cp "$IN" in
		python3 - <in >moved <<-'END'
			import sys, msgpack, numpy as np
			for m in msgpack.Unpacker(open("in", "rb")):
			    if "id" in m:
			        x = np.frombuffer(m["x"]["data"], "<f4").reshape(-1, 3).copy()
			        x[15:] += 1
			        m["x"]["data"] = x.tobytes()
			    sys.stdout.buffer.write(msgpack.packb(m))
		END
		go() { mfc-subdivide branch --no-history --factor 2 --kernel "${kernel%% *}" --context 4 -m "$MODEL" "$@"; }
		go in >a
		go moved >b
		look 'a, b = A(R("a")["c1"]["x"]), A(R("b")["c1"]["x"])
assert (a[20:35] != b[20:35]).any(1).all(), "'"$kernel"'"'
	done
}

@test "branch --kernel-steps: the more, the further from the parent" {
	local steps
	go() { mfc-subdivide branch --no-history --factor 100 --parents -m "$MODEL" "$@" "$IN"; }
	for steps in 1 8 60; do go --kernel langevin --kernel-steps $steps >langevin.$steps; done
	go --kernel langevin | cmp - langevin.8
	run -2 go --kernel tweedie --kernel-steps 7
	assert_output --partial "--kernel-steps is of langevin and restart"
	look '
def way(path):
    return np.mean([((A(m["x"]) - A(m["x"])[A(m["parents"])[:, 0]])[20:] ** 2).mean() for m in R(path).values()])
assert way("langevin.1") * 1.5 < way("langevin.8") and way("langevin.8") * 1.1 < way("langevin.60"), [way(f"langevin.{k}") for k in (1, 8, 60)]'
}

@test "branch --kernel: data errors and usage errors" {
	stream --clouds 1 >data
	run -1 bash -c 'mfc-subdivide branch --factor 2 --kernel langevin -m "$0" data >out' "$MODEL"
	assert_output 'mfc-subdivide branch: cloud "c1": no noise level (t or s above 0): has it been through mfc-noise?'
	stream --clouds 1 --dim 2 | mfc-noise --t 0.3 >plane
	run -1 bash -c 'mfc-subdivide branch --factor 2 --kernel tweedie -m "$0" plane >out' "$MODEL"
	assert_output 'mfc-subdivide branch: cloud "c1": 2 coordinates where the model has 3'
	mfc-noise prior -n 20 -c 1 >prior
	run -1 bash -c 'mfc-subdivide branch --factor 2 --kernel langevin -m "$0" prior >out' "$MODEL"
	assert_output --partial 'the copies of noise are parted by the stochastic solver alone'
	local bad
	for bad in '' '--to 50 --factor 2' '--factor 0.9' '--factor -2' '--factor nan' '--factor x' '-n 0' '-n 1.5' '--factor 2 --kernel ode' \
		'--factor 2 --kernel langevin' '--factor 2 --kernel langevin --kernel-steps 0 -m M' '--factor 2 -m M' '--factor 2 --kernel sde -m M' \
		'--factor 2 --kernel tweedie --spread 0.1 -m M' '--factor 2 --kernel restart --spread -1 -m M' '--factor 2 --kernel restart --spread nan -m M' \
		'--factor 2 --context 8' '--factor 2 --label chair' '--factor 2 --guidance 2' '--factor 2 --kernel langevin --leads -m M' \
		'--factor 2 --kernel tweedie -m M --label chair' '--factor 2 --kernel tweedie -m M --guidance 2'; do
		# shellcheck disable=SC2086
		run --separate-stderr mfc-subdivide branch ${bad/M/$MODEL} "$IN"
		[ "$status" -eq 2 ] || fail "$bad: status $status, $stderr"
		assert_output ''
	done
	run -1 bash -c 'mfc-subdivide branch --factor 2 --kernel tweedie -m nowhere.mfc "$0" >out' "$IN"
	assert_output --partial 'nowhere.mfc: No such file or directory'
}

@test "plan: by the default rule to 8,192 particles, and 2,048" {
	run mfc-subdivide plan -n 8192 --start 1
	assert_success
	assert_output "$(printf '%s\n' $'stage\tfrom\tto\tpoints\tlevel\tlast' $'0\t20\t0.707107\t128\t0\t0.01' \
		$'1\t0.707107\t0.353553\t512\t1\t0.01' $'2\t0.353553\t0.176777\t2048\t2\t0.01' $'3\t0.176777\t0\t8192\t2\t0.01')"
	run mfc-subdivide plan -n 8192
	assert_output "$(printf '%s\n' $'stage\tfrom\tto\tpoints\tlevel\tlast' $'0\t20\t0.707107\t2048\t0\t0.01' \
		$'1\t0.707107\t0.176777\t2048\t1\t0.01' $'2\t0.176777\t0\t8192\t2\t0.01')"
	run mfc-subdivide plan -n 2048
	assert_output "$(printf '%s\n' $'stage\tfrom\tto\tpoints\tlevel\tlast' $'0\t20\t0.707107\t2048\t0\t0.01' $'1\t0.707107\t0\t2048\t1\t0.01')"
	run --separate-stderr mfc-subdivide plan -n 2048 --density 1000
	[[ $stderr == *"a boundary at s = 2.8, where the shape is still being decided"* ]]
	run -2 mfc-subdivide plan -n 2048 --start 0
}

@test "plan: N s^M is the density at each boundary, particles multiply at most so often, down to 0, to exactly N" {
	local n rule
	for n in 1 5 128 513 2049 8192 100003; do
		for rule in '2048 2 4' '512 2 4' '8192 3 2' '300 1 1.5' '1e9 2 4' '2000 2.5 100'; do
			read -r density dimension ratio <<<"$rule"
			mfc-subdivide plan -q -n $n --start 1 --density "$density" --dimension "$dimension" --ratio "$ratio" >plan
			awk -F '\t' -v n=$n -v c="$density" -v m="$dimension" -v b="$ratio" '
				NR == 2 && $2 != 20 { exit bad = 1 }
				NR > 1 {
					if ($2 <= $3 || (NR > 2 && ($2 != to || $4 > b * points || $4 <= points))) exit bad = 1
					if ($3 > 0 && ($4 * $3 ^ m / c > 1.0001 || $4 * $3 ^ m / c < 0.9999)) exit bad = 1
					to = $3; points = $4
				}
				END { exit bad || to != 0 || points != n }' plan || fail "$n particles by $rule: $(cat plan)"
		done
	done
}

@test "plan: the levels of a model, or those given; one coordinate is of dimension 1" {
	mfc-subdivide plan -n 999 -m "$MODEL" >one
	mfc-subdivide plan -n 999 --levels 2:8:4,0.5:16:2,0:32:2 | cmp - one
	assert_equal "$(tail -1 one | cut -f 4)" 999
	mfc-subdivide plan -n 999 --dimension 2 -m "$MODEL" | cmp - one
	stream --clouds 4 --points 8 --dim 1 | mfc-subdivide split --levels 3:4:2,0:8:2 | mfc-noise |
		mfc-score train -m line.mfc --steps 1 --width 8 --latents 2 --latent-width 8 --embed 8 --heads 2 --blocks 1 >log
	mfc-subdivide plan -n 32768 -m line.mfc --density 100 >line
	mfc-subdivide plan -n 32768 --levels 3:4:2,0:8:2 --density 100 --dimension 1 | cmp - line
	assert_equal "$(tail -1 line | cut -f 6)" 0.0025
	mfc-subdivide plan -n 32768 --levels 3:4:2,0:8:2 --density 100 >surface
	run ! cmp -s line surface
}

@test "plan --like: the dimension is that of the clouds" {
	look '
rng = np.random.default_rng(1)
for name, points in ("sphere", rng.standard_normal((2, 2000, 3))), ("line", rng.random((2, 2000, 1)) * [1, 2, 3]):
    if name == "sphere": points /= np.linalg.norm(points, axis=2, keepdims=True)
    with open(name, "wb") as f:
        f.write(msgpack.packb({"mfc": 1, "kind": "header", "dim": 3}))
        for i, x in enumerate(points):
            f.write(msgpack.packb({"id": f"c{i}", "x": {"shape": [2000, 3], "dtype": "<f4", "data": x.astype("<f4").tobytes()}}))
        f.write(msgpack.packb({"kind": "trailer", "count": 2}))'
	local name want
	for want in sphere:2 line:1; do
		name=${want%:*}
		run --separate-stderr mfc-subdivide plan -v -n 8192 --like $name
		assert_success
		[[ ${stderr_lines[0]} =~ "mfc-subdivide plan: dimension of the clouds in $name: "([0-9.]+)$ ]] || fail "$stderr"
		awk -v m="${BASH_REMATCH[1]}" -v want="${want#*:}" 'BEGIN { exit !(m > 0.95 * want && m < 1.05 * want) }' || fail "$stderr"
		# As if it had been given, up to its digits
		paste <(tail -n +2 <<<"$output") <(mfc-subdivide plan -n 8192 --dimension "${BASH_REMATCH[1]}" | tail -n +2) | awk -F '\t' '
			{ d = $3 ? $9 / $3 - 1 : $9; l = $12 / $6 - 1 }
			$4 != $10 || d * d > 1e-4 || l * l > 1e-4 { print; bad = 1 }
			END { exit bad || NR < 2 }' || fail "$output"
	done
	run -0 --separate-stderr mfc-subdivide plan -n 8192 --like <(mfc-noise --t 0.5 sphere)
	[[ $stderr =~ "2 of 2 clouds are noised" ]] || fail "$stderr"
	stream --clouds 0 >none
	run -1 mfc-subdivide plan -n 100 --like none
	assert_output --partial 'none: no clouds to estimate the dimension of'
	stream --clouds 2 --points 2 >two
	run -1 mfc-subdivide plan -n 100 --like two
	assert_output --partial 'cloud "c1": 0 points'
	run -1 mfc-subdivide plan -n 100 --like nowhere
	assert_output --partial 'nowhere: No such file or directory'
}

@test "plan: usage errors" {
	local bad
	for bad in '' '-n 0' '-n x' '-n 5 file' '-n 5 --levels 3:1' "-n 5 --levels 0:8:1 -m $MODEL" '-n 5 --density 0' '-n 5 --density -1' '-n 5 --density x' \
		'-n 5 --ratio 1' '-n 5 --ratio 0' '-n 5 --ratio x' \
		'-n 5 --dimension 0' '-n 5 --dimension -2' '-n 5 --dimension nan' "-n 5 --dimension 2 --like $IN"; do
		# shellcheck disable=SC2086
		run --separate-stderr mfc-subdivide plan $bad
		[ "$status" -eq 2 ] || fail "$bad: status $status, $stderr"
		assert_output ''
	done
}

@test "a program without its command says which there are" {
	run --separate-stderr mfc-subdivide
	assert_failure 2
	[[ $stderr == *split* && $stderr == *branch* && $stderr == *plan* ]]
	run --separate-stderr mfc-subdivide nothing
	assert_failure 2
	[[ $stderr == *'no command "nothing"'* ]]
	run mfc-subdivide --help
	assert_success
}
