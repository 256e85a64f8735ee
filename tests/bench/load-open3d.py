#!/usr/bin/env python3
"""Usage: load-open3d.py FOLDER POINTS [CLOUDS] -- the microseconds that Open3D takes to read every OBJ file below FOLDER and to draw POINTS from
its surface by area, one after the other; importing Open3D and finding the files are not counted. Prints the time, a tab, and how many were read
and how many were not; stderr has the names of those. With CLOUDS each cloud is written to that file, as by load-assimp.c.

       load-open3d.py --unpack ARCHIVE.zip FOLDER -- writes the OBJ members below FOLDER, their vertices and faces alone, every polygon as a fan of
triangles, and prints how many had polygons. Of the files as they are, Open3D 0.16 leaves out the parts that hold other than triangles, often
everything, and it crashes on some."""
import os
import sys
import time
import zipfile

import numpy as np
import open3d

open3d.utility.set_verbosity_level(open3d.utility.VerbosityLevel.Error)


def triangles(lines):
    """The vertices of an OBJ file and its faces as fans of triangles, as lines, and whether a face was not a triangle."""
    out, polygons = [], False
    for line in lines:
        word = line.split()
        if word and word[0] == b"v":
            out.append(line)
        elif word and word[0] == b"f":
            corner = [w.partition(b"/")[0] for w in word[1:]]
            out += [b"f %s %s %s\n" % (corner[0], a, b) for a, b in zip(corner[1:], corner[2:])]
            polygons = polygons or len(corner) != 3
    return out, polygons


def unpack(archive, folder):
    count = 0
    with zipfile.ZipFile(archive) as z:
        for member in z.infolist():
            if member.filename.lower().endswith(".obj"):
                path = z.extract(member, folder)
                with open(path, "rb") as f:
                    lines, polygons = triangles(f)
                with open(path, "wb") as f:
                    f.writelines(lines)
                count += polygons
    print(count)


def draw(path, points):
    mesh = open3d.io.read_triangle_mesh(path)
    try:
        return mesh.sample_points_uniformly(points)
    except RuntimeError:   # no triangles, or no area
        return None


def main():
    if sys.argv[1] == "--unpack":
        return unpack(sys.argv[2], sys.argv[3])
    folder, points = sys.argv[1], int(sys.argv[2])
    clouds = open(sys.argv[3], "wb") if len(sys.argv) > 3 else None
    paths = sorted(os.path.join(d, f) for d, _, files in os.walk(folder) for f in files if f.lower().endswith(".obj"))
    unread = []
    start = time.perf_counter()
    for path in paths:
        cloud = draw(path, points)
        if cloud is None:
            unread.append(path)
        elif clouds:
            clouds.write(os.path.relpath(path, folder).encode() + b"\n" + np.asarray(cloud.points).astype("<f4").tobytes())
    seconds = time.perf_counter() - start
    for path in unread:
        print(f"load-open3d.py: {path}: not read", file=sys.stderr)
    if clouds:
        clouds.close()
    print(f"{seconds * 1e6:.0f}\t{len(paths) - len(unread)} read, {len(unread)} not")


main()
