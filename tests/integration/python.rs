//! Python projects, scanned as people scan them. A new case is a new folder under `fixtures/projects/`: its files, and in
//! `words` what stands behind `overdue scan`.

use std::fs;

use crate::harness::{AS_OF, Overdue, assert_case, cases, fixture};

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
