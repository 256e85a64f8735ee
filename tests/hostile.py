"""Files that claim more than they hold, for tests/hostile.bats.

    hostile.py make FOLDER        write them
    hostile.py bound COMMAND...   run it within the bounds: MIB of memory at its peak (64), SECONDS of processor (1; 10 under a sanitizer), 60 seconds in all; print
                                  its standard error's first and last lines, then what exceeded a bound, and exit as it did, or 99
"""
import bz2
import lzma
import os
import resource
import signal
import struct
import subprocess
import sys
import zlib

OBJ = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"
GIB = 1 << 30


def deflate(line, mib):
    """So many MiB of a line over and over, quickly: a piece that refers to nothing before it is repeated."""
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = c.compress(line * ((1 << 20) // len(line))) + c.flush(zlib.Z_FULL_FLUSH)
    return piece * mib + zlib.compressobj(9, zlib.DEFLATED, -15).flush()


def gzipped(raw, size):
    return b"\x1f\x8b\x08\0\0\0\0\0\0\3" + raw + struct.pack("<II", 0, size & 0xffffffff)


def local(name, packed, size, crc=0, method=8):
    return struct.pack("<IHHHHHIIIHH", 0x04034b50, 20, 0, method, 0, 0x21, crc, packed, min(size, 0xffffffff), len(name), 0) + name


def central(name, packed, size, offset, crc=0, method=8):
    return struct.pack("<IHHHHHHIIIHHHHHII", 0x02014b50, 20, 20, 0, method, 0, 0x21, crc, packed, min(size, 0xffffffff), len(name), 0, 0, 0, 0, 0,
                       offset) + name


def end(body, directory, count):
    return body + directory + struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, count, count, len(directory), len(body), 0)


def zipped(entries):
    """(name, method, checksum, packed, claimed size)"""
    body, directory = [], []
    at = 0
    for name, method, crc, packed, size in entries:
        head = local(name, len(packed), size, crc, method)
        body += [head, packed]
        directory.append(central(name, len(packed), size, at, crc, method))
        at += len(head) + len(packed)
    return end(b"".join(body), b"".join(directory), len(entries))


def stored(name, data=OBJ):
    return (name, 0, zlib.crc32(data), data, len(data))


def packed(name, data):
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (name, 8, zlib.crc32(data), c.compress(data) + c.flush(), len(data))


def nested(leaf, depth, copies):
    for _ in range(depth):
        leaf = zipped([packed(b"b%02d.zip" % i, leaf) for i in range(copies)])
    return leaf


def quoted(count, mib):
    """D. Fifield, A better zip bomb, WOOT 2019: every file quotes the header of the next in a stored block, and all share one kernel."""
    name = [b"%04d.obj" % i for i in range(count)]
    data, size, heads = deflate(b"v 0 0 0\n", mib), mib << 20, []
    for i in reversed(range(count)):
        if heads:
            size += len(heads[-1][0])
            data = b"\0" + struct.pack("<HH", len(heads[-1][0]), len(heads[-1][0]) ^ 0xffff) + heads[-1][0] + data
        heads.append((local(name[i], len(data), size), len(data), size))
    directory, at = [], 0
    for i, (head, length, size) in enumerate(reversed(heads)):
        directory.append(central(name[i], length, size, at))
        at += len(head) + 5
    return end(heads[-1][0] + data, b"".join(directory), count)


def overlapping(count):
    """Files that are all the same bytes."""
    data, name = deflate(b"v 0 0 0\n", 15), b"a.obj"
    head = local(name, len(data), 15 << 20)
    return end(head + data, central(name, len(data), 15 << 20, 0) * count, count)


def tar(name, size, kind=b"0", magic=b"ustar\x0000", link=b"", sparse=None):
    number = b"%011o\0" % size if size < 8**11 else b"\x80" + size.to_bytes(11, "big")
    h = bytearray(512)
    h[:len(name)] = name
    h[100:124] = b"0000644\0" + b"0000000\0" * 2
    h[124:136] = number
    h[136:157] = b"00000000000\0" + b" " * 8 + kind
    h[157:157 + len(link)] = link
    h[257:257 + len(magic)] = magic
    if sparse:   # old GNU: a place and a length, and the size that they make
        h[386:410] = b"%011o\0%011o\0" % (sparse - 512, 512)
        h[483:495] = b"%011o\0" % sparse
    h[148:156] = b"%06o\0 " % sum(h)
    return bytes(h)


def pax(**records):
    body = b""
    for key, value in records.items():
        text = b" %s=%s\n" % (key.replace("_", ".").encode(), value.encode())
        length = len(text) + 2 if len(text) + 2 < 100 else len(text) + 3
        body += b"%d" % length + text
    return tar(b"pax", len(body), b"x") + body.ljust(512, b"\0")


def npy(shape, body=b"", descr="<f4"):
    header = ("{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, shape)).encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + body


def ply(form, vertices, faces):
    return (b"ply\nformat %s 1.0\nelement vertex %d\nproperty float x\nproperty float y\nproperty float z\n"
            b"element face %d\nproperty list uint int vertex_indices\nend_header\n") % (form, vertices, faces)


def quine():
    """An archive that holds itself, as far as the reader is concerned: R. Cox' r.zip has 440 bytes; this one nests as deep as anyone may look."""
    return nested(zipped([stored(b"a.obj")]), 60, 1)


def meshes():
    yield "vertices.off", b"OFF\n2147483648 1 0\n0 0 0\n"
    yield "faces.off", b"OFF\n3 2147483648 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n"
    yield "counts.off", b"OFF\n18446744073709551615 18446744073709551615 0\n0 0 0\n"
    yield "corners.off", b"OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n2147483647 0 1 2\n"
    yield "vertices-text.ply", ply(b"ascii", 2**31, 1) + b"0 0 0\n"
    yield "vertices.ply", ply(b"binary_little_endian", 2**31, 1) + bytes(24)
    yield "faces.ply", ply(b"binary_big_endian", 1, 2**31) + bytes(24)
    yield "counts.ply", ply(b"binary_little_endian", 2**63, 2**64 - 1) + bytes(24)
    yield "list.ply", ply(b"binary_little_endian", 1, 1) + bytes(12) + b"\xff" * 4 + bytes(12)
    yield "properties.ply", (b"ply\nformat ascii 1.0\nelement vertex 1\n" + b"".join(b"property float p%d\n" % i for i in range(100000)) +
                             b"end_header\n0\n")
    yield "triangles.stl", bytes(80) + struct.pack("<I", 2**31) + bytes(100)
    yield "all.stl", bytes(80) + b"\xff" * 4 + bytes(100)
    yield "index.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 2147483648\n"
    yield "index-64.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 18446744073709551617\n"
    yield "index-negative.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 -9223372036854775808\n"
    yield "corners.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf" + b" 1 2 3" * 200000 + b"\n"
    yield "shape.npy", npy("(1000000000000, 3)")
    yield "overflow.npy", npy("(9223372036854775807, 9223372036854775807)")
    yield "stack.npy", npy("(1000000, 1000000, 3)")
    yield "nothing.npy", npy("(1000000000000, 0)")
    yield "header.npy", b"\x93NUMPY\2\0\xff\xff\xff\xff" + b"{" * 100
    yield "columns.xyz", b"1 2 3" + b" 4" * 1000000 + b"\n"


def bombs():
    """What unpacks to far more than it is."""
    zeros, text = deflate(bytes(64), 10240), deflate(b"v 0 0 0\n", 10240)
    yield "zeros.zip", zipped([(b"a.obj", 8, 0, zeros, 10 * GIB)])
    yield "no-directory.zip", zipped([(b"a.obj", 8, 0, zeros, 10 * GIB)])[:-30]
    yield "claim.zip", zipped([(b"a.obj", 8, 0, zeros[:1000000], GIB)])
    yield "quoted.zip", quoted(250, 64)
    yield "wide.zip", nested(zipped([(b"a%d.obj" % i, 8, 0, deflate(bytes(64), 1), 1 << 20) for i in range(16)]), 4, 16)
    yield "obj.gz", gzipped(text, 10 * GIB)
    yield "text.obj.xz", lzma.compress(b"v 0 0 0\n" * (1 << 21), preset=0) * 640
    yield "text.obj.bz2", bz2.compress(b"v 0 0 0\n" * (1 << 20)) * 1200
    yield "passed-over.tar.gz", gzipped(deflate(tar(b"a.txt", 10 * GIB).ljust(1 << 20, b"\0"), 1)[:-2] + zeros, 10 * GIB)
    yield "sparse.tar", tar(b"a.obj", 512, b"S", b"ustar  \0", sparse=8**11 - 512) + bytes(1536)
    yield "sparse-pax.tar", (pax(GNU_sparse_major="1", GNU_sparse_minor="0", GNU_sparse_name="a.obj", GNU_sparse_realsize="1099511627776") +
                             tar(b"a.obj", 1024) + b"1\n1099511627264\n512\n".ljust(512, b"\0") + b"v 0 0 0\n" * 64 + bytes(1024))


def nests():
    bomb = zipped([(b"a.obj", 8, 0, deflate(bytes(64), 256), 256 << 20)])
    yield "42.zip", nested(bomb, 6, 16)
    yield "quine.zip", quine()


def damaged():
    """Other archives that claim what is not there, or the same again and again."""
    yield "overlapping.zip", overlapping(5000)
    yield "size.tar", tar(b"a.obj", 1 << 62) + OBJ
    yield "long-name.tar", tar(b"././@LongLink", 1 << 33, b"L", b"ustar  \0") + bytes(512)
    yield "header.tar", tar(b"x", 1 << 40, b"x") + bytes(512)
    yield "sparse-map.tar", pax(GNU_sparse_major="1", GNU_sparse_minor="0", GNU_sparse_realsize="1099511627776") + tar(b"a.obj", 1024) + \
        b"4294967295\n0\n0\n".ljust(1024, b"\0") + bytes(1024)
    yield "size.cpio", b"07070100000001000081a4000000000000000000000001617ac0a8ffffffff000000000000000000000000000000000000000600000000a.obj\0"
    yield "name.cpio", b"07070100000001000081a4000000000000000000000001617ac0a8000000100000000000000000000000000000000000fffffff000000000a.obj\0"
    yield "size.deb", b"!<arch>\na.obj/          0           0     0     644     9999999999`\nv 0 0 0\n"
    yield "names.deb", b"!<arch>\n//                                              9999999999`\nv 0 0 0\n"
    yield "size.7z", b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<IQQI", zlib.crc32(struct.pack("<QQI", 0, 1 << 62, 0)), 0, 1 << 62, 0)
    yield "blocks.rar", b"Rar!\x1a\x07\0" + b"\xff" * 100
    yield "blocks5.rar", b"Rar!\x1a\x07\1\0" + b"\xff" * 100
    yield "window.obj.zst", b"\x28\xb5\x2f\xfd\x00\xff" + bytes(30)


def names():
    yield "long-part.zip", zipped([stored(b"a" * 65000 + b".obj")])
    yield "deep-path.zip", zipped([stored(b"a/" * 32000 + b"b.obj")])
    yield "dots.zip", zipped([stored(b"../../../x.obj"), stored(b"/etc/y.obj")])
    yield "links.tar", tar(b"a.obj", 0, b"2", link=b"/etc/passwd") + tar(b"b.obj", 0, b"1", link=b"../../c.obj") + tar(b"c.obj", 0, b"3") + bytes(1024)


def make(folder):
    for kind in meshes, bombs, nests, damaged, names:
        os.makedirs(os.path.join(folder, kind.__name__), exist_ok=True)
        for name, data in kind():
            with open(os.path.join(folder, kind.__name__, name), "wb") as f:
                f.write(data)


def bound(command):
    """A process begins with the peak of the one that it was forked from: so nothing large is done here."""
    mib, seconds = int(os.environ.get("MIB", 64)), int(os.environ.get("SECONDS", 10 if os.environ.get("SANITIZED") else 1))

    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        signal.alarm(60)

    with open(os.environ["BATS_TEST_TMPDIR"] + "/stderr", "w+b") as err:
        p = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=err, preexec_fn=limit)
        _, status, usage = os.wait4(p.pid, 0)
        err.seek(0)
        lines = err.read(1 << 16).decode(errors="replace").splitlines()
    print("\n".join(lines[:3] + lines[3:][-2:]))
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        print(f"ended by signal {-code}: {usage.ru_utime + usage.ru_stime:.1f} s of processor")
        code = 99
    if usage.ru_maxrss > mib << 10 and not os.environ.get("SANITIZED"):
        print(f"{usage.ru_maxrss >> 10} MiB of memory")
        code = 99
    sys.exit(code)


make(sys.argv[2]) if sys.argv[1] == "make" else bound(sys.argv[2:])
