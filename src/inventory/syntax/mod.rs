//! Notations that several formats are written in, read so that every part knows its line.

pub(crate) mod damage;
pub(crate) mod ini;
pub(crate) mod json_object;
pub(crate) mod toml_tree;
