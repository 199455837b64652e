//! `project.dynamic` of a `pyproject.toml`: what is worked out when the project is built, and where that can be read.

use crate::inventory::{
    Reference, ReferenceKind, lines::shorten, pyproject::poetry as poetry_manifest, python_manifest::Manifest, reference::beside,
    syntax::toml_tree::Node,
};

/// Reads what the project leaves to its build tool.
pub(crate) fn read(project: Node<'_>, root: Node<'_>, manifest: &mut Manifest<'_>) {
    let Some(dynamic) = project.get("dynamic") else { return };
    let Some(fields) = dynamic.items() else { return manifest.wrong_table("project.dynamic", dynamic, "a list of names") };
    for field in fields {
        match field.text() {
            Some("dependencies") => dependencies(field.line, root, manifest),
            Some("optional-dependencies") => optional_dependencies(field.line, root, manifest),
            _ => {}
        }
    }
}

fn dependencies(line: u32, root: Node<'_>, manifest: &mut Manifest<'_>) {
    let known = setuptools(root, "dependencies").or_else(|| requirements_hook(root)?.get("files"));
    match known {
        Some(node) => files(node, "dependencies", manifest),
        None if root.at(&["tool", "poetry"]).is_some_and(poetry_manifest::states_dependencies) => {}
        None => unknown(line, "dependencies", manifest),
    }
}

fn optional_dependencies(line: u32, root: Node<'_>, manifest: &mut Manifest<'_>) {
    let known = setuptools(root, "optional-dependencies").or_else(|| requirements_hook(root)?.get("optional-dependencies"));
    match known.map(|node| (node, node.entries())) {
        Some((_, Some(extras))) => {
            for (_, node) in extras {
                files(node, "optional-dependencies", manifest);
            }
        }
        Some((node, None)) => manifest.wrong_table("optional-dependencies", node, "a table of extras"),
        // Poetry's extras name what its table of dependencies has.
        None if root.at(&["tool", "poetry"]).is_some_and(poetry_manifest::states_dependencies) => {}
        None => unknown(line, "optional-dependencies", manifest),
    }
}

/// [What setuptools reads out of files](https://setuptools.pypa.io/en/latest/userguide/pyproject_config.html#dynamic-metadata).
fn setuptools<'a>(root: Node<'a>, field: &str) -> Option<Node<'a>> {
    root.at(&["tool", "setuptools", "dynamic", field])
}

/// The same of Hatch's plugin `hatch-requirements-txt`.
fn requirements_hook(root: Node<'_>) -> Option<Node<'_>> {
    root.at(&["tool", "hatch", "metadata", "hooks", "requirements_txt"])
}

/// `{file = ["a.txt"]}`, `{file = "a.txt"}`, or the list itself.
fn files(node: Node<'_>, field: &str, manifest: &mut Manifest<'_>) {
    let list = node.get("file").unwrap_or(node);
    let items = list.items().unwrap_or_else(|| vec![list]);
    for item in items {
        match item.text() {
            Some(file) => add_reference(file, item.line, manifest),
            None => manifest.wrong_table(&format!("the dynamic {field}"), node, "a list of files, as {file = [\"requirements.txt\"]}"),
        }
    }
}

/// Another file whose requirements are wanted.
pub(crate) fn add_reference(file: &str, line: u32, manifest: &mut Manifest<'_>) {
    let path = beside(manifest.path(), file.trim());
    manifest.extracted.references.push(Reference { kind: ReferenceKind::Requirements, path, line });
}

fn unknown(line: u32, field: &str, manifest: &mut Manifest<'_>) {
    let detail = format!(
        "its {} are worked out when it is built (`dynamic`), and overdue builds nothing; \
         scan a lockfile, or an environment that it is installed in",
        shorten(field)
    );
    manifest.not_stated(line, detail);
}
