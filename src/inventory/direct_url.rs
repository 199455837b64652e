//! `direct_url.json`, by [PEP 610](https://peps.python.org/pep-0610/): where an installed package came from.

use serde::{Deserialize, de::IgnoredAny};

use super::{
    Extracted, FileState, InstalledFrom,
    lines::{self, Fault, shorten},
    pep508::direct_reference::disclosed,
};

#[derive(Deserialize)]
struct Raw {
    url: String,
    dir_info: Option<Directory>,
    vcs_info: Option<Commit>,
    archive_info: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Directory {
    #[serde(default)]
    editable: bool,
}

#[derive(Deserialize)]
struct Commit {
    vcs: String,
    commit_id: Option<String>,
}

/// Reads the file. It names no package; the one beside it does.
pub(super) fn extract(path: &str, bytes: &[u8]) -> Extracted {
    match lines::utf8(bytes).and_then(from_text) {
        Ok(installed_from) => Extracted { file: FileState::Irrelevant, installed_from, ..Extracted::default() },
        Err((line, cause)) => Extracted::not_understood(path, line, format!("{cause}; install the package anew")),
    }
}

/// `None`: from something that an index has as well.
fn from_text(text: &str) -> Result<Option<InstalledFrom>, Fault> {
    let raw: Raw = serde_json::from_str(text).map_err(|error| (u32::try_from(error.line()).ok(), shorten(&error.to_string())))?;
    let url = shorten(&disclosed(&raw.url));
    match raw {
        Raw { vcs_info: Some(commit), .. } => {
            let system = shorten(&commit.vcs);
            let at = commit.commit_id.map(|commit| format!(" at {}", shorten(&commit))).unwrap_or_default();
            Ok(Some(InstalledFrom::Elsewhere(format!("the {system} repository {url}{at}"))))
        }
        Raw { dir_info: Some(directory), .. } if directory.editable || !is_conda_build(&raw.url) => Ok(Some(InstalledFrom::OwnSource)),
        Raw { dir_info: Some(_), .. } => Ok(None),
        Raw { archive_info: Some(_), .. } if is_copy_of_a_release(&raw.url) => Ok(None),
        Raw { archive_info: Some(_), .. } => Ok(Some(InstalledFrom::Elsewhere(format!("the archive {url}")))),
        _ => Err((None, "it has none of dir_info, vcs_info and archive_info".to_owned())),
    }
}

/// Whether a directory is one in which conda builds other people's packages, which it leaves behind in the record of
/// each of them: `file:///home/conda/feedstock_root/build_artifacts/attrs_1752253990000/work`.
fn is_conda_build(url: &str) -> bool {
    let parts: Vec<&str> = url.split('/').collect();
    let is_build = |part: &str| part.rsplit_once('_').is_some_and(|(_, end)| !end.is_empty() && end.bytes().all(|b| b.is_ascii_digit()));
    parts.iter().any(|part| matches!(*part, "feedstock_root" | "croot" | "conda-bld"))
        || parts.windows(2).any(|pair| is_build(pair[0]) && pair[1] == "work")
}

/// Whether an archive is a copy of a release: a wheel that was downloaded or built beforehand.
fn is_copy_of_a_release(url: &str) -> bool {
    let is_wheel = || url.split(['?', '#']).next().is_some_and(|path| path.to_ascii_lowercase().ends_with(".whl"));
    url.starts_with("file:") && is_wheel()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{extract, from_text, is_conda_build};

    #[test]
    fn builds_of_condas_are_no_code_of_the_project() {
        for url in [
            "file:///home/conda/feedstock_root/build_artifacts/attrs_1752253990000/work",
            "file:///croot/numpy_and_numpy_base_1682520569166/work",
            "file:///tmp/build/80754af9/certifi_1625048570543/work/certifi",
            "file:///C:/ci_311/cffi_1676423759166/work",
            "file:///D:/bld/rattler-build_idna_1733211/work",
        ] {
            assert!(is_conda_build(url), "{url}");
        }
        for url in ["file:///app", "file:///home/me/work/app", "file:///srv/my_app/work"] {
            assert!(!is_conda_build(url), "{url}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), url in ".*") {
            extract("direct_url.json", &bytes);
            let json = serde_json::json!({"url": url, "dir_info": {}, "archive_info": {}}).to_string();
            prop_assert!(from_text(&json).is_ok());
        }
    }
}
