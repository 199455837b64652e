//! What an update is asked to do, what it finds at hand, and what becomes of it.

use super::{State, UpdateError};
use crate::{
    advisory::{
        Index, Metadata, Store,
        sync::{Base, Location, Progress, Transport},
    },
    model::{Ecosystem, Timestamp},
};

/// What the RustSec database's tarball is called among an index's sources.
pub const TARBALL: &str = "advisory-db-main.tar.gz";

/// An update.
pub struct Update<'a> {
    /// Where the indexes are.
    pub store: &'a Store,
    /// How resources are fetched.
    pub transport: &'a Transport,
    /// Who watches.
    pub progress: &'a dyn Progress,
    /// Where the export is.
    pub base: Base,
    /// Where the RustSec database is.
    pub native: Native,
    /// The present moment.
    pub now: Timestamp,
    /// Indexes that were checked within so many seconds are left alone.
    pub if_older: Option<i64>,
}

/// Where the native RustSec database is.
#[derive(Clone, Debug)]
pub enum Native {
    /// It is left out.
    No,
    /// There, and it is an error if it is not.
    At(Location),
    /// There, if the mirror has it.
    IfThere(Location),
}

/// An ecosystem to update.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Which.
    pub ecosystem: Ecosystem,
    /// Nobody asked for it by name: if it is not there, it is only told.
    pub by_default: bool,
}

/// What became of an ecosystem.
#[derive(Debug)]
pub struct Outcome {
    /// Which.
    pub ecosystem: Ecosystem,
    /// What the index says of itself now, and what changed.
    pub result: Result<(Change, Metadata), UpdateError>,
    /// What could not be used, as sentences.
    pub oddities: Vec<String>,
}

/// What an update changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was checked lately, and nobody was asked.
    Recent,
    /// There is nothing new.
    Unchanged,
    /// So many records were fetched.
    Records(usize),
    /// It was built from whole archives.
    Whole,
}

/// The index at hand with what is remembered of it.
pub(super) struct AtHand {
    pub(super) index: Index,
    pub(super) state: Option<State>,
}
