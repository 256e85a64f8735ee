#!/usr/bin/env bats
# mfc-load on archives as strangers pack them: every packing gives the same bytes, what is broken is named and costs only itself.
bats_require_minimum_version 1.5.0
load common
load commands

setup() {
	common_setup
	mkdir -p set/chair
	for i in 1 2 3 4 5 6 7 8 9; do
		printf 'v 0 0 0\nv %s 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\nf 1 2 4\nf 1 3 4\nf 2 3 4\n' "$i" > set/chair/c$i.obj
	done
	echo 'newmtl none' > set/chair/c1.mtl
}

clouds() { mfc-load -n 20 --no-history "$@"; }
ids() { dump "$@" | jq -r 'select(.id) | .id' | paste -sd' '; }

@test "zip, tar, tar.xz and a folder, from a file and from a pipe, on any number of threads: the same bytes" {
	(cd set && zip -q ../a.zip chair/*.obj)
	tar -cf a.tar -C set chair/c{1,2,3,4,5,6,7,8,9}.obj
	xz -k a.tar
	clouds -@ 1 a.zip > one.mfc
	for threads in 1 2 7; do
		for a in a.zip a.tar a.tar.xz; do
			clouds -@ $threads $a > more.mfc
			cmp one.mfc more.mfc
			clouds -@ $threads - < $a > more.mfc
			cmp one.mfc more.mfc
			cat $a | clouds -@ $threads > more.mfc
			cmp one.mfc more.mfc
		done
	done
	(cd set && clouds . > ../folder.mfc)
	cmp one.mfc folder.mfc
	run -0 ids one.mfc
	assert_output "chair/c1 chair/c2 chair/c3 chair/c4 chair/c5 chair/c6 chair/c7 chair/c8 chair/c9"
}

@test "members of zips, however they are packed and called, are those of a tar" {
	mkdir -p m && cd m
	for n in stored deflated bzip2 lzma zip64 "f\303\274nf" streamed; do cp ../set/chair/c5.obj "$(printf "$n")".obj; done
	tar --sort=name -cf ../m.tar *.obj
	python3 - <<-'END'
		import io, os, sys, zipfile
		methods = {"stored": zipfile.ZIP_STORED, "bzip2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA}
		with open("../m.zip", "wb") as raw:
		    raw.write(b"a program may stand before a zip\n")
		    with zipfile.ZipFile(raw, "w") as z:
		        for name in sorted(os.listdir("."), key=os.fsencode):
		            data = open(name, "rb").read()
		            with z.open(zipfile.ZipInfo(name), "w", force_zip64=name == "zip64.obj") if name == "zip64.obj" else io.BytesIO() as f:
		                f.write(data)
		            if name != "zip64.obj":
		                z.writestr(zipfile.ZipInfo(name), data, methods.get(name[:-4], zipfile.ZIP_DEFLATED))
	END
	cd ..
	clouds m.tar > a.mfc
	clouds m.zip > b.mfc
	cmp a.mfc b.mfc
	run -0 bash -c "python3 '$ROOT/tests/dump.py' b.mfc | grep -c '\"id\"'"
	assert_output 7
}

@test "a member whose bytes are not those of its checksum, and one that claims another size" {
	(cd set && zip -q -0 ../a.zip chair/c1.obj && zip -q ../a.zip chair/c2.obj chair/c3.obj)
	python3 - <<-'END'
		d = bytearray(open("a.zip", "rb").read())
		at = d.index(b"v 0 0 0")
		d[at] = ord("w")
		at = d.rindex(b"chair/c2.obj") - 46
		d[at + 24] += 1
		open("a.zip", "wb").write(d)
	END
	run -0 --separate-stderr bash -c "mfc-load -n 20 a.zip > a.mfc"
	[ "${stderr_lines[0]}" = "mfc-load: a.zip: chair/c1.obj: damaged: its checksum is another (skipped)" ]
	[ "${stderr_lines[1]}" = "mfc-load: a.zip: chair/c2.obj: unpacks to another size than its directory says (skipped)" ]
	run -0 ids a.mfc
	assert_output chair/c3
}

@test "a damaged member of a zip is named and costs only itself" {
	(cd set && python3 -m zipfile -c ../a.zip chair/)
	python3 - <<-'END'
		d = bytearray(open("a.zip", "rb").read())
		at = d.index(b"chair/c4.obj") + len(b"chair/c4.obj")
		d[at:at + 8] = b"\xff" * 8    # no deflate stream
		open("a.zip", "wb").write(d)
	END
	run -0 --separate-stderr bash -c "mfc-load -n 20 a.zip > a.mfc"
	[[ ${stderr_lines[0]} == "mfc-load: a.zip: chair/c4.obj: "*"(skipped)" ]]
	[ "${stderr_lines[1]}" = "mfc-load: 8 shapes loaded, 1 broken and skipped" ]
	run -1 mfc-load -n 20 --strict -o b.mfc a.zip
	[ ! -e b.mfc ]
}

@test "an encrypted member is said to be so" {
	(cd set && zip -q -P secret ../a.zip chair/c1.obj && zip -q ../a.zip chair/c2.obj)
	run -0 --separate-stderr bash -c "mfc-load -n 20 a.zip > a.mfc"
	[ "${stderr_lines[0]}" = "mfc-load: a.zip: chair/c1.obj: encrypted (skipped)" ]
	run -0 ids a.mfc
	assert_output chair/c2
	(cd set && zip -q ../inner.zip chair/c1.obj)
	zip -q -P secret b.zip inner.zip && zip -q b.zip a.zip
	run -0 --separate-stderr bash -c "mfc-load -n 20 b.zip > b.mfc"
	[ "${stderr_lines[0]}" = "mfc-load: b.zip: inner.zip: encrypted (skipped)" ]
	[ "${stderr_lines[1]}" = "mfc-load: b.zip: a.zip: chair/c1.obj: encrypted (skipped)" ]
}

@test "archives within archives: a Debian package of furniture" {
	(cd set && zip -q ../furniture.sh3f chair/c1.obj chair/c2.obj)
	mkdir -p root/usr/share && mv furniture.sh3f root/usr/share
	tar -cJf data.tar.xz -C root ./usr
	echo 2.0 > debian-binary
	ar qc furniture.deb debian-binary data.tar.xz 2> /dev/null
	run -0 mfc-load --list furniture.deb
	assert_line --index 0 --partial "furniture.deb: data.tar.xz: usr/share/furniture.sh3f: chair/c1.obj"
	assert_line --index 1 --partial "chair/c2.obj"
	[ "${#lines[@]}" -eq 2 ]
	tar -cf more.tar furniture.deb
	run -0 bash -c "mfc-load -n 9 more.tar | python3 '$ROOT/tests/dump.py' - | jq -r 'select(.id) | .label'"
	assert_output "$(printf 'chair\nchair')"
}

@test "a damaged archive within an archive costs only itself; too deep a nest ends it" {
	(cd set && tar -czf ../bad.tgz chair && zip -q ../good.zip chair/c1.obj)
	truncate -s 200 bad.tgz
	tar -cf both.tar bad.tgz good.zip
	run -0 --separate-stderr bash -c "mfc-load -n 20 both.tar > a.mfc"
	[[ ${stderr_lines[*]} == *"both.tar: bad.tgz: "*"(skipped)"* ]]
	run -0 ids a.mfc
	[[ $output == *chair/c1 ]]
	cp good.zip nest.zip
	for i in 1 2 3 4 5 6; do mv nest.zip inner.zip && zip -q nest.zip inner.zip && rm inner.zip; done
	run -1 mfc-load nest.zip
	assert_output --partial "archives nested deeper than 5"
}

@test "an archive within that is too large for memory is read as it comes" {
	(cd set && zip -q ../inner.zip chair/c1.obj)
	python3 - <<-'END'
		import os, zipfile
		with zipfile.ZipFile("inner.zip", "a", zipfile.ZIP_STORED) as z:
		    z.writestr("noise.bin", os.urandom(70 << 20))
		    z.writestr("chair/last.obj", open("set/chair/c9.obj").read(), zipfile.ZIP_DEFLATED)
	END
	zip -q -0 outer.zip inner.zip
	run -0 --separate-stderr bash -c "mfc-load -v -n 20 outer.zip > a.mfc"
	memory=$(sed -n 's/.*peak memory \([0-9]*\) MiB/\1/p' <<<"$stderr")
	sanitized || [ "$memory" -lt 64 ]
	run -0 ids a.mfc
	assert_output "inner/chair/c1 inner/chair/last"
}

@test "decompression bombs end in an error" {
	python3 - <<-'END'
		import zipfile
		zero = bytes(1 << 20)
		with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as z, z.open("a.obj", "w", force_zip64=True) as f:
		    for i in range(300): f.write(zero)
		with zipfile.ZipFile("many.zip", "w", zipfile.ZIP_DEFLATED) as z:
		    for i in range(12):
		        with z.open(f"a{i}.obj", "w") as f:
		            for j in range(32): f.write(zero)
	END
	for a in bomb.zip many.zip; do
		run -1 mfc-load -@ 1 $a
		one=$output
		run -1 mfc-load -@ 4 $a
		[ "$output" = "$one" ]    # which members came before the end depends on no thread
		assert_output --partial "$a: a"
		assert_output --partial "more than 250 times its size"
		run -1 bash -c "cat $a | mfc-load -@ 2"
		assert_output --partial "more than 250 times its size"
	done
}

@test "what a mesh only claims is not allocated" {
	sanitized && skip "a sanitizer needs more address space"
	printf 'OFF\n1000000000 1000000000 0\n0 0 0\n' > a.off
	printf 'ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z\nelement face 1000000000\nproperty list uchar int vertex_indices\nend_header\n0 0 0\n3 0 0 0\n' > b.ply
	head -c 80 /dev/zero > c.stl && printf '\0\312\232\073' >> c.stl && head -c 100 /dev/zero >> c.stl
	for f in a.off b.ply c.stl; do
		run -1 timeout 5 bash -c "ulimit -v 400000; mfc-load -@ 1 $f"
		assert_line --index 0 --partial "$f: "
		assert_line --index 0 --partial "ends "
	done
}

@test "a folder that links to itself, and files that are none" {
	ln -s .. set/chair/up
	mkfifo set/chair/pipe.obj
	run -0 timeout 10 bash -c "mfc-load --list set | wc -l"
	assert_output 9
	# Each of twelve links to all: 12! ways through them.
	mkdir web
	for i in {1..12}; do mkdir web/$i; printf "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n" >web/$i/s.obj; for j in {1..12}; do ln -s ../$j web/$i/to$j; done; done
	run -0 timeout 10 bash -c "mfc-load --list web | wc -l"
	assert_output 12
	run -1 timeout 10 mfc-load set/chair/pipe.obj
	assert_output --partial 'set/chair/pipe.obj: neither a file nor a folder: what comes through a pipe is read from standard input'
}

@test "an NPZ of one array is called as the file, one of more holds a shape each" {
	mkdir -p liver
	python3 - <<-'END'
		import numpy as np
		np.savez("liver/p1.npz", points=np.random.rand(9, 3))
		np.savez("liver/p2.npz", a=np.random.rand(9, 3), b=np.random.rand(9, 3))
	END
	run -0 bash -c "mfc-load --list liver | cut -f 1,2"
	assert_output "$(printf 'liver/p1\tliver\nliver/p2/a\tp2\nliver/p2/b\tp2')"
	zip -qr a.zip liver/p1.npz
	run -0 bash -c "mfc-load --list a.zip | cut -f 1,2"
	assert_output "$(printf 'liver/p1\tliver')"
	mfc-load -n 5 --no-history liver/p1.npz > b.mfc
	run -0 ids b.mfc
	assert_output p1
}

@test "an NPZ that holds a shape's points and more of it is one shape" {
	mkdir -p onet/chair/a1
	python3 - <<-'END'
		import numpy as np
		np.savez("onet/chair/a1/pointcloud.npz", points=np.random.rand(9, 3), normals=np.random.rand(9, 3), loc=np.zeros(3))
	END
	run -0 bash -c "mfc-load --list onet | cut -f 1"
	assert_output onet/chair/a1/pointcloud
	(cd onet && zip -qr ../onet.zip .)
	run -0 bash -c "mfc-load --list onet.zip | cut -f 1"
	assert_output chair/a1/pointcloud
}

@test "an archive that names files of this machine gets none of them" {
	cp set/chair/c1.obj secret.obj
	printf '#mtree\n./secret.obj type=file contents=%s/secret.obj\n' "$PWD" > a.zip
	run -1 mfc-load a.zip
	refute_output --partial "secret.obj:"
	mkdir in && mv a.zip in/b.tar && tar -cf a.tar -C in b.tar
	run -1 mfc-load a.tar
}

@test "litter of macOS, names that are no UTF-8, a synset asked for by its number" {
	mkdir -p 02691156/a1 "odd" && cp set/chair/c1.obj 02691156/a1/model.obj
	cp set/chair/c1.obj "$(printf 'odd/t\tb.obj')"
	cp set/chair/c1.obj "$(printf 'odd/caf\351.obj')"
	mkdir -p m/__MACOSX/02691156/a1 && cp -r 02691156 m && echo x > m/__MACOSX/02691156/a1/._model.obj
	(cd m && zip -qr ../m.zip 02691156 __MACOSX)
	run -0 bash -c "mfc-load --list -c 02691156 m.zip | cut -f 1,2"
	assert_output "$(printf '02691156/a1\tairplane')"
	run -0 bash -c "mfc-load --list odd | cut -f 1 | sort"
	assert_output "$(printf 'odd/caf\\xe9\nodd/t\\x09b')"
	mfc-load -n 5 odd > odd.mfc
	run -0 ids odd.mfc
	run -1 mfc-load -c table m.zip
	assert_output "mfc-load: none of the 1 shapes among m.zip is asked for"
}

@test "a truncated archive in a folder costs only itself" {
	mkdir f && (cd set && zip -q ../f/a.zip chair/c1.obj && tar -cf ../f/b.tar chair && zip -q ../f/c.zip chair/c2.obj)
	truncate -s 3100 f/b.tar   # within a member
	run -0 --separate-stderr bash -c "mfc-load -n 9 f > f.mfc"
	[[ $stderr == *"f/b.tar: "*"cut short"*"(skipped)"* ]]
	run -0 ids f.mfc
	[[ $output == "chair/c1 "*"chair/c2" ]]
	run -1 mfc-load -n 9 f/b.tar
	assert_output --partial "cut short"
}

@test "files of many clouds: NumPy (M, N, d) and HDF5, in an archive too" {
	python3 - <<-'END'
		import numpy as np
		np.save("many.npy", np.random.rand(3, 40, 3).astype("f4"))
	END
	run -0 ids <(mfc-load -n 40 --sample all many.npy)
	assert_output "many/0 many/1 many/2"
	zip -q a.zip many.npy
	mfc-load --no-history --sample all many.npy > plain.mfc
	mfc-load --no-history --sample all a.zip > packed.mfc
	cmp plain.mfc packed.mfc
	mfc-save -o again.npy --keep-normalized plain.mfc
	cmp many.npy again.npy
	python3 -c 'import h5py' 2> /dev/null || skip "h5py is not there"
	python3 - <<-'END'
		import h5py, numpy as np
		with h5py.File("shapenet.hdf5", "w") as f:
		    for s in "02691156", "03001627":
		        for i, split in enumerate(("train", "val", "test")):
		            f[f"{s}/{split}"] = np.random.rand(3 - i, 50, 3).astype("f4")
		with h5py.File("ply_data_train0.h5", "w") as f:
		    f["data"] = np.random.rand(2, 50, 3).astype("f4")
		    f["label"] = np.array([[0], [39]], "u1")
	END
	run bash -c "mfc-load --list shapenet.hdf5 | cut -f 2,3 | sort | uniq -c | awk '{print \$1, \$2, \$3}'"
	[[ $output != *"needs a build with"* ]] || skip "built without HDF5"
	assert_output - <<-END
		1 airplane test
		3 airplane train
		2 airplane val
		1 chair test
		3 chair train
		2 chair val
	END
	run -0 bash -c "mfc-load --list ply_data_train0.h5 | cut -f 2,3"
	assert_output "$(printf 'airplane\ttrain\nxbox\ttrain')"
	mfc-load --no-history --sample all -c chair --split val shapenet.hdf5 > plain.mfc
	zip -q h.zip shapenet.hdf5
	mfc-load --no-history --sample all -c chair --split val h.zip > packed.mfc
	cmp <(dump --values plain.mfc | jq -c '.x') <(dump --values packed.mfc | jq -c '.x')
}

@test "text is a shape where ModelNet40's resampled clouds have it, nowhere else" {
	mkdir -p m/night_stand
	echo '0.1,0.2,0.3,0,0,1' | tee m/night_stand/night_stand_0001.txt m/night_stand/cite.txt m/night_stand_0001.txt > m/night_stand/night_stand_x.txt
	run -0 bash -c "mfc-load --list m | cut -f 1,2"
	assert_output "$(printf 'night_stand/night_stand_0001\tnight_stand')"
}

@test "a format of assimp's: read, or said to need it" {
	collada > tetra.dae
	zip -q a.zip tetra.dae
	run bash -c "mfc-load -n 30 a.zip | python3 '$ROOT/tests/dump.py' - | jq -c 'select(.id) | [.id, .x.shape]'"
	[[ $output != *"needs a build with assimp"* ]] || skip "built without assimp"
	assert_output '["tetra",[30,3]]'
}

@test "--normals: unit vectors that follow their particles through a pipeline" {
	mfc-load -n 200 --normals set/chair/c3.obj > a.mfc
	mfc-load -n 50 --shuffle a.mfc | mfc-noise --t 0.01 > b.mfc
	run -0 python3 - <<-'END'
		import msgpack, numpy as np
		def array(v): return np.frombuffer(v["data"], v["dtype"]).reshape(v["shape"])
		a = list(msgpack.Unpacker(open("a.mfc", "rb")))[1]
		x, n = array(a["x"]), array(a["normal"])
		assert n.shape == (200, 3) and abs((n ** 2).sum(1) - 1).max() < 1e-6
		faces = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0], [1, 3, 3] / np.sqrt(19)])
		face = np.abs(n @ faces.T).argmax(1)
		assert (np.abs(n @ faces.T).max(1) > 1 - 1e-6).all()
		height = np.array([x[:, 2], x[:, 1], x[:, 0], (x @ [1, 3, 3] - 3)])
		assert abs(height[face, np.arange(200)]).max() < 1e-5      # each lies on its own face
		b = list(msgpack.Unpacker(open("b.mfc", "rb")))[1]
		assert array(b["normal"]).shape == (50, 3)
		rows = {r.tobytes() for r in n}
		assert all(r.tobytes() in rows for r in array(b["normal"]))
	END
	printf '0 0 0\n1 1 1\n' > a.xyz
	run -1 mfc-load -n 2 --normals a.xyz
	assert_output --partial "a.xyz: no normals in it"
}

@test "--sample poisson spaces points out" {
	mfc-load -n 400 --sample poisson set/chair/c1.obj > p.mfc
	mfc-load -n 400 set/chair/c1.obj > a.mfc
	run -0 python3 - <<-'END'
		import msgpack, numpy as np
		from scipy.spatial import cKDTree
		def gap(f):
		    v = list(msgpack.Unpacker(open(f, "rb")))[1]["x"]
		    x = np.frombuffer(v["data"], v["dtype"]).reshape(v["shape"])
		    d = cKDTree(x).query(x, 2)[0][:, 1]
		    return d.std() / d.mean()
		assert gap("p.mfc") < 0.3 * gap("a.mfc"), (gap("p.mfc"), gap("a.mfc"))
	END
}

@test "--split without a split in the data: a stable one by name, and --split-shares" {
	for s in train val test; do mfc-load --list --split $s --split-shares 1:1:1 set | cut -f 1; done | sort > parts
	mfc-load --list set | cut -f 1 | sort | cmp parts -
	(cd set && zip -qr ../a.zip chair)
	cmp <(mfc-load --list --split train set | cut -f 1 | sort) <(mfc-load --list --split train a.zip | cut -f 1 | sed s,^,set/, | sort)
	run -0 bash -c "mfc-load --list --split test --split-shares 0:0:1 set | wc -l"
	assert_output 9
	run -2 mfc-load --split-shares 1:2 set
	run -2 mfc-load --split trian set
}

@test "--split-file: a table, or a list of one part; an all.csv in the data" {
	printf 'model,split\nchair/c1,train\nc2,test\n' > splits.csv
	printf 'chair/c3\nc4.obj\n' > val.txt
	run -0 bash -c "mfc-load --list --split-file splits.csv --split-file val=val.txt set 2> left | head -n 4 | cut -f 1,3"
	assert_output "$(printf 'set/chair/c1\ttrain\nset/chair/c2\ttest\nset/chair/c3\tval\nset/chair/c4\tval')"
	# what an official list does not name is no part of the official split
	[ "$(cat left)" = "mfc-load: 5 of 9 shapes are in no list of splits, and so in no split" ]
	run -1 mfc-load --list --split-file splits.csv --split val set
	assert_line "mfc-load: none of the 9 shapes among set is asked for"
	run -0 bash -c "mfc-load --list --split-file val=val.txt --split val --split-shares 1:0:0 set 2> /dev/null | cut -f 1" 2> /dev/null
	assert_line set/chair/c3
	assert_line set/chair/c4
	printf 'id,synsetId,subSynsetId,modelId,split\n1,,,c5,val\n' > set/all.csv
	run -0 bash -c "mfc-load --list --split val --split-shares 1:0:0 set 2> /dev/null | cut -f 1"
	assert_output set/chair/c5
	tar -cf first.tar -C set all.csv chair
	run -0 bash -c "mfc-load --list --split val --split-shares 1:0:0 first.tar 2> /dev/null | cut -f 1"
	assert_output chair/c5
	tar -cf last.tar -C set chair all.csv
	run -1 mfc-load --list --split val last.tar
	assert_output --partial "last.tar: all.csv: a list of splits that comes behind shapes: give it by --split-file"
	printf 'model,split\nc1,trian\n' > wrong.csv
	run -1 mfc-load --split-file wrong.csv --split train set
	assert_output --partial "wrong.csv: line 2"
}

@test "HDF5 files of the same datasets stay apart; one that is none costs only itself" {
	python3 -c 'import h5py' 2> /dev/null || skip "h5py is not there"
	mkdir -p h
	python3 - <<-'END'
		import h5py, numpy as np
		for name in "a", "b":
		    with h5py.File(f"h/{name}.h5", "w") as f: f["points"] = np.random.rand(2, 9, 3).astype("f4")
	END
	run bash -c "mfc-load --list h | cut -f 1 | paste -sd' '"
	[[ $output != *"needs a build with"* ]] || skip "built without HDF5"
	assert_output "h/a/points/0 h/a/points/1 h/b/points/0 h/b/points/1"
	run -0 bash -c "mfc-load --list /dev/fd/7 7< h/a.h5 | cut -f 4; mfc-load --list /dev/stdin < h/b.h5 | cut -f 4"
	assert_output "$(printf '%s\n' "/dev/fd/7: points/"{0,1}.npy "/dev/stdin: points/"{0,1}.npy)"
	: > h/aa.h5
	run -0 --separate-stderr bash -c "mfc-load -n 5 --no-history h > h.mfc"
	[[ $stderr == *"h/aa.h5"*"(skipped)"* ]]
	run -0 ids h.mfc
	assert_output "h/a/points/0 h/a/points/1 h/b/points/0 h/b/points/1"
}

@test "HDF5 in chunks of many clouds, in very many chunks, and labels in as many" {
	python3 -c 'import h5py' 2> /dev/null || skip "h5py is not there"
	python3 - <<-'END'
		import h5py, numpy as np
		r = np.random.default_rng(0)
		with h5py.File("shared.h5", "w") as f:
		    f.create_dataset("x", data=(r.random((16, 1 << 18, 3)) * 16).astype("u1").astype("f4"), chunks=(16, 1 << 17, 1), compression="gzip")
		with h5py.File("tiny.h5", "w") as f:
		    f.create_dataset("x", data=r.random((40000, 3)).astype("f4"), chunks=(1, 3))
		with h5py.File("labels.h5", "w") as f:
		    f["data"] = r.random((30000, 2, 3)).astype("f4")
		    f.create_dataset("label", data=np.arange(30000) % 7, chunks=(1,))
	END
	run mfc-load --list shared.h5
	[[ $output != *"needs a build with"* ]] || skip "built without HDF5"
	! sanitized || skip "a sanitizer keeps what is freed, and that is more than libhdf5 may have"
	run -0 --separate-stderr bash -c "mfc-load -q -n 2 shared.h5 tiny.h5 -o s.mfc"
	[ -z "$stderr" ]
	[ "$(dump s.mfc | jq -r 'select(.id) | .id' | wc -l)" -eq 17 ]
	run -0 bash -c "mfc-load --list labels.h5 | cut -f 2 | sort | uniq -c | awk '{print \$1, \$2}' | paste -sd,"
	assert_output "4286 label-0,4286 label-1,4286 label-2,4286 label-3,4286 label-4,4285 label-5,4285 label-6"
}

@test "an HDF5 file of which a chunk is damaged costs only itself" {
	python3 -c 'import h5py' 2> /dev/null || skip "h5py is not there"
	mkdir -p z
	cp "$ROOT/tests/fuzz/corpus/hdf5/zipped-damaged" z/a.h5
	cp set/chair/c1.obj z/b.obj
	run -0 --separate-stderr bash -c "mfc-load -n 5 --no-history z > z.mfc"
	[[ $stderr != *"needs a build with"* ]] || skip "built without HDF5"
	[[ $stderr == *"z/a.h5: x: cloud 0: cannot be read: "*"(skipped)"* ]]
	run -0 ids z.mfc
	assert_output "z/b"
}

@test "names with blanks in a list; a list in an archive counts only where splits matter" {
	mkdir -p "n" && cp set/chair/c1.obj "n/my chair.obj" && cp set/chair/c2.obj n/other.obj
	printf '  my chair.obj \n' > val.txt
	run -0 bash -c "mfc-load --list --split-file val=val.txt --split-shares 1:0:0 n 2> /dev/null | cut -f 1,3"
	assert_output "$(printf 'n/my chair\tval\nn/other\t')"
	echo "no list" > set/all.csv
	tar -cf l.tar -C set all.csv chair
	run -0 mfc-load -n 9 -o l.mfc l.tar
	run -1 mfc-load --split train l.tar
	assert_output --partial "all.csv: line 1"
}

@test "what is passed over is named under -v" {
	run -0 --separate-stderr bash -c "mfc-load -v -n 20 set > /dev/null"
	[ "${stderr_lines[0]}" = "mfc-load: set/chair/c1.mtl: no shape (passed over)" ]
	[[ $stderr == *"9 shapes loaded, 0 broken, 1 files of other kinds passed over"* ]]
}
