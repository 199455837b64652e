//! How a policy was kept over time: of each tier, what was fixed in time, what was late, how long it took, what is open.

use std::{collections::BTreeMap, io};

use serde::Serialize;

use super::{
    Detail, View,
    columns::{Column, FIXED, Layout, labelled},
    json::compliance::ComplianceJson,
    phrases::{count, duration, safe},
    promises,
};
use crate::{
    model::{
        AdvisoryId, Ecosystem, Timestamp,
        timestamp::{DAY, HOUR},
    },
    policy::{Policy, Standing, Tier},
};

/// How it was kept.
#[derive(Clone, Debug)]
pub struct Compliance {
    /// The first moment that is looked at.
    pub since: Timestamp,
    /// The last one, at which what is open is judged.
    pub as_of: Timestamp,
    /// The branch, as it was given.
    pub branch: String,
    /// What was looked at, a repository each.
    pub spans: Vec<Span>,
    /// The policies.
    pub policies: Vec<Policy>,
    /// The findings, with when they came and went.
    pub episodes: Vec<Episode>,
}

/// The commits of a repository that were looked at.
#[derive(Clone, Debug)]
pub struct Span {
    /// The last of them.
    pub commit: String,
    /// How many there are.
    pub commits: usize,
    /// How many of them changed dependency files, and were scanned.
    pub scanned: usize,
    /// How many of the commits had dependency files that could not be read.
    pub unread_commits: usize,
    /// Dependency files that could not be read in the last of them, so that it is not known what is in them.
    pub unread: Vec<String>,
    /// Where the history is cut off after the first moment that was asked for: a shallow clone.
    pub cut_off: Option<Timestamp>,
}

/// A finding from when it came until it went.
#[derive(Clone, Debug)]
pub struct Episode {
    /// The advisory.
    pub id: AdvisoryId,
    /// Its other ids.
    pub aliases: Vec<AdvisoryId>,
    /// The package's ecosystem.
    pub ecosystem: Ecosystem,
    /// The package's name.
    pub name: String,
    /// The version, or requirement, that it came with.
    pub version: String,
    /// The dependency file, from the root of the checkout.
    pub manifest: String,
    /// Its tier.
    pub tier: Tier,
    /// When the clock of the policy started.
    pub started: Option<Timestamp>,
    /// When it came in; `None`: before all that was looked at.
    pub appeared: Option<Timestamp>,
    /// By when it was to be fixed, else answered for.
    pub due: Option<Timestamp>,
    /// Where it stands, if it is open.
    pub standing: Standing,
    /// Why the clock is not what the policy asks for, where it is another one.
    pub fallback: Option<String>,
    /// Whether it is promised for the next release, and no release since then has it.
    pub is_kept_so_far: bool,
    /// When it went, and the commit.
    pub closed: Option<(Timestamp, String)>,
}

impl Episode {
    /// When it became one: when it was known and there.
    fn began(&self) -> Option<Timestamp> {
        self.started.into_iter().chain(self.appeared).max()
    }

    /// Whether it was there and known in this time. What was gone before anybody knew was no vulnerability to fix.
    #[must_use]
    pub fn is_about(&self, since: Timestamp, until: Timestamp) -> bool {
        let began = self.began().is_none_or(|began| began <= until);
        began && self.closed.as_ref().is_none_or(|(at, _)| *at >= since && self.began().is_none_or(|began| began < *at))
    }

    /// Whether it was fixed in time; `None` where it is open, or there was no time.
    pub(super) fn in_time(&self) -> Option<bool> {
        let closed = self.closed.as_ref()?;
        self.due.map(|due| closed.0 <= due).or(self.is_kept_so_far.then_some(true))
    }

    /// What is late first; by tier, then by day.
    pub(crate) fn order(&self) -> impl Ord + '_ {
        let is_late = self.in_time() == Some(false) || (self.closed.is_none() && self.standing == Standing::Overdue);
        (
            !is_late,
            self.closed.is_some(),
            self.tier,
            self.due,
            &self.name,
            &self.id,
            &self.manifest,
            self.closed.as_ref().map(|(at, _)| *at),
        )
    }
}

/// The figures of a tier, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Fixed in the time that is looked at.
    pub fixed: usize,
    /// In time.
    pub in_time: usize,
    /// Too late.
    pub late: usize,
    /// Nobody had promised a day.
    pub no_deadline: usize,
    /// How long it took from when it was known and there, in seconds: the mean of those fixed.
    #[serde(skip)]
    pub mean: Option<i64>,
    /// Still there.
    pub open: usize,
    /// Of these the overdue ones.
    pub overdue: usize,
    /// Of these the excepted ones.
    pub excepted: usize,
}

impl Figures {
    fn of<'a>(episodes: impl Iterator<Item = &'a Episode>) -> Self {
        let mut figures = Self::default();
        let mut times = Vec::new();
        for episode in episodes {
            let Some((closed, _)) = &episode.closed else {
                figures.open += 1;
                figures.overdue += usize::from(episode.standing == Standing::Overdue);
                figures.excepted += usize::from(episode.standing == Standing::Excepted);
                continue;
            };
            figures.fixed += 1;
            match episode.in_time() {
                Some(true) => figures.in_time += 1,
                Some(false) => figures.late += 1,
                None => figures.no_deadline += 1,
            }
            times.extend(episode.began().map(|began| closed.seconds() - began.seconds()));
        }
        let number = i64::try_from(times.len()).unwrap_or(i64::MAX);
        figures.mean = (number > 0).then(|| times.iter().sum::<i64>() / number.max(1));
        figures
    }
}

/// Episodes that are named, unless everything is asked for.
const FEW: usize = 20;

impl Compliance {
    /// The figures of each tier that has any, and of all.
    #[must_use]
    pub fn figures(&self) -> Vec<(&'static str, Figures)> {
        let of = |tier: Tier| (tier.as_str(), Figures::of(self.episodes.iter().filter(move |episode| episode.tier == tier)));
        let tiers =
            Tier::ALL.into_iter().chain([Tier::None]).map(of).filter(|(name, figures)| *name != "none" || *figures != Figures::default());
        tiers.chain([("all", Figures::of(self.episodes.iter()))]).collect()
    }

    /// Writes it for people.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn table(&self, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
        if view.detail == Detail::Verdict {
            return writeln!(out, "{}", labelled("verdict", &self.verdict(), view.width));
        }
        for policy in &self.policies {
            writeln!(out, "{}", labelled("policy", &promises::policy(policy), view.width))?;
        }
        for span in &self.spans {
            let short = &span.commit[..span.commit.len().min(12)];
            let text = format!(
                "{} to {}: {} at {short}, {}, of which {} changed dependency files",
                self.since.date(),
                self.as_of.date(),
                safe(&self.branch),
                count(span.commits as u64, "commit"),
                span.scanned,
            );
            writeln!(out, "{}", labelled("compliance", &text, view.width))?;
            if span.unread_commits > 0 && span.unread.is_empty() {
                let text =
                    format!("dependency files of {}: what was in them before counts as open", count(span.unread_commits as u64, "commit"));
                writeln!(out, "{}", view.paint(&labelled("not read", &text, view.width), Some("33")))?;
            }
            if !span.unread.is_empty() {
                let text = format!("{} at {short}: what was in it before counts as open", span.unread.join(", "));
                writeln!(out, "{}", view.paint(&labelled("not read", &safe(&text), view.width), Some("33")))?;
            }
            if let Some(from) = span.cut_off {
                let text = format!("the history begins on {}, this is a shallow clone: fetch it all (fetch-depth: 0)", from.date());
                writeln!(out, "{}", view.paint(&labelled("cut off", &text, view.width), Some("33")))?;
            }
        }
        let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
        self.episodes.iter().filter_map(|episode| episode.fallback.as_deref()).for_each(|why| *reasons.entry(why).or_default() += 1);
        for (why, number) in reasons {
            let text = format!("{} by another clock: {why}", count(number, "finding"));
            writeln!(out, "{}", view.paint(&labelled("clock", &safe(&text), view.width), Some("33")))?;
        }
        writeln!(out)?;
        let heads = ["", "fixed", "in time", "late", "no deadline", "mean time to fix", "open", "overdue", "excepted"];
        let mut rows: Vec<Vec<String>> = vec![heads.iter().map(|head| (*head).to_owned()).collect()];
        for (name, figures) in self.figures() {
            let number = |number: usize| if number == 0 { "-".to_owned() } else { number.to_string() };
            let mean = figures.mean.map_or_else(|| "-".to_owned(), mean);
            let Figures { fixed, in_time, late, no_deadline, open, overdue, excepted, .. } = figures;
            let [fixed, in_time, late, no_deadline, open, overdue, excepted] =
                [fixed, in_time, late, no_deadline, open, overdue, excepted].map(number);
            rows.push(vec![name.to_owned(), fixed, in_time, late, no_deadline, mean, open, overdue, excepted]);
        }
        for line in Layout::fit(&[FIXED; 9], &rows, None).lines(&rows) {
            writeln!(out, "{line}")?;
        }
        self.episodes_shown(view, out)?;
        writeln!(out)?;
        writeln!(out, "{}", labelled("verdict", &self.verdict(), view.width))
    }

    fn episodes_shown(&self, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
        const COLUMNS: [Column; 7] = [
            FIXED,
            Column { shortest: Some(22), ..FIXED },
            FIXED,
            FIXED,
            FIXED,
            Column { shortest: Some(18), optional: true, keeps_its_end: true },
            Column { optional: true, ..FIXED },
        ];
        let late = |episode: &&Episode| episode.in_time() == Some(false);
        let overdue = |episode: &&Episode| episode.closed.is_none() && episode.standing == Standing::Overdue;
        let sections: [(&str, Vec<&Episode>); 2] = [
            ("STILL OVERDUE", self.episodes.iter().filter(overdue).collect()),
            ("FIXED LATE", self.episodes.iter().filter(late).collect()),
        ];
        for (title, episodes) in sections {
            if episodes.is_empty() {
                continue;
            }
            let shown = if view.detail == Detail::Everything { episodes.len() } else { FEW.min(episodes.len()) };
            let rows: Vec<Vec<String>> = episodes[..shown].iter().map(|episode| self.row(episode)).collect();
            writeln!(out, "\n{}", view.paint(&format!("{title} {}", episodes.len()), Some("31")))?;
            for line in Layout::fit(&COLUMNS, &rows, view.width).lines(&rows) {
                writeln!(out, "{line}")?;
            }
            if shown < episodes.len() {
                writeln!(out, "and {} more (-v shows all)", episodes.len() - shown)?;
            }
        }
        Ok(())
    }

    fn row(&self, episode: &Episode) -> Vec<String> {
        let due = episode.due.map_or_else(String::new, |due| format!("due {}", due.date()));
        let end = match (&episode.closed, episode.due) {
            (Some((at, _)), Some(due)) => format!("fixed {} ({} late)", at.date(), duration(at.seconds() - due.seconds())),
            (Some((at, _)), None) => format!("fixed {}", at.date()),
            (None, Some(due)) => format!("{} late", duration(self.as_of.seconds() - due.seconds())),
            (None, None) => String::new(),
        };
        vec![
            episode.tier.as_str().to_owned(),
            safe(&format!("{} {}", episode.name, episode.version)),
            safe(&episode.id.0),
            due,
            end,
            safe(&episode.manifest),
            episode.closed.as_ref().map_or_else(String::new, |(_, commit)| commit[..commit.len().min(12)].to_owned()),
        ]
    }

    /// The outcome in a line.
    fn verdict(&self) -> String {
        let all = Figures::of(self.episodes.iter());
        let promised = all.in_time + all.late;
        let share = if promised == 0 {
            "nothing with a deadline was fixed".to_owned()
        } else {
            format!("{} of {promised} fixed in time", all.in_time)
        };
        format!("{share}; {} open, {} overdue", all.open, all.overdue)
    }

    /// Writes it for machines.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, &ComplianceJson::from(self)).map_err(io::Error::from)?;
        writeln!(out)
    }
}

/// A mean length of time: hours below two days, else days to a tenth.
fn mean(seconds: i64) -> String {
    if seconds < 2 * DAY {
        return count((seconds.max(0) / HOUR).unsigned_abs(), "hour");
    }
    let tenths = seconds * 10 / DAY;
    if tenths % 10 == 0 { count((tenths / 10).unsigned_abs(), "day") } else { format!("{}.{} days", tenths / 10, tenths % 10) }
}
