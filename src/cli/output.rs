//! What goes to stdout, and what goes to stderr.

use std::io::{self, BufWriter, Write};

use super::exit::Failure;
use crate::report::phrases::safe;

/// Writes to stdout. A reader that closed the pipe has seen enough: that is no error.
///
/// # Errors
/// When stdout cannot be written to for another reason.
pub fn print(bytes: &[u8]) -> Result<(), Failure> {
    print_with(&mut |out| out.write_all(bytes))
}

/// Writes to stdout whatever somebody writes, as [`print()`] does.
///
/// # Errors
/// When stdout cannot be written to for another reason than that nobody reads any more.
pub fn print_with(write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut stdout = BufWriter::with_capacity(64 << 10, io::stdout().lock());
    match write(&mut stdout).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::usage(format!("cannot write to stdout: {error}"))),
        _ => Ok(()),
    }
}

/// Writes a line to stderr; nobody there is no error.
pub fn tell(text: &str) {
    // Names of files and packages are other people's words.
    let lines: Vec<String> = text.split('\n').map(safe).collect();
    let _ = writeln!(io::stderr().lock(), "{}", lines.join("\n"));
}
