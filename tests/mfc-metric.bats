bats_require_minimum_version 1.5.0
load common

# Small sets for all tests, made once.
setup_file() {
	common_path
	cd "$BATS_FILE_TMPDIR" || return
	stream --clouds 5 --points 60 --seed 1 --prefix g >g.mfc
	stream --clouds 5 --points 60 --seed 2 --prefix r >r.mfc
	stream --clouds 1 --points 50 --seed 3 >fewer.mfc
	stream --clouds 2 --points 60 --dim 2 --seed 3 >plane.mfc
	stream --clouds 0 >none.mfc
}

setup() {
	common_setup
	S=$BATS_FILE_TMPDIR
	ALL=mmd-cd,mmd-emd,cov-cd,cov-emd,1nna-cd,1nna-emd,jsd,jsd-scale
}

# A stream with x replaced by a Python expression of x (array), i (number of the cloud) and np.
edit() {   # EXPRESSION [KEY=NUMBER]
	python3 -c '
import sys, msgpack, numpy as np
i = -1
for m in msgpack.Unpacker(sys.stdin.buffer, raw=False):
    if "x" in m:
        i += 1
        x = np.frombuffer(m["x"]["data"], "<f4").reshape(m["x"]["shape"])
        x = np.asarray(eval(sys.argv[1])).astype("<f4")
        m["x"] = {"shape": list(x.shape), "dtype": "<f4", "data": x.tobytes()}
        if len(sys.argv) > 2:
            m[sys.argv[2].split("=")[0]] = float(sys.argv[2].split("=")[1])
    sys.stdout.buffer.write(msgpack.packb(m))' "$@"
}

# within TOLERANCE OURS THEIRS: the last columns of two tables of pairs agree
within() {
	paste <(tail -n +2 "$2") "$3" | awk -F '\t' -v t="$1" '
		{ d = $3 - $6; if ($1 != $4 || $2 != $5 || d * d > (t * $6) ^ 2) { print; bad = 1 } } END { exit bad || NR < 1 }'
}

compare() { python3 "$ROOT/tests/metric_reference.py" compare "$@"; }
brute() { python3 "$ROOT/tests/metric_reference.py" "$@"; }
value() { jq -r ".\"$1\""; }

@test "agrees with brute force on numpy and scipy in every figure" {
	mfc-metric --json --reference "$S/r.mfc" <"$S/g.mfc" >ours.json
	brute set "$S/g.mfc" "$S/r.mfc" >theirs.json
	run compare "$ALL" ours.json theirs.json
	assert_success
}

@test "every normalisation agrees with brute force" {
	edit '(x * (1 + i) + i) / 3' <"$S/g.mfc" >moved.mfc
	for how in cloud-box cloud-sphere cloud-std; do
		mfc-metric --json --normalize $how --reference "$S/r.mfc" moved.mfc >ours.json
		brute set moved.mfc "$S/r.mfc" $how >theirs.json
		run compare "$ALL" ours.json theirs.json
		assert_success
		assert_equal "$(value normalize <ours.json)" $how
	done
}

@test "clouds full of duplicates and clusters agree with brute force" {
	edit 'np.round(x)' <"$S/g.mfc" >a.mfc
	edit '0.01 * x + np.arange(len(x))[:, None] % 3' <"$S/r.mfc" >b.mfc
	mfc-metric --json --reference b.mfc a.mfc >ours.json
	brute set a.mfc b.mfc >theirs.json
	run compare "mmd-cd,mmd-emd,jsd" ours.json theirs.json
	assert_success
}

@test "clouds of the plane agree with brute force" {
	edit 'x + 0.3' <"$S/plane.mfc" >b.mfc
	mfc-metric --json --reference b.mfc "$S/plane.mfc" >ours.json
	brute set "$S/plane.mfc" b.mfc >theirs.json
	run compare "$ALL" ours.json theirs.json
	assert_success
}

@test "pairs: a line each, with both ids, as by brute force" {
	mfc-metric pairs --reference "$S/r.mfc" <"$S/g.mfc" >ours.tsv
	brute pairs "$S/g.mfc" "$S/r.mfc" >theirs.tsv
	assert_equal "$(head -1 ours.tsv)" "generated	reference	cd	emd"
	paste <(tail -n +2 ours.tsv) theirs.tsv | awk -F '\t' '
		function differ(a, b) { return (a > b ? a - b : b - a) > 1e-6 * b }
		$1 != $5 || $2 != $6 || differ($3, $7) || differ($4, $8) { print; bad = 1 } END { exit bad || NR != 25 }'
}

@test "EMD is exact to 1e-6 at 500 points: ordinary, clustered, duplicated clouds against scipy" {
	stream --clouds 3 --points 500 --seed 5 >a.mfc
	stream --clouds 1 --points 500 --seed 6 --prefix r >b.mfc
	edit '[x, 0.01 * x + np.arange(500)[:, None] % 7, np.round(x)][i]' <a.mfc >g.mfc
	edit 'np.where(np.arange(500)[:, None] % 2, np.round(x), 0.01 * x)' <b.mfc >r.mfc
	mfc-metric pairs --reference r.mfc g.mfc | tail -n +2 >ours.tsv
	brute pairs g.mfc r.mfc >theirs.tsv
	paste ours.tsv theirs.tsv | awk -F '\t' '
		function differ(a, b) { return (a > b ? a - b : b - a) > 1e-6 * b }
		$1 != $5 || $2 != $6 || differ($3, $7) || differ($4, $8) { print; bad = 1 } END { exit bad || NR != 3 }'
}

@test "TSV: a line of names and a line of values" {
	run --separate-stderr mfc-metric --reference "$S/r.mfc" "$S/g.mfc"
	assert_success
	assert_equal "${#lines[@]}" 2
	assert_equal "${lines[0]}" "mmd-cd	mmd-emd	cov-cd	cov-emd	1nna-cd	1nna-emd	jsd	jsd-scale	generated	reference	points	normalize	convention"
	assert_regex "${lines[1]}" $'\t5\t5\t60\tnone\tmfc$'
	assert_equal "$stderr" ""
}

@test "JSON says what the figures rest on" {
	mfc-metric --json --metrics cd --reference "$S/r.mfc" "$S/g.mfc" >out.json
	run jq -c 'keys' out.json
	assert_output '["1nna-cd","convention","cov-cd","generated","mmd-cd","normalize","points","reference"]'
	assert_regex "$(value convention <out.json)" 'not halved'
	assert_equal "$(jq -c '[.generated,.reference,.points,.normalize]' out.json)" '[5,5,60,"none"]'
}

# A stream with the centre and scale that normalisation took away, and x without them.
normalized() {   # CENTER SCALE
	python3 -c '
import sys, msgpack, numpy as np
c, s = float(sys.argv[1]), float(sys.argv[2])
for m in msgpack.Unpacker(sys.stdin.buffer, raw=False):
    if "x" in m:
        x = ((np.frombuffer(m["x"]["data"], "<f4").reshape(m["x"]["shape"]) - c) / s).astype("<f4")
        m.update(x={"shape": list(x.shape), "dtype": "<f4", "data": x.tobytes()}, center=[c] * x.shape[1], scale=s)
    sys.stdout.buffer.write(msgpack.packb(m))' "$@"
}

@test "every convention agrees with brute force, and is part of the output" {
	normalized 0.2 3 <"$S/g.mfc" >g.mfc
	normalized -1 0.5 <"$S/r.mfc" >r.mfc
	for c in mfc pointflow dpm pvd; do
		mfc-metric --json --convention $c --reference r.mfc g.mfc >ours.json
		brute set g.mfc r.mfc $c >theirs.json
		run compare "$ALL" ours.json theirs.json
		assert_success
		assert_regex "$(value convention <ours.json)" "^$c: "
		mfc-metric --convention $c --reference r.mfc g.mfc >table.tsv
		assert_equal "$(tail -n 1 table.tsv | cut -f 12-13)" "$(value normalize <ours.json)	$c"
	done
	# They differ: the normalisation, what EMD is of, whether JSD scales.
	run -0 bash -c 'for c in mfc pointflow dpm pvd; do mfc-metric --metrics emd,jsd --convention $c --reference r.mfc g.mfc; done | grep -v mmd | cut -f 1,4 | sort -u | wc -l'
	assert_output 4
	# A normalisation by name wins over the convention's, and is what is printed.
	mfc-metric --json --convention pvd --normalize cloud-box --reference r.mfc g.mfc >ours.json
	brute set g.mfc r.mfc pvd cloud-box >theirs.json
	run compare "$ALL" ours.json theirs.json
	assert_success
	assert_equal "$(value normalize <ours.json)" cloud-box
	run -2 mfc-metric --convention lion --reference r.mfc g.mfc
	assert_output --partial "--convention lion: not mfc, pointflow, dpm or pvd"
}

@test "raw coordinates of one side that says nothing of a normalisation: a warning" {
	normalized 0.2 3 <"$S/g.mfc" >g.mfc
	run -0 --separate-stderr mfc-metric --normalize raw --reference "$S/r.mfc" g.mfc
	assert_regex "$stderr" "r.mfc of none of 5: are these raw?"
	run -0 --separate-stderr mfc-metric --normalize raw --reference g.mfc "$S/r.mfc"
	assert_regex "$stderr" "r.mfc of none of 5: are these raw?"
	run -0 --separate-stderr mfc-metric --normalize raw --reference "$S/g.mfc" "$S/r.mfc"
	assert_equal "$stderr" ""
	# And as they come, one side normalised and the other not.
	run -0 --separate-stderr mfc-metric --reference "$S/r.mfc" g.mfc
	assert_regex "$stderr" "g.mfc is normalised and .*r.mfc is not: are these in one unit\\? --normalize raw undoes it"
	run -0 --separate-stderr mfc-metric --normalize cloud-std --reference "$S/r.mfc" g.mfc
	assert_equal "$stderr" ""
	mfc-metric pairs --normalize raw --reference "$S/r.mfc" g.mfc >a.tsv
	mfc-metric pairs --reference "$S/r.mfc" "$S/g.mfc" >b.tsv
	paste a.tsv b.tsv | tail -n +2 | awk '{ d = $3 / $7 - 1; if (d * d > 1e-10) { print; bad = 1 } } END { exit bad || NR != 25 }'
}

@test "pairs in the convention of PVD: squared distances, of ordinary, clustered and duplicated clouds, far from the origin" {
	mfc-metric pairs --metrics emd --convention pvd --reference "$S/r.mfc" "$S/g.mfc" >ours.tsv
	brute pairs "$S/g.mfc" "$S/r.mfc" pvd >theirs.tsv
	paste <(tail -n +2 ours.tsv) theirs.tsv | awk -F '\t' '
		{ d = $3 / $7 - 1; if ($1 != $4 || $2 != $5 || d * d > 1e-12) { print; bad = 1 } } END { exit bad || NR != 25 }'
	edit 'x + 3 * (i % 2)' <"$S/g.mfc" >a.mfc
	edit 'x + 3 * (i % 3)' <"$S/r.mfc" >b.mfc
	mfc-metric --json --convention pvd --reference b.mfc a.mfc >ours.json
	brute set a.mfc b.mfc pvd >theirs.json
	run compare "$ALL" ours.json theirs.json
	assert_success
}

@test "squared EMD is exact to 1e-6 at 300 points: clustered, duplicated, collinear, coincident, far from the origin" {
	stream --clouds 5 --points 300 --seed 5 | edit '[0.01 * x + np.arange(300)[:, None] % 7, np.round(x), x * np.array([1, 0, 0]), 0 * x + 1, x + 100][i]' >g.mfc
	stream --clouds 1 --points 300 --seed 6 --prefix r | edit 'np.where(np.arange(300)[:, None] % 2, np.round(x), 0.01 * x)' >r.mfc
	mfc-metric pairs --metrics emd --convention pvd --reference r.mfc g.mfc | tail -n +2 >ours.tsv
	brute pairs g.mfc r.mfc pvd >theirs.tsv
	paste ours.tsv theirs.tsv | awk -F '\t' '{ d = $3 / $7 - 1; if (d * d > 1e-12) { print; bad = 1 } } END { exit bad || NR != 5 }'
}

@test "--paper: EMD and CD, in the scale of the field's tables" {
	mfc-metric --json --reference "$S/r.mfc" "$S/g.mfc" >all.json
	run -0 mfc-metric --paper --reference "$S/r.mfc" "$S/g.mfc"
	assert_equal "${lines[0]}" "emd	cd	generated	reference	points	normalize	convention"
	read -r emd cd _ <<<"${lines[1]}"
	jq -e --argjson emd "$emd" --argjson cd "$cd" 'def near(a; b): (a / b - 1 | fabs) < 1e-6;
		near($emd; 100 * ."mmd-emd") and near($cd; 1000 * ."mmd-cd")' all.json
	run -2 mfc-metric --paper --metrics cd --reference "$S/r.mfc" "$S/g.mfc"
	# Of clouds that tell of a normalisation it warns, once, unless that is undone.
	mfc-load --normalize set-std -n 60 -o normalised.mfc "$S/r.mfc"
	run -0 --separate-stderr mfc-metric --paper --reference normalised.mfc normalised.mfc
	assert_equal "$stderr" "mfc-metric: warning: --paper of normalised clouds, in their units: published tables are of raw ones, --convention pointflow"
	run -0 --separate-stderr mfc-metric --paper --convention pointflow --reference normalised.mfc normalised.mfc
	assert_equal "$stderr" ""
}

@test "--bootstrap: standard errors beside the figures, as by samples of another program" {
	edit 'x + 0.4 * (i % 3)' <"$S/g.mfc" >g.mfc
	stream --clouds 7 --points 60 --seed 8 --prefix r | edit 'x - 0.3 * (i % 4)' >r.mfc
	mfc-metric --json --bootstrap 20000 --reference r.mfc g.mfc >ours.json 2>/dev/null
	mfc-metric --json --reference r.mfc g.mfc >plain.json 2>/dev/null
	brute bootstrap g.mfc r.mfc >theirs.json
	# 20,000 samples tell a standard deviation to 0.5 %, and to 2 % where tails are heavy
	run compare "$(sed "s/jsd-scale/jsd/; s/[^,]*/&-error/g" <<<"$ALL" | sed 's/,jsd-error$//')" ours.json theirs.json 0.06
	assert_success
	run compare "$ALL" ours.json plain.json 0
	assert_success
	run -0 mfc-metric --metrics cd --bootstrap 10 --reference r.mfc g.mfc 2>/dev/null
	assert_regex "$output" $'mmd-cd\tmmd-cd-error\tcov-cd\tcov-cd-error\t1nna-cd\t1nna-cd-error\tgenerated'
}

@test "--bootstrap: by the seed alone, at any number of threads; a single cloud has no error to show" {
	mfc-metric --bootstrap 50 -@ 1 --reference "$S/r.mfc" "$S/g.mfc" >a.tsv
	mfc-metric --bootstrap 50 -@ 3 --reference "$S/r.mfc" "$S/g.mfc" | cmp - a.tsv
	run -1 cmp -s a.tsv <(mfc-metric --bootstrap 50 -s 1 --reference "$S/r.mfc" "$S/g.mfc")
	stream --clouds 1 --points 60 >one.mfc
	mfc-metric --json --bootstrap 50 --reference one.mfc one.mfc >one.json
	assert_equal "$(jq -c '[."mmd-cd-error", ."cov-emd-error", ."1nna-emd-error"]' one.json)" '[0,0,0]'
	run -2 mfc-metric --bootstrap 1 --reference "$S/r.mfc" "$S/g.mfc"
	run -2 mfc-metric --bootstrap x --reference "$S/r.mfc" "$S/g.mfc"
	run -2 mfc-metric pairs --bootstrap 10 --reference "$S/r.mfc" "$S/g.mfc"
}

@test "--by-label: each row is that of the label's clouds alone, and the last that of all" {
	{ stream --clouds 4 --points 30 --seed 1 --prefix g --label chair; stream --clouds 3 --points 30 --seed 2 --prefix h --label "$(printf 'a\tb')"; } >g.mfc
	{ stream --clouds 3 --points 30 --seed 3 --prefix q --label "$(printf 'a\tb')"; stream --clouds 4 --points 30 --seed 4 --prefix r --label chair; } >r.mfc
	mfc-metric --by-label --bootstrap 20 --reference r.mfc g.mfc >table.tsv
	assert_equal "$(cut -f 1 table.tsv | paste -sd,)" 'label,a\tb,chair,all'
	for label in chair "$(printf 'a\tb')"; do
		for f in g r; do
			python3 -c 'import sys, msgpack
u = [m for m in msgpack.Unpacker(sys.stdin.buffer, raw=False) if "x" in m and m["label"] == sys.argv[1]]
for m in [{"mfc": 1, "kind": "header"}, *u, {"kind": "trailer", "count": len(u)}]: sys.stdout.buffer.write(msgpack.packb(m))' "$label" <$f.mfc >$f-label.mfc
		done
		mfc-metric --bootstrap 20 --reference r-label.mfc g-label.mfc | tail -n 1 >alone
		awk -F '\t' -v label="${label/$'\t'/\\\\t}" '$1 == label' table.tsv | cut -f 2- | diff - alone
	done
	mfc-metric --bootstrap 20 --reference r.mfc g.mfc | tail -n 1 | diff - <(tail -n 1 table.tsv | cut -f 2-)
	mfc-metric --json --by-label --reference r.mfc g.mfc >table.json
	assert_equal "$(jq -c '.labels | keys' table.json)" '["a\tb","chair"]'
	assert_equal "$(jq -c '[.generated, .labels.chair.generated, .labels["a\tb"].reference]' table.json)" '[7,4,3]'
	run -0 mfc-metric --progress=always --by-label --reference r.mfc g.mfc 2>&1
	assert_output --partial '100 %'
}

@test "--by-label: a label of one side has no figures, clouds of none count among all, and streams of none are an error" {
	{ stream --clouds 2 --points 30 --seed 1 --label chair; stream --clouds 2 --points 30 --seed 2 --label lamp; } >g.mfc
	{ stream --clouds 2 --points 30 --seed 3 --label chair; stream --clouds 2 --points 30 --seed 4; } >r.mfc
	run -0 --separate-stderr mfc-metric --by-label --metrics cd,jsd --bootstrap 5 --reference r.mfc g.mfc
	assert_regex "$stderr" 'r.mfc: 2 of 4 clouds have no label'
	assert_regex "$stderr" 'label lamp: 2 generated and 0 reference clouds'
	assert_equal "$(cut -f 1,2,8,9,11,12 <<<"${lines[2]}")" $'lamp\tnan\tnan\tnan\t2\t0'
	assert_equal "$(cut -f 1,11,12 <<<"${lines[3]}")" $'all\t4\t4'
	mfc-metric --json --by-label --reference r.mfc g.mfc 2>/dev/null >table.json
	assert_equal "$(jq -c '.labels.lamp["mmd-cd"]' table.json)" null
	# What is no UTF-8 is replaced, for a reader of JSON to take the rest.
	LC_ALL=C sed 's/\xa5chair/\xa5\xc3\xa9\xffir/' g.mfc >bytes.mfc
	run -1 cmp -s bytes.mfc g.mfc
	run -0 bash -c 'mfc-metric --json --by-label --metrics cd --reference bytes.mfc bytes.mfc 2>/dev/null | jq -c ".labels | keys"'
	assert_output $'["lamp","\u00e9\ufffdir"]'
	run -1 --separate-stderr mfc-metric --by-label --reference "$S/r.mfc" "$S/g.mfc"
	assert_regex "$stderr" 'no cloud has a label'
	assert_equal "$output" ""
}

# blocks M OPTION...: all blocks of a job, joined in another order
blocks() {
	local m=$1 i
	shift
	for ((i = m - 1; i >= 0; i--)); do
		mfc-metric "$@" --block "$i/$m" -o "block-$i" || return
	done
	cat block-* >all-blocks
	rm block-*
}

@test "--block and --merge: the bytes of the run that was not shared out" {
	{ stream --clouds 3 --points 30 --seed 1 --prefix g --label chair; stream --clouds 3 --points 30 --seed 2 --prefix h --label lamp; } |
		edit 'x + 2 * (i % 3)' >g.mfc
	{ stream --clouds 2 --points 30 --seed 3 --prefix q --label lamp; stream --clouds 4 --points 30 --seed 4 --prefix r --label chair; } |
		edit 'x + 3 * (i % 2)' >r.mfc
	while read -ra options; do
		mfc-metric "${options[@]}" --reference r.mfc g.mfc >whole
		for m in 1 3 7; do
			blocks $m "${options[@]}" --reference r.mfc g.mfc
			mfc-metric "${options[@]}" --merge all-blocks --reference r.mfc g.mfc | cmp - whole
		done
	done <<-'END'
		--json
		--metrics emd,jsd
		--by-label --bootstrap 10
		--points 20 -s 3 --convention pvd
		pairs
		pairs --matrix --metrics emd
	END
	# More blocks than pairs
	blocks 50 pairs --metrics cd --reference r.mfc g.mfc
	mfc-metric pairs --metrics cd --merge all-blocks --reference r.mfc g.mfc | cmp - <(mfc-metric pairs --metrics cd --reference r.mfc g.mfc)
	# The joined blocks on standard input
	mfc-metric pairs --metrics cd --merge - --reference r.mfc g.mfc <all-blocks | cmp - <(mfc-metric pairs --metrics cd --reference r.mfc g.mfc)
}

@test "--block again does nothing where the block is done, and does it where it is not" {
	run -0 mfc-metric -@ 1 -v --block 0/2 -o block --reference "$S/r.mfc" "$S/g.mfc"
	refute_output --partial "done before"
	cp -p block kept
	run -0 mfc-metric -@ 1 -v --block 0/2 -o block --reference "$S/r.mfc" "$S/g.mfc"
	assert_output --partial "block: done before"
	[ ! block -nt kept ]
	for options in '--block 1/2' '--block 0/3' '--block 0/2 --points 50' '--block 0/2 --metrics cd' '--block 0/2 --bootstrap 2'; do
		cp kept block
		# shellcheck disable=SC2086
		run -0 mfc-metric -@ 1 -v $options -o block --reference "$S/r.mfc" "$S/g.mfc"
		refute_output --partial "done before"
	done
	head -c 300 kept >block
	run -0 mfc-metric -@ 1 -v --block 0/2 -o block --reference "$S/r.mfc" "$S/g.mfc"
	refute_output --partial "done before"
	python3 -c '
import msgpack, sys
a, b = ([m for m in msgpack.Unpacker(open(p, "rb"), raw=False)] for p in ("block", "kept"))
sys.exit([m.get("values") for m in a] != [m.get("values") for m in b])'
}

@test "--merge: blocks that are missing, there twice, of other clouds or options, cut short or none: errors" {
	one() { mfc-metric pairs --reference "$S/r.mfc" "$S/g.mfc" "$@"; }
	for i in 0 1 2; do one --block $i/3 -o b$i; done
	cat b0 b2 >all
	run -1 one --merge all
	assert_output "mfc-metric pairs: all: block 1/3 is missing"
	cat b0 b1 b2 b0 >all
	run -1 one --merge all
	assert_output "mfc-metric pairs: all: block 0/3 is there twice"
	one --block 0/2 -o c0
	cat b1 c0 >all
	run -1 one --merge all
	assert_output "mfc-metric pairs: all: block 0/2 among blocks of 3"
	cat b0 b1 b2 >all
	run -1 mfc-metric pairs --metrics cd --merge all --reference "$S/r.mfc" "$S/g.mfc"
	assert_output "mfc-metric pairs: all: block 0/3 is of other options: pairs of cd,emd --convention mfc --normalize none, where this is pairs of cd \
--convention mfc --normalize none"
	run -1 one --merge all --points 50
	assert_output --partial "normalize none, where this is pairs of cd,emd --convention mfc --normalize none --points 50 --seed 0"
	run -1 mfc-metric --metrics cd,emd --merge all --reference "$S/r.mfc" "$S/g.mfc"
	assert_output --partial "of other options: pairs of cd,emd --convention mfc --normalize none, where this is cd,emd --convention"
	run -1 mfc-metric pairs --merge all --reference "$S/g.mfc" "$S/r.mfc"
	assert_output "mfc-metric pairs: all: block 0/3 is of other clouds than $S/g.mfc"
	run -1 mfc-metric pairs --merge all --reference "$S/r.mfc" "$S/r.mfc"
	assert_output "mfc-metric pairs: all: block 0/3 is of other clouds than $S/r.mfc"
	head -c -60 b0 | cat - b1 b2 >cut
	run -1 one --merge cut
	assert_output "mfc-metric pairs: cut: block 0/3 is cut short: another begins within its emd"
	head -c -40 all >cut
	run -1 --separate-stderr one --merge cut
	assert_equal "$output" ""
	run -1 one --merge "$S/g.mfc"
	assert_output "mfc-metric pairs: $S/g.mfc: not a block of mfc-metric --block"
	run -1 one --merge nowhere
	# fewer values than the block should hold
	python3 -c '
import msgpack, sys
for m in msgpack.Unpacker(open("all", "rb"), raw=False):
    if "values" in m:
        v = m["values"]
        v["data"] = v["data"][8:]
        v["shape"][0] -= 1
    sys.stdout.buffer.write(msgpack.packb(m))' >less
	run -1 one --merge less
	assert_output --partial "does not hold as many pairs as it should"
	# what is no distance, and another measure's
	for change in 'v["data"] = struct.pack("<d", math.nan) + v["data"][8:]' 'v["data"] = struct.pack("<d", -1) + v["data"][8:]' 'm["id"] = "emd"'; do
		python3 -c '
import math, msgpack, struct, sys
for m in msgpack.Unpacker(open("all", "rb"), raw=False):
    if "values" in m:
        v = m["values"]
        exec(sys.argv[1])
    sys.stdout.buffer.write(msgpack.packb(m))' "$change" >odd
		run -1 one --merge odd
		assert_output --regexp 'value 0 is (nan|-1), no distance|has emd where cd should be'
	done
	run -2 mfc-metric pairs --merge - --reference "$S/r.mfc" </dev/null
	run -2 mfc-metric pairs --merge - --reference - "$S/g.mfc" </dev/null
	run -2 one --block 3/3 -o x
	for part in 1 -1/3 1/-3 ' 1/3' 1/+3 1/3x 1/ /3 1/99999999999999999999; do run -2 one --block "$part" -o x; done
	run -2 one --block 0/3 --merge all
	run -2 mfc-metric --metrics jsd --block 0/3 -o x --reference "$S/r.mfc" "$S/g.mfc"
}

@test "pairs --matrix: a table, or an array of NumPy" {
	mfc-metric pairs --metrics emd --reference "$S/r.mfc" "$S/g.mfc" >lines.tsv
	mfc-metric pairs --metrics emd --matrix --reference "$S/r.mfc" "$S/g.mfc" >matrix.tsv
	assert_equal "$(head -n 1 matrix.tsv)" "$(printf 'generated\tr1\tr2\tr3\tr4\tr5')"
	diff <(tail -n +2 lines.tsv | cut -f 3) <(tail -n +2 matrix.tsv | cut -f 2- | tr '\t' '\n')
	diff <(tail -n +2 lines.tsv | cut -f 1 | uniq) <(tail -n +2 matrix.tsv | cut -f 1)
	mfc-metric pairs --metrics emd --matrix --format npy -o matrix.npy --reference "$S/r.mfc" "$S/g.mfc"
	run -0 python3 -c '
import numpy as np
a, b = np.load("matrix.npy"), np.loadtxt("matrix.tsv", skiprows=1, usecols=range(1, 6))
print(a.shape, a.dtype, np.abs(a / b - 1).max() < 1e-8)'
	assert_output "(5, 5) float64 True"
	run -2 mfc-metric pairs --matrix --reference "$S/r.mfc" "$S/g.mfc"
	assert_output --partial "--matrix prints one measure"
	mfc-metric pairs --metrics emd --matrix -o named.npy --reference "$S/r.mfc" "$S/g.mfc"   # by the name, unless -f says otherwise
	cmp named.npy matrix.npy
	mfc-metric pairs --metrics emd --matrix -f tsv -o table.npy --reference "$S/r.mfc" "$S/g.mfc"
	cmp table.npy matrix.tsv
	run -2 mfc-metric pairs --metrics cd --format npy --reference "$S/r.mfc" "$S/g.mfc"
	run -2 mfc-metric pairs --metrics cd --matrix -o matrix.npz --reference "$S/r.mfc" "$S/g.mfc"
	assert_output --partial '-o matrix.npz: a matrix is written as .npy'
	run -2 mfc-metric pairs --metrics cd -o lines.npy --reference "$S/r.mfc" "$S/g.mfc"
	run -2 mfc-metric pairs --metrics cd --matrix --format csv --reference "$S/r.mfc" "$S/g.mfc"
}

# The stream with the array normal, one random direction a particle, of any length.
with_normals() {   # SEED
	python3 -c '
import sys, msgpack, numpy as np
rng = np.random.default_rng(int(sys.argv[1]))
for m in msgpack.Unpacker(sys.stdin.buffer, raw=False):
    if "x" in m:
        a = (rng.standard_normal(m["x"]["shape"]) * 10).astype("<f8")
        m["normal"] = {"shape": list(a.shape), "dtype": "<f8", "data": a.tobytes()}
    sys.stdout.buffer.write(msgpack.packb(m))' "$@"
}

@test "F-score, Hausdorff distance and normal consistency agree with brute force, of sets and of pairs, whatever the sizes" {
	{ stream --clouds 3 --points 50 --seed 1 --prefix g; stream --clouds 2 --points 31 --seed 2 --prefix h; } | with_normals 1 >g.mfc
	stream --clouds 4 --points 40 --seed 3 --prefix r | edit 'np.round(4 * x) / 4 + 0.1 * i' | with_normals 2 >r.mfc
	M=cd,fscore,hausdorff,normals
	mfc-metric --json --metrics $M,jsd --tau 0.6 --reference r.mfc g.mfc >ours.json 2>err
	brute near g.mfc r.mfc 0.6 >theirs.json
	run compare "$(for k in mmd cov 1nna; do for m in cd fscore hausdorff normals; do printf '%s-%s,' $k $m; done; done)jsd,jsd-scale" ours.json theirs.json
	assert_success
	assert_equal "$(jq -c '[.tau, .points]' ours.json)" '[0.6,"31-50"]'
	assert_regex "$(cat err)" 'clouds of 31-50 points'
	mfc-metric pairs --metrics $M --tau 0.6 --reference r.mfc g.mfc >ours.tsv
	assert_equal "$(head -n 1 ours.tsv)" "$(printf 'generated\treference\tcd\tfscore\thausdorff\tnormals')"
	brute near-pairs g.mfc r.mfc 0.6 >theirs.tsv
	paste <(tail -n +2 ours.tsv) theirs.tsv | awk -F '\t' '
		function differ(a, b) { return (a > b ? a - b : b - a) > 1e-6 * b }
		$1 != $7 || $2 != $8 { print; bad = 1 }
		{ for (k = 3; k <= 6; k++) if (differ($k, $(k + 6))) { print; bad = 1 } } END { exit bad || NR != 20 }'
	# by blocks, and at any number of threads
	blocks 3 pairs --metrics $M --tau 0.6 --reference r.mfc g.mfc
	mfc-metric pairs --metrics $M --tau 0.6 --merge all-blocks --reference r.mfc g.mfc | cmp - ours.tsv
	mfc-metric pairs -@ 3 --metrics $M --tau 0.6 --reference r.mfc g.mfc | cmp - ours.tsv
	run -1 mfc-metric pairs --metrics $M --tau 0.7 --merge all-blocks --reference r.mfc g.mfc
	run -0 mfc-metric --metrics fscore --tau 0.6 --reference r.mfc r.mfc
	assert_output "$(printf 'mmd-fscore\tcov-fscore\t1nna-fscore\tgenerated\treference\tpoints\tnormalize\tconvention\ttau\n1\t1\t0\t4\t4\t40\tnone\tmfc\t0.6')"
}

@test "fscore without --tau, normals that are missing or have no direction: errors that name them" {
	run -2 mfc-metric --metrics fscore --reference "$S/r.mfc" "$S/g.mfc"
	assert_output --partial "at which distance? --tau D"
	for tau in 0 -1; do
		run -2 mfc-metric --metrics fscore --tau $tau --reference "$S/r.mfc" "$S/g.mfc"
		assert_output --partial "mfc-metric: --tau $tau: not above 0"
	done
	run -2 mfc-metric --metrics cd --tau 0.1 --reference "$S/r.mfc" "$S/g.mfc"
	run -2 mfc-metric --metrics cd --emd sliced --reference "$S/r.mfc" "$S/g.mfc"
	run -1 mfc-metric --metrics normals --reference "$S/r.mfc" "$S/g.mfc"
	assert_output --partial "r.mfc: cloud r1: no normals"
	with_normals 1 <"$S/r.mfc" >r.mfc
	python3 -c '
import sys, msgpack
for m in msgpack.Unpacker(sys.stdin.buffer, raw=False):
    if m.get("id") == "r4":
        m["normal"]["data"] = m["normal"]["data"][:24] + bytes(24) + m["normal"]["data"][48:]
    sys.stdout.buffer.write(msgpack.packb(m))' <r.mfc >zero.mfc
	run -1 mfc-metric --metrics normals --reference zero.mfc r.mfc
	assert_output "mfc-metric: zero.mfc: cloud r4: the normal of particle 1 has no direction"
	python3 -c '
import sys, msgpack
for m in msgpack.Unpacker(sys.stdin.buffer, raw=False):
    if "normal" in m:
        m["normal"]["shape"] = [30, 6]
    sys.stdout.buffer.write(msgpack.packb(m))' <r.mfc >odd.mfc
	run -1 mfc-metric --metrics normals --reference r.mfc odd.mfc
	assert_output --partial "odd.mfc: cloud r1: normal: not 3 coordinates for each of 60 particles"
	# Normals of shapes that mfc-load read
	mfc-load -q --normals -n 100 --limit 3 "$FIXTURES/airplanes.zip" >shapes.mfc
	run -0 --separate-stderr mfc-metric --metrics normals --points 50 --reference shapes.mfc shapes.mfc
	assert_regex "${lines[1]}" $'^1\t1\t0\t3'
}

@test "the limits: one point, a million of them, one against many, NaN, no clouds, another dimension" {
	stream --clouds 2 --points 1 --seed 1 >a.mfc
	stream --clouds 2 --points 1 --seed 2 --prefix r >b.mfc
	mfc-metric --json --bootstrap 5 --metrics cd,emd,fscore,hausdorff,jsd --tau 1 --reference b.mfc a.mfc >one.json
	brute set a.mfc b.mfc >theirs.json
	run compare "$ALL" one.json theirs.json
	assert_success
	stream --clouds 1 --points 1000000 --seed 3 >million.mfc
	run -0 --separate-stderr mfc-metric --json --metrics cd,jsd --reference b.mfc million.mfc
	jq -e '.points == "1-1000000" and ."mmd-cd" > 0 and .jsd > 0.9' <<<"$output"
	run -0 mfc-metric pairs --metrics cd,hausdorff --reference million.mfc million.mfc
	assert_equal "$(cut -f 3,4 <<<"${lines[1]}")" $'0\t0'
	stream --clouds 1 --points 1000 --seed 3 >thousand.mfc
	for c in mfc pvd; do
		mfc-metric pairs --metrics emd --convention $c --reference b.mfc thousand.mfc >ours.tsv
		brute unequal thousand.mfc b.mfc $c >theirs.tsv
		run within 1e-6 ours.tsv theirs.tsv
		assert_success
	done
	edit 'np.where(np.arange(60)[:, None] == 7, np.nan, x)' <"$S/g.mfc" >nan.mfc
	for files in "$S/r.mfc nan.mfc" "nan.mfc $S/r.mfc"; do
		# shellcheck disable=SC2086
		run -1 --separate-stderr mfc-metric --metrics hausdorff --reference $files
		assert_equal "$output" ""
		[[ $stderr == 'mfc-metric: nan.mfc: '*'particle 7 is not finite' ]] || fail "$stderr"
		# shellcheck disable=SC2086
		run -1 --separate-stderr mfc-metric pairs --reference $files
		assert_regex "$stderr" '^mfc-metric pairs: nan.mfc: .*particle 7 is not finite$'
	done
	run -1 mfc-metric pairs --reference "$S/none.mfc" "$S/g.mfc"
	assert_output "mfc-metric pairs: $S/none.mfc: no clouds to compare"
	run -1 mfc-metric pairs --reference "$S/plane.mfc" "$S/g.mfc"
	assert_output --partial "cloud g1: 3 coordinates, but c1 of $S/plane.mfc has 2"
}

@test "--emd sinkhorn agrees with a program in logarithms, by plain and squared distances, of unequal sizes too" {
	stream --clouds 3 --points 47 --seed 3 --prefix r | edit 'x + i' >r.mfc
	for c in mfc pvd; do
		mfc-metric pairs --metrics emd --emd sinkhorn --convention $c --reference r.mfc "$S/g.mfc" >ours.tsv
		assert_equal "$(head -n 1 ours.tsv)" "generated	reference	sinkhorn"
		brute sinkhorn "$S/g.mfc" r.mfc $c >theirs.tsv
		run within 2e-4 ours.tsv theirs.tsv
		assert_success
	done
	# One point, equal clouds
	stream --clouds 1 --points 1 --seed 3 >one.mfc
	mfc-metric pairs --metrics emd --emd sinkhorn --reference one.mfc "$S/g.mfc" >ours.tsv
	brute sinkhorn "$S/g.mfc" one.mfc >theirs.tsv
	run within 1e-5 ours.tsv theirs.tsv
	assert_success
	run -0 mfc-metric pairs --metrics emd --emd sinkhorn --reference one.mfc one.mfc
	assert_equal "${lines[1]}" "c1	c1	0"
}

@test "--emd sliced: that of other directions, exact on a line, the way of a translate, not above EMD" {
	stream --clouds 3 --points 60 --seed 3 --prefix r | edit 'x + i * np.array([0.3, 0, 0.4])' >r.mfc
	for c in mfc pvd; do
		mfc-metric pairs --metrics emd --emd sliced --convention $c --reference r.mfc "$S/g.mfc" >ours.tsv
		brute sliced "$S/g.mfc" r.mfc $c >theirs.tsv
		run within 0.08 ours.tsv theirs.tsv
		assert_success
		mfc-metric pairs --metrics emd --convention $c --reference r.mfc "$S/g.mfc" | paste - ours.tsv | awk 'NR > 1 && $6 > $3 * 1.01 { print; exit 1 }'
	done
	stream --clouds 1 --points 60 --seed 1 >one.mfc
	edit 'x + np.array([0.3, 0, 0.4])' <one.mfc >moved.mfc
	run -0 mfc-metric pairs --metrics emd --emd sliced --reference one.mfc moved.mfc
	awk -v d="$(cut -f 3 <<<"${lines[1]}")" 'BEGIN { exit !(d > 0.49 && d < 0.51) }'
	run -0 mfc-metric pairs --metrics emd --emd sliced --convention pvd --reference one.mfc moved.mfc
	awk -v d="$(cut -f 3 <<<"${lines[1]}")" 'BEGIN { exit !(d > 0.249999 && d < 0.250001) }'
	stream --clouds 3 --points 20 --dim 1 --seed 1 >a.mfc
	stream --clouds 2 --points 33 --dim 1 --seed 2 >b.mfc
	mfc-metric pairs --metrics emd --emd sliced --reference b.mfc a.mfc >ours.tsv
	brute sliced a.mfc b.mfc >theirs.tsv
	run within 1e-6 ours.tsv theirs.tsv
	assert_success
}

@test "an approximation is never called EMD, nor taken for it in blocks" {
	for e in sinkhorn sliced; do
		run -0 mfc-metric --metrics cd,emd --emd $e --bootstrap 5 --reference "$S/r.mfc" "$S/g.mfc"
		refute_output --regexp '(^|[^a-z])emd'
		assert_line --index 0 --regexp "mmd-$e"
		run -0 mfc-metric --json --metrics emd --emd $e --reference "$S/r.mfc" "$S/g.mfc"
		assert_output --partial "$e: "
		assert_output --partial "an approximation of emd"
		mfc-metric pairs --metrics emd --emd $e --reference "$S/r.mfc" "$S/g.mfc" >whole
		blocks 2 pairs --metrics emd --emd $e --reference "$S/r.mfc" "$S/g.mfc"
		mfc-metric pairs --metrics emd --emd $e --merge all-blocks --reference "$S/r.mfc" "$S/g.mfc" | cmp - whole
		run -1 mfc-metric pairs --metrics emd --merge all-blocks --reference "$S/r.mfc" "$S/g.mfc"
	done
	mfc-metric pairs --metrics emd --emd exact --reference "$S/r.mfc" "$S/g.mfc" | cmp - <(mfc-metric pairs --metrics emd --reference "$S/r.mfc" "$S/g.mfc")
	run -2 mfc-metric --emd auction --reference "$S/r.mfc" "$S/g.mfc"
	assert_output --partial "--emd auction: not exact, sinkhorn or sliced"
}

@test "a set against itself: MMD 0, all covered, JSD 0, 1-NNA by the rule for ties" {
	mfc-metric --json --reference "$S/r.mfc" "$S/r.mfc" >out.json
	assert_equal "$(jq -c '[."mmd-cd",."mmd-emd",."cov-cd",."cov-emd",.jsd]' out.json)" '[0,0,1,1,0]'
	# each cloud's nearest is its own copy, of the other set
	assert_equal "$(jq -c '[."1nna-cd",."1nna-emd"]' out.json)" '[0,0]'
}

@test "sets far apart: 1-NNA is 1, JSD 1, one reference covered at most by chance" {
	edit 'x + 100' <"$S/g.mfc" >far.mfc
	mfc-metric --json --reference "$S/r.mfc" far.mfc >out.json
	assert_equal "$(jq -c '[."1nna-cd",."1nna-emd"]' out.json)" '[1,1]'
	run jq -e '.jsd > 0.9 and ."mmd-emd" > 150' out.json
	assert_success
}

@test "the order of particles and of clouds is of no consequence" {
	edit 'x[::-1]' <"$S/g.mfc" >turned.mfc
	stream --only 3,5,1,2,4 --points 60 --seed 1 --prefix g >mixed.mfc
	mfc-metric --json --reference "$S/r.mfc" "$S/g.mfc" >a.json
	mfc-metric --json --reference "$S/r.mfc" turned.mfc >b.json
	mfc-metric --json --reference "$S/r.mfc" mixed.mfc >c.json
	run compare "$ALL" a.json b.json
	assert_success
	run compare "$ALL" a.json c.json
	assert_success
}

@test "the distances are symmetric" {
	mfc-metric pairs --reference "$S/r.mfc" "$S/g.mfc" | tail -n +2 | sort >a.tsv
	mfc-metric pairs --reference "$S/g.mfc" "$S/r.mfc" | tail -n +2 | awk -F '\t' -v OFS='\t' '{ print $2, $1, $3, $4 }' | sort >b.tsv
	paste a.tsv b.tsv | awk -F '\t' '
		function differ(a, b) { return (a > b ? a - b : b - a) > 1e-6 * b }
		$1 != $5 || $2 != $6 || differ($3, $7) || differ($4, $8) { print; bad = 1 } END { exit bad || NR != 25 }'
}

@test "a cloud and its translate: EMD is the length of the way" {
	stream --clouds 1 --points 60 --seed 1 --prefix g >one.mfc
	edit 'x + np.array([0.3, 0, 0.4])' <one.mfc >moved.mfc
	run bash -c 'mfc-metric pairs --metrics emd --reference one.mfc moved.mfc | tail -1 | cut -f3'
	awk -v d="$output" 'BEGIN { exit !(d > 0.4999999 && d < 0.5000001) }'
}

@test "EMD grows in proportion to scale and CD to its square" {
	for f in g r; do edit '4 * x' <"$S/$f.mfc" >$f.mfc; done
	paste <(mfc-metric pairs --reference r.mfc g.mfc | tail -n +2) <(mfc-metric pairs --reference "$S/r.mfc" "$S/g.mfc" | tail -n +2) |
		awk '{ c = $3 / $7; e = $4 / $8; if (c < 15.9999 || c > 16.0001 || e < 3.99999 || e > 4.00001) bad = 1 } END { exit bad || NR != 25 }'
}

@test "normalisation undoes a move and a scale of each cloud" {
	edit '(2 + i) * x - i' <"$S/g.mfc" >moved.mfc
	for how in cloud-box cloud-sphere cloud-std; do
		mfc-metric --json --normalize $how --reference "$S/r.mfc" "$S/g.mfc" >a.json
		mfc-metric --json --normalize $how --reference "$S/r.mfc" moved.mfc >b.json
		run python3 -c 'import json, sys
a, b = (json.load(open(p)) for p in ("a.json", "b.json"))
sys.exit(any(abs(a[k] - b[k]) > 1e-4 * a[k] for k in ("mmd-cd", "mmd-emd")))'
		assert_success
	done
}

@test "JSD: sets inside the unit cube are taken as they are, others scaled by one factor of the reference" {
	for f in g r; do edit 'x / 20' <"$S/$f.mfc" >small-$f.mfc; done
	mfc-metric --json --metrics jsd --reference small-r.mfc small-g.mfc >inside.json
	assert_equal "$(value jsd-scale <inside.json)" 1
	brute set small-g.mfc small-r.mfc >theirs.json
	run compare jsd inside.json theirs.json
	assert_success
	# the generated set's own size does not move the factor
	edit '1000 * x' <"$S/g.mfc" >large.mfc
	a=$(mfc-metric --json --metrics jsd --reference "$S/r.mfc" large.mfc | value jsd-scale)
	b=$(mfc-metric --json --metrics jsd --reference "$S/r.mfc" "$S/g.mfc" | value jsd-scale)
	assert_equal "$a" "$b"
	run mfc-metric -v --metrics jsd --reference "$S/r.mfc" "$S/g.mfc"
	assert_output --partial "both sets scaled by $(printf %.6g "$b")"
}

@test "--points: a keyed subset, the same for the same seed, at any number of threads, whatever stands around the cloud" {
	mfc-metric pairs --points 40 -s 7 -@ 1 --reference "$S/r.mfc" "$S/g.mfc" >a.tsv
	mfc-metric pairs --points 40 -s 7 -@ 3 --reference "$S/r.mfc" "$S/g.mfc" >b.tsv
	mfc-metric pairs --points 40 -s 8 --reference "$S/r.mfc" "$S/g.mfc" >c.tsv
	cmp a.tsv b.tsv
	run -1 cmp -s a.tsv c.tsv
	stream --only 3 --points 60 --seed 1 --prefix g | mfc-metric pairs --points 40 -s 7 --reference "$S/r.mfc" >d.tsv
	diff <(grep '^g3' a.tsv) <(grep '^g3' d.tsv)
}

@test "--points equal to the size changes nothing" {
	mfc-metric pairs --points 60 -s 7 --reference "$S/r.mfc" "$S/g.mfc" >a.tsv
	mfc-metric pairs --reference "$S/r.mfc" "$S/g.mfc" >b.tsv
	cmp a.tsv b.tsv
}

@test "the same bytes at one thread and at four" {
	mfc-metric --json -@ 1 --reference "$S/r.mfc" "$S/g.mfc" >a.json
	mfc-metric --json -@ 4 --reference "$S/r.mfc" "$S/g.mfc" >b.json
	cmp a.json b.json
}

@test "clouds of different sizes: exact transport of parts, as by a linear program, of squares too; a warning for sets; --points" {
	stream --clouds 2 --points 12 --seed 3 >few.mfc
	stream --clouds 2 --points 20 --seed 4 --prefix r >more.mfc
	cat few.mfc more.mfc >mixed.mfc   # within one stream, too
	for c in mfc pvd; do
		mfc-metric pairs --metrics emd --convention $c --reference mixed.mfc few.mfc >ours.tsv
		brute unequal few.mfc mixed.mfc $c >theirs.tsv
		run within 1e-6 ours.tsv theirs.tsv
		assert_success
	done
	run -0 --separate-stderr mfc-metric --reference "$S/r.mfc" "$S/fewer.mfc"
	assert_regex "$stderr" 'clouds of 50-60 points'
	assert_regex "${lines[1]}" $'\t50-60\tnone\tmfc$'
	run -0 --separate-stderr mfc-metric --points 50 --reference "$S/r.mfc" "$S/fewer.mfc"
	assert_regex "${lines[1]}" $'\t50\tnone\tmfc$'
	run -1 mfc-metric --points 55 --reference "$S/r.mfc" "$S/fewer.mfc"
	assert_output --partial "50 points, fewer than --points 55"
}

@test "-v: how many pairs bounds left out, and how far EMD is above its dual bound" {
	edit 'x + 30 * i' <"$S/g.mfc" >g.mfc
	run -0 --separate-stderr mfc-metric -v --metrics emd --reference "$S/r.mfc" g.mfc
	assert_regex "$stderr" 'emd: of 45 pairs ([0-9]+) were begun and [0-9]+ solved, the largest [0-9.e-]+ above its dual bound'
	[ "${BASH_REMATCH[1]}" -lt 45 ]
	run -0 --separate-stderr mfc-metric pairs -v --reference "$S/r.mfc" g.mfc
	assert_regex "$stderr" 'emd: of 25 pairs 25 were begun and 25 solved'
}

# same_verdicts GENERATED REFERENCE CONVENTION: --nearest, cloud by cloud, beside brute force over all pairs; and 1-NNA from it
same_verdicts() {
	mfc-metric --nearest --metrics emd --convention "$3" --reference "$2" "$1" >nearest.tsv 2>/dev/null
	assert_equal "$(head -n 1 nearest.tsv)" "measure	set	id	nearest-set	nearest	distance"
	brute nearest "$1" "$2" "$3" >theirs.tsv
	assert_equal "$(tail -n +2 nearest.tsv | cut -f 1-5)" "$(cut -f 1-5 theirs.tsv)"
	paste <(tail -n +2 nearest.tsv) theirs.tsv | awk -F '\t' '{ d = $6 - $12; if (d * d > (1e-6 * $12) ^ 2) { print; bad = 1 } } END { exit bad }'
	awk -F '\t' 'NR > 1 { same += $2 == $4 } END { printf "%.9g\n", same / (NR - 1) }' nearest.tsv >nna
	mfc-metric --metrics emd --convention "$3" --reference "$2" "$1" 2>/dev/null | tail -n 1 | cut -f 3 | diff - nna
}

@test "--nearest: every cloud has the nearest that all pairs have, with pairs left out, ties, and clouds of other sizes" {
	stream --clouds 14 --points 40 --seed 5 --prefix g | edit 'x + 0.3 * (i % 5) * np.array([1, 0, 0.5])' >g.mfc
	{ stream --clouds 13 --points 40 --seed 6 --prefix r | edit 'x * (0.8 + 0.1 * (i % 4))'; stream --clouds 1 --points 40 --seed 5 --prefix copy; } >r.mfc
	for c in mfc pvd; do
		same_verdicts g.mfc r.mfc $c
		edit 'x[:8 + i % 7]' <g.mfc >g-sizes.mfc
		edit 'x[:12 - i % 3]' <r.mfc >r-sizes.mfc
		same_verdicts g-sizes.mfc r-sizes.mfc $c
	done
	run -0 mfc-metric -v --metrics emd --reference r.mfc g.mfc
	assert_output --regexp 'emd: of 378 pairs ([0-9]{1,2}|[12][0-9]{2}) were begun'
	# by every measure of a pair, and by blocks
	mfc-metric --nearest --metrics cd,emd,fscore,hausdorff --tau 1 --reference r.mfc g.mfc >whole
	assert_equal "$(cut -f 1 whole | uniq | paste -sd,)" measure,cd,emd,fscore,hausdorff
	blocks 3 --nearest --metrics cd,emd,fscore,hausdorff --tau 1 --reference r.mfc g.mfc
	mfc-metric --nearest --metrics cd,emd,fscore,hausdorff --tau 1 --merge all-blocks --reference r.mfc g.mfc | cmp - whole
	for option in --json --paper --by-label '--bootstrap 5' '--metrics jsd'; do
		# shellcheck disable=SC2086
		run -2 mfc-metric --nearest $option --reference r.mfc g.mfc
	done
}

@test "pairs prints each line when it and those before are there, and a killed run leaves them" {
	{ cat "$S/fewer.mfc"; stream --clouds 1 --points 200000 --seed 5; } >r.mfc
	{ cat "$S/fewer.mfc"; stream --clouds 1 --points 200000 --seed 6; } >g.mfc
	: >out.tsv   # before it is looked at
	mfc-metric pairs -@ 1 --metrics emd --reference r.mfc g.mfc >>out.tsv 3>&- &
	for ((i = 0; i < 600; i++)); do
		[ "$(wc -l <out.tsv)" -lt 2 ] || break
		sleep 0.1
	done
	kill -9 $!
	wait $! || status=$?
	assert_equal "$status" 137
	assert_equal "$(cat out.tsv)" "generated	reference	emd
c1	c1	0"
}

@test "sets of different sizes: a warning and a result" {
	stream --clouds 2 --points 60 --seed 1 >two.mfc
	run -0 --separate-stderr mfc-metric --reference "$S/r.mfc" two.mfc
	assert_regex "$stderr" 'warning: 2 generated and 5 reference clouds'
	assert_equal "${#lines[@]}" 2
}

@test "noised clouds on either side: a warning that names it" {
	edit x t=0.5 <"$S/g.mfc" >noised.mfc
	run -0 --separate-stderr mfc-metric --reference "$S/r.mfc" noised.mfc
	assert_regex "$stderr" 'noised.mfc: 5 of 5 clouds are noised'
	run -0 --separate-stderr mfc-metric --reference noised.mfc "$S/r.mfc"
	assert_regex "$stderr" 'noised.mfc: 5 of 5 clouds are noised'
	edit x t=0 <"$S/g.mfc" >clean.mfc
	run -0 --separate-stderr mfc-metric --reference "$S/r.mfc" clean.mfc
	assert_equal "$stderr" ""
}

@test "an empty set on either side is an error" {
	run -1 mfc-metric --reference "$S/none.mfc" "$S/g.mfc"
	assert_output "mfc-metric: $S/none.mfc: no clouds to compare"
	run -1 bash -c "mfc-metric --reference '$S/r.mfc' <'$S/none.mfc'"
	assert_output "mfc-metric: standard input: no clouds to compare"
}

@test "coordinates by the hundred thousand take no more of the stack" {
	stream --clouds 2 --points 3 --dim 100000 >wide.mfc
	run -0 bash -c 'ulimit -s 256; mfc-metric pairs --metrics emd --reference wide.mfc wide.mfc | tail -n +2 | awk "{ print (\$3 > 0) }"'
	assert_output $'0\n1\n1\n0'
}

@test "clouds of other dimension are an error that names both" {
	run -1 mfc-metric --reference "$S/plane.mfc" "$S/g.mfc"
	assert_output --partial "cloud g1: 3 coordinates, but c1 of"
}

@test "four coordinates: cd and emd work, jsd is an error that says how to go on" {
	stream --clouds 2 --dim 4 --seed 1 >a.mfc
	run -1 mfc-metric --reference a.mfc a.mfc
	assert_output --partial "--metrics cd,emd"
	run -0 mfc-metric --metrics cd,emd --reference a.mfc a.mfc
}

@test "a truncated stream or another program's is an error, and nothing is printed" {
	head -c 500 "$S/g.mfc" >cut.mfc
	run -1 --separate-stderr mfc-metric --reference "$S/r.mfc" cut.mfc
	assert_equal "$output" ""
	assert_regex "$stderr" 'cut.mfc'
	run -1 bash -c "echo hello | mfc-metric --reference '$S/r.mfc'"
	run -1 mfc-metric --reference /nonexistent "$S/g.mfc"
	assert_output --partial "/nonexistent: No such file"
}

@test "usage errors exit 2: no reference, a metric or a normalisation that does not exist, two inputs" {
	run -2 mfc-metric "$S/g.mfc"
	assert_output --partial "--reference"
	run -2 mfc-metric --metrics cd,fid --reference "$S/r.mfc" "$S/g.mfc"
	assert_output --partial "cd,emd,fscore,hausdorff,normals,jsd"
	run -2 mfc-metric --metrics cd, --reference "$S/r.mfc" "$S/g.mfc"
	run -2 mfc-metric pairs --metrics jsd --reference "$S/r.mfc" "$S/g.mfc"
	run -2 mfc-metric --normalize box --reference "$S/r.mfc" "$S/g.mfc"
	run -2 mfc-metric --reference "$S/r.mfc" "$S/g.mfc" "$S/g.mfc"
	run -2 mfc-metric --reference - -
}

@test "chaos: what clouds are too small to tell is nan, and so are its error and its ratio" {
	mfc-metric chaos --reference "$S/r.mfc" "$S/g.mfc" >table.tsv
	run -0 awk -F '\t' '$1 == "variation-64" { print $2, $3, $4, $5, $6 }' table.tsv
	assert_output "nan nan nan nan nan"
}

@test "one metric at a time prints its columns alone, with the same values" {
	mfc-metric --json --reference "$S/r.mfc" "$S/g.mfc" >all.json
	for m in cd emd jsd; do
		mfc-metric --json --metrics $m --reference "$S/r.mfc" "$S/g.mfc" >one.json
		run python3 -c 'import json, sys
a, b = (json.load(open(p)) for p in ("all.json", "one.json"))
sys.exit(not (0 < len([k for k in b if k in a]) < len(a) and all(a[k] == b[k] for k in b)))'
		assert_success
	done
	run bash -c "mfc-metric pairs --metrics emd --reference '$S/r.mfc' '$S/g.mfc' | head -1"
	assert_output "generated	reference	emd"
}

@test "-o writes a file, and a failing write is an error" {
	mfc-metric -o out.tsv --reference "$S/r.mfc" "$S/g.mfc"
	assert_equal "$(wc -l <out.tsv)" 2
	run -1 bash -c "mfc-metric pairs --reference '$S/r.mfc' '$S/g.mfc' >/dev/full"
}

@test "progress counts pairs on standard error" {
	run -0 --separate-stderr mfc-metric --progress=always --reference "$S/r.mfc" "$S/g.mfc"
	assert_regex "$stderr" 'pairs'
	# of a block, over both passes: what is done is all, and no more
	run -0 mfc-metric pairs --progress=always --metrics cd,hausdorff --block 1/2 -o block --reference "$S/r.mfc" "$S/g.mfc"
	assert_output --regexp '100 % .*pairs/s 0:00 left'
	run -0 --separate-stderr mfc-metric --progress=always --reference "$S/r.mfc" "$S/g.mfc"
	assert_equal "${#lines[@]}" 2
}

@test "ids with tabs and line ends do not break the table" {
	python3 - "$S/g.mfc" >odd.mfc <<-'PYTHON'
		import sys, msgpack
		for m in msgpack.Unpacker(open(sys.argv[1], "rb"), raw=False):
		    if "x" in m:
		        m["id"] = "a\tb\n" + m["id"]
		    sys.stdout.buffer.write(msgpack.packb(m))
	PYTHON
	run -0 mfc-metric pairs --metrics cd --reference "$S/r.mfc" odd.mfc
	assert_equal "${#lines[@]}" 26
	assert_regex "${lines[1]}" '^a\\tb\\ng1	r1	'
}

# same_table FILE FILE: two tables of chaos are the same, to the digits that are printed
same_table() {
	paste "$1" "$2" | awk -F '\t' '
		function differ(a, b, most) { return (a ~ /nan/) != (b ~ /nan/) || (a - b) ^ 2 > (most * b) ^ 2 }
		$1 != $4 || NF != 6 || (NR > 1 && (differ($2, $5, 1e-5) || differ($3, $6, 0.06))) { print; bad = 1 } END { exit bad || NR != 9 }'
}

@test "chaos agrees with a k-d tree of scipy: on surfaces, in the plane, with copies, of few points, normalised" {
	stream --clouds 3 --points 400 --seed 4 >space.mfc
	edit 'x / np.linalg.norm(x, axis=1, keepdims=True)' <space.mfc >sphere.mfc
	edit 'x * [1, 1e-3, 0]' <space.mfc >strip.mfc
	edit 'np.r_[x, x[:150], x[:3] + 1e-4]' <sphere.mfc >copies.mfc
	edit 'np.round(4 * x)' <space.mfc >grid.mfc
	edit 'np.r_[x, x[:300] / 2, x[:200] / 4]' <sphere.mfc >uneven.mfc
	edit 'np.repeat(x[:20], 20, axis=0)' <space.mfc >heaps.mfc
	edit 'np.repeat(x[:200], 2, axis=0) * 10' <space.mfc >twins.mfc
	edit 'np.repeat(x[:1], 400, axis=0)' <space.mfc >point.mfc
	edit 'x[:40]' <space.mfc >few.mfc
	edit 'x[:5]' <space.mfc >fewer.mfc
	for f in space sphere strip copies uneven heaps twins grid few fewer; do
		mfc-metric chaos -@ 2 <$f.mfc >ours.tsv
		brute chaos $f.mfc >theirs.tsv
		run same_table ours.tsv theirs.tsv
		assert_success
	done
	for how in cloud-box cloud-sphere cloud-std; do
		mfc-metric chaos --normalize $how sphere.mfc >ours.tsv
		brute chaos sphere.mfc $how >theirs.tsv
		run same_table ours.tsv theirs.tsv
		assert_success
	done
	run -0 timeout 20 mfc-metric chaos point.mfc
	assert_line $'uniformity-0.4\tnan\tnan'
	# What is not there is nan, without a sign, and so is its error.
	run -0 mfc-metric chaos few.mfc
	assert_line $'variation-64\tnan\tnan'
	run -0 mfc-metric chaos <(mfc-subdivide branch --factor 2 few.mfc)
	assert_line $'variation-1\tnan\tnan'
	assert_line $'near-duplicates\t1\t0'
	refute_output --partial -nan
}

@test "chaos beside a reference: both tables, and their ratio" {
	stream --clouds 4 --points 200 --seed 4 | edit 'np.r_[x[:195], x[:5] + 1e-5]' >g.mfc
	stream --clouds 3 --points 200 --seed 5 | edit 'np.r_[x[:199], x[:1] + 1e-5]' >r.mfc
	mfc-metric chaos --reference r.mfc g.mfc >both.tsv
	assert_equal "$(head -n 1 both.tsv)" "$(printf 'measure\tgenerated\terror\treference\terror\tratio')"
	cmp <(cut -f 1-3 both.tsv) <(mfc-metric chaos g.mfc)
	cmp <(tail -n +2 both.tsv | cut -f 1,4,5) <(mfc-metric chaos r.mfc | tail -n +2)
	tail -n +2 both.tsv | awk -F '\t' '{ q = $2 / $4 / $6 - 1; if (NF != 6 || q * q > 1e-6) { print; exit 1 } }'
	awk -F '\t' '$1 == "near-duplicates" { exit !($2 >= 0.05 && $4 >= 0.01 && $6 > 2) }' both.tsv
	# Where there is nothing to divide by
	stream --clouds 2 --points 8 | edit 'np.arange(24).reshape(8, 3) ** 2' >even.mfc
	run -0 mfc-metric chaos --reference even.mfc even.mfc
	assert_line $'near-duplicates\t0\t0\t0\t0\tnan'
	alone=$(mfc-metric chaos even.mfc | sed -n 's/^nearest\t//p')
	assert_line $'nearest\t'"$alone"$'\t'"$alone"$'\t1'
	refute_output --partial -nan
}

@test "chaos: the same bytes at any number of threads; --points by the seed" {
	stream --clouds 2 --points 3000 >g.mfc
	mfc-metric chaos -@ 1 g.mfc >one.tsv
	mfc-metric chaos -@ 3 g.mfc | cmp - one.tsv
	mfc-metric chaos --points 3000 g.mfc | cmp - one.tsv
	mfc-metric chaos --points 500 -s 7 g.mfc >a.tsv
	mfc-metric chaos --points 500 -s 7 -@ 3 g.mfc | cmp - a.tsv
	run -1 cmp -s a.tsv <(mfc-metric chaos --points 500 -s 8 g.mfc)
	# As those of fewer points, they are further apart.
	awk -F '\t' '$1 == "nearest" { d[NR > 9] = $2 } END { exit !(d[1] > 1.5 * d[0]) }' one.tsv a.tsv
}

@test "chaos: data errors" {
	stream --clouds 1 --points 1 >one.mfc
	run -1 mfc-metric chaos one.mfc
	assert_output 'mfc-metric chaos: one.mfc: cloud c1: 1 points have no neighbours'
	run -1 mfc-metric chaos --points 1 "$S/g.mfc"
	assert_output --partial "1 points have no neighbours"
	# As many points everywhere, within a side and between the two
	cat "$S/g.mfc" "$S/fewer.mfc" >both.mfc
	run -1 mfc-metric chaos both.mfc
	assert_output "mfc-metric chaos: both.mfc: cloud c1: 50 points where others have 60, and spacing depends on it: choose a common number by --points"
	run -1 mfc-metric chaos --reference "$S/r.mfc" "$S/fewer.mfc"
	assert_output --partial "fewer.mfc: cloud c1: 50 points where others have 60"
	mfc-metric chaos --points 50 --reference "$S/r.mfc" both.mfc >out.tsv
	run -1 mfc-metric chaos --points 51 --reference "$S/r.mfc" both.mfc
	assert_output --partial "50 points, fewer than --points 51"
	edit 'np.where(np.arange(60)[:, None] == 7, np.nan, x)' <"$S/g.mfc" >nan.mfc
	run -1 --separate-stderr mfc-metric chaos nan.mfc
	assert_equal "$output" ""
	[[ $stderr == 'mfc-metric chaos: nan.mfc: '*'particle 7 is not finite' ]] || fail "$stderr"
	run -1 --separate-stderr mfc-metric chaos --reference nan.mfc "$S/g.mfc"
	assert_equal "$output" ""
	run -1 mfc-metric chaos "$S/none.mfc"
	assert_output "mfc-metric chaos: $S/none.mfc: no clouds to measure"
	run -1 mfc-metric chaos --reference "$S/none.mfc" "$S/g.mfc"
	assert_output "mfc-metric chaos: $S/none.mfc: no clouds to measure"
	run -1 mfc-metric chaos --reference nowhere.mfc "$S/g.mfc"
	assert_output --partial "nowhere.mfc: No such file"
}

@test "chaos: usage errors exit 2" {
	run -2 mfc-metric chaos --metrics cd "$S/g.mfc"
	run -2 mfc-metric chaos --normalize set "$S/g.mfc"
	run -2 mfc-metric chaos "$S/g.mfc" "$S/g.mfc"
	run -2 mfc-metric chaos --points x "$S/g.mfc"
	run -2 mfc-metric chaos --reference - -
	assert_output --partial "standard input cannot be both sides"
}

@test "chaos --correlation: of two particles, as numpy finds it over all pairs; beside a reference" {
	stream --clouds 7 --points 30 --seed 4 | edit 'x + x[0] / 2' >g.mfc
	stream --clouds 6 --points 30 --seed 5 >r.mfc
	mfc-metric chaos --correlation g.mfc >table.tsv
	python3 - <<-'END'
		import msgpack, numpy as np
		x = np.array([np.frombuffer(m["x"]["data"], m["x"]["dtype"]).reshape(-1, 3) for m in msgpack.Unpacker(open("g.mfc", "rb")) if "x" in m], float)
		def rho(x):
		    K, N, _ = x.shape
		    flat = x.reshape(K * N, -1)
		    gram, cloud = flat @ flat.T, np.repeat(np.arange(K), N)
		    same = cloud[:, None] == cloud
		    across = gram[~same].mean()
		    return (gram[same & ~np.eye(K * N, dtype=bool)].mean() - across) / (np.diag(gram).mean() - across)
		K = len(x)
		left = np.array([rho(np.delete(x, k, 0)) for k in range(K)])
		error = np.sqrt((K - 1) * left.var())
		names, row = (l.rstrip("\n").split("\t") for l in open("table.tsv"))
		assert names == ["points", "generated", "error"] and row[0] == "30"
		assert abs(float(row[1]) - rho(x)) < 1e-5 and abs(float(row[2]) / error - 1) < 0.05, (row, rho(x), error)
	END
	mfc-metric chaos --correlation --reference r.mfc g.mfc >both.tsv
	cmp <(cut -f 1-3 both.tsv) table.tsv
	cmp <(tail -n 1 both.tsv | cut -f 4,5) <(mfc-metric chaos --correlation r.mfc | tail -n 1 | cut -f 2,3)
	run -0 mfc-metric chaos --correlation <(stream --clouds 1)
	assert_line $'16\tnan\tnan'
	# Sizes apart, in order; the reference beside its own size alone.
	stream --clouds 5 --points 20 --seed 6 --prefix d >fewer.mfc
	cat g.mfc fewer.mfc >uneven.mfc
	mfc-metric chaos --correlation uneven.mfc | cmp - <(mfc-metric chaos --correlation fewer.mfc; tail -n 1 table.tsv)
	mfc-metric chaos --correlation -r r.mfc uneven.mfc >beside.tsv
	cmp <(tail -n 1 beside.tsv) <(tail -n 1 both.tsv)
	assert_equal "$(sed -n 2p beside.tsv | cut -f 1,4-)" $'20\tnan\tnan\tnan'
	assert_equal "$(mfc-metric chaos --correlation --points 20 uneven.mfc | tail -n +2 | cut -f 1)" 20
	stream --clouds 1 --dim 2 --prefix e | cat g.mfc - >plane.mfc
	run -1 mfc-metric chaos --correlation plane.mfc
	assert_output 'mfc-metric chaos: plane.mfc: cloud e1: 2 coordinates where others have 3'
}

@test "chaos --correlation --verdict: copies that nothing parts do not fall as 1/N, particles that interact do" {
	for n in 30 100 1000; do mfc-noise prior -c 100 -n $n -d 2 -s $n | mfc-noise interact --kappa 2 --t-from 0 --t-to 0.4; done >good.mfc
	mfc-metric chaos --correlation --verdict good.mfc >good.tsv
	assert_equal "$(cut -f 1,5 good.tsv)" "$(printf 'points\tbroken\n30\tunknown\n100\tno\n1000\tno')"
	for n in 30 100 1000; do mfc-noise prior -c 100 -n 30 -d 2 | mfc-subdivide branch --to $n; done >bad.mfc
	mfc-metric chaos --correlation --verdict bad.mfc >bad.tsv
	assert_equal "$(tail -n 1 bad.tsv | cut -f 1,5)" $'1000\tyes'
}

@test "chaos --verdict: each signature is there where it is made, and none in independent samples" {
	# Shapes: tori of many proportions, each cloud placed about its own point.
	shapes() {
		python3 - "$@" <<-'END'
			import sys, numpy as np
			clouds, n, seed, kind = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
			rng = np.random.default_rng(seed)
			for k in range(clouds):
			    shape = np.random.default_rng(1) if kind == "collapse" else rng
			    r, stretch = shape.uniform(0.3, 0.7), shape.uniform(0.5, 1.8, 3)
			    u, v = rng.uniform(0, 2 * np.pi, (2, n))
			    x = np.stack([(1 + r * np.cos(v)) * np.cos(u), (1 + r * np.cos(v)) * np.sin(u), r * np.sin(v)], 1) * stretch
			    x = (x - x.mean(0)) / x.std()
			    if kind == "chaos": x += rng.normal(0, 1, 3)
			    if kind == "copies": x = np.repeat(x[:n // 4], 4, 0) + rng.normal(0, 1e-4, (n, 3))
			    if kind == "some": x[:n // 20] = x[n // 2:][:n // 20] + rng.normal(0, 1e-4, (n // 20, 3))
			    if kind == "blotches": x = x[rng.choice(n, n, p=(lambda w: w / w.sum())(1 + 30 * (np.sin(4 * x[:, 0]) > 0.5)))] + rng.normal(0, 1e-2, (n, 3))
			    x = x.astype("<f4")
			    np.save(f"{kind}-{seed}-{k}.npy", x)
		END
		mfc-load --sample all --normalize none "$4-$3"-*.npy >"$5"
		rm "$4-$3"-*.npy
	}
	shapes 24 600 1 good r.mfc
	for kind in good collapse chaos copies some blotches; do
		shapes 16 600 2 $kind g.mfc
		mfc-metric chaos --verdict -r r.mfc g.mfc >$kind.tsv
	done
	yes() { awk -F'\t' 'NR > 1 && $6 == "yes" { print $1 "/" $2 }' "$1" | sort | paste -sd,; }
	assert_equal "$(yes good.tsv)" ''
	assert_equal "$(yes collapse.tsv)" collapse/coverage
	assert_equal "$(yes chaos.tsv)" "broken chaos/correlation"
	[[ $(yes copies.tsv) == *clusters/nearest* ]]   # where nearly all are copies, the median distance is one between copies
	[[ $(yes some.tsv) == *copies/near-duplicates* ]]
	[[ $(yes blotches.tsv) == *blotches/variation-64* ]]
	assert_equal "$(head -n 1 good.tsv)" $'signature\tmeasure\tgenerated\tthreshold\tif\tthere'
	mfc-metric chaos --verdict -@ 3 -r r.mfc g.mfc | cmp - blotches.tsv
	# The thresholds of single clouds: of 19 the last, of fewer as far again beyond it as it is from the median.
	for r in 8 19; do
		shapes $r 200 3 good r.mfc
		mfc-metric chaos --verdict -r r.mfc r.mfc >verdict.tsv
		python3 - <<-'END' >single.tsv
			import msgpack, subprocess
			head, *clouds, end = msgpack.Unpacker(open("r.mfc", "rb"))
			for cloud in clouds:
			    table = subprocess.run(["mfc-metric", "chaos"], stdout=subprocess.PIPE, check=True,
			                           input=b"".join(map(msgpack.packb, (head, cloud, {"kind": "trailer", "count": 1})))).stdout.decode()
			    of = dict(line.split("\t")[:2] for line in table.splitlines())
			    print(of["nearest"], of["variation-64"])
		END
		python3 - <<-'END'
			import numpy as np
			nearest, variation = np.loadtxt("single.tsv").T
			table = {line.split("\t")[0]: float(line.split("\t")[3]) for line in list(open("verdict.tsv"))[1:]}
			beyond = 1 if len(nearest) == 8 else 0
			for got, x in ((table["blotches"], variation), (-table["clusters"], -nearest)):
			    assert abs(got - x.max() - beyond * (x.max() - np.median(x))) < 1e-5 * abs(got), (got, x)
		END
	done
	run -2 mfc-metric chaos --verdict g.mfc
	run -1 mfc-metric chaos --verdict -r <(stream --clouds 7 --points 600) g.mfc
	assert_output --partial '7 clouds are too few to set a threshold by: at least 8'
}

@test "chaos --correlation: of particles that are drawn to their mean it is what theory says" {
	for n in 30 1000; do
		mfc-noise prior -c 200 -n $n -d 2 | mfc-noise interact --kappa 2 --t-from 0 --t-to 0.4 | mfc-metric chaos --correlation >got.tsv
		mfc-noise interact --kappa 2 --t-to 0.4 --law 0:1:$n >law.tsv
		paste <(tail -n 1 got.tsv) <(tail -n 1 law.tsv) | awk '{ z = ($2 - $9) / $3; if (z * z > 16 || $2 < 5 * $3) { print; exit 1 } }'
	done
}

@test "moments: mean and covariance of each cloud, as numpy's" {
	stream --clouds 4 --points 50 --seed 4 >g.mfc
	mfc-metric moments g.mfc >table.tsv
	python3 - <<-'END'
		import msgpack, numpy as np
		x = {m["id"]: np.frombuffer(m["x"]["data"], "<f4").reshape(-1, 3).astype(float) for m in msgpack.Unpacker(open("g.mfc", "rb")) if "x" in m}
		names, *rows = (l.rstrip("\n").split("\t") for l in open("table.tsv"))
		assert names == "cloud points mean-1 mean-2 mean-3 covariance-1-1 covariance-1-2 covariance-1-3 covariance-2-2 covariance-2-3 covariance-3-3".split()
		assert [r[0] for r in rows] == list(x) and len(rows) == 4
		for r in rows:
		    c = np.cov(x[r[0]].T, bias=True)
		    assert np.abs(np.array(r[1:], float) - [50, *x[r[0]].mean(0), *c[np.triu_indices(3)]]).max() < 1e-7
	END
	cat g.mfc <(stream --dim 2 --prefix d) >uneven.mfc
	run -1 mfc-metric moments uneven.mfc
	assert_output --partial "cloud d1: 2 coordinates where others have 3"
}

@test "moments --reference: of the displacement, particle by particle, of the first that both have" {
	stream --clouds 3 --points 50 --seed 4 >a.mfc
	stream --clouds 3 --points 30 --seed 5 >b.mfc
	mfc-metric moments -r b.mfc a.mfc >table.tsv
	mfc-metric moments -r a.mfc b.mfc >back.tsv
	python3 - <<-'END'
		import msgpack, numpy as np
		x = {f: {m["id"]: np.frombuffer(m["x"]["data"], "<f4").reshape(-1, 3).astype(float) for m in msgpack.Unpacker(open(f + ".mfc", "rb")) if "x" in m}
		     for f in "ab"}
		for table, sign in ("table.tsv", 1), ("back.tsv", -1):
		    names, *rows = (l.rstrip("\n").split("\t") for l in open(table))
		    assert [r[0] for r in rows] == list(x["a"]) and len(rows) == 3
		    for r in rows:
		        d = sign * (x["a"][r[0]][:30] - x["b"][r[0]][:30])
		        assert np.abs(np.array(r[1:], float) - [30, *d.mean(0), *np.cov(d.T, bias=True)[np.triu_indices(3)]]).max() < 1e-6
	END
	run -0 mfc-metric moments -r a.mfc a.mfc
	assert_line --index 3 $'c3\t50\t0\t0\t0\t0\t0\t0\t0\t0\t0'
	# What has no counterpart is an error.
	stream --clouds 2 --points 50 >two.mfc
	run -1 mfc-metric moments -r two.mfc a.mfc
	assert_output --partial "a.mfc: cloud c3: two.mfc has but 2 clouds"
	run -1 mfc-metric moments -r a.mfc two.mfc
	assert_output --partial "two.mfc: 2 clouds, but a.mfc has 3"
	stream --clouds 3 --points 50 --prefix d >other.mfc
	run -1 mfc-metric moments -r other.mfc a.mfc
	assert_output --partial "a.mfc: cloud c1: the cloud at its place in other.mfc is d1"
	stream --clouds 3 --dim 2 >plane.mfc
	run -1 mfc-metric moments -r plane.mfc a.mfc
	assert_output --partial "cloud c1: 3 coordinates where that of plane.mfc has 2"
	run -2 mfc-metric moments -r a.mfc -n 5 a.mfc
	run -2 mfc-metric moments -r - -
}
