//! Ignore lists of other scanners: every folder of `fixtures/import/` holds one, and beside it what is read from it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use overdue::policy::import::{Entry, IMPORTERS, Imported, import};

/// The folders of fixtures of a kind, each with its list's path and what is expected of it.
fn fixtures(kind: &str) -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/policy").join(kind);
    let mut found = Vec::new();
    for folder in fs::read_dir(root).expect("fixtures").flatten() {
        let files: Vec<_> = fs::read_dir(folder.path()).expect("a folder").flatten().map(|file| file.path()).collect();
        let list = files.iter().find(|file| !file.ends_with("expected")).expect("an ignore list").clone();
        let expected = fs::read_to_string(folder.path().join("expected")).unwrap_or_default();
        found.push((folder.file_name().to_string_lossy().into_owned(), list, expected));
    }
    found.sort();
    found
}

/// The result as text, a line for each entry.
fn written(imported: &Imported) -> String {
    let mut out = format!("format {}\n", imported.format);
    for entry in &imported.entries {
        let Entry { id, foreign_id, package, version, paths, until_fixed, reason, expires, line } = entry;
        out += &format!("{line}: {id}");
        out += if *foreign_id { " (foreign)" } else { "" };
        for (name, value) in [("package", package), ("version", version), ("expires", expires)] {
            out += &value.as_ref().map(|value| format!(" {name}={value}")).unwrap_or_default();
        }
        out += &paths.iter().map(|path| format!(" path={path}")).collect::<String>();
        out += if *until_fixed { " until-fixed" } else { "" };
        out += &reason.as_ref().map(|reason| format!(" reason: {reason}")).unwrap_or_default();
        out += "\n";
    }
    for left in &imported.not_carried {
        out += &format!("{}: left: {} -- {}\n", left.line, left.what, left.why);
    }
    out
}

fn read(list: &Path) -> String {
    let bytes = fs::read(list).expect("an ignore list");
    match import(&list.to_string_lossy(), &bytes) {
        Ok(imported) => written(&imported),
        Err(error) => format!("{}: {error}\n", error.line.map_or_else(|| "file".to_owned(), |line| format!("line {line}"))),
    }
}

#[test]
fn lists_are_read() {
    let mut formats = Vec::new();
    for (name, list, expected) in fixtures("import") {
        let found = read(&list);
        assert_eq!(found, expected, "{name}");
        formats.push(found.lines().next().unwrap_or_default().to_owned());
    }
    for importer in IMPORTERS {
        let format = format!("format {}", importer.name());
        assert!(formats.iter().filter(|found| **found == format).count() >= 2, "{format}");
    }
}

#[test]
fn what_cannot_be_read_is_an_error_with_its_line() {
    for (name, list, expected) in fixtures("import_bad") {
        let found = read(&list);
        assert_eq!(found, expected, "{name}");
    }
}
