//! How much is read. One place, so that hostile input meets one set of numbers.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// Limits of reading.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest dependency file, in bytes.
    pub file: u64,
}

impl Default for Limits {
    fn default() -> Self {
        // The largest lockfiles in the wild are a few megabytes.
        Self { file: 64 << 20 }
    }
}

/// Why a file was not read.
#[derive(Debug)]
pub enum ReadError {
    /// The system refused.
    Io(io::Error),
    /// It is larger than [`Limits::file`].
    TooLarge,
    /// Git did not answer.
    Git(super::GitError),
}

impl Limits {
    /// Reads a file whole.
    ///
    /// # Errors
    /// When the system refuses or the file is too large.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        let file = File::open(path).map_err(ReadError::Io)?;
        let length = file.metadata().map_err(ReadError::Io)?.len();
        if length > self.file {
            return Err(ReadError::TooLarge);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        // What the file system says of a length is not always true (pipes, /proc).
        file.take(self.file + 1).read_to_end(&mut bytes).map_err(ReadError::Io)?;
        if bytes.len() as u64 > self.file { Err(ReadError::TooLarge) } else { Ok(bytes) }
    }
}
