//! TOML as a tree whose parts know their lines. Entries come in the order of the file.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::inventory::lines::{self, Fault, LineIndex};

/// A TOML file.
pub(crate) struct Document<'i> {
    root: Spanned<DeValue<'i>>,
    lines: LineIndex,
}

/// A value, and the line where its entry begins.
#[derive(Clone, Copy)]
pub(crate) struct Node<'a> {
    value: &'a DeValue<'a>,
    lines: &'a LineIndex,
    /// The line of the key, or of the value where it is an item of a list. Counted from 1.
    pub(crate) line: u32,
}

impl<'i> Document<'i> {
    /// Reads a file.
    pub(crate) fn parse(text: &'i str) -> Result<Self, Fault> {
        match DeTable::parse(text) {
            Ok(table) => {
                let span = table.span();
                let root = Spanned::new(span, DeValue::Table(table.into_inner()));
                Ok(Self { root, lines: LineIndex::new(text) })
            }
            // The same parser, for its words.
            Err(_) => Err(lines::toml::<toml::Table>(text).err().unwrap_or((None, "not TOML".to_owned()))),
        }
    }

    /// The whole file, as a table.
    pub(crate) fn root(&self) -> Node<'_> {
        Node { value: self.root.get_ref(), lines: &self.lines, line: 1 }
    }
}

impl<'a> Node<'a> {
    /// The value of a key, if this is a table that has it.
    pub(crate) fn get(self, key: &str) -> Option<Node<'a>> {
        let (key, value) = self.value.as_table()?.get_key_value(key)?;
        Some(Node { value: value.get_ref(), line: self.lines.line(key.span().start), ..self })
    }

    /// The value at a path of keys.
    pub(crate) fn at(self, path: &[&str]) -> Option<Node<'a>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text, if it is one.
    pub(crate) fn text(self) -> Option<&'a str> {
        self.value.as_str()
    }

    /// The number, if it is a whole one of the usual size.
    pub(crate) fn integer(self) -> Option<i64> {
        self.value.as_integer().and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok())
    }

    /// The text of a key.
    pub(crate) fn text_of(self, key: &str) -> Option<&'a str> {
        self.get(key)?.text()
    }

    /// Whether a key is `true`.
    pub(crate) fn is_set(self, key: &str) -> bool {
        self.get(key).is_some_and(|node| node.value.as_bool() == Some(true))
    }

    /// The items, if it is a list.
    pub(crate) fn items(self) -> Option<Vec<Node<'a>>> {
        let item = |value: &'a Spanned<DeValue<'a>>| Node { value: value.get_ref(), line: self.lines.line(value.span().start), ..self };
        Some(self.value.as_array()?.iter().map(item).collect())
    }

    /// The entries, if it is a table.
    pub(crate) fn entries(self) -> Option<Vec<(&'a str, Node<'a>)>> {
        let mut entries: Vec<_> = self.value.as_table()?.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let node = |value: &'a DeValue<'a>, start: usize| Node { value, line: self.lines.line(start), ..self };
        Some(entries.into_iter().map(|(key, value)| (key.get_ref().as_ref(), node(value.get_ref(), key.span().start))).collect())
    }

    /// What it is, in a word of TOML.
    pub(crate) fn kind(self) -> &'static str {
        self.value.type_str()
    }
}

#[cfg(test)]
mod tests {
    use super::Document;

    #[test]
    fn parts_know_their_lines() {
        let text = "[b]\nz = 1\n\n[a]\nlist = [\n  \"x\", # one\n  {k = \"v\"},\n]\nd.e = true\n";
        let document = Document::parse(text).expect("TOML");
        let keys: Vec<_> = document.root().entries().expect("a table").into_iter().map(|(key, node)| (key, node.line)).collect();
        assert_eq!(keys, [("b", 1), ("a", 4)]);
        let list = document.root().at(&["a", "list"]).expect("a list");
        let items: Vec<_> = list.items().expect("items").iter().map(|item| (item.line, item.kind())).collect();
        assert_eq!((list.line, items), (5, vec![(6, "string"), (7, "table")]));
        assert!(document.root().at(&["a", "d"]).expect("d").is_set("e"));
    }

    #[test]
    fn damage_has_a_line() {
        let fault = Document::parse("a = 1\na = 2\n").err().expect("a fault");
        assert_eq!(fault.0, Some(2), "{}", fault.1);
    }
}
