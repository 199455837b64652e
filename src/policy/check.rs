//! What is wrong with a policy's text: what was not understood, contradictions, what nobody has filled in, what has run
//! out, versions that no row is about.

use std::collections::BTreeSet;

use super::{
    Config, Reading,
    coverage::{Numbers, covers},
    reading::{About, NoteKind, Passage, SupportedVersion},
};
use crate::{inventory::project_version::ProjectVersion, model::Timestamp};

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub level: Level,
    /// What kind of thing, a word of its own.
    pub kind: &'static str,
    /// The line of the policy, counted from 1.
    pub line: Option<u32>,
    /// What is wrong.
    pub reason: String,
    /// What mends it.
    pub cure: &'static str,
}

/// How bad a problem is. Errors make a check fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The text cannot be taken at its word.
    Error,
    /// It can, but somebody should look at it.
    Warning,
}

impl Level {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// What is known besides the text.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The moment of checking.
    pub as_of: Timestamp,
    /// The versions that the project gives itself: in its manifests, and its newest tag.
    pub versions: Vec<ProjectVersion>,
    /// Whether another file that is in force says by when something is answered for or fixed.
    pub stated_elsewhere: bool,
}

/// Everything that is wrong, in the order of the text; what is about no line comes last.
#[must_use]
pub fn check(reading: &Reading, facts: &Facts) -> Vec<Problem> {
    let mut problems: Vec<Problem> = reading.notes.iter().map(|note| noted(note.kind, note.line, note.text.clone())).collect();
    // What nobody has filled in is not understood either; once is enough.
    let unfilled: BTreeSet<u32> = reading.notes.iter().filter(|note| note.kind == NoteKind::Unfilled).map(|note| note.line).collect();
    problems.extend(reading.not_understood.iter().filter(|passage| !unfilled.contains(&passage.line)).map(not_understood));
    problems.extend(reading.supported_versions.iter().filter_map(|version| expired(version, facts.as_of)));
    problems.extend(facts.versions.iter().filter_map(|version| uncovered(version, &reading.supported_versions)));
    if !reading.states_a_deadline() && !facts.stated_elsewhere {
        problems.push(Problem {
            level: Level::Warning,
            kind: "no-deadline",
            line: None,
            reason: "there is no figure by when a vulnerability is responded to or fixed, so the built-in policy's deadlines apply"
                .to_owned(),
            cure: "state some, as \"Critical: fixed within 7 days\"",
        });
    }
    problems.sort_by_key(|problem| (problem.line.unwrap_or(u32::MAX), problem.level, problem.kind));
    problems
}

/// What is wrong with an `overdue.toml` beside its statements: what nobody has filled in, and what has run out.
#[must_use]
pub fn of_config(config: &Config, as_of: Timestamp) -> Vec<Problem> {
    let problem = |level, kind, line, reason, cure| Problem { level, kind, line, reason, cure };
    let unfilled = config.unfilled.iter().map(|error| {
        let cure = "fill it in, or take the entry out; nothing is judged by this file until then";
        problem(Level::Error, "unfilled", error.line, error.cause.clone(), cure)
    });
    let expired = config.exceptions.iter().filter(|exception| exception.has_expired(as_of)).map(|exception| {
        let reason = format!("the exception of {} ended on {}", exception.subject(), exception.expires.date());
        let cure = "fix what it is about, or decide anew: with a reason and a new day";
        problem(Level::Warning, "exception-expired", Some(exception.line), reason, cure)
    });
    let accepted = config.accepted.iter().filter(|item| item.has_expired(as_of)).map(|item| {
        let reason = format!("{} was accepted as unchecked until {}", item.subject(), item.expires.date());
        let cure = "have it checked, or decide anew: with a reason and a new day";
        problem(Level::Warning, "accepted-expired", Some(item.line), reason, cure)
    });
    unfilled.chain(expired).chain(accepted).collect()
}

fn not_understood(passage: &Passage) -> Problem {
    let (reason, cure) = match passage.about {
        About::Promise => (
            "this looks like a promise and was not understood",
            "name what is promised (respond, fix, ...), for which severity and by when in one row, item or sentence, as \"Critical: fixed within 7 days\"; or state it in overdue.toml",
        ),
        About::Version => ("this row does not tell whether the version is supported", "say yes, no, or until which day"),
    };
    Problem { level: Level::Error, kind: "not-understood", line: Some(passage.line), reason: reason.to_owned(), cure }
}

fn noted(kind: NoteKind, line: u32, reason: String) -> Problem {
    let (level, cure) = match kind {
        NoteKind::Contradiction => (Level::Error, "say it once; the stricter figure, and that of a single tier, holds until then"),
        NoteKind::Bounds => (Level::Error, "let the tiers' CVSS scores meet: 9.0-10.0, 7.0-8.9, 4.0-6.9, 0.1-3.9"),
        NoteKind::Template => (Level::Error, "write what holds for this project in its place, or delete it"),
        NoteKind::Contact => (Level::Warning, "write the address that reports go to"),
        NoteKind::Unfilled => (Level::Error, "write the figure"),
    };
    Problem { level, kind: kind.as_str(), line: Some(line), reason, cure }
}

fn expired(version: &SupportedVersion, as_of: Timestamp) -> Option<Problem> {
    let until = version.until.filter(|until| version.supported && until.plus_hours(24) <= as_of)?;
    Some(Problem {
        level: Level::Warning,
        kind: "expired-support",
        line: version.line,
        reason: format!("support of {} ended on {}", version.pattern, until.date()),
        cure: "say that it is no longer supported, or until when it is now",
    })
}

/// A version of the project's own that no row supports.
fn uncovered(own: &ProjectVersion, rows: &[SupportedVersion]) -> Option<Problem> {
    let numbers = Numbers::of(&own.version)?;
    let told: Vec<(&SupportedVersion, Option<bool>)> = rows.iter().map(|row| (row, covers(&row.pattern, &numbers))).collect();
    let is_covered = told.iter().any(|(row, told)| row.supported && *told == Some(true));
    // A row that cannot be compared, as "latest", may well be about it.
    let may_be = told.iter().any(|(row, told)| row.supported && told.is_none());
    if rows.is_empty() || is_covered || may_be {
        return None;
    }
    let place = if own.line == 0 { own.path.clone() } else { format!("{}:{}", own.path, own.line) };
    let denied = told.iter().find(|(_, told)| *told == Some(true)).map(|(row, _)| *row);
    Some(Problem {
        level: Level::Error,
        kind: if denied.is_some() { "version-not-supported" } else { "version-not-covered" },
        line: denied.or(rows.first()).and_then(|row| row.line),
        reason: match denied {
            Some(row) => format!("the project is at {} ({place}), which {} says is not supported", own.version, row.pattern),
            None => format!("the project is at {} ({place}), and no row is about that version", own.version),
        },
        cure: if denied.is_some() {
            "say that it is supported, or raise the project's version"
        } else {
            "add a row for the version that is released now"
        },
    })
}
