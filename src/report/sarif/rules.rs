//! Rules: one an alias group, neutral of packages. A rule carries one score, the highest of its findings.

use super::{
    log::{Configuration, Help, Rule, RuleProperties, Text},
    options::SarifScore,
};
use crate::{
    model::{AdvisoryId, Certainty, Kind},
    policy::{Tier, TierReason},
    report::{
        Judged,
        identity::group,
        links,
        phrases::{self, shorten},
    },
};

/// GitHub cuts off, or refuses, longer descriptions.
const LONGEST_DESCRIPTION: usize = 1024;
/// GitHub's limit for names is 255.
const LONGEST_ID: usize = 200;
/// Ids of one group that are listed.
const MOST_IDS: usize = 20;
/// GitHub keeps this many tags.
const MOST_TAGS: usize = 10;

/// The level of a finding.
#[must_use]
pub fn level(judged: &Judged) -> &'static str {
    match judged.judgement.tier {
        Tier::Critical | Tier::High => "error",
        Tier::Medium => "warning",
        Tier::Low | Tier::None => "note",
    }
}

/// What `security-severity` says of a finding, in tenths.
///
/// The bands are GitHub's own (which are those of CVSS v3 and v4), whatever bounds a policy states: what the policy
/// calls critical must be critical there too.
#[must_use]
pub fn security_severity(judged: &Judged, score: SarifScore) -> u8 {
    let (floor, ceiling) = judged.judgement.tier.default_bounds();
    match (judged.finding.grade.score, score) {
        _ if !judged.finding.kind.is_security() => 0,
        (Some(tenths), SarifScore::Cvss) => tenths.min(100),
        (Some(tenths), SarifScore::Policy) => tenths.clamp(floor, ceiling),
        (None, _) => floor,
    }
}

/// The rule of these findings of one alias group, of which there is at least one.
pub(super) fn rule(id: &str, findings: &[&Judged], score: SarifScore) -> Rule {
    // The gravest speaks for all; the first in the report's order among equals.
    let gravest = findings.iter().min_by_key(|judged| std::cmp::Reverse(security_severity(judged, score))).unwrap_or(&findings[0]);
    let severity = security_severity(gravest, score);
    let shown_level = if severity == 0 { "note" } else { level(gravest) };
    let sure = findings.iter().all(|judged| judged.finding.certainty == Certainty::Affected);
    let headline = phrases::headline(&gravest.finding);
    Rule {
        short_description: Text {
            text: shorten(&format!("{}: {headline}", phrases::safe(&group(&gravest.finding).0)), LONGEST_DESCRIPTION),
        },
        full_description: Text { text: shorten(&description(gravest), LONGEST_DESCRIPTION) },
        help: help(gravest),
        help_uri: links::link(&group(&gravest.finding)),
        default_configuration: Configuration { level: shown_level },
        properties: RuleProperties {
            tags: tags(gravest),
            precision: if sure { "very-high" } else { "medium" },
            security_severity: phrases::score(severity),
        },
        id: id.to_owned(),
    }
}

/// The id of a finding's rule: that of its alias group. What is informational has a rule of its own, for a rule carries
/// one score and one help; always, so that the id does not depend on what else was found.
pub(super) fn rule_id(judged: &Judged) -> String {
    let id = shorten(&phrases::safe(&group(&judged.finding).0), LONGEST_ID);
    if judged.finding.kind.is_security() { id } else { format!("{id}/{}", judged.finding.kind.as_str()) }
}

fn description(judged: &Judged) -> String {
    let (finding, judgement) = (&judged.finding, &judged.judgement);
    let kind = match finding.kind {
        Kind::Malicious => "a malicious package",
        Kind::Vulnerability => "a vulnerability",
        Kind::Unsound => "an unsound package",
        Kind::Unmaintained => "an unmaintained package",
        Kind::Notice => "something worth knowing",
    };
    let ids: Vec<String> = ids(judged).iter().map(|id| phrases::safe(&id.0)).collect();
    let mut text = format!("{} warns of {kind}", ids[0]);
    if ids.len() > 1 {
        text.push_str(&format!(" (also {})", ids[1..].join(", ")));
    }
    if let Some(published) = finding.published {
        text.push_str(&format!(", published on {}", published.date()));
    }
    match phrases::headline(finding) {
        headline if headline == finding.kind.as_str() => text.push('.'),
        headline => text.push_str(&format!(": {}.", headline.trim_end_matches('.'))),
    }
    match (&finding.grade.vector, finding.grade.score) {
        (Some(vector), Some(score)) => text.push_str(&format!(" CVSS {} ({vector}).", phrases::score(score))),
        _ if judgement.tier_reason == TierReason::Unscored => text.push_str(" Nobody has graded it; it is judged as high."),
        _ => {}
    }
    text
}

/// The ids of a group, the one that stands for it first; no more than anybody reads.
fn ids(judged: &Judged) -> Vec<AdvisoryId> {
    let finding = &judged.finding;
    let first = group(finding);
    let others = [&finding.id].into_iter().chain(&finding.aliases).filter(|id| **id != first);
    [&first].into_iter().chain(others).take(MOST_IDS).cloned().collect()
}

fn help(judged: &Judged) -> Help {
    let steps = match judged.finding.kind {
        Kind::Malicious => [
            "Remove the package at once, and treat every machine that installed it as compromised: change the secrets that it could read.",
            "The alert names the file and line that bring it in, and the way of dependencies that leads there.",
        ],
        Kind::Vulnerability => [
            "Move the package to a version without the fault: the alert names the smallest one, and the command that gets it.",
            "Where the alert knows no fixed version, drop or replace the package, or keep untrusted input away from it.",
        ],
        Kind::Unsound => [
            "Move the package to a version that mends it, if the alert names one.",
            "Else check whether your code reaches the unsound part; replace the package if it does.",
        ],
        Kind::Notice => {
            ["Read the advisory: it says what there is to know, and whether anything is to be done.", "It fails no gate by itself."]
        }
        Kind::Unmaintained => {
            ["Plan to replace the package: nobody promises to mend what is found in it next.", "The advisory may name replacements."]
        }
    };
    let ids = ids(judged);
    let linked: Vec<String> = ids.iter().map(links::markdown).collect();
    let plain: Vec<String> = ids.iter().map(links::plain).collect();
    Help {
        text: format!("{}\n{}\nAdvisory: {}", steps[0], steps[1], plain.join(", ")),
        markdown: format!("**What to do**\n\n1. {}\n2. {}\n\n**Advisory** {}\n", steps[0], steps[1], linked.join(" · ")),
    }
}

/// Tags in the order of their worth: GitHub files alerts under `security` and under CWE numbers in this spelling.
fn tags(judged: &Judged) -> Vec<String> {
    let finding = &judged.finding;
    let mut tags = Vec::new();
    if finding.kind.is_security() {
        tags.push("security".to_owned());
    }
    tags.push(finding.kind.as_str().to_owned());
    let number = |cwe: &String| cwe.strip_prefix("CWE-").and_then(|number| number.parse::<u32>().ok());
    tags.extend(finding.cwes.iter().filter_map(number).map(|number| format!("external/cwe/cwe-{number:03}")));
    tags.extend(finding.categories.iter().map(|category| phrases::safe(&shorten(category, LONGEST_ID))));
    tags.dedup();
    tags.truncate(MOST_TAGS);
    tags
}
