//! What an `overdue.toml` states for everything, or a section of it for what is below a path. What it leaves open is left
//! to the next.

use std::collections::BTreeSet;

use super::{
    Calendar, Clock, DueSoon, ExploitedRule, FailOn, Reading, Tier, TierRow, gate::GateRules, judging::Judging, reading::BoundsOrigin,
};
use crate::model::{Group, Kind};

/// What is stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// What a SECURITY.md could say as well.
    pub reading: Reading,
    /// Of vulnerabilities that are known to be exploited.
    pub exploited: Option<ExploitedRule>,
    /// What starts the clock.
    pub clock: Option<Clock>,
    /// The tier of what nobody has graded.
    pub unscored: Option<Tier>,
    /// When a deadline is near.
    pub due_soon: Option<DueSoon>,
    /// The state file.
    pub state: Option<String>,
    /// Which days are business days.
    pub calendar: Option<Calendar>,
    /// What trips the gate.
    pub fail_on: Option<FailOn>,
    /// Whether requirements trip it that let affected versions in, and others, too.
    pub admitted: Option<bool>,
    /// Whether what an image's base brought may trip the gate.
    pub base: Option<bool>,
    /// The kinds of findings that may trip it.
    pub kinds: Option<BTreeSet<Kind>>,
    /// What packages that may trip it are wanted for.
    pub groups: Option<BTreeSet<Group>>,
}

/// What is stated for what is below a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// A folder or file, from the folder of the policy; a pattern.
    pub path: String,
    /// The line that names it, counted from 1.
    pub line: u32,
    /// What is stated.
    pub stated: Stated,
}

impl Stated {
    /// What is left open by both of these; what this one states goes first.
    #[must_use]
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            reading: over(self.reading, below.reading),
            exploited: match (self.exploited, below.exploited) {
                (Some(own), Some(theirs)) => Some(ExploitedRule { tier: own.tier.or(theirs.tier), fix: own.fix.or(theirs.fix) }),
                (own, theirs) => own.or(theirs),
            },
            clock: self.clock.or(below.clock),
            unscored: self.unscored.or(below.unscored),
            due_soon: self.due_soon.or(below.due_soon),
            state: self.state.or(below.state),
            calendar: self.calendar.or(below.calendar),
            fail_on: self.fail_on.or(below.fail_on),
            admitted: self.admitted.or(below.admitted),
            base: self.base.or(below.base),
            kinds: self.kinds.or(below.kinds),
            groups: self.groups.or(below.groups),
        }
    }

    /// A text alone.
    #[must_use]
    pub(super) fn text(reading: Reading) -> Self {
        let (exploited, clock, unscored, due_soon, state, calendar) = (None, None, None, None, None, None);
        let (fail_on, admitted, base, kinds, groups) = (None, None, None, None, None);
        Self { reading, exploited, clock, unscored, due_soon, state, calendar, fail_on, admitted, base, kinds, groups }
    }

    /// How findings are judged, beside the deadlines.
    pub(super) fn judging(&self) -> Judging {
        let usual = Judging::default();
        Judging {
            clock: self.clock.unwrap_or(usual.clock),
            unscored: self.unscored.unwrap_or(usual.unscored),
            due_soon: self.due_soon.unwrap_or(usual.due_soon),
            state: self.state.clone(),
        }
    }

    /// Which findings may trip the gate.
    pub(super) fn gate(&self) -> GateRules {
        let usual = GateRules::default();
        GateRules {
            fail_on: self.fail_on.clone(),
            admitted: self.admitted.unwrap_or(usual.admitted),
            base: self.base.unwrap_or(usual.base),
            kinds: self.kinds.clone().unwrap_or(usual.kinds),
            groups: self.groups.clone().unwrap_or(usual.groups),
        }
    }
}

/// A reading over another: row by row of the tiers and of what holds for all alike; rules and versions as a whole.
fn over(above: Reading, below: Reading) -> Reading {
    let pick = |reading: &Reading, tier: Tier| reading.tiers.iter().find(|row| row.tier == tier).cloned();
    let row = |tier: Tier| {
        let silent = || TierRow::silent(tier);
        let (above, mut row) = (pick(&above, tier).unwrap_or_else(silent), pick(&below, tier).unwrap_or_else(silent));
        row.deadlines.extend(above.deadlines);
        if above.bounds_origin == BoundsOrigin::Text {
            (row.bounds, row.bounds_origin) = (above.bounds, above.bounds_origin);
        }
        if !above.examples.is_empty() {
            row.examples = above.examples;
        }
        row.line = above.line.or(row.line);
        row
    };
    let tiers = Tier::ALL.into_iter().map(row).collect();
    let mut general = below.general;
    general.extend(above.general);
    Reading {
        tiers,
        general,
        rules: if above.rules.is_empty() { below.rules } else { above.rules },
        supported_versions: if above.supported_versions.is_empty() { below.supported_versions } else { above.supported_versions },
        not_understood: Vec::new(),
        notes: Vec::new(),
        placeholder: false,
    }
}
