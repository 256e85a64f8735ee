#!/bin/bash
# Usage: load.sh [-r ROUNDS] [--check] [ARCHIVE.zip] -- from a zip of OBJ files to 2,048 points a mesh, drawn from the surface by area: mfc-load
# against inflating alone (bsdtar), libarchive and assimp in memory (load-assimp.c), and Open3D (load-open3d.py), in turns, ROUNDS (3) times, with
# one thread and with two. Without ARCHIVE.zip: the aircraft in fixtures/, four times over. Prints the times, how many meshes each has read, and
# whether each bar is met; exit 1 when one is not. Wants an idle machine.
#
# --check compares the clouds instead: every mesh must be read by all, with the same means of x, y, z and of their products, up to five standard
# errors and a thousandth of the mesh's size; needs python3-msgpack and python3-numpy. Open3D may differ in one of twenty, because of how concave
# polygons are cut for it, see below.
#
# Counted is the whole run of each program, the start and the writing of the stream included, with two exceptions that favour Open3D: it reads
# from the disk cache what was unpacked beforehand, and its import is not counted. As Debian 12 has it (0.16), it reads no polygons, so unpacking
# cuts them into fans of triangles, which cover too much of a concave one, and leaves it the vertices and faces alone. It reads on one thread.
# One-thread runs are pinned to one processor. A peer that is not installed is named, and the rest runs; another, trimesh, is not in Debian 12.
# How fast the readers are by themselves, for every format, says parse.c beside this: `make build/bench/parse && build/bench/parse FILE ...`.
set -eu -o pipefail
usage() { echo "usage: load.sh [-r ROUNDS] [--check] [ARCHIVE.zip]" >&2; exit 2; }
rounds=3 check=
while [ $# -gt 0 ]; do
	case $1 in
		-r) [[ ${2-} =~ ^[1-9][0-9]*$ ]] || usage; rounds=$2; shift 2 ;;
		--check) check=1; shift ;;
		-*) usage ;;
		*) break ;;
	esac
done
[ $# -le 1 ] || usage
archive=${1:+$(realpath -e -- "$1")}
cd "$(dirname "$0")/../.."
points=2048
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
make -s bin/mfc-load
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -z "$archive" ]; then
	mkdir "$work/made"
	$python -m zipfile -e fixtures/airplanes.zip "$work/aircraft"
	for copy in 1 2 3 4; do cp -r "$work/aircraft/02691156" "$work/made/$copy"; done
	archive=$work/made.zip
	(cd "$work/made" && $python -m zipfile -c "$archive" [1-4])
	rm -r "$work/made" "$work/aircraft"
fi

missing=
bsdtar=$(command -v bsdtar) || missing+=" libarchive-tools"
assimp=build/bench/load-assimp
if pkg-config --exists assimp; then make -s "$assimp"; else assimp='' missing+=" libassimp-dev"; fi
open3d=tests/bench/load-open3d.py
$python -c 'import open3d' 2>/dev/null || open3d='' missing+=" python3-open3d"
[ -z "$missing" ] || echo "load.sh: not compared, for want of a package:$missing" >&2
[ -z "$open3d" ] || polygons=$($python "$open3d" --unpack "$archive" "$work/unpacked")

if [ -n "$check" ]; then
	$python -c 'import msgpack, numpy' || { echo "load.sh: --check needs python3-msgpack and python3-numpy" >&2; exit 2; }
	bin/mfc-load -q -n "$points" -@ 1 -o "$work/stream" "$archive"
	bin/mfc-load --list "$archive" >"$work/list"
	[ -z "$assimp" ] || "$assimp" "$archive" "$points" 1 "$work/assimp" >/dev/null
	[ -z "$open3d" ] || $python "$open3d" "$work/unpacked" "$points" "$work/open3d" >/dev/null
	$python - "$work" "$archive" "$points" <<'PYTHON'
import os, sys
import msgpack, numpy as np

work, archive, points = sys.argv[1], sys.argv[2], int(sys.argv[3])

def statistics(x):
    """Means of x, y, z and of their products, the standard errors of these, and the size of the cloud's box."""
    x = x.astype("f8")
    f = np.concatenate([x] + [x[:, [i]] * x[:, i:] for i in range(3)], axis=1)
    return f.mean(0), f.std(0) / np.sqrt(len(f)), np.linalg.norm(np.ptp(x, axis=0))

def ours():
    paths, got = {}, {}
    for line in open(work + "/list", encoding="utf-8"):
        shape, _, _, path = line.rstrip("\n").split("\t")
        paths.setdefault(shape, []).append(path.removeprefix(archive + ": "))
    with open(work + "/stream", "rb") as f:
        for m in msgpack.Unpacker(f, max_buffer_size=1 << 30):
            if "x" in m:
                got[paths[m["id"]].pop(0)] = statistics(np.frombuffer(m["x"]["data"], "<f4").reshape(m["x"]["shape"]))
    return got

def theirs(path):
    got = {}
    with open(path, "rb") as f:
        while name := f.readline():
            got[name[:-1].decode()] = statistics(np.frombuffer(f.read(12 * points), "<f4").reshape(points, 3))
    return got

a, bad = ours(), False
print(f"mfc-load: {len(a)} meshes")
for peer in "assimp", "open3d":
    if not os.path.exists(f"{work}/{peer}"):
        continue
    b = theirs(f"{work}/{peer}")
    for name in sorted(a.keys() ^ b.keys()):
        print(f"{name}: read by {'mfc-load' if name in a else peer} alone")
    differ, largest, box = 0, 0, []
    for name in sorted(a.keys() & b.keys()):
        (m, e, size), (n, g, other) = a[name], b[name]
        scale = np.array([size] * 3 + [size * size] * 6)
        excess = (np.abs(m - n) - 1e-3 * scale) / np.maximum(np.hypot(e, g), 1e-12 * scale)
        box.append(abs(other / size - 1))
        largest = max(largest, (np.abs(m - n)[:3] / size).max())
        if excess.max() > 5:
            differ += 1
            print(f"{name}: {peer} differs: means of {n[:3]} instead of {m[:3]}, size of {other:.4g} instead of {size:.4g}")
    print(f"{peer}: {len(b)} meshes, {differ} differ; largest difference of means {largest:.1e} of the size, of sizes {max(box):.1e}, "
          f"in the median {np.median(box):.1e}")
    bad = bad or a.keys() != b.keys() or differ > (len(b) / 20 if peer == "open3d" else 0)
sys.exit(int(bad))
PYTHON
	exit
fi

list=$(taskset -cp $$)
one="taskset -c ${list##*[ ,-]}"   # the last processor allowed

timed() {   # WHAT THREADS COMMAND ... -- appends a row: what, threads, microseconds, meshes
	local what=$1 threads=$2 start end
	shift 2
	start=${EPOCHREALTIME/[.,]/}
	"$@" >"$work/out" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
	end=${EPOCHREALTIME/[.,]/}
	printf '%s\t%s\t%s\t%s\n' "$what" "$threads" $((end - start)) "$(cat "$work/out")" >>"$work/rows"
}

mfc_load() { "$@" >/dev/null && sed -n 's/.* \([0-9]*\) shapes loaded, \([0-9]*\) broken.*/\1 read, \2 not/p' "$work/log"; }
inflate() { "$@" >/dev/null; }

# shellcheck disable=SC2086 # PREFIX is some words
run() {   # THREADS [PREFIX] -- a turn of each
	timed mfc-load "$1" mfc_load $2 bin/mfc-load -v --progress=never -n "$points" -@ "$1" "$archive"
	[ -z "$assimp" ] || timed 'libarchive, assimp' "$1" $2 "$assimp" "$archive" "$points" "$1"
	[ "$1" -eq 1 ] || return 0
	[ -z "$bsdtar" ] || timed 'bsdtar, inflating' 1 inflate $2 "$bsdtar" -xOf "$archive"
	[ -z "$open3d" ] || $2 env OMP_NUM_THREADS=1 $python "$open3d" "$work/unpacked" "$points" 2>"$work/log" |
		sed 's/^/Open3D, unpacked\t1\t/' >>"$work/rows"
}

model=$(sed -n '/^model name/ { s/.*: //p; q }' /proc/cpuinfo)
echo "${model:-$(uname -m)}, $(nproc) processors, load $(cut -d ' ' -f 1 /proc/loadavg)"
[ "${polygons:-0}" -eq 0 ] || echo "$polygons of the files hold polygons, which Open3D 0.16 does not read: it gets them as triangles"
for ((i = 1; i <= rounds; i++)); do
	[ ! -t 2 ] || printf '\rround %d of %d ' "$i" "$rounds" >&2
	run 1 "$one"
	[ "$(nproc)" -lt 2 ] || run 2 ''
done
[ ! -t 2 ] || printf '\r\033[K' >&2
$python - "$work/rows" "$archive" <<'PYTHON'
import statistics, sys, zipfile

seconds, meshes = {}, {}
for line in open(sys.argv[1]):
    what, threads, us, read = line.rstrip("\n").split("\t")
    seconds.setdefault((what, int(threads)), []).append(float(us) / 1e6)
    meshes[what, int(threads)] = read
members = [m for m in zipfile.ZipFile(sys.argv[2]).infolist() if m.filename.lower().endswith(".obj")]
size = sum(m.file_size for m in members) / 1e6
best = {key: min(s) for key, s in seconds.items()}
median = {key: statistics.median(s) for key, s in seconds.items()}
print(f"{len(members)} OBJ files, {size:.1f} MB unpacked, {sum(m.compress_size for m in members) / 1e6:.1f} MB in the archive")
print(f"{'':20}{'threads':>8}{'best, s':>9}{'median':>9}{'MB/s':>7}{'to mfc-load':>13}{'of medians':>12}  meshes")
for key in sorted(best, key=lambda key: key[1]):
    ours = "mfc-load", key[1]
    print(f"{key[0]:20}{key[1]:8}{best[key]:9.3f}{median[key]:9.3f}{size / best[key]:7.0f}{best[key] / best[ours]:13.2f}"
          f"{median[key] / median[ours]:12.2f}  {meshes[key] or '-'}")
bars = [(f"{what}, threads {threads}: times the time of mfc-load", best[what, threads] / best["mfc-load", threads], 5, float.__ge__, "at least")
        for what, threads in best if "assimp" in what or "Open3D" in what]
if ("mfc-load", 2) in best and ("bsdtar, inflating", 1) in best:
    bars.append(("mfc-load, threads 2: times the time of bsdtar", best["mfc-load", 2] / best["bsdtar, inflating", 1], 1.5, float.__le__, "at most"))
for what, value, bar, holds, word in bars:
    print(f"{'met    ' if holds(value, float(bar)) else 'not met'} {what} {value:.2f}, {word} {bar}")
sys.exit(int(not all(holds(value, float(bar)) for _, value, bar, holds, _ in bars)))
PYTHON
