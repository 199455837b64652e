//! The on-disk index: one immutable file per ecosystem, in which every byte that a lookup relies on is verified
//! when it is read. A miss is as trustworthy as a hit; damage is an error, never an empty answer.
//!
//! The layout is in [`mod@format`]; [`writer`] builds from what was spilled ([`spill`]), [`tables`] reads, [`entry`] takes
//! records apart, and [`reader`] knows what is in the tables.

pub mod entry;
pub mod format;
pub mod reader;
pub mod record;
pub mod spill;
pub mod tables;
pub mod writer;

pub use entry::Listings;
pub use format::IndexError;
pub use reader::{Candidates, Index, Verified};
pub use record::{Metadata, Origin, Record, SetAside, SourceInfo, Stored};
