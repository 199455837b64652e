//! Entries added at the end of an `overdue.toml`, which is otherwise left as it is.

use std::{fs, io::Write as _, path::Path};

use super::{
    exit::Failure,
    policy::{MOST, bytes},
};
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
        text if text.ends_with("\n\n") || text.ends_with("\n\r\n") => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let added = format!("{separator}{entries}");
    // As the file ends its lines.
    let added = if before.contains("\r\n") { added.replace('\n', "\r\n") } else { added };
    let whole = format!("{before}{added}");
    if whole.len() as u64 > MOST {
        let message = format!("{shown} would be larger than {} MiB, which no policy is", MOST >> 20);
        return Err(Failure::usage(message).hint("nothing was written; take over less of it"));
    }
    config::read(&shown, whole.as_bytes()).map_err(|error| {
        Failure::usage(format!("the entry does not fit at the end of the file: {error}")).hint("add it by hand; nothing was written")
    })?;
    replace(path, whole.as_bytes())
}

/// Puts new content in the place of a regular file, or where there is none: written beside and renamed, so that a killed run
/// leaves the old one. Never through a link, which may lead anywhere.
///
/// # Errors
/// When it is no regular file, or cannot be written.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let shown = path.display();
    let failed = |error: std::io::Error| Failure::usage(format!("cannot write {shown}: {error}"));
    let before = path.symlink_metadata().ok();
    if before.as_ref().is_some_and(|metadata| !metadata.is_file()) {
        return Err(
            Failure::usage(format!("cannot write {shown}: it is no regular file")).hint("links are not followed; name the file itself")
        );
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".overdue").tempfile_in(folder).map_err(failed)?;
    file.write_all(content).map_err(failed)?;
    match before {
        Some(metadata) => file.as_file().set_permissions(metadata.permissions()).map_err(failed)?,
        None => readable(file.path()).map_err(failed)?,
    }
    file.persist(path).map(drop).map_err(|error| failed(error.error))
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
