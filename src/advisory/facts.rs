//! Facts as text: one JSON object a line, sorted by id, without prose. What `advisories-cache/` holds for people to
//! review and diff.

use crate::model::{Advisory, AdvisoryId};
use std::collections::BTreeMap;

/// A line that is no facts record.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {source}")]
pub struct FactsError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub source: serde_json::Error,
}

/// The text of these advisories. Summaries are left out: they are an advisory's own words.
///
/// # Errors
/// Never for values that this program made; the signature is `serde_json`'s.
pub fn to_text(advisories: &BTreeMap<AdvisoryId, Advisory>) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    for advisory in advisories.values() {
        let facts = Advisory { summary: None, ..advisory.clone() };
        text.push_str(&serde_json::to_string(&facts)?);
        text.push('\n');
    }
    Ok(text)
}

/// The advisories of a facts text.
///
/// # Errors
/// Names the first line that cannot be read.
pub fn from_text(text: &str) -> Result<BTreeMap<AdvisoryId, Advisory>, FactsError> {
    let mut advisories = BTreeMap::new();
    for (at, line) in text.lines().enumerate() {
        let advisory: Advisory = serde_json::from_str(line).map_err(|source| FactsError { line: at + 1, source })?;
        advisories.insert(advisory.id.clone(), advisory);
    }
    Ok(advisories)
}
