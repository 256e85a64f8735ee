#!/usr/bin/env bats
# mfc-load --resume: after whatever end, the same command goes on and ends in the bytes of an unbroken run.
bats_require_minimum_version 1.5.0
load common

setup() {
	common_setup
	mkdir -p set/chair
	for i in $(seq 100 160); do
		printf 'v 0 0 0\nv %s 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\nf 1 2 4\nf 1 3 4\nf 2 3 4\n' "$i" > set/chair/c"$i".obj
	done
	printf 'v 0 nan 0\n' > set/chair/c120.obj
}

# The unbroken run of a command that writes a.mfc, as whole.mfc; its part as it was after a number of bytes.
ids() { dump "$@" | jq -r 'select(.id) | .id' | paste -sd' '; }
unbroken() {
	mfc-load --resume a.mfc "$@" set 2> /dev/null
	mv a.mfc whole.mfc
}

@test "a part cut anywhere goes on to the same bytes, set-std as well" {
	for how in none cloud-box set-std; do
		rm -f a.mfc*
		unbroken -n 30 --normalize $how --augment mirror:x
		# What an interrupted run has written: for set-std the clouds before they are normalised.
		if [ $how = set-std ]; then
			mfc-load -n 30 --normalize none --no-history set 2> /dev/null > raw.mfc
			python3 - <<-'END'
				import msgpack
				whole = list(msgpack.Unpacker(open("whole.mfc", "rb")))
				raw = list(msgpack.Unpacker(open("raw.mfc", "rb")))
				with open("part", "wb") as f:
				    for m in [whole[0]] + raw[1:-1]:
				        f.write(msgpack.packb(m))
			END
		else
			cp whole.mfc part
		fi
		size=$(stat -c %s part)
		for cut in 0 1 40 700 $((size / 3)) $((size / 2)) $((size - 1)) "$size"; do
			head -c "$cut" part > a.mfc.part
			mfc-load --resume a.mfc -n 30 --normalize $how --augment mirror:x set 2> /dev/null
			cmp a.mfc whole.mfc
			[ ! -e a.mfc.part ]
			rm a.mfc
		done
	done
}

@test "killed again and again" {
	(cd set && zip -qr ../set.zip chair)
	for i in $(seq 1 40); do cp set.zip s$i.zip; done
	mfc-load -n 2000 --no-history s*.zip > plain.mfc 2> /dev/null
	for i in $(seq 1 200); do   # later ones first read what earlier ones wrote, which takes its time; under Valgrind much of it
		timeout -s KILL "$(awk "BEGIN { print 0.03 * 1.05 ^ $i }")" mfc-load -n 2000 --resume a.mfc s*.zip && break
	done 2> /dev/null
	[ "$i" -gt 1 ]
	run -0 python3 - <<-'END'
		import msgpack
		a, b = (list(msgpack.Unpacker(open(f, "rb"), max_buffer_size=1 << 30)) for f in ("a.mfc", "plain.mfc"))
		assert a[1:] == b[1:] and a[0].pop("history") and a[0] == b[0]
	END
}

@test "a broken shape before the cut is neither loaded nor counted again" {
	unbroken -n 30
	head -c $(($(stat -c %s whole.mfc) / 2)) whole.mfc > a.mfc.part
	run -0 --separate-stderr mfc-load --resume a.mfc -n 30 -v set
	[[ $stderr != *c120* && $stderr == *"goes on after"*"60 clouds"* ]]
	run -0 bash -c "python3 '$ROOT/tests/dump.py' a.mfc | grep -c '\"id\"'"
	assert_output 60
}

@test "what is complete is left alone; another command's output or part is refused" {
	mfc-load -n 30 --resume a.mfc set 2> /dev/null
	cp -p a.mfc b.mfc
	run -0 mfc-load -v -n 30 --resume a.mfc set
	assert_output --partial "a.mfc: complete already"
	cmp a.mfc b.mfc
	run -1 mfc-load -n 31 --resume a.mfc set
	assert_output "mfc-load: a.mfc: exists, and another command made it"
	mv a.mfc a.mfc.part
	run -1 mfc-load -n 31 --resume a.mfc set
	assert_output "mfc-load: a.mfc.part: begun by another command: finish that, or remove it"
	rm a.mfc.part
	mfc-load -n 30 --resume a.mfc -@ 1 set 2> /dev/null
	run -0 mfc-load -v -n 30 --resume a.mfc --threads=3 -@2 set   # the number of threads changes nothing
	assert_output --partial "complete already"
	truncate -s -40 a.mfc
	run -1 mfc-load -n 30 --resume a.mfc -@ 1 set
	assert_output --partial "a.mfc: "
	rm a.mfc
	echo "my notes" > a.mfc.part
	run -1 mfc-load -n 30 --resume a.mfc set
	assert_output "mfc-load: a.mfc.part: not begun by this program: remove it, or choose another name"
	[ "$(cat a.mfc.part)" = "my notes" ]
}

@test "nothing empty is left where a run comes to nothing" {
	run -1 mfc-load --resume a.mfc -c nothing set
	run -1 mfc-load --resume a.mfc nowhere.zip
	[ ! -e a.mfc.part ]
	run -1 mfc-load --resume /dev/null set
	[ ! -e /dev/null.part ]
	run -2 mfc-load --resume - set
}

@test "a part with a hole where bytes did not reach the disk is made again from there" {
	unbroken -n 300
	size=$(stat -c %s whole.mfc)
	head -c $((size / 2)) whole.mfc > a.mfc.part
	truncate -s $((size / 2 - 2000)) a.mfc.part
	truncate -s $((size / 2 + 5000)) a.mfc.part    # zeros complete the cloud that was cut
	mfc-load --resume a.mfc -n 300 set 2> /dev/null
	cmp a.mfc whole.mfc
}

@test "an id that comes twice, first broken: the cut between them is found" {
	mkdir -p two/x two/y
	cp set/chair/c100.obj two/x/model.obj
	printf 'v 0 nan 0\n' > two/y/model.obj
	printf '0 0 0\n1 1 1\n2 2 2\n' > two/y/model.xyz
	mfc-load -n 3 --resume a.mfc two 2> /dev/null
	mv a.mfc whole.mfc
	run -0 ids whole.mfc
	for cut in $(seq 1 13 "$(stat -c %s whole.mfc)"); do
		head -c "$cut" whole.mfc > a.mfc.part
		mfc-load -n 3 --resume a.mfc two 2> /dev/null
		cmp a.mfc whole.mfc
		rm a.mfc
	done
}

@test "--like with other statistics is another command" {
	mfc-load -n 30 --normalize set-std -o train.mfc set 2> /dev/null
	mfc-load -n 30 --like train.mfc --resume a.mfc set 2> /dev/null
	run -0 mfc-load -n 30 --like train.mfc --resume a.mfc set
	mfc-load -n 31 --normalize set-std -o train.mfc set 2> /dev/null
	run -1 mfc-load -n 30 --like train.mfc --resume a.mfc set
	assert_output "mfc-load: a.mfc: exists, and another command made it"
}

@test "other shapes than those it was begun with are told" {
	mfc-load -n 30 --resume a.mfc set 2> /dev/null
	mv a.mfc a.mfc.part
	truncate -s -100 a.mfc.part
	mv set/chair/c159.obj set/chair/c199.obj
	rm set/chair/c130.obj
	run -1 mfc-load -n 30 --resume a.mfc set
	assert_output --partial 'a.mfc.part: "set/chair/c130" is not among the shapes'
}

@test "two at once: the second is refused" {
	mkfifo in
	mfc-load -n 30 --resume a.mfc - < in & first=$!
	exec 7> in
	for i in $(seq 1 100); do [ -e a.mfc.part ] && break; sleep 0.05; done
	run -1 mfc-load -n 30 --resume a.mfc set
	assert_output "mfc-load: a.mfc.part: another process is writing it"
	exec 7>&-
	wait $first || true
}

@test "usage: --resume is a single pass to a file with a history" {
	run -2 mfc-load --resume a.mfc -o b.mfc set
	run -2 mfc-load --resume a.mfc --epochs 2 set
	run -2 mfc-load --resume a.mfc --shuffle set
	run -2 mfc-load --resume a.mfc --list set
	run -2 mfc-load --resume a.mfc --no-history set
	[ ! -e a.mfc ] && [ ! -e a.mfc.part ]
}

@test "a stream behind other data: its header changes nothing, cut or not" {
	mfc-load -n 40 --no-history -s 7 -o s.mfc set 2> /dev/null
	mfc-load -n 20 --resume a.mfc set s.mfc 2> /dev/null
	mv a.mfc whole.mfc
	for cut in 1000 10000 20000; do
		head -c $cut whole.mfc > a.mfc.part
		mfc-load -n 20 --resume a.mfc set s.mfc 2> /dev/null
		cmp a.mfc whole.mfc
		rm a.mfc
	done
}

@test "a full disk: an error, and what is there is gone on with" {
	[ -w /dev/shm ] && [ "$(id -u)" -eq 0 ] && mkdir -p small && mount -t tmpfs -o size=40k none small 2> /dev/null || skip "no small disk to be had"
	run -1 mfc-load -n 100 --resume small/a.mfc set
	assert_output --partial "No space left on device"
	mount -o remount,size=4m small
	mfc-load -n 100 --resume small/a.mfc set 2> /dev/null
	mfc-load -n 100 --resume small/b.mfc set 2> /dev/null
	cp small/a.mfc small/b.mfc .
	umount small
	run -0 python3 - <<-'END'
		import msgpack
		a, b = (list(msgpack.Unpacker(open(f, "rb"))) for f in ("a.mfc", "b.mfc"))
		assert a[1:] == b[1:] and len(a) == 62
	END
}
