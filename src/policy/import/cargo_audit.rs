//! `audit.toml` of cargo-audit: identifiers in a list. The reasons are in comments, if anywhere.

use super::{
    advisory_id::is_word,
    entry::{Entry, ImportError, Imported},
    importer::Importer,
    setting::{self, Setting},
    toml_tree,
    words::shown,
};

/// cargo-audit's configuration.
pub struct CargoAudit;

const SETTINGS: [Setting; 8] = [
    Setting { path: &["advisories", "ignore_source"], idle: "false", why: "it is about where crates come from" },
    Setting {
        path: &["advisories", "informational_warnings"],
        idle: "",
        why: "it is about kinds of advisories, and an exception is about one advisory",
    },
    Setting {
        path: &["advisories", "severity_threshold"],
        idle: "none",
        why: "it is about every advisory below a severity, and an exception is about one advisory",
    },
    Setting { path: &["database", "url"], idle: "", why: "it is about where advisories come from" },
    Setting { path: &["output", "deny"], idle: "", why: "it is about what makes a run fail" },
    Setting { path: &["target", "arch"], idle: "", why: "it is about platforms, and an exception is about one advisory" },
    Setting { path: &["target", "os"], idle: "", why: "it is about platforms, and an exception is about one advisory" },
    Setting { path: &["yanked", "enabled"], idle: "true", why: "it is about yanked crates" },
];

impl Importer for CargoAudit {
    fn name(&self) -> &'static str {
        "cargo-audit"
    }

    fn recognises(&self, file_name: &str) -> bool {
        file_name == "audit.toml"
    }

    fn looks_like(&self, text: &str) -> bool {
        text.lines().any(|line| line.trim_start().starts_with("[advisories]"))
    }

    fn import(&self, text: &str) -> Result<Imported, ImportError> {
        let root = toml_tree::read(text)?;
        let mut imported = Imported::new(self.name());
        let advisories = root.get("advisories");
        if let Some(table) = advisories {
            table.pairs("the table [advisories]")?;
            for item in table.items_of("ignore", "a list of identifiers of advisories")? {
                let id = item.text("the identifier of an advisory")?.trim();
                if is_word(id) {
                    imported.entries.push(Entry { reason: item.remark.clone(), ..Entry::of(id, item.line) });
                } else {
                    imported.leave(item.line, shown(id), "it is no identifier of an advisory");
                }
            }
        }
        setting::leave(&SETTINGS, &root, &mut imported);
        let known = ["ignore", "ignore_source", "informational_warnings", "severity_threshold"];
        setting::leave_strangers(advisories, "advisories", &known, &mut imported);
        let known = ["advisories", "binary", "database", "output", "target", "yanked"];
        setting::leave_strangers(Some(&root), "", &known, &mut imported);
        Ok(imported)
    }
}
