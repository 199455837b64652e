//! Which files of a directory are found, skipped, hidden, covered. Built in a temporary folder, because git would not
//! keep all of it.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    harness::{AS_OF, Overdue, Run, assert_case, fixture},
    projects::Project,
};

const APP: &str = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"smallvec\",\n]\n\n[[package]]\nname = \"smallvec\"\nversion = \"0.6.13\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n";

struct Tree(tempfile::TempDir);

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, text).expect("written");
        }
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn scan(&self, words: &[&str]) -> Run {
        let words = ["scan", "--as-of", AS_OF, "--format", "json"].iter().chain(words).copied();
        Overdue::new(words).in_folder(self.path()).run()
    }
}

fn list(report: &Value, key: &str) -> Vec<String> {
    let items = report[key].as_array().expect("a list").iter();
    items.map(|item| format!("{} {}", item["path"].as_str().unwrap_or_default(), item["reason"].as_str().unwrap_or_default())).collect()
}

#[test]
fn skips_are_named_and_hidden_files_too() {
    let tree = Tree::new(&[
        ("Cargo.lock", APP),
        ("target/package/Cargo.lock", APP),
        ("web/node_modules/x/Cargo.lock", APP),
        (".git/Cargo.lock", APP),
        (".gitignore", "/generated/\n*.tmp\n!keep.tmp\nhidden/Cargo.lock\n"),
        ("generated/deep/Cargo.lock", APP),
        ("hidden/Cargo.lock", APP),
        ("sub/.gitignore", "Cargo.lock\n"),
        ("sub/Cargo.lock", APP),
        ("sub/again/.gitignore", "!Cargo.lock\n"),
        ("sub/again/Cargo.lock", APP),
        ("env/pyvenv.cfg", "home = /usr\n"),
        ("env/lib/requirements.txt", "x\n"),
        ("deep/er/Cargo.lock", APP),
        ("vendor/smallvec/.cargo-checksum.json", "{}"),
        ("vendor/smallvec/Cargo.toml", "[package]\nname = \"smallvec\"\nversion = \"0.6.13\"\n[dependencies]\nmaybe-uninit = \"2\"\n"),
    ]);
    let run = tree.scan(&[]);
    let report = run.json();
    crate::json::assert_consistent(&report, run.code());
    let manifests: Vec<&str> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|f| f["id"] == "RUSTSEC-2021-0003")
        .filter_map(|f| f["manifest"].as_str())
        .collect();
    assert_eq!(manifests, ["Cargo.lock", "deep/er/Cargo.lock", "sub/again/Cargo.lock"]);
    assert_eq!(
        list(&report, "skipped"),
        [
            "env a Python environment: scan it by name",
            "generated/deep/Cargo.lock hidden by .gitignore",
            "hidden/Cargo.lock hidden by .gitignore",
            "sub/Cargo.lock hidden by sub/.gitignore",
            "target a build folder",
            "vendor/smallvec a vendored crate",
            "web/node_modules installed packages of npm",
        ]
    );
    assert_eq!(report["complete"], true, "{report}");
}

#[test]
fn a_manifest_is_covered_by_the_lockfile_that_lists_it() {
    let manifest = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n[dependencies]\nserde = \"1\"\n");
    let (app, stray) = (manifest("app"), manifest("stray"));
    let tree = Tree::new(&[
        ("Cargo.lock", APP),
        ("Cargo.toml", "[workspace]\nmembers = [\"member\"]\n[workspace.dependencies]\nserde = \"1\"\n"),
        ("member/Cargo.toml", &app),
        ("stray/Cargo.toml", &stray),
        ("ignored/Cargo.toml", &stray),
        ("ignored/Cargo.lock", APP),
        ("ignored/.gitignore", "Cargo.lock\n"),
        ("alone/Cargo.toml", "[package]\nname = \"alone\"\nversion = \"0.1.0\"\n"),
        ("web/package.json", "{}"),
        ("web/yarn.lock", ""),
        ("web/packages/a/package.json", "{}"),
    ]);
    let run = tree.scan(&[]);
    let report = run.json();
    crate::json::assert_consistent(&report, run.code());
    assert_eq!(
        list(&report, "unchecked"),
        ["ignored/Cargo.toml no-lockfile", "stray/Cargo.toml no-lockfile", "web/yarn.lock unsupported-format"]
    );
    assert!(report["unchecked"][0]["detail"].as_str().is_some_and(|d| d.contains("hidden by .gitignore")), "{report}");
    assert_eq!((&report["packages"]["unchecked"], &report["packages"]["own"]), (&Value::from(2), &Value::from(2)));
}

#[test]
fn a_damaged_lockfile_speaks_for_its_workspace() {
    let tree = Tree::new(&[
        ("Cargo.lock", "<html>"),
        ("a/Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.1.0\"\n[dependencies]\nserde = \"1\"\n"),
    ]);
    let run = tree.scan(&[]);
    assert_eq!(list(&run.json(), "unchecked"), ["Cargo.lock not-understood"]);
    assert_eq!(run.code(), 3);
}

#[test]
fn a_manifest_as_target_brings_its_lockfile() {
    let tree = Tree::new(&[
        ("Cargo.lock", APP),
        ("Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nsmallvec = \"0.6\"\n"),
    ]);
    let run = tree.scan(&["Cargo.toml"]);
    assert_eq!((run.code(), run.json()["files"]["found"].as_u64()), (1, Some(1)), "{}", run.text());
}

#[test]
fn several_targets_in_one_call() {
    let tree = Tree::new(&[("a/Cargo.lock", APP), ("b/Cargo.lock", APP), ("empty/readme.txt", "")]);
    let run = tree.scan(&["b", "a/Cargo.lock", "empty"]);
    let report = run.json();
    crate::json::assert_consistent(&report, run.code());
    let targets: Vec<_> =
        report["findings"].as_array().expect("a list").iter().map(|f| (f["target"].as_u64(), f["manifest"].as_str())).collect();
    assert_eq!(targets.iter().filter(|t| **t == (Some(0), Some("Cargo.lock"))).count(), targets.len() / 2);
    assert_eq!(list(&report, "unchecked"), [". no-dependency-files"]);
    let table = Overdue::new(["scan", "--as-of", AS_OF, "b", "a/Cargo.lock", "empty"]).in_folder(tree.path()).run();
    assert_case("several-targets", &table.text());
}

#[test]
fn nothing_to_scan_is_incomplete_unless_accepted() {
    let tree = Tree::new(&[("readme.txt", "")]);
    let run = tree.scan(&[]);
    assert_eq!((run.code(), run.json()["verdict"].as_str()), (3, Some("incomplete")));
    assert!(run.text().contains("--allow-empty"));
    let accepted = tree.scan(&["--allow-empty"]);
    assert_eq!((accepted.code(), accepted.json()["verdict"].as_str()), (0, Some("clean")));
    let forgiven = tree.scan(&["--allow-unchecked"]);
    assert_eq!((forgiven.code(), forgiven.json()["complete"].as_bool()), (0, Some(false)));
}

#[test]
fn a_project_without_third_parties_is_fine() {
    let own = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n";
    let run = Tree::new(&[("Cargo.lock", own)]).scan(&[]);
    let report = run.json();
    assert_eq!((run.code(), report["verdict"].as_str(), report["packages"]["own"].as_u64()), (0, Some("clean"), Some(1)), "{report}");
    assert_eq!(report["advisory_data"], Value::Array(Vec::new()));
}

#[test]
fn what_a_folder_is_is_told_by_its_content() {
    let tree = Tree::new(&[
        ("layout/oci-layout", "{}"),
        ("root/etc/os-release", "ID=debian\n"),
        ("root/var/lib/dpkg/status", ""),
        ("root/app/Cargo.lock", APP),
        ("venv/pyvenv.cfg", ""),
    ]);
    for (target, kind, code) in [("layout", "image", 3), ("root", "rootfs", 1), ("venv", "environment", 3)] {
        let run = tree.scan(&[target]);
        let report = run.json();
        crate::json::assert_consistent(&report, run.code());
        assert_eq!((run.code(), report["targets"][0]["kind"].as_str()), (code, Some(kind)), "{report}");
        assert_eq!(report["complete"], false);
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_and_named_outside() {
    use std::os::unix::fs::symlink;
    let outside = Tree::new(&[("Cargo.lock", APP), ("folder/Cargo.lock", APP)]);
    let tree = Tree::new(&[("real/Cargo.lock", APP), ("odd/locked.txt", APP), ("plain/readme.txt", "")]);
    let link = |to: &Path, from: &str| symlink(to, tree.path().join(from)).expect("a link");
    link(&tree.path().join("real/Cargo.lock"), "plain/Cargo.lock");
    fs::create_dir(tree.path().join("named")).expect("a folder");
    link(&tree.path().join("odd/locked.txt"), "named/Cargo.lock");
    fs::create_dir(tree.path().join("lost")).expect("a folder");
    link(Path::new("nowhere"), "lost/Cargo.lock");
    link(&outside.path().join("Cargo.lock"), "Cargo.lock");
    link(&outside.path().join("folder"), "away");
    link(tree.path(), "loop");
    fs::create_dir(tree.path().join("real/Cargo.toml")).expect("a folder of an odd name");

    let run = tree.scan(&[]);
    let report = run.json();
    crate::json::assert_consistent(&report, run.code());
    assert_eq!(list(&report, "unchecked"), ["Cargo.lock unreadable", "away unreadable", "lost/Cargo.lock unreadable"]);
    assert_eq!(list(&report, "skipped"), ["plain/Cargo.lock a link to real/Cargo.lock"]);
    let manifests: Vec<&str> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|f| f["id"] == "RUSTSEC-2021-0003")
        .filter_map(|f| f["manifest"].as_str())
        .collect();
    assert_eq!(manifests, ["named/Cargo.lock", "real/Cargo.lock"]);
}

#[test]
fn the_table_says_where_things_are_from_here() {
    let run =
        Overdue::new(["scan", "--as-of", AS_OF, "--fail-on", "never", "inventory/cargo_lock/sources.lock"]).in_folder(fixture("")).run();
    assert_case("sources", &run.text());
}

#[test]
fn a_lockfile_of_an_older_version_or_another_workspace_does_not_cover() {
    let manifest =
        |version: &str, more: &str| format!("[package]\nname = \"app\"\nversion = {version}\n[dependencies]\nserde = \"1\"\n{more}");
    let tree = Tree::new(&[
        ("Cargo.lock", APP),
        ("old/Cargo.toml", &manifest("\"0.0.9\"", "")),
        ("apart/Cargo.toml", &manifest("\"0.1.0\"", "[workspace]\n")),
        ("member/Cargo.toml", &manifest("{ workspace = true }", "")),
    ]);
    assert_eq!(list(&tree.scan(&[]).json(), "unchecked"), ["apart/Cargo.toml no-lockfile", "old/Cargo.toml no-lockfile"]);
}

#[test]
fn a_lockfile_beside_must_list_the_package_and_a_workspace_wants_one() {
    let member = "[package]\nname = \"a\"\nversion.workspace = true\n[dependencies]\nserde = \"1\"\n";
    let tree = Tree::new(&[
        ("outer/Cargo.lock", &APP.replace("\"app\"", "\"a\"")),
        ("outer/old/Cargo.toml", "[workspace]\nmembers = [\"a\"]\n[workspace.package]\nversion = \"0.0.1\"\n"),
        ("outer/old/a/Cargo.toml", member),
        ("other/Cargo.lock", APP),
        ("other/Cargo.toml", "[package]\nname = \"zzz\"\nversion = \"1.0.0\"\n[dependencies]\nserde = \"1\"\n"),
        ("virtual/Cargo.toml", "[workspace]\nmembers = [\"../elsewhere\"]\n"),
    ]);
    let unchecked = [
        "other/Cargo.toml no-lockfile",
        "outer/old/Cargo.toml no-lockfile",
        "outer/old/a/Cargo.toml no-lockfile",
        "virtual/Cargo.toml no-lockfile",
    ];
    assert_eq!(list(&tree.scan(&[]).json(), "unchecked"), unchecked);
}

#[test]
fn braces_in_gitignore_are_braces() {
    let tree = Tree::new(&[
        (".gitignore", "a{b}\n{c,d}\ne\\{f\\}\n"),
        ("ab/Cargo.lock", APP),
        ("c/Cargo.lock", APP),
        ("a{b}/Cargo.lock", APP),
        ("e{f}/Cargo.lock", APP),
    ]);
    let report = tree.scan(&[]).json();
    assert_eq!(list(&report, "skipped"), ["a{b}/Cargo.lock hidden by .gitignore", "e{f}/Cargo.lock hidden by .gitignore"]);
    assert_eq!(report["files"]["checked"], 2);
}

#[test]
fn a_repository_in_a_repository_has_its_own_rules_and_a_named_target_is_never_hidden() {
    let tree = Tree::new(&[
        (".git/HEAD", ""),
        (".gitignore", "Cargo.lock\ninner/\nbuild/\n"),
        ("inner/.git/HEAD", ""),
        ("inner/Cargo.lock", APP),
        ("build/deep/Cargo.toml", "[package]\nname = \"b\"\nversion = \"0.1.0\"\n"),
        ("vendor/.git/HEAD", ""),
        ("vendor/Cargo.lock", APP),
    ]);
    let report = tree.scan(&[]).json();
    assert_eq!(list(&report, "skipped"), ["build/deep/Cargo.toml hidden by .gitignore", "inner/Cargo.lock hidden by .gitignore"]);
    assert_eq!(report["files"]["checked"], 1);
    assert_eq!(tree.scan(&["build"]).json()["files"]["checked"], 1);
}

#[test]
fn what_git_tracks_is_neither_hidden_nor_a_build_folder() {
    for (format, version) in [("sha1", "2"), ("sha1", "4"), ("sha256", "3")] {
        let project = Project::new();
        project.git(&["init", "--quiet", &format!("--object-format={format}")]);
        project.git(&["config", "index.version", version]);
        project.write("hidden/Cargo.lock", APP).write("target/deep/Cargo.lock", APP).write("also-hidden/Cargo.lock", APP);
        project.write("a/much/longer/path/than/the/others/readme.txt", "").write("also-hidden/z.txt", "");
        project.git(&["add", "--all"]);
        project.git(&["rm", "--quiet", "--cached", "also-hidden/Cargo.lock"]);
        project.write(".gitignore", "*hidden/\n").write("other/target/Cargo.lock", APP);
        let run = project.scan(&["--format", "json"]);
        assert_eq!(
            list(&run.json(), "skipped"),
            ["also-hidden/Cargo.lock hidden by .gitignore", "other/target a build folder"],
            "{format} {version}"
        );
        assert_eq!(run.json()["files"]["checked"], 2);
    }
}

#[test]
fn where_the_index_cannot_be_read_anything_may_be_tracked() {
    let project = Project::repository();
    project.write("hidden/Cargo.lock", APP).write("b/Cargo.lock", APP).commit();
    project.write(".gitignore", "hidden/\n");
    let checked = || project.scan(&["--format", "json"]).json()["files"]["checked"].clone();
    assert_eq!(checked(), 2);
    project.git(&["update-index", "--split-index"]);
    assert_eq!(checked(), 2);
    fs::write(project.path().join(".git/index"), "DIRC").expect("written");
    assert_eq!(checked(), 2);
    fs::remove_file(project.path().join(".git/index")).expect("removed");
    assert_eq!(checked(), 1);
}

#[test]
fn a_file_that_two_targets_reach_is_read_once() {
    let tree = Tree::new(&[("sub/Cargo.lock", APP), ("sub/Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\n")]);
    for words in [vec![".", "sub"], vec!["sub", "sub/Cargo.lock"], vec!["sub", "./sub"]] {
        let run = tree.scan(&words);
        let report = run.json();
        crate::json::assert_consistent(&report, run.code());
        assert_eq!((report["findings"].as_array().map(Vec::len), &report["files"]["checked"]), (Some(1), &1.into()), "{words:?}");
        assert_eq!(list(&report, "skipped"), [format!("Cargo.lock read already, in the target {}", words[0])], "{words:?}");
    }
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_stay_two_names() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let tree = Tree::new(&[]);
    for (name, text) in [(b"\xfe", APP.to_owned()), (b"\xff", APP.replace("0.6.13", "0.6.12"))] {
        let folder = tree.path().join(OsStr::from_bytes(name));
        if fs::create_dir(&folder).is_ok() {
            fs::write(folder.join("Cargo.lock"), text).expect("written");
        }
    }
    let report = tree.scan(&[]).json();
    let found = report["files"]["checked"].as_u64().expect("a number");
    // Some file systems take no such names.
    assert!(found == 2 || found == 0, "{report}");
    if found == 2 {
        let manifests: Vec<&str> = report["manifests"].as_array().expect("a list").iter().filter_map(|m| m["path"].as_str()).collect();
        assert_eq!(manifests, ["\\xFE/Cargo.lock", "\\xFF/Cargo.lock"]);
    }
}

#[test]
fn a_package_of_the_same_name_as_the_lockfiles_own_is_not_covered_by_it() {
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nserde = \"1\"\n";
    let root = format!("{manifest}[workspace]\nexclude = [\"sub\"]\n");
    let tree = Tree::new(&[("Cargo.lock", APP), ("Cargo.toml", &root), ("sub/Cargo.toml", manifest)]);
    assert_eq!(list(&tree.scan(&[]).json(), "unchecked"), ["sub/Cargo.toml no-lockfile"]);
}

#[cfg(unix)]
#[test]
fn a_linked_lockfile_covers_the_manifest_beside_the_link_and_a_pipe_is_not_waited_for() {
    let tree = Tree::new(&[
        ("real/Cargo.lock", APP),
        ("app/Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nsmallvec = \"0.6\"\n"),
    ]);
    std::os::unix::fs::symlink("../real/Cargo.lock", tree.path().join("app/Cargo.lock")).expect("a link");
    let report = tree.scan(&[]).json();
    assert_eq!((list(&report, "unchecked"), &report["files"]["found"]), (Vec::new(), &1.into()));

    let made = std::process::Command::new("mkfifo").arg(tree.path().join("real/pipe")).status();
    if made.is_ok_and(|status| status.success()) {
        fs::create_dir(tree.path().join("piped")).expect("a folder");
        std::os::unix::fs::symlink("../real/pipe", tree.path().join("piped/Cargo.lock")).expect("a link");
        std::os::unix::fs::symlink("../real/pipe", tree.path().join("piped/Cargo.toml")).expect("a link");
        let report = tree.scan(&[]).json();
        assert_eq!(list(&report, "unchecked"), ["piped/Cargo.lock unreadable", "piped/Cargo.toml unreadable"]);
        assert_eq!(tree.scan(&["real/pipe"]).code(), 2);
    }
}

#[test]
fn options_may_stand_before_the_command_and_an_empty_variable_is_unset() {
    let tree = Tree::new(&[("Cargo.lock", APP), ("db/Cargo.lock", APP)]);
    for words in [
        vec!["--format", "json", "scan", "--as-of", AS_OF, "."],
        vec!["--as-of", AS_OF, "--format=json"],
        vec!["--format", "json", "--as-of", AS_OF, "./db"],
    ] {
        let run = Overdue::new(words).env("OVERDUE_DB", "").in_folder(tree.path()).run();
        assert_eq!(run.code(), 1, "{}", run.text());
        assert!(run.json()["findings"].is_array());
    }
}
