//! Semantic Versioning 2.0, by precedence (section 11 of its specification): build metadata does not count.

use std::{cmp::Ordering, fmt};

use super::{InvalidVersion, Version, precedence::equal_by_precedence};

/// A SemVer 2.0 version. Two that differ in build metadata only are equal here.
#[derive(Clone, Debug)]
pub struct SemVer(::semver::Version);

impl Version for SemVer {
    fn parse(text: &str) -> Result<Self, InvalidVersion> {
        ::semver::Version::parse(text).map(Self).map_err(|error| InvalidVersion::new(text, "SemVer", error.to_string()))
    }

    /// Advisories sometimes leave out trailing zeros (`1.2` for `1.2.0`).
    fn parse_bound(text: &str) -> Result<Self, InvalidVersion> {
        let short = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        match text.matches('.').count() {
            0 if short => Self::parse(&format!("{text}.0.0")),
            1 if short => Self::parse(&format!("{text}.0")),
            _ => Self::parse(text),
        }
    }

    fn is_directly_before(&self, next: &Self) -> bool {
        let (this, next) = (&self.0, &next.0);
        if this.pre.is_empty() {
            let after = (this.major, this.minor, this.patch.checked_add(1));
            after == (next.major, next.minor, Some(next.patch)) && next.pre.as_str() == "0"
        } else {
            (this.major, this.minor, this.patch) == (next.major, next.minor, next.patch)
                && next.pre.as_str().strip_suffix(".0") == Some(this.pre.as_str())
        }
    }

    fn is_open_bound(&self) -> bool {
        self.0.pre.as_str() == "0"
    }

    /// As a caret requirement, Cargo's default: the same left-most non-zero part.
    fn is_compatible_with(&self, other: &Self) -> bool {
        let (a, b) = (&self.0, &other.0);
        match (a.major, a.minor) {
            (0, 0) => (b.major, b.minor, b.patch) == (0, 0, a.patch),
            (0, minor) => (b.major, b.minor) == (0, minor),
            (major, _) => b.major == major,
        }
    }
}

equal_by_precedence!(SemVer);

impl Ord for SemVer {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp_precedence(&other.0)
    }
}

impl fmt::Display for SemVer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{SemVer, Version};
    use crate::version::laws;

    fn v(text: &str) -> SemVer {
        SemVer::parse_bound(text).expect("a version")
    }

    #[test]
    fn precedence_as_in_the_specification() {
        // Section 11 of the specification gives this order itself.
        let order = "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0";
        let versions: Vec<_> = order.split(' ').map(v).collect();
        assert!(versions.is_sorted_by(|a, b| a < b));
        assert_eq!(v("1.0.0+a"), v("1.0.0+b"));
    }

    #[test]
    fn a_version_must_be_whole_and_a_bound_may_be_short() {
        assert!(SemVer::parse("1.2").is_err());
        assert_eq!(v("1.2"), v("1.2.0"));
        assert_eq!(v("1"), v("1.0.0"));
        for text in ["", ".", "1.", "1.2.3.4", "v1.2.3", "01.2.3", "latest"] {
            assert!(SemVer::parse_bound(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_hole_is_one_version_wide() {
        assert!(v("0.2.0").is_directly_before(&v("0.2.1-0")));
        assert!(v("1.0.0-rc.1").is_directly_before(&v("1.0.0-rc.1.0")));
        assert!(!v("0.2.0").is_directly_before(&v("0.2.2-0")));
        assert!(!v("0.2.0").is_directly_before(&v("0.2.1")));
        assert!(!v("0.2.18446744073709551615").is_directly_before(&v("0.2.0-0")));
    }

    #[test]
    fn compatible_as_a_caret_requirement_says() {
        for (from, to, expected) in [
            ("1.2.3", "1.9.0", true),
            ("1.2.3", "2.0.0", false),
            ("0.1.43", "0.2.23", false),
            ("0.6.13", "0.6.14", true),
            ("0.0.3", "0.0.4", false),
        ] {
            assert_eq!(v(from).is_compatible_with(&v(to)), expected, "{from} {to}");
        }
    }

    fn version() -> impl Strategy<Value = SemVer> {
        let text = "(0|1|10)\\.(0|2)\\.(0|3|11)(-(0|1|alpha|alpha\\.1|beta\\.11|rc\\.1|-))?(\\+(a|b\\.1))?";
        text.prop_map(|text| SemVer::parse(&text).expect("a version"))
    }

    proptest! {
        #[test]
        fn the_order_is_lawful(a in version(), b in version(), c in version()) {
            laws::hold(&a, &b, &c)?;
        }

        #[test]
        fn no_text_makes_the_reader_panic(a in laws::text(), b in laws::text()) {
            laws::survive::<SemVer>(&a, &b);
        }
    }
}
