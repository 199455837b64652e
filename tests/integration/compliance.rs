//! `report --since`: from the history of a branch, what was fixed in time, what was late, how long it took, what is open.

use std::{collections::BTreeSet, path::Path};

use serde_json::{Value, json};

use crate::{
    harness::{Run, assert_case},
    projects::{FIXED, OLD, OTHER, Project, lockfile, run},
    supported::{commit_at, git_at},
};

/// What these findings are judged by. `OLD` is critical, published 2021-01-08T12:00:00Z and due a week later; `OTHER` is
/// medium, published 2020-11-18T12:00:00Z and due 2021-02-16T12:00:00Z.
const POLICY: &str = "# Security\n\n- Critical: fixed within 7 days\n- High: fixed within 30 days\n- Medium: fixed within 90 days\n";
const EVER: &str = "2020-01-01";
const LATER: &str = "2022-01-01";

fn report(folder: &Path, since: &str, as_of: &str, words: &[&str]) -> Run {
    run(folder, &[&["report", "--since", since, "--as-of", as_of], words].concat())
}

fn json_report(project: &Project, words: &[&str]) -> Value {
    let run = report(project.path(), EVER, LATER, &[&["--format", "json"], words].concat());
    assert_eq!(run.code(), 0, "{}", run.text());
    run.json()
}

/// A file in a commit.
enum File {
    Lock(&'static [(&'static str, &'static str)]),
    Text(&'static str),
    Gone,
}
use File::{Gone, Lock, Text};

/// A moment, and the files that a commit changed then.
type Commit = (&'static str, &'static [(&'static str, File)]);

fn history(commits: &[Commit]) -> Project {
    let project = Project::repository();
    project.write("SECURITY.md", POLICY);
    for (at, files) in commits {
        for (path, file) in *files {
            match file {
                Lock(crates) => project.write(path, lockfile("app", crates)),
                Text(text) => project.write(path, text),
                Gone => project.remove(path),
            };
        }
        commit_at(&project, at);
    }
    project
}

/// Each finding: file, package, and what became of it.
fn findings(report: &Value) -> Vec<String> {
    let of = |finding: &Value| {
        let text = |key: &str| finding[key].as_str().unwrap_or("-");
        let end = match (finding["fixed"].as_str(), finding["in_time"].as_bool()) {
            (Some(fixed), Some(in_time)) => format!("fixed {fixed} {}", if in_time { "in time" } else { "late" }),
            (Some(fixed), None) => format!("fixed {fixed}"),
            (None, _) => text("standing").to_owned(),
        };
        format!("{} {}: {end}", text("manifest"), text("name"))
    };
    report["findings"].as_array().expect("a list").iter().map(of).collect()
}

/// The figures of a tier that are not 0, by name.
fn figures(report: &Value, tier: &str) -> Value {
    let mut of = report["tiers"].as_array().expect("a list").iter().filter(|row| row["name"] == tier);
    let row = of.next().unwrap_or_else(|| panic!("no {tier}: {report}")).as_object().expect("a table");
    let told = row.iter().filter(|(key, value)| *key != "name" && !value.is_null() && **value != 0);
    told.map(|(key, value)| (key.clone(), value.clone())).collect::<serde_json::Map<_, _>>().into()
}

struct Case {
    name: &'static str,
    commits: &'static [Commit],
    since: &'static str,
    as_of: &'static str,
    expected: &'static [&'static str],
}

const fn case(name: &'static str, commits: &'static [Commit], expected: &'static [&'static str]) -> Case {
    Case { name, commits, since: EVER, as_of: LATER, expected }
}

/// The vulnerable crate from before its advisory on, and the commit that mends it.
const BEFORE: Commit = ("2020-06-01T00:00:00Z", &[("Cargo.lock", Lock(&[OLD]))]);
const MENDED: Commit = ("2021-01-20T00:00:00Z", &[("Cargo.lock", Lock(&[FIXED]))]);
const ONE_COMMIT: &[Commit] = &[BEFORE];
const TWO_COMMITS: &[Commit] = &[BEFORE, MENDED];

const CASES: [Case; 25] = [
    case(
        "fixed in time",
        &[BEFORE, ("2021-01-10T12:00:00Z", &[("Cargo.lock", Lock(&[FIXED]))])],
        &["Cargo.lock smallvec: fixed 2021-01-10T12:00:00Z in time"],
    ),
    case(
        "fixed in its last second",
        &[BEFORE, ("2021-01-15T12:00:00Z", &[("Cargo.lock", Lock(&[FIXED]))])],
        &["Cargo.lock smallvec: fixed 2021-01-15T12:00:00Z in time"],
    ),
    case(
        "fixed a second late, in another zone",
        &[BEFORE, ("2021-01-15T14:00:01+02:00", &[("Cargo.lock", Lock(&[FIXED]))])],
        &["Cargo.lock smallvec: fixed 2021-01-15T12:00:01Z late"],
    ),
    case("fixed as it was published", &[BEFORE, ("2021-01-08T12:00:00Z", &[("Cargo.lock", Lock(&[FIXED]))])], &[]),
    case(
        "fixed a second after it was published",
        &[BEFORE, ("2021-01-08T12:00:01Z", &[("Cargo.lock", Lock(&[FIXED]))])],
        &["Cargo.lock smallvec: fixed 2021-01-08T12:00:01Z in time"],
    ),
    case(
        "fixed and brought back twice",
        &[
            BEFORE,
            ("2021-01-09T00:00:00Z", &[("Cargo.lock", Lock(&[FIXED]))]),
            ("2021-01-10T00:00:00Z", &[("Cargo.lock", Lock(&[OLD]))]),
            ("2021-01-12T00:00:00Z", &[("Cargo.lock", Lock(&[FIXED]))]),
            ("2021-06-01T00:00:00Z", &[("Cargo.lock", Lock(&[OLD]))]),
        ],
        &[
            "Cargo.lock smallvec: overdue",
            "Cargo.lock smallvec: fixed 2021-01-09T00:00:00Z in time",
            "Cargo.lock smallvec: fixed 2021-01-12T00:00:00Z in time",
        ],
    ),
    case(
        "the package is dropped",
        &[BEFORE, ("2021-01-12T00:00:00Z", &[("Cargo.lock", Lock(&[OTHER]))])],
        &["Cargo.lock time: overdue", "Cargo.lock smallvec: fixed 2021-01-12T00:00:00Z in time"],
    ),
    case(
        "the file is dropped",
        &[BEFORE, ("2021-01-12T00:00:00Z", &[("Cargo.lock", Gone)])],
        &["Cargo.lock smallvec: fixed 2021-01-12T00:00:00Z in time"],
    ),
    case(
        "to another vulnerable version",
        &[
            BEFORE,
            ("2021-01-12T00:00:00Z", &[("Cargo.lock", Lock(&[("smallvec", "1.6.0")]))]),
            ("2021-01-13T00:00:00Z", &[("Cargo.lock", Lock(&[("smallvec", "1.6.1")]))]),
        ],
        &["Cargo.lock smallvec: fixed 2021-01-13T00:00:00Z in time"],
    ),
    case(
        "the file is moved, and mended there",
        &[
            BEFORE,
            ("2021-01-10T00:00:00Z", &[("Cargo.lock", Gone), ("app/Cargo.lock", Lock(&[OLD]))]),
            ("2021-01-12T00:00:00Z", &[("app/Cargo.lock", Lock(&[FIXED]))]),
        ],
        &["app/Cargo.lock smallvec: fixed 2021-01-12T00:00:00Z in time"],
    ),
    case(
        "the file is moved, and one of two mended with it",
        &[
            ("2020-06-01T00:00:00Z", &[("Cargo.lock", Lock(&[OLD, OTHER]))]),
            ("2021-01-10T00:00:00Z", &[("Cargo.lock", Gone), ("app/Cargo.lock", Lock(&[FIXED, OTHER]))]),
        ],
        &["app/Cargo.lock time: overdue", "Cargo.lock smallvec: fixed 2021-01-10T00:00:00Z in time"],
    ),
    case(
        "mended here, and brought in elsewhere by the same commit",
        &[
            ("2020-06-01T00:00:00Z", &[("a/Cargo.lock", Lock(&[OLD]))]),
            ("2021-01-10T00:00:00Z", &[("a/Cargo.lock", Lock(&[FIXED])), ("b/Cargo.lock", Lock(&[OLD]))]),
        ],
        &["b/Cargo.lock smallvec: overdue", "a/Cargo.lock smallvec: fixed 2021-01-10T00:00:00Z in time"],
    ),
    case(
        "broken for one commit",
        &[
            BEFORE,
            ("2021-01-09T00:00:00Z", &[("Cargo.lock", Text("<<<<<<< HEAD\n"))]),
            ("2021-01-10T00:00:00Z", &[("Cargo.lock", Lock(&[OLD]))]),
        ],
        &["Cargo.lock smallvec: overdue"],
    ),
    case(
        "broken, and readable again when it is mended",
        &[
            BEFORE,
            ("2021-01-09T00:00:00Z", &[("Cargo.lock", Text("<<<<<<< HEAD\n"))]),
            ("2021-01-10T00:00:00Z", &[("Cargo.lock", Lock(&[FIXED]))]),
        ],
        &["Cargo.lock smallvec: fixed 2021-01-10T00:00:00Z in time"],
    ),
    case("broken to this day", &[BEFORE, ("2021-01-09T00:00:00Z", &[("Cargo.lock", Text("[[["))])], &["Cargo.lock smallvec: overdue"]),
    Case {
        as_of: "2026-08-22",
        ..case(
            "requirements that are raised twice",
            &[
                ("2023-01-01T00:00:00Z", &[("requirements.txt", Text("flask>=2.0\n"))]),
                ("2023-06-01T18:15:00Z", &[("requirements.txt", Text("flask>=2.3.2\n"))]),
                ("2026-06-01T00:00:00Z", &[("requirements.txt", Text("flask>=3.1.3\n"))]),
            ],
            &["requirements.txt flask: fixed 2026-06-01T00:00:00Z late", "requirements.txt flask: fixed 2023-06-01T18:15:00Z in time"],
        )
    },
    case(
        "mended behind a commit of a slow clock",
        &[
            BEFORE,
            ("2021-01-10T00:00:00Z", &[("Cargo.lock", Lock(&[FIXED]))]),
            ("2019-01-01T00:00:00Z", &[("README.md", Text("slow"))]),
            ("2021-03-01T00:00:00Z", &[("README.md", Text("right"))]),
        ],
        &["Cargo.lock smallvec: fixed 2021-01-10T00:00:00Z in time"],
    ),
    case("nothing to look at", &[("2020-06-01T00:00:00Z", &[("README.md", Text("a text"))])], &[]),
    // The window: from its first second to its last.
    Case {
        since: "2021-01-20",
        ..case("fixed in the first second", TWO_COMMITS, &["Cargo.lock smallvec: fixed 2021-01-20T00:00:00Z late"])
    },
    Case { since: "2021-01-20T00:00:01Z", ..case("fixed a second before", TWO_COMMITS, &[]) },
    Case {
        as_of: "2021-01-20",
        ..case("fixed in the last second", TWO_COMMITS, &["Cargo.lock smallvec: fixed 2021-01-20T00:00:00Z late"])
    },
    Case { as_of: "2021-01-19T23:59:59Z", ..case("fixed a second after", TWO_COMMITS, &["Cargo.lock smallvec: overdue"]) },
    Case { as_of: "2021-01-15T12:00:00Z", ..case("in its last second", ONE_COMMIT, &["Cargo.lock smallvec: due-soon"]) },
    Case { as_of: "2021-01-08T12:00:00Z", ..case("just published", ONE_COMMIT, &["Cargo.lock smallvec: on-track"]) },
    Case { as_of: "2021-01-08T11:59:59Z", ..case("not published yet", ONE_COMMIT, &[]) },
];

#[test]
fn findings_are_followed_through_a_history() {
    let mut wrong = Vec::new();
    for Case { name, commits, since, as_of, expected } in CASES {
        let run = report(history(commits).path(), since, as_of, &["--format", "json"]);
        assert_eq!(run.code(), 0, "{name}: {}", run.text());
        let found = findings(&run.json());
        if found != expected {
            wrong.push(format!("{name}: {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A history with something of everything; at its end `a/Cargo.lock` is open.
const EVERYTHING: &[Commit] = &[
    ("2020-06-01T00:00:00Z", &[("Cargo.lock", Lock(&[OLD, OTHER]))]),
    // 48 hours after it was published: in time.
    ("2021-01-10T12:00:00Z", &[("Cargo.lock", Lock(&[FIXED, OTHER]))]),
    // It is brought back, and mended 72 hours later: late.
    ("2021-02-01T00:00:00Z", &[("Cargo.lock", Lock(&[OLD, OTHER]))]),
    ("2021-02-04T00:00:00Z", &[("Cargo.lock", Lock(&[FIXED, OTHER]))]),
    // 103 days, 2472 hours, after it was published: late.
    ("2021-03-01T12:00:00Z", &[("Cargo.lock", Lock(&[FIXED]))]),
    ("2021-04-01T00:00:00Z", &[("a/Cargo.lock", Lock(&[OLD]))]),
    ("2021-05-01T00:00:00Z", &[("README.md", Text("a text"))]),
];

#[test]
fn figures_are_those_worked_out_by_hand() {
    let project = history(EVERYTHING);
    let report = json_report(&project, &[]);
    let critical = json!({"fixed": 2, "in_time": 1, "late": 1, "mean_time_to_fix_hours": 60.0, "open": 1, "overdue": 1});
    let medium = json!({"fixed": 1, "late": 1, "mean_time_to_fix_hours": 2472.0});
    let all = json!({"fixed": 3, "in_time": 1, "late": 2, "mean_time_to_fix_hours": 864.0, "open": 1, "overdue": 1});
    for (tier, expected) in [("critical", critical), ("high", json!({})), ("medium", medium), ("low", json!({})), ("all", all)] {
        assert_eq!(figures(&report, tier), expected, "{tier}");
    }
    // What the project can live with is open, and not overdue.
    let exception = "[[exceptions]]\nid = \"CVE-2021-25900\"\npath = \"a\"\nreason = \"it is never run\"\nexpires = 2027-01-01\n";
    project.write("overdue.toml", exception);
    let critical = json!({"fixed": 2, "in_time": 1, "late": 1, "mean_time_to_fix_hours": 60.0, "open": 1, "excepted": 1});
    assert_eq!(figures(&json_report(&project, &[]), "critical"), critical);
    // Nobody has promised a day.
    project.write("SECURITY.md", "- Critical: fixed within 7 days\n");
    let medium = json!({"fixed": 1, "no_deadline": 1, "mean_time_to_fix_hours": 2472.0});
    assert_eq!(figures(&json_report(&project, &[]), "medium"), medium);
    // A section of the policy judges what is below it.
    project.write("overdue.toml", "[[paths]]\npath = \"a\"\n[paths.tiers.critical]\nfix = \"365 days\"\n");
    assert_eq!(figures(&json_report(&project, &[]), "critical")["overdue"], Value::Null);
}

#[test]
fn the_report_is_a_table_for_people() {
    let project = history(EVERYTHING);
    assert_case("compliance-width-100", &report(project.path(), EVER, LATER, &["--width", "100"]).text());
    assert_case("compliance-in-a-pipe", &report(project.path(), "2021-02-01", LATER, &[]).text());
    let quiet = report(project.path(), EVER, LATER, &["--quiet"]);
    assert_eq!(quiet.stdout(), "verdict     1 of 3 fixed in time; 1 open, 1 overdue\n");
}

#[test]
fn the_report_is_told_to_machines() {
    let project = history(EVERYTHING);
    let since = report(project.path(), "2021-01-01", LATER, &["--format", "json"]).json();
    let report = json_report(&project, &[]);
    let keys = |value: &Value| value.as_object().expect("a table").keys().cloned().collect::<BTreeSet<String>>();
    let expected = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<BTreeSet<String>>();
    let all = ["schema_version", "tool", "since", "as_of", "branch", "repositories", "tiers", "findings"];
    assert!(keys(&report).is_superset(&expected(&all)), "{report}");
    let repository = &report["repositories"][0];
    assert_eq!((&repository["commits"], &repository["scanned"], &repository["cut_off"]), (&json!(7), &json!(6), &Value::Null));
    let finding = &report["findings"][0];
    let all =
        ["id", "aliases", "ecosystem", "name", "version", "manifest", "tier", "clock_started", "appeared", "due", "fixed", "fixed_in"];
    assert!(keys(finding).is_superset(&expected(&all)) && keys(finding).is_superset(&expected(&["in_time", "standing"])), "{finding}");
    let told = ["id", "version", "manifest", "tier"].map(|key| finding[key].as_str().expect("a text"));
    assert_eq!(told, ["RUSTSEC-2021-0003", "0.6.13", "a/Cargo.lock", "critical"]);
    let told = ["clock_started", "appeared", "due", "standing"].map(|key| finding[key].as_str().expect("a text"));
    assert_eq!(told, ["2021-01-08T12:00:00Z", "2021-04-01T00:00:00Z", "2021-01-15T12:00:00Z", "overdue"]);
    assert_eq!(
        ["name", "fixed", "mean_time_to_fix_hours", "open"].map(|key| &report["tiers"][1][key]),
        [&json!("high"), &json!(0), &Value::Null, &json!(0)]
    );
    // What was there before the window came at a time that is not known.
    let appeared: Vec<&Value> = since["findings"].as_array().expect("a list").iter().map(|finding| &finding["appeared"]).collect();
    assert_eq!(appeared.iter().filter(|appeared| appeared.is_null()).count(), 2, "{since}");
}

#[test]
fn a_merge_counts_when_it_is_merged() {
    let project = history(ONE_COMMIT);
    let git = |at: &str, words: &[&str]| git_at(project.path(), at, words);
    git("2021-01-09T00:00:00Z", &["checkout", "--quiet", "-b", "mend"]);
    project.write("Cargo.lock", lockfile("app", &[FIXED]));
    commit_at(&project, "2021-01-09T00:00:00Z");
    git("2021-01-09T00:00:00Z", &["checkout", "--quiet", "main"]);
    project.write("README.md", "a text");
    commit_at(&project, "2021-01-10T00:00:00Z");
    git("2021-01-20T00:00:00Z", &["merge", "--quiet", "--no-ff", "--message", "a merge", "mend"]);
    let late = ["Cargo.lock smallvec: fixed 2021-01-20T00:00:00Z late"];
    let in_time = ["Cargo.lock smallvec: fixed 2021-01-09T00:00:00Z in time"];
    let open = ["Cargo.lock smallvec: overdue"];
    for (branch, expected) in [("HEAD", &late), ("main", &late), ("mend", &in_time), ("HEAD~1", &open), ("refs/heads/mend", &in_time)] {
        assert_eq!(findings(&json_report(&project, &["--branch", branch])), *expected, "{branch}");
    }
    // Whatever people have set for their own eyes.
    for (key, value) in [("log.diffMerges", "off"), ("log.diffMerges", "remerge"), ("log.showRoot", "false"), ("log.date", "relative")] {
        git("2021-01-20T00:00:00Z", &["config", key, value]);
        assert_eq!(findings(&json_report(&project, &[])), late, "{key} {value}");
        git("2021-01-20T00:00:00Z", &["config", "--unset", key]);
    }
    git("2021-01-20T00:00:00Z", &["checkout", "--quiet", "--detach", "mend"]);
    assert_eq!(findings(&json_report(&project, &[])), in_time, "a detached head");
}

/// The clock, the state file, when it came in, and when the clock starts.
const CLOCKS: [(&str, &str, &str, &str); 8] = [
    ("published", "", "2020-06-01T00:00:00Z", "2021-01-08T12:00:00Z"),
    ("published", "", "2021-05-01T00:00:00Z", "2021-01-08T12:00:00Z"),
    ("introduced", "", "2020-06-01T00:00:00Z", "2021-01-08T12:00:00Z"),
    ("introduced", "", "2021-05-01T00:00:00Z", "2021-05-01T00:00:00Z"),
    // No clock runs before there is anything to know.
    ("first-seen", "", "2020-06-01T00:00:00Z", "2021-01-08T12:00:00Z"),
    ("first-seen", "", "2021-05-01T00:00:00Z", "2021-05-01T00:00:00Z"),
    ("first-seen", "2021-01-12T00:00:00Z\t-\tcrates.io\tsmallvec\tRUSTSEC-2021-0003\n", "2020-06-01T00:00:00Z", "2021-01-12T00:00:00Z"),
    (
        "fix-available",
        "2021-01-09T00:00:00Z\t2021-01-11T00:00:00Z\tcrates.io\tsmallvec\tRUSTSEC-2021-0003\n",
        "2020-06-01T00:00:00Z",
        "2021-01-11T00:00:00Z",
    ),
];

#[test]
fn the_clock_of_the_policy_is_that_of_the_report() {
    let mut wrong = Vec::new();
    let empty = || history(&[("2020-02-01T00:00:00Z", &[("README.md", Text("a text"))])]);
    for (clock, state, appeared, expected) in CLOCKS {
        let (project, other) = (empty(), empty());
        project.write("overdue.toml", format!("[judging]\nclock = \"{clock}\"\n")).write("Cargo.lock", lockfile("app", &[OLD]));
        if !state.is_empty() {
            project.write("overdue.state", state);
        }
        commit_at(&project, appeared);
        // Alone, and beside another repository.
        for words in [&["."][..], &[other.path().to_str().expect("text"), "."]] {
            let started = json_report(&project, words)["findings"][0]["clock_started"].clone();
            if started != expected {
                wrong.push(format!("{clock}, came {appeared}, of {}: {started}, not {expected}", words.len()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Projects in whose last commit something is open, or not any more, that is easily missed.
fn easily_missed() -> Vec<(&'static str, Project, &'static str)> {
    let first = "2020-06-01T00:00:00Z";
    let odd = "jinja2==VERSION\nno requirement at all ===\n";
    let mended = |name: &str, text: &str, beside: &[(&str, &str)]| {
        let project = history(&[]);
        for (name, text) in beside {
            project.write(name, text);
        }
        for (at, version) in [(first, "2.10.1"), ("2021-06-01T00:00:00Z", "3.1.6")] {
            project.write(name, text.replace("VERSION", version));
            commit_at(&project, at);
        }
        project
    };
    let (moved, bumped) = (history(ONE_COMMIT), history(ONE_COMMIT));
    let exception =
        |what: &str| format!("[[exceptions]]\nid = \"RUSTSEC-2021-0003\"\n{what}\nreason = \"it is never run\"\nexpires = 2027-01-01\n");
    moved.write("app/Cargo.lock", lockfile("app", &[OLD])).remove("Cargo.lock").write("overdue.toml", exception("path = \"app\""));
    bumped.write("Cargo.lock", lockfile("app", &[("smallvec", "1.6.0")])).write("overdue.toml", exception("versions = \">=1\""));
    for project in [&moved, &bumped] {
        commit_at(project, "2021-01-10T00:00:00Z");
    }
    let released = history(ONE_COMMIT);
    released.write("overdue.toml", "[tiers.critical]\nfix = { until = \"next-release\" }\n");
    git_at(released.path(), "2021-02-01T00:00:00Z", &["tag", "--annotate", "--message", "a release", "v1.0.0"]);
    let (inner, outer) = (history(ONE_COMMIT), history(&[]));
    git_at(outer.path(), first, &["submodule", "--quiet", "add", inner.path().to_str().expect("text"), "inner"]);
    commit_at(&outer, first);
    inner.write("Cargo.lock", lockfile("app", &[FIXED]));
    commit_at(&inner, "2021-06-01T00:00:00Z");
    git_at(&outer.path().join("inner"), "2021-06-01T00:00:00Z", &["pull", "--quiet"]);
    commit_at(&outer, "2021-06-01T00:00:00Z");
    vec![
        ("everything", history(EVERYTHING), "."),
        ("a file that another one names", mended("base.list", "jinja2==VERSION\n", &[("requirements.txt", "-r base.list\n")]), "."),
        ("a target of an unusual name", mended("base.list", "jinja2==VERSION\n", &[]), "base.list"),
        ("a file that is read in part", mended("requirements.txt", odd, &[]), "."),
        ("excepted where it was moved to", moved, "."),
        ("excepted as it is now", bumped, "."),
        ("promised for a release that was made", released, "."),
        ("a submodule that was moved on", outer, "."),
    ]
}

#[test]
fn what_is_open_is_what_a_scan_finds() {
    let mut wrong = Vec::new();
    for (name, project, target) in easily_missed() {
        let reported = figures(&json_report(&project, &[target]), "all");
        let words = ["scan", "--as-of", LATER, "--format", "json", target];
        let scanned = run(project.path(), &words).json();
        let found = scanned["findings"].as_array().expect("a list").iter().filter(|finding| finding["kind"] == "vulnerability");
        let standings: Vec<&str> = found.map(|finding| finding["standing"].as_str().expect("a standing")).collect();
        let of = |standing: &str| standings.iter().filter(|own| **own == standing).count() as u64;
        let expected = [standings.len() as u64, of("overdue"), of("excepted")];
        let told = ["open", "overdue", "excepted"].map(|key| reported[key].as_u64().unwrap_or_default());
        if told != expected {
            wrong.push(format!("{name}: {told:?} are reported, {expected:?} found"));
        }
    }
    assert!(wrong.is_empty(), "open, overdue, excepted\n{}", wrong.join("\n"));
}

#[test]
fn a_history_that_is_cut_off_is_told() {
    let project = history(TWO_COMMITS);
    let beside = Project::new();
    let from = format!("file://{}", project.path().display());
    git_at(beside.path(), "2022-01-01T00:00:00Z", &["clone", "--quiet", "--depth", "1", &from, "clone"]);
    let clone = beside.path().join("clone");
    let cut_off = |since: &str| report(&clone, since, LATER, &["--format", "json"]).json()["repositories"][0]["cut_off"].clone();
    assert_eq!(cut_off(EVER), "2021-01-20T00:00:00Z");
    assert_eq!(cut_off("2021-02-01"), Value::Null, "what is asked for is all there");
    let table = report(&clone, EVER, LATER, &[]).stdout();
    assert!(table.contains("the history begins on 2021-01-20") && table.contains("fetch-depth: 0"), "{table}");
    assert_eq!(json_report(&project, &[])["repositories"][0]["cut_off"], Value::Null);
}

#[test]
fn any_day_may_be_the_first() {
    let project = history(TWO_COMMITS);
    for since in ["0001-01-01", "1900-01-01", "1969-06-01", "1970-01-01", "1999-01-01", "2020-06-01"] {
        let told = report(project.path(), since, LATER, &["--format", "json"]).json();
        assert_eq!(findings(&told), ["Cargo.lock smallvec: fixed 2021-01-20T00:00:00Z late"], "{since}");
        assert_eq!(told["repositories"][0]["commits"], 2, "{since}");
    }
}

#[test]
fn where_there_is_no_history_it_is_an_error() {
    let (without_git, unborn, project) = (Project::new(), Project::repository(), history(TWO_COMMITS));
    unborn.write("Cargo.lock", lockfile("app", &[OLD]));
    for (folder, since, words, error) in [
        (without_git.path(), EVER, &[][..], ". is in no git repository"),
        (unborn.path(), EVER, &[], "there is no revision `HEAD`"),
        (project.path(), EVER, &["--branch", "nowhere"], "there is no revision `nowhere`"),
        (project.path(), EVER, &["--branch", "HEAD^{tree}"], "is a tree"),
        (project.path(), "2022-01-02", &[], "--since 2022-01-02 is later than 2022-01-01"),
        (project.path(), "2021-13-01", &[], "`2021-13-01` is neither a date"),
        (project.path(), EVER, &["nowhere"], "cannot read nowhere"),
    ] {
        let run = report(folder, since, LATER, words);
        assert!(run.code() == 2 && run.stderr().contains(error) && run.stdout().is_empty(), "{words:?}: {}", run.text());
    }
}
