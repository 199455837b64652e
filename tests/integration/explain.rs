//! `overdue explain`: an advisory in full, by any of its ids.

use crate::harness::{AS_OF, Overdue, assert_case, fixture, repository};

#[test]
fn an_advisory_of_the_snapshot_by_an_alias() {
    let run = Overdue::new(["explain", "cve-2020-26235", "--as-of", AS_OF, "--width", "100"]).run();
    assert_case("explain-alias", &run.text());
}

#[test]
fn an_unknown_id_is_exit_2_and_names_what_is_there() {
    assert_case("explain-unknown", &Overdue::new(["explain", "CVE-1999-0000"]).run().text());
}

#[test]
fn where_a_report_found_it_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report.json").display().to_string();
    let output = format!("json={report}");
    let scan = Overdue::new(["scan", "--as-of", AS_OF, "-q", "--output", &output, "fixtures/demo"]).in_folder(repository()).run();
    assert_eq!(scan.code(), 1);
    let explain = |id: &str| Overdue::new(["explain", id, "--as-of", AS_OF, "--report", &report]).run();
    let found = explain("RUSTSEC-2021-0003");
    assert!(found.stdout().contains("found       smallvec 0.6.13, fixtures/demo/Cargo.lock:962, overdue"), "{}", found.text());
    assert!(explain("RUSTSEC-2019-0009").stdout().contains("nowhere in that report"));
    assert_eq!(Overdue::new(["explain", "RUSTSEC-2021-0003", "--report", "nowhere.json"]).run().code(), 2);
}

#[test]
fn withdrawn_and_imported_ones_are_told_as_such() {
    let db = tempfile::tempdir().expect("a folder");
    let of = |words: &[&str]| Overdue::new(words).env("OVERDUE_DB", db.path()).in_folder(fixture("advisories")).run();
    assert_eq!(of(&["db", "import", "osv", "kev"]).code(), 0);
    let malicious = of(&["explain", "MAL-2099-0001", "--as-of", "2026-01-20"]);
    assert!(malicious.stdout().contains("critical (a malicious package)"), "{}", malicious.text());
    let texts: Vec<String> = (1..=6).map(|n| of(&["explain", &format!("RUSTSEC-2099-000{n}"), "--as-of", "2026-01-20"]).stdout()).collect();
    assert!(texts.iter().any(|text| text.contains("it was taken back, and matches nothing")), "{texts:?}");
}
