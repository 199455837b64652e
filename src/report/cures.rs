//! The part of the terminal report that says what to do, package by package.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use super::{Detail, Report, View, columns::labelled, phrases};
use crate::{
    model::{Change, Cure, Ecosystem, Finding, Wanted},
    version::Scheme,
};

/// Lines of cures, unless everything is asked for.
const FEW: usize = 10;

/// What moving a package to its cure clears.
#[derive(Default)]
struct Clears<'a> {
    findings: usize,
    places: BTreeSet<String>,
    packages: BTreeSet<&'a str>,
}

/// What a distribution builds from one source is moved together; anything else by itself.
fn moved(finding: &Finding) -> &str {
    finding.source_package.as_deref().unwrap_or(&finding.name)
}

/// Writes the cure of each package that has one; nothing where none has.
///
/// # Errors
/// What the writer says.
pub fn write(report: &Report, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
    let mut by_package: BTreeMap<(&Ecosystem, &str, &Wanted, Option<&Cure>), Clears<'_>> = BTreeMap::new();
    for judged in report.findings.iter().filter(|f| f.finding.kind.is_security()) {
        let finding = &judged.finding;
        let entry = by_package.entry((&finding.ecosystem, moved(finding), &finding.wanted, finding.package_cure.as_ref())).or_default();
        entry.findings += 1;
        entry.packages.insert(&finding.name);
        entry.places.insert(phrases::place(report, finding.target, &finding.manifest));
    }
    let mut cures: Vec<_> = by_package
        .into_iter()
        .filter_map(|((ecosystem, name, wanted, cure), clears)| Some((clears.findings, (ecosystem, name, wanted), cure?, clears)))
        .collect();
    // The most useful first; a lockfile update before a change of requirements.
    cures.sort_by(|a, b| (is_easy(b.2), b.0).cmp(&(is_easy(a.2), a.0)).then(a.1.cmp(&b.1)));
    if cures.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let several = phrases::manifests(report).len() > 1;
    let shown = if view.detail == Detail::Everything { cures.len() } else { FEW.min(cures.len()) };
    for (at, (count, (ecosystem, name, wanted), cure, clears)) in cures[..shown].iter().enumerate() {
        let label = if at == 0 { "cure" } else { "" };
        let places = if several {
            format!(" in {}", clears.places.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
        } else {
            String::new()
        };
        let name = match clears.packages.len() {
            1 => clears.packages.first().map_or_else(|| (*name).to_owned(), |package| (*package).to_owned()),
            packages => format!("{packages} packages of {name}"),
        };
        let text = format!("{} (clears {count}{places})", advice(ecosystem, &name, &wanted.to_string(), cure));
        writeln!(out, "{}", labelled(label, &phrases::safe(&text), view.width))?;
    }
    if shown < cures.len() {
        writeln!(out, "{}", labelled("", &format!("and {} more (-v shows all)", cures.len() - shown), view.width))?;
    }
    Ok(())
}

/// What to do about a finding, if anything is known that clears it.
#[must_use]
pub fn of(finding: &Finding) -> Option<String> {
    let short = |text: &str| phrases::shorten(text, phrases::LONGEST_NAME);
    let (name, wanted) = (short(&finding.name), short(&finding.wanted.to_string()));
    match (&finding.package_cure, &finding.cure) {
        (Some(cure), _) => Some(advice(&finding.ecosystem, &name, &wanted, cure)),
        // Of an informational finding only the fixed version is known, not whether it is free of all else.
        (None, Some(cure)) => Some(format!("raise {name} {wanted} to {cure} or later")),
        (None, None) => in_part(finding)
            .map(|floor| format!("{name} {wanted}: {floor} clears this one, and no known version clears all that is known of {name}")),
    }
}

/// What to do to clear a package: a command, where one suffices.
fn advice(ecosystem: &Ecosystem, name: &str, wanted: &str, cure: &Cure) -> String {
    let is_crate = ecosystem.as_str() == Ecosystem::CRATES_IO;
    match cure {
        Cure::Version { version, .. } if ecosystem.as_str() == Ecosystem::RUST_TOOLCHAIN => format!("use Rust {version} or later"),
        // A command is for pasting: only of what cargo takes for a name.
        Cure::Version { version, compatible: true } if is_crate && is_plain(name) && is_plain(wanted) && is_plain(version) => {
            format!("cargo update -p {name}@{wanted} --precise {version}")
        }
        Cure::Version { version, compatible: true } => format!("update {name} {wanted} to {version}"),
        Cure::Version { version, .. } if is_crate => format!("raise {name} {wanted} to {version} or later, across a breaking change"),
        Cure::Version { version, .. } => match Scheme::of(ecosystem) {
            Some(Scheme::Dpkg) => format!("upgrade {name} {wanted} to {version} or later (apt-get upgrade)"),
            Some(Scheme::Apk) => format!("upgrade {name} {wanted} to {version} or later (apk upgrade)"),
            _ => format!("raise {name} {wanted} to {version} or later"),
        },
        Cure::Requirement { change, specifiers, requirement } => {
            let what = match change {
                Change::Raise => format!("raise the floor to {specifiers}"),
                Change::Exclude => format!("exclude {specifiers}"),
                Change::RaiseAndExclude => format!("raise the floor and exclude what is affected above: {specifiers}"),
                Change::Cap => format!("no fixed version yet: stay at {specifiers}"),
                Change::Leave => format!("nothing that it allows is free: go to {specifiers}"),
            };
            format!("{name} {wanted}: {what}, as {name}{requirement}")
        }
    }
}

/// What to do about a requirement, in a few words.
#[must_use]
pub fn in_short(finding: &Finding) -> String {
    match &finding.package_cure {
        Some(Cure::Requirement { change: Change::Raise | Change::RaiseAndExclude, specifiers, .. }) => format!("raise to {specifiers}"),
        Some(Cure::Requirement { change: Change::Exclude, specifiers, .. }) => format!("exclude {specifiers}"),
        Some(Cure::Requirement { change: Change::Cap, specifiers, .. }) => format!("stay at {specifiers}"),
        Some(Cure::Requirement { change: Change::Leave, specifiers, .. }) => format!("go to {specifiers}"),
        Some(Cure::Version { version, .. }) => format!("-> {version}"),
        None => in_part(finding).map_or("no fix".to_owned(), |floor| format!("in part {floor}")),
    }
}

/// What clears a finding of a requirement by itself, where nothing clears all of its package.
fn in_part(finding: &Finding) -> Option<String> {
    let is_requirement = finding.wanted.version().is_none() && finding.package_cure.is_none();
    finding.fixed_versions.last().filter(|_| is_requirement).map(|fixed| format!(">={fixed}"))
}

/// Whether a lockfile update suffices.
fn is_easy(cure: &Cure) -> bool {
    matches!(cure, Cure::Version { compatible: true, .. })
}

fn is_plain(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte)) && !word.starts_with('-')
}
