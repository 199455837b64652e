//! Which distribution a root filesystem is of: `os-release`, and the files that were there before it; and what advisories
//! call it.
//!
//! A distribution that is built from another one has versions of its own. Advisories of the other do not hold for it, so
//! that it is told by its own name and never by what it is like.

use super::lines::shorten;
use crate::model::Ecosystem;

/// What `os-release` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OsRelease {
    /// The distribution, in lower case: `debian`.
    pub id: String,
    /// Its release: `12`.
    pub version_id: Option<String>,
    /// Its release in full: `22.03 (LTS-SP3)`.
    pub version: Option<String>,
    /// The name of its release: `bookworm`.
    pub version_codename: Option<String>,
    /// What it is built from.
    pub id_like: Vec<String>,
    /// What people call it: `Debian GNU/Linux 12 (bookworm)`.
    pub pretty_name: Option<String>,
}

/// Debian's releases whose files do not say their number until they are released.
const DEBIAN: &[(&str, u32)] = &[("buster", 10), ("bullseye", 11), ("bookworm", 12), ("trixie", 13), ("forky", 14), ("duke", 15)];

impl OsRelease {
    /// Reads os-release(5): assignments as a shell has them.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let mut read = Self::default();
        for line in String::from_utf8_lossy(bytes).lines() {
            let Some((key, value)) = line.trim_start().split_once('=') else { continue };
            let value = unquoted(value);
            match key {
                "ID" => read.id = value.to_ascii_lowercase(),
                "VERSION_ID" => read.version_id = given(value),
                "VERSION" => read.version = given(value),
                "VERSION_CODENAME" => read.version_codename = given(value),
                "ID_LIKE" => read.id_like = value.split_whitespace().map(str::to_ascii_lowercase).collect(),
                "PRETTY_NAME" => read.pretty_name = given(value),
                _ => {}
            }
        }
        read
    }

    /// What `etc/alpine-release` says: a release.
    #[must_use]
    pub fn from_alpine_release(bytes: &[u8]) -> Self {
        Self { id: "alpine".to_owned(), version_id: first_word(bytes), ..Self::default() }
    }

    /// What `etc/debian_version` says: a release, or the name of the next one and `/sid`.
    #[must_use]
    pub fn from_debian_version(bytes: &[u8]) -> Self {
        let word = first_word(bytes);
        let is_number = word.as_ref().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        let (version_id, version_codename) =
            if is_number { (word, None) } else { (None, word.map(|word| word.split('/').next().unwrap_or_default().to_owned())) };
        Self { id: "debian".to_owned(), version_id, version_codename, ..Self::default() }
    }

    /// What people call it, for a sentence.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.pretty_name {
            Some(name) => shorten(name),
            None if self.id.is_empty() => "a distribution without a name".to_owned(),
            None => shorten(&format!("{} {}", self.id, self.version_id.as_deref().unwrap_or_default())).trim_end().to_owned(),
        }
    }

    /// The ecosystem as the OSV schema names it, with its release where it has releases.
    ///
    /// # Errors
    /// A sentence, where no advisories that are read hold for the distribution, or where it does not say its release.
    pub fn ecosystem(&self) -> Result<Ecosystem, String> {
        let release = match self.id.as_str() {
            "wolfi" => return Ok(Ecosystem::new("Wolfi")),
            "chainguard" => return Ok(Ecosystem::new("Chainguard")),
            "minimos" => return Ok(Ecosystem::new("MinimOS")),
            "echo" => return Ok(Ecosystem::new("Echo")),
            "debian" => self.debian(),
            "ubuntu" => self.ubuntu(),
            "alpine" => return self.alpine(),
            "rocky" => self.major().map(|major| format!("Rocky Linux:{major}")),
            "almalinux" => self.major().map(|major| format!("AlmaLinux:{major}")),
            "azurelinux" | "mariner" => self.major().map(|major| format!("Azure Linux:{major}")),
            "mageia" => self.major().map(|major| format!("Mageia:{major}")),
            "opensuse-leap" => self.version_id.as_ref().map(|version| format!("openSUSE:Leap {version}")),
            "opensuse-tumbleweed" => Some("openSUSE:Tumbleweed".to_owned()),
            "openeuler" => self.open_euler(),
            "alpaquita" => self.version_id.as_ref().map(|version| format!("Alpaquita:{version}")),
            "bellsoft-hardened-containers" => self.version_id.as_ref().map(|version| format!("BellSoft Hardened Containers:{version}")),
            _ => return Err(self.no_advisories()),
        };
        release
            .map(Ecosystem::new)
            .ok_or_else(|| format!("{} does not say which release it is, and advisories are about releases", self.name()))
    }

    fn no_advisories(&self) -> String {
        let name = self.name();
        match self.id.as_str() {
            "" => "its os-release does not say which distribution it is".to_owned(),
            "rhel" => format!(
                "{name}: advisories of Red Hat are about products and their parts, and overdue cannot tell which package is of which yet"
            ),
            "sles" | "sled" | "sles_sap" | "sle-micro" | "sl-micro" | "suse-microos" => {
                format!(
                    "{name}: advisories of SUSE are about products and their modules, and overdue cannot tell which package is of which yet"
                )
            }
            _ if self.id_like.is_empty() => format!("{name}: overdue knows no advisories about this distribution"),
            _ => {
                let like = shorten(&self.id_like.join(" and "));
                format!(
                    "{name}: overdue knows no advisories about this distribution; it is like {like}, and those of another distribution do not hold for its versions"
                )
            }
        }
    }

    /// Up to the first point of the release: a number.
    fn major(&self) -> Option<u32> {
        self.version_id.as_ref()?.split('.').next()?.parse().ok()
    }

    /// Testing and unstable have the name of the release that they become, and no number. Advisories about that release
    /// hold for them: it is what they state of the newest versions.
    fn debian(&self) -> Option<String> {
        let codename = self.version_codename.as_deref();
        let by_name = || DEBIAN.iter().find(|(name, _)| Some(*name) == codename).map(|(_, number)| *number);
        self.major().or_else(by_name).map(|major| format!("Debian:{major}"))
    }

    /// Every second spring's release is supported long, and OSV has that in the name.
    fn ubuntu(&self) -> Option<String> {
        let version = self.version_id.as_ref()?;
        let (year, month) = version.split_once('.')?;
        let year: u32 = year.parse().ok().filter(|_| year.len() == 2)?;
        month.parse::<u32>().ok().filter(|_| month.len() == 2)?;
        let long = if year.is_multiple_of(2) && month == "04" { ":LTS" } else { "" };
        Some(format!("Ubuntu:{version}{long}"))
    }

    /// Edge is of no release: there are no advisories that say what is fixed in it, and those about the last release are
    /// about other versions.
    fn alpine(&self) -> Result<Ecosystem, String> {
        let version = self.version_id.as_deref().unwrap_or_default();
        let mut parts = version.split('.');
        let number =
            |part: Option<&str>| part.filter(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned);
        match (number(parts.next()), number(parts.next())) {
            (Some(major), Some(minor)) if !version.contains('_') => Ok(Ecosystem::new(format!("Alpine:v{major}.{minor}"))),
            _ if version.contains('_') || version == "edge" => Err(format!("{} is edge, and advisories are about releases", self.name())),
            _ => Err(format!("{} does not say which release it is, and advisories are about releases", self.name())),
        }
    }

    /// `22.03 (LTS-SP3)` is `22.03-LTS-SP3`.
    fn open_euler(&self) -> Option<String> {
        let version = self.version_id.as_ref()?;
        let pack = self.version.as_ref().and_then(|full| full.split_once('(')).map(|(_, pack)| pack.trim_end_matches(')').trim());
        Some(pack.map_or_else(|| format!("openEuler:{version}"), |pack| format!("openEuler:{version}-{pack}")))
    }
}

fn given(value: String) -> Option<String> {
    Some(value).filter(|value| !value.is_empty())
}

fn first_word(bytes: &[u8]) -> Option<String> {
    String::from_utf8_lossy(bytes).split_whitespace().next().map(str::to_owned)
}

/// A value as a shell would have it: in single quotes as it is, in double quotes and without with what a backslash
/// protects, up to the first blank outside quotes.
fn unquoted(value: &str) -> String {
    let mut out = String::new();
    let mut quote = None;
    let mut chars = value.trim().chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            ('\\', None) => out.extend(chars.next()),
            ('\\', Some('"')) => match chars.next() {
                Some(c @ ('"' | '$' | '`' | '\\')) => out.push(c),
                other => {
                    out.push('\\');
                    out.extend(other);
                }
            },
            (c, None) if c.is_whitespace() => break,
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::{OsRelease, unquoted};

    #[derive(Deserialize)]
    struct Cases {
        case: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        /// `os-release`, `alpine-release` or `debian_version`.
        file: String,
        text: String,
        ecosystem: Option<String>,
        /// The whole sentence.
        error: Option<String>,
    }

    #[test]
    fn distributions_are_told_by_their_files() {
        let cases: Cases = toml::from_str(include_str!("../../fixtures/os_release/cases.toml")).expect("a table of cases");
        assert!(cases.case.len() > 30);
        for case in cases.case {
            let bytes = case.text.as_bytes();
            let read = match case.file.as_str() {
                "os-release" => OsRelease::parse(bytes),
                "alpine-release" => OsRelease::from_alpine_release(bytes),
                "debian_version" => OsRelease::from_debian_version(bytes),
                other => panic!("no such file: {other}"),
            };
            let ecosystem = read.ecosystem().map(|ecosystem| ecosystem.to_string());
            assert_eq!(
                (ecosystem.as_ref().ok(), ecosystem.as_ref().err()),
                (case.ecosystem.as_ref(), case.error.as_ref()),
                "{}",
                case.text
            );
        }
    }

    #[test]
    fn values_are_quoted_as_in_a_shell() {
        for (value, expected) in [
            ("debian", "debian"),
            ("\"a b\"", "a b"),
            ("'a \"b\" \\$'", "a \"b\" \\$"),
            ("\"a \\\"b\\\" \\$ \\n\"", "a \"b\" $ \\n"),
            ("a\\ b c", "a b"),
            ("\"open", "open"),
            ("", ""),
        ] {
            assert_eq!(unquoted(value), expected, "{value}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), id in "(alpine|debian|ubuntu|openeuler)", version in "[0-9._(é]{0,6}") {
            let _ = (OsRelease::from_alpine_release(&bytes), OsRelease::from_debian_version(&bytes), OsRelease::parse(&bytes).ecosystem());
            let _ = OsRelease::parse(format!("ID={id}\nVERSION_ID={version}\nVERSION='{version}'").as_bytes()).ecosystem();
        }
    }
}
