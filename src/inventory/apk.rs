//! apk's database: `lib/apk/db/installed`, or below `usr` where `lib` is a link. Records of one-letter fields, with an empty
//! line between.

use super::{
    Extracted, Extractor, FileState,
    lines::{self, shorten},
    paths::ends_in,
};
use crate::model::{Ecosystem, Package, Reason, SourcePackage, Unchecked, Wanted};

/// The name that stands for the ecosystem until it is known which distribution it is: the database does not say.
pub const ECOSYSTEM: &str = "apk";

/// apk's database of installed packages.
pub struct Apk;

impl Extractor for Apk {
    fn name(&self) -> &'static str {
        "apk"
    }

    fn recognises(&self, path: &str) -> bool {
        ends_in(path, "lib/apk/db/installed")
    }

    fn is_of_root_filesystems(&self) -> bool {
        true
    }

    /// Its entries have empty lines between them.
    fn parts(&self, bytes: &[u8]) -> u64 {
        lines::paragraphs(bytes)
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        let mut extracted = Extracted::default();
        let (mut record, mut records, mut number) = (Record::default(), 0usize, 0u32);
        for line in bytes.split(|byte| *byte == b'\n').chain([&[][..]]) {
            number = number.saturating_add(1);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if !line.is_empty() {
                record.take(number, line);
                continue;
            }
            let record = std::mem::take(&mut record);
            records += usize::from(record.name.is_some());
            record.close(path, &mut extracted);
        }
        if records == 0 && !bytes.trim_ascii().is_empty() {
            return Extracted::not_understood(path, None, "it has no record of a package, and a database of apk is a list of them");
        }
        extracted
    }
}

/// The fields of a record that matter here, as far as it was read.
#[derive(Default)]
struct Record {
    /// Where it begins; `None` before its first line.
    line: Option<u32>,
    name: Option<(u32, String)>,
    version: Option<String>,
    origin: Option<String>,
    /// The first line that is no field.
    stray: Option<u32>,
}

impl Record {
    fn take(&mut self, number: u32, line: &[u8]) {
        self.line = self.line.or(Some(number));
        let value = || String::from_utf8_lossy(&line[2..]).trim().to_owned();
        match line {
            // Two records that run together.
            [b'P', b':', ..] if self.name.is_some() => self.stray = self.stray.or(Some(number)),
            [b'P', b':', ..] => self.name = Some((number, value())),
            [b'V', b':', ..] => self.version = Some(value()),
            [b'o', b':', ..] => self.origin = Some(value()),
            [key, b':', ..] if key.is_ascii_alphabetic() => {}
            _ => self.stray = self.stray.or(Some(number)),
        }
    }

    /// Ends the record, if it has begun.
    fn close(self, path: &str, extracted: &mut Extracted) {
        let Some(first) = self.line else { return };
        let line = self.stray.or(self.name.as_ref().map(|(line, _)| *line)).unwrap_or(first);
        let subject = self.name.as_ref().map_or("a record without a name".to_owned(), |(_, name)| shorten(name));
        match self.package() {
            Ok(package) => extracted.packages.push(package),
            Err(cause) => {
                extracted.file = FileState::NotRead;
                let detail = format!("{cause}; `apk fix` writes it anew");
                let (path, line) = (path.to_owned(), Some(line));
                extracted.unchecked.push(Unchecked { path, line, subject, packages: 1, reason: Reason::NotUnderstood, detail });
            }
        }
    }

    /// The package, or the cause why it is none.
    fn package(self) -> Result<Package, String> {
        let Some((line, name)) = self.name else { return Err("a record without a name".to_owned()) };
        if !is_name(&name) {
            return Err(format!("`{}` is no name of a package", shorten(&name)));
        }
        let Some(version) = self.version.filter(|version| !version.is_empty()) else {
            return Err(format!("the record of {} has no version", shorten(&name)));
        };
        if self.stray.is_some() {
            return Err(format!("the record of {} has a line that is no field", shorten(&name)));
        }
        let origin = self.origin.filter(|origin| !origin.is_empty()).unwrap_or_else(|| name.clone());
        let source = SourcePackage { name: origin, version: version.clone() };
        Ok(Package { source: Some(source), ..Package::new(Ecosystem::new(ECOSYSTEM), name, Wanted::Version(version), line) })
    }
}

fn is_name(name: &str) -> bool {
    // Virtual packages of `apk add --virtual` begin with a point.
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "+-._".contains(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Apk, Extractor};
    use crate::inventory::FileState;

    #[test]
    fn the_database_is_recognised_in_both_places() {
        for (path, expected) in [
            ("lib/apk/db/installed", true),
            ("usr/lib/apk/db/installed", true),
            ("root/lib/apk/db/installed", true),
            ("lib/apk/db/scripts.tar", false),
            ("mylib/apk/db/installed", false),
        ] {
            assert_eq!(Apk.recognises(path), expected, "{path}");
        }
    }

    #[test]
    fn a_damaged_record_hides_no_other_and_an_empty_file_is_fine() {
        let text = "C:Q1\nP:a\n\nP:b\nV:1\nnonsense\n\nV:2\n\n\nC:Q1x=\nP:c\nV:3-r0\no:d\nF:usr\nR:x\n";
        let read = Apk.extract("lib/apk/db/installed", text.as_bytes());
        let packages: Vec<_> =
            read.packages.iter().map(|p| (p.name.as_str(), p.line, p.source.clone().map(|s| (s.name, s.version)))).collect();
        assert_eq!(packages, [("c", 12, Some(("d".to_owned(), "3-r0".to_owned())))]);
        assert_eq!(read.unchecked.iter().map(|u| u.line).collect::<Vec<_>>(), [Some(2), Some(6), Some(8)]);
        assert_eq!(read.file, FileState::NotRead);
        assert_eq!(Apk.extract("x", b"").file, FileState::Read);
        for damaged in [&b"\x1f\x8b\0\0"[..], b"<html>", b"F:usr\n"] {
            assert_eq!(Apk.extract("x", damaged).file, FileState::NotRead, "{damaged:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..120),
            text in "(P:a|V:1|o:|P|:|\n|\r\n| |é){0,30}",
        ) {
            Apk.extract("a", &bytes);
            Apk.extract("a", text.as_bytes());
        }
    }
}
