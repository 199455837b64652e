//! What is looked at: a target, with the files that it has on disk, in a revision or in a release.

use super::{
    image::{Opened, Which},
    memory::Memory,
};
use crate::{
    report::ReleaseTarget,
    tree::{Files, Target},
};

/// A target and its files.
pub(super) struct Subject<'a> {
    pub(super) target: &'a Target,
    /// Where its relative paths begin, from the root of the checkout.
    pub(super) base: &'a str,
    pub(super) source: &'a dyn Files,
    /// The target as it was asked for, whose policy judges.
    pub(super) given: usize,
    /// The release whose files these are.
    pub(super) release: Option<ReleaseTarget>,
    /// The image that the files are of.
    pub(super) image: Option<Which<'a>>,
    /// What is known of files that other commits had as well.
    pub(super) memory: Option<&'a Memory>,
}

/// The target as it was asked for of what is looked at at a place in the list; of what belongs to none, the first.
pub(super) fn given(subjects: &[Subject<'_>], target: usize) -> usize {
    subjects.get(target).map_or(0, |subject| subject.given)
}

/// The targets of a scan, whatever their files.
#[derive(Clone, Copy)]
pub(super) struct Subjects<'a> {
    pub(super) targets: &'a [Target],
    pub(super) bases: &'a [String],
    /// What of them are images.
    pub(super) opened: &'a [Opened],
}

impl<'a> Subjects<'a> {
    /// The targets with the files that each of them has there; each image of a target is one by itself.
    pub(super) fn with(self, sources: &'a [Box<dyn Files + '_>]) -> Vec<Subject<'a>> {
        let mut subjects = Vec::new();
        for (given, ((target, base), source)) in self.targets.iter().zip(self.bases).zip(sources).enumerate() {
            let subject = |source: &'a dyn Files, image| Subject { target, base, source, given, release: None, image, memory: None };
            match self.opened.get(given).and_then(Option::as_ref) {
                None => subjects.push(subject(&**source, None)),
                Some(held) if held.images.images.is_empty() => subjects.push(subject(&**source, Some(Which { held, at: 0 }))),
                Some(held) => {
                    let images = held.images.images.iter().enumerate();
                    subjects.extend(images.map(|(at, image)| subject(image, Some(Which { held, at }))));
                }
            }
        }
        subjects
    }
}
