//! A layer that is unpacked on this machine, or a root filesystem: read as an archive of it would be. Files stay where they
//! are, and nothing is followed.

use std::{
    ffi::OsString,
    fs::{self, File, Metadata},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use super::{
    super::names::shown,
    entries::{Removal, removal},
    kept::{Keep, Kept},
    layer::{Fault, Layer, Manner},
    log::{Audit, Content, Op},
    path::{self, join},
    program,
};

/// So many faults are told one by one.
const MOST_FAULTS: usize = 1000;

/// Folders of a running system's root in which the kernel shows what are no files.
const PSEUDO: [&str; 3] = ["proc", "sys", "dev"];

/// Reads a folder. As a layer, its whiteouts and opaque folders mean what they do in images and to overlayfs.
///
/// # Errors
/// When the folder itself cannot be read.
pub(super) fn read(folder: &Path, as_layer: bool, manner: &Manner<'_>) -> io::Result<Layer> {
    let mut walk = Walk { layer: Layer::default(), faults: 0, manner, as_layer };
    let mut open = vec![Folder::open(folder.to_owned(), String::new())?];
    if as_layer && is_opaque(folder) {
        walk.layer.log.push("", &Op::Opaque);
    }
    while let Some(folder) = open.last_mut() {
        let Some((place, path)) = folder.next() else {
            open.pop();
            continue;
        };
        if path.len() > path::LONGEST {
            walk.fault(Fault::Limit(super::limits::Limit::Path));
            continue;
        }
        match walk.take(&place, &path) {
            Ok(false) => {}
            Ok(true) => match Folder::open(place, path.clone()) {
                Ok(folder) => open.push(folder),
                Err(error) => walk.fault(Fault::Damaged(format!("{path}: {error}"))),
            },
            Err(fault) => {
                walk.fault(fault);
                break;
            }
        }
    }
    if let Some(more) = walk.faults.checked_sub(MOST_FAULTS).filter(|more| *more > 0) {
        walk.layer.faults.push(Fault::Missing(format!("{more} more files and folders could not be looked at, for reasons like these")));
    }
    walk.layer.log.finish();
    Ok(walk.layer)
}

/// A folder, and what of it is not yet taken.
struct Folder {
    place: PathBuf,
    path: String,
    /// From the last to the first, so that the first is taken from the end. There may be millions of them.
    names: Vec<OsString>,
}

impl Folder {
    fn open(place: PathBuf, path: String) -> io::Result<Self> {
        let names = fs::read_dir(&place)?.map(|entry| Ok(entry?.file_name()));
        let mut names: Vec<OsString> = names.collect::<io::Result<_>>()?;
        names.sort_unstable_by(|a, b| b.cmp(a));
        Ok(Self { place, path, names })
    }

    /// Where the next entry is, and its path.
    fn next(&mut self) -> Option<(PathBuf, String)> {
        let name = self.names.pop()?;
        Some((self.place.join(&name), join(&self.path, &shown(&name))))
    }
}

struct Walk<'a> {
    layer: Layer,
    /// How many faults there are; not all of them are told one by one.
    faults: usize,
    manner: &'a Manner<'a>,
    as_layer: bool,
}

impl Walk<'_> {
    fn fault(&mut self, fault: Fault) {
        self.faults += 1;
        if self.faults <= MOST_FAULTS {
            self.layer.faults.push(fault);
        }
    }

    /// Takes an entry; whether it is a folder to enter.
    fn take(&mut self, place: &Path, path: &str) -> Result<bool, Fault> {
        let found = match fs::symlink_metadata(place) {
            Ok(found) => found,
            Err(error) => {
                self.fault(Fault::Damaged(format!("{path}: {error}")));
                return Ok(false);
            }
        };
        match removal(path) {
            Removal::Of(path, op) if self.as_layer => {
                self.push(&path, &op)?;
                return Ok(false);
            }
            Removal::OfNothing if self.as_layer => return Ok(false),
            _ => {}
        }
        let kind = found.file_type();
        if kind.is_dir() {
            self.push(path, &Op::Directory)?;
            if self.as_layer && is_opaque(place) {
                self.push(path, &Op::Opaque)?;
            }
            if self.as_layer && has_mark(place, "redirect") {
                self.fault(Fault::Missing(format!("{path}: overlayfs moved it here from elsewhere, which is not followed")));
            }
            return Ok(!PSEUDO.contains(&path) || !is_elsewhere(place, &found));
        }
        if kind.is_symlink() {
            let target = fs::read_link(place).map(|target| shown(target.as_os_str())).unwrap_or_default();
            self.push(path, &Op::Link(&target))?;
        } else if kind.is_file() {
            if self.as_layer && has_mark(place, "metacopy") {
                self.fault(Fault::Missing(format!("{path}: overlayfs keeps its content in a lower layer, which is not followed")));
            }
            let content = self.content(place, path, &found)?;
            self.push(path, &Op::File(content))?;
        } else if self.as_layer && is_whiteout(&found) {
            self.push(path, &Op::Whiteout)?;
        } else {
            self.push(path, &Op::Special)?;
        }
        Ok(false)
    }

    fn push(&mut self, path: &str, op: &Op<'_>) -> Result<(), Fault> {
        let before = self.layer.log.size() as u64;
        self.layer.log.push(path, op);
        let grown = self.layer.log.size() as u64 - before;
        self.manner.budget.enter(1, grown).map_err(Fault::Limit)
    }

    fn content(&mut self, place: &Path, path: &str, found: &Metadata) -> Result<Content, Fault> {
        let size = found.len();
        match (self.manner.interest.keep)(path) {
            Keep::Name => Ok(Content::Named(size)),
            Keep::Bytes if size > self.manner.limits.file => self.keep(Kept::TooLarge).map(Content::Kept),
            Keep::Bytes => self.keep(Kept::Disk(place.to_owned())).map(Content::Kept),
            Keep::Nothing if !program::may_be(path::split(path).1, mode(found), size) => Ok(Content::Passed),
            Keep::Nothing => match self.program(place, size) {
                Ok(Some(Kept::Plain(empty))) if empty.is_empty() => Ok(Content::Program(size, Audit::None)),
                Ok(Some(kept)) => self.keep(kept).map(|at| Content::Program(size, Audit::Kept(at))),
                Ok(None) => Ok(Content::Passed),
                Err(error) => self.keep(Kept::Damaged(error.to_string())).map(|at| Content::Program(size, Audit::Kept(at))),
            },
        }
    }

    /// Looks at what may be a program: what is kept of it, empty if nothing, `None` if it is none.
    fn program(&self, place: &Path, size: u64) -> io::Result<Option<Kept>> {
        let most = program::TAIL as u64;
        let mut file = File::open(place)?;
        let mut start = [0; program::HEADER];
        if file.read_exact(&mut start).is_err() || !program::is_elf(&start) {
            return Ok(None);
        }
        let mut tail = Vec::new();
        file.seek(SeekFrom::Start(size.saturating_sub(most)))?;
        file.by_ref().take(most).read_to_end(&mut tail)?;
        if !program::may_be_audited(&start, &tail, size) {
            return Ok(Some(Kept::Plain(Vec::new())));
        }
        if size > self.manner.limits.single_program {
            return Ok(Some(Kept::TooLarge));
        }
        file.rewind()?;
        let mut bytes = Vec::new();
        file.take(self.manner.limits.single_program).read_to_end(&mut bytes)?;
        Ok(Some(match (self.manner.interest.audit)(&bytes) {
            Ok(None) => Kept::Plain(Vec::new()),
            Ok(Some(found)) => Kept::new(found),
            Err(why) => Kept::Damaged(why),
        }))
    }

    fn keep(&mut self, kept: Kept) -> Result<u32, Fault> {
        self.manner.budget.keep(&kept).map_err(Fault::Limit)?;
        self.layer.kept.push(kept);
        Ok(u32::try_from(self.layer.kept.len() - 1).unwrap_or(u32::MAX))
    }
}

/// Whether a folder is another file system than the one that it is in, as those of the kernel are.
#[cfg(unix)]
fn is_elsewhere(place: &Path, found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    place.parent().and_then(|above| fs::metadata(above).ok()).is_some_and(|above| above.dev() != found.dev())
}

#[cfg(not(unix))]
fn is_elsewhere(_place: &Path, _found: &Metadata) -> bool {
    false
}

#[cfg(unix)]
fn mode(found: &Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::mode(found)
}

#[cfg(not(unix))]
fn mode(_found: &Metadata) -> u32 {
    0o755
}

/// What overlayfs leaves where something was removed: a character device with the number 0/0.
#[cfg(unix)]
fn is_whiteout(found: &Metadata) -> bool {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    found.file_type().is_char_device() && found.rdev() == 0
}

#[cfg(not(unix))]
fn is_whiteout(_found: &Metadata) -> bool {
    false
}

/// Whether overlayfs takes the folder for one that hides what is below it.
#[cfg(target_os = "linux")]
fn is_opaque(place: &Path) -> bool {
    let is_set = |name: &str| {
        let mut value = [0; 8];
        rustix::fs::lgetxattr(place, name, &mut value[..]).is_ok_and(|length| value.get(..length) == Some(b"y"))
    };
    // The second is what it uses without privileges.
    is_set("trusted.overlay.opaque") || is_set("user.overlay.opaque")
}

/// Whether overlayfs left a mark of this name, whatever it says.
#[cfg(target_os = "linux")]
fn has_mark(place: &Path, name: &str) -> bool {
    ["trusted", "user"].iter().any(|space| {
        // Without room the length is told.
        let mut nothing: [u8; 0] = [];
        rustix::fs::lgetxattr(place, format!("{space}.overlay.{name}"), &mut nothing[..]).is_ok()
    })
}

#[cfg(not(target_os = "linux"))]
fn has_mark(_place: &Path, _name: &str) -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
fn is_opaque(_place: &Path) -> bool {
    false
}
