# mfc-subdivide: levels for training, copies for sampling, the plan that joins the stages.
bats_require_minimum_version 1.5.0
load common
setup() { common_setup; }

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

@test "plan: the default levels to 2,048 particles" {
	run mfc-subdivide plan -n 2048
	assert_success
	assert_output "$(printf 'stage\tfrom\tto\tpoints\tlevel\n0\t20\t2\t128\t0\n1\t2\t0.5\t512\t1\n2\t0.5\t0\t2048\t2')"
}

@test "plan: at most fourfold at each boundary, down to 0, to exactly N" {
	local n
	for n in 1 5 128 513 2049 8192 100000; do
		mfc-subdivide plan -n $n | awk -F '\t' -v n=$n '
			NR > 1 { if ($2 <= $3 || (NR > 2 && ($2 != to || $4 > 4 * points || $4 < points))) exit 1; to = $3; points = $4 }
			END { if (to != 0 || points != n) exit 1 }' || fail "$n"
	done
}

@test "plan: the levels of a model, or those given" {
	stream --clouds 4 --points 8 | mfc-subdivide split --levels 3:4:2,0:8:2 | mfc-noise |
		mfc-score train -m model.mfc --steps 1 --width 8 --latents 2 --latent-width 8 --embed 8 --heads 2 --blocks 1 >log
	mfc-subdivide plan -n 8 -m model.mfc >one
	mfc-subdivide plan -n 8 --levels 3:4:2,0:8:2 | cmp - one
	run sed -n 2p one
	assert_output "$(printf '0\t20\t3\t4\t0')"
}

@test "plan: usage errors" {
	local bad
	for bad in '' '-n 0' '-n x' '-n 5 file' '-n 5 --levels 3:1'; do
		# shellcheck disable=SC2086
		run --separate-stderr mfc-subdivide plan $bad
		[ "$status" -eq 2 ] || fail "$bad: status $status, $stderr"
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
