//! The program: hands the command line to the library and its outcome to the system.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(overdue::cli::run(std::env::args_os()).code())
}
