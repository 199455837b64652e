//! `.grype.yaml` of Grype: rules, each of which holds where all its conditions do.

use super::{
    advisory_id::is_word,
    entry::{Entry, ImportError, Imported},
    importer::Importer,
    setting::{self, Setting},
    tree::Node,
    words::shown,
    yaml_tree,
};

/// Grype's configuration.
pub struct Grype;

const FIXES: &str = "it is about everything with or without a fix, and an exception is about one advisory";
const VEX: &str = "it is about documents of exploitability";
const CHECKED: &str = "it is about what is checked, and an exception is about one advisory";

const SETTINGS: [Setting; 14] = [
    Setting { path: &["only-fixed"], idle: "false", why: FIXES },
    Setting { path: &["only-notfixed"], idle: "false", why: FIXES },
    Setting { path: &["ignore-wontfix"], idle: "false", why: FIXES },
    Setting { path: &["ignore-states"], idle: "", why: FIXES },
    Setting { path: &["fail-on-severity"], idle: "", why: "it is about what makes a run fail" },
    Setting { path: &["exclude"], idle: "", why: CHECKED },
    Setting { path: &["search", "scope"], idle: "squashed", why: CHECKED },
    Setting { path: &["distro"], idle: "", why: CHECKED },
    Setting { path: &["match"], idle: "", why: CHECKED },
    Setting { path: &["match-upstream-kernel-headers"], idle: "false", why: CHECKED },
    Setting { path: &["add-cpes-if-none"], idle: "false", why: CHECKED },
    Setting { path: &["vex-documents"], idle: "", why: VEX },
    Setting { path: &["vex-add"], idle: "", why: VEX },
    Setting { path: &["profiles"], idle: "", why: "it is used only where it is asked for on the command line" },
];

const RULE: [&str; 9] =
    ["vulnerability", "include-aliases", "reason", "namespace", "fix-state", "package", "vex-status", "vex-justification", "match-type"];
const PACKAGE: [&str; 6] = ["name", "version", "language", "type", "location", "upstream-name"];

impl Importer for Grype {
    fn name(&self) -> &'static str {
        "grype"
    }

    fn recognises(&self, file_name: &str) -> bool {
        matches!(file_name, ".grype.yaml" | ".grype.yml" | "grype.yaml" | "grype.yml")
    }

    fn looks_like(&self, text: &str) -> bool {
        text.lines().any(|line| line.starts_with("ignore:"))
            && text.lines().any(|line| {
                let line = line.trim_start_matches([' ', '-']);
                ["vulnerability:", "fix-state:", "package:"].iter().any(|key| line.starts_with(key))
            })
    }

    fn import(&self, text: &str) -> Result<Imported, ImportError> {
        let root = yaml_tree::read(text)?;
        root.pairs("a map with the key ignore")?;
        let mut imported = Imported::new(self.name());
        for rule in root.items_of("ignore", "a list of rules")? {
            read(rule, &mut imported)?;
        }
        setting::leave(&SETTINGS, &root, &mut imported);
        Ok(imported)
    }
}

fn read(rule: &Node, imported: &mut Imported) -> Result<(), ImportError> {
    rule.pairs("a rule with its vulnerability")?;
    let package = rule.get("package");
    if let Some(package) = package {
        package.pairs("a package with its name")?;
    }
    let of = |key: &str| package.map_or(Ok(None), |package| package.scalar_of(key, "text"));
    let id = rule.text_of("vulnerability", "the identifier of a vulnerability")?;
    let fix = rule.text_of("fix-state", "a state of the fix")?;
    let (name, version, location) = (of("name")?, of("version")?, of("location")?);
    let why = match id {
        None => Some("it names no vulnerability".to_owned()),
        Some(id) if !is_word(id) => Some("it names no identifier of a vulnerability".to_owned()),
        Some(_) => why_not(rule, package, fix, name.as_deref())?,
    };
    match (id, why) {
        (Some(id), None) => imported.entries.push(Entry {
            package: name,
            version,
            paths: location.into_iter().collect(),
            until_fixed: fix.is_some(),
            reason: rule.words_of("reason")?,
            ..Entry::of(id, rule.line)
        }),
        (_, why) => imported.leave(rule.line, rule.sketch(), why.unwrap_or_default()),
    }
    Ok(())
}

/// Why a rule with an identifier says more than an exception can.
fn why_not(rule: &Node, package: Option<&Node>, fix: Option<&str>, name: Option<&str>) -> Result<Option<String>, ImportError> {
    let of = |key: &str| package.map_or(Ok(None), |package| package.scalar_of(key, "text"));
    if let Some(key) = rule.stranger(&RULE).or_else(|| package.and_then(|package| package.stranger(&PACKAGE))) {
        return Ok(Some(format!("the meaning of its key {} is not known here", shown(key))));
    }
    let reaches = |value: Option<String>, known: &[&str]| value.is_none_or(|value| known.contains(&value.as_str()));
    let namespace = rule.scalar_of("namespace", "text")?;
    let why = if rule.scalar_of("vex-status", "text")?.is_some() || rule.scalar_of("vex-justification", "text")?.is_some() {
        Some(VEX)
    } else if fix == Some("fixed") {
        Some("it holds only once there is a fix")
    } else if fix.is_some_and(|fix| !matches!(fix, "not-fixed" | "wont-fix" | "unknown")) {
        Some("its state of the fix is none that Grype knows")
    } else if name.is_some_and(|name| name.contains(['^', '$', '*', '+', '?', '[', ']', '(', ')', '{', '}', '|', '\\'])) {
        Some("the name of its package is a pattern")
    } else if of("upstream-name")?.is_some() {
        Some("it is limited to packages that were built from another")
    } else if !reaches(of("language")?, &["python", "rust"]) || !reaches(of("type")?, &["python", "rust-crate", "conda"]) {
        Some("its package is neither of Python nor of Rust")
    } else if namespace.is_some_and(|name| !["language:python", "language:rust"].iter().any(|end| name.ends_with(end))) {
        Some("its namespace is neither of Python nor of Rust")
    } else if !reaches(rule.scalar_of("match-type", "text")?, &["exact-direct-match"]) {
        Some("it is limited to inexact matches")
    } else {
        None
    };
    Ok(why.map(str::to_owned))
}
