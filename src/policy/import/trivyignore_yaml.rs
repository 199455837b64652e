//! `.trivyignore.yaml` of Trivy: vulnerabilities with paths, packages and an end.

use super::{
    advisory_id::is_word,
    entry::{Entry, ImportError, Imported},
    importer::Importer,
    purl::{Purl, purl},
    setting,
    tree::Node,
    words::shown,
    yaml_tree,
};

/// Trivy's list in YAML.
pub struct TrivyignoreYaml;

/// Sections of findings that are no vulnerabilities.
const SECTIONS: [(&str, &str); 3] =
    [("misconfigurations", "it is about a misconfiguration"), ("secrets", "it is about a secret"), ("licenses", "it is about a license")];

/// The most bytes of paths that an entry may bring, as they are repeated for each of its packages.
const MOST: usize = 1 << 20;

const KEYS: [&str; 5] = ["id", "paths", "purls", "expired_at", "statement"];

impl Importer for TrivyignoreYaml {
    fn name(&self) -> &'static str {
        "trivy-yaml"
    }

    fn recognises(&self, file_name: &str) -> bool {
        matches!(file_name, ".trivyignore.yaml" | ".trivyignore.yml" | "trivyignore.yaml" | "trivyignore.yml")
    }

    fn looks_like(&self, text: &str) -> bool {
        text.lines().any(|line| line.starts_with("vulnerabilities:") || line.starts_with("misconfigurations:"))
    }

    fn import(&self, text: &str) -> Result<Imported, ImportError> {
        let root = yaml_tree::read(text)?;
        root.pairs("a map with the key vulnerabilities")?;
        let mut imported = Imported::new(self.name());
        for item in root.items_of("vulnerabilities", "a list of vulnerabilities")? {
            read(item, &mut imported)?;
        }
        for (section, why) in SECTIONS {
            for item in root.items_of(section, "a list of findings")? {
                let id = item.get("id").and_then(Node::scalar).map_or_else(|| item.sketch(), shown);
                imported.leave(item.line, format!("{section}: {id}"), why);
            }
        }
        let known = ["vulnerabilities", "misconfigurations", "secrets", "licenses"];
        setting::leave_strangers(Some(&root), "", &known, &mut imported);
        Ok(imported)
    }
}

fn read(item: &Node, imported: &mut Imported) -> Result<(), ImportError> {
    item.pairs("a vulnerability with its id")?;
    let Some(id) = item.text_of("id", "the identifier of a vulnerability")? else {
        imported.leave(item.line, item.sketch(), "it names no vulnerability");
        return Ok(());
    };
    let (reason, expires) = (item.words_of("statement")?, item.day_of("expired_at")?);
    let paths = item.items_of("paths", "a list of paths")?.iter().map(|path| path.text("a path").map(str::to_owned));
    let entry = Entry { paths: paths.collect::<Result<_, _>>()?, reason, expires, ..Entry::of(id, item.line) };
    let mut packages = Vec::new();
    for node in item.items_of("purls", "a list of package URLs")? {
        let text = node.text("a package URL")?;
        packages.push((node.line, text, purl(text).ok_or_else(|| node.is_not("a package URL such as pkg:pypi/django@3.2"))?));
    }
    if packages.len().saturating_mul(entry.paths.iter().map(String::len).sum()) > MOST {
        return Err(ImportError::at(item.line, "its paths, for each of its packages, are more than is read"));
    }
    if !is_word(id) {
        imported.leave(item.line, shown(id), "it is no identifier of a vulnerability");
    } else if let Some(key) = item.stranger(&KEYS) {
        imported.leave(item.line, item.sketch(), format!("the meaning of its key {} is not known here", shown(key)));
    } else if packages.is_empty() {
        imported.entries.push(entry);
    } else {
        for (line, text, package) in packages {
            match why_not(&package) {
                Some(why) => imported.leave(line, format!("{id} in {}", shown(text)), why),
                None => imported.entries.push(Entry { package: Some(package.name), version: package.version, line, ..entry.clone() }),
            }
        }
    }
    Ok(())
}

fn why_not(package: &Purl) -> Option<&'static str> {
    let is_name = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '!'));
    if !matches!(package.kind.as_str(), "cargo" | "pypi" | "conda") {
        Some("its package is neither of Python nor of Rust")
    } else if package.is_narrower {
        Some("it is limited to more than a package and a version")
    } else if !is_name(&package.name) || !package.version.as_deref().is_none_or(is_name) {
        Some("its package has no name or version that could be written down")
    } else {
        None
    }
}
