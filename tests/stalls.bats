# A pipeline that stands still says so: which side a filter waits for, on its progress line and at the end under -v.
bats_require_minimum_version 1.5.0
load common

setup() {
	common_setup
	stream --points 40 >data.mfc
}

spent() {   # the three numbers of the line under -v
	sed -n "s/^$1: waited \([0-9.]*\) s for input, \([0-9.]*\) s for output, worked \([0-9.]*\) s\$/\1 \2 \3/p" "$2"
}

all_of() {   # COLUMN LEAST NUMBERS: that one is at least so much, the others less than half of it
	awk -v column="$1" -v least="$2" '{ for (i = 1; i <= 3; i++) if (i == column ? $i < least : $i > least / 2) exit 1; n++ } END { exit !n }' <<<"$3"
}

slowly() { head -c 700 data.mfc; sleep 4; tail -c +701 data.mfc; }

@test "a slow producer: every filter behind it is waiting for input" {
	slowly | mfc-noise --t 0.5 --progress=always -v 2>one | mfc-noise interact --progress=always -v 2>two >out.mfc
	run cat one two
	assert_line --regexp '^mfc-noise: .*waiting for input$'
	assert_line --regexp '^mfc-noise interact: .*waiting for input$'
	refute_output --partial 'output blocked'
	all_of 1 3 "$(spent mfc-noise one)"
	all_of 1 3 "$(spent 'mfc-noise interact' two)"
}

@test "a producer that has not begun: waiting before the first record, of programs that print, too" {
	(sleep 3; cat data.mfc) | mfc-metric chaos --progress=always -v 2>one >table
	assert_equal "$(grep -c 'waiting for input' one)" 1
	all_of 1 2 "$(spent 'mfc-metric chaos' one)"
	tar -cf a.tar -C "$FIXTURES" airplanes.zip
	(sleep 3; cat a.tar) | mfc-load --limit 1 -n 8 --progress=always 2>two >out.mfc
	grep -q '^mfc-load: .*waiting for input' two
}

@test "a fifo whose other end nobody has opened" {
	mkfifo in out
	(sleep 3; cat data.mfc >in) &
	(sleep 6; cat out >read) &
	mfc-noise --t 0.5 --progress=always in 2>one | cat >first
	mfc-noise --t 0.5 --progress=always -o out data.mfc 2>two
	grep -q 'waiting for input' one
	grep -q 'output blocked' two
}

@test "a consumer that does not read: output blocked, as far back as pipes are full" {
	mfc-noise prior -c 60 -n 40000 2>/dev/null | mfc-noise interact --progress=always -v -@ 1 2>one |
		mfc-subdivide branch --factor 1 --progress=always -v -@ 1 2>two |
		(sleep 4; cat) >out.mfc
	run cat one two
	assert_line --regexp '^mfc-noise interact: .*output blocked$'
	assert_line --regexp '^mfc-subdivide branch: .*output blocked$'
	all_of 2 2 "$(spent 'mfc-noise interact' one)"
}

@test "who works waits for nothing, and says nothing of it" {
	mfc-noise prior -c 20 -n 20000 >large.mfc
	run -0 mfc-noise interact --steps 100 --progress=always -v -@ 2 -o out.mfc large.mfc
	refute_output --partial 'waiting for input'
	refute_output --partial 'output blocked'
	mfc-noise interact --steps 100 -v -@ 2 -o out.mfc large.mfc 2>log
	awk '{ exit !($3 > 5 * ($1 + $2)) }' <<<"$(spent 'mfc-noise interact' log)"
}

@test "nothing is said of it under -q, where progress is not shown, and by filters that have ended" {
	slowly | mfc-noise --t 0.5 -q --progress=always 2>one >out.mfc
	slowly | mfc-noise --t 0.5 2>two >out.mfc
	slowly | mfc-noise --t 0.5 --progress=never 2>three >out.mfc
	run cat one two three
	assert_output ''
}

@test "on a terminal it is the same line, which goes when a record comes" {
	script -qec true /dev/null </dev/null >pty.log 2>&1 || skip "no pseudo-terminal to be had: $(head -n 1 pty.log)"
	{ echo '#!/bin/bash'; declare -f slowly; echo 'slowly | mfc-noise --t 0.5 >out.mfc'; } >pipe   # a function does not go through sh's environment
	chmod +x pipe
	run script -qec ./pipe /dev/null </dev/null
	assert_success
	assert_output --regexp $'\rmfc-noise: [^\r]*waiting for input'
	assert_output --regexp $'waiting for input[^\r]*\rmfc-noise: 2 clouds'
}
