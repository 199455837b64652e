//! Which policy judges what: each target by that of its project, and what is below a path by the section about it.

use std::collections::HashMap;

use super::{
    ScanRequest,
    subject::{Subject, given},
};
use crate::{
    inventory::reference::joined,
    model::Finding,
    policy::{Config, Exception, Layered, Policy, State},
    report::Check,
};

/// The policies of a scan's targets.
#[derive(Debug, Default)]
pub struct Policies {
    /// The projects; without any the built-in policy judges.
    pub projects: Vec<Project>,
    /// Of each target its project and the way from the folder of its policy. Targets without one are the first one's.
    pub of_target: Vec<(usize, String)>,
    /// What is wrong with the files themselves.
    pub checks: Vec<Check>,
    /// Exceptions that the files at hand have and the trusted ones have not, with their project. They are told, and hold
    /// for nothing.
    pub untrusted: Vec<(usize, Exception)>,
}

/// The files of a project.
#[derive(Debug)]
pub struct Project {
    /// What they say.
    pub layered: Layered,
    /// What the state file says; `None` where there is none.
    pub state: Option<State>,
    /// The state file, as it is named.
    pub state_file: String,
    /// Whether a target is the policy's whole folder, so that nothing that it speaks of can be elsewhere.
    pub is_whole: bool,
}

impl Policies {
    /// The project of a target, and the way from its folder.
    #[must_use]
    pub fn project(&self, target: usize) -> Option<(usize, &Project, &str)> {
        let (at, way) = self.of_target.get(target).map_or((0, ""), |(at, way)| (*at, way.as_str()));
        Some((at, self.projects.get(at)?, way))
    }
}

/// The policies that a scan has applied so far.
pub(super) struct Applied<'a> {
    policies: &'a Policies,
    request: &'a ScanRequest,
    usual: Layered,
    list: Vec<Policy>,
    known: HashMap<(Option<usize>, Vec<usize>), usize>,
    /// The policies of files that were asked about.
    files: HashMap<(usize, String), usize>,
}

impl<'a> Applied<'a> {
    pub(super) fn new(request: &'a ScanRequest) -> Self {
        let policies = &request.policies;
        Self { policies, request, usual: Layered::new(None, None), list: Vec::new(), known: HashMap::new(), files: HashMap::new() }
    }

    /// The project of a target, and the way from its folder.
    pub(super) fn project(&self, target: usize) -> Option<(usize, &'a Project, &'a str)> {
        self.policies.project(target)
    }

    /// The `overdue.toml` of a target.
    pub(super) fn config(&self, target: usize) -> Option<&'a Config> {
        self.project(target)?.1.layered.config()
    }

    /// A path of a target, from the folder of its policy.
    pub(super) fn below_policy(&self, target: usize, path: &str) -> String {
        self.project(target).map_or_else(|| path.to_owned(), |(_, _, way)| joined(way, path))
    }

    /// The dependency file of a finding, from the folder of its policy.
    pub(super) fn manifest(&self, subjects: &[Subject<'_>], finding: &Finding) -> String {
        self.below_policy(given(subjects, finding.target), &finding.manifest)
    }

    /// The policy of a target itself, that of a section where it is in one.
    pub(super) fn of_target(&mut self, target: usize) -> usize {
        self.at(target, "")
    }

    /// The policy that judges what is in a file of a target.
    pub(super) fn at(&mut self, target: usize, path: &str) -> usize {
        let Some((at, project, _)) = self.project(target) else { return self.put(None, Vec::new()) };
        let file = (target, path.to_owned());
        if let Some(known) = self.files.get(&file) {
            return *known;
        }
        let sections = project.layered.sections_at(&self.below_policy(target, path));
        let policy = self.put(Some(at), sections);
        self.files.insert(file, policy);
        policy
    }

    fn put(&mut self, project: Option<usize>, sections: Vec<usize>) -> usize {
        if let Some(known) = self.known.get(&(project, sections.clone())) {
            return *known;
        }
        let layered = project.and_then(|at| self.policies.projects.get(at)).map_or(&self.usual, |project| &project.layered);
        let mut policy = layered.policy(&sections);
        policy.gate.admitted &= !self.request.allow_admitted;
        policy.gate.base &= !self.request.images.application_only;
        // Projects that state nothing have one and the same policy, and so may several sections.
        let at = self.list.iter().position(|known| *known == policy).unwrap_or(self.list.len());
        if at == self.list.len() {
            self.list.push(policy);
        }
        self.known.insert((project, sections), at);
        at
    }

    pub(super) fn policy(&self, at: usize) -> &Policy {
        &self.list[at]
    }

    pub(super) fn into_policies(self) -> Vec<Policy> {
        self.list
    }
}
