#!/usr/bin/env python3
"""Times overdue, Trivy, Syft and a bare decoding loop on one image, and measures their peak memory.

What it shows: wall time, processor time and peak memory of each on the same OCI layout directory, alternating within one
run so that a machine that slows down slows all of them, and overdue's ratios to the others. No program has a cache: Trivy
gets a new, empty cache folder each time, Syft too, overdue gets --no-cache. The image's files are read once before, so no
program pays for the disk.

    python3 beside.py LAYOUT --overdue BIN --db DIR --trivy BIN --syft BIN --bare-loop BIN [--rounds 7] [--json FILE]

Each program may also come from the environment: OVERDUE, OVERDUE_DB, TRIVY, SYFT, BARE_LOOP; what is not named is left
out. LAYOUT is what debian.py leaves in WORK/layout; the bare loop is built from bare-loop/; Trivy and Syft are expected
to be on the disk already. The commands (the first line of each run's JSON says them as they were run):

    overdue scan --db DIR --offline --no-cache --format json --fail-on never LAYOUT
    trivy image --input LAYOUT --format cyclonedx --cache-dir NEW  + TRIVY_FLAGS
    syft scan oci-dir:LAYOUT -o json, with its update check off
    bare-loop LAYOUT, and bare-loop LAYOUT --sha256

TRIVY_FLAGS keep Trivy from the network. `--format cyclonedx` alone makes a list of packages and reads no vulnerability
data, so no database is needed and the flags only switch off its look for a newer version, its usage report and its
progress bar; with no network at hand the time is the same without them.

Prints a Markdown table of medians (and the least and the greatest), the ratios and whether they hold; with --json the same
and every single run as JSON. With --check it exits 1 if a ratio does not hold. Work files go to --work, default a temporary
folder, and are removed.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

TRIVY_FLAGS = ["--offline-scan", "--skip-db-update", "--skip-java-db-update", "--skip-version-check", "--disable-telemetry",
               "--no-progress", "--quiet"]
POLL = 0.02  # seconds

# Of overdue to another: what must hold and what is aimed at.
WALL_LIMITS = [("trivy", 0.5, 0.38), ("syft", 1 / 6, 0.08), ("bare loop", None, 1.2), ("bare loop, sha256", None, None)]


class Program:
    def __init__(self, name, version, command, accepted=(0,), environment=None, count=None):
        self.name, self.version, self.command, self.accepted = name, version, command, accepted
        self.environment, self.count, self.runs = environment or {}, count, []


def version_of(*command):
    """The first line with a digit that the program says of itself."""
    said = subprocess.run(command, capture_output=True, text=True).stdout
    return next((line.strip() for line in said.splitlines() if any(map(str.isdigit, line))), "?")


def programs(options):
    layout = options.layout
    found = []
    if options.overdue:
        command = [options.overdue, "scan", *(["--db", options.db] if options.db else []), "--offline", "--no-cache",
                   "--format", "json", "--fail-on", "never", layout]
        found.append(Program("overdue", version_of(options.overdue, "--version"), command, accepted=(0, 3),
                             count=lambda it: it["packages"]["found"]))
    if options.trivy:
        command = [options.trivy, "image", "--input", layout, "--format", "cyclonedx", "--cache-dir", "{new}", *TRIVY_FLAGS]
        found.append(Program("trivy", version_of(options.trivy, "--version"), command,
                             count=lambda it: sum("purl" in part for part in it["components"])))
    if options.syft:
        environment = {"SYFT_CHECK_FOR_APP_UPDATE": "false", "SYFT_CACHE_DIR": "{new}", "TMPDIR": "{new}"}
        found.append(Program("syft", version_of(options.syft, "version"), [options.syft, "scan", "oci-dir:" + layout, "-o", "json"],
                             environment=environment, count=lambda it: len(it["artifacts"])))
    if options.bare_loop:
        found.append(Program("bare loop", "", [options.bare_loop, layout]))
        found.append(Program("bare loop, sha256", "", [options.bare_loop, layout, "--sha256"]))
    return found


def high_water(pid, seen, ended):
    """The process's own peak, asked again and again."""
    while True:
        try:
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    seen[0] = max(seen[0], int(line.split()[1]))
        except OSError:
            return
        if ended.wait(POLL):
            return


def measure(program, work):
    """One run: wall seconds, processor seconds, peak kilobytes, and what it counted."""
    new = tempfile.mkdtemp(prefix="new-", dir=work)
    filled = [part.replace("{new}", new) for part in program.command]
    environment = dict(os.environ, **{name: value.replace("{new}", new) for name, value in program.environment.items()})
    report = Path(work, "report")
    seen, ended = [0], threading.Event()
    with open(report, "wb") as out, open(Path(work, "errors"), "wb") as errors:
        started = time.perf_counter()
        child = subprocess.Popen(filled, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, env=environment)
        watcher = threading.Thread(target=high_water, args=(child.pid, seen, ended))
        watcher.start()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        ended.set()
        watcher.join()
    child.returncode = os.waitstatus_to_exitcode(status)
    shutil.rmtree(new)
    if child.returncode not in program.accepted:
        tail = Path(work, "errors").read_text(errors="replace")[-2000:]
        sys.exit(f"{program.name}: exit {child.returncode}\n{tail}")
    # The kernel counts this script's own memory to a child until the child is its own program: below that, the child's
    # own figure, which may miss the last hundredths of a second.
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak = usage.ru_maxrss if usage.ru_maxrss > own + 512 or not seen[0] else seen[0]
    counted = None
    if program.count:
        try:
            counted = program.count(json.loads(report.read_bytes()))
        except (ValueError, KeyError, TypeError):
            pass
    return {"wall": wall, "processor": usage.ru_utime + usage.ru_stime, "peak_kb": peak, "packages": counted}


def warm(layout):
    for path in Path(layout).rglob("*"):
        if path.is_file():
            with open(path, "rb") as file:
                while file.read(1 << 20):
                    pass


def summary(program):
    walls = [run["wall"] for run in program.runs]
    return {"name": program.name, "version": program.version, "command": program.command, "environment": program.environment,
            "wall": statistics.median(walls), "least": min(walls), "greatest": max(walls),
            "processor": statistics.median(run["processor"] for run in program.runs),
            "peak_mb": max(run["peak_kb"] for run in program.runs) / 1024,
            "packages": program.runs[-1]["packages"], "runs": program.runs}


def ratios(results):
    """(what, ratio, limit, aim, whether the limit holds)"""
    by_name = {it["name"]: it for it in results}
    ours = by_name.get("overdue")
    lines = []
    for other, limit, aim in WALL_LIMITS:
        if ours and other in by_name:
            ratio = ours["wall"] / by_name[other]["wall"]
            holds = limit is None or ratio <= limit
            lines.append({"of": f"wall time, overdue : {other}", "ratio": ratio, "limit": limit, "aim": aim, "holds": holds})
    for other in ("trivy", "syft"):
        if ours and other in by_name:
            ratio = ours["peak_mb"] / by_name[other]["peak_mb"]
            lines.append({"of": f"peak memory, overdue : {other}", "ratio": ratio, "limit": 1, "aim": None, "holds": ratio < 1})
        if other in by_name and "bare loop" in by_name:
            ratio = by_name["bare loop"]["wall"] / by_name[other]["wall"]
            lines.append({"of": f"wall time, bare loop : {other}", "ratio": ratio, "limit": None, "aim": None, "holds": True})
    return lines


def image_facts(layout):
    index = json.loads(Path(layout, "index.json").read_text())
    manifest = json.loads(Path(layout, "blobs", *index["manifests"][0]["digest"].split(":")).read_text())
    return {"layers": [it["size"] for it in manifest["layers"]], "processors": os.cpu_count()}


def show(facts, results, lines):
    megabytes = ", ".join(f"{size / 1e6:.0f}" for size in facts["layers"])
    print(f"{len(facts['layers'])} layers of {megabytes} MB as gzip, {facts['processors']} processors, {len(results[0]['runs'])} rounds\n")
    print("| program | wall s, median | least | greatest | processor s | peak MB | packages | version |")
    print("|---|---:|---:|---:|---:|---:|---:|---|")
    for it in results:
        packages = "" if it["packages"] is None else it["packages"]
        print(f"| {it['name']} | {it['wall']:.3f} | {it['least']:.3f} | {it['greatest']:.3f} | {it['processor']:.2f} | "
              f"{it['peak_mb']:.1f} | {packages} | {it['version']} |")
    print("\n| ratio | measured | must be at most | aim | |\n|---|---:|---:|---:|---|")
    for it in lines:
        limit = "" if it["limit"] is None else f"{it['limit']:.3f}"
        aim = "" if it["aim"] is None else f"{it['aim']:.2f}"
        verdict = "" if it["limit"] is None else "holds" if it["holds"] else "does not hold"
        print(f"| {it['of']} | {it['ratio']:.3f} | {limit} | {aim} | {verdict} |")


def main():
    parser = argparse.ArgumentParser(description="overdue beside Trivy, Syft and a bare loop on one OCI layout.")
    parser.add_argument("layout")
    for name in ("overdue", "trivy", "syft", "bare-loop"):
        parser.add_argument("--" + name, default=os.environ.get(name.replace("-", "_").upper()), metavar="BIN")
    parser.add_argument("--db", default=os.environ.get("OVERDUE_DB"), metavar="DIR", help="overdue's advisory index")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", metavar="FILE", help="write everything as JSON ('-' for standard output, after the table)")
    parser.add_argument("--check", action="store_true", help="exit 1 if a ratio does not hold")
    parser.add_argument("--work", metavar="DIR", help="folder for caches and reports (default: a temporary one)")
    options = parser.parse_args()

    measured = programs(options)
    if not measured:
        sys.exit("name at least one program")
    work = tempfile.mkdtemp(prefix="overdue-beside-", dir=options.work)
    try:
        warm(options.layout)
        for number in range(options.rounds):
            # Each round begins with another program.
            turn = number % len(measured)
            for program in measured[turn:] + measured[:turn]:
                program.runs.append(measure(program, work))
                print(f"round {number + 1}: {program.name} {program.runs[-1]['wall']:.3f} s", file=sys.stderr, flush=True)
    finally:
        shutil.rmtree(work)

    facts, results = image_facts(options.layout), [summary(program) for program in measured]
    lines = ratios(results)
    show(facts, results, lines)
    if options.json:
        text = json.dumps({"image": facts, "programs": results, "ratios": lines}, indent=1)
        if options.json == "-":
            print("\n" + text)
        else:
            Path(options.json).write_text(text + "\n")
    return 1 if options.check and not all(it["holds"] for it in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
