//! CISA's catalogue of known exploited vulnerabilities, as its JSON feed.

use serde::Deserialize;
use serde_json::value::{RawValue, Value};

use super::{AdvisorySource, Contents, SourceCves, json};
use crate::model::{AdvisoryId, CveFact, CveStatement, KnownExploited, Timestamp};

/// The catalogue, one file.
pub struct Kev;

impl AdvisorySource for Kev {
    fn name(&self) -> &'static str {
        "kev"
    }

    fn recognises(&self, path: &str) -> bool {
        path.ends_with(".json")
    }

    fn read(&self, _path: &str, bytes: &[u8]) -> Result<Contents, String> {
        let raw: RawCatalogue = json::from_slice(bytes).map_err(|error| format!("not a catalogue of KEV: {error}"))?;
        let released = raw.date_released.as_ref().and_then(Value::as_str).and_then(|date| Timestamp::parse(date).ok());
        let (counted, there) = (raw.count.as_ref().and_then(Value::as_u64), raw.vulnerabilities.len() as u64);
        if let Some(counted) = counted.filter(|counted| *counted != there) {
            return Err(format!("the catalogue {} is cut off: {there} of {counted} entries", raw.catalog_version));
        }
        let (mut facts, mut bad) = (Vec::new(), Vec::new());
        for (at, entry) in raw.vulnerabilities.into_iter().enumerate() {
            let read = serde_json::from_str::<RawEntry>(entry.get())
                .map_err(|error| error.to_string())
                .and_then(|entry| entry.into_fact(released));
            match read {
                Ok(fact) => facts.push(fact),
                Err(cause) => bad.push(format!("entry {}: {cause}", at + 1)),
            }
        }
        // An empty catalogue would say that nothing is exploited any more.
        let version = raw.catalog_version;
        if facts.is_empty() {
            Err(format!("the catalogue {version} has no entry that can be read"))
        } else {
            Ok(Contents::Cves(SourceCves { facts, bad, dated: released }))
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawCatalogue<'a> {
    catalog_version: String,
    date_released: Option<Value>,
    count: Option<Value>,
    #[serde(borrow)]
    vulnerabilities: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEntry {
    #[serde(rename = "cveID")]
    cve_id: String,
    date_added: Option<String>,
    due_date: Option<String>,
    known_ransomware_campaign_use: Option<String>,
}

impl RawEntry {
    /// What is listed is exploited, even if its own day cannot be read: then it is so since the catalogue's.
    fn into_fact(self, released: Option<Timestamp>) -> Result<CveFact, String> {
        let id = AdvisoryId::cve(&self.cve_id).ok_or_else(|| format!("`{}` is no CVE", self.cve_id))?;
        let added = Timestamp::parse(self.date_added.as_deref().unwrap_or_default()).or_else(|error| released.ok_or(error));
        let added = added.map_err(|error| format!("{id}: `dateAdded`: {error}"))?;
        let statement = CveStatement::Exploited(KnownExploited {
            added,
            due: self.due_date.and_then(|date| Timestamp::parse(&date).ok()),
            ransomware: self.known_ransomware_campaign_use.as_deref() == Some("Known"),
        });
        Ok(CveFact { id, statement })
    }
}
