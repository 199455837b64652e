//! The text of a requirements file, as pip reads it: its coding, and the lines that backslashes join.

use std::borrow::Cow;

use crate::inventory::lines::{Fault, LineIndex};

/// The text of a file.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    pub(crate) text: Cow<'a, str>,
    /// Bytes that are no text in its coding. They are replaced: names of packages are plain, and so are still there.
    pub(crate) fault: Option<Fault>,
}

/// A line as pip takes it, joined where backslashes say so.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LogicalLine {
    /// Where it begins, counted from 1.
    pub(crate) line: u32,
    /// What it says, without blanks around it and without its comment.
    pub(crate) text: String,
    /// Its comment, without `#`.
    pub(crate) comment: Option<String>,
    /// The line that became part of the comment because a backslash joins them.
    pub(crate) swallowed: Option<u32>,
    /// Whether the file ends where the line was to go on.
    pub(crate) cut_off: bool,
}

/// Byte-order marks, in the order in which pip looks for them.
const MARKS: [(&[u8], Unit); 5] = [
    (b"\xef\xbb\xbf", Unit::Utf8),
    (b"\xff\xfe\0\0", Unit::Utf32 { big: false }),
    (b"\0\0\xfe\xff", Unit::Utf32 { big: true }),
    (b"\xff\xfe", Unit::Utf16 { big: false }),
    (b"\xfe\xff", Unit::Utf16 { big: true }),
];

#[derive(Clone, Copy)]
enum Unit {
    Utf8,
    Utf16 { big: bool },
    Utf32 { big: bool },
}

/// Codings of one byte a character, which a coding line may name.
#[derive(Clone, Copy)]
enum Table {
    Ascii,
    Latin1,
    Latin9,
    Windows1252,
}

/// The text of a file's bytes.
///
/// # Errors
/// When they are no text, or of a coding that is not known.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, Fault> {
    if let Some((mark, unit)) = MARKS.iter().find(|(mark, _)| bytes.starts_with(mark)) {
        let bytes = &bytes[mark.len()..];
        return match unit {
            Unit::Utf8 => utf8(bytes),
            Unit::Utf16 { big } => {
                wide(bytes, |pair: [u8; 2]| if *big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }, utf16)
            }
            Unit::Utf32 { big } => {
                wide(bytes, |four: [u8; 4]| if *big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }, utf32)
            }
        };
    }
    let Some((line, name)) = coding_line(bytes) else { return utf8(bytes) };
    match name.to_ascii_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" | "u8" | "utf-8-sig" => utf8(bytes),
        "ascii" | "us-ascii" | "646" => single(bytes, Table::Ascii),
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "8859" | "cp819" | "l1" => single(bytes, Table::Latin1),
        "iso-8859-15" | "iso8859-15" | "latin-9" | "l9" => single(bytes, Table::Latin9),
        "windows-1252" | "cp1252" | "1252" => single(bytes, Table::Windows1252),
        _ => Err((Some(line), format!("its first lines say that its coding is {name}, which overdue does not know; write it in UTF-8"))),
    }
}

/// The coding that one of the first two lines names (PEP 263), and which line that is.
fn coding_line(bytes: &[u8]) -> Option<(u32, String)> {
    bytes.split(|byte| *byte == b'\n').take(2).zip(1..).find_map(|(line, number)| {
        let line = std::str::from_utf8(line.get(..line.len().min(500))?).ok().filter(|line| line.starts_with('#'))?;
        let found = line.match_indices("coding").find_map(|(at, word)| {
            let value = line[at + word.len()..].strip_prefix([':', '='])?.trim_start();
            let name: String = value.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
            (!name.is_empty()).then_some(name)
        });
        found.map(|name| (number, name))
    })
}

fn utf8(bytes: &[u8]) -> Result<Decoded<'_>, Fault> {
    let Err(error) = std::str::from_utf8(bytes) else {
        return if bytes.contains(&0) { Err(binary(bytes)) } else { Ok(Decoded { text: String::from_utf8_lossy(bytes), fault: None }) };
    };
    if bytes.contains(&0) {
        return Err(binary(bytes));
    }
    let valid = &bytes[..error.valid_up_to()];
    let line = LineIndex::new(&String::from_utf8_lossy(valid)).line(valid.len());
    let byte = bytes.get(valid.len()).copied().unwrap_or_default();
    let cause = format!("not UTF-8 text: byte {byte:#04x} cannot stand there; write it in UTF-8, or name its coding in the first line");
    Ok(Decoded { text: String::from_utf8_lossy(bytes), fault: Some((Some(line), cause)) })
}

fn binary(bytes: &[u8]) -> Fault {
    let before = bytes.iter().take_while(|byte| **byte != 0).filter(|byte| **byte == b'\n').count();
    (Some(u32::try_from(before).unwrap_or(u32::MAX - 1) + 1), "a binary file, no requirements".to_owned())
}

fn wide<const N: usize, U>(
    bytes: &[u8],
    unit: impl Fn([u8; N]) -> U,
    read: impl Fn(Vec<U>) -> Option<String>,
) -> Result<Decoded<'static>, Fault> {
    let (units, left) = bytes.as_chunks::<N>();
    let text = if left.is_empty() { read(units.iter().copied().map(unit).collect()) } else { None };
    match text {
        Some(text) => Ok(Decoded { text: Cow::Owned(text), fault: None }),
        None => Err((None, format!("its mark says UTF-{}, and it is none; write it in UTF-8", N * 8))),
    }
}

fn utf16(units: Vec<u16>) -> Option<String> {
    char::decode_utf16(units).collect::<Result<_, _>>().ok()
}

fn utf32(units: Vec<u32>) -> Option<String> {
    units.into_iter().map(char::from_u32).collect()
}

fn single(bytes: &[u8], table: Table) -> Result<Decoded<'_>, Fault> {
    let mut line = 1;
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        line += u32::from(*byte == b'\n');
        match table.character(*byte) {
            Some('\0') => return Err(binary(bytes)),
            Some(c) => text.push(c),
            None => return Err((Some(line), format!("byte {byte:#04x} has no place in the coding that its first lines name"))),
        }
    }
    Ok(Decoded { text: Cow::Owned(text), fault: None })
}

impl Table {
    fn character(self, byte: u8) -> Option<char> {
        const HIGH: [char; 32] = [
            '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’', '“', '”',
            '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
        ];
        match (self, byte) {
            (Self::Ascii, 0x80..) | (Self::Windows1252, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d) => None,
            (Self::Windows1252, 0x80..0xa0) => Some(HIGH[usize::from(byte - 0x80)]),
            (Self::Latin9, 0xa4) => Some('€'),
            (Self::Latin9, 0xa6) => Some('Š'),
            (Self::Latin9, 0xa8) => Some('š'),
            (Self::Latin9, 0xb4) => Some('Ž'),
            (Self::Latin9, 0xb8) => Some('ž'),
            (Self::Latin9, 0xbc) => Some('Œ'),
            (Self::Latin9, 0xbd) => Some('œ'),
            (Self::Latin9, 0xbe) => Some('Ÿ'),
            _ => Some(char::from(byte)),
        }
    }
}

/// Blanks as Python has them.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// The lines of a text, with their numbers. Python ends a line at more characters than editors do; those do not count.
fn physical(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let ends = |c: char| matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let (mut rest, mut number) = (text, 1_u32);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let here = number;
        let end = rest.find(ends).unwrap_or(rest.len());
        let (line, tail) = rest.split_at(end);
        let end = tail.chars().next();
        number = number.saturating_add(u32::from(matches!(end, Some('\n' | '\r'))));
        rest = tail.strip_prefix("\r\n").unwrap_or_else(|| &tail[end.map_or(0, char::len_utf8)..]);
        Some((here, line))
    })
}

/// The lines as pip takes them; empty ones are left in, because they end what a comment lists.
pub(crate) fn logical(text: &str) -> impl Iterator<Item = LogicalLine> {
    let mut lines = physical(text);
    std::iter::from_fn(move || {
        let (line, first) = lines.next()?;
        let mut joined = Joined { line, text: String::new(), pieces: Vec::new() };
        let mut piece = (line, first);
        loop {
            if joined.add(piece) {
                return Some(joined.finish(false));
            }
            match lines.next() {
                Some(next) => piece = next,
                None => return Some(joined.finish(true)),
            }
        }
    })
}

/// A line in the making.
struct Joined {
    line: u32,
    text: String,
    /// Where each line begins in the text, its number, and whether it is a comment.
    pieces: Vec<(usize, u32, bool)>,
}

impl Joined {
    /// Adds a line and says whether it is the last. A comment is, whatever it ends in.
    fn add(&mut self, (number, line): (u32, &str)) -> bool {
        let is_comment = line.trim_start_matches(is_blank).starts_with('#');
        self.pieces.push((self.text.len(), number, is_comment));
        if is_comment {
            self.text.push(' ');
        }
        let is_last = is_comment || !line.ends_with('\\');
        self.text.push_str(if is_last { line } else { line.trim_matches('\\') });
        is_last
    }

    fn finish(self, cut_off: bool) -> LogicalLine {
        let comment = comment(&self.text);
        let (text, comment_text) = self.text.split_at(comment.unwrap_or(self.text.len()));
        let ends = self.pieces.iter().skip(1).map(|piece| piece.0).chain([self.text.len()]);
        let is_swallowed = |((at, _, is_comment), end): &(&(usize, u32, bool), usize)| {
            comment.is_some_and(|comment| comment < *at) && !is_comment && !self.text[*at..*end].trim_matches(is_blank).is_empty()
        };
        let swallowed = self.pieces.iter().zip(ends).find(is_swallowed).map(|((_, number, _), _)| *number);
        LogicalLine {
            line: self.line,
            text: text.trim_matches(is_blank).to_owned(),
            comment: comment.map(|_| comment_text[1..].to_owned()),
            swallowed,
            cut_off,
        }
    }
}

/// Where the comment begins: at a `#` that stands first or behind a blank.
fn comment(text: &str) -> Option<usize> {
    text.match_indices('#').map(|(at, _)| at).find(|at| text[..*at].chars().next_back().is_none_or(is_blank))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{decode, logical};

    fn lines(text: &str) -> Vec<(u32, String)> {
        logical(text).filter(|line| !line.text.is_empty()).map(|line| (line.line, line.text)).collect()
    }

    #[test]
    fn lines_are_joined_before_comments_go() {
        for (text, expected) in [
            ("a \\\n  b # c\nd", vec![(1, "a   b"), (3, "d")]),
            ("a \\\n# c \\\nb", vec![(1, "a"), (3, "b")]),
            ("a\r\nb\rc\u{c}d\u{2028}e\nf", vec![(1, "a"), (2, "b"), (3, "c"), (3, "d"), (3, "e"), (4, "f")]),
            ("a#b\n#c\nd #e", vec![(1, "a#b"), (3, "d")]),
            ("a \\", vec![(1, "a")]),
        ] {
            let expected: Vec<(u32, String)> = expected.into_iter().map(|(line, text)| (line, text.to_owned())).collect();
            assert_eq!(lines(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_comment_that_swallows_the_next_line_is_known() {
        let swallowed = |text: &str| logical(text).next().and_then(|line| line.swallowed);
        assert_eq!(swallowed("a # note \\\nb"), Some(2));
        assert_eq!(swallowed("a # note \\\n\n"), None);
        assert_eq!(swallowed("a \\\n# note"), None);
    }

    #[test]
    fn codings_are_read() {
        let utf16: Vec<u8> = "\u{feff}é==1".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf32: Vec<u8> = "\u{feff}é==1".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        for bytes in [utf16.as_slice(), utf32.as_slice(), b"\xef\xbb\xbf\xc3\xa9==1", "é==1".as_bytes()] {
            assert_eq!(decode(bytes).expect("text").text, "é==1");
        }
        for (bytes, last) in [
            (b"# coding: latin-1\n\xe9".as_slice(), 'é'),
            (b"# -*- coding: iso-8859-15 -*-\n\xa4", '€'),
            (b"\n# vim: fileencoding=cp1252\n\x80", '€'),
        ] {
            assert_eq!(decode(bytes).expect("text").text.chars().last(), Some(last));
        }
        let fault = |bytes: &[u8]| decode(bytes).expect_err("no text").1;
        assert!(fault(b"# coding: koi8-r\na").contains("koi8-r"));
        assert!(fault(b"a\0").contains("binary"));
        assert!(fault(b"\xff\xfea").contains("UTF-16"));
        let decoded = decode(b"a==1\n# caf\xe9\n").expect("text");
        assert_eq!(decoded.fault.expect("a fault").0, Some(2));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60), text in "(#|\\\\|\n|\r| |a|\u{2028}|é){0,30}") {
            if let Ok(decoded) = decode(&bytes) {
                let _ = logical(&decoded.text).count();
            }
            let _ = logical(&text).count();
        }
    }
}
