//! The head of an installed package's
//! [core metadata](https://packaging.python.org/en/latest/specifications/core-metadata/), versions 1.0 to 2.5: its name
//! and version. The body, and what else the head says, is not read.

use super::{
    Extracted,
    lines::{Fault, shorten},
    python_manifest::is_name,
};
use crate::model::{Ecosystem, Package, Reason, Wanted};

/// What to do about metadata that cannot be read.
const CURE: &str = "install the package anew";

/// A field of the head.
struct Field {
    line: u32,
    value: String,
}

/// Reads the metadata of one package.
pub(super) fn extract(path: &str, bytes: &[u8]) -> Extracted {
    match package(bytes) {
        Ok(package) => Extracted { packages: vec![package], ..Extracted::default() },
        Err((line, cause)) => Extracted::not_read(path, line, Reason::NotUnderstood, 1, cause),
    }
}

/// Whether a text begins as metadata do.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    bytes.starts_with(b"Metadata-Version:")
}

fn package(bytes: &[u8]) -> Result<Package, Fault> {
    let [metadata_version, name, version] = head(bytes, ["metadata-version", "name", "version"]);
    let is_unknown = |field: &&Field| !["1", "2"].contains(&field.value.split('.').next().unwrap_or_default());
    if let Some(field) = metadata_version.as_ref().filter(is_unknown) {
        let cause = format!("metadata of version {}, and overdue reads 1.0 to 2.5: update overdue", shorten(&field.value));
        return Err((Some(field.line), cause));
    }
    let given = |field: Option<Field>| field.filter(|field| !field.value.is_empty());
    let what = if metadata_version.is_some() { "damaged metadata" } else { "no metadata of a Python package" };
    let name = given(name).ok_or((None, format!("{what}: it has no name; {CURE}")))?;
    if !is_name(&name.value) {
        return Err((Some(name.line), format!("`{}` is no name of a Python package; {CURE}", shorten(&name.value))));
    }
    let version = given(version).ok_or((Some(name.line), format!("the metadata of {} have no version; {CURE}", shorten(&name.value))))?;
    Ok(Package::new(Ecosystem::new(Ecosystem::PYPI), name.value, Wanted::Version(version.value), version.line))
}

/// The first field of each of these names (in lower case) before the first empty line. A line that begins with a blank
/// goes on with the field before it. Old metadata are in any encoding, so that each field is decoded by itself.
fn head<const N: usize>(bytes: &[u8], names: [&str; N]) -> [Option<Field>; N] {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut fields: [Option<Field>; N] = [const { None }; N];
    let mut open: Option<usize> = None;
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            if let Some(field) = open.and_then(|at| fields[at].as_mut()) {
                field.value.push(' ');
                field.value.push_str(String::from_utf8_lossy(line).trim());
            }
            continue;
        }
        open = None;
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let key = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
        if let Some(found) = names.iter().position(|name| *name == key).filter(|found| fields[*found].is_none()) {
            let value = String::from_utf8_lossy(&line[colon + 1..]).into_owned();
            fields[found] = Some(Field { line: u32::try_from(at + 1).unwrap_or(u32::MAX), value });
            open = Some(found);
        }
    }
    fields.map(|field| field.map(|field| Field { value: field.value.trim().to_owned(), ..field }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::package;

    #[test]
    fn the_head_ends_at_the_first_empty_line() {
        let read = |text: &str| package(text.as_bytes()).map(|package| (package.name, package.wanted.text().to_owned(), package.line));
        assert_eq!(read("Metadata-Version: 2.1\r\nname: a\r\nVERSION: 1.0\r\n"), Ok(("a".into(), "1.0".into(), 3)));
        assert_eq!(read("Metadata-Version: 1.0\nName: a\nName: b\nVersion:\n 1.0\n"), Ok(("a".into(), "1.0".into(), 4)));
        assert!(read("Metadata-Version: 2.1\nName: a\n\nVersion: 1.0\n").is_err());
        assert!(read("Metadata-Version: 2.1\nName: a\nSummary: x\n Version: 1.0\n").is_err());
        assert!(read("Metadata-Version: 3.0\nName: a\nVersion: 1.0\n").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..80),
            text in "(Name|Version|name |\n|\r\n|:| |\t|1|é){0,30}",
        ) {
            let _ = (package(&bytes), package(text.as_bytes()));
        }

        #[test]
        fn long_folded_fields_cost_no_quadratic_time(value in "x{1,3}") {
            let text = format!("Name: a\n{}", format!(" {value}\n").repeat(20_000));
            prop_assert!(package(text.as_bytes()).is_err());
        }
    }
}
