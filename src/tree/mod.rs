//! Floor 2: where files come from. Knows no format: the caller says which names it wants.

pub mod blame;
pub mod directory;
pub mod git_index;
pub mod ignored;
pub mod image;
pub mod limits;
pub mod listing;
pub mod log;
pub mod names;
pub mod objects;
pub mod releases;
pub mod repository;
pub mod revision;
pub mod rules;
pub mod tags;
pub mod target;
mod uncommitted;

pub use blame::Since;
pub use directory::Disk;
pub use limits::Limits;
pub use listing::Listing;
pub use objects::{GitError, Objects};
pub use repository::bases;
pub use revision::Revision;
pub use target::{Target, TargetError, TargetKind};

use std::collections::BTreeMap;

use limits::ReadError;

/// A file that was found and whose name the caller recognised.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FoundFile {
    /// Relative to the target, with `/` separators.
    pub path: String,
    /// Where its bytes are.
    pub stored: Stored,
    /// The file that `path` is a link to, from the target; it may lead out of it.
    pub real: Option<String>,
    /// Links in the target that lead to it.
    pub also_at: Vec<String>,
}

/// Where the bytes of a file are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stored {
    /// A file on this machine.
    Disk(std::path::PathBuf),
    /// A git object, by its id.
    Object(String),
    /// An entry of an image's layer.
    Layer {
        /// The layer, 0 for the lowest.
        layer: u32,
        /// The number of the entry in it.
        entry: u64,
        /// Where its bytes are among what is kept of the layer.
        kept: Option<u32>,
    },
}

/// What a target's files come from.
pub trait Files: Sync {
    /// Lists the files whose path `recognised` accepts, and what the rules of [`rules`] pass over.
    ///
    /// # Errors
    /// When git cannot be asked. What single files refuse is in the listing.
    fn list(&self, threads: usize, recognised: &(dyn Fn(&str) -> bool + Sync)) -> Result<Listing, GitError>;

    /// The file at a path relative to the target, if there is a regular one.
    ///
    /// # Errors
    /// When git cannot be asked.
    fn find(&self, path: &str) -> Result<Option<FoundFile>, GitError>;

    /// Whether git tracks anything at a path relative to the target.
    fn is_tracked(&self, _path: &str) -> bool {
        true
    }

    /// Whether a path, relative to the target, is one of a file that belongs to the project although it cannot be seen
    /// here: tracked by git, and not checked out.
    fn is_missing(&self, _path: &str) -> bool {
        false
    }

    /// Since when lines of a file, at a path relative to the target, stand in it, from the history of its repository.
    ///
    /// # Errors
    /// When it has none, or git cannot tell.
    fn since(&self, path: &str, lines: &[u32]) -> Result<BTreeMap<u32, Since>, GitError>;

    /// Reads a file that [`Files::list`] or [`Files::find`] named.
    ///
    /// # Errors
    /// When it cannot be read, or is too large.
    fn read(&self, file: &FoundFile, limits: &Limits) -> Result<Vec<u8>, ReadError>;
}
