//! `<ECOSYSTEM>/modified_id.csv` of the public export: every record's id with the moment of its last change.

use std::{
    collections::HashMap,
    io::{self, BufRead},
};

use crate::model::Timestamp;

/// The ids of an export with the moments of their last changes.
pub type Modified = HashMap<String, Timestamp>;

/// What of a list differs from what is at hand.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// New or changed records, sorted.
    pub changed: Vec<String>,
    /// Records that are listed no more, sorted.
    pub gone: Vec<String>,
}

/// Reads a list: a line a record, `<RFC 3339>,<ID>`.
///
/// # Errors
/// When it cannot be read or a line is none of these; the line is named.
pub fn read(from: impl BufRead) -> io::Result<Modified> {
    let mut list = Modified::new();
    for (at, line) in from.lines().enumerate() {
        let line = line?;
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() {
            continue;
        }
        let entry = line.split_once(',').and_then(|(moment, id)| Some((id.trim(), Timestamp::parse(moment.trim()).ok()?)));
        let Some((id, moment)) = entry.filter(|(id, _)| is_id(id)) else {
            return Err(io::Error::other(format!(
                "line {} is no `<moment>,<id>`: `{}`",
                at + 1,
                line.escape_debug().take(60).collect::<String>()
            )));
        };
        // Named twice, it changed last when it changed last.
        let newest = list.entry(id.to_owned()).or_insert(moment);
        *newest = moment.max(*newest);
    }
    Ok(list)
}

/// Ids become parts of addresses and paths: nothing in one may lead elsewhere.
fn is_id(id: &str) -> bool {
    !id.is_empty() && !id.starts_with('.') && id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:+".contains(c))
}

/// Compares a list with what is at hand.
#[must_use]
pub fn differences(list: &Modified, at_hand: &Modified) -> Differences {
    let newer = list.iter().filter(|(id, moment)| at_hand.get(*id) != Some(moment));
    let mut changed: Vec<String> = newer.map(|(id, _)| id.clone()).collect();
    let mut gone: Vec<String> = at_hand.keys().filter(|id| !list.contains_key(*id)).cloned().collect();
    changed.sort();
    gone.sort();
    Differences { changed, gone }
}

#[cfg(test)]
mod tests {
    use super::{Differences, differences, read};

    #[test]
    fn lists_are_read_and_compared() {
        let new = read("2026-01-02T00:00:00.5Z,A-1\n2026-01-01T00:00:00Z,A-3\n\n".as_bytes()).expect("a list");
        let old = read("2026-01-01T00:00:00Z,A-1\r\n2026-01-01T00:00:00Z,A-2\r\n2026-01-01T00:00:00Z,A-3\r\n".as_bytes()).expect("a list");
        let of = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        assert_eq!(differences(&new, &old), Differences { changed: of(&["A-1"]), gone: of(&["A-2"]) });
        assert_eq!(differences(&old, &old), Differences::default());
        for text in
            ["<html>", "2026-01-01T00:00:00Z", "soon,A-1", "2026-01-01T00:00:00Z,../x", "2026-01-01T00:00:00Z,a/b", "2026-01-01T00:00:00Z,"]
        {
            assert!(read(text.as_bytes()).is_err_and(|error| error.to_string().contains("line 1")), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,60}") {
            let _ = read(text.as_bytes());
        }
    }
}
