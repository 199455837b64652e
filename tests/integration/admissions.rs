//! What requirements that pin nothing let in, and what would cure them, as the cases under `fixtures/admissions/` state
//! it. A new case is a new file there, with its reason.

use std::{collections::BTreeMap, fs};

use overdue::{
    advisory::{Store, import, index::Origin},
    matching::{Manifest, match_manifest},
    model::{Cure, DependencyGraph, Ecosystem, Finding, Package, Timestamp, Wanted},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::harness::{cases, fixture};

#[derive(Deserialize)]
struct Case {
    reason: String,
    advisories: BTreeMap<String, Advisory>,
    /// Of each requirement: the findings, as [`line`] writes them, and `unchecked`.
    expected: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Advisory {
    /// `introduced 0`, `fixed 1.0`, ...
    events: Vec<String>,
    versions: Vec<String>,
}

#[test]
fn requirements_let_in_what_the_cases_say() {
    let mut wrong = Vec::new();
    for name in cases("admissions") {
        let text = fs::read_to_string(fixture("admissions").join(&name)).expect("a case");
        let case: Case = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let actual = case.actual();
        for (requirement, expected) in &case.expected {
            let actual = &actual[requirement];
            if actual != expected {
                wrong.push(format!("{name} ({}): `{requirement}`: {actual:#?}, not {expected:#?}", case.reason));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Case {
    fn actual(&self) -> BTreeMap<String, Vec<String>> {
        let folder = tempfile::tempdir().expect("a folder");
        for (id, advisory) in &self.advisories {
            fs::write(folder.path().join(format!("{id}.json")), record(id, advisory).to_string()).expect("written");
        }
        let pypi = Ecosystem::new(Ecosystem::PYPI);
        let collected = import::collect(&[folder.path().to_owned()], folder.path(), Timestamp::from_seconds(i64::MAX)).expect("collected");
        let store = Store::new(folder.path());
        store.replace(&mut { collected.advisories }, &pypi, Origin::Import).expect("written");
        let index = store.open(&pypi).expect("sound").expect("there");
        let of = |requirement: &String| {
            let packages = [Package::new(pypi.clone(), "A", Wanted::Requirement(requirement.clone()), 1)];
            let manifest = Manifest { target: 0, path: "requirements.txt", packages: &packages, graph: &DependencyGraph::default() };
            let matched = match_manifest(&manifest, &|_| Some(&index)).expect("matched");
            let mut lines: Vec<String> = matched.findings.iter().map(|finding| line(finding)).collect();
            lines.extend(matched.unchecked.iter().map(|_| "unchecked".to_owned()));
            (requirement.clone(), lines)
        };
        self.expected.keys().map(of).collect()
    }
}

fn record(id: &str, advisory: &Advisory) -> Value {
    let event = |text: &String| {
        let (name, version) = text.split_once(' ').expect("an event");
        json!({ name: version })
    };
    let events: Vec<Value> = advisory.events.iter().map(event).collect();
    let ranges = if events.is_empty() { json!([]) } else { json!([{ "type": "ECOSYSTEM", "events": events }]) };
    let affected = json!({ "package": { "ecosystem": "PyPI", "name": "a" }, "ranges": ranges, "versions": advisory.versions });
    json!({ "id": id, "modified": "2026-01-01T00:00:00Z", "affected": [affected] })
}

/// `T-1 admitted 3.9.0 to 3.9.1 (2); raise >=3.9.2: >=3.9.2,<4`: releases and how many they are, or in parentheses the
/// range; the cure, if any.
fn line(finding: &Finding) -> String {
    let admitted = finding.admitted.as_ref().expect("what is let in");
    let what = match &admitted.ends {
        None => format!("({})", admitted.range),
        Some((one, _)) if admitted.releases == 1 => one.clone(),
        Some((first, last)) => format!("{first} to {last} ({})", admitted.releases),
    };
    let certainty = finding.certainty.as_str();
    let cure = match &finding.package_cure {
        Some(Cure::Requirement { change, specifiers, requirement }) => {
            format!("; {} {specifiers}: {requirement}", change.as_str())
        }
        Some(Cure::Version { .. }) => "; a version".to_owned(),
        None => String::new(),
    };
    format!("{} {certainty} {what}{cure}", finding.id)
}
