//! `overdue.toml`: a policy stated exactly, read and written.

mod read;
mod value;
mod write;

pub use read::{Config, ConfigError, read};
pub use write::{comment, write};
