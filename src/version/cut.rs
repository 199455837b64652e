//! Cuts: places between versions of Python packages. Sets of versions begin and end at cuts.
//!
//! PEP 440 has no last local version of a release and no last post-release of it, and yet `<=1.0` ends behind the former
//! and `>1.0` begins behind the latter. A cut says so.

use std::cmp::Ordering;

use pep440_rs::LocalSegment;

use super::{Pep440, precedence::equal_by_precedence};

/// A place between two versions. Ordered: a cut is below another if fewer versions are below it.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The version that it is at.
    pub version: Pep440,
    /// On which side of it.
    pub side: Side,
}

/// On which side of a version a cut is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Right before it.
    Before,
    /// Right after it; its local versions are above.
    After,
    /// After it and all its local versions. Of a version without a local part.
    AfterLocals,
    /// After it, its local versions and all its post-releases. Of a version that is no post- and no development release.
    AfterPosts,
}

impl Cut {
    /// The cut on this side of a version.
    #[must_use]
    pub fn new(version: Pep440, side: Side) -> Self {
        Self { version, side }
    }

    /// Whether a version is below the cut.
    #[must_use]
    pub fn is_above(&self, version: &Pep440) -> bool {
        match self.side {
            Side::Before => *version < self.version,
            Side::After => *version <= self.version,
            Side::AfterLocals | Side::AfterPosts => *version <= self.version || self.reaches_over(version),
        }
    }

    /// Whether a version above the cut's own is still below the cut.
    fn reaches_over(&self, version: &Pep440) -> bool {
        match self.side {
            Side::Before | Side::After => false,
            Side::AfterLocals => version.0.is_local() && version.clone().public() == self.version,
            Side::AfterPosts => {
                let (own, other) = (&self.version.0, &version.0);
                let release = |release: &[u64]| release.iter().rposition(|part| *part != 0).map_or(0, |at| at + 1);
                let (a, b) = (own.release(), other.release());
                own.epoch() == other.epoch() && a[..release(a)] == b[..release(b)] && own.pre() == other.pre()
            }
        }
    }

    /// A version right above the cut, or so near to it that `upper` is not in between: a witness that there is one.
    /// `finals`: it must be no pre-release. Whether it is below `upper` is for the caller to see.
    #[must_use]
    pub fn version_above(&self, upper: Option<&Self>, finals: bool) -> Pep440 {
        let version = &self.version.0;
        let is_pre = version.any_prerelease();
        let found = match self.side {
            Side::Before if !(finals && is_pre) => version.clone(),
            Side::After if !(finals && is_pre) => {
                let mut local = version.local().to_vec();
                local.push(LocalSegment::Number(0));
                version.clone().with_local(local)
            }
            _ if finals && is_pre => first_final(version),
            Side::AfterPosts if version.pre().is_some() => {
                let next = version.pre().map(|pre| pep440_rs::Prerelease { number: pre.number.saturating_add(1), ..pre });
                version.clone().with_pre(next).with_dev(Some(0))
            }
            Side::AfterPosts => {
                // Zeros enough to stay below a release that has as many segments.
                let zeros = upper.map_or(0, |upper| upper.version.0.release().len()).max(version.release().len());
                let mut release = version.release().to_vec();
                release.resize(zeros, 0);
                release.push(1);
                let above = pep440_rs::Version::new(release).with_epoch(version.epoch());
                if finals { above } else { above.with_dev(Some(0)) }
            }
            Side::Before | Side::After | Side::AfterLocals => next_public(version, finals),
        };
        Pep440(found)
    }
}

/// The first version that is no pre-release, above a pre-release.
fn first_final(version: &pep440_rs::Version) -> pep440_rs::Version {
    let release = version.only_release().with_epoch(version.epoch());
    // `1.0.post1.dev2` is followed by `1.0.post1`; that of a pre-release, by the release.
    if version.pre().is_none() { release.with_post(version.post()) } else { release }
}

/// The first version above all local versions of this one, which is no pre-release if `finals`.
fn next_public(version: &pep440_rs::Version, finals: bool) -> pep440_rs::Version {
    let public = version.clone().without_local();
    if let Some(dev) = public.dev() {
        return public.with_dev(Some(dev.saturating_add(1)));
    }
    let post = public.post().map_or(0, |post| post.saturating_add(1));
    let next = public.with_post(Some(post));
    if finals { next } else { next.with_dev(Some(0)) }
}

equal_by_precedence!(Cut);

impl Ord for Cut {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.version.cmp(&other.version) {
            Ordering::Equal => self.side.cmp(&other.side),
            // The lower version's cut is above if it reaches over the other version.
            Ordering::Less if self.reaches_over(&other.version) => Ordering::Greater,
            Ordering::Greater if other.reaches_over(&self.version) => Ordering::Less,
            ordering => ordering,
        }
    }
}
