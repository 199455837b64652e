//! Python projects, scanned as people scan them. A new case is a new folder under `fixtures/projects/`: its files, and in
//! `words` what stands behind `overdue scan`.

use std::fs;

use crate::{
    harness::{AS_OF, Overdue, assert_case, cases, fixture},
    projects::Project,
};

#[test]
fn every_project_is_reported_as_its_snapshot_says() {
    for name in cases("projects") {
        let folder = fixture("projects").join(&name);
        let words = fs::read_to_string(folder.join("words")).unwrap_or_default();
        let words: Vec<&str> = ["scan", "--as-of", AS_OF, "--max-db-age", "520w"].into_iter().chain(words.split_whitespace()).collect();
        let table = Overdue::new(&words).in_folder(&folder).run();
        let report = Overdue::new(words.iter().chain(&["--format", "json"])).in_folder(&folder).run().json();
        let packages = &report["packages"];
        let sum: u64 = report["unchecked"].as_array().expect("a list").iter().filter_map(|item| item["packages"].as_u64()).sum();
        assert_eq!(packages["unchecked"].as_u64(), Some(sum), "{name}");
        assert_case(&format!("project-{name}"), &format!("{}--- packages\n{packages}\n", table.text()));
    }
}

#[test]
fn an_environment_that_hides_itself_from_git_is_scanned_all_the_same() {
    for has_repository in [false, true] {
        let project = if has_repository { Project::repository() } else { Project::new() };
        // As uv, virtualenv and Python since 3.13 make them.
        project
            .write(".venv/.gitignore", "*\n")
            .write(".venv/pyvenv.cfg", "home = /usr/bin\n")
            .write(".venv/lib/python3.13/site-packages/idna-3.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: idna\nVersion: 3.0\n");
        let report = project.scan(&["--format", "json", "--max-db-age", "520w", ".venv"]).json();
        assert_eq!((report["packages"]["checked"].as_u64(), report["complete"].as_bool()), (Some(1), Some(true)), "{report}");
        assert_eq!(report["findings"].as_array().map(Vec::len), Some(2), "{report}");
    }
}

#[test]
fn what_was_only_let_in_and_is_pinned_now_is_new() {
    let project = Project::new();
    project.write("requirements.txt", "idna>=3.0\n");
    let words = ["--max-db-age", "520w", "--allow-admitted", "--format", "json"];
    let before = project.scan(&words);
    assert_eq!(before.code(), 0, "{}", before.text());
    project.write("before.json", before.stdout()).write("requirements.txt", "idna==3.0\n");
    let after = project.scan(&[&words[..], &["--baseline", "before.json"]].concat());
    assert_eq!(after.code(), 1, "{}", after.text());
}

#[test]
fn a_package_that_moves_out_of_sight_is_not_fixed() {
    for line in ["Idna @ git+https://git.example/idna.git", "idna>=${OLDEST}", "idna=>3"] {
        let project = Project::new();
        project.write("requirements.txt", "Idna==3.0\n");
        let words = ["--max-db-age", "520w", "--format", "json"];
        project.write("before.json", project.scan(&words).stdout()).write("requirements.txt", line);
        let compared = project.scan(&[&words[..], &["--baseline", "before.json"]].concat()).json()["compared"].clone();
        assert_eq!((compared["fixed"].as_u64(), compared["unknown"].as_u64()), (Some(0), Some(2)), "{line}: {compared}");
    }
}
