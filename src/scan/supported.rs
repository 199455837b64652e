//! Supported releases: the newest tag of each line of releases that the policy supports, to be looked at beside the
//! working tree.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::PathBuf,
    sync::Arc,
};

use super::{
    ScanError, ScanRequest,
    policies::Applied,
    releases::{Releases, place},
};
use crate::{
    model::Timestamp,
    policy::{
        coverage::{Numbers, alternatives, covers},
        reading::SupportedVersion,
    },
    report::{LineOutcome, ReleaseTarget, Supported, SupportedLine, Uncovered},
    tree::{GitError, Revision, Target, TargetKind, releases::Tagged, repository},
};

/// The lines of releases of the targets, and the releases to look at.
#[derive(Default)]
pub(super) struct Lines {
    /// The rows, with what they led to; a release is an index into `releases`.
    pub(super) rows: Vec<SupportedLine>,
    pub(super) uncovered: Vec<Uncovered>,
    /// What is to be looked at: the target as it was asked for, its release, its files.
    pub(super) releases: Vec<(usize, ReleaseTarget, Revision)>,
    /// Lines that are supported and were not looked at, of which target, and why.
    pub(super) unlooked: Vec<(usize, String, &'static str)>,
}

/// Finds the releases that the policies of the targets support.
///
/// # Errors
/// When no policy has such rows, or a target is in no repository.
pub(super) fn find(request: &ScanRequest, targets: &[Target], applied: &mut Applied<'_>) -> Result<Lines, ScanError> {
    let mut found = Lines::default();
    let mut has_rows = false;
    let mut repositories: BTreeMap<PathBuf, Releases> = BTreeMap::new();
    for (at, target) in targets.iter().enumerate() {
        let policy = applied.of_target(at);
        let rows = applied.policy(policy).supported_versions.clone();
        if rows.is_empty() || !matches!(target.kind, TargetKind::Directory | TargetKind::Lockfile) {
            continue;
        }
        has_rows = true;
        let (root, _) = repository::nearest_place(target.folder()).ok_or_else(|| GitError::NoRepository(target.given.clone()))?;
        let releases = match repositories.entry(root) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let releases = Releases::of(new.key())?;
                new.insert(releases)
            }
        };
        found.target(at, target, &rows, releases, request.as_of)?;
    }
    if has_rows { Ok(found) } else { Err(ScanError::NothingSupported) }
}

impl Lines {
    /// What a report tells of them, where the releases are its targets from this one on.
    pub(super) fn told(&self, first: usize) -> Supported {
        let outcome = |line: &SupportedLine| match line.outcome {
            LineOutcome::Release(at) => SupportedLine { outcome: LineOutcome::Release(first + at), ..line.clone() },
            _ => line.clone(),
        };
        Supported { lines: self.rows.iter().map(outcome).collect(), uncovered: self.uncovered.clone() }
    }

    fn target(
        &mut self,
        at: usize,
        target: &Target,
        rows: &[SupportedVersion],
        releases: &Releases,
        as_of: Timestamp,
    ) -> Result<(), GitError> {
        let tags: Vec<(Numbers, &Tagged)> =
            releases.tags.iter().filter(|tag| tag.at <= as_of).filter_map(|tag| Some((Numbers::of(&tag.tag)?, tag))).collect();
        for row in rows.iter().filter(|row| row.supported) {
            for line in alternatives(&row.pattern) {
                // What a row that says more exactly which calls unsupported is not meant.
                let is_meant = |numbers: &Numbers| {
                    let denies = |other: &&SupportedVersion| !other.supported && exactness(&other.pattern) > exactness(&line);
                    !rows.iter().filter(denies).any(|other| covers(&other.pattern, numbers) == Some(true))
                };
                let meant: Vec<(Numbers, &Tagged)> = tags.iter().filter(|(numbers, _)| is_meant(numbers)).cloned().collect();
                let outcome = match (row.until, newest(&line, &meant)) {
                    (Some(until), _) if until.plus_hours(24) <= as_of => LineOutcome::Ended(until),
                    (_, Newest::WorkingTree) => LineOutcome::WorkingTree(at),
                    (_, Newest::Unknown) => LineOutcome::Incomparable,
                    (_, Newest::None) => LineOutcome::NoTag,
                    (_, Newest::Tag(tag)) => LineOutcome::Release(self.release(at, target, &line, tag, releases)?),
                };
                let why = match outcome {
                    LineOutcome::NoTag if tags.is_empty() || releases.is_cut_off => {
                        "there is no release tag of it here, in a clone that may not have them all: fetch them (fetch-depth: 0)"
                    }
                    LineOutcome::Incomparable => "what it says cannot be compared with tags: write it as 1.x, >= 2.0 or latest",
                    _ => "",
                };
                if !why.is_empty() {
                    self.unlooked.push((at, line.clone(), why));
                }
                self.rows.push(SupportedLine { given: at, row: row.clone(), line, outcome });
            }
        }
        self.uncovered.extend(uncovered(at, rows, &tags));
        Ok(())
    }

    /// A release that is to be looked at; two rows may mean the same.
    fn release(&mut self, at: usize, target: &Target, line: &str, tag: &Tagged, releases: &Releases) -> Result<usize, GitError> {
        if let Some(known) = self.releases.iter().position(|(given, release, _)| *given == at && release.tag == tag.tag) {
            return Ok(known);
        }
        let folder = place(target, &releases.objects).map(|(_, folder)| folder).unwrap_or_default();
        let revision = Revision::new(Arc::clone(&releases.objects), &tag.commit, &folder)?;
        let Tagged { tag, commit, at: made } = tag.clone();
        let release = ReleaseTarget { given: at, line: line.to_owned(), tag, commit, at: made, folder };
        self.releases.push((at, release, revision));
        Ok(self.releases.len() - 1)
    }
}

/// The newest release that a row means.
enum Newest<'a> {
    Tag(&'a Tagged),
    WorkingTree,
    None,
    Unknown,
}

const LATEST: [&str; 5] = ["latest", "newest", "current", "recent", "last"];
/// What may stand beside that: "only the latest stable release". Anything else may mean more, or less.
const BESIDE_LATEST: [&str; 10] = ["only", "the", "most", "stable", "release", "released", "version", "tag", "published", "is"];
const WORKING_TREE: [&str; 7] = ["main", "master", "trunk", "head", "develop", "development", "unreleased"];

fn newest<'a>(pattern: &str, tags: &[(Numbers, &'a Tagged)]) -> Newest<'a> {
    let newest = |meant: &dyn Fn(&Numbers) -> bool| tags.iter().filter(|(numbers, _)| meant(numbers)).max_by(|a, b| a.0.cmp(&b.0));
    if is_latest(pattern) {
        return newest(&|_| true).map_or(Newest::None, |(_, tag)| Newest::Tag(tag));
    }
    if is_working_tree(pattern) {
        return Newest::WorkingTree;
    }
    let Some(any) = tags.first() else { return Newest::None };
    if covers(pattern, &any.0).is_none() {
        return Newest::Unknown;
    }
    newest(&|numbers| covers(pattern, numbers) == Some(true)).map_or(Newest::None, |(_, tag)| Newest::Tag(tag))
}

fn is_latest(pattern: &str) -> bool {
    let text = pattern.to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_known = |word: &&str| LATEST.contains(word) || BESIDE_LATEST.contains(word);
    words.iter().any(|word| LATEST.contains(word)) && words.iter().all(is_known)
}

/// How many numbers a row names: `1.2.x` more than `1.x`.
fn exactness(pattern: &str) -> usize {
    pattern.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).count()
}

/// Whether a row means what is not released yet.
fn is_working_tree(pattern: &str) -> bool {
    let text = pattern.to_lowercase();
    // "1.x (main)" is a line of releases all the same.
    !text.contains(|c: char| c.is_ascii_digit()) && text.split(|c: char| !c.is_alphanumeric()).any(|word| WORKING_TREE.contains(&word))
}

/// Releases that no row is about, by their lines. Where the latest one is supported, the others are meant not to be; where
/// a row cannot be compared, nothing is known.
fn uncovered(given: usize, rows: &[SupportedVersion], tags: &[(Numbers, &Tagged)]) -> Vec<Uncovered> {
    // What is not released says nothing of releases.
    let rows: Vec<&SupportedVersion> = rows.iter().filter(|row| !is_working_tree(&row.pattern)).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let is_told = |row: &&SupportedVersion| tags.first().is_none_or(|(numbers, _)| covers(&row.pattern, numbers).is_some());
    if !rows.iter().all(is_told) {
        return Vec::new();
    }
    let mut lines: BTreeMap<u64, Vec<(&Numbers, &str)>> = BTreeMap::new();
    for (numbers, tag) in tags.iter().filter(|(numbers, _)| !rows.iter().any(|row| covers(&row.pattern, numbers) == Some(true))) {
        lines.entry(numbers.major()).or_default().push((numbers, &tag.tag));
    }
    let of = |mut tags: Vec<(&Numbers, &str)>| {
        tags.sort();
        let (oldest, newest) = (tags.first()?.1.to_owned(), tags.last()?.1.to_owned());
        Some(Uncovered { given, newest, oldest, count: tags.len() })
    };
    lines.into_values().rev().filter_map(of).collect()
}
