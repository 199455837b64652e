//! Policies at the command line: which one findings are judged by, and `overdue policy`.

mod check;
mod files;
mod find;
mod import;
mod init;
mod load;
mod run;
mod show;

pub(in crate::cli) use files::{MOST, bytes};
pub use load::{config_path, in_force, load};
pub use run::run;
