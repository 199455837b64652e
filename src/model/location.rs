//! Where something stands in a target.

/// A place in a file of a target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file, relative to the target, with `/` separators.
    pub path: String,
    /// The line, counted from 1.
    pub line: u32,
}
