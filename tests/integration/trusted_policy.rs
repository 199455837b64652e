//! What judges a comparison with a revision: the policy that the revision has, and not that of the change itself.

use serde_json::Value;

use crate::{
    harness::{Run, assert_case},
    projects::{FIXED, OTHER, Project, git, lockfile, scan},
};

/// Every tier has a deadline: [`OTHER`]'s vulnerability is to be fixed within 60 days.
const TOML: &str = "[tiers.critical]\nfix = \"7 days\"\n[tiers.high]\nfix = \"30 days\"\n[tiers.medium]\nfix = \"60 days\"\n\
                    [tiers.low]\nfix = \"90 days\"\n";
const TEXT: &str = "# Fix\n\n- Critical: fixed within 7 days\n- High: fixed within 30 days\n- Medium: fixed within 60 days\n\
                    - Low: fixed within 90 days\n";
const EXCEPTION: &str = "\n[[exceptions]]\nid = \"RUSTSEC-2020-0071\"\nreason = \"we never set the time zone\"\nexpires = 2027-01-31\n";
const LAX: &str = "[gate]\nfail-on = \"never\"\n";
const FIRST_SEEN: &str = "[judging]\nclock = \"first-seen\"\n";
const SEEN_IN_JANUARY: &str = "2026-01-01T00:00:00Z\t-\tcrates.io\ttime\tRUSTSEC-2020-0071\n";
const SEEN_YESTERDAY: &str = "2026-08-21T00:00:00Z\t-\tcrates.io\ttime\tRUSTSEC-2020-0071\n";

/// A repository whose `main` has these files and nothing to find; its `pull`, which is checked out, has [`OTHER`] besides,
/// and what the change to the files is.
fn pull_request(files: &[(&str, &str)], change: impl FnOnce(&Project)) -> Project {
    let project = Project::repository();
    project.write("Cargo.lock", lockfile("app", &[FIXED]));
    for (path, text) in files {
        project.write(path, text);
    }
    project.commit();
    project.git(&["checkout", "--quiet", "-b", "pull"]);
    project.write("Cargo.lock", lockfile("app", &[FIXED, OTHER]));
    change(&project);
    project.commit();
    project
}

fn json_of(project: &Project, words: &[&str]) -> Run {
    project.scan(&[&["--format", "json"], words].concat())
}

/// The kinds of the faults that are about policies, with the file.
fn checks(run: &Run) -> Vec<String> {
    let report = run.json();
    let name = |check: &Value| {
        let text = |key: &str| check[key].as_str().unwrap_or("none").to_owned();
        format!("{} {}", text("kind"), text("path"))
    };
    let mut names: Vec<String> = report["checks"].as_array().expect("a list").iter().map(name).collect();
    names.retain(|name| name.starts_with("policy-changed") || name.starts_with("exception-untrusted"));
    names.sort();
    names
}

/// Where [`OTHER`]'s vulnerability stands, and by when it is to be fixed.
fn stands(run: &Run) -> (String, String) {
    let report = run.json();
    let findings = report["findings"].as_array().expect("a list").iter();
    let mut own = findings.filter(|finding| finding["package"]["name"] == OTHER.0);
    let finding = own.next().unwrap_or_else(|| panic!("no finding\n{}", run.text())).clone();
    let text = |key: &str| finding[key].as_str().unwrap_or("none").to_owned();
    (text("standing"), text("fix_by").chars().take(10).collect::<String>())
}

/// The ways to name the same change: the files at hand, what was committed, from where they parted.
const RANGES: [&str; 4] = ["main", "main..HEAD", "main...HEAD", "main...pull"];

/// A change to the files of a policy.
struct Case {
    name: &'static str,
    /// What `main` has.
    files: Vec<(&'static str, String)>,
    change: fn(&Project),
    /// Where the finding stands, and by when it is to be fixed.
    stands: (&'static str, &'static str),
    told: &'static [&'static str],
}

fn case(
    name: &'static str,
    files: &[(&'static str, &str)],
    change: fn(&Project),
    stands: (&'static str, &'static str),
    told: &'static [&'static str],
) -> Case {
    let files = files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
    Case { name, files, change, stands, told }
}

fn cases() -> Vec<Case> {
    let (toml, text) = ([("overdue.toml", TOML)], [("SECURITY.md", TEXT)]);
    let excepted = format!("{TOML}{EXCEPTION}");
    let excepted = [("overdue.toml", excepted.as_str())];
    let seen = [("overdue.toml", FIRST_SEEN), ("overdue.state", SEEN_IN_JANUARY)];
    let (in_60_days, in_90_days) = (("overdue", "2021-01-17"), ("overdue", "2021-02-16"));
    let (changed, new_exception) = (&["policy-changed overdue.toml"], &["exception-untrusted overdue.toml", "policy-changed overdue.toml"]);
    vec![
        case("nothing", &toml, |_| {}, in_60_days, &[]),
        case("nothing, and there is none", &[], |_| {}, in_90_days, &[]),
        case("another file", &text, |p| _ = p.write("docs/policy.md", "words"), in_60_days, &[]),
        case(
            "an exception of its own finding",
            &toml,
            |p| _ = p.write("overdue.toml", format!("{TOML}{EXCEPTION}")),
            in_60_days,
            new_exception,
        ),
        case("an exception in a first file", &[], |p| _ = p.write("overdue.toml", EXCEPTION), in_90_days, new_exception),
        case(
            "a longer exception",
            &excepted,
            |p| _ = p.write("overdue.toml", format!("{TOML}{}", EXCEPTION.replace("2027", "2028"))),
            ("excepted", in_60_days.1),
            new_exception,
        ),
        case("an exception less", &excepted, |p| _ = p.write("overdue.toml", TOML), ("excepted", in_60_days.1), changed),
        case(
            "a longer deadline in the text",
            &text,
            |p| _ = p.write("SECURITY.md", TEXT.replace("60 days", "6000 days")),
            in_60_days,
            &["policy-changed SECURITY.md"],
        ),
        case("the file deleted", &toml, |p| _ = p.remove("overdue.toml"), in_60_days, changed),
        case("the text deleted", &text, |p| _ = p.remove("SECURITY.md"), in_60_days, &["policy-changed SECURITY.md"]),
        case(
            "the text moved",
            &text,
            |p| _ = p.remove("SECURITY.md").write("docs/SECURITY.md", TEXT),
            in_60_days,
            &["policy-changed docs/SECURITY.md"],
        ),
        case(
            "another text before it",
            &text,
            |p| _ = p.write(".github/SECURITY.md", TEXT.replace("60 days", "6000 days")),
            in_60_days,
            &["policy-changed .github/SECURITY.md"],
        ),
        case("a file over the text", &text, |p| _ = p.write("overdue.toml", LAX), in_60_days, changed),
        case("a gate that lets all through", &toml, |p| _ = p.write("overdue.toml", LAX), in_60_days, changed),
        case(
            "another state file",
            &seen,
            |p| _ = p.write("overdue.toml", format!("{FIRST_SEEN}state = \"new.state\"\n")).write("new.state", SEEN_YESTERDAY),
            ("overdue", "2026-04-01"),
            changed,
        ),
    ]
}

#[test]
fn a_change_of_the_policy_is_told_and_does_not_judge_itself() {
    for Case { name, files, change, stands: (standing, fix_by), told } in cases() {
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let project = pull_request(&files, change);
        for since in RANGES {
            let run = json_of(&project, &["--new-since", since]);
            assert_eq!(stands(&run), (standing.to_owned(), fix_by.to_owned()), "{name}: {since}\n{}", run.text());
            assert_eq!(checks(&run), told, "{name}: {since}\n{}", run.text());
            assert_eq!(run.code(), i32::from(standing == "overdue"), "{name}: {since}");
            // It gates by itself where that is asked for, and only there.
            let gated = json_of(&project, &["--new-since", since, "--fail-on", "checks"]);
            assert_eq!(gated.code(), i32::from(!told.is_empty()), "{name}: {since}\n{}", gated.text());
            assert_eq!(json_of(&project, &["--new-since", since, "--fail-on", "never"]).code(), 0, "{name}: {since}");
        }
        // What is not committed yet counts as well, but not in a range.
        project.git(&["reset", "--quiet", "--soft", "main"]);
        assert_eq!(checks(&json_of(&project, &["--new-since", "main"])), told, "{name}");
        assert_eq!(checks(&json_of(&project, &["--new-since", "main..main"])), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn people_see_what_a_change_does_to_the_policy() {
    let project = pull_request(&[("overdue.toml", TOML), ("SECURITY.md", TEXT)], |project| {
        project.write("overdue.toml", format!("{TOML}{EXCEPTION}")).write("SECURITY.md", TEXT.replace("60", "600"));
    });
    assert_case("trusted-policy", &project.scan(&["--new-since", "main", "--width", "140"]).text());
    for (format, said) in [
        ("markdown", "does not hold yet"),
        ("github", "title=configuration%3A policy-changed"),
        ("github", "file=overdue.toml,line=11,title=configuration%3A exception-untrusted"),
        ("sarif", "exception-untrusted"),
    ] {
        let run = project.scan(&["--new-since", "main", "--format", format]);
        assert!(run.stdout().contains(said), "{format}\n{}", run.stdout());
    }
}

#[test]
fn a_change_of_the_state_file_is_told_and_does_not_judge_itself() {
    type Change = fn(&Project);
    let changes: [(&str, Change); 4] = [
        ("later", |p| _ = p.write("overdue.state", SEEN_YESTERDAY)),
        ("emptied", |p| _ = p.write("overdue.state", "")),
        ("deleted", |p| _ = p.remove("overdue.state")),
        ("broken", |p| _ = p.write("overdue.state", "words\n")),
    ];
    for (name, change) in changes {
        let project = pull_request(&[("overdue.toml", FIRST_SEEN), ("overdue.state", SEEN_IN_JANUARY)], change);
        for since in RANGES {
            let run = json_of(&project, &["--new-since", since]);
            assert_eq!(stands(&run), ("overdue".to_owned(), "2026-04-01".to_owned()), "{name}: {since}\n{}", run.text());
            assert_eq!(checks(&run), ["policy-changed overdue.state"], "{name}: {since}");
        }
    }
}

#[test]
fn a_broken_file_is_refused_wherever_it_is() {
    type Change = fn(&Project);
    let changes: [(&str, Change); 3] = [
        ("changed", |p| _ = p.write("overdue.toml", "[tiers.critical\n")),
        ("a misspelt key", |p| _ = p.write("overdue.toml", "[tiers.critical]\nfxi = \"1 day\"\n")),
        ("not UTF-8", |p| _ = p.write("overdue.toml", b"# \xe4\n")),
    ];
    for files in [&[("overdue.toml", TOML)][..], &[]] {
        for (name, change) in changes {
            let project = pull_request(files, change);
            for since in RANGES {
                let run = json_of(&project, &["--new-since", since]);
                assert_eq!((run.code(), run.stdout()), (2, String::new()), "{name}: {since}\n{}", run.text());
                assert!(run.stderr().contains("overdue.toml:"), "{name}: {since}\n{}", run.stderr());
            }
        }
    }
}

#[test]
fn what_is_broken_in_the_revision_is_said_to_be_of_it_and_does_not_keep_anybody_from_mending_it() {
    for broken in ["[tiers.critical\n", "[[exceptions]]\nid = \"RUSTSEC-2020-0071\"\nreason = \"TBD\"\nexpires = 2027-01-31\n"] {
        let project = pull_request(&[("overdue.toml", broken)], |project| _ = project.write("overdue.toml", TOML));
        let run = json_of(&project, &["--new-since", "main"]);
        assert_eq!(run.code(), 1, "{}", run.text());
        let report = run.json();
        let told = report["checks"].as_array().expect("a list").iter().filter_map(|check| check["message"].as_str());
        assert!(told.into_iter().any(|message| message.contains("of main cannot be used")), "{}", report["checks"]);
    }
}

#[test]
fn a_policy_that_is_named_is_trusted_as_the_revision_has_it() {
    let project = pull_request(&[("ci/policy.toml", TOML), ("overdue.toml", LAX)], |project| {
        project.write("ci/policy.toml", format!("{TOML}{EXCEPTION}"));
    });
    let named = project.path().join("ci/policy.toml").display().to_string();
    for since in RANGES {
        for policy in ["ci/policy.toml", "./ci/policy.toml", named.as_str()] {
            let run = json_of(&project, &["--new-since", since, "--policy", policy]);
            assert_eq!((run.code(), stands(&run).0.as_str()), (1, "overdue"), "{since} {policy}\n{}", run.text());
            let told = [format!("exception-untrusted {policy}"), format!("policy-changed {policy}")];
            assert_eq!(checks(&run), told, "{since} {policy}");
        }
    }
    let run = scan(&project.path().join("ci"), &["--format", "json", "--new-since", "main", "--policy", "policy.toml", ".."]);
    assert_eq!(checks(&run), ["exception-untrusted policy.toml", "policy-changed policy.toml"]);
    // What is checked out is something else: it is the range that says which change is looked at.
    project.git(&["checkout", "--quiet", "main"]);
    let run = json_of(&project, &["--new-since", "main..pull", "--policy", "ci/policy.toml"]);
    assert_eq!(checks(&run), ["exception-untrusted ci/policy.toml", "policy-changed ci/policy.toml"], "{}", run.text());
}

#[test]
fn a_policy_from_elsewhere_judges_as_it_is() {
    let elsewhere = Project::new();
    elsewhere.write("policy.toml", format!("{TOML}{EXCEPTION}"));
    let policy = elsewhere.path().join("policy.toml").display().to_string();
    let project = pull_request(&[("overdue.toml", TOML)], |project| _ = project.write("overdue.toml", LAX));
    for since in RANGES {
        let run = json_of(&project, &["--new-since", since, "--policy", &policy]);
        assert_eq!((run.code(), stands(&run).0.as_str()), (0, "excepted"), "{since}\n{}", run.text());
        assert_eq!(checks(&run), Vec::<String>::new(), "{since}");
    }
}

#[test]
fn a_policy_that_is_named_and_new_is_told() {
    let project = pull_request(&[("overdue.toml", TOML)], |project| _ = project.write("ci/policy.toml", TOML));
    let run = json_of(&project, &["--new-since", "main", "--policy", "ci/policy.toml"]);
    assert_eq!((run.code(), checks(&run)), (1, vec!["policy-changed ci/policy.toml".to_owned()]), "{}", run.text());
    assert_eq!(json_of(&project, &["--new-since", "main", "--policy", "ci/policy.toml", "--fail-on", "checks"]).code(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_does_not_bring_another_policy_in() {
    use std::os::unix::fs::symlink;
    let elsewhere = Project::new();
    elsewhere.write("lax.toml", LAX);
    let outside = elsewhere.path().join("lax.toml");
    // The file itself, the folder that it is in, a way out of the repository.
    for (name, remove, link, to) in [
        ("the file", "ci/policy.toml", "ci/policy.toml", std::path::PathBuf::from("../examples/policy.toml")),
        ("its folder", "ci/policy.toml", "ci", "examples".into()),
        ("out of the repository", "ci/policy.toml", "ci/policy.toml", outside),
    ] {
        let project = pull_request(&[("ci/policy.toml", TOML), ("examples/policy.toml", LAX)], |project| {
            project.remove(remove);
            if link == "ci" {
                std::fs::remove_dir(project.path().join("ci")).expect("an empty folder");
            }
            symlink(&to, project.path().join(link)).expect("a link");
        });
        for since in RANGES {
            let run = json_of(&project, &["--new-since", since, "--policy", "ci/policy.toml"]);
            let is_told = || !checks(&run).is_empty() && run.json()["gate"]["tripped"] == true;
            assert!(run.code() == 2 || is_told(), "{name}: {since}\n{}", run.text());
        }
    }
    // One that was a link before, and leads elsewhere now.
    let project = Project::repository();
    project.write("Cargo.lock", lockfile("app", &[FIXED])).write("strict.toml", TOML).write("examples/lax.toml", LAX);
    symlink("strict.toml", project.path().join("overdue.toml")).expect("a link");
    project.commit();
    project.git(&["checkout", "--quiet", "-b", "pull"]);
    project.write("Cargo.lock", lockfile("app", &[FIXED, OTHER])).remove("overdue.toml");
    symlink("examples/lax.toml", project.path().join("overdue.toml")).expect("a link");
    project.commit();
    for words in [&["--new-since", "main"][..], &["--new-since", "main", "--policy", "overdue.toml"], &["--new-since", "main..HEAD"]] {
        let run = json_of(&project, words);
        assert_eq!((run.code(), checks(&run)), (1, vec!["policy-changed overdue.toml".to_owned()]), "{words:?}\n{}", run.text());
    }
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_outside_of_the_repository_is_not_shown() {
    let elsewhere = Project::new();
    elsewhere.write("secret", "token = not for everybody\n");
    let secret = elsewhere.path().join("secret");
    let project = pull_request(&[], |project| {
        std::os::unix::fs::symlink(&secret, project.path().join("overdue.toml")).expect("a link");
    });
    for since in RANGES {
        let run = project.scan(&["--new-since", since]);
        assert!(!run.text().contains("not for everybody"), "{since}\n{}", run.text());
    }
}

#[test]
fn line_ends_of_the_checkout_are_no_change() {
    let project = Project::repository();
    project.git(&["config", "core.autocrlf", "true"]);
    project.write(".gitattributes", "*.lock -text\n").write("Cargo.lock", lockfile("app", &[FIXED]));
    project.write("overdue.toml", format!("{TOML}{EXCEPTION}")).write("SECURITY.md", TEXT).commit();
    project.remove("overdue.toml").remove("SECURITY.md");
    project.git(&["checkout", "--quiet", "--", "."]);
    let on_disk = std::fs::read_to_string(project.path().join("overdue.toml")).expect("a file");
    assert!(on_disk.contains("\r\n"), "git has not changed the line ends");
    project.git(&["checkout", "--quiet", "-b", "pull"]);
    project.write("Cargo.lock", lockfile("app", &[FIXED, OTHER])).commit();
    for since in RANGES {
        let run = json_of(&project, &["--new-since", since]);
        assert_eq!((stands(&run).0.as_str(), checks(&run)), ("excepted", Vec::<String>::new()), "{since}\n{}", run.text());
    }
}

#[test]
fn each_target_is_told_what_changed_for_it() {
    let files = [("overdue.toml", TOML), ("a/words.txt", ""), ("b/words.txt", "")];
    let project = pull_request(&files, |project| {
        project.write("b/overdue.toml", format!("{LAX}{EXCEPTION}"));
        for folder in ["a", "b"] {
            project.write(&format!("{folder}/Cargo.lock"), lockfile(folder, &[OTHER]));
        }
    });
    for targets in [["a", "b"], ["b", "a"]] {
        let run = json_of(&project, &[&["--new-since", "main"], &targets[..]].concat());
        assert_eq!((run.code(), run.json()["gate"]["counted"].as_u64()), (1, Some(2)), "{targets:?}\n{}", run.text());
        assert_eq!(checks(&run), ["exception-untrusted b/overdue.toml", "policy-changed b/overdue.toml"], "{targets:?}");
    }
}

#[test]
fn worktrees_detached_heads_and_clones_are_repositories_too() {
    let project = pull_request(&[("overdue.toml", TOML)], |project| {
        project.write("overdue.toml", format!("{TOML}{EXCEPTION}"));
    });
    let outside = Project::new();
    let place = |name: &str| outside.path().join(name);
    project.git(&["worktree", "add", "--quiet", "--detach", &place("tree").display().to_string(), "pull"]);
    git(outside.path(), &["clone", "--quiet", "--branch", "pull", &project.path().display().to_string(), "clone with a space"]);
    project.git(&["checkout", "--quiet", "--detach"]);
    for (folder, since) in [(project.path().to_owned(), "main"), (place("tree"), "main"), (place("clone with a space"), "origin/main")] {
        let run = scan(&folder, &["--format", "json", "--new-since", since]);
        let told = vec!["exception-untrusted overdue.toml".to_owned(), "policy-changed overdue.toml".to_owned()];
        assert_eq!((run.code(), checks(&run)), (1, told), "{}\n{}", folder.display(), run.text());
    }
}

#[test]
fn a_submodule_is_judged_by_its_own_policy_as_the_revision_has_it() {
    let library = Project::repository();
    library.write("Cargo.lock", lockfile("library", &[FIXED])).write("overdue.toml", TOML).commit();
    let project = Project::repository();
    project.write("overdue.toml", LAX);
    project.git(&["submodule", "--quiet", "add", &library.path().display().to_string(), "library"]);
    project.commit();
    project.git(&["checkout", "--quiet", "-b", "pull"]);
    project.write("library/Cargo.lock", lockfile("library", &[FIXED, OTHER]));
    project.write("library/overdue.toml", format!("{TOML}{EXCEPTION}"));
    let inside = project.path().join("library");
    git(&inside, &["add", "--all"]);
    git(&inside, &["commit", "--quiet", "--message", "a change"]);
    project.commit();
    for since in ["main", "main..HEAD"] {
        let run = json_of(&project, &["--new-since", since, "library"]);
        assert_eq!((run.code(), stands(&run).0.as_str()), (1, "overdue"), "{since}\n{}", run.text());
        let told = ["exception-untrusted library/overdue.toml", "policy-changed library/overdue.toml"];
        assert_eq!(checks(&run), told, "{since}\n{}", run.text());
    }
}
