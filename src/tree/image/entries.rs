//! The entries of a layer's archive: what each is called, what it does, and where the next one begins.

use std::io::{self, Read};

use tar::{Archive, Entry, EntryType, Header};

use super::{
    decode::{Gauge, Plain},
    layer::Fault,
    limits::Limits,
    log::Op,
    path::{self, join, split},
    sparse::Sparse,
};

/// What the header of an entry says.
pub(super) struct Member {
    /// Its clean path.
    pub(super) path: String,
    /// Where it leads as a link, as written.
    pub(super) target: Vec<u8>,
    /// What it does, where its bytes do not matter.
    pub(super) kind: Kind,
    /// How it is stored, if it is sparse in POSIX's way.
    pub(super) sparse: Sparse,
}

/// What an entry does, where its bytes do not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Directory,
    File,
    Link,
    HardLink,
    Special,
    /// It says something of other entries.
    Nothing,
}

/// What is done with an entry.
pub(super) type Take<'t, 'a> = dyn FnMut(&Member, &mut Entry<'_, Plain<'a>>) -> Result<(), Fault> + 't;

/// Hands out the entries. Says whether the path of any was too long, and that one was left out.
pub(super) fn each<'a>(archive: &mut Archive<Plain<'a>>, gauge: &Gauge, limits: &Limits, take: &mut Take<'_, 'a>) -> Result<bool, Fault> {
    let fault = |error: &io::Error| match gauge.hit() {
        Some(limit) => Fault::Limit(limit),
        None => Fault::damaged(error),
    };
    let mut too_long = false;
    gauge.allow(limits.header);
    for entry in archive.entries().map_err(|error| fault(&error))? {
        let mut entry = entry.map_err(|error| fault(&error))?;
        gauge.free();
        match member(&mut entry)? {
            Some(member) => take(&member, &mut entry).map_err(|found| gauge.hit().map_or(found, Fault::Limit))?,
            None => too_long = true,
        }
        // The rest of the entry goes by before the next one begins.
        let stored = if is_sparse(&entry) { entry.header().entry_size().unwrap_or_default() } else { entry.size() };
        gauge.allow(stored.saturating_add(limits.header));
    }
    gauge.free();
    Ok(too_long)
}

/// Whether a file is sparse in the way of GNU's own archives.
pub(super) fn is_sparse<R: Read>(entry: &Entry<'_, R>) -> bool {
    entry.header().entry_type() == EntryType::GNUSparse
}

/// What the header says, in the words of its extension where it has one; `None` where a path is too long.
///
/// Of a key that stands twice the last holds, as for Go and GNU tar (POSIX, pax, "pax Extended Header"). A size that is no
/// number, or two, would put the next entry in different places for different readers.
fn member<R: Read>(entry: &mut Entry<'_, R>) -> Result<Option<Member>, Fault> {
    let (mut path, mut target): (Option<Vec<u8>>, Option<Vec<u8>>) = (None, None);
    // The `tar` crate takes the first record of a key, unless there is GNU's own, which it takes before any.
    let (mut first_path, mut first_target): (Option<Vec<u8>>, Option<Vec<u8>>) = (None, None);
    let damaged = |why: &str| Fault::Damaged(format!("an extended header {why}"));
    let (mut size, mut sparse) = (None, Sparse::default());
    for extension in entry.pax_extensions().map_err(|error| Fault::damaged(&error))?.into_iter().flatten() {
        let extension = extension.map_err(|_| damaged("cannot be read"))?;
        let value = extension.value_bytes();
        match extension.key_bytes() {
            b"path" => {
                first_path.get_or_insert_with(|| value.to_vec());
                path = Some(value.to_vec());
            }
            b"linkpath" => {
                first_target.get_or_insert_with(|| value.to_vec());
                target = Some(value.to_vec());
            }
            b"size" => {
                let stated = std::str::from_utf8(value).ok().and_then(|text| text.parse::<u64>().ok());
                let stated = stated.ok_or_else(|| damaged("states a size that is no number"))?;
                if size.replace(stated).is_some_and(|before| before != stated) {
                    return Err(damaged("states two sizes"));
                }
            }
            key => sparse.take(key, value).ok_or_else(|| damaged("tells a sparse file in what is no number"))?,
        }
    }
    let given = entry.path_bytes();
    let differs = |first: &Option<Vec<u8>>, given: &[u8]| first.as_ref().is_some_and(|first| first.as_slice() != given);
    if differs(&first_path, &given) || entry.link_name_bytes().is_some_and(|given| differs(&first_target, &given)) {
        return Err(Fault::Damaged(
            "an entry has two names, one of GNU's and one of POSIX's, and readers differ in which they take".to_owned(),
        ));
    }
    let written = sparse.name.as_ref().or(path.as_ref()).map_or(&*given, Vec::as_slice);
    let kind = kind(entry.header(), written);
    let has_content = matches!(kind, Kind::File | Kind::Nothing) || entry.header().entry_type().as_byte() == b'D';
    if !has_content && entry.size() > 0 {
        return Err(Fault::Damaged("an entry without content states a size, and readers differ in where the next one begins".to_owned()));
    }
    let target = match kind {
        Kind::Link | Kind::HardLink => target.or_else(|| entry.link_name_bytes().map(std::borrow::Cow::into_owned)).unwrap_or_default(),
        _ => Vec::new(),
    };
    let is_long = target.len() > path::LONGEST;
    Ok(path::clean(written).filter(|_| !is_long).map(|path| Member { path, target, kind, sparse }))
}

fn kind(header: &Header, path: &[u8]) -> Kind {
    match header.entry_type() {
        // Before POSIX, when the type was no letter yet, a directory was a file whose name ends in a slash.
        EntryType::Regular if path.ends_with(b"/") && header.as_old().linkflag == [0] => Kind::Directory,
        EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => Kind::File,
        EntryType::Directory => Kind::Directory,
        EntryType::Symlink => Kind::Link,
        EntryType::Link => Kind::HardLink,
        EntryType::XGlobalHeader => Kind::Nothing,
        EntryType::Char | EntryType::Block | EntryType::Fifo => Kind::Special,
        other => match other.as_byte() {
            b'D' => Kind::Directory,
            b'V' => Kind::Nothing,
            // POSIX: what is of an unknown type is taken for a file.
            _ => Kind::File,
        },
    }
}

/// What an entry removes by its name.
pub(super) enum Removal {
    /// It is no whiteout.
    Not,
    /// It looks like one, and means nothing.
    OfNothing,
    /// A whiteout or an opaque folder.
    Of(String, Op<'static>),
}

/// Whether a path is one of a whiteout or an opaque marker (OCI image specification, "Whiteouts").
pub(super) fn removal(path: &str) -> Removal {
    let (folder, name) = split(path);
    let Some(hidden) = name.strip_prefix(".wh.") else { return Removal::Not };
    match hidden {
        ".wh..opq" => Removal::Of(folder.to_owned(), Op::Opaque),
        "" | "." | ".." => Removal::OfNothing,
        // Marks of aufs.
        other if other.starts_with(".wh.") => Removal::OfNothing,
        other => Removal::Of(join(folder, other), Op::Whiteout),
    }
}

/// Whether an entry has a number in the log.
pub(super) fn counts(member: &Member) -> bool {
    match removal(&member.path) {
        Removal::Of(..) => true,
        Removal::OfNothing => false,
        Removal::Not => !member.path.is_empty() && member.kind != Kind::Nothing,
    }
}

/// The bytes of an entry; `None` where they are more than `most`.
///
/// # Errors
/// When they are not all there.
pub(super) fn bytes<R: Read>(member: &Member, entry: &mut Entry<'_, R>, most: u64) -> io::Result<Option<Vec<u8>>> {
    let size = entry.size();
    if size > most {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(1 << 20)).unwrap_or_default());
    entry.take(most + 1).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < size {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends in the midst of a file"));
    }
    if member.sparse.is_there() {
        return member.sparse.expand(&bytes, most);
    }
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}
