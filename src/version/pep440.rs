//! Python versions, by [PEP 440](https://peps.python.org/pep-0440/): `1!2.0rc1.post2.dev3+local.4`.

use std::{cmp::Ordering, fmt, str::FromStr};

use super::{InvalidVersion, Version};

/// A version of a Python package. `1.0` and `1.0.0` are equal; `1.0+local` follows `1.0`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pep440(pub(super) pep440_rs::Version);

impl Pep440 {
    /// Whether it is a pre-release: an alpha, beta, release candidate or development release.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        self.0.any_prerelease()
    }

    /// It without its local part.
    #[must_use]
    pub fn public(self) -> Self {
        Self(self.0.without_local())
    }
}

impl Version for Pep440 {
    fn parse(text: &str) -> Result<Self, InvalidVersion> {
        let version = pep440_rs::Version::from_str(text);
        version.map(Self).map_err(|error| InvalidVersion::new(text, "PEP 440", error.to_string()))
    }

    /// A bound without a local part speaks of every build of its version, as `==1.0` matches `1.0+cu124` in PEP 440.
    fn relative_to(&self, bound: &Self) -> Ordering {
        if self.0.is_local() && !bound.0.is_local() {
            return self.0.clone().without_local().cmp(&bound.0);
        }
        self.cmp(bound)
    }
}

impl fmt::Display for Pep440 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::Pep440;
    use crate::version::{Version, laws};

    fn v(text: &str) -> Pep440 {
        Pep440::parse_bound(text).expect("a version")
    }

    #[test]
    fn what_pep_440_does_not_know_is_unreadable_as_a_bound_too() {
        // Their order would turn "cannot be told" into "not affected".
        for text in ["2.5.0-NA", "2018-04-22b", "9.3.1-2.1", "latest", "", "99999999999999999999"] {
            assert!(Pep440::parse_bound(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_version_is_written_normalised() {
        assert_eq!(v("v1.0-RC_1-2.DEV+Ubuntu-1").to_string(), "1.0rc1.post2.dev0+ubuntu.1");
    }

    #[test]
    fn a_local_part_counts_where_the_bound_has_one() {
        for (version, bound, expected) in [
            ("2.6.0+cu124", "2.6.0", Ordering::Equal),
            ("2.6.0+cu124", "2.6.0+cu118", Ordering::Greater),
            ("2.6.0", "2.6.0+cu118", Ordering::Less),
            ("2.6.0.post1+cu124", "2.6.0", Ordering::Greater),
            ("2.6.0rc1+cu124", "2.6.0", Ordering::Less),
        ] {
            assert_eq!(v(version).relative_to(&v(bound)), expected, "{version} {bound}");
        }
        assert!(v("2.6.0+cu124") > v("2.6.0"));
    }

    fn version() -> impl Strategy<Value = Pep440> {
        let text = "(v|1!)?[01](\\.(0|1|01|65536|281474976710656)){0,5}([-_.]?(a|b|c|rc|alpha|pre)[-_.]?[01]?)?\
            ([-.]?(post|r)[01]?|-1)?([-_.]?dev[01]?)?(\\+(a|0|01|a\\.1|1-a))?";
        text.prop_map(|text| Pep440::parse_bound(&text).expect("a version"))
    }

    proptest! {
        #[test]
        fn the_order_is_lawful(a in version(), b in version(), c in version()) {
            laws::hold(&a, &b, &c)?;
        }

        #[test]
        fn no_text_makes_the_reader_panic(a in laws::text(), b in laws::text()) {
            laws::survive::<Pep440>(&a, &b);
        }
    }
}
