//! The smallest change to a requirement after which it lets no affected version in: for all findings of the package
//! together, and never letting anything in that it did not.
//!
//! A floor is raised to a version that is known; single affected versions above it are excluded. Where no fixed version
//! is known, a ceiling keeps to what is free. Only where nothing that the requirement allows is free does the cure leave
//! it: then it is the smallest version above that is free.

use super::reach::{Reach, Releases};
use crate::{
    model::{Change, Cure},
    version::{
        Cut, Pep440, Specifiers, VersionSet,
        cut::Side,
        set::Span,
        specifier::{Admission, Clause},
    },
};

/// Longer requirements are left as they are.
const MOST_TIDIED: usize = 40;

/// More single versions than this are not worth naming.
const MOST_EXCLUDED: usize = 3;

/// The cure of a requirement, if there is one. `fixed`: the versions that the package's advisories call fixed.
pub(super) fn of(
    specifiers: &Specifiers,
    wanted: &[Admission],
    reaches: &[&Reach],
    fixed: &[Pep440],
    releases: &Releases<'_>,
) -> Option<Cure> {
    // What cannot be evaluated may affect anything.
    if reaches.iter().any(|reach| reach.fault.is_some()) {
        return None;
    }
    let case = Case::new(wanted, reaches, fixed, releases);
    if case.bad.is_empty() {
        return None;
    }
    let within = case.within().into_iter().chain(case.below()).filter_map(|(change, text)| {
        let added = Specifiers::parse(&text).ok()?;
        Some((change, changed(specifiers, &added), added))
    });
    let beyond = case.beyond().and_then(|floor| Specifiers::parse(&format!(">={floor}")).ok());
    let beyond = beyond.map(|floor| (Change::Leave, floor.clone(), floor));
    // What is proposed is held against what it is for.
    let holds = |(change, requirement, _): &(Change, Specifiers, Specifiers)| {
        !requirement.is_unsatisfiable() && case.is_cured_by(requirement) && (*change == Change::Leave || case.contains(requirement))
    };
    let (change, requirement, added) = within.chain(beyond).find(holds)?;
    Some(Cure::Requirement { change, specifiers: added.to_string(), requirement: requirement.to_string() })
}

/// What a cure has to deal with.
struct Case<'a> {
    admissions: &'a [Admission],
    /// What the requirement lets in, as far as sets tell.
    wanted: VersionSet,
    /// Whether any alternative lets pre-releases in.
    prereleases: bool,
    /// Whether all do, so that to name one lets none in anew.
    may_name_prereleases: bool,
    /// What any advisory affects.
    affected: VersionSet,
    /// The spans that are let in and affected, in order.
    bad: Vec<Span>,
    /// The versions that are known and free, ascending.
    free: Vec<Pep440>,
}

impl<'a> Case<'a> {
    fn new(wanted: &'a [Admission], reaches: &[&Reach], fixed: &[Pep440], releases: &Releases<'_>) -> Self {
        let prereleases = wanted.iter().any(|admission| admission.prereleases);
        let set = VersionSet::union_of(wanted.iter().map(|admission| admission.set.clone()));
        let affected = VersionSet::union_of(reaches.iter().map(|reach| reach.set.clone()));
        let bad = set.intersection(&affected).spans().iter().filter(|span| span.witness(!prereleases).is_some()).cloned().collect();
        let candidates = fixed.iter().chain(releases.versions());
        let may_name_prereleases = wanted.iter().all(|admission| admission.prereleases);
        let mut free: Vec<Pep440> =
            candidates.filter(|v| (may_name_prereleases || !v.is_prerelease()) && !affected.contains(v)).cloned().collect();
        free.sort();
        free.dedup();
        Self { admissions: wanted, wanted: set, prereleases, may_name_prereleases, affected, bad, free }
    }

    /// Floors, exclusions, or both, the smallest change first.
    fn within(&self) -> Vec<(Change, String)> {
        let points = self.bad.iter().rev().take_while(|span| span.is_one_version()).take(MOST_EXCLUDED).count();
        // The more single versions are excluded, the less a floor takes away.
        (0..=points).rev().filter_map(|excluded| self.with_excluded(excluded)).collect()
    }

    /// The change that excludes the last few affected versions by name, and the rest by a floor.
    fn with_excluded(&self, count: usize) -> Option<(Change, String)> {
        let (rest, excluded) = self.bad.split_at(self.bad.len() - count);
        let names: Vec<String> = excluded.iter().filter_map(|span| Some(format!("!={}", span.lower.as_ref()?.version))).collect();
        let first = excluded.first().and_then(|span| span.lower.as_ref());
        let Some(last) = rest.last() else {
            // Something below must be left, else a floor is plainer.
            let below = self.wanted.intersection(&VersionSet::between(None, first.cloned()));
            return below.witness(!self.prereleases).map(|_| (Change::Exclude, names.join(",")));
        };
        let floor = self.floor_above(last, first)?;
        let change = if names.is_empty() { Change::Raise } else { Change::RaiseAndExclude };
        Some((change, std::iter::once(floor).chain(names).collect::<Vec<_>>().join(",")))
    }

    /// The floor that leaves an affected span behind: the first known version above it, else just "above".
    fn floor_above(&self, span: &Span, below: Option<&Cut>) -> Option<String> {
        let end = span.upper.as_ref()?;
        let is_above = |version: &&Pep440| !end.is_above(version) && below.is_none_or(|cut| cut.is_above(version));
        if let Some(floor) = self.free.iter().filter(is_above).find(|version| self.wanted.contains(version)) {
            return Some(format!(">={floor}"));
        }
        let above = self.wanted.difference(&self.affected).intersection(&VersionSet::between(Some(end.clone()), None));
        let is_last_affected = below.is_none() && end.side == Side::AfterLocals && above.witness(!self.prereleases).is_some();
        is_last_affected.then(|| match self.final_at(end) {
            Some(first) => format!(">={first}"),
            None => format!(">{}", end.version),
        })
    }

    /// Ceilings below what no fix is known of, with a floor where something below is affected as well; the highest first.
    fn below(&self) -> Vec<(Change, String)> {
        let mut found = Vec::new();
        for (at, span) in self.bad.iter().enumerate().rev() {
            let Some(ceiling) = &span.lower else { break };
            let floor = match at.checked_sub(1) {
                None => Some(String::new()),
                Some(before) => self.floor_above(&self.bad[before], Some(ceiling)).map(|floor| floor + ","),
            };
            found.extend(floor.map(|floor| (Change::Cap, format!("{floor}{}", self.ceiling(ceiling)))));
        }
        found
    }

    /// What ends below a cut.
    fn ceiling(&self, cut: &Cut) -> String {
        format!("<{}", self.final_at(cut).unwrap_or_else(|| cut.version.clone()))
    }

    /// The first final release above a cut at a pre-release, unless pre-releases are let in: to name one lets all in.
    fn final_at(&self, cut: &Cut) -> Option<Pep440> {
        (cut.version.is_prerelease() && !self.may_name_prereleases).then(|| cut.version_above(None, true))
    }

    /// The first known version that is free, above all that the requirement lets in.
    fn beyond(&self) -> Option<&Pep440> {
        let end = self.bad.last()?.upper.as_ref()?;
        // Above it nothing may be affected, or the floor alone would not do.
        self.free.iter().find(|version| {
            let above = VersionSet::between(Some(Cut::new((*version).clone(), Side::Before)), None);
            !end.is_above(version) && self.affected.intersection(&above).witness(!self.prereleases).is_none()
        })
    }

    /// Whether a requirement lets nothing in that was not let in before.
    fn contains(&self, requirement: &Specifiers) -> bool {
        let is_within = |wanted: &Admission| {
            let before = self.admissions.iter().filter(|before| before.prereleases || !wanted.prereleases);
            let before = VersionSet::union_of(before.map(|before| before.set.clone()));
            wanted.set.difference(&before).witness(!wanted.prereleases).is_none()
        };
        requirement.admissions().iter().all(is_within)
    }

    /// Whether a requirement lets nothing in that is affected, whether there is such a release or not.
    fn is_cured_by(&self, requirement: &Specifiers) -> bool {
        let is_free = |wanted: &Admission| wanted.set.intersection(&self.affected).witness(!wanted.prereleases).is_none();
        requirement.admissions().iter().all(is_free)
    }
}

/// A requirement with specifiers added, without those that they make idle.
fn changed(specifiers: &Specifiers, added: &Specifiers) -> Specifiers {
    let both = added.and(specifiers);
    // Of many, which are idle is not worth the work.
    let Some(list) = both.only_list().filter(|list| list.len() <= MOST_TIDIED) else { return both };
    let is_bound = |clause: &Clause| {
        matches!(
            clause,
            Clause::AtLeast(_) | Clause::Above(_) | Clause::AtMost(_) | Clause::Below(_) | Clause::NotExact(_) | Clause::NotPrefix(_)
        )
    };
    let mut kept = list.to_vec();
    // From the end, so that what was added stays.
    for at in (0..list.len()).rev() {
        let rest = kept.iter().enumerate().filter(|(other, _)| *other != at);
        let without = rest.fold(VersionSet::all(), |set, (_, specifier)| set.intersection(&specifier.set()));
        if is_bound(&kept[at].clause) && without.difference(&kept[at].set()).witness(true).is_none() {
            kept.remove(at);
        }
    }
    Specifiers::from(kept)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{
            affected::{fixed_versions, is_affected},
            reach::{Reach, Releases},
        },
        of,
    };
    use crate::{
        advisory::{Record, index::Listings},
        model::{AdvisoryId, Change, Cure, Event, Grade, Kind, Range, RangeType},
        version::{Pep440, Specifiers, Version, specifier::Admission},
    };

    fn version() -> impl Strategy<Value = String> {
        "(1!)?[0-3]\\.[0-3](a1|rc1|\\.post1)?"
    }

    fn record() -> impl Strategy<Value = Record> {
        let end = prop_oneof![3 => version().prop_map(Event::Fixed), 1 => version().prop_map(Event::LastAffected)];
        let start = prop_oneof![1 => Just("0".to_owned()), 1 => version()].prop_map(Event::Introduced);
        let range = (start, proptest::option::weighted(0.8, end))
            .prop_map(|(start, end)| Range { range_type: RangeType::Ecosystem, events: std::iter::once(start).chain(end).collect() });
        (prop::collection::vec(range, 0..3), prop::collection::vec(version(), 0..6)).prop_map(|(ranges, versions)| Record {
            id: AdvisoryId("T-1".into()),
            group: Vec::new(),
            aliases: Vec::new(),
            upstream: Vec::new(),
            kind: Kind::Vulnerability,
            summary: None,
            categories: Vec::new(),
            cwes: Vec::new(),
            grade: Grade::default(),
            published: None,
            modified: None,
            release: None,
            name: "a".into(),
            ranges,
            versions: versions.iter().collect(),
            functions: Vec::new(),
        })
    }

    fn specifiers() -> impl Strategy<Value = Specifiers> {
        let one = ("(>=|<=|<|>|!=)", version()).prop_map(|(operator, version)| format!("{operator}{version}"));
        let prefix = "(==|!=)[0-3]\\.\\*|~=[0-3]\\.[0-3]";
        let list = prop::collection::vec(prop_oneof![4 => one, 1 => prefix], 0..4).prop_map(|list| list.join(",")).boxed();
        prop_oneof![5 => list.clone(), 1 => (list.clone(), list).prop_map(|(a, b)| format!("{a} || {b}"))]
            .prop_map(|text| Specifiers::parse(&text).expect("specifiers"))
    }

    /// Versions near those above, and all those above.
    fn grid() -> Vec<Pep440> {
        let numbers = || (0..4).flat_map(|major| (0..5).map(move |minor| format!("{major}.{minor}")));
        let releases = ["", "1!"].into_iter().flat_map(|epoch| numbers().map(move |number| format!("{epoch}{number}")));
        let suffixes = ["", "a0", "a1", "rc1", ".post1", ".post2", ".1", "+local"];
        releases.flat_map(|r| suffixes.map(|suffix| Pep440::parse(&format!("{r}{suffix}")).expect("a version"))).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn a_cured_requirement_lets_nothing_affected_in(specifiers in specifiers(), records in prop::collection::vec(record(), 1..4)) {
            let listings = Listings::from(records.clone());
            let releases = Releases::of(&listings);
            let reaches: Vec<Reach> = records.iter().zip(&listings.runs).map(|(record, runs)| Reach::of(record, runs, &releases)).collect();
            let wanted = specifiers.admissions();
            let mut fixed: Vec<Pep440> = records.iter().flat_map(fixed_versions).collect();
            fixed.sort();
            let all: Vec<&Reach> = reaches.iter().collect();
            let Some(Cure::Requirement { change, requirement, .. }) = of(&specifiers, &wanted, &all, &fixed, &releases) else {
                return Ok(());
            };
            let cured = Specifiers::parse(&requirement).expect("specifiers").admissions();
            let is_in = |wanted: &[Admission], version: &Pep440| wanted.iter().any(|one| one.contains(version));
            let known: Vec<&Pep440> = releases.versions().collect();
            for version in grid().iter().chain(known.iter().copied()) {
                let lists_decide = |record: &Record| !record.versions.is_empty();
                // Of what lists decide, only releases count.
                let affects = |record: &Record| is_affected(record, version).0 && (!lists_decide(record) || known.contains(&version));
                prop_assert!(!is_in(&cured, version) || !records.iter().any(affects), "{} becomes {} and lets {} in", specifiers, requirement, version);
                prop_assert!(change == Change::Leave || !is_in(&cured, version) || is_in(&wanted, version), "{} becomes {} and lets {} in anew", specifiers, requirement, version);
            }
            // Something is left.
            let left = cured.iter().any(|one| one.set.witness(!one.prereleases).is_some());
            prop_assert!(left, "{} becomes {}", specifiers, requirement);
        }
    }
}
