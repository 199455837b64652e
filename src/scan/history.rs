//! The git revisions that a scan compares: which ones a text means, and the files of each target in them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use crate::tree::{Files, GitError, Objects, Revision, Target, objects::merge_base, repository};

/// What `--new-since` means, in the notation of git's diff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionRange {
    /// As it was given.
    pub given: String,
    base: String,
    /// The later side; `None`: the files as they are on disk.
    head: Option<String>,
    /// Whether the earlier side is where the two parted (`A...B`).
    where_they_parted: bool,
}

impl FromStr for RevisionRange {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        let (base, head, where_they_parted) = match (given.split_once("..."), given.split_once("..")) {
            (Some((base, head)), _) => (base, Some(head), true),
            (None, Some((base, head))) => (base, Some(head), false),
            (None, None) => (given, None, false),
        };
        if base.is_empty() || base.starts_with('-') {
            return Err("name a revision, as origin/main, HEAD~1, v1.2.0 or main...HEAD".to_owned());
        }
        let head = head.map(|head| if head.is_empty() { "HEAD" } else { head }.to_owned());
        Ok(Self { given: given.to_owned(), base: base.to_owned(), head, where_they_parted })
    }
}

impl RevisionRange {
    /// The revision that is compared with, as it was given.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }
}

/// The ends of a range in one repository.
pub struct Ends {
    /// Its objects.
    pub objects: Arc<Objects>,
    /// The earlier commit.
    pub base: String,
    /// The later one; `None`: the files as they are on disk.
    pub head: Option<String>,
}

/// The ends of a range in the repository around a folder.
///
/// # Errors
/// When there is none, git does not answer, or a revision is not there.
pub fn ends(folder: &Path, range: &RevisionRange) -> Result<Ends, GitError> {
    let (root, _) = repository::place_in(folder).ok_or_else(|| GitError::NoRepository(folder.display().to_string()))?;
    let Commits { objects, base, head } = Commits::find(&root, range)?;
    Ok(Ends { objects, base, head })
}

/// The revisions of every target's repository.
pub(super) struct History {
    repositories: BTreeMap<PathBuf, Commits>,
    /// Of each target: its repository, and its folder in it.
    places: Vec<(PathBuf, String)>,
}

struct Commits {
    objects: Arc<Objects>,
    base: String,
    head: Option<String>,
}

impl History {
    /// Finds the revisions in the repositories of the targets.
    ///
    /// # Errors
    /// When a target is in no repository, git does not answer, or a revision is not there.
    pub(super) fn open(targets: &[Target], range: &RevisionRange) -> Result<Self, GitError> {
        let (mut repositories, mut places) = (BTreeMap::new(), Vec::new());
        for target in targets {
            let nowhere = || GitError::NoRepository(target.given.clone());
            let (root, folder) = repository::place_in(target.folder()).ok_or_else(nowhere)?;
            if !repositories.contains_key(&root) {
                repositories.insert(root.clone(), Commits::find(&root, range)?);
            }
            places.push((root, folder));
        }
        Ok(Self { repositories, places })
    }

    /// The earlier side's files, a target at a time.
    pub(super) fn before(&self) -> Result<Vec<Box<dyn Files + '_>>, GitError> {
        self.files(|commits| Some(&commits.base)).unwrap_or_else(|| Ok(Vec::new()))
    }

    /// The later side's files; `None`: they are on disk.
    pub(super) fn after(&self) -> Option<Result<Vec<Box<dyn Files + '_>>, GitError>> {
        self.files(|commits| commits.head.as_ref())
    }

    /// The earlier commit, where there is only one repository.
    pub(super) fn commit(&self) -> Option<&str> {
        let mut commits = self.repositories.values();
        commits.next().filter(|_| commits.next().is_none()).map(|commits| commits.base.as_str())
    }

    fn files<'a>(&'a self, side: impl Fn(&'a Commits) -> Option<&'a String>) -> Option<Result<Vec<Box<dyn Files + 'a>>, GitError>> {
        let of = |(root, folder): &(PathBuf, String)| {
            let commits = &self.repositories[root];
            side(commits).map(|commit| Ok(Box::new(Revision::new(commits.objects.clone(), commit, folder)?) as Box<dyn Files + 'a>))
        };
        self.places.iter().map(of).collect()
    }
}

impl Commits {
    fn find(root: &Path, range: &RevisionRange) -> Result<Self, GitError> {
        let objects = Arc::new(Objects::open(root)?);
        let head = range.head.as_deref().map(|head| objects.commit(head)).transpose()?;
        let mut base = objects.commit(&range.base)?;
        if let (true, Some(head)) = (range.where_they_parted, &head) {
            base = merge_base(root, &base, head)?;
        }
        Ok(Self { objects, base, head })
    }
}

#[cfg(test)]
mod tests {
    use super::RevisionRange;

    #[test]
    fn ranges_are_read_as_git_writes_them() {
        for (given, base, head, parted) in [
            ("main", "main", None, false),
            ("HEAD^1", "HEAD^1", None, false),
            ("a..b", "a", Some("b"), false),
            ("a..", "a", Some("HEAD"), false),
            ("a...", "a", Some("HEAD"), true),
        ] {
            let range: RevisionRange = given.parse().expect("a range");
            assert_eq!((range.base.as_str(), range.head.as_deref(), range.where_they_parted), (base, head, parted), "{given}");
        }
        for given in ["", "..b", "...", "--all"] {
            assert!(given.parse::<RevisionRange>().is_err(), "{given}");
        }
    }
}
