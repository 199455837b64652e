//! Exceptions: findings that the project has decided to live with, for a reason and for a time.

use std::{cmp::Ordering, sync::Arc};

use super::{clock::has_fix, pattern};
use crate::{
    model::{Ecosystem, Finding, Timestamp, normalise_name},
    version::{Apk, Dpkg, Pep440, Rpm, Scheme, SemVer, Version},
};

/// What an exception is about, why it was made, until when it holds, and where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The id of the advisory: any of its alias group, or one that it was derived from.
    pub id: String,
    /// Only findings of this package.
    pub package: Option<String>,
    /// Only findings of these versions.
    pub versions: Option<VersionBounds>,
    /// Only findings in dependency files that this pattern encloses, from the folder of the policy.
    pub path: Option<String>,
    /// Whether it ends as soon as there is a fix.
    pub until_fixed: bool,
    /// The reason, in the project's words.
    pub reason: String,
    /// From this moment on the finding counts again.
    pub expires: Timestamp,
    /// The file that states it.
    pub file: Arc<str>,
    /// Its line, counted from 1.
    pub line: u32,
}

/// Why an exception that speaks of a finding does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lapsed {
    /// Its time is over.
    Expired,
    /// It held until there was a fix, and there is one.
    Fixed,
}

impl Exception {
    /// Whether it speaks of a finding in a dependency file, which is given from the folder of the policy.
    #[must_use]
    pub fn speaks_of(&self, finding: &Finding, manifest: &str) -> bool {
        bears(finding, &self.id)
            && self.package.as_ref().is_none_or(|package| is_package(finding, package))
            && self.versions.as_ref().is_none_or(|versions| versions.hold(finding))
            && self.path.as_ref().is_none_or(|path| pattern::encloses(path, manifest))
    }

    /// Why it does not hold for a finding that it speaks of, if it does not.
    #[must_use]
    pub fn lapsed(&self, finding: &Finding, as_of: Timestamp) -> Option<Lapsed> {
        match () {
            () if self.has_expired(as_of) => Some(Lapsed::Expired),
            () if self.until_fixed && has_fix(finding) => Some(Lapsed::Fixed),
            () => None,
        }
    }

    /// Whether its time is over.
    #[must_use]
    pub fn has_expired(&self, as_of: Timestamp) -> bool {
        as_of >= self.expires
    }

    /// Whether another one excepts the same for the same time, wherever it is written.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let without_place = |exception: &Self| Self { file: "".into(), line: 0, reason: String::new(), ..exception.clone() };
        without_place(self) == without_place(other)
    }

    /// What it is about, in a few words.
    #[must_use]
    pub fn subject(&self) -> String {
        let mut text = self.id.clone();
        if let Some(package) = &self.package {
            text.push_str(&format!(" in {package}"));
        }
        if let Some(versions) = &self.versions {
            text.push_str(&format!(" {}", versions.text));
        }
        if let Some(path) = &self.path {
            text.push_str(&format!(" at {path}"));
        }
        text
    }
}

/// Whether a finding's advisory bears an id, as its own, as an alias, or as that of what it was derived from.
#[must_use]
pub fn bears(finding: &Finding, id: &str) -> bool {
    let ids = [&finding.id].into_iter().chain(&finding.aliases).chain(&finding.records).chain(&finding.upstream);
    ids.into_iter().any(|own| own.0.eq_ignore_ascii_case(id))
}

/// Whether a finding is one of a package, however its name is written.
#[must_use]
pub fn is_package(finding: &Finding, package: &str) -> bool {
    let normal = |name: &str| normalise_name(&finding.ecosystem, name).to_lowercase();
    normal(&finding.name) == normal(package)
}

/// Bounds of versions, all of which hold: `>=1.0, <2.0`, `0.1.43`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionBounds {
    /// As they are written.
    pub text: String,
    bounds: Vec<(Operator, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
}

const OPERATORS: [(&str, Operator); 6] = [
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("==", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("=", Operator::Equal),
];

impl VersionBounds {
    /// Reads bounds; `None` where they are none. Versions themselves are read under the scheme of each finding.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bound = |part: &str| {
            let part = part.trim();
            let (operator, version) = OPERATORS
                .iter()
                .find_map(|(sign, operator)| part.strip_prefix(sign).map(|version| (*operator, version.trim())))
                .unwrap_or((Operator::Equal, part));
            let is_version = version.chars().any(|c| c.is_ascii_digit())
                && version.chars().all(|c| c.is_ascii_alphanumeric() || ".-+_:~!^".contains(c))
                && !version.starts_with(['^', '~', '!']);
            is_version.then(|| (operator, version.to_owned()))
        };
        let bounds = text.split(',').map(bound).collect::<Option<Vec<_>>>()?;
        Some(Self { text: text.trim().to_owned(), bounds })
    }

    /// Whether a finding's version is within; of a requirement, whether all is that it lets in of what is affected.
    fn hold(&self, finding: &Finding) -> bool {
        let within = |version: &str| self.bounds.iter().all(|(operator, bound)| compares(&finding.ecosystem, version, *operator, bound));
        match (finding.wanted.version(), &finding.admitted) {
            (Some(version), _) => within(version),
            (None, Some(admitted)) => admitted.ends.as_ref().is_some_and(|(first, last)| within(first) && within(last)),
            (None, None) => false,
        }
    }
}

/// Whether a version stands so to a bound. What cannot be read under the ecosystem's scheme stands to nothing.
fn compares(ecosystem: &Ecosystem, version: &str, operator: Operator, bound: &str) -> bool {
    let order = match Scheme::of(ecosystem) {
        Some(Scheme::SemVer) => order::<SemVer>(version, bound),
        Some(Scheme::Pep440) => order::<Pep440>(version, bound),
        Some(Scheme::Dpkg) => order::<Dpkg>(version, bound),
        Some(Scheme::Apk) => order::<Apk>(version, bound),
        Some(Scheme::Rpm) => order::<Rpm>(version, bound),
        None => None,
    };
    order.is_some_and(|order| match operator {
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Greater => order.is_gt(),
        Operator::GreaterOrEqual => order.is_ge(),
        Operator::Equal => order.is_eq(),
    })
}

fn order<V: Version>(version: &str, bound: &str) -> Option<Ordering> {
    Some(V::parse(version).ok()?.relative_to(&V::parse_bound(bound).ok()?))
}

#[cfg(test)]
mod tests {
    use super::{VersionBounds, compares};
    use crate::model::Ecosystem;

    #[test]
    fn bounds_hold_under_the_scheme_of_the_ecosystem() {
        for (ecosystem, bounds, version, expected) in [
            ("crates.io", "<0.2", "0.1.43", true),
            ("crates.io", "<0.2.0", "0.2.0", false),
            ("crates.io", ">=0.1, <0.2", "0.1.43", true),
            ("crates.io", "0.1.43", "0.1.43", true),
            ("crates.io", "=0.1.43", "0.1.44", false),
            ("PyPI", ">=3.9,<3.9.2", "3.9.1", true),
            ("PyPI", "==3.9.1", "3.9.1+local", true),
            ("PyPI", "<3.9", "3.10", false),
            ("Debian:12", "<=1.2-3", "1.2-3", true),
            ("Debian:12", "<1.2-3", "1.2~rc1-1", true),
        ] {
            let parsed = VersionBounds::parse(bounds).expect(bounds);
            let holds = parsed.bounds.iter().all(|(operator, bound)| compares(&Ecosystem::new(ecosystem), version, *operator, bound));
            assert_eq!(holds, expected, "{ecosystem} {bounds} {version}");
        }
        for text in ["", "<", "^1.0", "~=1.0", "1.0 2.0", "all", "<1,", ">1 || <2"] {
            assert!(VersionBounds::parse(text).is_none(), "{text}");
        }
    }
}
