//! Metadata of installed Python packages in the shapes before `.dist-info`: a file `*.egg-info`, `*.egg-info/PKG-INFO`,
//! and `EGG-INFO/PKG-INFO` of an unpacked egg. Only where packages are installed: elsewhere such a folder is what a
//! build of the project leaves behind.

use super::{Extracted, Extractor, core_metadata};

/// The record of an installed package, in the old shapes.
pub struct EggInfo;

impl Extractor for EggInfo {
    fn name(&self) -> &'static str {
        "egg_info"
    }

    fn recognises(&self, path: &str) -> bool {
        let mut parts = path.rsplit('/');
        let (name, folder, above) = (parts.next(), parts.next(), parts.next());
        let ends = |part: Option<&str>, ending: &str| part.is_some_and(|part| part.len() > ending.len() && part.ends_with(ending));
        let is_record = match name {
            Some("PKG-INFO") => ends(folder, ".egg-info") || folder == Some("EGG-INFO") && ends(above, ".egg"),
            name => ends(name, ".egg-info"),
        };
        is_record && path.split('/').any(|part| matches!(part, "site-packages" | "dist-packages"))
    }

    /// It speaks of one package, and no more is held of it.
    fn parts(&self, _bytes: &[u8]) -> u64 {
        1
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        core_metadata::extract(path, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{EggInfo, Extractor};

    #[test]
    fn only_installed_packages_count() {
        for (path, expected) in [
            ("lib/python3/dist-packages/six-1.16.0.egg-info", true),
            ("venv/lib/site-packages/a.egg-info/PKG-INFO", true),
            ("site-packages/a-1.0-py3.9.egg/EGG-INFO/PKG-INFO", true),
            ("src/app.egg-info/PKG-INFO", false),
            ("site-packages/a.egg-info/requires.txt", false),
            ("site-packages/.egg-info", false),
            ("site-packages/EGG-INFO/PKG-INFO", false),
            ("PKG-INFO", false),
        ] {
            assert_eq!(EggInfo.recognises(path), expected, "{path}");
        }
    }
}
