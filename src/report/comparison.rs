//! Two sides compared: what is new, what is fixed, what stayed, what changed. Findings are told apart by alias group,
//! package and dependency file, never by line or version alone; a file that moved is followed.

use std::collections::BTreeSet;

use super::pairing::Pairing;
use crate::{
    model::{AdvisoryId, Certainty, Ecosystem, Kind, Timestamp, normalise_name, unchecked::leading_name},
    policy::{Standing, Tier, gate::Weight},
    tree::names::below,
    version::listing,
};

/// What was found somewhere at some time, as far as comparing needs.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// Where it comes from: a revision, or a report's file.
    pub label: String,
    /// The commit of a revision.
    pub commit: Option<String>,
    /// The moment of judging.
    pub as_of: Option<Timestamp>,
    /// The findings.
    pub entries: Vec<Entry>,
    /// The dependency files.
    pub files: Vec<File>,
    /// What was scanned.
    pub scopes: Vec<Scope>,
    /// What was not looked at.
    pub unlooked: Vec<Unlooked>,
    /// What the rules pass over, from the root of the checkout, with the reason.
    pub passed_over: Vec<(String, String)>,
}

/// A finding. Words of grades and standings are those of the JSON report.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The ids of its alias group; the first stands for it.
    pub ids: Vec<AdvisoryId>,
    /// The package's ecosystem.
    pub ecosystem: Ecosystem,
    /// The package's name, normalised.
    pub name: String,
    /// The package's version or requirement.
    pub version: String,
    /// The dependency file, from the root of the checkout.
    pub manifest: String,
    /// The line in it.
    pub line: u32,
    /// `vulnerability`, ...
    pub kind: String,
    /// `affected` or `admitted`.
    pub certainty: String,
    /// The tier.
    pub tier: String,
    /// The CVSS score.
    pub score: Option<f64>,
    /// The standing.
    pub standing: String,
    /// Whether it is known to be exploited.
    pub exploited: bool,
    /// When a fix, else a response, is due.
    pub due: Option<Timestamp>,
}

impl Entry {
    /// What counts of it for a gate, where its words are known.
    #[must_use]
    pub fn weight(&self) -> Option<Weight> {
        Some(Weight {
            kind: Kind::ALL.into_iter().find(|kind| kind.as_str() == self.kind)?,
            certainty: Certainty::ALL.into_iter().find(|certainty| certainty.as_str() == self.certainty)?,
            tier: Tier::ALL.into_iter().chain([Tier::None]).find(|tier| tier.as_str() == self.tier)?,
            standing: Standing::ALL.into_iter().find(|standing| standing.as_str() == self.standing)?,
            exploited: self.exploited,
        })
    }

    /// The line of releases that its version is of.
    #[must_use]
    pub fn line_of_releases(&self) -> Option<String> {
        listing::line(&self.ecosystem, &self.version)
    }
}

/// A dependency file, from the root of the checkout.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path.
    pub path: String,
    /// Its format.
    pub format: String,
    /// The digest of its bytes.
    pub sha256: Option<String>,
    /// The project's own packages in it.
    pub own: BTreeSet<String>,
    /// Digests of its packages' names and versions; empty where they are not known.
    pub contents: BTreeSet<u64>,
    /// Its packages' names with the lines of releases that their versions are of; empty likewise.
    pub lines: BTreeSet<(String, String)>,
}

/// What was scanned: a folder with all that is below it, or one file.
#[derive(Clone, Debug)]
pub struct Scope {
    /// From the root of the checkout.
    pub path: String,
    /// Whether everything below counts.
    pub is_folder: bool,
}

/// Something that was found and not looked at.
#[derive(Clone, Debug)]
pub struct Unlooked {
    /// From the root of the checkout.
    pub path: String,
    /// The package, as its file writes it; `None`: all that is there.
    pub subject: Option<String>,
    /// Whether what stood beside it is not known either: a manifest whose lockfile is gone.
    pub beside: bool,
}

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was not there before.
    New,
    /// It is the same.
    Unchanged,
    /// It was there, and its grade or standing differs.
    Changed,
}

impl Change {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
        }
    }
}

/// What differs between two sides.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// What became of each finding of the later side, and which finding of the earlier side it was.
    pub after: Vec<(Option<usize>, Change)>,
    /// Findings of the earlier side that are gone.
    pub fixed: Vec<usize>,
    /// Findings of the earlier side that were not looked for in the later one.
    pub unknown: Vec<usize>,
}

impl Comparison {
    /// How many findings of the later side this became of.
    #[must_use]
    pub fn count(&self, change: Change) -> usize {
        self.after.iter().filter(|(_, became)| *became == change).count()
    }
}

/// Compares an earlier side with a later one.
#[must_use]
pub fn compare(before: &Side, after: &Side) -> Comparison {
    let pairing = Pairing::new(before, after);
    let pairs = pairing.pairs();
    let became = |(at, pair): (usize, &Option<usize>)| match pair {
        None => Change::New,
        Some(old) if same_grade(&before.entries[*old], &after.entries[at]) => Change::Unchanged,
        Some(_) => Change::Changed,
    };
    let gone = pairing.gone(&pairs);
    let (fixed, unknown) =
        gone.into_iter().partition(|at| was_looked_for(&before.entries[*at], &pairing.place(&before.entries[*at]), after));
    Comparison { after: pairs.iter().enumerate().map(|(at, pair)| (*pair, became((at, pair)))).collect(), fixed, unknown }
}

fn same_grade(a: &Entry, b: &Entry) -> bool {
    let grade = |entry: &Entry| (entry.kind.clone(), entry.certainty.clone(), entry.tier.clone(), entry.standing.clone());
    grade(a) == grade(b) && a.score == b.score
}

/// Whether a finding that is gone would have been found: its file, or the place where it was, was looked at.
fn was_looked_for(entry: &Entry, manifest: &str, after: &Side) -> bool {
    let is_path = !manifest.starts_with("--");
    let below = |folder: &str| is_path && below(manifest, folder).is_some();
    let in_scope = after.scopes.iter().any(|scope| scope.path == manifest || (scope.is_folder && below(&scope.path)));
    // As a file writes it: `name`, or `name 1.2.3`.
    let is_about = |subject: &str| normalise_name(&entry.ecosystem, leading_name(subject)) == entry.name;
    let unlooked = after.unlooked.iter().any(|item| {
        let folder = |path: &str| path.rfind('/').map_or(0, |at| at + 1);
        let beside = item.beside && item.path[..folder(&item.path)] == manifest[..folder(manifest)];
        let here = beside || item.path == manifest || (!item.path.is_empty() && below(&item.path));
        here && item.subject.as_deref().is_none_or(is_about)
    });
    let is_there = after.files.iter().any(|file| file.path == manifest);
    (in_scope || is_there) && !unlooked
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Change, Entry, File, Scope, Side, compare};
    use crate::model::{AdvisoryId, Ecosystem};

    fn entry(manifest: u8, name: u8, id: u8, version: u8) -> Entry {
        Entry {
            ids: vec![AdvisoryId(format!("RUSTSEC-2099-{id:04}")), AdvisoryId(format!("CVE-2099-{id:04}"))],
            ecosystem: Ecosystem::crates_io(),
            name: format!("crate-{name}"),
            version: format!("1.{version}.0"),
            manifest: format!("{manifest}/Cargo.lock"),
            line: 1,
            kind: "vulnerability".to_owned(),
            certainty: "affected".to_owned(),
            tier: "high".to_owned(),
            score: None,
            standing: "overdue".to_owned(),
            exploited: false,
            due: None,
        }
    }

    fn side(entries: Vec<(u8, u8, u8, u8)>) -> Side {
        let mut entries: Vec<_> = entries;
        entries.sort_unstable();
        entries.dedup();
        let file = |manifest: u8| File {
            path: format!("{manifest}/Cargo.lock"),
            format: "cargo_lock".to_owned(),
            sha256: None,
            own: [format!("own-{manifest}")].into(),
            contents: [u64::from(manifest)].into(),
            lines: [].into(),
        };
        Side {
            entries: entries.into_iter().map(|(manifest, name, id, version)| entry(manifest, name, id, version)).collect(),
            files: (0..3).map(file).collect(),
            scopes: vec![Scope { path: String::new(), is_folder: true }],
            ..Side::default()
        }
    }

    fn entries() -> impl Strategy<Value = Vec<(u8, u8, u8, u8)>> {
        prop::collection::vec((0_u8..3, 0_u8..3, 0_u8..4, 0_u8..3), 0..30)
    }

    proptest! {
        #[test]
        fn nothing_differs_from_itself(entries in entries()) {
            let side = side(entries);
            let same = compare(&side, &side);
            prop_assert_eq!(same.count(Change::Unchanged), side.entries.len());
            prop_assert!(same.fixed.is_empty() && same.unknown.is_empty());
        }

        #[test]
        fn everything_is_paired_or_told_and_both_ways_agree(before in entries(), after in entries()) {
            let (before, after) = (side(before), side(after));
            let (there, back) = (compare(&before, &after), compare(&after, &before));
            let gone = there.fixed.len() + there.unknown.len();
            prop_assert_eq!(there.after.len(), after.entries.len());
            prop_assert_eq!(there.count(Change::New), back.fixed.len() + back.unknown.len());
            prop_assert_eq!(gone, back.count(Change::New));
            prop_assert_eq!(after.entries.len() - there.count(Change::New), before.entries.len() - gone);
            for (at, (pair, change)) in there.after.iter().enumerate() {
                prop_assert_eq!(pair.is_none(), *change == Change::New);
                if let Some(old) = pair {
                    let (old, new) = (&before.entries[*old], &after.entries[at]);
                    prop_assert!((&old.manifest, &old.name, &old.ids) == (&new.manifest, &new.name, &new.ids));
                }
            }
            // As many findings of an advisory as there are more of in a file are new, whatever their versions.
            let count = |side: &Side, of: &Entry| {
                side.entries.iter().filter(|e| (&e.manifest, &e.name, &e.ids) == (&of.manifest, &of.name, &of.ids)).count()
            };
            for of in &after.entries {
                let new = there.after.iter().zip(&after.entries).filter(|((_, change), e)| {
                    *change == Change::New && (&e.manifest, &e.name, &e.ids) == (&of.manifest, &of.name, &of.ids)
                });
                prop_assert_eq!(new.count(), count(&after, of).saturating_sub(count(&before, of)));
            }
        }
    }
}
