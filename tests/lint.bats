# The rules of tests/lint: the project keeps them, and each of them sees a violation that is planted in a copy.
bats_require_minimum_version 1.5.0
load common
setup() { common_setup; }

lint() { MFC_BIN=${MFC_BIN:-$ROOT/bin} "$ROOT/tests/lint" "$@"; }

# A copy of the source to break, with the programs as they are.
copy() {
	mkdir -p copy/man copy/pipelines
	(cd "$ROOT" && cp -r --parents cmd lib tests/lint "$BATS_TEST_TMPDIR/copy/")
	case ${MFC_BIN:-bin} in /*) PROGRAMS=$MFC_BIN ;; *) PROGRAMS=$ROOT/${MFC_BIN:-bin} ;; esac
}

broken() {   # RULE EXPECTED-LINE
	run env MFC_BIN="$PROGRAMS" copy/tests/lint "$1"
	assert_failure 1
	assert_output --partial "$2"
}

@test "modules include only what is below them" {
	run lint layering
	assert_success
	assert_output ''
}

@test "each outside header is included by its one module" {
	run lint outside
	assert_success
	assert_output ''
}

@test "lib never exits, prints or reads options" {
	run lint quiet
	assert_success
	assert_output ''
}

@test "files are short: 200 lines in cmd, 600 in lib" {
	run lint sizes
	assert_success
	assert_output ''
}

@test "shellcheck finds nothing in any shell script" {
	run lint shell
	assert_success
	assert_output ''
}

@test "mandoc finds nothing in any page" {
	run lint man
	assert_success
	assert_output ''
}

@test "every program has a page with every option that its --help prints" {
	run lint options
	assert_success
	assert_output ''
}

@test "a rule that does not exist is a usage error" {
	run lint nothing
	assert_failure 2
}

@test "planted: diffusion includes the network" {
	copy
	echo '#include "net/score.h"' >>copy/lib/diffusion/sde.c
	broken layering 'lib/diffusion/sde.c:'
}

@test "planted: the network includes the stream outside its model file" {
	copy
	echo '#include "stream/stream.h"' >>copy/lib/net/score.c
	broken layering 'lib/net/score.c:'
}

@test "planted: a module of the ground floor includes the stream" {
	copy
	echo '#include "stream/codec.h"' >>copy/lib/value.c
	broken layering 'lib/value.c:'
}

@test "planted: a library module includes the command line's header" {
	copy
	echo '#include "../cmd/cli.h"' >>copy/lib/cloud.c
	broken layering 'lib/cloud.c:'
}

@test "planted: a second module includes msgpack" {
	copy
	echo '#include <msgpack.h>' >>copy/lib/value.c
	broken outside 'lib/value.c: includes msgpack'
}

@test "planted: a library that nobody agreed on" {
	copy
	echo '#include <zlib.h>' >>copy/lib/file.c
	broken outside 'lib/file.c:'
}

@test "planted: lib prints to standard error" {
	copy
	echo 'void f(void) { fprintf(stderr, "no"); }' >>copy/lib/rng.c
	broken quiet 'lib/rng.c:'
}

@test "planted: lib ends the process" {
	copy
	echo 'void f(void) { exit(1); }' >>copy/lib/error.c
	broken quiet 'lib/error.c:'
}

@test "planted: a command of 201 lines" {
	copy
	for _ in $(seq 201); do echo; done >copy/cmd/mfc-long.c
	broken sizes 'cmd/mfc-long.c: 201 lines'
}

@test "planted: an unquoted variable in a script" {
	copy
	# shellcheck disable=SC2016
	printf '#!/bin/sh\nrm $1\n' >copy/pipelines/x.sh
	broken shell SC2086
}

@test "planted: a page with a macro that does not exist" {
	copy
	printf '.Dd November 24, 2026\n.Dt X 1\n.Os mfc\n.Sh NAME\n.Nm x\n.Nd y\n.Zz what\n' >copy/man/x.1
	broken man 'man/x.1'
}

@test "planted: a program without a page" {
	copy
	echo >copy/cmd/mfc-new.c
	broken options 'man/mfc-new.1: does not exist'
}

@test "planted: an option that the page does not have" {
	copy
	printf '.Dd November 24, 2026\n.Dt MFC-NOISE 1\n.Os mfc\n.Sh NAME\n.Nm mfc-noise\n.Nd y\n' >copy/man/mfc-noise.1
	broken options "man/mfc-noise.1: --t-from of 'mfc-noise' is not there"
}

# A tree of one file, for the analysers take minutes over all.
planted() {   # TOOL RULE SOURCE EXPECTED
	command -v "$1" >/dev/null || skip "no $1"
	mkdir -p copy/cmd copy/lib
	(cd "$ROOT" && cp -r --parents tests/lint tests/lint.known tests/analysis.h .clang-tidy lib/error.[ch] "$BATS_TEST_TMPDIR/copy/")
	printf '%s\n' "$3" >copy/lib/planted.c
	run copy/tests/lint "$2"
	assert_failure 1
	assert_output --partial "$4"
}

@test "planted: cppcheck sees a leak" {
	planted cppcheck cppcheck '#include <stdlib.h>
void f(void) { char *p = malloc(1); if (p) *p = 0; }' 'lib/planted.c:2: Memory leak: p [memleak]'
}

@test "planted: clang-tidy sees memory used after it was freed, and that errors are returned" {
	planted clang-tidy tidy '#include <stdlib.h>
int f(struct mfc_error *err, int *p) { int x; if (!p && mfc_error_set(err, "no")) return -1; x = *p; free(p); return x + *p; }' 'lib/planted.c:2: Use of memory'
	assert_output --partial '[clang-analyzer-unix.Malloc]'
	refute_output --partial NullDereference
}
