//! Alias groups: which records speak of one vulnerability.
//!
//! A group is a connected component over `id` and `aliases`, with one limit: two records of the same database about
//! the same package are never joined. Real data chains such records through a shared third id; they are different
//! vulnerabilities, and joining them would hide one behind the other.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64;

use crate::model::{Advisory, AdvisoryId, Timestamp};

/// Gathers records, one at a time, and links them.
///
/// Withdrawn records link nothing; the caller leaves them out.
#[derive(Default)]
pub struct Linker {
    nodes: HashMap<AdvisoryId, u32>,
    ids: Vec<AdvisoryId>,
    /// By node: the (database, package) pairs of its records, as hashes, sorted.
    claims: Vec<Vec<u64>>,
    records: Vec<Linked>,
}

/// A record, as far as linking needs it.
struct Linked {
    node: u32,
    aliases: Box<[u32]>,
    published: Option<Timestamp>,
    modified: Option<Timestamp>,
}

impl Linker {
    /// Takes in a record.
    pub fn add(&mut self, record: &Advisory) {
        let node = self.node(&record.id);
        for affected in &record.affected {
            let claim = format!("{}\0{}\0{}", record.id.database(), affected.ecosystem.base(), affected.name);
            self.claims[node as usize].push(xxh3_64(claim.as_bytes()));
        }
        let claims = &mut self.claims[node as usize];
        claims.sort_unstable();
        claims.dedup();
        let aliases = record.aliases.iter().map(|alias| self.node(alias)).collect();
        self.records.push(Linked { node, aliases, published: record.published, modified: record.modified });
    }

    fn node(&mut self, id: &AdvisoryId) -> u32 {
        if let Some(node) = self.nodes.get(id) {
            return *node;
        }
        let node = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        self.nodes.insert(id.clone(), node);
        self.ids.push(id.clone());
        self.claims.push(Vec::new());
        node
    }

    /// Links. Links are taken in the order of the ids, so the result does not depend on the order of the records.
    #[must_use]
    pub fn groups(self) -> Groups {
        let Self { nodes, ids, claims, mut records } = self;
        records.sort_by(|a, b| ids[a.node as usize].cmp(&ids[b.node as usize]));
        let mut forest = Forest { parent: (0..u32::try_from(ids.len()).unwrap_or(u32::MAX)).collect(), claims };
        for record in &records {
            for alias in &record.aliases {
                forest.join(record.node, *alias);
            }
        }
        let roots: Vec<u32> = (0..forest.parent.len()).map(|node| forest.root(u32::try_from(node).unwrap_or(u32::MAX))).collect();
        let mut groups: HashMap<u32, Group> = HashMap::new();
        for record in &records {
            let group = groups.entry(roots[record.node as usize]).or_default();
            group.published = earliest(group.published, record.published);
            group.modified = earliest(group.modified, record.modified);
        }
        for (id, root) in ids.into_iter().zip(&roots) {
            groups.entry(*root).or_default().ids.push(id);
        }
        for group in groups.values_mut() {
            group.ids.sort();
            group.ids.truncate(MOST);
        }
        Groups { nodes, roots, by_root: groups }
    }
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    a.into_iter().chain(b).min()
}

/// Ids of a group that are kept: each of its records names them, and no vulnerability has so many names.
const MOST: usize = 100;

/// The alias groups of an ecosystem.
pub struct Groups {
    nodes: HashMap<AdvisoryId, u32>,
    roots: Vec<u32>,
    by_root: HashMap<u32, Group>,
}

/// An alias group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Its ids in order of preference, records or not; of more than a hundred the first.
    pub ids: Vec<AdvisoryId>,
    /// The earliest publication among its records.
    pub published: Option<Timestamp>,
    /// The earliest modification among its records.
    pub modified: Option<Timestamp>,
}

impl Groups {
    /// The group of an id that was linked or named as an alias.
    #[must_use]
    pub fn of(&self, id: &AdvisoryId) -> Option<&Group> {
        self.by_root.get(&self.roots[*self.nodes.get(id)? as usize])
    }
}

/// Disjoint sets of nodes; a root holds the claims of its set.
struct Forest {
    parent: Vec<u32>,
    claims: Vec<Vec<u64>>,
}

impl Forest {
    fn root(&mut self, mut node: u32) -> u32 {
        while self.parent[node as usize] != node {
            let above = self.parent[node as usize];
            self.parent[node as usize] = self.parent[above as usize];
            node = above;
        }
        node
    }

    /// Joins two sets unless both hold a record of one database about one package.
    fn join(&mut self, a: u32, b: u32) {
        let (mut into, mut from) = (self.root(a), self.root(b));
        if self.claims[into as usize].len() < self.claims[from as usize].len() {
            std::mem::swap(&mut into, &mut from);
        }
        let is_claimed = |claim: &u64| self.claims[into as usize].binary_search(claim).is_ok();
        if into == from || self.claims[from as usize].iter().any(is_claimed) {
            return;
        }
        self.parent[from as usize] = into;
        let moved = std::mem::take(&mut self.claims[from as usize]);
        let claims = &mut self.claims[into as usize];
        claims.extend(moved);
        claims.sort_unstable();
    }
}

#[cfg(test)]
mod tests {
    use super::Linker;
    use crate::model::{Advisory, AdvisoryId, Affected, Ecosystem, Statement, normalise_name};

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

    fn alias_groups(records: &[Advisory]) -> Vec<Vec<AdvisoryId>> {
        let mut linker = Linker::default();
        for record in records {
            linker.add(record);
        }
        let groups = linker.groups();
        records.iter().map(|record| groups.of(&record.id).expect("linked").ids.clone()).collect()
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
