//! Where the files of a report really are, from the root of the checkout.

use std::collections::BTreeMap;

use super::{DependencyFile, Placed, Report};
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
        // A link may lead out of the checkout; then only its own place can be shown.
        let file = Some(from_root(path)).filter(|file| !file.starts_with("../")).unwrap_or_else(|| from_root(given));
        (!path.starts_with("--") && !file.is_empty() && file != ".").then_some(file)
    }

    /// The dependency file of a finding, from the root of the checkout; what is no file as it is.
    #[must_use]
    pub fn manifest(&self, finding: &Finding) -> String {
        self.file(finding.target, &finding.manifest).unwrap_or_else(|| finding.manifest.clone())
    }

    /// The first dependency file of a target, for what stands in no file.
    #[must_use]
    pub fn any_file(&self, target: usize) -> Option<String> {
        let first = self.report.files_read.iter().find(|placed| placed.target == target)?;
        self.file(target, &first.item.path)
    }
}
