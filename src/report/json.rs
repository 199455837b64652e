//! The JSON report, schema 1. Its structs are the wire format and nothing else; fields are added, never changed.

use std::io;

use serde::Serialize;

use super::{Counts, DataUse, Judged, Placed, Renderer, Report, View};
use crate::{
    advisory::index::SourceInfo,
    model::{AdvisoryId, Ecosystem, Timestamp, Unchecked, purl::purl},
    policy::{Deadline, Policy, Stage, TierRow, judge::JudgedBy},
    severity::Rating,
};

/// `--format json`.
pub struct Json;

impl Renderer for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn render(&self, report: &Report, _view: &View, out: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, &ReportJson::from(report)).map_err(io::Error::from)?;
        writeln!(out)
    }
}

#[derive(Serialize)]
struct ReportJson<'a> {
    schema_version: &'static str,
    tool: ToolJson,
    as_of: Timestamp,
    targets: Vec<TargetJson<'a>>,
    advisory_data: Vec<DataJson<'a>>,
    policies: Vec<PolicyJson<'a>>,
    files: FilesJson,
    packages: PackagesJson,
    findings: Vec<FindingJson<'a>>,
    unchecked: Vec<UncheckedJson<'a>>,
    /// Configuration checks; none exist yet.
    checks: [(); 0],
    skipped: Vec<SkippedJson<'a>>,
    complete: bool,
    verdict: &'static str,
    gate: GateJson,
}

#[derive(Serialize)]
struct ToolJson {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct TargetJson<'a> {
    path: &'a str,
    kind: &'static str,
    digest: Option<&'a str>,
    policy: usize,
}

#[derive(Serialize)]
struct DataJson<'a> {
    ecosystem: &'a Ecosystem,
    records: u64,
    withdrawn: u64,
    set_aside: usize,
    data_date: Option<Timestamp>,
    checked_at: Option<Timestamp>,
    origin: &'static str,
    sources: &'a [SourceInfo],
    sha256: &'a str,
    stale: bool,
}

#[derive(Serialize)]
struct PolicyJson<'a> {
    sources: Vec<PolicySourceJson>,
    tiers: Vec<TierJson<'a>>,
}

#[derive(Serialize)]
struct PolicySourceJson {
    kind: &'static str,
    path: Option<String>,
    sha256: Option<String>,
}

#[derive(Serialize)]
struct TierJson<'a> {
    name: &'static str,
    cvss_min: f64,
    cvss_max: f64,
    bounds_origin: &'static str,
    line: Option<u32>,
    examples: [(); 0],
    deadlines: std::collections::BTreeMap<&'static str, DeadlineJson<'a>>,
}

#[derive(Serialize)]
struct DeadlineJson<'a> {
    target_hours: Option<u32>,
    limit_hours: Option<u32>,
    business_days: bool,
    recurring: bool,
    soft: bool,
    until: Option<&'static str>,
    text: &'a str,
    line: Option<u32>,
}

#[derive(Serialize)]
struct FilesJson {
    found: u64,
    checked: u64,
    unchecked: u64,
}

#[derive(Serialize)]
struct PackagesJson {
    found: u64,
    checked: u64,
    unchecked: u64,
    own: u64,
    excluded: u64,
    vendored: u64,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    id: &'a AdvisoryId,
    aliases: &'a [AdvisoryId],
    upstream: &'a [AdvisoryId],
    kind: &'static str,
    summary: Option<&'a str>,
    categories: &'a [String],
    cwes: &'a [String],
    package: PackageJson<'a>,
    certainty: &'static str,
    target: usize,
    manifest: &'a str,
    locations: Vec<LocationJson<'a>>,
    dependency_path: Option<&'a [String]>,
    severity: SeverityJson<'a>,
    tier: &'static str,
    tier_reason: &'static str,
    published: Option<Timestamp>,
    clock: ClockJson,
    respond_by: Option<Timestamp>,
    fix_by: Option<Timestamp>,
    judged_by: Option<JudgedByJson>,
    standing: &'static str,
    exception: Option<()>,
    fixed_versions: &'a [String],
    cure: Option<&'a str>,
}

#[derive(Serialize)]
struct PackageJson<'a> {
    ecosystem: &'a Ecosystem,
    name: &'a str,
    version: Option<&'a str>,
    requirement: Option<&'a str>,
    purl: Option<String>,
    source_package: Option<&'a str>,
    groups: [(); 0],
}

#[derive(Serialize)]
struct LocationJson<'a> {
    path: &'a str,
    line: u32,
    layer: Option<()>,
}

#[derive(Serialize)]
struct SeverityJson<'a> {
    score: Option<f64>,
    rating: &'static str,
    vector: Option<&'a str>,
    source: Option<&'a AdvisoryId>,
}

#[derive(Serialize)]
struct ClockJson {
    started: Option<Timestamp>,
    basis: &'static str,
}

#[derive(Serialize)]
struct JudgedByJson {
    origin: &'static str,
    path: Option<String>,
    line: Option<u32>,
    stage: Option<&'static str>,
}

#[derive(Serialize)]
struct UncheckedJson<'a> {
    target: usize,
    path: &'a str,
    line: Option<u32>,
    subject: &'a str,
    packages: u32,
    reason: &'static str,
    detail: &'a str,
    accepted: Option<()>,
}

#[derive(Serialize)]
struct SkippedJson<'a> {
    target: usize,
    path: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct GateJson {
    fail_on: String,
    tripped: bool,
    counted: usize,
}

impl<'a> From<&'a Report> for ReportJson<'a> {
    fn from(report: &'a Report) -> Self {
        let Counts { checked, unchecked } = report.packages;
        Self {
            schema_version: "1",
            tool: ToolJson { name: "overdue", version: env!("CARGO_PKG_VERSION") },
            as_of: report.as_of,
            targets: report
                .targets
                .iter()
                .map(|t| TargetJson { path: &t.path, kind: t.kind, digest: t.digest.as_deref(), policy: 0 })
                .collect(),
            advisory_data: report.data.iter().map(DataJson::from).collect(),
            policies: report.policies.iter().map(PolicyJson::from).collect(),
            files: FilesJson { found: report.files.found(), checked: report.files.checked, unchecked: report.files.unchecked },
            packages: PackagesJson { found: report.packages.found(), checked, unchecked, own: report.own, excluded: 0, vendored: 0 },
            findings: report.findings.iter().map(FindingJson::from).collect(),
            unchecked: report.unchecked.iter().map(UncheckedJson::from).collect(),
            checks: [],
            skipped: report.skipped.iter().map(|s| SkippedJson { target: s.target, path: &s.item.path, reason: &s.item.reason }).collect(),
            complete: report.complete,
            verdict: report.verdict.as_str(),
            gate: GateJson { fail_on: report.gate.fail_on.to_string(), tripped: report.gate.tripped(), counted: report.gate.counted },
        }
    }
}

impl<'a> From<&'a DataUse> for DataJson<'a> {
    fn from(data: &'a DataUse) -> Self {
        let metadata = &data.metadata;
        Self {
            ecosystem: &metadata.ecosystem,
            records: metadata.records,
            withdrawn: metadata.withdrawn,
            set_aside: metadata.set_aside.len(),
            data_date: metadata.data_date,
            checked_at: metadata.checked_at,
            origin: metadata.origin.as_str(),
            sources: &metadata.sources,
            sha256: &metadata.sha256,
            stale: data.stale,
        }
    }
}

impl<'a> From<&'a Policy> for PolicyJson<'a> {
    fn from(policy: &'a Policy) -> Self {
        let source = |source: &crate::policy::PolicySource| PolicySourceJson { kind: source.as_str(), path: None, sha256: None };
        Self { sources: policy.sources.iter().map(source).collect(), tiers: policy.tiers.iter().map(TierJson::from).collect() }
    }
}

impl<'a> From<&'a TierRow> for TierJson<'a> {
    fn from(row: &'a TierRow) -> Self {
        Self {
            name: row.tier.as_str(),
            cvss_min: tenths(row.bounds.0),
            cvss_max: tenths(row.bounds.1),
            bounds_origin: "default",
            line: row.line,
            examples: [],
            deadlines: row.deadlines.iter().map(|(stage, deadline)| (stage.as_str(), DeadlineJson::from(deadline))).collect(),
        }
    }
}

impl<'a> From<&'a Deadline> for DeadlineJson<'a> {
    fn from(deadline: &'a Deadline) -> Self {
        Self {
            target_hours: None,
            limit_hours: Some(deadline.limit_hours),
            business_days: false,
            recurring: false,
            soft: false,
            until: None,
            text: &deadline.text,
            line: deadline.line,
        }
    }
}

impl<'a> From<&'a Judged> for FindingJson<'a> {
    fn from(judged: &'a Judged) -> Self {
        let (finding, judgement) = (&judged.finding, &judged.judgement);
        Self {
            id: &finding.id,
            aliases: &finding.aliases,
            upstream: &finding.upstream,
            kind: finding.kind.as_str(),
            summary: finding.summary.as_deref(),
            categories: &finding.categories,
            cwes: &finding.cwes,
            package: PackageJson {
                ecosystem: &finding.ecosystem,
                name: &finding.name,
                version: Some(&finding.version),
                requirement: None,
                purl: purl(&finding.ecosystem, &finding.name, Some(&finding.version)),
                source_package: None,
                groups: [],
            },
            certainty: finding.certainty.as_str(),
            target: finding.target,
            manifest: &finding.manifest,
            locations: finding.locations.iter().map(|l| LocationJson { path: &l.path, line: l.line, layer: None }).collect(),
            dependency_path: finding.dependency_path.as_deref(),
            severity: SeverityJson {
                score: finding.grade.score.map(tenths),
                rating: Rating::of_grade(&finding.grade).as_str(),
                vector: finding.grade.vector.as_deref(),
                source: finding.grade.source.as_ref(),
            },
            tier: judgement.tier.as_str(),
            tier_reason: judgement.tier_reason.as_str(),
            published: finding.published,
            clock: ClockJson { started: judgement.started, basis: judgement.basis.as_str() },
            respond_by: judgement.respond_by,
            fix_by: judgement.fix_by,
            judged_by: judgement.judged_by.map(JudgedByJson::from),
            standing: judgement.standing.as_str(),
            exception: None,
            fixed_versions: &finding.fixed_versions,
            cure: finding.cure.as_deref(),
        }
    }
}

impl From<JudgedBy> for JudgedByJson {
    fn from(by: JudgedBy) -> Self {
        Self { origin: by.origin.map_or("none", |origin| origin.as_str()), path: None, line: by.line, stage: by.stage.map(Stage::as_str) }
    }
}

impl<'a> From<&'a Placed<Unchecked>> for UncheckedJson<'a> {
    fn from(placed: &'a Placed<Unchecked>) -> Self {
        let item = &placed.item;
        Self {
            target: placed.target,
            path: &item.path,
            line: item.line,
            subject: &item.subject,
            packages: item.packages,
            reason: item.reason.as_str(),
            detail: &item.detail,
            accepted: None,
        }
    }
}

fn tenths(score: u8) -> f64 {
    f64::from(score) / 10.0
}
