//! A finding under a policy at a moment.

use super::{
    Exception, Policy, Stage, Tier, TierReason,
    circumstances::{Circumstances, Release},
    clock::{Basis, Start, start},
    deadline::Origin,
    due::{Due, Missing, Outcome, by_rules, due},
    exception::Lapsed,
    response::Response,
    tier::TierExample,
};
use crate::model::{Finding, Timestamp};

/// What a policy makes of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The tier it falls in.
    pub tier: Tier,
    /// Why.
    pub tier_reason: TierReason,
    /// The example of the policy that gave it its tier.
    pub example: Option<Box<TierExample>>,
    /// When the clock started; `None` for an undated advisory, and where it waits for a fix.
    pub started: Option<Timestamp>,
    /// What started it.
    pub basis: Basis,
    /// Why that is not what the policy asks for, where it is something else.
    pub fallback: Option<String>,
    /// By when a response was promised.
    pub respond_by: Option<Timestamp>,
    /// By when a fix was promised.
    pub fix_by: Option<Timestamp>,
    /// The statement that decided.
    pub judged_by: Option<JudgedBy>,
    /// Where it stands.
    pub standing: Standing,
    /// Why there is no day, where there is none.
    pub no_deadline: Option<NoDeadline>,
    /// The release that broke a promise about the next one.
    pub release: Option<Release>,
    /// The response that was recorded.
    pub response: Option<Box<Response>>,
    /// The exception that covers it; then it stands [`Standing::Excepted`].
    pub exception: Option<Box<Exception>>,
    /// An exception that would, and why it does not hold any more.
    pub lapsed: Option<Box<(Exception, Lapsed)>>,
}

/// The statement of a policy that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedBy {
    /// Who states it; `None`: the policy says nothing.
    pub origin: Option<Origin>,
    /// The stage, where it says something.
    pub stage: Option<Stage>,
    /// The line, where a text states it.
    pub line: Option<u32>,
    /// Whether it is an aim and no promise.
    pub soft: bool,
}

/// Where a finding stands. Ordered by urgency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The deadline has passed.
    Overdue,
    /// It passes soon, by the policy's choice: else in the last quarter of its period, and within seven days.
    DueSoon,
    /// It is some time off.
    OnTrack,
    /// There is none, for a reason.
    NoDeadline,
    /// The project has decided to live with it for now.
    Excepted,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Overdue, Self::DueSoon, Self::OnTrack, Self::NoDeadline, Self::Excepted];

    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::DueSoon => "due-soon",
            Self::OnTrack => "on-track",
            Self::NoDeadline => "no-deadline",
            Self::Excepted => "excepted",
        }
    }
}

/// Why a finding has no deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoDeadline {
    /// It is informational, or has a score of 0.0: nothing is promised of such.
    Informational,
    /// The policy says nothing of its tier.
    NotPromised,
    /// The policy has words for its tier, and no figure.
    NoFigure,
    /// The advisory has no date.
    Undated,
    /// The clock waits for a fix.
    NoFix,
    /// Only a response was promised, and it was given.
    Answered,
    /// It is promised for the next release, and what releases ship is not known, for this reason.
    ReleasesUnknown(String),
}

impl NoDeadline {
    /// The name in reports.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::NotPromised => "not-promised",
            Self::NoFigure => "no-figure",
            Self::Undated => "undated",
            Self::NoFix => "no-fix",
            Self::Answered => "answered",
            Self::ReleasesUnknown(_) => "releases-unknown",
        }
    }
}

/// Judges a finding as of a moment.
#[must_use]
pub fn judge(finding: &Finding, policy: &Policy, known: &Circumstances, as_of: Timestamp) -> Judgement {
    let (tier, tier_reason, example) = policy.tier_of(finding);
    let start = start(finding, policy.judging.clock, known, as_of);
    let promised = |stage| policy.promise(tier, stage).map(|deadline| due(policy, deadline, stage, &start, known));
    let (fix, missing_fix) = parted(promised(Stage::Fix));
    let (respond, missing_response) = parted(promised(Stage::Respond));
    let response = policy.responses.iter().filter(|response| response.answers(finding, as_of)).min_by_key(|response| response.at).cloned();
    let fixes: Vec<Due<'_>> = fix.into_iter().chain(by_rules(finding, policy, tier)).collect();
    let (respond_by, fix_by) = (respond.as_ref().and_then(|due| due.by), fixes.iter().filter_map(|due| due.by).min());
    // The strictest of what is said of fixing, the tier's own word first where two say the same; else what is said of
    // responding, unless that was done.
    let strictest = fixes.into_iter().min_by_key(|due| (due.by.is_none(), due.by));
    // What was promised with a day was kept; words without one break no promise. What waits for a release may be broken.
    let waits = matches!(missing_fix, Some(Missing::Releases(_) | Missing::Start));
    let answered = strictest.is_none() && !waits && respond.is_some() && response.is_some();
    let decided = strictest.or(respond.clone().filter(|_| response.is_none()));
    let no_deadline = match &decided {
        Some(_) => None,
        None if answered => Some(NoDeadline::Answered),
        None => Some(reason(finding, tier, &start, missing_fix.or(missing_response))),
    };
    let judged_by = match decided.as_ref().or(respond.as_ref()) {
        Some(due) => Some(JudgedBy { origin: Some(due.origin.clone()), stage: Some(due.stage), line: due.line, soft: due.soft }),
        None => judged_by_words(policy, tier),
    };
    let spoken: Vec<&Exception> = policy.exceptions.iter().filter(|exception| exception.speaks_of(finding, &known.manifest)).collect();
    let exception =
        spoken.iter().find(|exception| exception.lapsed(finding, as_of).is_none()).map(|exception| Box::new((*exception).clone()));
    let lapsed = spoken.iter().find_map(|exception| Some(Box::new(((*exception).clone(), exception.lapsed(finding, as_of)?))));
    let standing = match (&exception, &decided) {
        (Some(_), _) => Standing::Excepted,
        (None, Some(due)) => standing(policy, due, as_of),
        (None, None) => Standing::NoDeadline,
    };
    let release = decided.and_then(|due| due.release.cloned());
    let Start { at: started, basis, fallback } = start;
    let lapsed = lapsed.filter(|_| exception.is_none());
    Judgement {
        tier,
        tier_reason,
        example: example.map(Box::new),
        started,
        basis,
        fallback,
        respond_by,
        fix_by,
        judged_by,
        standing,
        no_deadline,
        release,
        response: response.map(Box::new),
        exception,
        lapsed,
    }
}

fn parted(outcome: Option<Outcome<'_>>) -> (Option<Due<'_>>, Option<Missing>) {
    match outcome {
        None => (None, None),
        Some(Outcome::Due(due)) => (Some(due), None),
        Some(Outcome::Not(missing)) => (None, Some(missing)),
    }
}

/// Why no statement of the policy names a day.
fn reason(finding: &Finding, tier: Tier, start: &Start, missing: Option<Missing>) -> NoDeadline {
    match missing {
        _ if tier == Tier::None => NoDeadline::Informational,
        Some(Missing::Start) if start.basis == Basis::FixAvailable => NoDeadline::NoFix,
        Some(Missing::Start) => NoDeadline::Undated,
        Some(Missing::Figure) => NoDeadline::NoFigure,
        Some(Missing::Releases(why)) => NoDeadline::ReleasesUnknown(why),
        // A rule about age, of an advisory without one.
        None if finding.published.is_none() && finding.modified.is_none() => NoDeadline::Undated,
        None => NoDeadline::NotPromised,
    }
}

/// A statement that names no day still judges: a promise without a figure, or of an undated advisory.
fn judged_by_words(policy: &Policy, tier: Tier) -> Option<JudgedBy> {
    if tier == Tier::None {
        return None;
    }
    let stated: Vec<_> = [Stage::Fix, Stage::Respond].into_iter().filter_map(|stage| Some((stage, policy.promise(tier, stage)?))).collect();
    let rule = || policy.rules.iter().find(|rule| tier <= rule.min_tier);
    Some(match stated.iter().find(|(_, deadline)| deadline.says_when()).or_else(|| stated.first()) {
        Some((stage, deadline)) => {
            JudgedBy { origin: Some(deadline.origin.clone()), stage: Some(*stage), line: deadline.line, soft: deadline.soft }
        }
        None => match rule() {
            Some(rule) => JudgedBy { origin: Some(rule.origin.clone()), stage: Some(Stage::Rule), line: rule.line, soft: false },
            None => JudgedBy { origin: None, stage: None, line: None, soft: false },
        },
    })
}

fn standing(policy: &Policy, due: &Due<'_>, as_of: Timestamp) -> Standing {
    let Some(by) = due.by else { return Standing::OnTrack };
    let left = by.seconds() - as_of.seconds();
    let soon = policy.judging.due_soon.of(by.seconds() - due.started.seconds());
    match left {
        ..0 => Standing::Overdue,
        left if left <= soon => Standing::DueSoon,
        _ => Standing::OnTrack,
    }
}
