//! How a policy was kept over time: the dependency files of the past commits of a branch, read from git's objects, tell when
//! each finding came and when it went.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

use rayon::prelude::*;

use super::{
    ScanError, ScanRequest,
    releases::Shipping,
    story::{Depth, look},
    subject::Subject,
};
use crate::{
    inventory,
    model::Timestamp,
    policy::{Circumstances, Known, Policy, Shipped, clock::start, judge},
    report::{
        Judged, Report,
        compliance::{Compliance, Episode, Span},
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

/// What a commit ships.
struct Snapshot {
    at: Timestamp,
    commit: String,
    findings: Vec<(Key, Judged)>,
    policies: Vec<Policy>,
    /// Dependency files that could not be read, so that what was in them may still be there.
    unread: BTreeSet<String>,
}

/// Looks at the commits of a branch since a moment, first parents only, up to the moment of judging.
///
/// # Errors
/// When a target is in no repository, git does not answer, or the advisory data cannot be trusted.
pub fn compliance(request: &ScanRequest, since: Timestamp, branch: &str) -> Result<Compliance, ScanError> {
    let targets: Vec<Target> = request.targets.iter().map(|given| Target::new(given)).collect::<Result<_, _>>()?;
    let bases = tree::bases(&targets.iter().map(Target::folder).collect::<Vec<_>>());
    let mut repositories: BTreeMap<PathBuf, Vec<(usize, String)>> = BTreeMap::new();
    for (at, target) in targets.iter().enumerate() {
        let nowhere = || GitError::NoRepository(target.given.clone());
        let (root, folder) = repository::place_in(target.folder()).ok_or_else(nowhere)?;
        repositories.entry(root).or_default().push((at, folder));
    }
    let on_disk: Vec<Disk> = targets.iter().map(|target| Disk::new(target.folder())).collect();
    let here: Vec<Subject<'_>> = targets
        .iter()
        .zip(&bases)
        .zip(&on_disk)
        .enumerate()
        .map(|(given, ((target, base), source))| Subject { target, base, source: source as &dyn Files, given, release: None })
        .collect();
    let mut spans = Vec::new();
    let mut episodes = Vec::new();
    let mut policies = Vec::new();
    for (root, places) in repositories {
        let objects = Arc::new(Objects::open(&root)?);
        let head = objects.commit(branch)?;
        let touches = |path: &str| {
            let of = |(_, folder): &(usize, String)| below(path, folder).is_some_and(|path| inventory::by_name(path).is_some());
            places.iter().any(of)
        };
        let mut commits = first_parents(&root, &head, since, &touches)?;
        commits.retain(|commit| commit.at <= request.as_of);
        commits.reverse();
        let is_cut_off = commits.first().is_some_and(|first| first.at >= since && cut_off(&root).contains(&first.commit));
        if let Some(first) = commits.first_mut() {
            first.touches = true;
        }
        let scanned: Vec<&Logged> = commits.iter().filter(|commit| commit.touches).collect();
        let snapshots: Vec<Snapshot> =
            scanned.par_iter().map(|commit| snapshot(request, (&targets, &bases), &places, &objects, commit)).collect::<Result<_, _>>()?;
        spans.push(Span {
            commit: commits.last().map_or(head, |commit| commit.commit.clone()),
            commits: commits.len(),
            scanned: scanned.len(),
            cut_off: is_cut_off.then(|| commits.first().map(|first| first.at)).flatten(),
        });
        if let Some(last) = snapshots.last().filter(|_| policies.is_empty()) {
            policies.clone_from(&last.policies);
        }
        let mut releases = Following { request, since, subjects: &here, shipping: Shipping::of(&root) };
        episodes.extend(releases.follow(snapshots)?);
    }
    episodes.retain(|episode| episode.is_about(since, request.as_of));
    episodes.sort_by(|a, b| a.order().cmp(&b.order()));
    Ok(Compliance { since, as_of: request.as_of, branch: branch.to_owned(), spans, policies, episodes })
}

fn snapshot(
    request: &ScanRequest,
    (targets, bases): (&[Target], &[String]),
    places: &[(usize, String)],
    objects: &Arc<Objects>,
    commit: &Logged,
) -> Result<Snapshot, ScanError> {
    let revisions: Vec<(usize, Revision)> = places
        .iter()
        .map(|(at, folder)| Revision::new(objects.clone(), &commit.commit, folder).map(|revision| (*at, revision)))
        .collect::<Result<_, _>>()?;
    let subjects: Vec<Subject<'_>> = revisions
        .iter()
        .map(|(at, revision)| Subject {
            target: &targets[*at],
            base: &bases[*at],
            source: revision as &dyn Files,
            given: *at,
            release: None,
        })
        .collect();
    let report = look(request, &subjects, None, Depth::Findings)?;
    let unread = report.files_read.iter().filter(|file| !file.item.checked).map(|file| report.from_root(file.target, &file.item.path));
    let unread = unread.collect();
    let keys: Vec<Key> = {
        let places = Places::new(&report);
        report.findings.iter().map(|judged| identity::key(&places, &judged.finding)).collect()
    };
    let Report { findings, policies, .. } = report;
    let findings = keys.into_iter().zip(findings).filter(|(_, judged)| judged.finding.kind.is_security()).collect();
    Ok(Snapshot { at: commit.at, commit: commit.commit.clone(), findings, policies, unread })
}

/// What is needed to follow findings through the history of a repository.
struct Following<'a> {
    request: &'a ScanRequest,
    since: Timestamp,
    subjects: &'a [Subject<'a>],
    /// What its releases ship, or why that is not known.
    shipping: Result<Shipping, Arc<str>>,
}

impl Following<'_> {
    /// Follows findings from commit to commit, the oldest first.
    fn follow(&mut self, snapshots: Vec<Snapshot>) -> Result<Vec<Episode>, ScanError> {
        let mut open: BTreeMap<Key, Episode> = BTreeMap::new();
        let mut closed = Vec::new();
        for (at, snapshot) in snapshots.into_iter().enumerate() {
            let mut here: BTreeMap<Key, Judged> = BTreeMap::new();
            for (key, judged) in snapshot.findings {
                here.entry(key).or_insert(judged);
            }
            let mut gone: Vec<Key> =
                open.keys().filter(|key| !here.contains_key(*key) && !snapshot.unread.contains(&key.manifest)).cloned().collect();
            gone.sort();
            // A file that moved takes its findings along.
            for (key, judged) in here {
                if open.contains_key(&key) {
                    continue;
                }
                let moved = gone.iter().position(|old| (&old.group, &old.ecosystem, &old.name) == (&key.group, &key.ecosystem, &key.name));
                let episode = match moved.map(|at| gone.remove(at)).and_then(|old| open.remove(&old)) {
                    Some(episode) => Episode { manifest: key.manifest.clone(), ..episode },
                    None => {
                        // What the first commit has may have been there for long.
                        let appeared = (at > 0 || snapshot.at >= self.since).then_some(snapshot.at);
                        self.episode(&key, judged, &snapshot.policies, appeared)?
                    }
                };
                open.insert(key, episode);
            }
            for key in gone {
                if let Some(episode) = open.remove(&key) {
                    closed.push(Episode { closed: Some((snapshot.at, snapshot.commit.clone())), ..episode });
                }
            }
        }
        closed.extend(open.into_values());
        Ok(closed)
    }

    /// A finding that appeared at a moment, or before all that is looked at, judged as the clock of its policy has it.
    fn episode(&mut self, key: &Key, judged: Judged, policies: &[Policy], appeared: Option<Timestamp>) -> Result<Episode, ScanError> {
        let request = self.request;
        let Judged { finding, policy, judgement } = judged;
        let project = request.policies.of_target.get(finding.target).map_or(0, |(at, _)| *at);
        let state = request.policies.projects.get(project).and_then(|project| project.state.as_ref());
        let seen = state.and_then(|state| state.of(&finding));
        let at = |moment: Option<Timestamp>| moment.map_or_else(Known::default, Known::At);
        let mut known = Circumstances {
            manifest: key.manifest.clone(),
            introduced: at(appeared),
            first_seen: at(seen.map(|seen| seen.first).or(appeared)),
            fix_seen: at(seen.and_then(|seen| seen.fix)),
            recorded: false,
            ..Circumstances::default()
        };
        let own = policies.get(policy).filter(|policy| policy.waits_for_release(&finding));
        if let (Some(policy), Some(subject)) = (own, self.subjects.get(finding.target)) {
            let started = start(&finding, policy.judging.clock, &known, request.as_of).at;
            known.shipped = match (&mut self.shipping, started) {
                (Ok(shipping), Some(started)) => shipping.first_since(request, self.subjects, subject, &finding, started)?,
                (Err(why), _) => Shipped::Unknown(Arc::clone(why)),
                (Ok(_), None) => Shipped::No,
            };
        }
        let judgement = policies.get(policy).map_or(judgement, |policy| judge(&finding, policy, &known, request.as_of));
        let due = judgement.fix_by.or(judgement.respond_by);
        Ok(Episode {
            id: finding.id,
            aliases: finding.aliases,
            ecosystem: finding.ecosystem,
            name: finding.name,
            version: finding.wanted.text().to_owned(),
            manifest: key.manifest.clone(),
            tier: judgement.tier,
            started: judgement.started,
            appeared,
            due,
            standing: judgement.standing,
            closed: None,
        })
    }
}
