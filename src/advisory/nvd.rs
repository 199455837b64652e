//! The CVE feeds of NVD, API version 2.0: many CVEs a file, with the CVSS vectors of NVD and of CNAs.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::{RawValue, Value};

use super::{AdvisorySource, Contents, SourceCves, json};
use crate::model::{AdvisoryId, CveFact, CveStatement, CveVector, Timestamp};

/// NVD's feeds.
pub struct Nvd;

impl AdvisorySource for Nvd {
    fn name(&self) -> &'static str {
        "nvd"
    }

    fn recognises(&self, path: &str) -> bool {
        path.ends_with(".json")
    }

    fn read(&self, _path: &str, bytes: &[u8]) -> Result<Contents, String> {
        let raw: RawFeed = json::from_slice(bytes).map_err(|error| format!("not an NVD feed: {error}"))?;
        if raw.format != "NVD_CVE" {
            return Err(format!("not an NVD feed but a `{}`", raw.format));
        }
        let (mut facts, mut bad) = (Vec::new(), Vec::new());
        let (all, there) = (raw.total.as_ref().and_then(Value::as_u64), raw.vulnerabilities.len() as u64);
        bad.extend(all.filter(|all| *all > there).map(|all| format!("this is a part: {there} of {all} entries")));
        for (at, entry) in raw.vulnerabilities.into_iter().enumerate() {
            match serde_json::from_str::<RawEntry>(entry.get()) {
                Ok(RawEntry { cve }) if cve.status.as_deref() == Some("Rejected") => {}
                Ok(RawEntry { cve }) => match AdvisoryId::cve(&cve.id) {
                    Some(id) => facts.extend(cve.into_facts(&id)),
                    None => bad.push(format!("entry {}: `{}` is no CVE", at + 1, cve.id)),
                },
                Err(error) => bad.push(format!("entry {}: {error}", at + 1)),
            }
        }
        Ok(Contents::Cves(SourceCves { facts, bad, dated: raw.timestamp.as_ref().and_then(Value::as_str).and_then(moment_of) }))
    }
}

/// A moment as NVD writes it: in UTC, without saying so.
fn moment_of(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text).or_else(|_| Timestamp::parse(&format!("{text}Z"))).ok()
}

#[derive(Deserialize)]
struct RawFeed<'a> {
    format: String,
    timestamp: Option<Value>,
    #[serde(rename = "totalResults")]
    total: Option<Value>,
    /// Read one by one: a year's feed as one tree would need a gigabyte.
    #[serde(borrow)]
    vulnerabilities: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct RawEntry {
    cve: RawCve,
}

#[derive(Deserialize)]
struct RawCve {
    id: String,
    #[serde(rename = "vulnStatus")]
    status: Option<String>,
    /// By kind, as `cvssMetricV31`; other kinds of metric are in other shapes.
    #[serde(default)]
    metrics: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMetric {
    source: Option<String>,
    cvss_data: RawVector,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawVector {
    vector_string: String,
}

impl RawCve {
    fn into_facts(self, id: &AdvisoryId) -> Vec<CveFact> {
        let cvss = self.metrics.into_iter().filter(|(kind, _)| kind.starts_with("cvssMetric"));
        let metrics = cvss.flat_map(|(_, value)| serde_json::from_value::<Vec<RawMetric>>(value).unwrap_or_default());
        let vector = |metric: RawMetric| CveVector { vector: metric.cvss_data.vector_string, provider: metric.source.unwrap_or_default() };
        metrics.map(|metric| CveFact { id: id.clone(), statement: CveStatement::Vector(vector(metric)) }).collect()
    }
}
