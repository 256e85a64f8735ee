#!/usr/bin/env python3
"""Laws of tests/contract.bats that need more than a shell: laws.py LAW INPUT COMMAND... runs the command on (variations of) the
stream INPUT and prints what broke the law; exit 1 then."""
import os
import resource
import struct
import subprocess
import sys

import msgpack
import numpy as np

broken = []
text = False


def expect(ok, text):
    if not ok:
        broken.append(text)


def run(command, data, **options):
    p = subprocess.run(command, input=data, capture_output=True, timeout=60, **options)
    return p.returncode, p.stdout, p.stderr.decode(errors="replace")


def records(data):
    """Every record of a stream and the offset of its end; all bytes must belong to a record."""
    unpacker = msgpack.Unpacker(raw=False, strict_map_key=False, max_buffer_size=len(data) + 1)
    unpacker.feed(data)
    found = [(r, unpacker.tell()) for r in unpacker]
    if (found[-1][1] if found else 0) != len(data):
        raise ValueError(f"{len(data)} bytes are no whole number of records")
    return found


def array(v):
    return np.frombuffer(v["data"], v["dtype"]).reshape(v["shape"])


def one_line(status, err, what):
    if os.environ.get("LAWS_SHOW"):
        print(f"{what}: {err}", end="")
    expect(status == 1, f"{what}: status {status}, not 1")
    expect(err.count("\n") == 1 and err.endswith("\n"), f"{what}: not one line on stderr: {err!r}")
    expect("standard input: " in err or "cloud \"" in err or ": byte " in err, f"{what}: does not say where: {err!r}")


def truncation(data, command):
    """Cut anywhere, the run fails with one line, after it has passed on what was whole: the output is that of the whole stream up to
    that record, without a trailer."""
    status, whole, err = run(command, data)
    expect(status == 0, f"the whole stream: status {status}: {err}")
    ends_in = [end for _, end in records(data)]
    ends_out = [0] + [end for _, end in records(whole)]
    cuts = sorted({*range(0, 100), *range(100, len(data), 41), *(e + d for e in ends_in for d in (-1, 0, 1)), len(data) - 1})
    for cut in cuts:
        if cut >= len(data):
            continue
        status, out, err = run(command, data[:cut])
        one_line(status, err, f"cut at {cut}")
        complete = sum(end <= cut for end in ends_in)
        if complete == 1 and out == b"" and os.environ.get("LAWS_LAZY_HEADER"):
            continue
        expect(out == whole[:ends_out[complete]], f"cut at {cut}, after {complete} whole records: {len(out)} bytes of output, not {ends_out[complete]}")
        if len(broken) > 5:
            return


def truncation_text(data, command):
    """The same for a program whose output is no stream: it prints no result at all."""
    for cut in sorted({*range(0, 60, 3), *range(60, len(data), 97), len(data) - 1}):
        status, out, err = run(command, data[:cut])
        one_line(status, err, f"cut at {cut}")
        expect(out == b"", f"cut at {cut}: printed {out[:80]!r}")


def hostile(data, command):
    """Lengths that no input could keep: refused at once, in little memory."""
    header = data[:records(data)[0][1]]
    fixed = {"a list of 2^32-1": b"\xdd\xff\xff\xff\xff", "a map of 2^32-1": b"\xdf\xff\xff\xff\xff", "a bin of 2^32-1": b"\xc6\xff\xff\xff\xff",
             "a str of 2^32-1": b"\xdb\xff\xff\xff\xff", "an ext of 2^32-1": b"\xc9\xff\xff\xff\xff\x01", "100,000 lists in each other": b"\x91" * 100000,
             "100,000 maps in each other": b"\x81\xa1a" * 100000, "the byte that msgpack never uses": b"\xc1" * 20}
    x = {"shape": [2**40, 2**40], "dtype": "<f4", "data": b""}
    shapes = {"a shape that overflows": x, "a shape of more than there is": {**x, "shape": [2**31, 3]}, "a shape of nothing": {**x, "shape": [0, 3]},
              "no dimension": {**x, "shape": []}, "a negative number": {**x, "shape": [-1, 3]}, "half a particle": {**x, "shape": [0.5, 3]},
              "a dtype of objects": {**x, "shape": [1, 3], "dtype": "|O8"}, "half floats": {"shape": [1, 3], "dtype": "<f2", "data": b"\0" * 6}}

    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
        if os.environ.get("LAWS_AS"):
            resource.setrlimit(resource.RLIMIT_AS, (int(os.environ["LAWS_AS"]),) * 2)

    cases = {f"{k}, at the start": v for k, v in fixed.items()}
    cases |= {f"{k}, as a record": header + v for k, v in fixed.items()}
    cases |= {f"{k}, in a record": header + b"\x81\xa1x" + v for k, v in fixed.items()}
    cases |= {f"{k}, in x": header + msgpack.packb({"id": "a", "x": v}) for k, v in shapes.items()}
    for name, stream in cases.items():
        for tail in (b"", b"\0" * 1000000):
            status, out, err = run(command, stream + tail, preexec_fn=limit)
            one_line(status, err, name)
            expect("memory" not in err, f"{name}: {err!r}")


def sigpipe(data, command):
    """With nobody reading, it dies of SIGPIPE though its parent ignores the signal."""
    reader, writer = os.pipe()
    os.close(reader)
    p = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=writer, stderr=subprocess.PIPE, restore_signals=False)
    os.close(writer)
    try:
        p.stdin.write(data)
        p.stdin.close()
    except BrokenPipeError:
        pass
    err = p.stderr.read()
    expect(p.wait(timeout=60) == -13, f"status {p.returncode}, not death by signal 13: {err!r}")


def keeps(data, command):
    """Unknown keys of header and records come out as they came; arrays with a row a particle follow the particles."""
    status, out, err = run(command, data)
    expect(status == 0, f"status {status}: {err}")
    before = {r["id"]: r for r, _ in records(data) if "id" in r}
    header_in, header_out = records(data)[0][0], records(out)[0][0]
    for key in header_in:
        expect(key == "history" or header_out.get(key) == header_in[key], f"header: {key}: {header_out.get(key)}")
    count = 0
    for r, _ in records(out):
        if "id" not in r:
            continue
        count += 1
        was = before[r["id"]]
        expect(set(was) - set(r) <= {"eps", "t", "s", "level"}, f"{r['id']}: lost {set(was) - set(r)}")
        expect(r["note"] == was["note"] and r["weights"] == was["weights"], f"{r['id']}: note or weights changed")
        n, index = r["x"]["shape"][0], array(r["index"])
        expect(index.shape == (n,), f"{r['id']}: index of shape {index.shape}, {n} particles")
        for key in ("normals", "colour"):
            expect(r[key]["dtype"] == was[key]["dtype"], f"{r['id']}: {key} is {r[key]['dtype']}")
            expect(array(r[key]).shape[0] == n and np.array_equal(array(r[key]), array(was[key])[index]), f"{r['id']}: {key} does not follow")
        if os.environ.get("LAWS_SAME_X"):
            expect(np.array_equal(array(r["x"]), array(was["x"])[index]), f"{r['id']}: x does not follow the index")
    expect(count == len(before), f"{count} clouds of {len(before)}")


def broken_records(data, command):
    """Each is refused in one line, which names the record and its id where it has one; the cloud before it is passed on."""
    found = [r for r, _ in records(data)]
    header, a, b = found[0], found[1], found[2]
    trailer = {"kind": "trailer", "count": 2}

    def x(**changes):
        return {**b, "x": {**b["x"], **changes}}

    def poisoned(value):
        bad = array(b["x"]).astype("<f4").copy()
        bad[1, 0] = value
        return x(data=bad.tobytes())

    flat = x(shape=[b["x"]["shape"][0] * 3, 1])
    flat.pop("eps", None)
    nameless = {k: v for k, v in b.items() if k != "id"}
    cases = {
        "NaN": ([header, a, poisoned(np.nan), trailer], ["record 2", b["id"], "x: ", "not finite"]),
        "infinity": ([header, a, poisoned(np.inf), trailer], ["record 2", b["id"], "not finite"]),
        "no id": ([header, a, nameless, trailer], ["record 2", "id"]),
        "an id that is a number": ([header, a, {**b, "id": 7}, trailer], ["record 2", "id"]),
        "no x": ([header, a, {"id": "lone"}, trailer], ["record 2", "lone", "x"]),
        "x a list": ([header, a, {"id": "lone", "x": [[0, 0, 0]]}, trailer], ["record 2", "lone", "x"]),
        "short data": ([header, a, x(data=b["x"]["data"][:-4]), trailer], ["record 2", b["id"], "bytes"]),
        "long data": ([header, a, x(data=b["x"]["data"] + b"1234"), trailer], ["record 2", b["id"], "bytes"]),
        "another dimension": ([header, a, flat, trailer], ["record 2", b["id"], "header"]),
        "t of 2": ([header, a, {**b, "t": 2.0}, trailer], ["record 2", b["id"], "t: "]),
        "a record that is a list": ([header, a, [1, 2], trailer], ["byte"]),
        "too few records": ([header, a, trailer], ["trailer"]),
        "no header after the trailer": ([header, a, b, trailer, a], ["header"]),
        "two trailers": ([header, a, b, trailer, trailer], ["trailer"]),
        "a header in the middle": ([header, a, header, b, {**trailer, "count": 1}], ["header"]),
        "no header": ([a, b, trailer], ["standard input"]),
        "version 2": ([{**header, "mfc": 2}, a, b, trailer], ["version"]),
        "another map": ([{"hello": "world"}], ["standard input"]),
    }
    for name, (stream, words) in cases.items():
        status, out, err = run(command, b"".join(map(msgpack.packb, stream)))
        one_line(status, err, name)
        for word in words:
            expect(word in err, f"{name}: no \"{word}\" in {err!r}")
        if not text and stream[:2] == [header, a]:
            ids = [r.get("id") for r, _ in records(out)] if out else []
            expect(ids[1:2] == [a["id"]], f"{name}: the cloud before it was not passed on: {ids}")
            ends = [r for r, _ in records(out) if r.get("kind") == "trailer"]
            expect(not ends, f"{name}: a trailer says that all is well")


def bounds(data, command):
    """--max-record refuses what is larger, before it is there."""
    status, _, err = run([*command, "--max-record", "100"], data)
    one_line(status, err, "records above 100 bytes")
    expect("--max-record" in err, err)
    huge = records(data)[0][1]
    status, _, err = run(command, data[:huge] + b"\x81\xa1x\xc6" + struct.pack(">I", 101 << 20))
    one_line(status, err, "a record above 100 MiB")
    expect("--max-record" in err, err)


def main():
    law, path, *command = sys.argv[1:]
    if command[0] == "--text":   # its output is no stream
        global text
        text, command = True, command[1:]
    with open(path, "rb") as f:
        data = f.read()
    {"truncation": truncation, "truncation-text": truncation_text, "hostile": hostile, "sigpipe": sigpipe, "keeps": keeps,
     "broken": broken_records, "bounds": bounds}[law](data, command)
    for line in broken[:8]:
        print(line)
    sys.exit(bool(broken))


main()
