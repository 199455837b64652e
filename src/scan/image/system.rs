//! Which distribution an image is of, and its packages under the ecosystem's name.

use std::collections::BTreeSet;

use super::super::files::Read;
use crate::{
    inventory::{Extracted, FileState, lines::shorten, os_release::OsRelease, rpm_database},
    model::{Ecosystem, Reason, Unchecked},
    tree::{Files, GitError, Limits, image::Image},
};

/// The distribution, as far as its own files tell.
pub(super) enum System {
    /// Known to advisories.
    Known {
        /// What people call it.
        name: String,
        /// The ecosystem of its packages.
        ecosystem: Ecosystem,
    },
    /// Named, and of no ecosystem; or not to be understood: why.
    Unknown(String),
    /// No file names one.
    None,
}

/// Finds out the distribution.
pub(super) fn of(image: &Image, limits: &Limits) -> Result<System, GitError> {
    let read =
        |path: &str| -> Result<Option<Vec<u8>>, GitError> { Ok(image.find(path)?.and_then(|found| image.read(&found, limits).ok())) };
    for path in ["etc/os-release", "usr/lib/os-release"] {
        if let Some(bytes) = read(path)? {
            return Ok(system(&OsRelease::parse(&bytes)));
        }
    }
    if let Some(bytes) = read("etc/alpine-release")? {
        return Ok(system(&OsRelease::from_alpine_release(&bytes)));
    }
    if let Some(bytes) = read("etc/debian_version")? {
        return Ok(system(&OsRelease::from_debian_version(&bytes)));
    }
    Ok(System::None)
}

fn system(release: &OsRelease) -> System {
    match release.ecosystem() {
        Ok(ecosystem) => System::Known { name: release.name(), ecosystem },
        Err(why) => System::Unknown(why),
    }
}

/// The formats of distributions' package databases.
pub(super) const DATABASES: [&str; 3] = ["dpkg", "apk", "chisel"];

/// The name under which the database of rpm is told.
pub(super) const RPM: &str = "rpm_database";

/// Where dpkg's database is in parts, one a package.
const PARTS: &str = "var/lib/dpkg/status.d";

/// Where databases of one file are.
pub(super) const PLACES: [&str; 3] = ["var/lib/dpkg/status", "lib/apk/db/installed", "usr/lib/apk/db/installed"];

/// The names of the packages that the databases have.
pub(super) fn installed(files: &[Read]) -> BTreeSet<String> {
    let databases = files.iter().filter(|file| DATABASES.contains(&file.format()) && !is_nested(&file.path));
    databases.flat_map(|file| &file.extracted.packages).map(|package| package.name.clone()).collect()
}

/// Databases of packages that are not read.
pub(super) fn unread(target: usize, image: &Image) -> Vec<Read> {
    let rpm = image.named().into_iter().filter_map(|file| Some((rpm_database::kind(&file.path)?, file)));
    let rpm = rpm.map(|(kind, file)| {
        let detail =
            format!("an rpm database ({kind}, {} bytes): overdue does not read those yet, and none of its packages was checked", file.size);
        Read::new(target, file.path.clone(), RPM, Extracted::not_read(&file.path, None, Reason::UnsupportedFormat, 0, detail))
    });
    let place = image.resolved(PARTS);
    let elsewhere = (place != PARTS && image.has_entries_below(&place)).then(|| {
        let detail = format!("it is, or is below, a link to {}, and what is there was not looked at", shorten(&place));
        Read::new(target, PARTS, "dpkg", Extracted::not_read(PARTS, None, Reason::UnsupportedFormat, 0, detail))
    });
    rpm.chain(elsewhere).collect()
}

/// Gives the packages of the databases their ecosystem; without one they are unchecked.
pub(super) fn settle(files: &mut Vec<Read>, target: usize, system: &System) {
    for file in files.iter_mut().filter(|file| DATABASES.contains(&file.format())) {
        let lacks = match system {
            _ if is_nested(&file.path) => "it is of another root filesystem, inside of this one: scan that by itself".to_owned(),
            System::Known { ecosystem, .. } if fits(file.format(), ecosystem) => {
                file.extracted.packages.iter_mut().for_each(|package| package.ecosystem = ecosystem.clone());
                continue;
            }
            System::Known { name, .. } => {
                format!("the image says that it is {name}, whose packages are not in a database of {}", file.format())
            }
            System::Unknown(why) => why.clone(),
            System::None => "no os-release says of which distribution they are".to_owned(),
        };
        let count = u32::try_from(std::mem::take(&mut file.extracted.packages).len()).unwrap_or(u32::MAX);
        if count > 0 {
            let subject = format!("{count} packages of {}", file.format());
            let item = Unchecked {
                path: file.path.clone(),
                line: None,
                subject,
                packages: count,
                reason: Reason::UnknownDistribution,
                detail: lacks,
            };
            file.extracted.unchecked.push(item);
        }
    }
    // Whoever takes the database out of an image, or empties it, leaves the packages in it.
    let says = |file: &Read| !file.extracted.packages.is_empty() || !file.extracted.unchecked.is_empty();
    if files.iter().any(|file| (DATABASES.contains(&file.format()) || file.format() == RPM) && !is_nested(&file.path) && says(file)) {
        return;
    }
    let (subject, reason, why) = match system {
        System::Known { name, .. } => (name.clone(), Reason::MissingEntry, String::new()),
        System::Unknown(why) => ("the distribution".to_owned(), Reason::UnknownDistribution, format!("{why}; and ")),
        System::None => return,
    };
    let detail = format!("{why}no package database says what is installed of it; it may have been taken out of the image");
    let mut extracted = Extracted::not_read("etc/os-release", None, reason, 0, detail);
    extracted.unchecked.iter_mut().for_each(|item| item.subject.clone_from(&subject));
    files.push(Read::new(target, "etc/os-release", "os_release", Extracted { file: FileState::NotRead, ..extracted }));
}

/// Whether a database is not in its place below the root.
pub(super) fn is_nested(path: &str) -> bool {
    const PLACES: [&str; 7] =
        ["var/lib/dpkg/", "lib/apk/", "usr/lib/apk/", "var/lib/chisel/", "var/lib/rpm/", "usr/lib/sysimage/rpm/", "usr/share/rpm/"];
    !PLACES.iter().any(|place| path.starts_with(place))
}

/// Whether a distribution has such a database.
fn fits(format: &str, ecosystem: &Ecosystem) -> bool {
    let base = ecosystem.base();
    let is_apk = matches!(crate::version::Scheme::of(&base), Some(crate::version::Scheme::Apk));
    let is_dpkg = matches!(crate::version::Scheme::of(&base), Some(crate::version::Scheme::Dpkg));
    (format == "apk" && is_apk) || (format != "apk" && is_dpkg)
}
