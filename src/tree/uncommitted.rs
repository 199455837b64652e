//! Since when lines stand in a file on disk: those that are committed as they are, by the history of the last commit; the
//! others only since now.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    path::Path,
};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{GitError, Objects, Since, blame::blame};

/// The largest file that is compared.
const LARGEST: u64 = 256 << 20;

/// Since when these lines, counted from 1, stand in a file with this content, which is given from the root of its
/// repository.
///
/// # Errors
/// When the last commit does not have it, or git does not answer.
pub(super) fn since(root: &Path, file: &str, content: &[u8], lines: &[u32]) -> Result<BTreeMap<u32, Since>, GitError> {
    let objects = Objects::open(root)?;
    let head = objects.commit("HEAD")?;
    // A name with a line break in it would be two requests.
    let committed =
        if file.contains('\n') { None } else { objects.read(&format!("{head}:{file}"), LARGEST)?.and_then(|object| object.bytes) };
    let absent = || GitError::Failed { repository: root.to_owned(), words: "no such path in HEAD".to_owned() };
    let places = committed_lines(&committed.ok_or_else(absent)?, content);
    let place = |line: &u32| places.get(*line as usize - 1).copied().flatten();
    let asked: Vec<u32> = lines.iter().filter(|line| **line > 0).filter_map(place).collect();
    let known = if asked.is_empty() { BTreeMap::new() } else { blame(root, &head, file, &asked)? };
    let of = |line: &u32| match place(line) {
        Some(committed) => known.get(&committed).map(|since| (*line, *since)),
        None => Some((*line, Since::Uncommitted)),
    };
    Ok(lines.iter().filter(|line| **line > 0).filter_map(of).collect())
}

/// Texts that differ in more lines are compared in one go from the beginning to the end: the usual way would take the square.
const MOST_LINES: usize = 5_000;

/// Of each line of a text, the line of the committed one that it is, counted from 1; `None` where it is new. Line ends do
/// not count.
fn committed_lines(committed: &[u8], content: &[u8]) -> Vec<Option<u32>> {
    let split = |bytes: &'_ [u8]| -> Vec<Vec<u8>> {
        let lines = bytes.split(|byte| *byte == b'\n');
        lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line).to_vec()).collect()
    };
    let (old, new) = (split(committed), split(content));
    let mut places = vec![None; new.len()];
    let mut equal = |old: usize, new: usize, length: usize| {
        for at in 0..length {
            places[new + at] = u32::try_from(old + at + 1).ok();
        }
    };
    if old == new {
        equal(0, 0, new.len());
        return places;
    }
    let begin = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - begin;
    let end = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    if old.len().max(new.len()) - begin - end > MOST_LINES {
        equal(0, 0, begin);
        equal(old.len() - end, new.len() - end, end);
        let mut found: HashMap<&[u8], VecDeque<usize>> = HashMap::new();
        for (at, line) in old.iter().enumerate().take(old.len() - end).skip(begin) {
            found.entry(line).or_default().push_back(at);
        }
        let mut here = begin;
        for (at, line) in new.iter().enumerate().take(new.len() - end).skip(begin) {
            let Some(places) = found.get_mut(line.as_slice()) else { continue };
            while places.front().is_some_and(|place| *place < here) {
                places.pop_front();
            }
            if let Some(place) = places.pop_front() {
                equal(place, at, 1);
                here = place + 1;
            }
        }
    } else {
        for difference in capture_diff_slices(Algorithm::Patience, &old, &new) {
            if let DiffOp::Equal { old_index, new_index, len } = difference {
                equal(old_index, new_index, len);
            }
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::committed_lines;

    #[test]
    fn lines_are_found_where_they_were() {
        for (old, new, expected) in [
            ("a\nb\nc\n", "a\nb\nc\n", vec![Some(1), Some(2), Some(3), Some(4)]),
            ("a\nb\nc\n", "a\r\nb\r\nc\r\n", vec![Some(1), Some(2), Some(3), Some(4)]),
            ("a\nb\nc", "a\nx\nc", vec![Some(1), None, Some(3)]),
            ("a\nb\nc", "x\na\nb\nc", vec![None, Some(1), Some(2), Some(3)]),
            ("a\nb\nc\nd", "a\nx\nb\ny\nd", vec![Some(1), None, Some(2), None, Some(4)]),
            ("{\n[\nold\n]\n}", "{\n[\nnew\n]\n[\nold\n]\n}", vec![Some(1), Some(2), None, None, None, Some(3), Some(4), Some(5)]),
            ("", "a", vec![None]),
        ] {
            assert_eq!(committed_lines(old.as_bytes(), new.as_bytes()), expected, "{old:?} {new:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_found_is_the_same_line(old in "[ab]{0,1}(\n[abc]{0,1}){0,6}", new in "[ab]{0,1}(\n[abc]{0,1}){0,6}") {
            let lines: Vec<&str> = old.split('\n').collect();
            for (line, place) in new.split('\n').zip(committed_lines(old.as_bytes(), new.as_bytes())) {
                if let Some(place) = place {
                    proptest::prop_assert_eq!(lines[place as usize - 1], line);
                }
            }
        }
    }
}
