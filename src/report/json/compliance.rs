//! How a policy was kept over time, for machines. Fields are added, never changed.

use serde::Serialize;

use super::report::ToolJson;
use crate::{
    model::{AdvisoryId, Ecosystem, Timestamp, timestamp::HOUR},
    report::compliance::{Compliance, Episode, Figures, Span},
};

#[derive(Serialize)]
pub(in crate::report) struct ComplianceJson<'a> {
    schema_version: &'static str,
    tool: ToolJson,
    since: Timestamp,
    as_of: Timestamp,
    branch: &'a str,
    repositories: Vec<SpanJson<'a>>,
    tiers: Vec<FiguresJson>,
    findings: Vec<EpisodeJson<'a>>,
}

#[derive(Serialize)]
struct SpanJson<'a> {
    commit: &'a str,
    commits: usize,
    scanned: usize,
    unread_commits: usize,
    unread: &'a [String],
    cut_off: Option<Timestamp>,
}

#[derive(Serialize)]
struct FiguresJson {
    name: &'static str,
    #[serde(flatten)]
    figures: Figures,
    /// To a hundredth.
    mean_time_to_fix_hours: Option<f64>,
}

#[derive(Serialize)]
struct EpisodeJson<'a> {
    id: &'a AdvisoryId,
    aliases: &'a [AdvisoryId],
    ecosystem: &'a Ecosystem,
    name: &'a str,
    version: &'a str,
    manifest: &'a str,
    tier: &'static str,
    clock_started: Option<Timestamp>,
    clock_fallback: Option<&'a str>,
    appeared: Option<Timestamp>,
    due: Option<Timestamp>,
    fixed: Option<Timestamp>,
    fixed_in: Option<&'a str>,
    in_time: Option<bool>,
    standing: Option<&'static str>,
}

impl<'a> From<&'a Compliance> for ComplianceJson<'a> {
    fn from(compliance: &'a Compliance) -> Self {
        let Compliance { since, as_of, branch, spans, episodes, .. } = compliance;
        let hours = |seconds: i64| {
            let hundredths = seconds * 100 / HOUR;
            f64::from(i32::try_from(hundredths).unwrap_or(i32::MAX)) / 100.0
        };
        let tier =
            |(name, figures): (&'static str, Figures)| FiguresJson { name, figures, mean_time_to_fix_hours: figures.mean.map(hours) };
        let span = |span: &'a Span| SpanJson {
            commit: &span.commit,
            commits: span.commits,
            scanned: span.scanned,
            unread_commits: span.unread_commits,
            unread: &span.unread,
            cut_off: span.cut_off,
        };
        Self {
            schema_version: "1",
            tool: ToolJson::own(),
            since: *since,
            as_of: *as_of,
            branch,
            repositories: spans.iter().map(span).collect(),
            tiers: compliance.figures().into_iter().map(tier).collect(),
            findings: episodes.iter().map(EpisodeJson::from).collect(),
        }
    }
}

impl<'a> From<&'a Episode> for EpisodeJson<'a> {
    fn from(episode: &'a Episode) -> Self {
        Self {
            id: &episode.id,
            aliases: &episode.aliases,
            ecosystem: &episode.ecosystem,
            name: &episode.name,
            version: &episode.version,
            manifest: &episode.manifest,
            tier: episode.tier.as_str(),
            clock_started: episode.started,
            clock_fallback: episode.fallback.as_deref(),
            appeared: episode.appeared,
            due: episode.due,
            fixed: episode.closed.as_ref().map(|(at, _)| *at),
            fixed_in: episode.closed.as_ref().map(|(_, commit)| commit.as_str()),
            in_time: episode.in_time(),
            standing: episode.closed.is_none().then(|| episode.standing.as_str()),
        }
    }
}
