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
        Ok(Self { objects, tags: found })
    }
}

/// Finds out which findings that are promised for the next release a release since then still ships.
pub(super) fn ship(
    request: &ScanRequest,
    subjects: &[Subject<'_>],
    applied: &Applied<'_>,
    (findings, policies): (&[Finding], &[usize]),
    known: &mut [Circumstances],
) -> Result<(), ScanError> {
    let mut repositories: HashMap<PathBuf, Result<Shipping, Arc<str>>> = HashMap::new();
    for (at, finding) in findings.iter().enumerate() {
        let policy = applied.policy(policies[at]);
        let Some(subject) = subjects.get(finding.target).filter(|_| policy.waits_for_release(finding)) else { continue };
        let Some(started) = start(finding, policy.judging.clock, &known[at], request.as_of).at else { continue };
        if let Some(release) = &subject.release {
            let made = Release { tag: release.tag.clone(), at: release.at };
            known[at].shipped = if made.at > started { Shipped::In(made) } else { Shipped::No };
            continue;
        }
        known[at].shipped = match repository::place_in(subject.target.folder()) {
            None => Shipped::Unknown("it is in no git repository, so that there are no release tags".into()),
            Some((root, _)) => {
                let shipping = repositories.entry(root).or_insert_with_key(|root| Shipping::of(root));
                match shipping {
                    Ok(shipping) => shipping.first_since(request, subjects, subject, finding, started)?,
                    Err(why) => Shipped::Unknown(Arc::clone(why)),
                }
            }
        };
    }
    Ok(())
}

/// What the releases of a repository ship, found out as far as it is asked for.
pub(super) struct Shipping {
    releases: Releases,
    /// Of each commit, what it ships; of targets as they were asked for.
    shipped: HashMap<String, BTreeSet<Key>>,
}

impl Shipping {
    pub(super) fn of(root: &Path) -> Result<Self, Arc<str>> {
        let releases = Releases::of(root).map_err(|error| Arc::<str>::from(error.to_string()))?;
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
        subject: &Subject<'_>,
        finding: &Finding,
        started: Timestamp,
    ) -> Result<Shipped, ScanError> {
        // Both sides are told from the same root, so that one key is that of one finding.
        let key = |finding: &Finding| Key {
            group: identity::group(finding),
            manifest: identity::from_root(subject.base, &finding.manifest),
            ecosystem: finding.ecosystem.as_str().to_owned(),
            name: crate::model::normalise_name(&finding.ecosystem, &finding.name),
        };
        let wanted = key(finding);
        let since: Vec<Tagged> = self.releases.tags.iter().filter(|tag| tag.at > started && tag.at <= request.as_of).cloned().collect();
        for tag in since {
            if !self.shipped.contains_key(&tag.commit) {
                let keys = keys_of(request, subjects, &self.releases.objects, &tag.commit)?;
                self.shipped.insert(tag.commit.clone(), keys);
            }
            if self.shipped.get(&tag.commit).is_some_and(|keys| keys.contains(&wanted)) {
                return Ok(Shipped::In(Release { tag: tag.tag, at: tag.at }));
            }
        }
        Ok(Shipped::No)
    }
}

/// What a commit ships, of all targets that lie in its repository.
fn keys_of(request: &ScanRequest, subjects: &[Subject<'_>], objects: &Arc<Objects>, commit: &str) -> Result<BTreeSet<Key>, ScanError> {
    let mut revisions: Vec<(&Subject<'_>, Revision)> = Vec::new();
    for subject in subjects.iter().filter(|subject| subject.release.is_none()) {
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
        })
        .collect();
    let report = look(request, &at_release, None, Depth::Findings)?;
    let places = Places::new(&report);
    Ok(report.findings.iter().map(|judged| identity::key(&places, &judged.finding)).collect())
}

/// Where a target is in the repository of these objects, if it is in it.
pub(super) fn place(target: &Target, objects: &Objects) -> Option<(PathBuf, String)> {
    repository::place_in(target.folder()).filter(|(root, _)| root == objects.repository())
}
