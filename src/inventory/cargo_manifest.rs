//! `Cargo.toml`: not matched itself, because it states ranges; its lockfile says what is used. Without one it is
//! unchecked.

use toml::{Table, Value};

use super::{Coverage, Extracted, Extractor, FileState, Member, file_name, lines};
use crate::model::{Reason, Unchecked};

/// Cargo's manifest.
pub struct CargoManifest;

impl Extractor for CargoManifest {
    fn name(&self) -> &'static str {
        "cargo_manifest"
    }

    fn recognises(&self, path: &str) -> bool {
        file_name(path) == "Cargo.toml"
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        let text = match lines::utf8(bytes) {
            Ok(text) => text,
            Err((line, cause)) => return Extracted::not_understood(path, line, cause),
        };
        let table: Table = match toml::from_str(text) {
            Ok(table) => table,
            Err(error) => {
                let (line, cause) = lines::toml_cause(&error.to_string());
                return Extracted::not_understood(path, line, cause);
            }
        };
        let name = table.get("package").and_then(|p| p.get("name")).and_then(Value::as_str).map(str::to_owned);
        let packages = third_party(&table);
        let coverage = Some(Coverage { lockfiles: &["Cargo.lock"], member: Some(Member { name: name.clone() }) });
        if packages == 0 {
            return Extracted { own: name.into_iter().collect(), coverage, ..Extracted::default() };
        }
        let detail = "it states ranges and has no Cargo.lock that says which versions are used; `cargo generate-lockfile` writes one";
        let unchecked = Unchecked {
            path: path.to_owned(),
            line: None,
            subject: "Cargo.toml".to_owned(),
            packages,
            reason: Reason::NoLockfile,
            detail: detail.to_owned(),
        };
        Extracted { file: FileState::NotRead, unchecked: vec![unchecked], coverage, ..Extracted::default() }
    }
}

/// How many dependencies it names that are not the project's own.
fn third_party(table: &Table) -> u32 {
    const KINDS: [&str; 5] = ["dependencies", "dev-dependencies", "build-dependencies", "dev_dependencies", "build_dependencies"];
    let count = |table: &Table| -> usize {
        let dependencies = KINDS.iter().filter_map(|kind| table.get(*kind)).filter_map(Value::as_table);
        dependencies.flat_map(|d| d.values()).filter(|dependency| dependency.get("path").is_none()).count()
    };
    let targets = table.get("target").and_then(Value::as_table).into_iter().flat_map(|t| t.values()).filter_map(Value::as_table);
    let workspace = table.get("workspace").and_then(Value::as_table);
    u32::try_from(count(table) + targets.map(count).sum::<usize>() + workspace.map_or(0, count)).unwrap_or(u32::MAX)
}
