//! The rules of the house, as tests: floors, prologues, sizes, tables, doors.

use std::{
    fs,
    path::{Path, PathBuf},
};

use overdue::{advisory::SOURCES, inventory::EXTRACTORS, report::RENDERERS};

/// The floors from the bottom. A module imports from floors below its own, and from itself.
const FLOORS: [&[&str]; 8] = [
    &["model"],
    &["version", "severity"],
    &["advisory", "tree", "inventory"],
    &["matching"],
    &["policy"],
    &["report"],
    &["scan"],
    &["cli"],
];

/// Who may open files, and who may read the clock and the environment.
const FILE_DOORS: [&str; 3] = ["tree", "advisory", "cli"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("src").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let relative = path.strip_prefix(root()).expect("below").to_string_lossy().replace('\\', "/");
                found.push((relative, fs::read_to_string(path).expect("text")));
            }
        }
    }
    found.sort();
    assert!(found.len() > 40, "the sources were not found");
    found
}

fn module(path: &str) -> &str {
    let below = path.strip_prefix("src/").unwrap_or(path);
    below.split('/').next().unwrap_or(below).trim_end_matches(".rs")
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The modules that a text names after `crate::`, groups in braces included.
fn imported(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if !rest.starts_with('{') {
            names.push(identifier(rest));
            continue;
        }
        let (mut depth, mut fresh) = (0, false);
        for (at, c) in rest.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            if depth == 1 && fresh && (c.is_alphabetic() || c == '_') {
                names.push(identifier(&rest[at..]));
                fresh = false;
            }
            fresh |= depth == 1 && (c == '{' || c == ',');
        }
    }
    names
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn the_import_reader_reads_groups() {
    assert_eq!(imported("use crate::{a::{B, c}, d};\ncrate::e::f()"), ["a", "d", "e"]);
}

#[test]
fn imports_go_down_only() {
    for (path, text) in sources() {
        let from = module(&path);
        if matches!(from, "lib" | "main") {
            continue;
        }
        let own = floor(from).unwrap_or_else(|| panic!("{path}: on no floor"));
        for to in imported(&text) {
            let below = floor(&to).is_some_and(|floor| floor < own);
            assert!(to == from || below, "{path} imports crate::{to}, which is not below it");
        }
    }
}

#[test]
fn every_file_says_what_it_is() {
    for (path, text) in sources() {
        let prologue = text.starts_with("//! ") || text.starts_with("#![doc = include_str!");
        assert!(prologue, "{path} does not begin with `//!`");
    }
}

#[test]
fn no_file_is_long() {
    for (path, text) in sources() {
        assert!(text.lines().count() <= 600, "{path} has more than 600 lines");
    }
}

#[test]
fn no_file_is_a_drawer() {
    for (path, _) in sources() {
        let name = path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned();
        assert!(!["utils", "util", "common", "helpers", "manager", "misc"].contains(&name.as_str()), "{path}");
    }
}

#[test]
fn files_the_network_the_clock_and_the_environment_have_few_doors() {
    for (path, text) in sources() {
        let module = module(&path);
        if !FILE_DOORS.contains(&module) {
            assert!(!text.contains("std::fs") && !text.contains("fs::read"), "{path} opens files");
        }
        // One folder speaks to servers.
        if !path.starts_with("src/advisory/sync/") {
            for door in ["reqwest", "std::net", "TcpStream"] {
                assert!(!text.contains(door), "{path} uses {door}");
            }
        }
        // The one child process is git's.
        if module != "tree" {
            assert!(!text.contains("Command::new"), "{path} starts a process");
        }
        if module != "cli" && module != "main" {
            for door in ["SystemTime", "std::env", "Timestamp::now"] {
                assert!(!text.contains(door), "{path} uses {door}");
            }
        }
    }
}

/// How many types of a folder implement a trait.
fn implementations(folder: &str, name: &str) -> usize {
    let needle = format!("impl {name} for ");
    sources().iter().filter(|(path, _)| path.starts_with(folder)).map(|(_, text)| text.matches(&needle).count()).sum()
}

fn has_fixture(folder: &str, name: &str) {
    let path = root().join("fixtures").join(folder).join(name);
    let any = fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_some());
    assert!(any, "{} has no fixture", path.display());
}

#[test]
fn every_extractor_is_in_its_table_and_has_a_fixture() {
    assert_eq!(implementations("src/inventory/", "Extractor"), EXTRACTORS.len());
    for extractor in EXTRACTORS {
        has_fixture("inventory", extractor.name());
        // One that takes several files has a folder.
        let is_named = [".rs", "/mod.rs"].iter().any(|end| root().join(format!("src/inventory/{}{end}", extractor.name())).is_file());
        assert!(is_named, "{} is not named as its file", extractor.name());
    }
}

#[test]
fn every_source_is_in_its_table_and_has_a_fixture() {
    assert_eq!(implementations("src/advisory/", "AdvisorySource"), SOURCES.len());
    for source in SOURCES {
        has_fixture("advisories", source.name());
        assert!(root().join(format!("src/advisory/{}.rs", source.name())).is_file(), "{} is not named as its file", source.name());
    }
}

#[test]
fn every_renderer_is_in_its_table_and_has_a_fixture() {
    assert_eq!(implementations("src/report/", "Renderer"), RENDERERS.len());
    for renderer in RENDERERS {
        has_fixture("reports", renderer.name());
        // One that takes several files has a folder.
        let is_named = [".rs", "/mod.rs"].iter().any(|end| root().join(format!("src/report/{}{end}", renderer.name())).is_file());
        assert!(is_named, "{} is not named as its file", renderer.name());
    }
}

#[test]
fn the_readme_names_the_commands_that_ci_runs() {
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md");
    let ci = fs::read_to_string(root().join(".ci/run")).expect(".ci/run");
    assert!(readme.contains("\ncargo test\n") && ci.contains("\ncargo test\n"), "the test command differs");
    assert!(Path::new(&root().join("fixtures/demo/Cargo.lock")).is_file());
}
