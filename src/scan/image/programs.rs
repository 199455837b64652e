//! Executable programs: what `cargo auditable` left in them is read, and those that nobody owns are named.

use super::{
    super::files::Read,
    interest::PYTHON_HEADER,
    owners::Owners,
    rooms::{Inventory, Rooms},
};
use crate::{
    inventory::{Extracted, Extractor, FileState, cargo_auditable::CargoAuditable, file_name},
    model::{Reason, Unchecked},
    tree::{
        Files, GitError, Limits,
        image::{Image, Program},
        limits::ReadError,
    },
};

/// Interpreters and runtimes: the beginning of the program's name, what it is, the variable in which the official images
/// say its version.
const RUNTIMES: [(&str, &str, &str); 10] = [
    ("python", "CPython", "PYTHON_VERSION"),
    ("pypy", "PyPy", "PYPY_VERSION"),
    ("node", "Node.js", "NODE_VERSION"),
    ("ruby", "Ruby", "RUBY_VERSION"),
    ("php", "PHP", "PHP_VERSION"),
    ("perl", "Perl", "PERL_VERSION"),
    ("java", "Java", "JAVA_VERSION"),
    ("go", "Go", "GOLANG_VERSION"),
    ("rustc", "Rust", "RUST_VERSION"),
    ("julia", "Julia", "JULIA_VERSION"),
];

/// Where a distribution's packages put programs. Without their lists, what lies there cannot be told from them.
const SYSTEM_FOLDERS: [&str; 8] = ["bin/", "sbin/", "lib/", "lib64/", "usr/bin/", "usr/sbin/", "usr/lib/", "usr/libexec/"];

/// Reads what was left in programs, and names those that nobody owns. `can_tell` says whether it is known which
/// files are the distribution's; where it is not, what lies in its folders is taken for its, whose database is told to be
/// unchecked.
pub(super) fn read(
    at: usize,
    image: &Image,
    inventory: &mut Inventory<'_>,
    owners: &Owners,
    can_tell: bool,
    limits: &Limits,
) -> Result<(), GitError> {
    let mut nobodys = Vec::new();
    for program in image.programs() {
        let is_system = SYSTEM_FOLDERS.iter().any(|folder| program.path.starts_with(folder));
        if let Some(read) = audited(at, &program, (image, inventory.rooms), limits) {
            inventory.take(read);
        } else if !owners.is_owned(&program.path) && (can_tell || !is_system) {
            nobodys.push(program);
        }
    }
    for program in nobodys {
        let (subject, detail) = describe(&program, image, limits)?;
        let item = Unchecked { path: program.path.clone(), line: None, subject, packages: 1, reason: Reason::UnownedExecutable, detail };
        let extracted = Extracted { file: FileState::Irrelevant, unchecked: vec![item], ..Extracted::default() };
        inventory.take(Read::new(at, program.path, "program", extracted));
    }
    Ok(())
}

/// The packages that a program was built from, if it says so.
fn audited(at: usize, program: &Program, (image, rooms): (&Image, &Rooms), limits: &Limits) -> Option<Read> {
    let found = program.audit.as_ref()?;
    let extracted = match image.read(found, limits) {
        // One that was looked at again and has nothing.
        Ok(bytes) if bytes.is_empty() => return None,
        Ok(bytes) => rooms.bounded(&CargoAuditable).extract(&program.path, &bytes),
        Err(ReadError::TooLarge) => {
            let detail =
                format!("a program of {} MiB that may say what it was built from is too large to be looked through", program.size >> 20);
            Extracted::not_read(&program.path, None, Reason::TooLarge, 0, detail)
        }
        Err(ReadError::Io(error)) => {
            Extracted::not_understood(&program.path, None, format!("what `cargo auditable` left in it cannot be read: {error}"))
        }
        Err(ReadError::Git(_)) => return None,
    };
    Some(Read::new(at, program.path.clone(), CargoAuditable.name(), extracted))
}

/// What a program is, as far as that can be told.
fn describe(program: &Program, image: &Image, limits: &Limits) -> Result<(String, String), GitError> {
    let name = file_name(&program.path);
    let nobody = "no package owns it, and advisories are about packages";
    let Some((known, what, variable)) = RUNTIMES.iter().find(|(known, ..)| is_called(name, known)) else {
        return Ok((name.to_owned(), format!("an executable program: {nobody}")));
    };
    let minor = name.trim_start_matches(known);
    let stated = image.info.environment.iter().find_map(|pair| pair.strip_prefix(variable)?.strip_prefix('='));
    let stated = stated.map(|version| version.trim_start_matches(['v', 'V']).to_owned());
    // Several of them may be installed, and the variable speaks of one.
    let fits =
        |version: &String| minor.is_empty() || version == minor || version.strip_prefix(minor).is_some_and(|rest| rest.starts_with('.'));
    let header = if *known == "python" { python_header(&program.path, minor, image, limits)? } else { None };
    let version = header.or_else(|| stated.filter(fits)).unwrap_or_else(|| minor.to_owned());
    let subject = format!("{what} {version}").trim_end().to_owned();
    Ok((subject, format!("an interpreter or runtime: {nobody}; look its version up in its own announcements")))
}

/// Whether a program is this runtime: its name, alone or with a version.
fn is_called(name: &str, known: &str) -> bool {
    name.strip_prefix(known).is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// The version that Python's own header states: `include/python3.12/patchlevel.h` beside `bin/python3.12`.
fn python_header(program: &str, minor: &str, image: &Image, limits: &Limits) -> Result<Option<String>, GitError> {
    let Some(prefix) = program.rsplit_once('/').and_then(|(folder, _)| folder.strip_suffix("bin")) else { return Ok(None) };
    let path = format!("{prefix}include/python{minor}/{PYTHON_HEADER}");
    let Some(found) = image.find(&path)? else { return Ok(None) };
    let Ok(bytes) = image.read(&found, limits) else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().find_map(|line| line.trim_start().strip_prefix("#define")?.trim_start().strip_prefix("PY_VERSION"));
    Ok(line.and_then(|rest| rest.split('"').nth(1)).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::is_called;

    #[test]
    fn runtimes_are_known_with_and_without_a_version() {
        for (name, known, expected) in [
            ("python3.12", "python", true),
            ("python", "python", true),
            ("python3-config", "python", false),
            ("node", "node", true),
            ("gofmt", "go", false),
        ] {
            assert_eq!(is_called(name, known), expected, "{name}");
        }
    }
}
