//! Policies in the JSON reports of scans, and in what `overdue policy show` tells of one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::report::tenths;
use crate::model::{Timestamp, timestamp::HOUR};
use crate::policy::{
    Calendar, Deadline, Deadlines, DueSoon, ExploitedRule, GateRules, Judging, Policy, PolicySource, Tier, TierRow,
    calendar::WEEKDAYS,
    deadline::Until,
    reading::{AgeRule, SupportedVersion},
};

/// A policy.
#[derive(Serialize)]
pub(super) struct PolicyJson<'a> {
    sources: Vec<PolicySourceJson<'a>>,
    /// The path of the section that it is of.
    scope: Option<&'a str>,
    tiers: Vec<TierJson<'a>>,
    general: BTreeMap<&'static str, DeadlineJson<'a>>,
    rules: Vec<RuleJson<'a>>,
    supported_versions: Vec<VersionJson<'a>>,
    /// What it says of vulnerabilities that are known to be exploited.
    known_exploited: Option<ExploitedRuleJson<'a>>,
    judging: JudgingJson,
    calendar: CalendarJson<'a>,
    max_db_age_hours: Option<i64>,
    gate: GateRulesJson,
    exceptions: usize,
    responses: usize,
    resolved_elsewhere: Vec<ElsewhereJson<'a>>,
}

/// Which findings may trip the gate.
#[derive(Serialize)]
struct GateRulesJson {
    fail_on: Option<String>,
    admitted: bool,
    base: bool,
    kinds: Vec<&'static str>,
    groups: Vec<&'static str>,
}

/// How findings are judged, beside the deadlines.
#[derive(Serialize)]
struct JudgingJson {
    clock: &'static str,
    unscored: &'static str,
    due_soon: DueSoonJson,
}

/// The last part of a period.
#[derive(Serialize)]
struct DueSoonJson {
    percent: u8,
    at_most_hours: i64,
}

/// Which days are business days.
#[derive(Serialize)]
struct CalendarJson<'a> {
    weekend: Vec<&'static str>,
    holidays: Vec<&'a str>,
    utc_offset_minutes: i64,
}

/// A manifest whose ranges are resolved elsewhere.
#[derive(Serialize)]
struct ElsewhereJson<'a> {
    manifest: &'a str,
    by: &'a str,
    line: u32,
}

/// What is said of what is known to be exploited.
#[derive(Serialize)]
pub(in crate::report) struct ExploitedRuleJson<'a> {
    tier: Option<&'static str>,
    fix: Option<DeadlineJson<'a>>,
}

/// What a policy was read from.
#[derive(Serialize)]
pub(in crate::report) struct PolicySourceJson<'a> {
    kind: &'static str,
    path: Option<&'a str>,
    sha256: Option<&'a str>,
}

/// A tier.
#[derive(Serialize)]
pub(in crate::report) struct TierJson<'a> {
    name: &'static str,
    cvss_min: f64,
    cvss_max: f64,
    bounds_origin: &'static str,
    line: Option<u32>,
    examples: Vec<&'a str>,
    deadlines: BTreeMap<&'static str, DeadlineJson<'a>>,
}

/// A deadline, with who states it.
#[derive(Serialize)]
pub(in crate::report) struct DeadlineJson<'a> {
    target_hours: Option<u32>,
    limit_hours: Option<u32>,
    business_days: bool,
    recurring: bool,
    soft: bool,
    until: Option<&'static str>,
    text: &'a str,
    line: Option<u32>,
    origin: &'static str,
    path: Option<&'a str>,
}

/// A rule beside the tiers.
#[derive(Serialize)]
pub(in crate::report) struct RuleJson<'a> {
    min_tier: &'static str,
    max_age_hours: u32,
    line: Option<u32>,
    text: &'a str,
    origin: &'static str,
    path: Option<&'a str>,
}

/// A supported version, or one that is not.
#[derive(Serialize)]
pub(in crate::report) struct VersionJson<'a> {
    pattern: &'a str,
    supported: bool,
    until: Option<String>,
    line: Option<u32>,
}

impl<'a> From<&'a Policy> for PolicyJson<'a> {
    fn from(policy: &'a Policy) -> Self {
        Self {
            sources: policy.sources.iter().map(PolicySourceJson::from).collect(),
            scope: policy.scope.as_deref(),
            tiers: policy.tiers.iter().map(TierJson::from).collect(),
            general: deadlines(&policy.general),
            rules: policy.rules.iter().map(RuleJson::from).collect(),
            supported_versions: policy.supported_versions.iter().map(VersionJson::from).collect(),
            known_exploited: policy.exploited.as_ref().map(ExploitedRuleJson::from),
            judging: JudgingJson::from(&policy.judging),
            calendar: CalendarJson::from(&policy.calendar),
            max_db_age_hours: policy.max_db_age.map(|seconds| seconds / HOUR),
            gate: GateRulesJson::from(&policy.gate),
            exceptions: policy.exceptions.len(),
            responses: policy.responses.len(),
            resolved_elsewhere: policy
                .elsewhere
                .iter()
                .map(|rule| ElsewhereJson { manifest: &rule.manifest, by: &rule.by, line: rule.line })
                .collect(),
        }
    }
}

impl From<&Judging> for JudgingJson {
    fn from(judging: &Judging) -> Self {
        let DueSoon { share, at_most } = judging.due_soon;
        let due_soon = DueSoonJson { percent: share, at_most_hours: at_most / HOUR };
        Self { clock: judging.clock.as_str(), unscored: judging.unscored.as_str(), due_soon }
    }
}

impl<'a> From<&'a Calendar> for CalendarJson<'a> {
    fn from(calendar: &'a Calendar) -> Self {
        Self {
            weekend: calendar.weekend.iter().filter_map(|day| WEEKDAYS.get(usize::from(*day)).copied()).collect(),
            holidays: calendar.holidays.iter().map(String::as_str).collect(),
            utc_offset_minutes: calendar.offset / 60,
        }
    }
}

impl From<&GateRules> for GateRulesJson {
    fn from(rules: &GateRules) -> Self {
        Self {
            fail_on: rules.fail_on.as_ref().map(ToString::to_string),
            admitted: rules.admitted,
            base: rules.base,
            kinds: rules.kinds.iter().map(|kind| kind.as_str()).collect(),
            groups: rules.groups.iter().map(|group| group.as_str()).collect(),
        }
    }
}

impl<'a> From<&'a ExploitedRule> for ExploitedRuleJson<'a> {
    fn from(rule: &'a ExploitedRule) -> Self {
        Self { tier: rule.tier.map(Tier::as_str), fix: rule.fix.as_ref().map(DeadlineJson::from) }
    }
}

impl<'a> From<&'a TierRow> for TierJson<'a> {
    fn from(row: &'a TierRow) -> Self {
        Self {
            name: row.tier.as_str(),
            cvss_min: tenths(row.bounds.0),
            cvss_max: tenths(row.bounds.1),
            bounds_origin: row.bounds_origin.as_str(),
            line: row.line,
            examples: row.examples.iter().map(|example| example.text.as_str()).collect(),
            deadlines: deadlines(&row.deadlines),
        }
    }
}

impl<'a> From<&'a Deadline> for DeadlineJson<'a> {
    fn from(deadline: &'a Deadline) -> Self {
        Self {
            target_hours: deadline.target_hours,
            limit_hours: deadline.limit_hours,
            business_days: deadline.business_days,
            recurring: deadline.recurring,
            soft: deadline.soft,
            until: deadline.until.map(Until::as_str),
            text: &deadline.text,
            line: deadline.line,
            origin: deadline.origin.as_str(),
            path: deadline.origin.path(),
        }
    }
}

impl<'a> From<&'a PolicySource> for PolicySourceJson<'a> {
    fn from(source: &'a PolicySource) -> Self {
        let (path, sha256) = source.file().unzip();
        Self { kind: source.as_str(), path, sha256 }
    }
}

/// Deadlines by the names of their stages.
pub(in crate::report) fn deadlines(deadlines: &Deadlines) -> BTreeMap<&'static str, DeadlineJson<'_>> {
    deadlines.iter().map(|(stage, deadline)| (stage.as_str(), DeadlineJson::from(deadline))).collect()
}

impl<'a> From<&'a AgeRule> for RuleJson<'a> {
    fn from(rule: &'a AgeRule) -> Self {
        let AgeRule { min_tier, max_age_hours, line, text, origin } = rule;
        Self { min_tier: min_tier.as_str(), max_age_hours: *max_age_hours, line: *line, text, origin: origin.as_str(), path: origin.path() }
    }
}

impl<'a> From<&'a SupportedVersion> for VersionJson<'a> {
    fn from(version: &'a SupportedVersion) -> Self {
        Self { pattern: &version.pattern, supported: version.supported, until: version.until.map(Timestamp::date), line: version.line }
    }
}
