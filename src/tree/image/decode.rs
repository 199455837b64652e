//! From a layer's stored bytes to its tar: the packing is told by the first bytes, whatever a media type says; digests and
//! limits are looked after as the bytes go by.

use std::{
    cell::{Cell, RefCell},
    io::{self, BufRead, Read},
    rc::Rc,
};

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest as _, Sha256};

use super::limits::{Limit, Limits};

/// How bytes are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// Not at all.
    Plain,
    /// RFC 1952; of several members, too.
    Gzip,
    /// RFC 8878.
    Zstandard,
}

impl Packing {
    /// By the magic bytes.
    pub(super) fn of(start: &[u8]) -> Self {
        if start.starts_with(&[0x1f, 0x8b]) {
            Self::Gzip
        } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) || is_skippable(start) {
            Self::Zstandard
        } else {
            Self::Plain
        }
    }
}

/// Whether zstd begins with a frame that decoders pass over (RFC 8878, section 3.1.2).
fn is_skippable(start: &[u8]) -> bool {
    start.len() >= 4 && start[0] & 0xf0 == 0x50 && start[1..4] == [0x2a, 0x4d, 0x18]
}

/// What the two ends of a decoder tell each other.
#[derive(Default)]
pub(super) struct Gauge {
    stored: Cell<u64>,
    plain: Cell<u64>,
    /// How much may still be read before the next entry has to begin.
    ahead: Cell<Option<u64>>,
    hit: Cell<Option<Limit>>,
    /// Whether there was nothing more to read, and the last block that was read was empty.
    ended: Cell<bool>,
    last_is_empty: Cell<bool>,
    stored_hash: RefCell<Option<Sha256>>,
    plain_hash: RefCell<Option<Sha256>>,
}

impl Gauge {
    /// A gauge that also hashes: the stored bytes, or the plain ones.
    pub(super) fn hashing(stored: bool, plain: bool) -> Rc<Self> {
        let hash = |wanted: bool| RefCell::new(wanted.then(Sha256::new));
        Rc::new(Self { stored_hash: hash(stored), plain_hash: hash(plain), ..Self::default() })
    }

    /// The digest of what went by, in hexadecimal.
    pub(super) fn digest(&self) -> Option<String> {
        let hash = self.stored_hash.take().or_else(|| self.plain_hash.take())?;
        Some(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// From here on no more than this may go by before [`Gauge::free`].
    pub(super) fn allow(&self, bytes: u64) {
        self.ahead.set(Some(bytes));
    }

    /// Whatever goes by is content again.
    pub(super) fn free(&self) {
        self.ahead.set(None);
    }

    /// Whether everything was read, and an archive's end was not marked by an empty block.
    pub(super) fn ends_without_mark(&self) -> bool {
        self.ended.get() && !self.last_is_empty.get()
    }

    /// The limit that was hit.
    pub(super) fn hit(&self) -> Option<Limit> {
        self.hit.get()
    }

    fn refuse(&self, limit: Limit) -> io::Error {
        self.hit.set(Some(limit));
        io::Error::other("a limit was reached")
    }
}

/// The end where stored bytes come in.
pub(super) struct Stored<'a> {
    inner: &'a mut dyn Read,
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    gauge: Rc<Gauge>,
    told: &'a dyn Fn(u64),
}

impl Stored<'_> {
    /// Reads what is left, for the digest's sake.
    pub(super) fn drain(&mut self) -> io::Result<()> {
        loop {
            let length = self.fill_buf()?.len();
            if length == 0 {
                return Ok(());
            }
            self.consume(length);
        }
    }
}

impl Read for Stored<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(out)?;
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for Stored<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.end {
            self.at = 0;
            self.end = 0;
            self.end = self.inner.read(&mut self.buffer)?;
            let new = &self.buffer[..self.end];
            if let Some(hash) = self.gauge.stored_hash.borrow_mut().as_mut() {
                hash.update(new);
            }
            self.gauge.stored.set(self.gauge.stored.get() + new.len() as u64);
            (self.told)(new.len() as u64);
        }
        Ok(&self.buffer[self.at..self.end])
    }

    fn consume(&mut self, length: usize) {
        self.at = (self.at + length).min(self.end);
    }
}

enum Decoder<'a> {
    Plain(Stored<'a>),
    Gzip(Box<MultiGzDecoder<Stored<'a>>>),
    Zstandard(Box<zstd::Decoder<'static, Stored<'a>>>),
}

/// Reads of this size and more are not buffered: nothing is gained.
const BUFFER: usize = 64 << 10;

/// The end where the tar comes out.
pub(super) struct Plain<'a> {
    decoder: Decoder<'a>,
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    gauge: Rc<Gauge>,
    limits: Limits,
}

impl<'a> Plain<'a> {
    /// Unpacks what is read; `told` hears of each stored byte.
    ///
    /// # Errors
    /// When the first bytes cannot be read, or zstd cannot be set up.
    pub(super) fn new(inner: &'a mut dyn Read, gauge: &Rc<Gauge>, limits: Limits, told: &'a dyn Fn(u64)) -> io::Result<Self> {
        let mut stored = Stored { inner, buffer: vec![0; 128 << 10], at: 0, end: 0, gauge: Rc::clone(gauge), told };
        let decoder = match Packing::of(stored.fill_buf()?) {
            Packing::Plain => Decoder::Plain(stored),
            Packing::Gzip => Decoder::Gzip(Box::new(MultiGzDecoder::new(stored))),
            Packing::Zstandard => {
                let mut decoder = zstd::Decoder::with_buffer(stored)?;
                // 32 MiB each, of a few at a time; no builder of images asks for more.
                decoder.window_log_max(25)?;
                Decoder::Zstandard(Box::new(decoder))
            }
        };
        Ok(Self { decoder, buffer: vec![0; BUFFER], at: 0, end: 0, gauge: Rc::clone(gauge), limits })
    }

    /// Whether unpacking holds much of what it has unpacked.
    pub(super) fn has_window(&self) -> bool {
        matches!(self.decoder, Decoder::Zstandard(_))
    }

    /// Reads what is left: of the plain bytes if they are hashed, or if the checksum of their packing is all that vouches for
    /// them, and of the stored ones.
    pub(super) fn drain(&mut self, checks_packing: bool) -> io::Result<()> {
        self.gauge.free();
        if checks_packing || self.gauge.plain_hash.borrow().is_some() {
            let mut rest = vec![0; BUFFER];
            while self.read(&mut rest)? > 0 {}
        }
        match &mut self.decoder {
            Decoder::Plain(stored) => stored.drain(),
            Decoder::Gzip(decoder) => decoder.get_mut().drain(),
            Decoder::Zstandard(decoder) => decoder.get_mut().drain(),
        }
    }

    fn pull(&mut self, into: Option<&mut [u8]>) -> io::Result<usize> {
        let (decoder, buffer) = (&mut self.decoder, &mut self.buffer);
        let out = into.unwrap_or(buffer);
        let length = match decoder {
            Decoder::Plain(decoder) => decoder.read(out)?,
            Decoder::Gzip(decoder) => decoder.read(out)?,
            Decoder::Zstandard(decoder) => decoder.read(out)?,
        };
        if let Some(hash) = self.gauge.plain_hash.borrow_mut().as_mut() {
            hash.update(&out[..length]);
        }
        let plain = self.gauge.plain.get() + length as u64;
        self.gauge.plain.set(plain);
        if plain > self.limits.unpacked {
            return Err(self.gauge.refuse(Limit::Unpacked));
        }
        if plain > self.limits.ratio_from && plain / self.limits.ratio > self.gauge.stored.get() {
            return Err(self.gauge.refuse(Limit::Ratio));
        }
        Ok(length)
    }
}

impl Read for Plain<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = if self.at == self.end && out.len() >= BUFFER {
            self.pull(Some(out))?
        } else {
            if self.at == self.end {
                (self.at, self.end) = (0, 0);
                self.end = self.pull(None)?;
            }
            let length = (self.end - self.at).min(out.len());
            out[..length].copy_from_slice(&self.buffer[self.at..self.at + length]);
            self.at += length;
            length
        };
        if length == 0 && !out.is_empty() {
            self.gauge.ended.set(true);
        } else if !self.gauge.ended.get() {
            self.gauge.last_is_empty.set(out[..length].iter().all(|byte| *byte == 0));
        }
        if let Some(ahead) = self.gauge.ahead.get() {
            let Some(left) = ahead.checked_sub(length as u64) else { return Err(self.gauge.refuse(Limit::Header)) };
            self.gauge.ahead.set(Some(left));
        }
        Ok(length)
    }
}
