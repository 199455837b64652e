//! Whether a record affects a version, and which versions it calls fixed: the OSV specification's evaluation, under
//! one version scheme.

use crate::{
    advisory::{IndexError, Record, index::Candidates},
    model::{Event, Range, RangeType},
    version::{Interval, Version, cover, intervals},
};

/// Whether a record affects the version: it lies in a range, or is listed by name. If neither is so, also answers with
/// the first range that could not be evaluated, in a sentence, because it might have.
///
/// A listed version that cannot be read equals nothing and is no fault.
pub fn is_affected<V: Version>(record: &Record, version: &V) -> (bool, Option<String>) {
    evaluate(&record.ranges, || record.versions.iter().any(|listed| is_listed_as(version, listed)), version)
}

/// Whether any of these records affects the version, or might. Decodes of them which versions they affect.
///
/// # Errors
/// When what the answer relies on is damaged.
pub fn concern<V: Version>(candidates: &Candidates<'_>, version: &V) -> Result<bool, IndexError> {
    let mut concern = false;
    candidates.each_affected(&|listed| is_listed_as(version, listed), &mut |ranges, listed| {
        concern = concern || evaluate(ranges, listed, version) != (false, None);
    })?;
    Ok(concern)
}

/// [`is_affected`] of a record with these ranges that may list the version.
pub(super) fn evaluate<V: Version>(
    ranges: &[Range<impl AsRef<str>>],
    is_listed: impl FnOnce() -> bool,
    version: &V,
) -> (bool, Option<String>) {
    let mut fault = None;
    for range in ranges {
        if range.range_type == RangeType::Unknown {
            fault = fault.or_else(|| Some("a range of affected versions is of an unknown shape".to_owned()));
            continue;
        }
        match intervals::<V>(&range.events) {
            Ok(intervals) if cover(&intervals, version) => return (true, None),
            Ok(_) => {}
            Err(error) => fault = fault.or_else(|| Some(error.to_string())),
        }
    }
    if is_listed() { (true, None) } else { (false, fault) }
}

/// The events of each range of a record, or `None` for a range whose type is not known.
pub fn ranges_of<S>(ranges: &[Range<S>]) -> impl Iterator<Item = Option<&[Event<S>]>> {
    ranges.iter().map(|range| (range.range_type != RangeType::Unknown).then_some(range.events.as_slice()))
}

fn is_listed_as<V: Version>(version: &V, listed: &str) -> bool {
    V::parse_bound(listed).is_ok_and(|listed| version.relative_to(&listed).is_eq())
}

/// The versions that the record calls fixed and that are lines to move to, ascending.
///
/// Left out: bounds that only say "anything above" (RustSec's `> 1.2.3` becomes `1.2.4-0`), single unaffected versions in
/// the midst of affected ones, and those that the record affects by another event or range.
#[must_use]
pub fn fixed_versions<V: Version>(record: &Record) -> Vec<V> {
    let parse = |text: &str| V::parse_bound(text).ok();
    let events = || record.ranges.iter().filter(|range| range.range_type != RangeType::Unknown).flat_map(|range| &range.events);
    let mut introduced: Vec<V> = events().filter_map(|e| if let Event::Introduced(v) = e { parse(v) } else { None }).collect();
    introduced.sort();
    let is_hole =
        |fixed: &V| introduced.get(introduced.partition_point(|start| start <= fixed)).is_some_and(|next| fixed.is_directly_before(next));
    let spans: Vec<Vec<Interval<V>>> = record.ranges.iter().filter_map(|range| intervals(&range.events).ok()).collect();
    let mut fixed: Vec<V> = events()
        .filter_map(|e| if let Event::Fixed(v) = e { parse(v) } else { None })
        .filter(|fixed| !fixed.is_open_bound() && !is_hole(fixed) && !spans.iter().any(|span| cover(span, fixed)))
        .collect();
    fixed.sort();
    fixed.dedup();
    fixed
}

#[cfg(test)]
mod tests {
    use super::is_listed_as;
    use crate::version::{Pep440, SemVer, Version};

    #[test]
    fn a_listed_version_is_met_however_it_is_spelt() {
        let listed = ["0.1-bulbasaur", "1.0.0", "2.6", "3.0+cu118"];
        for (version, expected) in
            [("1.0", true), ("2.6.0+cu124", true), ("3.0", false), ("3.0+cu118", true), ("3.0+cu124", false), ("0.1", false)]
        {
            let parsed = Pep440::parse(version).expect("a version");
            assert_eq!(listed.iter().any(|listed| is_listed_as(&parsed, listed)), expected, "{version}");
        }
        assert!(is_listed_as(&SemVer::parse("1.0.0+build").expect("a version"), "1.0.0"));
    }
}
