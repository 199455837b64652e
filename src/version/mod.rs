//! Floor 1: version schemes, one file each, and what ranges of them mean.
//!
//! Versions compare under their own scheme only; there is no order "for any string".

#[cfg(test)]
mod algebra;
pub mod apk;
pub mod cut;
pub mod dpkg;
#[cfg(test)]
mod laws;
pub mod listing;
mod number;
pub mod pep440;
mod precedence;
pub mod range;
pub mod rpm;
pub mod scheme;
pub mod semver;
pub mod set;
pub mod specifier;

use std::cmp::Ordering;

pub use apk::Apk;
pub use cut::Cut;
pub use dpkg::Dpkg;
pub use pep440::Pep440;
pub use range::{End, Interval, cover, intervals};
pub use rpm::Rpm;
pub use scheme::Scheme;
pub use semver::SemVer;
pub use set::VersionSet;
pub use specifier::{InvalidSpecifier, Specifiers};

/// A version of one scheme. `Ord` is the scheme's precedence, a total order: versions that are spelt differently
/// may be equal.
pub trait Version: Ord + Clone + std::fmt::Display {
    /// Reads a version as a package or a lockfile states it.
    ///
    /// # Errors
    /// When the text is no version of this scheme. It is never read as something near it.
    fn parse(text: &str) -> Result<Self, InvalidVersion>;

    /// Reads a version as an advisory's range states it, where the scheme is known to be written more loosely.
    ///
    /// # Errors
    /// When the text is no version of this scheme.
    fn parse_bound(text: &str) -> Result<Self, InvalidVersion> {
        Self::parse(text)
    }

    /// How a package's version stands to a bound, or to a version that an advisory lists. Not always their order: a
    /// scheme may ignore what a bound does not speak of.
    fn relative_to(&self, bound: &Self) -> Ordering {
        self.cmp(bound)
    }

    /// Whether a fix at `self` is followed by a new affected range right after that one version: such a version is
    /// a hole in the affected set, not a line to move to. `false` where the scheme cannot tell.
    fn is_directly_before(&self, _next: &Self) -> bool {
        false
    }

    /// Whether the ecosystem's usual requirement on `self` lets `other` in, so that moving there breaks nothing.
    /// `false` where the scheme promises nothing.
    fn is_compatible_with(&self, _other: &Self) -> bool {
        false
    }

    /// Whether this is a bound that only says "anything above", and no release: SemVer's `1.2.3-0`.
    fn is_open_bound(&self) -> bool {
        false
    }
}

/// Text that is no version of the scheme that it was read under.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {scheme} version: {cause}")]
pub struct InvalidVersion {
    /// The text.
    pub text: String,
    /// The scheme's name.
    pub scheme: &'static str,
    /// What is wrong with it.
    pub cause: String,
}

impl InvalidVersion {
    fn new(text: &str, scheme: &'static str, cause: impl Into<String>) -> Self {
        Self { text: text.to_owned(), scheme, cause: cause.into() }
    }
}
