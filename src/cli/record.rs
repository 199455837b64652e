//! `--record`: what was found for the first time is written to the state file, so that a clock can start there.

use std::{fs, io::Write as _, path::Path};

use super::{exit::Failure, output::tell};
use crate::{
    model::Finding,
    policy::{State, clock::has_fix},
    report::{Report, identity, phrases::count},
    scan::ScanRequest,
};

/// Writes down what a report has found, in the state file of each project.
///
/// # Errors
/// When it cannot be written.
pub(super) fn run(report: &Report, request: &ScanRequest, quiet: bool) -> Result<(), Failure> {
    for (at, project) in request.policies.projects.iter().enumerate() {
        let is_its = |target: usize| request.policies.of_target.get(target).is_some_and(|(of, _)| *of == at);
        let findings: Vec<&Finding> =
            report.findings.iter().map(|judged| &judged.finding).filter(|finding| is_its(finding.target)).collect();
        let before = project.state.clone();
        let mut state = before.clone().unwrap_or_default();
        let new =
            findings.iter().filter(|finding| state.record(finding, &identity::group(finding).0, report.as_of, has_fix(finding))).count();
        // What is gone is forgotten only where everything was looked at.
        let gone = if project.is_whole && report.unchecked.is_empty() { state.forget_all_but(&findings) } else { 0 };
        if before.as_ref() != Some(&state) {
            write(Path::new(&project.state_file), &state)?;
        }
        if !quiet {
            tell(&format!("{}: {} new, {} in all, {gone} gone", project.state_file, count(new as u64, "line"), state.len()));
        }
    }
    Ok(())
}

/// Writes the file beside and puts it in place: a killed run leaves the old one.
fn write(path: &Path, state: &State) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::usage(format!("cannot write the state file {}: {error}", path.display()));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".overdue.state").tempfile_in(folder).map_err(failed)?;
    file.write_all(state.write().as_bytes()).map_err(failed)?;
    if let Ok(metadata) = fs::metadata(path) {
        file.as_file().set_permissions(metadata.permissions()).map_err(failed)?;
    } else {
        readable(file.path()).map_err(failed)?;
    }
    file.persist(path).map_err(|error| failed(error.error))?;
    attributes(folder, path)
}

/// A file that is committed is for everybody to read.
#[cfg(unix)]
fn readable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Lets git merge the file by keeping the lines of both sides (gitattributes(5), `merge=union`).
fn attributes(folder: &Path, path: &Path) -> Result<(), Failure> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let attributes = folder.join(".gitattributes");
    let text = fs::read_to_string(&attributes).unwrap_or_default();
    let is_said = text.lines().any(|line| line.split_whitespace().next() == Some(name.as_str()) && line.contains("merge="));
    if is_said || name.contains(char::is_whitespace) {
        return Ok(());
    }
    let separator = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let failed = |error: std::io::Error| Failure::usage(format!("cannot write {}: {error}", attributes.display()));
    fs::write(&attributes, format!("{text}{separator}{name} merge=union\n")).map_err(failed)?;
    tell(&format!("{}: {name} merge=union, so that branches merge without conflicts; commit it with the state file", attributes.display()));
    Ok(())
}
