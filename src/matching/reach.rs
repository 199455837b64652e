//! How far an advisory reaches: which versions of a package it affects, as a set, and which of them are known releases.

use super::affected::{fixed_versions, ranges_of};
use crate::{
    advisory::{Record, index::Listings},
    version::{Cut, End, Interval, Pep440, Version, VersionSet, cut::Side, intervals, specifier::Admission},
};

/// The releases of a package that any of its advisories lists, in order; one place in the order is one version, however
/// it is spelt.
pub(super) struct Releases<'a> {
    /// The version, and its first spelling.
    ordered: Vec<(Pep440, &'a str)>,
    /// Where each listed version is in the order; `None` for what is no version.
    places: Vec<Option<usize>>,
}

impl<'a> Releases<'a> {
    /// What is listed. Text that is no version is no release.
    pub(super) fn of(listings: &'a Listings) -> Self {
        let parse = |(number, text): (usize, &'a String)| Some((Pep440::parse_bound(text).ok()?, text.as_str(), number));
        let mut parsed: Vec<(Pep440, &str, usize)> = listings.versions.iter().enumerate().filter_map(parse).collect();
        parsed.sort();
        let mut places = vec![None; listings.versions.len()];
        let mut ordered: Vec<(Pep440, &str)> = Vec::with_capacity(parsed.len());
        for (version, text, number) in parsed {
            if ordered.last().is_none_or(|(last, _)| *last != version) {
                ordered.push((version, text));
            }
            places[number] = Some(ordered.len() - 1);
        }
        Self { ordered, places }
    }

    /// The release at a place, as it is listed.
    pub(super) fn text(&self, at: usize) -> &'a str {
        self.ordered[at].1
    }

    /// The release at a place.
    pub(super) fn version(&self, at: usize) -> &Pep440 {
        &self.ordered[at].0
    }

    /// The releases in order.
    pub(super) fn versions(&self) -> impl Iterator<Item = &Pep440> {
        self.ordered.iter().map(|(version, _)| version)
    }

    /// Of each release, whether a requirement lets it in.
    pub(super) fn let_in_by(&self, wanted: &[Admission]) -> Vec<bool> {
        self.versions().map(|version| wanted.iter().any(|admission| admission.contains(version))).collect()
    }

    /// Whether nothing that the records say of the package is a final release.
    pub(super) fn are_prereleases_only(&self, records: &[Record]) -> bool {
        let finals = || records.iter().flat_map(fixed_versions::<Pep440>).any(|fixed| !fixed.is_prerelease());
        !self.ordered.is_empty() && self.versions().all(Pep440::is_prerelease) && !finals()
    }

    /// The places of the releases in a set.
    pub(super) fn inside(&self, set: &VersionSet) -> Vec<usize> {
        let mut inside = Vec::new();
        for span in set.spans() {
            let begins = span.lower.as_ref().map_or(0, |lower| self.ordered.partition_point(|(version, _)| lower.is_above(version)));
            let ends = span
                .upper
                .as_ref()
                .map_or(self.ordered.len(), |upper| self.ordered.partition_point(|(version, _)| upper.is_above(version)));
            inside.extend(begins..ends);
        }
        inside
    }
}

/// How far a record reaches.
pub(super) struct Reach {
    /// Every version that it affects.
    pub(super) set: VersionSet,
    /// The places of the known releases among them, ascending.
    pub(super) known: Vec<usize>,
    /// The part in which no list says which releases there are.
    pub(super) undecided: VersionSet,
    /// Why a part of it could not be evaluated.
    pub(super) fault: Option<String>,
}

impl Reach {
    /// How far a record reaches that lists these runs of versions.
    pub(super) fn of(record: &Record, listed: &[(u32, u32)], releases: &Releases<'_>) -> Self {
        let (mut spans, mut fault): (Vec<Interval<Pep440>>, _) = (Vec::new(), None);
        for events in ranges_of(&record.ranges) {
            match events.map(intervals::<Pep440>) {
                Some(Ok(intervals)) => spans.extend(intervals),
                Some(Err(error)) => fault = fault.or_else(|| Some(error.to_string())),
                None => fault = fault.or_else(|| Some("a range of affected versions is of an unknown shape".to_owned())),
            }
        }
        let ranges = VersionSet::of_intervals(&spans);
        let mut is_known = vec![false; releases.ordered.len()];
        releases.inside(&ranges).into_iter().for_each(|at| is_known[at] = true);
        // A listed version outside of the ranges; one without a local part means its local versions, too.
        let mut beside = Vec::new();
        let numbers = listed.iter().flat_map(|(start, length)| *start..start + length);
        for at in numbers.filter_map(|number| *releases.places.get(number as usize)?) {
            if !is_known[at] {
                let named = VersionSet::named(releases.version(at));
                releases.inside(&named).into_iter().for_each(|at| is_known[at] = true);
                beside.push(named);
            }
        }
        let undecided = if listed.is_empty() { ranges.clone() } else { unlisted(&spans, releases) };
        let known = (0..is_known.len()).filter(|at| is_known[*at]).collect();
        let set = if beside.is_empty() { ranges } else { VersionSet::union_of(beside.into_iter().chain([ranges])) };
        Self { set, known, undecided, fault }
    }

    /// Whether the undecided part has a version that is let in.
    pub(super) fn undecided_witness(&self, wanted: &[Admission]) -> bool {
        wanted.iter().any(|admission| admission.set.intersection(&self.undecided).witness(!admission.prereleases).is_some())
    }
}

/// The part of these intervals that no list speaks of: those in which no release is known, and above the newest known
/// release what has no end.
fn unlisted(spans: &[Interval<Pep440>], releases: &Releases<'_>) -> VersionSet {
    let newest = releases.ordered.last().map(|(newest, _)| Cut::new(newest.clone().public(), Side::AfterLocals));
    let (endless, ending): (Vec<Interval<Pep440>>, Vec<_>) = spans.iter().cloned().partition(|span| span.end == End::Never);
    let tail = VersionSet::of_intervals(&endless).intersection(&VersionSet::between(newest, None));
    let alone = ending.iter().map(|span| VersionSet::of_intervals(std::slice::from_ref(span)));
    VersionSet::union_of(alone.filter(|set| releases.inside(set).is_empty()).chain([tail]))
}
