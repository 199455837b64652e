//! From TOML to the tree.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    entry::ImportError,
    tree::{Node, Value},
    words::{both, one_line, remark},
};

/// Reads a TOML file.
pub(super) fn read(text: &str) -> Result<Node, ImportError> {
    let source = Source { text, starts: std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect() };
    match DeTable::parse(text) {
        Ok(table) => Ok(Node::new(1, source.table(table.get_ref()))),
        Err(error) => {
            let line = error.span().map(|span| source.line(span.start));
            Err(ImportError { line, cause: format!("not TOML: {}", one_line(error.message()).unwrap_or_default()) })
        }
    }
}

struct Source<'a> {
    text: &'a str,
    /// Where lines begin.
    starts: Vec<usize>,
}

impl Source<'_> {
    fn line(&self, offset: usize) -> u32 {
        u32::try_from(self.starts.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX).max(1)
    }

    fn table(&self, table: &DeTable<'_>) -> Value {
        let mut pairs: Vec<_> = table.iter().collect();
        pairs.sort_by_key(|(key, _)| key.span().start);
        let pair = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let name: &str = AsRef::<str>::as_ref(key.get_ref());
            (name.to_owned(), Node::new(self.line(key.span().start), self.value(value.get_ref())))
        };
        Value::Map(pairs.into_iter().map(pair).collect())
    }

    fn value(&self, value: &DeValue<'_>) -> Value {
        match value {
            DeValue::String(text) => Value::Text(text.clone().into_owned()),
            DeValue::Integer(number) => Value::Number(number.as_str().to_owned()),
            DeValue::Float(number) => Value::Number(number.as_str().to_owned()),
            DeValue::Boolean(value) => Value::Boolean(*value),
            DeValue::Datetime(date) => Value::Date(date.to_string()),
            DeValue::Table(table) => self.table(table),
            DeValue::Array(items) => {
                let mut floor = 0;
                let mut nodes = Vec::new();
                for item in items {
                    let span = item.span();
                    let said = self.remark(floor, span.start, span.end);
                    floor = span.end;
                    nodes.push(Node { line: self.line(span.start), value: self.value(item.get_ref()), remark: said });
                }
                Value::List(nodes)
            }
        }
    }

    /// What comments say of a list's item: those directly above it, below the item before it, and the one behind it.
    fn remark(&self, floor: usize, start: usize, end: usize) -> Option<String> {
        let row = self.starts.partition_point(|at| *at <= start);
        let begin = *self.starts.get(row.checked_sub(1)?)?;
        let mut above = Vec::new();
        if begin >= floor && self.text.get(begin..start)?.trim().is_empty() {
            let mut rows = self.starts.get(..row)?.iter().rev();
            let mut below = *rows.next()?;
            for begin in rows.copied().take_while(|begin| *begin >= floor) {
                match self.text.get(begin..below).map(str::trim) {
                    Some(line) if line.starts_with('#') => above.push(line),
                    _ => break,
                }
                below = begin;
            }
            above.reverse();
        }
        let behind = self.text.get(end..)?.trim_start_matches([' ', '\t']);
        let behind = behind.strip_prefix(',').unwrap_or(behind).trim_start_matches([' ', '\t']);
        let behind = if behind.starts_with('#') { behind.lines().next() } else { None };
        both(remark(&above), behind.and_then(|comment| remark(&[comment])))
    }
}
