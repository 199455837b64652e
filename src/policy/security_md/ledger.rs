//! What was read so far, and how it is settled: which of two statements holds, what contradicts what.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{bounds::Bounds, clause::Statement, severity::Scope};
use crate::policy::{
    Deadline, Deadlines, Stage, Tier, TierRow,
    deadline::Origin,
    reading::{About, AgeRule, BoundsOrigin, Note, NoteKind, Passage, Reading, SupportedVersion, bounds_notes, version_notes},
    tier::Example,
};

/// Statements are gathered here in the order of the text.
pub(super) struct Ledger {
    path: Arc<str>,
    rows: BTreeMap<Tier, Row>,
    general: BTreeMap<Stage, Vec<Deadline>>,
    rules: Vec<AgeRule>,
    pub(super) supported: Vec<SupportedVersion>,
    not_understood: BTreeMap<u32, (String, About)>,
    notes: BTreeMap<(u32, NoteKind), String>,
    pub(super) placeholder: bool,
}

#[derive(Default)]
struct Row {
    line: Option<u32>,
    bounds: Option<(Bounds, u32)>,
    examples: Vec<Example>,
    /// The examples again, to know them by.
    known: BTreeSet<String>,
    deadlines: BTreeMap<Stage, Vec<Deadline>>,
}

/// `9.0+` and `7.0+` mean that the second ends where the first begins.
fn close_open_bounds(tiers: &mut [TierRow]) {
    for at in 1..tiers.len() {
        let above = &tiers[at - 1];
        let ceiling = (above.bounds_origin == BoundsOrigin::Text).then_some(above.bounds.0);
        let row = &mut tiers[at];
        if let Some(ceiling) =
            ceiling.filter(|ceiling| row.bounds_origin == BoundsOrigin::Text && row.bounds.1 == 100 && *ceiling > row.bounds.0)
        {
            row.bounds.1 = ceiling - 1;
        }
    }
}

impl Ledger {
    pub(super) fn new(path: &str) -> Self {
        Self {
            path: path.into(),
            rows: Tier::ALL.into_iter().map(|tier| (tier, Row::default())).collect(),
            general: BTreeMap::new(),
            rules: Vec::new(),
            supported: Vec::new(),
            not_understood: BTreeMap::new(),
            notes: BTreeMap::new(),
            placeholder: false,
        }
    }

    /// The text names these tiers on this line.
    pub(super) fn name(&mut self, tiers: &BTreeSet<Tier>, line: u32) {
        for tier in tiers {
            let row = self.rows.entry(*tier).or_default();
            row.line = Some(row.line.map_or(line, |named| named.min(line)));
        }
    }

    /// The text bounds a tier.
    pub(super) fn bound(&mut self, tiers: &BTreeSet<Tier>, bounds: Bounds, line: u32) {
        // Bounds of several tiers together bound none of them.
        if let Some(tier) = tiers.first().filter(|_| tiers.len() == 1) {
            let row = self.rows.entry(*tier).or_default();
            match row.bounds {
                Some((known, first)) if known != bounds => {
                    let text = format!("{} has other CVSS bounds than on line {first}", tier.as_str());
                    self.note(NoteKind::Bounds, line, text);
                }
                Some(_) => {}
                None => row.bounds = Some((bounds, line)),
            }
        }
    }

    pub(super) fn example(&mut self, tiers: &BTreeSet<Tier>, line: u32, example: &str) {
        let origin = Origin::File(Arc::clone(&self.path));
        for tier in tiers {
            let row = self.rows.entry(*tier).or_default();
            if !example.is_empty() && row.known.insert(example.to_owned()) {
                row.examples.push(Example::new(example.to_owned(), Some(line), origin.clone()));
            }
        }
    }

    /// A statement, whose scope is resolved by now.
    pub(super) fn state(&mut self, statement: &Statement, line: u32, text: &str) {
        let figure = &statement.figure;
        let deadline = Deadline {
            target_hours: figure.target,
            limit_hours: figure.limit,
            business_days: figure.business,
            recurring: figure.recurring,
            soft: statement.soft,
            until: figure.until,
            text: text.to_owned(),
            line: Some(line),
            origin: Origin::File(Arc::clone(&self.path)),
        };
        match &statement.scope {
            None | Some(Scope::All) => self.general.entry(statement.stage).or_default().push(deadline),
            Some(Scope::Tiers(tiers)) => {
                self.name(tiers, line);
                for tier in tiers {
                    self.rows.entry(*tier).or_default().deadlines.entry(statement.stage).or_default().push(deadline.clone());
                }
            }
            Some(Scope::Others | Scope::Lower | Scope::Important | Scope::Unknown) => self.puzzle(line, text, About::Promise),
        }
    }

    pub(super) fn rule(&mut self, min_tier: Tier, max_age_hours: u32, line: u32, text: String) {
        let origin = Origin::File(Arc::clone(&self.path));
        self.rules.push(AgeRule { min_tier, max_age_hours, line: Some(line), text, origin });
    }

    /// What looks like a promise, or a row of supported versions, and was not understood.
    pub(super) fn puzzle(&mut self, line: u32, text: &str, about: About) {
        self.not_understood.entry(line).or_insert_with(|| (text.to_owned(), about));
    }

    pub(super) fn note(&mut self, kind: NoteKind, line: u32, text: String) {
        self.notes.entry((line, kind)).or_insert(text);
    }

    /// Settles what was gathered.
    pub(super) fn settle(mut self) -> Reading {
        let rows = std::mem::take(&mut self.rows);
        let mut tiers: Vec<TierRow> = Vec::new();
        for (tier, row) in rows {
            let mut deadlines = Deadlines::new();
            for (stage, stated) in row.deadlines {
                let what = format!("{} {}", tier.as_str(), stage.as_str());
                if let Some(deadline) = self.strictest(&what, &stated) {
                    deadlines.insert(stage, deadline);
                }
            }
            tiers.push(TierRow {
                tier,
                bounds: row.bounds.map_or(tier.default_bounds(), |(bounds, _)| bounds),
                bounds_origin: if row.bounds.is_some() { BoundsOrigin::Text } else { BoundsOrigin::Default },
                line: row.line,
                examples: row.examples,
                deadlines,
            });
            if let (Some((_, line)), Some(row)) = (row.bounds, tiers.last_mut()) {
                row.line = Some(row.line.map_or(line, |named| named.min(line)));
            }
        }
        close_open_bounds(&mut tiers);
        let general = self.settle_general(&tiers);
        for note in bounds_notes(&tiers).into_iter().chain(version_notes(&self.supported)) {
            self.note(note.kind, note.line, note.text);
        }
        Reading {
            tiers,
            general,
            rules: self.rules,
            supported_versions: self.supported,
            not_understood: self.not_understood.into_iter().map(|(line, (text, about))| Passage { line, text, about }).collect(),
            notes: self.notes.into_iter().map(|((line, kind), text)| Note { kind, line, text }).collect(),
            placeholder: self.placeholder,
        }
    }

    /// The statement that holds among those about one thing: one with a figure before one without, then the strictest.
    fn strictest(&mut self, what: &str, stated: &[Deadline]) -> Option<Deadline> {
        // What is promised goes before what is only aimed at.
        let strictness = |deadline: &Deadline| {
            (
                deadline.limit_hours.is_none() && deadline.until.is_none(),
                deadline.soft,
                deadline.limit_hours.is_none(),
                deadline.limit_hours,
            )
        };
        // The first of equals.
        let held =
            stated.iter().enumerate().min_by_key(|(at, deadline)| (strictness(deadline), *at)).map(|(_, deadline)| deadline.clone())?;
        for other in stated {
            let says_when = other.limit_hours.is_some() || other.until.is_some();
            let differs = (other.target_hours, other.limit_hours, other.business_days, other.until)
                != (held.target_hours, held.limit_hours, held.business_days, held.until);
            // A range and its end, or a figure with and without "next release", do not contradict each other.
            let contradicts = says_when
                && differs
                && other.limit_hours.is_some()
                && held.limit_hours.is_some()
                && other.limit_hours != held.limit_hours
                && other.soft == held.soft
                && other.line != held.line;
            if let (true, Some(line), Some(first)) = (contradicts, other.line, held.line) {
                self.note(
                    NoteKind::Contradiction,
                    line,
                    format!("{what} has another figure than on line {first}, which is stricter and holds"),
                );
            }
        }
        Some(held)
    }

    fn settle_general(&mut self, tiers: &[TierRow]) -> Deadlines {
        let mut settled = Deadlines::new();
        for (stage, stated) in std::mem::take(&mut self.general) {
            let own: Vec<&Deadline> = tiers.iter().filter_map(|row| row.deadlines.get(&stage)).collect();
            let is_moot = own.len() == Tier::ALL.len();
            let contradicts = |general: &Deadline| {
                let longer = |limit: u32| own.iter().filter_map(|deadline| deadline.limit_hours).any(|tier| tier > limit);
                general.limit_hours.is_some_and(|limit| is_moot || longer(limit))
            };
            let (against, mut with): (Vec<Deadline>, Vec<Deadline>) = stated.into_iter().partition(|general| contradicts(general));
            for general in &against {
                if let Some(line) = general.line {
                    let lines: BTreeSet<u32> = own.iter().filter_map(|deadline| deadline.line).collect();
                    let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
                    let text = format!(
                        "general {} does not go with what is said of single tiers (lines {}), which holds",
                        stage.as_str(),
                        lines.join(", ")
                    );
                    self.note(NoteKind::Contradiction, line, text);
                }
            }
            // It is reported, not merged; but it is still what the text says in general, unless it says something else, too.
            if with.is_empty() {
                with = against;
            }
            if let Some(deadline) = self.strictest(&format!("general {}", stage.as_str()), &with) {
                settled.insert(stage, deadline);
            }
        }
        settled
    }
}
