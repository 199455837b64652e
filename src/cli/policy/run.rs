//! `overdue policy`.

use super::{check, import, init, show};
use crate::cli::{
    Exit,
    args::{Global, PolicyCommand},
    exit::Failure,
};

/// Shows, checks or writes a policy.
///
/// # Errors
/// When a file cannot be read, is no policy, or cannot be written.
pub fn run(command: &PolicyCommand, global: &Global) -> Result<Exit, Failure> {
    match command {
        PolicyCommand::Show(args) => show::run(args, global),
        PolicyCommand::Check(args) => check::run(args, global),
        PolicyCommand::Init(args) => init::run(args, global),
        PolicyCommand::Import(args) => import::run(args, global),
    }
}
