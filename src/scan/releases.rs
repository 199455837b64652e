//! Releases of the project: its tags that are versions, when they were made, and what they ship.

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    ScanError, ScanRequest,
    policies::Applied,
    story::{Depth, look},
    subject::Subject,
};
use crate::{
    model::{Finding, Timestamp},
    policy::{Circumstances, Release, Shipped, clock::start, coverage::Numbers},
    report::{
        DependencyFile, Placed,
        identity::{self, Key},
        places::Places,
    },
    tree::{
        Files, GitError, Objects, Revision, Target,
        releases::{Tagged, tagged},
        repository,
        tags::tags,
    },
};

/// A repository whose releases are asked for.
pub(super) struct Releases {
    pub(super) objects: Arc<Objects>,
    /// The tags that are versions, the newest first made last.
    pub(super) tags: Vec<Tagged>,
    /// Whether the clone is a shallow one, which may lack tags.
    pub(super) is_cut_off: bool,
}

impl Releases {
    /// The releases of the repository at a root.
    ///
    /// # Errors
    /// When git does not answer.
    pub(super) fn of(root: &Path) -> Result<Self, GitError> {
        let objects = Arc::new(Objects::open(root)?);
        let mut found = Vec::new();
        for tag in tags(root).iter().filter(|tag| Numbers::is_release(tag)) {
            found.extend(tagged(&objects, tag)?);
        }
        found.sort_by(|a, b| (a.at, &a.tag).cmp(&(b.at, &b.tag)));
        Ok(Self { objects, tags: found, is_cut_off: !repository::cut_off(root).is_empty() })
    }
}

/// Finds out which findings that are promised for the next release a release since then still ships.
pub(super) fn ship(
    request: &ScanRequest,
    subjects: &[Subject<'_>],
    applied: &Applied<'_>,
    (findings, policies): (&[Box<Finding>], &[usize]),
    files: &[Placed<DependencyFile>],
    known: &mut [Circumstances],
) -> Result<(), ScanError> {
    let mut repositories: HashMap<PathBuf, Result<Shipping, Arc<str>>> = HashMap::new();
    for (at, finding) in findings.iter().enumerate() {
        let policy = applied.policy(policies[at]);
        let Some(subject) = subjects.get(finding.target).filter(|_| policy.waits_for_release(finding)) else { continue };
        let Some(started) = start(finding, policy.judging.clock, &known[at], request.as_of).at else { continue };
        known[at].shipped = match repository::nearest_place(subject.target.folder()) {
            None => Shipped::Unknown("it is in no git repository, so that there are no release tags".into()),
            Some((root, _)) => {
                let shipping = repositories.entry(root).or_insert_with_key(|root| Shipping::of(root));
                match shipping {
                    Ok(shipping) => {
                        let key = identity::key_of(finding, real_place(subject, files, finding));
                        shipping.first_since(request, subjects, &key, started)?
                    }
                    Err(why) => Shipped::Unknown(Arc::clone(why)),
                }
            }
        };
    }
    Ok(())
}

impl Contents {
    /// Whether it has a finding: in its file, or where that is not there, as before it moved, in another one.
    fn ships(&self, wanted: &Key) -> bool {
        self.keys.contains(wanted) || (!self.files.contains(&wanted.manifest) && self.keys.iter().any(|key| key.is_elsewhere(wanted)))
    }
}

/// The dependency file of a finding from the root of the checkout, and of a link the file itself.
fn real_place(subject: &Subject<'_>, files: &[Placed<DependencyFile>], finding: &Finding) -> String {
    let own = files.iter().find(|file| file.target == finding.target && file.item.path == finding.manifest);
    let path = own.and_then(|file| file.item.real.as_deref()).unwrap_or(&finding.manifest);
    identity::from_root(subject.base, path)
}

/// What a commit ships.
struct Contents {
    keys: BTreeSet<Key>,
    /// The dependency files.
    files: BTreeSet<String>,
    /// Dependency files that could not be read.
    unread: BTreeSet<String>,
}

/// What the releases of a repository ship, found out as far as it is asked for.
pub(super) struct Shipping {
    releases: Releases,
    /// Of each commit, what it ships; of targets as they were asked for.
    shipped: HashMap<String, Result<Contents, Arc<str>>>,
}

impl Shipping {
    pub(super) fn of(root: &Path) -> Result<Self, Arc<str>> {
        let releases = Releases::of(root).map_err(|error| Arc::<str>::from(in_words(&error)))?;
        if releases.tags.is_empty() {
            return Err("there is no release tag here; in CI fetch them all (fetch-depth: 0)".into());
        }
        Ok(Self { releases, shipped: HashMap::new() })
    }

    /// The first release since a moment, up to that of judging, that ships a finding of a target.
    pub(super) fn first_since(
        &mut self,
        request: &ScanRequest,
        subjects: &[Subject<'_>],
        wanted: &Key,
        started: Timestamp,
    ) -> Result<Shipped, ScanError> {
        let since: Vec<Tagged> = self.releases.tags.iter().filter(|tag| tag.at > started && tag.at <= request.as_of).cloned().collect();
        let mut unknown = None;
        for tag in since {
            if !self.shipped.contains_key(&tag.commit) {
                let contents = match contents(request, subjects, &self.releases.objects, &tag.commit) {
                    // A clone may lack what a release has; the findings are there all the same.
                    Err(ScanError::Git(error)) => Err(Arc::<str>::from(format!("{} cannot be read: {}", tag.tag, in_words(&error)))),
                    other => Ok(other?),
                };
                self.shipped.insert(tag.commit.clone(), contents);
            }
            match self.shipped.get(&tag.commit) {
                Some(Ok(contents)) if contents.ships(wanted) => {
                    return Ok(Shipped::In(Release { tag: tag.tag, at: tag.at }));
                }
                Some(Ok(contents)) if contents.unread.contains(&wanted.manifest) => {
                    unknown = Some(Arc::from(format!("{} of {} cannot be read", wanted.manifest, tag.tag)));
                }
                Some(Err(why)) => unknown = Some(Arc::clone(why)),
                _ => {}
            }
        }
        Ok(unknown.map_or(Shipped::No, Shipped::Unknown))
    }
}

/// An error of git in words that are the same on every machine.
pub(super) fn in_words(error: &GitError) -> String {
    match error {
        GitError::NoRepository(_) => "it is in no git repository".to_owned(),
        GitError::NoGit(_) => "git cannot be run".to_owned(),
        GitError::Failed { words, .. } => format!("git says: {words}"),
        GitError::MissingObject { .. } => "the clone lacks it, fetch it whole (fetch-depth: 0 and no filter)".to_owned(),
        GitError::NoRevision { revision, .. } | GitError::NotACommit { revision, .. } => format!("there is no revision {revision}"),
        GitError::NoCommonAncestor { .. } => "there is no common ancestor".to_owned(),
    }
}

/// What a commit ships, of all targets that lie in its repository.
fn contents(request: &ScanRequest, subjects: &[Subject<'_>], objects: &Arc<Objects>, commit: &str) -> Result<Contents, ScanError> {
    let mut revisions: Vec<(&Subject<'_>, Revision)> = Vec::new();
    for subject in subjects.iter().filter(|subject| subject.release.is_none() && subject.image.is_none()) {
        if let Some((_, folder)) = place(subject.target, objects) {
            revisions.push((subject, Revision::new(objects.clone(), commit, &folder)?));
        }
    }
    let at_release: Vec<Subject<'_>> = revisions
        .iter()
        .map(|(subject, revision)| Subject {
            target: subject.target,
            base: subject.base,
            source: revision as &dyn Files,
            given: subject.given,
            release: None,
            image: None,
            memory: None,
        })
        .collect();
    let report = look(request, &at_release, None, Depth::Findings)?;
    let places = Places::new(&report);
    let keys = report.findings.iter().map(|judged| identity::key(&places, &judged.finding)).collect();
    let files: Vec<&Placed<DependencyFile>> = report.files_read.iter().collect();
    let unread = files.iter().filter(|file| !file.item.checked);
    let real = |file: &Placed<DependencyFile>| file.item.real.clone().unwrap_or_else(|| file.item.path.clone());
    let unread = unread.map(|file| report.from_root(file.target, &real(file))).collect();
    let files = files.iter().map(|file| report.from_root(file.target, &real(file))).collect();
    Ok(Contents { keys, files, unread })
}

/// Where a target is in the repository of these objects, if it is in it.
pub(super) fn place(target: &Target, objects: &Objects) -> Option<(PathBuf, String)> {
    repository::nearest_place(target.folder()).filter(|(root, _)| root == objects.repository())
}
