//! `pdm.lock`, lock versions 2 to 4.5.

use std::collections::HashMap;

use super::{
    Extracted, Extractor, file_name, lines,
    pep508::direct_reference::disclosed,
    pep508::requirement::Requirement,
    python_lock::{self, Entry, Lock, Origin, refused},
    syntax::toml_tree::Node,
};
use crate::model::{Group, pep503};

/// PDM's lockfile.
pub struct PdmLock;

/// What to do about a lockfile that cannot be read.
const CURE: &str = "restore it, or write it anew with `pdm lock`";

impl Extractor for PdmLock {
    fn name(&self) -> &'static str {
        "pdm_lock"
    }

    fn recognises(&self, path: &str) -> bool {
        file_name(path) == "pdm.lock"
    }

    fn looks_like(&self, bytes: &[u8]) -> bool {
        // PDM writes the key with an underscore, everybody else with a dash.
        std::str::from_utf8(bytes).is_ok_and(|text| text.contains("[[package]]") && text.contains("\nlock_version = "))
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        match python_lock::document(bytes, "the file is empty, and a pdm.lock is not", CURE) {
            Ok(document) => read(path, document.root()),
            Err((line, cause)) => Extracted::not_understood(path, line, cause),
        }
    }
}

/// Words in the names of groups that users never get.
const DEVELOPMENT: [&str; 12] =
    ["dev", "devel", "develop", "development", "test", "tests", "testing", "doc", "docs", "documentation", "lint", "linting"];

fn read(path: &str, root: Node<'_>) -> Extracted {
    if let Some(refused) = refused(path, root.at(&["metadata", "lock_version"]), 4, "2 to 4.5") {
        return refused;
    }
    let mut lock = Lock::new(path, CURE);
    if root.get("metadata").is_none() {
        lock.damaged_file(None, "it has no [metadata], as if the file were cut off");
    }
    // A package is there once by itself and once with each set of extras that is wanted of it.
    let mut known: HashMap<(String, &str), usize> = HashMap::new();
    let entries = lock.entries(root, "package");
    let last = entries.iter().filter_map(|entry| entry.text_of("name")).map(pep503).max();
    for package in entries {
        let Some((name, line)) = lock.name(package) else { continue };
        let version = package.text_of("version");
        let key = (pep503(name), version.unwrap_or_default());
        let node = known.get(&key).copied().or_else(|| {
            let (origin, groups) = (origin(package), groups(package));
            let marker = package.text_of("marker").map(str::to_owned);
            // The file does not say which index.
            lock.add(Entry { name, version, line, origin, groups, marker, indexes: Vec::new() })
        });
        let Some(node) = node else { continue };
        known.insert(key, node);
        lock.wanted_for(node, groups(package), package.text_of("marker"));
        for dependency in package.get("dependencies").and_then(Node::items).unwrap_or_default() {
            if let Some(Requirement { name, marker, .. }) = dependency.text().and_then(|text| Requirement::parse(text).ok()) {
                // What was excluded, or is for other platforms, is named and not locked. But entries are in the order of
                // their names: what would come after the last one was cut off.
                let is_behind = marker.is_none() && last.as_ref().is_some_and(|last| pep503(&name) > *last);
                lock.depends(node, &name, is_behind.then_some(line));
            }
        }
    }
    lock.whole()
}

fn origin(package: Node<'_>) -> Origin {
    let about = "advisories are about releases on PyPI";
    let shown = |url: &str| lines::shorten(&disclosed(url));
    for kind in ["git", "hg", "svn", "bzr"] {
        if let Some(url) = package.text_of(kind) {
            return Origin::Elsewhere(format!("the {kind} repository {}; {about}", shown(url)));
        }
    }
    match (package.text_of("path"), package.text_of("url")) {
        // The project's own code, beside it; an archive is somebody else's.
        (Some(path), _) if super::pep508::direct_reference::is_archive(path) => {
            Origin::Elsewhere(format!("the file {}; {about}", shown(path)))
        }
        (Some(_), _) => Origin::Own,
        (None, Some(url)) => Origin::Elsewhere(format!("{}; {about}", shown(url))),
        (None, None) => Origin::Index,
    }
}

/// From lock version 4.2 on. `default` is the runtime; of the others the file does not say whether they are extras or for
/// development, so that their names have to.
fn groups(package: Node<'_>) -> Vec<Group> {
    let group = |name: &str| match name {
        "default" => Group::Runtime,
        // By whole words: `docker` is no documentation.
        name if name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| DEVELOPMENT.contains(&word)) => Group::Dev,
        _ => Group::Optional,
    };
    let mut groups: Vec<Group> =
        package.get("groups").and_then(Node::items).unwrap_or_default().into_iter().filter_map(Node::text).map(group).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Extractor, PdmLock};

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..80),
            text in "(\\[\\[package\\]\\]\n|\\[metadata\\]\n|name = \"[a-z.]{0,3}\"\n|(groups|git|path|url|version|dependencies) = (1|\"1\"|\\[1, \"a\"\\]|\\{a = \"b\"\\})\n|\\PC{0,5}\n){0,8}",
        ) {
            PdmLock.extract("pdm.lock", &bytes);
            PdmLock.extract("pdm.lock", text.as_bytes());
        }
    }
}
