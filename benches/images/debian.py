#!/usr/bin/env python3
"""Makes a real container image of Debian 12 with Python, in three layers (or more, or two) and four kinds of archive.

What it shows: nothing by itself. It is the image that `compare_dpkg.py` and `beside.py` measure on.

    layer 0   a root made by `debootstrap`, with a few packages more (--base)
    layer 1   what `apt-get` changed by installing Python and a compiler (--apt), removing packages of layer 0
              (--remove, which leaves "deinstall ok config-files" behind) and purging others (--purge): whole
              new files, the dpkg status among them, and whiteouts
    layer 2   what `pip install --target` of wheels with pinned versions added (--pip; each one given is a layer,
              --pip '' leaves two layers)

Written into WORK:

    layout/             (a) an OCI image layout, layers gzip -6
    image-oci.tar       (b) the same as an OCI archive
    image-docker.tar    (c) as `docker save` wrote it before Docker 25: manifest.json, config, plain tars
    image-docker25.tar  (d) as `docker save` writes it since: an OCI layout with plain tars, plus manifest.json
    status, os-release  of the merged root, for compare_dpkg.py
    image.json          digests and sizes

Run as root on a Debian system with `debootstrap` (and `apt-get update` done once, since the mirror is the one that
the system's own apt is set up with; or say --mirror):

    python3 debian.py [WORK]

Needs about 2 GB in WORK while it runs. Entries are sorted and all times are one fixed moment, so two runs with the same
versions of all packages give the same digests.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import time
import zlib
from fnmatch import fnmatchcase
from pathlib import Path

MOMENT = 1735689600  # 2025-01-01T00:00:00Z, the time of every entry
CREATED = "2025-01-01T00:00:00Z"
REFERENCE = "overdue-debian:12"
DIST_PACKAGES = "usr/local/lib/python3.11/dist-packages"
BLOCK = 1 << 20

BASE = "ca-certificates,curl,openssl,gnupg,git,nginx-light,brotli"
APT = "python3,python3-pip,python3-venv,python3-dev,gcc,g++,make,libssl-dev,libsqlite3-dev"
PIP = ("numpy==1.26.4,scipy==1.13.1,pandas==2.2.2,scikit-learn==1.5.0,Django==4.2.1,Jinja2==3.1.2,requests==2.31.0,"
       "urllib3==1.26.17,cryptography==41.0.3,pillow==9.5.0,PyYAML==6.0.1,certifi==2023.5.7")

# What a layer never holds: of the machine that makes it, of one moment, or a cache.
LEFT_OUT = [
    "dev/*", "proc/*", "sys/*", "run/*", "tmp/*", "root/.cache", "etc/resolv.conf", "etc/hostname", "etc/machine-id",
    "etc/apt/sources.list", "etc/apt/apt.conf.d/00work", "etc/dpkg/dpkg.cfg.d/work", "etc/passwd-", "etc/group-",
    "etc/shadow-", "etc/gshadow-", "usr/sbin/policy-rc.d", "debootstrap", "var/cache/apt/*", "var/cache/ldconfig/*",
    "var/cache/debconf/*-old", "var/lib/apt/lists/*", "var/lib/dpkg/*-old", "var/lib/dpkg/lock*", "var/lib/systemd/*",
    "var/log/*", "*/__pycache__",
]


def run(*command, env=None):
    print("+", " ".join(map(str, command))[:160], flush=True)
    subprocess.run([str(part) for part in command], check=True, stdin=subprocess.DEVNULL, env=env)


def mirror_of_this_system(suite):
    """The place that this system's own apt reads `suite` from, else any Debian archive that it knows."""
    form = "$(CODENAME) $(ORIGIN) $(COMPONENT) $(SITE)"
    told = subprocess.run(["apt-get", "indextargets", "--format", form, "Created-By: Packages"],
                          check=True, capture_output=True, text=True).stdout
    known = [line.split(" ", 3) for line in told.splitlines()]
    sites = [(codename, site) for codename, origin, component, site in known if origin == "Debian" and component == "main"]
    exact = [site for codename, site in sites if codename == suite]
    near = [site for codename, site in sites if "-" not in codename]
    if not exact and not near:
        sys.exit("apt of this system knows no Debian archive: run `apt-get update` first, or say --mirror")
    return (exact or near)[0]


def left_out(path):
    return any(fnmatchcase(path, pattern) for pattern in LEFT_OUT)


class Entry:
    """One path of the root: what it is, and a key that changes when it does (times apart)."""

    def __init__(self, root, path):
        full = os.path.join(root, path)
        self.path, self.full, self.stat = path, full, os.lstat(full)
        mode = self.stat.st_mode
        content = ""
        if stat.S_ISLNK(mode):
            content = os.readlink(full)
        elif stat.S_ISREG(mode):
            with open(full, "rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
        self.key = (mode, self.stat.st_uid, self.stat.st_gid, content)
        self.target = content


def photograph(root):
    """All entries of the root that a layer may hold, by path, sorted."""
    seen = {}

    def walk(folder):
        for found in sorted(os.scandir(os.path.join(root, folder)), key=lambda it: os.fsencode(it.name)):
            path = os.path.join(folder, found.name)
            if left_out(path):
                continue
            entry = Entry(root, path)
            if not (stat.S_ISREG(entry.stat.st_mode) or stat.S_ISDIR(entry.stat.st_mode) or stat.S_ISLNK(entry.stat.st_mode)):
                continue
            seen[path] = entry
            if stat.S_ISDIR(entry.stat.st_mode):
                walk(path)

    walk("")
    return seen


def difference(before, after):
    """Paths to write (each with the folders above it) and paths to white out (a removed folder once, not its content)."""
    written = set()
    for path, entry in after.items():
        if path not in before or before[path].key != entry.key:
            while path and path not in written:
                written.add(path)
                path = os.path.dirname(path)
    gone = [path for path in before if path not in after]
    gone = [path for path in gone if os.path.dirname(path) in after or "/" not in path]
    # A path below what is no folder any more needs no whiteout: the new entry hides it.
    gone = [path for path in gone if "/" not in path or stat.S_ISDIR(after[os.path.dirname(path)].stat.st_mode)]
    return written, gone


class LayerFile:
    """Compresses what is written to it, and hashes both sides."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self.packer = zlib.compressobj(6, zlib.DEFLATED, 31)
        self.plain, self.packed = hashlib.sha256(), hashlib.sha256()
        self.plain_size = self.packed_size = 0

    def write(self, data):
        self.plain.update(data)
        self.plain_size += len(data)
        self.put(self.packer.compress(data))
        return len(data)

    def put(self, data):
        self.packed.update(data)
        self.packed_size += len(data)
        self.file.write(data)

    def close(self):
        self.put(self.packer.flush())
        self.file.close()


def header(name, kind, mode, uid=0, gid=0, size=0, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.uid, info.gid, info.size, info.linkname, info.mtime = kind, mode, uid, gid, size, link, MOMENT
    return info


def write_layer(work, number, entries, written, gone, created_by):
    """The layer as a gzip file in the work folder, and what the archives need to know of it."""
    path = work / f"layer-{number}.tar.gz"
    out = LayerFile(path)
    plan = [(os.fsencode(it), it, False) for it in written]
    for it in gone:
        folder, name = os.path.split(it)
        plan.append((os.fsencode(os.path.join(folder, ".wh." + name)), os.path.join(folder, ".wh." + name), True))
    first_of = {}
    bytes_of_files = 0
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT, bufsize=BLOCK) as tar:
        for _, name, whiteout in sorted(plan):
            if whiteout:
                tar.addfile(header(name, tarfile.REGTYPE, 0o644))
                continue
            entry = entries[name]
            about, mode = entry.stat, stat.S_IMODE(entry.stat.st_mode)
            owner = (about.st_uid, about.st_gid)
            if stat.S_ISDIR(about.st_mode):
                tar.addfile(header(name, tarfile.DIRTYPE, mode, *owner))
            elif stat.S_ISLNK(about.st_mode):
                tar.addfile(header(name, tarfile.SYMTYPE, 0o777, *owner, link=entry.target))
            elif about.st_nlink > 1 and (about.st_dev, about.st_ino) in first_of:
                tar.addfile(header(name, tarfile.LNKTYPE, mode, *owner, link=first_of[about.st_dev, about.st_ino]))
            else:
                first_of[about.st_dev, about.st_ino] = name
                bytes_of_files += about.st_size
                with open(entry.full, "rb") as file:
                    tar.addfile(header(name, tarfile.REGTYPE, mode, *owner, size=about.st_size), file)
    out.close()
    layer = {"file": str(path), "digest": "sha256:" + out.packed.hexdigest(), "size": out.packed_size,
             "diff_id": "sha256:" + out.plain.hexdigest(), "plain_size": out.plain_size, "entries": len(plan),
             "whiteouts": len(gone), "bytes_of_files": bytes_of_files, "created_by": created_by}
    print(f"layer {number}: {len(plan)} entries, {len(gone)} whiteouts, {out.plain_size / 1e6:.0f} MB, "
          f"gzip {out.packed_size / 1e6:.0f} MB", flush=True)
    return layer


def fix_dates(root):
    """The day of the last password change is the only date that packages write into their files."""
    shadow = Path(root, "etc/shadow")
    if shadow.exists():
        lines = [line.split(":") for line in shadow.read_text().splitlines()]
        shadow.write_text("".join(":".join(it[:2] + [str(MOMENT // 86400)] + it[3:]) + "\n" for it in lines))


def make_root(work, root, options, mirror):
    run("debootstrap", "--variant=minbase", f"--include={options.base}", options.suite, root, mirror)
    Path(root, "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
    os.chmod(Path(root, "usr/sbin/policy-rc.d"), 0o755)
    Path(root, "etc/apt/apt.conf.d/00work").write_text('APT::Install-Recommends "false";\nAcquire::Languages "none";\n')
    Path(root, "etc/dpkg/dpkg.cfg.d/work").write_text("force-unsafe-io\n")
    fix_dates(root)


def apt_in(root, options):
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive", LC_ALL="C", SOURCE_DATE_EPOCH=str(MOMENT))
    apt = ["chroot", root, "apt-get", "-y", "-qq"]
    run(*apt, "update", env=quiet)
    run(*apt, "install", *options.apt.split(","), env=quiet)
    if options.remove:
        run(*apt, "remove", *options.remove.split(","), env=quiet)
    if options.purge:
        run(*apt, "purge", *options.purge.split(","), env=quiet)
    run(*apt, "clean", env=quiet)
    fix_dates(root)


def pip_in(root, wheels):
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-warn-conflicts", "--root-user-action=ignore", "--no-compile",
        "--no-cache-dir", "--only-binary=:all:", "--python-version=3.11", "--implementation=cp",
        "--target", os.path.join(root, DIST_PACKAGES), *wheels.split(","))


def canonical(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def configuration(layers, architecture):
    history = [
        {"created": CREATED, "created_by": layers[0]["created_by"], "comment": "layer 0"},
        {"created": CREATED, "created_by": "/bin/sh -c #(nop)  CMD [\"bash\"]", "empty_layer": True},
        {"created": CREATED, "created_by": "ENV PYTHONDONTWRITEBYTECODE=1", "empty_layer": True},
    ]
    history += [{"created": CREATED, "created_by": it["created_by"]} for it in layers[1:]]
    history.append({"created": CREATED, "created_by": "USER nobody", "empty_layer": True})
    return canonical({
        "architecture": architecture, "os": "linux", "created": CREATED, "author": "debian.py",
        "config": {
            "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONDONTWRITEBYTECODE=1"],
            "Cmd": ["bash"], "User": "nobody", "WorkingDir": "/",
            "Labels": {"org.opencontainers.image.title": "Debian 12 with Python", "org.opencontainers.image.version": "12"},
        },
        "rootfs": {"type": "layers", "diff_ids": [it["diff_id"] for it in layers]},
        "history": history,
    })


def oci_documents(config, layers, architecture, plain):
    """Manifest and index; with plain tars as layers, or with the gzip files."""
    kind = "application/vnd.oci.image.layer.v1.tar" + ("" if plain else "+gzip")
    digest, size = ("diff_id", "plain_size") if plain else ("digest", "size")
    descriptors = [{"mediaType": kind, "digest": it[digest], "size": it[size]} for it in layers]
    manifest = canonical({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest_of(config), "size": len(config)},
        "layers": descriptors,
    })
    name, tag = REFERENCE.split(":")
    index = canonical({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest_of(manifest), "size": len(manifest),
                       "platform": {"architecture": architecture, "os": "linux"},
                       "annotations": {"org.opencontainers.image.ref.name": tag}}],
    })
    return manifest, index, descriptors


def blob(digest):
    return "blobs/" + digest.replace(":", "/")


def put(tar, name, data=None, size=None, file=None):
    """A folder, a small file of bytes, or `size` bytes of an open file."""
    if data is None and file is None:
        tar.addfile(header(name, tarfile.DIRTYPE, 0o755))
    elif file is None:
        tar.addfile(header(name, tarfile.REGTYPE, 0o644, size=len(data)), io.BytesIO(data))
    else:
        tar.addfile(header(name, tarfile.REGTYPE, 0o644, size=size), file)


def write_layout(work, config, manifest, index, layers):
    layout = work / "layout"
    (layout / "blobs/sha256").mkdir(parents=True)
    (layout / "oci-layout").write_bytes(canonical({"imageLayoutVersion": "1.0.0"}))
    (layout / "index.json").write_bytes(index)
    for data in (config, manifest):
        (layout / blob(digest_of(data))).write_bytes(data)
    for it in layers:
        os.replace(it["file"], layout / blob(it["digest"]))
        it["file"] = str(layout / blob(it["digest"]))


def put_blobs(tar, small, large, opened, size):
    """The folder of blobs, sorted: bytes, and layers as `opened` reads them."""
    put(tar, "blobs")
    put(tar, "blobs/sha256")
    for name in sorted([*small, *large]):
        if name in small:
            put(tar, name, small[name])
        else:
            with opened(large[name]["file"], "rb") as file:
                put(tar, name, size=large[name][size], file=file)


def write_oci_archive(path, config, manifest, index, layers):
    small = {"oci-layout": canonical({"imageLayoutVersion": "1.0.0"}), "index.json": index,
             blob(digest_of(config)): config, blob(digest_of(manifest)): manifest}
    large = {blob(it["digest"]): it for it in layers}
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        put_blobs(tar, small, large, open, "size")


def write_docker_archive(path, config, layers):
    """Before Docker 25: the config's name is its digest, each layer is a plain tar named by its diff id."""
    name_of = lambda it: it["diff_id"].split(":")[1] + ".tar"
    config_name = digest_of(config).split(":")[1] + ".json"
    manifest = canonical([{"Config": config_name, "RepoTags": [REFERENCE], "Layers": [name_of(it) for it in layers]}])
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for it in layers:
            with gzip.open(it["file"], "rb") as file:
                put(tar, name_of(it), size=it["plain_size"], file=file)
        put(tar, config_name, config)
        put(tar, "manifest.json", manifest)


def write_docker25_archive(path, config, layers, architecture):
    manifest, index, descriptors = oci_documents(config, layers, architecture, plain=True)
    legacy = canonical([{
        "Config": blob(digest_of(config)), "RepoTags": [REFERENCE], "Layers": [blob(it["diff_id"]) for it in layers],
        "LayerSources": {it["diff_id"]: about for it, about in zip(layers, descriptors)},
    }])
    small = {blob(digest_of(config)): config, blob(digest_of(manifest)): manifest}
    large = {blob(it["diff_id"]): it for it in layers}
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        put_blobs(tar, small, large, gzip.open, "plain_size")
        put(tar, "index.json", index)
        put(tar, "manifest.json", legacy)
        put(tar, "oci-layout", canonical({"imageLayoutVersion": "1.0.0"}))


def arguments():
    parser = argparse.ArgumentParser(description="A Debian 12 image with Python in four kinds of archive.")
    parser.add_argument("work", nargs="?", help="folder to write into (default: a new temporary one)")
    parser.add_argument("--suite", default="bookworm")
    parser.add_argument("--mirror", help="default: the one that apt of this system uses")
    parser.add_argument("--base", default=BASE, help="packages of layer 0 beside debootstrap's minbase")
    parser.add_argument("--apt", default=APT, help="packages of layer 1")
    parser.add_argument("--remove", default="nginx-light,nginx-common", help="packages of layer 0 that layer 1 removes")
    parser.add_argument("--purge", default="brotli", help="packages of layer 0 that layer 1 purges")
    parser.add_argument("--pip", action="append", help="wheels of layer 2; given again, of one layer more; '' for none")
    parser.add_argument("--at-least", type=float, default=550, metavar="MB", help="fail if the layers are less than this unpacked")
    parser.add_argument("--keep-root", action="store_true", help="leave the merged root in WORK/root")
    return parser.parse_args()


def main():
    options = arguments()
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        sys.exit("run as root, with debootstrap installed")
    work = Path(options.work or tempfile.mkdtemp(prefix="overdue-debian-")).resolve()
    work.mkdir(parents=True, exist_ok=True)
    os.umask(0o022)
    root = str(work / "root")
    for stale in (root, work / "layout"):
        shutil.rmtree(stale, ignore_errors=True)
    architecture = subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout.strip()
    started = time.monotonic()

    layers, before = [], {}
    packages = options.apt.replace(",", " ")
    steps = [
        (lambda: make_root(work, root, options, options.mirror or mirror_of_this_system(options.suite)),
         "/bin/sh -c #(nop) ADD file:debian-12-minbase in / "),
        (lambda: apt_in(root, options), f"RUN /bin/sh -c apt-get update && apt-get install -y {packages} # buildkit"),
    ]
    for wheels in filter(None, options.pip if options.pip is not None else [PIP]):
        created_by = f"RUN /bin/sh -c pip install --target /{DIST_PACKAGES} {wheels.replace(',', ' ')} # buildkit"
        steps.append((lambda wheels=wheels: pip_in(root, wheels), created_by))
    for number, (step, created_by) in enumerate(steps):
        step()
        after = photograph(root)
        layers.append(write_layer(work, number, after, *difference(before, after), created_by))
        before = after

    config = configuration(layers, architecture)
    manifest, index, _ = oci_documents(config, layers, architecture, plain=False)
    write_layout(work, config, manifest, index, layers)
    write_oci_archive(work / "image-oci.tar", config, manifest, index, layers)
    write_docker_archive(work / "image-docker.tar", config, layers)
    write_docker25_archive(work / "image-docker25.tar", config, layers, architecture)
    shutil.copy(os.path.join(root, "var/lib/dpkg/status"), work / "status")
    shutil.copy(os.path.join(root, "etc/os-release"), work / "os-release")
    if not options.keep_root:
        shutil.rmtree(root)

    for it in layers:
        it["file"] = os.path.relpath(it["file"], work)
    unpacked, packed = sum(it["plain_size"] for it in layers) / 1e6, sum(it["size"] for it in layers) / 1e6
    facts = {"config": digest_of(config), "manifest": digest_of(manifest), "layers": layers,
             "unpacked_mb": round(unpacked), "packed_mb": round(packed)}
    (work / "image.json").write_text(json.dumps(facts, indent=1) + "\n")
    print(f"{work}: {len(layers)} layers, {unpacked:.0f} MB unpacked, {packed:.0f} MB as gzip, {time.monotonic() - started:.0f} s")
    if unpacked < options.at_least:
        sys.exit(f"less than {options.at_least:.0f} MB unpacked")


if __name__ == "__main__":
    main()
