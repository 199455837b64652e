//! Exceptions and accepted unchecked things: what they cover, until when, and what is told of those that cover nothing.

use serde_json::{Value, json};

use crate::{
    harness::{Run, assert_case},
    projects::{FIXED, OLD, OTHER, Project, lockfile, run, scan},
};

/// A sound exception of [`OTHER`]'s vulnerability; what is behind it belongs to the same table.
const EXCEPTION: &str = "[[exceptions]]\nid = \"RUSTSEC-2020-0071\"\nreason = \"we never set the time zone\"\nexpires = 2027-01-31\n";
const ACCEPTED: &str = "[[accepted-unchecked]]\nreason = \"reviewed by hand each month\"\nexpires = 2027-01-31\n";
/// Every tier has a deadline, so that a gate on what is overdue has nothing to complain of.
const TIERS: &str = "[general]\nfix = \"90 days\"\n\n";

/// [`EXCEPTION`] of another id.
fn of(id: &str) -> String {
    EXCEPTION.replace("RUSTSEC-2020-0071", id)
}

fn project(toml: &str, crates: &[(&str, &str)]) -> Project {
    let project = Project::new();
    project.write("Cargo.lock", lockfile("app", crates)).write("overdue.toml", toml);
    project
}

fn json_of(project: &Project, words: &[&str]) -> Run {
    project.scan(&[&["--format", "json"], words].concat())
}

fn list<'a>(report: &'a Value, key: &str) -> &'a Vec<Value> {
    report[key].as_array().unwrap_or_else(|| panic!("no list {key}: {report}"))
}

fn standing(report: &Value, package: &str) -> String {
    let finding = list(report, "findings").iter().find(|finding| finding["package"]["name"] == package);
    finding.and_then(|finding| finding["standing"].as_str()).unwrap_or("none").to_owned()
}

/// The kinds of the faults of a configuration, with their lines.
fn checks(report: &Value) -> Vec<String> {
    let name = |check: &Value| format!("{}:{}", check["kind"].as_str().unwrap_or_default(), check["line"]);
    list(report, "checks").iter().map(name).collect()
}

#[test]
fn an_exception_covers_what_it_speaks_of_and_nothing_else() {
    let with = |line: &str| format!("{EXCEPTION}{line}\n");
    for (name, toml, covers) in [
        ("its own id", EXCEPTION.to_owned(), true),
        ("in small letters", of("rustsec-2020-0071"), true),
        ("an alias", of("CVE-2020-26235"), true),
        ("an alias in odd letters", of("ghsa-WCG3-cvx6-7396"), true),
        ("spaces around it", of(" RUSTSEC-2020-0071 "), true),
        ("another known id", of("RUSTSEC-2020-0159"), false),
        ("the package", with("package = \"time\""), true),
        ("another package", with("package = \"chrono\""), false),
        ("a bound", with("versions = \"<0.2\""), true),
        ("a version", with("versions = \"0.1.43\""), true),
        ("a version with a sign and a space", with("versions = \"= 0.1.43\""), true),
        ("bounds", with("versions = \">=0.1, <1.4\""), true),
        ("bounds that end before", with("versions = \">=0.1, <0.1.43\""), false),
        ("numbers, not letters", with("versions = \"<0.1.5\""), false),
        ("the file", with("path = \"Cargo.lock\""), true),
        ("the file, from here", with("path = \"./Cargo.lock\""), true),
        ("this folder", with("path = \".\""), true),
        ("a pattern", with("path = \"*.lock\""), true),
        ("any folder", with("path = \"**\""), true),
        ("another folder", with("path = \"services\""), false),
        ("the folder above", with("path = \"..\""), false),
        ("until there is a fix, and there is one", with("until-fixed = true"), false),
        ("not until there is a fix", with("until-fixed = false"), true),
        ("all of it", with("package = \"time\"\nversions = \"<0.2\"\npath = \"Cargo.*\"\nuntil-fixed = false"), true),
        ("all of it but for the path", with("package = \"time\"\nversions = \"<0.2\"\npath = \"Cargo.toml\""), false),
    ] {
        let project = project(&toml, &[OLD, OTHER]);
        let run = json_of(&project, &[]);
        let report = run.json();
        let expected = if covers { ("excepted", 1) } else { ("overdue", 2) };
        let counted = report["gate"]["counted"].as_i64().expect("a number");
        assert_eq!((standing(&report, "time").as_str(), counted), expected, "{name}\n{}", run.text());
        assert_eq!((standing(&report, "smallvec").as_str(), run.code()), ("overdue", 1), "{name}");
        assert_eq!(checks(&report).is_empty(), covers, "{name}: {:?}", checks(&report));
        let time = list(&report, "findings").iter().find(|finding| finding["package"]["name"] == "time").expect("there");
        let why = json!({"reason": "we never set the time zone", "expires": "2027-01-31T00:00:00Z", "path": "overdue.toml", "line": 2});
        assert_eq!(time["exception"], if covers { why } else { Value::Null }, "{name}");
        // What it is judged by, and by when, is told all the same.
        assert_eq!(time["fix_by"], "2021-02-16T12:00:00Z", "{name}");
    }
}

#[test]
fn what_an_advisory_was_derived_from_is_an_id_too_and_a_fix_ends_what_held_until_there_is_one() {
    let project = project("", &[("foo", "1.0.0"), ("evil", "1.0.0"), ("old", "1.0.0")]);
    let record = |id: &str, package: &str, more: &str, events: &str, own: &str| {
        let text = format!(
            r#"{{"id": "{id}", {more} "modified": "2026-08-21T00:00:00Z", "published": "2026-08-01T00:00:00Z", "affected": [{{"package":
            {{"ecosystem": "crates.io", "name": "{package}"}}, "ranges": [{{"type": "SEMVER", "events": [{events}]}}] {own}}}]}}"#
        );
        project.write(&format!("osv/{id}.json"), text);
    };
    let import = || assert_eq!(run(project.path(), &["db", "import", "--db", "db", "osv"]).code(), 0);
    let look = || json_of(&project, &["--db", "db", "Cargo.lock", "--fail-on", "any,unmaintained"]);
    let derived = r#""aliases": ["CVE-2099-0001"], "upstream": ["UPSTREAM-2099-1"],"#;
    record("GHSA-aaaa-bbbb-cccc", "foo", derived, r#"{"introduced": "0"}"#, "");
    record("MAL-2099-0001", "evil", "", r#"{"introduced": "0"}"#, "");
    let unmaintained = r#", "database_specific": {"informational": "unmaintained"}"#;
    record("RUSTSEC-2099-0009", "old", "", r#"{"introduced": "0"}"#, unmaintained);
    import();
    for id in ["UPSTREAM-2099-1", "upstream-2099-1", "ghsa-AAAA-bbbb-cccc", "CVE-2099-0001"] {
        project.write("overdue.toml", format!("{}until-fixed = true\n", of(id)));
        let report = look().json();
        assert_eq!((standing(&report, "foo").as_str(), report["gate"]["counted"].as_u64()), ("excepted", Some(2)), "{id}");
    }
    // Of every kind.
    let rest = format!("{}{}{}until-fixed = true\n", of("MAL-2099-0001"), of("RUSTSEC-2099-0009"), of("UPSTREAM-2099-1"));
    project.write("overdue.toml", rest);
    let run = look();
    assert_eq!((run.code(), &run.json()["gate"]["counted"]), (0, &0.into()), "{}", run.text());
    record("GHSA-aaaa-bbbb-cccc", "foo", derived, r#"{"introduced": "0"}, {"fixed": "1.0.1"}"#, "");
    import();
    let run = look();
    let report = run.json();
    assert_eq!((run.code(), standing(&report, "foo").as_str()), (1, "on-track"), "{}", run.text());
    assert_eq!(checks(&report), ["exception-fixed:10"]);
    assert!(report["checks"][0]["message"].as_str().is_some_and(|message| message.contains("1.0.1")), "{report}");
    let fixed = json_of(&project, &["--db", "db", "Cargo.lock", "--fail-on", "checks"]);
    assert_eq!((fixed.code(), fixed.json()["gate"]["checks"].as_u64()), (1, Some(1)), "{}", fixed.text());
}

#[test]
fn an_exception_ends_in_the_second_that_it_names() {
    for (expires, as_of, code) in [
        ("2027-01-31", "2027-01-30T23:59:59Z", 0),
        ("2027-01-31", "2027-01-31", 1),
        ("2027-01-31", "2027-01-31T00:00:01Z", 1),
        ("\"2027-01-31\"", "2027-01-30T23:59:59Z", 0),
        ("2027-01-31T12:00:00Z", "2027-01-31T11:59:59Z", 0),
        ("2027-01-31 12:00:00Z", "2027-01-31T12:00:00Z", 1),
        ("2027-01-31T12:00:00+02:00", "2027-01-31T09:59:59Z", 0),
        ("2027-01-31T12:00:00+02:00", "2027-01-31T10:00:00Z", 1),
        ("\"2027-01-31T12:00:00-01:00\"", "2027-01-31T12:59:59Z", 0),
        ("\"2027-01-31T12:00:00-01:00\"", "2027-01-31T13:00:00Z", 1),
        ("2020-01-01", "2027-01-31", 1),
    ] {
        let project = project(&EXCEPTION.replace("2027-01-31", expires), &[OTHER]);
        let words = ["scan", "--as-of", as_of, "--max-db-age", "900d", "--format", "json"];
        let outcome = run(project.path(), &words);
        let report = outcome.json();
        let told = if code == 0 { vec![] } else { vec!["exception-expired:2"] };
        assert_eq!(checks(&report), told, "{expires} {as_of}");
        assert_eq!((outcome.code(), report["gate"]["counted"].as_i64()), (code, Some(code.into())), "{expires} {as_of}");
        // By itself it gates as a fault of the configuration.
        let outcome = run(project.path(), &[&words[..], &["--fail-on", "checks"]].concat());
        assert_eq!((outcome.code(), outcome.json()["gate"]["counted"].as_i64()), (code, Some(0)), "{expires} {as_of}");
    }
}

#[test]
fn where_all_is_excepted_nothing_trips_and_nothing_is_called_clean() {
    let project = project(&format!("{TIERS}{EXCEPTION}"), &[OTHER]);
    for words in ["any", "critical", "high", "medium", "low", "overdue", "admitted", "unmaintained,unsound,notice", "checks", "never"] {
        let run = json_of(&project, &["--fail-on", words]);
        let report = run.json();
        let gate = (run.code(), report["gate"]["tripped"].as_bool(), report["complete"].as_bool());
        assert_eq!(gate, (0, Some(false), Some(true)), "{words}\n{}", run.text());
        assert_ne!(report["verdict"], "clean", "{words}");
        assert_ne!(report["verdict"], "overdue", "{words}");
    }
    for format in ["table", "json", "markdown", "github", "sarif", "outputs"] {
        for more in [&["-q"][..], &["-v"], &["--sarif-suppressed"], &[]] {
            let text = project.scan(&[&["--format", format], more].concat()).text();
            assert!(!text.contains("clean"), "{format} {more:?}\n{text}");
        }
    }
    let verdict = project.scan(&["-q"]).stdout();
    assert!(verdict.contains("within policy: 0 open, 0 overdue, 1 excepted"), "{verdict}");
}

#[test]
fn excepted_findings_are_told_apart_in_every_format() {
    let toml = format!("{TIERS}{EXCEPTION}\n{}", of("RUSTSEC-2020-0159").replace("2027-01-31", "2026-08-22"));
    let project = project(&toml, &[OLD, OTHER]);
    assert_case("exceptions", &project.scan(&["--width", "140", "-v"]).text());
    let markdown = project.scan(&["--format", "markdown"]).stdout();
    let (before, excepted) = markdown.split_once("### Excepted (1)").expect("a section of its own");
    assert!(before.contains("smallvec 0.6.13") && !before.contains("time 0.1.43"), "{markdown}");
    assert!(excepted.contains("excepted until 2027-01-31: we never set the time zone"), "{markdown}");
    let github = project.scan(&["--format", "github"]).stdout();
    let annotations: Vec<&str> = github.lines().filter(|line| line.starts_with("::error") || line.starts_with("::warning")).collect();
    assert!(annotations.len() == 2 && annotations[0].contains("smallvec") && !github.contains("time 0.1.43"), "{github}");
    assert!(annotations[1].contains("file=overdue.toml,line=10,title=configuration%3A exception-expired"), "{github}");
    assert!(project.scan(&["--format", "outputs"]).stdout().contains("findings=2\noverdue=1\n"));
}

#[test]
fn sarif_leaves_excepted_findings_out_or_suppresses_them() {
    let project = project(&format!("{TIERS}{EXCEPTION}"), &[OLD, OTHER]);
    let results = |more: &[&str]| {
        let sarif = project.scan(&[&["--format", "sarif"], more].concat()).json();
        list(&sarif["runs"][0], "results").clone()
    };
    let plain = results(&[]);
    assert_eq!((plain.len(), &plain[0]["ruleId"], plain[0].get("suppressions")), (1, &"RUSTSEC-2021-0003".into(), None));
    let all = results(&["--sarif-suppressed"]);
    assert_eq!(all.len(), 2);
    let suppressed = all.iter().find(|result| result["ruleId"] == "RUSTSEC-2020-0071").expect("the excepted one");
    let why = "we never set the time zone (until 2027-01-31, overdue.toml:5)";
    assert_eq!(suppressed["suppressions"], json!([{"kind": "external", "status": "accepted", "justification": why}]));
    assert_eq!(suppressed["properties"]["standing"], "excepted");
    let open = all.iter().find(|result| result["ruleId"] == "RUSTSEC-2021-0003").expect("the open one");
    assert!(open.get("suppressions").is_none_or(|none| none == &json!([])), "{open}");
}

#[test]
fn what_is_wrong_with_exceptions_is_told_and_gates_where_it_is_asked_for() {
    let expired = EXCEPTION.replace("2027", "2026");
    let other_package = format!("{EXCEPTION}package = \"chrono\"\n");
    for (name, toml, expected) in [
        ("one that holds", EXCEPTION.to_owned(), vec![]),
        ("unused", of("RUSTSEC-2020-0159"), vec!["exception-unused:2"]),
        ("of another package", other_package, vec!["exception-unused:2"]),
        ("unknown id", of("RUSTSEC-2999-0001"), vec!["exception-unknown-id:2"]),
        ("a sign that stands for nothing here", of("*"), vec!["exception-unknown-id:2"]),
        ("of another ecosystem", of("PYSEC-2019-28"), vec!["exception-unused:2"]),
        ("expired", expired.clone(), vec!["exception-expired:2"]),
        ("expired and unknown", of("RUSTSEC-2999-0001").replace("2027", "2026"), vec!["exception-expired:2"]),
        ("expired, and another one holds", format!("{expired}{}", of("CVE-2020-26235")), vec!["exception-expired:2"]),
        ("expired later, and the first one holds", format!("{}{expired}", of("CVE-2020-26235")), vec!["exception-expired:6"]),
        ("fixed", format!("{EXCEPTION}until-fixed = true\n"), vec!["exception-fixed:2"]),
        ("several", format!("{}{}", of("A-1"), of("RUSTSEC-2020-0159")), vec!["exception-unknown-id:2", "exception-unused:6"]),
    ] {
        let project = project(&toml, &[OTHER]);
        let report = json_of(&project, &["--fail-on", "never"]).json();
        assert_eq!(checks(&report), expected, "{name}");
        for check in list(&report, "checks") {
            let is_said = |key: &str| check[key].as_str().is_some_and(|text| !text.is_empty());
            assert!(check["path"] == "overdue.toml" && ["subject", "message", "cure"].into_iter().all(is_said), "{name}: {check}");
        }
        let any = !expected.is_empty();
        for (fail_on, gates) in [("checks", any), ("checks,critical", any), ("never", false), ("critical", false)] {
            let run = json_of(&project, &["--fail-on", fail_on]);
            let report = run.json();
            let counted = if gates { expected.len() as u64 } else { 0 };
            assert_eq!((run.code(), report["gate"]["checks"].as_u64()), (i32::from(gates), Some(counted)), "{name} {fail_on}");
        }
        // The file can ask for it as well.
        project.write("overdue.toml", format!("[gate]\nfail-on = \"checks\"\n{toml}"));
        assert_eq!(project.scan(&[]).code(), i32::from(any), "{name}");
    }
}

#[test]
fn an_exception_is_called_unused_only_where_everything_was_looked_at() {
    let project = project(&of("RUSTSEC-2020-0159"), &[FIXED]);
    project.write("sub/Cargo.lock", lockfile("sub", &[FIXED]));
    let kinds = |words: &[&str]| checks(&json_of(&project, words).json());
    assert_eq!(kinds(&[]), ["exception-unused:2"]);
    assert_eq!(kinds(&["."]), ["exception-unused:2"]);
    // From elsewhere, the policy's whole folder.
    let folder = project.path().display().to_string();
    let policy = format!("{folder}/overdue.toml");
    assert_eq!(checks(&scan(&project.path().join("sub"), &["--format", "json", "..", "--policy", &policy]).json()), ["exception-unused:2"]);
    for words in [&["sub", "--policy", "overdue.toml"][..], &["Cargo.lock"], &["Cargo.lock", "sub/Cargo.lock"]] {
        assert_eq!(kinds(words), Vec::<String>::new(), "{words:?}");
    }
    // A file that cannot be read may have had it.
    project.write("sub/Cargo.lock", "<html>");
    assert_eq!(kinds(&[]), Vec::<String>::new());
}

#[test]
fn an_exception_of_what_was_left_out_as_asked_for_is_not_called_unused() {
    let project = Project::new();
    let dev = "dev = [\"jinja2==3.0.0 ; sys_platform != 'linux'\"]";
    project.write("pyproject.toml", format!("[project]\nname = \"app\"\nversion = \"1.0\"\n\n[dependency-groups]\n{dev}\n"));
    let words = ["--format", "json", "--max-db-age", "520w", "--fail-on", "checks"];
    let found = project.scan(&words).json();
    let id = found["findings"][0]["id"].as_str().expect("a finding").to_owned();
    project.write("overdue.toml", of(&id));
    assert_eq!(project.scan(&words).code(), 0);
    for more in [&["--no-dev"][..], &["--platform", "linux"]] {
        let run = project.scan(&[&words[..], more].concat());
        assert_eq!((run.code(), checks(&run.json())), (0, Vec::new()), "{more:?}\n{}", run.text());
    }
}

#[test]
fn of_two_exceptions_of_the_same_neither_is_said_to_cover_nothing() {
    let project = project(&format!("{EXCEPTION}{}", of("CVE-2020-26235")), &[OTHER]);
    let run = json_of(&project, &[]);
    assert_eq!((run.code(), standing(&run.json(), "time").as_str()), (0, "excepted"), "{}", run.text());
    let said = run.json()["checks"].to_string();
    assert!(!said.contains("covers no finding") && !said.contains("is gone"), "{said}");
}

#[test]
fn nothing_is_judged_by_what_nobody_has_filled_in_and_a_check_lists_all_of_it() {
    let reason = |text: &str| EXCEPTION.replace("we never set the time zone", text);
    let expires = |text: &str| EXCEPTION.replace("2027-01-31", text);
    let accepted = |text: &str| format!("{ACCEPTED}path = \".\"\n").replace("reviewed by hand each month", text);
    for (toml, lines) in [
        (reason(""), vec![3]),
        (reason(" "), vec![3]),
        (reason("TBD"), vec![3]),
        (reason("tbd."), vec![3]),
        (reason("TODO: ask the team"), vec![3]),
        (reason("n/a"), vec![3]),
        (reason("..."), vec![3]),
        (expires("\"never\""), vec![4]),
        (expires("\"\""), vec![4]),
        (expires("\"TODO\""), vec![4]),
        (of("TODO: the id of 25853"), vec![2]),
        (accepted("TBD"), vec![2]),
        (accepted("reviewed by hand").replace("2027-01-31", "\"later\""), vec![3]),
        (reason("TBD") + &of("TODO").replace("we never set the time zone", "?") + &accepted("-"), vec![3, 6, 7, 10]),
    ] {
        let project = project(&toml, &[OTHER]);
        let run = project.scan(&[]);
        assert_eq!((run.code(), run.stdout()), (2, String::new()), "{toml}\n{}", run.text());
        let check = crate::projects::run(project.path(), &["policy", "check", "--as-of", "2026-08-22", "--format", "json"]);
        let problems = check.json();
        let unfilled = list(&problems, "problems").iter().filter(|problem| problem["kind"] == "unfilled");
        let found: Vec<u64> = unfilled.filter_map(|problem| problem["line"].as_u64()).collect();
        assert_eq!((check.code(), &found), (1, &lines), "{toml}\n{}", check.text());
        for line in lines {
            assert!(run.stderr().contains(&format!("overdue.toml:{line}: ")), "{toml}\n{}", run.stderr());
        }
    }
}

#[test]
fn a_check_of_the_file_tells_what_ran_out_and_what_is_left_side_by_side() {
    let expired = of("CVE-2020-26235").replace("2027", "2026");
    let accepted = format!("{ACCEPTED}path = \"sub\"\n").replace("2027-01-31", "2026-08-22");
    let check = |toml: &str| {
        let project = project(toml, &[OTHER]);
        let run = run(project.path(), &["policy", "check", "--as-of", "2026-08-22", "--format", "json"]);
        let report = run.json();
        let told = list(&report, "problems").iter().filter(|problem| problem["line"].is_u64());
        (run.code(), told.map(|problem| format!("{}:{}", problem["kind"].as_str().expect("a word"), problem["line"])).collect::<Vec<_>>())
    };
    assert_eq!(check(EXCEPTION), (0, vec![]));
    assert_eq!(check(&expired), (0, vec!["exception-expired:2".to_owned()]));
    assert_eq!(check(&accepted), (0, vec!["accepted-expired:4".to_owned()]));
    assert_eq!(check(&expired.replace("2026-01-31", "2026-08-22T00:00:01Z")), (0, vec![]));
    let both = format!("{expired}{}", EXCEPTION.replace("we never set the time zone", "TBD"));
    assert_eq!(check(&both), (1, vec!["exception-expired:2".to_owned(), "unfilled:7".to_owned()]));
}

/// [`lockfile`] with a package from a version control system besides.
fn with_a_package_from_git(crates: &[(&str, &str)]) -> String {
    let source = "git+https://index.example/mylib#0123456789012345678901234567890123456789";
    let text = lockfile("app", crates).replacen("dependencies = [\n", "dependencies = [\n \"mylib\",\n", 1);
    format!("{text}\n[[package]]\nname = \"mylib\"\nversion = \"0.3.0\"\nsource = \"{source}\"\n")
}

#[test]
fn what_is_accepted_as_unchecked_stays_incomplete_and_no_longer_decides_how_a_run_ends() {
    let with = |lines: &str| format!("{ACCEPTED}{lines}\n");
    for (name, toml, code, expected) in [
        ("nothing", String::new(), 3, vec![]),
        ("the subject", with("subject = \"mylib\""), 0, vec![]),
        ("the subject as it is written", with("subject = \"mylib 0.3.0\""), 0, vec![]),
        ("a pattern", with("subject = \"my*\""), 0, vec![]),
        ("another subject", with("subject = \"yourlib\""), 3, vec!["accepted-unused:4"]),
        ("a beginning that is not the name", with("subject = \"my\""), 3, vec!["accepted-unused:4"]),
        ("the file", with("path = \"Cargo.lock\""), 0, vec![]),
        ("the folder", with("path = \".\""), 0, vec![]),
        ("another folder", with("path = \"services\""), 3, vec!["accepted-unused:4"]),
        ("why", with("because = \"not-from-a-registry\""), 0, vec![]),
        ("another why", with("because = \"other-registry\""), 3, vec!["accepted-unused:4"]),
        ("all three", with("subject = \"mylib\"\npath = \"*.lock\"\nbecause = \"not-from-a-registry\""), 0, vec![]),
        ("two of three", with("subject = \"mylib\"\npath = \"*.lock\"\nbecause = \"no-lockfile\""), 3, vec!["accepted-unused:4"]),
        ("expired", with("subject = \"mylib\"").replace("2027-01-31", "2026-08-22"), 3, vec!["accepted-expired:4"]),
        ("expires in a second", with("subject = \"mylib\"").replace("2027-01-31", "2026-08-22T00:00:01Z"), 0, vec![]),
        (
            "expired, and another one holds",
            with("subject = \"mylib\"").replace("2027", "2026") + &with("path = \"Cargo.lock\""),
            0,
            vec!["accepted-expired:4"],
        ),
    ] {
        let project = project(&toml, &[]);
        project.write("Cargo.lock", with_a_package_from_git(&[FIXED]));
        let run = json_of(&project, &[]);
        let report = run.json();
        assert_eq!(checks(&report), expected, "{name}");
        let ending = (run.code(), report["complete"].as_bool(), report["verdict"].as_str());
        assert_eq!(ending, (code, Some(false), Some("incomplete")), "{name}\n{}", run.text());
        let accepted = &list(&report, "unchecked")[0]["accepted"];
        assert_eq!(accepted.is_object(), code == 0, "{name}: {accepted}");
        if code == 0 {
            assert_eq!(accepted["reason"], "reviewed by hand each month", "{name}");
            assert_eq!(accepted["path"], "overdue.toml", "{name}");
            assert_eq!(accepted["expires"].as_str().map(str::len), Some(20), "{name}");
        }
        let gated = json_of(&project, &["--fail-on", "checks"]).code();
        assert_eq!(gated, if expected.is_empty() { code } else { 1 }, "{name}");
        assert!(!project.scan(&["-q"]).stdout().contains("clean"), "{name}");
    }
}

#[test]
fn what_is_not_accepted_besides_still_ends_in_three_and_a_finding_in_one() {
    let accepted = |lines: &str| format!("{ACCEPTED}{lines}\n");
    let project = project(&accepted("subject = \"mylib\""), &[]);
    project.write("Cargo.lock", with_a_package_from_git(&[FIXED])).write("sub/Cargo.lock", "<html>");
    assert_eq!(project.scan(&[]).code(), 3);
    project.write("overdue.toml", accepted("subject = \"mylib\"") + &accepted("because = \"not-understood\""));
    assert_eq!(project.scan(&[]).code(), 0);
    // Data that is too old is not to be accepted so.
    let old = run(project.path(), &["scan", "--as-of", "2026-12-22", "--format", "json"]);
    assert_eq!((old.code(), &old.json()["complete"]), (3, &false.into()), "{}", old.text());
    project.write("Cargo.lock", with_a_package_from_git(&[OLD]));
    let run = json_of(&project, &[]);
    assert_eq!((run.code(), run.json()["unchecked"].as_array().map(Vec::len)), (1, Some(2)), "{}", run.text());
    assert_eq!(json_of(&project, &["--fail-on", "never"]).code(), 0);
}

#[test]
fn people_are_told_that_something_unchecked_is_accepted_and_until_when() {
    let project = project(&format!("{ACCEPTED}subject = \"mylib\"\n"), &[]);
    project.write("Cargo.lock", with_a_package_from_git(&[FIXED]));
    for words in [&["--format", "table"][..], &["--format", "table", "-v"], &["--format", "markdown"]] {
        let run = project.scan(words);
        assert_eq!(run.code(), 0, "{words:?}");
        assert!(run.stdout().contains("accepted") && run.stdout().contains("2027-01-31"), "{words:?}\n{}", run.text());
    }
    // Nobody has to act on it.
    let github = project.scan(&["--format", "github"]).stdout();
    assert!(!github.contains("::warning file=Cargo.lock"), "{github}");
}
