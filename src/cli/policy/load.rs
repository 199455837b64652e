//! The policies of a scan: each target by its own project's, and in a comparison by what is trusted.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use super::{
    files::{Loaded, filled_in, layered},
    find::{Found, Place, Side, find, read_found},
};
use crate::{
    cli::{args::PolicyArgs, exit::Failure},
    policy::{Clock, Exception, Policy, State, state},
    report::{Check, CheckKind},
    scan::{Policies, Project, RevisionRange, history},
    tree::{Target, TargetKind, names::way},
};

/// A line has some 80 bytes; so many findings nobody has.
const LARGEST_STATE: u64 = 64 << 20;

/// The policy that was named, else of each target that which is found from it on, else the built-in one. Where a revision is
/// compared with, what that has is trusted, and what differs from it is told.
///
/// # Errors
/// When one cannot be read, is none, or has parts that nobody has filled in.
pub fn load(args: &PolicyArgs, targets: &[String], compared: Option<&RevisionRange>) -> Result<Policies, Failure> {
    let mut policies = Policies::default();
    let mut projects: Vec<(Found, Option<String>)> = Vec::new();
    for given in targets {
        // What cannot be read is told by the scan.
        let target = Target::new(given).ok();
        // Never a file inside an image.
        let target = target.as_ref().filter(|target| !matches!(target.kind, TargetKind::Image | TargetKind::Rootfs));
        let given = target.map_or(Path::new("."), Target::folder);
        let sides = Sides::of(given, compared)?;
        let mut told = Told::default();
        let real = fs::canonicalize(given).unwrap_or_else(|_| given.to_owned());
        // Where a link leads is the change's to say: it is judged where it was asked for.
        let place = lexical(given);
        let is_linked = compared.is_some() && place != real && sides.trusted.has_room_for(&place);
        if is_linked {
            let (path, message) =
                (given.display().to_string(), format!("{} is a link, or behind one: it is judged by its own name", given.display()));
            told.checks.push(changed(Some(path), message));
        }
        let real = if is_linked { place } else { real };
        let folder = real.as_path();
        let found = sides.found(args, folder, &mut told)?;
        let files = sides.files(args, &found, folder, &mut told)?;
        // The same files of two revisions are two policies.
        let key = (found.clone(), sides.trusted.name());
        let at = projects.iter().position(|known| *known == key).unwrap_or(projects.len());
        if at == projects.len() {
            policies.projects.push(sides.project(&found, files, &mut told)?);
            projects.push(key);
        }
        policies.checks.extend(told.checks);
        for exception in told.untrusted {
            if !policies.untrusted.iter().any(|(_, known)| *known == exception) {
                policies.untrusted.push((at, exception));
            }
        }
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

/// What is to be told of a project's files.
#[derive(Default)]
struct Told {
    checks: Vec<Check>,
    /// Exceptions that only the files at hand have.
    untrusted: Vec<Exception>,
}

/// What is trusted, and what is there now.
struct Sides {
    trusted: Side,
    /// The files at hand, with the name of the revision that is trusted instead.
    here: Option<(Side, String)>,
}

impl Sides {
    fn of(folder: &Path, compared: Option<&RevisionRange>) -> Result<Self, Failure> {
        let Some(range) = compared else { return Ok(Self { trusted: Side::Disk, here: None }) };
        let ends = history::ends(folder, range)?;
        let here = match ends.head {
            Some(head) => Side::commit(ends.objects.clone(), head),
            None => Side::Checkout(ends.objects.repository().to_owned()),
        };
        Ok(Self { trusted: Side::commit(ends.objects, ends.base), here: Some((here, range.base().to_owned())) })
    }

    /// The files that judge what is in a folder.
    fn found(&self, args: &PolicyArgs, folder: &Path, told: &mut Told) -> Result<Found, Failure> {
        let Some(path) = &args.policy else { return Ok(find(&self.trusted, folder)?) };
        let Some((_, base)) = &self.here else { return Ok(named(path, &fs::canonicalize(path).unwrap_or_else(|_| path.clone()), folder)) };
        // Where links lead is the change's to say, and not heeded.
        let place = lexical(path);
        if !self.trusted.has_room_for(&place) {
            return Ok(named(path, &place, folder));
        }
        let shown = path.display().to_string();
        let failed = |cause: String| Failure::usage(format!("cannot read the policy {shown} of {base}: {cause}"));
        if self.trusted.bytes(&place).map_err(failed)?.is_some() {
            return Ok(named(path, &place, folder));
        }
        told.checks.push(changed(Some(shown.clone()), format!("{shown} is not in {base}: what is found there judges")));
        Ok(find(&self.trusted, folder)?)
    }

    /// Reads them, and tells how they differ from those at hand.
    fn files(&self, args: &PolicyArgs, found: &Found, folder: &Path, told: &mut Told) -> Result<Vec<Loaded>, Failure> {
        let Some((here, base)) = &self.here else { return read_found(&self.trusted, found) };
        let is_here = found.config.iter().chain(&found.text).all(|place| self.trusted.has_room_for(&place.real));
        if args.policy.is_some() && !is_here {
            return read_found(&Side::Disk, found);
        }
        let now = if args.policy.is_some() { found.clone() } else { find(here, folder)? };
        let now: Vec<Loaded> =
            now.config.iter().chain(&now.text).filter_map(|place| place.read_if_there(here).transpose()).collect::<Result<_, _>>()?;
        let mut trusted = Vec::new();
        for place in found.config.iter().chain(&found.text) {
            match place.read(&self.trusted).and_then(filled_in) {
                Ok(loaded) => trusted.push(loaded),
                // Whoever mends it must not be kept from doing so, nor judge by what is not trusted yet.
                Err(failure) => {
                    let cause = failure.message.lines().next().unwrap_or_default().to_owned();
                    let message = format!("{} of {base} cannot be used, and nothing of it judges: {cause}", place.shown);
                    told.checks.push(changed(Some(place.shown.clone()), message));
                }
            }
        }
        let broken: Vec<String> = told.checks.iter().filter_map(|check| check.path.clone()).collect();
        let before = told.checks.len();
        differences(&trusted, &now, base, told);
        // One that is there and broken is told already.
        let mut at = 0;
        told.checks.retain(|check| {
            at += 1;
            at <= before || check.line.is_some() || !check.path.as_ref().is_some_and(|path| broken.contains(path))
        });
        Ok(trusted)
    }

    /// What they say together, and what the state file says.
    fn project(&self, found: &Found, files: Vec<Loaded>, told: &mut Told) -> Result<Project, Failure> {
        let files: Vec<Loaded> = files.into_iter().map(filled_in).collect::<Result<_, _>>()?;
        let layered = layered(files);
        let config = layered.config();
        let stated = config.and_then(|config| config.stated.state.clone());
        let clocks = config.into_iter().flat_map(|config| config.sections.iter().map(|section| &section.stated).chain([&config.stated]));
        let is_needed = clocks.filter_map(|stated| stated.clock).any(Clock::needs_state);
        let place = Place::new(found.folder.join(stated.as_deref().unwrap_or(state::FILE)));
        // Folders on the way to it may be links, which lead anywhere.
        if let Some(folder) = place.real.parent().filter(|folder| fs::canonicalize(folder).is_ok_and(|real| real != *folder)) {
            return Err(Failure::usage(format!("the state file {} is behind a link: {}", place.shown, folder.display())));
        }
        let failed = |cause: String| Failure::usage(format!("cannot read the state file {}: {cause}", place.shown));
        let bytes = self.trusted.up_to(LARGEST_STATE, &place.real).map_err(failed)?;
        if let Some((here, base)) = self.here.as_ref().filter(|_| is_needed) {
            let now = here.up_to(LARGEST_STATE, &place.real).unwrap_or_default();
            if now.as_deref().map(without_returns) != bytes.as_deref().map(without_returns) {
                let message = format!("{} differs from that of {base}, by which clocks start", place.shown);
                told.checks.push(changed(Some(place.shown.clone()), message));
            }
        }
        let hint = "`git log -p` has its earlier lines; taken out, a finding counts from the next `overdue --record` on";
        let read = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).map_err(|_| failed("it is no UTF-8".to_owned()))?;
            State::read(&text).map_err(|error| failed(error.to_string()).hint(hint))
        };
        let state = bytes.map(read).transpose()?;
        Ok(Project { layered, state, state_file: place.shown.clone(), is_whole: false })
    }
}

/// A path as it is written, from the root of the file system; links in it are not followed.
fn lexical(path: &Path) -> PathBuf {
    let place = fs::canonicalize(".").unwrap_or_default().join(path);
    place.components().fold(PathBuf::new(), |mut place, part| {
        match part {
            Component::ParentDir => drop(place.pop()),
            Component::CurDir => {}
            other => place.push(other),
        }
        place
    })
}

/// Text without what some systems end lines with besides.
fn without_returns(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| *byte != b'\r').collect()
}

/// A policy that was named: its paths are told from the folder that it lies in.
fn named(path: &Path, real: &Path, folder: &Path) -> Found {
    let parent = real.parent().map_or_else(|| folder.to_owned(), Path::to_owned);
    let place = Place { real: real.to_owned(), shown: path.display().to_string() };
    let is_config = real.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    let (config, text) = if is_config { (Some(place), None) } else { (None, Some(place)) };
    // A SECURITY.md in `.github` or `docs` speaks of the folder above.
    let below = ["docs", ".github"].iter().any(|name| parent.ends_with(name));
    let folder = if below && text.is_some() { parent.parent().map_or(parent.clone(), Path::to_owned) } else { parent };
    Found { config, text, folder }
}

/// Tells what is new in the files at hand against the trusted ones.
fn differences(trusted: &[Loaded], now: &[Loaded], base: &str, told: &mut Told) {
    let of = |files: &[Loaded], kind: &str| {
        let file = files.iter().find(|loaded| loaded.source().as_str() == kind)?;
        // A checkout may end its lines in another way.
        Some((file.source().file()?.0.to_owned(), file.text.replace('\r', "")))
    };
    for kind in ["config", "security_md"] {
        let message = match (of(trusted, kind), of(now, kind)) {
            (Some(old), Some(new)) if old == new => continue,
            (Some((old, _)), Some((new, _))) if old == new => format!("{new} differs from that of {base}, which judges"),
            (Some((old, _)), Some((new, _))) => format!("{new} takes the place of {old} here; {old} of {base} judges"),
            (Some((old, _)), None) => format!("{old} is gone here; that of {base} judges"),
            (None, Some((new, _))) => format!("{new} is new here, and {base} has none: it does not judge yet"),
            (None, None) => continue,
        };
        told.checks.push(changed(of(now, kind).or_else(|| of(trusted, kind)).map(|(path, _)| path), message));
    }
    let configs = |files: &'_ [Loaded]| files.iter().filter_map(Loaded::config).cloned().collect::<Vec<_>>();
    let known: Vec<Exception> = configs(trusted).into_iter().flat_map(|config| config.exceptions).collect();
    for config in configs(now) {
        told.untrusted.extend(config.exceptions.iter().filter(|new| !known.iter().any(|old| old.says_the_same(new))).cloned());
        let unfilled =
            config.unfilled.iter().map(|error| Check { line: error.line, ..changed(Some(error.path.clone()), error.cause.clone()) });
        told.checks.extend(unfilled);
    }
}

fn changed(path: Option<String>, message: String) -> Check {
    let subject = path.clone().unwrap_or_default();
    let cure = "have it looked at: it holds once it is in what this is compared with".to_owned();
    Check { path, line: None, kind: CheckKind::PolicyChanged, subject, message, cure }
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
