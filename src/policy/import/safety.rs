//! Safety's policy file, in its versions 2 and 3. Its identifiers are numbers of Safety's own database.

use super::{
    advisory_id::is_known,
    entry::{Entry, ImportError, Imported},
    importer::Importer,
    setting::{self, Setting},
    tree::Node,
    words::shown,
    yaml_tree,
};

/// Safety's policy file.
pub struct Safety;

const IGNORED: [&str; 3] = ["report", "dependency-vulnerabilities", "auto-ignore-in-report"];

/// Where the lists are, in version 2 and in version 3.
const LISTS: [&[&str]; 2] = [&["security", "ignore-vulnerabilities"], &[IGNORED[0], IGNORED[1], IGNORED[2], "vulnerabilities"]];

const SEVERITY: &str = "it is about every advisory of a severity, and an exception is about one advisory";
const UNPINNED: &str = "it is about requirements without a version";
const FAILURE: &str = "it is about what makes a run fail";
const INSTALLED: &str = "it is about what may be installed";
const CHECKED: &str = "it is about what is checked, and an exception is about one advisory";

const SETTINGS: [Setting; 13] = [
    Setting { path: &["security", "ignore-cvss-severity-below"], idle: "0", why: SEVERITY },
    Setting { path: &["security", "ignore-cvss-unknown-severity"], idle: "false", why: SEVERITY },
    Setting { path: &["security", "ignore-unpinned-packages"], idle: "false", why: UNPINNED },
    Setting { path: &["security", "ignore-unpinned-requirements"], idle: "false", why: UNPINNED },
    Setting { path: &["security", "continue-on-vulnerability-error"], idle: "false", why: FAILURE },
    Setting { path: &["report", "dependency-vulnerabilities", "enabled"], idle: "true", why: "it is about every advisory" },
    Setting { path: &[IGNORED[0], IGNORED[1], IGNORED[2], "cvss-severity"], idle: "", why: SEVERITY },
    Setting { path: &[IGNORED[0], IGNORED[1], IGNORED[2], "python", "environment-results"], idle: "false", why: CHECKED },
    Setting { path: &[IGNORED[0], IGNORED[1], IGNORED[2], "python", "unpinned-requirements"], idle: "false", why: UNPINNED },
    Setting { path: &["fail-scan-with-exit-code"], idle: "", why: FAILURE },
    Setting { path: &["scanning-settings", "exclude"], idle: "", why: CHECKED },
    Setting { path: &["installation", "allow", "packages"], idle: "", why: INSTALLED },
    Setting { path: &["installation", "deny"], idle: "", why: INSTALLED },
];

impl Importer for Safety {
    fn name(&self) -> &'static str {
        "safety"
    }

    fn recognises(&self, file_name: &str) -> bool {
        let name = file_name.strip_prefix('.').unwrap_or(file_name).replace('_', "-");
        matches!(name.as_str(), "safety-policy.yml" | "safety-policy.yaml")
    }

    fn looks_like(&self, text: &str) -> bool {
        ["ignore-vulnerabilities:", "auto-ignore-in-report:", "ignore-cvss-severity-below:"]
            .iter()
            .any(|key| text.lines().any(|line| line.trim_start().starts_with(key)))
    }

    fn import(&self, text: &str) -> Result<Imported, ImportError> {
        let root = yaml_tree::read(text)?;
        root.pairs("a map with the key security or report")?;
        let mut imported = Imported::new(self.name());
        for path in LISTS {
            let mut node = Some(&root);
            for key in path {
                node = node.and_then(|node| node.get(key));
                if let Some(node) = node {
                    node.pairs(&format!("a map under {key}"))?;
                }
            }
            let Some(list) = node else { continue };
            for (id, entry) in list.pairs("a map of identifiers")? {
                read(id, entry, &mut imported)?;
            }
        }
        if let Some(allowed) = root.at(&["installation", "allow", "vulnerabilities"]) {
            for (id, entry) in allowed.pairs("a map of identifiers")? {
                imported.leave(entry.line, shown(id), INSTALLED);
            }
        }
        setting::leave(&SETTINGS, &root, &mut imported);
        let known = [
            "ignore-vulnerabilities",
            "ignore-cvss-severity-below",
            "ignore-cvss-unknown-severity",
            "continue-on-vulnerability-error",
            "ignore-unpinned-packages",
            "ignore-unpinned-requirements",
        ];
        setting::leave_strangers(root.get("security"), "security", &known, &mut imported);
        let known = ["cvss-severity", "python", "vulnerabilities"];
        setting::leave_strangers(root.at(&IGNORED), &IGNORED.join("."), &known, &mut imported);
        Ok(imported)
    }
}

fn read(id: &str, entry: &Node, imported: &mut Imported) -> Result<(), ImportError> {
    let (id, line) = (id.trim(), entry.line);
    entry.pairs("a map with reason and expires")?;
    let (reason, expires) = (entry.words_of("reason")?, entry.day_of("expires")?);
    let is_number = !id.is_empty() && id.len() <= 20 && id.chars().all(|c| c.is_ascii_digit());
    let foreign_id =
        is_number || id.strip_prefix("SFTY-").is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || c == '-'));
    let limits = entry.items_of("specifications", "a list of requirements")?;
    if !foreign_id && !is_known(id) {
        imported.leave(line, shown(id), "it is no identifier of a vulnerability");
    } else if let Some(key) = entry.stranger(&["reason", "expires", "specifications"]) {
        imported.leave(line, shown(id), format!("the meaning of its key {} is not known here", shown(key)));
    } else if !limits.is_empty() {
        imported.leave(line, format!("{id}: {}", entry.sketch()), "it is limited to requirements");
    } else {
        imported.entries.push(Entry { foreign_id, reason, expires, ..Entry::of(id, line) });
    }
    Ok(())
}
