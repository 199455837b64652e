//! Cuts: places between versions of Python packages. Sets of versions begin and end at cuts.
//!
//! PEP 440 has no last local version of a release and no last post-release of it, and yet `<=1.0` ends behind the former
//! and `>1.0` begins behind the latter. A cut says so.

use pep440_rs::{LocalSegment, PrereleaseKind};

use super::Pep440;

/// A place between two versions. Ordered: a cut is below another if fewer versions are below it.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The version that it is at.
    pub version: Pep440,
    /// On which side of it.
    pub side: Side,
    key: Key,
}

/// On which side of a version a cut is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// What PEP 440 orders versions by, with what is above all that may stand in a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    epoch: u64,
    /// Without zeros at its end.
    release: Vec<u64>,
    pre: Pre,
    /// `None` sorts before any.
    post: Option<Post>,
    dev: Dev,
    local: Local,
    after: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Pre {
    /// A development release of a release: before its pre-releases.
    OnlyDev,
    Pre(PrereleaseKind, u64),
    Final,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Post {
    Post(u64),
    AboveAll,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Dev {
    Dev(u64),
    Released,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Local {
    Public,
    Local(Vec<LocalSegment>),
    AboveAll,
}

impl Cut {
    /// The cut on this side of a version.
    #[must_use]
    pub fn new(version: Pep440, side: Side) -> Self {
        let mut key = Key::of(&version);
        match side {
            Side::Before => {}
            Side::After => key.after = true,
            Side::AfterLocals => key.local = Local::AboveAll,
            Side::AfterPosts => {
                key.post = Some(Post::AboveAll);
                key.dev = Dev::Released;
                key.local = Local::AboveAll;
            }
        }
        Self { version, side, key }
    }

    /// Whether a version is below the cut.
    #[must_use]
    pub fn is_above(&self, version: &Pep440) -> bool {
        Key::of(version) < self.key
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

impl PartialEq for Cut {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Cut {}

impl PartialOrd for Cut {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cut {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key)
    }
}

impl Key {
    fn of(Pep440(version): &Pep440) -> Self {
        let mut release = version.release().to_vec();
        while release.last() == Some(&0) {
            release.pop();
        }
        let pre = match (version.pre(), version.post(), version.dev()) {
            (Some(pre), ..) => Pre::Pre(pre.kind, pre.number),
            (None, None, Some(_)) => Pre::OnlyDev,
            (None, ..) => Pre::Final,
        };
        Self {
            epoch: version.epoch(),
            release,
            pre,
            post: version.post().map(Post::Post),
            dev: version.dev().map_or(Dev::Released, Dev::Dev),
            local: if version.is_local() { Local::Local(version.local().to_vec()) } else { Local::Public },
            after: false,
        }
    }
}
