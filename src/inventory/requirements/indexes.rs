//! The options of a requirements file that say which indexes are asked. They hold for the whole file, wherever they stand.

use crate::inventory::{
    python_indexes::{DEFAULT, Indexes},
    requirements::options::{Given, OptionKind},
};

/// What the options so far say.
#[derive(Default)]
pub(crate) struct IndexOptions {
    /// The last `--index-url`: it replaces the one before.
    index: Option<String>,
    extra: Vec<String>,
    /// Whether `--no-index` keeps pip from asking any.
    none: bool,
}

impl IndexOptions {
    /// Takes an option in, if it is one of these.
    pub(crate) fn take(&mut self, given: &Given) {
        match given.kind {
            OptionKind::Index => self.index = Some(given.value.clone()),
            OptionKind::ExtraIndex => self.extra.push(given.value.clone()),
            OptionKind::NoIndex => self.none = true,
            _ => {}
        }
    }

    /// The indexes that are asked for every package.
    pub(crate) fn whole(self) -> Indexes {
        let mut indexes = Indexes::default();
        if self.none || (self.index.is_none() && self.extra.is_empty()) {
            return indexes;
        }
        let is_default = self.index.is_none();
        for address in self.index.iter().chain(&self.extra) {
            indexes.list(address);
        }
        if is_default {
            indexes.list(DEFAULT);
        }
        indexes
    }
}
