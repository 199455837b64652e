//! CVE records (CVE JSON 5.0 and later): their CVSS vectors, of the CNA and of whoever adds to it (ADP).

use serde::Deserialize;

use super::{AdvisorySource, Contents, SourceCves, json};
use crate::model::{AdvisoryId, CveFact, CveStatement, CveVector};

/// CVE records, one a file.
pub struct Cve;

impl AdvisorySource for Cve {
    fn name(&self) -> &'static str {
        "cve"
    }

    fn recognises(&self, path: &str) -> bool {
        path.ends_with(".json")
    }

    fn read(&self, _path: &str, bytes: &[u8]) -> Result<Contents, String> {
        let raw: RawCve = json::from_slice(bytes).map_err(|error| format!("not a CVE record: {error}"))?;
        if raw.data_type != "CVE_RECORD" {
            return Err(format!("not a CVE record but a `{}`", raw.data_type));
        }
        // A rejected CVE was taken back.
        if raw.cve_metadata.state.as_deref() == Some("REJECTED") {
            return Ok(Contents::Cves(SourceCves::default()));
        }
        let id = AdvisoryId::cve(&raw.cve_metadata.cve_id).ok_or_else(|| format!("`{}` is no CVE", raw.cve_metadata.cve_id))?;
        let containers = raw.containers.cna.into_iter().chain(raw.containers.adp.unwrap_or_default());
        let facts = containers.flat_map(|container| {
            let provider = container.provider_metadata.and_then(|provider| provider.short_name).unwrap_or_default();
            let vectors = container.metrics.unwrap_or_default().into_iter().flat_map(RawMetric::vectors);
            vectors.map(move |vector| CveVector { vector, provider: provider.clone() }).collect::<Vec<_>>()
        });
        let facts = facts.map(|vector| CveFact { id: id.clone(), statement: CveStatement::Vector(vector) }).collect();
        Ok(Contents::Cves(SourceCves { facts, ..SourceCves::default() }))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawCve {
    data_type: String,
    cve_metadata: RawMetadata,
    #[serde(default)]
    containers: RawContainers,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMetadata {
    cve_id: String,
    state: Option<String>,
}

#[derive(Default, Deserialize)]
struct RawContainers {
    cna: Option<RawContainer>,
    adp: Option<Vec<RawContainer>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawContainer {
    provider_metadata: Option<RawProvider>,
    metrics: Option<Vec<RawMetric>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawProvider {
    short_name: Option<String>,
}

#[derive(Deserialize)]
struct RawMetric {
    #[serde(rename = "cvssV4_0")]
    v4: Option<RawVector>,
    #[serde(rename = "cvssV3_1")]
    v31: Option<RawVector>,
    #[serde(rename = "cvssV3_0")]
    v30: Option<RawVector>,
    #[serde(rename = "cvssV2_0")]
    v2: Option<RawVector>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawVector {
    vector_string: Option<String>,
}

impl RawMetric {
    fn vectors(self) -> impl Iterator<Item = String> {
        [self.v4, self.v31, self.v30, self.v2].into_iter().flatten().filter_map(|vector| vector.vector_string)
    }
}
