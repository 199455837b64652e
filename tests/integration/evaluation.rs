//! What a record says of versions, from its JSON through the import and the index to the verdict, as the cases under
//! `fixtures/evaluation/` state it. A new case is a new file there, with its reason.

use std::{collections::BTreeMap, fs};

use overdue::{
    advisory::{Record, Store, import, index::Origin},
    matching::affected::is_affected,
    model::{Ecosystem, Timestamp},
    version::{Apk, Dpkg, Pep440, Rpm, Scheme, SemVer, Version},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::harness::{cases, fixture};

#[derive(Deserialize)]
struct Case {
    reason: String,
    record: Value,
    package: Package,
    #[serde(default)]
    affected: Vec<String>,
    #[serde(default)]
    unaffected: Vec<String>,
    #[serde(default)]
    not_evaluable: Vec<String>,
    /// The record is refused as a whole.
    #[serde(default)]
    set_aside: bool,
    /// How many warnings the import gives.
    #[serde(default)]
    warnings: usize,
    /// What else the index says of the package, by name: as [`says`] has it.
    #[serde(flatten)]
    says: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Package {
    ecosystem: String,
    name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Affected,
    Unaffected,
    NotEvaluable,
}

#[test]
fn every_case_is_evaluated_as_it_says() {
    let mut wrong = Vec::new();
    for name in cases("evaluation") {
        let text = fs::read_to_string(fixture("evaluation").join(&name)).expect("a case");
        let case: Case = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        wrong.extend(case.differences().into_iter().map(|difference| format!("{name} ({}): {difference}", case.reason)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

impl Case {
    fn differences(&self) -> Vec<String> {
        let ecosystem = Ecosystem::new(self.package.ecosystem.as_str());
        let Some((records, warnings)) = self.import(&ecosystem) else {
            return if self.set_aside { Vec::new() } else { vec!["it was set aside".to_owned()] };
        };
        if self.set_aside {
            return vec!["it was not set aside".to_owned()];
        }
        let mut differences = Vec::new();
        if warnings.len() != self.warnings {
            differences.push(format!("warnings: {warnings:?}, not {}", self.warnings));
        }
        let expected =
            [(Verdict::Affected, &self.affected), (Verdict::Unaffected, &self.unaffected), (Verdict::NotEvaluable, &self.not_evaluable)];
        assert!(expected.iter().any(|(_, versions)| !versions.is_empty()), "{}: no version", self.reason);
        for (expected, version) in expected.iter().flat_map(|(expected, versions)| versions.iter().map(move |v| (*expected, v))) {
            let verdict = verdict(&ecosystem, &records, version);
            if verdict != expected {
                differences.push(format!("{version}: {verdict:?}, not {expected:?}"));
            }
        }
        for (name, expected) in &self.says {
            let said: Vec<Value> = records.iter().map(|record| says(record)[name].clone()).collect();
            if said.is_empty() || said.iter().any(|said| said != expected) {
                differences.push(format!("{name}: {said:?}, not {expected}"));
            }
        }
        differences
    }

    /// The records about the package, and the warnings; `None` where the record is set aside.
    fn import(&self, ecosystem: &Ecosystem) -> Option<(Vec<Record>, Vec<String>)> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("record.json");
        fs::write(&file, self.record.to_string()).expect("written");
        let mut collection = import::collect(&[file], folder.path(), Timestamp::from_seconds(i64::MAX)).ok()?.advisories;
        let store = Store::new(folder.path());
        let base = ecosystem.base();
        store.replace(&mut collection, &base, Origin::Import).expect("written");
        let index = store.open(&base).expect("sound").expect("there");
        let records = index.lookup(&self.package.name, ecosystem.release()).expect("sound");
        Some((records, collection.warnings))
    }
}

/// What a case can ask of a record of the index.
fn says(record: &Record) -> Value {
    json!({
        "kind": record.kind,
        "label": record.grade.label,
        "published": record.published,
        "score": record.grade.score.map(|tenths| f64::from(tenths) / 10.0),
    })
}

fn verdict(ecosystem: &Ecosystem, records: &[Record], version: &str) -> Verdict {
    let verdict = match Scheme::of(ecosystem) {
        Some(Scheme::SemVer) => verdict_by::<SemVer>,
        Some(Scheme::Pep440) => verdict_by::<Pep440>,
        Some(Scheme::Dpkg) => verdict_by::<Dpkg>,
        Some(Scheme::Apk) => verdict_by::<Apk>,
        Some(Scheme::Rpm) => verdict_by::<Rpm>,
        None => return Verdict::NotEvaluable,
    };
    verdict(records, version)
}

fn verdict_by<V: Version>(records: &[Record], version: &str) -> Verdict {
    let Ok(version) = V::parse(version) else { return Verdict::NotEvaluable };
    let all: Vec<_> = records.iter().map(|record| is_affected(record, &version)).collect();
    match (all.iter().any(|(affected, _)| *affected), all.iter().any(|(_, fault)| fault.is_some())) {
        (true, _) => Verdict::Affected,
        (false, true) => Verdict::NotEvaluable,
        (false, false) => Verdict::Unaffected,
    }
}
