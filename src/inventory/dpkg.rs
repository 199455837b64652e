//! dpkg's database: `var/lib/dpkg/status`, and `var/lib/dpkg/status.d/NAME` of images without dpkg, one package each.
//!
//! A package that is there in part (unpacked, waiting for a trigger) counts: its files are there. One that was removed and
//! left its settings behind does not.

use super::{
    Extracted, Extractor, FileState,
    lines::{self, shorten},
    paths::{ends_in, name_in},
};
use crate::model::{Ecosystem, Package, Reason, SourcePackage, Unchecked, Wanted};

/// The name that stands for the ecosystem until it is known which distribution it is: the database does not say.
pub const ECOSYSTEM: &str = "dpkg";

/// dpkg's database of installed packages.
pub struct Dpkg;

impl Extractor for Dpkg {
    fn name(&self) -> &'static str {
        "dpkg"
    }

    fn recognises(&self, path: &str) -> bool {
        let of_one = name_in(path, "var/lib/dpkg/status.d").is_some_and(|name| !name.starts_with('.') && !name.ends_with(".md5sums"));
        of_one || ends_in(path, "var/lib/dpkg/status")
    }

    fn is_of_root_filesystems(&self) -> bool {
        true
    }

    /// Its entries have empty lines between them.
    fn parts(&self, bytes: &[u8]) -> u64 {
        lines::paragraphs(bytes)
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        let mut reading = Reading { path, stanza: Stanza::default(), stanzas: 0, extracted: Extracted::default() };
        let mut number = 0u32;
        for line in bytes.split(|byte| *byte == b'\n') {
            number = number.saturating_add(1);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() { reading.close() } else { reading.stanza.take(number, line) }
        }
        reading.close();
        if reading.stanzas == 0 && !bytes.trim_ascii().is_empty() {
            return Extracted::not_understood(path, None, "it has no entry of a package, and a database of dpkg is a list of them");
        }
        reading.extracted
    }
}

/// The fields of an entry that matter here, as far as it was read.
#[derive(Default)]
struct Stanza {
    /// Where it begins; `None` before its first line.
    line: Option<u32>,
    package: Option<(u32, String)>,
    version: Option<String>,
    source: Option<String>,
    status: Option<String>,
    /// The first line that is no field.
    stray: Option<u32>,
}

impl Stanza {
    fn take(&mut self, number: u32, line: &[u8]) {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            // It goes on with a field; of those that matter none has a second line.
            if self.line.is_none() {
                self.stray = self.stray.or(Some(number));
            }
            self.line = self.line.or(Some(number));
            return;
        }
        self.line = self.line.or(Some(number));
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            self.stray = self.stray.or(Some(number));
            return;
        };
        let key = &line[..colon];
        let value = || String::from_utf8_lossy(&line[colon + 1..]).trim().to_owned();
        if key.eq_ignore_ascii_case(b"package") && self.package.is_some() {
            // Two entries that run together.
            self.stray = self.stray.or(Some(number));
        } else if key.eq_ignore_ascii_case(b"package") {
            self.package = Some((number, value()));
        } else if key.eq_ignore_ascii_case(b"version") {
            self.version = Some(value());
        } else if key.eq_ignore_ascii_case(b"source") {
            self.source = Some(value());
        } else if key.eq_ignore_ascii_case(b"status") {
            self.status = Some(value());
        }
    }

    /// Whether the package's files are there. An entry of `status.d` says nothing of it, and is there.
    fn is_installed(&self) -> bool {
        let state = self.status.as_ref().map(|status| status.split_whitespace().nth(2));
        !matches!(state, Some(Some("not-installed" | "config-files")))
    }

    /// The package, or the cause why it is none.
    fn package(self) -> Result<Package, String> {
        let Some((line, name)) = self.package else { return Err("an entry without a name".to_owned()) };
        if !is_name(&name) {
            return Err(format!("`{}` is no name of a package", shorten(&name)));
        }
        let Some(version) = self.version.filter(|version| !version.is_empty()) else {
            return Err(format!("the entry of {} has no version", shorten(&name)));
        };
        if self.status.is_some_and(|status| status.split_whitespace().count() != 3) {
            return Err(format!("the entry of {} has no status that dpkg knows", shorten(&name)));
        }
        if self.stray.is_some() {
            return Err(format!("the entry of {} has a line that is no field", shorten(&name)));
        }
        let source = match self.source {
            None => SourcePackage { name: name.clone(), version: version.clone() },
            Some(text) => source(&text, &version)
                .ok_or_else(|| format!("the source of {}, `{}`, is not understood", shorten(&name), shorten(&text)))?,
        };
        Ok(Package { source: Some(source), ..Package::new(Ecosystem::new(ECOSYSTEM), name, Wanted::Version(version), line) })
    }
}

/// `name`, or `name (version)` where its version is another one.
fn source(text: &str, version: &str) -> Option<SourcePackage> {
    let (name, version) = match text.split_once('(') {
        None => (text, version),
        Some((name, rest)) => (name, rest.strip_suffix(')')?),
    };
    let (name, version) = (name.trim(), version.trim());
    (is_name(name) && !version.is_empty()).then(|| SourcePackage { name: name.to_owned(), version: version.to_owned() })
}

/// Debian Policy, section 5.6.7; old packages have capitals.
fn is_name(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+-._".contains(c);
    name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(is_part)
}

/// The reading of one file.
struct Reading<'a> {
    path: &'a str,
    stanza: Stanza,
    stanzas: usize,
    extracted: Extracted,
}

impl Reading<'_> {
    /// Ends the entry, if one has begun.
    fn close(&mut self) {
        let stanza = std::mem::take(&mut self.stanza);
        let Some(first) = stanza.line else { return };
        if stanza.package.is_some() {
            self.stanzas += 1;
        }
        if !stanza.is_installed() {
            return;
        }
        let line = stanza.stray.or(stanza.package.as_ref().map(|(line, _)| *line)).unwrap_or(first);
        let subject = stanza.package.as_ref().map_or("an entry without a name".to_owned(), |(_, name)| shorten(name));
        match stanza.package() {
            Ok(package) => self.extracted.packages.push(package),
            Err(cause) => {
                self.extracted.file = FileState::NotRead;
                let (path, detail) = (self.path.to_owned(), format!("{cause}; install the package anew"));
                self.extracted.unchecked.push(Unchecked {
                    path,
                    line: Some(line),
                    subject,
                    packages: 1,
                    reason: Reason::NotUnderstood,
                    detail,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Dpkg, Extractor, source};
    use crate::{inventory::FileState, model::SourcePackage};

    #[test]
    fn the_database_and_the_files_of_images_without_dpkg_are_recognised() {
        for (path, expected) in [
            ("var/lib/dpkg/status", true),
            ("root/var/lib/dpkg/status", true),
            ("var/lib/dpkg/status.d/libc6", true),
            ("var/lib/dpkg/status.d/bGliYzY", true),
            ("var/lib/dpkg/status.d/libc6.md5sums", false),
            ("var/lib/dpkg/status.d/.hidden", false),
            ("var/lib/dpkg/status.d/a/b", false),
            ("var/lib/dpkg/status-old", false),
            ("dpkg/status", false),
        ] {
            assert_eq!(Dpkg.recognises(path), expected, "{path}");
        }
    }

    #[test]
    fn a_source_has_a_version_where_it_is_another_one() {
        let of = |name: &str, version: &str| Some(SourcePackage { name: name.into(), version: version.into() });
        assert_eq!(source("glibc", "1+b1"), of("glibc", "1+b1"));
        assert_eq!(source("gcc-12 (12.2.0-14)", "1"), of("gcc-12", "12.2.0-14"));
        assert_eq!(source("glibc (1", "1").or(source("glibc ()", "1")).or(source("", "1")), None);
    }

    #[test]
    fn what_was_removed_does_not_count_and_what_is_half_there_does() {
        let names = |status: &str| {
            let text = format!("Package: a\nStatus: {status}\nVersion: 1\n");
            Dpkg.extract("var/lib/dpkg/status", text.as_bytes()).packages.len()
        };
        let states =
            ["install ok installed", "deinstall ok config-files", "install ok unpacked", "hold ok installed", "purge ok not-installed"];
        assert_eq!(states.map(names), [1, 0, 1, 1, 0]);
    }

    #[test]
    fn a_damaged_entry_hides_no_other_and_an_empty_file_is_fine() {
        let text = "Package: a\nStatus: install ok installed\n\nPackage: b\nVersion: 1\nnonsense\n\nVersion: 2\n\nPackage: c\nVersion: 3\n";
        let read = Dpkg.extract("var/lib/dpkg/status", text.as_bytes());
        assert_eq!(read.packages.iter().map(|p| (p.name.as_str(), p.line)).collect::<Vec<_>>(), [("c", 10)]);
        assert_eq!(read.unchecked.iter().map(|u| u.line).collect::<Vec<_>>(), [Some(1), Some(6), Some(8)]);
        assert_eq!(read.file, FileState::NotRead);
        assert_eq!(Dpkg.extract("x", b"\n").file, FileState::Read);
        for damaged in [&b"\x1f\x8b\0\0"[..], b"<html>", b" x"] {
            assert_eq!(Dpkg.extract("x", damaged).file, FileState::NotRead, "{damaged:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..120),
            text in "(Package: a|Version: 1|Status: |install ok |installed|Source: b \\(|\\)|\n|\r\n|:| |é){0,30}",
        ) {
            Dpkg.extract("a", &bytes);
            Dpkg.extract("a", text.as_bytes());
        }
    }
}
