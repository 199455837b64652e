//! Findings followed from one commit to the next: when each came, and when it went.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{ScanError, ScanRequest, releases::Shipping, subject::Subject};
use crate::{
    inventory::{coverage::folder, reference::joined},
    model::{Timestamp, timestamp::DAY},
    policy::{Basis, Circumstances, Known, Policy, Shipped, clock::start, judge},
    report::{Judged, compliance::Episode, identity::Key},
};

/// A file that is back within this time was never gone, in seconds.
const GAP: i64 = 7 * DAY;

/// What a commit ships.
pub(super) struct Snapshot {
    pub(super) at: Timestamp,
    pub(super) commit: String,
    /// The findings, of targets as they were asked for.
    pub(super) findings: Vec<(Key, Judged)>,
    pub(super) policies: Arc<Vec<Policy>>,
    /// The dependency files, from the root of the checkout.
    pub(super) files: BTreeSet<String>,
    /// Those of them that could not be read at all, so that what was in them may still be there.
    pub(super) unread: BTreeSet<String>,
    /// Folders with a manifest whose lockfile is not there: what that had may still be wanted.
    pub(super) blind: BTreeSet<String>,
}

/// A finding that is there.
struct Open {
    /// When it came; `None`: before all that is looked at.
    appeared: Option<Timestamp>,
    /// As it was seen last.
    judged: Judged,
    policies: Arc<Vec<Policy>>,
}

/// What is needed to follow findings through the history of a repository, and what was found so far.
pub(super) struct Following<'a> {
    request: &'a ScanRequest,
    /// The targets as they are now.
    subjects: &'a [Subject<'a>],
    /// What the repository's releases ship, or why that is not known.
    shipping: Result<Shipping, Arc<str>>,
    steps: usize,
    /// Whether the first commit is the first of all.
    begins: bool,
    /// When the last commit was.
    last: Option<Timestamp>,
    /// Commits with dependency files that could not be read.
    unread: usize,
    policies: Arc<Vec<Policy>>,
    open: BTreeMap<Key, Open>,
    closed: Vec<(Key, Open, Timestamp, String)>,
    /// Those of them whose file went as well.
    lost: Vec<Key>,
}

impl<'a> Following<'a> {
    pub(super) fn new(request: &'a ScanRequest, subjects: &'a [Subject<'a>], shipping: Result<Shipping, Arc<str>>) -> Self {
        let (policies, open, closed, lost) = (Arc::default(), BTreeMap::new(), Vec::new(), Vec::new());
        Self { request, subjects, shipping, steps: 0, begins: false, last: None, unread: 0, policies, open, closed, lost }
    }

    /// The first commit is the first of all: what it has came with it.
    pub(super) fn begin(&mut self) {
        self.begins = true;
    }

    /// The policies of the last commit.
    pub(super) fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// How many commits had dependency files that could not be read.
    pub(super) fn unread(&self) -> usize {
        self.unread
    }

    /// The next commit.
    pub(super) fn step(&mut self, snapshot: Snapshot) {
        let Snapshot { at, commit, findings, policies, files, unread, blind } = snapshot;
        // Clocks of machines may be slow: nothing goes before it came.
        let at = self.last.map_or(at, |last| at.max(last));
        self.last = Some(at);
        self.unread += usize::from(!unread.is_empty());
        let mut here: BTreeMap<Key, Judged> = BTreeMap::new();
        for (key, judged) in findings {
            here.entry(key).or_insert(judged);
        }
        let is_blind = |key: &Key| !files.contains(&key.manifest) && blind.contains(folder(&key.manifest));
        let is_gone = |key: &&Key| !here.contains_key(*key) && !unread.contains(&key.manifest) && !is_blind(key);
        let mut gone: Vec<Key> = self.open.keys().filter(is_gone).cloned().collect();
        // What the first commit has may have been there for long, unless it is the first of all.
        let appeared = (self.steps > 0 || self.begins).then_some(at);
        for (key, judged) in here {
            let policies = Arc::clone(&policies);
            if let Some(open) = self.open.get_mut(&key) {
                (open.judged, open.policies) = (judged, policies);
                continue;
            }
            // A file that moved takes its findings along.
            let moved = gone.iter().position(|old| old.is_elsewhere(&key) && !files.contains(&old.manifest));
            let before = moved.map(|at| gone.remove(at)).and_then(|old| self.open.remove(&old));
            // One that went with its file, and is back in another, was not mended either.
            let before = match (before, self.lost.iter().position(|old| old.is_elsewhere(&key))) {
                (None, Some(lost)) => {
                    let lost = self.lost.swap_remove(lost);
                    let is_recent = |(key, _, closed, _): &(Key, Open, Timestamp, String)| *key == lost && closed.plus_seconds(GAP) >= at;
                    self.closed.iter().rposition(is_recent).map(|at| self.closed.remove(at).1)
                }
                (before, _) => before,
            };
            // Of what was there before all that is looked at the history tells since when.
            let introduced = judged.judgement.started.filter(|_| judged.judgement.basis == Basis::Introduced);
            let appeared = before.map_or(appeared.or(introduced), |before| before.appeared);
            self.open.insert(key, Open { appeared, judged, policies });
        }
        for key in gone {
            if !files.contains(&key.manifest) {
                self.lost.push(key.clone());
            }
            self.closed.extend(self.open.remove(&key).map(|open| (key, open, at, commit.clone())));
        }
        self.steps += 1;
        self.policies = policies;
    }

    /// All that was found.
    pub(super) fn end(mut self) -> Result<Vec<Episode>, ScanError> {
        let mut episodes = Vec::new();
        for (key, open, at, commit) in std::mem::take(&mut self.closed) {
            episodes.push(Episode { closed: Some((at, commit)), ..self.episode(key, open)? });
        }
        for (key, open) in std::mem::take(&mut self.open) {
            episodes.push(self.episode(key, open)?);
        }
        Ok(episodes)
    }

    /// A finding, judged as the clock of its policy has it.
    fn episode(&mut self, key: Key, open: Open) -> Result<Episode, ScanError> {
        let request = self.request;
        let Open { appeared, judged, policies } = open;
        let Judged { finding, policy, judgement } = judged;
        let project = request.policies.project(finding.target);
        let state = project.and_then(|(_, project, _)| project.state.as_ref());
        let way = project.map_or("", |(_, _, way)| way);
        let seen = state.and_then(|state| state.of(&finding));
        let before = "it was there before all that is looked at, and the history does not tell since when";
        let at = |moment: Option<Timestamp>| moment.map_or_else(|| Known::Not(before.into()), Known::At);
        let mut known = Circumstances {
            manifest: joined(way, &finding.manifest),
            introduced: at(appeared),
            first_seen: at(seen.map(|seen| seen.first).or(appeared)),
            fix_seen: at(seen.and_then(|seen| seen.fix)),
            recorded: false,
            ..Circumstances::default()
        };
        let own = policies.get(policy).filter(|policy| policy.waits_for_release(&finding));
        if let Some(policy) = own {
            let started = start(&finding, policy.judging.clock, &known, request.as_of).at;
            known.shipped = match (&mut self.shipping, started) {
                (Ok(shipping), Some(started)) => shipping.first_since(request, self.subjects, &key, started)?,
                (Err(why), _) => Shipped::Unknown(Arc::clone(why)),
                (Ok(_), None) => Shipped::No,
            };
        }
        let judgement = policies.get(policy).map_or(judgement, |policy| judge(&finding, policy, &known, request.as_of));
        let due = judgement.fix_by.or(judgement.respond_by);
        // Promised for the next release, and none has been made with it.
        let is_kept_so_far = own.is_some() && due.is_none() && judgement.no_deadline.is_none();
        let by_history = seen.is_none() && judgement.basis == Basis::FirstSeen;
        let fallback = by_history.then(|| "the state file does not have it: it counts from when it came in the history".to_owned());
        Ok(Episode {
            is_kept_so_far,
            fallback: judgement.fallback.or(fallback),
            id: finding.id,
            aliases: finding.aliases,
            ecosystem: finding.ecosystem,
            name: finding.name,
            version: finding.wanted.text().to_owned(),
            manifest: key.manifest,
            tier: judgement.tier,
            started: judgement.started,
            appeared,
            due,
            standing: judgement.standing,
            closed: None,
        })
    }
}
