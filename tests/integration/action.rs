//! The GitHub Action, run step by step under a made-up runner, on each event. The program is the real one, behind a
//! wrapper that holds the clock; the network is a folder.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::Path,
};

use crate::{
    harness::{AS_OF, fixture, repository},
    projects::{FIXED, OLD, OTHER, Project, git, lockfile},
    runner::{Outcome, Runner, pairs, yaml},
    server::{Answer, Server},
};

/// Everything around a run of the action.
struct World {
    /// The user's checkout.
    project: Project,
    /// Fake programs, what the network serves, and a copy of the action.
    around: Project,
}

/// The real program with the clock held. What it would fetch from the public servers, it finds in the folder `network`;
/// a mirror that was named stays.
const WRAPPER: &str = r#"#!/usr/bin/env bash
if [ "$1" = scan ]; then shift; set -- scan --as-of @AS_OF@ "$@"; fi
if [ "$1 $2" = 'db update' ]; then
  echo "$*" >>'@NETWORK@.log'
  if [[ " $* " != *' --from='* ]]; then
    set -- "$@" --from '@NETWORK@/storage.googleapis.com/osv-vulnerabilities'
    set -- "$@" --rustsec '@NETWORK@/github.com/rustsec/advisory-db/archive/refs/heads/main.tar.gz'
  fi
fi
exec '@REAL@' "$@"
"#;

/// Serves files of the folder `network` by the address without its scheme.
const CURL: &str = "#!/usr/bin/env bash\nwhile [ $# -gt 1 ]; do if [ \"$1\" = --output ]; then file=$2; fi; shift; done\nfrom=@NETWORK@/${1#https://}\n[ -f \"$from\" ] || { echo \"curl: (22) 404: $1\" >&2; exit 22; }\ncp \"$from\" \"$file\"\n";

/// Builds nothing: the program is there already.
const CARGO: &str = "#!/usr/bin/env bash\nset -eu\nwhile [ $# -gt 0 ]; do if [ \"$1\" = --target-dir ]; then folder=$2; fi; shift; done\nmkdir -p \"$folder/release\"\ncp '@PROGRAM@' \"$folder/release/overdue\"\necho built >>'@LOG@'\n";

impl World {
    fn new() -> Self {
        let world = Self { project: Project::repository(), around: Project::new() };
        world.hold_clock(AS_OF);
        world.program("bin/curl", &CURL.replace("@NETWORK@", &world.at("network")));
        world.program("bin/cargo", &CARGO.replace("@PROGRAM@", &world.at("wrapper")).replace("@LOG@", &world.at("cargo.log")));
        for name in [
            "action.yml", "Cargo.toml", "Cargo.lock", "action/lib.sh", "action/plan.sh", "action/install.sh", "action/refresh.sh",
            "action/scan.sh", "action/verdict.sh", "action/releases.tsv",
        ] {
            world.around.write(&format!("checkout/{name}"), fs::read(repository().join(name)).expect("a file"));
        }
        world.around.write("checkout/src/lib.rs", "").write("checkout/advisories-cache/manifest.json", "{}");
        world.serve_advisories();
        world.project.write("Cargo.lock", lockfile("app", &[OLD])).commit();
        world
    }

    fn at(&self, path: &str) -> String {
        self.around.path().join(path).display().to_string()
    }

    fn hold_clock(&self, as_of: &str) {
        let wrapper = WRAPPER.replace("@REAL@", env!("CARGO_BIN_EXE_overdue")).replace("@AS_OF@", as_of);
        self.program("wrapper", &wrapper.replace("@NETWORK@", &self.at("network")));
    }

    fn program(&self, name: &str, text: &str) {
        self.around.write(name, text);
        fs::set_permissions(self.around.path().join(name), fs::Permissions::from_mode(0o755)).expect("a mode");
    }

    /// One advisory of our own beside those of the snapshot's shape, so that it shows which data were used.
    fn serve_advisories(&self) {
        let record = |id: &str, name: &str, fixed: &str| {
            format!(
                r#"{{"id": "{id}", "modified": "2026-08-21T00:00:00Z", "published": "2026-08-01T00:00:00Z", "severity": [{{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}], "affected": [{{"package": {{"ecosystem": "crates.io", "name": "{name}"}}, "ranges": [{{"type": "SEMVER", "events": [{{"introduced": "0"}}, {{"fixed": "{fixed}"}}]}}]}}]}}"#
            )
        };
        for (ecosystem, records) in [
            ("crates.io", vec![record("RUSTSEC-2099-0001", "smallvec", "0.6.14"), record("RUSTSEC-2099-0002", "time", "0.2.0")]),
            ("PyPI", vec![]),
        ] {
            let folder = format!("network/storage.googleapis.com/osv-vulnerabilities/{ecosystem}");
            fs::create_dir_all(self.around.path().join(&folder)).expect("a folder");
            let mut zip = zip::ZipWriter::new(fs::File::create(self.around.path().join(&folder).join("all.zip")).expect("a zip"));
            let python = r#"{"id": "PYSEC-2099-1", "modified": "2026-08-21T00:00:00Z", "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}, "versions": ["1"]}]}"#.to_owned();
            for (at, record) in records.into_iter().chain((ecosystem == "PyPI").then_some(python)).enumerate() {
                zip.start_file(format!("{at}.json"), zip::write::SimpleFileOptions::default()).expect("an entry");
                zip.write_all(record.as_bytes()).expect("written");
            }
            zip.finish().expect("written");
        }
        let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
        tar.append_dir_all("advisory-db-main/rust", fixture("advisories/rustsec/rust")).expect("added");
        let bytes = tar.into_inner().expect("a tarball").finish().expect("compressed");
        self.around.write("network/github.com/rustsec/advisory-db/archive/refs/heads/main.tar.gz", bytes);
    }

    fn runner(&self, event: &str, inputs: &[(&str, &str)], more: &[(&str, &str)]) -> Runner {
        let mut contexts: BTreeMap<String, String> =
            inputs.iter().map(|(name, value)| (format!("inputs.{name}"), (*value).to_owned())).collect();
        contexts.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        contexts.insert("github.action_repository".to_owned(), "somebody/overdue".to_owned());
        let path = format!("{}:{}", self.at("bin"), std::env::var("PATH").unwrap_or_default());
        let named = |name: &str| more.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let head = named("sha").unwrap_or_else(|| self.project.git(&["rev-parse", "HEAD"]));
        let actor = named("actor").unwrap_or_else(|| "person".to_owned());
        let environment = [
            ("GITHUB_SHA", head.as_str()),
            ("PATH", path.as_str()),
            ("HOME", &self.at("home")),
            ("GITHUB_EVENT_NAME", event),
            ("GITHUB_REPOSITORY", "owner/app"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_ACTOR", &actor),
            ("RUNNER_OS", "Linux"),
            ("RUNNER_ARCH", "X64"),
        ];
        Runner {
            action: self.around.path().join("checkout"),
            workspace: self.project.path().to_owned(),
            contexts,
            environment: environment.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            answers: BTreeMap::new(),
            failing: Vec::new(),
            temporary: tempfile::tempdir().expect("a folder"),
        }
    }

    fn run(&self, event: &str, inputs: &[(&str, &str)], more: &[(&str, &str)]) -> Outcome {
        self.runner(event, inputs, more).run()
    }
}

/// A pull request from a branch of the repository itself.
const OWN: (&str, &str) = ("github.event.pull_request.head.repo.full_name", "owner/app");
/// A pull request from a fork.
const FORK: (&str, &str) = ("github.event.pull_request.head.repo.full_name", "stranger/app");

fn uploaded(outcome: &Outcome) -> bool {
    outcome.used.iter().any(|(action, _)| action == "github/codeql-action/upload-sarif")
}

fn keeps_advisories(outcome: &Outcome) -> bool {
    outcome.used.iter().any(|(action, with)| action == "actions/cache/save" && with["key"].contains("advisories"))
}

#[test]
fn on_every_event_it_refreshes_scans_reports_uploads_and_then_fails() {
    let world = World::new();
    for event in ["push", "pull_request", "merge_group", "schedule", "workflow_dispatch"] {
        let outcome = world.run(event, &[], &[OWN]);
        assert!(outcome.failed, "{event}\n{}", outcome.log);
        let expected = [("verdict", "overdue"), ("complete", "true"), ("findings", "1"), ("overdue", "1"), ("exit-code", "1")];
        for (name, value) in expected {
            assert_eq!(outcome.outputs[name], value, "{event} {name}\n{}", outcome.log);
        }
        // Reported with the data that was just downloaded, uploaded, and only then failed.
        assert!(outcome.summary.contains("RUSTSEC-2099-0001"), "{event}\n{}", outcome.summary);
        assert_eq!(outcome.steps.last().map(String::as_str), Some("Verdict"), "{event}: {:?}", outcome.steps);
        let steps: Vec<&str> = outcome.used.iter().map(|(action, _)| action.as_str()).collect();
        let cache = ["actions/cache/restore", "actions/cache/save"];
        assert_eq!(steps, [&cache[..], &cache, &["github/codeql-action/upload-sarif"]].concat(), "{event}");
        assert_eq!(outcome.used[4].1["sarif_file"], outcome.outputs["sarif-file"]);
        // What is uploaded is annotated by code scanning.
        assert!(!outcome.log.contains("::error file="), "{event}\n{}", outcome.log);
    }
}

#[test]
fn from_a_fork_and_by_dependabot_nothing_is_uploaded_but_everything_is_shown() {
    let world = World::new();
    let deleted = ("github.event.pull_request.head.repo.full_name", "");
    for (event, more, why) in [
        ("pull_request", vec![FORK], "a pull request from a fork"),
        ("pull_request", vec![deleted], "a pull request from a fork"),
        ("pull_request_target", vec![FORK, ("sha", "another")], "on pull_request_target"),
        ("push", vec![("actor", "dependabot[bot]")], "Dependabot"),
    ] {
        let outcome = world.run(event, &[], &more);
        assert!(outcome.failed && !uploaded(&outcome), "{event} {more:?}\n{}", outcome.log);
        assert!(outcome.log.contains("::error file=Cargo.lock,line="), "{event} {more:?}\n{}", outcome.log);
        assert!(outcome.summary.contains("RUSTSEC-2099-0001") && outcome.summary.contains(why), "{}", outcome.summary);
        // The note comes after the annotations, of which a step has room for ten.
        let at = |text: &str| outcome.log.find(text).unwrap_or_default();
        assert!(at("::error file=") < at("::warning title=overdue::Not uploaded"), "{}", outcome.log);
    }
    // Its pull requests are the one thing from which Dependabot may upload.
    assert!(uploaded(&world.run("pull_request", &[], &[OWN, ("actor", "dependabot[bot]")])));
}

#[test]
fn what_is_compared_on_odd_checkouts() {
    let world = World::new();
    let project = &world.project;
    let base = project.git(&["rev-parse", "HEAD"]);
    project.git(&["checkout", "--quiet", "-b", "pull"]);
    project.write("Cargo.lock", lockfile("app", &[OLD, OTHER])).commit();
    project.write("readme.txt", "words");
    let head = project.commit();
    let new_only = [("new-only", "true")];
    let event = |head: &str| {
        let leaked = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        [
            OWN,
            ("github.event.pull_request.head.sha", leaked(head)),
            ("github.event.pull_request.base.sha", leaked(&base)),
            ("sha", "of a merge"),
        ]
    };
    // The head is checked out, and has moved on since the event, or a step of the job has committed.
    for head in [head.as_str(), "0123456789012345678901234567890123456789"] {
        let outcome = world.run("pull_request", &new_only, &event(head));
        assert!(outcome.failed && outcome.outputs["exit-code"] == "1", "{}", outcome.log);
    }
    // The checkout is in a folder, and the workspace is no repository.
    let around = Project::new();
    git(around.path(), &["clone", "--quiet", &project.path().display().to_string(), "sub"]);
    for paths in ["sub", "sub/Cargo.lock"] {
        let inputs = [("new-only", "true"), ("paths", paths)];
        let runner = Runner { workspace: around.path().to_owned(), ..world.runner("pull_request", &inputs, &event(&head)) };
        let outcome = runner.run();
        assert!(outcome.failed && outcome.outputs["exit-code"] == "1", "{paths}\n{}", outcome.log);
    }
    // On this event the base is checked out by default: nothing of the pull request is there.
    project.git(&["checkout", "--quiet", "main"]);
    let outcome = world.run(
        "pull_request_target",
        &new_only,
        &[OWN, ("github.event.pull_request.head.sha", &head), ("github.event.pull_request.base.sha", &base)],
    );
    assert!(outcome.failed && outcome.log.contains("in which nothing is new"), "{}", outcome.log);
    // A forced push threw away what was before: everything counts, and that is said.
    let outcome = world.run("push", &new_only, &[("github.event.before", "0123456789012345678901234567890123456789")]);
    assert!(outcome.failed && outcome.outputs["exit-code"] == "1" && outcome.log.contains("everything counts"), "{}", outcome.log);
}

#[test]
fn results_of_another_commit_are_not_uploaded_as_the_events() {
    let world = World::new();
    for event in ["push", "schedule", "workflow_dispatch", "workflow_run", "issue_comment"] {
        assert!(uploaded(&world.run(event, &[], &[])), "{event}");
        let outcome = world.run(event, &[], &[("sha", "0123456789012345678901234567890123456789")]);
        assert!(!uploaded(&outcome) && outcome.summary.contains("would be taken for those of 0123456789"), "{event}\n{}", outcome.log);
    }
    // Every target's checkout counts, and a pull request's own head is as good as its merge.
    let head = world.project.git(&["rev-parse", "HEAD"]);
    let another = Project::repository();
    another.write("Cargo.lock", lockfile("another", &[OLD])).commit();
    let paths = format!(".\n{}", another.path().display());
    assert!(!uploaded(&world.run("push", &[("paths", &paths)], &[])));
    let more = [OWN, ("github.event.pull_request.head.sha", head.as_str()), ("sha", "of a merge")];
    assert!(uploaded(&world.run("pull_request", &[], &more)));
    assert!(!uploaded(&world.run("pull_request_target", &[], &[OWN])));
}

#[test]
fn without_a_report_nothing_is_green() {
    let world = World::new();
    world.program("wrapper", "#!/bin/sh\nexit 0\n");
    let outcome = world.run("push", &[("offline", "true")], &[]);
    assert!(outcome.failed && outcome.outputs["exit-code"] == "2" && outcome.outputs["complete"] == "false", "{}", outcome.log);
}

#[test]
fn two_uses_in_one_job_keep_apart() {
    let world = World::new();
    let first = world.run("push", &[], &[]);
    world.around.write("checkout/src/lib.rs", "// another version of the action");
    let temporary = first.temporary.expect("the runner's folder");
    let second = Runner { temporary, ..world.runner("push", &[], &[]) }.run();
    let built = fs::read_to_string(world.around.path().join("cargo.log")).unwrap_or_default().lines().count();
    assert_eq!((built, second.outputs["exit-code"].as_str()), (2, "1"), "{}", second.log);
    assert_ne!(first.outputs["sarif-file"], second.outputs["sarif-file"]);
}

#[test]
fn advisories_that_are_too_old_withhold_the_upload() {
    let world = World::new();
    fs::remove_dir_all(world.around.path().join("network")).expect("removed");
    world.hold_clock("2027-01-01");
    let outcome = world.run("push", &[("fail-on", "never")], &[]);
    assert!(outcome.failed && !uploaded(&outcome) && outcome.outputs["exit-code"] == "3", "{}", outcome.log);
    assert!(outcome.summary.contains("the advisories are too old") && outcome.summary.contains("not all refreshed"), "{}", outcome.summary);
    assert!(outcome.log.contains("::error file=Cargo.lock"), "not uploaded, and not annotated\n{}", outcome.log);
}

#[test]
fn only_what_is_new_fails_where_there_is_something_to_compare_with() {
    let world = World::new();
    let (project, zeros) = (&world.project, "0".repeat(40));
    let base = project.git(&["rev-parse", "HEAD"]);
    // The base moves on, as bases do; the pull request changes nothing that matters.
    project.git(&["checkout", "--quiet", "-b", "harmless"]);
    project.write("readme.txt", "words");
    let harmless = project.commit();
    project.git(&["checkout", "--quiet", "-b", "worse", "main"]);
    project.write("Cargo.lock", lockfile("app", &[OLD, OTHER]));
    let worse = project.commit();
    let new_only = [("new-only", "true")];
    let pull = |head: &str| {
        [
            OWN,
            ("github.event.pull_request.head.sha", Box::leak(head.to_owned().into_boxed_str())),
            ("github.event.pull_request.base.sha", Box::leak(base.clone().into_boxed_str())),
        ]
    };
    for (branch, head, fails) in [("harmless", &harmless, false), ("worse", &worse, true)] {
        // With the head checked out, and with the merge that is checked out by default.
        for merge in [false, true] {
            project.git(&["checkout", "--quiet", "--detach", if merge { "main" } else { branch }]);
            if merge {
                project.git(&["merge", "--quiet", "--no-ff", "--no-edit", branch]);
            }
            let outcome = world.run("pull_request", &new_only, &pull(head));
            assert_eq!(outcome.failed, fails, "{branch} {merge}\n{}", outcome.log);
            // Only the gate narrows.
            assert_eq!(outcome.outputs["findings"], if fails { "2" } else { "1" });
            assert!(uploaded(&outcome) && outcome.summary.contains("RUSTSEC-2099-0001"));
        }
        let queue = [("github.event.merge_group.base_sha", base.as_str())];
        assert_eq!(world.run("merge_group", &new_only, &queue).failed, fails, "{branch}");
        assert_eq!(world.run("push", &new_only, &[("github.event.before", &base)]).failed, fails, "{branch}");
    }
    project.git(&["checkout", "--quiet", "harmless"]);
    for (event, more) in [("push", vec![("github.event.before", zeros.as_str())]), ("schedule", vec![]), ("workflow_dispatch", vec![])] {
        assert!(world.run(event, &new_only, &more).failed, "{event}: deadlines pass without a commit");
    }
}

#[test]
fn a_shallow_checkout_is_never_green() {
    let world = World::new();
    world.project.write("readme.txt", "words").commit();
    let shallow = Project::new();
    let folder = shallow.path().join("clone").display().to_string();
    git(shallow.path(), &["clone", "--quiet", "--depth=1", &format!("file://{}", world.project.path().display()), &folder]);
    let runner = Runner { workspace: folder.into(), ..world.runner("pull_request", &[("new-only", "true")], &[OWN]) };
    let outcome = runner.run();
    assert!(outcome.failed && !uploaded(&outcome), "{}", outcome.log);
    assert_eq!(
        (outcome.outputs["exit-code"].as_str(), outcome.outputs["verdict"].as_str(), outcome.outputs["complete"].as_str()),
        ("2", "", "false")
    );
    assert!(outcome.log.contains("fetch-depth: 0") && outcome.summary.contains("no report"), "{}", outcome.log);
}

#[test]
fn a_file_that_cannot_be_read_withholds_the_upload_and_says_so() {
    let world = World::new();
    world.project.write("broken/Cargo.lock", "<html>").write("web/yarn.lock", "");
    let outcome = world.run("push", &[], &[]);
    assert!(outcome.failed && !uploaded(&outcome), "{}", outcome.log);
    assert!(
        outcome.summary.contains("takes an alert that is missing") && outcome.summary.contains("broken/Cargo.lock: not understood"),
        "{}",
        outcome.summary
    );
    assert!(outcome.log.contains("::warning title=overdue::Not uploaded"), "{}", outcome.log);
    // A format that is not read never had alerts.
    world.project.remove("broken/Cargo.lock");
    let outcome = world.run("push", &[("fail-on", "never")], &[]);
    assert!(outcome.failed && uploaded(&outcome) && outcome.outputs["exit-code"] == "3", "{}", outcome.log);
    let outcome = world.run("push", &[("fail-on", "never"), ("allow-unchecked", "true")], &[]);
    assert!(!outcome.failed && outcome.outputs["exit-code"] == "0" && outcome.outputs["complete"] == "false", "{}", outcome.log);
}

#[test]
fn what_is_clean_is_green() {
    let world = World::new();
    world.project.write("Cargo.lock", lockfile("app", &[FIXED]));
    let outcome = world.run("push", &[], &[]);
    assert!(!outcome.failed && uploaded(&outcome) && outcome.outputs["verdict"] == "clean", "{}", outcome.log);
    assert_eq!(outcome.outputs["exit-code"], "0");
}

#[test]
fn the_advisories_are_kept_for_a_slot_and_refreshed_after_it() {
    let world = World::new();
    let keys = |outcome: &Outcome| {
        let restore = outcome.used.iter().rfind(|(action, _)| action == "actions/cache/restore").expect("restored");
        (restore.1["key"].clone(), restore.1["restore-keys"].clone(), restore.1["path"].clone())
    };
    let at = |moment: &str| {
        world.program("bin/date", &format!("#!/bin/sh\necho {}\n", moment.replace('-', "")));
        world.run("schedule", &[], &[])
    };
    let slots: Vec<_> =
        ["20261123-00", "20261123-05", "20261123-08", "20261123-23", "20261124-00"].map(|moment| keys(&at(moment)).0).to_vec();
    assert_eq!(slots[0], slots[1]);
    assert_eq!(slots.iter().collect::<BTreeSet<_>>().len(), 4, "{slots:?}");
    let (key, prefix, _) = keys(&at("20261123-08"));
    assert!(key.starts_with(&prefix) && prefix.ends_with('-') && key.ends_with("20261123-1"), "{key} {prefix}");
    fs::remove_file(world.around.path().join("bin/date")).expect("removed");

    // An index of this slot is used as it is; an older one is refreshed, and kept under the new key.
    let hit = |answer: &'static str| {
        let mut runner = world.runner("push", &[], &[]);
        runner.answers.insert("actions/cache/restore", vec![("cache-hit", answer)]);
        runner.run()
    };
    assert!(!keeps_advisories(&hit("true")) && !hit("true").steps.contains(&"Refresh the advisories".to_owned()));
    assert!(keeps_advisories(&hit("false")));
    // Not kept, and not even looked for, where nobody wants it.
    let outcome = world.run("push", &[("db-cache", "false")], &[]);
    let used: Vec<&str> = outcome.used.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(used, ["actions/cache/restore", "actions/cache/save", "github/codeql-action/upload-sarif"]);
    assert!(outcome.summary.contains("RUSTSEC-2099-0001"));
    let outcome = world.run("push", &[("offline", "true")], &[]);
    assert!(
        outcome.summary.contains("RUSTSEC-2021-0003") && !outcome.steps.contains(&"Refresh the advisories".to_owned()),
        "{}",
        outcome.log
    );
    // Offline with indexes of one's own.
    let mut runner = world.runner("push", &[], &[]);
    runner.environment.insert("OVERDUE_DB".to_owned(), world.at("own"));
    assert!(runner.run().summary.contains("RUSTSEC-2099-0001"));
    let mut runner = world.runner("push", &[("offline", "true")], &[]);
    runner.environment.insert("OVERDUE_DB".to_owned(), world.at("own"));
    let outcome = runner.run();
    assert!(outcome.summary.contains("RUSTSEC-2099-0001") && !outcome.steps.contains(&"Refresh the advisories".to_owned()));
}

/// The indexes in a folder, and without what is remembered of them, so that the next refresh asks for everything.
fn indexes_asked_for_anew(folder: &str) -> BTreeMap<String, Vec<u8>> {
    let mut indexes = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the indexes").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".state") {
            fs::remove_file(entry.path()).expect("removed");
        } else if name.ends_with(".index") {
            indexes.insert(name, fs::read(entry.path()).expect("an index"));
        }
    }
    indexes
}

#[test]
fn a_network_that_fails_is_said_and_no_index_is_made_of_half_its_sources() {
    let world = World::new();
    fs::remove_dir_all(world.around.path().join("network/github.com")).expect("removed");
    let outcome = world.run("push", &[], &[]);
    assert!(outcome.log.contains("crates.io: there is no ") && outcome.log.contains("rustsec/advisory-db"), "{}", outcome.log);
    // Not the half that arrived, but what was there: here, the program's own.
    assert!(outcome.summary.contains("RUSTSEC-2021-0003") && outcome.summary.contains("not all refreshed"), "{}", outcome.summary);
    assert!(!keeps_advisories(&outcome), "half a refresh is kept for six hours");
    world.serve_advisories();
    // An error page with a good status.
    world.around.write("network/storage.googleapis.com/osv-vulnerabilities/crates.io/all.zip", "<html>");
    let outcome = world.run("push", &[], &[]);
    assert!(outcome.log.contains("came instead of") && outcome.summary.contains("RUSTSEC-2021-0003"), "{}", outcome.log);
    assert!(outcome.summary.contains("not all refreshed: crates.io: cannot fetch"), "{}", outcome.summary);
    assert!(!keeps_advisories(&outcome), "half a refresh is kept for six hours");
    fs::remove_dir_all(world.around.path().join("network")).expect("removed");
    let outcome = world.run("push", &[], &[]);
    assert!(outcome.failed && outcome.summary.contains("RUSTSEC-2021-0003"), "{}", outcome.log);
    // A program that dies without a word.
    world.program("wrapper", "#!/bin/sh\nif [ \"$1\" = db ]; then kill -9 $$; fi\n");
    let outcome = world.run("push", &[], &[]);
    assert!(outcome.log.contains("::warning title=overdue::The advisories were not refreshed"), "{}", outcome.log);
}

#[test]
fn a_refresh_that_fails_leaves_the_indexes_that_were_there() {
    let world = World::new();
    let own = world.at("own");
    let run = || {
        let mut runner = world.runner("push", &[], &[]);
        runner.environment.insert("OVERDUE_DB".to_owned(), own.clone());
        runner.run()
    };
    assert!(run().summary.contains("RUSTSEC-2099-0001"));
    let before = indexes_asked_for_anew(&own);
    assert_eq!(before.keys().collect::<Vec<_>>(), ["PyPI.index", "crates.io.index", "rust-toolchain.index"]);
    // One of the two sources is gone, then the other is damaged: what was made of both stays.
    let native = world.around.path().join("network/github.com");
    fs::remove_dir_all(&native).expect("removed");
    let outcome = run();
    assert!(outcome.summary.contains("RUSTSEC-2099-0001") && outcome.summary.contains("not all refreshed"), "{}", outcome.summary);
    assert_eq!(indexes_asked_for_anew(&own), before);
    world.serve_advisories();
    world.around.write("network/storage.googleapis.com/osv-vulnerabilities/crates.io/all.zip", "PK\x03\x04");
    assert!(run().summary.contains("RUSTSEC-2099-0001"));
    assert_eq!(indexes_asked_for_anew(&own), before);
    // Within the hour nobody is asked again.
    world.serve_advisories();
    assert!(run().log.contains("built anew"));
    fs::remove_dir_all(world.around.path().join("network")).expect("removed");
    let outcome = run();
    assert!(outcome.log.contains("checked lately") && !outcome.summary.contains("not all refreshed"), "{}", outcome.log);
}

#[test]
fn a_mirror_takes_the_place_of_the_public_servers() {
    let world = World::new();
    let server = Server::of_folder(world.around.path().join("network/storage.googleapis.com/osv-vulnerabilities"));
    let with = |mirror: &str| world.run("push", &[("mirror", mirror)], &[]);
    let asked = || fs::read_to_string(world.at("network.log")).unwrap_or_default();
    for mirror in [&server.url, &world.at("network/storage.googleapis.com/osv-vulnerabilities")] {
        let outcome = with(mirror);
        assert!(outcome.summary.contains("RUSTSEC-2099-0001") && keeps_advisories(&outcome), "{mirror}\n{}", outcome.log);
        assert!(asked().contains(&format!("--from={mirror}\n")), "{}", asked());
    }
    assert!(server.requests().iter().any(|request| request.path() == "/crates.io/all.zip"));
    // PyPI need not be there. The ecosystem that is scanned must be.
    server.script("/PyPI/all.zip", [Answer::status(404)]);
    assert!(keeps_advisories(&with(&server.url)));
    for status in [403, 404] {
        server.script("/crates.io/all.zip", [Answer::status(status)]);
        let outcome = with(&server.url);
        assert!(!keeps_advisories(&outcome) && outcome.summary.contains("not all refreshed: "), "{}", outcome.summary);
        assert!(outcome.summary.contains("RUSTSEC-2021-0003") && outcome.summary.contains("crates.io/all.zip"), "{}", outcome.summary);
    }
    // No option, and no password where everybody looks.
    for mirror in ["--rustsec=none", "ftp://user:secret@a.example"] {
        let outcome = with(mirror);
        assert!(!keeps_advisories(&outcome) && outcome.summary.contains("RUSTSEC-2021-0003"), "{mirror}\n{}", outcome.log);
        assert!(outcome.summary.contains("not all refreshed") || outcome.summary.contains("not refreshed"), "{}", outcome.summary);
        assert!(!outcome.summary.contains("secret"), "{}", outcome.summary);
    }
}

#[test]
fn without_a_release_it_is_built_once() {
    let world = World::new();
    let built = || fs::read_to_string(world.around.path().join("cargo.log")).unwrap_or_default().lines().count();
    let key = |outcome: &Outcome| outcome.used[0].1["key"].clone();
    let first = key(&world.run("push", &[], &[]));
    assert_eq!(built(), 1);
    let again = world.runner("push", &[("version", "source")], &[]);
    // What the cache brought back is used.
    let folder = again.temporary.path().join(format!("overdue-program-{}", first.rsplit('-').next().expect("a digest")));
    fs::create_dir(&folder).expect("a folder");
    fs::copy(world.around.path().join("wrapper"), folder.join("overdue")).expect("copied");
    assert_eq!((key(&again.run()), built()), (first.clone(), 1));
    world.around.write("checkout/src/lib.rs", "// changed");
    assert_ne!(key(&world.run("push", &[], &[])), first);
}

#[test]
fn a_release_is_installed_only_if_its_digest_is_known() {
    let world = World::new();
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    tar.append_path_with_name(world.around.path().join("wrapper"), "overdue").expect("added");
    let archive = tar.into_inner().expect("a tarball").finish().expect("compressed");
    let digest = overdue::advisory::index::writer::sha256(&archive);
    let asset = |version: &str| {
        format!("network/github.com/somebody/overdue/releases/download/v{version}/overdue-v{version}-x86_64-unknown-linux-musl.tar.gz")
    };
    world.around.write(&asset("1.0.0"), "another").write(&asset("1.1.0"), &archive);
    let table = |rows: &str| {
        world.around.write("checkout/action/releases.tsv", format!("# a comment\n{rows}"));
    };
    let target = "x86_64-unknown-linux-musl";
    let sources = std::process::Command::new("bash")
        .args(["-c", "source action/lib.sh; sources_sha256 ."])
        .current_dir(world.around.path().join("checkout"))
        .output();
    let sources = String::from_utf8(sources.expect("bash").stdout).expect("text").trim().to_owned();
    assert_eq!(sources.len(), 64);
    let row = |version: &str, target: &str, digest: &str, sources: &str| format!("{version}\t{target}\t{digest}\t{sources}\n");
    let other = "0".repeat(64);
    let rows = [
        row("1.0.0", target, &digest, &other),
        row("1.1.0", "aarch64-apple-darwin", &other, &sources),
        row("1.1.0", target, &digest, &sources),
    ];
    table(&rows.concat());
    let newest = world.run("push", &[], &[]);
    assert!(newest.outputs["verdict"] == "overdue" && newest.log.contains("overdue 0."), "{}", newest.log);
    assert!(!newest.used.iter().any(|(_, with)| with.get("key").is_some_and(|key| key.contains("program"))), "a release is not cached");
    let built = || fs::read_to_string(world.around.path().join("cargo.log")).unwrap_or_default().lines().count();
    assert_eq!(built(), 0);
    // Sources that have moved on since the release are built: its scripts may want what the release has not.
    world.around.write("checkout/src/lib.rs", "// changed");
    assert_eq!((world.run("push", &[], &[]).outputs["exit-code"].as_str(), built()), ("1", 1));
    world.around.write("checkout/src/lib.rs", "");
    for version in ["1.1.0", "v1.1.0"] {
        assert_eq!(world.run("push", &[("version", version)], &[]).outputs["exit-code"], "1", "{version}");
    }
    for (version, cause) in
        [("1.0.0", "is not the file that was released"), ("9.9.9", "the releases known are: 1.0.0 1.1.0"), ("1.1", "there is no release")]
    {
        let outcome = world.run("push", &[("version", version)], &[]);
        assert!(outcome.failed && !uploaded(&outcome) && outcome.log.contains(cause), "{version}\n{}", outcome.log);
    }
    let mut mac = world.runner("push", &[], &[]);
    mac.environment.extend([("RUNNER_OS".to_owned(), "macOS".to_owned()), ("RUNNER_ARCH".to_owned(), "ARM64".to_owned())]);
    let outcome = mac.run();
    assert!(outcome.log.contains("cannot download") && outcome.log.contains("aarch64-apple-darwin"), "{}", outcome.log);
    // What was only chosen for being the same is built instead.
    assert_eq!(outcome.outputs["exit-code"], "1", "{}", outcome.log);
}

#[test]
fn what_fails_the_job_is_the_policys_word_unless_the_input_says_it() {
    let world = World::new();
    world.project.write("overdue.toml", "[gate]\nfail-on = \"never\"\n").commit();
    let outcome = world.run("push", &[], &[]);
    assert!(!outcome.failed && outcome.outputs["exit-code"] == "0", "{}", outcome.log);
    let outcome = world.run("push", &[("fail-on", "any")], &[]);
    assert!(outcome.failed && outcome.outputs["exit-code"] == "1", "{}", outcome.log);
}

#[test]
fn supported_releases_are_looked_at_where_they_are_asked_for() {
    let world = World::new();
    world.project.write("SECURITY.md", "| Version | Supported |\n|---|---|\n| 1.x | yes |\n").commit();
    world.project.git(&["tag", "v1.0.0"]);
    for (supported, targets) in [("false", 1), ("true", 2)] {
        let outcome = world.run("push", &[("supported", supported)], &[]);
        let report = fs::read_to_string(&outcome.outputs["json-file"]).expect("a report");
        let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
        assert_eq!(report["targets"].as_array().map(Vec::len), Some(targets), "{}", outcome.log);
        assert_eq!(outcome.summary.contains("Releases (2)"), supported == "true", "{}", outcome.summary);
    }
}

#[test]
fn inputs_are_text_and_never_code() {
    let world = World::new();
    let evil = "$(touch pwned) `touch pwned`; touch pwned\n::error::pwned ${{ x }}";
    for input in ["paths", "image", "policy", "fail-on", "category", "version", "mirror", "new-only", "annotations", "summary"] {
        let outcome = world.run("push", &[(input, evil)], &[]);
        assert!(!world.project.path().join("pwned").exists(), "{input}");
        assert!(!outcome.commands().iter().any(|line| line.starts_with("::error::pwned")), "{input}\n{}", outcome.log);
        assert!(outcome.failed, "{input}\n{}", outcome.log);
    }
}

#[test]
fn names_in_the_checkout_are_never_commands() {
    let world = World::new();
    world.project.write("::error::pwned/Cargo.lock", "<html>").write("\u{1b}x\n::error::pwned/Cargo.lock", "<html>");
    let outcome = world.run("push", &[("annotations", "true")], &[]);
    assert!(!outcome.commands().iter().any(|line| line.starts_with("::error::pwned")), "{}", outcome.log);
    assert!(outcome.log.contains("pwned") && outcome.temporary.is_some(), "{}", outcome.log);
}

#[test]
fn paths_images_and_categories() {
    let world = World::new();
    world
        .project
        .write("a b/Cargo.lock", lockfile("a", &[OTHER]))
        .write("c/Cargo.lock", lockfile("c", &[OLD]))
        .write("layout/oci-layout", "{}");
    let outcome = world.run("push", &[("paths", "  a b\r\n\nc\n"), ("category", "mine")], &[]);
    let sarif = fs::read_to_string(&outcome.outputs["sarif-file"]).expect("the report");
    assert!(sarif.contains("\"id\": \"mine/\"") && sarif.contains("a%20b/Cargo.lock"), "{sarif}");
    assert!(fs::read_to_string(&outcome.outputs["json-file"]).expect("the report").contains("\"schema_version\""));
    assert!(outcome.outputs["findings"] == "2" && outcome.summary.contains("a b/Cargo.lock"), "{}", outcome.summary);
    let outcome = world.run("push", &[("image", "layout")], &[]);
    assert!(outcome.failed && outcome.outputs["findings"] == "0" && outcome.outputs["verdict"] == "incomplete", "{}", outcome.log);
}

#[test]
fn a_failed_upload_is_explained_and_fails() {
    let world = World::new();
    world.project.write("Cargo.lock", lockfile("app", &[FIXED]));
    let mut runner = world.runner("push", &[], &[]);
    runner.failing.push("github/codeql-action/upload-sarif");
    let outcome = runner.run();
    assert!(
        outcome.failed && outcome.log.contains("security-events: write") && outcome.log.contains("upload-sarif: false"),
        "{}",
        outcome.log
    );
    let outcome = world.run("push", &[("upload-sarif", "false")], &[]);
    assert!(!outcome.failed && !uploaded(&outcome), "{}", outcome.log);
}

#[test]
fn every_input_is_used_every_variable_is_given_and_every_action_is_pinned() {
    let action = yaml(&repository().join("action.yml"));
    let text = fs::read_to_string(repository().join("action.yml")).expect("the action");
    let inputs: Vec<&str> = action["inputs"].as_hash().expect("inputs").keys().filter_map(yaml_rust2::Yaml::as_str).collect();
    for name in [
        "paths", "image", "policy", "fail-on", "new-only", "upload-sarif", "category", "summary", "annotations", "version", "db-cache",
        "mirror", "offline", "supported",
    ] {
        assert!(inputs.contains(&name), "{name}");
    }
    for input in &inputs {
        assert!(text.contains(&format!("${{{{ inputs.{input} }}}}")), "{input} is not used");
    }
    for name in ["verdict", "complete", "findings", "overdue", "sarif-file", "json-file", "exit-code"] {
        assert!(!action["outputs"][name]["value"].is_badvalue(), "{name}");
    }
    let given_by_the_runner = [
        "GITHUB_ACTION_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_EVENT_NAME", "GITHUB_REPOSITORY", "GITHUB_SERVER_URL",
        "GITHUB_ACTOR", "GITHUB_SHA", "OVERDUE_DB", "RUNNER_OS", "RUNNER_ARCH", "RUNNER_TEMP",
    ];
    for step in action["runs"]["steps"].as_vec().expect("steps") {
        if let Some(uses) = step["uses"].as_str() {
            let commit = uses.split('@').nth(1).expect("a pin");
            assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{uses}");
        }
        let Some(script) = step["run"].as_str().and_then(|run| run.split("/action/").nth(1)) else { continue };
        let script = script.trim_end().trim_end_matches('"');
        let words = fs::read_to_string(repository().join("action").join(script)).expect("a script");
        let shared = fs::read_to_string(repository().join("action/lib.sh")).expect("a script");
        let given: BTreeSet<String> = pairs(&step["env"]).into_iter().map(|(name, _)| name).collect();
        for name in &given {
            assert!(words.contains(name) || shared.contains(name), "{script} does not read {name}");
        }
        for name in variables(&words) {
            assert!(given.contains(&name) || given_by_the_runner.contains(&name.as_str()), "{script} reads {name}, which is not given");
        }
    }
}

#[test]
fn every_action_that_a_workflow_or_the_readme_uses_is_pinned_to_one_commit() {
    let mut texts = vec![fs::read_to_string(repository().join("README.md")).expect("README.md")];
    texts.push(fs::read_to_string(repository().join("action.yml")).expect("action.yml"));
    for entry in fs::read_dir(repository().join(".github/workflows")).expect("workflows").flatten() {
        yaml(&entry.path());
        texts.push(fs::read_to_string(entry.path()).expect("a workflow"));
    }
    let mut commits: BTreeMap<String, String> = BTreeMap::new();
    for line in texts.iter().flat_map(|text| text.lines()) {
        let Some(used) = line.trim_start().trim_start_matches("- ").strip_prefix("uses: ") else { continue };
        if used.starts_with("./ #") || used == "OWNER/overdue@COMMIT" {
            continue;
        }
        let (action, commit) = used.split_once('@').unwrap_or_else(|| panic!("not pinned: {used}"));
        let repository = action.split('/').take(2).collect::<Vec<_>>().join("/");
        let pinned = commit.split_once(" # v").is_some_and(|(commit, _)| commit.len() == 40);
        assert!(pinned, "{used}");
        assert_eq!(commits.entry(repository).or_insert_with(|| commit.to_owned()), commit, "{used}");
    }
    assert!(commits.len() >= 5, "{commits:?}");
}

/// The variables in capitals that a script reads.
fn variables(script: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in script.match_indices('$') {
        let rest = script[at + 1..].trim_start_matches('{');
        let name: String = rest.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_' || c.is_ascii_digit()).collect();
        if name.len() > 2
            && name.contains(|c: char| c.is_ascii_uppercase())
            && !rest[name.len()..].starts_with(|c: char| c.is_ascii_lowercase())
        {
            names.insert(name);
        }
    }
    names
}

#[test]
fn the_scripts_are_executable_by_name() {
    for name in ["plan.sh", "install.sh", "refresh.sh", "scan.sh", "verdict.sh"] {
        let path = repository().join("action").join(name);
        assert!(fs::read_to_string(&path).expect("a script").starts_with("#!/usr/bin/env bash\n"), "{name}");
        assert!(Path::new(&path).metadata().expect("a file").permissions().mode() & 0o111 != 0, "{name} is not executable");
    }
}
