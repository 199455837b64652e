//! `overdue policy show` for people: one line a statement, with the line and the words that it was read from.

use std::io;

use super::shown_config::parts;
use crate::{
    policy::{
        Config, Deadline, ExploitedRule, PolicySource, Reading, TierRow,
        deadline::Origin,
        length::shown,
        reading::{BoundsOrigin, SupportedVersion},
    },
    report::{
        View,
        columns::{Column, FIXED, Layout, labelled},
        phrases::{safe, shorten},
    },
};

/// A policy to show: what one file says, or what holds in the end.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// What it was read from, the strongest first.
    pub sources: &'a [PolicySource],
    /// What it says.
    pub reading: &'a Reading,
    /// Whether it is what holds in the end, put together from all sources.
    pub effective: bool,
    /// What it says of what is known to be exploited.
    pub exploited: Option<&'a ExploitedRule>,
    /// The `overdue.toml`, for what it says beside deadlines.
    pub config: Option<&'a Config>,
    /// The files with their own readings, whose faults are shown; without a path where there is only one.
    pub faults: Vec<(Option<&'a str>, &'a Reading)>,
}

/// Whose, what, promise, place, words.
const COLUMNS: [Column; 5] = [FIXED, FIXED, FIXED, FIXED, Column { shortest: Some(20), optional: true, keeps_its_end: false }];

impl Shown<'_> {
    /// Writes it as a table.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn table(&self, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
        let names: Vec<String> =
            self.sources.iter().map(|source| source.file().map_or("the built-in policy".to_owned(), |(path, _)| safe(path))).collect();
        let what = if self.effective { "in force" } else { "policy" };
        writeln!(out, "{}", labelled(what, &names.join(", over "), view.width))?;
        let (statements, marks) = self.statements();
        let layout = Layout::fit(&COLUMNS, &statements, view.width);
        let lines = layout.lines(&statements);
        for (line, begins) in lines.iter().zip(&marks) {
            if *begins {
                writeln!(out)?;
            }
            writeln!(out, "{line}")?;
        }
        let faults = self.faults.iter();
        let passages =
            faults.clone().flat_map(|(path, of)| of.not_understood.iter().map(|passage| (*path, passage.line, passage.text.as_str())));
        section("NOT UNDERSTOOD", passages, view, out)?;
        let notes = faults.flat_map(|(path, of)| of.notes.iter().map(|note| (*path, note.line, note.text.as_str())));
        section("WARNINGS", notes, view, out)?;
        if self.reading.placeholder {
            writeln!(out, "\n{}", labelled("placeholder", "sentences of a template are still there, and are not believed", view.width))?;
        }
        if !self.effective && !self.reading.states_a_deadline() {
            let text =
                "this file has no figure by when a vulnerability is responded to or fixed; findings are judged by the built-in policy then";
            writeln!(out, "\n{}", labelled("judging", text, view.width))?;
        }
        Ok(())
    }

    /// The rows of the table, and which of them begin a part.
    fn statements(&self) -> (Vec<Vec<String>>, Vec<bool>) {
        let (mut rows, mut begins) = (Vec::new(), Vec::new());
        let mut add = |part: Vec<Vec<String>>| {
            begins.extend((0..part.len()).map(|at| at == 0));
            rows.extend(part);
        };
        for row in &self.reading.tiers {
            add(self.tier(row));
        }
        let general = self.reading.general.iter().map(|(stage, deadline)| self.deadline(stage.as_str(), deadline));
        add(titled("all alike", general.collect()));
        let rules = self.reading.rules.iter().map(|rule| {
            let promise = format!("none of {} or above known for longer than {}", rule.min_tier.as_str(), shown(rule.max_age_hours, false));
            vec![String::new(), "rule".to_owned(), promise, self.place(rule.line, Some(&rule.origin)), safe(&rule.text)]
        });
        add(titled("all alike", rules.collect()));
        add(titled("exploited", self.exploited.into_iter().flat_map(|rule| self.exploited(rule)).collect()));
        add(titled("versions", self.reading.supported_versions.iter().map(|version| self.version(version)).collect()));
        for (title, part) in self.config.map(parts).unwrap_or_default() {
            add(titled(title, part));
        }
        (rows, begins)
    }

    fn tier(&self, row: &TierRow) -> Vec<Vec<String>> {
        let score = |tenths: u8| format!("{}.{}", tenths / 10, tenths % 10);
        let origin = match row.bounds_origin {
            BoundsOrigin::Text => "",
            BoundsOrigin::Default => " (as usual)",
        };
        let bounds = format!("{} to {}{origin}", score(row.bounds.0), score(row.bounds.1));
        let mut rows = vec![vec![String::new(), "CVSS".to_owned(), bounds, self.place(row.line, None), String::new()]];
        if row.deadlines.is_empty() {
            let is_covered = !self.reading.general.is_empty() || !self.reading.rules.is_empty();
            rows[0][2].push_str(if is_covered { ", no deadline of its own" } else { ", no deadline" });
        }
        rows.extend(row.deadlines.iter().map(|(stage, deadline)| self.deadline(stage.as_str(), deadline)));
        if !row.examples.is_empty() {
            rows.push(vec![
                String::new(),
                "examples".to_owned(),
                row.examples.len().to_string(),
                String::new(),
                safe(&row.examples.iter().map(|example| example.text.as_str()).collect::<Vec<_>>().join("; ")),
            ]);
        }
        titled(row.tier.as_str(), rows)
    }

    fn deadline(&self, stage: &str, deadline: &Deadline) -> Vec<String> {
        let stage = stage.replace('_', " ");
        vec![String::new(), stage, promise(deadline), self.place(deadline.line, Some(&deadline.origin)), without_markup(&deadline.text)]
    }

    /// The rule for what is known to be exploited.
    fn exploited(&self, rule: &ExploitedRule) -> Vec<Vec<String>> {
        let at_least = rule
            .tier
            .map(|tier| vec![String::new(), "tier".to_owned(), format!("at least {}", tier.as_str()), String::new(), String::new()]);
        let fix = rule.fix.as_ref().map(|deadline| self.deadline("fix", deadline));
        at_least.into_iter().chain(fix).collect()
    }

    fn version(&self, version: &SupportedVersion) -> Vec<String> {
        let said = match (version.supported, version.until) {
            (true, Some(day)) => format!("supported until {}", day.date()),
            (true, None) => "supported".to_owned(),
            (false, _) => "not supported".to_owned(),
        };
        vec![String::new(), shorten(&safe(&version.pattern), 40), said, self.place(version.line, None), String::new()]
    }

    /// Where it stands: the line, with the file where there are several.
    fn place(&self, line: Option<u32>, origin: Option<&Origin>) -> String {
        match (origin, line) {
            (Some(Origin::Builtin), _) => "built-in".to_owned(),
            (Some(origin), Some(line)) if self.effective => format!("{}:{line}", safe(origin.path().unwrap_or_default())),
            (_, Some(line)) if !self.effective => format!("line {line}"),
            _ => String::new(),
        }
    }
}

fn section<'a>(
    title: &str,
    passages: impl Iterator<Item = (Option<&'a str>, u32, &'a str)>,
    view: &View,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for (index, (path, line, text)) in passages.enumerate() {
        if index == 0 {
            writeln!(out, "\n{}", view.paint(title, Some("33")))?;
        }
        writeln!(
            out,
            "{}",
            labelled(&path.map_or(format!("  line {line}"), |path| format!("  {}:{line} ", safe(path))), &safe(text), view.width)
        )?;
    }
    Ok(())
}

/// What is promised, in words.
fn promise(deadline: &Deadline) -> String {
    let figure = match (deadline.target_hours, deadline.limit_hours) {
        (Some(target), Some(limit)) => Some(format!(
            "{} {} to {}",
            if deadline.recurring { "every" } else { "in" },
            shown(target, deadline.business_days),
            shown(limit, deadline.business_days)
        )),
        (None, Some(limit)) if deadline.recurring => Some(format!("every {}", shown(limit, deadline.business_days))),
        (None, Some(limit)) => Some(format!("within {}", shown(limit, deadline.business_days))),
        (_, None) => None,
    };
    let until = deadline.until.map(|_| "at the next release".to_owned());
    let said: Vec<String> = figure.into_iter().chain(until).collect();
    let said = if said.is_empty() { "no figure".to_owned() } else { said.join(" or ") };
    if deadline.soft { format!("{said} (an aim)") } else { said }
}

/// The words without the marks of emphasis.
fn without_markup(text: &str) -> String {
    safe(&text.replace("**", "").replace("__", "").replace('`', ""))
}

fn titled(title: &str, mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    if let Some(first) = rows.first_mut() {
        title.clone_into(&mut first[0]);
    }
    rows
}
