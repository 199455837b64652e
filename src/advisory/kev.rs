//! CISA's catalogue of known exploited vulnerabilities, as its JSON feed.

use serde::Deserialize;
use serde_json::value::RawValue;

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
        let (mut facts, mut bad) = (Vec::new(), Vec::new());
        for (at, entry) in raw.vulnerabilities.into_iter().enumerate() {
            let read = serde_json::from_str::<RawEntry>(entry.get()).map_err(|error| error.to_string()).and_then(RawEntry::into_fact);
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
            let dated = raw.date_released.and_then(|date| Timestamp::parse(&date).ok());
            Ok(Contents::Cves(SourceCves { facts, bad, dated }))
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawCatalogue<'a> {
    catalog_version: String,
    date_released: Option<String>,
    #[serde(borrow)]
    vulnerabilities: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEntry {
    #[serde(rename = "cveID")]
    cve_id: String,
    date_added: String,
    due_date: Option<String>,
    known_ransomware_campaign_use: Option<String>,
}

impl RawEntry {
    fn into_fact(self) -> Result<CveFact, String> {
        let added = Timestamp::parse(&self.date_added).map_err(|error| format!("{}: `dateAdded`: {error}", self.cve_id))?;
        let statement = CveStatement::Exploited(KnownExploited {
            added,
            due: self.due_date.and_then(|date| Timestamp::parse(&date).ok()),
            ransomware: self.known_ransomware_campaign_use.as_deref() == Some("Known"),
        });
        Ok(CveFact { id: AdvisoryId(self.cve_id), statement })
    }
}
