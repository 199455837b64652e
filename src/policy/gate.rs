//! What trips the gate: `--fail-on`.

use std::{collections::BTreeSet, fmt, str::FromStr};

use super::{Judgement, Standing, Tier};
use crate::model::{Certainty, Finding, Group, Kind, LayerOrigin};

/// A `--fail-on` list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailOn(BTreeSet<Condition>);

/// One word of a `--fail-on` list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// Every vulnerability and malicious package.
    Any,
    /// This tier and the ones above.
    Tier(Tier),
    /// A finding whose deadline has passed.
    Overdue,
    /// A vulnerability that is known to be exploited.
    Exploited,
    /// A requirement that lets an affected version in.
    Admitted,
    /// An unmaintained package.
    Unmaintained,
    /// An unsound package.
    Unsound,
    /// Another notice.
    Notice,
    /// A configuration check.
    Checks,
    /// Nothing.
    Never,
}

const WORDS: [(&str, Condition); 13] = [
    ("any", Condition::Any),
    ("critical", Condition::Tier(Tier::Critical)),
    ("high", Condition::Tier(Tier::High)),
    ("medium", Condition::Tier(Tier::Medium)),
    ("low", Condition::Tier(Tier::Low)),
    ("overdue", Condition::Overdue),
    ("exploited", Condition::Exploited),
    ("admitted", Condition::Admitted),
    ("unmaintained", Condition::Unmaintained),
    ("unsound", Condition::Unsound),
    ("notice", Condition::Notice),
    ("checks", Condition::Checks),
    ("never", Condition::Never),
];

/// A `--fail-on` list that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFailOn {
    /// An unknown word.
    #[error(
        "`{0}` is none of any, critical, high, medium, low, overdue, exploited, admitted, unmaintained, unsound, notice, checks, never"
    )]
    Word(String),
    /// `never` and something else.
    #[error("`never` stands alone")]
    Never,
}

/// Which findings may trip the gate at all, whatever `--fail-on` says of their kind and tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateRules {
    /// What trips it, unless the caller says so.
    pub fail_on: Option<FailOn>,
    /// Whether requirements count that let affected versions in, and others, too. `--fail-on admitted` counts them anyway.
    pub admitted: bool,
    /// Whether findings count that the base of an image brought.
    pub base: bool,
    /// Findings of other kinds do not count.
    pub kinds: BTreeSet<Kind>,
    /// Findings of packages that are wanted for none of these do not count. What is wanted for what is not known counts.
    pub groups: BTreeSet<Group>,
}

impl Default for GateRules {
    fn default() -> Self {
        Self { fail_on: None, admitted: true, base: true, kinds: Kind::ALL.into(), groups: Group::ALL.into() }
    }
}

impl GateRules {
    /// Whether a finding that is so sure may count.
    #[must_use]
    pub fn weigh(&self, certainty: Certainty, fail_on: &FailOn) -> bool {
        self.admitted || certainty == Certainty::Affected || fail_on.0.contains(&Condition::Admitted)
    }

    /// Whether a finding may count.
    #[must_use]
    pub fn admit(&self, finding: &Finding, fail_on: &FailOn) -> bool {
        self.weigh(finding.certainty, fail_on)
            && (self.base || !is_of_base(finding))
            && self.kinds.contains(&finding.kind)
            && (finding.groups.is_empty() || finding.groups.iter().any(|group| self.groups.contains(group)))
    }
}

/// Whether the base of an image brought the package. Where that cannot be told, it did not.
fn is_of_base(finding: &Finding) -> bool {
    finding.layer.as_ref().is_some_and(|layer| layer.origin == Some(LayerOrigin::Base))
}

/// What counts of a finding for the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// What it warns of.
    pub kind: Kind,
    /// How sure it is.
    pub certainty: Certainty,
    /// Its tier.
    pub tier: Tier,
    /// Where it stands.
    pub standing: Standing,
    /// Whether it is known to be exploited.
    pub exploited: bool,
}

impl Weight {
    /// The weight of a finding as it was judged.
    #[must_use]
    pub fn new(finding: &Finding, judgement: &Judgement) -> Self {
        Self {
            kind: finding.kind,
            certainty: finding.certainty,
            tier: judgement.tier,
            standing: judgement.standing,
            exploited: finding.exploited.is_some(),
        }
    }
}

impl Default for FailOn {
    fn default() -> Self {
        Self(BTreeSet::from([Condition::Any]))
    }
}

impl FromStr for FailOn {
    type Err = InvalidFailOn;

    fn from_str(text: &str) -> Result<Self, InvalidFailOn> {
        let word = |word: &str| WORDS.iter().find(|(name, _)| *name == word).map(|(_, condition)| *condition);
        let conditions: BTreeSet<Condition> =
            text.split(',').map(str::trim).map(|w| word(w).ok_or_else(|| InvalidFailOn::Word(w.to_owned()))).collect::<Result<_, _>>()?;
        if conditions.contains(&Condition::Never) && conditions.len() > 1 {
            return Err(InvalidFailOn::Never);
        }
        Ok(Self(conditions))
    }
}

impl fmt::Display for FailOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = WORDS.iter().filter(|(_, condition)| self.0.contains(condition)).map(|(word, _)| *word);
        f.write_str(&words.collect::<Vec<_>>().join(","))
    }
}

impl FailOn {
    /// Whether it asks for what only the catalogue of known exploited vulnerabilities can tell.
    #[must_use]
    pub fn needs_catalogue(&self) -> bool {
        self.0.contains(&Condition::Exploited)
    }

    /// Whether it asks for what is overdue.
    #[must_use]
    pub fn asks_for_overdue(&self) -> bool {
        self.0.contains(&Condition::Overdue)
    }

    /// Whether what is wrong with the configuration counts for the gate.
    #[must_use]
    pub fn counts_checks(&self) -> bool {
        self.0.contains(&Condition::Checks)
    }

    /// Whether a finding of this weight counts for the gate.
    #[must_use]
    pub fn counts(&self, finding: Weight) -> bool {
        finding.standing != Standing::Excepted
            && self.0.iter().any(|condition| match condition {
                Condition::Any => finding.kind.is_security(),
                Condition::Tier(tier) => finding.tier <= *tier,
                Condition::Overdue => finding.standing == Standing::Overdue,
                Condition::Exploited => finding.exploited && finding.kind.is_security(),
                Condition::Admitted => finding.certainty == Certainty::Admitted,
                Condition::Unmaintained => finding.kind == Kind::Unmaintained,
                Condition::Unsound => finding.kind == Kind::Unsound,
                Condition::Notice => finding.kind == Kind::Notice,
                Condition::Checks | Condition::Never => false,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::FailOn;

    #[test]
    fn lists_are_read_and_written() {
        for (text, written) in [("any", Ok("any")), ("unsound, critical", Ok("critical,unsound")), ("never", Ok("never"))] {
            assert_eq!(text.parse::<FailOn>().map(|f| f.to_string()), written.map(str::to_owned));
        }
        for text in ["", "never,any", "severe", "high,,low"] {
            assert!(text.parse::<FailOn>().is_err(), "{text}");
        }
    }
}
