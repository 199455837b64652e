//! What a layer does, and how it is written down in a few letters.

use super::super::tape::Tape;

/// One entry of a layer. Paths and targets are as an archive has them, not cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Directory(String),
    File(String, String),
    Link(String, String),
    HardLink(String, String),
    Whiteout(String),
    Opaque(String),
    /// A file whose name is that of a marker, or nearly.
    Marker(String),
}

use Operation::{Directory, File, HardLink, Link, Marker, Opaque, Whiteout};

impl Operation {
    /// Reads the notation of the tables: `d PATH`, `f PATH CONTENT`, `l PATH TARGET`, `h PATH TARGET`, `- PATH` for a
    /// whiteout, `o PATH` for an opaque directory, `m PATH` for a marker as it is.
    pub(super) fn read(line: &str) -> Self {
        let mut words = line.split(' ').map(str::to_owned);
        let kind = words.next().expect("a letter");
        let mut word = || words.next().unwrap_or_default();
        match kind.as_str() {
            "d" => Directory(word()),
            "f" => File(word(), word()),
            "l" => Link(word(), word()),
            "h" => HardLink(word(), word()),
            "-" => Whiteout(word()),
            "o" => Opaque(word()),
            "m" => Marker(word()),
            other => panic!("{other} in {line}"),
        }
    }

    fn write(&self, tape: Tape) -> Tape {
        match self {
            Directory(path) => tape.dir(path),
            File(path, content) => tape.file(path, content),
            Link(path, target) => tape.symlink(path, target),
            HardLink(path, target) => tape.hard_link(path, target),
            Whiteout(path) => tape.whiteout(path),
            Opaque(path) => tape.opaque(path),
            Marker(path) => tape.file(path, ""),
        }
    }
}

/// The archive of a layer.
pub(super) fn archive(layer: &[Operation]) -> Vec<u8> {
    layer.iter().fold(Tape::new(), |tape, operation| operation.write(tape)).bytes()
}
