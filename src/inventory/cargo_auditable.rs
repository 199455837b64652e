//! What `cargo auditable` leaves in a program: the packages that it was built from, as compressed JSON in a section of its
//! own.
//!
//! No file is recognised by name: whoever looks through programs asks each for its [`audit_data`] and has that read.

use auditable_info::{Error, json_from_slice};
use serde::Deserialize;

use super::{Extracted, Extractor, FileState, OwnPackage, lines::shorten};
use crate::model::{Ecosystem, Group, Package, Reason, Unchecked, Wanted};

/// How long a program's list of packages may be.
const LIMIT: usize = 8 << 20;

/// How programs begin: ELF, PE, and Mach-O of both orders and of several architectures.
const MAGIC: [&[u8]; 7] =
    [b"\x7fELF", b"MZ", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"];

/// The list of packages in a program, as JSON; `None` in what is no program or has none.
///
/// # Errors
/// A sentence, when there is a list that cannot be had, or when the program is damaged.
pub fn audit_data(binary: &[u8]) -> Result<Option<Vec<u8>>, String> {
    if !MAGIC.iter().any(|magic| binary.starts_with(magic)) {
        return Ok(None);
    }
    match json_from_slice(binary, LIMIT) {
        Ok(json) => Ok(Some(json.into_bytes())),
        Err(Error::NoAuditData) => Ok(None),
        Err(Error::OutputLimitExceeded) => Err(format!("its list of packages is longer than {} MiB", LIMIT >> 20)),
        Err(error) => Err(shorten(&error.to_string())),
    }
}

/// The packages that a program was built from.
pub struct CargoAuditable;

#[derive(Deserialize)]
struct Raw {
    packages: Vec<RawPackage>,
}

#[derive(Deserialize)]
struct RawPackage {
    name: String,
    version: String,
    source: String,
    kind: Option<String>,
    #[serde(default)]
    dependencies: Vec<usize>,
    #[serde(default)]
    root: bool,
}

impl Extractor for CargoAuditable {
    fn name(&self) -> &'static str {
        "cargo_auditable"
    }

    fn recognises(&self, _: &str) -> bool {
        false
    }

    /// The JSON, not the program.
    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        match serde_json::from_slice::<Raw>(bytes) {
            Ok(raw) if raw.packages.is_empty() => {
                Extracted::not_understood(path, None, "its list of packages is empty, and a program is built from one at least")
            }
            Ok(raw) => read(path, &raw.packages),
            Err(error) => {
                let cause =
                    format!("its list of packages is damaged: {}; build it anew with `cargo auditable`", shorten(&error.to_string()));
                Extracted::not_understood(path, None, cause)
            }
        }
    }
}

fn read(path: &str, packages: &[RawPackage]) -> Extracted {
    let mut extracted = Extracted::default();
    let unchecked = |subject: &str, reason: Reason, detail: String| {
        let (path, subject) = (path.to_owned(), shorten(subject));
        Unchecked { path, line: None, subject, packages: 1, reason, detail }
    };
    for (node, package) in packages.iter().enumerate() {
        let RawPackage { name, version, source, .. } = package;
        let subject = format!("{name} {version}");
        let is_own = package.root || source == "local";
        extracted.graph.add_node(subject.clone(), is_own);
        let elsewhere = |from: &str| format!("{} comes from {from}", shorten(&subject));
        match source.as_str() {
            _ if is_own => extracted.own.push(OwnPackage { name: name.clone(), version: Some(version.clone()) }),
            "crates.io" => extracted.packages.push(Package {
                node: Some(node),
                groups: vec![group(package)],
                ..Package::new(Ecosystem::crates_io(), name, Wanted::Version(version.clone()), 1)
            }),
            "git" => {
                let detail = elsewhere("a git repository; advisories are about published crates");
                extracted.unchecked.push(unchecked(&subject, Reason::NotFromARegistry, detail));
            }
            "registry" => {
                let detail = elsewhere("another registry; advisories are about crates.io");
                extracted.unchecked.push(unchecked(&subject, Reason::OtherRegistry, detail));
            }
            other => {
                let detail = elsewhere(&format!("`{}`, a kind of source that overdue does not know", shorten(other)));
                extracted.unchecked.push(unchecked(&subject, Reason::NotFromARegistry, detail));
            }
        }
    }
    for (from, package) in packages.iter().enumerate() {
        let subject = format!("{} {}", package.name, package.version);
        for to in &package.dependencies {
            if *to < packages.len() {
                extracted.graph.add_edge(from, *to);
            } else {
                let detail = format!("{} depends on entry {to}, and there are {}", shorten(&subject), packages.len());
                extracted.unchecked.push(unchecked(&format!("entry {to}"), Reason::MissingEntry, detail));
                extracted.file = FileState::NotRead;
            }
        }
    }
    extracted
}

/// A package that only the building needed is not in the program.
fn group(package: &RawPackage) -> Group {
    if package.kind.as_deref() == Some("build") { Group::Dev } else { Group::Runtime }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::{CargoAuditable, Extractor, LIMIT, audit_data};
    use crate::inventory::FileState;

    #[test]
    fn what_is_no_program_has_no_list_and_a_damaged_program_says_so() {
        for none in [&b""[..], b"#!/bin/sh\n", b"{}", b"\x7fEL"] {
            assert_eq!(audit_data(none), Ok(None), "{none:?}");
        }
        assert!(audit_data(b"\x7fELF\x02\x01\x01").is_err());
    }

    /// A program of nothing but a section of this name.
    fn program(section: &str, content: &[u8]) -> Vec<u8> {
        let names = format!("\0{section}\0.shstrtab\0");
        let mut out = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0".to_vec();
        let (content_at, names_at) = (64, 64 + content.len());
        let headers_at = names_at + names.len();
        out.extend([0; 16]);
        out.extend((headers_at as u64).to_le_bytes());
        out.extend([0; 4]);
        for number in [64u16, 0, 0, 64, 3, 2] {
            out.extend(number.to_le_bytes());
        }
        out.extend(content);
        out.extend(names.as_bytes());
        for (name, kind, at, length) in [(0, 0u32, 0, 0), (1, 1, content_at, content.len()), (section.len() + 2, 3, names_at, names.len())]
        {
            out.extend(u32::try_from(name).expect("short").to_le_bytes());
            out.extend(kind.to_le_bytes());
            out.extend([0; 16]);
            out.extend((at as u64).to_le_bytes());
            out.extend((length as u64).to_le_bytes());
            out.extend([0; 24]);
        }
        out
    }

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).expect("memory");
        encoder.finish().expect("memory")
    }

    #[test]
    fn the_list_is_in_a_section_of_its_own() {
        let json = br#"{"packages":[]}"#;
        assert_eq!(audit_data(&program(".dep-v0", &packed(json))), Ok(Some(json.to_vec())));
        assert_eq!(audit_data(&program(".other", &packed(json))), Ok(None));
        assert!(audit_data(&program(".dep-v0", b"text")).is_err());
        let large = audit_data(&program(".dep-v0", &packed(&vec![b' '; LIMIT + 1])));
        assert!(large.as_ref().is_err(), "{large:?}");
        let damaged = audit_data(&program(".dep-v0", &packed(b"\xff")));
        assert!(damaged.is_err(), "{damaged:?}");
    }

    #[test]
    fn a_damaged_list_is_not_understood() {
        for json in ["", "{}", "[]", "{\"packages\":[]}", "{\"packages\":[{\"name\":\"a\"}]}"] {
            assert_eq!(CargoAuditable.extract("usr/bin/a", json.as_bytes()).file, FileState::NotRead, "{json}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120), node in 0usize..4) {
            CargoAuditable.extract("a", &bytes);
            for magic in super::MAGIC {
                let _ = audit_data(&[magic, &bytes].concat());
            }
            let json = format!("{{\"packages\":[{{\"name\":\"a\",\"version\":\"1\",\"source\":\"local\",\"dependencies\":[{node}]}}]}}");
            let read = CargoAuditable.extract("a", json.as_bytes());
            prop_assert_eq!(read.unchecked.len(), usize::from(node > 0));
        }
    }
}
