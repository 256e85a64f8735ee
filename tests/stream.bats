bats_require_minimum_version 1.5.0
load common

setup() { common_setup; }

# The program in a section of mfc-stream(5), as printed there: example SECTION
example() {
	local page=$ROOT/man/mfc-stream.5
	awk -v section=".Ss $1" '$0 == section { inside = 1 } inside && /^\.Ed/ { exit } inside == 2 { print } inside && /^\.Bd -literal/ { inside = 2 }' "$page"
}

# A stream with the hardest things that the format allows, written by msgpack for Python: dtypes, unaligned data, all lengths of numbers
foreign() {
	python3 - <<'END'
import sys, msgpack, numpy as np
out = sys.stdout.buffer
def array(a):
    return {"data": a.tobytes(), "dtype": a.dtype.str, "shape": list(a.shape)}
out.write(msgpack.packb({"dim": 3, "note": [1, -1, 2**40, -2**40, 0.5, None, True, "ü" * 40, b"x" * 300], "kind": "header", "mfc": 1}))
rng = np.random.default_rng(5)
for i, n in enumerate((1, 7, 300, 30000)):
    x = rng.standard_normal((n, 3)).astype("<f8" if i % 2 else "<f4")
    record = {"id": "é" * (i + 1), "x": array(x), "far": {"a": {"b": [[1, 2], {"c": -(10 ** (3 * i))}]}}, "ext": msgpack.ExtType(7, b"y" * 2**i)}
    if i == 2:
        record.update({f"key{j}": j * 0.1 for j in range(40)})   # a map of 16 bits' length
        record["list"] = list(range(-600, 600))
    out.write(msgpack.packb(record))
out.write(msgpack.packb({"count": 4, "kind": "trailer"}))
END
}

# Print "id N d sum" of each cloud of a stream, as three readers see it
in_python() { example "Reading in Python" >reader.py; python3 reader.py; }
in_node() { example "Reading in Node" >reader.js; node reader.js; }
in_c() { mfc-subdivide branch --factor 1 >c.mfc && in_python <c.mfc; }

# Two lists "id N d sum" agree, sums to the rounding of floats
same_clouds() {
	python3 - "$1" "$2" "${3:-1e-5}" <<'END'
import sys
a, b = ([line.split() for line in open(p)] for p in sys.argv[1:3])
assert len(a) == len(b) > 0, (a, b)
for p, q in zip(a, b):
    assert p[:3] == q[:3] and abs(float(p[3]) - float(q[3])) < float(sys.argv[3]) * (1 + float(p[1])), (p, q)
END
}

@test "the page's readers are a dozen lines of Python and under forty of Node, without a package" {
	[ "$(example "Reading in Python" | wc -l)" -le 20 ]
	example "Reading in Python" | grep -q 'import sys, msgpack'
	[ "$(example "Reading in Node" | wc -l)" -le 40 ]
	assert_equal "$(example "Reading in Node" | grep -o 'require("[a-z]*")')" 'require("fs")'
}

@test "a stream of ours in Python" {
	mfc-noise prior -c 5 -n 100 -d 3 >in.mfc
	in_python <in.mfc >got
	dump in.mfc | jq -r 'select(.x) | "\(.id) \(.x.shape[0]) \(.x.shape[1]) \(.x.sum)"' >want
	assert_equal "$(head -1 want | cut -d' ' -f1-3)" "sample-000001 100 3"
	same_clouds got want 1e-9
}

@test "a stream of ours in Node" {
	command -v node >/dev/null || skip "no node"
	mfc-noise prior -c 5 -n 100 -d 2 >in.mfc
	in_node <in.mfc >got
	in_python <in.mfc >want
	assert_equal "$(wc -l <got)" 5
	same_clouds got want 1e-9
}

@test "clouds of odd sizes, per-particle arrays and keys that no one knows, in both" {
	command -v node >/dev/null || skip "no node"
	for n in 1 2 5 17 1000; do
		stream --clouds 2 --points $n --normals --extra --prefix "n$n-"
	done >in.mfc
	in_node <in.mfc >node
	in_python <in.mfc >python
	assert_equal "$(wc -l <python)" 10
	same_clouds node python 1e-9
}

@test "a stream that Python wrote, with every type of MessagePack, in C and in Node" {
	foreign >in.mfc
	in_python <in.mfc >python
	assert_equal "$(wc -l <python)" 4
	in_c <in.mfc >c
	same_clouds c python
	command -v node >/dev/null || skip "no node"
	in_node <in.mfc >node
	same_clouds node python 1e-9
}

@test "what Python wrote comes out of a C filter as it went in, but for x, eps, t and s" {
	foreign >in.mfc
	mfc-noise --no-history --t 0.2 in.mfc >out.mfc
	python3 - <<'END'
import msgpack
a, b = (list(msgpack.Unpacker(open(p, "rb"))) for p in ("in.mfc", "out.mfc"))
assert len(a) == len(b) == 6
for p, q in zip(a, b):
    for m in p, q:
        for key in "x", "eps", "t", "s":
            m.pop(key, None)
    assert p == q, (p, q)
    assert [type(v) for v in p.values()] == [type(p[k]) for k in p]
order = [k for k in b[3] if k not in ("id",)]
assert order == [k for k in a[3] if k not in ("id",)], "the order of unknown keys"
END
}

@test "the page's writer in Python, read by C and by its own reader" {
	example "Writing in Python" >writer.py
	python3 writer.py >in.mfc
	in_python <in.mfc >python
	assert_equal "$(cut -d' ' -f1-3 python | tail -1)" "cloud-4 100 3"
	in_c <in.mfc >c
	same_clouds c python
}

@test "concatenation: two streams are one" {
	mfc-noise prior -c 2 -n 10 -d 3 >a.mfc
	stream --clouds 3 --points 4 >b.mfc
	cat a.mfc b.mfc >in.mfc
	in_python <in.mfc >got
	assert_equal "$(cut -d' ' -f1 got | tr '\n' ' ')" "sample-000001 sample-000002 c1 c2 c3 "
	command -v node >/dev/null || skip "no node"
	in_node <in.mfc >node
	same_clouds node got 1e-9
}

@test "truncation at any byte is noticed by all three" {
	stream --clouds 2 --points 3 >in.mfc
	size=$(stat -c %s in.mfc)
	for bytes in $(seq 1 29 $((size - 1))); do
		head -c "$bytes" in.mfc >cut.mfc
		run -1 mfc-noise -o out.mfc cut.mfc
		assert_output --regexp '^mfc-noise: cut.mfc: '
		[ ! -e out.mfc ]
	done
	for bytes in 20 100 $((size - 1)) $((size - 17)); do
		head -c "$bytes" in.mfc >cut.mfc
		run ! in_python <cut.mfc
		run ! in_node <cut.mfc
	done
}

@test "a count that does not match is noticed by all three" {
	{ stream --clouds 2 --no-trailer; python3 -c 'import sys, msgpack; sys.stdout.buffer.write(msgpack.packb({"kind": "trailer", "count": 3}))'; } >in.mfc
	run -1 bash -c "mfc-noise in.mfc >out.mfc"
	assert_output --partial "the trailer does not count 2 records, as there are"
	run ! in_python <in.mfc
	assert_output --partial "records are missing"
	command -v node >/dev/null || skip "no node"
	run ! in_node <in.mfc
	assert_output --partial "records are missing"
}

@test "a model or a block of distances in the place of clouds, and clouds in that of a model, are called so" {
	stream --clouds 2 --points 8 >clouds
	mfc-metric --metrics cd --reference clouds --block 0/2 -o block clouds
	stream --clouds 4 --points 8 | mfc-subdivide split --levels 0:8:2 | mfc-noise |
		mfc-score train -m model --steps 1 --width 8 --latents 2 --latent-width 8 --embed 8 --heads 2 --blocks 1 >log
	local what
	for what in 'model: a model' 'block: a block of distances (mfc-metric --block)'; do
		run -1 mfc-metric --reference "${what%%:*}" clouds
		assert_output "mfc-metric: $what, not clouds"
		run -1 bash -c "mfc-view -o sheet.png ${what%%:*}"
		assert_output "mfc-view: $what, not clouds"
		run -1 bash -c "mfc-noise ${what%%:*} >noised"
		assert_output "mfc-noise: $what, not clouds"
		run -1 mfc-score train -m other --steps 1 "${what%%:*}"
		assert_output --regexp '(the stream.s header has no dim|not clouds)$'
	done
	run -1 mfc-subdivide plan -n 8 -m clouds
	assert_output 'mfc-subdivide plan: clouds: not a model'
	run -1 mfc-score denoise -m clouds clouds
	assert_output 'mfc-score denoise: clouds: not a model'
}

@test "limits: nesting, pairs, items and bytes, each at its bound and one beyond" {
	limit() {   # PYTHON EXPRESSION OF A VALUE
		python3 -c "
import sys, msgpack
def nest(n): return 1 if n == 0 else [nest(n - 1)]
for m in {'mfc': 1, 'kind': 'header'}, {'id': 'a', 'x': {'shape': [1, 1], 'dtype': '<f4', 'data': bytes(4)}, 'k': $1}, {'kind': 'trailer', 'count': 1}:
    sys.stdout.buffer.write(msgpack.packb(m))" >in.mfc
	}
	for value in 'nest(7)' '{str(i): i for i in range(64)}' '[0] * 4096'; do
		limit "$value"
		mfc-noise --t 0.1 in.mfc >out.mfc
	done
	limit 'nest(8)'
	run -1 bash -c "mfc-noise in.mfc >out.mfc"
	assert_output --partial "nested deeper than 8"
	limit '{str(i): i for i in range(65)}'
	run -1 bash -c "mfc-noise in.mfc >out.mfc"
	assert_output --partial "a map of 65 items, more than 64"
	limit '[0] * 4097'
	run -1 bash -c "mfc-noise in.mfc >out.mfc"
	assert_output --partial "a list of 4097 items, more than 4096"
	limit 'bytes(5000)'
	size=$(python3 -c 'import msgpack; print(max(len(msgpack.packb(m)) for m in msgpack.Unpacker(open("in.mfc", "rb"))))')
	mfc-noise --t 0.1 --max-record "$size" in.mfc >out.mfc
	run -1 bash -c "mfc-noise --t 0.1 --max-record $((size - 1)) in.mfc >out.mfc"
	assert_output --partial "a record of more than $((size - 1)) bytes (--max-record)"
}

@test "a cloud above the default limit needs --max-record, in ours and in Python" {
	mfc-noise prior -c 1 -n 8800000 -d 3 >big.mfc
	run -1 bash -c "mfc-subdivide branch --factor 1 big.mfc >out.mfc"
	assert_output --partial "a record of more than 104857600 bytes (--max-record)"
	mfc-subdivide branch --factor 1 --max-record 200M big.mfc | cmp -n 100 - <(mfc-subdivide branch --factor 1 --max-record 200M big.mfc)
	run ! in_python <big.mfc
	sed -i 's/100 << 20/200 << 20/' reader.py
	assert_equal "$(python3 reader.py <big.mfc | cut -d' ' -f1-3)" "sample-000001 8800000 3"
	rm big.mfc
}

@test "dtypes: every one that numpy has and the page allows is read as x" {
	for dtype in '<f4' '>f4' '<f8' '>f8' '|i1' '<i2' '>i2' '<i4' '<i8' '>i8' '|u1' '<u2' '<u4' '<u8' '|b1'; do
		python3 -c "
import sys, msgpack, numpy as np
x = np.array([[0, 1, 1], [1, 0, 1]]).astype('$dtype')
for m in {'mfc': 1, 'kind': 'header'}, {'id': 'a', 'x': {'shape': [2, 3], 'dtype': '$dtype', 'data': x.tobytes()}}, {'kind': 'trailer', 'count': 1}:
    sys.stdout.buffer.write(msgpack.packb(m))" >in.mfc
		assert_equal "$(mfc-subdivide branch --factor 1 in.mfc | dump --values | jq -c 'select(.x) | .x')" '[[0,1,1],[1,0,1]]'
	done
	for dtype in '<f2' '<c8' '=f4' 'f4' '<f3' '|f4' 'float32'; do
		python3 -c "
import sys, msgpack
for m in {'mfc': 1, 'kind': 'header'}, {'id': 'a', 'x': {'shape': [1, 1], 'dtype': '$dtype', 'data': bytes(2)}}, {'kind': 'trailer', 'count': 1}:
    sys.stdout.buffer.write(msgpack.packb(m))" >in.mfc
		run -1 bash -c "mfc-subdivide branch --factor 1 in.mfc >out.mfc"
		assert_output --partial "dtype"
	done
}
