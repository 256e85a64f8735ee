#!/usr/bin/env python3
"""Faults by injection: faults.py [--program NAME] [--most COUNT] INPUT COMMAND... runs the command on the stream INPUT, disturbed by
tests/faults.c (build/faults.so, or $FAULTS_SO), and prints what broke a law; exit 1 then.

Whatever fails -- an allocation, a read, the start of a thread; on a full disk a write, a sync, the making of a file -- the run ends with status
1 and one line that names the program, and no file is there but whole; or nothing came of it, and the output is that of the undisturbed run. Reads
that are interrupted, calls that do a byte at a time, and signals change nothing.

There are two ways to run: to standard output on one thread, and to a file on three. In the first one call fails, in the second all from
there on. --most: so many of each kind at most, spread evenly (0: all, either way, to either); --counts: append how many there were to a file,
under a --name."""
import argparse
import errno
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

broken = []

# Libraries that parse. Where one of them finds no memory, that may be for a length that a file lied about, so it is the shape's fault, which is
# skipped; libarchive ends the process by itself ("Fatal Internal Error in libarchive: Out of memory"), and libarchive's writer of zips and libhdf5
# do not look whether they got what they asked for, and die of a signal. We can but see to it that nothing wrong comes out as right.
THEIRS = ("libarchive.so", "libhdf5", "libassimp.so")
# A sanitizer that finds none for itself ends the process too; what it finds wrong reads otherwise.
SANITIZER_ENDS = r"Sanitizer: CHECK failed|Sanitizer: out of memory|Sanitizer failed to allocate"


class Run:
    """A way to run the command, and what comes of it undisturbed."""

    def __init__(self, o, times, suffix):
        self.o, self.times, self.suffix, self.command = o, times, suffix, o.command + suffix
        self.whole = self.run({})
        if self.whole[0] != 0 or self.whole[2]:
            sys.exit(f"undisturbed: status {self.whole[0]}: {self.whole[2]}")

    def run(self, faults, pipe=False, stdout=subprocess.PIPE):
        """Status, what is on standard output, on standard error and in files, how many calls there were."""
        env = {**os.environ, "LD_PRELOAD": self.o.so, "MFC_KERNELS_FROM": "faults", "MALLOC_PERTURB_": "165",
               "FAULTS_COUNT": self.o.folder + "/count", **{k: str(v) for k, v in faults.items()}}
        env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0:detect_leaks=0:allocator_may_return_null=1"
        pathlib.Path(env["FAULTS_COUNT"]).unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(dir=self.o.folder) as here:
            data = pathlib.Path(self.o.input).read_bytes()
            with open(self.o.input, "rb") as stdin:
                try:
                    how = {"input": data} if pipe else {"stdin": stdin}
                    p = subprocess.run(self.command, cwd=here, env=env, stdout=stdout, stderr=subprocess.PIPE, restore_signals=False,
                                       timeout=self.o.timeout, **how)
                except subprocess.TimeoutExpired:
                    broken.append(f"it hangs: {faults}")
                    return 1, b"", "", {}, 0, ""
            files = {str(f.relative_to(here)): f.read_bytes() for f in pathlib.Path(here).rglob("*") if f.is_file()}
        count = pathlib.Path(env["FAULTS_COUNT"])
        told = count.read_bytes() if count.exists() else b""
        number, whose = (told[a:b].rstrip(b"\0").decode() for a, b in ((0, 32), (32, 128)))
        return p.returncode, p.stdout or b"", p.stderr.decode(errors="replace"), files, int(number or 0), whose

    def judge(self, what, result, must, words):
        """What broke the law: nothing came of it (unless it must), or an error in one line, with one of the words."""
        status, out, err, files, _, whose = result
        if whose:
            what += f" (of {whose})"
        if whose.startswith(THEIRS) or re.search(SANITIZER_ENDS, err) or "Fatal Internal Error in libarchive" in err:
            if status == 0 and "(skipped)" not in err and (out != self.whole[1] or files != self.whole[3]):
                broken.append(f"{what}: status 0, but not the undisturbed output: {len(out)} bytes, {sorted(files)}: {err!r}")
            if status and any(self.whole[3][name] != files[name] for name in files.keys() & self.whole[3].keys()):
                broken.append(f"{what}: a file is not whole")
            return "survived" if status == 0 else "failed"
        if status == 0 and not must:
            if err or out != self.whole[1] or files != self.whole[3]:
                broken.append(f"{what}: status 0, but not the undisturbed output: {len(out)} bytes, {sorted(files)}: {err!r}")
            return "survived"
        if status != 1:
            broken.append(f"{what}: status {status}: {err!r}")
        elif err.count("\n") != 1 or not err.startswith(self.o.program + ": "):
            broken.append(f"{what}: not one line of {self.o.program}: {err!r}")
        elif not re.search(words, err):
            broken.append(f"{what}: {words!r} is not in {err!r}")
        for name, data in files.items():
            if self.whole[3].get(name) != data and not (name.endswith(".part") and "--resume" in self.command):
                broken.append(f"{what}: left {name}, {len(data)} bytes")
        if not self.whole[1].startswith(out) or (out and out == self.whole[1] and not self.o.text):
            broken.append(f"{what}: printed {len(out)} bytes that are no part of the undisturbed output")
        return "failed"

    def sweep(self, kind, error, most, must=False, words=""):
        """Each of the calls of a kind fails, or `most` of them."""
        faults = {"FAULTS_FAIL": kind, "FAULTS_ERRNO": error, "FAULTS_TIMES": self.times}
        total = self.run(faults)[4]
        if total == 0 and kind in ("memory", "write"):
            broken.append(f"{kind}: nothing was counted")
        points = range(1, total + 1)
        if most and total > most:
            points = sorted({1 + i * (total - 1) // (most - 1) for i in range(most)})
        seen = {"failed": 0, "survived": 0}
        for k in points:
            what = f"{kind} {k} of {total}{'' if self.times else ' and all after it'}"
            result = self.run({**faults, "FAULTS_AT": k})
            # threads that meet otherwise may do with fewer
            seen[self.judge(what, result, must and not 0 < result[4] < k, words)] += 1
        if self.o.counts:
            with open(self.o.counts, "a") as to:
                print(self.o.name, kind, "once" if self.times else "on", total, len(points), seen["failed"], seen["survived"], sep="\t", file=to)

    def closed(self):
        """With nobody reading, it dies of SIGPIPE though its parent ignores the signal."""
        reader, writer = os.pipe()
        os.close(reader)
        status, _, err, *_ = self.run({}, stdout=writer)
        os.close(writer)
        if status != -signal.SIGPIPE or err:
            broken.append(f"nobody reads: status {status}, not death by SIGPIPE: {err!r}")

    def choppy(self, what, faults):
        status, out, err, files, *_ = self.run(faults, pipe=True)
        if (status, out, files) != (0, self.whole[1], self.whole[3]) or err:
            broken.append(f"{what}: status {status}, {len(out)} bytes, {sorted(files)}: {err!r}")


def main():
    p = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    p.add_argument("--program")
    p.add_argument("--most", type=int, default=0)
    p.add_argument("--counts")
    p.add_argument("--name")
    p.add_argument("--strict", action="store_true", help="... what cannot be read is an error only under --strict")
    p.add_argument("--text", action="store_true", help="the output is no stream: it is there whole or not at all")
    p.add_argument("--timeout", type=float, default=30)
    p.add_argument("--laws", default="memory,start,read,disk,choppy")
    p.add_argument("input")
    p.add_argument("command", nargs=argparse.REMAINDER)
    o = p.parse_args()
    o.program = o.program or o.command[0]
    o.so = os.environ["FAULTS_SO"]
    with tempfile.TemporaryDirectory() as o.folder:
        to_file = [] if {"-o", "--resume"} & set(o.command) else ["-o", "out"]
        ways = [(1, ["-@", "1"]), (0, [*to_file, "-@", "3"])]
        runs = [Run(o, *way) for way in ways + ([(0, ways[0][1]), (1, ways[1][1])] if not o.most else [])]
        half = (o.most + 1) // 2
        for run in runs:
            strict = Run(o, run.times, run.suffix + ["--strict"]) if o.strict else run
            if "memory" in o.laws:
                run.sweep("memory", errno.ENOMEM, half)
            if "start" in o.laws:
                run.sweep("start", errno.EAGAIN, half)
            if "read" in o.laws:
                strict.sweep("read", errno.EIO, half)
            if "disk" in o.laws:
                full = "No space left on device"
                outputs = [b for a, b in zip(run.command, run.command[1:]) if a == "-o"]
                names = "|".join(map(re.escape, ["standard output", *run.whole[3], *outputs, "the clouds to be normalised"]))
                run.sweep("write", errno.ENOSPC, half, must=True, words=f"({names})(.part)?: (.*: )?{full}")
                run.sweep("sync", errno.ENOSPC, half, words=full)
                strict.sweep("name", errno.ENOSPC, half, words=full)
            if "choppy" in o.laws:
                run.choppy("every second read interrupted", {"FAULTS_FAIL": "read", "FAULTS_EVERY": 2, "FAULTS_ERRNO": errno.EINTR})
                run.choppy("a byte at a time", {"FAULTS_SHORT": 1})
                run.choppy("a storm of signals", {"FAULTS_STORM": 200})
                if run.whole[1]:
                    run.closed()
    for line in broken[:8]:
        print(line)
    sys.exit(bool(broken))


main()
