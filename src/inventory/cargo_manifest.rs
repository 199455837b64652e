//! `Cargo.toml`: not matched itself, because it states ranges; its lockfile says what is used. Without one it is
//! unchecked.

use toml::{Table, Value};

use super::{Above, Coverage, Extent, Extracted, Extractor, OwnPackage, file_name, lines};
use crate::model::Reason;

/// Cargo's manifest.
pub struct CargoManifest;

/// The tables of dependencies; the two with `_` are old spellings that Cargo still reads.
const KINDS: [&str; 5] = ["dependencies", "dev-dependencies", "build-dependencies", "dev_dependencies", "build_dependencies"];

impl Extractor for CargoManifest {
    fn name(&self) -> &'static str {
        "cargo_manifest"
    }

    fn recognises(&self, path: &str) -> bool {
        file_name(path) == "Cargo.toml"
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        let parsed = lines::utf8(bytes).and_then(lines::toml);
        let table: Table = match parsed {
            Ok(table) => table,
            Err((line, cause)) => return Extracted::not_understood(path, line, cause),
        };
        if !["package", "project", "workspace"].iter().any(|key| table.contains_key(*key)) {
            return Extracted::not_understood(path, None, "it has neither a [package] nor a [workspace]");
        }
        let (own, dependencies) = match own_package(&table).and_then(|own| Ok((own, dependencies(&table)?))) {
            Ok(read) => read,
            Err(fault) => return Extracted::not_understood(path, None, fault),
        };
        let above = match &own {
            // A workspace of its own has a lockfile of its own.
            Some(own) if !table.contains_key("workspace") => Above::Lists(own.clone()),
            _ => Above::Never,
        };
        let coverage = Some(Coverage { lockfiles: &["Cargo.lock"], above, package: own.clone(), extent: Extent::Whole });
        // Members of a workspace may depend on anything, whether they are in the target or not.
        if dependencies.is_empty() && !table.contains_key("workspace") {
            return Extracted { own: own.into_iter().collect(), coverage, ..Extracted::default() };
        }
        // What a path dependency depends on in turn is not written here, so that it counts for nothing and yet is a
        // reason to want the lockfile.
        let packages = dependencies.iter().filter(|dependency| dependency.get("path").is_none()).count();
        let packages = u32::try_from(packages).unwrap_or(u32::MAX);
        let detail = "it states ranges, and no Cargo.lock beside or above it says which versions are used; \
                      scan the whole workspace, or write one with `cargo generate-lockfile`";
        Extracted { coverage, ..Extracted::not_read(path, None, Reason::NoLockfile, packages, detail) }
    }
}

/// The package, if there is one, or what is wrong with it.
fn own_package(table: &Table) -> Result<Option<OwnPackage>, String> {
    let Some(package) = table.get("package").or_else(|| table.get("project")) else { return Ok(None) };
    let text = |key: &str| package.get(key).and_then(Value::as_str).map(str::to_owned);
    match text("name") {
        Some(name) => Ok(Some(OwnPackage { name, version: text("version") })),
        None => Err("its package has no name".to_owned()),
    }
}

/// Every dependency, of every kind and target, or a word about what is no table.
fn dependencies(table: &Table) -> Result<Vec<&Value>, String> {
    let mut holders: Vec<(String, &Table)> = vec![(String::new(), table)];
    if let Some(targets) = table.get("target") {
        for (name, value) in as_table("target", targets)? {
            let name = format!("target.{name}");
            holders.push((format!("{name}."), as_table(&name, value)?));
        }
    }
    if let Some(workspace) = table.get("workspace") {
        holders.push(("workspace.".to_owned(), as_table("workspace", workspace)?));
    }
    let mut found = Vec::new();
    for (prefix, holder) in holders {
        for kind in KINDS {
            if let Some(value) = holder.get(kind) {
                found.extend(as_table(&format!("{prefix}{kind}"), value)?.values());
            }
        }
    }
    Ok(found)
}

fn as_table<'a>(key: &str, value: &'a Value) -> Result<&'a Table, String> {
    value.as_table().ok_or_else(|| format!("`{key}` is no table"))
}
