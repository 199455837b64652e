//! Where policies are found, and reading them: `overdue.toml`, then SECURITY.md in `.github/`, the root and `docs/`.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use crate::{
    advisory::index::writer::sha256,
    cli::{args::PolicyArgs, exit::Failure, output::tell},
    policy::{Config, Policy, PolicySource, Reading, config, effective, security_md},
    tree::{Target, TargetKind, names::way, repository::checkout},
};

/// A policy is a page of text. Whatever is larger is something else.
const MOST: u64 = 1 << 20;

/// Where a SECURITY.md is looked for in a folder, the first that has one.
const FOLDERS: [&str; 3] = [".github", "", "docs"];

/// A file that states a policy.
#[derive(Clone, Debug)]
pub(super) enum PolicyFile {
    /// An `overdue.toml`.
    Config(Box<Config>),
    /// A SECURITY.md.
    Text(PolicySource, Reading),
}

/// A file with its text.
#[derive(Clone, Debug)]
pub(super) struct Loaded {
    pub(super) file: PolicyFile,
    /// Its text, lossily.
    pub(super) text: String,
}

impl Loaded {
    pub(super) fn source(&self) -> &PolicySource {
        match &self.file {
            PolicyFile::Config(config) => &config.source,
            PolicyFile::Text(source, _) => source,
        }
    }

    pub(super) fn reading(&self) -> &Reading {
        match &self.file {
            PolicyFile::Config(config) => &config.reading,
            PolicyFile::Text(_, reading) => reading,
        }
    }
}

/// The files of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) config: Option<Place>,
    pub(super) text: Option<Place>,
}

/// A file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Where it is.
    real: PathBuf,
    /// How it is shown: from the working directory.
    shown: String,
}

impl Place {
    /// Reads it.
    pub(super) fn read(&self) -> Result<Loaded, Failure> {
        read_as(&self.real, &self.shown)
    }
}

/// The policy that was named, else the one that is found from the first of these targets on, else the built-in one. Tells
/// of other targets that have another one.
///
/// # Errors
/// When it cannot be read or is none.
pub fn load(args: &PolicyArgs, targets: &[String]) -> Result<Policy, Failure> {
    if let Some(path) = &args.policy {
        return Ok(in_force(vec![read(path)?]));
    }
    let around = |given: &String| match Target::new(given) {
        // Never a file inside an image.
        Ok(target) if matches!(target.kind, TargetKind::Image | TargetKind::Rootfs) => find(Path::new(".")),
        Ok(target) => find(target.folder()),
        // What cannot be read is told by the scan.
        Err(_) => Found::default(),
    };
    let found: Vec<Found> = targets.iter().map(around).collect();
    let Some(first) = found.first() else { return Ok(in_force(Vec::new())) };
    if let Some((target, _)) = targets.iter().zip(&found).find(|(_, found)| *found != first && **found != Found::default()) {
        tell(&format!(
            "note: {target} has a policy of its own, and is judged by that of {} all the same; scan it by itself, or name one: --policy FILE",
            targets[0]
        ));
    }
    Ok(in_force(read_found(first)?))
}

/// What holds of these files together.
pub(super) fn in_force(files: Vec<Loaded>) -> Policy {
    let (mut config, mut text) = (None, None);
    for loaded in files {
        match loaded.file {
            PolicyFile::Config(found) => config = Some(*found),
            PolicyFile::Text(source, reading) => text = Some((source, reading)),
        }
    }
    effective(config, text)
}

/// Looks for policies from a folder up to the root of its checkout, the nearest of each kind. Without a checkout only
/// the folder itself counts: what lies above it is somebody else's.
pub(super) fn find(from: &Path) -> Found {
    let mut found = Found::default();
    let Ok(real) = fs::canonicalize(from) else { return found };
    let root = checkout(&real).unwrap_or_else(|| real.clone());
    let here = fs::canonicalize(".").unwrap_or_default();
    for folder in real.ancestors().take_while(|folder| folder.starts_with(&root)) {
        let shown = |path: PathBuf| Place { shown: way(&here, &path), real: path };
        if found.config.is_none() && folder.join("overdue.toml").symlink_metadata().is_ok() {
            found.config = Some(shown(folder.join("overdue.toml")));
        }
        if found.text.is_none() {
            found.text = FOLDERS.iter().find_map(|below| security_md_in(&folder.join(below))).map(shown);
        }
    }
    found
}

/// The SECURITY.md of a folder, however it is capitalised.
fn security_md_in(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let mut names: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_str().is_some_and(|name| name.eq_ignore_ascii_case("security.md")))
        // One that is no file, or a link to nothing, is an error, and not as if there were none.
        .map(|entry| entry.path())
        .collect();
    names.sort();
    names.into_iter().next()
}

/// Reads all that was found, the strongest first.
pub(super) fn read_found(found: &Found) -> Result<Vec<Loaded>, Failure> {
    found.config.iter().chain(&found.text).map(Place::read).collect()
}

/// Reads a policy: TOML by its ending, anything else as a text.
pub(super) fn read(path: &Path) -> Result<Loaded, Failure> {
    read_as(path, &path.display().to_string())
}

fn read_as(path: &Path, shown: &str) -> Result<Loaded, Failure> {
    let bytes = bytes(path).map_err(|cause| Failure::usage(format!("cannot read the policy {shown}: {cause}")))?;
    let text = security_md::decode(&bytes).into_owned();
    let is_config = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    let file = if is_config {
        let hint = "an overdue.toml states [tiers.critical] fix = \"7 days\", and [known-exploited] with tier and fix; `overdue policy init` writes one";
        let config = config::read(shown, &bytes).map_err(|error| Failure::usage(error.to_string()).hint(hint))?;
        PolicyFile::Config(Box::new(config))
    } else {
        let source = PolicySource::SecurityMd { path: shown.to_owned(), sha256: sha256(&bytes) };
        PolicyFile::Text(source, security_md::read(shown, &bytes))
    };
    Ok(Loaded { file, text })
}

/// The bytes of a small regular file.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    // Opening a pipe could wait for ever.
    if path.exists() && !path.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes));
    read.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MOST {
        return Err(format!("it is larger than {} MiB", MOST >> 20));
    }
    Ok(bytes)
}
