//! The files of a directory, found in parallel and listed in order.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::{
    Files, FoundFile, GitError, Limits, Listing, Since, Stored,
    git_index::Tracked,
    ignored::Ignored,
    limits::ReadError,
    listing::unreadable,
    names::{slashed, way},
    repository, rules, uncommitted,
};
use crate::model::{Skipped, Unchecked, unchecked::Why};

/// More threads than this do not make a walk faster.
const MOST_WALKERS: usize = 16;

/// A folder on this machine.
#[derive(Clone, Debug)]
pub struct Disk {
    folder: PathBuf,
    tracked: Arc<Tracked>,
}

impl Disk {
    /// The files below a folder, or beside each other in it.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), tracked: Arc::default() }
    }
}

impl Files for Disk {
    fn list(&self, threads: usize, recognised: &(dyn Fn(&str) -> bool + Sync)) -> Result<Listing, GitError> {
        let mut listing = list(&self.folder, &self.tracked, threads, recognised);
        let modules = self.tracked.submodules(&absolute(&self.folder)).into_iter();
        // A folder that is there without a repository is what git leaves of one that is not checked out.
        let absent = modules.filter(|(path, _)| self.folder.join(path).is_dir() && !self.folder.join(path).join(".git").exists());
        listing.skipped.extend(absent.map(|(path, commit)| rules::absent_submodule(path, &commit)));
        listing.skipped.sort();
        Ok(listing)
    }

    fn find(&self, path: &str) -> Result<Option<FoundFile>, GitError> {
        let absolute = self.folder.join(path);
        Ok(absolute.is_file().then(|| found(&Root::new(&self.folder), path.to_owned(), absolute)))
    }

    fn is_tracked(&self, path: &str) -> bool {
        self.tracked.covers(&absolute(&self.folder.join(path)))
    }

    fn is_missing(&self, path: &str) -> bool {
        let file = absolute(&self.folder.join(path));
        !file.exists() && self.tracked.covers(&file)
    }

    fn since(&self, path: &str, lines: &[u32]) -> Result<BTreeMap<u32, Since>, GitError> {
        let file = absolute(&self.folder.join(path));
        let nowhere = || GitError::NoRepository(file.display().to_string());
        let (root, below) = repository::file_in(&file).ok_or_else(nowhere)?;
        let text = fs::read(&file).unwrap_or_default();
        // Git is not asked about the file as it is here: it would run what the repository's configuration names as filters.
        uncommitted::since(&root, &below, &text, lines)
    }

    fn read(&self, file: &FoundFile, limits: &Limits) -> Result<Vec<u8>, ReadError> {
        match &file.stored {
            Stored::Disk(path) => limits.read(path),
            Stored::Object(_) | Stored::Layer { .. } => Err(ReadError::Io(std::io::ErrorKind::NotFound.into())),
        }
    }
}

/// Lists the files below `root` whose path `recognised` accepts.
///
/// Not entered: what [`rules`] says, and links to folders. Recognised files that the repository's `.gitignore` hides
/// are named as skipped; links that lead out of the root are named as unchecked.
fn list(root: &Path, tracked: &Arc<Tracked>, threads: usize, recognised: &(dyn Fn(&str) -> bool + Sync)) -> Listing {
    let found = Mutex::new(Listing::default());
    let root = &Root::new(root);
    let passed_over = Arc::new(Mutex::new(Vec::new()));
    let mut builder = WalkBuilder::new(root.given);
    builder.standard_filters(false).follow_links(false).threads(threads.min(MOST_WALKERS));
    let (base, skipped, index) = (root.given.to_owned(), passed_over.clone(), tracked.clone());
    builder.filter_entry(move |entry| match not_entered(entry, &index) {
        None => true,
        Some((reason, why)) => {
            let path = relative(&base, entry.path());
            skipped.lock().unwrap_or_else(PoisonError::into_inner).push(Skipped { path, reason: reason.to_owned(), why });
            false
        }
    });
    builder.build_parallel().run(|| {
        Box::new(|entry| {
            if let Some(seen) = visit(root, entry, recognised) {
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                match seen {
                    Seen::File(file) => found.files.push(file),
                    Seen::Unchecked(unchecked) => found.unchecked.push(unchecked),
                }
            }
            WalkState::Continue
        })
    });
    let mut listing = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    listing.skipped.extend(passed_over.lock().unwrap_or_else(PoisonError::into_inner).drain(..));
    // `.git` is not worth a word in every report.
    listing.skipped.retain(|skipped| !skipped.reason.is_empty());
    let mut ignored = Ignored::new(root.given);
    let hidden = |path: &str| ignored.hidden_by(&root.given.join(path)).filter(|_| !tracked.covers(&absolute(&root.given.join(path))));
    listing.settle(hidden);
    listing
}

fn not_entered(entry: &DirEntry, tracked: &Tracked) -> Option<(&'static str, Why)> {
    if entry.depth() == 0 || !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return None;
    }
    rules::not_entered(
        entry.file_name().to_str().unwrap_or_default(),
        |name| entry.path().join(name).exists(),
        || tracked.covers(&absolute(entry.path())),
    )
}

/// The directory as it was given, and where it really is.
struct Root<'a> {
    given: &'a Path,
    real: Option<PathBuf>,
}

impl<'a> Root<'a> {
    fn new(given: &'a Path) -> Self {
        Self { given, real: fs::canonicalize(given).ok() }
    }
}

/// A file at a path, which may be a link.
fn found(root: &Root<'_>, path: String, absolute: PathBuf) -> FoundFile {
    let real = absolute.is_symlink().then(|| fs::canonicalize(&absolute).ok()).flatten();
    let real = real.zip(root.real.as_ref()).map(|(real, root)| way(root, &real));
    FoundFile { path, stored: Stored::Disk(absolute), real, also_at: Vec::new() }
}

/// What became of a directory entry.
enum Seen {
    File(FoundFile),
    Unchecked(Unchecked),
}

fn visit(root: &Root<'_>, entry: Result<DirEntry, ignore::Error>, recognised: &(dyn Fn(&str) -> bool + Sync)) -> Option<Seen> {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => {
            let path = error_path(&error).map_or_else(String::new, |path| relative(root.given, path));
            return Some(Seen::Unchecked(unreadable(&path, &error.to_string())));
        }
    };
    let path = relative(root.given, entry.path());
    let kind = entry.file_type()?;
    if kind.is_symlink() {
        return visit_link(root, &entry, path, recognised);
    }
    if kind.is_dir() || !recognised(&path) {
        return None;
    }
    Some(if kind.is_file() {
        Seen::File(FoundFile { path, stored: Stored::Disk(entry.into_path()), real: None, also_at: Vec::new() })
    } else {
        Seen::Unchecked(unreadable(&path, "it is no regular file"))
    })
}

fn visit_link(root: &Root<'_>, entry: &DirEntry, path: String, recognised: &(dyn Fn(&str) -> bool + Sync)) -> Option<Seen> {
    let inside = |real: &Path| root.real.as_ref().is_some_and(|root| real.starts_with(root));
    match fs::canonicalize(entry.path()) {
        Ok(real) if real.is_dir() => (!inside(&real))
            .then(|| Seen::Unchecked(unreadable(&path, "a link to a folder outside of the target: scan that folder by name"))),
        _ if !recognised(&path) => None,
        Ok(real) if !real.is_file() => Some(Seen::Unchecked(unreadable(&path, "a link to what is no regular file"))),
        Ok(real) if inside(&real) => Some(Seen::File(found(root, path, entry.path().to_owned()))),
        Ok(_) => Some(Seen::Unchecked(unreadable(&path, "a link to a file outside of the target: scan that file by name"))),
        Err(error) => Some(Seen::Unchecked(unreadable(&path, &format!("a link that leads nowhere: {error}")))),
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn relative(root: &Path, path: &Path) -> String {
    slashed(path.strip_prefix(root).unwrap_or(path))
}

fn error_path(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithLineNumber { err, .. } | ignore::Error::WithDepth { err, .. } => error_path(err),
        ignore::Error::Loop { child, .. } => Some(child),
        _ => None,
    }
}
