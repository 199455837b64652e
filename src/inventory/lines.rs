//! From what parsers say to what people see: line numbers and one-line causes.

use serde::de::DeserializeOwned;

/// The line, where one is to blame, and the cause.
pub type Fault = (Option<u32>, String);

/// Where the lines of a text begin, so that many offsets are turned into lines quickly.
pub struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    /// Of this text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { starts: text.match_indices('\n').map(|(at, _)| at + 1).collect() }
    }

    /// The line of a byte offset, counted from 1.
    #[must_use]
    pub fn line(&self, offset: usize) -> u32 {
        let before = self.starts.partition_point(|start| *start <= offset);
        u32::try_from(before).unwrap_or(u32::MAX - 1) + 1
    }
}

/// The line of a byte offset, counted from 1, where it is the only one that is asked for.
#[must_use]
pub fn line_at(bytes: &[u8], offset: usize) -> u32 {
    let before = bytes.iter().take(offset).filter(|byte| **byte == b'\n').count();
    u32::try_from(before).unwrap_or(u32::MAX - 1) + 1
}

/// A bound on the things that a text names: of trees (TOML 1.0, JSON) on the values, those in between of dotted keys among them;
/// of lists on the lines.
pub(super) fn things(bytes: &[u8]) -> u64 {
    /// What a byte is in.
    #[derive(Clone, Copy, PartialEq)]
    enum In {
        Nothing,
        Comment,
        /// A string that this quote ends, and whether it may have lines.
        Text(u8, bool),
    }
    let is_triple = |at: usize, quote: u8| bytes.get(at..at + 3).is_some_and(|three| three.iter().all(|byte| *byte == quote));
    let (mut count, mut state, mut at) = (1, In::Nothing, 0);
    while let Some(byte) = bytes.get(at).copied() {
        count += u64::from(matches!(byte, b',' | b'[' | b'{' | b'\n'));
        match (state, byte) {
            // A table takes twice what a value does.
            (In::Nothing, b'.') => count += 2,
            (In::Nothing, b'#') => state = In::Comment,
            (In::Nothing, b'"' | b'\'') if is_triple(at, byte) => (state, at) = (In::Text(byte, true), at + 2),
            (In::Nothing, b'"' | b'\'') => state = In::Text(byte, false),
            (In::Comment | In::Text(_, false), b'\n') => state = In::Nothing,
            (In::Text(b'"', _), b'\\') if bytes.get(at + 1).is_some_and(|next| *next != b'\n') => at += 1,
            (In::Text(quote, false), _) if byte == quote => state = In::Nothing,
            (In::Text(quote, true), _) if byte == quote && is_triple(at, quote) => {
                // Two more may be the last of the text.
                at += 2 + bytes[at + 3..].iter().take(2).take_while(|byte| **byte == quote).count();
                state = In::Nothing;
            }
            _ => {}
        }
        at += 1;
    }
    count
}

/// A bound on the entries of a text that has empty lines between them.
pub(super) fn paragraphs(bytes: &[u8]) -> u64 {
    let ends = bytes.windows(2).filter(|pair| pair[0] == b'\n' && matches!(pair[1], b'\n' | b'\r'));
    2 + ends.count() as u64
}

/// The text of a file, or the line and cause of what is no UTF-8. A byte-order mark is dropped.
///
/// # Errors
/// The line and a sentence.
pub fn utf8(bytes: &[u8]) -> Result<&str, Fault> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = &bytes[..error.valid_up_to()];
        let line = line_at(valid, valid.len());
        let what = if bytes.contains(&0) { "a binary file" } else { "not UTF-8 text" };
        (Some(line), format!("{what}: byte {:#04x} cannot stand there", bytes.get(valid.len()).copied().unwrap_or_default()))
    })
}

/// Reads TOML.
///
/// # Errors
/// The line and the cause, without the excerpt.
pub fn toml<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    ::toml::from_str(text).map_err(|error| toml_cause(&error.to_string()))
}

/// The line and the cause out of a TOML error's own text, whose excerpt may be as long as the file's longest line.
fn toml_cause(message: &str) -> Fault {
    let place = message.lines().next().and_then(|first| first.strip_prefix("TOML parse error at line "));
    let line = place.and_then(|rest| rest.split(',').next()).and_then(|number| number.parse().ok());
    // The excerpt's rows have a bar; what is left is the cause.
    let mut cause: Vec<&str> = message.lines().skip(usize::from(place.is_some())).filter(|row| !is_excerpt(row)).collect();
    if cause.is_empty() {
        cause.push("not TOML");
    }
    (line, shorten(&cause.join("; ")))
}

fn is_excerpt(row: &str) -> bool {
    let rest = row.trim_start_matches([' ', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    rest.starts_with('|')
}

/// At most 200 characters, with control characters made visible: causes quote the file.
#[must_use]
pub fn shorten(text: &str) -> String {
    let mut out: String =
        text.chars().take(200).flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] }).collect();
    if text.chars().nth(200).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{LineIndex, shorten, things, toml};

    #[test]
    fn things_are_values_and_what_dotted_keys_make() {
        for (text, expected) in [
            ("", 1),
            ("a = 1\n", 2),
            ("a.b.c = 1\n", 6),
            ("[a.b]\nc = \"1.2.3\"\n", 6),
            ("a = 'x.y' # z.z\n", 2),
            ("a = [\"\"\"x.\n.\"\"\"\"\", {b.c = 1}]\n", 8),
            ("a = \"\\\".\\\"\"\nb.c = 1\n", 5),
            ("{\"a.b\": [1, 2.5]}", 6),
        ] {
            assert_eq!(things(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn lines_are_counted_from_one() {
        let index = LineIndex::new("a\nbc\n\nd");
        let lines: Vec<u32> = (0..8).map(|offset| index.line(offset)).collect();
        assert_eq!(lines, [1, 1, 2, 2, 2, 3, 4, 4]);
    }

    #[test]
    fn a_cause_is_one_line_without_its_excerpt() {
        let (line, cause) = toml::<::toml::Table>("a = 1\nb = [\n").expect_err("not TOML");
        assert_eq!((line, cause.contains('|'), cause.is_empty()), (Some(2), false, false), "{cause}");
    }

    #[test]
    fn quoted_text_is_short_and_harmless() {
        assert_eq!(shorten("a\u{1b}b"), "a\\u{1b}b");
        assert_eq!(shorten(&"x".repeat(500)).chars().count(), 201);
    }
}
