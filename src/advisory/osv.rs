//! OSV JSON records (the OSV schema, version 1.x) to facts.
//!
//! Not a validator: unknown fields, types and ecosystems pass, and fields of an unexpected shape are mended
//! (`super::salvage`). Only a record that does not say what it is about is set aside.

use serde::Deserialize;

use super::{
    AdvisorySource, Contents, SourceRecord, json,
    salvage::{self, Mended},
};
use crate::model::{Advisory, AdvisoryId, Affected, Ecosystem, Event, Kind, Range, RangeType, Statement, Timestamp};

/// The OSV schema's JSON records, as `<ID>.json`.
pub struct Osv;

impl AdvisorySource for Osv {
    fn name(&self) -> &'static str {
        "osv"
    }

    fn recognises(&self, path: &str) -> bool {
        path.ends_with(".json")
    }

    fn read(&self, _path: &str, bytes: &[u8]) -> Result<Contents, String> {
        let (raw, mended) = RawRecord::read(bytes)?;
        raw.into_record(mended).map(|record| Contents::Advisory(Box::new(record)))
    }
}

#[derive(Deserialize)]
struct RawRecord {
    id: String,
    modified: Option<String>,
    published: Option<String>,
    withdrawn: Option<String>,
    aliases: Option<Vec<String>>,
    upstream: Option<Vec<String>>,
    summary: Option<String>,
    severity: Option<Vec<RawSeverity>>,
    affected: Option<Vec<RawAffected>>,
    database_specific: Option<RawSpecific>,
}

#[derive(Deserialize)]
struct RawSeverity {
    #[serde(rename = "type")]
    severity_type: String,
    /// Null in some records; such a statement says nothing.
    score: Option<String>,
}

#[derive(Deserialize)]
struct RawAffected {
    package: Option<RawPackage>,
    ranges: Option<Vec<RawRange>>,
    versions: Option<Vec<String>>,
    severity: Option<Vec<RawSeverity>>,
    ecosystem_specific: Option<RawSpecific>,
    database_specific: Option<RawSpecific>,
}

#[derive(Deserialize)]
struct RawPackage {
    ecosystem: String,
    name: String,
}

#[derive(Deserialize)]
struct RawRange {
    #[serde(rename = "type")]
    range_type: String,
    events: Option<Vec<RawEvent>>,
}

#[derive(Deserialize)]
struct RawEvent {
    introduced: Option<String>,
    fixed: Option<String>,
    last_affected: Option<String>,
    limit: Option<String>,
}

/// `database_specific` and `ecosystem_specific` have no schema: each field is taken only in the shape that we know.
#[derive(Deserialize, Default)]
#[serde(from = "serde_json::Value")]
struct RawSpecific {
    informational: Option<String>,
    categories: Vec<String>,
    cwes: Vec<String>,
    functions: Vec<String>,
    severity: Option<String>,
}

impl From<serde_json::Value> for RawSpecific {
    fn from(value: serde_json::Value) -> Self {
        let text = |key: &str| value.get(key).and_then(|v| v.as_str()).map(str::to_owned);
        let list = |value: Option<&serde_json::Value>| -> Vec<String> {
            let items = value.and_then(|v| v.as_array()).map(Vec::as_slice).unwrap_or_default();
            items.iter().filter_map(|v| v.as_str()).map(str::to_owned).collect()
        };
        Self {
            informational: text("informational"),
            categories: merged(list(value.get("categories")).into_iter()),
            cwes: merged(list(value.get("cwe_ids")).into_iter()),
            functions: list(value.get("affects").and_then(|a| a.get("functions"))),
            severity: text("severity").or_else(|| text("urgency")).map(|label| label.to_lowercase()),
        }
    }
}

impl RawSpecific {
    /// What two of them say together; `self` goes first where there can be only one answer.
    fn and(self, other: Self) -> Self {
        Self {
            informational: self.informational.or(other.informational),
            categories: merged(self.categories.into_iter().chain(other.categories)),
            cwes: merged(self.cwes.into_iter().chain(other.cwes)),
            functions: merged(self.functions.into_iter().chain(other.functions)),
            severity: self.severity.or(other.severity),
        }
    }

    fn statement(self, severities: Option<Vec<RawSeverity>>) -> Statement {
        let severities = severities.unwrap_or_default();
        let kind = self.kind();
        let label = self.severity.or_else(|| word(&severities));
        Statement { kind, categories: self.categories, cwes: self.cwes, cvss: vectors(severities), label }
    }

    fn kind(&self) -> Option<Kind> {
        kind(&self.categories, self.informational.as_deref())
    }
}

impl RawRecord {
    /// Reads a record, and tells what of it was passed over.
    fn read(bytes: &[u8]) -> Result<(Self, Mended), String> {
        let strict = match json::from_slice(bytes) {
            Ok(raw) => return Ok((raw, Mended::default())),
            Err(error) => error,
        };
        let not = |cause: String| format!("not an OSV record: {cause}");
        let value = json::without_repetition(bytes).map_err(|error| not(error.to_string()))?;
        let (value, mut mended) = salvage::mend(value).map_err(not)?;
        if mended.warnings.is_empty() && mended.lost.is_none() {
            mended.warnings.push(format!("not as the schema has it, and read all the same: {strict}"));
        }
        Self::deserialize(value).map(|raw| (raw, mended)).map_err(|error| not(error.to_string()))
    }

    /// The record; `mended` is what was passed over in reading it.
    fn into_record(self, mended: Mended) -> Result<SourceRecord, String> {
        let Mended { mut warnings, lost } = mended;
        if self.id.trim().is_empty() {
            return Err("the record has no id".to_owned());
        }
        let mut moment = |name: &str, text: Option<String>| {
            let parsed = text.as_deref().map(Timestamp::parse).transpose();
            parsed.unwrap_or_else(|error| {
                warnings.push(format!("`{name}`: {error}"));
                None
            })
        };
        let (modified, published) = (moment("modified", self.modified), moment("published", self.published));
        // A withdrawal that cannot be read is not believed: that would hide what it takes back.
        let withdrawn = moment("withdrawn", self.withdrawn.filter(|text| !text.trim().is_empty()));
        let (affected, impossible) = affected(self.affected.unwrap_or_default())?;
        let partial = lost.or(impossible);
        warnings.extend(partial.clone());
        let specific = self.database_specific.unwrap_or_default();
        let by_id = self.id.starts_with("MAL-").then_some(Kind::Malicious);
        let advisory = Advisory {
            statement: Statement { kind: by_id.or(specific.kind()), ..specific.statement(self.severity) },
            aliases: ids(self.aliases, &self.id),
            upstream: ids(self.upstream, &self.id),
            id: AdvisoryId(self.id),
            summary: self.summary.filter(|s| !s.trim().is_empty()),
            published,
            modified,
            withdrawn,
            affected,
        };
        Ok(SourceRecord { advisory, warnings, partial })
    }
}

/// The entries that name a package; those without one speak of commits only. An entry whose ecosystem cannot be is lost,
/// which is told; it sets the record aside where no other is left.
fn affected(entries: Vec<RawAffected>) -> Result<(Vec<Affected>, Option<String>), String> {
    let (mut affected, mut causes) = (Vec::new(), Vec::new());
    for mut entry in entries {
        let Some(package) = entry.package.take() else { continue };
        match Ecosystem::parse(&package.ecosystem) {
            Ok(ecosystem) => affected.push(entry.into_affected(ecosystem, &package.name)),
            Err(cause) => causes.push(cause),
        }
    }
    if affected.is_empty() && !causes.is_empty() {
        return Err(causes.swap_remove(0));
    }
    let lost = causes.first().map(|cause| format!("an entry of `affected` is lost: {cause}"));
    Ok((affected, lost))
}

impl RawAffected {
    fn into_affected(self, ecosystem: Ecosystem, name: &str) -> Affected {
        let mut ranges = Vec::new();
        for raw in self.ranges.unwrap_or_default() {
            let range_type = match raw.range_type.as_str() {
                "SEMVER" => RangeType::Semver,
                "ECOSYSTEM" => RangeType::Ecosystem,
                "GIT" => continue,
                _ => RangeType::Unknown,
            };
            let events = raw.events.unwrap_or_default();
            let understood = events.iter().all(RawEvent::is_known);
            let range_type = if understood { range_type } else { RangeType::Unknown };
            ranges.push(Range { range_type, events: events.into_iter().flat_map(RawEvent::into_events).collect() });
        }
        let specific = self.database_specific.unwrap_or_default().and(self.ecosystem_specific.unwrap_or_default());
        let name = crate::model::normalise_name(&ecosystem, name);
        Affected {
            functions: specific.functions.clone(),
            statement: specific.statement(self.severity),
            ranges,
            versions: self.versions.unwrap_or_default().iter().collect(),
            ..Affected::new(ecosystem, name)
        }
    }
}

impl RawEvent {
    fn is_known(&self) -> bool {
        [&self.introduced, &self.fixed, &self.last_affected, &self.limit].iter().any(|version| version.is_some())
    }

    /// The schema allows one event an object; older records hold an `introduced` and a `fixed` in one.
    fn into_events(self) -> impl Iterator<Item = Event> {
        [
            self.introduced.map(Event::Introduced),
            self.fixed.map(Event::Fixed),
            self.last_affected.map(Event::LastAffected),
            self.limit.map(Event::Limit),
        ]
        .into_iter()
        .flatten()
    }
}

/// What RustSec's categories and its `informational` say that a record warns of; `None` where they say nothing.
pub(super) fn kind(categories: &[String], informational: Option<&str>) -> Option<Kind> {
    if categories.iter().any(|c| c == "malicious") {
        return Some(Kind::Malicious);
    }
    informational.map(|word| match word {
        "unmaintained" => Kind::Unmaintained,
        "unsound" => Kind::Unsound,
        _ => Kind::Notice,
    })
}

/// The severity that is a word: Ubuntu's priority.
fn word(severities: &[RawSeverity]) -> Option<String> {
    severities.iter().find(|severity| severity.severity_type == "Ubuntu").and_then(|severity| Some(severity.score.as_ref()?.to_lowercase()))
}

/// The CVSS vectors, in the record's order.
fn vectors(severities: Vec<RawSeverity>) -> Vec<String> {
    let mut vectors: Vec<String> = Vec::new();
    for severity in severities {
        let vector = severity.score.filter(|_| severity.severity_type.starts_with("CVSS_"));
        vectors.extend(vector.filter(|vector| !vectors.contains(vector)));
    }
    vectors
}

fn ids(texts: Option<Vec<String>>, own: &str) -> Vec<AdvisoryId> {
    merged(texts.unwrap_or_default().into_iter().filter(|id| id != own && !id.trim().is_empty()).map(AdvisoryId))
}

fn merged<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort();
    items.dedup();
    items
}

#[cfg(test)]
mod tests {
    use super::{AdvisorySource, Contents, Osv};
    use crate::model::{Event, Kind};

    fn read(json: &str) -> Result<super::SourceRecord, String> {
        match Osv.read("X-1.json", json.as_bytes())? {
            Contents::Advisory(record) => Ok(*record),
            Contents::Cves(_) => Err("not an advisory".to_owned()),
        }
    }

    #[test]
    fn odd_but_usable_records_are_used() {
        let record = read(
            r#"{"id":"X-1","modified":"someday","aliases":null,"new_field":[1],"database_specific":[],
                "affected":[{"ranges":[]},{"package":{"ecosystem":"crates.io","name":"a"},
                "ranges":[{"type":"GIT","repo":"r","events":[{"introduced":"0"}]},{"type":"SEMVER","events":[{"introduced":"0","fixed":"1.0.0"}]}]}]}"#,
        )
        .expect("usable");
        assert_eq!(record.warnings.len(), 1);
        assert_eq!(record.advisory.affected.len(), 1);
        assert_eq!(record.advisory.affected[0].ranges[0].events, [Event::Introduced("0".into()), Event::Fixed("1.0.0".into())]);
    }

    #[test]
    fn the_odd_ways_of_json_are_told_and_harmless() {
        for (json, warnings) in [("\u{feff}{\"id\":\"X-1\"}", 0), (r#"{"id":"X-1","aliases":7}"#, 1)] {
            let record = read(json).expect(json);
            assert_eq!((record.advisory.id.0.as_str(), record.warnings.len()), ("X-1", warnings), "{json}: {:?}", record.warnings);
        }
    }

    #[test]
    fn what_matching_would_need_sets_the_record_aside() {
        for json in [
            "",
            "[]",
            "{}",
            r#"{"id":""}"#,
            r#"{"id":7}"#,
            r#"{"id":"X-1","affected":"all"}"#,
            r#"{"id":"X-0","id":"X-1"}"#,
            r#"{"id":"X-1","affected":[{"package":{"ecosystem":"e","name":"n"},"versions":["1"],"versions":[]}]}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn kinds() {
        let json = |specific: &str| {
            format!(r#"{{"id":"X-1","affected":[{{"package":{{"ecosystem":"e","name":"n"}},"database_specific":{specific}}}]}}"#)
        };
        for (specific, kind) in [
            (r#"{"informational":null,"categories":[]}"#, Kind::Vulnerability),
            (r#"{"informational":"unsound"}"#, Kind::Unsound),
            (r#"{"informational":"unmaintained"}"#, Kind::Unmaintained),
            (r#"{"informational":"notice"}"#, Kind::Notice),
            (r#"{"categories":["malicious"]}"#, Kind::Malicious),
        ] {
            let read =
                read(&json(specific)).map(|r| r.advisory.affected[0].statement.kind.or(r.advisory.statement.kind).unwrap_or_default());
            assert_eq!(read, Ok(kind), "{specific}");
        }
    }
}
