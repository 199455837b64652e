//! Five policies of the shapes that people write: one tier as an aim, no figures, "as soon as possible", figures to
//! respond by with examples, figures to fix by with ranges. All five judge one lockfile.

use serde_json::Value;

use crate::harness::{AS_OF, Overdue, assert_case, cases, fixture};

/// The policies, each a column.
const POLICIES: usize = 5;

fn judged_by(policy: usize) -> Vec<Value> {
    let policy = format!("seed_policies/{policy}.md");
    let words = ["scan", "demo/Cargo.lock", "--as-of", AS_OF, "--format", "json", "--fail-on", "never", "--policy", &policy];
    let run = Overdue::new(words).in_folder(fixture("")).run();
    assert_eq!(run.code(), 0, "{policy}: {}", run.text());
    run.json()["findings"].as_array().expect("a list").clone()
}

/// What a finding is: the same whatever the policy.
fn subject(finding: &Value) -> String {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    format!("{} {} {}", text(&finding["package"]["name"]), text(&finding["package"]["version"]), text(&finding["id"]))
}

/// Tier, standing, the day that it is due, and the line of the policy that says so.
fn judgement(finding: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let due = if finding["fix_by"].is_string() { &finding["fix_by"] } else { &finding["respond_by"] };
    let by = &finding["judged_by"];
    let line = match (by["origin"].as_str(), by["line"].as_u64()) {
        (Some("file"), Some(line)) => format!("{} by line {line}", text(&by["stage"])),
        (Some("builtin"), _) => format!("{} built-in", text(&by["stage"])),
        _ => text(&finding["no_deadline"]),
    };
    let day = due.as_str().map_or_else(String::new, |due| due[..10].to_owned());
    let tier = match finding["tier_reason"].as_str() {
        Some("score" | "informational") => text(&finding["tier"]),
        reason => format!("{} ({})", text(&finding["tier"]), reason.expect("a reason")),
    };
    [tier, text(&finding["standing"]), day, line].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Cells side by side, as wide as the widest of each column.
fn aligned(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..=POLICIES).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join(" | ").trim_end())
    };
    rows.iter().map(line).collect()
}

#[test]
fn five_policies_judge_one_lockfile_side_by_side() {
    assert_eq!(cases("seed_policies"), ["0.md", "1.md", "2.md", "3.md", "4.md"]);
    let columns: Vec<Vec<Value>> = (0..POLICIES).map(judged_by).collect();
    let mut subjects: Vec<String> = columns[0].iter().map(subject).collect();
    subjects.sort();
    let mut rows = vec![std::iter::once(String::new()).chain(cases("seed_policies")).collect::<Vec<_>>()];
    for wanted in &subjects {
        let cell = |findings: &Vec<Value>| {
            let mut found = findings.iter().filter(|finding| subject(finding) == *wanted);
            let cell = judgement(found.next().expect("each policy judges each finding"));
            assert!(found.next().is_none(), "{wanted} is there twice");
            cell
        };
        rows.push(std::iter::once(wanted.clone()).chain(columns.iter().map(cell)).collect());
    }
    // A policy judges what is found; it does not find.
    for (policy, findings) in columns.iter().enumerate() {
        assert_eq!(findings.len(), subjects.len(), "{policy}.md");
    }
    assert_case("seed-policies", &aligned(&rows));
}

/// What is promised: of whom, stage, target and limit in hours, and what stands in their place.
const PROMISED: [&[&str]; POLICIES] = [
    &["critical fix - 168 soft", "all acknowledge - 48"],
    &["all acknowledge - 48", "all fix - -", "all status-update - 168"],
    &["critical fix - -", "all acknowledge - 48"],
    &[
        "critical respond - 24",
        "high respond - 72",
        "medium respond - 168",
        "low respond - 336",
        "all acknowledge - 24 soft",
        "all assess - 72 soft",
        "all fix - - soft",
        "all status-update - 168 soft recurring",
    ],
    &[
        "critical fix 24 72",
        "high fix 168 336",
        "medium fix 336 672",
        "low fix - - next-release",
        "all acknowledge - 48",
        "all assess - 168",
        "all disclose - 888",
        "all fix - -",
    ],
];

#[test]
fn the_five_promise_what_they_say() {
    let said = |(whose, deadlines): (&str, &Value)| {
        let number = |value: &Value| value.as_u64().map_or_else(|| "-".to_owned(), |hours| hours.to_string());
        let of = |(stage, deadline): (&String, &Value)| {
            let mut words =
                vec![whose.to_owned(), stage.replace('_', "-"), number(&deadline["target_hours"]), number(&deadline["limit_hours"])];
            words.extend(["soft", "recurring"].into_iter().filter(|flag| deadline[flag] == true).map(str::to_owned));
            words.extend(deadline["until"].as_str().map(str::to_owned));
            words.join(" ")
        };
        deadlines.as_object().expect("a table").iter().map(of).collect::<Vec<_>>()
    };
    for (policy, expected) in PROMISED.iter().enumerate() {
        let run = Overdue::new(["policy", "show", &format!("{policy}.md"), "--format", "json"]).in_folder(fixture("seed_policies")).run();
        let shown = run.json();
        let tiers = shown["tiers"].as_array().expect("a list").iter();
        let rows = tiers.map(|tier| (tier["name"].as_str().expect("a name"), &tier["deadlines"])).chain([("all", &shown["general"])]);
        assert_eq!(rows.flat_map(said).collect::<Vec<_>>(), *expected, "{policy}.md: {}", run.text());
        assert_eq!(shown["not_understood"], serde_json::json!([]), "{policy}.md");
    }
}
