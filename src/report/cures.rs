//! The part of the terminal report that says what to do, package by package.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use super::{Detail, Report, View, columns::labelled, phrases};
use crate::model::{Cure, Finding};

/// Lines of cures, unless everything is asked for.
const FEW: usize = 10;

/// What moving a package to its cure clears.
#[derive(Default)]
struct Clears {
    findings: usize,
    places: BTreeSet<String>,
}

/// Writes the cure of each package that has one; nothing where none has.
///
/// # Errors
/// What the writer says.
pub fn write(report: &Report, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
    let mut by_package: BTreeMap<(&str, &str, Option<&Cure>), Clears> = BTreeMap::new();
    for judged in report.findings.iter().filter(|f| f.finding.kind.is_security()) {
        let finding = &judged.finding;
        let entry = by_package.entry((&finding.name, &finding.version, finding.package_cure.as_ref())).or_default();
        entry.findings += 1;
        entry.places.insert(phrases::place(report, finding.target, &finding.manifest));
    }
    let mut cures: Vec<_> = by_package
        .into_iter()
        .filter_map(|((name, version, cure), clears)| Some((clears.findings, name, version, cure?, clears.places)))
        .collect();
    // The most useful first; a lockfile update before a change of requirements.
    cures.sort_by(|a, b| (b.3.compatible, b.0).cmp(&(a.3.compatible, a.0)).then((a.1, a.2).cmp(&(b.1, b.2))));
    if cures.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let several = phrases::manifests(report).len() > 1;
    let shown = if view.detail == Detail::Everything { cures.len() } else { FEW.min(cures.len()) };
    for (at, (clears, name, version, cure, places)) in cures[..shown].iter().enumerate() {
        let label = if at == 0 { "cure" } else { "" };
        let places =
            if several { format!(" in {}", places.iter().map(String::as_str).collect::<Vec<_>>().join(", ")) } else { String::new() };
        let text = format!("{} (clears {clears}{places})", advice(name, version, cure));
        writeln!(out, "{}", labelled(label, &phrases::safe(&text), view.width))?;
    }
    if shown < cures.len() {
        writeln!(out, "{}", labelled("", &format!("and {} more (-v shows all)", cures.len() - shown), view.width))?;
    }
    Ok(())
}

/// What to do about a finding, if a version is known that is free of it.
#[must_use]
pub fn of(finding: &Finding) -> Option<String> {
    let short = |text: &str| phrases::shorten(text, phrases::LONGEST_NAME);
    let (name, version) = (short(&finding.name), short(&finding.version));
    match (&finding.package_cure, &finding.cure) {
        (Some(cure), _) => Some(advice(&name, &version, cure)),
        // Of an informational finding only the fixed version is known, not whether it is free of all else.
        (None, Some(cure)) => Some(format!("raise {name} {version} to {cure} or later")),
        (None, None) => None,
    }
}

/// What to do to move a package to its cure: a command, where one suffices.
fn advice(name: &str, version: &str, cure: &Cure) -> String {
    match (name, cure.compatible) {
        ("std" | "cargo" | "rustdoc" | "rustc", _) => format!("use Rust {} or later", cure.version),
        // A command is for pasting: only of what cargo takes for a name.
        (_, true) if is_plain(name) && is_plain(version) && is_plain(&cure.version) => {
            format!("cargo update -p {name}@{version} --precise {}", cure.version)
        }
        (_, true) => format!("update {name} {version} to {}", cure.version),
        (_, false) => format!("raise {name} {version} to {} or later, across a breaking change", cure.version),
    }
}

fn is_plain(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte)) && !word.starts_with('-')
}
