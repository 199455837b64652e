//! What a body has to be, told by its first bytes. A captive portal answers everything with 200 and a page.

/// How much of a body is looked at.
pub(super) const LOOKED_AT: usize = 512;

/// What is expected of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Its format.
    pub kind: Content,
    /// The most bytes that are taken.
    pub most_bytes: u64,
}

/// The formats that mirrors serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A zip archive.
    Zip,
    /// A file that gzip compressed.
    Gzip,
    /// A JSON object or list.
    Json,
    /// A table with commas.
    Csv,
}

impl Content {
    /// What it is called in a message.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Zip => "a zip archive",
            Self::Gzip => "a gzip file",
            Self::Json => "JSON",
            Self::Csv => "a CSV table",
        }
    }

    /// Whether a body of this format may begin so.
    ///
    /// # Errors
    /// What it is instead.
    pub(super) fn check(self, start: &[u8]) -> Result<(), &'static str> {
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
        let fits = match self {
            Self::Zip => start.starts_with(b"PK"),
            Self::Gzip => start.starts_with(&[0x1f, 0x8b]),
            Self::Json => text.starts_with(b"{") || text.starts_with(b"["),
            Self::Csv => !text.starts_with(b"<"),
        };
        if fits { Ok(()) } else { Err(other(text)) }
    }
}

fn other(text: &[u8]) -> &'static str {
    let lower = text.to_ascii_lowercase();
    let holds = |needle: &[u8]| lower.windows(needle.len()).any(|window| window == needle);
    if !text.starts_with(b"<") {
        "something else"
    } else if holds(b"<html") || holds(b"<!doctype html") {
        "an HTML page"
    } else {
        "an XML document"
    }
}

#[cfg(test)]
mod tests {
    use super::Content::{Csv, Gzip, Json, Zip};

    #[test]
    fn formats_are_known_by_their_first_bytes() {
        for (kind, start, outcome) in [
            (Zip, &b"PK\x03\x04"[..], Ok(())),
            (Zip, b"\n<!DOCTYPE html><p>", Err("an HTML page")),
            (Zip, b"P", Err("something else")),
            (Gzip, b"\x1f\x8b\x08", Ok(())),
            (Gzip, b"\xef\xbb\xbf<?xml?><Error>", Err("an XML document")),
            (Json, b"\xef\xbb\xbf \r\n{}", Ok(())),
            (Json, b"[", Ok(())),
            (Json, b"<!-- x --> <HTML>", Err("an HTML page")),
            (Json, b"null", Err("something else")),
            (Csv, b"id,modified", Ok(())),
            (Csv, b"  <html>", Err("an HTML page")),
        ] {
            assert_eq!(kind.check(start), outcome, "{}", String::from_utf8_lossy(start));
        }
    }
}
