//! Sides of a comparison, out of a report that was just made and out of an earlier JSON report.

use std::collections::HashMap;

use serde::Deserialize;

use super::{
    Report,
    comparison::{Entry, File, Scope, Side, Unlooked},
    identity::from_root,
    places::Places,
};
use crate::model::{AdvisoryId, Ecosystem, Finding, Reason, Timestamp, normalise_name, unchecked::Why};

/// An earlier report that cannot be compared with.
#[derive(Debug, thiserror::Error)]
pub enum InvalidReport {
    /// No JSON, or not of a report's shape: the caller named another file, or it was cut off.
    #[error("it is no JSON report of overdue: {0}")]
    Shape(#[from] serde_json::Error),
    /// JSON of another program.
    #[error("it is a report of `{0}`, not of overdue")]
    Tool(String),
    /// Written by a later program.
    #[error("its schema is `{0}`, and this program reads schema 1")]
    Schema(String),
    /// A finding points to a target that the report does not have.
    #[error("it speaks of target {0}, which it does not list")]
    Target(usize),
}

impl From<&Report> for Side {
    fn from(report: &Report) -> Self {
        let place = |target: usize, path: &str| report.identity_path(target, path);
        let places = Places::new(report);
        let scopes = report.targets.iter().map(|target| scope(&target.base, &target.path, target.kind));
        // A target without any dependency file was looked at all the same.
        let unlooked = report.unchecked.iter().filter(|placed| placed.item.path != ".").map(|placed| {
            let item = &placed.item;
            let beside = item.reason == Reason::NoLockfile;
            Unlooked { beside, ..unlooked(place(placed.target, &item.path), item.line, item.packages, &item.subject) }
        });
        let skipped = report.skipped.iter().filter(|placed| placed.item.why != Why::Elsewhere).map(|placed| Unlooked {
            path: place(placed.target, &placed.item.path),
            subject: None,
            beside: false,
        });
        Self {
            label: String::new(),
            commit: None,
            as_of: Some(report.as_of),
            entries: report.findings.iter().map(|judged| entry(judged, places.manifest(&judged.finding))).collect(),
            files: report
                .files_read
                .iter()
                .map(|placed| File {
                    path: place(placed.target, placed.item.real.as_deref().unwrap_or(&placed.item.path)),
                    format: placed.item.format.to_owned(),
                    sha256: placed.item.sha256.clone(),
                    own: placed.item.own.clone(),
                    contents: placed.item.contents.clone(),
                    lines: placed.item.lines.clone(),
                })
                .collect(),
            scopes: scopes.collect(),
            unlooked: unlooked.chain(skipped).collect(),
            passed_over: report
                .skipped
                .iter()
                .map(|placed| (place(placed.target, &placed.item.path), placed.item.reason.clone()))
                .collect(),
        }
    }
}

fn entry(judged: &super::Judged, manifest: String) -> Entry {
    let (finding, judgement) = (&judged.finding, &judged.judgement);
    Entry {
        ids: group_ids(&finding.id, &finding.aliases),
        ecosystem: finding.ecosystem.clone(),
        name: normalise_name(&finding.ecosystem, &finding.name),
        version: finding.wanted.text().to_owned(),
        manifest,
        line: first_line(finding),
        kind: finding.kind.as_str().to_owned(),
        certainty: finding.certainty.as_str().to_owned(),
        tier: judgement.tier.as_str().to_owned(),
        score: finding.grade.score.map(|tenths| f64::from(tenths) / 10.0),
        standing: judgement.standing.as_str().to_owned(),
        exploited: finding.exploited.is_some(),
        due: judgement.fix_by.or(judgement.respond_by),
    }
}

fn group_ids(id: &AdvisoryId, aliases: &[AdvisoryId]) -> Vec<AdvisoryId> {
    let mut ids: Vec<AdvisoryId> = aliases.iter().chain([id]).cloned().collect();
    ids.sort();
    ids.dedup();
    ids
}

fn first_line(finding: &Finding) -> u32 {
    finding.locations.first().map_or(1, |location| location.line)
}

fn scope(base: &str, given: &str, kind: &str) -> Scope {
    match kind {
        "directory" | "environment" | "rootfs" | "image" => Scope { path: base.to_owned(), is_folder: true },
        _ => {
            let name = given.rsplit(['/', '\\']).next().unwrap_or(given);
            Scope { path: from_root(base, name), is_folder: false }
        }
    }
}

/// An item without a line or a number of packages is about the whole file.
fn unlooked(path: String, line: Option<u32>, packages: u32, subject: &str) -> Unlooked {
    Unlooked { path, subject: (line.is_some() && packages > 0).then(|| subject.to_owned()), beside: false }
}

/// Reads an earlier JSON report, schema 1. Fields that schema 1 gained later may be missing.
///
/// # Errors
/// When it is no such report.
pub fn read_report(label: &str, bytes: &[u8]) -> Result<Side, InvalidReport> {
    let head: RawHead = serde_json::from_slice(bytes)?;
    if head.tool.name != "overdue" {
        return Err(InvalidReport::Tool(head.tool.name));
    }
    if head.schema_version != "1" {
        return Err(InvalidReport::Schema(head.schema_version));
    }
    let raw: RawReport = serde_json::from_slice(bytes)?;
    let target = |target: usize| raw.targets.get(target).ok_or(InvalidReport::Target(target));
    let placed = |at: usize, path: &str| target(at).map(|target| target.place(path));
    let real: HashMap<(usize, &str), &str> =
        raw.manifests.iter().filter_map(|file| Some(((file.target, file.path.as_str()), file.real.as_deref()?))).collect();
    let place =
        |target: usize, path: &str| -> Result<String, InvalidReport> { placed(target, real.get(&(target, path)).copied().unwrap_or(path)) };
    let entries = raw.findings.iter().map(|finding| Ok(raw_entry(finding, place(finding.target, &finding.manifest)?)));
    let entries: Vec<Entry> = entries.collect::<Result<_, InvalidReport>>()?;
    let mut items = Vec::new();
    for item in raw.unchecked.iter().filter(|item| item.path != ".") {
        let beside = item.reason == Reason::NoLockfile.as_str();
        let unlooked = unlooked(placed(item.target, &item.path)?, item.line, item.packages, &item.subject);
        items.push(Unlooked { beside, ..unlooked });
    }
    for item in raw.skipped.iter().filter(|item| item.why != "elsewhere") {
        items.push(Unlooked { path: placed(item.target, &item.path)?, subject: None, beside: false });
    }
    let mut passed_over = Vec::new();
    for item in &raw.skipped {
        passed_over.push((placed(item.target, &item.path)?, item.reason.clone()));
    }
    let mut files = Vec::new();
    for file in &raw.manifests {
        let path = place(file.target, &file.path)?;
        let (own, contents) = Default::default();
        let several = file.several_lines.iter();
        let lines = several.flat_map(|several| several.lines.iter().map(|line| (several.name.clone(), line.clone()))).collect();
        files.push(File { path, format: file.format.clone(), sha256: file.sha256.clone(), own, contents, lines });
    }
    Ok(Side {
        label: label.to_owned(),
        commit: None,
        as_of: Some(raw.as_of),
        entries,
        files,
        scopes: raw.targets.iter().map(|target| scope(&target.base, &target.path, &target.kind)).collect(),
        unlooked: items,
        passed_over,
    })
}

fn raw_entry(raw: &RawFinding, manifest: String) -> Entry {
    let package = &raw.package;
    Entry {
        ids: group_ids(&raw.id, &raw.aliases),
        name: normalise_name(&package.ecosystem, &package.name),
        ecosystem: package.ecosystem.clone(),
        version: package.version.clone().or_else(|| package.requirement.clone()).unwrap_or_default(),
        manifest,
        line: raw.locations.first().and_then(|location| location.line).unwrap_or(1),
        kind: raw.kind.clone(),
        certainty: raw.certainty.clone(),
        tier: raw.tier.clone(),
        score: raw.severity.score,
        standing: raw.standing.clone(),
        exploited: raw.known_exploited.is_some(),
        due: raw.fix_by.or(raw.respond_by),
    }
}

#[derive(Deserialize)]
struct RawHead {
    schema_version: String,
    tool: RawTool,
}

#[derive(Deserialize)]
struct RawTool {
    name: String,
}

#[derive(Deserialize)]
struct RawReport {
    as_of: Timestamp,
    targets: Vec<RawTarget>,
    findings: Vec<RawFinding>,
    unchecked: Vec<RawUnchecked>,
    #[serde(default)]
    skipped: Vec<RawSkipped>,
    #[serde(default)]
    manifests: Vec<RawFile>,
}

#[derive(Deserialize)]
struct RawTarget {
    path: String,
    kind: String,
    #[serde(default)]
    base: String,
    #[serde(default)]
    release: Option<RawRelease>,
}

#[derive(Deserialize)]
struct RawRelease {
    line: String,
}

impl RawTarget {
    /// See [`Report::identity_path`].
    fn place(&self, path: &str) -> String {
        let place = from_root(&self.base, path);
        match &self.release {
            Some(release) => format!("{}:{place}", release.line),
            None => place,
        }
    }
}

#[derive(Deserialize)]
struct RawFile {
    target: usize,
    path: String,
    real: Option<String>,
    format: String,
    sha256: Option<String>,
    #[serde(default)]
    several_lines: Vec<RawLines>,
}

#[derive(Deserialize)]
struct RawLines {
    name: String,
    lines: Vec<String>,
}

#[derive(Deserialize)]
struct RawFinding {
    id: AdvisoryId,
    aliases: Vec<AdvisoryId>,
    kind: String,
    package: RawPackage,
    certainty: String,
    #[serde(default)]
    target: usize,
    manifest: String,
    locations: Vec<RawLocation>,
    severity: RawSeverity,
    tier: String,
    standing: String,
    /// Absent in reports of versions that knew nothing of it.
    #[serde(default)]
    known_exploited: Option<serde::de::IgnoredAny>,
    respond_by: Option<Timestamp>,
    fix_by: Option<Timestamp>,
}

#[derive(Deserialize)]
struct RawPackage {
    ecosystem: Ecosystem,
    name: String,
    version: Option<String>,
    requirement: Option<String>,
}

#[derive(Deserialize)]
struct RawLocation {
    line: Option<u32>,
}

#[derive(Deserialize)]
struct RawSeverity {
    score: Option<f64>,
}

#[derive(Deserialize)]
struct RawUnchecked {
    #[serde(default)]
    target: usize,
    path: String,
    line: Option<u32>,
    packages: u32,
    subject: String,
    reason: String,
}

#[derive(Deserialize)]
struct RawSkipped {
    #[serde(default)]
    target: usize,
    path: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    why: String,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::read_report;

    proptest! {
        #[test]
        fn no_bytes_are_too_odd_for_a_report(bytes: Vec<u8>, text in r#"\{"(schema_version|tool|findings)": ?["0-9\[\{\}\],a-z:]*\}"#) {
            prop_assert!(read_report("x", &bytes).is_err());
            prop_assert!(read_report("x", text.as_bytes()).is_err());
        }
    }
}
