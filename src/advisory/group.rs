//! Alias groups: which records speak of one vulnerability.
//!
//! A group is a connected component over `id` and `aliases`, with one limit: two records of the same database about
//! the same package are never joined. Real data chains such records through a shared third id; they are different
//! vulnerabilities, and joining them would hide one behind the other.

use std::collections::{BTreeSet, HashMap};

use crate::model::{Advisory, AdvisoryId, Ecosystem};

/// The name of a package under its ecosystem's rule for equal names.
#[must_use]
pub fn normalise_name(ecosystem: &Ecosystem, name: &str) -> String {
    if ecosystem.base().as_str() != Ecosystem::PYPI {
        return name.to_owned();
    }
    // PEP 503: runs of `-`, `_` and `.` are one `-`; case does not count.
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            _ => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// The alias group of each record: all its ids, in order of preference, records or not.
///
/// Links are taken in the order of the ids, so the result does not depend on the order of the records. Withdrawn
/// records link nothing; the caller leaves them out.
#[must_use]
pub fn alias_groups(records: &[Advisory]) -> Vec<Vec<AdvisoryId>> {
    let mut forest = Forest::default();
    let mut order: Vec<&Advisory> = records.iter().collect();
    order.sort_by(|a, b| a.id.cmp(&b.id));
    for record in &order {
        forest.add_record(record);
    }
    for record in &order {
        let from = forest.node(&record.id);
        for alias in &record.aliases {
            let to = forest.node(alias);
            forest.join(from, to);
        }
    }
    let mut members: HashMap<usize, Vec<AdvisoryId>> = HashMap::new();
    for node in 0..forest.ids.len() {
        let root = forest.root(node);
        members.entry(root).or_default().push(forest.ids[node].clone());
    }
    for group in members.values_mut() {
        group.sort();
    }
    records
        .iter()
        .map(|record| {
            let node = forest.node(&record.id);
            members.get(&forest.root(node)).cloned().unwrap_or_default()
        })
        .collect()
}

/// Disjoint sets of ids, each with the (database, package) pairs of its records.
#[derive(Default)]
struct Forest {
    index: HashMap<AdvisoryId, usize>,
    ids: Vec<AdvisoryId>,
    parent: Vec<usize>,
    claims: Vec<BTreeSet<(String, String, String)>>,
}

impl Forest {
    fn node(&mut self, id: &AdvisoryId) -> usize {
        if let Some(node) = self.index.get(id) {
            return *node;
        }
        let node = self.ids.len();
        self.index.insert(id.clone(), node);
        self.ids.push(id.clone());
        self.parent.push(node);
        self.claims.push(BTreeSet::new());
        node
    }

    fn add_record(&mut self, record: &Advisory) {
        let node = self.node(&record.id);
        let database = record.id.database();
        for affected in &record.affected {
            let claim = (database.to_owned(), affected.ecosystem.base().as_str().to_owned(), affected.name.clone());
            self.claims[node].insert(claim);
        }
    }

    fn root(&mut self, mut node: usize) -> usize {
        while self.parent[node] != node {
            self.parent[node] = self.parent[self.parent[node]];
            node = self.parent[node];
        }
        node
    }

    /// Joins two sets unless both hold a record of one database about one package.
    fn join(&mut self, a: usize, b: usize) {
        let (mut into, mut from) = (self.root(a), self.root(b));
        if into == from || !self.claims[into].is_disjoint(&self.claims[from]) {
            return;
        }
        if self.claims[into].len() < self.claims[from].len() {
            std::mem::swap(&mut into, &mut from);
        }
        self.parent[from] = into;
        let moved = std::mem::take(&mut self.claims[from]);
        self.claims[into].extend(moved);
    }
}

#[cfg(test)]
mod tests {
    use super::{alias_groups, normalise_name};
    use crate::model::{Advisory, AdvisoryId, Affected, Ecosystem, Statement};

    fn record(id: &str, package: &str, aliases: &[&str]) -> Advisory {
        Advisory {
            id: AdvisoryId(id.to_owned()),
            aliases: aliases.iter().map(|a| AdvisoryId((*a).to_owned())).collect(),
            upstream: Vec::new(),
            statement: Statement::default(),
            summary: None,
            published: None,
            modified: None,
            withdrawn: None,
            affected: vec![Affected::new(Ecosystem::crates_io(), package)],
        }
    }

    fn groups(records: &[Advisory]) -> Vec<String> {
        let texts = |group: &Vec<AdvisoryId>| group.iter().map(|id| id.0.as_str()).collect::<Vec<_>>().join(" ");
        alias_groups(records).iter().map(texts).collect()
    }

    #[test]
    fn aliases_join_in_either_direction() {
        let records = [record("GHSA-a", "x", &["CVE-1"]), record("RUSTSEC-1", "x", &["CVE-1"])];
        assert_eq!(groups(&records), ["RUSTSEC-1 GHSA-a CVE-1", "RUSTSEC-1 GHSA-a CVE-1"]);
    }

    #[test]
    fn records_of_one_database_about_one_package_stay_apart() {
        // As three records of one crate that share one GHSA id.
        let mut records = vec![
            record("RUSTSEC-3", "hpke", &["GHSA-a"]),
            record("RUSTSEC-1", "hpke", &["GHSA-a"]),
            record("RUSTSEC-2", "hpke", &["GHSA-a"]),
        ];
        let expected = ["RUSTSEC-3", "RUSTSEC-1 GHSA-a", "RUSTSEC-2"];
        assert_eq!(groups(&records), expected);
        records.reverse();
        assert_eq!(groups(&records), ["RUSTSEC-2", "RUSTSEC-1 GHSA-a", "RUSTSEC-3"]);
    }

    #[test]
    fn records_of_one_database_about_two_packages_may_join() {
        let records = [record("RUSTSEC-1", "a", &["CVE-1"]), record("RUSTSEC-2", "b", &["CVE-1"])];
        assert_eq!(groups(&records)[0], "RUSTSEC-1 RUSTSEC-2 CVE-1");
    }

    #[test]
    fn names_are_equal_as_their_ecosystem_says() {
        let pypi = Ecosystem::new(Ecosystem::PYPI);
        assert_eq!(normalise_name(&pypi, "Zope.Interface__x"), "zope-interface-x");
        assert_eq!(normalise_name(&Ecosystem::crates_io(), "Inflector_x"), "Inflector_x");
    }

    proptest::proptest! {
        #[test]
        fn groups_keep_their_limit_and_do_not_depend_on_the_order(
            links in proptest::collection::vec((0usize..6, 0usize..3, proptest::collection::vec(0usize..8, 0..4)), 1..12),
            rotate in 0usize..12,
        ) {
            let databases = ["RUSTSEC", "GHSA"];
            let mut records: Vec<Advisory> = links
                .iter()
                .enumerate()
                .map(|(at, (package, database, aliases))| {
                    let aliases: Vec<String> = aliases.iter().map(|alias| format!("CVE-{alias}")).collect();
                    let aliases: Vec<&str> = aliases.iter().map(String::as_str).collect();
                    record(&format!("{}-{at}", databases[database % 2]), ["a", "b", "c"][package % 3], &aliases)
                })
                .collect();
            let by_id = |records: &[Advisory]| {
                let groups = alias_groups(records);
                records.iter().map(|r| r.id.clone()).zip(groups).collect::<std::collections::BTreeMap<_, _>>()
            };
            let expected = by_id(&records);
            let length = records.len();
            records.rotate_left(rotate % length);
            proptest::prop_assert_eq!(&by_id(&records), &expected);
            for (id, group) in &expected {
                proptest::prop_assert!(group.contains(id));
                let mut claims: Vec<(String, String)> = records
                    .iter()
                    .filter(|r| group.contains(&r.id))
                    .map(|r| (r.id.database().to_owned(), r.affected[0].name.clone()))
                    .collect();
                let all = claims.len();
                claims.sort();
                claims.dedup();
                proptest::prop_assert_eq!(claims.len(), all, "two records of one database about one package in {:?}", group);
            }
        }
    }
}
