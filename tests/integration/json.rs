//! The JSON report: the contract's keys, and sums that add up.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{AS_OF, Overdue, assert_case, fixture, repository};

/// What holds for every report.
pub(crate) fn assert_consistent(report: &Value, code: i32) {
    let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("no number: {value}"));
    for counts in ["packages", "files"] {
        let counts = &report[counts];
        assert_eq!(number(&counts["found"]), number(&counts["checked"]) + number(&counts["unchecked"]), "{counts}");
    }
    let unchecked = report["unchecked"].as_array().expect("a list");
    assert_eq!(unchecked.iter().map(|u| number(&u["packages"])).sum::<u64>(), number(&report["packages"]["unchecked"]));
    let (tripped, complete) = (report["gate"]["tripped"] == true, report["complete"] == true);
    assert_eq!(code, if tripped { 1 } else { 3 * i32::from(!complete) });
    let stale = report["advisory_data"].as_array().expect("a list").iter().any(|data| data["stale"] == true);
    assert_eq!(complete, unchecked.is_empty() && !stale);
    let findings = report["findings"].as_array().expect("a list");
    let overdue = findings.iter().any(|f| f["standing"] == "overdue");
    let verdict = if overdue {
        "overdue"
    } else if !findings.is_empty() {
        "open"
    } else if complete {
        "clean"
    } else {
        "incomplete"
    };
    assert_eq!(report["verdict"], verdict);
    for finding in findings {
        for location in finding["locations"].as_array().expect("a list") {
            assert!(number(&location["line"]) > 0);
        }
        assert!(finding["clock"]["basis"].is_string() && !finding["locations"].as_array().expect("a list").is_empty());
    }
    let keys: Vec<String> = findings
        .iter()
        .map(|f| format!("{} {} {} {} {}", f["target"], f["manifest"], f["id"], f["package"]["name"], f["package"]["version"]))
        .collect();
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len(), "a finding is there twice");
}

/// Every path of keys in a value, list items as `[]`.
fn paths(value: &Value, prefix: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = format!("{prefix}.{key}");
                found.insert(path.clone());
                paths(value, &path, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| paths(item, &format!("{prefix}[]"), found)),
        _ => {}
    }
}

#[test]
fn schema_1_has_all_its_keys() {
    let folder = tempfile::tempdir().expect("a folder");
    let baseline = folder.path().join("old.json").display().to_string();
    let image = folder.path().join("image.tar").display().to_string();
    std::fs::write(&image, crate::images::an_archive()).expect("written");
    let scan = |more: &[&str]| {
        let words = ["scan", "--as-of", AS_OF, "--format", "json", "fixtures/demo", "fixtures/bad/unsupported", "fixtures/projects/ranges"];
        Overdue::new(words.iter().chain(&[image.as_str()]).chain(more)).in_folder(repository()).run()
    };
    std::fs::write(&baseline, scan(&[]).stdout()).expect("written");
    let report = scan(&["--baseline", &baseline]).json();
    assert_consistent(&scan(&[]).json(), scan(&[]).code());
    let mut found = BTreeSet::new();
    paths(&report, "", &mut found);
    let frozen = std::fs::read_to_string(fixture("reports/json/keys.txt")).expect("the frozen keys");
    let missing: Vec<&str> = frozen.lines().filter(|key| !found.contains(*key)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "schema 1 never loses a key");
    let frozen: BTreeSet<&str> = frozen.lines().collect();
    let added: Vec<&String> = found.iter().filter(|key| !frozen.contains(key.as_str())).collect();
    assert_eq!(added, Vec::<&String>::new(), "a new key belongs into fixtures/reports/json/keys.txt");
}

#[test]
fn the_demo_as_json() {
    let run = Overdue::new(["scan", "--as-of", AS_OF, "--format", "json", "fixtures/demo"]).in_folder(repository()).run();
    assert_consistent(&run.json(), run.code());
    assert_case("demo-json", &run.text());
}

#[test]
fn an_excerpt_of_every_moment_is_consistent() {
    for as_of in ["2015-01-01", "2026-01-01", "2026-08-22", "2026-09-16T12:00:00Z", "2026-09-16T12:00:01Z", "2030-01-01"] {
        let run = Overdue::new(["scan", "--as-of", as_of, "--format", "json", "--fail-on", "overdue", "fixtures/demo"])
            .in_folder(repository())
            .run();
        assert_consistent(&run.json(), run.code());
        let h2 = run.json()["findings"].as_array().expect("a list").iter().find(|f| f["package"]["name"] == "h2").expect("h2").clone();
        let expected = match as_of {
            "2026-09-16T12:00:00Z" => "due-soon",
            "2026-09-16T12:00:01Z" | "2030-01-01" => "overdue",
            _ => "on-track",
        };
        assert_eq!((h2["fix_by"].as_str(), h2["standing"].as_str()), (Some("2026-09-16T12:00:00Z"), Some(expected)), "{as_of}");
    }
}
