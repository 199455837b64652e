//! The state file: since when each finding is known to the project, a line each, so that a clock can start there.
//!
//! Tab-separated: the moment that it was first seen, the moment that a fix was first seen or `-`, the ecosystem, the
//! package's name, the advisory's id. Lines may stand in any order and more than once, and the earliest moments hold; marks
//! of an unsettled merge are passed over. So two branches that write it can be merged by keeping the lines of both.

use std::collections::BTreeMap;

use super::exception::bears;
use crate::model::{Ecosystem, Finding, Timestamp, normalise_name};

/// The usual name of the file.
pub const FILE: &str = "overdue.state";

/// The first line of the file, which says what it is.
const HEAD: &str = "# overdue: first seen, fix first seen, ecosystem, package, advisory. Merge by keeping the lines of both sides.";

/// What is written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    entries: BTreeMap<Package, BTreeMap<String, Seen>>,
}

/// A package by its ecosystem and its normalised name.
type Package = (String, String);

/// Since when a finding is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When it was first seen.
    pub first: Timestamp,
    /// When a fix of it was first seen.
    pub fix: Option<Timestamp>,
}

/// A line that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {cause}")]
pub struct InvalidState {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub cause: String,
}

impl State {
    /// Reads a state file.
    ///
    /// # Errors
    /// At the first line that cannot be read: a clock that silently starts anew would break no promise ever.
    pub fn read(text: &str) -> Result<Self, InvalidState> {
        let mut state = Self::default();
        for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim_end_matches('\r');
            let is_mark = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark));
            if line.trim().is_empty() || line.starts_with('#') || is_mark {
                continue;
            }
            let wrong = |cause: String| InvalidState { line: at + 1, cause };
            let fields: Vec<&str> = line.split('\t').collect();
            let [first, fix, ecosystem, name, id] = fields[..] else {
                return Err(wrong(
                    "it has no five fields with tabs between them: first seen, fix first seen, ecosystem, package, advisory".to_owned(),
                ));
            };
            let moment = |text: &str| Timestamp::parse(text).map_err(|error| wrong(error.to_string()));
            let fix = if fix == "-" { None } else { Some(moment(fix)?) };
            let name = normalise_name(&Ecosystem::new(ecosystem), name);
            state.add((ecosystem.to_owned(), name), id, Seen { first: moment(first)?, fix });
        }
        Ok(state)
    }

    /// The file's text, sorted.
    #[must_use]
    pub fn write(&self) -> String {
        let mut out = format!("{HEAD}\n");
        for ((ecosystem, name), entries) in &self.entries {
            for (id, Seen { first, fix }) in entries {
                let fix = fix.map_or_else(|| "-".to_owned(), |fix| fix.to_string());
                out.push_str(&format!("{first}\t{fix}\t{ecosystem}\t{name}\t{id}\n"));
            }
        }
        out
    }

    /// Since when a finding is known. Of several lines about its alias group the earliest moments hold.
    #[must_use]
    pub fn of(&self, finding: &Finding) -> Option<Seen> {
        let entries = self.entries.get(&package(finding))?;
        entries.iter().filter(|(id, _)| bears(finding, id)).map(|(_, seen)| *seen).reduce(earliest)
    }

    /// Writes down a finding that is seen now, under this id, and whether there is a fix; tells whether that is new.
    pub fn record(&mut self, finding: &Finding, id: &str, now: Timestamp, has_fix: bool) -> bool {
        let known = self.of(finding);
        let seen = Seen { first: now, fix: has_fix.then_some(now) };
        let is_new = known.is_none_or(|known| known.fix.is_none() && has_fix);
        if is_new {
            self.add(package(finding), id, known.map_or(seen, |known| earliest(known, seen)));
        }
        is_new
    }

    /// Forgets what none of these findings is, but for ecosystems that are to be kept; returns how many.
    pub fn forget_all_but(&mut self, findings: &[&Finding], is_kept: &dyn Fn(&str) -> bool) -> usize {
        let before = self.len();
        let mut here: BTreeMap<Package, Vec<&Finding>> = BTreeMap::new();
        for finding in findings {
            here.entry(package(finding)).or_default().push(finding);
        }
        for (package, entries) in self.entries.iter_mut().filter(|((ecosystem, _), _)| !is_kept(ecosystem)) {
            let here = here.get(package).map(Vec::as_slice).unwrap_or_default();
            entries.retain(|id, _| here.iter().any(|finding| bears(finding, id)));
        }
        self.entries.retain(|_, entries| !entries.is_empty());
        before - self.len()
    }

    /// How many findings are written down.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.values().map(BTreeMap::len).sum()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn add(&mut self, package: Package, id: &str, seen: Seen) {
        let entry = self.entries.entry(package).or_default().entry(id.to_owned()).or_insert(seen);
        *entry = earliest(*entry, seen);
    }
}

fn earliest(a: Seen, b: Seen) -> Seen {
    let fix = [a.fix, b.fix].into_iter().flatten().min();
    Seen { first: a.first.min(b.first), fix }
}

fn package(finding: &Finding) -> Package {
    let ecosystem: &Ecosystem = &finding.ecosystem;
    (ecosystem.as_str().to_owned(), normalise_name(ecosystem, &finding.name))
}

#[cfg(test)]
mod tests {
    use super::State;

    const LINE: &str = "2026-01-02T00:00:00Z\t-\tcrates.io\ttime\tRUSTSEC-2020-0071\n";

    #[test]
    fn the_earliest_of_several_lines_holds_and_marks_of_a_merge_are_passed_over() {
        let earlier = LINE.replace("2026-01-02", "2026-01-01").replace("\t-\t", "\t2026-02-01T00:00:00Z\t");
        let text = format!("# a comment\n<<<<<<< ours\n{LINE}=======\n{earlier}>>>>>>> theirs\n\n");
        let written = State::read(&text).expect("a state").write();
        assert!(written.ends_with(&format!("side{}\n{earlier}", "s.")), "{written}");
        assert_eq!(State::read(&written).map(|state| state.write()), Ok(written));
    }

    #[test]
    fn what_is_no_line_is_told_with_its_number() {
        for (text, line) in
            [("x\n", 1), ("# a\n\na\tb\n", 3), (&LINE.replace("2026-01-02", "soon"), 1), (&format!("{LINE}{LINE}a b c d e\n"), 3)]
        {
            assert_eq!(State::read(text).map_err(|error| error.line), Err(line), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_odd(text in "((2026-01-0[1-9]|\\PC{0,4})\t(-|\\PC{0,3})\t\\PC{0,5}\t\\PC{0,5}\t\\PC{0,5}\n?){0,4}") {
            if let Ok(state) = State::read(&text) {
                let written = state.write();
                proptest::prop_assert_eq!(State::read(&written), Ok(state));
            }
        }
    }
}
