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
	for p in train sample evaluate ablation demo; do
		run -0 "$P/$p.sh" --help
		assert_line --index 0 --partial "$p.sh"
		run -2 "$P/$p.sh" --nonsense
		assert_output --partial "no such option"
		run -2 "$P/$p.sh" --seed
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

@test "sample.sh: clouds of exactly so many particles, by stages of the plan" {
	for n in 100 2048 5000; do
		"$P/sample.sh" -m "$model" -c 2 -n $n -o s.mfc
		run -0 bash -c "python3 '$ROOT/tests/dump.py' s.mfc | jq -c 'select(.id) | [.x.shape[0], .t, .s, (.scale > 0)]' | sort -u"
		assert_output "[$n,null,null,true]"
	done
	run -0 --separate-stderr "$P/sample.sh" -v -m "$model" -c 1 -n 2048 -o s.mfc
	[ "$(grep -c 'mfc-score denoise' <<< "$stderr")" -eq 3 ]
	[ "$(grep -c 'mfc-subdivide branch' <<< "$stderr")" -eq 2 ]
}

@test "sample.sh: the same seed the same bytes, jobs with other numbers other clouds of the same run" {
	"$P/sample.sh" -m "$model" -c 3 -n 300 > a.mfc
	"$P/sample.sh" -m "$model" -c 3 -n 300 > b.mfc
	cmp a.mfc b.mfc
	"$P/sample.sh" -m "$model" -c 1 -n 300 --first 2 > c.mfc
	cmp <(dump --values a.mfc | jq -c 'select(.id == "sample-000002")') <(dump --values c.mfc | jq -c 'select(.id)')
	run ! "$P/sample.sh" -m nowhere.mfc
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
	assert_line --index 1 --regexp '^latent +[0-9.]+ ± [0-9.]+ +[0-9.]+ ± [0-9.]+ +[0-9.]+ ± [0-9.]+ +2787 +[0-9]+$'
	assert_line --index 2 --regexp '^none +[0-9.]+ ± [0-9.]+ +[0-9.]+ ± [0-9.]+ +[0-9.]+ ± [0-9.]+ +1347 +[0-9]+$'
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
