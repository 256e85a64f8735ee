#!/usr/bin/env bats
# mfc-view: sheets that other programs can read, and pictures in characters.
bats_require_minimum_version 1.5.0
load common

setup() {
	common_setup
	stream --clouds 3 --points 200 > a.mfc
	stream --clouds 2 --points 50 --dim 2 --seed 2 > b.mfc
}

# width, height and pixels of an RGB PNG without a library: filters undone
png='
import zlib, struct
def png(f):
    d = open(f, "rb").read(); assert d[:8] == b"\x89PNG\r\n\x1a\n"; at, data = 8, b""
    while at < len(d):
        n, kind = struct.unpack(">I4s", d[at:at + 8]); body = d[at + 8:at + 8 + n]; at += 12 + n
        assert zlib.crc32(kind + body) == struct.unpack(">I", d[at - 4:at])[0]
        if kind == b"IHDR": w, h = struct.unpack(">II", body[:8]); assert body[8:10] == b"\x08\x02"
        if kind == b"IDAT": data += body
    raw, prev, rows = zlib.decompress(data), bytearray(3 * w), []
    for y in range(h):
        f, line = raw[y * (3 * w + 1)], bytearray(raw[y * (3 * w + 1) + 1:(y + 1) * (3 * w + 1)])
        for i in range(3 * w):
            a = line[i - 3] if i > 2 else 0; b = prev[i]; c = prev[i - 3] if i > 2 else 0
            p = a + b - c
            line[i] = (line[i] + (0, a, b, (a + b) // 2, min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2])[f]) % 256
        rows.append(line); prev = line
    return w, h, rows
'
check() { run -0 python3 -c "$png$1"; }

@test "a sheet: as large as its clouds, white where there is none" {
	mfc-view -o s.png --size 32 --columns 2 a.mfc
	check 'w, h, p = png("s.png"); assert (w, h) == (64, 64); assert all(v == 255 for r in p[32:] for v in r[96:]); assert min(min(r) for r in p[32:]) < 100'
}

@test "each file begins on a row of its own, under a line" {
	mfc-view -o s.png --size 32 a.mfc b.mfc
	check 'w, h, p = png("s.png"); assert (w, h) == (96, 64); assert all(v == 190 for v in p[32])'
}

@test "near points are darker than far ones" {
	python3 - > near.mfc <<-'END'
		import msgpack, sys, numpy as np
		x = np.array([[-1, 0, 1], [1, 0, -1]], "<f4")
		w = lambda o: sys.stdout.buffer.write(msgpack.packb(o))
		w({"mfc": 1, "kind": "header", "dim": 3})
		w({"id": "a", "x": {"shape": [2, 3], "dtype": "<f4", "data": x.tobytes()}})
		w({"kind": "trailer", "count": 1})
	END
	mfc-view -o s.png --size 64 --azimuth 0 --elevation 0 near.mfc
	check 'w, h, p = png("s.png"); left = min(min(r[:96]) for r in p); right = min(min(r[96:]) for r in p); assert left < 60 < 120 < right, (left, right)'
}

@test "the same bytes twice" {
	mfc-view -o 1.png --size 48 a.mfc
	mfc-view -o 2.png --size 48 < a.mfc
	cmp 1.png 2.png
}

@test "the view turns" {
	mfc-view -o 1.png --size 48 a.mfc
	mfc-view -o 2.png --size 48 --azimuth 90 a.mfc
	run -1 cmp -s 1.png 2.png
}

@test "--limit shows the first of each file" {
	mfc-view -o s.png --size 16 --limit 1 a.mfc b.mfc
	check 'assert png("s.png")[:2] == (16, 32)'
}

@test "one point, one dimension, many dimensions" {
	stream --clouds 1 --points 1 > p.mfc
	stream --clouds 1 --points 9 --dim 1 > d1.mfc
	stream --clouds 1 --points 9 --dim 5 > d5.mfc
	for f in p d1 d5; do
		mfc-view -o $f.png --size 64 $f.mfc
		check "assert min(min(r) for r in png('$f.png')[2]) < 200"
	done
}

@test "characters: as wide as asked, without colour when not wanted" {
	run -0 bash -c "COLUMNS=60 NO_COLOR=1 mfc-view --terminal a.mfc | python3 -c 'import sys; l = sys.stdin.read().splitlines(); assert all(len(x) <= 60 for x in l) and any(c != chr(0x2800) and c != \" \" for x in l for c in x); assert not any(chr(27) in x for x in l)'"
	run -0 bash -c "TERM=xterm mfc-view --terminal a.mfc | grep -c \$'\\033\\[38;2;'"
}

@test "--pass: the stream goes on, the picture too" {
	mfc-view --pass --no-history -o s.png --size 16 a.mfc > b.out
	cmp <(dump --values a.mfc) <(dump --values b.out)
	check 'assert png("s.png")[:2] == (48, 16)'
	run -0 --separate-stderr bash -c "mfc-view --pass a.mfc > c.out"
	[ -n "$stderr" ]
}

@test "no terminal and no -o is a usage error; no clouds, a cut stream and a full disk are errors" {
	run -2 bash -c "mfc-view a.mfc | cat; exit \${PIPESTATUS[0]}"
	stream --clouds 0 > none.mfc
	run -1 mfc-view -o s.png none.mfc
	assert_output "mfc-view: no clouds to show"
	head -c 900 a.mfc > cut.mfc
	run -1 mfc-view -o s.png cut.mfc
	[ ! -e s.png ]
	run -1 mfc-view -o /dev/full --size 16 a.mfc
	run -2 mfc-view -o s.png --size 5 a.mfc
	run -1 mfc-view -o s.png --size 8192 a.mfc a.mfc
	assert_output --partial "too large"
}
