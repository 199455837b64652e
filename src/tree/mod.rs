//! Floor 2: where files come from. Knows no format: the caller says which names it wants.

pub mod directory;
pub mod ignored;
pub mod limits;
pub mod target;

pub use directory::{Listing, list};
pub use limits::Limits;
pub use target::{Target, TargetError, TargetKind};

/// A file that was found and whose name the caller recognised.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FoundFile {
    /// Relative to the target, with `/` separators.
    pub path: String,
    /// Where it is on this machine.
    pub absolute: std::path::PathBuf,
    /// Links in the target that lead to it.
    pub also_at: Vec<String>,
}
