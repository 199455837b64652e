//! The part of the reports for people that tells of the supported releases: a line each, with what it ships.

use std::io;

use super::{
    LineOutcome, Report, SupportedLine, Uncovered, View,
    columns::{Column, FIXED, Layout, labelled},
    phrases::{count, safe},
};
use crate::{
    model::{Reason, Timestamp},
    policy::Standing,
};

/// Line, release, day, packages, findings, what is overdue and since when, the row of the policy.
const COLUMNS: [Column; 8] = [
    Column { shortest: Some(12), ..FIXED },
    Column { shortest: Some(14), ..FIXED },
    Column { optional: true, ..FIXED },
    Column { optional: true, ..FIXED },
    FIXED,
    FIXED,
    Column { optional: true, ..FIXED },
    Column { shortest: Some(12), optional: true, keeps_its_end: true },
];
/// What is above them.
pub const HEADS: [&str; 8] = ["line", "release", "of", "packages", "findings", "overdue", "since", "stated in"];

/// Writes the lines, the working tree above them to compare with; nothing where they were not asked for.
///
/// # Errors
/// What the writer says.
pub fn write(report: &Report, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(supported) = &report.supported else { return Ok(()) };
    writeln!(out, "\n{}", view.paint("SUPPORTED RELEASES", None))?;
    let mut rows = rows(report);
    rows.insert(0, HEADS.map(str::to_owned).to_vec());
    for line in Layout::fit(&COLUMNS, &rows, view.width).lines(&rows) {
        writeln!(out, "{line}")?;
    }
    for (at, uncovered) in supported.uncovered.iter().enumerate() {
        let label = if at == 0 { "not covered" } else { "" };
        writeln!(out, "{}", view.paint(&labelled(label, &not_covered(report, uncovered), view.width), Some("33")))?;
    }
    Ok(())
}

/// The working tree and the lines as cells, as [`HEADS`] has them.
#[must_use]
pub fn rows(report: &Report) -> Vec<Vec<String>> {
    let Some(supported) = &report.supported else { return Vec::new() };
    let on_disk = report.targets.iter().enumerate().filter(|(_, target)| target.release.is_none());
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (given, target) in on_disk {
        let [packages, findings, overdue, since] = shipped(report, given);
        let what = safe(&whose(report, given, "working tree"));
        rows.push(vec![what, String::new(), String::new(), packages, findings, overdue, since, String::new()]);
        let mut shown: Vec<usize> = Vec::new();
        for line in supported.lines.iter().filter(|line| line.given == given) {
            rows.push(row(report, line, target.policy, &mut shown));
        }
    }
    rows
}

/// What it is about, with its target where there are several.
fn whose(report: &Report, given: usize, what: &str) -> String {
    let several = report.targets.iter().filter(|target| target.release.is_none()).count() > 1;
    let path = report.targets.get(given).map_or("", |target| target.path.as_str());
    if several { format!("{path}: {what}") } else { what.to_owned() }
}

/// What no row of the policy is about.
#[must_use]
pub fn not_covered(report: &Report, uncovered: &Uncovered) -> String {
    let Uncovered { given, newest, oldest, count: number } = uncovered;
    let releases = if newest == oldest { newest.clone() } else { format!("{oldest} to {newest} ({})", count(*number as u64, "release")) };
    safe(&format!("{}: no row of the policy says whether it is supported", whose(report, *given, &releases)))
}

/// A row; `shown` are the releases that earlier rows were about, too.
fn row(report: &Report, line: &SupportedLine, policy: usize, shown: &mut Vec<usize>) -> Vec<String> {
    let (release, day) = match &line.outcome {
        LineOutcome::Release(target) => {
            let release = report.targets.get(*target).and_then(|target| target.release.as_ref());
            release.map(|release| (release.tag.clone(), release.at.date())).unwrap_or_default()
        }
        LineOutcome::WorkingTree(_) => ("working tree".to_owned(), String::new()),
        LineOutcome::NoTag => ("no release tag".to_owned(), String::new()),
        LineOutcome::Ended(day) => (format!("ended {}", day.date()), String::new()),
        LineOutcome::Incomparable => ("cannot be compared".to_owned(), String::new()),
    };
    let nothing = || [const { String::new() }; 4];
    let [packages, findings, overdue, since] = match line.outcome.target() {
        Some(target) if shown.contains(&target) || target == line.given => {
            ["as above".to_owned(), String::new(), String::new(), String::new()]
        }
        Some(target) => {
            shown.push(target);
            shipped(report, target)
        }
        None => nothing(),
    };
    let path = report.policies.get(policy).and_then(|policy| policy.versions_path.clone()).unwrap_or_default();
    let place = line.row.line.map_or(path.clone(), |line| format!("{path}:{line}"));
    let what = whose(report, line.given, &line.line);
    [what, release, day, packages, findings, overdue, since, place].iter().map(|cell| safe(cell)).collect()
}

/// What a target ships: packages, findings, what of them is late, since when.
fn shipped(report: &Report, target: usize) -> [String; 4] {
    let findings = || report.findings.iter().filter(move |judged| judged.finding.target == target && judged.finding.kind.is_security());
    let open = findings().filter(|judged| judged.judgement.standing != Standing::Excepted).count();
    let packages: u64 = report.files_read.iter().filter(|file| file.target == target).map(|file| file.item.packages).sum();
    let unchecked = report.unchecked.iter().filter(|placed| placed.target == target && placed.item.reason != Reason::NoRelease).count();
    let packages = if unchecked > 0 { format!("{packages}, {unchecked} unchecked") } else { packages.to_string() };
    let late: Vec<Timestamp> = findings()
        .filter(|judged| judged.judgement.standing == Standing::Overdue)
        .filter_map(|judged| judged.judgement.fix_by.or(judged.judgement.respond_by))
        .collect();
    let number = |number: usize| if number == 0 { "-".to_owned() } else { number.to_string() };
    [packages, number(open), number(late.len()), late.iter().min().map_or_else(String::new, |first| first.date())]
}
