//! Who wants which package of a `uv.lock`, what for, and under which condition.

use std::collections::HashMap;

use crate::model::Group;

/// Wants, from the project down to the last package. A package and each of its extras wants things for itself.
#[derive(Default)]
pub(crate) struct Demand<'a> {
    /// What each package, and after those each extra, leads to.
    edges: Vec<Vec<usize>>,
    /// The groups that each is wanted for, a bit for each.
    groups: Vec<u8>,
    /// By package and normalised name.
    extras: HashMap<(usize, String), usize>,
    /// Under which condition each package is wanted.
    conditions: Vec<Condition<'a>>,
    /// What gained a group that its dependencies did not hear of yet.
    open: Vec<usize>,
}

/// Under which condition a package is wanted.
#[derive(Clone, Copy, Default)]
enum Condition<'a> {
    /// Nobody wants it so far.
    #[default]
    Unwanted,
    /// All who want it do so under this marker.
    Always(&'a str),
    /// Somebody wants it without one, or under another one.
    None,
}

impl<'a> Demand<'a> {
    /// Of so many packages, whom nobody wants yet.
    pub(crate) fn new(packages: usize) -> Self {
        Self {
            edges: vec![Vec::new(); packages],
            groups: vec![0; packages],
            conditions: vec![Condition::default(); packages],
            ..Self::default()
        }
    }

    /// Adds an extra of a package.
    pub(crate) fn add_extra(&mut self, package: usize, name: String) -> usize {
        let (edges, groups) = (&mut self.edges, &mut self.groups);
        *self.extras.entry((package, name)).or_insert_with(|| {
            edges.push(Vec::new());
            groups.push(0);
            edges.len() - 1
        })
    }

    /// An extra of a package, if the package has it.
    pub(crate) fn extra(&self, package: usize, name: String) -> Option<usize> {
        self.extras.get(&(package, name)).copied()
    }

    /// States that a package or extra wants another.
    pub(crate) fn add_edge(&mut self, from: usize, to: usize) {
        self.edges[from].push(to);
    }

    /// States that a package is wanted, and under which marker.
    pub(crate) fn add_condition(&mut self, package: usize, marker: Option<&'a str>) {
        // uv writes its own names for extras and groups that exclude each other, which mean nothing elsewhere.
        let marker = marker.filter(|marker| !marker.contains("extra"));
        let condition = &mut self.conditions[package];
        *condition = match (*condition, marker) {
            (Condition::Unwanted, Some(marker)) => Condition::Always(marker),
            (Condition::Always(known), Some(marker)) if known == marker => Condition::Always(known),
            _ => Condition::None,
        };
    }

    /// States that the project itself wants a package or extra.
    pub(crate) fn want(&mut self, what: usize, group: Group) {
        self.gain(what, 1 << (group as u8));
    }

    fn gain(&mut self, what: usize, groups: u8) {
        if self.groups[what] | groups != self.groups[what] {
            self.groups[what] |= groups;
            self.open.push(what);
        }
    }

    /// Lets everybody know what those above them are wanted for. Each is looked at once a group at most.
    pub(crate) fn spread(&mut self) {
        while let Some(from) = self.open.pop() {
            let groups = self.groups[from];
            let targets = std::mem::take(&mut self.edges[from]);
            for to in &targets {
                self.gain(*to, groups);
            }
            self.edges[from] = targets;
        }
    }

    /// What a package is wanted for, as far as was spread.
    pub(crate) fn groups(&self, package: usize) -> Vec<Group> {
        Group::ALL.into_iter().filter(|group| self.groups[package] & (1 << (*group as u8)) != 0).collect()
    }

    /// Whether anything of the project's leads to a package, as far as was spread.
    pub(crate) fn is_wanted(&self, package: usize) -> bool {
        self.groups[package] != 0
    }

    /// The marker under which a package is wanted, if there is just one.
    pub(crate) fn marker(&self, package: usize) -> Option<&'a str> {
        match self.conditions[package] {
            Condition::Always(marker) => Some(marker),
            Condition::Unwanted | Condition::None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Demand;
    use crate::model::Group;

    #[test]
    fn groups_reach_all_that_is_below() {
        let mut demand = Demand::new(4);
        let extra = demand.add_extra(1, "x".to_owned());
        for (from, to) in [(0, 1), (1, 2), (2, 1), (extra, 3)] {
            demand.add_edge(from, to);
        }
        demand.want(0, Group::Runtime);
        demand.want(extra, Group::Dev);
        demand.want(2, Group::Dev);
        demand.spread();
        let groups: Vec<_> = (0..4).map(|package| demand.groups(package)).collect();
        let both = vec![Group::Runtime, Group::Dev];
        assert_eq!(groups, [vec![Group::Runtime], both.clone(), both, vec![Group::Dev]]);
        assert_eq!((demand.extra(1, "x".to_owned()), demand.extra(0, "x".to_owned())), (Some(extra), None));
    }

    #[test]
    fn a_marker_holds_if_all_agree() {
        let mut demand = Demand::new(1);
        assert_eq!(demand.marker(0), None);
        demand.add_condition(0, Some("a"));
        demand.add_condition(0, Some("a"));
        assert_eq!(demand.marker(0), Some("a"));
        demand.add_condition(0, Some("b"));
        assert_eq!(demand.marker(0), None);
        let mut demand = Demand::new(1);
        demand.add_condition(0, Some("sys_platform == 'linux' or extra == 'extra-3-app-x'"));
        assert_eq!(demand.marker(0), None);
    }
}
