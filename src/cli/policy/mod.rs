//! Policies at the command line: which one findings are judged by, and `overdue policy`.

mod check;
mod files;
mod init;
mod run;
mod show;

pub use files::load;
pub use run::run;
