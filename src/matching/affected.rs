//! Whether a record affects a version, and which versions it calls fixed: the OSV specification's evaluation, under
//! one version scheme.

use crate::{
    advisory::Record,
    model::Event,
    version::{InvalidVersion, Version, intervals},
};

/// Whether the record affects the version: it is listed by name, or lies in a range.
///
/// # Errors
/// When a bound of the record cannot be read. A listed version that cannot be read equals nothing and is no error.
pub fn is_affected<V: Version>(record: &Record, version: &V) -> Result<bool, InvalidVersion> {
    if record.versions.iter().any(|listed| V::parse_bound(listed).is_ok_and(|listed| listed == *version)) {
        return Ok(true);
    }
    for range in &record.ranges {
        if intervals::<V>(&range.events)?.iter().any(|interval| interval.contains(version)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The versions that the record calls fixed and that are lines to move to, ascending.
///
/// Left out: bounds that only say "anything above" (RustSec's `> 1.2.3` becomes `1.2.4-0`), and single unaffected
/// versions in the midst of affected ones.
#[must_use]
pub fn fixed_versions<V: Version>(record: &Record) -> Vec<V> {
    let parse = |text: &str| V::parse_bound(text).ok();
    let events = || record.ranges.iter().flat_map(|range| &range.events);
    let introduced: Vec<V> = events().filter_map(|e| if let Event::Introduced(v) = e { parse(v) } else { None }).collect();
    let mut fixed: Vec<V> = events()
        .filter_map(|e| if let Event::Fixed(v) = e { parse(v) } else { None })
        .filter(|fixed| !fixed.is_open_bound() && !introduced.iter().any(|next| fixed.is_directly_before(next)))
        .collect();
    fixed.sort();
    fixed.dedup();
    fixed
}
