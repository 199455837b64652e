//! What a layer does, entry by entry, in few bytes: paths share what they have in common with the one before, and chunks
//! are compressed. Millions of small files fit, and nothing is left out, so that the merged view is exact.

use std::io;

/// What an entry puts at its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Op<'a> {
    /// A directory, beside what lower layers have in it.
    Directory,
    /// A regular file.
    File(Content),
    /// A symbolic link to this target, as written.
    Link(&'a str),
    /// Another name of the file at this (clean) path.
    HardLink(&'a str),
    /// A device, pipe or socket.
    Special,
    /// What lower layers have at the path is gone.
    Whiteout,
    /// What lower layers have below the path is gone.
    Opaque,
}

/// What is known of a file's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Nobody asked for it.
    Passed,
    /// It is there, with this size; its content is not wanted.
    Named(u64),
    /// It was kept, at this place among what the layer keeps.
    Kept(u32),
    /// It is an executable program of this size, with what `cargo auditable` left in it, if anything.
    Program(u64, Audit),
}

/// What `cargo auditable` left in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audit {
    /// Nothing.
    None,
    /// It was kept, at this place among what the layer keeps.
    Kept(u32),
    /// There is something, and the program was too large to hold while it went by.
    Later,
}

/// Chunks are compressed when they have grown to this.
const CHUNK: usize = 256 << 10;

/// The entries of a layer, in their order.
#[derive(Default)]
pub(super) struct Log {
    chunks: Vec<Vec<u8>>,
    packed: usize,
    open: Vec<u8>,
    last: String,
    /// How many there are.
    pub(super) entries: u64,
}

impl Log {
    /// Adds an entry.
    pub(super) fn push(&mut self, path: &str, op: &Op<'_>) {
        let shared = self.last.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count();
        // Only whole characters are shared.
        let shared = (0..=shared).rev().find(|at| path.is_char_boundary(*at) && self.last.is_char_boundary(*at)).unwrap_or(0);
        let out = &mut self.open;
        out.push(tag(op));
        number(out, shared as u64);
        text(out, &path[shared..]);
        match op {
            Op::Link(target) | Op::HardLink(target) => text(out, target),
            Op::File(Content::Named(size) | Content::Program(size, Audit::None | Audit::Later)) => number(out, *size),
            Op::File(Content::Kept(at)) => number(out, u64::from(*at)),
            Op::File(Content::Program(size, Audit::Kept(at))) => {
                number(out, *size);
                number(out, u64::from(*at));
            }
            Op::Directory | Op::File(Content::Passed) | Op::Special | Op::Whiteout | Op::Opaque => {}
        }
        self.last.truncate(shared);
        self.last.push_str(&path[shared..]);
        self.entries += 1;
        if self.open.len() >= CHUNK {
            self.finish();
        }
    }

    /// Compresses what is not yet. After the last entry, so that many small layers take little.
    pub(super) fn finish(&mut self) {
        if let Ok(mut chunk) = zstd::bulk::compress(&self.open, 1)
            && !self.open.is_empty()
        {
            chunk.shrink_to_fit();
            self.packed += chunk.len();
            self.chunks.push(chunk);
            self.open = Vec::new();
        }
    }

    /// What it takes, in bytes, but for what is not yet compressed.
    pub(super) fn size(&self) -> usize {
        self.packed
    }

    /// Hands out every entry: its number, its path, and what it puts there.
    ///
    /// # Errors
    /// When it is damaged, which one that came from a cache may be.
    pub(super) fn each(&self, take: &mut dyn FnMut(u64, &str, Op<'_>)) -> io::Result<()> {
        let (mut path, mut number) = (String::new(), 0);
        for chunk in &self.chunks {
            let plain = zstd::bulk::decompress(chunk, CHUNK * 2)?;
            entries(&plain, &mut path, &mut number, take)?;
        }
        entries(&self.open, &mut path, &mut number, take)
    }

    /// The parts of it, for a cache.
    pub(super) fn parts(&self) -> (Vec<Vec<u8>>, Vec<u8>, u64) {
        (self.chunks.clone(), self.open.clone(), self.entries)
    }

    /// From the parts.
    pub(super) fn from_parts(chunks: Vec<Vec<u8>>, open: Vec<u8>, entries: u64) -> Self {
        let packed = chunks.iter().map(Vec::len).sum();
        Self { chunks, packed, open, last: String::new(), entries }
    }
}

fn tag(op: &Op<'_>) -> u8 {
    match op {
        Op::Directory => 0,
        Op::File(Content::Passed) => 1,
        Op::File(Content::Named(_)) => 2,
        Op::File(Content::Kept(_)) => 3,
        Op::File(Content::Program(_, Audit::None)) => 4,
        Op::File(Content::Program(_, Audit::Kept(_))) => 5,
        Op::File(Content::Program(_, Audit::Later)) => 6,
        Op::Link(_) => 7,
        Op::HardLink(_) => 8,
        Op::Special => 9,
        Op::Whiteout => 10,
        Op::Opaque => 11,
    }
}

fn number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap_or_default() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or_default());
}

fn text(out: &mut Vec<u8>, value: &str) {
    number(out, value.len() as u64);
    out.extend_from_slice(value.as_bytes());
}

fn entries(mut rest: &[u8], path: &mut String, count: &mut u64, take: &mut dyn FnMut(u64, &str, Op<'_>)) -> io::Result<()> {
    while !rest.is_empty() {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "a log of a layer is damaged");
        let tag = rest[0];
        rest = &rest[1..];
        let shared = usize::try_from(take_number(&mut rest).ok_or_else(damaged)?).map_err(|_| damaged())?;
        if !path.is_char_boundary(shared) {
            return Err(damaged());
        }
        path.truncate(shared);
        path.push_str(take_text(&mut rest).ok_or_else(damaged)?);
        let mut one = || take_number(&mut rest).ok_or_else(damaged);
        let small = |value: u64| u32::try_from(value).map_err(|_| damaged());
        let op = match tag {
            0 => Op::Directory,
            1 => Op::File(Content::Passed),
            2 => Op::File(Content::Named(one()?)),
            3 => Op::File(Content::Kept(small(one()?)?)),
            4 => Op::File(Content::Program(one()?, Audit::None)),
            5 => Op::File(Content::Program(one()?, Audit::Kept(small(one()?)?))),
            6 => Op::File(Content::Program(one()?, Audit::Later)),
            7 => Op::Link(take_text(&mut rest).ok_or_else(damaged)?),
            8 => Op::HardLink(take_text(&mut rest).ok_or_else(damaged)?),
            9 => Op::Special,
            10 => Op::Whiteout,
            11 => Op::Opaque,
            _ => return Err(damaged()),
        };
        take(*count, path, op);
        *count += 1;
    }
    Ok(())
}

fn take_number(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (first, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(first & 0x7f).checked_shl(shift)?;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn take_text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let length = usize::try_from(take_number(rest)?).ok()?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    std::str::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Audit, Content, Log, Op};

    fn ops() -> impl Strategy<Value = (String, u8, u64, String)> {
        ("[a-cé/]{1,12}", 0u8..12, any::<u64>(), "[a-cé./]{0,9}")
    }

    fn op(tag: u8, size: u64, target: &str) -> Op<'_> {
        let at = u32::try_from(size % 1000).expect("small");
        match tag {
            0 => Op::Directory,
            1 => Op::File(Content::Passed),
            2 => Op::File(Content::Named(size)),
            3 => Op::File(Content::Kept(at)),
            4 => Op::File(Content::Program(size, Audit::None)),
            5 => Op::File(Content::Program(size, Audit::Kept(at))),
            6 => Op::File(Content::Program(size, Audit::Later)),
            7 => Op::Link(target),
            8 => Op::HardLink(target),
            9 => Op::Special,
            10 => Op::Whiteout,
            _ => Op::Opaque,
        }
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(list in proptest::collection::vec(ops(), 0..60)) {
            let mut log = Log::default();
            for (path, tag, size, target) in &list {
                log.push(path, &op(*tag, *size, target));
            }
            let (chunks, open, entries) = log.parts();
            let log = Log::from_parts(chunks, open, entries);
            let mut seen = 0;
            log.each(&mut |at, path, found| {
                let (expected, tag, size, target) = &list[usize::try_from(at).expect("small")];
                assert_eq!((path, found), (expected.as_str(), op(*tag, *size, target)));
                seen += 1;
            }).expect("it is whole");
            prop_assert_eq!(seen, list.len());
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Log::from_parts(Vec::new(), bytes.clone(), 1).each(&mut |_, _, _| {});
            let _ = Log::from_parts(vec![bytes], Vec::new(), 1).each(&mut |_, _, _| {});
        }
    }

    #[test]
    fn many_files_take_few_bytes() {
        let mut log = Log::default();
        for at in 0..100_000 {
            log.push(&format!("srv/{:03}/file-{at:07}.txt", at / 1000), &Op::File(Content::Passed));
        }
        assert!(log.size() < 400_000, "{}", log.size());
    }
}
