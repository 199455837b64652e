//! What an ignore list says, whichever scanner it was written for.

use std::fmt;

/// What an ignore list says of one advisory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The advisory's identifier as written there.
    pub id: String,
    /// Whether the identifier is one of a database that only the other scanner knows.
    pub foreign_id: bool,
    /// The one package that it is limited to.
    pub package: Option<String>,
    /// The one version that it is limited to.
    pub version: Option<String>,
    /// The files that it is limited to: patterns as written there, any of which will do. None are all files.
    pub paths: Vec<String>,
    /// Whether it holds only as long as there is no fix.
    pub until_fixed: bool,
    /// The reason in the original words, on one line.
    pub reason: Option<String>,
    /// The day, as `YYYY-MM-DD`, from which on the finding counts again.
    pub expires: Option<String>,
    /// Its line, counted from 1.
    pub line: u32,
}

/// Something that an ignore list says and that was not carried over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotCarried {
    /// Its line, counted from 1.
    pub line: u32,
    /// What was not carried over, in the words of the file.
    pub what: String,
    /// Why, as a clause: `it is about yanked crates`.
    pub why: String,
}

/// An ignore list that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The name of its format.
    pub format: &'static str,
    /// What it says of advisories, in the order of the file.
    pub entries: Vec<Entry>,
    /// What else it says, in the order of the file.
    pub not_carried: Vec<NotCarried>,
}

/// Why an ignore list could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError {
    /// The line to blame, counted from 1, if there is one.
    pub line: Option<u32>,
    /// The cause, as a sentence without its full stop.
    pub cause: String,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)
    }
}

impl std::error::Error for ImportError {}

impl ImportError {
    /// With the line to blame.
    pub(super) fn at(line: u32, cause: impl Into<String>) -> Self {
        Self { line: Some(line), cause: cause.into() }
    }
}

impl Entry {
    /// An entry that says nothing but the identifier.
    pub(super) fn of(id: &str, line: u32) -> Self {
        Self {
            id: id.to_owned(),
            foreign_id: false,
            package: None,
            version: None,
            paths: Vec::new(),
            until_fixed: false,
            reason: None,
            expires: None,
            line,
        }
    }
}

impl Imported {
    /// Of a format, with nothing read yet.
    pub(super) fn new(format: &'static str) -> Self {
        Self { format, entries: Vec::new(), not_carried: Vec::new() }
    }

    /// Notes something that is not carried over.
    pub(super) fn leave(&mut self, line: u32, what: impl Into<String>, why: impl Into<String>) {
        self.not_carried.push(NotCarried { line, what: what.into(), why: why.into() });
    }
}
