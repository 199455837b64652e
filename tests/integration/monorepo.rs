//! Several policies in one repository: each target by that of its project, single paths by sections of one file.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    harness::{Run, assert_case},
    projects::{OLD, OTHER, Project, lockfile, scan},
};

/// What is below `services/a` has an `overdue.toml`, what is below `packages/b` a SECURITY.md, and the rest that of the root.
fn three_policies() -> Project {
    let project = Project::repository();
    let root = "# Fix\n\n- Critical: fixed within 7 days\n- High: fixed within 30 days\n- Medium: fixed within 60 days\n";
    project
        .write("SECURITY.md", root)
        .write("services/a/overdue.toml", "[tiers.critical]\nfix = \"1 day\"\n\n[tiers.medium]\nfix = \"10 days\"\n")
        .write("packages/b/.github/SECURITY.md", "# Fix\n\n- Critical: fixed within 3 days\n- Medium: fixed within 20 days\n");
    for (folder, found) in [("", OLD), ("services/a/", OLD), ("services/a/sub/", OTHER), ("packages/b/", OTHER), ("services/c/", OTHER)] {
        project.write(&format!("{folder}Cargo.lock"), lockfile(&format!("app-{}", folder.replace('/', "-")), &[found]));
    }
    project.commit();
    project
}

/// The entry of one of a report's lists that a number points to.
fn entry<'a>(report: &'a Value, key: &str, number: &Value) -> &'a Value {
    let at = number.as_u64().and_then(|at| usize::try_from(at).ok()).expect("an index");
    &report[key][at]
}

/// The file of a finding, from the root of the repository.
fn file_of(report: &Value, finding: &Value) -> String {
    let base = entry(report, "targets", &finding["target"])["base"].as_str().expect("a path");
    format!("{base}/{}", finding["manifest"].as_str().expect("a path")).trim_start_matches('/').to_owned()
}

/// Of each file with a finding, from the root of the repository: the file and line that judge it, and by when it is to be fixed.
fn judged(report: &Value) -> BTreeMap<String, (String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    let of = |finding: &Value| {
        let by = &finding["judged_by"];
        (
            file_of(report, finding),
            (format!("{}:{}", text(&by["path"]), by["line"]), text(&finding["fix_by"]).chars().take(10).collect::<String>()),
        )
    };
    report["findings"].as_array().expect("a list").iter().map(of).collect()
}

/// [`judged`] as it is expected: file, what judges it, by when.
fn expected(rows: &[(&str, &str, &str)]) -> BTreeMap<String, (String, String)> {
    rows.iter().map(|(file, by, day)| ((*file).to_owned(), ((*by).to_owned(), (*day).to_owned()))).collect()
}

/// The scope of the policy that judges what is in each file; `-` where no section speaks.
fn scopes(report: &Value) -> BTreeMap<String, String> {
    let of = |finding: &Value| {
        let scope = &entry(report, "policies", &finding["policy"])["scope"];
        (file_of(report, finding), scope.as_str().unwrap_or("-").to_owned())
    };
    report["findings"].as_array().expect("a list").iter().map(of).collect()
}

fn json_of(project: &Project, words: &[&str]) -> Run {
    project.scan(&[&["--format", "json"], words].concat())
}

const ROOT: (&str, &str, &str) = ("Cargo.lock", "SECURITY.md:3", "2021-01-15");
const A: (&str, &str, &str) = ("services/a/Cargo.lock", "services/a/overdue.toml:2", "2021-01-09");
const A_SUB: (&str, &str, &str) = ("services/a/sub/Cargo.lock", "services/a/overdue.toml:5", "2020-11-28");
const B: (&str, &str, &str) = ("packages/b/Cargo.lock", "packages/b/.github/SECURITY.md:4", "2020-12-08");
const C: (&str, &str, &str) = ("services/c/Cargo.lock", "SECURITY.md:5", "2021-01-17");

#[test]
fn each_target_is_judged_by_the_policy_of_its_project() {
    let project = three_policies();
    for (words, rows) in [
        (&["Cargo.lock", "services/a", "packages/b"][..], &[ROOT, A, A_SUB, B][..]),
        (&["packages/b", "services/a", "Cargo.lock"], &[ROOT, A, A_SUB, B]),
        (&["services/c", "services/a/sub", "packages/b/Cargo.lock"], &[C, A_SUB, B]),
        (&["services/a", "packages/b", "."], &[ROOT, A, A_SUB, B, C]),
    ] {
        let report = json_of(&project, words).json();
        assert_eq!(judged(&report), expected(rows), "{words:?}");
        assert!(report["findings"].as_array().expect("a list").iter().all(|finding| finding["policy"].is_u64()), "{report}");
    }
    let report = json_of(&project, &["Cargo.lock", "services/a", "packages/b"]).json();
    let sources = |at: usize| -> Vec<&str> {
        let policy = entry(&report, "policies", &report["targets"][at]["policy"]);
        policy["sources"].as_array().expect("a list").iter().filter_map(|source| source["path"].as_str()).collect()
    };
    // The nearest of each kind: a SECURITY.md below takes the place of the one above.
    let all = [sources(0), sources(1), sources(2)];
    assert_eq!(all, [vec!["SECURITY.md"], vec!["services/a/overdue.toml", "SECURITY.md"], vec!["packages/b/.github/SECURITY.md"]]);
    // From a folder of the repository, in its words.
    let report = scan(&project.path().join("services/a"), &["--format", "json", ".", "../../packages/b"]).json();
    let rows = [(A.0, "overdue.toml:2", A.2), (A_SUB.0, "overdue.toml:5", A_SUB.2), (B.0, "../../packages/b/.github/SECURITY.md:4", B.2)];
    assert_eq!(judged(&report), expected(&rows));
}

#[test]
fn a_file_of_two_targets_is_judged_by_the_policy_of_the_nearer_one_in_any_order() {
    let project = three_policies();
    for words in [[".", "services/a", "packages/b"], ["services/a", ".", "packages/b"], ["packages/b", "services/a", "."]] {
        let run = json_of(&project, &words);
        assert_eq!(judged(&run.json()), expected(&[ROOT, A, A_SUB, B, C]), "{words:?}");
    }
}

#[test]
fn as_one_target_all_of_it_is_judged_by_the_policy_of_the_root() {
    let project = three_policies();
    let rows =
        [ROOT, (A.0, "SECURITY.md:3", "2021-01-15"), (A_SUB.0, "SECURITY.md:5", "2021-01-17"), (B.0, "SECURITY.md:5", "2021-01-17"), C];
    let report = json_of(&project, &["."]).json();
    assert_eq!((judged(&report), report["policies"].as_array().map(Vec::len)), (expected(&rows), Some(1)));
}

#[test]
fn a_policy_that_is_named_beats_all_that_is_found() {
    let project = three_policies();
    let words = ["Cargo.lock", "services/a", "packages/b", "--policy", "services/a/overdue.toml"];
    let report = json_of(&project, &words).json();
    let by = |row: (&'static str, &str, &'static str), line: &'static str, day| (row.0, line, day);
    let (critical, medium) = ("services/a/overdue.toml:2", "services/a/overdue.toml:5");
    let rows =
        [by(ROOT, critical, "2021-01-09"), by(A, critical, "2021-01-09"), by(A_SUB, medium, "2020-11-28"), by(B, medium, "2020-11-28")];
    assert_eq!(judged(&report), expected(&rows));
    assert_eq!(report["policies"].as_array().map(Vec::len), Some(1));
    // Its own SECURITY.md above is not asked: nothing is said of high.
    assert_eq!(report["policies"][0]["sources"].as_array().map(Vec::len), Some(1));
    assert!(!project.scan(&words).stdout().contains("judges"), "{}", project.scan(&words).stdout());
}

#[test]
fn the_table_names_which_policy_judges_what() {
    let project = three_policies();
    assert_case("monorepo", &project.scan(&["Cargo.lock", "services/a", "packages/b", "--width", "200"]).text());
}

/// One file with sections: nested ones, patterns, and two that are as near.
const SECTIONS: &str = r#"[tiers.critical]
fix = "7 days"

[tiers.medium]
fix = "60 days"

[[paths]]
path = "services"
[paths.tiers.medium]
fix = "30 days"

[[paths]]
path = "services/billing"
[paths.tiers.medium]
fix = "10 days"
[paths.judging]
unscored = "critical"

[[paths]]
path = "services/billing/Cargo.lock"
[paths.judging]
due-soon = "1 day"

[[paths]]
path = "tools/*"
[paths.tiers.medium]
fix = "5 days"

[[paths]]
path = "tools/x"
[paths.tiers.medium]
fix = "2 days"

[[paths]]
path = "**/größe und \"maß\""
[paths.tiers.medium]
fix = "1 day"
"#;

fn with_sections(toml: &str, folders: &[&str]) -> Project {
    let project = Project::repository();
    project.write("overdue.toml", toml);
    for folder in folders {
        let name: String = folder.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        project.write(&format!("{folder}/Cargo.lock"), lockfile(&format!("app-{name}"), &[OTHER]));
    }
    project
}

#[cfg(unix)]
#[test]
fn of_several_sections_the_nearest_holds_row_by_row() {
    let odd = "a/größe und \"maß\"/b";
    let project = with_sections(
        SECTIONS,
        &[
            ".", "service", "services", "services/web", "services/billing", "services/billing/api", "services/billings", "tools/x",
            "tools/y/z", odd,
        ],
    );
    let expected: BTreeMap<String, (String, String, String)> = [
        ("Cargo.lock", "-", "overdue.toml:5", "2021-01-17"),
        ("service/Cargo.lock", "-", "overdue.toml:5", "2021-01-17"),
        ("services/Cargo.lock", "services", "overdue.toml:10", "2020-12-18"),
        ("services/web/Cargo.lock", "services", "overdue.toml:10", "2020-12-18"),
        ("services/billings/Cargo.lock", "services", "overdue.toml:10", "2020-12-18"),
        // What the nearest one leaves open the next one says.
        ("services/billing/Cargo.lock", "services/billing/Cargo.lock", "overdue.toml:15", "2020-11-28"),
        ("services/billing/api/Cargo.lock", "services/billing", "overdue.toml:15", "2020-11-28"),
        // As near: the later one.
        ("tools/x/Cargo.lock", "tools/x", "overdue.toml:32", "2020-11-20"),
        ("tools/y/z/Cargo.lock", "tools/*", "overdue.toml:27", "2020-11-23"),
        ("a/größe und \"maß\"/b/Cargo.lock", "**/größe und \"maß\"", "overdue.toml:37", "2020-11-19"),
    ]
    .into_iter()
    .map(|(file, scope, by, day)| (file.to_owned(), (scope.to_owned(), by.to_owned(), day.to_owned())))
    .collect();
    let all = |report: &Value| -> BTreeMap<String, (String, String, String)> {
        let scopes = scopes(report);
        judged(report).into_iter().map(|(file, (by, day))| (file.clone(), (scopes[&file].clone(), by, day))).collect()
    };
    assert_eq!(all(&json_of(&project, &["."]).json()), expected);
    // Paths are told from the folder of the file, whatever the target is.
    for target in ["services", "services/billing", "services/billing/Cargo.lock", "tools", "tools/x", "a", "services/billing/api"] {
        let found = all(&json_of(&project, &[target]).json());
        let below: BTreeMap<_, _> =
            expected.iter().filter(|(file, _)| **file == target || file.starts_with(&format!("{target}/"))).collect();
        assert_eq!(found.iter().collect::<BTreeMap<_, _>>(), below, "{target}");
    }
    let named = scan(&project.path().join("services"), &["--format", "json", "billing/api", "--policy", "../overdue.toml"]).json();
    assert_eq!(scopes(&named)["services/billing/api/Cargo.lock"], "services/billing");
    // Windows writes the file with line ends of its own.
    project.write("overdue.toml", SECTIONS.replace('\n', "\r\n"));
    assert_eq!(all(&json_of(&project, &["."]).json()), expected);
}

#[test]
fn sections_change_more_than_deadlines() {
    let toml = "[[paths]]\npath = \"a\"\n[paths.judging]\nunscored = \"low\"\ndue-soon = { share = \"100%\", at-most = \"9000 days\" }\n\
                [paths.tiers.low]\nfix = \"8000 days\"\n[paths.calendar]\nweekend = []\n\n[[paths]]\npath = \"b\"\n[[paths.rules]]\n\
                min-tier = \"low\"\nmax-age = \"9000 days\"\n";
    let project = Project::new();
    project.write("overdue.toml", toml);
    for folder in ["a", "b", "c"] {
        project.write(&format!("{folder}/Cargo.lock"), lockfile(folder, &[("chrono", "0.4.19")]));
    }
    let run = json_of(&project, &["."]);
    let report = run.json();
    let of = |folder: &str| {
        let findings = report["findings"].as_array().expect("a list").iter();
        let mut own = findings.filter(|finding| finding["manifest"] == format!("{folder}/Cargo.lock"));
        own.find(|finding| finding["id"] == "RUSTSEC-2020-0159").expect("a finding").clone()
    };
    let said = |folder: &str| {
        let finding = of(folder);
        json!([finding["tier"], finding["standing"], finding["fix_by"].as_str().map(|day| &day[..10]), finding["judged_by"]["stage"]])
    };
    assert_eq!(said("a"), json!(["low", "due-soon", "2042-10-06", "fix"]), "{}", run.text());
    assert_eq!(said("b"), json!(["high", "on-track", "2045-07-02", "rule"]), "{}", run.text());
    assert_eq!(said("c"), json!(["high", "overdue", "2020-12-10", "fix"]), "{}", run.text());
    let weekend = |folder: &str| entry(&report, "policies", &of(folder)["policy"])["calendar"]["weekend"].clone();
    assert_eq!((weekend("a"), weekend("c")), (json!([]), json!(["saturday", "sunday"])));
}

#[test]
fn of_a_pattern_and_a_folder_the_one_that_is_deeper_in_the_path_is_nearer() {
    let section = |path: &str, days: u32| format!("[[paths]]\npath = \"{path}\"\n[paths.tiers.medium]\nfix = \"{days} days\"\n\n");
    for (sections, scope) in [
        (section("a/b/c", 5) + &section("**/legacy", 1), "**/legacy"),
        (section("**/legacy", 1) + &section("a/b/c", 5), "**/legacy"),
        (section("**/legacy/d", 1) + &section("a/b/c/legacy", 5), "**/legacy/d"),
        (section("a/b/c/legacy/d", 5) + &section("**", 1), "a/b/c/legacy/d"),
    ] {
        let project = with_sections(&sections, &["a/b/c/legacy/d"]);
        let report = json_of(&project, &["."]).json();
        assert_eq!(scopes(&report)["a/b/c/legacy/d/Cargo.lock"], scope, "{sections}");
    }
}

#[test]
fn each_section_has_a_gate_of_its_own() {
    let gates = [
        ("strict", "fail-on = [\"low\"]"),
        ("lax", "fail-on = \"never\""),
        ("late", "fail-on = \"overdue\""),
        ("evil", "kinds = [\"malicious\"]"),
        ("dev", "groups = [\"dev\"]"),
    ];
    let gates: String = gates.iter().map(|(path, gate)| format!("[[paths]]\npath = \"{path}\"\n[paths.gate]\n{gate}\n\n")).collect();
    for (toml, folders, words, counted) in [
        // What the caller says holds for all.
        ("", &["strict", "lax", "late"][..], &["--fail-on", "critical"][..], 0),
        ("", &["strict", "lax", "late", "evil"], &["--fail-on", "medium"], 3),
        ("", &["strict", "lax", "late", "evil", "dev", "other"], &[], 4),
        ("", &["lax", "evil"], &[], 0),
        // What a section leaves open the rest of the file says.
        ("[gate]\nfail-on = \"never\"\n", &["strict", "lax", "late", "evil", "dev", "other"], &[], 2),
        ("[gate]\nkinds = [\"unmaintained\"]\n", &["strict", "late", "other"], &[], 0),
        ("[gate]\ngroups = [\"optional\"]\n", &["strict", "late", "other"], &[], 3),
    ] {
        let project = with_sections(&format!("{toml}\n{gates}"), folders);
        let run = json_of(&project, words);
        let found = run.json()["gate"]["counted"].as_u64();
        assert_eq!((found, run.code()), (Some(counted), i32::from(counted > 0)), "{toml} {folders:?} {words:?}\n{}", run.text());
    }
}

#[test]
fn what_tripped_the_gate_is_told_as_the_section_says_it() {
    let toml = "[gate]\nfail-on = \"never\"\n\n[[paths]]\npath = \"services\"\n[paths.gate]\nfail-on = \"overdue\"\n";
    let project = with_sections(toml, &["services/a"]);
    for target in [".", "services/a"] {
        let run = project.scan(&[target]);
        assert_eq!(run.code(), 1, "{}", run.text());
        assert!(run.stdout().contains("overdue)") && !run.stdout().contains("(--fail-on never)"), "{target}\n{}", run.stdout());
    }
}

#[test]
fn a_target_inside_of_a_section_is_not_said_to_be_judged_by_the_rest_of_the_file() {
    let project = with_sections(SECTIONS, &["services/billing/api"]);
    for target in ["services/billing", "services/billing/api", "services/billing/api/Cargo.lock"] {
        let run = project.scan(&[target]);
        let policies: Vec<String> = run.stdout().lines().filter(|line| line.starts_with("policy")).map(str::to_owned).collect();
        assert!(policies.len() == 1 && policies[0].contains("medium 10 days"), "{target}\n{}", run.stdout());
        let report = json_of(&project, &[target]).json();
        let policy = entry(&report, "policies", &report["targets"][0]["policy"]);
        assert_eq!(policy["scope"], "services/billing", "{target}");
    }
}

#[test]
fn a_gate_on_known_exploitation_wants_the_catalogue_wherever_it_is_stated() {
    let asks = "fail-on = \"exploited\"\n";
    let section = format!("[[paths]]\npath = \"a\"\n[paths.gate]\n{asks}");
    for (files, words) in [
        (vec![("overdue.toml", format!("[gate]\n{asks}"))], vec!["."]),
        (vec![("overdue.toml", section.clone())], vec!["."]),
        (vec![("overdue.toml", section)], vec!["a"]),
        (
            vec![("a/overdue.toml", "[gate]\nfail-on = \"never\"\n".to_owned()), ("b/overdue.toml", format!("[gate]\n{asks}"))],
            vec!["a", "b"],
        ),
        (vec![("a/overdue.toml", format!("[gate]\n{asks}")), ("b/overdue.toml", String::new())], vec!["a", "b"]),
    ] {
        let project = with_sections("", &["a", "b"]);
        for (path, text) in &files {
            project.write(path, text);
        }
        let run = project.scan(&words);
        assert!(run.code() == 2 && run.stderr().contains("known to be exploited"), "{files:?} {words:?}\n{}", run.text());
    }
}

#[test]
fn exceptions_belong_to_the_project_that_states_them_and_their_paths_begin_at_its_folder() {
    let exception = |more: &str| {
        format!("[[exceptions]]\nid = \"RUSTSEC-2020-0071\"\n{more}reason = \"we never set the time zone\"\nexpires = 2027-01-31\n")
    };
    let excepted = |run: &Run| -> Vec<String> {
        let report = run.json();
        let findings = report["findings"].as_array().expect("a list").iter();
        let mut files: Vec<String> =
            findings.filter(|finding| finding["standing"] == "excepted").map(|finding| file_of(&report, finding)).collect();
        files.sort();
        files
    };
    for (policy, path, words, expected) in [
        ("overdue.toml", "", vec!["."], vec!["Cargo.lock", "a/Cargo.lock", "a/b/Cargo.lock", "c/Cargo.lock"]),
        ("overdue.toml", "path = \"a\"\n", vec!["."], vec!["a/Cargo.lock", "a/b/Cargo.lock"]),
        ("overdue.toml", "path = \"a\"\n", vec!["a"], vec!["a/Cargo.lock", "a/b/Cargo.lock"]),
        ("overdue.toml", "path = \"a/b\"\n", vec!["a/b/Cargo.lock"], vec!["a/b/Cargo.lock"]),
        ("overdue.toml", "path = \"b\"\n", vec!["a"], vec![]),
        ("overdue.toml", "path = \"*/Cargo.lock\"\n", vec!["."], vec!["a/Cargo.lock", "c/Cargo.lock"]),
        ("a/overdue.toml", "", vec!["a", "c"], vec!["a/Cargo.lock", "a/b/Cargo.lock"]),
        ("a/overdue.toml", "path = \"b\"\n", vec!["c", "a"], vec!["a/b/Cargo.lock"]),
        ("a/overdue.toml", "path = \"b\"\n", vec!["a/b"], vec!["a/b/Cargo.lock"]),
        ("a/overdue.toml", "path = \"a/b\"\n", vec!["a"], vec![]),
        ("a/overdue.toml", "", vec!["c"], vec![]),
    ] {
        let project = with_sections("", &[".", "a", "a/b", "c"]);
        project.write(policy, exception(path));
        let run = json_of(&project, &words);
        assert_eq!(excepted(&run), expected, "{policy} {path} {words:?}\n{}", run.text());
    }
}
