//! `pyproject.toml`: the standard's tables and those of the tools.

pub(crate) mod dynamic;
pub mod file;
pub(crate) mod groups;
pub(crate) mod indexes;
pub(crate) mod poetry;
pub(crate) mod poetry_constraint;
pub(crate) mod tools;

pub use file::Pyproject;
