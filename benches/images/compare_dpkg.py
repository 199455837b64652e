#!/usr/bin/env python3
"""Compares overdue's findings in a Debian image with an independent matcher that asks `dpkg --compare-versions`.

What it shows: that every installed package of the image gets the verdict that dpkg's own order of versions gives over the
OSV export, and no package one more. It shares nothing with overdue: Python reads the dpkg status and the records, dpkg
compares.

    python3 compare_dpkg.py ROOT_OR_STATUS DEBIAN_ZIP OVERDUE_JSON...

ROOT_OR_STATUS is a root filesystem or its `var/lib/dpkg/status` (debian.py leaves it as WORK/status), DEBIAN_ZIP the OSV
export `Debian/all.zip`, and each OVERDUE_JSON a report of `overdue scan --format json --fail-on never TARGET` ("-" for
standard input), one for each kind of archive, say.

Compared are the sets of (binary package, version, advisory): a finding stands for each of its `id` and `aliases` that the
export has for this package. Exits 0 if every report agrees, 1 if any differs, 2 if something cannot be read.
Options: --ecosystem, --show N (differences printed of each kind, default all).
"""

import argparse
import functools
import json
import subprocess
import sys
import zipfile
from collections import namedtuple
from pathlib import Path

Installed = namedtuple("Installed", "name version source source_version")


def paragraphs(text):
    """Fields of each paragraph of a control file; continuation lines are left out."""
    fields = {}
    for line in text.split("\n"):
        if not line.strip():
            if fields:
                yield fields
            fields = {}
        elif line[0] not in " \t":
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
    if fields:
        yield fields


def installed_packages(path):
    """What is unpacked on the disk; a removed package whose configuration files stay behind is not."""
    path = Path(path)
    status = path / "var/lib/dpkg/status" if path.is_dir() else path
    packages, passed_over = set(), 0
    for fields in paragraphs(status.read_text(encoding="utf-8", errors="replace")):
        state = fields.get("status", "").split()
        if len(state) != 3 or state[2] in ("not-installed", "config-files"):
            passed_over += 1
            continue
        name, version = fields["package"], fields["version"]
        source, _, rest = fields.get("source", name).partition(" ")
        source_version = rest.strip().strip("()") or version
        packages.add(Installed(name, version, source, source_version))
    return packages, passed_over


@functools.cache
def compares(left, relation, right):
    """Whether dpkg says that `left` stands in this relation to `right`."""
    code = subprocess.run(["dpkg", "--compare-versions", left, relation, right], stderr=subprocess.DEVNULL).returncode
    if code not in (0, 1):
        raise ValueError(f"dpkg cannot compare {left!r} {relation} {right!r}: exit {code}")
    return code == 0


def order(left, right):
    """-1, 0 or 1, as dpkg orders them; OSV's "0" is before every version."""
    if left == right:
        return 0
    if "0" in (left, right):
        return -1 if left == "0" else 1
    return -1 if compares(left, "lt", right) else 1 if compares(left, "gt", right) else 0


def in_range(version, events):
    """OSV's evaluation: the events in order of their versions, the last one that applies decides."""
    # At one version: first the end of a range that the version itself is not in, then the start of another one.
    weight = {"fixed": 0, "introduced": 1, "last_affected": 2}
    steps = [(kind, value) for event in events for kind, value in event.items() if kind in weight]
    steps.sort(key=functools.cmp_to_key(lambda left, right: order(left[1], right[1]) or weight[left[0]] - weight[right[0]]))
    inside = False
    for kind, value in steps:
        if kind == "introduced" and order(version, value) >= 0:
            inside = True
        elif kind == "fixed" and order(version, value) >= 0:
            inside = False
        elif kind == "last_affected" and order(version, value) > 0:
            inside = False
    return inside


def is_affected(version, affected):
    if version in affected.get("versions", []):
        return True
    return any(it.get("type") == "ECOSYSTEM" and in_range(version, it["events"]) for it in affected.get("ranges", []))


def records_by_source(path, ecosystem):
    """(id, affected) of each record that is not withdrawn, by the source package that it is about."""
    by_source, count = {}, 0
    with zipfile.ZipFile(path) as export:
        for name in export.namelist():
            if not name.endswith(".json"):
                continue
            record = json.loads(export.read(name))
            if record.get("withdrawn"):
                continue
            about = [it for it in record.get("affected", []) if it["package"]["ecosystem"] == ecosystem]
            count += bool(about)
            for it in about:
                by_source.setdefault(it["package"]["name"], []).append((record["id"], it))
    return by_source, count


def expected_verdicts(packages, by_source):
    """The affected (package, version, advisory), and how many pairs were judged."""
    affected, pairs = set(), 0
    for package in packages:
        for advisory, about in by_source.get(package.source, []):
            pairs += 1
            if is_affected(package.source_version, about):
                affected.add((package.name, package.version, advisory))
    return affected, pairs


def reported_verdicts(path, ecosystem, known):
    """The same from a report; ids that the export does not have (a CVE as an alias, say) stand for nothing of their own."""
    text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    verdicts, strangers, count = set(), [], 0
    for finding in json.loads(text)["findings"]:
        package = finding["package"]
        if package["ecosystem"] != ecosystem or finding["certainty"] == "admitted":
            continue
        count += 1
        names = {finding["id"], *finding.get("aliases", [])} & known
        if not names:
            strangers.append((package["name"], package["version"], finding["id"]))
        verdicts |= {(package["name"], package["version"], it) for it in names}
    return verdicts, strangers, count


def show(label, triples, limit):
    for triple in sorted(triples)[:limit]:
        print(f"  {label}: {triple[0]} {triple[1]} {triple[2]}")
    if limit is not None and len(triples) > limit:
        print(f"  {label}: {len(triples) - limit} more")


def main():
    parser = argparse.ArgumentParser(description="overdue's findings in a Debian image beside `dpkg --compare-versions`.")
    parser.add_argument("root_or_status")
    parser.add_argument("export")
    parser.add_argument("report", nargs="+")
    parser.add_argument("--ecosystem", default="Debian:12")
    parser.add_argument("--show", type=int, default=None, metavar="N")
    options = parser.parse_args()

    packages, passed_over = installed_packages(options.root_or_status)
    by_source, records = records_by_source(options.export, options.ecosystem)
    expected, pairs = expected_verdicts(packages, by_source)
    known = {advisory for about in by_source.values() for advisory, _ in about}
    print(f"{len(packages)} packages installed ({passed_over} paragraphs of removed ones passed over), "
          f"{sum(it.source != it.name for it in packages)} of a source with another name, "
          f"{sum(it.source_version != it.version for it in packages)} of a source with another version")
    print(f"{records} records for {options.ecosystem}; {pairs} pairs of package and record judged, "
          f"{compares.cache_info().currsize} calls of dpkg: {len(expected)} affected, {pairs - len(expected)} not")
    if not expected or len(expected) == pairs:
        print("note: all verdicts are the same, so this image tells little")

    differing = 0
    for path in options.report:
        reported, strangers, count = reported_verdicts(path, options.ecosystem, known)
        missing, extra = expected - reported, reported - expected
        print(f"{path}: {count} findings for {options.ecosystem}, {len(reported)} verdicts; expected {len(expected)}: "
              f"{len(missing)} missing, {len(extra) + len(strangers)} too many")
        show("missing ", missing, options.show)
        show("too many", extra | set(strangers), options.show)
        differing += bool(missing or extra or strangers)
    print(f"{len(options.report) - differing} of {len(options.report)} reports agree")
    return 1 if differing else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, json.JSONDecodeError) as error:
        print(f"compare_dpkg.py: {error!r}", file=sys.stderr)
        sys.exit(2)
