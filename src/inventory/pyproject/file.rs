//! `pyproject.toml`: what a Python project depends on, by [PEP 621](https://peps.python.org/pep-0621/), PEP 735 and
//! PEP 518, and by the tools that had tables of their own before (Poetry, PDM, uv, Hatch, Flit).

use std::collections::HashSet;

use crate::{
    inventory::{
        Above, Coverage, Extent, Extracted, Extractor, FileState, OwnPackage, file_name,
        lines::{self, Fault},
        pyproject::dynamic as pyproject_dynamic,
        pyproject::groups as dependency_groups,
        pyproject::indexes as pyproject_indexes,
        pyproject::poetry as poetry_manifest,
        pyproject::tools as pyproject_tools,
        python_manifest::Manifest,
        syntax::damage,
        syntax::toml_tree::{Document, Node},
    },
    model::{Group, pep503},
    version::{Pep440, Version},
};

/// The manifest of a Python project.
pub struct Pyproject;

/// The lockfiles that are made of it.
pub(crate) const LOCKFILES: &[&str] = &["uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "pylock.*.toml"];

impl Extractor for Pyproject {
    fn name(&self) -> &'static str {
        "pyproject"
    }

    fn recognises(&self, path: &str) -> bool {
        file_name(path) == "pyproject.toml"
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        lines::utf8(bytes).and_then(|text| from_text(path, text)).unwrap_or_else(|fault| damaged(path, fault))
    }
}

/// A manifest that cannot be read. A lockfile beside it says what it cannot say itself.
pub(crate) fn damaged(path: &str, (line, cause): Fault) -> Extracted {
    let detail = format!("{cause}; correct it, or restore it from version control");
    Extracted { coverage: Some(coverage(None)), ..Extracted::not_understood(path, line, detail) }
}

fn from_text(path: &str, text: &str) -> Result<Extracted, Fault> {
    if let Some(fault) = damage::obvious(text, "TOML") {
        return Err(fault);
    }
    let document = Document::parse(text)?;
    let root = document.root();
    let own = own_package(root);
    let mut manifest = Manifest::new(path, own.as_ref().map(|own| own.name.as_str()));
    read(root, &mut manifest);
    if !manifest.is_known {
        return Ok(Extracted { file: FileState::Irrelevant, ..Extracted::default() });
    }
    let mut extracted = manifest.extracted;
    manifest.indexes.complete(&mut extracted.packages);
    extracted.packages.sort_by_key(|package| package.line);
    extracted.coverage = Some(coverage(own));
    Ok(extracted)
}

/// Lockfiles but uv's do not list the project itself, so that it need not be listed in one beside.
pub(crate) fn coverage(own: Option<OwnPackage>) -> Coverage {
    let above = own.map_or(Above::Never, Above::Lists);
    Coverage { lockfiles: LOCKFILES, above, package: None, extent: Extent::Listed }
}

/// The project itself, as a lockfile would list it: names and versions normalised.
fn own_package(root: Node<'_>) -> Option<OwnPackage> {
    let tables = [(&["project"][..], "name"), (&["tool", "poetry"], "name"), (&["tool", "flit", "metadata"], "dist-name")];
    let (table, name) = tables.iter().find_map(|(path, key)| root.at(path).and_then(|table| Some((table, table.text_of(key)?))))?;
    Some(own_named(name, table.text_of("version")))
}

/// A package of the project as a lockfile would list it.
pub(crate) fn own_named(name: &str, version: Option<&str>) -> OwnPackage {
    let version = version.and_then(|version| Pep440::parse(version).ok()).map(|version| version.to_string());
    OwnPackage { name: pep503(name), version }
}

fn read(root: Node<'_>, manifest: &mut Manifest<'_>) {
    let poetry = root.at(&["tool", "poetry"]);
    pyproject_indexes::read(root, &mut manifest.indexes);
    pyproject_tools::uv_sources(root, manifest);
    if let Some(poetry) = poetry {
        poetry_manifest::origins(poetry, manifest);
    }
    if let Some(project) = root.get("project") {
        read_project(project, root, manifest);
    }
    let stated: HashSet<String> = std::mem::take(&mut manifest.stated);
    if let Some(groups) = root.get("dependency-groups") {
        dependency_groups::read(groups, manifest);
    }
    let stated_in_groups: HashSet<String> = std::mem::take(&mut manifest.stated);
    if let Some(poetry) = poetry {
        poetry_manifest::read(poetry, manifest, &stated, &stated_in_groups);
    }
    if let Some(requires) = root.at(&["build-system", "requires"]) {
        manifest.list(requires, "build-system.requires", &[Group::Dev]);
    }
    pyproject_tools::read(root, manifest);
}

fn read_project(project: Node<'_>, root: Node<'_>, manifest: &mut Manifest<'_>) {
    manifest.is_known = true;
    if project.entries().is_none() {
        return manifest.wrong_table("project", project, "a table");
    }
    if let Some(dependencies) = project.get("dependencies") {
        manifest.list(dependencies, "project.dependencies", &[Group::Runtime]);
    }
    if let Some(extras) = project.get("optional-dependencies") {
        manifest.lists(extras, "project.optional-dependencies", &[Group::Optional]);
    }
    pyproject_dynamic::read(project, root, manifest);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Extractor, FileState, Pyproject};
    use crate::inventory::{Above, OwnPackage};

    #[test]
    fn configuration_of_tools_alone_is_no_manifest() {
        for text in ["", "[tool.ruff]\nline-length = 88\n", "[build-system]\nbuild-backend = \"x\"\n", "[tool.uv]\npackage = false\n"] {
            assert_eq!(Pyproject.extract("pyproject.toml", text.as_bytes()).file, FileState::Irrelevant, "{text}");
        }
        let extracted = Pyproject.extract("pyproject.toml", b"[project]\nname = \"My_App\"\nversion = \"1.0-beta1\"\n");
        assert_eq!((extracted.file, extracted.packages.len()), (FileState::Read, 0));
        let own = OwnPackage { name: "my-app".to_owned(), version: Some("1.0b1".to_owned()) };
        assert_eq!(extracted.coverage.map(|coverage| coverage.above), Some(Above::Lists(own)));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(
            table in "project|tool\\.poetry|tool\\.poetry\\.dependencies|dependency-groups|tool\\.uv|tool\\.uv\\.sources|tool\\.hatch\\.envs",
            key in "dependencies|name|dynamic|a|requires",
            value in "[\\[\\]{}\"'=a-z0-9 ,.<>~^@:;*#|\\n-]{0,40}",
        ) {
            let text = format!("[{table}]\n{key} = {value}\n");
            for package in Pyproject.extract("pyproject.toml", text.as_bytes()).packages {
                prop_assert!(package.line >= 2);
            }
        }
    }
}
