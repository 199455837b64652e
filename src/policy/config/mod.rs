//! `overdue.toml`: a policy stated exactly, read and written.

mod choices;
mod error;
mod exceptions;
mod file;
mod read;
mod statements;
mod value;
mod write;

pub use error::ConfigError;
pub use exceptions::{PLACEHOLDER, is_reason};
pub use read::{Config, read};
pub use write::{comment, quoted, write};
