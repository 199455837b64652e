//! A policy of the project's own, by `--policy`. A new case is a new file under `fixtures/policy/`: `good` ones are
//! snapshots of a scan of a medium, known exploited finding, `bad` ones of the complaint.

use crate::{
    feeds::with_feeds,
    harness::{Overdue, assert_case, cases, fixture},
};

fn scan(policy: &str, more: &[&str]) -> crate::harness::Run {
    let db = with_feeds(&["kev", "cve"]);
    let words = [&["scan", "--as-of", "2026-01-20", "--width", "100", "--policy", policy, "../advisories/osv/Cargo.lock"], more].concat();
    Overdue::new(words).env("OVERDUE_DB", db.path()).in_folder(fixture("policy")).run()
}

#[test]
fn what_a_policy_says_is_what_findings_are_judged_by() {
    for case in cases("policy/good") {
        let path = format!("good/{case}");
        let name = case.trim_end_matches(".toml");
        assert_case(&format!("policy-{name}"), &scan(&path, &["-v"]).text());
        let run = scan(&path, &["--format", "json"]);
        let report = run.json();
        crate::json::assert_consistent(&report, run.code());
        let source = &report["policies"][0]["sources"][0];
        assert_eq!((&source["kind"], &source["path"]), (&"config".into(), &path.clone().into()), "{case}");
    }
}

#[test]
fn known_exploitation_lifts_a_tier_and_has_a_deadline_of_its_own() {
    let report = scan("good/exploited.toml", &["--format", "json", "--fail-on", "critical"]).json();
    let finding = report["findings"].as_array().expect("a list").iter().find(|f| f["package"]["name"] == "fixture-a").expect("there");
    // CVSS 6.2, listed on 2026-01-12.
    assert_eq!((&finding["tier"], &finding["tier_reason"]), (&"critical".into(), &"exploited".into()));
    // The tier that it is lifted to is stricter than the rule: 7 days from 2026-01-01.
    assert_eq!((&finding["judged_by"]["stage"], &finding["fix_by"]), (&"fix".into(), &"2026-01-08T00:00:00Z".into()));
    assert_eq!(report["gate"]["counted"], 1);
    let report = scan("good/tiers-and-exploited.toml", &["--format", "json"]).json();
    let finding = report["findings"].as_array().expect("a list").iter().find(|f| f["package"]["name"] == "fixture-a").expect("there");
    let by = serde_json::json!({"origin": "config", "path": "good/tiers-and-exploited.toml", "line": 9, "stage": "rule", "soft": false});
    assert_eq!((&finding["tier"], &finding["judged_by"]), (&"medium".into(), &by));
    assert_eq!(finding["fix_by"], "2026-01-14T00:00:00Z");
}

#[test]
fn what_is_no_policy_is_said_with_its_line() {
    for case in cases("policy/bad") {
        let run = scan(&format!("bad/{case}"), &[]);
        assert_eq!((run.code(), run.stdout().as_str()), (2, ""), "{case}: {}", run.text());
        assert_case(&format!("policy-bad-{}", case.trim_end_matches(".toml")), &run.text());
    }
    for (policy, said) in
        [("nowhere.toml", "cannot read the policy nowhere.toml"), (".", "no regular file"), ("SECURITY.md", "SECURITY.md")]
    {
        let run = scan(policy, &[]);
        assert!(run.code() == 2 && run.stderr().contains(said), "{policy}: {}", run.text());
    }
}

#[test]
fn explain_judges_by_it_too() {
    let db = with_feeds(&["kev", "cve"]);
    let words = ["explain", "CVE-2099-7001", "--as-of", "2026-01-20", "--policy", "good/exploited.toml"];
    let run = Overdue::new(words).env("OVERDUE_DB", db.path()).in_folder(fixture("policy")).run();
    assert!(
        run.code() == 0 && run.stdout().contains("critical (known to be exploited), overdue since 2026-01-08 (built-in policy)"),
        "{}",
        run.text()
    );
}
