# Laws for every filter that reads a stream, and, as far as they apply, for programs that read one and print something else. Every
# test is a law on one command of the table below.
bats_require_minimum_version 1.5.0
load common
load commands

setup_file() {
	common_path
	cd "$BATS_FILE_TMPDIR" || return
	command_streams
}

setup() { common_setup; }

laws() { timeout 60 python3 "$ROOT/tests/laws.py" "$@"; }

law() {   # LAW COMMAND
	command_of "$2"
	run laws "$1" "$INPUT" ${TEXT:+"$TEXT"} "${COMMAND[@]}"
	assert_success
	assert_output ''
}

one_line() {
	assert_failure 1
	assert_equal "${#lines[@]}" 1
	assert_line --index 0 --partial "$PROGRAM: $1"
}

empty() {
	command_of "$1"
	: >empty
	run "${COMMAND[@]}" <empty
	one_line 'standard input: empty'
}

foreign() {   # COMMAND BYTES NAME
	command_of "$1"
	# shellcheck disable=SC2059
	{ printf "$2"; head -c 5000 /dev/zero; } >other
	run "${COMMAND[@]}" <other
	[ "$1" = load ] || one_line 'standard input: not an mfc stream'
	[ "$1" != load ] || one_line 'standard input: '   # it takes archives too
	[ -z "$3" ] || [ "$1" = load ] || assert_output --partial "$3"
}

concatenation() {   # the output of a joined stream is the joined output
	command_of "$1"
	stream --points 40 --prefix d --seed 9 >other.mfc
	[[ $1 != @(denoise|oracle) ]] || { mfc-noise --t 0.5 <other.mfc >noised.mfc; mv noised.mfc other.mfc; }
	"${COMMAND[@]}" --no-history <"$INPUT" >a
	"${COMMAND[@]}" --no-history <other.mfc >b
	cat "$INPUT" other.mfc | "${COMMAND[@]}" --no-history >joined
	cat a b | cmp - joined
	[ "$(dump joined | grep -c '"trailer"')" -eq 2 ]
}

repetition() {   # the second time an id comes by it draws anew, the first is not changed by it
	command_of "$1"
	"${COMMAND[@]}" --no-history <"$INPUT" >once
	cat "$INPUT" "$INPUT" | "${COMMAND[@]}" --no-history >twice
	[ "$1" = load ] || cmp -n "$(stat -c %s once)" once twice   # load makes one segment of all
	dump twice | jq -c 'select(.id) | [.id, .x.sum]' | sort | uniq >distinct
	[ "$(wc -l <distinct)" -eq 6 ]
}

operands() {
	command_of "$1"
	cp "$INPUT" a.mfc
	cat a.mfc a.mfc | "${COMMAND[@]}" --no-history >joined
	"${COMMAND[@]}" --no-history a.mfc a.mfc | cmp - joined
	run "${COMMAND[@]}" a.mfc missing.mfc
	assert_failure 1
	run --separate-stderr "${COMMAND[@]}" missing.mfc
	assert_equal "$stderr" "$PROGRAM: missing.mfc: No such file or directory"
}

full() {
	command_of "$1"
	run bash -c '"$@" >/dev/full' - "${COMMAND[@]}" <"$INPUT"
	one_line 'standard output'
	assert_output --partial 'No space left'
	[ "$1" != view ] || return 0   # its -o is for pictures, and this one is made of characters
	run "${COMMAND[@]}" -o /dev/full <"$INPUT"
	one_line '/dev/full'
}

terminal() {
	command_of "$1"
	script -qec true /dev/null </dev/null >pty.log 2>&1 || skip "no pseudo-terminal to be had: $(head -n 1 pty.log)"
	run script -qec "$(printf '%q ' "${COMMAND[@]}") <'$INPUT'" /dev/null </dev/null
	assert_failure 2
	assert_output --partial 'standard output is a terminal'
	run script -qec "$(printf '%q ' "${COMMAND[@]}")" /dev/null </dev/null
	assert_failure 2
	assert_output --partial 'terminal'
}

reproducible() {
	command_of "$1"
	"${COMMAND[@]}" -s 7 <"$INPUT" >a
	"${COMMAND[@]}" -s 7 <"$INPUT" | cmp - a
	"${COMMAND[@]}" --no-history -@ 1 <"$INPUT" >one
	"${COMMAND[@]}" --no-history -@ 2 <"$INPUT" | cmp - one
	"${COMMAND[@]}" --no-history -@ 5 <"$INPUT" | cmp - one
}

seeds() {
	command_of "$1"
	"${COMMAND[@]}" --no-history <"$INPUT" >zero
	"${COMMAND[@]}" --no-history -s 0 <"$INPUT" | cmp - zero
	"${COMMAND[@]}" --no-history -s 1 <"$INPUT" >one
	run cmp -s zero one
	assert_failure 1
}

atomic() {
	command_of "$1"
	mkdir here
	echo old >here/file
	head -c 700 "$INPUT" >short
	run "${COMMAND[@]}" -o here/file <short
	assert_failure 1
	assert_equal "$(cat here/file)" old
	assert_equal "$(ls -A here)" file
	"${COMMAND[@]}" -o here/file <"$INPUT"
	"${COMMAND[@]}" <"$INPUT" >direct
	assert_equal "$(ls -A here)" file
	run "${COMMAND[@]}" -o nowhere/file <"$INPUT"
	one_line 'nowhere/file'
	[ -n "$TEXT" ] || assert_equal "$(dump here/file | tail -n 4 | md5sum)" "$(dump direct | tail -n 4 | md5sum)"
	[ -z "$TEXT" ] || cmp here/file direct
}

closed() {   # a standard descriptor that is closed is not the next file that is opened
	command_of "$1"
	"${COMMAND[@]}" --no-history -o open <"$INPUT"
	"${COMMAND[@]}" --no-history --progress=always -o shut <"$INPUT" 2>&-
	diff -r open shut
	run timeout 20 bash -c '"$@" -o unread <&-' - "${COMMAND[@]}"
	assert_failure 1
	assert_output --partial 'standard input'
	[ ! -e unread ]
	[ "$1" != save ] || return 0   # its output is never the standard one
	run bash -c '"$@" >&-' - "${COMMAND[@]}" <"$INPUT"
	one_line 'standard output'
}

helps() {
	command_of "$1"
	local word
	read -ra word <<<"$PROGRAM"
	run --separate-stderr "${word[@]}" --help
	assert_success
	assert_line --index 0 --partial "usage: $PROGRAM"
	assert_equal "$stderr" ''
	assert_line --regexp '^ *-o, --output FILE'
	run --separate-stderr "${word[@]}" --version
	assert_success
	assert_output --regexp "^$PROGRAM [0-9]+\.[0-9]+\.[0-9]+\$"
	run bash -c '"$@" --help >/dev/full' - "${word[@]}"
	assert_failure 1
}

usage() {
	command_of "$1"
	local bad
	for bad in --no-such-option '-s x' '-s -1' '-s 99999999999999999999' '-@ 0' '-@ 1.5' '--max-record x' '--progress=some' "${BAD[@]}"; do
		# shellcheck disable=SC2086
		run --separate-stderr "${COMMAND[@]}" $bad <"$INPUT"
		[ "$status" -eq 2 ] || fail "$bad: status $status: $stderr"
		assert_output ''
		[[ $stderr == "$PROGRAM: "* && $stderr == *"Try '$PROGRAM --help'."* ]] || fail "$bad: $stderr"
	done
}

history() {
	command_of "$1"
	"${COMMAND[@]}" -s 5 <"$INPUT" >once
	dump "$INPUT" | jq -c 'select(.kind == "header") | .history // []' >before
	dump once | jq -c 'select(.kind == "header") | .history' >after
	jq -e --arg name "$PROGRAM" --slurpfile before before \
		'.[:-1] == $before[0] and (.[-1] | .name == $name and .seed == 5 and .version and .argv[-2:] == ["-s", "5"])' after
	"${COMMAND[@]}" --no-history <"$INPUT" >without
	dump without | jq -c 'select(.kind == "header") | .history // []' | cmp - before
}

repeated_stage() {   # the same stage with the same seed a second time in a pipeline draws anew
	command_of "$1"
	"${COMMAND[@]}" --no-history <"$INPUT" >first
	python3 - "$INPUT" "$PROGRAM" >again.mfc <<-'END'
		import sys, msgpack
		u = msgpack.Unpacker(open(sys.argv[1], "rb"))
		for r in u:
		    if r.get("kind") == "header":
		        r["history"] = r.get("history", []) + [{"name": sys.argv[2]}]
		    sys.stdout.buffer.write(msgpack.packb(r))
	END
	"${COMMAND[@]}" --no-history <again.mfc >second
	dump first | jq -c 'select(.id) | .x.sum' >a
	dump second | jq -c 'select(.id) | .x.sum' >b
	run cmp -s a b
	assert_failure 1
}

keeps() {
	command_of "$1"
	local input=$BATS_FILE_TMPDIR/extra.mfc
	[[ $1 != @(denoise|oracle) ]] || input=$BATS_FILE_TMPDIR/extra-noised.mfc
	[[ $1 != @(split|branch|load) ]] || export LAWS_SAME_X=1
	run laws keeps "$input" "${COMMAND[@]}"
	assert_success
	assert_output ''
}

hostile() {
	sanitized || export LAWS_AS=$((1 << 30))   # a sanitizer maps terabytes
	law hostile "$1"
}

silent() {   # nothing on stderr unless asked; -v closes with version, clouds, time and memory
	command_of "$1"
	run --separate-stderr "${COMMAND[@]}" -o out <"$INPUT"
	assert_success
	assert_equal "$stderr" ''
	run --separate-stderr "${COMMAND[@]}" -v -o out <"$INPUT"
	assert_success
	[[ ${stderr_lines[-1]} =~ ^"$PROGRAM: version "[0-9.]+", ".*" s, peak memory "[0-9]+" MiB"$ ]] || fail "$stderr"
}

progress() {
	command_of "$1"
	run --separate-stderr "${COMMAND[@]}" --progress=always -o out <"$INPUT"
	assert_success
	[ -n "$stderr" ] || fail 'no progress'
	run --separate-stderr "${COMMAND[@]}" --progress=always -q -o out <"$INPUT"
	assert_equal "$stderr" ''
}

@test "noise: an empty input is an error" { empty noise; }
@test "noise: cut anywhere: one line, and what came before is passed on without a trailer" { law truncation noise; }
@test "noise: impossible lengths and shapes are refused at once" { hostile noise; }
@test "noise: records that are no clouds are named" { law broken noise; }
@test "noise: --max-record bounds what is read" { law bounds noise; }
@test "noise: a PNG is no stream" { foreign noise '\x89PNG\r\n\x1a\n' PNG; }
@test "noise: gzip is no stream" { foreign noise '\x1f\x8b\x08' gzip; }
@test "noise: text is no stream" { foreign noise 'hello world\n' ''; }
@test "noise: JSON is no stream" { foreign noise '{"id": 1}\n' JSON; }
@test "noise: a full disk is an error" { full noise; }
@test "noise: a failed run leaves the old file, and no temporary one" { atomic noise; }
@test "noise: closed descriptors are not the next files" { closed noise; }
@test "noise: --help and --version" { helps noise; }
@test "noise: usage errors exit 2 and name --help" { usage noise; }
@test "noise: nothing on stderr, and one closing line under -v" { silent noise; }
@test "noise: progress when asked, not under -q" { progress noise; }
@test "noise: joined streams" { concatenation noise; }
@test "noise: files as operands are streams one after the other" { operands noise; }
@test "noise: dies of SIGPIPE even when the parent ignores it" { law sigpipe noise; }
@test "noise: refuses a terminal" { terminal noise; }
@test "noise: an id that comes again draws anew" { repetition noise; }
@test "noise: unknown keys are kept, arrays follow the particles" { keeps noise; }
@test "noise: same seed, same bytes, at any number of threads" { reproducible noise; }
@test "noise: another seed, other bytes" { seeds noise; }
@test "noise: history: one entry more, with arguments and seed" { history noise; }
@test "noise: a stage that is repeated draws anew" { repeated_stage noise; }

@test "interact: an empty input is an error" { empty interact; }
@test "interact: cut anywhere: one line, and what came before is passed on without a trailer" { law truncation interact; }
@test "interact: impossible lengths and shapes are refused at once" { hostile interact; }
@test "interact: records that are no clouds are named" { law broken interact; }
@test "interact: --max-record bounds what is read" { law bounds interact; }
@test "interact: a PNG is no stream" { foreign interact '\x89PNG\r\n\x1a\n' PNG; }
@test "interact: gzip is no stream" { foreign interact '\x1f\x8b\x08' gzip; }
@test "interact: text is no stream" { foreign interact 'hello world\n' ''; }
@test "interact: JSON is no stream" { foreign interact '{"id": 1}\n' JSON; }
@test "interact: a full disk is an error" { full interact; }
@test "interact: a failed run leaves the old file, and no temporary one" { atomic interact; }
@test "interact: closed descriptors are not the next files" { closed interact; }
@test "interact: --help and --version" { helps interact; }
@test "interact: usage errors exit 2 and name --help" { usage interact; }
@test "interact: nothing on stderr, and one closing line under -v" { silent interact; }
@test "interact: progress when asked, not under -q" { progress interact; }
@test "interact: joined streams" { concatenation interact; }
@test "interact: files as operands are streams one after the other" { operands interact; }
@test "interact: dies of SIGPIPE even when the parent ignores it" { law sigpipe interact; }
@test "interact: refuses a terminal" { terminal interact; }
@test "interact: an id that comes again draws anew" { repetition interact; }
@test "interact: unknown keys are kept, arrays follow the particles" { keeps interact; }
@test "interact: same seed, same bytes, at any number of threads" { reproducible interact; }
@test "interact: another seed, other bytes" { seeds interact; }
@test "interact: history: one entry more, with arguments and seed" { history interact; }
@test "interact: a stage that is repeated draws anew" { repeated_stage interact; }

@test "split: an empty input is an error" { empty split; }
@test "split: cut anywhere: one line, and what came before is passed on without a trailer" { law truncation split; }
@test "split: impossible lengths and shapes are refused at once" { hostile split; }
@test "split: records that are no clouds are named" { law broken split; }
@test "split: --max-record bounds what is read" { law bounds split; }
@test "split: a PNG is no stream" { foreign split '\x89PNG\r\n\x1a\n' PNG; }
@test "split: gzip is no stream" { foreign split '\x1f\x8b\x08' gzip; }
@test "split: text is no stream" { foreign split 'hello world\n' ''; }
@test "split: JSON is no stream" { foreign split '{"id": 1}\n' JSON; }
@test "split: a full disk is an error" { full split; }
@test "split: a failed run leaves the old file, and no temporary one" { atomic split; }
@test "split: closed descriptors are not the next files" { closed split; }
@test "split: --help and --version" { helps split; }
@test "split: usage errors exit 2 and name --help" { usage split; }
@test "split: nothing on stderr, and one closing line under -v" { silent split; }
@test "split: progress when asked, not under -q" { progress split; }
@test "split: joined streams" { concatenation split; }
@test "split: files as operands are streams one after the other" { operands split; }
@test "split: dies of SIGPIPE even when the parent ignores it" { law sigpipe split; }
@test "split: refuses a terminal" { terminal split; }
@test "split: an id that comes again draws anew" { repetition split; }
@test "split: unknown keys are kept, arrays follow the particles" { keeps split; }
@test "split: same seed, same bytes, at any number of threads" { reproducible split; }
@test "split: another seed, other bytes" { seeds split; }
@test "split: history: one entry more, with arguments and seed" { history split; }
@test "split: a stage that is repeated draws anew" { repeated_stage split; }

@test "branch: an empty input is an error" { empty branch; }
@test "branch: cut anywhere: one line, and what came before is passed on without a trailer" { law truncation branch; }
@test "branch: impossible lengths and shapes are refused at once" { hostile branch; }
@test "branch: records that are no clouds are named" { law broken branch; }
@test "branch: --max-record bounds what is read" { law bounds branch; }
@test "branch: a PNG is no stream" { foreign branch '\x89PNG\r\n\x1a\n' PNG; }
@test "branch: gzip is no stream" { foreign branch '\x1f\x8b\x08' gzip; }
@test "branch: text is no stream" { foreign branch 'hello world\n' ''; }
@test "branch: JSON is no stream" { foreign branch '{"id": 1}\n' JSON; }
@test "branch: a full disk is an error" { full branch; }
@test "branch: a failed run leaves the old file, and no temporary one" { atomic branch; }
@test "branch: closed descriptors are not the next files" { closed branch; }
@test "branch: --help and --version" { helps branch; }
@test "branch: usage errors exit 2 and name --help" { usage branch; }
@test "branch: nothing on stderr, and one closing line under -v" { silent branch; }
@test "branch: progress when asked, not under -q" { progress branch; }
@test "branch: joined streams" { concatenation branch; }
@test "branch: files as operands are streams one after the other" { operands branch; }
@test "branch: dies of SIGPIPE even when the parent ignores it" { law sigpipe branch; }
@test "branch: refuses a terminal" { terminal branch; }
@test "branch: an id that comes again draws anew" { repetition branch; }
@test "branch: unknown keys are kept, arrays follow the particles" { keeps branch; }
@test "branch: same seed, same bytes, at any number of threads" { reproducible branch; }
@test "branch: another seed, other bytes" { seeds branch; }
@test "branch: history: one entry more, with arguments and seed" { history branch; }
@test "branch: a stage that is repeated draws anew" { repeated_stage branch; }

@test "load: an empty input is an error" { empty load; }
@test "load: cut anywhere: one line, and what came before is passed on without a trailer" { law truncation load; }
@test "load: impossible lengths and shapes are refused at once" { hostile load; }
@test "load: records that are no clouds are named" { law broken load; }
@test "load: --max-record bounds what is read" { law bounds load; }
@test "load: a PNG is no stream" { foreign load '\x89PNG\r\n\x1a\n' PNG; }
@test "load: gzip is no stream" { foreign load '\x1f\x8b\x08' gzip; }
@test "load: text is no stream" { foreign load 'hello world\n' ''; }
@test "load: JSON is no stream" { foreign load '{"id": 1}\n' JSON; }
@test "load: a full disk is an error" { full load; }
@test "load: a failed run leaves the old file, and no temporary one" { atomic load; }
@test "load: closed descriptors are not the next files" { closed load; }
@test "load: --help and --version" { helps load; }
@test "load: usage errors exit 2 and name --help" { usage load; }
@test "load: nothing on stderr, and one closing line under -v" { silent load; }
@test "load: progress when asked, not under -q" { progress load; }
@test "load: dies of SIGPIPE even when the parent ignores it" { law sigpipe load; }
@test "load: refuses a terminal" { terminal load; }
@test "load: unknown keys are kept, arrays follow the particles" { keeps load; }
@test "load: same seed, same bytes, at any number of threads" { reproducible load; }
@test "load: another seed, other bytes" { seeds load; }
@test "load: history: one entry more, with arguments and seed" { history load; }
@test "load: a stage that is repeated draws anew" { repeated_stage load; }

@test "denoise: an empty input is an error" { empty denoise; }
@test "denoise: cut anywhere: one line, and what came before is passed on without a trailer" { law truncation denoise; }
@test "denoise: impossible lengths and shapes are refused at once" { hostile denoise; }
@test "denoise: records that are no clouds are named" { law broken denoise; }
@test "denoise: --max-record bounds what is read" { law bounds denoise; }
@test "denoise: a PNG is no stream" { foreign denoise '\x89PNG\r\n\x1a\n' PNG; }
@test "denoise: gzip is no stream" { foreign denoise '\x1f\x8b\x08' gzip; }
@test "denoise: text is no stream" { foreign denoise 'hello world\n' ''; }
@test "denoise: JSON is no stream" { foreign denoise '{"id": 1}\n' JSON; }
@test "denoise: a full disk is an error" { full denoise; }
@test "denoise: a failed run leaves the old file, and no temporary one" { atomic denoise; }
@test "denoise: closed descriptors are not the next files" { closed denoise; }
@test "denoise: --help and --version" { helps denoise; }
@test "denoise: usage errors exit 2 and name --help" { usage denoise; }
@test "denoise: nothing on stderr, and one closing line under -v" { silent denoise; }
@test "denoise: progress when asked, not under -q" { progress denoise; }
@test "denoise: joined streams" { concatenation denoise; }
@test "denoise: files as operands are streams one after the other" { operands denoise; }
@test "denoise: dies of SIGPIPE even when the parent ignores it" { law sigpipe denoise; }
@test "denoise: refuses a terminal" { terminal denoise; }
@test "denoise: an id that comes again draws anew" { repetition denoise; }
@test "denoise: unknown keys are kept, arrays follow the particles" { keeps denoise; }
@test "denoise: same seed, same bytes, at any number of threads" { reproducible denoise; }
@test "denoise: another seed, other bytes" { seeds denoise; }
@test "denoise: history: one entry more, with arguments and seed" { history denoise; }
@test "denoise: a stage that is repeated draws anew" { repeated_stage denoise; }

@test "oracle: an empty input is an error" { empty oracle; }
@test "oracle: cut anywhere: one line, and what came before is passed on without a trailer" { law truncation oracle; }
@test "oracle: impossible lengths and shapes are refused at once" { hostile oracle; }
@test "oracle: records that are no clouds are named" { law broken oracle; }
@test "oracle: --max-record bounds what is read" { law bounds oracle; }
@test "oracle: a PNG is no stream" { foreign oracle '\x89PNG\r\n\x1a\n' PNG; }
@test "oracle: gzip is no stream" { foreign oracle '\x1f\x8b\x08' gzip; }
@test "oracle: text is no stream" { foreign oracle 'hello world\n' ''; }
@test "oracle: JSON is no stream" { foreign oracle '{"id": 1}\n' JSON; }
@test "oracle: a full disk is an error" { full oracle; }
@test "oracle: a failed run leaves the old file, and no temporary one" { atomic oracle; }
@test "oracle: closed descriptors are not the next files" { closed oracle; }
@test "oracle: --help and --version" { helps oracle; }
@test "oracle: usage errors exit 2 and name --help" { usage oracle; }
@test "oracle: nothing on stderr, and one closing line under -v" { silent oracle; }
@test "oracle: progress when asked, not under -q" { progress oracle; }
@test "oracle: joined streams" { concatenation oracle; }
@test "oracle: files as operands are streams one after the other" { operands oracle; }
@test "oracle: dies of SIGPIPE even when the parent ignores it" { law sigpipe oracle; }
@test "oracle: refuses a terminal" { terminal oracle; }
@test "oracle: an id that comes again draws anew" { repetition oracle; }
@test "oracle: unknown keys are kept, arrays follow the particles" { keeps oracle; }
@test "oracle: same seed, same bytes, at any number of threads" { reproducible oracle; }
@test "oracle: another seed, other bytes" { seeds oracle; }
@test "oracle: history: one entry more, with arguments and seed" { history oracle; }
@test "oracle: a stage that is repeated draws anew" { repeated_stage oracle; }

@test "loss: an empty input is an error" { empty loss; }
@test "loss: cut anywhere: one line and no result" { law truncation-text loss; }
@test "loss: impossible lengths and shapes are refused at once" { hostile loss; }
@test "loss: records that are no clouds are named" { law broken loss; }
@test "loss: --max-record bounds what is read" { law bounds loss; }
@test "loss: a PNG is no stream" { foreign loss '\x89PNG\r\n\x1a\n' PNG; }
@test "loss: gzip is no stream" { foreign loss '\x1f\x8b\x08' gzip; }
@test "loss: text is no stream" { foreign loss 'hello world\n' ''; }
@test "loss: JSON is no stream" { foreign loss '{"id": 1}\n' JSON; }
@test "loss: a full disk is an error" { full loss; }
@test "loss: a failed run leaves the old file, and no temporary one" { atomic loss; }
@test "loss: closed descriptors are not the next files" { closed loss; }
@test "loss: --help and --version" { helps loss; }
@test "loss: usage errors exit 2 and name --help" { usage loss; }
@test "loss: nothing on stderr, and one closing line under -v" { silent loss; }
@test "loss: progress when asked, not under -q" { progress loss; }
@test "loss --oracle: an empty input is an error" { empty loss-oracle; }
@test "loss --oracle: cut anywhere: one line and no result" { law truncation-text loss-oracle; }
@test "loss --oracle: impossible lengths and shapes are refused at once" { hostile loss-oracle; }
@test "loss --oracle: records that are no clouds are named" { law broken loss-oracle; }
@test "loss --oracle: --max-record bounds what is read" { law bounds loss-oracle; }
@test "loss --oracle: text is no stream" { foreign loss 'hello world\n' ''; }
@test "loss --oracle: a full disk is an error" { full loss-oracle; }
@test "loss --oracle: usage errors exit 2 and name --help" { usage loss-oracle; }
@test "loss --oracle: progress when asked, not under -q" { progress loss-oracle; }

@test "metric: an empty input is an error" { empty metric; }
@test "metric: cut anywhere: one line and no result" { law truncation-text metric; }
@test "metric: impossible lengths and shapes are refused at once" { hostile metric; }
@test "metric: records that are no clouds are named" { law broken metric; }
@test "metric: --max-record bounds what is read" { law bounds metric; }
@test "metric: a PNG is no stream" { foreign metric '\x89PNG\r\n\x1a\n' PNG; }
@test "metric: gzip is no stream" { foreign metric '\x1f\x8b\x08' gzip; }
@test "metric: text is no stream" { foreign metric 'hello world\n' ''; }
@test "metric: JSON is no stream" { foreign metric '{"id": 1}\n' JSON; }
@test "metric: a full disk is an error" { full metric; }
@test "metric: a failed run leaves the old file, and no temporary one" { atomic metric; }
@test "metric: closed descriptors are not the next files" { closed metric; }
@test "metric: --help and --version" { helps metric; }
@test "metric: usage errors exit 2 and name --help" { usage metric; }
@test "metric: nothing on stderr, and one closing line under -v" { silent metric; }
@test "metric: progress when asked, not under -q" { progress metric; }

@test "chaos: an empty input is an error" { empty chaos; }
@test "chaos: cut anywhere: one line and no result" { law truncation-text chaos; }
@test "chaos: impossible lengths and shapes are refused at once" { hostile chaos; }
@test "chaos: records that are no clouds are named" { law broken chaos; }
@test "chaos: --max-record bounds what is read" { law bounds chaos; }
@test "chaos: a PNG is no stream" { foreign chaos '\x89PNG\r\n\x1a\n' PNG; }
@test "chaos: gzip is no stream" { foreign chaos '\x1f\x8b\x08' gzip; }
@test "chaos: text is no stream" { foreign chaos 'hello world\n' ''; }
@test "chaos: JSON is no stream" { foreign chaos '{"id": 1}\n' JSON; }
@test "chaos: a full disk is an error" { full chaos; }
@test "chaos: a failed run leaves the old file, and no temporary one" { atomic chaos; }
@test "chaos: closed descriptors are not the next files" { closed chaos; }
@test "chaos: --help and --version" { helps chaos; }
@test "chaos: usage errors exit 2 and name --help" { usage chaos; }
@test "chaos: nothing on stderr, and one closing line under -v" { silent chaos; }
@test "chaos: progress when asked, not under -q" { progress chaos; }

@test "correlation: an empty input is an error" { empty correlation; }
@test "correlation: cut anywhere: one line and no result" { law truncation-text correlation; }
@test "correlation: impossible lengths and shapes are refused at once" { hostile correlation; }
@test "correlation: records that are no clouds are named" { law broken correlation; }
@test "correlation: --max-record bounds what is read" { law bounds correlation; }
@test "correlation: a PNG is no stream" { foreign correlation '\x89PNG\r\n\x1a\n' PNG; }
@test "correlation: gzip is no stream" { foreign correlation '\x1f\x8b\x08' gzip; }
@test "correlation: text is no stream" { foreign correlation 'hello world\n' ''; }
@test "correlation: JSON is no stream" { foreign correlation '{"id": 1}\n' JSON; }
@test "correlation: a full disk is an error" { full correlation; }
@test "correlation: a failed run leaves the old file, and no temporary one" { atomic correlation; }
@test "correlation: closed descriptors are not the next files" { closed correlation; }
@test "correlation: --help and --version" { helps correlation; }
@test "correlation: usage errors exit 2 and name --help" { usage correlation; }
@test "correlation: nothing on stderr, and one closing line under -v" { silent correlation; }
@test "correlation: progress when asked, not under -q" { progress correlation; }

@test "verdict: an empty input is an error" { empty verdict; }
@test "verdict: cut anywhere: one line and no result" { law truncation-text verdict; }
@test "verdict: impossible lengths and shapes are refused at once" { hostile verdict; }
@test "verdict: records that are no clouds are named" { law broken verdict; }
@test "verdict: --max-record bounds what is read" { law bounds verdict; }
@test "verdict: a PNG is no stream" { foreign verdict '\x89PNG\r\n\x1a\n' PNG; }
@test "verdict: gzip is no stream" { foreign verdict '\x1f\x8b\x08' gzip; }
@test "verdict: text is no stream" { foreign verdict 'hello world\n' ''; }
@test "verdict: JSON is no stream" { foreign verdict '{"id": 1}\n' JSON; }
@test "verdict: a full disk is an error" { full verdict; }
@test "verdict: a failed run leaves the old file, and no temporary one" { atomic verdict; }
@test "verdict: closed descriptors are not the next files" { closed verdict; }
@test "verdict: --help and --version" { helps verdict; }
@test "verdict: usage errors exit 2 and name --help" { usage verdict; }
@test "verdict: nothing on stderr, and one closing line under -v" { silent verdict; }
@test "verdict: progress when asked, not under -q" { progress verdict; }

@test "view: an empty input is an error" { empty view; }
@test "view: cut anywhere: one line and no result" { law truncation-text view; }
@test "view: impossible lengths and shapes are refused at once" { hostile view; }
@test "view: records that are no clouds are named" { law broken view; }
@test "view: --max-record bounds what is read" { law bounds view; }
@test "view: a PNG is no stream" { foreign view '\x89PNG\r\n\x1a\n' PNG; }
@test "view: gzip is no stream" { foreign view '\x1f\x8b\x08' gzip; }
@test "view: text is no stream" { foreign view 'hello world\n' ''; }
@test "view: JSON is no stream" { foreign view '{"id": 1}\n' JSON; }
@test "view: a full disk is an error" { full view; }
@test "view: --help and --version" { helps view; }
@test "view: usage errors exit 2 and name --help" { usage view; }

@test "save: an empty input is an error" { empty save; }
@test "save: cut anywhere: one line and no result" { law truncation-text save; }
@test "save: impossible lengths and shapes are refused at once" { hostile save; }
@test "save: records that are no clouds are named" { law broken save; }
@test "save: --max-record bounds what is read" { law bounds save; }
@test "save: a PNG is no stream" { foreign save '\x89PNG\r\n\x1a\n' PNG; }
@test "save: gzip is no stream" { foreign save '\x1f\x8b\x08' gzip; }
@test "save: text is no stream" { foreign save 'hello world\n' ''; }
@test "save: JSON is no stream" { foreign save '{"id": 1}\n' JSON; }
@test "save: --help and --version" { helps save; }
@test "save: usage errors exit 2 and name --help" { usage save; }
