//! Opens the targets that are images or root filesystems.

use std::path::PathBuf;

use super::{super::ScanRequest, interest::INTEREST, rooms::Rooms};
use crate::tree::{
    Target, TargetKind,
    image::{self, Image, ImageError, Images, Options, Watch},
};

/// What a target holds, if it is an image or a root filesystem.
pub(in crate::scan) type Opened = Option<Held>;

/// The images of a target, and what may be held of what they say.
pub(in crate::scan) struct Held {
    pub(in crate::scan) images: Images,
    pub(in crate::scan) rooms: Rooms,
}

/// One image of a target.
#[derive(Clone, Copy)]
pub(in crate::scan) struct Which<'a> {
    /// All that the target holds.
    pub(in crate::scan) held: &'a Held,
    /// Which of them; of a target without any the first all the same.
    pub(in crate::scan) at: usize,
}

impl<'a> Which<'a> {
    /// The image, if the target holds any.
    pub(in crate::scan) fn image(self) -> Option<&'a Image> {
        self.held.images.images.get(self.at)
    }
}

/// Opens each target that is one; the unpacked layers come last.
pub(in crate::scan) fn open(request: &ScanRequest, targets: &[Target], watch: &dyn Watch) -> Result<Vec<Opened>, ImageError> {
    let wanted = &request.images;
    let options = Options {
        interest: INTEREST,
        platform: wanted.platform.as_deref(),
        base: wanted.base.as_deref(),
        cache: wanted.cache.as_ref(),
        threads: request.threads,
        limits: wanted.limits,
        watch,
    };
    let open = |target: &Target| {
        let layers: Vec<PathBuf> = target.layers.iter().map(PathBuf::from).collect();
        let images = match target.kind {
            TargetKind::Directory | TargetKind::Lockfile | TargetKind::Environment => return Ok(None),
            _ if !layers.is_empty() => image::folders(&layers, true, &options)?,
            TargetKind::Image if target.is_file => image::file(&target.path, &options)?,
            TargetKind::Image => image::layout(&target.path, &options)?,
            TargetKind::Rootfs => image::folders(std::slice::from_ref(&target.path), false, &options)?,
        };
        Ok(Some(Held { images, rooms: Rooms::new(wanted.limits) }))
    };
    targets.iter().map(open).collect()
}
