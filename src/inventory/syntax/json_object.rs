//! JSON objects whose entries know their lines, come in the order of the file, and keep keys that stand there twice.

use std::{collections::HashMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::inventory::lines::{Fault, LineIndex, shorten};

/// A JSON file.
pub(crate) struct Json<'a> {
    text: &'a str,
    root: &'a RawValue,
    lines: LineIndex,
}

/// A key with its value.
pub(crate) struct Member<'a> {
    pub(crate) key: String,
    pub(crate) value: &'a RawValue,
    /// The line of the key, counted from 1.
    pub(crate) line: u32,
    /// The line where the same key stood before, if it did.
    pub(crate) before: Option<u32>,
}

/// The keys and values of an object, as they are written. Values are parts of the text, so that they have a place in it.
struct Written<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de> Deserialize<'de> for Written<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Written<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Written(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl<'a> Json<'a> {
    /// Reads a file.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Fault> {
        let root = serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            let cause = message.split(" at line ").next().unwrap_or(&message);
            (u32::try_from(error.line()).ok(), format!("not JSON: {}", shorten(cause)))
        })?;
        Ok(Self { text, root, lines: LineIndex::new(text) })
    }

    /// The value that the file is.
    pub(crate) fn root(&self) -> &'a RawValue {
        self.root
    }

    /// The entries of an object of the file; `None` if the value is none.
    pub(crate) fn members(&self, value: &'a RawValue) -> Option<Vec<Member<'a>>> {
        let Written(written) = serde_json::from_str(value.get()).ok()?;
        let mut seen: HashMap<String, u32> = HashMap::with_capacity(written.len());
        let member = |(key, value): (&'a RawValue, &'a RawValue)| {
            let line = self.lines.line((key.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize));
            // Half a surrogate pair is JSON, and no text.
            let key: String = serde_json::from_str(key.get()).unwrap_or_else(|_| key.get().to_owned());
            let before = seen.insert(key.clone(), line);
            Member { key, value, line, before }
        };
        Some(written.into_iter().map(member).collect())
    }
}

/// The text that a value is, if it is one.
pub(crate) fn text(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Json, text};

    #[test]
    fn entries_know_their_lines() {
        let json = Json::parse("{\"a\": {\n \"b\\u0063\":\n\"x\", \"d\" : 1,\n\n\"bc\": [\"bc\"]}}").unwrap_or_else(|_| panic!("JSON"));
        let root = json.members(json.root()).expect("an object");
        let found: Vec<_> = json.members(root[0].value).expect("an object").into_iter().map(|m| (m.key, m.line, m.before)).collect();
        assert_eq!(found, [("bc".to_owned(), 2, None), ("d".to_owned(), 3, None), ("bc".to_owned(), 5, Some(2))]);
        let inner = json.members(root[0].value).expect("an object");
        assert_eq!((text(inner[0].value), text(inner[1].value)), (Some("x".to_owned()), None));
        assert!(json.members(inner[1].value).is_none());
    }

    #[test]
    fn damage_has_a_line() {
        for (written, line) in [("{\n\"a\": 1,\n}", 3), ("{\"a\": 1", 1), ("{}\n{}", 2)] {
            assert_eq!(Json::parse(written).err().and_then(|(line, _)| line), Some(line), "{written}");
        }
        assert!(Json::parse(&"[".repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(written in "(\\{|\\}|\\[|\\]|:|,|\"|\\\\|\\\\ud800|a|1| |\n){0,20}") {
            for written in [format!("{{{written}}}"), format!("{{\"{written}\": {{}}}}")] {
                if let Ok(json) = Json::parse(&written) {
                    prop_assert!(json.members(json.root()).is_some());
                }
            }
        }
    }
}
