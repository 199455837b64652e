//! Constraints (`-c`): they pin or narrow what the files that they bind want, and want nothing themselves.
//!
//! A file is bound by what it names itself, and, if only others know it, by what binds it in each of them: whoever
//! installs a file by itself does not see what another one says. What a constraints file pins and nobody
//! names is wanted by something that is named: it is judged where it stands. What it only narrows is nobody's.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    rc::Rc,
};

use super::{
    files::Read,
    references::{self, closure},
};
use crate::{
    inventory::{ReferenceKind, file_name},
    model::{Location, Package, Reason, Unchecked, Wanted, normalise_name},
    version::{Pep440, Specifiers, Version},
};

/// What constraints say of one package: specifiers, and where they stand.
type Limits = HashMap<String, Vec<(Specifiers, Location)>>;

/// Applies the constraints among the files of all targets.
pub(super) fn apply(files: &mut [Read]) {
    let links = Links::new(files);
    let constraints: BTreeSet<usize> = links.constraints.iter().flatten().copied().collect();
    if constraints.is_empty() {
        return;
    }
    let binding = links.binding(files);
    let named: BTreeSet<usize> = binding.iter().flat_map(|bound_by| bound_by.iter().copied()).collect();
    let limits: HashMap<usize, Limits> = named.into_iter().map(|at| (at, limits(&files[at]))).collect();
    let mut used: HashMap<usize, HashSet<String>> = HashMap::new();
    for (at, bound_by) in binding.iter().enumerate().filter(|(_, bound_by)| !bound_by.is_empty()) {
        let mut kept = Vec::new();
        for package in std::mem::take(&mut files[at].extracted.packages) {
            let name = normalise_name(&package.ecosystem, &package.name);
            let speaking: Vec<usize> =
                bound_by.iter().copied().filter(|by| limits.get(by).is_some_and(|l| l.contains_key(&name))).collect();
            let said: Vec<&(Specifiers, Location)> = speaking.iter().flat_map(|by| &limits[by][&name]).collect();
            match constrained(&package, &said) {
                Ok(Applied::Nothing) => kept.push(package),
                Ok(applied) => {
                    for by in speaking {
                        used.entry(by).or_default().insert(name.clone());
                    }
                    kept.push(match applied {
                        Applied::Narrowed(wanted, also_at) => Package { wanted, also_at, ..package },
                        Applied::Nothing | Applied::SamePin => package,
                    });
                }
                Err(detail) => {
                    let subject = format!("{} {}", package.name, package.wanted);
                    let (path, line, reason) = (files[at].path.clone(), Some(package.line), Reason::NotUnderstood);
                    files[at].extracted.unchecked.push(Unchecked { path, line, subject, packages: 1, reason, detail });
                }
            }
        }
        files[at].extracted.packages = kept;
    }
    for at in constraints {
        if !links.wants_nothing(at, &files[at]) {
            continue;
        }
        let used = used.remove(&at).unwrap_or_default();
        let file = &mut files[at];
        let before = file.extracted.packages.len();
        // What depends on a marker limits nothing for sure, and is judged as it stands.
        let is_used = |package: &Package| package.marker.is_none() && used.contains(&normalise_name(&package.ecosystem, &package.name));
        // A range that nobody names only limits what comes in by others.
        file.extracted.packages.retain(|package| !is_used(package) && package.wanted.version().is_some());
        file.covered += (before - file.extracted.packages.len()) as u64;
    }
}

/// What a constraints file says of each package. What depends on a marker may not hold.
fn limits(file: &Read) -> Limits {
    let mut limits = Limits::new();
    for package in file.extracted.packages.iter().filter(|package| package.marker.is_none()) {
        let text = match &package.wanted {
            // `===` only where nothing else can say it.
            Wanted::Version(version) if Pep440::parse(version).is_err() => format!("==={version}"),
            Wanted::Version(version) => format!("=={version}"),
            Wanted::Requirement(requirement) => requirement.clone(),
        };
        if let Ok(specifiers) = Specifiers::parse(&text) {
            let location = Location { path: file.path.clone(), line: package.line };
            limits.entry(normalise_name(&package.ecosystem, &package.name)).or_default().push((specifiers, location));
        }
    }
    limits
}

/// What constraints do to an entry.
enum Applied {
    /// They do not speak of it, or too much to work it out.
    Nothing,
    /// It pins what they pin.
    SamePin,
    /// It is narrowed to this, by what stands there.
    Narrowed(Wanted, Vec<Location>),
}

/// More specifiers than this about one package are not worked out.
const MOST: usize = 500;

/// What constraints leave of what a package may be.
///
/// # Errors
/// Why none of its versions satisfies them.
fn constrained(package: &Package, said: &[&(Specifiers, Location)]) -> Result<Applied, String> {
    if let Some(version) = package.wanted.version() {
        let is_same = |(specifiers, _): &&(Specifiers, Location)| {
            let parsed = Pep440::parse(version).ok();
            specifiers.pin().is_some_and(|pin| pin == version || (parsed.is_some() && Pep440::parse(pin).ok() == parsed))
        };
        return Ok(if !said.is_empty() && said.iter().all(is_same) { Applied::SamePin } else { Applied::Nothing });
    }
    let own = package.wanted.requirement().and_then(|own| Specifiers::parse(own).ok());
    let count: usize = said.iter().map(|(specifiers, _)| specifiers.count()).sum();
    let Some(own) = own.filter(|own| !said.is_empty() && own.count() + count <= MOST) else { return Ok(Applied::Nothing) };
    let all = said.iter().fold(own, |all, (specifiers, _)| all.and(specifiers));
    let also_at: Vec<Location> = said.iter().map(|(_, location)| location.clone()).collect();
    if all.is_unsatisfiable() {
        let places: Vec<String> = also_at.iter().map(|at| format!("{}:{}", at.path, at.line)).collect();
        return Err(format!("no version satisfies both it and what constrains it at {}", places.join(", ")));
    }
    // With alternatives, a pin among the constraints pins them all.
    let pinned = all.pin().or_else(|| said.iter().find_map(|(specifiers, _)| specifiers.pin()));
    let wanted = pinned.map_or_else(|| Wanted::Requirement(all.to_string()), |pin| Wanted::Version(pin.to_owned()));
    Ok(Applied::Narrowed(wanted, also_at))
}

/// Who includes and who constrains whom; files by their place.
struct Links {
    includes: Vec<Vec<usize>>,
    constraints: Vec<Vec<usize>>,
    is_included: Vec<bool>,
}

impl Links {
    fn new(files: &[Read]) -> Self {
        let places = references::places(files);
        let of = |kind| references::links(files, &places, kind);
        let (includes, constraints) = (of(ReferenceKind::Requirements), of(ReferenceKind::Constraints));
        let mut is_included = vec![false; files.len()];
        includes.iter().flatten().for_each(|at| is_included[*at] = true);
        Self { includes, constraints, is_included }
    }

    /// Whether a constraints file wants nothing itself: it is included nowhere, and there for this alone. A requirements
    /// file may constrain another one, and still wants what it names.
    fn wants_nothing(&self, at: usize, file: &Read) -> bool {
        let is_named_so = file_name(&file.path).to_ascii_lowercase().contains("constraint");
        !self.is_included[at] && (is_named_so || file.followed)
    }

    /// Of each file, the constraints files that bind it wherever it is included.
    fn binding(&self, files: &[Read]) -> Vec<Rc<BTreeSet<usize>>> {
        let is_constraint: BTreeSet<usize> = self.constraints.iter().flatten().copied().collect();
        let is_other = |at: &usize| !(is_constraint.contains(at) && self.wants_nothing(*at, &files[*at]));
        let mut reached = BTreeSet::new();
        // A file that others include may be installed by itself, too, unless only they know it.
        let is_root = |at: &usize| is_other(at) && !(self.is_included[*at] && files[*at].followed);
        let mut roots: Vec<usize> = (0..files.len()).filter(is_root).collect();
        for root in &roots {
            reached.extend(closure([*root], &self.includes));
        }
        // Files that include each other in a circle, and that nobody else includes.
        roots.extend((0..files.len()).filter(|at| !reached.contains(at) && is_other(at)));
        let mut bound_by: Vec<Option<Rc<BTreeSet<usize>>>> = vec![None; files.len()];
        // Most roots name the same few constraints, and most files are reached from one root.
        let mut known: HashMap<BTreeSet<usize>, Rc<BTreeSet<usize>>> = HashMap::new();
        for root in roots {
            let scope = closure([root], &self.includes);
            let named: BTreeSet<usize> = scope.iter().flat_map(|at| &self.constraints[*at]).copied().collect();
            // What a constraints file includes is wanted, and constrains nothing.
            let all = || Rc::new(closure(named.iter().copied(), &self.constraints));
            let constraints = Rc::clone(known.entry(named.clone()).or_insert_with(all));
            for at in scope {
                bound_by[at] = Some(match bound_by[at].take() {
                    Some(earlier) if !Rc::ptr_eq(&earlier, &constraints) => Rc::new(earlier.intersection(&constraints).copied().collect()),
                    Some(_) | None => Rc::clone(&constraints),
                });
            }
        }
        bound_by.into_iter().map(Option::unwrap_or_default).collect()
    }
}
