//! `pylock.toml`, by PEP 751.

pub mod file;
pub(crate) mod groups;

pub use file::Pylock;
