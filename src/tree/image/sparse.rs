//! Sparse files as GNU tar writes them in POSIX archives (GNU tar manual, "Storing Sparse Files", PAX formats 0.0, 0.1 and
//! 1.0): what is stored are the parts, and where they belong stands in the extended header or before them. The older format
//! of GNU archives is the `tar` crate's own business.

use std::io;

/// Where the parts of a file begin, and how long each is.
type Parts = Vec<(u64, u64)>;

/// What an extended header says of a sparse file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sparse {
    /// Its path, where that is not the entry's.
    pub(super) name: Option<Vec<u8>>,
    /// Its size when it is whole.
    size: Option<u64>,
    /// Whether the parts are listed before them.
    is_listed_inside: bool,
    /// The parts.
    parts: Parts,
    /// Where the next part begins, whose length comes next.
    open: Option<u64>,
    /// Whether anything was said at all.
    is_there: bool,
}

impl Sparse {
    /// Takes a record of an extended header. `None` where a number is none.
    pub(super) fn take(&mut self, key: &[u8], value: &[u8]) -> Option<()> {
        let Some(key) = key.strip_prefix(b"GNU.sparse.") else { return Some(()) };
        self.is_there = true;
        match key {
            b"name" => self.name = Some(value.to_vec()),
            b"size" | b"realsize" => self.size = Some(number(value)?),
            b"major" => self.is_listed_inside = number(value)? >= 1,
            b"offset" => self.open = Some(number(value)?),
            b"numbytes" => self.parts.push((self.open.take()?, number(value)?)),
            b"map" => {
                let numbers: Vec<u64> = value.split(|byte| *byte == b',').map(number).collect::<Option<_>>()?;
                self.parts = numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
            }
            _ => {}
        }
        Some(())
    }

    /// Whether the file is sparse.
    pub(super) fn is_there(&self) -> bool {
        self.is_there
    }

    /// The whole file from what is stored; `None` where it is larger than `most`.
    ///
    /// # Errors
    /// When the parts do not fit.
    pub(super) fn expand(&self, stored: &[u8], most: u64) -> io::Result<Option<Vec<u8>>> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the map of a sparse file does not fit it");
        let (parts, mut rest) = if self.is_listed_inside { listed(stored).ok_or_else(damaged)? } else { (self.parts.clone(), stored) };
        let end = parts.iter().map(|(at, length)| at.saturating_add(*length)).max().unwrap_or_default();
        let size = self.size.unwrap_or(end);
        if size > most {
            return Ok(None);
        }
        if end > size {
            return Err(damaged());
        }
        let index = |number: u64| usize::try_from(number).map_err(|_| damaged());
        let mut whole = vec![0; index(size)?];
        for (at, length) in parts {
            let (part, after) = rest.split_at_checked(index(length)?).ok_or_else(damaged)?;
            let at = index(at)?;
            whole[at..at + part.len()].copy_from_slice(part);
            rest = after;
        }
        Ok(Some(whole))
    }
}

/// The most parts of a file. Each of them takes more room than what it is read from.
const MOST_PARTS: u64 = 100_000;

/// The parts as they are listed before them, in decimal lines, and what comes after that and its padding.
fn listed(stored: &[u8]) -> Option<(Parts, &[u8])> {
    const BLOCK: usize = 512;
    let mut at = 0;
    let mut next = || {
        let end = at + stored.get(at..)?.iter().position(|byte| *byte == b'\n')?;
        let found = number(&stored[at..end]);
        at = end + 1;
        found
    };
    let count = next().filter(|count| *count <= MOST_PARTS)?;
    let mut parts = Vec::new();
    for _ in 0..count {
        parts.push((next()?, next()?));
    }
    Some((parts, stored.get(at.next_multiple_of(BLOCK)..)?))
}

fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Sparse;

    fn sparse(records: &[(&str, &str)]) -> Option<Sparse> {
        let mut sparse = Sparse::default();
        records.iter().try_for_each(|(key, value)| sparse.take(key.as_bytes(), value.as_bytes()))?;
        Some(sparse)
    }

    #[test]
    fn each_format_gives_the_same_file() {
        let whole = b"\0\0\0abc\0\0de\0".to_vec();
        let mut inside = b"2\n3\n3\n8\n2\n".to_vec();
        inside.resize(512, 0);
        inside.extend_from_slice(b"abcde");
        for (records, stored) in [
            (
                &[
                    ("GNU.sparse.size", "11"),
                    ("GNU.sparse.offset", "3"),
                    ("GNU.sparse.numbytes", "3"),
                    ("GNU.sparse.offset", "8"),
                    ("GNU.sparse.numbytes", "2"),
                ][..],
                b"abcde".to_vec(),
            ),
            (&[("GNU.sparse.size", "11"), ("GNU.sparse.map", "3,3,8,2")], b"abcde".to_vec()),
            (&[("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "11")], inside),
        ] {
            let sparse = sparse(records).expect("numbers");
            assert!(sparse.is_there());
            assert_eq!(sparse.expand(&stored, 100).expect("it fits"), Some(whole.clone()), "{records:?}");
            assert_eq!(sparse.expand(&stored, 10).expect("it fits"), None, "{records:?}");
        }
        assert!(sparse(&[("GNU.sparse.size", "-1")]).is_none());
        assert!(!sparse(&[("path", "a")]).expect("nothing").is_there());
        let lies = sparse(&[("GNU.sparse.size", "4"), ("GNU.sparse.map", "3,3")]).expect("numbers");
        assert!(lies.expand(b"abc", 100).is_err() && lies.expand(b"a", 100).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(stored in proptest::collection::vec(prop_oneof![Just(b'\n'), b'0'..=b'9', any::<u8>()], 0..600), map in "[0-9,]{0,20}") {
            for records in [&[("GNU.sparse.major", "1")][..], &[("GNU.sparse.map", map.as_str())], &[("GNU.sparse.map", map.as_str()), ("GNU.sparse.size", "99")]] {
                if let Some(sparse) = sparse(records) {
                    let _ = sparse.expand(&stored, 1000);
                }
            }
        }
    }
}
