//! Facts as text: one JSON object a line, sorted by id, without prose. What `advisories-cache/` holds for people to
//! review and diff. Its structs are that wire format: what says nothing is left out.

use serde::{Deserialize, Serialize};

use crate::model::{Advisory, AdvisoryId, Affected, Ecosystem, Kind, Range, Statement, Timestamp, VersionList};

/// A line that is no facts record.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {source}")]
pub struct FactsError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub source: serde_json::Error,
}

#[derive(Serialize, Deserialize)]
struct AdvisoryLine {
    id: AdvisoryId,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<AdvisoryId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    upstream: Vec<AdvisoryId>,
    #[serde(flatten)]
    statement: StatementLine,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    published: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    modified: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    withdrawn: Option<Timestamp>,
    affected: Vec<AffectedLine>,
}

#[derive(Serialize, Deserialize)]
struct StatementLine {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    categories: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cwes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cvss: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct AffectedLine {
    ecosystem: Ecosystem,
    name: String,
    #[serde(flatten)]
    statement: StatementLine,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ranges: Vec<Range>,
    #[serde(default, skip_serializing_if = "VersionList::is_empty")]
    versions: VersionList,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    functions: Vec<String>,
}

/// The text of these advisories, which are sorted by id. Summaries are left out: they are an advisory's own words.
///
/// # Errors
/// Never for values that this program made; the signature is `serde_json`'s.
pub fn to_text(advisories: &[Advisory]) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    for advisory in advisories {
        text.push_str(&serde_json::to_string(&AdvisoryLine::from(advisory.clone()))?);
        text.push('\n');
    }
    Ok(text)
}

/// The advisories of a facts text.
///
/// # Errors
/// Names the first line that cannot be read.
pub fn from_text(text: &str) -> Result<Vec<Advisory>, FactsError> {
    let read = |(at, line)| serde_json::from_str::<AdvisoryLine>(line).map_err(|source| FactsError { line: at + 1, source });
    text.lines().enumerate().map(|numbered| read(numbered).map(Advisory::from)).collect()
}

impl From<Advisory> for AdvisoryLine {
    fn from(advisory: Advisory) -> Self {
        let Advisory { id, aliases, upstream, statement, summary: _, published, modified, withdrawn, affected } = advisory;
        let affected = affected.into_iter().map(AffectedLine::from).collect();
        Self { id, aliases, upstream, statement: statement.into(), published, modified, withdrawn, affected }
    }
}

impl From<AdvisoryLine> for Advisory {
    fn from(line: AdvisoryLine) -> Self {
        let AdvisoryLine { id, aliases, upstream, statement, published, modified, withdrawn, affected } = line;
        let affected = affected.into_iter().map(Affected::from).collect();
        Self { id, aliases, upstream, statement: statement.into(), summary: None, published, modified, withdrawn, affected }
    }
}

impl From<Statement> for StatementLine {
    fn from(statement: Statement) -> Self {
        let Statement { kind, categories, cwes, cvss, label } = statement;
        Self { kind, categories, cwes, cvss, label }
    }
}

impl From<StatementLine> for Statement {
    fn from(line: StatementLine) -> Self {
        let StatementLine { kind, categories, cwes, cvss, label } = line;
        Self { kind, categories, cwes, cvss, label }
    }
}

impl From<Affected> for AffectedLine {
    fn from(affected: Affected) -> Self {
        let Affected { ecosystem, name, statement, ranges, versions, functions } = affected;
        Self { ecosystem, name, statement: statement.into(), ranges, versions, functions }
    }
}

impl From<AffectedLine> for Affected {
    fn from(line: AffectedLine) -> Self {
        let AffectedLine { ecosystem, name, statement, ranges, versions, functions } = line;
        Self { ecosystem, name, statement: statement.into(), ranges, versions, functions }
    }
}
