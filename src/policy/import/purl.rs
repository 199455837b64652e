//! Package URLs: `pkg:pypi/django@3.2`.

/// A package by its URL.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Purl {
    /// The kind of package, in small letters: `pypi`.
    pub(super) kind: String,
    /// The name, with what stands before it: `github.com/foo/bar`.
    pub(super) name: String,
    /// The version, if there is one.
    pub(super) version: Option<String>,
    /// Whether more is asked of the package than its name and version.
    pub(super) is_narrower: bool,
}

/// Reads a package URL.
pub(super) fn purl(text: &str) -> Option<Purl> {
    let text = text.trim();
    let rest = text.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("pkg:")).and_then(|_| text.get(4..))?;
    let (rest, subpath) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
    let (kind, rest) = rest.trim_start_matches('/').split_once('/')?;
    // A scope's sign is at the beginning of a segment, where no version can begin.
    let at = rest.rfind('@').filter(|at| *at > 0 && !rest.get(..*at).is_some_and(|before| before.ends_with('/')));
    let (name, version) = match at {
        Some(at) => (rest.get(..at)?, rest.get(at + 1..)),
        None => (rest, None),
    };
    let name = decoded(name.trim_matches('/'))?;
    let version = version.filter(|version| !version.is_empty()).map(decoded);
    let version = match version {
        Some(version) => Some(version?),
        None => None,
    };
    let is_kind = !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-'));
    let is_narrower = !qualifiers.is_empty() || !subpath.is_empty();
    (is_kind && !name.is_empty()).then(|| Purl { kind: kind.to_ascii_lowercase(), name, version, is_narrower })
}

/// Text with its `%41` as the characters that they stand for.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let (high, low) = (char::from(rest.next()?).to_digit(16)?, char::from(rest.next()?).to_digit(16)?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::purl;

    #[test]
    fn parts_are_told_apart() {
        for (text, kind, name, version, is_narrower) in [
            ("pkg:pypi/django@3.2", "pypi", "django", Some("3.2"), false),
            ("PKG://PyPI/a%2Db@1.0%2Bx", "pypi", "a-b", Some("1.0+x"), false),
            ("pkg:cargo/time", "cargo", "time", None, false),
            ("pkg:cargo/time@", "cargo", "time", None, false),
            ("pkg:npm/%40scope/x@1", "npm", "@scope/x", Some("1"), false),
            ("pkg:npm/@scope/x", "npm", "@scope/x", None, false),
            ("pkg:deb/debian/libssl1.1@1?arch=amd64", "deb", "debian/libssl1.1", Some("1"), true),
            ("pkg:golang/example/x#sub", "golang", "example/x", None, true),
        ] {
            let read = purl(text).expect(text);
            assert_eq!((&*read.kind, &*read.name, read.version.as_deref(), read.is_narrower), (kind, name, version, is_narrower), "{text}");
        }
        for text in
            ["", "pkg:", "pkg:pypi", "pkg:pypi/", "pypi/django", "pkg:py pi/x", "pkg:pypi/%zz", "pkg:pypi/%ff", "pkg:pypi/a%4", "pké"]
        {
            assert_eq!(purl(text), None, "{text}");
        }
    }
}
