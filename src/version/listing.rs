//! An order in which the versions of one package are listed and numbered. Not for matching: there, a version that
//! cannot be read is unchecked.

use std::cmp::Ordering;

use super::{Apk, Dpkg, Pep440, Rpm, Scheme, SemVer, Version};
use crate::model::Ecosystem;

/// Orders two versions of a package: by the ecosystem's scheme where it is known and reads both; what it cannot read
/// comes last, by its text. Versions of equal precedence are told apart by their text.
#[must_use]
pub fn order(ecosystem: &Ecosystem, a: &str, b: &str) -> Ordering {
    let by_scheme = match Scheme::of(ecosystem) {
        Some(Scheme::SemVer) => order_by::<SemVer>(a, b),
        Some(Scheme::Pep440) => order_by::<Pep440>(a, b),
        Some(Scheme::Dpkg) => order_by::<Dpkg>(a, b),
        Some(Scheme::Apk) => order_by::<Apk>(a, b),
        Some(Scheme::Rpm) => order_by::<Rpm>(a, b),
        None => Ordering::Equal,
    };
    by_scheme.then_with(|| a.cmp(b))
}

/// Sorts versions of a package so, each parsed once.
pub fn sort(ecosystem: &Ecosystem, versions: &mut Vec<&str>) {
    match Scheme::of(ecosystem) {
        Some(Scheme::SemVer) => sort_by::<SemVer>(versions),
        Some(Scheme::Pep440) => sort_by::<Pep440>(versions),
        Some(Scheme::Dpkg) => sort_by::<Dpkg>(versions),
        Some(Scheme::Apk) => sort_by::<Apk>(versions),
        Some(Scheme::Rpm) => sort_by::<Rpm>(versions),
        None => versions.sort_unstable(),
    }
}

fn sort_by<V: Version>(versions: &mut Vec<&str>) {
    let mut parsed: Vec<_> = versions.drain(..).map(|text| (V::parse(text).ok(), text)).collect();
    parsed.sort_unstable_by(|(a, text), (b, other)| readable_first(a.as_ref(), b.as_ref()).then_with(|| text.cmp(other)));
    versions.extend(parsed.into_iter().map(|(_, text)| text));
}

fn order_by<V: Version>(a: &str, b: &str) -> Ordering {
    readable_first(V::parse(a).ok().as_ref(), V::parse(b).ok().as_ref())
}

/// The unreadable comes last.
fn readable_first<V: Version>(a: Option<&V>, b: Option<&V>) -> Ordering {
    a.is_none().cmp(&b.is_none()).then_with(|| a.cmp(&b))
}

/// The line of compatible releases that a version is of, as Cargo's default requirement has it: `1`, `0.6`, `0.0.3`.
/// `None` where the scheme is not known or does not read it.
#[must_use]
pub fn line(ecosystem: &Ecosystem, version: &str) -> Option<String> {
    if ecosystem.base().as_str() != Ecosystem::CRATES_IO {
        return None;
    }
    let numbers = version.split(['-', '+']).next()?;
    let numbers: Vec<u64> = numbers.split('.').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    let significant = numbers.iter().position(|number| *number != 0).map_or(numbers.len(), |at| at + 1);
    Some(numbers[..significant].iter().map(u64::to_string).collect::<Vec<_>>().join("."))
}

#[cfg(test)]
mod tests {
    use super::{line, order, sort};
    use crate::model::Ecosystem;

    #[test]
    fn lines_are_cargos() {
        for (version, expected) in [("1.6.0", "1"), ("0.6.13", "0.6"), ("0.0.3", "0.0.3"), ("2.0.0-rc.1+x", "2"), ("0.0.0", "0.0.0")] {
            assert_eq!(line(&Ecosystem::crates_io(), version).as_deref(), Some(expected), "{version}");
        }
        assert_eq!(line(&Ecosystem::crates_io(), "x"), None);
    }

    #[test]
    fn numbers_count_as_numbers_and_the_unreadable_comes_last() {
        let mut versions = ["1.10.0", "x", "1.9.0", "1.9.0-rc.1", "?"];
        versions.sort_by(|a, b| order(&Ecosystem::crates_io(), a, b));
        assert_eq!(versions, ["1.9.0-rc.1", "1.9.0", "1.10.0", "?", "x"]);
    }

    #[test]
    fn every_scheme_has_its_order() {
        for (ecosystem, ascending) in [
            ("PyPI", ["1.0rc1", "1.0", "1.0.post1", "1.10", "1.10-NA"]),
            ("Debian:12", ["1.0~rc1-1", "1.0-1", "1.0-1+b1", "1.10-1", "1.10-"]),
            ("Alpine:v3.19", ["1.0_rc1", "1.0", "1.0-r1", "1.10", "1.10-1"]),
            ("Rocky Linux:9", ["1.0~rc1-1", "1.0-1", "1.0^git1-1", "1.10-1", "-1"]),
            ("npm", ["1.0", "1.10", "1.9", "2", "v1"]),
        ] {
            let sorted = ascending.is_sorted_by(|a, b| order(&Ecosystem::new(ecosystem), a, b).is_lt());
            assert!(sorted, "{ecosystem}");
            let mut backwards = ascending.into_iter().rev().collect();
            sort(&Ecosystem::new(ecosystem), &mut backwards);
            assert_eq!(backwards, ascending, "{ecosystem}");
        }
    }
}
