//! `osv-scanner.toml` of osv-scanner. Its keys are read in any case of letters, as osv-scanner reads them.

use super::{
    advisory_id::is_word,
    entry::{Entry, ImportError, Imported},
    importer::Importer,
    setting::{self, Setting},
    toml_tree,
    tree::{Node, Value},
    words::{one_line, shown},
};

/// osv-scanner's configuration.
pub struct OsvScanner;

const SETTINGS: [Setting; 2] = [
    Setting { path: &["GoVersionOverride"], idle: "", why: "it is about Go" },
    Setting { path: &["ScanGoModVersion"], idle: "false", why: "it is about Go" },
];

/// Every key as it is documented.
const KEYS: [&str; 15] = [
    "IgnoredVulns", "PackageOverrides", "GoVersionOverride", "ScanGoModVersion", "id", "ignoreUntil", "reason", "name", "version",
    "ecosystem", "group", "ignore", "vulnerability", "license", "override",
];

impl Importer for OsvScanner {
    fn name(&self) -> &'static str {
        "osv-scanner"
    }

    fn recognises(&self, file_name: &str) -> bool {
        matches!(file_name, "osv-scanner.toml" | ".osv-scanner.toml")
    }

    fn looks_like(&self, text: &str) -> bool {
        let starts = ["[[ignoredvulns]]", "[[packageoverrides]]", "ignoredvulns ", "ignoredvulns="];
        text.lines().any(|line| {
            let line = line.trim_start().to_ascii_lowercase();
            starts.iter().any(|start| line.starts_with(start))
        })
    }

    fn import(&self, text: &str) -> Result<Imported, ImportError> {
        let root = documented(toml_tree::read(text)?);
        let mut imported = Imported::new(self.name());
        for entry in root.items_of("IgnoredVulns", "a list of tables [[IgnoredVulns]]")? {
            read(entry, &mut imported)?;
        }
        for entry in root.items_of("PackageOverrides", "a list of tables [[PackageOverrides]]")? {
            entry.pairs("a table [[PackageOverrides]]")?;
            imported.leave(entry.line, entry.sketch(), why_not(entry));
        }
        setting::leave(&SETTINGS, &root, &mut imported);
        let known = ["IgnoredVulns", "PackageOverrides", "GoVersionOverride", "ScanGoModVersion"];
        setting::leave_strangers(Some(&root), "", &known, &mut imported);
        Ok(imported)
    }
}

fn read(entry: &Node, imported: &mut Imported) -> Result<(), ImportError> {
    entry.pairs("a table [[IgnoredVulns]]")?;
    let id = entry.text_of("id", "the identifier of an advisory")?;
    let reason = entry.text_of("reason", "words")?.and_then(one_line);
    let expires = entry.day_of("ignoreUntil")?;
    match id {
        Some(_) if entry.stranger(&["id", "ignoreUntil", "reason"]).is_some() => {
            let key = entry.stranger(&["id", "ignoreUntil", "reason"]).unwrap_or_default();
            imported.leave(entry.line, entry.sketch(), format!("the meaning of its key {} is not known here", shown(key)));
        }
        Some(id) if is_word(id) => imported.entries.push(Entry { reason, expires, ..Entry::of(id, entry.line) }),
        Some(id) => imported.leave(entry.line, shown(id), "it is no identifier of an advisory"),
        None => imported.leave(entry.line, entry.sketch(), "it names no advisory"),
    }
    Ok(())
}

fn why_not(entry: &Node) -> &'static str {
    let is_set = |path: &[&str]| entry.at(path).is_some_and(|node| matches!(node.value, Value::Boolean(true)));
    if is_set(&["ignore"]) || is_set(&["vulnerability", "ignore"]) {
        "it is about every advisory of packages, and an exception is about one advisory"
    } else if entry.get("license").is_some() {
        "it is about licenses"
    } else {
        "it is about packages, and an exception is about one advisory"
    }
}

/// The tree with its keys as they are documented, where no such key is there already.
fn documented(mut node: Node) -> Node {
    match &mut node.value {
        Value::Map(pairs) => {
            for at in 0..pairs.len() {
                let documented = pairs.get(at).and_then(|(key, _)| KEYS.into_iter().find(|known| known.eq_ignore_ascii_case(key)));
                let is_free = documented.is_some_and(|known| !pairs.iter().any(|(key, _)| key == known));
                if let (Some(known), true, Some((key, _))) = (documented, is_free, pairs.get_mut(at)) {
                    known.clone_into(key);
                }
            }
            *pairs = std::mem::take(pairs).into_iter().map(|(key, node)| (key, documented(node))).collect();
        }
        Value::List(items) => *items = std::mem::take(items).into_iter().map(documented).collect(),
        _ => {}
    }
    node
}
