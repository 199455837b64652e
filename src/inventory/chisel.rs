//! Chisel's manifest, `var/lib/chisel/manifest.wall`: zstd-compressed lines of JSON that say which slices of which packages
//! an image was cut from.
//!
//! It names binary packages only. Advisories are about source packages, so that its packages are counted and not checked.

use std::io::{BufRead, BufReader, Read};

use serde::Deserialize;

use super::{Extracted, Extractor, lines::shorten, paths::ends_in};
use crate::model::Reason;

/// How much a manifest may be, decompressed.
const LIMIT: usize = 64 << 20;

/// How long a line of it may be.
const LONGEST: u64 = 1 << 20;

/// Chisel's manifest.
pub struct Chisel;

#[derive(Deserialize)]
struct RawLine {
    kind: Option<String>,
    jsonwall: Option<serde::de::IgnoredAny>,
}

impl Extractor for Chisel {
    fn name(&self) -> &'static str {
        "chisel"
    }

    fn recognises(&self, path: &str) -> bool {
        ends_in(path, "var/lib/chisel/manifest.wall")
    }

    fn is_of_root_filesystems(&self) -> bool {
        true
    }

    /// Its packages are only counted.
    fn parts(&self, _bytes: &[u8]) -> u64 {
        1
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        match count(bytes) {
            Ok(0) => Extracted::default(),
            Ok(packages) => {
                let detail = "the manifest names binary packages only, and advisories are about the source packages that these are built \
                              from; scan the image that the packages were cut from";
                Extracted::not_read(path, None, Reason::UnsupportedFormat, packages, detail)
            }
            Err((reason, cause)) => Extracted::not_read(path, None, reason, 0, cause),
        }
    }
}

type Fault = (Reason, String);

/// How many packages a manifest names. Of what it is unpacked to one line is held.
fn count(bytes: &[u8]) -> Result<u32, Fault> {
    let damaged = |error: std::io::Error| (Reason::NotUnderstood, format!("not compressed by zstd: {}", shorten(&error.to_string())));
    let too_large = || (Reason::TooLarge, format!("decompressed, it is larger than {} MiB", LIMIT >> 20));
    let decoder = zstd::stream::read::Decoder::with_buffer(bytes).map_err(damaged)?;
    let mut plain = BufReader::new(decoder);
    let (mut packages, mut is_manifest, mut seen, mut line) = (0u32, false, 0, Vec::new());
    loop {
        line.clear();
        let length = plain.by_ref().take(LONGEST + 1).read_until(b'\n', &mut line).map_err(damaged)?;
        seen += length;
        if length == 0 {
            break;
        }
        if seen > LIMIT || length as u64 > LONGEST {
            return Err(too_large());
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let line: RawLine = serde_json::from_slice(&line)
            .map_err(|error| (Reason::NotUnderstood, format!("no manifest: {}", shorten(&error.to_string()))))?;
        is_manifest |= line.jsonwall.is_some();
        packages = packages.saturating_add(u32::from(line.kind.as_deref() == Some("package")));
    }
    if is_manifest { Ok(packages) } else { Err((Reason::NotUnderstood, "it has no head of a manifest".to_owned())) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Chisel, Extractor, LIMIT};
    use crate::{inventory::FileState, model::Reason};

    fn packed(text: &[u8]) -> Vec<u8> {
        zstd::bulk::compress(text, 1).expect("compressed")
    }

    #[test]
    fn packages_are_counted_and_not_checked() {
        let text = "{\"jsonwall\":\"1.0\",\"schema\":\"1.0\",\"count\":3}\n{\"kind\":\"package\",\"name\":\"libc6\",\"version\":\"2.39\"}\n\
                    {\"kind\":\"package\",\"name\":\"zlib1g\"}\n{\"kind\":\"path\",\"path\":\"/a\"}\n";
        let read = Chisel.extract("var/lib/chisel/manifest.wall", &packed(text.as_bytes()));
        assert_eq!((read.unchecked.len(), read.unchecked[0].packages, read.unchecked[0].reason), (1, 2, Reason::UnsupportedFormat));
        assert_eq!(read.file, FileState::NotRead);
    }

    #[test]
    fn what_is_no_manifest_and_what_is_too_large_is_said() {
        let reason = |bytes: &[u8]| Chisel.extract("manifest.wall", bytes).unchecked.first().map(|unchecked| unchecked.reason);
        assert_eq!(reason(b""), Some(Reason::NotUnderstood));
        assert_eq!(reason(b"text"), Some(Reason::NotUnderstood));
        assert_eq!(reason(&packed(b"{}")), Some(Reason::NotUnderstood));
        assert_eq!(reason(&packed(b"{\"jsonwall\":\"1.0\"}\n{")), Some(Reason::NotUnderstood));
        let whole = packed(b"{\"jsonwall\":\"1.0\"}");
        assert_eq!(reason(&whole), None);
        assert_eq!(reason(&whole[..whole.len() - 2]), Some(Reason::NotUnderstood));
        assert_eq!(reason(&packed(&vec![b'\n'; LIMIT + 1])), Some(Reason::TooLarge));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            Chisel.extract("manifest.wall", &bytes);
            Chisel.extract("manifest.wall", &packed(&bytes));
        }
    }
}
