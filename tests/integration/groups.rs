//! Alias groups, from records through the import to the index, as the cases under `fixtures/groups/` state them. A new
//! case is a new file there, with its reason.

use std::{collections::BTreeSet, fs};

use overdue::{
    advisory::{Store, import, index::Origin},
    model::{Ecosystem, Timestamp},
};
use serde::Deserialize;
use serde_json::Value;

use crate::harness::{cases, fixture};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    reason: String,
    records: Vec<Value>,
    /// The groups of the records that match anything, of every ecosystem: ids in order of preference.
    groups: BTreeSet<Vec<String>>,
}

#[test]
fn every_case_is_grouped_as_it_says_in_either_order() {
    for name in cases("groups") {
        let text = fs::read_to_string(fixture("groups").join(&name)).expect("a case");
        let mut case: Case = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(groups(&case.records), case.groups, "{name} ({})", case.reason);
        case.records.reverse();
        assert_eq!(groups(&case.records), case.groups, "{name} ({}), turned around", case.reason);
    }
}

fn groups(records: &[Value]) -> BTreeSet<Vec<String>> {
    let folder = tempfile::tempdir().expect("a folder");
    let files = records.iter().enumerate().map(|(at, record)| {
        let file = folder.path().join(format!("{at:02}.json"));
        fs::write(&file, record.to_string()).expect("written");
        file
    });
    let files: Vec<_> = files.collect();
    let mut collection = import::collect(&files, folder.path(), Timestamp::from_seconds(i64::MAX)).expect("records").advisories;
    let store = Store::new(folder.path());
    let ecosystems: Vec<Ecosystem> = collection.ecosystems().cloned().collect();
    let mut groups = BTreeSet::new();
    for ecosystem in ecosystems {
        store.replace(&mut collection, &ecosystem, Origin::Import).expect("written");
        for record in store.open(&ecosystem).expect("sound").expect("there").records().expect("sound") {
            groups.insert(record.group.into_iter().map(|id| id.0).collect());
        }
    }
    groups
}
