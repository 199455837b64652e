//! The JSON report, schema 1. Its structs are the wire format and nothing else; fields are added, never changed.

use std::{collections::BTreeMap, io};

use serde::{Serialize, Serializer};

use super::{
    finding::{ExceptionJson, FindingJson},
    image::ImageJson,
    policy::PolicyJson,
};
use crate::{
    advisory::{feed::FeedMetadata, index::SourceInfo},
    model::{Ecosystem, Skipped, Timestamp, Unchecked},
    policy::{Accepted, Standing},
    report::{
        Check, Counts, DataUse, DependencyFile, FeedUse, Judged, Placed, ReleaseTarget, Renderer, Report, Supported, SupportedLine,
        Uncovered, View, comparison::Change, diff::Diff,
    },
};

/// `--format json`.
pub struct Json;

impl Renderer for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn render(&self, report: &Report, _view: &View, out: &mut dyn io::Write) -> io::Result<Vec<String>> {
        serde_json::to_writer_pretty(&mut *out, &ReportJson::from(report)).map_err(io::Error::from)?;
        writeln!(out)?;
        Ok(Vec::new())
    }
}

#[derive(Serialize)]
struct ReportJson<'a> {
    schema_version: &'static str,
    tool: ToolJson,
    as_of: Timestamp,
    targets: Vec<TargetJson<'a>>,
    advisory_data: Vec<DataJson<'a>>,
    cve_data: Vec<FeedJson<'a>>,
    policies: Vec<PolicyJson<'a>>,
    files: FilesJson,
    manifests: Rows<'a, Placed<DependencyFile>, ManifestJson<'a>>,
    packages: PackagesJson,
    findings: Rows<'a, Judged, FindingJson<'a>>,
    unchecked: Rows<'a, Placed<Unchecked>, UncheckedJson<'a>>,
    checks: Vec<CheckJson<'a>>,
    /// The lines of releases that the policy supports, if they were asked for.
    releases: Option<ReleasesJson<'a>>,
    skipped: Rows<'a, Placed<Skipped>, SkippedJson<'a>>,
    complete: bool,
    verdict: &'static str,
    compared: Option<ComparedJson<'a>>,
    gate: GateJson<'a>,
}

/// What there may be very many of: each row is made when it is written.
struct Rows<'a, T, R> {
    of: &'a [T],
    row: Box<dyn Fn(usize, &'a T) -> R + 'a>,
}

impl<T, R: Serialize> Serialize for Rows<'_, T, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.of.iter().enumerate().map(|(at, it)| (self.row)(at, it)))
    }
}

/// What wrote a report.
#[derive(Serialize)]
pub(in crate::report) struct ToolJson {
    name: &'static str,
    version: &'static str,
}

impl ToolJson {
    /// This program.
    pub(in crate::report) fn own() -> Self {
        Self { name: "overdue", version: env!("CARGO_PKG_VERSION") }
    }
}

#[derive(Serialize)]
struct TargetJson<'a> {
    path: &'a str,
    kind: &'static str,
    digest: Option<&'a str>,
    policy: usize,
    base: &'a str,
    release: Option<ReleaseJson<'a>>,
    image: Option<ImageJson<'a>>,
}

/// The supported release whose files a target has.
#[derive(Serialize)]
struct ReleaseJson<'a> {
    line: &'a str,
    tag: &'a str,
    commit: &'a str,
    date: Timestamp,
}

/// What is wrong with the configuration.
#[derive(Serialize)]
struct CheckJson<'a> {
    kind: &'static str,
    path: Option<&'a str>,
    line: Option<u32>,
    subject: &'a str,
    message: &'a str,
    cure: &'a str,
}

#[derive(Serialize)]
struct ReleasesJson<'a> {
    lines: Vec<LineJson<'a>>,
    not_covered: Vec<NotCoveredJson<'a>>,
}

/// A row of the policy that supports a line of releases.
#[derive(Serialize)]
struct LineJson<'a> {
    pattern: &'a str,
    /// The one line of several that the pattern names.
    name: &'a str,
    path: Option<&'a str>,
    line: Option<u32>,
    given: usize,
    outcome: &'static str,
    target: Option<usize>,
    findings: usize,
    overdue: usize,
}

#[derive(Serialize)]
struct NotCoveredJson<'a> {
    given: usize,
    newest: &'a str,
    oldest: &'a str,
    releases: usize,
}

#[derive(Serialize)]
struct ManifestJson<'a> {
    target: usize,
    path: &'a str,
    real: Option<&'a str>,
    format: &'static str,
    sha256: Option<&'a str>,
    packages: u64,
    checked: bool,
    covered_by: &'a [String],
    covered_because: Option<&'a str>,
    covered: u64,
    excluded: u64,
    /// Of packages in several lines of releases, the lines: a later comparison needs them.
    several_lines: Vec<LinesJson<'a>>,
}

#[derive(Serialize)]
struct LinesJson<'a> {
    name: &'a str,
    lines: Vec<&'a str>,
}

#[derive(Serialize)]
struct DataJson<'a> {
    ecosystem: &'a Ecosystem,
    records: u64,
    withdrawn: u64,
    set_aside: u64,
    data_date: Option<Timestamp>,
    checked_at: Option<Timestamp>,
    origin: &'static str,
    sources: &'a [SourceInfo],
    sha256: &'a str,
    stale: bool,
}

#[derive(Serialize)]
struct FeedJson<'a> {
    feed: &'static str,
    cves: u64,
    data_date: Option<Timestamp>,
    origin: &'static str,
    sources: &'a [SourceInfo],
    sha256: &'a str,
    stale: bool,
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
struct UncheckedJson<'a> {
    target: usize,
    path: &'a str,
    line: Option<u32>,
    subject: &'a str,
    packages: u32,
    reason: &'static str,
    detail: &'a str,
    accepted: Option<ExceptionJson<'a>>,
}

#[derive(Serialize)]
struct SkippedJson<'a> {
    target: usize,
    path: &'a str,
    reason: &'a str,
    why: &'static str,
}

/// What the report was compared with, and how many findings became what.
#[derive(Serialize)]
struct ComparedJson<'a> {
    with: &'a str,
    commit: Option<&'a str>,
    as_of: Option<Timestamp>,
    new: usize,
    changed: usize,
    unchanged: usize,
    fixed: usize,
    unknown: usize,
}

#[derive(Serialize)]
struct GateJson<'a> {
    fail_on: &'a str,
    tripped: bool,
    counted: usize,
    checks: usize,
    /// How many would count if what the base of an image brought did.
    of_base: usize,
}

impl<'a> From<&'a Report> for ReportJson<'a> {
    fn from(report: &'a Report) -> Self {
        let Counts { checked, unchecked } = report.packages;
        Self {
            schema_version: "1",
            tool: ToolJson::own(),
            as_of: report.as_of,
            targets: report
                .targets
                .iter()
                .enumerate()
                .map(|(at, t)| TargetJson {
                    path: &t.path,
                    kind: t.kind,
                    digest: t.digest.as_deref(),
                    policy: t.policy,
                    base: &t.base,
                    release: t.release.as_ref().map(ReleaseJson::from),
                    image: t.image.as_ref().map(|info| ImageJson::new(report, at, info)),
                })
                .collect(),
            advisory_data: report.data.iter().map(DataJson::from).collect(),
            cve_data: report.feeds.iter().map(FeedJson::from).collect(),
            policies: report.policies.iter().map(PolicyJson::from).collect(),
            files: FilesJson { found: report.files.found(), checked: report.files.checked, unchecked: report.files.unchecked },
            manifests: Rows { of: &report.files_read, row: Box::new(|_, file| ManifestJson::from(file)) },
            packages: PackagesJson {
                found: report.packages.found(),
                checked,
                unchecked,
                own: report.own,
                excluded: report.excluded,
                vendored: report.vendored,
            },
            findings: Rows { of: &report.findings, row: Box::new(|at, judged| FindingJson::new(judged, report.change(at))) },
            unchecked: Rows { of: &report.unchecked, row: Box::new(|_, placed| UncheckedJson::new(placed, report.accepted.get(placed))) },
            checks: report.checks.iter().map(CheckJson::from).collect(),
            releases: report.supported.as_ref().map(|supported| releases(report, supported)),
            skipped: Rows {
                of: &report.skipped,
                row: Box::new(|_, s| SkippedJson {
                    target: s.target,
                    path: &s.item.path,
                    reason: &s.item.reason,
                    why: s.item.why.as_str(),
                }),
            },
            complete: report.complete,
            verdict: report.verdict.as_str(),
            compared: report.compared.as_ref().map(ComparedJson::from),
            gate: GateJson {
                fail_on: &report.gate.fail_on,
                tripped: report.gate.tripped(),
                counted: report.gate.counted,
                checks: report.gate.checks,
                of_base: report.gate.of_base,
            },
        }
    }
}

impl<'a> From<&'a Diff> for ComparedJson<'a> {
    fn from(diff: &'a Diff) -> Self {
        let Diff { before, comparison, .. } = diff;
        Self {
            with: &before.label,
            commit: before.commit.as_deref(),
            as_of: before.as_of,
            new: comparison.count(Change::New),
            changed: comparison.count(Change::Changed),
            unchanged: comparison.count(Change::Unchanged),
            fixed: comparison.fixed.len(),
            unknown: comparison.unknown.len(),
        }
    }
}

impl<'a> From<&'a Placed<DependencyFile>> for ManifestJson<'a> {
    fn from(placed: &'a Placed<DependencyFile>) -> Self {
        let file = &placed.item;
        Self {
            target: placed.target,
            path: &file.path,
            real: file.real.as_deref(),
            format: file.format,
            sha256: file.sha256.as_deref(),
            packages: file.packages,
            checked: file.checked,
            covered_by: &file.covered_by,
            covered_because: file.covered_because.as_deref(),
            covered: file.covered,
            excluded: file.excluded,
            several_lines: several_lines(file),
        }
    }
}

fn several_lines(file: &DependencyFile) -> Vec<LinesJson<'_>> {
    let mut lines: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, line) in &file.lines {
        lines.entry(name).or_default().push(line);
    }
    let several = lines.into_iter().filter(|(_, lines)| lines.len() > 1);
    several.map(|(name, lines)| LinesJson { name, lines }).collect()
}

impl<'a> From<&'a DataUse> for DataJson<'a> {
    fn from(data: &'a DataUse) -> Self {
        let metadata = &data.metadata;
        Self {
            ecosystem: &metadata.ecosystem,
            records: metadata.records,
            withdrawn: metadata.withdrawn,
            set_aside: metadata.set_aside_count,
            data_date: metadata.data_date,
            checked_at: metadata.checked_at,
            origin: metadata.origin.as_str(),
            sources: &metadata.sources,
            sha256: &metadata.sha256,
            stale: data.stale,
        }
    }
}

impl<'a> From<&'a FeedUse> for FeedJson<'a> {
    fn from(used: &'a FeedUse) -> Self {
        let FeedMetadata { feed, cves, data_date, origin, sources, sha256 } = &used.metadata;
        let stale = used.stale;
        Self { feed: feed.name(), cves: *cves, data_date: *data_date, origin: origin.as_str(), sources, sha256, stale }
    }
}

impl<'a> From<&'a ReleaseTarget> for ReleaseJson<'a> {
    fn from(release: &'a ReleaseTarget) -> Self {
        let ReleaseTarget { line, tag, commit, at, .. } = release;
        Self { line, tag, commit, date: *at }
    }
}

impl<'a> From<&'a Check> for CheckJson<'a> {
    fn from(check: &'a Check) -> Self {
        let Check { path, line, kind, subject, message, cure } = check;
        Self { kind: kind.as_str(), path: path.as_deref(), line: *line, subject, message, cure }
    }
}

fn releases<'a>(report: &'a Report, supported: &'a Supported) -> ReleasesJson<'a> {
    let line = |line: &'a SupportedLine| {
        let target = line.outcome.target();
        let of = |wanted: &dyn Fn(&Judged) -> bool| {
            let its = report.findings.iter().filter(|judged| Some(judged.finding.target) == target && judged.finding.kind.is_security());
            its.filter(|judged| wanted(judged)).count()
        };
        let policy = report.targets.get(line.given).map_or(0, |target| target.policy);
        LineJson {
            pattern: &line.row.pattern,
            name: &line.line,
            given: line.given,
            path: report.policies.get(policy).and_then(|policy| policy.versions_path.as_deref()),
            line: line.row.line,
            outcome: line.outcome.as_str(),
            target,
            findings: of(&|judged| judged.judgement.standing != Standing::Excepted),
            overdue: of(&|judged| judged.judgement.standing == Standing::Overdue),
        }
    };
    let uncovered = |uncovered: &'a Uncovered| NotCoveredJson {
        given: uncovered.given,
        newest: &uncovered.newest,
        oldest: &uncovered.oldest,
        releases: uncovered.count,
    };
    ReleasesJson { lines: supported.lines.iter().map(line).collect(), not_covered: supported.uncovered.iter().map(uncovered).collect() }
}

impl<'a> UncheckedJson<'a> {
    fn new(placed: &'a Placed<Unchecked>, accepted: Option<&'a Accepted>) -> Self {
        let item = &placed.item;
        let accepted = accepted.map(ExceptionJson::from);
        Self {
            target: placed.target,
            path: &item.path,
            line: item.line,
            subject: &item.subject,
            packages: item.packages,
            reason: item.reason.as_str(),
            detail: &item.detail,
            accepted,
        }
    }
}

pub(super) fn tenths(score: u8) -> f64 {
    f64::from(score) / 10.0
}
