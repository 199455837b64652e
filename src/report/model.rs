//! A report: everything that was found, in one order, with the verdict. Made once; renderers only read it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    check::Check,
    comparison::{Change, Side},
    diff::Diff,
    identity::from_root,
    release::{ReleaseTarget, Supported},
};
use crate::{
    advisory::{
        Metadata,
        feed::{Feed, FeedMetadata},
    },
    model::{Certainty, Finding, Kind, Skipped, Timestamp, Unchecked, image::ImageInfo},
    policy::{
        Accepted, FailOn, Judgement, Policy, Standing, TierReason,
        gate::{GateRules, Weight},
    },
};

/// The outcome of a scan.
#[derive(Debug)]
pub struct Report {
    /// The moment of judging.
    pub as_of: Timestamp,
    /// What was scanned, in the order given.
    pub targets: Vec<ReportTarget>,
    /// The advisory data of each ecosystem in use, by name.
    pub data: Vec<DataUse>,
    /// The feeds about CVEs that were at hand.
    pub feeds: Vec<FeedUse>,
    /// The policies; a target's `policy` points here.
    pub policies: Vec<Policy>,
    /// Dependency files.
    pub files: Counts,
    /// The dependency files by name, sorted.
    pub files_read: Vec<Placed<DependencyFile>>,
    /// Packages.
    pub packages: Counts,
    /// Packages of the project itself; not among [`Report::packages`].
    pub own: u64,
    /// Packages that were left out as was asked for; not among them either.
    pub excluded: u64,
    /// Packages of vendored trees; not among them either.
    pub vendored: u64,
    /// Findings, the most urgent first.
    pub findings: Vec<Judged>,
    /// What was not checked.
    pub unchecked: Vec<Placed<Unchecked>>,
    /// Which of that is accepted, by the policy's word.
    pub accepted: BTreeMap<Placed<Unchecked>, Accepted>,
    /// What is wrong with the configuration.
    pub checks: Vec<Check>,
    /// The lines of releases that the policy supports, if they were asked for.
    pub supported: Option<Supported>,
    /// What the rules passed over.
    pub skipped: Vec<Placed<Skipped>>,
    /// Whether everything that was found was checked, against data that is fresh enough.
    pub complete: bool,
    /// Whether any of the advisory data is too old to rely on.
    pub is_stale: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// What it was compared with, if the gate counts only what is new.
    pub compared: Option<Diff>,
    /// The gate.
    pub gate: Gate,
}

/// A scan target in a report.
#[derive(Clone, Debug)]
pub struct ReportTarget {
    /// As it was given.
    pub path: String,
    /// What it is: `directory`, `lockfile`, ...
    pub kind: &'static str,
    /// `sha256:...` of a target that is one file.
    pub digest: Option<String>,
    /// Where its relative paths begin, from the root of the checkout (see [`crate::tree::bases`]); of an image: its
    /// repository, without tag and digest.
    pub base: String,
    /// The policy, as an index into [`Report::policies`]; single files of it may have another one.
    pub policy: usize,
    /// The release whose files these are; `None`: those of the working tree, or of what was named.
    pub release: Option<ReleaseTarget>,
    /// What is known of it as an image or a root filesystem.
    pub image: Option<Arc<ImageInfo>>,
}

/// A dependency file that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DependencyFile {
    /// Relative to the target.
    pub path: String,
    /// The file that `path` is a link to, relative to the target.
    pub real: Option<String>,
    /// The extractor that read it.
    pub format: &'static str,
    /// The digest of its bytes, in hexadecimal; `None` where they could not be had.
    pub sha256: Option<String>,
    /// Whether it was read and understood.
    pub checked: bool,
    /// How many third-party packages it names that could be read.
    pub packages: u64,
    /// The names of the project's own packages in it.
    pub own: BTreeSet<String>,
    /// The lockfiles that speak for it, if it is a manifest.
    pub covered_by: Vec<String>,
    /// Why they do, where it is not that they are locked there.
    pub covered_because: Option<String>,
    /// How many of its packages others speak for: lockfiles, or what a constraints file constrains.
    pub covered: u64,
    /// How many of its packages were left out as was asked for.
    pub excluded: u64,
    /// Digests of its packages' names and versions.
    pub contents: BTreeSet<u64>,
    /// Its packages' names with the lines of releases that their versions are of.
    pub lines: BTreeSet<(String, String)>,
}

/// Something in a target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placed<T> {
    /// The target, as an index into [`Report::targets`].
    pub target: usize,
    /// What.
    pub item: T,
}

/// A finding with what the policy makes of it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The finding.
    pub finding: Box<Finding>,
    /// The judgement.
    pub judgement: Judgement,
    /// The policy that made it, as an index into [`Report::policies`].
    pub policy: usize,
}

/// How many were found and what became of them; `found` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Checked.
    pub checked: u64,
    /// Not checked, with a reason.
    pub unchecked: u64,
}

impl Counts {
    /// All of them.
    #[must_use]
    pub fn found(self) -> u64 {
        self.checked + self.unchecked
    }
}

/// The advisory data of one ecosystem, as it was used.
#[derive(Clone, Debug)]
pub struct DataUse {
    /// What the index says of itself.
    pub metadata: Metadata,
    /// Whether it is older than `--max-db-age` at the moment of judging, or undated.
    pub stale: bool,
}

/// A feed about CVEs, as it was used.
#[derive(Clone, Debug)]
pub struct FeedUse {
    /// What it says of itself.
    pub metadata: FeedMetadata,
    /// Whether it is older than `--max-db-age` at the moment of judging. Scores do not age.
    pub stale: bool,
}

/// The verdict of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A finding is overdue.
    Overdue,
    /// There are findings, none of them overdue.
    Open,
    /// There is no finding, and not everything was checked.
    Incomplete,
    /// There is no finding, and everything was checked.
    Clean,
}

impl Verdict {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Open => "open",
            Self::Incomplete => "incomplete",
            Self::Clean => "clean",
        }
    }
}

/// The gate.
#[derive(Clone, Debug)]
pub struct Gate {
    /// What trips it; where the policies in use say several things, each of them.
    pub fail_on: String,
    /// How many findings count.
    pub counted: usize,
    /// How many faults of the configuration count.
    pub checks: usize,
    /// How many findings would count if what the base of an image brought did.
    pub of_base: usize,
}

impl Gate {
    /// Whether it tripped.
    #[must_use]
    pub fn tripped(&self) -> bool {
        self.counted + self.checks > 0
    }
}

/// What a scan hands over to be made a report.
#[derive(Debug)]
pub struct Parts {
    /// See [`Report::as_of`].
    pub as_of: Timestamp,
    /// See [`Report::targets`].
    pub targets: Vec<ReportTarget>,
    /// See [`Report::data`].
    pub data: Vec<DataUse>,
    /// See [`Report::feeds`].
    pub feeds: Vec<FeedUse>,
    /// See [`Report::policies`].
    pub policies: Vec<Policy>,
    /// See [`Report::files`].
    pub files: Counts,
    /// See [`Report::files_read`].
    pub files_read: Vec<Placed<DependencyFile>>,
    /// Packages that were checked or are in `unchecked`.
    pub packages_found: u64,
    /// See [`Report::own`].
    pub own: u64,
    /// See [`Report::excluded`].
    pub excluded: u64,
    /// See [`Report::vendored`].
    pub vendored: u64,
    /// The findings, in any order.
    pub findings: Vec<Judged>,
    /// What was not checked, in any order.
    pub unchecked: Vec<Placed<Unchecked>>,
    /// What was passed over, in any order.
    pub skipped: Vec<Placed<Skipped>>,
    /// See [`Report::accepted`].
    pub accepted: BTreeMap<Placed<Unchecked>, Accepted>,
    /// What is wrong with the configuration, in any order.
    pub checks: Vec<Check>,
    /// See [`Report::supported`].
    pub supported: Option<Supported>,
    /// What trips the gate; `None`: what the policy of each finding says, else what usually does.
    pub fail_on: Option<FailOn>,
    /// With this, only what is new against it counts for the gate.
    pub baseline: Option<Side>,
}

/// Whether the gate asks what is known to be exploited, and the catalogue is too old to tell.
fn lacks_catalogue(parts: &Parts) -> bool {
    let asks = |policy: &Policy| parts.fail_on.as_ref().or(policy.gate.fail_on.as_ref()).is_some_and(FailOn::needs_catalogue);
    parts.policies.iter().any(asks) && !parts.feeds.iter().any(|used| !used.stale && used.metadata.feed == Feed::Exploited)
}

impl Report {
    /// Sorts, counts and decides. The only place that does.
    #[must_use]
    pub fn new(mut parts: Parts) -> Self {
        parts.findings.sort_by(|a, b| order(a).cmp(&order(b)));
        parts.unchecked.sort();
        parts.skipped.sort();
        parts.files_read.sort();
        parts.checks.sort();
        parts.checks.dedup();
        let unchecked: u64 = parts.unchecked.iter().map(|u| u64::from(u.item.packages)).sum();
        let is_stale = parts.data.iter().any(|data| data.stale) || lacks_catalogue(&parts);
        let complete = parts.unchecked.is_empty() && !is_stale;
        let verdict = if parts.findings.iter().any(|f| f.judgement.standing == Standing::Overdue) {
            Verdict::Overdue
        } else if !parts.findings.is_empty() {
            Verdict::Open
        } else if !complete {
            Verdict::Incomplete
        } else {
            Verdict::Clean
        };
        // What the caller says, else what the policies in use say.
        let in_use: BTreeSet<usize> =
            parts.targets.iter().map(|target| target.policy).chain(parts.findings.iter().map(|judged| judged.policy)).collect();
        let said = in_use.iter().filter_map(|at| parts.policies.get(*at)).map(|policy| policy.gate.fail_on.clone().unwrap_or_default());
        let mut fail_on: Vec<String> = Vec::new();
        for said in parts.fail_on.clone().map_or_else(|| said.collect(), |asked| vec![asked]) {
            if !fail_on.contains(&said.to_string()) {
                fail_on.push(said.to_string());
            }
        }
        let fail_on = if fail_on.is_empty() { FailOn::default().to_string() } else { fail_on.join("; ") };
        let asked = parts.fail_on;
        let mut report = Self {
            as_of: parts.as_of,
            targets: parts.targets,
            data: parts.data,
            feeds: parts.feeds,
            policies: parts.policies,
            files: parts.files,
            files_read: parts.files_read,
            packages: Counts { checked: parts.packages_found - unchecked.min(parts.packages_found), unchecked },
            own: parts.own,
            excluded: parts.excluded,
            vendored: parts.vendored,
            findings: parts.findings,
            unchecked: parts.unchecked,
            accepted: parts.accepted,
            checks: parts.checks,
            supported: parts.supported,
            skipped: parts.skipped,
            complete,
            is_stale,
            verdict,
            compared: None,
            gate: Gate { fail_on, counted: 0, checks: 0, of_base: 0 },
        };
        report.compared = parts.baseline.map(|before| Diff::new(before, Side::from(&report)));
        report.gate.counted = (0..report.findings.len()).filter(|at| report.counts(*at, asked.as_ref())).count();
        report.gate.of_base = (0..report.findings.len()).filter(|at| report.counts_but_for_base(*at, asked.as_ref())).count();
        let gates_checks = |policy: &Policy| asked.as_ref().or(policy.gate.fail_on.as_ref()).is_some_and(FailOn::counts_checks);
        if report.policies.iter().any(gates_checks) {
            report.gate.checks = report.checks.len();
        }
        report
    }

    /// Whether a finding counts for the gate, by what the caller asked for, else by its own policy.
    fn counts(&self, at: usize, asked: Option<&FailOn>) -> bool {
        let rules = self.policies.get(self.findings[at].policy).map(|policy| &policy.gate);
        self.counts_by(at, asked, rules)
    }

    /// Whether a finding does not count only because the base of an image brought it.
    fn counts_but_for_base(&self, at: usize, asked: Option<&FailOn>) -> bool {
        let rules = self.policies.get(self.findings[at].policy).map(|policy| &policy.gate);
        let Some(rules) = rules.filter(|rules| !rules.base) else { return false };
        !self.counts_by(at, asked, Some(rules)) && self.counts_by(at, asked, Some(&GateRules { base: true, ..rules.clone() }))
    }

    fn counts_by(&self, at: usize, asked: Option<&FailOn>, rules: Option<&GateRules>) -> bool {
        let Judged { finding, judgement, .. } = &self.findings[at];
        let now = Weight::new(finding, judgement);
        let usual = FailOn::default();
        let fail_on = asked.or_else(|| rules?.fail_on.as_ref()).unwrap_or(&usual);
        let is_new = || match &self.compared {
            None => true,
            Some(diff) => match diff.comparison.after[at] {
                (Some(old), Change::Changed) => {
                    let old = &diff.before.entries[old];
                    // Another version that is worse was brought in; a new grade or a passed deadline was not.
                    let before = old.weight().map(|weight| Weight { standing: now.standing, ..weight });
                    let counted =
                        |before: Weight| fail_on.counts(before) && rules.is_none_or(|rules| rules.weigh(before.certainty, fail_on));
                    // What was only let in and is there now is worse, too.
                    let is_sure_now = |before: Weight| before.certainty == Certainty::Admitted && now.certainty == Certainty::Affected;
                    old.version != finding.wanted.text() && before.is_none_or(|before| !counted(before) || is_sure_now(before))
                }
                (_, change) => change == Change::New,
            },
        };
        let may = rules.is_none_or(|rules| rules.admit(finding, fail_on));
        may && fail_on.counts(now) && is_new()
    }

    /// Whether it is complete but for what the policy accepts: then nothing that was not looked at decides how a run ends.
    #[must_use]
    pub fn is_acceptable(&self) -> bool {
        let is_accepted = |item: &Placed<Unchecked>| self.accepted.contains_key(item);
        self.complete || (!self.is_stale && self.unchecked.iter().all(is_accepted))
    }

    /// What became of a finding since what the report was compared with.
    #[must_use]
    pub fn change(&self, at: usize) -> Option<Change> {
        self.compared.as_ref().map(|compared| compared.comparison.after[at].1)
    }

    /// A path of a target, from the root of the checkout.
    #[must_use]
    pub fn from_root(&self, target: usize, path: &str) -> String {
        from_root(self.targets.get(target).map_or("", |target| target.base.as_str()), path)
    }

    /// Where something is, as it is known by from one scan to the next: from the root of the checkout; of a supported release
    /// behind the name of its line, which outlives its tag.
    #[must_use]
    pub fn identity_path(&self, target: usize, path: &str) -> String {
        let place = self.from_root(target, path);
        match self.targets.get(target).and_then(|target| target.release.as_ref()) {
            Some(release) => format!("{}:{place}", release.line),
            None => place,
        }
    }

    /// What was not checked, whole files before single packages, which there may be many of.
    pub fn unchecked_files_first(&self) -> impl Iterator<Item = &Placed<Unchecked>> {
        let is_file = |placed: &&Placed<Unchecked>| placed.item.packages == 0 || placed.item.reason.may_hide_findings();
        self.unchecked.iter().filter(is_file).chain(self.unchecked.iter().filter(move |placed| !is_file(placed)))
    }

    /// The findings of a standing, the informational kinds left out.
    pub fn standing(&self, standing: Standing) -> impl Iterator<Item = &Judged> {
        self.findings.iter().filter(move |f| f.finding.kind.is_security() && f.judgement.standing == standing)
    }

    /// The informational findings.
    pub fn informational(&self) -> impl Iterator<Item = &Judged> {
        self.findings.iter().filter(|f| !f.finding.kind.is_security())
    }

    /// How many vulnerabilities have a grade, how many have none and the tier of an example, how many have neither.
    #[must_use]
    pub fn graded(&self) -> (usize, usize, usize) {
        let vulnerabilities = || self.findings.iter().filter(|f| f.finding.kind == Kind::Vulnerability);
        let by = |reason| vulnerabilities().filter(|f| f.judgement.tier_reason == reason).count();
        let (example, unscored) = (by(TierReason::Example), by(TierReason::Unscored));
        (vulnerabilities().count() - example - unscored, example, unscored)
    }
}

/// Informational findings last; then by urgency, tier, due date, and what tells two findings apart.
fn order(judged: &Judged) -> impl Ord + '_ {
    let (finding, judgement) = (&judged.finding, &judged.judgement);
    let due = judgement.fix_by.or(judgement.respond_by).map_or(i64::MAX, Timestamp::seconds);
    let place = (&finding.name, &finding.wanted, &finding.id, finding.target, &finding.manifest);
    (!finding.kind.is_security(), judgement.standing, judgement.tier, due, place, finding.ecosystem.as_str())
}
