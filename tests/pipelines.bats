#!/usr/bin/env bats
# The pipelines: each composes the filters, prints what it runs, and fails when a filter does.
bats_require_minimum_version 1.5.0
load common

tiny=(--width 8 --latents 2 --latent-width 8 --embed 8 --heads 2 --blocks 1)

setup_file() {
	common_path
	cd "$BATS_FILE_TMPDIR"
	"$ROOT/pipelines/train.sh" -m model.mfc -t 1 "$FIXTURES/airplanes.zip" -- "${tiny[@]}" > log.tsv
}

setup() {
	common_setup
	P=$ROOT/pipelines
	model=$BATS_FILE_TMPDIR/model.mfc
}

@test "every pipeline has --help and refuses what it does not know" {
	for p in "$P"/*.sh; do
		run -0 "$p" --help
		assert_line --index 0 --partial "${p##*/}"
		run -2 "$p" --nonsense
		assert_output --partial "no such option"
		run -2 "$p" --seed
	done
}

@test "train.sh writes a model, a log, and ends well though its input never ends" {
	run -0 head -n 1 "$BATS_FILE_TMPDIR/log.tsv"
	assert_output --partial "step	seconds	particles	loss"
	run -0 mfc-score show "$model"
	assert_line --partial "level.2"
	assert_line "normalize.kind	set-std"
}

@test "train.sh -v prints the pipeline, which runs by itself" {
	run -0 --separate-stderr "$P/train.sh" -v -m m.mfc -t 1 -c 'crrc-*' --augment none "$FIXTURES/airplanes.zip" -- "${tiny[@]}"
	[[ ${stderr_lines[0]} == "mfc-load -n 512 "* ]]
	[[ $stderr == *"mfc-subdivide split"*"mfc-noise"*"mfc-score train -m 'm.mfc'"* ]]
}

@test "train.sh fails when the archive cannot be read" {
	run ! "$P/train.sh" -m m.mfc -t 1 nowhere.zip
	assert_output --partial "nowhere.zip: No such file"
	[ ! -e m.mfc ]
	run -2 "$P/train.sh" "$FIXTURES/airplanes.zip"
	run -2 "$P/train.sh" -m m.mfc
}

@test "train.sh and sample.sh: a stage is killed at a random moment: it is named, nothing is half there, and run again the bytes are the same" {
	run -0 "$ROOT/tests/soak/kill-resume.sh" 4 train sample
}

@test "a pipeline says which of its stages failed first, and not that SIGPIPE ended those before it" {
	mkdir p
	cp "$P/common.bash" p
	stage() {   # TEXT: run as a pipeline
		printf '. "${0%%/*}/common.bash"\nrun "%s"\n' "$1" >p/s.sh
		bash p/s.sh
	}
	run -0 stage 'yes | head -n 1'
	assert_output y
	run -9 stage 'exit 9'
	assert_output ''
	run -1 stage "mfc-noise prior -c 9 -n 9 | mfc-noise --t 0.5 'no | such' - | mfc-noise -q --t 0.5"
	assert_line 's.sh: mfc-noise (stage 2 of 3): failed'
	run -137 stage "mfc-noise prior -c 9 -n 9 -o /dev/null | mfc-subdivide split | bash -c 'kill -KILL \\$\\$' | mfc-noise --t 0.5"
	assert_line 's.sh: bash (stage 3 of 4): killed by signal 9'
	refute_line --partial 's.sh: mfc-subdivide'
	run -143 stage "bash -c 'kill -TERM \\$\\$'"
	assert_line 's.sh: bash (stage 1 of 1): killed by signal 15'
}

@test "train.sh: --steps, --resume and -o: the same model and log, in one run or more" {
	options=(--augment none "$FIXTURES/airplanes.zip" -- "${tiny[@]}" -@ 2 --log-every 2)
	"$P/train.sh" -m model.mfc --steps 5 --resume -o log.tsv "${options[@]}"
	for f in model.mfc log.tsv; do mv $f whole.$f; done
	"$P/train.sh" -m model.mfc --steps 3 --resume -o log.tsv "${options[@]}"
	assert_equal "$(cut -f 1 log.tsv | paste -sd,)" step,2,3
	"$P/train.sh" -m model.mfc --steps 5 -o log.tsv "${options[@]}"   # without --resume it begins anew
	cmp <(cut -f 1,3- log.tsv) <(cut -f 1,3- whole.log.tsv)
	cmp model.mfc whole.model.mfc
}

@test "sample.sh: clouds of exactly so many particles, by stages of the plan" {
	for n in 100 2048 5000; do
		"$P/sample.sh" -m "$model" -c 2 -n $n -o s.mfc
		run -0 bash -c "python3 '$ROOT/tests/dump.py' s.mfc | jq -c 'select(.id) | [.x.shape[0], .t, .s, (.scale > 0)]' | sort -u"
		assert_output "[$n,null,null,true]"
	done
	run -0 --separate-stderr "$P/sample.sh" -v -m "$model" -c 1 -n 2048 -o s.mfc
	[ "$(grep -c 'mfc-score denoise' <<< "$stderr")" -eq 2 ]
	run --separate-stderr "$P/sample.sh" -m "$model" -c 1 -n 100 --parents -o s.mfc
	[[ $stderr == *"warning: nothing branches"* ]]
	run -0 --separate-stderr "$P/sample.sh" -v -m "$model" -c 1 -n 2048 -o s.mfc
	[ "$(grep -c 'mfc-subdivide branch' <<< "$stderr")" -eq 0 ]   # all are carried along from the start
	[[ $stderr != *--stratify* ]]
	run -0 --separate-stderr "$P/sample.sh" -v -m "$model" -c 1 -n 2048 --start 100 -o s.mfc
	[ "$(grep -c 'mfc-subdivide branch' <<< "$stderr")" -eq 2 ]
	[ "$(grep -c -e '--stratify' <<< "$stderr")" -eq "$(($(grep -c 'mfc-score denoise' <<< "$stderr") - 1))" ]   # all but the first stage
	run -0 --separate-stderr "$P/sample.sh" -v -m "$model" -c 1 -n 2048 --start 100 --noise independent -o s.mfc
	[[ $stderr != *--stratify* ]]
	run -2 "$P/sample.sh" -m "$model" --noise pink
	assert_output --partial "--noise pink: not stratified or independent"
}

@test "sample.sh: --quality is a start, a density and steps, which can be said instead" {
	stages() {
		run -0 --separate-stderr "$P/sample.sh" -v -m "$model" -c 1 -n 2048 -o s.mfc "$@"
		grep -o -e '--to [0-9.]* --last [0-9.]* --steps .[0-9]*. --grid [^ ]*' <<< "$stderr" | tr -d "'" | cut -d' ' -f 2,4,6,8 | paste -sd,
	}
	assert_equal "$(stages)" "0.707107 0.01 30 edm:4,0 0.01 30 edm:4"
	assert_equal "$(stages --start 1)" "0.707107 0.01 60 edm:4,0.353553 0.01 60 edm:4,0 0.01 60 edm:4"
	assert_equal "$(stages --start 1 --steps 8)" "0.707107 0.01 8 edm:4,0.353553 0.01 8 edm:4,0 0.01 8 edm:4"
	assert_equal "$(stages --quality draft)" "0.707107 0.01 20 edm:4,0.353553 0.01 20 edm:4,0 0.01 20 edm:4"
	assert_equal "$(stages --quality draft --steps 8)" "0.707107 0.01 8 edm:4,0.353553 0.01 8 edm:4,0 0.01 8 edm:4"
	assert_equal "$(stages --quality best --density 2048)" "4 0.01 60 edm:4,0 0.01 60 edm:4"
	assert_equal "$(stages --dimension 1 --density 512 --start 1)" "4 0.01 60 edm:4,1 0.01 60 edm:4,0 0.01 60 edm:4"
	assert_equal "$(stages --quality best --start 512)" "1 0.01 120 edm:4,0.5 0.01 120 edm:4,0 0.01 120 edm:4"
	assert_equal "$(stages --quality best)" "1 0.01 60 edm:4,0 0.01 60 edm:4"
	kernels() {   # of each branching, and its steps
		run -0 --separate-stderr "$P/sample.sh" -v -m "$model" -c 1 -n 16384 --steps 2 -o s.mfc "$@"
		sed -n "s/'//g; s/.*branch --to \\([0-9]*\\)\\( --kernel \\([a-z]*\\) -m [^ ]* *\\(--kernel-steps \\([0-9]*\\)\\)\\?\\)\\?.*/\\1 \\3 \\5/p" <<< "$stderr" |
			sed 's/ *$//' | paste -sd,
	}
	assert_equal "$(kernels)" "4096,16384"
	assert_equal "$(kernels --quality draft)" "1024,4096,16384"
	assert_equal "$(kernels --quality best --start 8192 --density 64 --kernel langevin --kernel-steps 3)" "16384 langevin 3"
	assert_equal "$(kernels --kernel tweedie --start 100)" "256 tweedie,1024 tweedie,4096 tweedie,16384 tweedie"
	for bad in "--kernel ode" "--kernel sde --kernel-steps 3" "--kernel tweedie --kernel-steps 3" "--kernel langevin:x" "--kernel langevin --kernel-steps x" "--start 0"; do
		# shellcheck disable=SC2086
		run -2 "$P/sample.sh" -m "$model" -c 1 $bad
	done
	run -2 "$P/sample.sh" -m "$model" --quality good
	assert_output --partial "--quality good: not draft, standard or best"
	run ! "$P/sample.sh" -m "$model" -c 1 --grid cosine
	run ! "$P/sample.sh" -m "$model" -c 1 --density 0
	# The grid and the context reach the network.
	"$P/sample.sh" -m "$model" -c 1 -n 300 > a.mfc
	for option in "--grid edm:7" "--context 20"; do
		# shellcheck disable=SC2086
		"$P/sample.sh" -m "$model" -c 1 -n 300 $option > b.mfc
		run -1 cmp -s <(dump a.mfc | jq 'select(.id) | .x.sum') <(dump b.mfc | jq 'select(.id) | .x.sum')
	done
}

@test "sample.sh: the same seed the same bytes, jobs with other numbers other clouds of the same run" {
	"$P/sample.sh" -m "$model" -c 3 -n 300 > a.mfc
	"$P/sample.sh" -m "$model" -c 3 -n 300 > b.mfc
	cmp a.mfc b.mfc
	"$P/sample.sh" -m "$model" -c 1 -n 300 --first 2 > c.mfc
	cmp <(dump --values a.mfc | jq -c 'select(.id == "sample-000002")') <(dump --values c.mfc | jq -c 'select(.id)')
	run ! "$P/sample.sh" -m nowhere.mfc
}

@test "denoise.sh, upsample.sh and vary.sh: clouds of shapes again, as many and as large as they should be" {
	shape() { dump "$1" | jq -c 'select(.id) | [.x.shape[0], .t, .s, .eps]' | sort | uniq -c | tr -s ' ' | paste -sd,; }
	mfc-load -n 100 --limit 2 "$FIXTURES/airplanes.zip" > raw.mfc
	for fit in '' --fit; do
		# shellcheck disable=SC2086
		"$P/denoise.sh" -m "$model" --noise 0.01 $fit raw.mfc > clean.mfc
		assert_equal "$(shape clean.mfc)" " 2 [100,null,null,null]"
		# What has next to no noise stays where it is, in its own units.
		if [ -z "$fit" ]; then
			"$P/denoise.sh" -m "$model" --noise 1e-5 raw.mfc -o clean.mfc
			python3 - <<-'END'
				import msgpack, numpy as np
				def X(m):
				    x = np.frombuffer(m["x"]["data"], "<f4").reshape(-1, 3)
				    return x * m.get("scale", 1) + m.get("center", 0)
				a, b = ({m["id"]: X(m) for m in msgpack.Unpacker(open(f, "rb")) if "id" in m} for f in ("raw.mfc", "clean.mfc"))
				assert list(a) == list(b) and all(np.abs(a[i] - b[i]).max() < 1e-3 * a[i].std() for i in a)
			END
		fi
		# shellcheck disable=SC2086
		"$P/upsample.sh" -m "$model" $fit raw.mfc > more.mfc
		assert_equal "$(shape more.mfc)" " 2 [1600,null,null,null]"
		# shellcheck disable=SC2086
		"$P/vary.sh" -m "$model" -c 3 -n 80 $fit raw.mfc > variants.mfc
		assert_equal "$(shape variants.mfc)" " 6 [80,null,null,null]"
	done
	assert_equal "$(dump variants.mfc | jq -c 'select(.id) | .x.sum' | sort -u | wc -l)" 6
	"$P/upsample.sh" -m "$model" -n 333 raw.mfc > more.mfc
	assert_equal "$(shape more.mfc)" " 2 [333,null,null,null]"
	for p in denoise upsample vary; do
		run -2 "$P/$p.sh" raw.mfc
		run -2 "$P/$p.sh" -m "$model"
		run ! "$P/$p.sh" -m nowhere.mfc raw.mfc
		run ! "$P/$p.sh" -m "$model" nowhere.zip
	done
}

@test "evaluate.sh prints a row for each set" {
	mfc-load -n 64 --limit 4 "$FIXTURES/airplanes.zip" > r.mfc
	mfc-noise prior -c 4 -n 64 > n.mfc
	run -0 --separate-stderr "$P/evaluate.sh" -r r.mfc --metrics cd same=r.mfc "pure noise=n.mfc"
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[0]} == set*mmd-cd*1nna-cd* ]]
	[[ ${lines[1]} == same*0* ]]
	[[ ${lines[2]} == "pure noise"* ]]
	run -0 --separate-stderr "$P/evaluate.sh" --tsv -r r.mfc --metrics cd r.mfc
	[[ ${lines[1]} == r.mfc$'\t'* ]]
	ln -s r.mfc a=b.mfc
	run -0 --separate-stderr "$P/evaluate.sh" --tsv -r r.mfc --metrics cd a=b.mfc
	[[ ${lines[1]} == a=b.mfc$'\t'* ]]
	run ! "$P/evaluate.sh" -r nowhere.mfc r.mfc
}

@test "demo.sh goes the whole way" {
	run -0 "$P/demo.sh" -d out -t 2 -c 4 -n 128 "$FIXTURES/airplanes.zip"
	assert_output --partial "generated above held-out: out/sheet.png"
	assert_line --regexp "^generated +[0-9.]+"
	assert_line --regexp "^training shapes +[0-9.]+"
	assert_line --regexp "^Gaussian noise +[0-9.]+"
	[ "$(head -c 4 out/sheet.png | tail -c 3)" = PNG ]
	for f in model generated held-out train; do [ -s out/$f.mfc ]; done
	mfc-score show out/model.mfc > card
}

@test "ablation.sh: a table of variants over seeds; what is finished is not done again" {
	args=(-d out -t 1 --seeds "0 1" -c 4 -n 64 "$FIXTURES/airplanes.zip" "latent=${tiny[*]}" "plain one=--arch none")
	run -2 "$P/ablation.sh" "${args[@]}"
	assert_output --partial "plain one=--arch none: not NAME=OPTIONS"
	args[-1]="none=${tiny[*]} --arch none"
	run -0 --separate-stderr "$P/ablation.sh" "${args[@]}"
	assert_line --index 0 --regexp '^variant +1-NNA-CD % +COV-CD % +MMD-CD ×10³ +parameters +steps$'
	assert_line --index 1 --regexp '^latent +[0-9.]+ ± [0-9.]+ +[0-9.]+ ± [0-9.]+ +[0-9.]+ ± [0-9.]+ +3027 +[0-9]+$'
	assert_line --index 2 --regexp '^none +[0-9.]+ ± [0-9.]+ +[0-9.]+ ± [0-9.]+ +[0-9.]+ ± [0-9.]+ +1587 +[0-9]+$'
	assert_line --index 3 --regexp '^training shapes +[0-9.]+ +[0-9.]+ +[0-9.]+'
	[ "${#lines[@]}" -eq 4 ]
	assert_equal "$(wc -m <<<"${lines[1]}")" "$(wc -m <<<"${lines[2]}")"   # columns
	assert_equal "$(grep -c training <<<"$stderr")" 4
	assert_equal "$(awk -F'\t' '{ print NF }' out/table.tsv | sort -u)" 6
	assert_equal "$(mfc-score show out/none-1.model | sed -n 's/^model.network\t//p')" none
	# The mean and the standard deviation are those of the seeds' own tables.
	python3 - <<-'END'
		from statistics import mean, stdev
		def column(f, name):
		    head, row = (l.rstrip("\n").split("\t") for l in open(f))
		    return float(row[head.index(name)])
		rows = dict(l.rstrip("\n").split("\t", 1) for l in open("out/table.tsv"))
		for v in "latent", "none":
		    for cell, name, scale in zip(rows[v].split("\t"), ("1nna-cd", "cov-cd", "mmd-cd"), (100, 100, 1000)):
		        x = [scale * column(f"out/{v}-{k}.tsv", name) for k in (0, 1)]
		        assert all(abs(float(a) - b) < 0.051 for a, b in zip(cell.split(" ± "), (mean(x), stdev(x)))), (v, name, cell, x)
	END
	before=$(stat -c '%n %Y %i' out/*-[01].*)
	run -0 --separate-stderr "$P/ablation.sh" "${args[@]}"
	assert_equal "$stderr" ""
	assert_equal "$(stat -c '%n %Y %i' out/*-[01].*)" "$before"
	# What is there is not taken for something else.
	run -1 "$P/ablation.sh" "${args[@]}" "latent=--arch pooled"
	assert_output --partial "out/latent-0.done: was done with other options (latent=${tiny[*]})"
	run -1 "$P/ablation.sh" "${args[@]}" -t 2
	assert_output --partial "out/setting: was done with other options"
}

@test "ablation.sh: a variant that fails is an error that names it, and the others are kept" {
	run -1 --separate-stderr "$P/ablation.sh" -d out -t 1 --seeds 3 -j 2 -c 4 -n 64 "$FIXTURES/airplanes.zip" "good=${tiny[*]}" "bad=--arch round"
	[[ $stderr == *"--arch round: not latent, pooled, pairwise or none"* ]]
	[[ $stderr == *"ablation.sh: not trained: bad, seed 3" ]]
	assert_equal "$output" ""
	[ -s out/good-3.done ] && [ ! -e out/bad-3.done ]
	run -1 "$P/ablation.sh" nowhere.zip
	run -2 "$P/ablation.sh" -j 0 "$FIXTURES/airplanes.zip"
	run -2 "$P/ablation.sh" --seeds "1 x" "$FIXTURES/airplanes.zip"
}

@test "the stage in the README works" {
	sed -n '/^```python/,/^```/p' "$ROOT/README.md" | grep -v '^```' > stage.py
	stream --points 20 > a.mfc
	python3 stage.py < a.mfc > b.mfc
	run -0 python3 - <<-'END'
		import msgpack, numpy as np
		x = {f: [np.frombuffer(m["x"]["data"], "<f4").reshape(-1, 3) for m in msgpack.Unpacker(open(f, "rb")) if "x" in m] for f in ("a.mfc", "b.mfc")}
		assert all((np.float32(0.1) * a[:, 1] == b[:, 1]).all() and (a[:, 0] == b[:, 0]).all() for a, b in zip(x["a.mfc"], x["b.mfc"])) and len(x["a.mfc"]) == 3
	END
	mfc-noise --t 0.5 b.mfc > c.mfc
}

# tetrahedra NAME ...: a file for each, OBJ, OFF or STL by its name, each of another size and place.
tetrahedra() {
	python3 - "$@" <<-'END'
		import os, struct, sys
		faces = ((0, 1, 2), (0, 1, 3), (0, 2, 3), (1, 2, 3))
		for i, name in enumerate(sys.argv[1:]):
		    a = 1 + i % 7 / 10
		    v = [(i % 5, 2, 3), (i % 5 + a, 2, 3), (i % 5, 2 + a, 3), (i % 5, 2, 3 + 2 * a)]
		    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
		    f = open(name, "wb")
		    if name.endswith(".stl"):
		        f.write(bytes(80) + struct.pack("<I", 4))
		        f.writelines(struct.pack("<12fH", 0, 0, 0, *(c for k in t for c in v[k]), 0) for t in faces)
		    elif name.endswith(".off"):
		        f.write(b"OFF\n4 4 0\n" + b"".join(b"%g %g %g\n" % x for x in v) + b"".join(b"3 %d %d %d\n" % t for t in faces))
		    else:
		        f.write(b"".join(b"v %g %g %g\n" % x for x in v) + b"".join(b"f %d %d %d\n" % tuple(k + 1 for k in t) for t in faces))
	END
}

# zip_up NAME: an archive of the folder of that name, which goes.
zip_up() {
	python3 -c "import shutil; shutil.make_archive('$1', 'zip', '$1'); shutil.rmtree('$1')"
}

ids() { mfc-load --list "$@" | cut -f 1; }

@test "preprocess-shapenet.sh: three parts, disjoint and complete, in the training part's normalisation" {
	tetrahedra a/02691156/m{1..30}/models/model_normalized.obj b/03001627/m{1..30}/models/model_normalized.obj
	zip_up a
	run -0 --separate-stderr "$P/preprocess-shapenet.sh" -o "an out" -n 40 --normals a.zip b
	assert_line --index 0 --regexp '^category +train.mfc +val.mfc +test.mfc$'
	assert_line --index 1 --regexp '^airplane +[0-9]+ +[0-9]+ +[0-9]+$'
	assert_line --index 2 --regexp '^chair +[0-9]+ +[0-9]+ +[0-9]+$'
	assert_equal "$(awk '/^all/ { print $3 + $4 + $5 }' <<<"$output")" 60
	cmp <(ids a.zip b | sort) <(for p in train val test; do ids "an out/$p.mfc"; done | sort)
	for p in train val test; do
		[ -s "an out/$p.mfc" ]
		cmp <(mfc-load --list a.zip b | awk -F'\t' -v p=$p '$3 == p { print $1 }') <(ids "an out/$p.mfc")
		cmp <(dump "an out/train.mfc" | jq -c 'select(.normalize) | .normalize') <(dump "an out/$p.mfc" | jq -c 'select(.normalize) | .normalize')
		run -0 bash -c "dump 'an out/$p.mfc' | jq -c 'select(.id) | [.x.shape, .normal.shape]' | sort -u"
		assert_output "[[40,3],[40,3]]"
	done
	run -0 bash -c "dump 'an out/val.mfc' | jq -r 'select(.normalize) | .normalize.kind'"
	assert_output set-std
	[ ! -e "an out/parts.tsv" ]
	# The other way of normalising is of each cloud, in all of them; -c is as mfc-load's.
	"$P/preprocess-shapenet.sh" -o box -n 40 --normalize cloud-box -c chair -c 'nix*' a.zip b
	run -0 bash -c "for p in train val test; do dump box/\$p.mfc | jq -r '.normalize.kind // .label // empty'; done | sort -u"
	assert_output "$(printf 'chair\ncloud-box')"
	# And train.sh takes what came out.
	"$P/train.sh" -m m.mfc -t 1 --levels 0:32:4 "an out/train.mfc" -- "${tiny[@]}" > log.tsv
	mfc-score show m.mfc > card
}

@test "preprocess-shapenet.sh: parts by all.csv, by lists and by shares" {
	tetrahedra a/02691156/m{1..6}/models/model_normalized.obj
	{ echo id,synsetId,subSynsetId,modelId,split; for i in {1..6}; do echo "$i,02691156,02691156,m$i,$([ "$i" -lt 5 ] && echo train || echo test)"; done; } > a/all.csv
	"$P/preprocess-shapenet.sh" -o official -n 8 a 2> err
	assert_equal "$(ids official/test.mfc | tr '\n' ' ')" "02691156/m5 02691156/m6 "
	assert_equal "$(cat err)" "preprocess-shapenet.sh: no shape is of the part val: no val.mfc"
	echo m1 > v.txt
	"$P/preprocess-shapenet.sh" -o listed -n 8 --split-file val=v.txt a
	assert_equal "$(ids listed/val.mfc)" 02691156/m1
	rm a/all.csv
	run -0 --separate-stderr "$P/preprocess-shapenet.sh" -o shares -n 8 --split-shares 1:0:0 a
	assert_line --regexp '^all 1 +6 +0 +0$'
}

@test "preprocess-shapenet.sh: a data set without a part, ModelNet's val, is no failure; one without train is" {
	tetrahedra a/ModelNet10/sofa/train/sofa_000{1..4}.off a/ModelNet10/sofa/test/sofa_000{5..6}.off
	run -0 --separate-stderr "$P/preprocess-shapenet.sh" -o o -n 8 a
	assert_equal "$stderr" "preprocess-shapenet.sh: no shape is of the part val: no val.mfc"
	assert_line --regexp '^all 1 +4 +0 +2$'
	[ ! -e o/val.mfc ] && [ ! -e o/val.mfc.part ]
	rm -r a/ModelNet10/sofa/train
	run -1 "$P/preprocess-shapenet.sh" -o p -n 8 a
	assert_output --partial "no shape is of the part train"
	"$P/preprocess-shapenet.sh" -o q -n 8 --normalize none a
	run -1 "$P/preprocess-shapenet.sh" -o o -n 8 a   # another set than that before
}

@test "preprocess-shapenet.sh: what cannot be read is said and skipped" {
	tetrahedra a/02691156/m{1..20}.stl
	head -c 100 a/02691156/m1.stl > x
	for i in 1 2 3; do cp x a/02691156/m$i.stl; done
	run -0 --separate-stderr "$P/preprocess-shapenet.sh" -o o -n 8 a
	for i in 1 2 3; do assert_equal "$(grep -c "m$i.stl.*(skipped)" <<<"$stderr")" 1; done
	assert_equal "$(awk '/^all/ { print $3 + $4 + $5 }' <<<"$output")" 17
}

@test "preprocess-shapenet.sh: bad arguments, and nothing is left behind" {
	tetrahedra a/m{1..9}.obj
	for bad in "-n 0" "--sample no" "--normalize no" "--split-shares 1:2" "--split-shares 0:0:0" "--together (" "-@ 0" -o -c --nonsense -; do
		read -ra words <<<"$bad"
		run -2 "$P/preprocess-shapenet.sh" -o o a "${words[@]}"
	done
	run -2 "$P/preprocess-shapenet.sh" -o o
	run -1 "$P/preprocess-shapenet.sh" -o o nowhere.zip
	assert_output "mfc-load: nowhere.zip: No such file or directory"
	run -1 "$P/preprocess-shapenet.sh" -o o --split-file nowhere.csv a
	run -1 "$P/preprocess-shapenet.sh" -o o -c nothing a
	[ ! -e o ]
}

@test "preprocess-shapenet.sh: run again it does nothing; with other options it leaves what is there" {
	tetrahedra a/m{1..20}.obj
	"$P/preprocess-shapenet.sh" -o o -n 8 a > first
	before=$(stat -c '%n %Y %i' o/*.mfc)
	"$P/preprocess-shapenet.sh" -o o/ -n 8 a > second
	cmp first second
	assert_equal "$(stat -c '%n %Y %i' o/*.mfc)" "$before"
	run -1 "$P/preprocess-shapenet.sh" -o o -n 9 a
	assert_output --partial "o/train.mfc: exists"
	assert_equal "$(stat -c '%n %Y %i' o/*.mfc)" "$before"
}

@test "preprocess-medshapenet.sh: killed at any moment and run again, the bytes are those of an unbroken run" {
	tetrahedra a/s{0001..0250}_{liver,heart}.nii.g_1.stl
	zip_up a
	make=("$P/preprocess-medshapenet.sh" -o o -n 100 --sample poisson -@ 1 a.zip)   # not too fast
	"${make[@]}"
	mv o unbroken
	# Each round is killed, with all that it started, when a file has grown.
	written() { cat o/*.part 2>/dev/null | wc -c; }
	local round pid before begun=0
	for round in 1 2 3 4 5 6 7 8; do
		before=$(written)
		setsid "${make[@]}" >/dev/null 2>&1 3>&- &
		pid=$!
		while kill -0 $pid 2>/dev/null && [ "$(written)" -le $((before + round * 20000)) ]; do sleep 0.001; done
		kill -9 -- -$pid 2>/dev/null || true
		wait $pid || true
		[ "$(written)" -le "$before" ] || begun=$((begun + 1))
	done
	[ "$begun" -gt 0 ]
	"${make[@]}" > table
	for f in parts.tsv train.mfc val.mfc test.mfc; do cmp o/$f unbroken/$f; done
}

@test "preprocess-medshapenet.sh: all shapes of a patient are in one part, and their labels are the organs" {
	tetrahedra a/s{0001..0060}_{liver,heart}.nii.g_1.stl a/{000001..000060}_{liver,aorta}.stl a/sub-{a,b,c,d}_{vertebra,disc}.stl a/other{1..20}.stl
	zip_up a
	run -0 --separate-stderr "$P/preprocess-medshapenet.sh" -o o -n 8 a.zip
	assert_equal "$stderr" ""
	assert_line --regexp '^liver +[0-9]+ +[0-9]+ +[0-9]+$'
	assert_equal "$(awk '/^all/ { print $3 + $4 + $5 }' <<<"$output")" 268
	patients() { for p in train val test; do ids o/$p.mfc | sed -n "s/^\(s[0-9]*\|[0-9]*\|sub-.\)_.*/\1 $p/p" | sort -u; done; }
	assert_equal "$(patients | wc -l)" 124
	assert_equal "$(patients | cut -d' ' -f1 | sort | uniq -d)" ""
	assert_equal "$(patients | cut -d' ' -f2 | sort -u | wc -l)" 3
	# About as many as the shares say, and the others each by itself.
	patients | awk '{ n[$2]++ } END { exit !(n["train"] > 70 && n["train"] < 104 && n["test"] > 12 && n["test"] < 38) }'
	assert_equal "$(for p in train val test; do ids o/$p.mfc | grep '^other' || true; done | sort -u | wc -l)" 20
	[ "$(ids o/train.mfc | grep -c '^other')" -lt 20 ]
	# A patient may be a folder's name, or that of an NPZ.
	tetrahedra b/s{0001..0030}/{liver,heart}.stl
	python3 - <<-'END'
		import numpy as np
		for i in range(1, 31):
		    for organ in "liver", "aorta":
		        np.savez(f"b/{i:06d}_{organ}.npz", points=np.random.rand(9, 3))
	END
	"$P/preprocess-medshapenet.sh" -o q -n 8 b
	for p in train val test; do ids q/$p.mfc | sed -E "s,^b/(s?[0-9]*).*,\\1 $p,"; done | sort | uniq -c > grouped
	assert_equal "$(wc -l < grouped)" 60
	assert_equal "$(awk '$1 != 2' grouped)" ""
	# Without patients each shape is by itself.
	"$P/preprocess-medshapenet.sh" -o p -n 8 --together '' a.zip
	[ ! -e p/parts.tsv ]
	cmp <(mfc-load --list --split test a.zip | cut -f 1) <(ids p/test.mfc)
}

@test "preprocess-medshapenet.sh: a patient with a shape that a list places is there; another set is not taken for the first" {
	tetrahedra a/s{0001..0040}_{liver,heart}.nii.g_1.stl
	zip_up a
	for i in {0001..0040}; do echo "s${i}_liver.nii.g_1,$([[ $i < 0021 ]] && echo test || echo train)"; done > list.csv
	"$P/preprocess-medshapenet.sh" -o o -n 8 --split-file list.csv a.zip
	assert_equal "$(ids o/test.mfc | sort | tr '\n' ' ')" "$(printf '%s ' s{0001..0020}_{heart,liver}.nii.g_1)"
	run -1 "$P/preprocess-medshapenet.sh" -o o -n 8 a.zip
	assert_output --partial "o/parts.tsv: was made for other shapes or shares"
	[ ! -e o/parts.tsv.new ]
}

@test "validate-meanfield.sh --quick: rates beside theory, tables, a plot" {
	run -0 --separate-stderr "$P/validate-meanfield.sh" --quick -d "an out"
	assert_line --index 0 --regexp '^what +rate +error +theory$'
	# Few clouds and few N: rates are rough.
	awk -F'\t' 'NR > 1 { if (($2 - $4) ^ 2 > 0.36) { print; bad = 1 } } END { exit bad || NR != 12 }' "an out/rates.tsv"
	# Every correlation is within 4 errors of the exact one, or the error is not one.
	awk -F'\t' 'NR > 1 { if (($5 - $7) ^ 2 > 16 * $6 ^ 2) { print; bad = 1 } } END { exit bad || NR != 4 }' "an out/chaos.tsv"
	awk -F'\t' 'NR > 1 { if (($2 - $3) ^ 2 > 1e-3 || ($4 / $5 - 1) ^ 2 > 1e-3) { print; bad = 1 } } END { exit bad || NR != 12 }' "an out/flow.tsv"
	[ "$(head -c 4 "an out/meanfield.png" | tail -c 3)" = PNG ]
	run ! "$P/validate-meanfield.sh" --quick --kappa -1 -d bad
}

@test "signatures.sh --quick: a line for each sampler, which are as broken as they should be" {
	"$P/signatures.sh" --quick -m "$FIXTURES/airplanes.mfc" -d "an out" "$FIXTURES/airplanes.zip" >table
	[ -s "an out/signatures.png" ]
	assert_equal "$(cut -f 1 "an out/there.tsv" | paste -sd,)" 'sampler,training shapes,sample.sh,all seen,few seen,not parted,parted late'
	assert_equal "$(head -n 1 "an out/there.tsv" | cut -f 2-)" $'collapse\tbroken chaos\tcopies\tclusters\tblotches'
	assert_equal "$(awk -F'\t' '$1 == "not parted" { print $4, $5 }' "an out/there.tsv")" 'yes yes'
	assert_equal "$(awk -F'\t' '$1 == "training shapes" { print $2, $3, $4, $5, $6 }' "an out/there.tsv")" 'no no no no no'
	assert_equal "$(ls "an out")" $'signatures.png\nsignatures.tsv\nthere.tsv'
	run -2 "$P/signatures.sh" -m "$model"
	run -2 "$P/signatures.sh" "$FIXTURES/airplanes.zip"
}

@test "scaling.sh --quick: a line for each filter and N, of which the largest takes longer than the smallest, rates, a plot" {
	run -0 --separate-stderr "$P/scaling.sh" --quick -d "an out" -m "$model"
	assert_line --index 0 --regexp '^what +rate +error +theory$'
	for f in load noise branch denoise train sample cd chaos; do
		awk -F'\t' -v f=$f '
			NR == 1 { bad = NF != 6; next } $1 == f { rows++; bad += NF != 6 || !($3 >= 1 && $5 > 0 && $6 >= 1) || $2 <= n; n = $2; time = $4; if (rows == 1) first = time }
			END { exit bad || rows != 3 || n != 10000 || time <= first }' "an out/scaling.tsv" || fail "$f: $(cat "an out/scaling.tsv")"
		grep -q "^$f, seconds"$'\t' "an out/rates.tsv"
	done
	[ "$(head -c 4 "an out/scaling.png" | tail -c 3)" = PNG ]
	assert_equal "$(echo "an out"/*)" "an out/rates.tsv an out/scaling.png an out/scaling.tsv"
	run -0 --separate-stderr "$P/scaling.sh" --quick -d some -v --filters "noise cd"
	[[ $stderr == *"mfc-metric pairs -q --metrics cd --reference 'some'/other.mfc 'some'/input.mfc"* ]]
	assert_equal "$(cut -f 1 some/scaling.tsv | sort -u | paste -sd,)" cd,filter,noise
	run -2 "$P/scaling.sh" --quick -d bad --filters "load nothing"
	assert_output --partial "--filters: nothing is none of them"
	run -2 "$P/scaling.sh" -m nowhere.mfc
	run -1 "$P/scaling.sh" -d bad nowhere.zip
}

@test "convergence.sh --quick: the network's output comes to a limit as the square root of N" {
	run -0 --separate-stderr "$P/convergence.sh" --quick -d "an out"
	assert_line --index 0 --regexp '^what +rate +error +theory$'
	assert_equal "$(head -n 1 "an out/convergence.tsv")" $'N\trms-0.1\terror-0.1\trms-0.5\terror-0.5\trms-2\terror-2'
	# The fixed seed's rates, of so few and small clouds nearer to 0, most of all below the crowd; and each error is less than a third of what it is of.
	awk -F'\t' 'NR > 1 { if (($2 + 0.45) ^ 2 > (/crowd/ ? 0.03 : 0.01)) { print; bad = 1 } } END { exit bad || NR != 4 }' "an out/rates.tsv"
	awk -F'\t' 'NR > 1 { for (i = 2; i < 8; i += 2) if (!($i > 0 && $(i + 1) < $i / 3)) { print; bad = 1 } } END { exit bad || NR != 4 }' "an out/convergence.tsv"
	assert_line --regexp '^s = 0.1, N below the crowd of 6400 +-0\.'
	# Where clouds are large enough for theory to hold, at once and from 512 particles on, they are its own.
	run -0 --separate-stderr "$P/convergence.sh" -d whole --noise "0.5 2"
	awk -F'\t' 'NR > 1 { if (($2 + 0.5) ^ 2 > 0.01) { print; bad = 1 } } END { exit bad || NR != 5 }' whole/rates.tsv
	[ "$(head -c 4 "an out/convergence.png" | tail -c 3)" = PNG ]
	assert_equal "$(echo "an out"/*)" "an out/convergence.png an out/convergence.tsv an out/rates.tsv"
	# A network without a local term.
	run -0 --separate-stderr "$P/convergence.sh" --quick -d b -m "$model" --noise 0.1 -v
	assert_line --index 1 --regexp '^s = 0.1 +-0\.'
	[[ $stderr == *"mfc-score denoise -q -m '$model' --steps 1 --last 0.1 --context 64 --leads"* ]]
	run ! "$P/convergence.sh" --quick -d bad --noise -1
	run -2 "$P/convergence.sh" -m nowhere.mfc
	run -1 "$P/convergence.sh" -d bad nowhere.zip
}

@test "point-process.sh --quick: what is simulated has the law that it should, tables of all sets, a plot" {
	run -0 --separate-stderr "$P/point-process.sh" --quick -d "an out"
	assert_line --index 0 --regexp '^process +set +gaps +mean +cv +ks$'
	assert_equal "$(head -n 1 "an out/counts.tsv" | tr '\t' ' ')" "process set window mean variance fano given-n"
	for f in gaps:16 counts:112 density:320; do
		awk -F'\t' -v rows="${f#*:}" 'FNR == 1 { n = NF; next } { if (NF != n) bad = 1; seen[$1, $2]++ }
			END { for (s in seen) { sets++; if (seen[s] != rows / 16) bad = 1 } exit bad || sets != 16 || NR != rows + 1 }' "an out/${f%:*}.tsv"
	done
	# 32 true realisations: a mean time of 1, and its variation where it is not that of an intensity which changes; a Fano factor of 1, 1/4, up to 4.
	awk -F'\t' '$2 == "true" && ($4 - 1) ^ 2 > 0.04 { print; bad = 1 }
		$2 == "true" { cv[$1] = $5 }
		END { exit bad || (cv["poisson"] - 1) ^ 2 > 0.01 || (cv["renewal"] - 0.5) ^ 2 > 0.004 || cv["hawkes"] < 1.2 || cv["wave"] < 1.2 }' "an out/gaps.tsv"
	awk -F'\t' '$2 == "true" && $3 == 8 { fano[$1] = $6 }
		END { exit (fano["poisson"] - 1) ^ 2 > 0.1 || (fano["renewal"] - 0.26) ^ 2 > 0.01 || fano["hawkes"] < 2 }' "an out/counts.tsv"
	[ "$(head -c 4 "an out/point-process.png" | tail -c 3)" = PNG ]
	assert_equal "$(find "an out" -type f | wc -l)" 4
	run -2 "$P/point-process.sh" --quick --seed x
}

# An archive of N small molecules: water, ammonia and methane in turn, each somewhere else; split by their names.
molecules() {
	mkdir m
	awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++) {
		atoms[0] = "0 0 0 8 .96 0 0 1 -.24 .93 0 1"
		atoms[1] = "0 0 0 7 1.01 0 0 1 -.34 .95 0 1 -.34 -.48 .83 1"
		atoms[2] = "0 0 0 6 .63 .63 .63 1 -.63 -.63 .63 1 -.63 .63 -.63 1 .63 -.63 -.63 1"
		k = split(atoms[i % 3], r, " ")
		for (j = 1; j < k; j += 4) print r[j] + i, r[j + 1] - i, r[j + 2], r[j + 3] > ("m/" i ".xyz")
		close("m/" i ".xyz") } }'
	tar -czf m.tar.gz m
}

@test "molecules.sh --quick: true molecules are bonded, what is generated has the elements, tables of all sets, a plot" {
	molecules 60
	run -0 --separate-stderr "$P/molecules.sh" --quick -d "an out" m.tar.gz
	assert_line --index 0 --regexp '^set +molecules +atoms +nearest +ks +w1 +bonded +hydrogen$'
	# Every atom has its nearest at a bond's length, each hydrogen one; dealt out anew, not.
	awk -F'\t' '{ m[$1] = $2; w[$1] = $6; bonded[$1] = $7; hydrogen[$1] = $8 }
		END { exit NR != 5 || bonded["held-out"] != 1 || hydrogen["held-out"] != 1 || bonded["training"] != 1 || w["held-out"] != 0 ||
			w["training"] > 0.1 || bonded["shuffled"] > 0.8 || w["generated"] < w["training"] || m["generated"] != m["training"] }' "an out/molecules.tsv"
	assert_equal "$(awk -F'\t' 'NR > 1 { print $2 }' "an out/elements.tsv" | sort | uniq -c | awk '{ print $2 $1 }' | paste -sd' ')" "C4 H4 N4 O4"
	awk -F'\t' 'NR > 1 { s[$1] += $3 } END { for (k in s) if ((s[k] - 1) ^ 2 > 1e-6) exit 1 }' "an out/elements.tsv"
	assert_equal "$(awk -F'\t' '$1 == "held-out" { print $2 }' "an out/pairs.tsv" | paste -sd' ')" "C-H H-C H-N H-O N-H O-H"
	[ "$(head -c 4 "an out/molecules.png" | tail -c 3)" = PNG ]
	assert_equal "$(find "an out" -type f -name "*.mfc" | sort | paste -sd:)" "an out/generated.mfc:an out/model.mfc"
	run -2 "$P/molecules.sh" --quick
	run ! "$P/molecules.sh" --quick -d bad nowhere.tar.gz
	assert_output --partial "nowhere.tar.gz"
}

@test "experiments.sh: what is asked for, one page, and nothing twice" {
	run -0 --separate-stderr "$P/experiments.sh" --quick -d exp --only "convergence signatures"
	assert_line '## convergence.sh'
	assert_line '## signatures.sh'
	assert_equal "$(cd exp && echo *)" 'README.md convergence signatures'
	[ -s exp/signatures/signatures.png ]
	grep -q '!\[signatures\](signatures/signatures.png)' exp/README.md
	rm exp/signatures/printed
	run -0 --separate-stderr "$P/experiments.sh" --quick -d exp --only "convergence signatures"
	assert_equal "$stderr" '== signatures'
	run -2 "$P/experiments.sh" --only nothing
	run -2 "$P/experiments.sh" -m nowhere.mfc
}

@test "dimension.sh --quick: distances beside their floors, the loss above the least, a plot" {
	run -0 --separate-stderr "$P/dimension.sh" --quick -d "an out"
	assert_equal "$stderr" ""
	assert_line --index 0 --regexp '^law +d +steps +seconds +loss +least +excess +error +sliced +emd +sliced-floor +emd-floor$'
	assert_equal "$(cut -f 1-3 "an out/dimension.tsv" | tail -n +2 | tr '\t\n' ' ,')" "mixture 1 20,mixture 3 20,sphere 1 20,sphere 3 20,"
	# Hardly trained: the loss is above the least, and generated clouds are farther from draws than draws. The least of spheres, by SciPy's Bessel
	# functions: 0.4045 and 0.8078.
	awk -F'\t' 'NR > 1 { if (!($6 < $5 && ($5 - $6 - $7) ^ 2 < 1e-8 && 0 < $8 && $8 < $7)) { print; bad = 1 } }
		$1 == "sphere" { if (($6 - ($2 == 1 ? 0.4045 : 0.8078)) ^ 2 > 1e-5) { print; bad = 1 } }
		NR > 1 { if (NF != 12 || !($9 > $11 && $10 > $12 && $11 > 0 && $10 > $9 - 1e-5)) { print; bad = 1 } } END { exit bad || NR != 5 }' "an out/dimension.tsv"
	[ "$(head -c 4 "an out/dimension.png" | tail -c 3)" = PNG ]
	run -0 ls "an out"
	assert_output "$(printf 'dimension.png\ndimension.tsv')"
}

@test "posterior.sh --quick: the exact score comes near to draws, a network is above the least, a plot" {
	run -0 --separate-stderr "$P/posterior.sh" --quick -d "an out"
	assert_equal "$stderr" ""
	assert_line --index 0 --regexp '^density +N +steps +w1 +error +floor +floor-error$'
	assert_equal "$(cut -f 1-3 "an out/stages.tsv" | tail -n +2 | tr '\t\n' ' ,')" "- 16 8,- 64 8,16 64 8,64 64 8,- 64 2,"
	# Eight steps come to within half as much again, two do not; and of more particles nearer.
	awk -F'\t' 'NR > 1 { if (NF != 7 || !($3 == 2 ? $4 > 2 * $6 : $4 < 1.5 * $6)) { print; bad = 1 } w[NR] = $4; f[NR] = $6 }
		END { exit bad || NR != 6 || w[3] >= w[2] || f[3] >= f[2] }' "an out/stages.tsv"
	assert_equal "$(cut -f 1,2 "an out/learned.tsv" | tail -n +2 | cut -f 2 | uniq -c | awk '{ print $1 "x" $2 }' | paste -sd' ')" "6x16 6x64"
	awk -F'\t' 'NR > 1 && !(NF == 6 && ($3 - $4 - $5) ^ 2 < 1e-6 && $6 > 0 && ($1 == "2-20" || $5 > 3 * $6)) { print; exit 1 }' "an out/learned.tsv"
	[ "$(head -c 4 "an out/posterior.png" | tail -c 3)" = PNG ]
	run -0 ls "an out"
	assert_output "$(printf 'learned.tsv\nmodel.mfc\nposterior.png\nrates.tsv\nshapes.mfc\nstages.tsv')"
	run ! "$P/posterior.sh" --quick -d bad nowhere.zip
	assert_output --partial "nowhere.zip"
}
