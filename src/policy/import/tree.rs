//! TOML and YAML alike, as a tree whose parts know their lines.

use super::{
    day::day,
    entry::ImportError,
    words::{one_line, shown},
};

/// A value and its line.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// The line of its key, or its own where it has none. Counted from 1.
    pub(super) line: u32,
    /// What it is.
    pub(super) value: Value,
    /// What comments say of it, where it is an item of a TOML list.
    pub(super) remark: Option<String>,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Boolean(bool),
    /// As written.
    Number(String),
    /// As written. In YAML, dates are text.
    Date(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// A value without comments.
    pub(super) fn new(line: u32, value: Value) -> Self {
        Self { line, value, remark: None }
    }

    /// The value of a key, if this is a map that has it and it is not null.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Value::Map(pairs) = &self.value else { return None };
        let (_, node) = pairs.iter().find(|(name, _)| name == key)?;
        (!matches!(node.value, Value::Null)).then_some(node)
    }

    /// The value at a path of keys.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The pairs of a map; null has none.
    pub(super) fn pairs(&self, expected: &str) -> Result<&[(String, Self)], ImportError> {
        match &self.value {
            Value::Map(pairs) => Ok(pairs),
            Value::Null => Ok(&[]),
            _ => Err(self.is_not(expected)),
        }
    }

    /// The items of a list; null has none.
    pub(super) fn items(&self, expected: &str) -> Result<&[Self], ImportError> {
        match &self.value {
            Value::List(items) => Ok(items),
            Value::Null => Ok(&[]),
            _ => Err(self.is_not(expected)),
        }
    }

    /// The items of the list at a key, of which there are none where the key is not there.
    pub(super) fn items_of(&self, key: &str, expected: &str) -> Result<&[Self], ImportError> {
        self.get(key).map_or(Ok(&[]), |node| node.items(expected))
    }

    /// Text, and nothing else.
    pub(super) fn text(&self, expected: &str) -> Result<&str, ImportError> {
        match &self.value {
            Value::Text(text) => Ok(text),
            _ => Err(self.is_not(expected)),
        }
    }

    /// The text of a key, without spaces around it; empty text is none.
    pub(super) fn text_of(&self, key: &str, expected: &str) -> Result<Option<&str>, ImportError> {
        let Some(node) = self.get(key) else { return Ok(None) };
        Ok(Some(node.text(expected)?.trim()).filter(|text| !text.is_empty()))
    }

    /// The text of a key where a number is text as well, as in `version: 1.5`; empty text is none.
    pub(super) fn scalar_of(&self, key: &str, expected: &str) -> Result<Option<String>, ImportError> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let text = node.scalar().ok_or_else(|| node.is_not(expected))?;
        Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
    }

    /// The words of a key, on one line.
    pub(super) fn words_of(&self, key: &str) -> Result<Option<String>, ImportError> {
        Ok(self.scalar_of(key, "words")?.as_deref().and_then(one_line))
    }

    /// The day of a key.
    pub(super) fn day_of(&self, key: &str) -> Result<Option<String>, ImportError> {
        let Some(node) = self.get(key) else { return Ok(None) };
        match &node.value {
            Value::Date(text) | Value::Text(text) if !text.trim().is_empty() => {
                let cause = || ImportError::at(node.line, format!("expected a date such as 2026-01-31, found {}", shown(text)));
                Ok(Some(day(text).ok_or_else(cause)?))
            }
            Value::Text(_) => Ok(None),
            _ => Err(node.is_not("a date such as 2026-01-31")),
        }
    }

    /// The first key of a map that is none of these.
    pub(super) fn stranger(&self, known: &[&str]) -> Option<&str> {
        let Value::Map(pairs) = &self.value else { return None };
        pairs.iter().map(|(key, _)| key.as_str()).find(|key| !known.contains(key))
    }

    /// A single value as text.
    pub(super) fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Boolean(true) => Some("true"),
            Value::Boolean(false) => Some("false"),
            Value::Number(text) | Value::Date(text) | Value::Text(text) => Some(text),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The value in short, to be quoted: `name = foo, license.ignore = true`.
    pub(super) fn sketch(&self) -> String {
        let mut parts = Vec::new();
        self.gather("", &mut parts);
        shown(&parts.join(", "))
    }

    /// The value in short, as that of a setting; of a table the name alone.
    pub(super) fn setting(&self, name: &str) -> String {
        let mut parts = Vec::new();
        match self.value {
            Value::Map(_) => parts.push(name.to_owned()),
            _ => self.gather(name, &mut parts),
        }
        shown(&parts.concat())
    }

    fn gather(&self, path: &str, parts: &mut Vec<String>) {
        match &self.value {
            Value::Map(pairs) => {
                for (key, node) in pairs {
                    node.gather(&if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, parts);
                }
            }
            Value::List(items) => {
                let items: Vec<_> = items.iter().map(|item| item.scalar().unwrap_or("...")).collect();
                parts.push(format!("{path} = [{}]", items.join(", ")));
            }
            _ if path.is_empty() => parts.push(self.scalar().unwrap_or("nothing").to_owned()),
            _ => parts.push(format!("{path} = {}", self.scalar().unwrap_or("nothing"))),
        }
    }

    /// The complaint that something else was expected.
    pub(super) fn is_not(&self, expected: &str) -> ImportError {
        let found = match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Boolean(value) => value.to_string(),
            Value::Number(text) => format!("the number {}", shown(text)),
            Value::Date(text) => format!("the date {}", shown(text)),
            Value::Text(text) => format!("the text {:?}", shown(text)),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a map".to_owned(),
        };
        ImportError::at(self.line, format!("expected {expected}, found {found}"))
    }
}
