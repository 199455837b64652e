//! Mends an OSV record in which a field has another shape than the schema gives it, so that the rest of it counts: one
//! odd field must not hide a vulnerability.
//!
//! What only describes (ids, dates, grades) is passed over. What decides whether a version is affected is never just
//! left out: in its place comes a range of no known type, so that the package is unchecked and not clear.

use serde_json::{Map, Value, json};

/// What was passed over.
#[derive(Debug, Default)]
pub(super) struct Mended {
    /// As sentences.
    pub(super) warnings: Vec<String>,
    /// That an entry about some package is lost.
    pub(super) lost: Option<String>,
}

/// The record as the schema would have it, and what was passed over.
///
/// # Errors
/// When nobody can say what it is about: it is no JSON object, has no id, or its packages cannot be read.
pub(super) fn mend(record: Value) -> Result<(Value, Mended), String> {
    let Value::Object(mut record) = record else { return Err("it is no JSON object".to_owned()) };
    if !record.get("id").is_some_and(Value::is_string) {
        return Err("the record has no id".to_owned());
    }
    let mut mending = Mended::default();
    for name in ["modified", "published", "withdrawn", "summary"] {
        mending.text(&mut record, name);
    }
    for name in ["aliases", "upstream"] {
        mending.texts(&mut record, name);
    }
    mending.severities(&mut record);
    mending.packages(&mut record)?;
    Ok((Value::Object(record), mending))
}

impl Mended {
    fn warn(&mut self, name: &str, value: &Value, expected: &str) {
        self.warnings.push(format!("`{name}` is {}, not {expected}: passed over", kind(value)));
    }

    /// A field that is a text.
    fn text(&mut self, record: &mut Map<String, Value>, name: &str) {
        if let Some(value) = record.get(name).filter(|value| !value.is_string() && !value.is_null()) {
            self.warn(name, value, "a text");
            record.remove(name);
        }
    }

    /// A field that is a list of texts. A single one says the same.
    fn texts(&mut self, record: &mut Map<String, Value>, name: &str) {
        match record.get_mut(name) {
            None | Some(Value::Null) => {}
            Some(text @ Value::String(_)) => *text = json!([text.take()]),
            Some(Value::Array(items)) => self.only(items, name, "a text", &Value::is_string),
            Some(other) => {
                let other = other.take();
                self.warn(name, &other, "a list");
            }
        }
    }

    /// Keeps the items of a list that fit.
    fn only(&mut self, items: &mut Vec<Value>, name: &str, expected: &str, fits: &dyn Fn(&Value) -> bool) {
        for bad in items.iter().filter(|item| !fits(item)) {
            self.warn(name, bad, expected);
        }
        items.retain(fits);
    }

    fn severities(&mut self, record: &mut Map<String, Value>) {
        let is_text = |value: Option<&Value>| value.is_none_or(|value| value.is_string() || value.is_null());
        let fits = |item: &Value| item.get("type").is_some_and(Value::is_string) && is_text(item.get("score"));
        match record.get_mut("severity") {
            None | Some(Value::Null) => {}
            Some(Value::Array(items)) => self.only(items, "severity", "a type with a vector", &fits),
            Some(other) => {
                let other = other.take();
                self.warn("severity", &other, "a list");
            }
        }
    }

    fn packages(&mut self, record: &mut Map<String, Value>) -> Result<(), String> {
        let entries = match record.get_mut("affected") {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Array(entries)) => entries,
            Some(other) => return Err(format!("`affected` is {}, not a list", kind(other))),
        };
        let there = entries.len();
        let has_name = |package: &Value| ["ecosystem", "name"].iter().all(|name| package.get(name).is_some_and(Value::is_string));
        let fits = |entry: &Value| entry.is_object() && entry.get("package").is_none_or(|package| package.is_null() || has_name(package));
        entries.retain(fits);
        if entries.is_empty() && there > 0 {
            return Err("no entry of `affected` names a package".to_owned());
        }
        if entries.len() < there {
            self.lost = Some("an entry of `affected` is lost: it names no package that can be read".to_owned());
        }
        for entry in entries.iter_mut().filter_map(Value::as_object_mut) {
            self.severities(entry);
            let mut ranges = ranges(entry.remove("ranges"));
            let (versions, all) = versions(entry.remove("versions"));
            if !all {
                ranges.push(unreadable());
            }
            if ranges.contains(&unreadable()) {
                self.warnings.push("its affected versions cannot be read in full: the package is unchecked".to_owned());
            }
            entry.insert("ranges".to_owned(), Value::Array(ranges));
            entry.insert("versions".to_owned(), Value::Array(versions));
        }
        Ok(())
    }
}

/// A range that stands for what cannot be read.
fn unreadable() -> Value {
    json!({ "type": "UNREADABLE", "events": [] })
}

fn ranges(field: Option<Value>) -> Vec<Value> {
    match field {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(ranges)) => ranges.into_iter().map(|range| readable(range).unwrap_or_else(unreadable)).collect(),
        Some(_) => vec![unreadable()],
    }
}

/// A range of the schema's shape.
fn readable(mut range: Value) -> Option<Value> {
    if range.get("type")?.as_str()? == "GIT" {
        // Passed over later, whatever it holds.
        return Some(json!({ "type": "GIT" }));
    }
    match range.get_mut("events") {
        None | Some(Value::Null) => {}
        Some(Value::Array(events)) => {
            for event in events {
                let event = event.as_object_mut()?;
                for name in ["introduced", "fixed", "last_affected", "limit"] {
                    if let Some(version) = event.get_mut(name).filter(|version| !version.is_null()) {
                        *version = version_text(version.take())?;
                    }
                }
            }
        }
        Some(_) => return None,
    }
    Some(range)
}

/// Versions by name, and whether they are all that there are.
fn versions(field: Option<Value>) -> (Vec<Value>, bool) {
    match field {
        None | Some(Value::Null) => (Vec::new(), true),
        Some(Value::Array(versions)) => {
            let there = versions.len();
            let read: Vec<Value> = versions.into_iter().filter_map(version_text).collect();
            let all = read.len() == there;
            (read, all)
        }
        Some(_) => (Vec::new(), false),
    }
}

/// A version. One that was written as a whole number is that number; one with a fraction may have lost its zeros.
fn version_text(version: Value) -> Option<Value> {
    match version {
        Value::String(_) => Some(version),
        Value::Number(number) if number.is_u64() => Some(Value::String(number.to_string())),
        _ => None,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::mend;
    use crate::advisory::{AdvisorySource, osv::Osv};

    #[test]
    fn what_describes_is_passed_over_and_what_decides_is_not() {
        let entry = |field: &str, value: Value| {
            let mut entry = json!({ "package": { "ecosystem": "e", "name": "n" }, "ranges": [], "versions": [] });
            entry[field] = value;
            json!({ "id": "X-1", "affected": [entry] })
        };
        let unreadable = json!([{ "type": "UNREADABLE", "events": [] }]);
        for (record, pointer, expected, warnings) in [
            (json!({ "id": "X-1", "aliases": "A-1" }), "/aliases", json!(["A-1"]), 0),
            (json!({ "id": "X-1", "aliases": ["A-1", 2] }), "/aliases", json!(["A-1"]), 1),
            (json!({ "id": "X-1", "upstream": {} }), "/upstream", json!(null), 1),
            (json!({ "id": "X-1", "severity": "HIGH" }), "/severity", json!(null), 1),
            (json!({ "id": "X-1", "severity": [{ "type": "CVSS_V3", "score": 9.8 }] }), "/severity", json!([]), 1),
            (json!({ "id": "X-1", "modified": 7, "summary": "s" }), "/summary", json!("s"), 1),
            (entry("ranges", json!("all")), "/affected/0/ranges", unreadable.clone(), 1),
            (entry("ranges", json!([7])), "/affected/0/ranges", unreadable.clone(), 1),
            (entry("ranges", json!([{ "type": "SEMVER", "events": [{ "fixed": 1.1 }] }])), "/affected/0/ranges", unreadable.clone(), 1),
            (
                entry("ranges", json!([{ "type": "SEMVER", "events": [{ "introduced": 0, "fixed": null }] }])),
                "/affected/0/ranges/0/events",
                json!([{ "introduced": "0", "fixed": null }]),
                0,
            ),
            (entry("ranges", json!([{ "type": "GIT", "events": 7 }])), "/affected/0/ranges", json!([{ "type": "GIT" }]), 0),
            (entry("versions", json!("1.0")), "/affected/0/ranges", unreadable.clone(), 1),
            (entry("versions", json!(["1.0", 2])), "/affected/0/versions", json!(["1.0", "2"]), 0),
            (entry("versions", json!(["1.0", []])), "/affected/0/ranges", unreadable, 1),
            (entry("versions", json!(["1.0", []])), "/affected/0/versions", json!(["1.0"]), 1),
        ] {
            let (mended, said) = mend(record.clone()).expect("mended");
            assert_eq!((mended.pointer(pointer), said.warnings.len()), (Some(&expected), warnings), "{record}: {said:?}");
        }
    }

    #[test]
    fn without_an_id_or_a_package_there_is_nothing_to_mend() {
        for record in [
            json!([]),
            json!({}),
            json!({ "id": 7 }),
            json!({ "id": "X-1", "affected": "all" }),
            json!({ "id": "X-1", "affected": [7] }),
            json!({ "id": "X-1", "affected": [{ "package": { "ecosystem": "e", "name": 7 } }] }),
        ] {
            assert!(mend(record.clone()).is_err(), "{record}");
        }
    }

    /// JSON of the names of the schema and of any shapes.
    fn value() -> impl Strategy<Value = Value> {
        let name = prop::sample::select(vec![
            "id", "modified", "withdrawn", "aliases", "severity", "type", "score", "affected", "package", "ecosystem", "name", "ranges",
            "events", "introduced", "fixed", "versions", "database_specific", "categories",
        ]);
        let leaf = prop_oneof![Just(json!(null)), Just(json!(0)), Just(json!(1.5)), Just(json!("crates.io")), Just(json!(true))];
        leaf.prop_recursive(6, 60, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map(name.clone().prop_map(str::to_owned), inner, 0..8).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_mended_can_be_read(value in value()) {
            let mut value = value;
            if let Some(record) = value.as_object_mut() {
                record.insert("id".to_owned(), json!("X-1"));
            }
            // An ecosystem may be impossible, and then the record is set aside all the same.
            if mend(value.clone()).is_ok()
                && let Err(cause) = Osv.read("X-1.json", value.to_string().as_bytes())
            {
                prop_assert!(cause.contains("is no name of an ecosystem"), "{cause}: {value}");
            }
        }
    }
}
