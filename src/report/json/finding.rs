//! The wire format of a finding.

use serde::Serialize;

use crate::{
    model::{Admitted, AdvisoryId, Cure, Ecosystem, Epss, KnownExploited, Timestamp, purl::purl},
    policy::{
        Accepted, Exception, Response, Stage,
        deadline::Origin,
        judge::{JudgedBy, NoDeadline},
        tier::{Example, TierExample},
    },
    report::{Judged, comparison::Change},
    severity::Rating,
};

use super::{image::LayerJson, report::tenths};

#[derive(Serialize)]
pub(super) struct FindingJson<'a> {
    id: &'a AdvisoryId,
    aliases: &'a [AdvisoryId],
    upstream: &'a [AdvisoryId],
    kind: &'static str,
    summary: Option<&'a str>,
    categories: &'a [String],
    cwes: &'a [String],
    package: PackageJson<'a>,
    certainty: &'static str,
    admitted: Option<AdmittedJson<'a>>,
    requirement_cure: Option<RequirementCureJson<'a>>,
    target: usize,
    manifest: &'a str,
    locations: Vec<LocationJson<'a>>,
    dependency_path: Option<&'a [String]>,
    severity: SeverityJson<'a>,
    known_exploited: Option<ExploitedJson>,
    epss: Option<EpssJson>,
    tier: &'static str,
    tier_reason: &'static str,
    tier_example: Option<ExampleJson<'a>>,
    policy: usize,
    published: Option<Timestamp>,
    clock: ClockJson<'a>,
    respond_by: Option<Timestamp>,
    fix_by: Option<Timestamp>,
    judged_by: Option<JudgedByJson>,
    standing: &'static str,
    no_deadline: Option<&'static str>,
    next_release: Option<NextReleaseJson<'a>>,
    response: Option<ResponseJson<'a>>,
    exception: Option<ExceptionJson<'a>>,
    fixed_versions: &'a [String],
    cure: Option<&'a str>,
    change: Option<&'static str>,
}

#[derive(Serialize)]
struct PackageJson<'a> {
    ecosystem: &'a Ecosystem,
    name: &'a str,
    version: Option<&'a str>,
    requirement: Option<&'a str>,
    purl: Option<String>,
    source_package: Option<&'a str>,
    groups: Vec<&'static str>,
    marker: Option<&'a str>,
}

#[derive(Serialize)]
struct LocationJson<'a> {
    path: &'a str,
    line: u32,
    layer: Option<LayerJson<'a>>,
}

#[derive(Serialize)]
struct SeverityJson<'a> {
    score: Option<f64>,
    rating: &'static str,
    vector: Option<&'a str>,
    source: Option<&'a AdvisoryId>,
}

#[derive(Serialize)]
struct ExploitedJson {
    added: Timestamp,
    due: Option<Timestamp>,
    ransomware: bool,
}

#[derive(Serialize)]
struct EpssJson {
    probability: f64,
    percentile: f64,
    date: Timestamp,
}

#[derive(Serialize)]
struct ClockJson<'a> {
    started: Option<Timestamp>,
    basis: &'static str,
    /// Why it is not the clock that the policy asks for.
    fallback: Option<&'a str>,
}

/// The example of the policy that gave the finding its tier.
#[derive(Serialize)]
struct ExampleJson<'a> {
    text: &'a str,
    path: Option<&'a str>,
    line: Option<u32>,
}

/// The release that broke a promise about the next one.
#[derive(Serialize)]
struct NextReleaseJson<'a> {
    tag: &'a str,
    date: Timestamp,
}

/// A response that was recorded.
#[derive(Serialize)]
struct ResponseJson<'a> {
    at: Timestamp,
    note: Option<&'a str>,
    path: &'a str,
    line: u32,
}

/// Why something does not count, until when, and where that is written.
#[derive(Serialize)]
pub(super) struct ExceptionJson<'a> {
    reason: &'a str,
    expires: Timestamp,
    path: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct JudgedByJson {
    origin: &'static str,
    path: Option<String>,
    line: Option<u32>,
    stage: Option<&'static str>,
    soft: bool,
}

/// What a requirement lets in of what the advisory affects.
#[derive(Serialize)]
struct AdmittedJson<'a> {
    /// The first and the last release, and how many there are; none where the advisory lists none.
    first: Option<&'a str>,
    last: Option<&'a str>,
    releases: usize,
    range: &'a str,
}

/// What to change in a requirement, and what it is then.
#[derive(Serialize)]
struct RequirementCureJson<'a> {
    change: &'static str,
    specifiers: &'a str,
    requirement: &'a str,
}

impl<'a> From<&'a Admitted> for AdmittedJson<'a> {
    fn from(admitted: &'a Admitted) -> Self {
        let Admitted { releases, ends, range } = admitted;
        let (first, last) = ends.as_ref().map(|(first, last)| (first.as_str(), last.as_str())).unzip();
        Self { first, last, releases: *releases, range }
    }
}

impl<'a> RequirementCureJson<'a> {
    fn of(cure: &'a Cure) -> Option<Self> {
        match cure {
            Cure::Version { .. } => None,
            Cure::Requirement { change, specifiers, requirement } => Some(Self { change: change.as_str(), specifiers, requirement }),
        }
    }
}

impl<'a> FindingJson<'a> {
    pub(super) fn new(judged: &'a Judged, change: Option<Change>) -> Self {
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
                version: finding.wanted.version(),
                requirement: finding.wanted.requirement(),
                purl: purl(&finding.ecosystem, &finding.name, finding.wanted.version()),
                source_package: finding.source_package.as_deref(),
                groups: finding.groups.iter().map(|group| group.as_str()).collect(),
                marker: finding.marker.as_deref(),
            },
            certainty: finding.certainty.as_str(),
            admitted: finding.admitted.as_ref().map(AdmittedJson::from),
            requirement_cure: finding.package_cure.as_ref().and_then(RequirementCureJson::of),
            target: finding.target,
            manifest: &finding.manifest,
            locations: finding
                .locations
                .iter()
                .map(|l| LocationJson { path: &l.path, line: l.line, layer: finding.layer.as_deref().map(LayerJson::from) })
                .collect(),
            dependency_path: finding.dependency_path.as_deref(),
            severity: SeverityJson {
                score: finding.grade.score.map(tenths),
                rating: Rating::of_grade(&finding.grade).as_str(),
                vector: finding.grade.vector.as_deref(),
                source: finding.grade.source.as_ref(),
            },
            known_exploited: finding.exploited.as_ref().map(ExploitedJson::from),
            epss: finding.epss.map(EpssJson::from),
            tier: judgement.tier.as_str(),
            tier_reason: judgement.tier_reason.as_str(),
            tier_example: judgement.example.as_deref().map(ExampleJson::from),
            policy: judged.policy,
            published: finding.published,
            clock: ClockJson { started: judgement.started, basis: judgement.basis.as_str(), fallback: judgement.fallback.as_deref() },
            respond_by: judgement.respond_by,
            fix_by: judgement.fix_by,
            judged_by: judgement.judged_by.as_ref().map(JudgedByJson::from),
            standing: judgement.standing.as_str(),
            no_deadline: judgement.no_deadline.as_ref().map(NoDeadline::as_str),
            next_release: judgement.release.as_ref().map(|release| NextReleaseJson { tag: &release.tag, date: release.at }),
            response: judgement.response.as_deref().map(ResponseJson::from),
            exception: judgement.exception.as_deref().map(ExceptionJson::from),
            fixed_versions: &finding.fixed_versions,
            cure: finding.cure.as_deref(),
            change: change.map(Change::as_str),
        }
    }
}

impl From<&KnownExploited> for ExploitedJson {
    fn from(entry: &KnownExploited) -> Self {
        let KnownExploited { added, due, ransomware } = entry;
        Self { added: *added, due: *due, ransomware: *ransomware }
    }
}

impl From<Epss> for EpssJson {
    fn from(estimate: Epss) -> Self {
        let share = |millionths: u32| f64::from(millionths) / 1e6;
        Self { probability: share(estimate.probability), percentile: share(estimate.percentile), date: estimate.date }
    }
}

impl From<&JudgedBy> for JudgedByJson {
    fn from(by: &JudgedBy) -> Self {
        let path = by.origin.as_ref().and_then(Origin::path).map(str::to_owned);
        Self {
            origin: by.origin.as_ref().map_or("none", Origin::as_str),
            path,
            line: by.line,
            stage: by.stage.map(Stage::as_str),
            soft: by.soft,
        }
    }
}

impl<'a> From<&'a TierExample> for ExampleJson<'a> {
    fn from(example: &'a TierExample) -> Self {
        let Example { text, line, origin, .. } = &example.example;
        Self { text, path: origin.path(), line: *line }
    }
}

impl<'a> From<&'a Response> for ResponseJson<'a> {
    fn from(response: &'a Response) -> Self {
        let Response { at, note, file, line, .. } = response;
        Self { at: *at, note: note.as_deref(), path: file, line: *line }
    }
}

impl<'a> From<&'a Exception> for ExceptionJson<'a> {
    fn from(exception: &'a Exception) -> Self {
        let Exception { reason, expires, file, line, .. } = exception;
        Self { reason, expires: *expires, path: file, line: *line }
    }
}

impl<'a> From<&'a Accepted> for ExceptionJson<'a> {
    fn from(accepted: &'a Accepted) -> Self {
        let Accepted { reason, expires, file, line, .. } = accepted;
        Self { reason, expires: *expires, path: file, line: *line }
    }
}
