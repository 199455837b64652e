//! What a text says of a policy: the same, whether a SECURITY.md or an `overdue.toml` says it.

use std::collections::BTreeMap;

use super::{Deadline, Deadlines, Stage, Tier, TierRow, deadline::Origin};
use crate::model::Timestamp;

/// What one file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The four usual tiers, from critical to low, whether the text names them or not.
    pub tiers: Vec<TierRow>,
    /// What is promised of all vulnerabilities alike.
    pub general: Deadlines,
    /// Rules beside the tiers.
    pub rules: Vec<AgeRule>,
    /// Which versions are supported.
    pub supported_versions: Vec<SupportedVersion>,
    /// What looks like a promise and was not understood.
    pub not_understood: Vec<Passage>,
    /// What is wrong with the text.
    pub notes: Vec<Note>,
    /// Whether it has sentences of a template that nobody has edited.
    pub placeholder: bool,
}

impl Reading {
    /// Whether it says of any vulnerability by when it is to be answered for or fixed: what dependencies are judged by.
    #[must_use]
    pub fn states_a_deadline(&self) -> bool {
        let judging = [Stage::Respond, Stage::Fix];
        let any = |deadlines: &Deadlines| judging.iter().filter_map(|stage| deadlines.get(stage)).any(Deadline::says_when);
        self.tiers.iter().any(|row| any(&row.deadlines)) || any(&self.general) || !self.rules.is_empty()
    }
}

/// A rule such as "no unpatched vulnerabilities of medium or higher severity that are known for more than 60 days".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgeRule {
    /// The lowest tier that it is about.
    pub min_tier: Tier,
    /// How long such a vulnerability may be known without a fix, in hours.
    pub max_age_hours: u32,
    /// The line that states it.
    pub line: Option<u32>,
    /// The words.
    pub text: String,
    /// Who states it.
    pub origin: Origin,
}

/// A version, or several, and whether they get security fixes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupportedVersion {
    /// As the text writes it: `1.x`, `< 2.0`, `latest`.
    pub pattern: String,
    /// Whether it is supported, perhaps only until a day.
    pub supported: bool,
    /// The last day of support, as its midnight.
    pub until: Option<Timestamp>,
    /// The line that states it.
    pub line: Option<u32>,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Its line, counted from 1.
    pub line: u32,
    /// Its words.
    pub text: String,
    /// What it seems to be about.
    pub about: About,
}

/// What a passage seems to be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// By when something is done.
    Promise,
    /// Which versions are supported.
    Version,
}

/// Something that is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What kind of thing.
    pub kind: NoteKind,
    /// The line, counted from 1.
    pub line: u32,
    /// What is wrong.
    pub text: String,
}

/// What can be wrong with a text, whenever it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// Two statements about one thing.
    Contradiction,
    /// CVSS bounds that overlap or leave a gap.
    Bounds,
    /// Sentences of a template that nobody has edited.
    Template,
    /// A contact that nobody has filled in.
    Contact,
    /// A figure that nobody has filled in.
    Unfilled,
}

impl NoteKind {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contradiction => "contradiction",
            Self::Bounds => "bounds",
            Self::Template => "template",
            Self::Contact => "contact",
            Self::Unfilled => "unfilled",
        }
    }
}

/// Who states the CVSS bounds of a tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundsOrigin {
    /// The text.
    Text,
    /// The usual bounds hold.
    Default,
}

impl BoundsOrigin {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Default => "default",
        }
    }
}

/// Overlaps and gaps among the tiers' bounds where a text states some: between two that it states, or one and a usual one.
#[must_use]
pub fn bounds_notes(tiers: &[TierRow]) -> Vec<Note> {
    let show = |tenths: u8| format!("{}.{}", tenths / 10, tenths % 10);
    let mut notes = Vec::new();
    for pair in tiers.windows(2) {
        let (upper, lower) = (&pair[0], &pair[1]);
        let (above, below) = (upper.tier.as_str(), lower.tier.as_str());
        let is_stated = |row: &TierRow| row.bounds_origin == BoundsOrigin::Text;
        let text = if lower.bounds.1 >= upper.bounds.0 {
            format!("CVSS {} to {} is both {above} and {below}", show(upper.bounds.0), show(lower.bounds.1))
        } else if lower.bounds.1 + 1 < upper.bounds.0 {
            format!("CVSS {} to {} is neither {above} nor {below}", show(lower.bounds.1 + 1), show(upper.bounds.0 - 1))
        } else {
            continue;
        };
        let blamed = [lower, upper].into_iter().find(|row| is_stated(row)).and_then(|row| row.line);
        notes.extend(blamed.map(|line| Note { kind: NoteKind::Bounds, line, text }));
    }
    notes
}

/// Rows about the same versions, of which one says that they are supported and another that they are not.
#[must_use]
pub fn version_notes(versions: &[SupportedVersion]) -> Vec<Note> {
    let mut seen: BTreeMap<&str, &SupportedVersion> = BTreeMap::new();
    let mut notes = Vec::new();
    for version in versions {
        let first = seen.entry(&version.pattern).or_insert(version);
        if let (true, Some(line), Some(before)) = (first.supported != version.supported, version.line, first.line) {
            let text = format!("{} is supported by one of the lines {before} and {line}, and not by the other", version.pattern);
            notes.push(Note { kind: NoteKind::Contradiction, line, text });
        }
    }
    notes
}
