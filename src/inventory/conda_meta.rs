//! `conda-meta/*.json`: the record of a package that conda installed. No advisory database has conda's packages, so that
//! each is named as unchecked.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Extracted, Extractor, file_name,
    lines::{self, Fault, shorten},
};
use crate::model::{Reason, Unchecked};

/// The record of a package of conda's.
pub struct CondaMeta;

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    name: &'a RawValue,
    version: String,
    #[serde(borrow)]
    noarch: Option<&'a RawValue>,
    #[serde(borrow)]
    channel: Option<&'a RawValue>,
    #[serde(borrow)]
    url: Option<&'a RawValue>,
}

impl Extractor for CondaMeta {
    fn name(&self) -> &'static str {
        "conda_meta"
    }

    fn recognises(&self, path: &str) -> bool {
        file_name(path).ends_with(".json") && path.rsplit('/').nth(1) == Some("conda-meta")
    }

    /// It speaks of one package, and no more is held of it.
    fn parts(&self, _bytes: &[u8]) -> u64 {
        1
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        match lines::utf8(bytes).and_then(|text| from_text(path, text)) {
            Ok(unchecked) => Extracted { unchecked: vec![unchecked], ..Extracted::default() },
            Err((line, cause)) => {
                let detail = format!("{cause}; install the package anew with conda");
                Extracted::not_read(path, line, Reason::NotUnderstood, 1, detail)
            }
        }
    }
}

fn from_text(path: &str, text: &str) -> Result<Unchecked, Fault> {
    let fault = |error: &serde_json::Error| (u32::try_from(error.line()).ok(), shorten(&error.to_string()));
    let raw: Raw<'_> = serde_json::from_str(text).map_err(|error| fault(&error))?;
    // The value is a part of the text, so that it has a place in it.
    let offset = (raw.name.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let line = lines::line_at(text.as_bytes(), offset);
    let name: String = serde_json::from_str(raw.name.get()).map_err(|_| (Some(line), "its name is no text".to_owned()))?;
    let subject = shorten(&format!("{name} {}", raw.version));
    let text = |value: &RawValue| serde_json::from_str::<String>(value.get()).ok();
    let has = |value: Option<&RawValue>, word: &str| value.and_then(text).is_some_and(|value| value.contains(word));
    let kind = if has(raw.channel, "pypi") || has(raw.url, "pypi") {
        "it came from PyPI, and its record in site-packages is checked where it has one"
    } else if has(raw.noarch, "python") {
        "it is a Python package, and its record in site-packages is checked where it has one"
    } else {
        "if it is a Python package, its record in site-packages is checked"
    };
    let detail = format!("{subject} is a package of conda's, whose names are not PyPI's, and there are no advisories about those; {kind}");
    Ok(Unchecked { path: path.to_owned(), line: Some(line), subject, packages: 1, reason: Reason::UnsupportedFormat, detail })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{CondaMeta, Extractor};

    #[test]
    fn the_history_is_no_record() {
        assert!(CondaMeta.recognises("env/conda-meta/zlib-1.3.json"));
        assert!(!CondaMeta.recognises("env/conda-meta/history") && !CondaMeta.recognises("env/a.json"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), name in ".*") {
            CondaMeta.extract("conda-meta/a.json", &bytes);
            let json = serde_json::json!({"version": "1", "name": name}).to_string();
            prop_assert_eq!(CondaMeta.extract("conda-meta/a.json", json.as_bytes()).unchecked[0].line, Some(1));
        }
    }
}
