#!/usr/bin/env python3
"""Scans images that are made to take memory, one after the other, and measures peak memory and wall time of each.

What it shows: that memory does not grow with what an image says that it holds. Each flood is an OCI layout with gzip
layers, Debian 12 by its `etc/os-release`, with as many packages, files, findings or names of one kind as fit into what is
read of a file or an image; some are a little below a limit, some far beyond, and `everything` is below all limits at once.
The advisories are the script's own: 5000 about the source package `linux`, 200 about `django`, one for each other ecosystem.

    python3 floods.py [FLOOD ...] --overdue BIN [--jobs N ...] [--format FORMAT ...]

The program may also come from the environment: OVERDUE. Without names all floods are measured; `--list` names them. The
command is

    overdue scan --db DIR --offline --no-cache --jobs N --format FORMAT --fail-on never TARGET

for each N (1 and 8) and FORMAT (table, json, sarif). Exits 1 if one peak is not under --limit (200 MB).
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

sys.dont_write_bytecode = True
from beside import Program, measure, version_of  # noqa: E402: the scripts beside this one
from extremes import OS_RELEASE, canonical, tar_header  # noqa: E402

MOST = 15 << 20  # a little less than the largest file that is read
PARTS = 76_000  # a little less than the most that one may name
NODES = 48_000  # each in a folder of its own: a little less than the most that matter
NEXT_LAYER = None
FLOODS = {}


def flood(made):
    FLOODS[made.__name__.replace("_", "-")] = made
    return made


def until(size, line, most=None):
    """Lines, numbered, as many as fit."""
    parts, total, number = [], 0, 0
    while most is None or number < most:
        part = line(number)
        total += len(part)
        if total > size:
            break
        parts.append(part)
        number += 1
    return b"".join(parts)


def several(count, path, content):
    return [(path % number, content) for number in range(count)]


# Dependency files: far beyond what one may name, and a little below, again and again.

TOML = b"[[package]]\nname='p%d'\nversion='1'\n"
LISTS = {
    "requirements.txt": (lambda n: b"django==1.0.7\n", b"", b"", 2),
    "distinct/requirements.txt": (lambda n: b"name-%d>=1,<2\n" % n, b"", b"", 2),
    "nonsense/requirements.txt": (lambda n: b"=%d what is this\n" % n, b"", b"", 2),
    "references/requirements.txt": (lambda n: b"-r other-%d.txt\n" % n, b"", b"", 2),
    "hashes/requirements.txt": (lambda n: b"p%d==1 --hash=sha256:%064d\n" % (n, n), b"", b"", 2),
    "Cargo.lock": (lambda n: b"[[package]]\nname='p%d'\nversion='1.0.0'\nsource='registry+https://index.example'\n" % n, b"version=3\n", b"", 6),
    "dependencies/Cargo.lock": (lambda n: b"[[package]]\nname='p%d'\nversion='1.0.0'\ndependencies=['p1','p2','p3']\n" % n, b"version=3\n", b"", 9),
    "poetry.lock": (lambda n: TOML % n, b"", b"[metadata]\nlock-version='2.0'\n", 5),
    "uv.lock": (lambda n: TOML % n, b"version=1\n", b"", 5),
    "pdm.lock": (lambda n: TOML % n, b"[metadata]\nlock_version='4.5.0'\n", b"", 5),
    "pylock.toml": (lambda n: b"[[packages]]\nname='p%d'\nversion='1'\n" % n, b"lock-version='1.0'\ncreated-by='x'\n", b"", 5),
    "list/pyproject.toml": (lambda n: b"'a%d>1'," % n, b"[project]\nname='x'\ndependencies=[", b"]\n", 1),
    "tables/pyproject.toml": (lambda n: b"[a%x]\n" % n, b"", b"", 2),
    "empty/pyproject.toml": (lambda n: b"{},", b"a=[", b"]\n", 2),
    "dotted/pyproject.toml": (lambda n: b".".join(b"%x" % (n * 83 + k) for k in range(70)) + b"=1\n", b"", b"", 71),
    "Pipfile.lock": (lambda n: b'"p%d":{"version":"==1"},' % n, b'{"_meta":{},"default":{', b'"z":{}}}', 2),
    "empty/Pipfile.lock": (lambda n: b"[],", b'{"default":{},"a":[', b"[]]}", 2),
    "conda-meta/a-1-0.json": (lambda n: b"[],", b'{"name":"a","version":"1","a":[', b"[]]}", 1),
    "site-packages/a.dist-info/METADATA": (lambda n: b"\n", b"Metadata-Version: 2.1\nName: a\nVersion: 1\n", b"\xff", 1),
}


def lists(path, most):
    line, before, after, parts = LISTS[path]
    content = before + until(MOST, line, most and most // parts) + after
    return [("a%d/%s" % (number, path), content) for number in range(8)]


for path in LISTS:
    name = path.replace("/", "-")
    FLOODS[name + "-beyond"] = lambda path=path: lists(path, None)
    FLOODS[name + "-below"] = lambda path=path: lists(path, PARTS)


# Databases.

STATUS = "var/lib/dpkg/status"
PROGRAM = b"\x7fELF\2\1\1" + bytes(200)


@flood
def dpkg():
    return [(STATUS, until(MOST, lambda n: b"Package: p%07d\nVersion: 1\n\n" % n))]


@flood
def dpkg_below():
    return [(STATUS, until(MOST, lambda n: b"Package: p%07d\nVersion: 1\n\n" % n, PARTS))]


@flood
def dpkg_again():
    return several(4, "r%d/var/lib/dpkg/status", dpkg_below()[0][1]) + dpkg_below()


@flood
def dpkg_parts():
    return [("var/lib/dpkg/status.d/p%07d" % n, b"Package: p%07d\nVersion: 1\n" % n) for n in range(2 * NODES)]


@flood
def dpkg_faulty():
    return [(STATUS, until(MOST, lambda n: b"Package: p%07d\nVersion: \n\n" % n, PARTS))]


@flood
def dpkg_lists():
    files = [("var/lib/dpkg/info/p%d.list" % n, until(MOST, lambda n: b"/d%d/x\n/usr/bin/x\n" % n)) for n in range(4)]
    return dpkg_below() + files + [("usr/bin/x", PROGRAM, 0o755)]


@flood
def apk():
    return [("etc/os-release", b"ID=alpine\nVERSION_ID=3.20.1\n"),
            ("lib/apk/db/installed", until(MOST, lambda n: b"P:p%07d\nV:1-r0\n\n" % n, PARTS))]


@flood
def apk_of_one_name():
    """A package with a long name that owns many programs."""
    owned = b"P:" + b"x" * 300_000 + b"\nV:1-r0\nF:opt\n" + b"".join(b"R:p%06d\n" % n for n in range(40_000)) + b"\n"
    return [("etc/os-release", b"ID=alpine\nVERSION_ID=3.20.1\n"), ("lib/apk/db/installed", owned),
            *[("opt/p%06d" % n, PROGRAM, 0o755) for n in range(40_000)]]


@flood
def attributed():
    """Databases of many packages in lower layers, of many images."""
    lists = until(MOST, lambda n: b"Package: p%07d%s\nVersion: 1\n\n" % (n, b"x" * 100), PARTS)
    return [("var/lib/dpkg/status", kernels(1)[0][1]), NEXT_LAYER, ("usr/var/lib/dpkg/status", lists), NEXT_LAYER, ("usr/.wh.var", b"")]


@flood
def entries_below_findings():
    return [("x/%06d" % n, b"") for n in range(1_000_000)] + [NEXT_LAYER] + several(3000, "a%d/requirements.txt", b"django==1.0.7\n")


def kernels(most):
    return [(STATUS, until(MOST, lambda n: b"Package: p%07d\nSource: linux (1)\nVersion: 1\n\n" % n, most))]


@flood
def kernel():
    return kernels(PARTS)


@flood
def kernel_in_layers():
    layers = []
    for number in range(1, 6):
        layers += [NEXT_LAYER, *kernels(number)]
    return layers


# Files.

@flood
def requirements_files():
    return several(NODES, "a%06d/requirements.txt", b"a==1\n")


@flood
def vulnerable_files():
    return several(NODES, "a%06d/requirements.txt", b"django==1.0.7\n")


@flood
def more_files():
    return several(400_000, "a%06d/requirements.txt", b"a==1\n")


@flood
def medium_files():
    """As large as files may be that are read side by side."""
    return several(2000, "a%04d/uv.lock", b"version=1\n" + until(32_000, lambda n: TOML % n))


@flood
def medium_trees():
    return several(2000, "a%04d/pyproject.toml", b"a=[" + b"{}," * 10_500 + b"]\n")


METADATA = b"Metadata-Version: 2.1\nName: p%d\nVersion: 1\n"


@flood
def dist_info():
    return [("usr/lib/python3/dist-packages/p%d-1.dist-info/METADATA" % n, METADATA % n) for n in range(NODES)]


@flood
def records():
    return [("usr/lib/python3/dist-packages/p%d-1.dist-info/RECORD" % n, b"x\n") for n in range(NODES)]


@flood
def vendored():
    return [("usr/lib/python3/x%d/_vendor/p-1.dist-info/METADATA" % n, METADATA % n) for n in range(NODES // 2)]


@flood
def parts_of_packages():
    return [("usr/lib/python3/dist-packages/x%d/requirements.txt" % n, b"a\n") for n in range(NODES)]


@flood
def programs():
    return [("opt/p%06d" % n, PROGRAM, 0o755) for n in range(2 * NODES)]


@flood
def large_programs():
    return [it for n in range(8) for it in (NEXT_LAYER, ("opt/p%d" % n, b"\x7fELF\2\1\1" + random.Random(n).randbytes(MOST), 0o755))]


@flood
def large_files():
    noise = lambda n: b"# " + random.Random(n).randbytes(MOST).replace(b"\n", b"") + b"\n"
    return [it for n in range(8) for it in (NEXT_LAYER, ("a%d/requirements.txt" % n, noise(n)))]


@flood
def wheels():
    return [("opt/p%06d-1-py3-none-any.whl" % n, b"PK") for n in range(2 * NODES)]


@flood
def foreign():
    return [("opt/n/p%06d/node_modules/x/package.json" % n, b"{}") for n in range(NODES // 2)]


@flood
def incompressible():
    dice = random.Random(1)
    return [("a%d/requirements.txt" % n, b"# " + dice.randbytes(3 << 20).replace(b"\n", b"")) for n in range(40)]


# Names.

@flood
def names():
    """Paths that do not matter, as long as they may be."""
    dice = random.Random(1)
    return [("/".join(dice.randbytes(12).hex() for _ in range(10)), b"") for _ in range(200_000)]


@flood
def links():
    return [("a%06d/requirements.txt" % n, "../b%06d/requirements.txt" % n) for n in range(NODES)]


@flood
def hard_links():
    return [("a%06d" % n, ("b%06d" % n,)) for n in range(1_500_000)]


@flood
def wanted_hard_links():
    return [("a%06d/requirements.txt" % n, ("b%06d/x" % n,)) for n in range(1_500_000)]


# Images.

@flood
def images():
    return several(NODES // 8, "a%06d/requirements.txt", b"a==1\n")


@flood
def images_with_links():
    noise = [("opt/x%d" % n, random.Random(n).randbytes(3 << 20)) for n in range(9)]
    return noise + [("a%d/requirements.txt" % n, "../opt/x%d" % n) for n in range(9)]


@flood
def configurations():
    return []


@flood
def windows():
    """Layers of Zstandard with windows as large as they may be, all of it in use."""
    return [it for n in range(8) for it in (NEXT_LAYER, ("opt/noise", (48 << 20) + (n << 17)))]


@flood
def small_layers():
    return [it for n in range(500) for it in (NEXT_LAYER, *(("%x/%x/%d" % (n * 7919, k * 104729, k), b"") for k in range(3000)))]


IMAGES = {"images": (40, {}), "images-with-links": (40, {}), "attributed": (20, {}), "configurations": (60, {"history": [{}] * 600_000})}


@flood
def everything():
    dice = random.Random(2)
    noise = lambda: b"# " + dice.randbytes(3 << 20).replace(b"\n", b"") + b"\n"
    kept = [("a%d/requirements.txt" % n, noise() + b"a==1\n") for n in range(9)]
    said = [it for path in ("uv.lock", "poetry.lock", "distinct/requirements.txt") for it in lists(path, PARTS)]
    long_names = names()[:60_000]
    return kernels(5) + kept + said + long_names + [NEXT_LAYER] + requirements_files()


def pax(path):
    """A header that says the path of the next one."""
    record = b" path=" + path + b"\n"
    length = len(record) + len(str(len(record) + len(str(len(record)))))
    record = b"%d" % length + record
    return tar_header(b"pax", len(record), b"x") + record + bytes(-len(record) % 512)


def entry(path, content, mode=0o644):
    path = path.encode()
    before = pax(path) if len(path) > 100 else b""
    if not isinstance(content, bytes):
        target, kind = (content, b"2") if isinstance(content, str) else (content[0], b"1")
        block = bytearray(tar_header(path[:100], 0, kind))
        block[157:157 + len(target)] = target.encode()
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
        return before + bytes(block)
    return before + tar_header(path[:100], len(content), b"0", mode) + content + bytes(-len(content) % 512)


def zstandard(size):
    """A tar with one file, as a frame of plain and repeated blocks (RFC 8878, section 3.1.1)."""
    yield b"\x28\xb5\x2f\xfd\0\x78"  # a window of 32 MiB
    block = lambda kind, length, data, last=0: (length << 3 | kind << 1 | last).to_bytes(3, "little") + data
    yield block(0, 512, tar_header(b"opt/noise", size))
    for _ in range(size >> 17):
        yield block(1, 1 << 17, b"x")
    yield block(0, 1024, bytes(1024), 1)


def write_layer(blobs, entries):
    """Its digest, its size and the digest of its tar."""
    if entries and isinstance(entries[0][1], int):
        (_, size), plain, packed = entries[0], hashlib.sha256(), b"".join(zstandard(entries[0][1]))
        for part in (tar_header(b"opt/noise", size), *[b"x" * (1 << 17)] * (size >> 17), bytes(1024)):
            plain.update(part)
        digest = hashlib.sha256(packed).hexdigest()
        Path(blobs, digest).write_bytes(packed)
        return digest, len(packed), plain.hexdigest()
    plain, packed, size = hashlib.sha256(), hashlib.sha256(), 0
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    with open(blobs / "new", "wb") as out:
        for data in [*map(lambda it: entry(*it), entries), bytes(1024), None]:
            if data is not None:
                plain.update(data)
            data = packer.flush() if data is None else packer.compress(data)
            packed.update(data)
            size += len(data)
            out.write(data)
    os.replace(blobs / "new", blobs / packed.hexdigest())
    return packed.hexdigest(), size, plain.hexdigest()


def write_image(path, name):
    """An OCI layout with gzip layers, of one image or several."""
    blobs = Path(path, "blobs/sha256")
    blobs.mkdir(parents=True)
    layers = [[("etc/os-release", OS_RELEASE)]]
    for it in FLOODS[name]():
        layers.append([]) if it is NEXT_LAYER else layers[-1].append(it)
    layers = [write_layer(blobs, layer) for layer in layers]
    described = lambda kind, digest, length: {"mediaType": f"application/vnd.oci.image.{kind}", "digest": "sha256:" + digest, "size": length}

    def write(value):
        data = canonical(value)
        digest = hashlib.sha256(data).hexdigest()
        Path(blobs, digest).write_bytes(data)
        return digest, len(data)

    count, more = IMAGES.get(name, (1, {}))
    manifests = []
    for number in range(count):
        config = write({"architecture": "amd64", "os": "linux", "author": str(number), **more,
                        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + diff_id for *_, diff_id in layers]}})
        manifest = write({"schemaVersion": 2, "config": described("config.v1+json", *config),
                          "layers": [described("layer.v1.tar+gzip", digest, size) for digest, size, _ in layers]})
        manifests.append(described("manifest.v1+json", *manifest))
    Path(path, "oci-layout").write_bytes(canonical({"imageLayoutVersion": "1.0.0"}))
    Path(path, "index.json").write_bytes(canonical({"schemaVersion": 2, "manifests": manifests}))


def write_advisories(path):
    """An export in the format of OSV."""
    def record(number, ecosystem, package, kind, fixed):
        name = "%s-%05d" % (package, number)
        return name, {
            "schema_version": "1.7.0", "id": name, "modified": "2025-01-01T00:00:00Z", "published": "2024-05-01T00:00:00Z",
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H"}],
            "affected": [{"package": {"ecosystem": ecosystem, "name": package},
                          "ranges": [{"type": kind, "events": [{"introduced": "0"}, {"fixed": fixed}]}]}],
        }
    records = [("Debian", record(n, "Debian:12", "linux", "ECOSYSTEM", "6.1.%d-1" % n)) for n in range(5000)]
    records += [("PyPI", record(n, "PyPI", "django", "ECOSYSTEM", "4.%d" % n)) for n in range(200)]
    records += [("crates.io", record(0, "crates.io", "x", "SEMVER", "1.0.0")), ("Alpine", record(0, "Alpine:v3.20", "x", "ECOSYSTEM", "1-r0"))]
    for folder, (name, value) in records:
        os.makedirs(Path(path, folder), exist_ok=True)
        Path(path, folder, name + ".json").write_text(json.dumps(value))


def main():
    parser = argparse.ArgumentParser(description="Peak memory on images that are made to take it.")
    parser.add_argument("flood", nargs="*", metavar="FLOOD")
    parser.add_argument("--list", action="store_true", help="name the floods")
    parser.add_argument("--overdue", default=os.environ.get("OVERDUE"), metavar="BIN")
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 8], metavar="N")
    parser.add_argument("--format", nargs="+", default=["table", "json", "sarif"], metavar="FORMAT")
    parser.add_argument("--limit", type=float, default=200, metavar="MB")
    parser.add_argument("--write", metavar="DIR", help="only write the images, and keep them")
    parser.add_argument("--work", metavar="DIR", help="folder to work in (default: a temporary one)")
    options = parser.parse_args()
    if options.list:
        print("\n".join(FLOODS))
        return 0
    unknown = [name for name in options.flood if name not in FLOODS]
    if unknown:
        sys.exit(f"no such flood: {', '.join(unknown)}")
    if options.write:
        for name in options.flood or FLOODS:
            write_image(os.path.join(options.write, name), name)
        return 0
    if not options.overdue:
        sys.exit("name overdue's program")
    work = tempfile.mkdtemp(prefix="overdue-flood-", dir=options.work)
    beyond, highest = [], 0
    try:
        write_advisories(os.path.join(work, "osv"))
        database = os.path.join(work, "db")
        subprocess.run([options.overdue, "db", "import", "--db", database, os.path.join(work, "osv")], check=True, capture_output=True)
        for name in options.flood or FLOODS:
            target = os.path.join(work, "image")
            child = os.fork()  # what making it takes is not this script's
            if child == 0:
                write_image(target, name)
                os._exit(0)
            if os.waitpid(child, 0)[1] != 0:
                sys.exit(f"{name}: cannot be written")
            peaks = []
            for jobs in options.jobs:
                for form in options.format:
                    command = [options.overdue, "scan", "--db", database, "--offline", "--no-cache", "--jobs", str(jobs),
                               "--format", form, "--fail-on", "never", target]
                    run = measure(Program("overdue", version_of(options.overdue, "--version"), command, accepted=(0, 3)), work)
                    peaks.append((run["peak_kb"] / 1024, run["wall"], f"{form} -j{jobs}"))
            shutil.rmtree(target)
            peak, _, where = max(peaks)
            highest = max(highest, peak)
            beyond += [name] if peak >= options.limit else []
            told = "  ".join(f"{form} {peak:.0f} MB" for peak, _, form in peaks)
            print(f"{name:44} {peak:6.1f} MB {max(wall for _, wall, _ in peaks):6.2f} s   {told}", flush=True)
    finally:
        shutil.rmtree(work)
    print(f"highest {highest:.1f} MB; under {options.limit:.0f} MB: {'all' if not beyond else 'not ' + ', '.join(beyond)}")
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())
