//! The gate that counts only what is new: against a git revision, and against an earlier report. In every case the
//! report itself still holds everything.

use serde_json::Value;

use crate::{
    harness::Run,
    projects::{FIXED, OLD, OTHER, Project, git, lockfile, run, scan},
};

/// New, fixed, changed, unchanged, unknown; and what the gate counted.
fn counts(run: &Run) -> ([u64; 5], u64) {
    let report = run.json();
    let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("no number\n{}", run.text()));
    let compared = &report["compared"];
    let counts = ["new", "fixed", "changed", "unchanged", "unknown"].map(|key| number(&compared[key]));
    assert_eq!(report["findings"].as_array().expect("a list").len() as u64, counts[0] + counts[2] + counts[3], "the report lost a finding");
    (counts, number(&report["gate"]["counted"]))
}

struct Case {
    name: &'static str,
    base: Vec<(&'static str, String)>,
    head: Vec<(&'static str, String)>,
    /// New, fixed, changed, unchanged, unknown.
    counts: [u64; 5],
    code: i32,
    /// Where an earlier report, which does not hold the packages of a file, tells less than a revision.
    from_a_report: Option<([u64; 5], i32)>,
}

fn case(name: &'static str, base: &[(&'static str, &str)], head: &[(&'static str, &str)], counts: [u64; 5], code: i32) -> Case {
    let owned = |files: &[(&'static str, &str)]| files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
    Case { name, base: owned(base), head: owned(head), counts, code, from_a_report: None }
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<Case> {
    let app = |crates: &[(&str, &str)]| lockfile("app", crates);
    let (old, fixed, other, both) = (app(&[OLD]), app(&[FIXED]), app(&[OTHER]), app(&[OLD, OTHER]));
    let filler: Vec<(String, String)> = (0..20).map(|n| (format!("filler-{n}"), "1.0.0".to_owned())).collect();
    let padded = |more: &[(&'static str, &'static str)], project: &str| {
        let filler = filler.iter().map(|(name, version)| (name.as_str(), version.as_str()));
        lockfile(project, &filler.chain(more.iter().copied()).collect::<Vec<_>>())
    };
    let lines_moved = old.replace("version = 4\n", "# a comment\n\n\nversion = 4\n");
    let (moved, moved_and_worse) = (padded(&[OLD], "app"), padded(&[OLD, OTHER], "app"));
    let stranger = padded(&[OLD], "stranger");
    let two_versions = app(&[OLD, ("smallvec", "1.6.0")]);
    vec![
        case("nothing changed", &[("Cargo.lock", &old)], &[("Cargo.lock", &old)], [0, 0, 0, 1, 0], 0),
        case("lines moved", &[("Cargo.lock", &old)], &[("Cargo.lock", &lines_moved)], [0, 0, 0, 1, 0], 0),
        case(
            "a bump to another vulnerable version",
            &[("Cargo.lock", &old)],
            &[("Cargo.lock", &app(&[("smallvec", "0.6.10")]))],
            [1, 0, 0, 1, 0],
            0,
        ),
        case("a bump that mends", &[("Cargo.lock", &old)], &[("Cargo.lock", &fixed)], [0, 1, 0, 0, 0], 0),
        case("one more", &[("Cargo.lock", &old)], &[("Cargo.lock", &both)], [1, 0, 0, 1, 0], 1),
        case("one swapped for another", &[("Cargo.lock", &old)], &[("Cargo.lock", &other)], [1, 1, 0, 0, 0], 1),
        case("a second version of the same crate", &[("Cargo.lock", &old)], &[("Cargo.lock", &two_versions)], [1, 0, 0, 1, 0], 1),
        case("one of two versions removed", &[("Cargo.lock", &two_versions)], &[("Cargo.lock", &old)], [0, 1, 0, 1, 0], 0),
        case("a manifest moved", &[("a/Cargo.lock", &moved)], &[("b/c/Cargo.lock", &moved)], [0, 0, 0, 1, 0], 0),
        Case {
            from_a_report: Some(([2, 1, 0, 0, 0], 1)),
            ..case("a manifest moved and changed", &[("a/Cargo.lock", &moved)], &[("b/Cargo.lock", &moved_and_worse)], [1, 0, 0, 1, 0], 1)
        },
        case(
            "one line of a crate mended, the other made vulnerable",
            &[("Cargo.lock", &app(&[FIXED, ("smallvec", "1.6.0")]))],
            &[("Cargo.lock", &app(&[OLD, ("smallvec", "1.6.1")]))],
            [1, 1, 0, 0, 0],
            1,
        ),
        case(
            "the only line mended, another brought in vulnerable",
            &[("Cargo.lock", &old)],
            &[("Cargo.lock", &app(&[FIXED, ("smallvec", "1.6.0")]))],
            [1, 1, 0, 0, 0],
            1,
        ),
        case(
            "from one vulnerable line to another",
            &[("Cargo.lock", &old)],
            &[("Cargo.lock", &app(&[("smallvec", "1.6.0")]))],
            [0, 0, 0, 1, 0],
            0,
        ),
        case(
            "a new manifest that poses as a vendored crate's",
            &[("a/Cargo.lock", &fixed)],
            &[("a/Cargo.lock", &fixed), ("b/Cargo.lock", &old), ("b/.cargo-checksum.json", "{}")],
            [0, 0, 0, 0, 0],
            3,
        ),
        case(
            "one more vendored crate beside others",
            &[("Cargo.lock", &fixed), ("vendor/a/.cargo-checksum.json", "{}"), ("vendor/a/Cargo.lock", &old)],
            &[
                ("Cargo.lock", &fixed),
                ("vendor/a/.cargo-checksum.json", "{}"),
                ("vendor/a/Cargo.lock", &old),
                ("vendor/b/.cargo-checksum.json", "{}"),
                ("vendor/b/Cargo.lock", &old),
            ],
            [0, 0, 0, 0, 0],
            0,
        ),
        case(
            "a manifest replaced by that of another project",
            &[("a/Cargo.lock", &moved)],
            &[("b/Cargo.lock", &stranger)],
            [1, 1, 0, 0, 0],
            1,
        ),
        case("a manifest copied", &[("a/Cargo.lock", &old)], &[("a/Cargo.lock", &old), ("b/Cargo.lock", &old)], [1, 0, 0, 1, 0], 1),
        case("a manifest added", &[("a/Cargo.lock", &fixed)], &[("a/Cargo.lock", &fixed), ("b/Cargo.lock", &other)], [1, 0, 0, 0, 0], 1),
        case("a manifest removed", &[("a/Cargo.lock", &old), ("b/Cargo.lock", &other)], &[("b/Cargo.lock", &other)], [0, 1, 0, 1, 0], 0),
        case(
            "two manifests swapped",
            &[("a/Cargo.lock", &old), ("b/Cargo.lock", &other)],
            &[("a/Cargo.lock", &other), ("b/Cargo.lock", &old)],
            [2, 2, 0, 0, 0],
            1,
        ),
        case("a base without manifests", &[("readme.txt", "")], &[("Cargo.lock", &old)], [1, 0, 0, 0, 0], 1),
        case("a manifest that can no longer be read", &[("Cargo.lock", &old)], &[("Cargo.lock", "<html>")], [0, 0, 0, 0, 1], 3),
        case("a manifest that could not be read before", &[("Cargo.lock", "<html>")], &[("Cargo.lock", &old)], [1, 0, 0, 0, 0], 1),
        case(
            "a manifest that a rule would hide, were it not tracked",
            &[("a/Cargo.lock", &old), ("b/Cargo.lock", &fixed)],
            &[("a/Cargo.lock", &both), (".gitignore", "a/\n"), ("b/Cargo.lock", &fixed)],
            [1, 0, 0, 1, 0],
            1,
        ),
        case(
            "a manifest that poses as a vendored crate's now",
            &[("a/Cargo.lock", &old), ("b/Cargo.lock", &fixed)],
            &[("a/Cargo.lock", &both), ("a/.cargo-checksum.json", "{}"), ("b/Cargo.lock", &fixed)],
            [0, 0, 0, 0, 1],
            3,
        ),
        case(
            "a manifest in what would pass for an environment, were it not tracked",
            &[("a/Cargo.lock", &fixed), ("b/Cargo.lock", &fixed)],
            &[("a/Cargo.lock", &both), ("a/pyvenv.cfg", ""), ("b/Cargo.lock", &fixed)],
            [2, 0, 0, 0, 0],
            1,
        ),
        case(
            "a manifest moved into what looks like a build folder",
            &[("a/Cargo.lock", &moved)],
            &[("target/Cargo.lock", &moved)],
            [0, 0, 0, 1, 0],
            0,
        ),
        case(
            "a vendored copy does not count on either side",
            &[("node_modules/x/Cargo.lock", &other), ("Cargo.lock", &old)],
            &[("node_modules/x/Cargo.lock", &both), ("Cargo.lock", &old)],
            [0, 0, 0, 1, 0],
            0,
        ),
    ]
}

/// A project with the case's two commits; the files are those of the later one.
fn commits(case: &Case) -> (Project, String) {
    let project = Project::repository();
    for (path, text) in &case.base {
        project.write(path, text);
    }
    let base = project.commit();
    for (path, _) in &case.base {
        project.remove(path);
    }
    for (path, text) in &case.head {
        project.write(path, text);
    }
    // What a rule hides is kept by git all the same, once it is there.
    project.git(&["add", "--all", "--force"]);
    project.commit();
    (project, base)
}

#[test]
fn against_a_revision() {
    for case in cases() {
        let (project, base) = commits(&case);
        let range = format!("{base}..HEAD");
        for since in [base.as_str(), "HEAD~1", &range] {
            let run = project.scan(&["--format", "json", "--new-since", since]);
            let (counts, counted) = counts(&run);
            assert_eq!((counts, run.code()), (case.counts, case.code), "{} since {since}\n{}", case.name, run.text());
            assert_eq!(counted > 0, run.code() == 1, "{}", case.name);
        }
    }
}

#[test]
fn against_a_report() {
    for case in cases() {
        let (project, base) = commits(&case);
        let (before, elsewhere) = (Project::new(), Project::new());
        git(project.path(), &["worktree", "add", "--quiet", &before.path().join("base").display().to_string(), &base]);
        let report = scan(&before.path().join("base"), &["--format", "json"]).stdout();
        elsewhere.write("old.json", report);
        let old = elsewhere.path().join("old.json").display().to_string();
        let run = project.scan(&["--format", "json", "--baseline", &old]);
        let (counts, _) = counts(&run);
        let (expected, code) = case.from_a_report.unwrap_or((case.counts, case.code));
        assert_eq!((counts, run.code()), (expected, code), "{}\n{}", case.name, run.text());
    }
}

#[test]
fn uncommitted_changes_count_and_a_range_leaves_them_out() {
    let project = Project::repository();
    project.write("Cargo.lock", lockfile("app", &[FIXED])).commit();
    project.write("Cargo.lock", lockfile("app", &[OLD]));
    assert_eq!(project.scan(&["--new-since", "HEAD"]).code(), 1);
    assert_eq!(project.scan(&["--new-since", "HEAD..HEAD"]).code(), 0);
}

#[test]
fn a_folder_of_the_repository_and_a_single_file() {
    let project = Project::repository();
    project.write("a b/Cargo.lock", lockfile("app", &[OLD])).write("other/Cargo.lock", lockfile("other", &[FIXED])).commit();
    project.write("other/Cargo.lock", lockfile("other", &[OTHER])).commit();
    for (folder, target, code) in
        [("", "a b", 0), ("", "a b/Cargo.lock", 0), ("", "other", 1), ("a b", ".", 0), ("a b", "../other/Cargo.lock", 1)]
    {
        let run = scan(&project.path().join(folder), &["--new-since", "HEAD~1", target]);
        assert_eq!(run.code(), code, "{folder} {target}\n{}", run.text());
    }
}

#[test]
fn what_main_mended_meanwhile_is_not_new_where_they_parted() {
    let project = Project::repository();
    project.write("Cargo.lock", lockfile("app", &[OLD])).commit();
    project.git(&["checkout", "--quiet", "-b", "feature"]);
    project.write("readme.txt", "words").commit();
    project.git(&["checkout", "--quiet", "main"]);
    project.write("Cargo.lock", lockfile("app", &[FIXED])).commit();
    project.git(&["checkout", "--quiet", "feature"]);
    assert_eq!(project.scan(&["--new-since", "main"]).code(), 1);
    assert_eq!(project.scan(&["--new-since", "main...HEAD"]).code(), 0);
    // A merge queue tests the merge of both.
    project.git(&["merge", "--quiet", "--no-edit", "main"]);
    assert_eq!(project.scan(&["--new-since", "main", "--format", "json"]).json()["findings"], Value::Array(Vec::new()));
}

#[cfg(unix)]
#[test]
fn links_and_submodules_are_read_as_on_disk() {
    use std::os::unix::fs::symlink;
    let library = Project::repository();
    library.write("Cargo.lock", lockfile("library", &[FIXED])).commit();
    library.write("Cargo.lock", lockfile("library", &[OTHER])).commit();
    let project = Project::repository();
    project.write("real/locked.txt", lockfile("app", &[OLD])).write("x/y.txt", "");
    symlink("../real/locked.txt", project.path().join("x/Cargo.lock")).expect("a link");
    symlink("../../outside/Cargo.lock", project.path().join("real/Cargo.lock")).expect("a link");
    project.commit();
    let run = project.scan(&["--new-since", "HEAD", "--format", "json"]);
    assert_eq!((counts(&run).0, run.code()), ([0, 0, 0, 1, 0], 3), "{}", run.text());
    let run = project.scan(&["--new-since", "HEAD..", "--format", "json"]);
    assert_eq!((counts(&run).0, run.code()), ([0, 0, 0, 1, 0], 3), "{}", run.text());

    // A submodule is read at the commit that each side names.
    let fixed = library.git(&["rev-parse", "HEAD~1"]);
    project.git(&["submodule", "--quiet", "add", &library.path().display().to_string(), "library"]);
    git(&project.path().join("library"), &["checkout", "--quiet", &fixed]);
    project.commit();
    git(&project.path().join("library"), &["checkout", "--quiet", "main"]);
    project.commit();
    for (since, expected, code) in [
        ("HEAD", [0, 0, 0, 2, 0], 3),
        ("HEAD~1", [1, 0, 0, 1, 0], 1),
        ("HEAD~1..HEAD", [1, 0, 0, 1, 0], 1),
        ("HEAD~2..HEAD~1", [0, 0, 0, 1, 0], 3),
    ] {
        let run = project.scan(&["--new-since", since, "--format", "json"]);
        assert_eq!((counts(&run).0, run.code()), (expected, code), "{since}\n{}", run.text());
    }
    // As a target of its own it is compared with what the superproject had of it.
    for (target, since, code) in [("library", "HEAD~1", 1), ("library/Cargo.lock", "HEAD~1", 1), ("library", "HEAD", 0)] {
        assert_eq!(project.scan(&["--new-since", since, target]).code(), code, "{target} {since}");
    }
    // Not checked out and not as it was, it is not known; as it was, it is named.
    project.git(&["submodule", "--quiet", "deinit", "--force", "library"]);
    project.remove("real/Cargo.lock");
    project.git(&["rm", "--quiet", "--cached", "real/Cargo.lock"]);
    for (since, code) in [("HEAD~1", 3), ("HEAD", 0)] {
        let run = project.scan(&["--new-since", since, "--format", "json"]);
        assert_eq!(run.code(), code, "{since}\n{}", run.text());
        assert!(run.json()["skipped"].to_string().contains("a submodule that is not checked out"), "{}", run.text());
    }
    project.git(&["submodule", "--quiet", "update", "--init", "--no-fetch"]);
    // Its own paths are told from the superproject's root.
    let report = scan(&project.path().join("library"), &["--format", "json"]).json();
    assert_eq!(report["targets"][0]["base"], "library");
}

#[cfg(unix)]
#[test]
fn a_link_to_a_folder_outside_is_unchecked_on_both_sides() {
    let outside = Project::new();
    outside.write("Cargo.lock", lockfile("app", &[OLD]));
    let project = Project::repository();
    project.write("Cargo.lock", lockfile("app", &[FIXED])).commit();
    std::os::unix::fs::symlink(outside.path(), project.path().join("away")).expect("a link");
    project.commit();
    for since in ["HEAD~1", "HEAD~1..HEAD"] {
        assert_eq!(project.scan(&["--new-since", since]).code(), 3, "{since}");
    }
}

#[test]
fn a_file_that_is_tracked_and_not_checked_out_is_not_mended() {
    let project = Project::repository();
    project.write("a/Cargo.lock", lockfile("app", &[OLD])).write("b/Cargo.lock", lockfile("b", &[FIXED])).commit();
    project.remove("a/Cargo.lock");
    let run = project.scan(&["--new-since", "HEAD", "--format", "json"]);
    assert_eq!(run.code(), 3, "{}", run.text());
    assert_eq!(run.json()["unchecked"][0]["reason"], "no-longer-read");
    crate::json::assert_consistent(&run.json(), run.code());
    // Taken out of git as well, it is gone.
    project.git(&["rm", "--quiet", "--cached", "a/Cargo.lock"]);
    assert_eq!(project.scan(&["--new-since", "HEAD"]).code(), 0);
    // Hidden and out of git, it is there and passed over.
    project.write("a/Cargo.lock", lockfile("app", &[OLD])).write(".gitignore", "a/\n");
    assert_eq!(project.scan(&["--new-since", "HEAD"]).code(), 3);
}

#[test]
fn two_repositories_are_never_taken_for_each_other() {
    let around = Project::new();
    for (name, base) in [("a", vec![OLD]), ("b", vec![FIXED])] {
        around.git(&["init", "--quiet", name]);
        around.write(&format!("{name}/Cargo.lock"), lockfile("app", &base));
        git(&around.path().join(name), &["add", "--all"]);
        git(&around.path().join(name), &["commit", "--quiet", "--message", "base"]);
    }
    around.write("old.json", around.scan(&["--format", "json", "a", "b"]).stdout());
    around.write("b/Cargo.lock", lockfile("app", &[OLD]));
    for words in [vec!["--new-since", "HEAD", "a", "b"], vec!["--new-since", "HEAD", "b", "a"], vec!["--baseline", "old.json", "a", "b"]] {
        let run = around.scan(&[vec!["--format", "json"], words.clone()].concat());
        assert_eq!((counts(&run).0, run.code()), ([1, 0, 0, 1, 0], 1), "{words:?}\n{}", run.text());
    }
    let sarif = around.scan(&["--format", "sarif", "a", "b"]).json();
    let results = sarif["runs"][0]["results"].as_array().expect("results").len();
    assert_eq!(results, 2, "{sarif}");
}

#[test]
fn another_version_that_is_worse_counts_and_a_new_grade_does_not() {
    let project = Project::repository();
    let record = |id: &str, alias: &str, from: &str, to: &str, more: &str| {
        project.write(
            &format!("osv/{id}.json"),
            format!(
                r#"{{"id": "{id}", "aliases": ["{alias}"], "modified": "2026-08-21T00:00:00Z", "published": "2026-08-01T00:00:00Z", {more}
                "affected": [{{"package": {{"ecosystem": "crates.io", "name": "foo"}}, "ranges": [{{"type": "SEMVER", "events": [{{"introduced": "{from}"}}, {{"fixed": "{to}"}}]}}]
                {}}}]}}"#,
                if more.is_empty() { r#", "database_specific": {"informational": "unsound"}"# } else { "" }
            ),
        );
    };
    let grave = r#""severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],"#;
    record("RUSTSEC-2099-0001", "GHSA-aaaa-bbbb-cccc", "0", "1.5.0", "");
    record("GHSA-aaaa-bbbb-cccc", "RUSTSEC-2099-0001", "1.5.0", "2.0.0", grave);
    let db = project.path().join("db").display().to_string();
    assert_eq!(run(project.path(), &["db", "import", "--db", &db, "osv"]).code(), 0);
    project.write("Cargo.lock", lockfile("app", &[("foo", "1.0.0")])).commit();
    let scan = |words: &[&str]| project.scan(&[&["--db", &db, "Cargo.lock"], words].concat());
    assert_eq!(scan(&["--new-since", "HEAD"]).code(), 0);
    project.write("Cargo.lock", lockfile("app", &[("foo", "1.6.0")]));
    let worse = scan(&["--new-since", "HEAD", "--format", "json"]);
    assert_eq!((counts(&worse), worse.code()), (([0, 0, 1, 0, 0], 1), 1), "{}", worse.text());
    assert_eq!(scan(&["--new-since", "HEAD", "--fail-on", "critical"]).code(), 1);
    // Only the data changed: the version was there before.
    project.write("Cargo.lock", lockfile("app", &[("foo", "1.0.0")])).write("old.json", scan(&["--format", "json"]).stdout());
    record("RUSTSEC-2099-0001", "GHSA-aaaa-bbbb-cccc", "0", "1.5.0", grave);
    assert_eq!(run(project.path(), &["db", "import", "--db", &db, "osv"]).code(), 0);
    let regraded = scan(&["--baseline", "old.json", "--format", "json"]);
    assert_eq!((counts(&regraded), regraded.code()), (([0, 0, 1, 0, 0], 0), 0), "{}", regraded.text());
}

#[test]
fn files_that_look_like_a_repository_do_not_forge_a_base() {
    let project = Project::repository();
    project.write("backend/Cargo.lock", lockfile("app", &[FIXED])).commit();
    project.git(&["checkout", "--quiet", "-b", "pull"]);
    // A bare repository among the files, whose `main` has the finding already.
    project.git(&["init", "--quiet", "--bare", "--initial-branch=main", "backend"]);
    let elsewhere = Project::repository();
    elsewhere.write("Cargo.lock", lockfile("app", &[OLD])).commit();
    elsewhere.git(&["push", "--quiet", &project.path().join("backend").display().to_string(), "main"]);
    project.write("backend/Cargo.lock", lockfile("app", &[OLD])).commit();
    for target in ["backend", "backend/Cargo.lock", "."] {
        assert_eq!(project.scan(&["--new-since", "main", target]).code(), 1, "{target}");
    }
    // A bare repository on its own is one.
    let run = scan(&project.path().join("backend"), &["--new-since", "main.."]);
    assert_eq!(run.code(), 1, "{}", run.text());
}

#[test]
fn a_lockfile_that_is_deleted_mends_nothing() {
    let project = Project::repository();
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nsmallvec = \"0.6\"\n";
    project.write("a/Cargo.toml", manifest).write("a/Cargo.lock", lockfile("app", &[OLD])).commit();
    project.write("old.json", project.scan(&["--format", "json", "a"]).stdout());
    project.remove("a/Cargo.lock").commit();
    for words in [["--new-since", "HEAD~1"], ["--baseline", "old.json"]] {
        let run = project.scan(&[&["--format", "json", "a"], &words[..]].concat());
        assert_eq!((counts(&run).0, run.code()), ([0, 0, 0, 0, 1], 3), "{words:?}\n{}", run.text());
    }
}

#[test]
fn what_is_no_longer_asked_for_is_not_mended() {
    let project = Project::new();
    project.write("Cargo.lock", lockfile("app", &[FIXED]));
    project.write("old.json", project.scan(&["--rust-version", "1.40.0", "--format", "json"]).stdout());
    project.write("new.json", project.scan(&["--format", "json"]).stdout());
    let diff = run(project.path(), &["diff", "old.json", "new.json", "--format", "json"]);
    assert_eq!((diff.code(), diff.json()["fixed"].as_array().map(Vec::len)), (3, Some(0)), "{}", diff.text());
}

#[test]
fn what_cannot_be_compared_is_never_green() {
    let project = Project::repository();
    project.write("Cargo.lock", lockfile("app", &[OLD])).commit();
    project.write("readme.txt", "words").commit();
    project.git(&["checkout", "--quiet", "--orphan", "orphan"]);
    project.commit();
    project.git(&["checkout", "--quiet", "main"]);
    let outside = Project::new();
    let shallow = outside.path().join("shallow").display().to_string();
    git(outside.path(), &["clone", "--quiet", "--depth=1", &format!("file://{}", project.path().display()), &shallow]);
    let plain = Project::new();
    plain.write("Cargo.lock", lockfile("app", &[OLD]));
    for (name, text) in [("no-json", "{"), ("other-tool", r#"{"schema_version": "1", "tool": {"name": "other"}}"#), ("list", "[]")] {
        plain.write(&format!("{name}.json"), text);
    }
    plain.write("schema-9.json", r#"{"schema_version": "9", "tool": {"name": "overdue"}}"#);
    plain.write("no-findings.json", r#"{"schema_version": "1", "tool": {"name": "overdue"}, "as_of": "2026-01-01", "targets": []}"#);
    let here = project.path();
    for (folder, words, cure) in [
        (std::path::Path::new(&shallow), vec!["--new-since", "HEAD~1"], "fetch-depth: 0"),
        (here, vec!["--new-since", "no-such-branch"], "origin/main"),
        (here, vec!["--new-since", "a\nb"], "there is no revision"),
        (here, vec!["--new-since", "HEAD:Cargo.lock"], "is a blob"),
        (here, vec!["--new-since", "HEAD^{tree}"], "is a tree"),
        (here, vec!["--new-since", "orphan...HEAD"], "no common ancestor"),
        (plain.path(), vec!["--new-since", "HEAD"], "--baseline"),
        (plain.path(), vec!["--new-since", ""], "name a revision"),
        (plain.path(), vec!["--baseline", "no-such-file.json"], "--format json"),
        (plain.path(), vec!["--baseline", "no-json.json"], "--format json"),
        (plain.path(), vec!["--baseline", "list.json"], "--format json"),
        (plain.path(), vec!["--baseline", "other-tool.json"], "not of overdue"),
        (plain.path(), vec!["--baseline", "schema-9.json"], "schema 1"),
        (plain.path(), vec!["--baseline", "no-findings.json"], "findings"),
        (plain.path(), vec!["--baseline", "no-findings.json", "--new-since", "HEAD"], "cannot be used with"),
    ] {
        let run = scan(folder, &words);
        assert_eq!((run.code(), run.stdout()), (2, String::new()), "{words:?}\n{}", run.text());
        assert!(run.stderr().contains(cure), "{words:?} does not say {cure}\n{}", run.stderr());
    }
}

#[test]
fn a_clone_without_its_files_is_refused_and_nothing_is_fetched() {
    let project = Project::repository();
    project.git(&["config", "uploadpack.allowFilter", "true"]);
    project.write("Cargo.lock", lockfile("app", &[OLD])).commit();
    project.write("Cargo.lock", lockfile("app", &[FIXED])).commit();
    let outside = Project::new();
    let partial = outside.path().join("partial").display().to_string();
    git(outside.path(), &["clone", "--quiet", "--filter=blob:none", &format!("file://{}", project.path().display()), &partial]);
    let run = scan(std::path::Path::new(&partial), &["--new-since", "HEAD~1"]);
    assert_eq!(run.code(), 2, "{}", run.text());
    assert!(run.stderr().contains("lacks the object") && run.stderr().contains("filter"), "{}", run.stderr());
}

#[test]
fn two_reports_compared() {
    let project = Project::new();
    let keep = |name: &str, as_of: &str| {
        let report = run(project.path(), &["scan", "--format", "json", "--max-db-age", "900d", "--as-of", as_of, "lock"]).stdout();
        project.write(name, report);
    };
    project.write("lock/Cargo.lock", lockfile("app", &[OLD, ("h2", "0.4.10"), ("chrono", "0.4.19")]));
    keep("old.json", "2026-08-22");
    project.write(
        "lock/Cargo.lock",
        lockfile("app", &[FIXED, ("h2", "0.4.11"), OTHER]).replace("\"time 0.1.43\",", "\"time 0.1.43\",\n \"chrono\","),
    );
    keep("new.json", "2026-10-01");
    let run = run(project.path(), &["diff", "old.json", "new.json"]);
    crate::harness::assert_case("diff-table", &run.text());
    let run = crate::projects::run(project.path(), &["diff", "old.json", "new.json", "--format", "json"]);
    crate::harness::assert_case("diff-json", &run.text());
    let same = crate::projects::run(project.path(), &["diff", "new.json", "new.json", "-q"]);
    assert_eq!((same.code(), same.stdout().as_str()), (0, "diff        0 new, 0 fixed, 0 changed, 2 unchanged\n"));
    assert_eq!(crate::projects::run(project.path(), &["diff", "old.json", "no-such.json"]).code(), 2);
}
