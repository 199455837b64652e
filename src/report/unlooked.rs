//! The part of the terminal report that says what was not looked at.

use std::{collections::BTreeMap, io};

use super::{
    Detail, Placed, Report, ReportTarget, View,
    columns::labelled,
    phrases::{self, place},
};
use crate::model::{Reason, Unchecked, unchecked::Why};

/// Items that are named, unless everything is asked for.
const FEW: usize = 10;

/// Writes what was not checked and what was skipped; nothing where there is nothing of either.
///
/// # Errors
/// What the writer says.
pub fn write(report: &Report, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
    let skipped = skipped(report, view);
    if !report.unchecked.is_empty() || !skipped.is_empty() {
        writeln!(out)?;
    }
    if !report.unchecked.is_empty() {
        writeln!(out, "{}", view.paint(&labelled("unchecked", &amount(report), view.width), Some("33")))?;
        for line in lines(report, view) {
            writeln!(out, "{}", labelled("", &phrases::safe(&line), view.width))?;
        }
    }
    for (at, text) in skipped.iter().enumerate() {
        writeln!(out, "{}", labelled(if at == 0 { "skipped" } else { "" }, &phrases::safe(text), view.width))?;
    }
    Ok(())
}

fn amount(report: &Report) -> String {
    let mut amounts = Vec::new();
    if report.packages.unchecked > 0 {
        amounts.push(format!("{} of {}", report.packages.unchecked, phrases::count(report.packages.found(), "package")));
    }
    if report.files.unchecked > 0 {
        amounts.push(format!("{} of {}", report.files.unchecked, phrases::count(report.files.found(), "file")));
    }
    let is_empty = |placed: &Placed<Unchecked>| placed.item.reason == Reason::NoDependencyFiles;
    let is_image = |target: &ReportTarget| matches!(target.kind, "image" | "rootfs");
    let amount = match amounts.is_empty() {
        true if !report.unchecked.iter().any(is_empty) && report.targets.iter().any(is_image) => "a part of an image".to_owned(),
        true => "a target with nothing to look at".to_owned(),
        false => amounts.join(", "),
    };
    let is_accepted = report.unchecked.iter().all(|placed| report.accepted.contains_key(placed));
    if is_accepted { format!("{amount}, accepted by the policy") } else { amount }
}

/// With `-v` a line an item; else a line a class (all from git, all of a format not read), and items with a cause of
/// their own after that.
fn lines(report: &Report, view: &View) -> Vec<String> {
    if view.detail == Detail::Everything {
        return report.unchecked.iter().map(|placed| full(report, placed)).collect();
    }
    let mut classes: BTreeMap<Reason, Vec<&Placed<Unchecked>>> = BTreeMap::new();
    for placed in report.unchecked.iter().filter(|placed| placed.item.reason.is_a_class()) {
        classes.entry(placed.item.reason).or_default().push(placed);
    }
    let mut lines: Vec<String> = classes.into_iter().map(|(reason, items)| class(report, reason, &items)).collect();
    let singles: Vec<_> = report.unchecked.iter().filter(|placed| !placed.item.reason.is_a_class()).collect();
    lines.extend(singles.iter().take(FEW).map(|placed| full(report, placed)));
    if singles.len() > FEW {
        lines.push(format!("and {} more (-v shows all)", singles.len() - FEW));
    }
    lines
}

fn class(report: &Report, reason: Reason, items: &[&Placed<Unchecked>]) -> String {
    let packages: u64 = items.iter().map(|placed| u64::from(placed.item.packages)).sum();
    let amount = if packages > 0 { phrases::count(packages, "package") } else { phrases::count(items.len() as u64, "file") };
    let mut names: Vec<String> = items.iter().take(FEW).map(|placed| name(report, placed)).collect();
    if items.len() > FEW {
        names.push(format!("and {} more (-v shows all)", items.len() - FEW));
    }
    format!("{amount} {}: {}", reason.phrase(), names.join(", "))
}

fn name(report: &Report, placed: &Placed<Unchecked>) -> String {
    let item = &placed.item;
    let place = place(report, placed.target, &item.path);
    let accepted = report.accepted.get(placed).map(|accepted| format!("accepted until {}", accepted.expires.date()));
    match (item.line, accepted) {
        (Some(line), Some(accepted)) => format!("{} ({place}:{line}, {accepted})", item.subject),
        (Some(line), None) => format!("{} ({place}:{line})", item.subject),
        (None, Some(accepted)) => format!("{place} ({accepted})"),
        (None, None) if item.packages > 0 => format!("{} ({place})", item.subject),
        (None, None) => place,
    }
}

fn full(report: &Report, placed: &Placed<Unchecked>) -> String {
    let item = &placed.item;
    let line = item.line.map_or(String::new(), |line| format!(":{line}"));
    format!("{}{line}: {}: {}{}", place(report, placed.target, &item.path), item.reason.phrase(), item.detail, accepted(report, placed))
}

/// Until when and why something is accepted as unchecked, if it is.
#[must_use]
pub fn accepted(report: &Report, placed: &Placed<Unchecked>) -> String {
    let accepted = report.accepted.get(placed);
    accepted.map_or_else(String::new, |accepted| format!("; accepted until {}: {}", accepted.expires.date(), accepted.reason))
}

fn skipped(report: &Report, view: &View) -> Vec<String> {
    let shown = report.skipped.iter().filter(|placed| view.detail == Detail::Everything || placed.item.why != Why::Usual);
    shown.map(|placed| format!("{} ({})", place(report, placed.target, &placed.item.path), placed.item.reason)).collect()
}
