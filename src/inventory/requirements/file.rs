//! pip's requirements files: `requirements.txt`, `constraints.txt`, and what pip-compile, uv, `pip freeze` and the
//! exports of Poetry and PDM write.
//!
//! Each requirement is a package by itself. What a file refers to with `-r` is judged where that file is read.

use crate::inventory::{
    Extracted, Extractor, FileState, Reference, ReferenceKind, file_name, lines,
    pep508::direct_reference,
    pep508::requirement::Requirement,
    reference::beside,
    requirements::compiled::{self, Parent},
    requirements::graph::Entries,
    requirements::guess::{Named, Resemblance, has_requirement, obviously_wrong, resemblance},
    requirements::indexes::IndexOptions,
    requirements::line::{self as requirements_line, Line},
    requirements::options::{self as options, Given, OptionKind, Options},
    requirements::text::{self as text, LogicalLine},
};
use crate::model::{Package, Reason, Skipped, Unchecked, Wanted, unchecked::Why};

/// pip's requirements file.
pub struct Requirements;

/// More requirements than any project has: a file with more was made to be large.
const MOST: usize = 100_000;

/// So many lines that are no requirements, and none that is one, make a text of another kind.
const FEW: usize = 3;

/// So many files are looked for that a file says it was compiled from.
const MOST_SOURCES: usize = 64;

impl Extractor for Requirements {
    fn name(&self) -> &'static str {
        "requirements"
    }

    fn recognises(&self, path: &str) -> bool {
        Named::of(path).is_some()
    }

    fn looks_like(&self, bytes: &[u8]) -> bool {
        resemblance(bytes) == Resemblance::Sure
    }

    /// A line is a requirement, with all that may be said in it.
    fn parts(&self, bytes: &[u8]) -> u64 {
        // All that ends a line for pip, and the last bytes of what does in UTF-8.
        let ends = |byte: &&u8| matches!(byte, b'\n' | b'\r' | 0x0b | 0x0c | 0x1c..=0x1e | 0x85 | 0xa8 | 0xa9);
        2 * (1 + bytes.iter().filter(ends).count() as u64)
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        let named = Named::of(path).unwrap_or(Named::Surely);
        let is_one = match named {
            Named::Surely | Named::ByFolder => true,
            Named::Perhaps => resemblance(bytes) != Resemblance::None || has_requirement(bytes),
            Named::ByEnding => resemblance(bytes) == Resemblance::Sure,
        };
        if is_one { read(path, bytes, named) } else { Extracted { file: FileState::Irrelevant, ..Extracted::default() } }
    }
}

impl Requirements {
    /// Reads a file that another one says holds requirements.
    #[must_use]
    pub fn referred(path: &str, bytes: &[u8]) -> Extracted {
        read(path, bytes, Named::Surely)
    }
}

fn read(path: &str, bytes: &[u8], named: Named) -> Extracted {
    let decoded = match text::decode(bytes) {
        Ok(decoded) => decoded,
        Err((line, cause)) => return Extracted::not_understood(path, line, cause),
    };
    if let Some((line, cause)) = obviously_wrong(&decoded.text) {
        return Extracted::not_understood(path, line, cause);
    }
    let mut reading = Reading::new(path);
    if let Some((line, cause)) = decoded.fault {
        reading.fault(line, file_name(path), 0, cause);
    }
    for line in text::logical(&decoded.text) {
        reading.line(&line);
    }
    reading.finish(named)
}

/// The reading of one file.
struct Reading<'a> {
    path: &'a str,
    extracted: Extracted,
    entries: Entries,
    /// The comments before anything else.
    head: Vec<String>,
    via: compiled::Via,
    /// The entry that comments speak of.
    current: Option<usize>,
    /// How many lines said something.
    understood: usize,
    in_conflict: bool,
    /// Whether `--pre` lets pre-releases in.
    with_prereleases: bool,
    indexes: IndexOptions,
    /// Where the lines begin that are too many, and how many requirements those may be.
    beyond: Option<(u32, u32)>,
}

impl<'a> Reading<'a> {
    fn new(path: &'a str) -> Self {
        let (extracted, entries, via) = (Extracted::default(), Entries::default(), compiled::Via::default());
        Self {
            path,
            extracted,
            entries,
            head: Vec::new(),
            via,
            current: None,
            understood: 0,
            in_conflict: false,
            with_prereleases: false,
            indexes: IndexOptions::default(),
            beyond: None,
        }
    }

    fn line(&mut self, line: &LogicalLine) {
        if !line.text.is_empty() || line.comment.is_none() {
            self.via.close();
            self.current = None;
        }
        if !line.text.is_empty() {
            if self.extracted.unchecked.len() + self.entries.len() >= MOST {
                let (first, count) = self.beyond.unwrap_or((line.line, 0));
                self.beyond = Some((first, count.saturating_add(1)));
                return;
            }
            self.statement(&line.text, line.line);
        }
        if let Some(comment) = &line.comment {
            self.comment(comment);
        }
        if let Some(swallowed) = line.swallowed {
            let cause = "the backslash at the end of the comment before makes this line part of the comment; take it out";
            self.fault(Some(swallowed), "a line inside a comment", 1, cause);
        }
        if line.cut_off {
            let cause = "the last line ends in a backslash, as if the file were cut off; restore it, or take the backslash out";
            self.fault(Some(line.line), file_name(self.path), 0, cause);
        }
    }

    fn comment(&mut self, comment: &str) {
        if self.understood == 0 && self.head.len() < 100 {
            self.head.push(comment.to_owned());
        }
        let parents = self.via.read(comment);
        if let Some(entry) = self.current {
            self.entries.wanted_by(entry, parents);
        }
    }

    fn statement(&mut self, text: &str, line: u32) {
        if is_conflict(text) {
            if !std::mem::replace(&mut self.in_conflict, true) {
                let cause = "an unresolved merge conflict, of which both sides are checked; resolve it";
                self.fault(Some(line), file_name(self.path), 0, cause);
            }
            return;
        }
        let (requirement, rest) = options::split(text);
        let options = options::read(rest);
        if requirement.is_empty() {
            self.options(&options, rest, false, line);
        } else {
            self.place(requirements_line::read(requirement, self.path, line), requirement, line);
            self.options(&options, requirement, true, line);
        }
    }

    /// Reads the options of a line, which stand behind a requirement or alone.
    fn options(&mut self, options: &Options, subject: &str, is_beside: bool, line: u32) {
        let mut cause = options.fault.clone();
        for given in &options.given {
            match given.kind {
                OptionKind::Other | OptionKind::Index | OptionKind::ExtraIndex | OptionKind::NoIndex => {
                    self.understood += 1;
                    // Behind a requirement pip passes over it.
                    if !is_beside {
                        self.indexes.take(given);
                    }
                    self.with_prereleases |= given.name == "--pre";
                }
                OptionKind::Hash => cause = cause.or_else(|| options::hash_fault(&given.value)),
                _ if is_beside => {
                    cause =
                        cause.or_else(|| Some(format!("pip passes over {} behind a requirement; put it on a line of its own", given.name)));
                }
                // Two words more, and it would be `-e name @ URL`.
                OptionKind::Editable if options.stray.first().is_some_and(|stray| stray.starts_with('@')) => {
                    return self.fault(Some(line), subject, 1, "pip wants quotes around `name @ URL` behind -e");
                }
                OptionKind::Editable => self.place(requirements_line::editable(&given.value, self.path, line), &given.value, line),
                OptionKind::Requirements => self.reference(ReferenceKind::Requirements, given, line),
                OptionKind::Constraints => self.reference(ReferenceKind::Constraints, given, line),
            }
        }
        if let Some(cause) = cause {
            self.fault(Some(line), subject, 0, cause);
        }
        if let Some(first) = options.stray.first() {
            let requirements = options.stray.iter().filter(|stray| Requirement::parse(stray).is_ok()).count();
            let shown = lines::shorten(&direct_reference::disclosed(first));
            let cause = format!("pip passes over what stands behind an option, as `{shown}`; put it on a line of its own");
            self.fault(Some(line), first, u32::try_from(requirements).unwrap_or(u32::MAX), cause);
        }
    }

    /// Puts what a line asks for where it belongs.
    fn place(&mut self, read: Result<Line, String>, written: &str, line: u32) {
        let Line { entry, name, label } = match read {
            Ok(read) => read,
            Err(cause) => {
                let shown = lines::shorten(&direct_reference::disclosed(written));
                return self.fault(Some(line), written, 1, format!("`{shown}`: {cause}"));
            }
        };
        self.understood += 1;
        let (is_own, package) = match entry {
            requirements_line::Entry::Package(package) => {
                self.extracted.packages.push(package);
                (false, Some(self.extracted.packages.len() - 1))
            }
            requirements_line::Entry::Own(own) => {
                self.extracted.own.push(own);
                (true, None)
            }
            requirements_line::Entry::Unchecked(unchecked) => {
                self.extracted.unchecked.push(unchecked);
                (false, None)
            }
        };
        self.current = Some(self.entries.add(label, name.as_deref(), is_own, package));
    }

    fn reference(&mut self, kind: ReferenceKind, given: &Given, line: u32) {
        self.understood += 1;
        let written = given.value.trim();
        let shown = lines::shorten(&direct_reference::disclosed(written));
        let scheme = direct_reference::scheme(written).filter(|scheme| scheme.len() > 1);
        // `file:` before a relative path changes nothing.
        let file = if scheme.as_deref() == Some("file") { &written["file:".len()..] } else { written };
        let cause = if let Some(variable) = requirements_line::variable(written) {
            format!("a file whose name holds the variable {variable}, which overdue does not fill in; name the file itself")
        } else if scheme.as_ref().is_some_and(|scheme| scheme != "file") {
            format!("{shown} is not fetched; download it beside this file and name it")
        } else if direct_reference::is_absolute(file) {
            format!("{shown} is a path of one machine; name the file from this one's folder")
        } else {
            self.extracted.references.push(Reference { kind, path: beside(self.path, file), line });
            return;
        };
        let unchecked = Unchecked {
            path: self.path.to_owned(),
            line: Some(line),
            subject: shown,
            packages: 0,
            reason: Reason::NotUnderstood,
            detail: cause,
        };
        self.extracted.unchecked.push(unchecked);
    }

    /// Something that pip would not read so, or not at all.
    fn fault(&mut self, line: Option<u32>, subject: &str, packages: u32, cause: impl Into<String>) {
        let subject = lines::shorten(&direct_reference::disclosed(subject));
        let (path, reason, detail) = (self.path.to_owned(), Reason::NotUnderstood, cause.into());
        self.extracted.unchecked.push(Unchecked { path, line, subject, packages, reason, detail });
        self.extracted.file = FileState::NotRead;
    }

    fn finish(mut self, named: Named) -> Extracted {
        if self.understood == 0 && self.extracted.unchecked.len() > FEW {
            return self.another_text(named);
        }
        if let Some((line, count)) = self.beyond {
            let cause = format!("more than {MOST} lines, of which the rest was not read; split the file");
            self.fault(Some(line), file_name(self.path), count, cause);
        }
        self.extracted.compiled_from = match compiled::header(&self.head) {
            Some(compiled::Header::Sources(sources)) => sources.into_iter().filter(|source| source != "-").take(MOST_SOURCES).collect(),
            Some(compiled::Header::Unnamed) => self.sources_by_comments(&compiled::USUAL_SOURCES),
            Some(compiled::Header::Unknown) => self.sources_by_comments(&[]),
            None => Vec::new(),
        };
        if self.with_prereleases {
            self.extracted.packages.iter_mut().for_each(let_prereleases_in);
        }
        self.indexes.whole().complete(&mut self.extracted.packages);
        self.entries.into_graph(&mut self.extracted);
        self.extracted
    }

    /// What a tool read that the header does not name: its comments do.
    fn sources_by_comments(&self, usual: &[&str]) -> Vec<String> {
        let mut sources: Vec<String> = Vec::new();
        for parent in self.entries.parents() {
            if let Parent::File(file) | Parent::Project(_, file) = parent
                && !sources.contains(file)
                && sources.len() < 10
            {
                sources.push(file.clone());
            }
        }
        if sources.is_empty() { usual.iter().map(|source| (*source).to_owned()).collect() } else { sources }
    }

    /// A text without one requirement. Only where the name is all there is to go by, it may be what it likes.
    fn another_text(self, named: Named) -> Extracted {
        let first = self.extracted.unchecked.into_iter().next();
        let (line, cause) =
            first.map_or((None, String::new()), |first| (first.line, format!(", the first `{}`: {}", first.subject, first.detail)));
        if named == Named::Surely {
            return Extracted::not_understood(self.path, line, format!("none of its lines is a requirement{cause}"));
        }
        let reason = "its name may be one of requirements, and none of its lines is a requirement".to_owned();
        let skipped = vec![Skipped { path: self.path.to_owned(), reason, why: Why::Notable }];
        Extracted { file: FileState::Irrelevant, skipped, ..Extracted::default() }
    }
}

/// Whether a line is one of those that git puts around the sides of a conflict.
fn is_conflict(text: &str) -> bool {
    ["<<<<<<<", "|||||||", "=======", ">>>>>>>"]
        .iter()
        .any(|mark| text.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
}

/// A range lets pre-releases in where it names one. This one bars nothing.
fn let_prereleases_in(package: &mut Package) {
    if let Wanted::Requirement(requirement) = &mut package.wanted {
        let comma = if requirement.is_empty() { "" } else { "," };
        requirement.push_str(&format!("{comma}>=0.dev0"));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Extractor, Requirements};

    #[test]
    fn a_file_that_was_made_to_be_large_is_cut() {
        let extracted = Requirements.extract("requirements.txt", "a\n".repeat(100_010).as_bytes());
        assert_eq!(extracted.packages.len() + extracted.unchecked.iter().map(|u| u.packages as usize).sum::<usize>(), 100_010);
        let extracted = Requirements.extract("requirements.txt", "a!\n".repeat(100_010).as_bytes());
        assert_eq!((extracted.unchecked.len(), extracted.unchecked[0].line), (1, Some(1)));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "(\\PC|a==1|-r|-e|#|via|--hash=|\\\\|\n|\r| |;|@|https://|\\$\\{A\\}|\\[|é){0,30}") {
            for path in ["requirements.txt", "requirements/a.txt", "dev.in"] {
                let extracted = Requirements.extract(path, text.as_bytes());
                prop_assert!(extracted.packages.iter().all(|package| package.line > 0));
            }
            let _ = Requirements.looks_like(text.as_bytes());
        }
    }
}
