//! Which ecosystem versions its packages by which scheme.

use crate::model::Ecosystem;

/// A version scheme, one file of this folder each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Semantic Versioning 2.0.
    SemVer,
    /// Python's PEP 440.
    Pep440,
    /// Debian's dpkg.
    Dpkg,
    /// Alpine's apk.
    Apk,
    /// RPM.
    Rpm,
}

/// The ecosystems of each scheme, without their releases.
const ECOSYSTEMS: [(Scheme, &[&str]); 5] = [
    (Scheme::SemVer, &[Ecosystem::CRATES_IO, Ecosystem::RUST_TOOLCHAIN]),
    (Scheme::Pep440, &[Ecosystem::PYPI]),
    (Scheme::Dpkg, &["Debian", "Ubuntu", "Echo"]),
    (Scheme::Apk, &["Alpine", "Wolfi", "Chainguard", "MinimOS", "Alpaquita", "BellSoft Hardened Containers"]),
    (Scheme::Rpm, &["Red Hat", "Rocky Linux", "AlmaLinux", "SUSE", "openSUSE", "openEuler", "Mageia", "Azure Linux"]),
];

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 5] = [Self::SemVer, Self::Pep440, Self::Dpkg, Self::Apk, Self::Rpm];

    /// The scheme of an ecosystem, whatever its release. `None` where it is not known: versions without a scheme have
    /// no order.
    #[must_use]
    pub fn of(ecosystem: &Ecosystem) -> Option<Self> {
        let base = ecosystem.base();
        ECOSYSTEMS.iter().find(|(_, names)| names.contains(&base.as_str())).map(|(scheme, _)| *scheme)
    }

    /// The scheme's name: that of its file, here and under `fixtures/versions/`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SemVer => "semver",
            Self::Pep440 => "pep440",
            Self::Dpkg => "dpkg",
            Self::Apk => "apk",
            Self::Rpm => "rpm",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Scheme;
    use crate::model::Ecosystem;

    #[test]
    fn the_release_of_an_ecosystem_does_not_matter() {
        for (ecosystem, scheme) in [
            ("crates.io", Some(Scheme::SemVer)),
            ("rust-toolchain", Some(Scheme::SemVer)),
            ("PyPI", Some(Scheme::Pep440)),
            ("Debian:12", Some(Scheme::Dpkg)),
            ("Ubuntu:22.04:LTS", Some(Scheme::Dpkg)),
            ("Alpine:v3.19", Some(Scheme::Apk)),
            ("BellSoft Hardened Containers", Some(Scheme::Apk)),
            ("Red Hat:enterprise_linux:9::baseos", Some(Scheme::Rpm)),
            ("openSUSE:Leap 15.6", Some(Scheme::Rpm)),
            ("npm", None),
            ("Maven", None),
        ] {
            assert_eq!(Scheme::of(&Ecosystem::new(ecosystem)), scheme, "{ecosystem}");
        }
    }
}
