//! What git tells of findings: when a version entered its file, and which release still ships it.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    clocks::{INTRODUCED, PUBLISHED, UNGRADED, checks, clock, commit_at, git_at, only, report, standing, started, table},
    harness::{AS_OF, assert_case},
    projects::{OTHER, Project, git, lockfile, scan},
};

/// A promise for the next release.
const NEXT_RELEASE: &str = "[tiers.high]\nfix = { until = \"next-release\" }\n";

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct History {
    name: String,
    commits: Vec<(String, String)>,
    disk: Option<String>,
    started: Option<String>,
}

type Packages<'a> = [(&'a str, &'a str)];

fn cargo(packages: &Packages<'_>) -> String {
    lockfile("app", packages)
}

fn poetry(packages: &Packages<'_>) -> String {
    let entry = |(name, version): &(&str, &str)| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\noptional = false\npython-versions = \">=3.8\"\nfiles = []\n\n")
    };
    let metadata = "[metadata]\nlock-version = \"2.0\"\npython-versions = \">=3.8\"\ncontent-hash = \"0\"\n";
    packages.iter().map(entry).collect::<String>() + metadata
}

fn pipfile(packages: &Packages<'_>) -> String {
    let entry = |(name, version): &(&str, &str)| {
        format!("        \"{name}\": {{\n            \"hashes\": [],\n            \"version\": \"=={version}\"\n        }}")
    };
    let meta = format!("{{\"hash\": {{\"sha256\": \"{:064}\"}}, \"pipfile-spec\": 6, \"requires\": {{}}, \"sources\": []}}", 0);
    let entries = packages.iter().map(entry).collect::<Vec<_>>().join(",\n");
    format!("{{\n    \"_meta\": {meta},\n    \"default\": {{\n{entries}\n    }},\n    \"develop\": {{}}\n}}\n")
}

fn requirements(packages: &Packages<'_>) -> String {
    "# pinned\n".to_owned() + &packages.iter().map(|(name, version)| format!("{name}=={version}\n")).collect::<String>()
}

#[test]
fn the_clock_introduced_starts_when_the_version_entered_the_file() {
    type Format = (&'static str, fn(&Packages<'_>) -> String, [&'static str; 3], &'static str);
    let python = ["diffoscope", "249", "250"];
    let formats: [Format; 4] = [
        ("Cargo.lock", cargo, ["whoami", "1.4.0", "1.4.1"], PUBLISHED),
        ("poetry.lock", poetry, python, "2024-02-27T02:15:00Z"),
        ("Pipfile.lock", pipfile, python, "2024-02-27T02:15:00Z"),
        ("requirements.txt", requirements, python, "2024-02-27T02:15:00Z"),
    ];
    for case in table::<History>("clocks/introduced.toml") {
        for (file, write, [package, old, new], published) in formats {
            let text = |packages: &str| {
                let all = packages.split(", ").map(|word| match word {
                    "old" => (package, old),
                    "new" => (package, new),
                    other => other.split_once(' ').expect("a name and a version"),
                });
                write(&all.collect::<Vec<_>>())
            };
            let project = Project::repository();
            project.write("overdue.toml", INTRODUCED);
            for (moment, packages) in &case.commits {
                project.write(file, text(packages));
                commit_at(&project, moment);
            }
            if let Some(packages) = &case.disk {
                project.write(file, text(packages));
            }
            let report = report(project.path(), AS_OF, &[]);
            let expected = case.started.as_deref().map_or_else(|| started(published, "published"), |at| started(at, "introduced"));
            assert_eq!(clock(only(&report, package), None), expected, "{}: {file}", case.name);
            assert_eq!(checks(&report), [""; 0], "{}: {file}", case.name);
        }
    }
}

#[test]
fn where_git_does_not_tell_the_clock_starts_with_the_publication_and_says_why() {
    let (lock, outside) = (lockfile("app", &[UNGRADED]), Project::new());
    let (plain, untracked, whole) = (Project::new(), Project::repository(), Project::repository());
    plain.write("overdue.toml", INTRODUCED).write("Cargo.lock", &lock);
    untracked.write("overdue.toml", INTRODUCED);
    commit_at(&untracked, "2024-04-01T00:00:00Z");
    untracked.write("Cargo.lock", &lock);
    whole.write("overdue.toml", INTRODUCED).write("Cargo.lock", &lock);
    commit_at(&whole, "2024-04-01T00:00:00Z");
    whole.write("Cargo.lock", lockfile("app", &[OTHER, UNGRADED]));
    commit_at(&whole, "2024-05-01T00:00:00Z");
    whole.write("readme.txt", "words");
    commit_at(&whole, "2024-06-01T00:00:00Z");
    let clone = |depth: &str| {
        let folder = outside.path().join(format!("depth {depth}"));
        let url = format!("file://{}", whole.path().display());
        git(outside.path(), &["clone", "--quiet", "--depth", depth, &url, &folder.display().to_string()]);
        folder
    };
    for (folder, why) in [
        (plain.path().to_owned(), "Cargo.lock is in no git repository"),
        (untracked.path().to_owned(), "git does not track Cargo.lock"),
        (clone("1"), "this is a shallow clone, and the line is older: fetch the whole history"),
        (clone("2"), "this is a shallow clone, and the line is older: fetch the whole history"),
    ] {
        let report = report(&folder, AS_OF, &[]);
        assert_eq!(clock(only(&report, UNGRADED.0), Some(why)), started(PUBLISHED, "published"), "{why}");
        assert_eq!(checks(&report), ["clock-fallback"], "{why}");
        let gated = scan(&folder, &["--fail-on", "checks"]);
        assert_eq!(gated.code(), 1, "{why}\n{}", gated.text());
    }
    // A clone that is deeper than the history is whole.
    let whole_report = report(whole.path(), AS_OF, &[]);
    let in_part = report(&clone("9"), AS_OF, &[]);
    for package in [UNGRADED.0, OTHER.0] {
        assert_eq!(only(&whole_report, package)["clock"], only(&in_part, package)["clock"], "{package}");
    }
    let cut = report(&outside.path().join("depth 2"), AS_OF, &[]);
    assert!(only(&cut, OTHER.0)["clock"]["fallback"].is_string(), "the oldest commit that is there is cut off as well: {cut}");
}

#[test]
fn a_range_is_told_by_the_history_of_its_end() {
    let project = Project::repository();
    project.write("overdue.toml", INTRODUCED).write("Cargo.lock", lockfile("app", &[]));
    commit_at(&project, "2024-03-10T00:00:00Z");
    for (version, moment) in [("1.4.0", "2024-04-01T00:00:00Z"), (UNGRADED.1, "2024-05-01T00:00:00Z"), ("1.3.0", "2024-06-01T00:00:00Z")] {
        project.write("Cargo.lock", lockfile("app", &[(UNGRADED.0, version)]));
        commit_at(&project, moment);
    }
    project.write("Cargo.lock", lockfile("app", &[(UNGRADED.0, "1.2.0")]));
    for (range, version, expected) in [
        ("HEAD~3..HEAD~2", "1.4.0", "2024-04-01T00:00:00Z"),
        ("HEAD~3...HEAD~1", "1.4.1", "2024-05-01T00:00:00Z"),
        ("HEAD~1..HEAD", "1.3.0", "2024-06-01T00:00:00Z"),
        // The files on disk.
        ("HEAD~1", "1.2.0", "2026-08-22T00:00:00Z"),
    ] {
        let report = report(project.path(), AS_OF, &["--new-since", range]);
        let finding = only(&report, UNGRADED.0);
        assert_eq!((&finding["package"]["version"], clock(finding, None)), (&json!(version), started(expected, "introduced")), "{range}");
    }
}

#[test]
fn odd_paths_working_trees_and_detached_heads_have_a_history_too() {
    let (project, outside) = (Project::repository(), Project::new());
    let folder = "-a 'b' ü [c]";
    project.write("overdue.toml", INTRODUCED).write(&format!("{folder}/Cargo.lock"), lockfile("app", &[UNGRADED]));
    commit_at(&project, "2024-04-01T00:00:00Z");
    let tree = outside.path().join("a tree");
    git(project.path(), &["worktree", "add", "--quiet", "--detach", &tree.display().to_string()]);
    for root in [project.path(), tree.as_path()] {
        for (from, target) in [(root.to_owned(), "."), (root.join(folder), "."), (root.join(folder), "Cargo.lock")] {
            let report = report(&from, AS_OF, &[target]);
            let expected = started("2024-04-01T00:00:00Z", "introduced");
            assert_eq!(clock(only(&report, UNGRADED.0), None), expected, "{} {target}", from.display());
        }
    }
    // A file that is moved keeps its history.
    git_at(project.path(), "2024-05-01T00:00:00Z", &["mv", "--", folder, "moved"]);
    commit_at(&project, "2024-05-01T00:00:00Z");
    let report = report(project.path(), AS_OF, &[]);
    assert_eq!(clock(only(&report, UNGRADED.0), None), started("2024-04-01T00:00:00Z", "introduced"));
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Releases {
    name: String,
    clock: Option<String>,
    fix: Option<String>,
    steps: Vec<String>,
    as_of: Option<String>,
    standing: String,
    fix_by: Option<String>,
    release: Option<(String, String)>,
}

/// Does what a step of the table says.
fn take(project: &Project, step: &str) {
    let words: Vec<&str> = step.split(' ').collect();
    let [moment, what, with] = words[..] else { panic!("{step}: no step") };
    match what {
        "ships" => {
            project.write("Cargo.lock", lockfile("app", &[(UNGRADED.0, with)]));
            commit_at(project, moment);
        }
        "tag" => git_at(project.path(), moment, &["tag", with]),
        "release" => git_at(project.path(), moment, &["tag", "--annotate", "--message", "a release", with]),
        other => panic!("{other}: no step"),
    }
}

#[test]
fn the_next_release_that_still_ships_a_finding_breaks_the_promise() {
    for case in table::<Releases>("clocks/next_release.toml") {
        let project = Project::repository();
        let fix = case.fix.as_deref().unwrap_or("{ until = \"next-release\" }");
        let clock = case.clock.as_deref().unwrap_or("published");
        project.write("overdue.toml", format!("[judging]\nclock = \"{clock}\"\n\n[tiers.high]\nfix = {fix}\n"));
        for step in &case.steps {
            take(&project, step);
        }
        let release = case.release.map(|(tag, date)| json!({ "tag": tag, "date": date }));
        let fix_by = case.fix_by.map_or_else(|| release.as_ref().map_or(Value::Null, |release| release["date"].clone()), Value::String);
        // It does not matter whether tags are files of their own.
        for is_packed in [false, true] {
            if is_packed {
                project.git(&["pack-refs", "--all"]);
            }
            let report = report(project.path(), case.as_of.as_deref().unwrap_or(AS_OF), &[]);
            let finding = only(&report, UNGRADED.0);
            let said = (standing(finding), &finding["fix_by"], &finding["next_release"]);
            assert_eq!(said, (case.standing.clone(), &fix_by, &json!(release)), "{}", case.name);
        }
    }
}

#[test]
fn a_release_is_asked_for_the_same_file() {
    let project = Project::repository();
    project.write("overdue.toml", NEXT_RELEASE);
    commit_at(&project, "2024-02-01T00:00:00Z");
    // The folder came after the first release.
    git_at(project.path(), "2024-03-10T00:00:00Z", &["tag", "-a", "-m", "a release", "v1.0.0"]);
    project.write("new/sub/Cargo.lock", lockfile("app", &[UNGRADED]));
    commit_at(&project, "2024-03-15T00:00:00Z");
    let targets = [".", "new", "new/sub", "new/sub/Cargo.lock"];
    let said = |target: &str| {
        let report = report(project.path(), AS_OF, &[target]);
        let finding = only(&report, UNGRADED.0);
        (standing(finding), finding["next_release"]["tag"].as_str().map(str::to_owned))
    };
    for target in targets {
        assert_eq!(said(target), ("on-track".to_owned(), None), "{target}");
    }
    git_at(project.path(), "2024-03-16T00:00:00Z", &["tag", "-a", "-m", "a release", "v1.1.0"]);
    for target in targets {
        assert_eq!(said(target), ("overdue".to_owned(), Some("v1.1.0".to_owned())), "{target}");
    }
    assert_case("next-release-table", &scan(project.path(), &["--width", "140"]).text());
}

#[test]
fn a_release_that_cannot_be_read_is_not_one_that_keeps_the_promise() {
    let project = Project::repository();
    project.write("overdue.toml", NEXT_RELEASE).write("Cargo.lock", "<html>");
    commit_at(&project, "2024-03-01T00:00:00Z");
    take(&project, "2024-03-02T00:00:00Z release v1.1.0");
    take(&project, "2024-03-03T00:00:00Z ships 1.4.1");
    assert_eq!(standing(only(&report(project.path(), AS_OF, &[]), UNGRADED.0)), "no-deadline releases-unknown");
    // One that can be read and ships it decides.
    take(&project, "2024-03-04T00:00:00Z release v1.2.0");
    assert_eq!(standing(only(&report(project.path(), AS_OF, &[]), UNGRADED.0)), "overdue");
}

#[test]
fn where_releases_are_not_known_that_is_told_to_a_gate_on_what_is_overdue() {
    let (plain, repository) = (Project::new(), Project::repository());
    for (project, why) in [(&plain, "it is in no git repository"), (&repository, "there is no release tag here")] {
        project.write("overdue.toml", "[general]\nfix = { until = \"next-release\" }\n").write("Cargo.lock", lockfile("app", &[UNGRADED]));
        let table = project.scan(&[]);
        assert!(table.stdout().contains(why), "{}", table.text());
        let gated = project.scan(&["--fail-on", "overdue", "--format", "json"]);
        assert_eq!(standing(only(&gated.json(), UNGRADED.0)), "no-deadline releases-unknown");
        assert!(!checks(&gated.json()).is_empty() && gated.stderr().contains("WARNING"), "nothing is told\n{}", gated.text());
    }
}
