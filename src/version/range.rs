//! What a range's events mean: the OSV specification's evaluation algorithm, as intervals.
//!
//! The one internal form of "affected" is a list of disjoint-in-order [`Interval`]s.

use super::{InvalidVersion, Version};
use crate::model::Event;

/// Versions from a start up to an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval<V> {
    /// The first version inside; `None`: from the beginning.
    pub start: Option<V>,
    /// Where it ends.
    pub end: End<V>,
}

/// The end of an [`Interval`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End<V> {
    /// It does not end.
    Never,
    /// The first version that is outside again (`fixed`, `limit`).
    Before(V),
    /// The last version inside (`last_affected`).
    Through(V),
}

impl<V: Version> Interval<V> {
    /// Whether the version lies inside.
    pub fn contains(&self, version: &V) -> bool {
        let started = self.start.as_ref().is_none_or(|start| version.relative_to(start).is_ge());
        started
            && match &self.end {
                End::Never => true,
                End::Before(end) => version.relative_to(end).is_lt(),
                End::Through(end) => version.relative_to(end).is_le(),
            }
    }
}

/// The intervals that a range's events describe.
///
/// Events are sorted by version (equal ones keep the record's order), then walked as the specification's
/// `IncludedInRanges` does: `introduced` opens, `fixed` closes before, `last_affected` closes after. Several `limit`s
/// admit what is below any of them.
///
/// # Errors
/// When an event's version cannot be read: the range means nothing then, and is never taken for "not affected".
pub fn intervals<V: Version>(events: &[Event<impl AsRef<str>>]) -> Result<Vec<Interval<V>>, InvalidVersion> {
    let (mut edges, limit) = read(events)?;
    edges.sort_by(|a, b| a.0.cmp(&b.0));
    let mut result = Vec::new();
    let mut open: Option<Option<V>> = None;
    for (at, edge) in edges {
        match (edge, open.take()) {
            (Edge::Introduced, None) => open = Some(at),
            (Edge::Introduced, Some(start)) => open = Some(start),
            (Edge::Fixed, start) => {
                exclude(&mut result, at.as_ref());
                result.extend(start.zip(at).map(|(start, v)| Interval { start, end: End::Before(v) }));
            }
            (Edge::LastAffected, start) => {
                result.extend(start.zip(at).map(|(start, v)| Interval { start, end: End::Through(v) }));
            }
        }
    }
    if let Some(start) = open {
        result.push(Interval { start, end: End::Never });
    }
    Ok(match limit {
        Some(limit) => result.into_iter().filter_map(|interval| cut(interval, &limit)).collect(),
        None => result,
    })
}

/// A version that is both the last affected and fixed is fixed: the later event decides. Intervals are in order, so only
/// those at the end can end there.
fn exclude<V: Version>(intervals: &mut [Interval<V>], fixed: Option<&V>) {
    let Some(fixed) = fixed else { return };
    for interval in intervals.iter_mut().rev() {
        match &interval.end {
            End::Through(last) if last == fixed => interval.end = End::Before(fixed.clone()),
            End::Before(end) if end == fixed => {}
            End::Never | End::Before(_) | End::Through(_) => break,
        }
    }
}

/// Whether a version lies in any of a range's intervals, which are in order and disjoint but for their ends.
#[must_use]
pub fn cover<V: Version>(intervals: &[Interval<V>], version: &V) -> bool {
    let begins = |interval: &Interval<V>| interval.start.as_ref().is_none_or(|start| version.relative_to(start).is_ge());
    let begun = intervals.partition_point(begins);
    for interval in intervals[..begun].iter().rev() {
        if interval.contains(version) {
            return true;
        }
        // One that begins at this very version may be empty, and the one before it end here.
        if interval.start.as_ref().is_none_or(|start| version.relative_to(start).is_gt()) {
            return false;
        }
    }
    false
}

#[derive(Clone, Copy)]
enum Edge {
    Introduced,
    Fixed,
    LastAffected,
}

/// The edges with their versions (`None` sorts first and is `introduced: "0"`), and the highest limit.
#[expect(clippy::type_complexity, reason = "a private pair that only the caller takes apart")]
fn read<V: Version>(events: &[Event<impl AsRef<str>>]) -> Result<(Vec<(Option<V>, Edge)>, Option<V>), InvalidVersion> {
    let mut edges = Vec::with_capacity(events.len());
    let mut limit: Option<V> = None;
    let mut unlimited = false;
    for event in events {
        match event {
            Event::Introduced(v) if v.as_ref() == "0" => edges.push((None, Edge::Introduced)),
            Event::Introduced(v) => edges.push((Some(V::parse_bound(v.as_ref())?), Edge::Introduced)),
            Event::Fixed(v) => edges.push((Some(V::parse_bound(v.as_ref())?), Edge::Fixed)),
            Event::LastAffected(v) => edges.push((Some(V::parse_bound(v.as_ref())?), Edge::LastAffected)),
            Event::Limit(v) if v.as_ref() == "*" => unlimited = true,
            Event::Limit(v) => limit = limit.max(Some(V::parse_bound(v.as_ref())?)),
        }
    }
    Ok((edges, limit.filter(|_| !unlimited)))
}

/// The part of an interval below a limit.
fn cut<V: Version>(interval: Interval<V>, limit: &V) -> Option<Interval<V>> {
    if interval.start.as_ref().is_some_and(|start| start >= limit) {
        return None;
    }
    let inside = match &interval.end {
        End::Never => false,
        End::Before(end) => end <= limit,
        End::Through(end) => end < limit,
    };
    Some(if inside { interval } else { Interval { start: interval.start, end: End::Before(limit.clone()) } })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{cover, intervals};
    use crate::{
        model::Event::{self, Fixed, Introduced, LastAffected, Limit},
        version::{Pep440, SemVer, Version},
    };

    fn affected(events: &[Event], version: &str) -> bool {
        let version = SemVer::parse(version).expect("a version");
        intervals::<SemVer>(events).expect("bounds").iter().any(|i| i.contains(&version))
    }

    #[test]
    fn event_shapes() {
        let s = |v: &str| v.to_owned();
        for (events, inside, outside) in [
            (vec![Introduced(s("0")), Fixed(s("1.0.0"))], vec!["0.0.0-0", "0.9.9", "1.0.0-rc.1"], vec!["1.0.0", "2.0.0"]),
            (vec![Fixed(s("1.0.0")), Introduced(s("0.5.0"))], vec!["0.5.0", "0.9.0"], vec!["0.4.9", "1.0.0"]),
            (vec![Introduced(s("1.0.0")), LastAffected(s("1.2.0"))], vec!["1.0.0", "1.2.0", "1.2.0+build"], vec!["1.2.1", "0.9.0"]),
            (vec![Introduced(s("1.0.0"))], vec!["1.0.0", "9.0.0"], vec!["0.9.0"]),
            (
                vec![Introduced(s("0")), Fixed(s("0.5.0")), Introduced(s("0.7.0")), Fixed(s("0.8.0"))],
                vec!["0.4.0", "0.7.0"],
                vec!["0.5.0", "0.6.0", "0.8.0"],
            ),
            (vec![Introduced(s("0")), Limit(s("2.0.0"))], vec!["1.9.9"], vec!["2.0.0", "3.0.0"]),
            (vec![Introduced(s("0")), Limit(s("1.0.0")), Limit(s("2.0.0"))], vec!["1.5.0"], vec!["2.0.0"]),
            (vec![Introduced(s("0")), Limit(s("*"))], vec!["99.0.0"], vec![]),
            (vec![Fixed(s("1.0.0"))], vec![], vec!["0.1.0", "1.0.0"]),
            (vec![Introduced(s("0")), LastAffected(s("1.0.0")), Fixed(s("1.0.0"))], vec!["0.9.0"], vec!["1.0.0"]),
            (vec![Introduced(s("1.0.0")), Fixed(s("1.0.0"))], vec![], vec!["1.0.0"]),
            (vec![Introduced(s("0")), Fixed(s("1.0.0")), Introduced(s("1.0.0"))], vec!["0.9.0", "1.0.0", "2.0.0"], vec![]),
            (vec![], vec![], vec!["1.0.0"]),
        ] {
            for version in inside {
                assert!(affected(&events, version), "{events:?} {version}");
            }
            for version in outside {
                assert!(!affected(&events, version), "{events:?} {version}");
            }
        }
    }

    #[test]
    fn a_local_build_lies_where_its_release_does() {
        let events = [Introduced("2.0"), LastAffected("2.6"), Introduced("3.0"), Fixed("3.1")];
        let intervals = intervals::<Pep440>(&events).expect("bounds");
        for (version, inside) in
            [("2.6.0+cu124", true), ("2.6.0.post1+cu124", false), ("3.1+cpu", false), ("3.0+cpu", true), ("3.0rc1+cpu", false)]
        {
            let version = Pep440::parse(version).expect("a version");
            assert_eq!(intervals.iter().any(|interval| interval.contains(&version)), inside, "{version}");
        }
    }

    #[test]
    fn a_bound_that_cannot_be_read_is_an_error() {
        assert!(intervals::<SemVer>(&[Introduced("0"), Fixed("soon")]).is_err());
    }

    /// The specification's algorithm, word by word, as the oracle.
    fn oracle(events: &[Event], version: &SemVer) -> bool {
        let at = |e: &Event| if e.version() == "0" { None } else { SemVer::parse_bound(e.version()).ok() };
        let mut sorted: Vec<_> = events.iter().filter(|e| !matches!(e, Limit(_))).collect();
        sorted.sort_by_key(|e| at(e));
        let mut vulnerable = false;
        for event in sorted {
            match event {
                Introduced(_) if at(event).is_none_or(|v| *version >= v) => vulnerable = true,
                Fixed(_) if at(event).is_some_and(|v| *version >= v) => vulnerable = false,
                LastAffected(_) if at(event).is_some_and(|v| *version > v) => vulnerable = false,
                _ => {}
            }
        }
        let mut limits = events.iter().filter(|e| matches!(e, Limit(_))).peekable();
        vulnerable && (limits.peek().is_none() || limits.any(|e| at(e).is_some_and(|v| *version < v)))
    }

    fn event() -> impl Strategy<Value = Event> {
        let version = (0u8..3, 0u8..4).prop_map(|(minor, patch)| format!("1.{minor}.{patch}"));
        prop_oneof![
            Just(Introduced("0".to_owned())),
            version.clone().prop_map(Introduced),
            version.clone().prop_map(Fixed),
            version.clone().prop_map(LastAffected),
            version.prop_map(Limit),
        ]
    }

    proptest! {
        #[test]
        fn intervals_agree_with_the_specification(events in prop::collection::vec(event(), 0..7), minor in 0u64..4, patch in 0u64..5) {
            let version = SemVer::parse(&format!("1.{minor}.{patch}")).expect("a version");
            let intervals = intervals::<SemVer>(&events).expect("bounds");
            prop_assert_eq!(intervals.iter().any(|i| i.contains(&version)), oracle(&events, &version), "{:?} {}", events, version);
            prop_assert_eq!(cover(&intervals, &version), oracle(&events, &version), "{:?} {}", events, version);
        }
    }
}
