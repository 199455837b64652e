//! Floor 1: version schemes, one file each, and what ranges of them mean.
//!
//! Versions compare under their own scheme only; there is no order "for any string".

pub mod listing;
pub mod range;
pub mod semver;

pub use range::{Interval, intervals};
pub use semver::SemVer;

/// A version of one scheme. `Ord` is the scheme's precedence.
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

    /// Whether a fix at `self` is followed by a new affected range right after that one version: such a version is
    /// a hole in the affected set, not a line to move to. `false` where the scheme cannot tell.
    fn is_directly_before(&self, _next: &Self) -> bool {
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
