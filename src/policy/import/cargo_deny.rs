//! `deny.toml` of cargo-deny: identifiers and yanked crates in one list, as text or as tables with a reason.

use super::{
    advisory_id::is_word,
    entry::{Entry, ImportError, Imported},
    importer::Importer,
    setting::{self, Setting},
    toml_tree,
    tree::{Node, Value},
    words::{one_line, shown},
};

/// cargo-deny's configuration.
pub struct CargoDeny;

const KINDS: &str = "it is about kinds of advisories, and an exception is about one advisory";
const YANKED: &str = "it is about yanked crates";
const GRAPH: &str = "it is about which crates are checked, and an exception is about one advisory";
const SECTIONS: [&str; 3] = ["bans", "licenses", "sources"];

const SETTINGS: [Setting; 14] = [
    Setting { path: &["advisories", "db-urls"], idle: "", why: "it is about where advisories come from" },
    Setting { path: &["advisories", "unmaintained"], idle: "", why: KINDS },
    Setting { path: &["advisories", "unsound"], idle: "", why: KINDS },
    Setting { path: &["advisories", "notice"], idle: "", why: KINDS },
    Setting { path: &["advisories", "vulnerability"], idle: "deny", why: KINDS },
    Setting {
        path: &["advisories", "severity-threshold"],
        idle: "none",
        why: "it is about every advisory below a severity, and an exception is about one advisory",
    },
    Setting { path: &["advisories", "yanked"], idle: "", why: YANKED },
    Setting { path: &["advisories", "disable-yank-checking"], idle: "false", why: YANKED },
    Setting { path: &["graph", "targets"], idle: "", why: GRAPH },
    Setting { path: &["graph", "exclude"], idle: "", why: GRAPH },
    Setting { path: &["graph", "exclude-dev"], idle: "false", why: GRAPH },
    Setting { path: &["graph", "exclude-unpublished"], idle: "false", why: GRAPH },
    // Before there was a [graph].
    Setting { path: &["targets"], idle: "", why: GRAPH },
    Setting { path: &["exclude"], idle: "", why: GRAPH },
];

impl Importer for CargoDeny {
    fn name(&self) -> &'static str {
        "cargo-deny"
    }

    fn recognises(&self, file_name: &str) -> bool {
        matches!(file_name, "deny.toml" | ".deny.toml")
    }

    fn looks_like(&self, text: &str) -> bool {
        let begins = |starts: &[&str]| text.lines().any(|line| starts.iter().any(|start| line.trim_start().starts_with(start)));
        let has_tables = ["{ id", "{id", "{ crate", "{crate"].iter().any(|table| text.contains(table));
        begins(&["[advisories]"]) && (has_tables || begins(&["[bans]", "[licenses]", "[sources]", "[graph]"]))
    }

    fn import(&self, text: &str) -> Result<Imported, ImportError> {
        let root = toml_tree::read(text)?;
        let mut imported = Imported::new(self.name());
        let advisories = root.get("advisories");
        if let Some(table) = advisories {
            table.pairs("the table [advisories]")?;
            for item in table.items_of("ignore", "a list of identifiers of advisories and of crates")? {
                read(item, &mut imported)?;
            }
        }
        setting::leave(&SETTINGS, &root, &mut imported);
        let sections: Vec<_> = SECTIONS.iter().filter_map(|name| root.get(name).map(|node| (format!("[{name}]"), node.line))).collect();
        if let Some(line) = sections.iter().map(|(_, line)| *line).min() {
            let names: Vec<_> = sections.into_iter().map(|(name, _)| name).collect();
            imported.leave(line, names.join(", "), "not about advisories");
        }
        let known = [
            "db-path",
            "db-urls",
            "disable-yank-checking",
            "git-fetch-with-cli",
            "ignore",
            "maximum-db-staleness",
            "notice",
            "severity-threshold",
            "unmaintained",
            "unsound",
            "unused-ignored-advisory",
            "version",
            "vulnerability",
            "yanked",
        ];
        setting::leave_strangers(advisories, "advisories", &known, &mut imported);
        let known = [
            "advisories", "all-features", "bans", "exclude", "exclude-dev", "feature-depth", "features", "graph", "licenses",
            "no-default-features", "output", "sources", "targets",
        ];
        setting::leave_strangers(Some(&root), "", &known, &mut imported);
        Ok(imported)
    }
}

fn read(item: &Node, imported: &mut Imported) -> Result<(), ImportError> {
    let line = item.line;
    match &item.value {
        Value::Text(text) if is_id(text.trim()) => {
            imported.entries.push(Entry { reason: item.remark.clone(), ..Entry::of(text.trim(), line) });
        }
        Value::Text(text) if is_crate(text.trim()) => imported.leave(line, shown(text), YANKED),
        Value::Text(text) => imported.leave(line, shown(text), "it is neither the identifier of an advisory nor a crate"),
        Value::Map(_) => {
            let (id, spec) = (item.text_of("id", "the identifier of an advisory")?, item.get("crate").or_else(|| item.get("name")));
            let reason = item.text_of("reason", "words")?.and_then(one_line);
            match (id, spec) {
                (Some(_), _) if item.stranger(&["id", "reason"]).is_some() => {
                    let key = item.stranger(&["id", "reason"]).unwrap_or_default();
                    imported.leave(line, item.sketch(), format!("the meaning of its key {} is not known here", shown(key)));
                }
                (Some(id), _) if is_word(id) => {
                    imported.entries.push(Entry { reason: reason.or_else(|| item.remark.clone()), ..Entry::of(id, line) });
                }
                (Some(id), _) => imported.leave(line, shown(id), "it is no identifier of an advisory"),
                (None, Some(_)) => imported.leave(line, item.sketch(), YANKED),
                (None, None) => imported.leave(line, item.sketch(), "it names neither an advisory nor a crate"),
            }
        }
        _ => return Err(item.is_not("the identifier of an advisory or a crate")),
    }
    Ok(())
}

/// Crates are never spelt with a capital, and databases of advisories are.
fn is_id(text: &str) -> bool {
    let database = text.split_once('-').map_or("", |(database, _)| database);
    !database.is_empty() && database.chars().all(|c| c.is_ascii_uppercase()) && is_word(text)
}

/// `name`, `name@1.0`, `name:>=1.0`.
fn is_crate(text: &str) -> bool {
    let name = text.split(['@', ':']).next().unwrap_or_default();
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}
