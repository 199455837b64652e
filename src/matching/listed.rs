//! The versions that the records about a package list, read once for all of them: hundreds of records repeat hundreds of
//! versions.

use super::affected::evaluate;
use crate::{advisory::index::Listings, version::Version};

/// What the records about a package list.
pub(super) struct Listed<'a, V> {
    listings: &'a Listings,
    /// `None` for what is no version.
    versions: Vec<Option<V>>,
}

/// Which of the listed versions a version is: several may be spellings of one.
pub(super) struct Numbers(Vec<u32>);

impl<'a, V: Version> Listed<'a, V> {
    pub(super) fn of(listings: &'a Listings) -> Self {
        Self { listings, versions: listings.versions.iter().map(|text| V::parse_bound(text).ok()).collect() }
    }

    /// Which of the listed versions this one is.
    pub(super) fn numbers(&self, version: &V) -> Numbers {
        let is_it = |listed: &Option<V>| listed.as_ref().is_some_and(|listed| version.relative_to(listed).is_eq());
        Numbers((0..).zip(&self.versions).filter(|(_, listed)| is_it(listed)).map(|(number, _)| number).collect())
    }

    /// Whether the record at a place affects the version, as [`super::affected::is_affected`] has it.
    pub(super) fn affects(&self, at: usize, version: &V, numbers: &Numbers) -> (bool, Option<String>) {
        let runs = &self.listings.runs[at];
        let is_listed = || numbers.0.iter().any(|number| runs.iter().any(|(start, length)| (*start..start + length).contains(number)));
        evaluate(&self.listings.records[at].ranges, is_listed, version)
    }

    /// Whether each of these records is certainly free of what it warns of in this version.
    pub(super) fn is_free(&self, records: impl IntoIterator<Item = usize>, version: &V) -> bool {
        let numbers = self.numbers(version);
        records.into_iter().all(|at| self.affects(at, version, &numbers) == (false, None))
    }
}
