//! Where an advisory can be read.

use super::phrases::{LONGEST_NAME, safe, shorten};
use crate::model::AdvisoryId;

/// The page of an advisory at its database; OSV's for databases without pages of their own; `None` for an id that
/// could not stand in an address.
#[must_use]
pub fn link(id: &AdvisoryId) -> Option<String> {
    let text = &id.0;
    if text.is_empty() || text.len() > LONGEST_NAME || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte)) {
        return None;
    }
    Some(match id.database() {
        "RUSTSEC" => format!("https://rustsec.org/advisories/{text}.html"),
        "GHSA" => format!("https://github.com/advisories/{text}"),
        "CVE" => format!("https://www.cve.org/CVERecord?id={text}"),
        _ => format!("https://osv.dev/vulnerability/{text}"),
    })
}

/// The id as a link in Markdown.
#[must_use]
pub fn markdown(id: &AdvisoryId) -> String {
    let text = super::markdown::escape(&shorten(&id.0, LONGEST_NAME));
    link(id).map_or_else(|| text.clone(), |link| format!("[{text}]({link})"))
}

/// The id with its address in plain text.
#[must_use]
pub fn plain(id: &AdvisoryId) -> String {
    let text = safe(&shorten(&id.0, LONGEST_NAME));
    link(id).map_or_else(|| text.clone(), |link| format!("{text} ({link})"))
}
