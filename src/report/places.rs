//! Where the files of a report really are, from the root of the checkout.

use std::collections::BTreeMap;

use super::{DependencyFile, Placed, ReleaseTarget, Report};
use crate::model::Finding;

/// The real files of a report: a page of code cannot be shown for a link.
pub struct Places<'a> {
    report: &'a Report,
    links: BTreeMap<(usize, &'a str), &'a str>,
}

impl<'a> Places<'a> {
    /// The files of a report.
    #[must_use]
    pub fn new(report: &'a Report) -> Self {
        let link = |placed: &'a Placed<DependencyFile>| Some(((placed.target, placed.item.path.as_str()), placed.item.real.as_deref()?));
        Self { report, links: report.files_read.iter().filter_map(link).collect() }
    }

    /// A file of a target, from the root of the checkout; `None` for what is no file.
    #[must_use]
    pub fn file(&self, target: usize, path: &str) -> Option<String> {
        let from_root = |path: &str| self.report.from_root(target, path);
        let given = path;
        let path = self.links.get(&(target, path)).copied().unwrap_or(path);
        if self.is_release(target) {
            return self.in_working_tree(&from_root(path));
        }
        // A link may lead out of the checkout; then only its own place can be shown.
        let file = Some(from_root(path)).filter(|file| !file.starts_with("../")).unwrap_or_else(|| from_root(given));
        (!path.starts_with("--") && !file.is_empty() && file != ".").then_some(file)
    }

    /// The release that a target is, whose files may be other ones than those at hand.
    #[must_use]
    pub fn release(&self, target: usize) -> Option<&'a ReleaseTarget> {
        self.report.targets.get(target).and_then(|target| target.release.as_ref())
    }

    /// Whether a target is a release.
    #[must_use]
    pub fn is_release(&self, target: usize) -> bool {
        self.release(target).is_some()
    }

    /// The dependency file of a finding, from the root of the checkout; what is no file as it is.
    #[must_use]
    pub fn manifest(&self, finding: &Finding) -> String {
        if finding.manifest.starts_with("--") {
            return finding.manifest.clone();
        }
        if self.is_release(finding.target) {
            return self.report.identity_path(finding.target, &finding.manifest);
        }
        self.file(finding.target, &finding.manifest).unwrap_or_else(|| finding.manifest.clone())
    }

    /// The file of a release, as far as it is in the working tree, too.
    fn in_working_tree(&self, path: &str) -> Option<String> {
        let is_on_disk = |placed: &&Placed<DependencyFile>| {
            let target = self.report.targets.get(placed.target);
            target.is_some_and(|target| target.release.is_none()) && self.report.from_root(placed.target, &placed.item.path) == path
        };
        self.report.files_read.iter().find(is_on_disk).map(|_| path.to_owned())
    }

    /// The first dependency file of a target, for what stands in no file.
    #[must_use]
    pub fn any_file(&self, target: usize) -> Option<String> {
        let is_release = self.is_release(target);
        let is_meant = |placed: &&Placed<DependencyFile>| placed.target == target;
        // Of a release that has nothing in common with the working tree: any file that is there.
        let files = &self.report.files_read;
        let first = files.iter().filter(is_meant).find_map(|placed| self.file(target, &placed.item.path));
        let on_disk = || files.iter().find_map(|placed| self.file(placed.target, &placed.item.path));
        first.or_else(|| is_release.then(on_disk).flatten())
    }
}
