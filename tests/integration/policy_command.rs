//! `overdue policy show`, `check` and `init`, and where policies are found.

use std::{fs, path::Path};

use overdue::policy::{Deadlines, Reading, config, security_md};

use crate::{
    feeds::with_feeds,
    harness::{Overdue, Run, assert_case, cases, fixture},
};

fn policy(words: &[&str], folder: &Path) -> Run {
    Overdue::new([&["policy"], words].concat()).in_folder(folder).run()
}

/// Files in a new folder.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

/// Texts of many shapes, as people and machines see what was understood of them.
const SHOWN: [&str; 6] = [
    "nested-stage-with-tiers",
    "day-n-event",
    "template-half-edited",
    "versions-ticks-and-eol",
    "shared-tiers-and-standing-rule",
    "mis-decoded-mac-roman",
];

#[test]
fn what_was_understood_is_shown_with_lines_and_words() {
    for name in SHOWN {
        let run = policy(&["show", &format!("{name}.md"), "--width", "120"], &fixture("security_md"));
        assert_case(&format!("policy-show-{name}"), &run.text());
    }
    let run = policy(&["show", "day-n-event.md", "--format", "json"], &fixture("security_md"));
    assert_case("policy-show-json", &run.text());
}

#[test]
fn every_text_is_shown_as_json_with_all_its_keys() {
    for name in cases("security_md").into_iter().filter(|name| name.ends_with(".md")) {
        let run = policy(&["show", &name, "--format", "json"], &fixture("security_md"));
        assert_eq!(run.code(), 0, "{name}: {}", run.text());
        let shown = run.json();
        let keys = ["source", "tiers", "general", "rules", "supported_versions", "not_understood", "warnings", "placeholder"];
        assert!(keys.iter().all(|key| shown.get(*key).is_some()), "{name}");
        let tiers: Vec<&str> = shown["tiers"].as_array().expect("a list").iter().filter_map(|tier| tier["name"].as_str()).collect();
        assert_eq!(tiers, ["critical", "high", "medium", "low"], "{name}");
    }
}

#[test]
fn problems_have_a_place_an_excerpt_a_reason_and_a_cure() {
    for case in cases("policy/projects") {
        let run = policy(&["check", "--as-of", "2026-11-22", "--width", "100"], &fixture("policy/projects").join(&case));
        assert_case(&format!("policy-check-{case}"), &run.text());
        let run = policy(&["check", "--as-of", "2026-11-22", "--format", "json"], &fixture("policy/projects").join(&case));
        let checked = run.json();
        assert_eq!(run.code(), i32::from(checked["errors"] != 0), "{case}: {}", run.text());
        for problem in checked["problems"].as_array().expect("a list") {
            assert!(
                problem["reason"].as_str().is_some_and(|reason| !reason.is_empty()) && problem["cure"].is_string(),
                "{case}: {problem}"
            );
        }
    }
}

#[test]
fn the_newest_tag_is_a_version_of_the_project_too() {
    let text = "| Version | Supported |\n| --- | --- |\n| 1.x | yes |\n\nCritical: fixed within 7 days.\n";
    let project = folder(&[
        ("SECURITY.md", text),
        (".git/HEAD", ""),
        (".git/refs/tags/v1.9.0", ""),
        (".git/packed-refs", "1 refs/tags/v2.0.0-rc.1\n"),
    ]);
    let run = policy(&["check"], project.path());
    assert_eq!(run.code(), 0, "{}", run.text());
    fs::write(project.path().join(".git/refs/tags/v2.0.0"), "").expect("a tag");
    let run = policy(&["check"], project.path());
    assert!(
        run.code() == 1 && run.stdout().contains("the project is at v2.0.0 (newest tag), and no row is about that version"),
        "{}",
        run.text()
    );
}

#[test]
fn support_runs_out_at_the_end_of_its_last_day() {
    let text = "| Version | Supported |\n| --- | --- |\n| 1.x | until 2026-03-31 |\n\nCritical: fixed within 7 days.\n";
    let project = folder(&[("SECURITY.md", text)]);
    for (as_of, said) in [("2026-03-31T23:59:59Z", false), ("2026-04-01", true)] {
        let run = policy(&["check", "--as-of", as_of], project.path());
        assert_eq!((run.code(), run.stdout().contains("support of 1.x ended on 2026-03-31")), (0, said), "{as_of}: {}", run.text());
    }
}

#[test]
fn the_policy_in_force_is_told_with_the_origin_of_each_row() {
    let text = "- Critical: fixed within 7 days\n- High: fixed within 30 days\n";
    let project = folder(&[
        (".git/HEAD", ""),
        (".github/SECURITY.md", text),
        ("docs/SECURITY.md", "- Critical: fixed within 90 days\n"),
        ("overdue.toml", "[tiers.critical]\nfix = \"3 days\"\n"),
        ("crates/inner/src/lib.rs", ""),
        ("other/SECURITY.md", "- Low: fixed within 5 days\n"),
    ]);
    assert_case("policy-show-in-force", &policy(&["show", "--width", "100"], &project.path().join("crates/inner")).text());
    // The nearest of each kind.
    let run = policy(&["show", "other", "--format", "json"], project.path());
    let sources: Vec<String> =
        run.json()["sources"].as_array().expect("a list").iter().filter_map(|source| source["path"].as_str().map(str::to_owned)).collect();
    assert_eq!(sources, ["overdue.toml", "other/SECURITY.md"]);
    // What lies above a repository's root is somebody else's, and so is what lies above a folder without a repository.
    fs::create_dir_all(project.path().join("other/nested/.git")).expect("a folder");
    let run = policy(&["show", "other/nested", "--format", "json"], project.path());
    assert_eq!(run.json()["source"]["kind"], "builtin", "{}", run.text());
    fs::remove_dir_all(project.path().join(".git")).expect("a folder");
    let run = policy(&["show", "crates/inner", "--format", "json"], project.path());
    assert_eq!(run.json()["source"]["kind"], "builtin", "{}", run.text());
}

#[test]
fn a_scan_is_judged_by_the_policy_that_is_found() {
    let db = with_feeds(&["kev", "cve"]);
    let lock = fs::read_to_string(fixture("advisories/osv/Cargo.lock")).expect("a lockfile");
    let project = folder(&[(".git/HEAD", ""), ("SECURITY.md", "# Fix\n\n- Medium: 7 days\n- High: 10 days\n"), ("app/Cargo.lock", &lock)]);
    let scan = |words: &[&str]| {
        Overdue::new([&["scan", "--as-of", "2026-01-20", "--format", "json"], words].concat())
            .env("OVERDUE_DB", db.path())
            .in_folder(project.path())
            .run()
    };
    let run = scan(&["app"]);
    let report = run.json();
    let finding =
        report["findings"].as_array().expect("a list").iter().find(|finding| finding["package"]["name"] == "fixture-a").expect("there");
    let by = serde_json::json!({"origin": "file", "path": "SECURITY.md", "line": 3, "stage": "fix", "soft": false});
    assert_eq!(
        (&finding["judged_by"], &finding["fix_by"], &finding["standing"]),
        (&by, &"2026-01-08T00:00:00Z".into(), &"overdue".into()),
        "{}",
        run.text()
    );
    assert_eq!(report["policies"][0]["sources"][0]["kind"], "security_md");
    let run = scan(&["app/Cargo.lock", "--policy", "SECURITY.md"]);
    assert_eq!(run.json()["policies"][0]["sources"][0]["path"], "SECURITY.md");
}

#[test]
fn each_target_is_judged_by_its_own_policy() {
    let files = [
        ("a/SECURITY.md", "- Critical: fixed within 7 days\n"),
        ("a/Cargo.lock", ""),
        ("b/SECURITY.md", "- Critical: fixed within 9 days\n"),
        ("b/Cargo.lock", ""),
    ];
    let project = folder(&files);
    let run = Overdue::new(["scan", "a", "b"]).in_folder(project.path()).run();
    for said in ["a/SECURITY.md (critical 7 days", "judges a", "b/SECURITY.md (critical 9 days", "judges b"] {
        assert!(run.stdout().contains(said), "{said}: {}", run.text());
    }
}

#[test]
fn an_overdue_toml_is_written_with_lines_and_words_as_comments() {
    let text = fs::read_to_string(fixture("security_md/nested-stage-with-tiers.md")).expect("a text");
    let project = folder(&[("SECURITY.md", &text)]);
    let run = policy(&["init"], project.path());
    let written = fs::read_to_string(project.path().join("overdue.toml")).expect("written");
    assert_case("policy-init", &format!("{}--- overdue.toml\n{written}", run.text()));
    let before = policy(&["show", "SECURITY.md", "--format", "json"], project.path()).json();
    let after = policy(&["show", "overdue.toml", "--format", "json"], project.path()).json();
    assert_eq!(figures(&before), figures(&after));
    // It is not written over.
    let run = policy(&["init"], project.path());
    assert!(
        run.code() == 2 && run.stderr().contains("overdue.toml is there already") && run.stderr().contains("--force"),
        "{}",
        run.text()
    );
    assert_eq!(policy(&["init", "--force"], project.path()).code(), 0);
    assert_eq!(policy(&["init", "--output", "-"], project.path()).stdout(), written);
}

/// What is promised, by tier and stage.
fn figures(shown: &serde_json::Value) -> Vec<String> {
    let tiers = shown["tiers"].as_array().expect("a list").iter().map(|tier| (tier["name"].clone(), tier["deadlines"].clone()));
    let all = tiers.chain([("general".into(), shown["general"].clone())]);
    let of = |(whose, deadlines): (serde_json::Value, serde_json::Value)| {
        let deadlines = deadlines.as_object().expect("a table").clone();
        deadlines
            .into_iter()
            .map(move |(stage, d)| format!("{whose} {stage} {} {} {} {}", d["target_hours"], d["limit_hours"], d["soft"], d["until"]))
            .collect::<Vec<_>>()
    };
    all.flat_map(of).collect()
}

#[test]
fn without_a_security_md_the_built_in_policy_is_written() {
    let project = folder(&[]);
    let run = policy(&["init"], project.path());
    let written = fs::read_to_string(project.path().join("overdue.toml")).expect("written");
    assert_case("policy-init-builtin", &format!("{}--- overdue.toml\n{written}", run.text()));
    let before = policy(&["show", "--format", "json"], folder(&[]).path()).json();
    let after = policy(&["show", "--format", "json"], project.path()).json();
    assert_eq!(figures(&before), figures(&after));
}

#[test]
fn what_cannot_be_read_is_said() {
    let large = "a".repeat((1 << 20) + 1);
    let project = folder(&[("LARGE.md", &large), ("whole.md", &large[1..])]);
    for (words, said) in [
        (&["show", "nowhere.md"][..], "cannot read the policy nowhere.md"),
        (&["show", "LARGE.md"], "LARGE.md: it is larger than 1 MiB"),
        (&["check"], "there is no SECURITY.md here"),
        (&["check", "nowhere.md"], "cannot read the policy nowhere.md"),
        (&["init", "--output", "no/folder/overdue.toml"], "cannot write no/folder/overdue.toml"),
    ] {
        let run = policy(words, project.path());
        assert!(run.code() == 2 && run.stderr().contains(said) && run.stdout().is_empty(), "{words:?}: {}", run.text());
    }
    assert_eq!(policy(&["show", "whole.md"], project.path()).code(), 0);
}

/// What a reading says, without where it says it.
fn said(reading: &Reading) -> String {
    let deadlines = |deadlines: &Deadlines| {
        let said = deadlines.iter().map(|(stage, d)| {
            let words = if d.limit_hours.is_none() && d.until.is_none() { d.text.as_str() } else { "" };
            format!(
                "{stage:?} {:?} {:?} {} {} {} {:?} {words:?}\n",
                d.target_hours, d.limit_hours, d.business_days, d.recurring, d.soft, d.until
            )
        });
        said.collect::<String>()
    };
    let tiers = reading.tiers.iter().map(|row| {
        format!(
            "{:?} {:?} {:?} {} {:?}\n{}",
            row.tier,
            row.bounds,
            row.bounds_origin,
            row.line.is_some(),
            row.examples.iter().map(|example| example.text.as_str()).collect::<Vec<_>>(),
            deadlines(&row.deadlines)
        )
    });
    let rules = reading.rules.iter().map(|rule| format!("{:?} {}\n", rule.min_tier, rule.max_age_hours));
    let versions =
        reading.supported_versions.iter().map(|version| format!("{:?} {} {:?}\n", version.pattern, version.supported, version.until));
    tiers.chain([deadlines(&reading.general)]).chain(rules).chain(versions).collect()
}

#[test]
fn what_is_written_of_every_text_is_read_back() {
    for name in cases("security_md").into_iter().filter(|name| name.ends_with(".md")) {
        let bytes = fs::read(fixture("security_md").join(&name)).expect("a text");
        let reading = security_md::read("SECURITY.md", &bytes);
        let toml = config::write(&reading, Some("SECURITY.md"), "A head\nof two lines");
        let back = config::read("overdue.toml", toml.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}\n{toml}"));
        assert_eq!(said(&back.stated.reading), said(&reading), "{name}\n{toml}");
    }
}
