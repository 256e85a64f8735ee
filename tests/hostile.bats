# Nothing is believed and nothing hangs: what claims more than it holds is an error, soon and in little memory (tests/hostile.py).
bats_require_minimum_version 1.5.0
load common

setup_file() {
	common_path
	python3 "$ROOT/tests/hostile.py" make "$BATS_FILE_TMPDIR"
	cd "$BATS_FILE_TMPDIR" || return
	stream --points 40 >data.mfc
	mfc-noise --t 0.5 data.mfc >noised.mfc
}

setup() {
	common_setup
	H=$BATS_FILE_TMPDIR
	! sanitized || export SANITIZED=1
}

bound() { python3 "$ROOT/tests/hostile.py" bound "$@"; }

refused() {   # MESSAGE COMMAND...: an error that says so, within the bounds
	run bound "${@:2}"
	[ "$status" -eq 1 ] || fail "${*:2}: status $status: $output"
	[[ $output == *"$1"* && $output != *Traceback* ]] || fail "${*:2}: $output"
}

misused() {   # MESSAGE COMMAND...: the same of a usage error
	run bound "${@:2}"
	[ "$status" -eq 2 ] || fail "${*:2}: status $status: $output"
	[[ $output == *"$1"* ]] || fail "${*:2}: $output"
}

@test "meshes and arrays of more than there is" {
	local f
	for f in "$H"/meshes/*; do
		refused "mfc-load: $f: " mfc-load -n 8 "$f"
		refute_output --partial 'out of memory'
	done
}

@test "decompression bombs, in files and on standard input" {
	local f
	for f in "$H"/bombs/*; do
		refused "a decompression bomb?" mfc-load -n 8 -@ 2 "$f"
		refused "a decompression bomb?" mfc-load -n 8 -@ 2 <"$f"
	done
}

@test "archives that nest, or hold themselves" {
	local f
	for f in "$H"/nests/*; do
		refused "archives nested deeper than 5" mfc-load -n 8 "$f"
		refused "archives nested deeper than 5" mfc-load -n 8 <"$f"
	done
}

@test "archives that claim what is not there" {
	local f
	for f in "$H"/damaged/*; do
		refused "mfc-load: $f: " mfc-load -n 8 "$f"
		refused "mfc-load: standard input: " mfc-load -n 8 <"$f"
	done
}

@test "an archive of too many members" {   # 4,194,304; ar(1) has the shortest ones
	members() {
		python3 -c '
import sys
sys.stdout.buffer.write(b"!<arch>\n")
for i in range(1025):
    sys.stdout.buffer.write(b"a/              0           0     0     644     0         `\n" * 4096)' 2>/dev/null
	}
	SECONDS=120 refused "more than 4194304 members" mfc-load < <(members)
}

@test "names that lead elsewhere, links, names that are too long" {
	refused "a path of more than 4095 bytes (skipped)" mfc-load -n 8 "$H/names/long-part.zip"
	refused "a path of more than 4095 bytes (skipped)" mfc-load -n 8 "$H/names/deep-path.zip"
	refused "b.obj: only a link to another member (skipped)" mfc-load -n 8 "$H/names/links.tar"
	mkdir -p deep/deep/deep
	cd deep/deep/deep
	mfc-load -n 8 "$H/names/dots.zip" | mfc-save -f xyz -o out/
	cd ../../..
	run find . -name '*.xyz'
	assert_equal "${#lines[@]}" 2
	refute_line --regexp '^./(deep/)?(deep/)?[^/]*$'
	assert_line --regexp '^./deep/deep/deep/out/'
	refute_output --partial /../
	local id
	for id in ../../x /etc/x ./../x .. . / '' 'a/../../x' '..\..\x' $'a\nb'; do
		python3 -c '
import sys, msgpack
for m in {"mfc": 1, "kind": "header"}, {"id": sys.argv[1], "x": {"shape": [1, 3], "dtype": "<f4", "data": bytes(12)}}, {"kind": "trailer", "count": 1}:
    sys.stdout.buffer.write(msgpack.packb(m))' "$id" >in.mfc
		rm -rf box && mkdir -p box/inner
		(cd box/inner && mfc-save -f xyz -o out/ ../../in.mfc && mfc-save -f xyz -o out.zip ../../in.mfc)
		run find box -type f -name '*.xyz'
		[[ ${#lines[@]} -eq 1 && $output == box/inner/out/* && $output != */../* ]] || fail "$id: $output"
		run python3 -c 'import zipfile; print(*zipfile.ZipFile("box/inner/out.zip").namelist())'
		[[ $output == *.xyz && $output != /* && $output != ../* && $output != */../* ]] || fail "$id: $output"
	done
}

record() {   # PYTHON EXPRESSION OF A RECORD'S BYTES: a stream with that record
	python3 -c "
import sys, msgpack
x = {'shape': [1, 3], 'dtype': '<f4', 'data': bytes(12)}
sys.stdout.buffer.write(msgpack.packb({'mfc': 1, 'kind': 'header', 'dim': 3}) + ($1))"
}

@test "streams: lengths, nesting, counts and names that are not believed, wherever a stream is read" {
	local -A bad=([list]="b'\xdd\xff\xff\xff\xff'" [bin]="b'\xc6\xff\xff\xff\xff'" [map]="b'\xdf\xff\xff\xff\xff'" [nested]="b'\x91' * 10**6"
		[fixmaps]="b'\x8f\xa1a' * 10**6" [ext]="b'\xc9\xff\xff\xff\xff\x01'" [id]="msgpack.packb({'id': 'a' * (64 << 20), 'x': x})"
		[label]="msgpack.packb({'id': 'a', 'label': 'b' * 5000, 'x': x})")
	local kind
	for kind in "${!bad[@]}"; do
		record "${bad[$kind]}" >"$kind.mfc"
		refused "$kind.mfc: " mfc-noise --t 0.5 "$kind.mfc"
		refused "$kind.mfc: " mfc-load -n 1 "$kind.mfc"
		refused "$kind.mfc: " mfc-metric --reference "$kind.mfc" "$H/data.mfc"
		refused "$kind.mfc: " mfc-score denoise --oracle "$kind.mfc" "$H/noised.mfc"
		refused "$kind.mfc: " mfc-view -o x.png "$kind.mfc"
		[[ $kind == @(id|label) ]] || refused "$kind.mfc: " mfc-score show -m "$kind.mfc"
	done
	refused "a string of 67108864 bytes, more than 1048576" mfc-noise --t 0.5 id.mfc
	refused "label: of 5000 bytes, more than 4096" mfc-noise --t 0.5 label.mfc
	record "msgpack.packb({'id': 'a', 'x': x, 'y': bytes(2 << 20)})" >long.mfc
	refused "a record of more than 1048576 bytes (--max-record)" mfc-noise --t 0.5 --max-record 1M long.mfc
}

@test "HDF5: data sets of more than there is, groups in groups, links" {
	python3 -c 'import h5py' 2>/dev/null || skip "no h5py"
	python3 - <<-'END'
		import h5py
		with h5py.File("large.h5", "w") as f:
		    f.create_dataset("data", shape=(10**12, 2048, 3), dtype="<f4", chunks=(1, 2048, 3))
		with h5py.File("chunks.h5", "w") as f:
		    f.create_dataset("data", shape=(4, 10**12, 3), dtype="<f4", chunks=(1, 1024, 3))
		with h5py.File("deep.h5", "w") as f:
		    g = f
		    for i in range(3000):
		        g = g.create_group("g")
		    g["up"] = f["/"]
		with h5py.File("others.h5", "w") as f:
		    f["data"] = h5py.ExternalLink("/etc/passwd", "/data")
		    f.create_dataset("points", shape=(10, 3), dtype="<f4", external=[("/etc/passwd", 0, 120)])
	END
	local f
	run mfc-load others.h5
	[[ $output != *"needs a build with"* ]] || skip "built without HDF5"
	for f in large chunks deep others; do
		refused "mfc-load: $f.h5: " mfc-load -n 8 $f.h5
	done
}

@test "HDF5: a chunk that unpacks to far more than it is said to hold, a file that libhdf5 does not survive" {
	python3 -c 'import h5py' 2>/dev/null || skip "no h5py"
	python3 - <<-'END'
		import h5py, zlib
		packer = zlib.compressobj(9)
		packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(1024)) + packer.flush()
		with h5py.File("bomb.h5", "w") as f:
		    f.create_dataset("data", shape=(2, 1024, 3), dtype="<f4", chunks=(1, 1024, 3), compression="gzip").id.write_direct_chunk((0, 0, 0), packed)
	END
	base64 -d <<-'END' | xz -d >broken.h5   # a heap of names with a length that its file does not have, found by tests/fuzz
		/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4AXbAL5dAESSBIRvent3SsRmT2odD3JpHhjMHy2HGzd51dCdlzVYwMiVidGUMP/x3+MvtDP7dwGPffZ0ByN8udmTLLH7Y+SiSr/+6YSi
		JV4mGIrDbXxAcoetY1d0YLzY7u000eXIgMkIK/qp86c6y1nfkc2GFQPJZG+UDB5mMGOTP/DDAWs46vihFPMYqDKkItAD4uKImB31eWQJ+TZxqmZmCdI7aH6TgniJ28i/k7QCWgl
		IICX5mSq7K7B+YtlJHB1/FAAAAAAgFEru1w288AAB2gHcCwAA5CtHLbHEZ/sCAAAAAARZWg==
	END
	run mfc-load bomb.h5
	[[ $output != *"needs a build with"* ]] || skip "built without HDF5"
	local where="data: cloud 0: "
	! sanitized || where=''   # whose malloc does not fail but end the process
	refused "mfc-load: bomb.h5: $where" mfc-load -n 8 bomb.h5
	refused "mfc-load: broken.h5: " mfc-load -n 8 broken.h5
	# What others are given beside it is loaded.
	mkdir all
	mv bomb.h5 broken.h5 all
	printf 'v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n' >all/t.obj
	run -0 --separate-stderr mfc-load -n 8 --no-history -o all.mfc all
	[ "$(dump all.mfc | jq -r 'select(.id) | .id')" = all/t ]
	[[ $stderr == *"all/broken.h5: "*"(skipped)"* ]]
	[[ $stderr == *"all/bomb.h5: "*"(skipped)"* ]]
}

@test "models that are configured beyond reason" {
	python3 - "$FIXTURES/airplanes.mfc" <<-'END'
		import copy, sys, msgpack
		model = list(msgpack.Unpacker(open(sys.argv[1], "rb"), max_buffer_size=1 << 30))
		for key, value in (("width", 1 << 30), ("width", 2**63), ("width", 8192), ("width", 4096), ("blocks", 1 << 31), ("latents", 1 << 40), ("embed", 1 << 62),
		                   ("heads", 0), ("frequencies", 1 << 60), ("labels", 1 << 60), ("latent_width", 65536)):
		    header = copy.deepcopy(model[0])
		    header["model"][key] = value
		    open(f"model-{key}-{value}.mfc", "wb").write(b"".join(map(msgpack.packb, [header] + model[1:])))
	END
	local f
	for f in model-*.mfc; do
		refused "$f: " mfc-score show -m "$f"
		refused "$f: " mfc-score denoise -m "$f" "$H/noised.mfc"
	done
}

@test "numbers on the command line that are too large are usage errors" {
	local n=18446744073709551615 o
	for o in "-@ 1000000000" "-@ $n" "--seed 1e18" "--max-record x"; do
		# shellcheck disable=SC2086
		misused "mfc-noise: --" mfc-noise --t 0.5 $o "$H/data.mfc"
	done
	for n in 18446744073709551615 4294967296 99999999999999999999 1e18 1e300 -1 0; do
		misused "--points $n: " mfc-load -n $n "$H/data.mfc"
		misused "--limit $n: " mfc-load --limit $n "$H/data.mfc"
		misused "--points $n: " mfc-noise prior -c 1 -n $n
		misused "--count $n: " mfc-noise prior -c $n -n 1
		misused "--dim $n: " mfc-noise prior -c 1 -n 1 -d $n
		misused "--steps $n: " mfc-noise interact --steps $n "$H/data.mfc"
		misused "--to $n: " mfc-subdivide branch --to $n "$H/data.mfc"
		misused "--kernel-steps $n: " mfc-subdivide branch --to 80 --kernel restart --kernel-steps $n "$H/data.mfc"
		misused "--points $n: " mfc-subdivide plan -n $n
		misused "--steps $n: " mfc-score denoise -m "$FIXTURES/airplanes.mfc" --steps $n "$H/noised.mfc"
		misused "--context $n: " mfc-score denoise -m "$FIXTURES/airplanes.mfc" --context $n "$H/noised.mfc"
		misused "--points $n: " mfc-metric -r "$H/data.mfc" -n $n "$H/data.mfc"
		misused "--bootstrap $n: " mfc-metric -r "$H/data.mfc" -b $n "$H/data.mfc"
		misused "--limit $n: " mfc-view --terminal --limit $n "$H/data.mfc"
		misused "--size $n: " mfc-view --size $n -o x.png "$H/data.mfc"
		misused "--steps $n: " mfc-score train -m x.mfc --steps $n "$H/noised.mfc"
		misused "--width $n: " mfc-score train -m x.mfc --steps 2 --width $n "$H/noised.mfc"
		misused "--blocks $n: " mfc-score train -m x.mfc --steps 2 --blocks $n "$H/noised.mfc"
	done
}

@test "--max-memory: refused before it is allocated, with the number that is needed" {
	refused "98304.0 MiB of memory are needed, more than 1024.0 (--max-memory)" mfc-noise prior -c 1 -n 4294967295 --max-memory 1G
	refused "98304.0 MiB of memory are needed" mfc-load -n 4294967295 --max-memory 1G "$FIXTURES/airplanes.zip"
	refused "of memory are needed, more than 100.0 (--max-memory)" mfc-subdivide branch --to 1000000000 --max-memory 100M "$H/data.mfc"
	refused "1e+30 particles are too many" mfc-subdivide branch --factor 2.5e28 "$H/data.mfc"
	refused "training (--dry-run says of what): " mfc-score train -m x.mfc --steps 2 --levels 0:20:2 --width 8192 --max-memory 1G "$H/noised.mfc"
	[ ! -e x.mfc ]
	refused "data.mfc: 0.0 MiB of memory are needed, more than 0.0 (--max-memory)" mfc-metric --max-memory 1000 -r "$H/data.mfc" "$H/data.mfc"
	stream --points 2 --clouds 200 >many.mfc
	refused "a matrix of 400 times 400 clouds: 1.2 MiB of memory are needed, more than 1.0" mfc-metric --max-memory 1M -r many.mfc many.mfc
	stream --points 3000 --clouds 4 >shapes.mfc
	refused "shapes.mfc: 0.1 MiB of memory are needed, more than 0.1" mfc-score denoise --max-memory 100k --oracle shapes.mfc "$H/noised.mfc"
	mfc-score train -q -m small.mfc --steps 1 --levels 0:40:2 --width 8 --latents 2 --latent-width 8 --embed 8 --heads 2 --blocks 1 -o log.tsv "$H/noised.mfc"
	refused "training (--dry-run says of what): " mfc-score train -m small.mfc --steps 2 --resume --levels 0:40:2 --max-memory 50k "$H/noised.mfc"
	stream --clouds 0 | mfc-noise --t 0.5 >none.mfc   # before it looks for those that the model has seen
	refused "training (--dry-run says of what): " mfc-score train -m small.mfc --steps 2 --resume --levels 0:40:2 --max-memory 50k none.mfc
	refused "the sheet: 576.0 MiB of memory are needed, more than 64.0" mfc-view --size 8192 --limit 6 --max-memory 64M -o x.png "$H/data.mfc"
	refused "--points 500000: 524.5 MiB of memory are needed" mfc-load --sample poisson -n 500000 --max-memory 16M "$FIXTURES/airplanes.zip"
	refused "the array of all clouds: " mfc-save --max-memory 1k -o x.npy many.mfc
	misused "--max-memory x: " mfc-noise --max-memory x --t 0.5 "$H/data.mfc"
	# What a filter reads ahead has to wait, but passes.
	mfc-noise prior -c 40 -n 200000 >large.mfc
	MIB=64 run -0 bound mfc-noise interact --max-memory 16M -@ 2 large.mfc
}

@test "what no reader would take is not written" {
	refused 'standard output: cloud "c1": s: not a number from 0 to 1e+30' mfc-noise --to 1e31 "$H/data.mfc"
	stream --points 3 --clouds 1 >one.mfc
	edit 'if "x" in m: [m.update({"k%d" % i: i}) for i in range(64 - len(m))]' <one.mfc >wide.mfc
	refused 'items, more than 64' mfc-noise --t 0.5 wide.mfc
	edit 'if "x" in m: m["scale"] = 1e30; m["center"] = [1e39, 0, 0]' <one.mfc >far.mfc
	refused 'cloud "c1": x: particle 0 is not finite' mfc-save -o far.xyz far.mfc
	edit 'if "x" in m: m["center"] = [float("nan"), 0, 0]' <one.mfc >nan.mfc
	refused 'record 1 (id "c1"), byte' mfc-noise --t 0.5 nan.mfc
	python3 "$ROOT/tests/stream.py" --points 2 --clouds 1 | edit 'if "x" in m: m["z"] = [[None] * 4000] * 70' >many.mfc
	refused 'more than 262144 values in a record' mfc-noise --t 0.5 many.mfc
	# A center of more coordinates than a list has.
	edit "a = lambda s, t, n: {'shape': s, 'dtype': t, 'data': bytes(n)}; m.update(
		{'dim': 5000} if 'dim' in m else {'x': a([1, 5000], '<f4', 20000), 'center': a([5000], '<f8', 40000)} if 'x' in m else {})" \
		<one.mfc | mfc-noise --t 0.5 | mfc-noise --to 9 >wide.mfc
	# One shape out of bounds does not take the others with it, nor do more names than a list holds.
	mkdir far
	for i in 1 2; do printf 'v %d 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\n' $i >far/$i.obj; done
	printf 'v 1e38 0 0\nv -1e38 0 0\nv 0 3e38 0\nf 1 2 3\n' >far/0.obj
	run -0 mfc-load -n 16 --normalize cloud-std -o far.mfc far
	assert_line --partial 'far/0.obj: scale: not a number from 1e-30 to 1e+30 (skipped)'
	mfc-noise --t 0.5 far.mfc >far-noised.mfc
	paths=()
	for i in {1..2200}; do paths+=(far/1.obj far/2.obj); done
	mfc-load -n 1 -o long.mfc "${paths[@]}"
	mfc-noise --t 0.5 --no-history long.mfc | dump | jq -c 'select(.history) | .history[0].argv' >argv
	run -0 jq -c '[length, .[-1]]' argv
	assert_output --regexp '^\[1001,"and 34[0-9][0-9] more, [0-9a-f]{16}"\]$'
}

@test "what belongs to a cloud besides its particles counts for --max-memory" {
	stream --points 1 --clouds 1 | edit 'if "x" in m: m["z"] = {"shape": [1, 1000000], "dtype": "<f4", "data": bytes(4000000)}' >z.mfc
	refused "MiB of memory are needed, more than 64.0 (--max-memory)" mfc-subdivide branch --to 400 --max-memory 64M z.mfc
	stream --points 1 --clouds 9 | edit 'if "x" in m: m["z"] = bytes(1000000)' >z.mfc
	refused "z.mfc: " mfc-metric pairs --max-memory 4M -r z.mfc z.mfc
	MIB=64 run -0 bound mfc-subdivide branch --to 4 --max-memory 4M -@ 2 z.mfc
	refused 'level 0: more than 4294967295 points' mfc-score train -m x.mfc --steps 2 --levels 0:18446744073709551615:1 "$H/noised.mfc"
}

@test "a limit on the size of files is an error as others are" {
	(ulimit -f 4; run -1 mfc-noise prior -c 100 -n 2000 -o large.mfc; assert_output 'mfc-noise prior: large.mfc: cannot write: File too large')
	assert_equal "$(ls)" ''
	SOURCE_DATE_EPOCH=9223372036854775807 refused 'is no number of seconds' mfc-save -o x.zip "$H/data.mfc"
}

@test "a stranger's name commands no terminal" {
	local id=$'\e[31mred\r\xc2\x9b2Jé'
	stream --clouds 1 --prefix "$id" >named.mfc
	mfc-noise --t 0.5 named.mfc >twice.mfc
	refused 'cloud "?[31mred???2Jé1"' mfc-noise --t 0.5 twice.mfc
	# Nor does it in a table, of which a line is one whatever is in a name.
	run -0 mfc-metric pairs --metrics cd -r named.mfc named.mfc
	assert_line --index 1 --partial $'\\x1b[31mred\\r\\u009b2Jé1\t'
	mkdir set
	printf 'v 0 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\n' >set/$'a\e[2J\n\xc2\x9b.obj'
	run -0 --separate-stderr mfc-load --list set
	assert_output $'set/a\\x1b[2J\\x0a\\xc2\\x9b\tset\ttrain\tset/a\\x1b[2J\\x0a\\xc2\\x9b.obj'
}

@test "a sheet is a PNG" {
	misused "-o x.jpg: a sheet is a PNG" mfc-view -o x.jpg "$H/data.mfc"
	[ ! -e x.jpg ]
	run -0 mfc-view -o x.PNG "$H/data.mfc"
}

@test "a long name does not hide what is wrong" {
	python3 - <<-'END'
		import zipfile
		with zipfile.ZipFile("long.zip", "w") as z:
		    z.writestr("/".join(["x" * 200] * 5) + "/a.obj", "nothing")
	END
	run -1 mfc-load long.zip
	assert_line --regexp '^mfc-load: long.zip: x+/.*\.\.\..*x/a.obj: no vertices'
}
