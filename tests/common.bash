# What every .bats file loads: the programs under test on PATH, bats' libraries, small streams to test with.
# shellcheck shell=bash

# The programs under test ($MFC_BIN, by default bin/) and Debian's python3, which is the one with msgpack, numpy and scipy, go
# first on PATH. Called by common_setup; a setup_file that runs programs calls it too.
common_path() {
	ROOT=$(cd "$(dirname "$BATS_TEST_FILENAME")/.." && pwd)
	local bin=${MFC_BIN:-bin} shim=$BATS_RUN_TMPDIR/shim
	[[ $bin == /* ]] || bin=$ROOT/$bin
	mkdir -p "$shim"
	[ -e "$shim/python3" ] || [ ! -x /usr/bin/python3 ] || ln -sf /usr/bin/python3 "$shim/python3"
	FIXTURES=$ROOT/fixtures
	PATH=$bin:$shim:$PATH
	BATS_LIB_PATH=${BATS_LIB_PATH:-/usr/lib/bats}
	export ROOT FIXTURES PATH BATS_LIB_PATH
	export -f stream dump
	unset MFC_KERNELS_FROM
}

common_setup() {
	common_path
	bats_load_library bats-support
	bats_load_library bats-assert
	cd "$BATS_TEST_TMPDIR" || return
}

# Whether the programs under test were built with a sanitizer, or run under Valgrind (tests/valgrind): their memory and time are not our own.
sanitized() { grep -Eq '__[at]san_init|exec valgrind' "$(command -v mfc-noise)"; }

# A small stream on standard output (tests/stream.py --help), and a stream as lines of JSON (tests/dump.py).
stream() { python3 "$ROOT/tests/stream.py" "$@"; }
dump() { python3 "$ROOT/tests/dump.py" "$@"; }

# Rewrite a stream or model: edit PYTHON < model, where m is each message, changed in place, and drop() leaves it out. The checksums of a model are
# made anew.
edit() {
	python3 -c "
import sys, msgpack, struct, zlib
def drop(): global kept; kept = False
count = crc = 0
for m in msgpack.Unpacker(sys.stdin.buffer, max_buffer_size=0):
    kept = True
    if m.get('kind') == 'trailer': m['count'] = count
    $1
    if 'crc32' in m: m['crc32'] = crc if 'kind' in m else zlib.crc32(b''.join(m[k]['data'] for k in ('x', 'ema', 'adam_m', 'adam_v') if k in m))
    if kept:
        data = msgpack.packb(m)
        count += 'kind' not in m
        crc = zlib.crc32(data, crc)
        sys.stdout.buffer.write(data)"
}

# The status of a background process, which is killed when it has not ended after a minute.
await() {
	local dog status
	(sleep 60; kill -9 "$1") >/dev/null 2>&1 3>&- &
	dog=$!
	wait "$1" && status=0 || status=$?
	kill "$dog"
	return "$status"
}
