//! In an image, what a manifest or a lockfile asks for was installed: the version that is there is judged, and that once.

use std::collections::{BTreeSet, HashMap};

use super::super::{files::Read, subject::Subject};
use crate::{
    inventory::FileState,
    model::{Ecosystem, Wanted, normalise_name},
    version::{Pep440, Specifiers, Version as _, specifier::Admission},
};

/// So many folders are named in which what a file asks for is installed: one, as a rule.
const MOST_NAMED: usize = 16;

/// Leaves what is wanted to the installed packages of the same image that answer it. A version that is not installed may be
/// somewhere else, and is judged.
pub(in crate::scan) fn settle_installed(files: &mut [Read], subjects: &[Subject<'_>]) {
    let is_of_image = |file: &Read| subjects.get(file.target).is_some_and(|subject| subject.image.is_some());
    let is_installed = |file: &Read| matches!(file.format(), "dist_info" | "egg_info");
    let mut known: HashMap<(usize, String), Vec<Installed>> = HashMap::new();
    for file in files.iter().filter(|file| is_installed(file) && is_of_image(file) && file.extracted.file == FileState::Read) {
        for package in &file.extracted.packages {
            let folder = file.path.rsplitn(3, '/').nth(2).unwrap_or_default().to_owned();
            let Ok(version) = Pep440::parse(package.wanted.text()) else { continue };
            let installed = Installed { folder, version };
            known.entry((file.target, normalise_name(&package.ecosystem, &package.name))).or_default().push(installed);
        }
    }
    for file in files.iter_mut().filter(|file| !is_installed(file) && is_of_image(file)) {
        let target = file.target;
        let mut by: BTreeSet<String> = BTreeSet::new();
        let before = file.extracted.packages.len();
        file.extracted.packages.retain(|package| {
            if package.ecosystem.as_str() != Ecosystem::PYPI {
                return true;
            }
            let there = known.get(&(target, normalise_name(&package.ecosystem, &package.name)));
            let asked = Asked::of(&package.wanted);
            let answering = there.and_then(|there| there.iter().find(|installed| asked.is_answered_by(&installed.version)));
            by.extend(answering.map(|installed| installed.folder.clone()).filter(|_| by.len() < MOST_NAMED));
            answering.is_none()
        });
        let answered = before - file.extracted.packages.len();
        if answered > 0 {
            file.covered += answered as u64;
            file.covered_by.extend(by);
            file.covered_because = Some("judged in the versions that are installed".to_owned());
        }
    }
}

/// An installed package.
struct Installed {
    /// The folder of installed packages that it is in.
    folder: String,
    version: Pep440,
}

/// What is wanted, read once.
enum Asked {
    Version(Pep440),
    Requirement(Vec<Admission>),
    /// It cannot be read.
    Nothing,
}

impl Asked {
    fn of(wanted: &Wanted) -> Self {
        match wanted {
            Wanted::Version(text) => Pep440::parse(text).map_or(Self::Nothing, Self::Version),
            Wanted::Requirement(text) => {
                Specifiers::parse(text).map_or(Self::Nothing, |specifiers| Self::Requirement(specifiers.admissions()))
            }
        }
    }

    /// Whether a version is what is wanted. What cannot be told is not.
    fn is_answered_by(&self, version: &Pep440) -> bool {
        match self {
            Self::Version(wanted) => wanted == version,
            Self::Requirement(admissions) => admissions.iter().any(|admission| admission.set.contains(version)),
            Self::Nothing => false,
        }
    }
}
