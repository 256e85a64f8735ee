#!/usr/bin/env bats
# mfc-load: what it finds in archives, what it makes of it, and what it says of what it cannot read.
bats_require_minimum_version 1.5.0
load common

setup() {
	common_setup
	mkdir -p set/chair/train set/chair/test
	for i in 1 2 3 4 5; do
		printf 'v 0 0 0\nv %s 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\nf 1 2 4\nf 1 3 4\nf 2 3 4\n' "$i" > set/chair/train/c$i.obj
	done
	cp set/chair/train/c1.obj set/chair/test/c6.obj
}

ids() { dump "$@" | jq -r 'select(.id) | .id'; }

@test "a folder: one cloud a shape, with id, label and split" {
	mfc-load -n 20 set > a.mfc
	run -0 ids a.mfc
	assert_output - <<-END
		chair/c6
		chair/c1
		chair/c2
		chair/c3
		chair/c4
		chair/c5
	END
	run -0 bash -c "python3 '$ROOT/tests/dump.py' a.mfc | jq -c 'select(.id) | [.label, .split, .x.shape]' | sort -u"
	assert_output - <<-END
		["chair","test",[20,3]]
		["chair","train",[20,3]]
	END
}

@test "--split takes the part that the path names" {
	mfc-load -n 20 --split test set > a.mfc
	run -0 ids a.mfc
	assert_output chair/c6
}

@test "zip, tar.gz, tar.xz, tar.zst and the folder give the same clouds" {
	mfc-load -n 20 --no-history set > folder.mfc
	(cd set && python3 -m zipfile -c ../a.zip chair/)
	tar -czf a.tar.gz -C set --sort=name chair
	tar -cJf a.tar.xz -C set --sort=name chair
	for a in a.zip a.tar.gz a.tar.xz; do
		mfc-load -n 20 --no-history $a > $a.mfc
		run -0 bash -c "diff <(python3 '$ROOT/tests/dump.py' folder.mfc | sort) <(python3 '$ROOT/tests/dump.py' $a.mfc | sort)"
	done
}

@test "an archive within an archive, and a compressed file that is none" {
	(cd set && python3 -m zipfile -c ../inner.zip chair/train/c1.obj)
	gzip -c set/chair/train/c2.obj > c2.obj.gz
	python3 -m zipfile -c outer.zip inner.zip c2.obj.gz
	run -0 --separate-stderr mfc-load --list outer.zip
	assert_line --partial "outer.zip: inner.zip: c1.obj"
	assert_line --partial "c2"
	[ "${#lines[@]}" -eq 2 ]
}

@test "an archive on standard input, with or without -" {
	tar -czf a.tgz -C set chair
	run -0 bash -c "mfc-load -n 20 < a.tgz | python3 '$ROOT/tests/dump.py' - | grep -c '\"id\"'"
	assert_output 6
	run -0 bash -c "cat a.tgz | mfc-load -n 20 - | python3 '$ROOT/tests/dump.py' - | grep -c '\"id\"'"
	assert_output 6
}

@test "the fixture: 120 aircraft, 88 for training and 32 held out" {
	run -0 bash -c "mfc-load --list '$FIXTURES/airplanes.zip' | cut -f 2,3 | sort | uniq -c | awk '{print \$1, \$2, \$3}'"
	assert_output - <<-END
		32 airplane test
		88 airplane train
	END
}

@test "a stream as input: fresh subsets in every epoch, history kept" {
	mfc-load -n 100 set > a.mfc
	mfc-load -n 10 --epochs 2 a.mfc > b.mfc
	run -0 bash -c "python3 '$ROOT/tests/dump.py' --values b.mfc | jq -c 'select(.id == \"chair/c1\") | .x' | sort -u | wc -l"
	assert_output 2
	run -0 bash -c "python3 '$ROOT/tests/dump.py' b.mfc | jq -c 'select(.kind == \"header\") | [.history[].name]'"
	assert_output '["mfc-load","mfc-load"]'
	mfc-load -n 10 - < a.mfc > c.mfc
	mfc-load -n 10 a.mfc > d.mfc
	run -0 bash -c "cmp <(python3 '$ROOT/tests/dump.py' --values c.mfc | jq 'select(.id)') <(python3 '$ROOT/tests/dump.py' --values d.mfc | jq 'select(.id)')"
}

@test "the same seed gives the same bytes, another seed others" {
	mfc-load -n 20 --shuffle --epochs 2 set > a.mfc
	mfc-load -n 20 --shuffle --epochs 2 set > b.mfc
	mfc-load -n 20 --shuffle --epochs 2 -s 1 --no-history set > c.mfc
	mfc-load -n 20 --shuffle --epochs 2 --no-history set > d.mfc
	cmp a.mfc b.mfc
	run -1 cmp -s c.mfc d.mfc
}

@test "the shards together are the whole" {
	mfc-load -n 20 set > whole.mfc
	for i in 0 1 2; do mfc-load -n 20 --shard $i/3 set; done > shards.mfc
	run -0 bash -c "diff <(python3 '$ROOT/tests/dump.py' --values whole.mfc | jq -c 'select(.id)' | sort) <(python3 '$ROOT/tests/dump.py' --values shards.mfc | jq -c 'select(.id)' | sort)"
	run -2 mfc-load --shard 3/3 set
	run -2 mfc-load --shard x set
}

@test "--limit, and --limit with --shuffle" {
	run -0 bash -c "mfc-load -n 9 --limit 2 set | python3 '$ROOT/tests/dump.py' - | jq -r 'select(.id) | .id' | paste -sd' '"
	assert_output "chair/c6 chair/c1"
	run -0 bash -c "mfc-load -n 9 --limit 2 --shuffle --epochs 20 set | python3 '$ROOT/tests/dump.py' - | jq -r 'select(.id) | .id' | sort | uniq -c | wc -l"
	assert_output 6
}

@test "--shuffle gives every epoch another order with every shape once" {
	mfc-load -n 9 --shuffle --epochs 3 set > a.mfc
	ids a.mfc > ids
	run -0 bash -c "split -l 6 ids part. && for p in part.*; do sort \$p | uniq | wc -l; done | sort -u"
	assert_output 6
	run -1 cmp -s part.aa part.ab
}

@test "-c matches label, id or its last part" {
	run -0 bash -c "mfc-load --list -c 'c[12]' -c '*/c6' set | wc -l"
	assert_output 3
	run -0 bash -c "mfc-load --list -c chair set | wc -l"
	assert_output 6
	run -1 mfc-load -c table set
	assert_output "mfc-load: none of the 6 shapes among set is asked for"
}

@test "--normalize set-std: standard deviation 1 over the set, and --like does the same to others" {
	mfc-load -n 500 --split train --normalize set-std set > a.mfc
	mfc-load -n 500 --split test --like a.mfc set > b.mfc
	run -0 python3 - <<-'END'
		import msgpack, numpy as np
		def read(f): return list(msgpack.Unpacker(open(f, "rb")))
		def x(m): return np.frombuffer(m["x"]["data"], "<f4").reshape(m["x"]["shape"]).astype(float)
		a, b = read("a.mfc"), read("b.mfc")
		every = np.concatenate([x(m) for m in a[1:-1]])
		assert abs(every.mean(0)).max() < 1e-5, every.mean(0)
		assert abs(np.sqrt((every ** 2).mean()) - 1) < 1e-5
		n = a[0]["normalize"]
		assert n == b[0]["normalize"] and n["kind"] == "set-std"
		m = b[1]
		raw = x(m) * m["scale"] + np.array(m["center"])
		assert raw.min() > -1e-6 and raw.max() < 1 + 1e-6    # the tetrahedron it came from
	END
}

@test "the other normalisations are written into each record" {
	for how in cloud-sphere cloud-box cloud-std; do
		run -0 bash -c "mfc-load -n 50 --normalize $how set | python3 '$ROOT/tests/dump.py' - | jq -c 'select(.id) | (.center | length), (.scale > 0)' | sort | uniq -c | awk '{print \$1, \$2}'"
		assert_output - <<-END
			6 3
			6 true
		END
	done
	run -2 mfc-load --normalize unit set
}

@test "--augment changes clouds, and is refused when it makes no sense" {
	mfc-load -n 20 --no-history set > a.mfc
	mfc-load -n 20 --no-history --augment mirror:x,scale:0.1,rotate:y:10 set > b.mfc
	run -1 cmp -s a.mfc b.mfc
	run -2 mfc-load --augment spin set
}

@test "a mesh that is broken is named, skipped and counted" {
	printf 'v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n' > set/chair/train/c2.obj
	printf 'v 0 nan 0\n' > set/chair/train/c3.obj
	run -0 --separate-stderr bash -c "mfc-load -n 20 set > a.mfc"
	[ "${stderr_lines[0]}" = "mfc-load: set/chair/train/c2.obj: line 4: face index 9 out of range (3 vertices) (skipped)" ]
	[ "${stderr_lines[1]}" = "mfc-load: set/chair/train/c3.obj: line 1: a coordinate that is not finite (skipped)" ]
	[ "${stderr_lines[2]}" = "mfc-load: 4 shapes loaded, 2 broken and skipped" ]
	run -1 --separate-stderr bash -c "mfc-load -n 20 --strict set > a.mfc"
	[ "${#stderr_lines[@]}" -eq 1 ]
}

@test "only broken shapes are an error" {
	printf 'v 0 nan 0\n' > bad.obj
	run -1 --separate-stderr mfc-load bad.obj
	[ "${stderr_lines[1]}" = "mfc-load: no shape could be loaded among bad.obj" ]
}

@test "a truncated archive: what came before is written, then one line and exit 1" {
	cp "$FIXTURES/airplanes.zip" a.zip
	truncate -s 300000 a.zip
	run -1 --separate-stderr bash -c "mfc-load -n 20 a.zip > a.mfc"
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ ${stderr_lines[0]} == "mfc-load: a.zip: "* ]]
	tar -cf - -C set chair | xz | head -c 200 > a.tar.xz
	run -1 --separate-stderr bash -c "mfc-load -n 20 a.tar.xz > a.mfc"
	[ "${#stderr_lines[@]}" -eq 1 ]
}

@test "empty input, a missing file, a file of another kind" {
	run -1 mfc-load - < /dev/null
	assert_output "mfc-load: standard input: empty"
	run -1 mfc-load nowhere.zip
	assert_output "mfc-load: nowhere.zip: No such file or directory"
	echo hello > hello.txt
	run -1 mfc-load hello.txt
	assert_output "mfc-load: no shape was found among hello.txt"
	run -1 bash -c 'echo hello there, nobody reads this | mfc-load -'
	assert_output "mfc-load: standard input: neither an archive nor an mfc stream"
	python3 -m zipfile -c none.zip hello.txt
	run -1 mfc-load none.zip
	assert_output "mfc-load: no shape was found among none.zip"
}

@test "a stream on standard input beside paths is a mistake that is told" {
	tar -cJf b.tar.xz -C set chair
	run -1 --separate-stderr bash -c "set -o pipefail; mfc-load -n 20 set | mfc-load -n 20 b.tar.xz > b.mfc"
	[[ $stderr == *"a stream waits on standard input"* ]]
	# other input that is none of its business is not
	run -0 bash -c "yes | mfc-load -n 20 b.tar.xz > b.mfc"
}

@test "PC15k arrays and NPZ" {
	python3 - <<-'END'
		import numpy as np, os
		os.makedirs("pc/02958343/val", exist_ok=True)
		np.save("pc/02958343/val/a1.npy", np.random.rand(150, 3))
		np.savez("two.npz", one=np.random.rand(40, 2), two=np.random.rand(50, 2).astype("f4"))
	END
	run -0 mfc-load --list --split val pc
	assert_output "$(printf '02958343/a1\tcar\tval\tpc/02958343/val/a1.npy')"
	run -0 bash -c "mfc-load -n 30 two.npz | python3 '$ROOT/tests/dump.py' - | jq -c 'select(.id) | [.id, .x.shape]'"
	assert_output - <<-END
		["two/one",[30,2]]
		["two/two",[30,2]]
	END
	run -1 mfc-load -n 100 two.npz
	assert_line --index 0 "mfc-load: two.npz: one.npy: 40 points where 100 are wanted (skipped)"
}

@test "clouds of different dimension do not mix" {
	printf '0 0\n1 1\n' > a.xyz
	printf '0 0 0\n1 1 1\n' > b.xyz
	run -0 --separate-stderr bash -c "mfc-load -n 2 a.xyz b.xyz > c.mfc"
	[[ ${stderr_lines[0]} == *"b.xyz: 3 coordinates where the shapes before have 2 (skipped)" ]]
}

@test "noised clouds are not data" {
	mfc-noise prior -c 1 -n 10 > a.mfc
	run -1 mfc-load -n 5 a.mfc
	assert_output --partial 'cloud "sample-000001" is noised'
}

@test "more shapes than the cache holds are an error, not a surprise" {
	run -1 mfc-load --shuffle --cache 500 set
	assert_output --partial "--cache 500 bytes"
}

@test "the golden stream is made as ever" {
	mfc-load -n 32 --limit 2 --split test --normalize cloud-sphere --no-history "$FIXTURES/airplanes.zip" > a.mfc
	cmp a.mfc "$FIXTURES/golden/load.mfc"
}

@test "--one-hot: a column of numbers becomes coordinates, its list goes with the stream, and mfc-save gives it back" {
	mkdir m && printf '0 0 0 8\n0 2 0 1\n0 0 1 1\n' > m/a.xyz && printf '1 1 1 1\n1 1 3 1\n' > m/b.xyz
	python3 -c 'import numpy; numpy.save("m/c.npy", numpy.array([[0, 0, 5, 6], [1, 0, 5, 1]], "f4"))'
	mfc-load --sample all --one-hot 4:1,6,8:2 m > a.mfc
	run -0 bash -c "python3 '$ROOT/tests/dump.py' --values a.mfc | jq -c 'select(.id) | [.id, .x]'"
	assert_output - <<-END
		["m/a",[[0,0,0,0,0,2],[0,2,0,2,0,0],[0,0,1,2,0,0]]]
		["m/b",[[1,1,1,2,0,0],[1,1,3,2,0,0]]]
		["m/c",[[0,0,5,0,2,0],[1,0,5,2,0,0]]]
	END
	# Through a stream, a normalisation, noise and a model the way back is known.
	mfc-load --sample all --center --normalize set-std a.mfc > b.mfc
	mfc-save -f csv -o s/ b.mfc
	run -0 bash -c "sed 1d s/m/c.csv | cut -d, -f 4 | paste -sd,"
	assert_output 6,1
	awk -F, 'NR > 1 { split(NR == 2 ? "0 0 5" : "1 0 5", want, " "); for (i = 1; i < 4; i++) if ((want[i] - $i) ^ 2 > 1e-10) exit 1 }' s/m/c.csv
	mfc-load --sample all --epochs 20 b.mfc | mfc-noise |
		mfc-score train -q -m m.mfc --steps 2 --levels 0:2:3 --width 8 --latents 2 --latent-width 8 --embed 8 --heads 2 --blocks 1 > log
	mfc-noise prior -m m.mfc -c 1 -n 5 | mfc-score denoise -m m.mfc | mfc-save -f xyz > g.xyz
	awk 'NF != 4 || ($4 != 1 && $4 != 6 && $4 != 8) { exit 1 } END { exit NR != 5 }' g.xyz
	# --like takes the list; a number that it lacks is named.
	printf '0 0 0 7\n1 0 0 1\n' > m/d.xyz
	run -0 --separate-stderr bash -c "mfc-load --sample all --like m.mfc m | python3 '$ROOT/tests/dump.py' - | jq -c 'select(.id) | .x.shape[1]' | sort | uniq -c"
	assert_output --regexp '^ *3 6$'
	assert_equal "${stderr_lines[0]}" "mfc-load: m/d.xyz: particle 1: 7 is none of the kinds of column 4 (skipped)"
}

@test "--one-hot: what is wrong with it is said" {
	mkdir m && printf '0 0 0 8\n0 2 0 1\n' > m/a.xyz
	for wrong in 4 4: :1 0:1 4:1,1 4:1,x 4:1:0 4:1:x 4:1:1:1 4:0.1; do
		run -2 mfc-load --one-hot "$wrong" m
		assert_output --partial "--one-hot"
	done
	run -1 mfc-load --sample all --one-hot 5:1 m
	assert_line "mfc-load: m/a.xyz: has no column 5 for the kinds (skipped)"
	mfc-load --sample all --one-hot 4:1,8 m > a.mfc
	run -1 mfc-load --sample all --one-hot 4:1,6,8 a.mfc
	assert_output --partial "another one-hot"
	mfc-load --sample all --normalize cloud-std m > b.mfc
	run -1 mfc-load --sample all --one-hot 4:1,8 b.mfc
	assert_output --partial "normalised before its kinds became coordinates"
	mfc-load --sample all --normalize set-std a.mfc > c.mfc
	run -1 mfc-load --sample all --one-hot 4:1,6,8 --like c.mfc m
	assert_output --partial "c.mfc: has another one-hot than --one-hot"
}

@test "--center: the mean of each cloud is at the origin, its scale stays" {
	mkdir m && printf '1 1 1\n3 1 1\n' > m/a.xyz && printf '5 0 0\n5 8 0\n' > m/b.xyz
	run -0 bash -c "mfc-load --sample all --center m | python3 '$ROOT/tests/dump.py' --values - | jq -c 'select(.id) | [.x, .center, .scale]'"
	assert_output - <<-END
		[[[-1,0,0],[1,0,0]],[2,1,1],1]
		[[[0,-4,0],[0,4,0]],[5,4,0],1]
	END
}
