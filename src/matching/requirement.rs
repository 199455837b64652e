//! Requirements that pin nothing, as what they are: sets of versions. What a requirement lets in and an advisory affects
//! is admitted; where nothing else is let in, the package is affected whichever version is chosen.
//!
//! Where an advisory lists versions, the lists of all of the package's advisories decide which releases there are: a gap
//! between two of them admits nothing. Ranges decide where no release is known in one, above the newest that is known in
//! one without an end, and of advisories that list none.

use super::{
    affected::{fixed_versions, ranges_of},
    cure,
    finding::finding,
    language::{Asked, Matched, all_fixed_versions, grouped},
    reach::{Reach, Releases},
};
use crate::{
    advisory::{IndexError, index::Candidates},
    model::{Admitted, Certainty, Cure, Finding, Reason},
    version::{Pep440, Specifiers, Version, VersionSet, intervals, specifier::Admission},
};

/// Matches entries that want a range of versions.
pub(super) fn match_requirement(asked: &Asked<'_>, matched: &mut Matched) -> Result<(), IndexError> {
    let specifiers = match Specifiers::parse(asked.wanted().text()) {
        Ok(specifiers) => specifiers,
        Err(error) => {
            matched.unchecked.extend(asked.unchecked(Reason::InvalidVersion, &error.to_string()));
            return Ok(());
        }
    };
    let mut wanted = specifiers.admissions();
    let candidates = asked.index.candidates(asked.name, None)?;
    if !concern(&candidates, &wanted)? {
        return Ok(());
    }
    let listings = candidates.listings()?;
    let (records, releases) = (&listings.records, Releases::of(&listings));
    if releases.are_prereleases_only(records) {
        // Installers fall back to pre-releases where there is nothing else.
        for admission in &mut wanted {
            admission.prereleases = true;
        }
    }
    let let_in = releases.let_in_by(&wanted);
    let reaches: Vec<Reach> = records.iter().zip(&listings.runs).map(|(record, runs)| Reach::of(record, runs, &releases)).collect();
    let effects: Vec<Effect> = reaches.iter().map(|reach| Effect::of(reach, &wanted, &let_in)).collect();
    let faults: Vec<String> = records
        .iter()
        .zip(&reaches)
        .zip(&effects)
        .filter_map(|((record, reach), effect)| {
            reach.fault.as_ref().filter(|_| *effect == Effect::Nothing).map(|fault| format!("{}: {fault}", record.id))
        })
        .collect();
    let groups = grouped(records, |at| effects[at] != Effect::Nothing);
    if !asked.has_room(groups.len(), matched) {
        return Ok(());
    }
    if !faults.is_empty() {
        matched.unchecked.extend(asked.unchecked(Reason::AdvisoryNotEvaluable, &faults.join("; ")));
    }
    if groups.is_empty() {
        return Ok(());
    }
    let security: Vec<&Reach> =
        records.iter().zip(&reaches).filter(|(record, _)| record.kind.is_security()).map(|(_, reach)| reach).collect();
    let mut fixed: Vec<Pep440> = records.iter().filter(|record| record.kind.is_security()).flat_map(fixed_versions).collect();
    fixed.sort();
    fixed.dedup();
    let package_cure = cure::of(&specifiers, &wanted, &security, &fixed, &releases);
    for group in &groups {
        // Two records of one group may leave nothing together.
        let all = || VersionSet::union_of(group.matching.iter().map(|at| reaches[*at].set.clone()));
        let affected =
            group.matching.iter().any(|at| effects[*at] == Effect::Everything) || (group.matching.len() > 1 && !escapes(&wanted, &all()));
        let reaches = group.matching.iter().map(|at| &reaches[*at]);
        let text = package_cure.as_ref().and_then(|cure| match cure {
            Cure::Requirement { specifiers, .. } => Some(specifiers.clone()),
            Cure::Version { .. } => None,
        });
        matched.findings.push(Box::new(Finding {
            certainty: if affected { Certainty::Affected } else { Certainty::Admitted },
            admitted: Some(admitted(reaches, &wanted, &releases, &let_in)),
            fixed_versions: all_fixed_versions::<Pep440>(records, group).iter().map(ToString::to_string).collect(),
            cure: text,
            package_cure: package_cure.clone(),
            ..finding(asked, records, group)
        }));
    }
    Ok(())
}

/// What a record means for a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It lets nothing affected in.
    Nothing,
    /// It lets some of what is affected in.
    Something,
    /// All that it lets in is affected.
    Everything,
}

impl Effect {
    fn of(reach: &Reach, wanted: &[Admission], let_in: &[bool]) -> Self {
        let is_let_in = reach.known.iter().any(|at| let_in[*at]) || reach.undecided_witness(wanted);
        if !is_let_in {
            return Self::Nothing;
        }
        if escapes(wanted, &reach.set) { Self::Something } else { Self::Everything }
    }
}

/// Whether anything is let in that is not in a set.
fn escapes(wanted: &[Admission], set: &VersionSet) -> bool {
    wanted.iter().any(|admission| admission.set.difference(set).witness(!admission.prereleases).is_some())
}

/// Whether any of these records may affect a version that is let in. Decodes of them which versions they affect.
fn concern(candidates: &Candidates<'_>, wanted: &[Admission]) -> Result<bool, IndexError> {
    let mut concern = false;
    let is_let_in =
        |listed: &str| Pep440::parse_bound(listed).is_ok_and(|version| wanted.iter().any(|admission| admission.set.contains(&version)));
    candidates.each_affected(&is_let_in, &mut |ranges, lists_one| {
        concern = concern
            || lists_one()
            || ranges_of(ranges).any(|events| match events.map(intervals::<Pep440>) {
                Some(Ok(intervals)) => {
                    let affected = VersionSet::of_intervals(&intervals);
                    wanted.iter().any(|admission| admission.set.intersection(&affected).witness(false).is_some())
                }
                // What cannot be evaluated has to be told.
                Some(Err(_)) | None => true,
            });
    })?;
    Ok(concern)
}

/// What is let in of what the records of a group affect.
fn admitted<'a>(
    reaches: impl Iterator<Item = &'a Reach> + Clone,
    wanted: &[Admission],
    releases: &Releases<'_>,
    let_in: &[bool],
) -> Admitted {
    let mut known: Vec<usize> = reaches.clone().flat_map(|reach| &reach.known).copied().filter(|at| let_in[*at]).collect();
    known.sort_unstable();
    known.dedup();
    let affected = VersionSet::union_of(reaches.map(|reach| reach.set.clone()));
    let common = VersionSet::union_of(wanted.iter().map(|admission| admission.set.intersection(&affected)));
    let ends = known.first().zip(known.last()).map(|(first, last)| (releases.text(*first).to_owned(), releases.text(*last).to_owned()));
    Admitted { releases: known.len(), ends, range: common.to_string() }
}
