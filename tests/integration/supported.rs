//! `scan --supported`: beside the working tree, the newest release of each line that the policy supports.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use serde_json::{Value, json};

use crate::{
    harness::{Run, assert_case},
    projects::{FIXED, OLD, OTHER, Project, lockfile, run, scan},
};

/// Runs git at a moment, with nothing of the caller's configuration.
pub(crate) fn git_at(folder: &Path, at: &str, words: &[&str]) -> String {
    let mut command = Command::new("git");
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", folder).env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_DATE"), at);
        command.env(format!("GIT_{who}_NAME"), "A Person").env(format!("GIT_{who}_EMAIL"), "person@index.example");
    }
    let output = command.arg("-C").arg(folder).args(["-c", "protocol.file.allow=always"]).args(words).output().expect("git runs");
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Commits everything that lies in a project at a moment.
pub(crate) fn commit_at(project: &Project, at: &str) {
    git_at(project.path(), at, &["add", "--all"]);
    git_at(project.path(), at, &["commit", "--quiet", "--allow-empty", "--message", "a commit"]);
}

/// A SECURITY.md with these rows about versions and a deadline for three tiers.
fn security(rows: &[(&str, &str)]) -> String {
    let rows: String = rows.iter().map(|(version, supported)| format!("| {version} | {supported} |\n")).collect();
    let promises = "- Critical: fixed within 7 days\n- High: fixed within 30 days\n- Medium: fixed within 90 days\n";
    format!("# Security\n\n| Version | Supported |\n| --- | --- |\n{rows}\n{promises}")
}

/// A release with these crates, its tag a lightweight one.
fn release(project: &Project, day: &str, tag: &str, crates: &[(&str, &str)]) {
    project.write("Cargo.lock", lockfile("app", crates));
    commit_at(project, &format!("{day}T00:00:00Z"));
    git_at(project.path(), &format!("{day}T00:00:00Z"), &["tag", tag]);
}

/// The same with an annotated tag, made a day after the commit.
fn annotated(project: &Project, days: [&str; 2], tag: &str, crates: &[(&str, &str)]) {
    project.write("Cargo.lock", lockfile("app", crates));
    commit_at(project, &format!("{}T00:00:00Z", days[0]));
    git_at(project.path(), &format!("{}T00:00:00Z", days[1]), &["tag", "--annotate", "--message", "a release", tag]);
}

/// Three lines with releases, two of them supported; beside them a row without any tag, one that has run out, two that
/// mean the same tag, pre-releases, and a line that no row is about. `time` is everywhere, `smallvec` in the old line only.
fn demo() -> Project {
    let project = Project::repository();
    let rows = [("2.x", "yes"), ("1.x", "yes"), ("1.1", "yes"), ("4.x", "yes"), ("0.8.x", "until 2025-01-31"), ("< 0.8", "no")];
    project.write("SECURITY.md", security(&rows));
    release(&project, "2020-01-01", "v0.7.0", &[OLD, OTHER]);
    release(&project, "2020-06-01", "v0.8.0", &[OLD, OTHER]);
    annotated(&project, ["2020-12-01", "2020-12-02"], "v1.0.0", &[OLD, OTHER]);
    release(&project, "2021-01-02", "v1.1.0", &[OLD, OTHER]);
    release(&project, "2021-02-02", "v2.0.0-rc.1", &[OLD]);
    annotated(&project, ["2021-03-02", "2021-03-03"], "v2.0.0", &[FIXED, OTHER]);
    release(&project, "2022-03-02", "v3.0.0", &[FIXED, OTHER]);
    release(&project, "2023-03-02", "v2.1.0-beta", &[FIXED]);
    project.write("Cargo.lock", lockfile("app", &[FIXED, OTHER]));
    commit_at(&project, "2026-07-01T00:00:00Z");
    project
}

fn supported(project: &Project, words: &[&str]) -> Run {
    scan(project.path(), &[&["--supported"], words].concat())
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

/// Each row of the policy: its pattern, what it led to, and the release that was looked at.
fn lines(report: &Value) -> Vec<String> {
    let tag = |line: &Value| {
        let target = line["target"].as_u64().and_then(|at| report["targets"].get(usize::try_from(at).ok()?));
        target.and_then(|target| target["release"]["tag"].as_str()).map_or_else(String::new, |tag| format!(" {tag}"))
    };
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    list(&report["releases"]["lines"])
        .iter()
        .map(|line| format!("{}: {}{}", text(&line["pattern"]), text(&line["outcome"]), tag(line)))
        .collect()
}

/// The releases that no row is about, each line's newest.
fn not_covered(report: &Value) -> Vec<&str> {
    list(&report["releases"]["not_covered"]).iter().map(|line| line["newest"].as_str().expect("a tag")).collect()
}

#[test]
fn the_lines_are_shown_as_a_table() {
    let project = demo();
    assert_case("supported-width-100", &supported(&project, &["--width", "100"]).text());
    assert_case("supported-in-a-pipe", &supported(&project, &[]).text());
    assert_case("supported-markdown", &supported(&project, &["--format", "markdown"]).text());
}

#[test]
fn the_lines_are_told_to_machines() {
    let report = supported(&demo(), &["--format", "json"]).json();
    let row = |pattern: &str, line: u32, outcome: &str, target: Option<u32>, findings: u32| {
        json!({"pattern": pattern, "name": pattern, "given": 0, "path": "SECURITY.md", "line": line, "outcome": outcome, "target": target, "findings": findings,
            "overdue": findings})
    };
    let expected = json!({
        "lines": [
            row("2.x", 5, "release", Some(1), 1),
            row("1.x", 6, "release", Some(2), 2),
            row("1.1", 7, "release", Some(2), 2),
            row("4.x", 8, "no-tag", None, 0),
            row("0.8.x", 9, "ended", None, 0),
        ],
        "not_covered": [{"given": 0, "newest": "v3.0.0", "oldest": "v3.0.0", "releases": 1}],
    });
    assert_eq!(report["releases"], expected);
    let releases: Vec<Value> = list(&report["targets"]).iter().map(|target| target["release"].clone()).collect();
    assert_eq!(releases.len(), 3, "two rows that mean one tag are one target");
    assert!(releases[0].is_null(), "the working tree is no release");
    let keys = |value: &Value| value.as_object().expect("a table").keys().cloned().collect::<BTreeSet<String>>();
    assert_eq!(keys(&releases[1]), BTreeSet::from(["line", "tag", "commit", "date"].map(str::to_owned)));
    // An annotated tag has a day of its own, a lightweight one that of its commit.
    let told = |at: usize| ["line", "tag", "date"].map(|key| releases[at][key].as_str().expect("a text").to_owned());
    assert_eq!(told(1), ["2.x", "v2.0.0", "2021-03-03T00:00:00Z"]);
    assert_eq!(told(2), ["1.x", "v1.1.0", "2021-01-02T00:00:00Z"]);
    // What is the same everywhere is there three times, what only the old line has once.
    let targets = |name: &str| {
        let of = list(&report["findings"]).iter().filter(|finding| finding["package"]["name"] == name);
        of.map(|finding| finding["target"].as_u64().expect("a target")).collect::<BTreeSet<u64>>()
    };
    assert_eq!((targets("time"), targets("smallvec")), (BTreeSet::from([0, 1, 2]), BTreeSet::from([2])));
}

#[test]
fn the_gate_counts_what_the_lines_ship() {
    let project = demo();
    for (words, counted, code) in
        [(&["--fail-on", "critical"][..], 1, 1), (&["--fail-on", "overdue"], 4, 1), (&["--fail-on", "never"], 0, 0), (&[], 4, 1)]
    {
        let run = supported(&project, &[&["--format", "json"], words].concat());
        assert_eq!((run.code(), &run.json()["gate"]["counted"]), (code, &json!(counted)), "{words:?}: {}", run.text());
    }
    let plain = scan(project.path(), &["--fail-on", "critical", "--format", "json"]);
    assert_eq!((plain.code(), &plain.json()["gate"]["counted"]), (0, &json!(0)), "the working tree alone has nothing critical");
    // An exception covers what releases ship, too.
    let exception = "[[exceptions]]\nid = \"RUSTSEC-2021-0003\"\nreason = \"the old line never parses input\"\nexpires = 2027-01-01\n";
    project.write("overdue.toml", exception);
    let run = supported(&project, &["--fail-on", "critical", "--format", "json"]);
    let report = run.json();
    let line = &report["releases"]["lines"][1];
    assert_eq!((run.code(), &line["findings"], &line["overdue"]), (0, &json!(1), &json!(1)), "{}", run.text());
}

/// Rows, what they lead to, and what is told as not covered.
type Rows = (&'static [(&'static str, &'static str)], &'static [&'static str], &'static [&'static str]);

/// The releases are v0.9.0, v1.0.0, v1.4.2, v1.5.0, v1.10.0, v2.0.0 and v3.0.0.
const ROWS: [Rows; 19] = [
    (&[("1.x", "yes")], &["1.x: release v1.10.0"], &["v3.0.0", "v2.0.0", "v0.9.0"]),
    (
        &[("1.x.x", "yes"), ("0.x", "yes"), ("2.0.x", "yes"), ("3", "yes")],
        &["1.x.x: release v1.10.0", "0.x: release v0.9.0", "2.0.x: release v2.0.0", "3: release v3.0.0"],
        &[],
    ),
    (&[("v2", "yes"), ("2.*", "yes")], &["v2: release v2.0.0", "2.*: release v2.0.0"], &["v3.0.0", "v1.10.0", "v0.9.0"]),
    (&[(">= 2.0", "yes"), ("< 1.0", "no")], &[">= 2.0: release v3.0.0"], &["v1.10.0"]),
    (&[("≥ 2.0", "yes"), ("< 2.0", "no")], &["≥ 2.0: release v3.0.0"], &[]),
    (&[("1.0 - 1.4", "yes")], &["1.0 - 1.4: release v1.4.2"], &["v3.0.0", "v2.0.0", "v1.10.0", "v0.9.0"]),
    (&[("1.0 – 1.4", "yes"), (">= 1.5", "no"), ("< 1.0", "no")], &["1.0 – 1.4: release v1.4.2"], &[]),
    (&[("> 1.4, < 2", "yes"), ("2.x", "no"), ("3.x", "no"), ("1.x", "no"), ("0.9", "no")], &["> 1.4, < 2: release v1.10.0"], &[]),
    (&[("<= 1.x", "yes"), (">= 2", "no")], &["<= 1.x: release v1.10.0"], &[]),
    (&[("1.5.0", "yes")], &["1.5.0: release v1.5.0"], &["v3.0.0", "v2.0.0", "v1.10.0", "v0.9.0"]),
    (
        &[("1.x (LTS)", "yes"), ("2.0 and later", "yes"), ("< 1", "no")],
        &["1.x (LTS): release v1.10.0", "2.0 and later: release v3.0.0"],
        &[],
    ),
    // Where the latest one is supported, the others are meant not to be.
    (&[("latest", "yes")], &["latest: release v3.0.0"], &[]),
    (
        &[("Latest release", "yes"), ("3.x", "yes"), ("1.x", "yes")],
        &["Latest release: release v3.0.0", "3.x: release v3.0.0", "1.x: release v1.10.0"],
        &[],
    ),
    (&[("main", "yes")], &["main: working-tree"], &[]),
    (&[("`main` branch", "yes"), (">= 0", "no")], &["main branch: working-tree"], &[]),
    // The working tree is no release, and says nothing about lines.
    (&[("main", "yes"), ("1.x", "yes")], &["main: working-tree", "1.x: release v1.10.0"], &["v3.0.0", "v2.0.0", "v0.9.0"]),
    (&[("5.x", "yes"), (">= 0", "no")], &["5.x: no-tag"], &[]),
    // Support runs out with its last day.
    (&[("3.x", "until 2026-08-21"), ("2.x", "until 2026-08-22"), ("< 2", "no")], &["3.x: ended", "2.x: release v2.0.0"], &[]),
    (&[("< 1.0", "no"), (">= 1.0", "no")], &[], &[]),
];

fn seven_releases() -> Project {
    let project = Project::repository();
    let tags = ["v0.9.0", "v1.0.0", "v1.4.2", "v1.5.0", "v1.10.0", "v2.0.0", "v3.0.0"];
    for (year, tag) in (2019..).zip(tags) {
        release(&project, &format!("{year}-01-01"), tag, &[FIXED]);
    }
    project
}

#[test]
fn rows_of_many_forms_mean_releases() {
    let project = seven_releases();
    for (rows, expected, uncovered) in ROWS {
        project.write("SECURITY.md", security(rows));
        let run = supported(&project, &["--format", "json"]);
        let report = run.json();
        assert_eq!(run.code(), 0, "{rows:?}: {}", run.text());
        let expected: Vec<String> = expected.iter().map(|line| (*line).to_owned()).collect();
        assert_eq!((lines(&report), not_covered(&report)), (expected, uncovered.to_vec()), "{rows:?}");
    }
}

#[test]
fn rows_of_an_overdue_toml_take_the_place_of_those_of_the_text() {
    let project = seven_releases();
    project.write("SECURITY.md", security(&[("3.x", "yes")]));
    let toml = "[[supported-versions]]\r\npattern = \"1.x\"\r\nsupported = true\r\nuntil = \"2026-08-22\"\r\n\r\n\
        [[supported-versions]]\r\npattern = \">= 2\"\r\nsupported = false\r\n";
    project.write("overdue.toml", toml);
    let report = supported(&project, &["--format", "json"]).json();
    assert_eq!((lines(&report), not_covered(&report)), (vec!["1.x: release v1.10.0".to_owned()], vec!["v0.9.0"]));
    let line = &report["releases"]["lines"][0];
    assert_eq!((&line["path"], &line["line"]), (&json!("overdue.toml"), &json!(2)));
}

#[test]
fn a_row_that_names_several_lines_stands_for_the_newest_of_each() {
    let project = seven_releases();
    for row in ["1.x and 2.x", "1.x, 2.x", "1.x / 2.x", "1.x or 2.x"] {
        project.write("SECURITY.md", security(&[(row, "yes"), ("3.x", "no"), ("0.x", "no")]));
        let report = supported(&project, &["--format", "json"]).json();
        let tags: BTreeSet<&str> = list(&report["targets"]).iter().filter_map(|target| target["release"]["tag"].as_str()).collect();
        assert_eq!(tags, BTreeSet::from(["v1.10.0", "v2.0.0"]), "{row}");
    }
}

#[test]
fn what_is_promised_and_was_not_looked_at_makes_the_result_incomplete() {
    let tagged = seven_releases();
    let bare = Project::repository();
    bare.write("Cargo.lock", lockfile("app", &[FIXED]));
    commit_at(&bare, "2022-01-01T00:00:00Z");
    git_at(bare.path(), "2022-01-01T00:00:00Z", &["tag", "v1.0.0-rc.1"]);
    // A row that says nothing comparable, and a clone that has no tag at all, as CI makes them.
    for (project, row) in [(&tagged, "^1.4"), (&tagged, "n-2"), (&bare, "1.x"), (&bare, "latest")] {
        project.write("SECURITY.md", security(&[(row, "yes")]));
        let run = supported(project, &["--format", "json"]);
        assert_eq!((run.code(), &run.json()["complete"]), (3, &json!(false)), "{row}: {}", run.text());
    }
    let run = supported(&bare, &[]);
    assert!(run.text().contains("fetch-depth: 0"), "it says what to do: {}", run.text());
}

#[test]
fn only_tags_that_are_versions_are_releases() {
    let project = Project::repository();
    project.write("SECURITY.md", security(&[("1.x", "yes"), ("0.x", "yes")]));
    release(&project, "2022-01-01", "v0.1.0", &[FIXED]);
    let tag = |at: &str, words: &[&str]| git_at(project.path(), at, &[&["tag"], words].concat());
    let newest = || lines(&supported(&project, &["--format", "json"]).json())[0].clone();
    let blob = git_at(project.path(), "2022-01-01T00:00:00Z", &["hash-object", "-w", "SECURITY.md"]);
    for other in ["v1.0.0-rc.1", "v1.0.0-alpha", "1.0.0b2", "1.0.dev3", "nightly-2024.01.02", "v1", "one", "old/1.9.0"] {
        tag("2022-01-02T00:00:00Z", &[other]);
        assert_eq!(newest(), "1.x: no-tag", "{other}");
    }
    tag("2022-01-02T00:00:00Z", &["v1.9.9", blob.as_str()]);
    tag("2022-01-02T00:00:00Z", &["v1.9.8", "HEAD^{tree}"]);
    assert_eq!(newest(), "1.x: no-tag", "a tag of no commit");
    for (version, told) in [("v1.2", "1.x: release v1.2"), ("1.3.0", "1.x: release 1.3.0"), ("V1.4.0.1", "1.x: release V1.4.0.1")] {
        tag("2022-01-02T00:00:00Z", &[version]);
        assert_eq!(newest(), told);
    }
    // A tag of a tag has the day of the outer one.
    tag("2022-02-01T00:00:00Z", &["--annotate", "--message", "inner", "inner"]);
    tag("2022-03-01T00:00:00Z", &["--annotate", "--message", "outer", "v1.5.0", "inner"]);
    let report = supported(&project, &["--format", "json"]).json();
    assert_eq!(lines(&report)[0], "1.x: release v1.5.0");
    assert_eq!(report["targets"][1]["release"]["date"], "2022-03-01T00:00:00Z");
    git_at(project.path(), "2022-03-01T00:00:00Z", &["pack-refs", "--all"]);
    assert_eq!(newest(), "1.x: release v1.5.0", "packed");
}

#[test]
fn a_tag_that_is_not_made_yet_is_none() {
    let project = demo();
    for (as_of, line) in [
        ("2020-12-01T23:59:59Z", "1.x: no-tag"),
        ("2020-12-02", "1.x: release v1.0.0"),
        ("2021-01-01T23:59:59Z", "1.x: release v1.0.0"),
        ("2021-01-02", "1.x: release v1.1.0"),
    ] {
        let report = run(project.path(), &["scan", "--supported", "--as-of", as_of, "--format", "json"]).json();
        assert_eq!(lines(&report)[1], line, "{as_of}");
    }
}

/// What code scanning keeps of each result, with the file that it is shown in.
fn results(project: &Project, words: &[&str]) -> BTreeSet<[String; 4]> {
    let report = scan(project.path(), &[&["--format", "sarif"], words].concat()).json();
    let results = list(&report["runs"][0]["results"]);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let of = |result: &Value| {
        let place = &result["locations"][0]["physicalLocation"];
        let message = text(&result["message"]["text"]);
        let release = message.lines().find(|line| line.contains("supported release")).unwrap_or_default();
        let file = text(&place["artifactLocation"]["uri"]).replace("%20", " ");
        assert!(project.path().join(&file).is_file(), "{file} is not there");
        [text(&result["ruleId"]), text(&result["partialFingerprints"]["primaryLocationLineHash"]), file, release.to_owned()]
    };
    let found: BTreeSet<[String; 4]> = results.iter().map(of).collect();
    let prints: BTreeSet<&String> = found.iter().map(|result| &result[1]).collect();
    assert_eq!(prints.len(), results.len(), "two alerts with one fingerprint");
    found
}

#[test]
fn alerts_of_a_line_outlive_its_releases() {
    let project = demo();
    let before = results(&project, &["--supported"]);
    assert_eq!(before.len(), 4);
    let plain = results(&project, &[]);
    assert!(plain.is_subset(&before) && plain.len() == 1, "the working tree's alerts are the same with and without releases");
    let prints = |results: &BTreeSet<[String; 4]>| results.iter().map(|result| result[1].clone()).collect::<BTreeSet<_>>();
    release(&project, "2026-08-01", "v1.1.1", &[OLD, OTHER]);
    release(&project, "2026-08-02", "v2.2.0", &[FIXED, OTHER]);
    let after = results(&project, &["--supported"]);
    assert_eq!(prints(&before), prints(&after));
    let told = |tag: &str| after.iter().filter(|result| result[3].contains(tag)).count();
    assert_eq!((told("v1.1.1 of the line 1.x"), told("v2.2.0 of the line 2.x")), (2, 1));
    // A release that mends it closes the alert of its line alone.
    release(&project, "2026-08-03", "v1.1.2", &[FIXED, OTHER]);
    let mended = results(&project, &["--supported"]);
    assert!(prints(&mended).is_subset(&prints(&after)) && mended.len() == 3);
    // The file of a release is gone; another one that is there carries the alert.
    project.write("new/Cargo.lock", lockfile("app", &[FIXED])).remove("Cargo.lock");
    commit_at(&project, "2026-08-04T00:00:00Z");
    let moved = results(&project, &["--supported"]);
    assert!(moved.len() == 2 && moved.iter().all(|result| result[2] == "new/Cargo.lock"), "{moved:?}");
}

#[test]
fn annotations_say_which_release_they_are_about() {
    let text = supported(&demo(), &["--format", "github"]).stdout();
    let annotations: Vec<&str> = text.lines().take_while(|line| !line.starts_with("::stop-commands")).collect();
    assert_eq!(annotations.len(), 4, "{text}");
    let different: BTreeSet<&&str> = annotations.iter().collect();
    assert_eq!(different.len(), 4, "each says something of its own: {text}");
    for (tag, times) in [("v1.1.0", 2), ("v2.0.0", 1)] {
        assert_eq!(annotations.iter().filter(|annotation| annotation.contains(tag)).count(), times, "{tag}: {text}");
    }
}

/// Two folders in one repository, the first with a blank in its name, in two releases of which the first is worse.
fn two_folders() -> Project {
    let project = Project::repository();
    project.write("SECURITY.md", security(&[("1.x", "yes"), ("2.x", "yes")]));
    project.write("back end/Cargo.lock", lockfile("back", &[OLD, OTHER])).write("tool/Cargo.lock", lockfile("tool", &[OTHER]));
    commit_at(&project, "2022-01-01T00:00:00Z");
    git_at(project.path(), "2022-01-01T00:00:00Z", &["tag", "v1.0.0"]);
    project.write("back end/Cargo.lock", lockfile("back", &[OTHER]));
    commit_at(&project, "2023-01-01T00:00:00Z");
    git_at(project.path(), "2023-01-01T00:00:00Z", &["tag", "v2.0.0"]);
    project.write("back end/Cargo.lock", lockfile("back", &[FIXED])).write("tool/Cargo.lock", lockfile("tool", &[FIXED]));
    commit_at(&project, "2024-01-01T00:00:00Z");
    project
}

#[test]
fn of_a_release_only_the_targets_are_looked_at() {
    let project = two_folders();
    let found = |words: &[&str]| {
        let report = supported(&project, &[&["--format", "json"], words].concat()).json();
        let of = |finding: &Value| {
            let target = &report["targets"][usize::try_from(finding["target"].as_u64().expect("a target")).expect("small")];
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            format!("{} {} {}", text(&target["release"]["tag"]), text(&target["base"]), text(&finding["package"]["name"]))
        };
        list(&report["findings"]).iter().map(of).collect::<BTreeSet<String>>()
    };
    let of_the_first = ["v1.0.0 back end smallvec", "v1.0.0 back end time", "v2.0.0 back end time"].map(str::to_owned);
    let of_the_second = ["v1.0.0 tool time", "v2.0.0 tool time"].map(str::to_owned);
    assert_eq!(found(&["back end"]), BTreeSet::from(of_the_first.clone()));
    assert_eq!(found(&["back end/Cargo.lock"]), BTreeSet::from(of_the_first.clone()));
    assert_eq!(found(&["tool"]), BTreeSet::from(of_the_second.clone()));
    assert_eq!(found(&["back end", "tool"]), of_the_first.into_iter().chain(of_the_second).collect::<BTreeSet<String>>());
    let table = supported(&project, &["back end"]).stdout();
    assert!(table.contains("v1.0.0:back end/Cargo.lock:12"), "{table}");
    assert_eq!(results(&project, &["--supported", "back end", "tool"]).len(), 5);
}

#[test]
fn rows_of_several_targets_are_told_apart() {
    let table = supported(&two_folders(), &["back end", "tool"]).stdout();
    let section = table.lines().skip_while(|line| !line.starts_with("SUPPORTED RELEASES")).skip(1).take_while(|line| !line.is_empty());
    let rows: Vec<&str> = section.collect();
    assert!(rows.len() >= 4, "{table}");
    assert!(rows.iter().any(|row| row.contains("back end")) && rows.iter().any(|row| row.contains("tool")), "{table}");
}

#[test]
fn working_trees_and_detached_heads_have_the_tags_of_their_repository() {
    let project = demo();
    let beside = Project::new();
    let tree = beside.path().join("a tree");
    project.git(&["worktree", "add", "--quiet", "--detach", tree.to_str().expect("text"), "v1.0.0"]);
    let report = scan(&tree, &["--supported", "--format", "json"]).json();
    assert_eq!(lines(&report)[..3], ["2.x: release v2.0.0", "1.x: release v1.1.0", "1.1: release v1.1.0"].map(str::to_owned));
    assert!(fs::metadata(tree.join(".git")).expect("there").is_file());
}

#[test]
fn where_there_is_nothing_to_look_at_it_is_an_error_with_a_hint() {
    let rows = security(&[("1.x", "yes")]);
    let promises = "- Critical: fixed within 7 days\n";
    let without_git = Project::new();
    without_git.write("Cargo.lock", lockfile("app", &[FIXED])).write("SECURITY.md", &rows);
    let without_rows = Project::repository();
    without_rows.write("Cargo.lock", lockfile("app", &[FIXED])).write("SECURITY.md", promises);
    let without_policy = Project::repository();
    without_policy.write("Cargo.lock", lockfile("app", &[FIXED]));
    let said = "no policy here says which versions are supported";
    for (project, error) in [(&without_git, ". is in no git repository"), (&without_rows, said), (&without_policy, said)] {
        let run = supported(project, &[]);
        assert!(run.code() == 2 && run.stderr().contains(error) && run.stderr().contains("\nhint: "), "{}", run.text());
    }
    for words in [&["--new-since", "HEAD"][..], &["--baseline", "before.json"]] {
        let run = supported(&demo(), words);
        assert!(run.code() == 2 && run.stderr().contains("cannot be used with"), "{words:?}: {}", run.text());
    }
}
