//! Whether a record affects a version, and which versions it calls fixed: the OSV specification's evaluation, under
//! one version scheme.

use crate::{
    advisory::Record,
    model::{Event, RangeType, VersionList},
    version::{InvalidVersion, Version, intervals},
};

/// Whether the record affects the version: it is listed by name, or lies in a range. Also answers with the bounds
/// that could not be read; such a range says nothing, and the others still count.
///
/// A listed version that cannot be read equals nothing and is no fault.
pub fn is_affected<V: Version>(record: &Record, version: &V) -> (bool, Option<InvalidVersion>) {
    if is_listed(&record.versions, version) {
        return (true, None);
    }
    let (mut affected, mut fault) = (false, None);
    for range in &record.ranges {
        if range.range_type == RangeType::Unknown {
            let text = range.events.first().map_or("", Event::version).to_owned();
            let cause = "the range is of an unknown type, or has an unknown event".to_owned();
            fault = fault.or(Some(InvalidVersion { text, scheme: "known", cause }));
            continue;
        }
        match intervals::<V>(&range.events) {
            Ok(intervals) => affected |= intervals.iter().any(|interval| interval.contains(version)),
            Err(error) => fault = fault.or(Some(error)),
        }
    }
    (affected, fault)
}

fn is_listed<V: Version>(versions: &VersionList, version: &V) -> bool {
    versions.iter().any(|listed| V::parse_bound(listed).is_ok_and(|listed| version.relative_to(&listed).is_eq()))
}

/// Whether a version is certainly free of what the record warns of.
pub fn is_free<V: Version>(record: &Record, version: &V) -> bool {
    is_affected(record, version) == (false, None)
}

/// The versions that the record calls fixed and that are lines to move to, ascending.
///
/// Left out: bounds that only say "anything above" (RustSec's `> 1.2.3` becomes `1.2.4-0`), and single unaffected
/// versions in the midst of affected ones.
#[must_use]
pub fn fixed_versions<V: Version>(record: &Record) -> Vec<V> {
    let parse = |text: &str| V::parse_bound(text).ok();
    let events = || record.ranges.iter().filter(|range| range.range_type != RangeType::Unknown).flat_map(|range| &range.events);
    let introduced: Vec<V> = events().filter_map(|e| if let Event::Introduced(v) = e { parse(v) } else { None }).collect();
    let mut fixed: Vec<V> = events()
        .filter_map(|e| if let Event::Fixed(v) = e { parse(v) } else { None })
        .filter(|fixed| !fixed.is_open_bound() && !introduced.iter().any(|next| fixed.is_directly_before(next)))
        .collect();
    fixed.sort();
    fixed.dedup();
    fixed
}

#[cfg(test)]
mod tests {
    use super::is_listed;
    use crate::{
        model::VersionList,
        version::{Pep440, SemVer, Version},
    };

    #[test]
    fn a_listed_version_is_met_however_it_is_spelt() {
        let listed: VersionList = ["0.1-bulbasaur", "1.0.0", "2.6", "3.0+cu118"].into_iter().collect();
        for (version, expected) in
            [("1.0", true), ("2.6.0+cu124", true), ("3.0", false), ("3.0+cu118", true), ("3.0+cu124", false), ("0.1", false)]
        {
            assert_eq!(is_listed(&listed, &Pep440::parse(version).expect("a version")), expected, "{version}");
        }
        assert!(is_listed(&listed, &SemVer::parse("1.0.0+build").expect("a version")));
    }
}
