//! Settings beside the list: they change what the other scanner reports, and are named so that nobody misses them.

use super::{
    entry::Imported,
    tree::{Node, Value},
};

/// A setting that is not carried over.
pub(super) struct Setting {
    /// Where it stands.
    pub(super) path: &'static [&'static str],
    /// The value that changes nothing. An empty list or table changes nothing either.
    pub(super) idle: &'static str,
    /// Why it is not carried over.
    pub(super) why: &'static str,
}

/// Names the settings of a file that change something.
pub(super) fn leave(settings: &[Setting], root: &Node, imported: &mut Imported) {
    for setting in settings {
        if let Some(node) = root.at(setting.path).filter(|node| !is_idle(node, setting.idle)) {
            imported.leave(node.line, node.setting(&setting.path.join(".")), setting.why);
        }
    }
}

/// Names the keys of a table that are none of these, as a misspelt one would be.
pub(super) fn leave_strangers(table: Option<&Node>, path: &str, known: &[&str], imported: &mut Imported) {
    let Some(Node { value: Value::Map(pairs), .. }) = table else { return };
    for (key, node) in pairs.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
        let name = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        imported.leave(node.line, node.setting(&name), "it is no setting that is known here");
    }
}

fn is_idle(node: &Node, idle: &str) -> bool {
    match &node.value {
        Value::List(items) => items.is_empty(),
        Value::Map(pairs) => pairs.is_empty(),
        Value::Null => true,
        _ => node.scalar().is_some_and(|text| text.trim().is_empty() || (!idle.is_empty() && text.trim().eq_ignore_ascii_case(idle))),
    }
}
