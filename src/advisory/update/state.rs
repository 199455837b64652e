//! What is remembered between two updates of an index: when the servers were asked last, and what they said. Beside
//! the index, since most answers are "nothing new", and rewriting a large index to say so would be a waste. Lost or
//! damaged it costs a download, nothing else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::{advisory::sync::Validators, model::Timestamp};

/// The state of one index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The digest of the index that this is about; of another one it says nothing.
    pub index: String,
    /// When the servers were asked last.
    pub checked_at: Timestamp,
    /// By the location that was asked: what to ask with the next time.
    pub downloads: BTreeMap<String, Validators>,
}

impl State {
    /// As text: its checksum on a line, then JSON.
    ///
    /// # Errors
    /// Never for what this program made; the signature is `serde_json`'s.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        let json = serde_json::to_string_pretty(self)?;
        Ok(format!("{:016x}\n{json}\n", xxh3_64(json.as_bytes())))
    }

    /// From text; `None` where it is not whole.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let (sum, json) = text.split_once('\n')?;
        let json = json.strip_suffix('\n')?;
        (sum == format!("{:016x}", xxh3_64(json.as_bytes()))).then(|| serde_json::from_str(json).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::State;
    use crate::{advisory::sync::Validators, model::Timestamp};

    #[test]
    fn any_flip_is_noticed() {
        let downloads = BTreeMap::from([("a".to_owned(), Validators { etag: Some("\"x\"".to_owned()), last_modified: None })]);
        let state = State { index: "ab".to_owned(), checked_at: Timestamp::from_seconds(0), downloads };
        let text = state.to_text().expect("text");
        assert_eq!(State::from_text(&text), Some(state));
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            assert_eq!(String::from_utf8(bytes).ok().and_then(|text| State::from_text(&text)), None, "byte {at}");
        }
    }
}
