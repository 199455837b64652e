#!/usr/bin/env python3
"""Scans an image with one extreme layer, and measures peak memory and wall time.

What it shows: that memory does not grow with a layer.

    MANY    3 million files of 4 bytes, in folders of 1000: 3 GB as a tar
    LARGE   five files of 1 GB each: 5 GB as a tar, half of it random, half of it text

Each layer also has an `etc/os-release` and a `var/lib/dpkg/status` of three packages, so that the scan has something to find.
The image is streamed into a work folder (never held in memory), scanned once, and deleted.

    python3 extremes.py MANY|LARGE --overdue BIN [--db DIR] [--form layout|oci|docker] [--bare-loop BIN]
    python3 extremes.py MANY|LARGE --write PATH [--form ...]       only writes the image there and keeps it; an archive
                                                                   may also go to a FIFO, with a pass before for its size

--form: an OCI layout (default) or OCI archive with a gzip layer (level 1), or a docker archive with a plain tar. Programs
may also come from the environment: OVERDUE, OVERDUE_DB, BARE_LOOP. The command is

    overdue scan --db DIR --offline --no-cache --format json --fail-on never TARGET

Exits 1 if the peak is not under --limit (200 MB). Needs about 70 MB (MANY) or 3.8 GB (LARGE) in the work folder, as a
docker archive 3.1 or 5.1 GB; takes less than half a minute to write on two processors.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import sys
import tempfile
import time
import zlib
from pathlib import Path

sys.dont_write_bytecode = True
from beside import Program, measure, version_of  # noqa: E402: the script beside this one

MOMENT = 1735689600  # 2025-01-01T00:00:00Z, the time of every entry
CREATED = "2025-01-01T00:00:00Z"
FILES_IN_FOLDER = 1000
CYCLE = 16 << 20  # far beyond deflate's window of 32 KB
CYCLES_IN_FILE = 60

OS_RELEASE = b'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n'
STATUS = b"\n".join(
    b"Package: %s\nStatus: install ok installed\nArchitecture: amd64\nMaintainer: nobody\nVersion: %s\nDescription: none\n" % it
    for it in [(b"bash", b"5.2.15-2+b7"), (b"curl", b"7.88.1-10"), (b"openssl", b"3.0.9-1")]
)


def tar_header(name, size, kind=b"0", mode=0o644):
    """One block of the ustar format."""
    block = bytearray(512)
    block[0:len(name)] = name
    block[100:108] = b"%07o\0" % mode
    block[108:124] = b"0000000\0" * 2
    block[124:136] = b"%011o\0" % size
    block[136:148] = b"%011o\0" % MOMENT
    block[148:156] = b" " * 8
    block[156:157] = kind
    block[257:265] = b"ustar\00000"
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def tar_file(name, data):
    return tar_header(name, len(data)) + data + bytes(-len(data) % 512)


def tar_folder(name):
    return tar_header(name + b"/", 0, b"5", 0o755)


class Output:
    """A file that knows the digest and the size of what was written since `begin`."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self.begin()

    def begin(self):
        self.digest, self.size = hashlib.sha256(), 0

    def write(self, data):
        self.digest.update(data)
        self.size += len(data)
        self.file.write(data)


class PlainLayer:
    """A layer as a plain tar."""

    def __init__(self, out):
        self.out = out

    def write(self, data):
        self.out.write(data)

    write_again = write

    def close(self):
        self.diff_id, self.plain_size = self.out.digest.hexdigest(), self.out.size


class GzipLayer:
    """A layer as gzip, level 1. What comes again and again is packed once: a full flush makes it stand alone."""

    def __init__(self, out):
        self.out, self.plain, self.plain_size, self.crc = out, hashlib.sha256(), 0, 0
        self.packer = zlib.compressobj(1, zlib.DEFLATED, -15)
        self.packed = {}
        out.write(b"\x1f\x8b\x08\0\0\0\0\0\x04\xff")

    def passed(self, data):
        self.plain.update(data)
        self.crc = zlib.crc32(data, self.crc)
        self.plain_size += len(data)

    def write(self, data):
        self.passed(data)
        self.out.write(self.packer.compress(data))

    def write_again(self, data):
        self.passed(data)
        if id(data) not in self.packed:
            once = zlib.compressobj(1, zlib.DEFLATED, -15)
            self.packed[id(data)] = once.compress(data) + once.flush(zlib.Z_FULL_FLUSH)
        self.out.write(self.packer.flush(zlib.Z_FULL_FLUSH))
        self.out.write(self.packed[id(data)])

    def close(self):
        self.out.write(self.packer.flush())
        self.out.write(self.crc.to_bytes(4, "little") + (self.plain_size & 0xFFFFFFFF).to_bytes(4, "little"))
        self.diff_id = self.plain.hexdigest()


def write_many(layer, count):
    """`count` tiny files. Names of one length, so that a header is its name, its checksum and parts that never change."""
    layer.write(tar_folder(b"srv"))
    model = tar_header(b"srv/0000/f000", 4)
    before, after = model[13:148], model[156:]
    base = sum(model) - sum(model[148:156]) + 8 * 32 - sum(b"0000") - sum(b"000")
    names = [b"%03d" % number for number in range(FILES_IN_FOLDER)]
    sums = [sum(name) for name in names]
    contents = [(b"%04d" % number).ljust(512, b"\0") for number in range(FILES_IN_FOLDER)]
    for folder in range((count + FILES_IN_FOLDER - 1) // FILES_IN_FOLDER):
        number = b"%04d" % folder
        start, of_folder = b"srv/" + number + b"/f", base + sum(number)
        parts = [tar_folder(b"srv/" + number)]
        for index in range(min(FILES_IN_FOLDER, count - folder * FILES_IN_FOLDER)):
            parts += (start, names[index], before, b"%06o\0 " % (of_folder + sums[index]), after, contents[index])
        layer.write(b"".join(parts))


def write_large(layer, count):
    """`count` files of 1 GB, of one cycle of random bytes and text again and again."""
    dice = random.Random(5)
    words = [bytes(dice.choices(b"abcdefghijklmnopqrstuvwxyz", k=dice.randint(2, 9))) for _ in range(4000)]
    text = b" ".join(dice.choices(words, k=CYCLE // 10))
    half = min(len(text), CYCLE // 2)
    cycle = text[:half] + dice.randbytes(CYCLE - half)
    layer.write(tar_folder(b"opt"))
    for number in range(count):
        layer.write(tar_header(b"opt/part-%d.bin" % number, CYCLE * CYCLES_IN_FILE))
        for _ in range(CYCLES_IN_FILE):
            layer.write_again(cycle)


def write_layer(layer, kind, count):
    layer.write(tar_folder(b"etc") + tar_file(b"etc/debian_version", b"12.0\n") + tar_file(b"etc/os-release", OS_RELEASE))
    (write_many if kind == "MANY" else write_large)(layer, count)
    layer.write(tar_folder(b"var") + tar_folder(b"var/lib") + tar_folder(b"var/lib/dpkg") + tar_file(b"var/lib/dpkg/status", STATUS))
    layer.write(bytes(1024))
    layer.close()


def canonical(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def configuration(diff_id):
    return canonical({
        "architecture": "amd64", "os": "linux", "created": CREATED, "config": {"Cmd": ["bash"]},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + diff_id]},
        "history": [{"created": CREATED, "created_by": "COPY / / # buildkit"}],
    })


def oci_files(layer, digest, size):
    """The small files of an OCI layout, by name."""
    config = configuration(layer.diff_id)
    hexdigest = lambda data: hashlib.sha256(data).hexdigest()
    manifest = canonical({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:" + hexdigest(config), "size": len(config)},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha256:" + digest, "size": size}],
    })
    index = canonical({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:" + hexdigest(manifest),
                       "size": len(manifest), "platform": {"architecture": "amd64", "os": "linux"}}],
    })
    return {"oci-layout": canonical({"imageLayoutVersion": "1.0.0"}), "index.json": index,
            "blobs/sha256/" + hexdigest(config): config, "blobs/sha256/" + hexdigest(manifest): manifest}


def write_layout(path, kind, count):
    blobs = Path(path, "blobs/sha256")
    blobs.mkdir(parents=True)
    out = Output(blobs / "new")
    layer = GzipLayer(out)
    write_layer(layer, kind, count)
    out.file.close()
    digest = out.digest.hexdigest()
    os.replace(blobs / "new", blobs / digest)
    for name, data in oci_files(layer, digest, out.size).items():
        Path(path, name).write_bytes(data)
    return layer.plain_size, out.size


def write_archive(path, kind, count, docker):
    """The layer comes first. Its header, with its name and its size, is written last, or known from a first pass."""
    make, streamed = PlainLayer if docker else GzipLayer, os.path.exists(path) and not os.path.isfile(path)
    member = lambda digest: digest + ".tar" if docker else "blobs/sha256/" + digest
    header = bytes(512)
    if streamed:
        trial = Output(os.devnull)
        write_layer(make(trial), kind, count)
        header = tar_header(member(trial.digest.hexdigest()).encode(), trial.size)
    out = Output(path)
    folders = b"" if docker else tar_folder(b"blobs") + tar_folder(b"blobs/sha256")
    out.write(folders + header)
    out.begin()
    layer = make(out)
    write_layer(layer, kind, count)
    digest, size = out.digest.hexdigest(), out.size
    out.write(bytes(-size % 512))
    if docker:
        config = configuration(layer.diff_id)
        config_name = hashlib.sha256(config).hexdigest() + ".json"
        manifest = canonical([{"Config": config_name, "RepoTags": ["extreme:latest"], "Layers": [member(digest)]}])
        files = {config_name: config, "manifest.json": manifest}
    else:
        files = oci_files(layer, digest, size)
    for name, data in files.items():
        out.write(tar_file(name.encode(), data))
    out.write(bytes(1024))
    if not streamed:
        out.file.seek(len(folders))
        out.file.write(tar_header(member(digest).encode(), size))
    out.file.close()
    return layer.plain_size, size


def write_image(path, options):
    started = time.monotonic()
    count = options.count or (3_000_000 if options.kind == "MANY" else 5)
    if options.form == "layout":
        plain, packed = write_layout(path, options.kind, count)
    else:
        plain, packed = write_archive(path, options.kind, count, options.form == "docker")
    print(f"{options.kind} as {options.form}: {count} files, {plain / 1e6:.0f} MB, written as {packed / 1e6:.0f} MB in "
          f"{time.monotonic() - started:.0f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Peak memory on an image with one extreme layer.")
    parser.add_argument("kind", choices=["MANY", "LARGE"])
    parser.add_argument("--form", choices=["layout", "oci", "docker"], default="layout")
    parser.add_argument("--overdue", default=os.environ.get("OVERDUE"), metavar="BIN")
    parser.add_argument("--db", default=os.environ.get("OVERDUE_DB"), metavar="DIR")
    parser.add_argument("--bare-loop", default=os.environ.get("BARE_LOOP"), metavar="BIN", help="time it too, on a layout")
    parser.add_argument("--count", type=int, help="how many files (default: 3000000 tiny ones, 5 large ones)")
    parser.add_argument("--limit", type=float, default=200, metavar="MB")
    parser.add_argument("--write", metavar="PATH", help="only write the image, and keep it")
    parser.add_argument("--work", metavar="DIR", help="folder to work in (default: a temporary one)")
    options = parser.parse_args()
    if options.kind == "MANY" and options.count and options.count > 10_000 * FILES_IN_FOLDER:
        sys.exit("at most 10 million tiny files")

    if options.write:
        write_image(options.write, options)
        return 0
    if not options.overdue:
        sys.exit("name overdue's program, or a place to --write the image to")
    work = tempfile.mkdtemp(prefix="overdue-extreme-", dir=options.work)
    try:
        target = os.path.join(work, "image")
        write_image(target, options)
        database = ["--db", options.db] if options.db else []
        command = [options.overdue, "scan", *database, "--offline", "--no-cache", "--format", "json", "--fail-on", "never", target]
        found = lambda report: report["packages"]["found"]
        measured = [Program("overdue", version_of(options.overdue, "--version"), command, accepted=(0, 3), count=found)]
        if options.bare_loop and options.form == "layout":
            measured.append(Program("bare loop", "", [options.bare_loop, target]))
        peaks = []
        for program in measured:
            run = measure(program, work)
            peaks.append(run["peak_kb"] / 1024)
            packages = "" if run["packages"] is None else f", {run['packages']} packages"
            print(f"{program.name}: {run['wall']:.2f} s, {run['processor']:.2f} s of processors, "
                  f"peak {peaks[-1]:.1f} MB{packages}", flush=True)
    finally:
        shutil.rmtree(work)
    holds = peaks[0] < options.limit
    print(f"{options.kind}: peak {peaks[0]:.1f} MB, must be under {options.limit:.0f} MB: {'holds' if holds else 'does not hold'}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
