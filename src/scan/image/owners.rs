//! Who owns what: files that a distribution's package or a language's package brought.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::super::ScanRequest;

use crate::{
    inventory::{file_name, ownership, ownership::Owner},
    tree::{Files, GitError, image::Image},
};

/// Where packages of distributions put files (Filesystem Hierarchy Standard 3.0, sections 3 to 5).
const SYSTEM: [&str; 8] = ["usr/", "bin/", "sbin/", "lib/", "lib32/", "lib64/", "etc/", "var/"];

/// The most folders of which it is remembered where they lead.
const MOST_FOLDERS: usize = 1 << 12;

/// No path is longer (Linux, `PATH_MAX`).
const LONGEST: usize = 4096;

/// Whether a list is one of this root filesystem's, and not of another one inside of it.
fn is_in_its_place(path: &str) -> bool {
    file_name(path) == "RECORD"
        || file_name(path) == "installed-files.txt"
        || ["var/lib/dpkg/", "lib/apk/", "usr/lib/apk/"].iter().any(|place| path.starts_with(place))
}

/// The owners of the files that were asked about.
#[derive(Default)]
pub(super) struct Owners {
    /// By path without links: the distribution's package.
    distribution: BTreeMap<String, Arc<str>>,
    /// By path without links: the language's package.
    language: BTreeMap<String, Arc<str>>,
}

impl Owners {
    /// Finds the owners of these files, from the lists that packages leave. A list that a package left which is not installed
    /// any more, or never was, says nothing.
    pub(super) fn of(paths: &[String], installed: &BTreeSet<String>, image: &Image, request: &ScanRequest) -> Result<Self, GitError> {
        // Lists are long, and few of their lines matter: those with a name that was asked about.
        let asked: HashSet<&str> = paths.iter().map(String::as_str).collect();
        let names: HashSet<&str> = paths.iter().map(|path| file_name(path)).collect();
        let mut folders: HashMap<String, Option<String>> = HashMap::new();
        let mut owners = Self::default();
        for list in image.list(request.threads, &|path| ownership::recognises(path) && is_in_its_place(path))?.files {
            let Ok(bytes) = image.read(&list, &request.limits) else { continue };
            let mut found: BTreeMap<String, Arc<str>> = BTreeMap::new();
            // A package has many files, which stand together.
            let mut last: Arc<str> = "".into();
            let mut shared = |package: &str| {
                if *last != *package {
                    last = package.into();
                }
                Arc::clone(&last)
            };
            let owner = ownership::each_file(&list.path, &bytes, &mut |package, path| {
                if path.len() > LONGEST || !names.contains(file_name(path)) {
                    return;
                }
                if asked.contains(path) {
                    found.insert(path.to_owned(), shared(package));
                    return;
                }
                // `/lib` may be a link to `/usr/lib`.
                let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
                if folders.len() >= MOST_FOLDERS {
                    folders.clear();
                }
                let real = folders.entry(folder.to_owned()).or_insert_with(|| image.real(folder));
                let real = real.as_ref().map(|folder| format!("{folder}/{name}")).filter(|real| asked.contains(real.as_str()));
                found.extend(real.map(|real| (real, shared(package))));
            });
            match owner {
                Owner::Distribution => owners.distribution.extend(found.into_iter().filter(|(_, package)| installed.contains(&**package))),
                Owner::Language => owners.language.extend(found),
            }
        }
        Ok(owners)
    }

    /// The distribution's package that a file is of. Where a distribution puts nothing, a package is somebody else's, and
    /// its advisories say nothing of it.
    pub(super) fn distribution(&self, path: &str) -> Option<&str> {
        let is_its = SYSTEM.iter().any(|folder| path.starts_with(folder)) && !path.starts_with("usr/local/");
        self.distribution.get(path).map(AsRef::as_ref).filter(|_| is_its)
    }

    /// Whether any package has the file.
    pub(super) fn is_owned(&self, path: &str) -> bool {
        self.distribution.contains_key(path) || self.language.contains_key(path)
    }
}
