//! How a policy was kept over time: the dependency files of the past commits of a branch, read from git's objects, tell when
//! each finding came and when it went.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use rayon::prelude::*;

use super::{
    ScanError, ScanRequest,
    follow::{Following, Snapshot},
    memory::Memory,
    releases::Shipping,
    story::{Depth, look},
    subject::{Subject, Subjects},
};
use crate::{
    inventory::{self, coverage::folder},
    model::{Reason, Timestamp},
    policy::Policy,
    report::{
        DependencyFile, Judged, Placed, Report,
        compliance::{Compliance, Span},
        identity::{self, Key},
        places::Places,
    },
    tree::{
        self, Disk, Files, GitError, Objects, Revision, Target,
        log::{Logged, first_parents},
        names::below,
        repository::{self, cut_off},
    },
};

/// Commits that are looked at together: enough for all processors, few enough for memory.
const TOGETHER: usize = 64;

/// Commits that are looked at for what cannot be read in the first one.
const MOST_BEFORE: usize = 100;

/// Targets in one repository, with their folders in it.
type PlacesIn = Vec<(usize, String)>;

/// Looks at the commits of a branch since a moment, first parents only, up to the moment of judging. Of several versions of
/// a package in one file the finding is one, and gone when none of them has it any more.
///
/// # Errors
/// When a target is in no repository, git does not answer, or the advisory data cannot be trusted.
pub fn compliance(request: &ScanRequest, since: Timestamp, branch: &str) -> Result<Compliance, ScanError> {
    let targets: Vec<Target> = request.targets.iter().map(|given| Target::new(given)).collect::<Result<_, _>>()?;
    let bases = tree::bases(&targets.iter().map(Target::folder).collect::<Vec<_>>());
    let mut repositories: BTreeMap<PathBuf, PlacesIn> = BTreeMap::new();
    for (at, target) in targets.iter().enumerate() {
        let nowhere = || GitError::NoRepository(target.given.clone());
        let (root, folder) = repository::place_in(target.folder()).ok_or_else(nowhere)?;
        repositories.entry(root).or_default().push((at, folder));
    }
    let on_disk: Vec<Box<dyn Files>> = targets.iter().map(|target| Box::new(Disk::new(target.folder())) as Box<dyn Files>).collect();
    let here = Subjects { targets: &targets, bases: &bases, opened: &[] }.with(&on_disk);
    let past = Past { request, targets: &targets, bases: &bases, here: &here, memory: Memory::default() };
    let (mut spans, mut episodes) = (Vec::new(), Vec::new());
    let mut policies: Vec<Policy> = Vec::new();
    for (root, places) in repositories {
        let (following, span) = past.follow(&root, &places, since, branch)?;
        for policy in following.policies() {
            if !policies.contains(policy) {
                policies.push(policy.clone());
            }
        }
        spans.push(span);
        episodes.extend(following.end()?);
    }
    episodes.retain(|episode| episode.is_about(since, request.as_of));
    episodes.sort_by(|a, b| a.order().cmp(&b.order()));
    Ok(Compliance { since, as_of: request.as_of, branch: branch.to_owned(), spans, policies, episodes })
}

/// What is looked at in every commit.
struct Past<'a> {
    request: &'a ScanRequest,
    targets: &'a [Target],
    bases: &'a [String],
    /// The targets as they are now.
    here: &'a [Subject<'a>],
    memory: Memory,
}

impl Past<'_> {
    /// Looks at the commits of a repository, the oldest first. What a file refers to may have any name: what the commits
    /// read tells, and then all that changed such a file.
    fn follow(&self, root: &Path, places: &PlacesIn, since: Timestamp, branch: &str) -> Result<(Following<'_>, Span), ScanError> {
        let objects = Arc::new(Objects::open(root)?);
        let head = objects.commit(branch)?;
        let mut known: BTreeSet<String> = BTreeSet::new();
        loop {
            let touches = |path: &str| {
                let of = |(_, folder): &(usize, String)| below(path, folder).is_some_and(|path| inventory::by_name(path).is_some());
                known.contains(path) || places.iter().any(of)
            };
            let mut following = Following::new(self.request, self.here, Shipping::of(root));
            let (span, read) = self.walk(root, places, since, (&objects, &head), &touches, &mut following)?;
            let new: Vec<String> = read.into_iter().filter(|path| !touches(path)).collect();
            if new.is_empty() {
                return Ok((following, span));
            }
            known.extend(new);
        }
    }

    /// Follows the findings through the commits that touch something; tells which files were read.
    fn walk(
        &self,
        root: &Path,
        places: &PlacesIn,
        since: Timestamp,
        (objects, head): (&Arc<Objects>, &str),
        touches: &dyn Fn(&str) -> bool,
        following: &mut Following<'_>,
    ) -> Result<(Span, BTreeSet<String>), ScanError> {
        let commits = self.commits(root, head, since, touches)?;
        let changed = commits.iter().filter(|commit| commit.at >= since && commit.touches).count();
        let begins = commits.first().is_some_and(|first| first.at >= since);
        let is_cut_off = begins && commits.first().is_some_and(|first| cut_off(root).contains(&first.commit));
        if begins && !is_cut_off {
            following.begin();
        }
        let count = commits.len();
        let looked_at = |(at, commit): &(usize, &Logged)| *at == 0 || *at + 1 == count || commit.touches;
        let scanned: Vec<&Logged> = commits.iter().enumerate().filter(looked_at).map(|(_, commit)| commit).collect();
        let (mut read, mut unread) = (BTreeSet::new(), BTreeSet::new());
        // Of what the first one has it is asked since when; of what it cannot be asked, those before.
        if let Some(first) = scanned.first() {
            let snapshot = self.snapshot(places, objects, first, Depth::Whole)?;
            for before in self.before(root, places, objects, (first, &snapshot), touches)? {
                following.step(before);
            }
            (read, unread) = (snapshot.files.clone(), snapshot.unread.clone());
            following.step(snapshot);
        }
        for together in scanned.get(1..).unwrap_or_default().chunks(TOGETHER) {
            let snapshot = |commit: &&Logged| self.snapshot(places, objects, commit, Depth::Findings);
            let snapshots: Vec<Snapshot> = together.par_iter().map(snapshot).collect::<Result<_, _>>()?;
            for snapshot in snapshots {
                read.extend(snapshot.files.iter().cloned());
                unread.clone_from(&snapshot.unread);
                following.step(snapshot);
            }
        }
        let span = Span {
            commit: commits.last().map_or(head.to_owned(), |commit| commit.commit.clone()),
            commits: commits.iter().filter(|commit| commit.at >= since).count(),
            scanned: changed,
            cut_off: is_cut_off.then(|| commits.first().map(|first| first.at)).flatten(),
            unread_commits: following.unread(),
            unread: unread.into_iter().collect(),
        };
        Ok((span, read))
    }

    /// The commits before the first one, as far back as it takes to read what that has and cannot be read in it.
    fn before(
        &self,
        root: &Path,
        places: &PlacesIn,
        objects: &Arc<Objects>,
        (first, snapshot): (&Logged, &Snapshot),
        touches: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<Snapshot>, ScanError> {
        let mut found = Vec::new();
        let mut missing = snapshot.unread.clone();
        if missing.is_empty() {
            return Ok(found);
        }
        let older = first_parents(root, &first.commit, Timestamp::from_seconds(0), touches)?;
        for commit in older.iter().skip(1).filter(|commit| commit.touches).take(MOST_BEFORE) {
            let snapshot = self.snapshot(places, objects, commit, Depth::Whole)?;
            missing.retain(|path| snapshot.unread.contains(path) || !snapshot.files.contains(path));
            found.push(snapshot);
            if missing.is_empty() {
                break;
            }
        }
        found.reverse();
        Ok(found)
    }

    /// The commits of a branch up to the moment of judging, the oldest first. One that is dated later, and has others behind
    /// it that are not, was there with those.
    fn commits(&self, root: &Path, head: &str, since: Timestamp, touches: &dyn Fn(&str) -> bool) -> Result<Vec<Logged>, GitError> {
        let mut commits = first_parents(root, head, since, touches)?;
        let as_of = self.request.as_of;
        let newest = commits.iter().position(|commit| commit.at <= as_of).unwrap_or(commits.len());
        commits.drain(..newest);
        let mut next = as_of;
        for commit in &mut commits {
            if commit.at > as_of {
                commit.at = next;
            }
            next = commit.at;
        }
        commits.reverse();
        Ok(commits)
    }

    /// What the targets ship at a commit.
    fn snapshot(&self, places: &PlacesIn, objects: &Arc<Objects>, commit: &Logged, depth: Depth) -> Result<Snapshot, ScanError> {
        let revisions: Vec<(usize, Revision)> = places
            .iter()
            .map(|(at, folder)| Revision::new(objects.clone(), &commit.commit, folder).map(|revision| (*at, revision)))
            .collect::<Result<_, _>>()?;
        let subjects: Vec<Subject<'_>> = revisions
            .iter()
            .map(|(at, revision)| {
                let (target, base) = (&self.targets[*at], self.bases[*at].as_str());
                Subject { target, base, source: revision as &dyn Files, given: *at, release: None, image: None, memory: Some(&self.memory) }
            })
            .collect();
        let report = look(self.request, &subjects, None, depth)?;
        let path = |file: &Placed<DependencyFile>| report.from_root(file.target, file.item.real.as_deref().unwrap_or(&file.item.path));
        // What is named and not there is gone, as far as findings go.
        let there = || report.files_read.iter().filter(|file| file.item.sha256.is_some());
        let files = there().map(path).collect();
        let lacks = report.unchecked.iter().filter(|placed| placed.item.reason == Reason::NoLockfile);
        let blind = lacks.map(|placed| folder(&report.from_root(placed.target, &placed.item.path)).to_owned()).collect();
        // What was read in part was read: what is not in it any more is gone.
        let unread = there().filter(|file| !file.item.checked && file.item.packages == 0);
        let unread = unread.map(path).collect();
        let keys: Vec<Key> = {
            let places = Places::new(&report);
            report.findings.iter().map(|judged| identity::key(&places, &judged.finding)).collect()
        };
        let Report { mut findings, policies, .. } = report;
        for judged in &mut findings {
            judged.finding.target = places.get(judged.finding.target).map_or(0, |(at, _)| *at);
        }
        let findings: Vec<(Key, Judged)> = keys.into_iter().zip(findings).filter(|(_, judged)| judged.finding.kind.is_security()).collect();
        Ok(Snapshot { at: commit.at, commit: commit.commit.clone(), findings, policies: Arc::new(policies), files, unread, blind })
    }
}
