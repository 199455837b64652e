//! CISA's catalogue of known exploited vulnerabilities, as its JSON feed.

use serde::Deserialize;

use super::{AdvisorySource, Contents};
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
        let raw: RawCatalogue = serde_json::from_slice(bytes).map_err(|error| format!("not a catalogue of KEV: {error}"))?;
        let facts = raw.vulnerabilities.into_iter().map(RawEntry::into_fact).collect::<Result<Vec<_>, _>>()?;
        // The catalogue is published as a whole, and its entries are its only dates that count.
        let version = raw.catalog_version;
        if facts.is_empty() { Err(format!("the catalogue {version} is empty")) } else { Ok(Contents::Cves(facts)) }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawCatalogue {
    catalog_version: String,
    vulnerabilities: Vec<RawEntry>,
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
