//! One layer, read once from its first byte to its last: what it does, and the few bytes that somebody wants.

use std::io::{self, Read};

use tar::{Archive, Entry};

use super::{
    super::names,
    decode::{Gauge, Plain},
    entries::{Kind, Member, Removal, bytes, counts, each, is_sparse, removal},
    kept::{Budget, Interest, Keep, Kept, LARGE},
    limits::{Limit, Limits},
    log::{Audit, Content, Log, Op},
    path::{self, split},
    program::{self, TAIL},
};

/// Files of more bytes are compressed as they come.
const STREAMED: u64 = 64 << 10;

/// What was read of a layer.
#[derive(Default)]
pub(super) struct Layer {
    pub(super) log: Log,
    pub(super) kept: Vec<Kept>,
    pub(super) faults: Vec<Fault>,
    /// The digest of its bytes, where it was asked for and they were all read.
    pub(super) digest: Option<String>,
}

/// Why some of a layer was not read.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) enum Fault {
    /// A limit was reached.
    Limit(Limit),
    /// It is damaged from here on, or cannot be read.
    Damaged(String),
    /// It is not there.
    Missing(String),
}

impl Fault {
    /// What a reader complains about. One that quotes bytes has met no archive.
    pub(super) fn damaged(error: &io::Error) -> Self {
        let words = error.to_string();
        let quotes = words.contains(char::REPLACEMENT_CHARACTER) || words.contains("numeric field") || words.chars().any(char::is_control);
        Self::Damaged(if quotes { "it is no archive here, or damaged".to_owned() } else { words })
    }
}

/// Which digest of a layer is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Digest {
    /// That of its bytes as they are stored, in hexadecimal.
    Stored(String),
    /// That of its tar, in hexadecimal.
    Plain(String),
    /// None; that of the stored bytes is worked out.
    Unknown,
}

impl Digest {
    fn gauge(&self) -> std::rc::Rc<Gauge> {
        Gauge::hashing(!matches!(self, Self::Plain(_)), matches!(self, Self::Plain(_)))
    }
}

/// How a layer is read.
#[derive(Clone, Copy)]
pub(super) struct Manner<'a> {
    pub(super) interest: Interest,
    pub(super) budget: &'a Budget,
    pub(super) limits: &'a Limits,
}

/// Reads a layer.
///
/// # Errors
/// When not even its first bytes can be read.
pub(super) fn read(bytes: &mut dyn Read, digest: &Digest, manner: &Manner<'_>, told: &dyn Fn(u64)) -> io::Result<Layer> {
    let mut layer = Layer::default();
    let gauge = digest.gauge();
    let plain = Plain::new(bytes, &gauge, *manner.limits, told)?;
    let _turn = plain.has_window().then(|| manner.budget.unpack());
    let mut archive = Archive::new(plain);
    if let Err(fault) = take_entries(&mut archive, &gauge, &mut layer, manner) {
        layer.faults.push(fault);
    }
    // What stands after the end of the tar is nobody's, but counts for the digest.
    let mut plain = archive.into_inner();
    let is_given_up = manner.budget.is_spent() && !manner.budget.in_order;
    if gauge.hit().is_none() && !is_given_up {
        match plain.drain(*digest == Digest::Unknown) {
            Ok(()) => layer.digest = gauge.digest(),
            Err(error) if layer.faults.is_empty() => layer.faults.push(match gauge.hit() {
                Some(limit) => Fault::Limit(limit),
                None => Fault::damaged(&error),
            }),
            Err(_) => {}
        }
    }
    // Of what nobody knows the digest of only the end mark tells that it is whole.
    if *digest == Digest::Unknown && layer.faults.is_empty() && layer.log.entries > 0 && gauge.ends_without_mark() {
        layer.faults.push(Fault::Damaged("it ends without the mark of an archive's end".to_owned()));
    }
    Ok(layer)
}

/// The digest that the bytes of a layer really have, without reading the layer.
///
/// # Errors
/// When they cannot be read.
pub(super) fn digest_of(bytes: &mut dyn Read, digest: &Digest, limits: &Limits, told: &dyn Fn(u64)) -> io::Result<Option<String>> {
    let gauge = digest.gauge();
    Plain::new(bytes, &gauge, *limits, told)?.drain(false)?;
    Ok(gauge.digest())
}

fn take_entries(archive: &mut Archive<Plain<'_>>, gauge: &Gauge, layer: &mut Layer, manner: &Manner<'_>) -> Result<(), Fault> {
    let mut taken = Taken { layer, manner, scratch: Vec::new(), entered: 0, size: 0 };
    let outcome = each(archive, gauge, manner.limits, &mut |member, entry| taken.take(member, entry));
    taken.layer.log.finish();
    let fits = taken.account(true);
    let too_long = outcome?;
    fits?;
    if too_long { Err(Fault::Limit(Limit::Path)) } else { Ok(()) }
}

struct Taken<'a> {
    layer: &'a mut Layer,
    manner: &'a Manner<'a>,
    scratch: Vec<u8>,
    /// What of the log the budget knows.
    entered: u64,
    size: u64,
}

impl Taken<'_> {
    fn take<R: Read>(&mut self, member: &Member, entry: &mut Entry<'_, R>) -> Result<(), Fault> {
        if !counts(member) {
            return Ok(());
        }
        let path = member.path.as_str();
        if let Removal::Of(path, op) = removal(path) {
            self.layer.log.push(&path, &op);
            return self.account(false);
        }
        let log = &mut self.layer.log;
        match member.kind {
            Kind::Directory => log.push(path, &Op::Directory),
            Kind::File => {
                let content = self.content(member, entry)?;
                self.layer.log.push(path, &Op::File(content));
            }
            Kind::Link => log.push(path, &Op::Link(&names::of_bytes(&member.target))),
            // What is too long was left out before.
            Kind::HardLink => log.push(path, &Op::HardLink(&path::clean(&member.target).unwrap_or_default())),
            Kind::Special => log.push(path, &Op::Special),
            Kind::Nothing => {}
        }
        self.account(false)
    }

    fn content<R: Read>(&mut self, member: &Member, entry: &mut Entry<'_, R>) -> Result<Content, Fault> {
        let Manner { interest, limits, .. } = *self.manner;
        let (path, size) = (member.path.as_str(), entry.size());
        match (interest.keep)(path) {
            Keep::Name => Ok(Content::Named(size)),
            Keep::Bytes => {
                let _turn = self.manner.budget.hold(size);
                let streams = size > STREAMED && size <= limits.file && !is_sparse(entry) && !member.sparse.is_there();
                let kept = match if streams { Kept::pack(entry, size).map(Some) } else { kept(member, entry, limits.file) } {
                    Ok(kept) => kept.unwrap_or(Kept::TooLarge),
                    // The file is damaged, and not the archive.
                    Err(error) if error.kind() == io::ErrorKind::InvalidData && member.sparse.is_there() => {
                        Kept::Damaged(error.to_string())
                    }
                    Err(error) => return Err(Fault::damaged(&error)),
                };
                self.keep(kept).map(Content::Kept)
            }
            Keep::Nothing => {
                let mode = entry.header().mode().unwrap_or_default();
                if !program::may_be(split(path).1, mode, size) {
                    return Ok(Content::Passed);
                }
                if (is_sparse(entry) || member.sparse.is_there()) && size <= limits.program {
                    // As it is when it is unpacked.
                    let _turn = self.manner.budget.hold(size);
                    return match bytes(member, entry, limits.program) {
                        Ok(Some(whole)) => self.held(&whole, size),
                        // Larger than what is stored of it: looked at when no other is held.
                        Ok(None) => Ok(Content::Program(size, Audit::Later)),
                        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                            self.keep(Kept::Damaged(error.to_string())).map(|at| Content::Program(size, Audit::Kept(at)))
                        }
                        Err(error) => Err(Fault::damaged(&error)),
                    };
                }
                if is_sparse(entry) || member.sparse.is_there() {
                    return Ok(Content::Program(size, Audit::Later));
                }
                self.program(entry, size).map_err(|error| Fault::damaged(&error))?
            }
        }
    }

    /// Looks at what may be a program.
    fn program<R: Read>(&mut self, entry: &mut Entry<'_, R>, size: u64) -> io::Result<Result<Content, Fault>> {
        let limits = self.manner.limits;
        let mut start = [0; program::HEADER];
        entry.read_exact(&mut start)?;
        if !program::is_elf(&start) {
            return Ok(Ok(Content::Passed));
        }
        self.scratch.clear();
        self.scratch.extend_from_slice(&start);
        if size > limits.program {
            let tail = tail(entry, &mut self.scratch)?;
            let later = program::may_be_audited(&start, tail, size);
            return Ok(Ok(Content::Program(size, if later { Audit::Later } else { Audit::None })));
        }
        let _turn = self.manner.budget.hold(size);
        entry.read_to_end(&mut self.scratch)?;
        let whole = std::mem::take(&mut self.scratch);
        let outcome = self.held(&whole, size);
        if size <= LARGE {
            self.scratch = whole;
        }
        Ok(outcome)
    }

    /// Looks into a program that is all there.
    fn held(&mut self, whole: &[u8], size: u64) -> Result<Content, Fault> {
        let Some(start) = whole.first_chunk::<{ program::HEADER }>().filter(|start| program::is_elf(*start)) else {
            return Ok(Content::Passed);
        };
        if !program::may_be_audited(start, &whole[whole.len().saturating_sub(TAIL)..], whole.len() as u64) {
            return Ok(Content::Program(size, Audit::None));
        }
        let kept = match (self.manner.interest.audit)(whole) {
            Ok(None) => return Ok(Content::Program(size, Audit::None)),
            Ok(Some(found)) => Kept::new(found),
            Err(why) => Kept::Damaged(why),
        };
        self.keep(kept).map(|at| Content::Program(size, Audit::Kept(at)))
    }

    fn keep(&mut self, kept: Kept) -> Result<u32, Fault> {
        self.manner.budget.keep(&kept).map_err(Fault::Limit)?;
        self.layer.kept.push(kept);
        Ok(u32::try_from(self.layer.kept.len() - 1).unwrap_or(u32::MAX))
    }

    /// Tells the budget of the entries, now and then.
    fn account(&mut self, now: bool) -> Result<(), Fault> {
        /// So many entries are told at once.
        const BATCH: u64 = 1 << 12;
        let log = &self.layer.log;
        if !now && log.entries - self.entered < BATCH {
            return Ok(());
        }
        let (entries, size) = (log.entries - self.entered, log.size() as u64 - self.size);
        (self.entered, self.size) = (log.entries, log.size() as u64);
        if !self.manner.budget.in_order && self.manner.budget.is_spent() {
            return Err(Fault::Limit(Limit::Entries));
        }
        self.manner.budget.enter(entries, size).map_err(Fault::Limit)
    }
}

/// Keeps the bytes of an entry; `None` where they are too many.
fn kept<R: Read>(member: &Member, entry: &mut Entry<'_, R>, most: u64) -> io::Result<Option<Kept>> {
    Ok(bytes(member, entry, most)?.map(Kept::new))
}

/// Reads to the end and holds the last bytes.
fn tail<'b, R: Read>(entry: &mut R, held: &'b mut Vec<u8>) -> io::Result<&'b [u8]> {
    loop {
        let before = held.len();
        if before >= 4 * TAIL {
            held.drain(..before - TAIL);
            continue;
        }
        if entry.by_ref().take(TAIL as u64).read_to_end(held)? == 0 {
            return Ok(&held[before.saturating_sub(TAIL)..]);
        }
    }
}

/// Reads a layer again, and hands out the bytes of the entries of these numbers (of its log), each with its number. `most`
/// is the most that is read of one.
///
/// # Errors
/// When it cannot be read as far as before.
pub(super) fn read_again(
    stored: &mut dyn Read,
    wanted: &std::collections::BTreeMap<u64, u64>,
    limits: &Limits,
    take: &mut dyn FnMut(u64, Option<Vec<u8>>),
) -> io::Result<()> {
    let gauge = Gauge::hashing(false, false);
    let mut archive = Archive::new(Plain::new(stored, &gauge, *limits, &|_| {})?);
    let (mut number, mut left) = (0, wanted.len());
    let outcome = each(&mut archive, &gauge, limits, &mut |member, entry| {
        if left == 0 {
            return Err(Fault::Damaged(String::new()));
        }
        if !counts(member) {
            return Ok(());
        }
        if let Some(most) = wanted.get(&number) {
            left -= 1;
            take(number, bytes(member, entry, *most).map_err(|error| Fault::damaged(&error))?);
        }
        number += 1;
        Ok(())
    });
    match outcome {
        _ if left == 0 => Ok(()),
        Err(Fault::Damaged(why) | Fault::Missing(why)) => Err(io::Error::new(io::ErrorKind::InvalidData, why)),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "it does not read as it did before")),
    }
}
