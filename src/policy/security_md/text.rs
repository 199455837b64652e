//! From bytes to a reading.

use std::borrow::Cow;

use super::{markdown::Document, reader::Reader};
use crate::policy::reading::Reading;

/// Reads a SECURITY.md. Any bytes are a text: what is no UTF-8 is replaced, as viewers do.
#[must_use]
pub fn read(path: &str, bytes: &[u8]) -> Reading {
    let text = decode(bytes);
    let document = Document::new(&text);
    Reader::new(&document, path).read()
}

/// Decodes a text into one whose lines are those that a reading names: UTF-8, or UTF-16 where a byte-order mark says so.
#[must_use]
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>()
    };
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => Cow::Owned(wide(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(wide(rest, u16::from_be_bytes)),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        _ => String::from_utf8_lossy(bytes),
    };
    // Old Macintosh line ends are line ends to Markdown, but not to the count of lines.
    let text = if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { text };
    if text.contains('\t') { Cow::Owned(text.split_inclusive('\n').map(without_tabs).collect()) } else { text }
}

/// The line under a table's header may have tabs, as GitHub reads it; the parser wants spaces there.
fn without_tabs(line: &str) -> String {
    let is_ruler = line.contains('-') && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t' | '\n'));
    // Four spaces at the beginning would be code.
    let starts = line.trim_start_matches([' ', '\t']);
    if is_ruler && line.contains('|') { starts.replace('\t', " ") } else { line.to_owned() }
}
