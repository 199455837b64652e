//! Exceptions, accepted unchecked things and recorded responses of an `overdue.toml`.

use std::sync::Arc;

use toml::Spanned;

use super::{
    error::ConfigError,
    file::File,
    value::{RawAccepted, RawException, RawResponse},
};
use crate::{
    model::{Reason, Timestamp},
    policy::{Accepted, Exception, Response, exception::VersionBounds},
};

/// What stands where nobody has said anything yet. A reason that begins with one of the first is none either.
const BEGINNINGS: [&str; 5] = ["todo", "tbd", "tba", "fixme", "xxx"];
/// Whole reasons that are none.
const EMPTY: [&str; 28] = [
    "n/a", "n.a", "na", "none", "nil", "null", "reason", "because", "placeholder", "wip", "to be done", "to be determined",
    "to be defined", "to do", "ignore", "ignored", "later", "unknown", "temporary", "pending", "fill in", "fill me in", "write why",
    "test", "asdf", "foo", "why", "not applicable",
];

/// The beginning of a reason that waits to be filled in.
pub const PLACEHOLDER: &str = "TODO";

/// Whether a text says why.
#[must_use]
pub fn is_reason(text: &str) -> bool {
    let plain = text.trim().trim_end_matches(['.', '!', '?', ':']).to_lowercase();
    let begins = |word: &str| plain.strip_prefix(word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()));
    let letters = plain.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 2 && !BEGINNINGS.iter().any(|word| begins(word)) && !EMPTY.contains(&plain.as_str())
}

impl File<'_> {
    pub(super) fn exception(&self, raw: RawException, unfilled: &mut Vec<ConfigError>) -> Result<Exception, ConfigError> {
        let line = self.line(&raw.id);
        let id = self.id(raw.id, unfilled)?;
        let (reason, expires) = self.why_and_until((raw.reason, raw.expires), &format!("the exception of {id}"), line, unfilled)?;
        Ok(Exception {
            reason,
            expires,
            package: raw.package.map(|text| self.said(text, "names no package")).transpose()?,
            versions: raw.versions.map(|text| self.versions(&text)).transpose()?,
            path: raw.path.map(|text| self.said(text, "names no path")).transpose()?,
            until_fixed: raw.until_fixed,
            id,
            file: Arc::clone(&self.path),
            line,
        })
    }

    pub(super) fn accepted(&self, raw: RawAccepted, unfilled: &mut Vec<ConfigError>) -> Result<Accepted, ConfigError> {
        let line = [raw.path.as_ref(), raw.subject.as_ref(), raw.because.as_ref()].into_iter().flatten().map(|text| self.line(text)).min();
        let at = raw.reason.as_ref().map(|reason| self.line(reason)).or(raw.expires.as_ref().map(|expires| self.line(expires)));
        let line = line.ok_or_else(|| self.error(at, "accepts everything: name at least one of path, subject and because".to_owned()))?;
        let (reason, expires) = self.why_and_until((raw.reason, raw.expires), "what is accepted", line, unfilled)?;
        let reasons = Reason::ALL.map(|reason| (reason.as_str(), reason));
        Ok(Accepted {
            path: raw.path.map(|text| self.said(text, "names no path")).transpose()?,
            subject: raw.subject.map(|text| self.said(text, "names nothing")).transpose()?,
            because: raw.because.map(|word| self.word(&word, &reasons)).transpose()?.map(|reason| reason.as_str().to_owned()),
            reason,
            expires,
            file: Arc::clone(&self.path),
            line,
        })
    }

    pub(super) fn response(&self, raw: RawResponse) -> Result<Response, ConfigError> {
        let line = self.line(&raw.id);
        Ok(Response {
            id: self.said(raw.id, "is no id of an advisory")?,
            package: raw.package.map(|text| self.said(text, "names no package")).transpose()?,
            at: self.date(&raw.at, true)?,
            note: raw.note,
            file: Arc::clone(&self.path),
            line,
        })
    }

    fn id(&self, text: Spanned<String>, unfilled: &mut Vec<ConfigError>) -> Result<String, ConfigError> {
        if text.as_ref().trim_start().starts_with(PLACEHOLDER) {
            unfilled.push(self.wrong(&text, "is no id: write the advisory's, as \"CVE-2020-26235\""));
            return Ok(text.into_inner());
        }
        if text.as_ref().trim().contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(self.wrong(&text, "is no id of an advisory, as \"CVE-2020-26235\"; each has an exception of its own"));
        }
        self.said(text, "is no id of an advisory, as \"CVE-2020-26235\"")
    }

    /// The reason and the expiry of an entry. What is not filled in is told, and never runs out.
    fn why_and_until(
        &self,
        (reason, expires): (Option<Spanned<String>>, Option<Spanned<toml::Value>>),
        what: &str,
        line: u32,
        unfilled: &mut Vec<ConfigError>,
    ) -> Result<(String, Timestamp), ConfigError> {
        let before = unfilled.len();
        let missing = |name: &str, how: &str| self.error(Some(line), format!("{what} has no {name}: {how}"));
        let reason = if let Some(reason) = &reason {
            self.reason(reason, unfilled)
        } else {
            unfilled.push(missing("reason", "write why the project can live with it, as reason = \"...\""));
            String::new()
        };
        let expires = if let Some(expires) = &expires {
            self.expiry(expires, unfilled)?
        } else {
            unfilled.push(missing("expiry", "write until when it holds, as expires = 2027-01-31"));
            Timestamp::from_seconds(i64::MAX)
        };
        Ok((reason, if unfilled.len() > before { Timestamp::from_seconds(i64::MAX) } else { expires }))
    }

    fn reason(&self, text: &Spanned<String>, unfilled: &mut Vec<ConfigError>) -> String {
        if !is_reason(text.as_ref()) {
            unfilled.push(self.wrong(text, "is no reason: write why the project can live with it"));
        }
        text.as_ref().trim().to_owned()
    }

    fn expiry(&self, raw: &Spanned<toml::Value>, unfilled: &mut Vec<ConfigError>) -> Result<Timestamp, ConfigError> {
        match raw.as_ref() {
            toml::Value::String(text) if !text.contains(|c: char| c.is_ascii_digit()) => {
                unfilled.push(
                    self.error(Some(self.line(raw)), format!("`{}` is no day: write until when it holds, as 2027-01-31", text.trim())),
                );
                Ok(Timestamp::from_seconds(i64::MAX))
            }
            _ => self.date(raw, true),
        }
    }

    fn versions(&self, text: &Spanned<String>) -> Result<VersionBounds, ConfigError> {
        let what = "are no versions: write bounds, as \"<0.2\", \">=1.0, <1.4\" or \"0.1.43\"";
        VersionBounds::parse(text.as_ref()).ok_or_else(|| self.wrong(text, what))
    }
}

#[cfg(test)]
mod tests {
    use super::is_reason;

    #[test]
    fn what_says_nothing_is_no_reason() {
        for text in ["", " ", "TBD", "tbd.", "TODO: ask", "todo", "n/a", "?", "-", "...", "xxx", "To be determined", "FIXME later", "1"] {
            assert!(!is_reason(text), "{text}");
        }
        for text in ["we never set the time zone", "not reachable", "todos are ours", "DoS only", "用不到"] {
            assert!(is_reason(text), "{text}");
        }
    }
}
