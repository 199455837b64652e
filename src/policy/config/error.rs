//! What is wrong with an `overdue.toml`.

use std::fmt;

/// A file that is no such policy, or a part of it that nobody has filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub path: String,
    /// Its line, counted from 1.
    pub line: Option<u32>,
    /// What stands there.
    pub excerpt: String,
    /// What is wrong with it, and what mends it.
    pub cause: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, excerpt, cause } = self;
        match line {
            Some(line) if excerpt.is_empty() => write!(f, "{path}:{line}: {cause}"),
            Some(line) => write!(f, "{path}:{line}: {cause}\n  {line} | {excerpt}"),
            None => write!(f, "{path}: {cause}"),
        }
    }
}

impl std::error::Error for ConfigError {}
