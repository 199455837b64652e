//! Takes a body in: into a file of its own, measured, looked at and hashed on the way, never whole in memory.

use std::{
    io::{self, Read, Seek, Write},
    path::Path,
    time::{Duration, Instant},
};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::{Cause, Expected, Validators, content::LOOKED_AT};
use crate::advisory::index::writer::hex;

/// Fewer bytes than this in all the time that is waited for more are as good as none.
const FEW: u64 = 1 << 10;
/// Bytes that are in memory at a time.
const CHUNK: usize = 64 << 10;

/// What came.
#[derive(Debug)]
pub struct Body {
    /// The bytes, to be read from the start. The file is deleted with this.
    pub file: NamedTempFile,
    /// How many they are.
    pub length: u64,
    /// What to ask with the next time.
    pub validators: Validators,
    /// Their digest.
    pub sha256: String,
}

/// Whoever watches a download. Several may run at a time.
pub trait Progress: Sync {
    /// A body begins to come. `total` is what it is to have, if that is known.
    fn begin(&self, what: &str, total: Option<u64>);
    /// More of it came.
    fn advance(&self, bytes: u64);
    /// It ended, well or not. Another attempt begins again.
    fn end(&self);
    /// Something that should be told: that it is tried again, and why.
    fn note(&self, line: &str);
}

/// What is known of a body before it comes.
pub(super) struct Intake<'a> {
    pub(super) folder: &'a Path,
    pub(super) what: &'a str,
    pub(super) expected: &'a Expected,
    pub(super) announced: Option<u64>,
    pub(super) validators: Validators,
    /// So long nothing worth the name may come.
    pub(super) idle: Option<Duration>,
    /// When all of it has to be here.
    pub(super) deadline: Option<Instant>,
    pub(super) progress: &'a dyn Progress,
}

impl Intake<'_> {
    /// Reads to the end. `broken` says what it means that a read failed after so many bytes.
    pub(super) fn take(self, from: &mut dyn Read, broken: &dyn Fn(&io::Error, u64) -> Cause) -> Result<Body, Cause> {
        self.check_size(self.announced.unwrap_or(0))?;
        std::fs::create_dir_all(self.folder)?;
        let mut file = tempfile::Builder::new().prefix(".download-").tempfile_in(self.folder)?;
        self.progress.begin(self.what, self.announced);
        let copied = self.copy(from, &mut file, broken);
        self.progress.end();
        let (length, sha256) = copied?;
        file.rewind()?;
        Ok(Body { file, length, validators: self.validators, sha256 })
    }

    fn copy(&self, from: &mut dyn Read, to: &mut dyn Write, broken: &dyn Fn(&io::Error, u64) -> Cause) -> Result<(u64, String), Cause> {
        let (mut chunk, mut start) = (vec![0; CHUNK], Vec::new());
        let (mut came, mut digest, mut looked) = (0, Sha256::new(), false);
        let mut window = (Instant::now(), 0);
        loop {
            let read = match from.read(&mut chunk) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(broken(&error, came)),
            };
            let bytes = &chunk[..read];
            came += read as u64;
            self.check_size(came)?;
            if self.deadline.is_some_and(|deadline| Instant::now() > deadline) {
                return Err(Cause::Late);
            }
            if let Some(idle) = self.idle.filter(|idle| window.0.elapsed() > *idle) {
                if read > 0 && came - window.1 < FEW {
                    return Err(Cause::Stalled { idle, came });
                }
                window = (Instant::now(), came);
            }
            if !looked {
                start.extend_from_slice(&bytes[..read.min(LOOKED_AT - start.len())]);
                // It comes in pieces of any size; what is wrong is refused before all of it has come.
                if start.len() == LOOKED_AT || (read == 0 && came > 0) {
                    self.check_kind(&start)?;
                    looked = true;
                }
            }
            if read == 0 {
                break;
            }
            digest.update(bytes);
            to.write_all(bytes)?;
            self.progress.advance(read as u64);
        }
        self.check_length(came)?;
        Ok((came, hex(&digest.finalize())))
    }

    fn check_size(&self, bytes: u64) -> Result<(), Cause> {
        let most = self.expected.most_bytes;
        if bytes > most { Err(Cause::TooLarge { most, announced: self.announced }) } else { Ok(()) }
    }

    fn check_kind(&self, start: &[u8]) -> Result<(), Cause> {
        let kind = self.expected.kind;
        kind.check(start).map_err(|came| Cause::WrongKind { came, wanted: kind.name() })
    }

    fn check_length(&self, came: u64) -> Result<(), Cause> {
        match self.announced {
            Some(announced) if announced != came => {
                Err(Cause::BrokenOff { came, announced: self.announced, cause: "its length is another than announced".to_owned() })
            }
            _ if came == 0 => Err(Cause::Empty),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Read, sync::Mutex};

    use super::{Intake, Progress};
    use crate::advisory::sync::{Cause, Content, Expected, Validators};

    /// What was told, a letter each.
    #[derive(Default)]
    struct Told(Mutex<String>);

    impl Progress for Told {
        fn begin(&self, what: &str, total: Option<u64>) {
            self.0.lock().expect("a lock").push_str(&format!("begin {what} {total:?},"));
        }
        fn advance(&self, bytes: u64) {
            self.0.lock().expect("a lock").push_str(&format!(" {bytes}"));
        }
        fn end(&self) {
            self.0.lock().expect("a lock").push_str(" end");
        }
        fn note(&self, _: &str) {}
    }

    fn take(bytes: &[u8], announced: Option<u64>, most_bytes: u64) -> (Result<(u64, String, String), Cause>, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let expected = Expected { kind: Content::Csv, most_bytes };
        let told = Told::default();
        let intake = Intake {
            folder: &folder.path().join("new"),
            what: "x",
            expected: &expected,
            announced,
            validators: Validators::default(),
            idle: None,
            deadline: None,
            progress: &told,
        };
        // A reader of two parts gives them one by one.
        let (first, second) = bytes.split_at(bytes.len().min(1));
        let result = intake.take(&mut first.chain(second), &|_, _| unreachable!()).map(|mut body| {
            let mut text = String::new();
            body.file.read_to_string(&mut text).expect("text");
            (body.length, text, body.sha256.clone())
        });
        let left = std::fs::read_dir(folder.path().join("new")).map_or(0, Iterator::count);
        assert_eq!(left, 0, "a file is left behind");
        (result, told.0.into_inner().expect("a lock"))
    }

    #[test]
    fn a_body_is_measured_hashed_and_told_of() {
        let (body, told) = take(b"abc", Some(3), 3);
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(body.expect("a body"), (3, "abc".to_owned(), digest.to_owned()));
        assert_eq!(told, "begin x Some(3), 1 2 end");
    }

    #[test]
    fn a_body_of_another_size_or_kind_is_refused() {
        for (bytes, announced, most, message, begun) in [
            (&b"abcd"[..], None, 3, "larger than the 3 bytes that are taken", true),
            (b"abcd", Some(4), 3, "larger than the 3 bytes that are taken: 4 bytes are announced", false),
            (b"abc", Some(4), 9, "broken off after 3 of 4 bytes: its length is another than announced", true),
            (b"abc", Some(2), 9, "broken off after 3 of 2 bytes: its length is another than announced", true),
            (b"", None, 9, "an empty body came", true),
            (b"<html>", None, 9, "an HTML page came instead of a CSV table (a captive portal or a proxy's error page?)", true),
        ] {
            let (result, told) = take(bytes, announced, most);
            assert_eq!(result.expect_err(message).to_string(), message);
            assert_eq!((told.contains("begin"), told.ends_with("end")), (begun, begun), "{told}");
        }
    }
}
