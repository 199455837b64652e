//! `overdue ack` and `overdue policy import`: what they add to an `overdue.toml`, and what they leave as it is.

use std::fs;

use serde_json::Value;

use crate::{
    harness::{Run, assert_case},
    projects::{OLD, OTHER, Project, lockfile, run},
};

fn text(project: &Project, path: &str) -> String {
    fs::read_to_string(project.path().join(path)).expect("a file")
}

fn ack(project: &Project, words: &[&str]) -> Run {
    run(project.path(), &[&["ack", "--at", "2026-08-20"], words].concat())
}

fn import(project: &Project, words: &[&str]) -> Run {
    run(project.path(), &[&["policy", "import", "--expires", "2027-01-31"], words].concat())
}

fn finding(run: &Run, package: &str) -> Value {
    let report = run.json();
    let findings = report["findings"].as_array().expect("a list");
    findings.iter().find(|finding| finding["package"]["name"] == package).unwrap_or_else(|| panic!("none\n{}", run.text())).clone()
}

/// What `overdue ack` adds.
const ANSWERED: &str = "[[responses]]\nid = \"RUSTSEC-2020-0071\"\nat = \"2026-08-20T00:00:00Z\"\n";

#[test]
fn an_answer_satisfies_what_is_promised_about_responding_from_its_moment_on() {
    let project = Project::new();
    project.write("Cargo.lock", lockfile("app", &[OLD, OTHER]));
    project.write("overdue.toml", "[tiers.critical]\nrespond = \"1 day\"\n\n[tiers.medium]\nrespond = \"2 days\"\n");
    let words = ["ack", "cve-2020-26235", "--at", "2026-08-21T12:00:00Z", "--note", "not affected: \"now\" is\nnever called"];
    let done = run(project.path(), &words);
    assert_eq!((done.code(), done.stdout()), (0, String::new()), "{}", done.text());
    assert!(done.stderr().contains("overdue.toml: CVE-2020-26235 was answered for at 2026-08-21T12:00:00Z"), "{}", done.stderr());
    for (as_of, standing, answered) in
        [("2026-08-21T11:59:59Z", "overdue", false), ("2026-08-21T12:00:00Z", "no-deadline", true), ("2026-08-22", "no-deadline", true)]
    {
        let run = run(project.path(), &["scan", "--as-of", as_of, "--format", "json"]);
        let (time, other) = (finding(&run, "time"), finding(&run, "smallvec"));
        assert_eq!((&time["standing"], time["response"].is_object()), (&standing.into(), answered), "{as_of}\n{}", run.text());
        assert_eq!((&other["standing"], other["response"].is_object()), (&"overdue".into(), false), "{as_of}");
        if answered {
            let expected = serde_json::json!({
                "at": "2026-08-21T12:00:00Z", "note": "not affected: \"now\" is\nnever called", "path": "overdue.toml", "line": 8
            });
            assert_eq!((&time["response"], &time["no_deadline"]), (&expected, &"answered".into()), "{as_of}");
        }
    }
}

#[test]
fn the_entry_is_added_at_the_end_and_the_rest_stays_as_it_is() {
    let crlf = ANSWERED.replace('\n', "\r\n");
    for (name, before, added) in [
        ("no file", None, ANSWERED.to_owned()),
        ("an empty file", Some(""), ANSWERED.to_owned()),
        (
            "comments and an order of its own",
            Some("# head\n[gate] # why\nfail-on='any'\n\n# between\n[tiers.low]\nfix = \"9 days\"\n"),
            format!("\n{ANSWERED}"),
        ),
        ("a comment at the end", Some("[gate]\n# tail\n"), format!("\n{ANSWERED}")),
        ("an empty line at the end", Some("[gate]\n\n"), ANSWERED.to_owned()),
        ("no line end", Some("[gate]\nadmitted = false # tail"), format!("\n\n{ANSWERED}")),
        ("a text over several lines", Some("[tiers.low]\nfix = \"\"\"9 days\"\"\""), format!("\n\n{ANSWERED}")),
        ("line ends of Windows", Some("# head\r\n[gate]\r\nadmitted = false\r\n"), format!("\r\n{crlf}")),
        ("line ends of Windows, and none at the end", Some("[gate]\r\nadmitted = false"), format!("\r\n\r\n{crlf}")),
        ("an empty line of Windows at the end", Some("[gate]\r\n\r\n"), crlf.clone()),
        ("a byte-order mark", Some("\u{feff}[gate]\n"), format!("\n{ANSWERED}")),
        (
            "another answer",
            Some("[[responses]]\nid = \"CVE-2021-25900\"\nat = 2026-08-01\n[gate]\nadmitted = false\n"),
            format!("\n{ANSWERED}"),
        ),
        (
            "what is not filled in",
            Some("[[exceptions]]\nid = \"TODO\"\nreason = \"TODO\"\nexpires = 2027-01-31\n"),
            format!("\n{ANSWERED}"),
        ),
    ] {
        let project = Project::new();
        if let Some(before) = before {
            project.write("overdue.toml", before);
        }
        let done = ack(&project, &["RUSTSEC-2020-0071"]);
        assert_eq!(done.code(), 0, "{name}\n{}", done.text());
        assert_eq!(text(&project, "overdue.toml"), format!("{}{added}", before.unwrap_or_default()), "{name}");
        // A second one says so, by whichever id, and writes nothing.
        for id in ["RUSTSEC-2020-0071", "rustsec-2020-0071", "CVE-2020-26235", "GHSA-wcg3-cvx6-7396"] {
            let again = ack(&project, &[id]);
            assert!(again.code() == 2 && again.stderr().contains("was answered for on 2026-08-20"), "{name} {id}\n{}", again.text());
        }
        assert_eq!(text(&project, "overdue.toml"), format!("{}{added}", before.unwrap_or_default()), "{name}");
    }
}

#[test]
fn what_does_not_fit_changes_nothing() {
    for (name, before, words, said) in [
        ("an unknown id", "[gate]\n", &["RUSTSEC-2999-0001"][..], "nothing at hand bears the id RUSTSEC-2999-0001"),
        ("no id", "[gate]\n", &[""], "nothing at hand bears the id"),
        ("a broken file", "[gate\n", &["RUSTSEC-2020-0071"], "overdue.toml:1: "),
        ("a misspelt key", "[gates]\n", &["RUSTSEC-2020-0071"], "overdue.toml:1: "),
        ("answers on one line", "responses = []\n", &["RUSTSEC-2020-0071"], "nothing was written"),
        ("of another package", "[gate]\n", &["RUSTSEC-2020-0071", "--package", "chrono"], "chrono"),
        ("of no package", "[gate]\n", &["RUSTSEC-2020-0071", "--package", ""], ""),
        ("in a text", "[gate]\n", &["RUSTSEC-2020-0071", "--policy", "SECURITY.md"], "SECURITY.md is no overdue.toml"),
        (
            "in a folder that is not there",
            "[gate]\n",
            &["RUSTSEC-2020-0071", "--policy", "no/overdue.toml"],
            "cannot write no/overdue.toml",
        ),
    ] {
        let project = Project::new();
        project.write("overdue.toml", before).write("SECURITY.md", "# Words\n");
        let run = ack(&project, words);
        assert_eq!((run.code(), run.stdout()), (2, String::new()), "{name}\n{}", run.text());
        assert!(run.stderr().starts_with("error: ") && run.stderr().contains(said), "{name}\n{}", run.stderr());
        assert_eq!((text(&project, "overdue.toml").as_str(), text(&project, "SECURITY.md").as_str()), (before, "# Words\n"), "{name}");
    }
    let project = Project::new();
    let run = run(project.path(), &["ack", "RUSTSEC-2020-0071", "--at", "yesterday"]);
    assert!(run.code() == 2 && !project.path().join("overdue.toml").exists(), "{}", run.text());
}

#[test]
fn any_note_is_read_back_as_it_was_given() {
    for note in [
        "plain",
        "a \"quote\" and 'another'",
        "two\nlines",
        "a \\ and a tab\t.",
        "\"\"\"",
        "größe 用不到 \u{2028}",
        "\u{7}\u{1b}[31m",
        "# no comment",
        " ",
    ] {
        let project = Project::new();
        project.write("Cargo.lock", lockfile("app", &[OTHER]));
        let done = ack(&project, &["RUSTSEC-2020-0071", "--package", "time", "--note", note]);
        assert_eq!(done.code(), 0, "{note}\n{}", done.text());
        let run = project.scan(&["--format", "json"]);
        assert_eq!(finding(&run, "time")["response"]["note"], note, "{}", run.text());
        let package = text(&project, "overdue.toml").lines().any(|line| line == "package = \"time\"");
        assert!(package, "{}", text(&project, "overdue.toml"));
        // No control character of a note reaches a terminal.
        let shown = project.scan(&["-v"]).stdout();
        assert!(!shown.contains(['\u{7}', '\u{1b}']), "{shown:?}");
    }
}

#[test]
fn an_answer_goes_into_the_nearest_file_else_to_the_root_of_the_repository() {
    let project = Project::repository();
    project.write("a/overdue.toml", "[gate]\n").write("a/b/words", "").write("c/words", "");
    for (folder, file, shown) in [("a/b", "a/overdue.toml", "../overdue.toml"), ("c", "overdue.toml", "../overdue.toml")] {
        let done = run(&project.path().join(folder), &["ack", "RUSTSEC-2020-0071", "--at", "2026-08-20"]);
        assert!(done.code() == 0 && done.stderr().starts_with(shown), "{folder}\n{}", done.text());
        assert!(text(&project, file).ends_with(ANSWERED), "{folder}");
    }
    let done = run(&project.path().join("c"), &["ack", "RUSTSEC-2020-0071", "--at", "2026-08-20", "--policy", "my own.toml", "-q"]);
    assert_eq!((done.code(), done.stderr()), (0, String::new()), "{}", done.text());
    assert_eq!(text(&project, "c/my own.toml"), ANSWERED);
    // Without a repository it is this folder's.
    let plain = Project::new();
    plain.write("sub/words", "");
    assert_eq!(run(&plain.path().join("sub"), &["ack", "RUSTSEC-2020-0071", "--at", "2026-08-20"]).code(), 0);
    assert!(plain.path().join("sub/overdue.toml").exists() && !plain.path().join("overdue.toml").exists());
}

/// An ignore list of each format that is read: its name, its text, and what of it is not taken over.
const LISTS: [(&str, &str, &str); 7] = [
    (
        "audit.toml",
        "[advisories]\nignore = [\n  \"RUSTSEC-2020-0071\", # local offset only\n]\nseverity_threshold = \"medium\"\n",
        "audit.toml:5: not taken over: advisories.severity_threshold",
    ),
    (
        "deny.toml",
        "[advisories]\nyanked = \"deny\"\nignore = [{ id = \"RUSTSEC-2020-0071\", reason = \"local offset only\" }]\n",
        "deny.toml:2: not taken over: advisories.yanked",
    ),
    (
        "osv-scanner.toml",
        "[[IgnoredVulns]]\nid = \"CVE-2020-26235\"\nignoreUntil = 2027-01-31\nreason = \"local offset only\"\n\n\
         [[PackageOverrides]]\nname = \"lib\"\nignore = true\n",
        "osv-scanner.toml:6: not taken over: name = lib",
    ),
    (".trivyignore", "# local offset only\nCVE-2020-26235 exp:2027-01-31\n\nAVD-DS-0002\n", ".trivyignore:4: not taken over: AVD-DS-0002"),
    (
        ".trivyignore.yaml",
        "vulnerabilities:\n  - id: CVE-2020-26235\n    purls:\n      - pkg:cargo/time@0.1.43\n    paths:\n      - Cargo.lock\n    \
         statement: local offset only\nsecrets:\n  - id: aws-access-key-id\n",
        ".trivyignore.yaml:9: not taken over: secrets",
    ),
    (
        ".grype.yaml",
        "fail-on-severity: high\nignore:\n  - vulnerability: GHSA-wcg3-cvx6-7396\n    reason: local offset only\n    package:\n      \
         name: time\n      version: 0.1.43\n",
        ".grype.yaml:1: not taken over: fail-on-severity",
    ),
    (
        ".safety-policy.yml",
        "security:\n  ignore-cvss-severity-below: 4\n  ignore-vulnerabilities:\n    25853:\n      reason: local offset only\n      \
         expires: \"2027-01-31\"\n",
        ".safety-policy.yml:2: not taken over: security.ignore-cvss-severity-below",
    ),
];

/// An imported file with the reasons filled in, and the id where the list's own is of no public advisory.
fn filled_in(toml: &str) -> String {
    let fill = |line: &str| match line.split_once(" = ") {
        Some(("reason", value)) if value.starts_with("\"TODO") => "reason = \"local offset only\"\n".to_owned(),
        Some(("id", value)) if value.starts_with("\"TODO") => "id = \"CVE-2020-26235\"\n".to_owned(),
        _ => format!("{line}\n"),
    };
    toml.lines().map(fill).collect()
}

#[test]
fn an_ignore_list_of_every_format_becomes_exceptions_that_wait_for_their_reasons() {
    for (name, list, left) in LISTS {
        let project = Project::new();
        project.write("Cargo.lock", lockfile("app", &[OTHER])).write(name, list);
        let done = import(&project, &[name]);
        assert_eq!((done.code(), done.stdout()), (0, String::new()), "{name}\n{}", done.text());
        assert!(done.stderr().starts_with(left), "{name}\n{}", done.stderr());
        assert!(done.stderr().contains(&format!("overdue.toml: 1 exception from {name} (")), "{name}\n{}", done.stderr());
        let written = text(&project, "overdue.toml");
        assert!(written.starts_with(&format!("# {name}:")), "{name}\n{written}");
        assert!(written.contains("\nreason = \"TODO: is this still why? local offset only\"\nexpires = 2027-01-31"), "{name}\n{written}");
        // Nothing is judged by it yet.
        let check = run(project.path(), &["policy", "check", "--as-of", "2026-08-22"]);
        assert!(
            check.code() == 1 && check.stdout().contains("overdue.toml:") && check.stdout().contains("TODO"),
            "{name}\n{}",
            check.text()
        );
        let refused = project.scan(&[]);
        assert!(refused.code() == 2 && refused.stdout().is_empty(), "{name}\n{}", refused.text());
        assert!(refused.stderr().contains("overdue policy check"), "{name}\n{}", refused.stderr());
        // Once more adds nothing.
        let again = import(&project, &[name]);
        assert_eq!((again.code(), text(&project, "overdue.toml")), (0, written.clone()), "{name}\n{}", again.text());
        assert!(again.stderr().contains("0 exceptions") && again.stderr().contains("1 there already"), "{name}\n{}", again.stderr());
        // Filled in, it judges.
        let filled = filled_in(&written);
        project.write("overdue.toml", &filled);
        let judged = project.scan(&["--format", "json"]);
        assert_eq!(judged.code(), 0, "{name}\n{}", judged.text());
        let exception = finding(&judged, "time")["exception"].clone();
        assert_eq!((&exception["reason"], &exception["expires"]), (&"local offset only".into(), &"2027-01-31T00:00:00Z".into()), "{name}");
        assert_eq!(judged.json()["checks"].as_array().map(Vec::len), Some(0), "{name}\n{}", judged.text());
        assert_eq!(run(project.path(), &["policy", "check", "--as-of", "2026-08-22"]).code(), 0, "{name}");
    }
}

#[test]
fn what_was_filled_in_is_not_imported_again() {
    for (name, list, _) in LISTS {
        let project = Project::new();
        project.write(name, list);
        assert_eq!(import(&project, &[name]).code(), 0, "{name}");
        let filled = filled_in(&text(&project, "overdue.toml"));
        project.write("overdue.toml", &filled);
        let again = import(&project, &[name]);
        assert_eq!((again.code(), text(&project, "overdue.toml")), (0, filled), "{name}\n{}", again.text());
    }
}

#[test]
fn entries_can_be_printed_instead() {
    for (name, list, left) in LISTS {
        let project = Project::new();
        project.write(name, list);
        let printed = import(&project, &[name, "--output", "-"]);
        assert!(printed.code() == 0 && printed.stderr().starts_with(left), "{name}\n{}", printed.text());
        assert!(!project.path().join("overdue.toml").exists(), "{name}");
        // With -q what is left is told all the same: it is what somebody has to look at.
        let quiet = import(&project, &[name, "--output", "-", "-q"]);
        assert_eq!((quiet.stdout(), quiet.stderr().lines().count()), (printed.stdout(), 1), "{name}\n{}", quiet.text());
        assert!(quiet.stderr().starts_with(left), "{name}\n{}", quiet.stderr());
        // It is what would have been written.
        assert_eq!(import(&project, &[name]).code(), 0, "{name}");
        assert_eq!(text(&project, "overdue.toml"), printed.stdout(), "{name}");
    }
    let project = Project::new();
    project.write(LISTS[4].0, LISTS[4].1);
    assert_case("policy-import", &import(&project, &[LISTS[4].0, "--output", "-"]).text());
}

#[test]
fn entries_are_added_to_what_is_there() {
    let list = "CVE-2020-26235\nCVE-2021-25900 exp:2026-12-24\n";
    let entry = |line: u32, id: &str, expires: &str| {
        let reason = "TODO: why can the project live with it?";
        format!("# .trivyignore:{line}\n[[exceptions]]\nid = \"{id}\"\nreason = \"{reason}\"\nexpires = {expires}\n")
    };
    let (first, second) = (entry(1, "CVE-2020-26235", "2027-01-31 # the list names no day"), entry(2, "CVE-2021-25900", "2026-12-24"));
    let both = format!("{first}\n{second}");
    let other = "[[exceptions]]\nid = \"CVE-2020-26235\"\npackage = \"time\"\nreason = \"ours\"\nexpires = 2027-01-31\n";
    let same = "[[exceptions]]\nid = \"cve-2020-26235\"\nreason = \"we never set the time zone\"\nexpires = 2026-12-31\n";
    for (name, before, added) in [
        ("a comment", "# mine\n", format!("\n{both}")),
        ("no line end", "[gate]\nadmitted = false # tail", format!("\n\n{both}")),
        ("line ends of Windows", "# mine\r\n[gate]\r\n", format!("\r\n{}", both.replace('\n', "\r\n"))),
        ("one of them already, for another time", same, format!("\n{second}")),
        ("one that covers less", other, format!("\n{both}")),
    ] {
        let project = Project::new();
        project.write(".trivyignore", list).write("overdue.toml", before);
        let done = import(&project, &[".trivyignore"]);
        assert_eq!((done.code(), text(&project, "overdue.toml")), (0, format!("{before}{added}")), "{name}\n{}", done.text());
    }
    // Another file by name; that of the folder stays as it is.
    let project = Project::new();
    project.write(".trivyignore", list).write("overdue.toml", "# mine\n");
    assert_eq!(import(&project, &[".trivyignore", "--output", "my own.toml"]).code(), 0);
    assert_eq!((text(&project, "overdue.toml"), text(&project, "my own.toml")), ("# mine\n".to_owned(), both));
}

#[test]
fn what_a_list_says_twice_is_taken_over_once() {
    let project = Project::new();
    project.write(".trivyignore", "CVE-2020-26235\ncve-2020-26235\nCVE-2020-26235 # another reason\n");
    let done = import(&project, &[".trivyignore"]);
    assert_eq!((done.code(), text(&project, "overdue.toml").matches("[[exceptions]]").count()), (0, 1), "{}", done.text());
}

#[test]
fn what_cannot_be_imported_changes_nothing() {
    let many: String = (0..20_000).map(|at| format!("CVE-2020-{}\n", 10_000 + at)).collect();
    let list = "CVE-2020-26235\n";
    for (name, list, before, words, said) in [
        ("no list", list, "# mine\n", &["nowhere"][..], "cannot read nowhere"),
        ("a folder", list, "# mine\n", &["."], "cannot read ."),
        ("no list of any format", "words and words\n", "# mine\n", &["notes"], "neither its name nor its content"),
        ("its own file", list, "# mine\n", &["overdue.toml", "--output", "other.toml"], "overdue.toml"),
        ("a damaged list", "{{{\n", "# mine\n", &["audit.toml"], "audit.toml:1: "),
        ("a broken file", list, "[gate\n", &[".trivyignore"], "overdue.toml:1: "),
        ("exceptions on one line", list, "exceptions = []\n", &[".trivyignore"], "nothing was written"),
        ("a text", list, "# mine\n", &[".trivyignore", "--output", "SECURITY.md"], "SECURITY.md"),
        ("a new file that would not be read", list, "# mine\n", &[".trivyignore", "--output", "POLICY.md"], "POLICY.md"),
        ("a folder that is not there", list, "# mine\n", &[".trivyignore", "--output", "no/overdue.toml"], "cannot write"),
        ("more than is ever read back", many.as_str(), "# mine\n", &[".trivyignore"], "MiB"),
    ] {
        let project = Project::new();
        for file in [".trivyignore", "notes", "audit.toml"] {
            project.write(file, list);
        }
        project.write("overdue.toml", before).write("SECURITY.md", "# Words\n\n- Critical: fixed within 7 days\n");
        let run = import(&project, words);
        assert_eq!((run.code(), run.stdout()), (2, String::new()), "{name}\n{}", run.text());
        assert!(run.stderr().starts_with("error: ") && run.stderr().contains(said), "{name}\n{}", run.stderr());
        assert_eq!(text(&project, "overdue.toml"), before, "{name}");
        assert!(!project.path().join("other.toml").exists() && !project.path().join("POLICY.md").exists(), "{name}");
    }
}

#[test]
fn a_list_with_nothing_in_it_writes_no_file() {
    let project = Project::new();
    project.write(".trivyignore", "# nothing yet\n");
    let done = import(&project, &[".trivyignore"]);
    assert!(done.code() == 0 && done.stderr().contains("0 exceptions"), "{}", done.text());
    assert!(!project.path().join("overdue.toml").exists());
}
