//! `--record`: what was found for the first time is written to the state file, so that a clock can start there.

use std::{collections::BTreeMap, fs, path::Path};

use super::{append, exit::Failure, output::tell};
use crate::{
    model::{Ecosystem, Finding, Skipped, unchecked::Why},
    policy::clock::has_fix,
    report::{Placed, Report, identity, phrases::count},
    scan::ScanRequest,
};

/// Writes down what a report has found, in the state file of each project, and in the request. Several projects may have
/// one file.
///
/// # Errors
/// When it cannot be written.
pub(super) fn run(report: &Report, request: &mut ScanRequest, quiet: bool) -> Result<(), Failure> {
    let mut files: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, project) in request.policies.projects.iter().enumerate() {
        files.entry(project.state_file.clone()).or_default().push(at);
    }
    for (file, projects) in files {
        // What a release ships is of the target whose release it is.
        let given =
            |target: usize| report.targets.get(target).and_then(|target| target.release.as_ref()).map_or(target, |release| release.given);
        let is_its = |target: usize| request.policies.of_target.get(given(target)).is_some_and(|(of, _)| projects.contains(of));
        let findings: Vec<&Finding> =
            report.findings.iter().map(|judged| &*judged.finding).filter(|finding| is_its(finding.target)).collect();
        let before = projects.iter().find_map(|at| request.policies.projects[*at].state.clone());
        let mut state = before.clone().unwrap_or_default();
        let new =
            findings.iter().filter(|finding| state.record(finding, &identity::group(finding).0, report.as_of, has_fix(finding))).count();
        // What is gone is forgotten only where everything was looked at; a version of Rust may have been named elsewhere.
        let is_kept = |ecosystem: &str| ecosystem == Ecosystem::RUST_TOOLCHAIN && request.rust_version.is_none();
        // A supported release may still ship what is gone here.
        let may_ship = |at: &usize| !request.policies.projects[*at].layered.policy(&[]).supported_versions.is_empty();
        let is_unseen = !request.supported && projects.iter().any(may_ship);
        let is_whole = !is_unseen && projects.iter().any(|at| request.policies.projects[*at].is_whole) && is_everything(report, request);
        let gone = if is_whole { state.forget_all_but(&findings, &is_kept) } else { 0 };
        if before.as_ref() != Some(&state) {
            let path = Path::new(&file);
            append::replace(path, state.write().as_bytes())?;
            attributes(path)?;
        }
        if !quiet {
            tell(&format!("{file}: {} new, {} in all, {gone} gone", count(new as u64, "line"), state.len()));
        }
        for at in projects {
            request.policies.projects[at].state = Some(state.clone());
        }
    }
    Ok(())
}

/// Whether nothing was left out that could have findings: as was asked for, or because it could not be looked at.
fn is_everything(report: &Report, request: &ScanRequest) -> bool {
    let hides = |placed: &Placed<Skipped>| matches!(placed.item.why, Why::Ignored | Why::Absent | Why::Notable);
    report.complete && !request.is_narrow() && report.excluded == 0 && !report.skipped.iter().any(hides)
}

/// Lets git merge the file by keeping the lines of both sides (gitattributes(5), `merge=union`).
fn attributes(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let attributes = folder.join(".gitattributes");
    let failed = |error: std::io::Error| Failure::usage(format!("cannot add to {}: {error}", attributes.display()));
    let mut text = match fs::read(&attributes) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(failed(error)),
    };
    let shown = String::from_utf8_lossy(&text);
    if shown.lines().any(|line| line.split_whitespace().next() == Some(name.as_str()) && line.contains("merge=")) {
        return Ok(());
    }
    if !text.is_empty() && !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    text.extend(format!("{name} merge=union\n").bytes());
    append::replace(&attributes, &text)?;
    tell(&format!("{}: {name} merge=union, so that branches merge without conflicts; commit it with the state file", attributes.display()));
    Ok(())
}
