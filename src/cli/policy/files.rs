//! Files that state policies, read: `overdue.toml` and SECURITY.md.

use std::{fs::File, io::Read, path::Path};

use crate::{
    advisory::index::writer::sha256,
    cli::exit::Failure,
    policy::{Config, Layered, PolicySource, Reading, config, security_md},
};

/// A policy is a page of text. Whatever is larger is something else.
pub(in crate::cli) const MOST: u64 = 1 << 20;

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
            PolicyFile::Config(config) => &config.stated.reading,
            PolicyFile::Text(_, reading) => reading,
        }
    }

    pub(super) fn config(&self) -> Option<&Config> {
        match &self.file {
            PolicyFile::Config(config) => Some(config),
            PolicyFile::Text(..) => None,
        }
    }
}

/// What holds of these files together.
pub(super) fn layered(files: Vec<Loaded>) -> Layered {
    let (mut config, mut text) = (None, None);
    for loaded in files {
        match loaded.file {
            PolicyFile::Config(found) => config = Some(*found),
            PolicyFile::Text(source, reading) => text = Some((source, reading)),
        }
    }
    Layered::new(config, text)
}

/// Nothing is judged by a file with parts that nobody has filled in.
///
/// # Errors
/// When there are any: all of them at once.
pub(super) fn filled_in(loaded: Loaded) -> Result<Loaded, Failure> {
    let unfilled = loaded.config().map(|config| config.unfilled.as_slice()).unwrap_or_default();
    if unfilled.is_empty() {
        return Ok(loaded);
    }
    let all: Vec<String> = unfilled.iter().map(ToString::to_string).collect();
    Err(Failure::usage(all.join("\n")).hint("fill it in, or take it out; `overdue policy check` lists what is left"))
}

/// Reads a policy: TOML by its ending, anything else as a text.
pub(super) fn read(path: &Path) -> Result<Loaded, Failure> {
    of_bytes(path, &path.display().to_string(), bytes(path))
}

/// Reads a policy out of the bytes of a file, which is shown under this name.
pub(super) fn of_bytes(path: &Path, shown: &str, bytes: Result<Vec<u8>, String>) -> Result<Loaded, Failure> {
    let bytes = bytes.map_err(|cause| Failure::usage(format!("cannot read the policy {shown}: {cause}")))?;
    let text = security_md::decode(&bytes).into_owned();
    let is_config = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    let file = if is_config {
        let hint = "`overdue policy init` writes an overdue.toml; the manual has every key of it";
        let config = config::read(shown, &bytes).map_err(|error| Failure::usage(error.to_string()).hint(hint))?;
        PolicyFile::Config(Box::new(config))
    } else {
        let source = PolicySource::SecurityMd { path: shown.to_owned(), sha256: sha256(&bytes) };
        PolicyFile::Text(source, security_md::read(shown, &bytes))
    };
    Ok(Loaded { file, text })
}

/// The bytes of a small regular file.
pub(in crate::cli) fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    bytes_up_to(MOST, path)
}

/// The bytes of a regular file of at most so many.
pub(super) fn bytes_up_to(most: u64, path: &Path) -> Result<Vec<u8>, String> {
    // Opening a pipe could wait for ever.
    if path.exists() && !path.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    read.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > most {
        return Err(format!("it is larger than {} MiB", most >> 20));
    }
    Ok(bytes)
}
