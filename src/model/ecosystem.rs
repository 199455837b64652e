//! Ecosystems as the OSV schema names them. Not a list of what we support: an unknown name is carried along.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The ecosystem of a package, in the spelling of the OSV schema (`affected[].package.ecosystem`), with its release
/// where it has one: `crates.io`, `PyPI`, `Debian:12`, `Alpine:v3.19`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ecosystem(String);

impl Ecosystem {
    /// The registry of Rust crates.
    pub const CRATES_IO: &str = "crates.io";
    /// The Python Package Index.
    pub const PYPI: &str = "PyPI";
    /// The Rust distribution itself (`std`, `cargo`, `rustdoc`): the `rust/` collection of the native RustSec
    /// database. Our own name, since OSV has none; kept apart because these names are also names of crates.
    pub const RUST_TOOLCHAIN: &str = "rust-toolchain";

    /// Wraps a name as it stands in an advisory or a lockfile's format.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Reads a name out of foreign data. The ecosystems that are matched by name are recognised in any case: an index
    /// under a name that is never looked up would be lost without a word.
    ///
    /// # Errors
    /// A sentence, for a name that no index could bear (empty, longer than 100 characters, with control characters)
    /// or that is ours alone.
    pub fn parse(name: &str) -> Result<Self, String> {
        let name = name.trim();
        if let Some(known) = [Self::CRATES_IO, Self::PYPI].into_iter().find(|known| known.eq_ignore_ascii_case(name)) {
            return Ok(Self::new(known));
        }
        if name == Self::RUST_TOOLCHAIN {
            return Err(format!("`{name}` is the native RustSec database's alone"));
        }
        let base = name.split(':').next().unwrap_or_default();
        if base.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            return Err(format!("`{}` is no name of an ecosystem", name.escape_default().take(60).collect::<String>()));
        }
        Ok(Self(name.to_owned()))
    }

    /// The registry of Rust crates.
    #[must_use]
    pub fn crates_io() -> Self {
        Self::new(Self::CRATES_IO)
    }

    /// The Rust distribution itself.
    #[must_use]
    pub fn rust_toolchain() -> Self {
        Self::new(Self::RUST_TOOLCHAIN)
    }

    /// The whole name, release included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The ecosystem without its release: `Debian` of `Debian:12`. One advisory index serves one base.
    #[must_use]
    pub fn base(&self) -> Ecosystem {
        Ecosystem(self.0.split(':').next().unwrap_or_default().to_owned())
    }

    /// The release: `12` of `Debian:12`.
    #[must_use]
    pub fn release(&self) -> Option<&str> {
        self.0.split_once(':').map(|(_, release)| release)
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a package under its ecosystem's rule for equal names.
#[must_use]
pub fn normalise_name(ecosystem: &Ecosystem, name: &str) -> String {
    if ecosystem.base().as_str() != Ecosystem::PYPI {
        return name.to_owned();
    }
    pep503(name)
}

/// The name of a Python package as names are compared, by [PEP 503](https://peps.python.org/pep-0503/#normalized-names):
/// in lower case, with one `-` for each run of `-`, `_` and `.`.
#[must_use]
pub fn pep503(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            _ => out.extend(c.to_lowercase()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Ecosystem;

    #[test]
    fn a_release_is_split_off_at_the_first_colon() {
        let ubuntu = Ecosystem::new("Ubuntu:22.04:LTS");
        assert_eq!(ubuntu.base(), Ecosystem::new("Ubuntu"));
        assert_eq!(ubuntu.release(), Some("22.04:LTS"));
        assert_eq!(Ecosystem::crates_io().release(), None);
    }

    #[test]
    fn foreign_names_are_read_with_care() {
        for (text, expected) in [
            ("pypi", Some("PyPI")),
            (" Crates.io", Some("crates.io")),
            ("Debian:12", Some("Debian:12")),
            ("", None),
            (":12", None),
            ("a\nb", None),
            ("rust-toolchain", None),
        ] {
            assert_eq!(Ecosystem::parse(text).ok(), expected.map(Ecosystem::new), "{text}");
        }
    }
}
