//! Severity tiers: which one a finding falls in, and why.

use super::{Deadline, Deadlines, Policy, Stage, deadline::Origin, example, reading::BoundsOrigin, weakness::Class};
use crate::{model::Finding, model::Kind, severity::Rating};

/// A severity tier, ordered from the gravest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// CVSS 9.0 to 10.0 unless the policy says otherwise.
    Critical,
    /// CVSS 7.0 to 8.9.
    High,
    /// CVSS 4.0 to 6.9.
    Medium,
    /// CVSS 0.1 to 3.9.
    Low,
    /// Informational, or a score of 0.0: nothing is promised about these.
    None,
}

impl Tier {
    /// The tiers that a policy can state deadlines for.
    pub const ALL: [Tier; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The name in reports and in `--fail-on`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::None => "none",
        }
    }

    /// The usual bounds in tenths of a CVSS score, both included.
    #[must_use]
    pub fn default_bounds(self) -> (u8, u8) {
        match self {
            Self::Critical => (90, 100),
            Self::High => (70, 89),
            Self::Medium => (40, 69),
            Self::Low => (1, 39),
            Self::None => (0, 0),
        }
    }
}

/// Why a finding is in its tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TierReason {
    /// By its CVSS score.
    Score,
    /// The package is malicious: critical, whatever its score.
    Malicious,
    /// It is known to be exploited, and the policy has a rule for that.
    Exploited,
    /// By the qualitative label of an advisory.
    Label,
    /// Nobody has graded it, and the policy names its kind as an example of the tier.
    Example,
    /// Nobody has graded it: judged as high, or as the policy has it, so that it never passes for want of a number.
    Unscored,
    /// It is not a vulnerability.
    Informational,
}

impl TierReason {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Malicious => "malicious",
            Self::Exploited => "exploited",
            Self::Label => "label",
            Self::Example => "example",
            Self::Unscored => "unscored",
            Self::Informational => "informational",
        }
    }
}

/// A kind of vulnerability that a policy gives as an example of a tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The words.
    pub text: String,
    /// The line that states it.
    pub line: Option<u32>,
    /// Who states it.
    pub origin: Origin,
    /// The classes of weaknesses that it names.
    pub classes: Vec<&'static Class>,
}

impl Example {
    /// An example in these words.
    #[must_use]
    pub fn new(text: String, line: Option<u32>, origin: Origin) -> Self {
        Self { classes: example::classes(&text), text, line, origin }
    }
}

/// The example that gave a finding its tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierExample {
    /// The tier.
    pub tier: Tier,
    /// The example.
    pub example: Example,
}

/// What a policy says about one tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierRow {
    /// The tier.
    pub tier: Tier,
    /// Bounds in tenths of a CVSS score, both included.
    pub bounds: (u8, u8),
    /// Who states the bounds.
    pub bounds_origin: BoundsOrigin,
    /// The line that names the tier, where a text does.
    pub line: Option<u32>,
    /// Kinds of vulnerabilities that a text gives as examples of the tier.
    pub examples: Vec<Example>,
    /// Its deadlines by stage.
    pub deadlines: Deadlines,
}

impl TierRow {
    /// What is said of a tier that nothing is said of.
    #[must_use]
    pub fn silent(tier: Tier) -> Self {
        let (bounds, bounds_origin) = (tier.default_bounds(), BoundsOrigin::Default);
        Self { tier, bounds, bounds_origin, line: None, examples: Vec::new(), deadlines: Deadlines::new() }
    }
}

impl Policy {
    /// The tier of a finding under this policy, why, and the example that decided if one did.
    #[must_use]
    pub fn tier_of(&self, finding: &Finding) -> (Tier, TierReason, Option<TierExample>) {
        let (mut tier, mut reason) = self.tier_by_grade(finding);
        let mut example = None;
        if reason == TierReason::Unscored {
            example = self.example_of(finding);
            if let Some(example) = &example {
                (tier, reason) = (example.tier, TierReason::Example);
            }
        }
        let lifted = self.exploited.as_ref().filter(|_| finding.kind.is_security()).and_then(|rule| rule.lifts(finding, tier));
        lifted.map_or((tier, reason, example), |tier| (tier, TierReason::Exploited, None))
    }

    /// The gravest tier that names the kind of a finding as an example.
    fn example_of(&self, finding: &Finding) -> Option<TierExample> {
        let speaks = |example: &&Example| example.classes.iter().any(|class| class.holds(&finding.categories, &finding.cwes));
        let of = |row: &TierRow| row.examples.iter().find(speaks).map(|example| TierExample { tier: row.tier, example: example.clone() });
        self.tiers.iter().find_map(of)
    }

    fn tier_by_grade(&self, finding: &Finding) -> (Tier, TierReason) {
        match finding.kind {
            Kind::Malicious => return (Tier::Critical, TierReason::Malicious),
            Kind::Unsound | Kind::Unmaintained | Kind::Notice => return (Tier::None, TierReason::Informational),
            Kind::Vulnerability => {}
        }
        if let Some(tenths) = finding.grade.score {
            // A score in a gap of the bounds is in the tier above it: the one that ends nearest above, else the gravest.
            let within = self.tiers.iter().find(|row| (row.bounds.0..=row.bounds.1).contains(&tenths));
            let above = || self.tiers.iter().rev().find(|row| row.bounds.0 > tenths).or(self.tiers.first());
            let row = within.or_else(|| above().filter(|_| tenths > 0));
            return (row.map_or(Tier::None, |row| row.tier), TierReason::Score);
        }
        match Rating::of_grade(&finding.grade) {
            Rating::Critical => (Tier::Critical, TierReason::Label),
            Rating::High => (Tier::High, TierReason::Label),
            Rating::Medium => (Tier::Medium, TierReason::Label),
            Rating::Low => (Tier::Low, TierReason::Label),
            Rating::None => (Tier::None, TierReason::Label),
            Rating::Unscored => (self.judging.unscored, TierReason::Unscored),
        }
    }

    /// What this policy promises for a stage of a tier: its own row's word, or where that has no figure, what is promised of
    /// all vulnerabilities alike.
    #[must_use]
    pub fn promise(&self, tier: Tier, stage: Stage) -> Option<&Deadline> {
        let row = self.row(tier)?;
        let (own, general) = (row.deadlines.get(&stage), self.general.get(&stage));
        let says_when = |deadline: Option<&'_ Deadline>| deadline.is_some_and(Deadline::says_when);
        [own, general].into_iter().find(|deadline| says_when(*deadline)).flatten().or(own).or(general)
    }

    /// Whether what is promised of a finding depends on the project's next release.
    #[must_use]
    pub fn waits_for_release(&self, finding: &Finding) -> bool {
        let (tier, ..) = self.tier_of(finding);
        [Stage::Fix, Stage::Respond].iter().any(|stage| self.promise(tier, *stage).is_some_and(|deadline| deadline.until.is_some()))
    }

    /// Whether anything is promised of a tier that could be broken: by when it is fixed or answered for, or how long it may
    /// be known.
    #[must_use]
    pub fn has_deadline(&self, tier: Tier) -> bool {
        let says_when = |stage| self.promise(tier, stage).is_some_and(Deadline::says_when);
        says_when(Stage::Fix) || says_when(Stage::Respond) || self.rules.iter().any(|rule| tier <= rule.min_tier)
    }

    /// What this policy says about a tier.
    #[must_use]
    pub fn row(&self, tier: Tier) -> Option<&TierRow> {
        self.tiers.iter().find(|row| row.tier == tier)
    }
}
