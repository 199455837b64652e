//! `setup.cfg`: what a project of setuptools' depends on, in
//! [its declarative form](https://setuptools.pypa.io/en/latest/userguide/declarative_config.html).

use super::{
    Extracted, Extractor, FileState, file_name,
    lines::{self, Fault},
    pep508::requirement::Requirement,
    pyproject::dynamic::add_reference,
    pyproject::file::{coverage, damaged, own_named},
    python_manifest::Manifest,
    syntax::damage,
    syntax::ini::{self, IniOption, Section},
};
use crate::model::Group;

/// The declarative configuration of setuptools.
pub struct SetupCfg;

impl Extractor for SetupCfg {
    fn name(&self) -> &'static str {
        "setup_cfg"
    }

    fn recognises(&self, path: &str) -> bool {
        file_name(path) == "setup.cfg"
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        lines::utf8(bytes).and_then(|text| from_text(path, text)).unwrap_or_else(|fault| damaged(path, fault))
    }
}

fn from_text(path: &str, text: &str) -> Result<Extracted, Fault> {
    if let Some(fault) = damage::obvious(text, "an INI file") {
        return Err(fault);
    }
    let sections = ini::parse(text)?;
    let own = metadata(&sections, "name").map(|name| own_named(name, metadata(&sections, "version")));
    let mut manifest = Manifest::new(path, own.as_ref().map(|own| own.name.as_str()));
    for section in &sections {
        for option in &section.options {
            if let Some(group) = group(section.name, option.key) {
                manifest.is_known = true;
                read(option, group, &mut manifest);
            }
        }
    }
    if !manifest.is_known {
        return Ok(Extracted { file: FileState::Irrelevant, ..Extracted::default() });
    }
    Ok(Extracted { coverage: Some(coverage(own)), ..manifest.extracted })
}

/// An option of `[metadata]` that is written out on its own line.
fn metadata<'a>(sections: &[Section<'a>], key: &str) -> Option<&'a str> {
    let section = sections.iter().find(|section| section.name == "metadata")?;
    let option = section.options.iter().find(|option| option.key == key)?;
    option.value.first().map(|(_, value)| *value).filter(|value| !value.starts_with("file:") && !value.starts_with("attr:"))
}

/// What an option's requirements are for; `None` if it has none.
fn group(section: &str, key: &str) -> Option<Group> {
    match (section, key.replace('-', "_").as_str()) {
        ("options", "install_requires") => Some(Group::Runtime),
        ("options", "setup_requires" | "tests_require") => Some(Group::Dev),
        ("options.extras_require", _) => Some(Group::Optional),
        _ => None,
    }
}

fn read(option: &IniOption<'_>, group: Group, manifest: &mut Manifest<'_>) {
    let Some((first, rest)) = option.value.split_first() else { return };
    if let Some(file) = first.1.strip_prefix("file:") {
        for (line, files) in std::iter::once((first.0, file)).chain(rest.iter().copied()) {
            for file in files.split(',').map(str::trim).filter(|file| !file.is_empty()) {
                add_reference(file, line, manifest);
            }
        }
        return;
    }
    for (line, text) in &option.value {
        let text = uncommented(text);
        // In a value of one line `;` stands between requirements; who meant a marker is understood all the same.
        if option.is_long || Requirement::parse(text).is_ok() {
            requirement(text, *line, group, manifest);
            continue;
        }
        for part in text.split(';').map(str::trim) {
            requirement(part, *line, group, manifest);
        }
    }
}

fn requirement(text: &str, line: u32, group: Group, manifest: &mut Manifest<'_>) {
    if text.contains("%(") {
        let shown = lines::shorten(text);
        let detail = format!("`{shown}` has a `%(...)s`, which setuptools does not fill in; write it out");
        manifest.wrong(shown, Some(line), 1, detail);
    } else if !text.is_empty() {
        manifest.requirement(text, line, &[group]);
    }
}

/// Without what follows ` #`.
fn uncommented(text: &str) -> &str {
    text.split(" #").next().unwrap_or(text).trim_end()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Extractor, FileState, SetupCfg};

    #[test]
    fn configuration_of_tools_alone_is_no_manifest() {
        for text in ["", "[flake8]\nmax-line-length = 100\n", "[metadata]\nname = a\n[options]\npackages = find:\n"] {
            assert_eq!(SetupCfg.extract("setup.cfg", text.as_bytes()).file, FileState::Irrelevant, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(value in "[\\[\\]=:#;, \\n<>~@a-z0-9.'\"-]{0,60}") {
            let text = format!("[options]\ninstall_requires = {value}\n[options.extras_require]\na:\n  {value}\n");
            for package in SetupCfg.extract("setup.cfg", text.as_bytes()).packages {
                prop_assert!(package.line >= 2);
            }
        }
    }
}
