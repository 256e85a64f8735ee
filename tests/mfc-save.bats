#!/usr/bin/env bats
# mfc-save: every format read back by another program.
bats_require_minimum_version 1.5.0
load common

setup() {
	common_setup
	stream --clouds 3 --points 20 > a.mfc
	stream --clouds 1 --points 20 > one.mfc
}

# x of the clouds of a stream, by id, for comparison in Python
read_stream='
import msgpack, numpy as np
def read(f): return {m["id"]: np.frombuffer(m["x"]["data"], "<f4").reshape(m["x"]["shape"]) for m in msgpack.Unpacker(open(f, "rb")) if "x" in m}
'

check() { run -0 python3 -c "$read_stream$1"; }

@test "npy: one cloud is (N, d), more are (clouds, N, d)" {
	mfc-save -o one.npy one.mfc
	mfc-save -o all.npy a.mfc
	check 'assert (np.load("one.npy") == read("one.mfc")["c1"]).all(); a = np.load("all.npy"); assert a.shape == (3, 20, 3) and (a[2] == read("a.mfc")["c3"]).all()'
}

@test "npz: an array for each cloud" {
	mfc-save -o all.npz a.mfc
	check 'z = np.load("all.npz"); r = read("a.mfc"); assert sorted(z) == sorted(r) and all((z[k] == r[k]).all() for k in r)'
}

@test "xyz and csv: a line a particle" {
	mfc-save -o one.xyz one.mfc
	mfc-save -o one.csv one.mfc
	check 'r = read("one.mfc")["c1"]; assert (np.loadtxt("one.xyz", dtype="f4") == r).all(); assert (np.loadtxt("one.csv", dtype="f4", delimiter=",", skiprows=1) == r).all()'
	run -0 head -n 1 one.csv
	assert_output x,y,z
}

@test "obj: vertices" {
	mfc-save -o one.obj one.mfc
	check 'v = [l.split() for l in open("one.obj")]; assert all(w[0] == "v" for w in v); assert (np.array([w[1:] for w in v], "f4") == read("one.mfc")["c1"]).all()'
}

@test "ply: binary and ASCII say the same" {
	mfc-save -o b.ply one.mfc
	mfc-save --ascii -o a.ply one.mfc
	mfc-load --sample all --no-history b.ply | dump --values | jq -c 'select(.id) | .x' > b.json
	mfc-load --sample all --no-history a.ply | dump --values | jq -c 'select(.id) | .x' > a.json
	cmp a.json b.json
	check 'd = open("b.ply", "rb").read(); assert (np.frombuffer(d[d.index(b"end_header\n") + 11:], "<f4").reshape(-1, 3) == read("one.mfc")["c1"]).all()'
}

@test "ply keeps the parents of copies, the other formats the coordinates alone" {
	stream --clouds 1 --points 20 --normals --extra | mfc-noise --t 0.3 | mfc-subdivide branch --to 30 --parents | mfc-subdivide branch --to 70 --parents > p.mfc
	mfc-save --ascii -o a.ply p.mfc 2>/dev/null
	mfc-save -o b.ply p.mfc 2>/dev/null
	for f in a b; do
		run -0 grep -a -c '^property int parent_[01]$' $f.ply
		assert_output 2
	done
	check 'm = [m for m in msgpack.Unpacker(open("p.mfc", "rb")) if "x" in m][0]; p = np.frombuffer(m["parents"]["data"], "<i4").reshape(-1, 2)
t = np.loadtxt(open("a.ply").read().split("end_header\n")[1].splitlines()); assert t.shape == (70, 11) and (t[:, 9:] == p).all() and p.max() > 0
d = open("b.ply", "rb").read(); b = np.frombuffer(d[d.index(b"end_header\n") + 11:], np.dtype("6<f4, 3u1, 2<i4"))
assert len(b) == 70 and (b["f2"] == p).all() and (b["f0"][:, :3] == read("p.mfc")["c1"]).all()'
	mfc-load --sample all --no-history b.ply | dump --values | jq -c 'select(.id) | .x' > b.json
	cmp b.json <(dump --values p.mfc | jq -c 'select(.id) | .x')
	mfc-save -o p.csv p.mfc 2>/dev/null
	run -0 head -n 1 p.csv
	assert_output x,y,z
}

@test "ply keeps normals and colours" {
	stream --clouds 1 --points 20 --normals --extra > n.mfc
	mfc-save --ascii -o n.ply n.mfc
	run -0 grep -c property n.ply
	assert_output 9
	check 'd = open("n.ply").read().split("end_header\n")[1]; t = np.loadtxt(d.splitlines()); m = [m for m in msgpack.Unpacker(open("n.mfc", "rb")) if "x" in m][0]
assert (t[:, 3:6].astype("f4").ravel() == np.frombuffer(m["normals"]["data"], "<f4")).all(); assert (t[:, 6:].ravel() == np.frombuffer(m["colour"]["data"], "u1")).all()'
}

@test "a folder: a file for each cloud" {
	mfc-save -f npy -o out/ a.mfc
	check 'r = read("a.mfc"); assert all((np.load(f"out/{k}.npy") == r[k]).all() for k in r)'
}

@test "zip, tar.gz and tar.xz" {
	mfc-save -f npy -o a.zip a.mfc
	mfc-save -f npy -o a.tar.gz a.mfc
	mfc-save -f npy -o a.tar.xz a.mfc
	check 'import zipfile, tarfile, io
r = read("a.mfc"); z = zipfile.ZipFile("a.zip")
assert z.namelist() == ["c1.npy", "c2.npy", "c3.npy"] and z.testzip() is None
assert all((np.load(io.BytesIO(z.read(k + ".npy"))) == r[k]).all() for k in r)
for f in "a.tar.gz", "a.tar.xz":
    t = tarfile.open(f)
    assert t.getnames() == z.namelist() and (np.load(io.BytesIO(t.extractfile("c2.npy").read())) == r["c2"]).all()'
}

@test "what is saved is loaded again" {
	mfc-save -f npy -o a.zip a.mfc
	mfc-load --sample all --no-history a.zip | dump --values | jq -c 'select(.id) | [.id, .x]' > 1
	dump --values a.mfc | jq -c 'select(.id) | [.id, .x]' > 2
	cmp 1 2
}

@test "the same bytes twice, also in archives" {
	for f in zip npz tar.gz tar.xz; do
		mfc-save -f npy -o 1.$f a.mfc
		mfc-save -f npy -o 2.$f a.mfc
		cmp 1.$f 2.$f
	done
	SOURCE_DATE_EPOCH=1700000000 mfc-save -o 3.zip a.mfc
	mfc-save -o 4.zip a.mfc
	run -1 cmp -s 3.zip 4.zip
}

@test "normalised clouds are given back their coordinates, unless told otherwise" {
	mfc-save -o raw.npy one.mfc
	mfc-load --sample all --normalize cloud-sphere one.mfc > n.mfc
	mfc-save -o back.npy n.mfc
	mfc-save --keep-normalized -o n.npy n.mfc
	check 'a, b, c = (np.load(f) for f in ("raw.npy", "back.npy", "n.npy")); assert abs(a - b).max() < 1e-6; assert abs(np.linalg.norm(c, axis=1).max() - 1) < 1e-6'
}

@test "identifiers cannot lead out of the folder" {
	python3 - > evil.mfc <<-'END'
		import msgpack, sys, numpy as np
		w = lambda o: sys.stdout.buffer.write(msgpack.packb(o))
		w({"mfc": 1, "kind": "header", "dim": 3})
		ids = ["../up", "/etc/passwd", "a/../../b", "..", ".", "", "x\ny", "a/b", "a/b", "//"]
		for i in ids: w({"id": i, "x": {"shape": [1, 3], "dtype": "<f4", "data": bytes(12)}})
		w({"kind": "trailer", "count": len(ids)})
	END
	mkdir deep
	mfc-save -f xyz -o deep/out/ evil.mfc
	run -0 bash -c "find . -name '*.xyz' | LC_ALL=C sort"
	assert_output - <<-'END'
		./deep/out/_-2.xyz
		./deep/out/_-3.xyz
		./deep/out/_..xyz
		./deep/out/_./up.xyz
		./deep/out/_.xyz
		./deep/out/a/_./_./b.xyz
		./deep/out/a/b-2.xyz
		./deep/out/a/b.xyz
		./deep/out/etc/passwd.xyz
		./deep/out/x_y.xyz
	END
}

@test "more than one cloud into one file is refused, and nothing is left" {
	run -1 mfc-save -o a.ply a.mfc
	assert_output --partial "more than one cloud"
	[ ! -e a.ply ]
	run -0 bash -c "ls | grep -c '^a.ply' || true"
	assert_output 0
}

@test "unknown formats, no clouds, a full disk" {
	run -2 mfc-save -o a.docx a.mfc
	run -2 mfc-save -f ply -o a.npz a.mfc
	stream --clouds 0 > none.mfc
	run -1 mfc-save -o a.npz none.mfc
	assert_output "mfc-save: no clouds to save"
	run -1 bash -c "mfc-save -f xyz one.mfc > /dev/full"
	assert_output --partial "No space left"
	run -1 bash -c "mfc-save -f npy -o /dev/full one.mfc"
}

# A stream of clouds of one point with the ids that Python's expression gives.
ids() {
	python3 -c 'import msgpack, sys
w = lambda o: sys.stdout.buffer.write(msgpack.packb(o))
w({"mfc": 1, "kind": "header", "dim": 3})
ids = eval(sys.argv[1])
for i in ids: w({"id": i, "x": {"shape": [1, 3], "dtype": "<f4", "data": bytes(12)}})
w({"kind": "trailer", "count": len(ids)})' "$1"
}

@test "archives do not depend on the time zone" {
	for f in zip npz tar; do
		TZ=UTC0 mfc-save -f npy -o utc.$f a.mfc
		TZ=JST-9 mfc-save -f npy -o jst.$f a.mfc
		cmp utc.$f jst.$f
	done
}

@test "identifiers beyond ASCII are UTF-8 in archives, in every locale" {
	ids '["stühle/é", "椅子"]' > u.mfc
	for f in zip tar tar.gz; do LC_ALL=C mfc-save -f xyz -o u.$f u.mfc; done
	check 'import zipfile, tarfile
names = ["st\u00fchle/\u00e9.xyz", "\u6905\u5b50.xyz"]
assert zipfile.ZipFile("u.zip").namelist() == names
assert all(tarfile.open(f, encoding="utf-8").getnames() == names for f in ("u.tar", "u.tar.gz"))'
	for f in zip tar tar.gz; do
		LC_ALL=C mfc-load --sample all --no-history u.$f | dump | jq -r 'select(.id) | .id' > ids
		grep -qx 'stühle/é' ids
		grep -qx 椅子 ids
	done
}

@test "thousands of clouds of one id get numbers, in seconds" {
	ids '["same"] * 5000 + ["same-7", "other"]' > same.mfc
	timeout 60 mfc-save -f xyz -o same.tar same.mfc
	check 'import tarfile
n = tarfile.open("same.tar").getnames()
assert len(set(n)) == 5002 and n[:2] == ["same.xyz", "same-2.xyz"] and n[4999:] == ["same-5000.xyz", "same-7-2.xyz", "other.xyz"]'
}

@test "a SOURCE_DATE_EPOCH that is no number is refused, and one that is is the members' time" {
	SOURCE_DATE_EPOCH=yesterday run -1 mfc-save -o e.zip a.mfc
	assert_output --partial SOURCE_DATE_EPOCH
	[ ! -e e.zip ]
	SOURCE_DATE_EPOCH=1700000000 mfc-save -o e.tar a.mfc
	check 'import tarfile; assert {m.mtime for m in tarfile.open("e.tar")} == {1700000000}'
}

@test "a cut stream leaves no archive" {
	head -c 700 a.mfc > cut.mfc
	run -1 mfc-save -o a.zip cut.mfc
	[ ! -e a.zip ]
}

@test "noised clouds are saved with a warning" {
	mfc-noise --t 0.5 one.mfc > n.mfc
	run -0 mfc-save -o n.xyz n.mfc
	assert_output --partial "is noised"
}

@test "a header's one_hot is believed only where it makes sense, and the clouds have its coordinates" {
	hot() {   # THE-MAP-IN-PYTHON DIM
		python3 - "$1" "$2" <<-'END'
			import sys, msgpack, struct
			d = int(sys.argv[2])
			out = [{"mfc": 1, "kind": "header", "dim": d, "one_hot": eval(sys.argv[1])},
			       {"id": "a", "x": {"shape": [1, d], "dtype": "<f4", "data": struct.pack("<%df" % d, *range(d))}}, {"kind": "trailer", "count": 1}]
			sys.stdout.buffer.write(b"".join(map(msgpack.packb, out)))
		END
	}
	hot '{"column": 1, "values": [7, 9], "scale": 1}' 4 > a.mfc
	run -0 mfc-save -f xyz a.mfc
	assert_output "9 0 1"
	hot '{"column": 9, "values": [7, 9], "scale": 1}' 2 > a.mfc
	run -0 mfc-save -f xyz a.mfc
	assert_output "9"
	run -0 mfc-save --keep-normalized -f xyz a.mfc
	assert_output "0 1"
	hot '{"column": 1, "values": [7, 8, 9], "scale": 1}' 2 > a.mfc
	run -1 mfc-save -f xyz a.mfc
	assert_output 'mfc-save: cloud "a": 2 coordinates, where the header tells of 3 kinds'
	for wrong in 5 '{}' '{"column": 0, "values": [1], "scale": 1}' '{"column": 1, "values": [], "scale": 1}' '{"column": 1, "values": ["a"], "scale": 1}' \
		'{"column": 1, "values": [1, 1], "scale": 1}' '{"column": 1, "values": [1], "scale": 0}' '{"column": 1, "values": list(range(200)), "scale": 1}'; do
		hot "$wrong" 2 > a.mfc
		run -1 mfc-save -f xyz a.mfc
		assert_output --partial "mfc-save: a.mfc: the header's one_hot"
	done
}
