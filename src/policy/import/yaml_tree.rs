//! From YAML to the tree. Anchors are copied where they are used, as far as that stays small.

use std::collections::{HashMap, HashSet};

use yaml_rust2::{
    parser::{Event, Parser, Tag},
    scanner::TScalarStyle,
};

use super::{
    entry::ImportError,
    scalar::plain,
    tree::{Node, Value},
    words::{one_line, shown},
};

/// How deep lists and maps may be within each other.
const DEEPEST: usize = 64;

/// How much may be copied by the use of anchors, in bytes of text and nodes.
const MOST_COPIED: usize = 1 << 20;

/// Reads a YAML file. An empty one is null.
pub(super) fn read(text: &str) -> Result<Node, ImportError> {
    let mut parser = Parser::new_from_str(text);
    let mut builder = Builder::default();
    loop {
        let (event, marker) = parser.next_token().map_err(|error| {
            ImportError::at(line(error.marker().line()), format!("not YAML: {}", one_line(error.info()).unwrap_or_default()))
        })?;
        if event == Event::StreamEnd {
            return Ok(builder.root.unwrap_or_else(|| Node::new(1, Value::Null)));
        }
        builder.take(event, line(marker.line()))?;
    }
}

fn line(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX).max(1)
}

#[derive(Default)]
struct Builder {
    root: Option<Node>,
    /// The lists and maps that have not ended yet, from the outside.
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    copied: usize,
}

struct Open {
    line: u32,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map {
        pairs: Vec<(String, Node)>,
        seen: HashSet<String>,
        /// The key that waits for its value.
        key: Option<(String, u32)>,
        /// Maps whose pairs are taken in where the map itself has none of that key.
        merged: Vec<Node>,
    },
}

impl Builder {
    fn take(&mut self, event: Event, line: u32) -> Result<(), ImportError> {
        match event {
            Event::Alias(anchor) => {
                let node = self.copy(anchor, line)?;
                self.place(node)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let is_plain = style == TScalarStyle::Plain && !is_text(tag.as_ref());
                self.finish(Node::new(line, if is_plain { plain(text) } else { Value::Text(text) }), anchor)
            }
            Event::SequenceStart(anchor, _) => self.begin(line, anchor, Content::List(Vec::new())),
            Event::MappingStart(anchor, _) => {
                let content = Content::Map { pairs: Vec::new(), seen: HashSet::new(), key: None, merged: Vec::new() };
                self.begin(line, anchor, content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin(&mut self, line: u32, anchor: usize, content: Content) -> Result<(), ImportError> {
        if self.open.len() >= DEEPEST {
            return Err(too_deep(line));
        }
        self.open.push(Open { line, anchor, content });
        Ok(())
    }

    fn end(&mut self) -> Result<(), ImportError> {
        let Some(Open { line, anchor, content }) = self.open.pop() else { return Ok(()) };
        let value = match content {
            Content::List(items) => Value::List(items),
            Content::Map { mut pairs, mut seen, merged, .. } => {
                for node in merged {
                    for (key, value) in merged_pairs(node)? {
                        if seen.insert(key.clone()) {
                            pairs.push((key, value));
                        }
                    }
                }
                Value::Map(pairs)
            }
        };
        self.finish(Node::new(line, value), anchor)
    }

    fn finish(&mut self, node: Node, anchor: usize) -> Result<(), ImportError> {
        if anchor > 0 {
            // Kept for later: one copy more.
            self.pay(&node)?;
            self.anchors.insert(anchor, node.clone());
        }
        self.place(node)
    }

    fn place(&mut self, mut node: Node) -> Result<(), ImportError> {
        match self.open.last_mut().map(|open| &mut open.content) {
            None if self.root.is_none() => self.root = Some(node),
            None if matches!(node.value, Value::Null) => {}
            None => return Err(ImportError::at(node.line, "a second document begins here, and one is read")),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { pairs, seen, key, merged }) => match key.take() {
                None => {
                    let Some(name) = node.scalar().map(str::to_owned) else { return Err(node.is_not("a key")) };
                    if name != "<<" && !seen.insert(name.clone()) {
                        return Err(ImportError::at(node.line, format!("the key {} is there twice", shown(&name))));
                    }
                    *key = Some((name, node.line));
                }
                Some((name, _)) if name == "<<" => merged.push(node),
                Some((name, line)) => {
                    node.line = line;
                    pairs.push((name, node));
                }
            },
        }
        Ok(())
    }

    fn copy(&mut self, anchor: usize, line: u32) -> Result<Node, ImportError> {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            return Err(ImportError::at(line, "an alias stands within what it stands for"));
        };
        if self.open.len() + depth(&node) > DEEPEST {
            return Err(too_deep(line));
        }
        self.pay(&node)?;
        Ok(Node { line, ..node })
    }

    fn pay(&mut self, node: &Node) -> Result<(), ImportError> {
        self.copied = self.copied.saturating_add(weight(node));
        if self.copied > MOST_COPIED { Err(ImportError::at(node.line, "anchors make the file larger than is read")) } else { Ok(()) }
    }
}

fn too_deep(line: u32) -> ImportError {
    ImportError::at(line, format!("lists and maps are more than {DEEPEST} deep within each other"))
}

/// Whether a tag says that a word is text, whatever it looks like.
fn is_text(tag: Option<&Tag>) -> bool {
    tag.is_some_and(|tag| tag.suffix == "str" || (tag.handle.is_empty() && tag.suffix == "!"))
}

/// The pairs of a map, or of several, that are merged into another.
fn merged_pairs(node: Node) -> Result<Vec<(String, Node)>, ImportError> {
    match node.value {
        Value::Map(pairs) => Ok(pairs),
        Value::List(items) => Ok(items.into_iter().map(merged_pairs).collect::<Result<Vec<_>, _>>()?.concat()),
        _ => Err(node.is_not("a map to be merged")),
    }
}

fn depth(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Map(pairs) => 1 + pairs.iter().map(|(_, value)| depth(value)).max().unwrap_or_default(),
        _ => 0,
    }
}

fn weight(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Value::Map(pairs) => 1 + pairs.iter().map(|(key, value)| key.len() + weight(value)).sum::<usize>(),
        _ => 1 + node.scalar().map_or(0, str::len),
    }
}
