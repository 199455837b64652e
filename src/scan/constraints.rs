//! Constraints (`-c`): they pin or narrow what the files that they bind want, and want nothing themselves.
//!
//! A file that several others include is bound by what binds it in each of them. What a constraints file pins and nobody
//! names is wanted by something that is named: it is judged where it stands. What it only narrows is nobody's.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::files::Read;
use crate::{
    inventory::ReferenceKind,
    model::{Location, Package, Reason, Unchecked, Wanted, normalise_name},
    version::Specifiers,
};

/// What constraints say of one package: specifiers, and where they stand.
type Limits = HashMap<String, Vec<(Specifiers, Location)>>;

/// Applies the constraints among the files of all targets.
pub(super) fn apply(files: &mut [Read]) {
    let links = Links::new(files);
    let binding = links.binding();
    let constraints: BTreeSet<usize> = links.constraints.iter().flatten().copied().collect();
    if constraints.is_empty() {
        return;
    }
    let limits: HashMap<usize, Limits> = constraints.iter().map(|at| (*at, limits(&files[*at]))).collect();
    let mut used: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for (at, bound_by) in binding.iter().enumerate().filter(|(_, bound_by)| !bound_by.is_empty()) {
        for package in &files[at].extracted.packages {
            let name = normalise_name(&package.ecosystem, &package.name);
            let by = bound_by.iter().filter(|by| limits[by].contains_key(&name));
            by.for_each(|by| used.entry(*by).or_default().extend([name.clone()]));
        }
        let mut kept = Vec::new();
        for package in std::mem::take(&mut files[at].extracted.packages) {
            match constrained(&package, bound_by, &limits) {
                Ok(None) => kept.push(package),
                Ok(Some((wanted, also_at))) => kept.push(Package { wanted, also_at, ..package }),
                Err(detail) => {
                    let subject = format!("{} {}", package.name, package.wanted);
                    let (path, line, reason) = (files[at].path.clone(), Some(package.line), Reason::NotUnderstood);
                    files[at].extracted.unchecked.push(Unchecked { path, line, subject, packages: 1, reason, detail });
                }
            }
        }
        files[at].extracted.packages = kept;
    }
    for at in constraints.into_iter().filter(|at| links.wanted_by_nobody(*at)) {
        let used = used.remove(&at).unwrap_or_default();
        let file = &mut files[at];
        let before = file.extracted.packages.len();
        file.extracted.packages.retain(|package| !used.contains(&normalise_name(&package.ecosystem, &package.name)));
        // A range that nobody names only limits what comes in by others.
        file.extracted.packages.retain(|package| package.wanted.version().is_some());
        file.covered += (before - file.extracted.packages.len()) as u64;
    }
}

/// What a constraints file says of each package. What depends on a marker may not hold.
fn limits(file: &Read) -> Limits {
    let mut limits = Limits::new();
    for package in file.extracted.packages.iter().filter(|package| package.marker.is_none()) {
        let text = match &package.wanted {
            Wanted::Version(version) => format!("==={version}"),
            Wanted::Requirement(requirement) => requirement.clone(),
        };
        if let Ok(specifiers) = Specifiers::parse(&text) {
            let location = Location { path: file.path.clone(), line: package.line };
            limits.entry(normalise_name(&package.ecosystem, &package.name)).or_default().push((specifiers, location));
        }
    }
    limits
}

/// What constraints leave of what a package may be, and where they stand; `None` where they say nothing of it.
///
/// # Errors
/// Why none of its versions satisfies them.
fn constrained(
    package: &Package,
    bound_by: &BTreeSet<usize>,
    limits: &HashMap<usize, Limits>,
) -> Result<Option<(Wanted, Vec<Location>)>, String> {
    let name = normalise_name(&package.ecosystem, &package.name);
    let said: Vec<&(Specifiers, Location)> = bound_by.iter().filter_map(|by| limits[by].get(&name)).flatten().collect();
    let own = package.wanted.requirement().and_then(|own| Specifiers::parse(own).ok());
    let Some(own) = own.filter(|_| !said.is_empty()) else { return Ok(None) };
    let all = said.iter().fold(own.clone(), |all, (specifiers, _)| all.and(specifiers));
    let also_at: Vec<Location> = said.iter().map(|(_, location)| location.clone()).collect();
    let pinned = said.iter().find_map(|(specifiers, _)| specifiers.pin());
    let is_possible = match pinned {
        // What the constraint pins has to satisfy the requirement itself.
        Some(pin) => Specifiers::parse(&format!("=={pin}")).is_ok_and(|pin| !own.and(&pin).is_unsatisfiable()),
        None => !all.is_unsatisfiable(),
    };
    if !is_possible {
        let places: Vec<String> = also_at.iter().map(|at| format!("{}:{}", at.path, at.line)).collect();
        return Err(format!("no version satisfies both it and the constraint at {}", places.join(", ")));
    }
    let wanted = pinned.map_or_else(|| Wanted::Requirement(all.to_string()), |pin| Wanted::Version(pin.to_owned()));
    Ok(Some((wanted, also_at)))
}

/// Who includes and who constrains whom; files by their place.
struct Links {
    includes: Vec<Vec<usize>>,
    constraints: Vec<Vec<usize>>,
    is_included: Vec<bool>,
}

impl Links {
    fn new(files: &[Read]) -> Self {
        let mut places: HashMap<(usize, &str), usize> = HashMap::new();
        for (at, file) in files.iter().enumerate() {
            for path in file.paths() {
                places.entry((file.target, path)).or_insert(at);
            }
        }
        let of = |kind: ReferenceKind| {
            let to = |file: &Read| -> Vec<usize> {
                let references = file.extracted.references.iter().filter(|reference| reference.kind == kind);
                references.filter_map(|reference| places.get(&(file.target, reference.path.as_str())).copied()).collect()
            };
            files.iter().map(to).collect::<Vec<_>>()
        };
        let (includes, constraints) = (of(ReferenceKind::Requirements), of(ReferenceKind::Constraints));
        let mut is_included = vec![false; files.len()];
        includes.iter().flatten().for_each(|at| is_included[*at] = true);
        Self { includes, constraints, is_included }
    }

    /// Whether a constraints file is included nowhere, so that what it names is wanted by nobody.
    fn wanted_by_nobody(&self, at: usize) -> bool {
        !self.is_included[at]
    }

    /// Everything that a file leads to by `-r`, itself included; with `constraints`, by `-c`, too.
    fn closure(&self, from: &[usize], constraints: bool) -> BTreeSet<usize> {
        let (mut seen, mut open) = (BTreeSet::new(), from.to_vec());
        while let Some(at) = open.pop() {
            if seen.insert(at) {
                open.extend(&self.includes[at]);
                if constraints {
                    open.extend(&self.constraints[at]);
                }
            }
        }
        seen
    }

    /// Of each file, the constraints files that bind it wherever it is included.
    fn binding(&self) -> Vec<BTreeSet<usize>> {
        let count = self.includes.len();
        let mut bound_by: Vec<Option<BTreeSet<usize>>> = vec![None; count];
        let is_constraint: BTreeSet<usize> = self.constraints.iter().flatten().copied().collect();
        let is_root = |at: &usize| !self.is_included[*at] && !is_constraint.contains(at);
        let mut reached = BTreeSet::new();
        let mut roots: Vec<usize> = (0..count).filter(is_root).collect();
        for root in &roots {
            reached.extend(self.closure(&[*root], false));
        }
        // Files that include each other in a circle, and that nobody else includes.
        roots.extend((0..count).filter(|at| !reached.contains(at) && !is_constraint.contains(at)));
        for root in roots {
            let scope = self.closure(&[root], false);
            let named: Vec<usize> = scope.iter().flat_map(|at| &self.constraints[*at]).copied().collect();
            if named.is_empty() && scope.iter().all(|at| bound_by[*at].is_none()) && scope.len() == 1 {
                bound_by[root] = Some(BTreeSet::new());
                continue;
            }
            let constraints = self.closure(&named, true);
            for at in scope {
                let both = bound_by[at].as_ref().map(|earlier| earlier.intersection(&constraints).copied().collect());
                bound_by[at] = Some(both.unwrap_or_else(|| constraints.clone()));
            }
        }
        bound_by.into_iter().map(Option::unwrap_or_default).collect()
    }
}
