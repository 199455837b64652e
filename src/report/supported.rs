//! The part of the reports for people that tells of the supported releases: a line each, with what it ships.

use std::io;

use super::{
    LineOutcome, Report, SupportedLine, Uncovered, View,
    columns::{Column, FIXED, Layout, labelled},
    phrases::{count, safe},
};
use crate::{model::Timestamp, policy::Standing};

/// Line, release, day, what it ships, what is overdue, the row of the policy.
const COLUMNS: [Column; 6] = [
    FIXED,
    FIXED,
    Column { optional: true, ..FIXED },
    Column { shortest: Some(24), ..FIXED },
    Column { shortest: Some(20), ..FIXED },
    Column { shortest: Some(16), optional: true, keeps_its_end: true },
];

/// Writes the lines; nothing where they were not asked for.
///
/// # Errors
/// What the writer says.
pub fn write(report: &Report, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
    let rows = rows(report);
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", view.paint("SUPPORTED RELEASES", None))?;
    for line in Layout::fit(&COLUMNS, &rows, view.width).lines(&rows) {
        writeln!(out, "{line}")?;
    }
    let uncovered = report.supported.iter().flat_map(|supported| &supported.uncovered);
    for (at, uncovered) in uncovered.enumerate() {
        let label = if at == 0 { "not covered" } else { "" };
        writeln!(out, "{}", view.paint(&labelled(label, &not_covered(uncovered), view.width), Some("33")))?;
    }
    Ok(())
}

/// The lines as cells: line, release, day, what it ships, what is overdue, the row of the policy.
#[must_use]
pub fn rows(report: &Report) -> Vec<Vec<String>> {
    report.supported.iter().flat_map(|supported| &supported.lines).map(|line| row(report, line)).collect()
}

/// What no row of the policy is about.
#[must_use]
pub fn not_covered(uncovered: &Uncovered) -> String {
    let Uncovered { newest, oldest, count: number } = uncovered;
    let releases = if newest == oldest { newest.clone() } else { format!("{oldest} to {newest} ({})", count(*number as u64, "release")) };
    safe(&format!("{releases}: no row of the policy says whether it is supported"))
}

fn row(report: &Report, line: &SupportedLine) -> Vec<String> {
    let (release, day) = match &line.outcome {
        LineOutcome::Release(target) => {
            let release = report.targets.get(*target).and_then(|target| target.release.as_ref());
            release.map(|release| (release.tag.clone(), release.at.date())).unwrap_or_default()
        }
        LineOutcome::WorkingTree(_) => ("working tree".to_owned(), String::new()),
        LineOutcome::NoTag => ("no release tag".to_owned(), String::new()),
        LineOutcome::Ended(day) => (format!("support ended {}", day.date()), String::new()),
        LineOutcome::Incomparable => ("cannot be compared with tags".to_owned(), String::new()),
    };
    let (ships, overdue) = line.outcome.target().map(|target| shipped(report, target)).unwrap_or_default();
    let policy = line.outcome.target().and_then(|target| report.targets.get(target)).map_or(0, |target| target.policy);
    let path = report.policies.get(policy).and_then(|policy| policy.versions_path.clone()).unwrap_or_default();
    let place = line.row.line.map_or(path.clone(), |line| format!("{path}:{line}"));
    [line.row.pattern.clone(), release, day, ships, overdue, place].iter().map(|cell| safe(cell)).collect()
}

/// What a target ships, and what of that is late since when.
fn shipped(report: &Report, target: usize) -> (String, String) {
    let findings = || report.findings.iter().filter(move |judged| judged.finding.target == target && judged.finding.kind.is_security());
    let open = findings().filter(|judged| judged.judgement.standing != Standing::Excepted).count();
    let packages: u64 = report.files_read.iter().filter(|file| file.target == target).map(|file| file.item.packages).sum();
    let unchecked = report.unchecked.iter().filter(|placed| placed.target == target).count();
    let mut ships = match open {
        0 if unchecked > 0 => "nothing found".to_owned(),
        0 => format!("nothing found in {}", count(packages, "package")),
        open => format!("{} in {}", count(open as u64, "finding"), count(packages, "package")),
    };
    if unchecked > 0 {
        ships.push_str(&format!(", {unchecked} unchecked"));
    }
    let late: Vec<Timestamp> = findings()
        .filter(|judged| judged.judgement.standing == Standing::Overdue)
        .filter_map(|judged| judged.judgement.fix_by.or(judged.judgement.respond_by))
        .collect();
    let overdue = match late.iter().min() {
        Some(first) => format!("{} overdue, since {}", late.len(), first.date()),
        None if open > 0 => "none overdue".to_owned(),
        None => String::new(),
    };
    (ships, overdue)
}
