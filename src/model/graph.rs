//! A dependency graph and the shortest way from a root to a package.

use std::collections::VecDeque;

/// Who depends on whom in one dependency file.
#[derive(Clone, Debug, Default)]
pub struct DependencyGraph {
    labels: Vec<String>,
    own: Vec<bool>,
    edges: Vec<Vec<usize>>,
}

impl DependencyGraph {
    /// Adds a package and returns its node. `own`: it belongs to the project itself.
    pub fn add_node(&mut self, label: String, own: bool) -> usize {
        self.labels.push(label);
        self.own.push(own);
        self.edges.push(Vec::new());
        self.labels.len() - 1
    }

    /// How many nodes and edges it has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.labels.len() + self.edges.iter().map(Vec::len).sum::<usize>()
    }

    /// States that `from` depends on `to`. A package that names itself (its own tests do) adds nothing.
    pub fn add_edge(&mut self, from: usize, to: usize) {
        if from != to {
            self.edges[from].push(to);
        }
    }

    /// For every node the one before it on a shortest path from a root.
    ///
    /// Roots are the nodes that nothing depends on, and the project's own packages of a cycle that no such node
    /// reaches (own packages may depend on each other for their tests). Ties fall to the root, and to the dependency,
    /// that comes first by label.
    #[must_use]
    pub fn shortest_paths(&self) -> ShortestPaths<'_> {
        let mut has_dependant = vec![false; self.labels.len()];
        for to in self.edges.iter().flatten() {
            has_dependant[*to] = true;
        }
        let mut by_label: Vec<usize> = (0..self.labels.len()).collect();
        by_label.sort_by(|a, b| self.labels[*a].cmp(&self.labels[*b]));
        let tops: Vec<usize> = by_label.iter().copied().filter(|node| !has_dependant[*node]).collect();
        let reached = self.reach(&tops);
        let is_root = |node: &usize| !has_dependant[*node] || (self.own[*node] && !reached[*node] && self.is_on_a_cycle(*node));
        let roots: Vec<usize> = by_label.into_iter().filter(is_root).collect();
        self.walk(&roots)
    }

    /// The labels of third-party packages that none of the project's own leads to.
    #[must_use]
    pub fn unreached(&self) -> Vec<&str> {
        let own: Vec<usize> = (0..self.labels.len()).filter(|node| self.own[*node]).collect();
        let seen = self.reach(&own);
        (0..self.labels.len()).filter(|node| !seen[*node]).map(|node| self.labels[node].as_str()).collect()
    }

    fn is_on_a_cycle(&self, node: usize) -> bool {
        self.reach(&self.edges[node])[node]
    }

    /// What these nodes lead to, themselves included.
    fn reach(&self, from: &[usize]) -> Vec<bool> {
        let mut seen = vec![false; self.labels.len()];
        let mut open = from.to_vec();
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut seen[node], true) {
                open.extend(&self.edges[node]);
            }
        }
        seen
    }

    /// Breadth first from these nodes, all at once.
    fn walk(&self, from: &[usize]) -> ShortestPaths<'_> {
        let mut before = vec![None; self.labels.len()];
        let mut seen = vec![false; self.labels.len()];
        let mut queue = VecDeque::new();
        for node in from {
            seen[*node] = true;
            queue.push_back(*node);
        }
        while let Some(node) = queue.pop_front() {
            let mut next = self.edges[node].clone();
            next.sort_by(|a, b| self.labels[*a].cmp(&self.labels[*b]));
            for to in next {
                if !seen[to] {
                    seen[to] = true;
                    before[to] = Some(node);
                    queue.push_back(to);
                }
            }
        }
        ShortestPaths { graph: self, before, seen }
    }
}

/// The shortest paths of one graph.
pub struct ShortestPaths<'a> {
    graph: &'a DependencyGraph,
    before: Vec<Option<usize>>,
    seen: Vec<bool>,
}

impl ShortestPaths<'_> {
    /// The labels from a root to `node`, both included; `None` for a node that no root reaches.
    #[must_use]
    pub fn to(&self, node: usize) -> Option<Vec<String>> {
        if !self.seen.get(node).copied().unwrap_or(false) {
            return None;
        }
        let mut path = vec![self.graph.labels[node].clone()];
        let mut at = node;
        while let Some(previous) = self.before[at] {
            path.push(self.graph.labels[previous].clone());
            at = previous;
        }
        path.reverse();
        Some(path)
    }
}

#[cfg(test)]
mod tests {
    use super::DependencyGraph;

    fn graph(nodes: &[(&str, bool)], edges: &[(usize, usize)]) -> DependencyGraph {
        let mut graph = DependencyGraph::default();
        for (label, own) in nodes {
            graph.add_node((*label).to_owned(), *own);
        }
        for (from, to) in edges {
            graph.add_edge(*from, *to);
        }
        graph
    }

    #[test]
    fn the_shortest_path_wins_and_ties_fall_to_the_first_label() {
        let graph = graph(
            &[("app", true), ("b", false), ("a", false), ("deep", false), ("x", false)],
            &[(0, 1), (0, 2), (1, 4), (2, 4), (0, 3), (3, 1)],
        );
        assert_eq!(graph.shortest_paths().to(4), Some(vec!["app".into(), "a".into(), "x".into()]));
    }

    #[test]
    fn a_cycle_of_own_packages_still_has_a_root() {
        let graph = graph(&[("app", true), ("macros", true), ("x", false)], &[(0, 1), (1, 0), (1, 2)]);
        assert_eq!(graph.shortest_paths().to(2), Some(vec!["macros".into(), "x".into()]));
    }

    #[test]
    fn every_cycle_of_own_packages_starts_at_once() {
        // a <-> z, b <-> y; a > l1 > l2 > x, b > x.
        let graph = graph(
            &[("a", true), ("z", true), ("b", true), ("y", true), ("l1", false), ("l2", false), ("x", false)],
            &[(0, 1), (1, 0), (2, 3), (3, 2), (0, 4), (4, 5), (5, 6), (2, 6)],
        );
        assert_eq!(graph.shortest_paths().to(6), Some(vec!["b".into(), "x".into()]));
        assert!(graph.unreached().is_empty());
    }

    #[test]
    fn what_no_own_package_leads_to_is_unreached() {
        let graph = graph(&[("app", true), ("x", false), ("lost", false), ("y", false)], &[(0, 1), (2, 3)]);
        assert_eq!(graph.unreached(), ["lost", "y"]);
    }

    #[test]
    fn a_cycle_of_others_that_nobody_reaches_has_no_path() {
        let graph = graph(&[("app", true), ("x", false), ("y", false)], &[(1, 2), (2, 1)]);
        assert_eq!(graph.shortest_paths().to(1), None);
    }
}
