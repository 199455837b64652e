//! Policies in the JSON reports of scans, and in what `overdue policy show` tells of one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::report::tenths;
use crate::model::Timestamp;
use crate::policy::{
    Deadline, Deadlines, ExploitedRule, Policy, PolicySource, Tier, TierRow,
    deadline::Until,
    reading::{AgeRule, SupportedVersion},
};

/// A policy.
#[derive(Serialize)]
pub(super) struct PolicyJson<'a> {
    sources: Vec<PolicySourceJson<'a>>,
    tiers: Vec<TierJson<'a>>,
    general: BTreeMap<&'static str, DeadlineJson<'a>>,
    rules: Vec<RuleJson<'a>>,
    supported_versions: Vec<VersionJson<'a>>,
    /// What it says of vulnerabilities that are known to be exploited.
    known_exploited: Option<ExploitedRuleJson<'a>>,
    gate: GateRulesJson,
    resolved_elsewhere: Vec<ElsewhereJson<'a>>,
}

/// Which findings may trip the gate.
#[derive(Serialize)]
struct GateRulesJson {
    admitted: bool,
    groups: Vec<&'static str>,
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
    examples: &'a [String],
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
            tiers: policy.tiers.iter().map(TierJson::from).collect(),
            general: deadlines(&policy.general),
            rules: policy.rules.iter().map(RuleJson::from).collect(),
            supported_versions: policy.supported_versions.iter().map(VersionJson::from).collect(),
            known_exploited: policy.exploited.as_ref().map(ExploitedRuleJson::from),
            gate: GateRulesJson { admitted: policy.gate.admitted, groups: policy.gate.groups.iter().map(|group| group.as_str()).collect() },
            resolved_elsewhere: policy
                .elsewhere
                .iter()
                .map(|rule| ElsewhereJson { manifest: &rule.manifest, by: &rule.by, line: rule.line })
                .collect(),
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
            examples: &row.examples,
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
