//! Executable programs, by their first and last bytes: ELF, and whether `cargo auditable` may have left something.

/// A program is at least as long as its header.
pub(super) const HEADER: usize = 64;

/// So much of the end of a program is looked at, where not all of it is.
pub(super) const TAIL: usize = 256 << 10;

/// The section that `cargo auditable` writes.
const SECTION: &[u8] = b".dep-v0\0";

/// Whether a file may be a program, before any of it is read: it can be executed, and its name is not a shared library's.
pub(super) fn may_be(name: &str, mode: u32, size: u64) -> bool {
    mode & 0o111 != 0 && size >= HEADER as u64 && !name.ends_with(".so") && !name.contains(".so.")
}

/// Whether the first bytes are those of an ELF file.
pub(super) fn is_elf(start: &[u8]) -> bool {
    start.starts_with(b"\x7fELF")
}

/// Whether a program that was not held may have the section, by its header and its last bytes: the names of sections
/// stand at the end. Where that cannot be told, it may.
pub(super) fn may_be_audited(header: &[u8], tail: &[u8], size: u64) -> bool {
    match names(header, tail, size) {
        Names::None => false,
        Names::Untold => true,
        Names::From(at) => tail.get(at..).is_none_or(|names| names.windows(SECTION.len()).any(|window| window == SECTION)),
    }
}

/// Where the names of sections begin.
enum Names {
    /// There are no sections.
    None,
    /// So far into the last bytes.
    From(usize),
    /// Before them, or somewhere else.
    Untold,
}

fn names(header: &[u8], tail: &[u8], size: u64) -> Names {
    match names_offset(header, tail, size) {
        Some(0) => Names::None,
        offset => {
            let into = |offset: u64| usize::try_from(offset.checked_sub(size.checked_sub(tail.len() as u64)?)?).ok();
            offset.and_then(into).map_or(Names::Untold, Names::From)
        }
    }
}

/// Where in the file the names of sections begin; 0 where there are no sections, as in the header's own field.
fn names_offset(header: &[u8], tail: &[u8], size: u64) -> Option<u64> {
    let (wide, little) = (*header.get(4)? == 2, *header.get(5)? == 1);
    let number = |bytes: &[u8], at: usize, length: usize| -> Option<u64> {
        let field = bytes.get(at..at + length)?;
        let fold = |value: u64, byte: &u8| (value << 8) | u64::from(*byte);
        Some(if little { field.iter().rev().fold(0, fold) } else { field.iter().fold(0, fold) })
    };
    let sections = if wide { number(header, 0x28, 8)? } else { number(header, 0x20, 4)? };
    if sections == 0 {
        return Some(0);
    }
    let (row, last) =
        if wide { (number(header, 0x3a, 2)?, number(header, 0x3e, 2)?) } else { (number(header, 0x2e, 2)?, number(header, 0x32, 2)?) };
    let tail_at = size.checked_sub(tail.len() as u64)?;
    let at = sections.checked_add(row.checked_mul(last)?)?.checked_sub(tail_at)?;
    let at = usize::try_from(at).ok()?;
    let offset = if wide { number(tail, at.checked_add(0x18)?, 8)? } else { number(tail, at.checked_add(0x10)?, 4)? };
    // Nothing but the header begins there.
    (offset > 0).then_some(offset)
}

#[cfg(test)]
mod tests {
    use super::{HEADER, is_elf, may_be, may_be_audited};

    /// A 64-bit little-endian program with two sections: none, and that of the names.
    fn program(names: &[u8], padding: usize) -> Vec<u8> {
        let mut bytes = vec![0; HEADER + padding];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        let names_at = bytes.len() as u64;
        bytes.extend_from_slice(names);
        let sections = bytes.len() as u64;
        bytes[0x28..0x30].copy_from_slice(&sections.to_le_bytes());
        bytes[0x3a..0x3c].copy_from_slice(&64_u16.to_le_bytes());
        bytes[0x3e..0x40].copy_from_slice(&1_u16.to_le_bytes());
        bytes.extend_from_slice(&[0; 64]);
        let mut row = [0; 64];
        row[0x18..0x20].copy_from_slice(&names_at.to_le_bytes());
        bytes.extend_from_slice(&row);
        bytes
    }

    #[test]
    fn the_names_of_sections_decide() {
        for (names, expected) in [(&b"\0.text\0.dep-v0\0"[..], true), (b"\0.text\0.shstrtab\0", false)] {
            let bytes = program(names, 10_000);
            let tail = &bytes[bytes.len() - 1000..];
            assert!(is_elf(&bytes));
            assert_eq!(may_be_audited(&bytes[..HEADER], tail, bytes.len() as u64), expected);
        }
    }

    #[test]
    fn what_cannot_be_told_may_be() {
        let bytes = program(b"\0.text\0", 100);
        assert!(may_be_audited(&bytes[..HEADER], &bytes[bytes.len() - 20..], bytes.len() as u64));
        assert!(may_be_audited(&bytes[..5], &bytes, bytes.len() as u64));
        let mut without = bytes.clone();
        without[0x28..0x30].fill(0);
        assert!(!may_be_audited(&without[..HEADER], &without, without.len() as u64));
    }

    #[test]
    fn libraries_are_no_programs() {
        assert!(may_be("python3.12", 0o755, 14_000));
        assert!(!may_be("libpython3.12.so.1.0", 0o755, 14_000) && !may_be("a.so", 0o755, 14_000) && !may_be("a", 0o644, 14_000));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(header in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80), tail in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80), size: u64) {
            let _ = may_be_audited(&header, &tail, size);
        }
    }
}
