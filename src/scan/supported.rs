//! Supported releases: the newest tag of each line of releases that the policy supports, to be looked at beside the
//! working tree.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    ScanError, ScanRequest,
    policies::Applied,
    releases::{Releases, place},
};
use crate::{
    model::Timestamp,
    policy::{
        coverage::{Numbers, covers},
        reading::SupportedVersion,
    },
    report::{LineOutcome, ReleaseTarget, Supported, SupportedLine, Uncovered},
    tree::{GitError, Revision, Target, TargetKind, releases::Tagged, repository},
};

/// The lines of releases of the targets, and the releases to look at.
#[derive(Default)]
pub(super) struct Lines {
    /// The rows, with what they led to; a release is an index into `releases`.
    pub(super) lines: Vec<SupportedLine>,
    pub(super) uncovered: Vec<Uncovered>,
    /// What is to be looked at: the target as it was asked for, its release, its files.
    pub(super) releases: Vec<(usize, ReleaseTarget, Revision)>,
}

/// Finds the releases that the policies of the targets support.
///
/// # Errors
/// When no policy has such rows, or a target is in no repository.
pub(super) fn find(request: &ScanRequest, targets: &[Target], applied: &mut Applied<'_>) -> Result<Lines, ScanError> {
    let mut found = Lines::default();
    let mut has_rows = false;
    for (at, target) in targets.iter().enumerate() {
        let policy = applied.of_target(at);
        let rows = applied.policy(policy).supported_versions.clone();
        if rows.is_empty() || !matches!(target.kind, TargetKind::Directory | TargetKind::Lockfile) {
            continue;
        }
        has_rows = true;
        let (root, _) = repository::place_in(target.folder()).ok_or_else(|| GitError::NoRepository(target.given.clone()))?;
        let releases = Releases::of(&root)?;
        found.target(at, target, &rows, &releases, request.as_of)?;
    }
    if has_rows { Ok(found) } else { Err(ScanError::NothingSupported) }
}

impl Lines {
    /// What a report tells of them, where the releases are its targets from this one on.
    pub(super) fn told(self, first: usize) -> Supported {
        let outcome = |line: SupportedLine| match line.outcome {
            LineOutcome::Release(at) => SupportedLine { outcome: LineOutcome::Release(first + at), ..line },
            _ => line,
        };
        Supported { lines: self.lines.into_iter().map(outcome).collect(), uncovered: self.uncovered }
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
            let outcome = match (row.until, newest(row, &tags)) {
                (Some(until), _) if until.plus_hours(24) <= as_of => LineOutcome::Ended(until),
                (_, Newest::WorkingTree) => LineOutcome::WorkingTree(at),
                (_, Newest::Unknown) => LineOutcome::Incomparable,
                (_, Newest::None) => LineOutcome::NoTag,
                (_, Newest::Tag(tag)) => LineOutcome::Release(self.release(at, target, row, tag, releases)?),
            };
            self.lines.push(SupportedLine { row: row.clone(), outcome });
        }
        self.uncovered.extend(uncovered(rows, &tags));
        Ok(())
    }

    /// A release that is to be looked at; two rows may mean the same.
    fn release(
        &mut self,
        at: usize,
        target: &Target,
        row: &SupportedVersion,
        tag: &Tagged,
        releases: &Releases,
    ) -> Result<usize, GitError> {
        if let Some(known) = self.releases.iter().position(|(given, release, _)| *given == at && release.tag == tag.tag) {
            return Ok(known);
        }
        let folder = place(target, &releases.objects).map(|(_, folder)| folder).unwrap_or_default();
        let revision = Revision::new(Arc::clone(&releases.objects), &tag.commit, &folder)?;
        let release = ReleaseTarget { line: row.pattern.clone(), tag: tag.tag.clone(), commit: tag.commit.clone(), at: tag.at };
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

const LATEST: [&str; 5] = ["latest", "newest", "current", "most recent", "last release"];
const WORKING_TREE: [&str; 7] = ["main", "master", "trunk", "head", "develop", "development", "unreleased"];

fn newest<'a>(row: &SupportedVersion, tags: &[(Numbers, &'a Tagged)]) -> Newest<'a> {
    let newest = |meant: &dyn Fn(&Numbers) -> bool| tags.iter().filter(|(numbers, _)| meant(numbers)).max_by(|a, b| a.0.cmp(&b.0));
    let text = row.pattern.to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    if is_latest(&row.pattern) {
        return newest(&|_| true).map_or(Newest::None, |(_, tag)| Newest::Tag(tag));
    }
    if words.iter().any(|word| WORKING_TREE.contains(word)) {
        return Newest::WorkingTree;
    }
    let Some(any) = tags.first() else { return Newest::None };
    if covers(&row.pattern, &any.0).is_none() {
        return Newest::Unknown;
    }
    newest(&|numbers| covers(&row.pattern, numbers) == Some(true)).map_or(Newest::None, |(_, tag)| Newest::Tag(tag))
}

fn is_latest(pattern: &str) -> bool {
    let text = pattern.to_lowercase();
    LATEST.iter().any(|word| text.contains(word)) && !text.contains(|c: char| c.is_ascii_digit())
}

/// Releases that no row is about, by their lines. Where the latest one is supported, the others are meant not to be; where
/// a row cannot be compared, nothing is known.
fn uncovered(rows: &[SupportedVersion], tags: &[(Numbers, &Tagged)]) -> Vec<Uncovered> {
    let is_told = |row: &SupportedVersion| tags.first().is_none_or(|(numbers, _)| covers(&row.pattern, numbers).is_some());
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
        Some(Uncovered { newest, oldest, count: tags.len() })
    };
    lines.into_values().rev().filter_map(of).collect()
}
