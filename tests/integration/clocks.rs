//! Simulated clocks: where findings stand at a moment, by every clock that a policy can choose, to the second.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    harness::{AS_OF, assert_case, fixture},
    projects::{OLD, OTHER, Project, lockfile, run, scan},
};

/// A crate with one vulnerability that nobody has graded (RUSTSEC-2024-0020), and no other.
pub(crate) const UNGRADED: (&str, &str) = ("whoami", "1.4.1");
/// When that was published.
pub(crate) const PUBLISHED: &str = "2024-02-28T12:00:00Z";
/// A crate with one vulnerability of which there is no fix (RUSTSEC-2020-0034, published 2020-08-25T12:00:00Z).
const UNFIXED: (&str, &str) = ("arr", "0.6.0");

const FIRST_SEEN: &str = "[judging]\nclock = \"first-seen\"\n\n[general]\nfix = \"30 days\"\n";
const FIX_AVAILABLE: &str = "[judging]\nclock = \"fix-available\"\n\n[general]\nfix = \"30 days\"\n";
pub(crate) const INTRODUCED: &str = "[judging]\nclock = \"introduced\"\n\n[general]\nfix = \"30 days\"\n";

/// The cases of a table among the fixtures.
pub(crate) fn table<T: DeserializeOwned>(path: &str) -> Vec<T> {
    let text = fs::read_to_string(fixture(path)).expect("a table");
    let mut table: BTreeMap<String, Vec<T>> = toml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    let cases = table.remove("case").expect("cases");
    assert!(!cases.is_empty(), "{path} has no case");
    cases
}

/// Runs git at a moment, with nothing of the caller's configuration.
pub(crate) fn git_at(folder: &Path, moment: &str, words: &[&str]) {
    let mut command = Command::new("git");
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", folder).env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "A Person").env(format!("GIT_{who}_EMAIL"), "person@index.example");
        command.env(format!("GIT_{who}_DATE"), moment);
    }
    let output = command.arg("-C").arg(folder).args(words).output().expect("git runs");
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Commits everything at a moment.
pub(crate) fn commit_at(project: &Project, moment: &str) {
    git_at(project.path(), moment, &["add", "--all"]);
    git_at(project.path(), moment, &["commit", "--quiet", "--allow-empty", "--message", "a commit"]);
}

/// What a scan as of a moment reports.
pub(crate) fn report(folder: &Path, as_of: &str, words: &[&str]) -> Value {
    run(folder, &[&["scan", "--format", "json", "--as-of", as_of], words].concat()).json()
}

/// The only finding of a package.
pub(crate) fn only<'r>(report: &'r Value, package: &str) -> &'r Value {
    let all = report["findings"].as_array().expect("a list").iter();
    let found: Vec<&Value> = all.filter(|finding| finding["package"]["name"] == package).collect();
    assert_eq!(found.len(), 1, "{package}: {report}");
    found[0]
}

/// Where a finding stands, and why where it has no deadline.
pub(crate) fn standing(finding: &Value) -> String {
    let words = [&finding["standing"], &finding["no_deadline"]].into_iter().filter_map(Value::as_str);
    words.collect::<Vec<_>>().join(" ")
}

/// The kinds of what is wrong with the configuration.
pub(crate) fn checks(report: &Value) -> Vec<&str> {
    report["checks"].as_array().expect("a list").iter().filter_map(|check| check["kind"].as_str()).collect()
}

/// What started a clock and when, without the reason of a fallback, which is to have certain words.
pub(crate) fn clock(finding: &Value, fallback: Option<&str>) -> (String, String) {
    let clock = &finding["clock"];
    let told = clock["fallback"].as_str();
    assert!(told.is_some() == fallback.is_some() && fallback.is_none_or(|words| told.is_some_and(|told| told.contains(words))), "{clock}");
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    (text(&clock["started"]), text(&clock["basis"]))
}

/// A clock that started so.
pub(crate) fn started(at: &str, basis: &str) -> (String, String) {
    (at.to_owned(), basis.to_owned())
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Judging {
    name: String,
    policy: String,
    at: Vec<(String, String)>,
    fix_by: Option<String>,
    respond_by: Option<String>,
    by: Option<String>,
    #[serde(default)]
    soft: bool,
}

#[test]
fn where_a_finding_stands_is_told_to_the_second() {
    for case in table::<Judging>("clocks/judging.toml") {
        let project = Project::new();
        project.write("overdue.toml", &case.policy).write("Cargo.lock", lockfile("app", &[UNGRADED]));
        for (moment, expected) in &case.at {
            let report = report(project.path(), moment, &[]);
            let finding = only(&report, UNGRADED.0);
            let place = format!("{} at {moment}\n{finding}", case.name);
            assert_eq!(&standing(finding), expected, "{place}");
            assert_eq!((&finding["fix_by"], &finding["respond_by"]), (&json!(case.fix_by), &json!(case.respond_by)), "{place}");
            let judged_by = &finding["judged_by"];
            let line = judged_by["line"].as_u64().map_or_else(|| "builtin".to_owned(), |line| line.to_string());
            let by = judged_by["stage"].as_str().map(|stage| format!("{stage} {line}"));
            assert_eq!((by.as_ref(), judged_by["soft"].as_bool()), (case.by.as_ref(), Some(case.soft)), "{place}");
        }
    }
}

#[test]
fn a_response_does_not_hide_that_a_fix_was_promised_for_a_release() {
    let response = "[[responses]]\nid = \"RUSTSEC-2024-0020\"\nat = 2024-02-29\n";
    for (fix, expected) in
        [("{ words = \"soon\" }", "no-deadline answered"), ("{ until = \"next-release\" }", "no-deadline releases-unknown")]
    {
        let project = Project::new();
        let policy = format!("[tiers.high]\nrespond = \"1 day\"\nfix = {fix}\n\n{response}");
        project.write("overdue.toml", policy).write("Cargo.lock", lockfile("app", &[UNGRADED]));
        assert_eq!(standing(only(&report(project.path(), "2024-03-01", &[]), UNGRADED.0)), expected, "{fix}");
    }
}

#[test]
fn a_response_is_recorded_by_ack_under_any_id_and_once() {
    let project = Project::new();
    project.write("SECURITY.md", "We respond to all reports within 2 days.\n").write("Cargo.lock", lockfile("app", &[UNGRADED, OTHER]));
    let ack = |words: &[&str]| run(project.path(), &[&["ack", "--at", "2024-03-02T10:00:00+02:00"], words].concat());
    let recorded = ack(&["ghsa-w5w5-8vfh-xcjq", "--note", "we \"said\" so"]);
    assert_eq!(recorded.code(), 0, "{}", recorded.text());
    for (moment, expected) in
        [("2024-03-01T12:00:00Z", "due-soon"), ("2024-03-02T07:59:59Z", "overdue"), ("2024-03-02T08:00:00Z", "no-deadline answered")]
    {
        let report = report(project.path(), moment, &[]);
        assert_eq!(standing(only(&report, UNGRADED.0)), expected, "{moment}");
        assert_eq!(standing(only(&report, OTHER.0)), "overdue", "{moment}: another vulnerability is answered for");
    }
    let report = report(project.path(), AS_OF, &[]);
    let response = &only(&report, UNGRADED.0)["response"];
    assert_eq!((&response["at"], &response["note"]), (&json!("2024-03-02T08:00:00Z"), &json!("we \"said\" so")));
    let before = fs::read_to_string(project.path().join("overdue.toml")).expect("written");
    let again = ack(&["GHSA-w5w5-8vfh-xcjq"]);
    assert!(again.code() == 2 && again.stderr().contains("2024-03-02 (overdue.toml:2)"), "{}", again.text());
    assert_eq!(fs::read_to_string(project.path().join("overdue.toml")).expect("there"), before);
}

#[test]
fn one_lockfile_is_judged_by_two_policies_and_by_one_that_changes() {
    let project = Project::new();
    let policies = [("lax", "60 days", "on-track"), ("strict", "2 days", "overdue")];
    project.write("Cargo.lock", lockfile("app", &[UNGRADED]));
    for (name, fix, expected) in policies {
        let (own, text) = (format!("{name}.toml"), format!("[tiers.high]\nfix = \"{fix}\"\n"));
        project.write(&own, &text).write("overdue.toml", &text);
        for (words, path) in [(&["--policy", own.as_str()][..], own.as_str()), (&[], "overdue.toml")] {
            let report = report(project.path(), "2024-03-20", words);
            let finding = only(&report, UNGRADED.0);
            assert_eq!((standing(finding).as_str(), &finding["judged_by"]["path"]), (expected, &json!(path)), "{name} {words:?}");
            // The clock is not the policy's, and what was found neither.
            assert_eq!(clock(finding, None), started(PUBLISHED, "published"));
        }
    }
}

#[test]
fn what_nobody_has_graded_gets_the_tier_whose_example_speaks_of_it() {
    let project = Project::new();
    let crates = [UNGRADED, ("chrono", "0.4.19"), ("h2", "0.4.10"), ("idna", "0.5.0"), ("svix", "1.16.0"), ("atty", "0.2.14"), OLD, OTHER];
    let text = fs::read_to_string(fixture("clocks/examples/SECURITY.md")).expect("a policy");
    project.write("SECURITY.md", text).write("Cargo.lock", lockfile("app", &crates));
    let run = scan(project.path(), &["--format", "json"]);
    for (package, tier, reason, example) in [
        // Of several kinds the gravest tier's.
        ("chrono", "critical", "example", Some(("Remote code execution", 11))),
        ("idna", "high", "example", Some(("Privilege escalation", 20))),
        (UNGRADED.0, "medium", "example", Some(("Denial of service", 29))),
        ("h2", "medium", "example", Some(("Denial of service", 29))),
        // No example is about weak cryptography.
        ("svix", "high", "unscored", None),
        // A score goes before an example, and what is no vulnerability has no tier.
        (OTHER.0, "medium", "score", None),
        (OLD.0, "critical", "score", None),
    ] {
        let report = run.json();
        let finding = only(&report, package);
        let example = example.map(|(text, line)| json!({ "text": text, "path": "SECURITY.md", "line": line }));
        assert_eq!((&finding["tier"], &finding["tier_reason"]), (&json!(tier), &json!(reason)), "{finding}");
        assert_eq!(finding["tier_example"], json!(example), "{finding}");
    }
    for finding in run.json()["findings"].as_array().expect("a list").iter().filter(|finding| finding["package"]["name"] == "atty") {
        assert_eq!((&finding["tier"], &finding["tier_reason"]), (&json!("none"), &json!("informational")), "{finding}");
    }
    // Whatever else nobody has graded is judged as the policy says, examples first.
    project.write("overdue.toml", "[judging]\nunscored = \"low\"\n");
    let report = report(project.path(), AS_OF, &[]);
    let tier = |package: &str| only(&report, package)["tier"].clone();
    assert_eq!([tier("svix"), tier("chrono")], ["low", "critical"]);
}

#[test]
fn rules_count_from_the_publication_whatever_the_clock() {
    let line = |name: &str, id: &str| format!("2026-08-01T00:00:00Z\t2026-08-01T00:00:00Z\tcrates.io\t{name}\t{id}\n");
    for policy in [FIRST_SEEN, FIX_AVAILABLE, INTRODUCED] {
        let project = Project::repository();
        project.write("overdue.toml", format!("{policy}\n[[rules]]\nmin-tier = \"low\"\nmax-age = \"60 days\"\n"));
        project.write("overdue.state", line(UNGRADED.0, "RUSTSEC-2024-0020") + &line(UNFIXED.0, "RUSTSEC-2020-0034"));
        project.write("Cargo.lock", lockfile("app", &[UNGRADED, UNFIXED]));
        commit_at(&project, "2026-08-01T00:00:00Z");
        let report = report(project.path(), AS_OF, &[]);
        for (package, by) in [(UNGRADED.0, "2024-04-28T12:00:00Z"), (UNFIXED.0, "2020-10-24T12:00:00Z")] {
            let finding = only(&report, package);
            let said = (&finding["fix_by"], &finding["judged_by"]["stage"], standing(finding));
            assert_eq!(said, (&json!(by), &json!("rule"), "overdue".to_owned()), "{policy}{finding}");
        }
    }
}

/// The line of a state file about a crate.
fn line(first: &str, fix: &str, name: &str, id: &str) -> String {
    format!("{first}\t{fix}\tcrates.io\t{name}\t{id}\n")
}

fn state(project: &Project) -> String {
    fs::read_to_string(project.path().join("overdue.state")).expect("a state file")
}

fn record(project: &Project, as_of: &str, words: &[&str]) {
    let run = run(project.path(), &[&["scan", "-q", "--record", "--fail-on", "never", "--as-of", as_of], words].concat());
    assert!([0, 3].contains(&run.code()), "{words:?}\n{}", run.text());
}

#[test]
fn what_is_first_seen_is_written_down_once() {
    let project = Project::new();
    project.write("overdue.toml", FIRST_SEEN).write("Cargo.lock", lockfile("app", &[UNGRADED, UNFIXED]));
    let before = report(project.path(), AS_OF, &[]);
    let expected = started(PUBLISHED, "published");
    assert_eq!(clock(only(&before, UNGRADED.0), Some("there is no overdue.state; `overdue --record` writes it")), expected);
    assert_eq!(checks(&before), ["clock-fallback"]);
    assert_case("clocks-without-a-state", &scan(project.path(), &["--width", "120"]).text());

    record(&project, "2024-05-05T10:00:00+02:00", &[]);
    let (moment, written) = ("2024-05-05T08:00:00Z", state(&project));
    let lines = line(moment, "-", UNFIXED.0, "RUSTSEC-2020-0034") + &line(moment, moment, UNGRADED.0, "RUSTSEC-2024-0020");
    assert!(written.starts_with("# ") && written.ends_with(&format!(".\n{lines}")), "{written}");
    let attributes = || fs::read_to_string(project.path().join(".gitattributes")).expect("attributes");
    assert_eq!(attributes(), "overdue.state merge=union\n");
    record(&project, "2024-06-05", &[]);
    assert_eq!((state(&project), attributes().as_str()), (written.clone(), "overdue.state merge=union\n"));

    // What is not written down yet is seen now, and that is told. A bump to another vulnerable version changes nothing.
    project.write("Cargo.lock", lockfile("app", &[(UNGRADED.0, "1.4.0"), UNFIXED, OLD]));
    let report = report(project.path(), "2024-06-06", &[]);
    assert_eq!(clock(only(&report, UNGRADED.0), None), started(moment, "first-seen"));
    assert_eq!(only(&report, UNGRADED.0)["fix_by"], "2024-06-04T08:00:00Z");
    assert_eq!(clock(only(&report, OLD.0), Some("has no line about it yet")), started("2024-06-06T00:00:00Z", "first-seen"));
    assert_eq!((checks(&report), state(&project)), (vec!["not-recorded"], written));
    let gated = scan(project.path(), &["--fail-on", "checks"]);
    assert_eq!(gated.code(), 1, "{}", gated.text());
}

/// A repository with dependency files of several kinds, each with one vulnerability that is written down.
fn recorded() -> (Project, String) {
    let project = Project::repository();
    let poetry = "[[package]]\nname = \"diffoscope\"\nversion = \"250\"\noptional = false\npython-versions = \">=3.8\"\n\
                  groups = [\"dev\"]\nfiles = []\n\n\
                  [metadata]\nlock-version = \"2.1\"\npython-versions = \">=3.8\"\ncontent-hash = \"0\"\n";
    project.write("overdue.toml", FIRST_SEEN).write("poetry.lock", poetry);
    project.write("a/requirements.txt", "fastapi==0.108.0 ; sys_platform == \"win32\"\n");
    project.write("b/requirements.txt", "mkdocs==1.2.2 ; python_version < \"3.8\"\n");
    project.write("Cargo.lock", lockfile("app", &[UNGRADED])).commit();
    record(&project, "2024-05-05", &[]);
    let written = state(&project);
    assert_eq!(written.lines().count(), 5, "{written}");
    (project, written)
}

#[test]
fn what_is_gone_is_forgotten_by_a_scan_of_everything() {
    let (project, written) = recorded();
    project.remove("a/requirements.txt");
    for part in ["Cargo.lock", "b", "poetry.lock"] {
        record(&project, AS_OF, &[part]);
        assert_eq!(state(&project), written, "{part}");
    }
    project.write("c/poetry.lock", "<html>");
    record(&project, AS_OF, &[]);
    assert_eq!(state(&project), written, "a file could not be read");
    project.remove("c/poetry.lock");
    record(&project, AS_OF, &[]);
    let left: String = written.split_inclusive('\n').filter(|line| !line.contains("fastapi")).collect();
    assert_eq!(state(&project), left);
    // What comes back comes anew.
    project.write("a/requirements.txt", "fastapi==0.108.0\n");
    record(&project, AS_OF, &[]);
    assert!(state(&project).contains("2026-08-22T00:00:00Z\t2026-08-22T00:00:00Z\tPyPI\tfastapi\t"), "{}", state(&project));
}

#[test]
fn what_a_scan_does_not_look_at_is_not_forgotten() {
    let (project, written) = recorded();
    let outside = Project::new();
    let old = outside.path().join("db").display().to_string();
    let advisory = fixture("advisories/osv/RUSTSEC-2099-0001.json").display().to_string();
    let import = run(outside.path(), &["db", "import", "--db", &old, &advisory]);
    assert_eq!(import.code(), 0, "{}", import.text());
    // The last: advisories that are too old to rely on, so that the result is incomplete.
    for words in [&["--no-dev"][..], &["--platform", "linux"], &["--python-version", "3.11"], &["--db", old.as_str()]] {
        record(&project, AS_OF, words);
        assert_eq!(state(&project), written, "{words:?}");
        project.write("overdue.state", &written);
    }
}

#[test]
fn two_branches_that_both_recorded_merge_without_conflicts() {
    for is_recorded_before in [false, true] {
        let project = Project::repository();
        project
            .write("overdue.toml", FIRST_SEEN)
            .write("a/Cargo.lock", lockfile("a", &[UNFIXED]))
            .write("b/Cargo.lock", lockfile("b", &[]));
        if is_recorded_before {
            record(&project, "2024-03-01", &[]);
        }
        project.commit();
        for (branch, file, crates, as_of) in [
            ("one", "a/Cargo.lock", &[UNGRADED, OTHER][..], "2024-05-01"),
            ("two", "b/Cargo.lock", &[UNGRADED, OLD, UNFIXED], "2024-04-01"),
        ] {
            project.git(&["checkout", "--quiet", "-b", branch, "main"]);
            project.write(file, lockfile(branch, crates));
            record(&project, as_of, &[]);
            project.commit();
        }
        project.git(&["merge", "--quiet", "--no-edit", "one"]);
        assert_eq!(project.git(&["status", "--porcelain"]), "");
        let merged = state(&project);
        let report = report(project.path(), AS_OF, &["b"]);
        let of_the_third = if is_recorded_before { "2024-03-01T00:00:00Z" } else { "2024-04-01T00:00:00Z" };
        for (package, first) in [(UNGRADED.0, "2024-04-01T00:00:00Z"), (OLD.0, "2024-04-01T00:00:00Z"), (UNFIXED.0, of_the_third)] {
            assert_eq!(clock(only(&report, package), None), started(first, "first-seen"), "{merged}");
        }
        let report = self::report(project.path(), AS_OF, &["a"]);
        assert_eq!(clock(only(&report, OTHER.0), None), started("2024-05-01T00:00:00Z", "first-seen"), "{merged}");
        // Nothing is new, so that nothing is written.
        record(&project, AS_OF, &["a"]);
        assert_eq!(state(&project), merged);
    }
}

#[test]
fn of_a_state_file_that_people_have_edited_the_earliest_holds_or_the_broken_line_is_told() {
    let project = Project::new();
    project.write("overdue.toml", FIRST_SEEN).write("Cargo.lock", lockfile("app", &[UNGRADED]));
    let late = line("2024-06-01", "-", UNGRADED.0, "RUSTSEC-2024-0020");
    let early = line("2024-05-01T02:00:00+02:00", "2024-07-01", UNGRADED.0, "GHSA-w5w5-8vfh-xcjq");
    let marks = format!("<<<<<<< HEAD\n{late}||||||| base\n=======\n{early}>>>>>>> other\n");
    for text in [format!("{late}{early}"), format!("# words\n\n{early}{late}"), marks.clone(), marks.replace('\n', "\r\n")] {
        project.write("overdue.state", &text);
        let report = report(project.path(), AS_OF, &[]);
        assert_eq!(clock(only(&report, UNGRADED.0), None), started("2024-05-01T00:00:00Z", "first-seen"), "{text}");
    }
    for (text, place) in [
        ("x\n".to_owned(), "overdue.state: line 1: "),
        (format!("# words\n{late}{}", late.replace('\t', " ")), "overdue.state: line 3: "),
        (late.replace("2024-06-01", "yesterday"), "overdue.state: line 1: `yesterday`"),
        (late.replace("\t-\t", "\tno\t"), "overdue.state: line 1: `no`"),
        (format!("{early}{}", late.replace("RUSTSEC", "a\tRUSTSEC")), "overdue.state: line 2: "),
    ] {
        project.write("overdue.state", &text);
        for words in [&["--as-of", AS_OF][..], &["--as-of", AS_OF, "--record"]] {
            let run = run(project.path(), &[&["scan"], words].concat());
            assert!(run.code() == 2 && run.stdout().is_empty() && run.stderr().contains(place), "{text}\n{}", run.text());
            assert_eq!(state(&project), text, "a file that cannot be read is left as it is");
        }
    }
}

#[test]
fn attributes_that_are_no_utf_8_are_kept() {
    let project = Project::new();
    let own = b"# caf\xe9\n*.png binary\n";
    project.write("overdue.toml", FIRST_SEEN).write("Cargo.lock", lockfile("app", &[UNGRADED])).write(".gitattributes", own);
    record(&project, AS_OF, &[]);
    let after = fs::read(project.path().join(".gitattributes")).expect("there");
    assert!(after.starts_with(own), "{}", String::from_utf8_lossy(&after));
}

#[test]
fn the_clock_fix_available_waits_for_a_fix() {
    let project = Project::new();
    project.write("overdue.toml", FIX_AVAILABLE).write("Cargo.lock", lockfile("app", &[UNGRADED, UNFIXED]));
    let about = |first: &str, fix: &str| line(first, fix, UNGRADED.0, "RUSTSEC-2024-0020");
    for (state, at, basis, fallback) in [
        (None, PUBLISHED, "published", Some("there is no overdue.state")),
        (Some(String::new()), PUBLISHED, "published", Some("does not say since when there is a fix")),
        (Some(about("2024-05-01", "-")), PUBLISHED, "published", Some("does not say since when there is a fix")),
        (Some(about("2024-05-01", "2024-06-01")), "2024-06-01T00:00:00Z", "fix-available", None),
        (Some(about("2024-01-01", "2024-02-28T12:00:00Z")), PUBLISHED, "published", None),
        (Some(about("2024-01-01", "2024-02-28T12:00:01Z")), "2024-02-28T12:00:01Z", "fix-available", None),
    ] {
        if let Some(state) = &state {
            project.write("overdue.state", state);
        }
        let report = report(project.path(), AS_OF, &[]);
        assert_eq!(clock(only(&report, UNGRADED.0), fallback), started(at, basis), "{state:?}");
        let unfixed = only(&report, UNFIXED.0);
        assert_eq!((standing(unfixed).as_str(), clock(unfixed, None)), ("no-deadline no-fix", started("-", "fix-available")), "{state:?}");
        assert_eq!(checks(&report), fallback.map_or(vec![], |_| vec!["clock-fallback"]), "{state:?}");
    }
    // A fix that has come since is added to what is written down, which keeps the rest.
    project.write("overdue.state", about("2024-05-01", "-"));
    record(&project, "2024-06-01T12:00:00Z", &[]);
    assert!(state(&project).contains(&about("2024-05-01T00:00:00Z", "2024-06-01T12:00:00Z")), "{}", state(&project));
    let report = report(project.path(), AS_OF, &[]);
    assert_eq!(clock(only(&report, UNGRADED.0), None), started("2024-06-01T12:00:00Z", "fix-available"));
}
