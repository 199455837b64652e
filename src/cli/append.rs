//! Entries added at the end of an `overdue.toml`, which is otherwise left as it is.

use std::{fs, path::Path};

use super::{exit::Failure, policy::bytes};
use crate::policy::{Config, config};

/// The file as it is; `None` where there is none yet.
///
/// # Errors
/// When it cannot be read or is no such file.
pub(super) fn read(path: &Path) -> Result<Option<Config>, Failure> {
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    let shown = path.display().to_string();
    let bytes = bytes(path).map_err(|cause| Failure::usage(format!("cannot read {shown}: {cause}")))?;
    config::read(&shown, &bytes).map(Some).map_err(|error| Failure::usage(error.to_string()))
}

/// Adds entries at the end. Nothing is written that could not be read back.
///
/// # Errors
/// When it cannot be written, or the whole would be no such file.
pub(super) fn append(path: &Path, entries: &str) -> Result<(), Failure> {
    let shown = path.display().to_string();
    let before = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Failure::usage(format!("cannot read {shown}: {error}"))),
    };
    let separator = match before.as_str() {
        "" => "",
        text if text.ends_with("\n\n") => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let whole = format!("{before}{separator}{entries}");
    config::read(&shown, whole.as_bytes()).map_err(|error| {
        Failure::usage(format!("the entry does not fit at the end of the file: {error}")).hint("add it by hand; nothing was written")
    })?;
    fs::write(path, whole).map_err(|error| Failure::usage(format!("cannot write {shown}: {error}")))
}
