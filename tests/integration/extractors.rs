//! What each extractor reads out of each of its fixtures. A new case is a new file under
//! `fixtures/inventory/<extractor>/`.

use std::{fmt::Write, fs, path::Path};

use overdue::inventory::{EXTRACTORS, Extracted, Extractor, by_name, in_root_filesystem};

use crate::harness::{assert_case, fixture};

#[test]
fn every_fixture_reads_as_its_snapshot_says() {
    for extractor in EXTRACTORS {
        let root = fixture("inventory").join(extractor.name());
        let mut files = Vec::new();
        collect(&root, &mut files);
        files.sort();
        assert!(!files.is_empty(), "{} has no fixture", extractor.name());
        for file in files {
            let relative = file.strip_prefix(&root).expect("below").to_string_lossy().replace('\\', "/");
            let bytes = fs::read(&file).expect("a file");
            let bytes = if extractor.needs_content() { bytes } else { Vec::new() };
            let text = describe(&extractor.extract(&relative, &bytes));
            assert_case(&format!("{}-{}", extractor.name(), relative.replace('/', "-")), &text);
            // What is in a program is found by looking into it.
            let is_named = extractor.recognises(&relative) || relative.ends_with(".lock") || extractor.name() == "cargo_auditable";
            assert!(is_named || extractor.looks_like(&bytes), "{relative}");
        }
    }
}

#[test]
fn a_file_names_no_more_than_its_parts() {
    for extractor in EXTRACTORS.iter().filter(|extractor| extractor.needs_content()) {
        let mut files = Vec::new();
        collect(&fixture("inventory").join(extractor.name()), &mut files);
        for file in files {
            let bytes = fs::read(&file).expect("a file");
            let extracted = extractor.extract(&file.to_string_lossy(), &bytes);
            let named = extracted.packages.len() + extracted.own.len() + extracted.unchecked.len() + extracted.references.len();
            assert!(named as u64 <= extractor.parts(&bytes), "{}: {named} of {}", file.display(), extractor.parts(&bytes));
        }
    }
}

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() {
            collect(&entry.path(), files);
        } else {
            files.push(entry.path());
        }
    }
}

fn describe(extracted: &Extracted) -> String {
    let mut text = format!("file: {:?}\n", extracted.file);
    let paths = extracted.graph.shortest_paths();
    for package in &extracted.packages {
        let way = package.node.and_then(|node| paths.to(node)).map_or("no path".to_owned(), |path| path.join(" > "));
        let kind = if package.wanted.version().is_some() { "" } else { "requirement " };
        write!(text, "package: {} {} {kind}{} line {}", package.ecosystem, package.name, package.wanted, package.line).expect("text");
        if let Some(source) = &package.source {
            write!(text, " built from {} {}", source.name, source.version).expect("text");
        }
        if !package.groups.is_empty() {
            write!(text, " [{}]", package.groups.iter().map(|group| group.as_str()).collect::<Vec<_>>().join(", ")).expect("text");
        }
        if let Some(marker) = &package.marker {
            write!(text, " if {marker}").expect("text");
        }
        if !package.indexes.is_empty() {
            write!(text, " from {}", package.indexes.join(", ")).expect("text");
        }
        writeln!(text, ": {way}").expect("text");
    }
    for own in &extracted.own {
        writeln!(text, "own: {} {}", own.name, own.version.as_deref().unwrap_or("of its workspace")).expect("text");
    }
    for unchecked in &extracted.unchecked {
        let line = unchecked.line.map_or("no line".to_owned(), |line| format!("line {line}"));
        writeln!(
            text,
            "unchecked: {} ({}, {} packages, {line}): {}",
            unchecked.subject,
            unchecked.reason.as_str(),
            unchecked.packages,
            unchecked.detail
        )
        .expect("text");
    }
    for reference in &extracted.references {
        writeln!(text, "refers to: {} for {:?}, line {}", reference.path, reference.kind, reference.line).expect("text");
    }
    for source in &extracted.compiled_from {
        writeln!(text, "compiled from: {source}").expect("text");
    }
    if let Some(from) = &extracted.installed_from {
        writeln!(text, "installed from: {from:?}").expect("text");
    }
    for skipped in &extracted.skipped {
        writeln!(text, "skipped: {}: {}", skipped.path, skipped.reason).expect("text");
    }
    text
}

#[test]
fn formats_of_root_filesystems_are_looked_for_there_only() {
    for (path, extractor) in [
        ("var/lib/dpkg/status", "dpkg"),
        ("var/lib/dpkg/status.d/tzdata", "dpkg"),
        ("lib/apk/db/installed", "apk"),
        ("var/lib/chisel/manifest.wall", "chisel"),
        ("usr/lib/python3/ensurepip/_bundled/pip-23.2.1-py3-none-any.whl", "wheel"),
        ("var/lib/rpm/rpmdb.sqlite", "unsupported"),
        ("srv/app/Cargo.lock", "cargo_lock"),
    ] {
        assert_eq!(in_root_filesystem(path).map(Extractor::name), Some(extractor), "{path}");
    }
    for path in ["var/lib/dpkg/status", "lib/apk/db/installed", "dist/app-1.0-py3-none-any.whl", "var/lib/chisel/manifest.wall"] {
        assert!(by_name(path).is_none_or(|extractor| !extractor.is_of_root_filesystems()), "{path}");
    }
    assert_eq!(by_name("Cargo.lock").map(Extractor::name), Some("cargo_lock"));
}
