//! The policies of a scan: each target by its own project's, and in a comparison by what is trusted.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    files::{Loaded, filled_in, layered, read},
    find::{Found, Place, Side, find, read_found},
};
use crate::{
    cli::{args::PolicyArgs, exit::Failure},
    policy::{Exception, Policy, State, state},
    report::{Check, CheckKind},
    scan::{Policies, Project, RevisionRange, history},
    tree::{Target, TargetKind, names::way},
};

/// The policy that was named, else of each target that which is found from it on, else the built-in one. Where a revision is
/// compared with, what that has is trusted, and what differs from it is told.
///
/// # Errors
/// When one cannot be read, is none, or has parts that nobody has filled in.
pub fn load(args: &PolicyArgs, targets: &[String], compared: Option<&RevisionRange>) -> Result<Policies, Failure> {
    let mut policies = Policies::default();
    let mut projects: Vec<Found> = Vec::new();
    for given in targets {
        // What cannot be read is told by the scan.
        let target = Target::new(given).ok();
        // Never a file inside an image.
        let target = target.as_ref().filter(|target| !matches!(target.kind, TargetKind::Image | TargetKind::Rootfs));
        let folder = target.map_or(Path::new("."), Target::folder);
        let sides = sides(folder, compared)?;
        let found = match &args.policy {
            Some(path) => named(path, folder),
            None => find(&sides.trusted, folder)?,
        };
        let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let at = projects.iter().position(|known| *known == found);
        let at = match at {
            Some(at) => at,
            None => {
                let (project, checks, untrusted) = project(args, &found, folder, &sides)?;
                policies.untrusted.extend(untrusted.into_iter().map(|exception| (policies.projects.len(), exception)));
                policies.checks.extend(checks);
                policies.projects.push(project);
                projects.push(found.clone());
                projects.len() - 1
            }
        };
        policies.projects[at].is_whole |=
            target.is_some_and(|target| target.kind == TargetKind::Directory) && found.folder.starts_with(&real);
        policies.of_target.push((at, way(&found.folder, &real)));
    }
    Ok(policies)
}

/// The policy in force at a folder, where no section of it speaks.
///
/// # Errors
/// As [`load`].
pub fn in_force(args: &PolicyArgs, folder: &Path) -> Result<Policy, Failure> {
    let policies = load(args, &[folder.display().to_string()], None)?;
    let layered = policies.projects.into_iter().next().map_or_else(|| layered(Vec::new()), |project| project.layered);
    Ok(layered.policy(&[]))
}

/// What is trusted, and what is there now.
struct Sides {
    trusted: Side,
    /// The files at hand, with the name of the revision that is trusted instead.
    here: Option<(Side, String)>,
}

fn sides(folder: &Path, compared: Option<&RevisionRange>) -> Result<Sides, Failure> {
    let Some(range) = compared else { return Ok(Sides { trusted: Side::Disk, here: None }) };
    let ends = history::ends(folder, range)?;
    let here = match ends.head {
        Some(head) => Side::commit(ends.objects.clone(), &head)?,
        None => Side::Disk,
    };
    Ok(Sides { trusted: Side::commit(ends.objects, &ends.base)?, here: Some((here, range.base().to_owned())) })
}

/// A policy that was named: its paths are told from the folder that it lies in.
fn named(path: &Path, folder: &Path) -> Found {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let parent = real.parent().map_or_else(|| folder.to_owned(), Path::to_owned);
    let place = Place { real: real.clone(), shown: path.display().to_string() };
    let is_config = real.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    let (config, text) = if is_config { (Some(place), None) } else { (None, Some(place)) };
    // A SECURITY.md in `.github` or `docs` speaks of the folder above.
    let below = ["docs", ".github"].iter().any(|name| parent.ends_with(name));
    let folder = if below && text.is_some() { parent.parent().map_or(parent.clone(), Path::to_owned) } else { parent };
    Found { config, text, folder }
}

/// Reads the files of a project, and tells how they differ from those at hand.
fn project(args: &PolicyArgs, found: &Found, folder: &Path, sides: &Sides) -> Result<(Project, Vec<Check>, Vec<Exception>), Failure> {
    let mut checks = Vec::new();
    let mut untrusted = Vec::new();
    let files = match (&args.policy, &sides.here) {
        (Some(path), None) => vec![read(path)?],
        (Some(path), Some((_, base))) => vec![named_file(path, found, sides, base, &mut checks, &mut untrusted)?],
        (None, None) => read_found(&sides.trusted, found)?,
        (None, Some((here, base))) => {
            let trusted = read_found(&sides.trusted, found)?;
            let now = read_found(here, &find(here, folder)?)?;
            differences(&trusted, &now, base, &mut checks, &mut untrusted);
            trusted
        }
    };
    let files: Vec<Loaded> = files.into_iter().map(filled_in).collect::<Result<_, _>>()?;
    let layered = layered(files);
    let stated = layered.config().and_then(|config| config.stated.state.clone());
    let place = Place::new(found.folder.join(stated.as_deref().unwrap_or(state::FILE)));
    let state = read_state(&place, &sides.trusted)?;
    Ok((Project { layered, state, state_file: place.shown, is_whole: false }, checks, untrusted))
}

/// A policy that was named, in a comparison: that of the trusted revision, if it has it.
fn named_file(
    path: &Path,
    found: &Found,
    sides: &Sides,
    base: &str,
    checks: &mut Vec<Check>,
    untrusted: &mut Vec<Exception>,
) -> Result<Loaded, Failure> {
    let place = found.config.as_ref().or(found.text.as_ref());
    let is_inside = |place: &&Place| matches!(&sides.trusted, Side::Commit(root, _) if place.real.starts_with(root));
    let Some(place) = place.filter(is_inside) else { return read(path) };
    let now = read(path)?;
    match sides.trusted.bytes(&place.real) {
        Ok(Some(_)) => {
            let trusted = place.read(&sides.trusted)?;
            differences(std::slice::from_ref(&trusted), std::slice::from_ref(&now), base, checks, untrusted);
            Ok(trusted)
        }
        _ => {
            let message = format!("{} is not in {base}: it was named, and judges all the same", place.shown);
            checks.push(changed(Some(place.shown.clone()), message));
            Ok(now)
        }
    }
}

/// Tells what is new in the files at hand against the trusted ones.
fn differences(trusted: &[Loaded], now: &[Loaded], base: &str, checks: &mut Vec<Check>, untrusted: &mut Vec<Exception>) {
    let file = |loaded: &Loaded| loaded.source().file().map(|(path, sha256)| (path.to_owned(), sha256.to_owned()));
    let of = |files: &[Loaded], kind: &str| files.iter().find(|loaded| loaded.source().as_str() == kind).and_then(file);
    for kind in ["config", "security_md"] {
        let message = match (of(trusted, kind), of(now, kind)) {
            (Some(old), Some(new)) if old == new => continue,
            (Some((old, _)), Some((new, _))) if old == new => format!("{new} differs from that of {base}, which judges"),
            (Some((old, _)), Some((new, _))) => format!("{new} takes the place of {old} here; {old} of {base} judges"),
            (Some((old, _)), None) => format!("{old} is gone here; that of {base} judges"),
            (None, Some((new, _))) => format!("{new} is new here, and {base} has none: it does not judge yet"),
            (None, None) => continue,
        };
        checks.push(changed(of(now, kind).or_else(|| of(trusted, kind)).map(|(path, _)| path), message));
    }
    let exceptions = |files: &[Loaded]| -> Vec<Exception> {
        files.iter().filter_map(Loaded::config).flat_map(|config| config.exceptions.iter().cloned()).collect()
    };
    let known = exceptions(trusted);
    untrusted.extend(exceptions(now).into_iter().filter(|new| !known.iter().any(|old| old.says_the_same(new))));
}

fn changed(path: Option<String>, message: String) -> Check {
    let subject = path.clone().unwrap_or_default();
    let cure = "have it looked at: it holds once it is in what this is compared with".to_owned();
    Check { path, line: None, kind: CheckKind::PolicyChanged, subject, message, cure }
}

fn read_state(place: &Place, side: &Side) -> Result<Option<State>, Failure> {
    let failed = |cause: String| Failure::usage(format!("cannot read the state file {}: {cause}", place.shown));
    let Some(bytes) = side.bytes(&place.real).map_err(failed)? else { return Ok(None) };
    let text = String::from_utf8(bytes).map_err(|_| failed("it is no UTF-8".to_owned()))?;
    let hint = "`git log -p` has its earlier lines; taken out, a finding counts from the next `overdue --record` on";
    State::read(&text).map(Some).map_err(|error| failed(error.to_string()).hint(hint))
}

/// Where the `overdue.toml` of a folder is, or would be: the nearest one, else at the root of its checkout.
///
/// # Errors
/// When git does not answer.
pub fn config_path(folder: &Path) -> Result<PathBuf, Failure> {
    let found = find(&Side::Disk, folder)?;
    let place = found.config.unwrap_or_else(|| Place::new(found.folder.join("overdue.toml")));
    Ok(PathBuf::from(place.shown))
}
