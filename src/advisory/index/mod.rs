//! The on-disk index: one immutable file per ecosystem, in which every byte that a lookup relies on is verified
//! when it is read. A miss is as trustworthy as a hit; damage is an error, never an empty answer.
//!
//! The layout is in [`mod@format`]; [`writer`] builds, [`reader`] looks up.

pub mod format;
pub mod reader;
pub mod record;
pub mod writer;

pub use format::{Codec, IndexError};
pub use reader::Index;
pub use record::{Metadata, Origin, Record, SetAside, SourceInfo};
