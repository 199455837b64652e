//! The algebra of version sets against brute force: over a dense grid of versions, each specifier asked as PEP 440 words
//! it, without cuts and sets.

use std::{cmp::Ordering, sync::LazyLock};

use proptest::prelude::*;

use super::{
    End, Interval, Pep440, Specifiers, Version, VersionSet,
    specifier::{Clause, Specifier},
};

/// Versions of every shape, close to each other.
static GRID: LazyLock<Vec<Pep440>> = LazyLock::new(|| {
    let mut grid = Vec::new();
    for epoch in ["", "1!"] {
        for release in ["0", "1", "1.0.1", "1.1", "1.2", "2"] {
            for pre in ["", "a0", "a1", "rc1"] {
                for post in ["", ".post0", ".post1"] {
                    for dev in ["", ".dev0", ".dev1"] {
                        for local in ["", "+a", "+1", "+a.1"] {
                            grid.push(Pep440::parse(&format!("{epoch}{release}{pre}{post}{dev}{local}")).expect("a version"));
                        }
                    }
                }
            }
        }
    }
    grid
});

fn public(version: &Pep440) -> Pep440 {
    version.clone().public()
}

/// Whether two versions have the same epoch and release, whatever zeros stand at its end.
fn same_release(a: &Pep440, b: &Pep440) -> bool {
    a.0.epoch() == b.0.epoch() && a.0.only_release() == b.0.only_release()
}

/// The specification's words, one operator after the other.
fn oracle(clause: &Clause, version: &Pep440) -> bool {
    match clause {
        Clause::Exact(bound) if bound.0.is_local() => version == bound,
        Clause::Exact(bound) => public(version) == *bound,
        Clause::NotExact(bound) => !oracle(&Clause::Exact(bound.clone()), version),
        Clause::Prefix(prefix) => begins_with(version, prefix),
        Clause::NotPrefix(prefix) => !begins_with(version, prefix),
        Clause::AtLeast(bound) => public(version) >= *bound,
        Clause::AtMost(bound) => public(version) <= *bound,
        Clause::Below(bound) => {
            // "MUST NOT allow a pre-release of the specified version unless the specified version is itself a pre-release".
            let is_its_prerelease = version.is_prerelease() && same_release(version, bound) && {
                if bound.0.is_post() {
                    version.0.post() == bound.0.post() && version.0.pre() == bound.0.pre()
                } else {
                    !version.0.is_post() || version.0.pre().is_some()
                }
            };
            public(version) < *bound && (bound.is_prerelease() || !is_its_prerelease)
        }
        Clause::Above(bound) => {
            // "MUST NOT allow a post-release of the given version unless V itself is a post release", nor a local version.
            let is_its_post = version.0.is_post() && same_release(version, bound) && version.0.pre() == bound.0.pre();
            let may_be_post = bound.0.is_post() || bound.0.is_dev();
            public(version) > *bound && (may_be_post || !is_its_post)
        }
        Clause::Compatible(bound) => {
            let release = bound.0.release();
            let shorter = pep440_rs::Version::new(&release[..release.len() - 1]).with_epoch(bound.0.epoch());
            public(version) >= *bound && begins_with(version, &Pep440(shorter))
        }
        Clause::Arbitrary(_) => unreachable!("not made below"),
    }
}

fn begins_with(version: &Pep440, prefix: &Pep440) -> bool {
    let (mut release, wanted) = (version.0.release().to_vec(), prefix.0.release());
    release.resize(release.len().max(wanted.len()), 0);
    if version.0.epoch() != prefix.0.epoch() || !release.starts_with(wanted) {
        return false;
    }
    // With more than a release, the release has to be the same.
    let more = prefix.0.pre().is_some() || prefix.0.post().is_some();
    !more
        || (same_release(version, prefix)
            && version.0.pre() == prefix.0.pre()
            && (prefix.0.post().is_none() || version.0.post() == prefix.0.post()))
}

fn bound() -> impl Strategy<Value = String> {
    "(1!)?(0|1|1\\.0|1\\.0\\.1|1\\.1|1\\.2|2)(a0|a1|rc1)?(\\.post[01])?(\\.dev[01])?"
}

fn specifier() -> impl Strategy<Value = Specifier> {
    let plain = ("(==|!=|>=|<=|<|>)", bound()).prop_map(|(operator, version)| format!("{operator}{version}"));
    let prefix =
        ("(==|!=)", "(1!)?(0|1|1\\.0|1\\.1|2)(a1|rc1)?(\\.post1)?").prop_map(|(operator, version)| format!("{operator}{version}.*"));
    let local = ("(==|!=)", bound(), "\\+(a|1|a\\.1)").prop_map(|(operator, version, local)| format!("{operator}{version}{local}"));
    let compatible = "(1!)?(1\\.0|1\\.0\\.1|1\\.1)(a1|rc1)?(\\.post1)?(\\.dev1)?".prop_map(|version| format!("~={version}"));
    prop_oneof![4 => plain, 1 => prefix, 1 => local, 1 => compatible].prop_map(|text| Specifier::parse(&text).expect("a specifier"))
}

fn interval() -> impl Strategy<Value = Interval<Pep440>> {
    let version = || (bound(), "(\\+(a|1))?").prop_map(|(version, local)| Pep440::parse(&format!("{version}{local}")).expect("a version"));
    let end = prop_oneof![Just(End::Never), version().prop_map(End::Before), version().prop_map(End::Through)];
    (proptest::option::of(version()), end).prop_map(|(start, end)| Interval { start, end })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_specifier_means_what_the_specification_says(specifier in specifier()) {
        let set = specifier.set();
        for version in GRID.iter() {
            prop_assert_eq!(set.contains(version), oracle(&specifier.clause, version), "{} {}", specifier, version);
        }
    }

    #[test]
    fn affected_versions_are_those_of_the_intervals(intervals in prop::collection::vec(interval(), 0..4)) {
        let set = VersionSet::of_intervals(&intervals);
        for version in GRID.iter() {
            prop_assert_eq!(set.contains(version), intervals.iter().any(|interval| interval.contains(version)), "{:?} {}", intervals, version);
        }
    }

    #[test]
    fn what_a_requirement_lets_in_of_what_is_affected(
        specifiers in prop::collection::vec(specifier(), 0..4),
        intervals in prop::collection::vec(interval(), 0..4),
        named in proptest::option::of(bound()),
    ) {
        let named: Vec<Pep440> = named.iter().map(|text| Pep440::parse(text).expect("a version")).collect();
        let affected = VersionSet::union_of(named.iter().map(VersionSet::named).chain([VersionSet::of_intervals(&intervals)]));
        let is_affected = |version: &Pep440| {
            intervals.iter().any(|interval| interval.contains(version)) || named.iter().any(|named| version.relative_to(named) == Ordering::Equal)
        };
        let admission = &Specifiers::from(specifiers.clone()).admissions()[0];
        let finals = !admission.prereleases;
        let is_let_in = |version: &Pep440| {
            specifiers.iter().all(|specifier| oracle(&specifier.clause, version)) && !(finals && version.is_prerelease())
        };
        let (common, rest) = (admission.set.intersection(&affected), admission.set.difference(&affected));
        let (any, escapes) = (common.witness(finals), rest.witness(finals));
        // A witness is one: it is let in, and affected or not as it was asked for.
        if let Some(version) = &any {
            prop_assert!(is_let_in(version) && is_affected(version), "{} is no witness of {}", version, common);
        }
        if let Some(version) = &escapes {
            prop_assert!(is_let_in(version) && !is_affected(version), "{} is no witness of {}", version, rest);
        }
        for version in GRID.iter() {
            prop_assert_eq!(admission.contains(version), is_let_in(version), "{}", version);
            if is_let_in(version) {
                let (found, wanted) = if is_affected(version) { (&any, "affected") } else { (&escapes, "free") };
                prop_assert!(found.is_some(), "{} is let in and {}, and nobody noticed", version, wanted);
            }
        }
    }

    #[test]
    fn sets_are_sets(a in prop::collection::vec(interval(), 0..4), b in prop::collection::vec(specifier(), 0..3)) {
        let a = VersionSet::of_intervals(&a);
        let b = b.iter().fold(VersionSet::all(), |set, specifier| set.intersection(&specifier.set()));
        let (both, either, rest, not) = (a.intersection(&b), VersionSet::union_of([a.clone(), b.clone()]), a.difference(&b), a.complement());
        for version in GRID.iter() {
            let (in_a, in_b) = (a.contains(version), b.contains(version));
            prop_assert_eq!(
                (both.contains(version), either.contains(version), rest.contains(version), not.contains(version)),
                (in_a && in_b, in_a || in_b, in_a && !in_b, !in_a),
                "{}", version
            );
        }
        prop_assert_eq!(&not.complement(), &a);
        for set in [&both, &either, &rest, &not] {
            let apart = set.spans().windows(2).all(|pair| pair[0].upper.is_some() && pair[0].upper < pair[1].lower);
            prop_assert!(apart, "{:?}", set);
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,20}|[=<>!~]{0,4}[0-9a-z.!+*-]{0,12}(,[=<>!~]{0,3}[0-9.*]{0,6}){0,2}") {
        if let Ok(specifiers) = Specifiers::parse(&text) {
            let _ = (specifiers.pin(), specifiers.is_unsatisfiable());
            let again = Specifiers::parse(&specifiers.to_string()).expect("what it writes, it reads");
            prop_assert_eq!(again, specifiers);
        }
    }
}
