//! SARIF reports: every one of every fixture satisfies our own strict schema and what code scanning is known to refuse;
//! alerts stay the same alerts.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use overdue::{
    advisory::Store,
    model::{Timestamp, image},
    policy::{Exception, Standing, Tier, TierReason},
    report::{
        Report, View, renderer,
        sarif::{SarifOptions, SarifScore},
    },
    scan::{ScanRequest, scan},
};
use serde_json::Value;

use crate::{
    harness::{AS_OF, Overdue, Run, assert_case, cases, fixture, repository},
    projects::{FIXED, OLD, OTHER, Project, lockfile},
};

fn sarif(folder: &Path, words: &[&str]) -> Run {
    let words = ["scan", "--as-of", AS_OF, "--format", "sarif"].iter().chain(words).copied();
    Overdue::new(words).in_folder(folder).run()
}

/// Asserts what the schema cannot say. `root` is the root of the checkout.
fn assert_accepted(name: &str, log: &Value, root: &Path) {
    let schema: Value = serde_json::from_slice(&fs::read(fixture("reports/sarif/schema.json")).expect("the schema")).expect("JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    let errors: Vec<String> = validator.iter_errors(log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, Vec::<String>::new(), "{name}");
    let run = &log["runs"][0];
    let rules: Vec<&str> =
        run["tool"]["driver"]["rules"].as_array().expect("rules").iter().filter_map(|rule| rule["id"].as_str()).collect();
    assert!(rules.is_sorted() && rules.iter().collect::<BTreeSet<_>>().len() == rules.len(), "{name}: {rules:?}");
    let (mut used, mut alerts) = (BTreeSet::new(), BTreeSet::new());
    for result in run["results"].as_array().expect("results") {
        let at = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[at], result["ruleId"], "{name}");
        used.insert(rules[at]);
        let fingerprint = result["partialFingerprints"]["primaryLocationLineHash"].as_str().expect("a fingerprint");
        assert!(alerts.insert((rules[at].to_owned(), fingerprint.to_owned())), "{name}: one alert twice");
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().expect("a URI");
        let file = root.join(decoded(uri));
        let bytes = fs::read(&file).unwrap_or_else(|error| panic!("{name}: {}: {error}", file.display()));
        let lines = String::from_utf8_lossy(&bytes).lines().count();
        let line = usize::try_from(place["region"]["startLine"].as_u64().expect("a line")).expect("small");
        assert!(line <= lines, "{name}: {uri}:{line} of {lines}");
        assert!(!file.is_symlink(), "{name}: {uri} is a link");
    }
    assert_eq!(used.len(), rules.len(), "{name}: a rule without result");
}

fn decoded(uri: &str) -> PathBuf {
    let (mut bytes, mut rest) = (Vec::new(), uri.as_bytes());
    while let [byte, tail @ ..] = rest {
        rest = tail;
        if *byte == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&tail[..2]).expect("ASCII"), 16).expect("hexadecimal"));
            rest = &tail[2..];
        } else {
            bytes.push(*byte);
        }
    }
    PathBuf::from(String::from_utf8(bytes).expect("UTF-8"))
}

#[test]
fn every_fixture_is_accepted() {
    let mut targets = vec!["fixtures/demo".to_owned(), "fixtures".to_owned(), "fixtures/demo/Cargo.lock".to_owned()];
    for folder in ["bad", "inventory", "reports", "inventory/cargo_lock"] {
        targets.extend(cases(folder).into_iter().map(|name| format!("fixtures/{folder}/{name}")));
    }
    for target in targets {
        for score in ["policy", "cvss"] {
            let run = sarif(&repository(), &["--sarif-score", score, &target]);
            assert!(matches!(run.code(), 0 | 1 | 3), "{}", run.text());
            assert_accepted(&target, &run.json(), &repository());
        }
    }
}

#[test]
fn the_demo_as_sarif() {
    assert_case("demo-sarif", &sarif(&repository(), &["fixtures/demo"]).text());
}

#[test]
fn paths_are_told_from_the_root_of_the_checkout() {
    let project = Project::new();
    project
        .write(".git/HEAD", "")
        .write("a b/ü/Cargo.lock", lockfile("app", &[OLD]))
        .write("other/Cargo.lock", lockfile("other", &[FIXED]));
    let uris = |folder: &str, words: &[&str]| {
        let run = sarif(&project.path().join(folder), words);
        assert_accepted(folder, &run.json(), project.path());
        let results = run.json()["runs"][0]["results"].as_array().expect("results").clone();
        results.iter().map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].to_string()).collect::<Vec<_>>()
    };
    for (folder, words) in [
        ("", vec![]),
        ("", vec!["./a b"]),
        ("a b", vec![]),
        ("a b/ü", vec!["Cargo.lock"]),
        ("other", vec!["../a b/ü/"]),
        ("", vec![".", "a b"]),
    ] {
        assert_eq!(uris(folder, &words), ["\"a%20b/%C3%BC/Cargo.lock\""], "{folder} {words:?}");
    }
    let whole = project.path().join("a b").display().to_string();
    assert_eq!(uris("other", &[&whole]), ["\"a%20b/%C3%BC/Cargo.lock\""]);
}

#[cfg(unix)]
#[test]
fn a_result_stands_in_the_file_that_a_link_leads_to() {
    let project = Project::new();
    project.write(".git/HEAD", "").write("app/locked.txt", lockfile("app", &[OLD])).write("app/x/readme", "");
    std::os::unix::fs::symlink("../locked.txt", project.path().join("app/x/Cargo.lock")).expect("a link");
    let log = sarif(project.path(), &["app"]).json();
    assert_accepted("link", &log, project.path());
    assert_eq!(log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "app/locked.txt");
}

#[cfg(unix)]
#[test]
fn one_file_is_one_alert_however_it_is_named() {
    let project = Project::new();
    project.write(".git/HEAD", "").write("sub/Cargo.lock", lockfile("app", &[OLD])).write("links/readme", "");
    std::os::unix::fs::symlink("../sub/Cargo.lock", project.path().join("links/Cargo.lock")).expect("a link");
    std::os::unix::fs::symlink("sub/Cargo.lock", project.path().join("Cargo.lock")).expect("a link");
    let base = alerts(&sarif(project.path(), &["sub"]).json());
    for words in [vec!["links/Cargo.lock"], vec!["Cargo.lock"], vec!["Cargo.lock", "."], vec!["links/Cargo.lock", "sub"], vec!["."]] {
        let log = sarif(project.path(), &words).json();
        assert_accepted("links", &log, project.path());
        assert_eq!(alerts(&log), base, "{words:?}");
    }
}

#[test]
fn a_working_tree_below_a_folder_of_any_name_is_a_root() {
    let around = Project::new();
    around.git(&["init", "--quiet", "modules/main"]);
    let main = around.path().join("modules/main");
    around.write("modules/main/k/Cargo.lock", lockfile("app", &[OLD]));
    crate::projects::git(&main, &["add", "--all"]);
    crate::projects::git(&main, &["commit", "--quiet", "--message", "x"]);
    crate::projects::git(&main, &["worktree", "add", "--quiet", ".trees/feature"]);
    let log = sarif(&main.join(".trees/feature"), &[]).json();
    assert_accepted("worktree", &log, &main.join(".trees/feature"));
    assert_eq!(log["runs"][0]["automationDetails"]["id"], "overdue/");
}

#[test]
fn an_informational_finding_names_its_fix_and_shares_no_rule_with_a_graver_one() {
    let project = Project::new();
    project.write("Cargo.lock", lockfile("app", &[("crossbeam-utils", "0.8.6")]));
    let text = sarif(project.path(), &[]).json()["runs"][0]["results"][0]["message"]["text"].to_string();
    assert!(text.contains("Cure: raise crossbeam-utils 0.8.6 to 0.8.7 or later"), "{text}");
    let mut report = report(project.path());
    let mut graver = report.findings[0].clone();
    (graver.finding.kind, graver.finding.name) = (overdue::model::Kind::Vulnerability, "other".to_owned());
    (graver.judgement.tier, graver.finding.grade.score) = (Tier::Critical, Some(98));
    report.findings.push(graver);
    let log = log(&report, &SarifOptions::default());
    assert_accepted("mixed", &log, project.path());
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
    let rules: Vec<String> = rules.iter().map(|rule| format!("{} {}", rule["id"], rule["properties"]["security-severity"])).collect();
    assert_eq!(rules, ["\"RUSTSEC-2022-0041\" \"9.8\"", "\"RUSTSEC-2022-0041/unsound\" \"0.0\""]);
}

#[test]
fn the_file_keeps_to_ten_megabytes_compressed() {
    let project = Project::new();
    project.write("Cargo.lock", lockfile("app", &[OLD]));
    let mut report = report(project.path());
    let judged = report.findings[0].clone();
    // Paths that do not compress.
    let name = |seed: usize| (0..8).map(|n| overdue::advisory::index::writer::sha256(format!("{seed} {n}").as_bytes())).collect::<String>();
    report.findings = (0..1500)
        .map(|n| {
            let mut judged = judged.clone();
            judged.finding.manifest = format!("{n}/Cargo.lock");
            let location = |at: usize| overdue::model::Location { path: name(n * 100 + at), line: 1 };
            judged.finding.locations = (0..40).map(location).collect();
            judged
        })
        .collect();
    let mut bytes = Vec::new();
    let notices = renderer("sarif").expect("a format").render(&report, &View::default(), &mut bytes).expect("written");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut encoder, &bytes).expect("written");
    let compressed = encoder.finish().expect("written").len();
    let log: Value = serde_json::from_slice(&bytes).expect("JSON");
    let results = log["runs"][0]["results"].as_array().expect("results").len();
    assert!(compressed <= 10_000_000 && (100..1500).contains(&results), "{compressed} bytes, {results} results");
    assert!(notices[0].contains("are left out here") && bytes.windows(22).any(|window| window == b"are left out here, and"), "{notices:?}");
}

#[test]
fn what_stands_in_no_file_stands_in_the_first_or_is_told() {
    let project = Project::new();
    project.write(".git/HEAD", "").write("Cargo.lock", lockfile("app", &[FIXED]));
    let with = sarif(project.path(), &["--rust-version", "1.40.0"]);
    assert_accepted("with a file", &with.json(), project.path());
    let results = with.json()["runs"][0]["results"].as_array().expect("results").clone();
    assert!(!results.is_empty() && results.iter().all(|result| result["message"]["text"].to_string().contains("--rust-version names it")));
    project.remove("Cargo.lock");
    let without = sarif(project.path(), &["--rust-version", "1.40.0", "--allow-empty"]);
    let log = without.json();
    assert_accepted("without a file", &log, project.path());
    assert_eq!(log["runs"][0]["results"], Value::Array(Vec::new()));
    let told = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(
        told.contains("no file of the target could carry it") && without.stderr().contains("no file of the target"),
        "{}",
        without.text()
    );
}

#[test]
fn a_target_outside_does_not_move_the_paths_of_the_checkout() {
    let project = Project::new();
    project.write(".git/HEAD", "").write("Cargo.lock", lockfile("app", &[OLD]));
    let outside = Project::new();
    outside.write("Cargo.lock", lockfile("other", &[OTHER]));
    let alone = alerts(&sarif(project.path(), &[]).json());
    let run = sarif(project.path(), &[".", &outside.path().display().to_string()]);
    let both = alerts(&run.json());
    assert!(both.is_superset(&alone) && both.len() == 2, "{both:?}");
    assert!(run.stderr().contains("is outside of the checkout"), "{}", run.stderr());
}

#[test]
fn what_was_not_read_is_not_crowded_out() {
    let project = Project::new();
    let crates: Vec<(String, String)> = (0..1200).map(|n| (format!("git-{n}"), "1.0.0".to_owned())).collect();
    let crates: Vec<(&str, &str)> = crates.iter().map(|(name, version)| (name.as_str(), version.as_str())).collect();
    let many = lockfile("app", &crates).replace(
        "registry+https://github.com/rust-lang/crates.io-index",
        "git+https://index.example/x#0123456789abcdef0123456789abcdef01234567",
    );
    project.write(".git/HEAD", "").write("a/Cargo.lock", many).write("z/Cargo.lock", "<html>");
    let run = sarif(project.path(), &[]);
    let log = run.json();
    assert_accepted("crowded", &log, project.path());
    let told = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(told.contains("Not checked: z/Cargo.lock (not understood)"), "{}", &told[..500]);
    assert!(run.stderr().contains("201 more things were not checked"), "{}", run.stderr());
    let github = Overdue::new(["scan", "--as-of", AS_OF, "--format", "github"]).in_folder(project.path()).run().stdout();
    assert!(github.contains("title=not checked%3A z/Cargo.lock"), "{github}");
}

#[test]
fn categories_are_made_from_the_targets_or_given() {
    let project = Project::new();
    project.write(".git/HEAD", "").write("a/Cargo.lock", lockfile("app", &[OLD])).write("b/Cargo.lock", lockfile("b", &[OLD]));
    for (words, id) in [
        (vec![], "\"overdue/\""),
        (vec!["a"], "\"overdue/a/\""),
        (vec!["a", "b"], "\"overdue/a+b/\""),
        (vec!["a/Cargo.lock"], "\"overdue/a/Cargo.lock/\""),
        (vec!["--sarif-category", "mine/x"], "\"mine/x/\""),
        (vec!["--sarif-category", "mine/"], "\"mine/\""),
        (vec!["--sarif-category", ""], "null"),
    ] {
        let log = sarif(project.path(), &words).json();
        assert_eq!(log["runs"][0]["automationDetails"]["id"].to_string(), id, "{words:?}");
        assert_eq!(log["runs"].as_array().map(Vec::len), Some(1));
    }
}

/// A report through the library, to change what no scan can make yet.
fn report(folder: &Path) -> Report {
    let as_of = Timestamp::parse(AS_OF).expect("a date");
    let request = ScanRequest::new(vec![folder.display().to_string()], Store::new("/nowhere"), as_of);
    scan(&request).expect("a report")
}

/// A report as SARIF, as the program writes it.
fn log(report: &Report, options: &SarifOptions) -> Value {
    let (view, mut bytes) = (View { sarif: options.clone(), ..View::default() }, Vec::new());
    renderer("sarif").expect("a format").render(report, &view, &mut bytes).expect("written");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// The alerts of a report, as code scanning tells them apart.
fn alerts(log: &Value) -> BTreeSet<(String, String)> {
    let results = log["runs"][0]["results"].as_array().expect("results").iter();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    results.map(|result| (text(&result["ruleId"]), text(&result["partialFingerprints"]["primaryLocationLineHash"]))).collect()
}

#[test]
fn alerts_are_neither_closed_nor_opened_by_what_does_not_matter() {
    let of = |path: &str, text: &str| {
        let project = Project::new();
        project.write(".git/HEAD", "").write(path, text);
        alerts(&sarif(project.path(), &[]).json())
    };
    let two = [OLD, ("smallvec", "1.6.0")];
    let base = of("Cargo.lock", &lockfile("app", &[OLD]));
    assert_eq!(base.len(), 1);
    assert_eq!(of("Cargo.lock", &lockfile("app", &[OLD]).replace("version = 4\n", "\n\n# moved\nversion = 4\n")), base, "lines");
    assert_eq!(of("Cargo.lock", &lockfile("app", &[OLD, FIXED])), base, "a fixed version beside it");
    assert_eq!(of("Cargo.lock", &lockfile("renamed", &[OLD, OTHER])).intersection(&base).count(), 1, "more packages, and another own name");
    let bumped = of("Cargo.lock", &lockfile("app", &[("smallvec", "1.6.0")]));
    assert_eq!(bumped, base, "another vulnerable version");
    let both = of("Cargo.lock", &lockfile("app", &two));
    assert!(both.len() == 2 && both.is_superset(&base), "two versions are two alerts");
    assert_eq!(of("Cargo.lock", &lockfile("app", &[OLD, ("smallvec", "1.6.0")]).replace("1.6.0", "1.5.0")), both, "one of two bumped");
    assert!(of("sub/Cargo.lock", &lockfile("app", &[OLD])).is_disjoint(&base), "another file is another alert");
    // The very bits: changing them closes and opens every alert of every user.
    assert_eq!(base.iter().next().map(|(_, fingerprint)| fingerprint.as_str()), Some("c38ba4fcb37c397fe142354a39b44811:1"));
}

#[test]
fn images_keep_their_alerts_through_tags_and_layers_and_apart_from_each_other() {
    let project = Project::new();
    project.write("app/Cargo.lock", lockfile("app", &[OLD]));
    let image = |reference: &str, layers: u32| {
        let mut report = report(project.path());
        let target = &mut report.targets[0];
        (target.kind, target.path, target.base) = ("image", reference.to_owned(), image::repository(reference).to_owned());
        // A layer is no part of a finding's place, only where it shows.
        report.findings[0].finding.locations[0].line += layers;
        log(&report, &SarifOptions::default())
    };
    let first = image("index.example:5000/team/app:1.2", 0);
    let alerts_of = |log: &Value| alerts(log);
    assert_eq!(alerts_of(&image("index.example:5000/team/app:1.3@sha256:00", 7)), alerts_of(&first));
    let other = image("index.example:5000/team/other:1.2", 0);
    assert!(alerts_of(&other).is_disjoint(&alerts_of(&first)));
    let category = |log: &Value| log["runs"][0]["automationDetails"]["id"].clone();
    assert_eq!(category(&image("index.example:5000/team/app:1.3", 0)), category(&first));
    assert_ne!(category(&other), category(&first));
    let uri = &first["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "index.example%3A5000/team/app/app/Cargo.lock");
}

#[test]
fn scores_are_numbers_in_the_band_of_the_tier() {
    let project = Project::new();
    project.write("Cargo.lock", lockfile("app", &[OLD]));
    let severity = |change: &dyn Fn(&mut Report), score: SarifScore| {
        let mut report = report(project.path());
        change(&mut report);
        let log = log(&report, &SarifOptions { score, ..SarifOptions::default() });
        let rule = &log["runs"][0]["tool"]["driver"]["rules"][0];
        (rule["properties"]["security-severity"].as_str().expect("text").to_owned(), log["runs"][0]["results"][0]["level"].to_string())
    };
    let tier = |tier: Tier, score: Option<u8>| {
        move |report: &mut Report| {
            let judged = &mut report.findings[0];
            (judged.judgement.tier, judged.finding.grade.score) = (tier, score);
        }
    };
    for (tier_is, score, policy, cvss, level) in [
        (Tier::Critical, Some(98), "9.8", "9.8", "\"error\""),
        (Tier::Critical, Some(65), "9.0", "6.5", "\"error\""),
        (Tier::Medium, Some(98), "6.9", "9.8", "\"warning\""),
        (Tier::Low, Some(100), "3.9", "10.0", "\"note\""),
        (Tier::High, None, "7.0", "7.0", "\"error\""),
        (Tier::Critical, None, "9.0", "9.0", "\"error\""),
        (Tier::Low, None, "0.1", "0.1", "\"note\""),
        (Tier::None, Some(0), "0.0", "0.0", "\"note\""),
    ] {
        assert_eq!(severity(&tier(tier_is, score), SarifScore::Policy), (policy.to_owned(), level.to_owned()), "{tier_is:?} {score:?}");
        assert_eq!(severity(&tier(tier_is, score), SarifScore::Cvss).0, cvss, "{tier_is:?} {score:?}");
    }
    let informational = |report: &mut Report| {
        let judged = &mut report.findings[0];
        judged.finding.kind = overdue::model::Kind::Unmaintained;
        (judged.judgement.tier, judged.judgement.tier_reason) = (Tier::None, TierReason::Informational);
    };
    assert_eq!(severity(&informational, SarifScore::Cvss), ("0.0".to_owned(), "\"note\"".to_owned()));
    // One rule, two files, two tiers: the highest speaks.
    let two_tiers = |report: &mut Report| {
        let mut other = report.findings[0].clone();
        other.finding.manifest = "other/Cargo.lock".to_owned();
        (other.judgement.tier, report.findings[0].judgement.tier) = (Tier::High, Tier::Low);
        report.findings.push(other);
    };
    assert_eq!(severity(&two_tiers, SarifScore::Policy).0, "8.9");
}

#[test]
fn excepted_findings_are_left_out_unless_asked_for() {
    let project = Project::new();
    project.write("Cargo.lock", lockfile("app", &[OLD]));
    let mut report = report(project.path());
    let judgement = &mut report.findings[0].judgement;
    judgement.standing = Standing::Excepted;
    let expires = Timestamp::parse("2027-01-01").expect("a date");
    judgement.exception = Some(Box::new(Exception {
        id: "RUSTSEC-2021-0003".to_owned(),
        package: None,
        versions: None,
        path: None,
        until_fixed: false,
        reason: "never fed from outside".to_owned(),
        expires,
        file: "overdue.toml".into(),
        line: 12,
    }));
    let log = |suppressed| log(&report, &SarifOptions { suppressed, ..SarifOptions::default() });
    assert_eq!(log(false)["runs"][0]["results"], Value::Array(Vec::new()));
    let with = log(true);
    assert_accepted("suppressed", &with, project.path());
    let result = &with["runs"][0]["results"][0];
    assert_eq!(result["suppressions"][0]["justification"], "never fed from outside (until 2027-01-01, overdue.toml:12)");
    assert!(result["message"]["text"].to_string().contains("excepted until 2027-01-01"));
    // The other formats show them with their reason, and annotate nothing.
    let text = |format: &str| {
        let mut bytes = Vec::new();
        renderer(format).expect("a format").render(&report, &View::default(), &mut bytes).expect("written");
        String::from_utf8(bytes).expect("UTF-8")
    };
    assert!(text("markdown").contains("### Excepted (1)") && text("markdown").contains("never fed from outside"));
    assert!(text("table").contains("EXCEPTED 1") && !text("github").contains("::error"));
    assert!(text("json").contains("\"reason\": \"never fed from outside\""));
}

#[test]
fn limits_are_kept_with_a_notice() {
    let project = Project::new();
    project.write("Cargo.lock", lockfile("app", &[OLD, OTHER]));
    let mut report = report(project.path());
    let (grave, other) = (report.findings[0].clone(), report.findings[1].clone());
    assert_eq!(other.finding.name, "time");
    report.findings = (0..6000)
        .map(|n| {
            let mut judged = if n % 2 == 0 { other.clone() } else { grave.clone() };
            judged.finding.manifest = format!("{n}/Cargo.lock");
            judged.finding.categories = (0..30).map(|n| format!("category-{n}")).collect();
            judged.finding.summary = Some("long ".repeat(1000));
            judged.finding.locations =
                (0..300).map(|line| overdue::model::Location { path: "Cargo.lock".to_owned(), line: line + 1 }).collect();
            judged
        })
        .collect();
    let unchecked = overdue::model::Unchecked {
        path: "x".to_owned(),
        line: None,
        subject: "x".to_owned(),
        packages: 1,
        reason: overdue::model::Reason::InvalidVersion,
        detail: "odd".to_owned(),
    };
    report.unchecked = vec![overdue::report::Placed { target: 0, item: unchecked }; 3000];
    let log = log(&report, &SarifOptions::default());
    let schema: Value = serde_json::from_slice(&fs::read(fixture("reports/sarif/schema.json")).expect("the schema")).expect("JSON");
    assert!(jsonschema::draft202012::new(&schema).expect("a schema").is_valid(&log));
    let results = log["runs"][0]["results"].as_array().expect("results");
    let grave = results.iter().filter(|result| result["level"] == "error").count();
    assert_eq!((results.len(), grave), (5000, 3000), "the gravest are kept");
    let notifications = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(notifications.contains("the 1000 findings last in order of severity are left out"), "{}", &notifications[..300]);
    assert!(notifications.contains("2000 more things were not checked"));
    let notices = renderer("sarif").expect("a format").render(&report, &View::default(), &mut std::io::sink()).expect("written");
    assert_eq!(notices.len(), 2);
    let compressed = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut encoder, log.to_string().as_bytes()).expect("written");
        encoder.finish().expect("written").len()
    };
    assert!(compressed < 10 << 20, "{compressed} bytes");

    let mut page = Vec::new();
    renderer("markdown").expect("a format").render(&report, &View::default(), &mut page).expect("written");
    let page = String::from_utf8(page).expect("UTF-8");
    assert!(page.len() < 1000 * 1024 && page.contains("are left out here") && page.contains("### Not checked (3000)"), "{}", page.len());
    assert!(page.lines().filter(|line| line.starts_with('|')).all(|line| line.ends_with('|')), "a row was cut");
}
