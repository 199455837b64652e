//! Version specifiers, by [PEP 440](https://peps.python.org/pep-0440/#version-specifiers): `>=3.9,!=3.9.2,<4`.
//!
//! Whether a version satisfies a specifier is asked of the set of versions that it means ([`VersionSet`]), so that a
//! requirement means the same for one version and in the algebra of sets.

use std::fmt;

use super::{Cut, Pep440, Version, VersionSet, cut::Side};

/// Specifiers that all must be satisfied, or one of several such lists: `>=1,<2`, `>=1,<2 || >=3`. The latter is no PEP
/// 440; Poetry has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Specifiers {
    alternatives: Vec<Vec<Specifier>>,
}

/// One specifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Specifier {
    /// What it compares with, and how.
    pub clause: Clause,
    /// As written, without blanks.
    text: String,
}

/// What a specifier says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clause {
    /// `==`.
    Exact(Pep440),
    /// `==V.*`.
    Prefix(Pep440),
    /// `!=`.
    NotExact(Pep440),
    /// `!=V.*`.
    NotPrefix(Pep440),
    /// `>=`.
    AtLeast(Pep440),
    /// `<=`.
    AtMost(Pep440),
    /// `>`.
    Above(Pep440),
    /// `<`.
    Below(Pep440),
    /// `~=`.
    Compatible(Pep440),
    /// `===`, whose version may be any text.
    Arbitrary(String),
}

/// Text that is no specifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no version specifier: {cause}")]
pub struct InvalidSpecifier {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub cause: String,
}

/// The versions that a list of specifiers lets in.
#[derive(Clone, Debug)]
pub struct Admission {
    /// Between which cuts they lie.
    pub set: VersionSet,
    /// Whether pre-releases are let in, which they are only where a specifier names one.
    pub prereleases: bool,
}

impl Admission {
    /// Whether a version is let in.
    #[must_use]
    pub fn contains(&self, version: &Pep440) -> bool {
        (self.prereleases || !version.is_prerelease()) && self.set.contains(version)
    }
}

impl Specifiers {
    /// Reads specifiers. No text is no specifier, and lets everything in.
    ///
    /// # Errors
    /// For the first that is none.
    pub fn parse(text: &str) -> Result<Self, InvalidSpecifier> {
        let alternative = |text: &str| text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Specifier::parse).collect();
        Ok(Self { alternatives: text.split("||").map(alternative).collect::<Result<_, _>>()? })
    }

    /// The one version that they ask for with `==` or `===`, as written.
    #[must_use]
    pub fn pin(&self) -> Option<&str> {
        let [specifiers] = self.alternatives.as_slice() else { return None };
        let arbitrary = specifiers.iter().find_map(|specifier| match &specifier.clause {
            Clause::Arbitrary(text) => Some(text.as_str()),
            _ => None,
        });
        let exact = || {
            let pins = specifiers.iter().filter_map(|specifier| match &specifier.clause {
                Clause::Exact(version) => Some((version, specifier.text.trim_start_matches('='))),
                _ => None,
            });
            // `==1.0,==1.0+cu118` asks for the local version.
            pins.max_by_key(|(version, _)| version.0.is_local())
        };
        arbitrary.or_else(|| exact().filter(|(version, _)| specifiers.iter().all(|s| s.set().contains(version))).map(|(_, text)| text))
    }

    /// What each alternative lets in.
    #[must_use]
    pub fn admissions(&self) -> Vec<Admission> {
        let admission = |specifiers: &Vec<Specifier>| Admission {
            set: specifiers.iter().fold(VersionSet::all(), |set, specifier| set.intersection(&specifier.set())),
            prereleases: specifiers.iter().any(Specifier::names_a_prerelease),
        };
        self.alternatives.iter().map(admission).collect()
    }

    /// How many specifiers they are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.alternatives.iter().map(Vec::len).sum()
    }

    /// Whether no version can satisfy them.
    #[must_use]
    pub fn is_unsatisfiable(&self) -> bool {
        self.pin().is_none() && self.admissions().iter().all(|admission| admission.set.witness(!admission.prereleases).is_none())
    }

    /// The specifiers of the only list, or of none where there are alternatives.
    #[must_use]
    pub fn only_list(&self) -> Option<&[Specifier]> {
        match self.alternatives.as_slice() {
            [specifiers] => Some(specifiers),
            _ => None,
        }
    }

    /// What satisfies both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let both = |a: &Vec<Specifier>| other.alternatives.iter().map(|b| a.iter().chain(b).cloned().collect()).collect::<Vec<_>>();
        Self { alternatives: self.alternatives.iter().flat_map(both).collect() }
    }
}

impl From<Vec<Specifier>> for Specifiers {
    fn from(list: Vec<Specifier>) -> Self {
        Self { alternatives: vec![list] }
    }
}

impl fmt::Display for Specifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |specifiers: &Vec<Specifier>| specifiers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        f.write_str(&self.alternatives.iter().map(list).collect::<Vec<_>>().join(" || "))
    }
}

impl Specifier {
    /// Reads one specifier.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, InvalidSpecifier> {
        let text = text.trim();
        let wrong = |cause: &str| InvalidSpecifier { text: text.to_owned(), cause: cause.to_owned() };
        let (operator, rest) = text.split_at(text.find(|c| !"=!<>~".contains(c)).unwrap_or(text.len()));
        let rest = rest.trim();
        if operator == "===" {
            let is_word = !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || ";)".contains(c));
            let clause = Clause::Arbitrary(rest.to_owned());
            return if is_word { Ok(Self { clause, text: format!("==={rest}") }) } else { Err(wrong("the version is missing")) };
        }
        let version = |text: &str| Pep440::parse(text).map_err(|error| wrong(&error.cause));
        let prefix = rest.strip_suffix(".*");
        let clause = match (operator, prefix) {
            ("==" | "!=", Some(prefix)) => {
                let version = version(prefix)?;
                if version.0.is_local() || version.0.dev().is_some() {
                    return Err(wrong("`.*` cannot follow a development release or a local version"));
                }
                if operator == "==" { Clause::Prefix(version) } else { Clause::NotPrefix(version) }
            }
            ("==", None) => Clause::Exact(version(rest)?),
            ("!=", None) => Clause::NotExact(version(rest)?),
            ("<" | "<=" | ">" | ">=" | "~=", Some(_)) => return Err(wrong("`.*` goes with `==` and `!=` only")),
            ("<" | "<=" | ">" | ">=" | "~=", None) => {
                let version = version(rest)?;
                if version.0.is_local() {
                    return Err(wrong("a local version goes with `==` and `!=` only"));
                }
                match operator {
                    "<" => Clause::Below(version),
                    "<=" => Clause::AtMost(version),
                    ">" => Clause::Above(version),
                    ">=" => Clause::AtLeast(version),
                    _ if version.0.release().len() < 2 => return Err(wrong("`~=` wants at least two segments, as ~=1.4")),
                    _ => Clause::Compatible(version),
                }
            }
            ("", _) => return Err(wrong("it begins with none of ==, !=, <=, >=, <, >, ~= and ===")),
            _ => return Err(wrong("its operator is none of ==, !=, <=, >=, <, >, ~= and ===")),
        };
        Ok(Self { clause, text: format!("{operator}{rest}") })
    }

    /// The versions that it means, pre-releases included.
    #[must_use]
    pub fn set(&self) -> VersionSet {
        let cut = |version: &Pep440, side: Side| Some(Cut::new(version.clone(), side));
        match &self.clause {
            Clause::Exact(version) => VersionSet::named(version),
            Clause::NotExact(version) => VersionSet::named(version).complement(),
            Clause::Prefix(version) => prefix(version),
            Clause::NotPrefix(version) => prefix(version).complement(),
            Clause::AtLeast(version) => VersionSet::between(cut(version, Side::Before), None),
            Clause::AtMost(version) => VersionSet::between(None, cut(version, Side::AfterLocals)),
            // Pre-releases of the version itself are not below it, unless it is one.
            Clause::Below(version) if version.is_prerelease() => VersionSet::between(None, cut(version, Side::Before)),
            Clause::Below(Pep440(version)) => VersionSet::between(None, cut(&Pep440(version.clone().with_dev(Some(0))), Side::Before)),
            // Its local versions are not above it, and its post-releases are not, unless it is one.
            Clause::Above(version) => {
                let only_itself = version.0.dev().is_some() || version.0.post().is_some();
                VersionSet::between(cut(version, if only_itself { Side::AfterLocals } else { Side::AfterPosts }), None)
            }
            Clause::Compatible(version) => {
                let release = version.0.release();
                let shorter = pep440_rs::Version::new(&release[..release.len() - 1]).with_epoch(version.0.epoch());
                VersionSet::between(cut(version, Side::Before), None).intersection(&prefix(&Pep440(shorter)))
            }
            Clause::Arbitrary(text) => Pep440::parse(text)
                .map_or(VersionSet::EMPTY, |version| VersionSet::between(cut(&version, Side::Before), cut(&version, Side::After))),
        }
    }

    /// Whether it names a pre-release, so that pre-releases are let in at all.
    fn names_a_prerelease(&self) -> bool {
        match &self.clause {
            Clause::NotExact(_) | Clause::NotPrefix(_) | Clause::Prefix(_) => false,
            Clause::Exact(version)
            | Clause::AtLeast(version)
            | Clause::AtMost(version)
            | Clause::Above(version)
            | Clause::Below(version)
            | Clause::Compatible(version) => version.is_prerelease(),
            Clause::Arbitrary(text) => Pep440::parse(text).is_ok_and(|version| version.is_prerelease()),
        }
    }
}

impl fmt::Display for Specifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What begins with these segments: from the first development release of `1.4` to that of `1.5`. `1.4a1.*` is what
/// begins with `1.4a1`: its post- and development releases.
fn prefix(Pep440(version): &Pep440) -> VersionSet {
    let first = Pep440(version.clone().with_dev(Some(0)));
    let next = match (version.pre(), version.post()) {
        (None, None) => {
            let mut release = version.release().to_vec();
            if let Some(last) = release.last_mut() {
                *last = last.saturating_add(1);
            }
            Some(pep440_rs::Version::new(release).with_epoch(version.epoch()).with_dev(Some(0)))
        }
        (_, Some(post)) => Some(version.clone().with_post(Some(post.saturating_add(1))).with_dev(Some(0))),
        (Some(_), None) => None,
    };
    let end = match next {
        Some(next) => Cut::new(Pep440(next), Side::Before),
        None => Cut::new(Pep440(version.clone()), Side::AfterPosts),
    };
    VersionSet::between(Some(Cut::new(first, Side::Before)), Some(end))
}
