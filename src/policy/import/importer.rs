//! Which formats there are, and which one a file is of.

use std::collections::HashSet;

use super::{
    cargo_audit::CargoAudit,
    cargo_deny::CargoDeny,
    entry::{Entry, ImportError, Imported},
    grype::Grype,
    osv_scanner::OsvScanner,
    safety::Safety,
    trivyignore::Trivyignore,
    trivyignore_yaml::TrivyignoreYaml,
};

/// A format of ignore lists.
pub trait Importer: Sync {
    /// The format's name.
    fn name(&self) -> &'static str;

    /// Whether a file of this name, without folders, is of this format.
    fn recognises(&self, file_name: &str) -> bool;

    /// Whether a file whose name says nothing is of this format by its content.
    fn looks_like(&self, text: &str) -> bool;

    /// Reads the file.
    ///
    /// # Errors
    /// Where the file is damaged, or has something else where an identifier, a date or a list should be.
    fn import(&self, text: &str) -> Result<Imported, ImportError>;
}

/// Every format that is read. The first that recognises a file has it; the loosest by content is the last.
pub const IMPORTERS: &[&dyn Importer] = &[&OsvScanner, &CargoDeny, &CargoAudit, &Safety, &Grype, &TrivyignoreYaml, &Trivyignore];

/// Reads an ignore list, of the format that its name tells, or else its content.
///
/// An entry that is there twice, word for word, is kept once.
///
/// # Errors
/// Where the file is not UTF-8 text, is of no known format, or cannot be read.
pub fn import(path: &str, bytes: &[u8]) -> Result<Imported, ImportError> {
    let text = utf8(bytes)?;
    let file_name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let named = IMPORTERS.iter().find(|importer| importer.recognises(file_name));
    let Some(importer) = named.or_else(|| IMPORTERS.iter().find(|importer| importer.looks_like(text))) else {
        return Err(ImportError { line: None, cause: unknown() });
    };
    let mut list = importer.import(text)?;
    let mut seen = HashSet::new();
    list.entries.sort_by_key(|entry| entry.line);
    list.entries.retain(|entry| seen.insert(Entry { line: 0, ..entry.clone() }));
    list.not_carried.sort_by_key(|left| left.line);
    Ok(list)
}

fn unknown() -> String {
    let names: Vec<_> = IMPORTERS.iter().map(|importer| importer.name()).collect();
    format!("neither its name nor its content is that of an ignore list that is read: those of {}", names.join(", "))
}

/// The text of a file. A byte-order mark is dropped.
fn utf8(bytes: &[u8]) -> Result<&str, ImportError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count();
        ImportError::at(u32::try_from(before).unwrap_or(u32::MAX - 1) + 1, "not UTF-8 text")
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{IMPORTERS, import};

    /// Pieces of the formats that are read, put together at random.
    const PIECES: &str = "([ \n]{0,3}(\\[advisories\\]|\\[\\[IgnoredVulns\\]\\]|ignore(: | = )|- |id(: | = )|vulnerability: |package:|purls:|paths:|\
        vulnerabilities:|security:|ignore-vulnerabilities:|expires: |ignoreUntil = |reason(: | = )|CVE-2020-1|\"RUSTSEC-2020-0001\"|2026-01-01|\
        pkg:pypi/a@1|25853:|exp:2026-01-01|# why|\\{|\\}|\\[|\\]|,|&a |\\*a|<<: |!!str |\\||>|'|\"|\\PC{0,4})){0,24}";

    fn read_by_all(text: &str) {
        for importer in IMPORTERS {
            let _ = importer.looks_like(text);
            let _ = importer.import(text);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            for name in ["audit.toml", ".trivyignore", ".trivyignore.yaml", "other"] {
                let _ = import(name, &bytes);
            }
            read_by_all(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn no_plausible_text_makes_a_reader_panic(text in PIECES) {
            read_by_all(&text);
        }
    }

    #[test]
    fn names_are_known_in_any_folder() {
        for (path, name) in [
            (".cargo/audit.toml", "cargo-audit"),
            ("a\\b\\deny.toml", "cargo-deny"),
            (".deny.toml", "cargo-deny"),
            ("/x/osv-scanner.toml", "osv-scanner"),
            (".trivyignore", "trivy"),
            ("ci/.trivyignore.yml", "trivy-yaml"),
            (".grype.yaml", "grype"),
            ("docs/.safety-policy.yml", "safety"),
        ] {
            assert_eq!(import(path, b"").map(|imported| imported.format), Ok(name), "{path}");
        }
        let error = import("notes.txt", b"hello").expect_err("no format");
        for importer in IMPORTERS {
            assert!(error.cause.contains(importer.name()), "{}", error.cause);
        }
    }

    #[test]
    fn deep_nesting_ends_in_an_error() {
        for name in ["audit.toml", ".grype.yaml"] {
            for (opening, closing) in [("[", "]"), ("{a: ", "}"), ("{a = ", "}"), ("- ", ""), ("? ", "")] {
                let text =
                    format!("{}{}{}", if name == "audit.toml" { "a = " } else { "" }, opening.repeat(20_000), closing.repeat(20_000));
                assert!(import(name, text.as_bytes()).is_err(), "{name} {opening}");
            }
        }
    }
}
