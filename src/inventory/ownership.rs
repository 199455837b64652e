//! Which files the packages of an image say that they own: dpkg's lists, apk's database, and the records of installed
//! Python packages.
//!
//! These are the largest texts of an image, and every line is handed on as it is wherever that is possible.

use std::borrow::Cow;

use super::{
    file_name,
    paths::{ends_in, name_in},
};

/// Whose package owns a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The distribution's.
    Distribution,
    /// One of a language's ecosystem.
    Language,
}

/// What is done with a file: the name of the package that owns it, and its path from the root.
pub type Take<'t> = dyn FnMut(&str, &str) + 't;

/// The kinds of lists.
enum List<'p> {
    /// Of the package of this name: a path a line.
    Dpkg(&'p str),
    /// Of the package of this name: a digest and a path a line.
    Digests(&'p str),
    Apk,
    /// Of the package of this name, below this folder: CSV.
    Record(&'p str, &'p str),
    /// Of the package of this name, from this folder: a path a line.
    InstalledFiles(&'p str, &'p str),
}

/// Whether a file lists what a package owns.
#[must_use]
pub fn recognises(path: &str) -> bool {
    list(path).is_some()
}

/// Hands each file that the list at `path` names to `take`. A line that is no path names none.
pub fn each_file(path: &str, bytes: &[u8], take: &mut Take<'_>) -> Owner {
    match list(path) {
        Some(List::Dpkg(package)) => {
            lines(bytes).for_each(|line| own(package, &line, take));
            Owner::Distribution
        }
        Some(List::Digests(package)) => {
            for line in lines(bytes) {
                if let Some((_, path)) = line.split_once(' ') {
                    own(package, path.trim_start_matches([' ', '*']), take);
                }
            }
            Owner::Distribution
        }
        Some(List::Apk) => {
            apk(bytes, take);
            Owner::Distribution
        }
        Some(List::Record(package, folder)) => {
            lines(bytes).for_each(|line| below(package, folder, &first_field(&line), take));
            Owner::Language
        }
        Some(List::InstalledFiles(package, folder)) => {
            lines(bytes).for_each(|line| below(package, folder, &line, take));
            Owner::Language
        }
        None => Owner::Distribution,
    }
}

fn list(path: &str) -> Option<List<'_>> {
    if let Some(name) = name_in(path, "var/lib/dpkg/info") {
        return Some(List::Dpkg(bare(name.strip_suffix(".list")?)));
    }
    if let Some(name) = name_in(path, "var/lib/dpkg/status.d") {
        return Some(List::Digests(bare(name.strip_suffix(".md5sums")?)));
    }
    if ends_in(path, "lib/apk/db/installed") {
        return Some(List::Apk);
    }
    let (folder, file) = path.rsplit_once('/')?;
    let above = folder.rsplit_once('/').map_or("", |(above, _)| above);
    // A version follows the name; names have no hyphen here.
    let package = |end: &str| file_name(folder).strip_suffix(end).and_then(|stem| stem.split('-').next()).filter(|name| !name.is_empty());
    match file {
        "RECORD" => package(".dist-info").map(|package| List::Record(package, above)),
        "installed-files.txt" => package(".egg-info").map(|package| List::InstalledFiles(package, folder)),
        _ => None,
    }
}

/// The name of a package without its architecture.
fn bare(name: &str) -> &str {
    name.split(':').next().unwrap_or(name)
}

/// The lines that say anything. Borrowed, but for those that are no UTF-8.
fn lines(bytes: &[u8]) -> impl Iterator<Item = Cow<'_, str>> {
    bytes
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .filter(|line| !line.is_empty())
        .map(String::from_utf8_lossy)
}

/// A path that is one from the root.
fn own(package: &str, path: &str, take: &mut Take<'_>) {
    let path = path.trim_start_matches("./").trim_start_matches('/');
    if !path.is_empty() && path != "." {
        take(package, path);
    }
}

fn apk(bytes: &[u8], take: &mut Take<'_>) {
    let (mut package, mut path, mut folder) = (String::new(), String::new(), 0);
    for line in bytes.split(|byte| *byte == b'\n') {
        let [key, b':', value @ ..] = line else {
            package.clear();
            continue;
        };
        match key {
            b'P' => {
                package = String::from_utf8_lossy(value).into_owned();
                (folder, path) = (0, String::new());
            }
            b'F' => {
                path.clear();
                path.push_str(&String::from_utf8_lossy(value));
                if !path.is_empty() && !path.ends_with('/') {
                    path.push('/');
                }
                folder = path.len();
            }
            b'R' if !package.is_empty() => {
                path.truncate(folder);
                path.push_str(&String::from_utf8_lossy(value));
                own(&package, &path, take);
            }
            _ => {}
        }
    }
}

/// The first field of a line of CSV: in quotes, where two are one, if it has a comma or quotes.
fn first_field(line: &str) -> Cow<'_, str> {
    let Some(quoted) = line.strip_prefix('"') else {
        return Cow::Borrowed(line.split(',').next().unwrap_or(line));
    };
    if !quoted.contains("\"\"") {
        return Cow::Borrowed(quoted.split('"').next().unwrap_or(quoted));
    }
    let (mut field, mut rest) = (String::new(), quoted);
    while let Some((before, behind)) = rest.split_once('"') {
        field.push_str(before);
        match behind.strip_prefix('"') {
            Some(behind) => {
                field.push('"');
                rest = behind;
            }
            None => break,
        }
    }
    Cow::Owned(field)
}

/// A path that is one from a folder, unless it is one from the root.
fn below(package: &str, folder: &str, path: &str, take: &mut Take<'_>) {
    if path.starts_with('/') {
        return own(package, path, take);
    }
    let mut resolved = String::with_capacity(folder.len() + path.len() + 1);
    resolved.push_str(folder);
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => resolved.truncate(resolved.rfind('/').unwrap_or(0)),
            part => {
                if !resolved.is_empty() {
                    resolved.push('/');
                }
                resolved.push_str(part);
            }
        }
    }
    own(package, &resolved, take);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Owner, each_file, recognises};

    fn files(path: &str, text: &str) -> (Owner, Vec<String>) {
        let mut files = Vec::new();
        let owner = each_file(path, text.as_bytes(), &mut |package, path| files.push(format!("{package}: {path}")));
        (owner, files)
    }

    #[test]
    fn lists_are_recognised() {
        for (path, expected) in [
            ("var/lib/dpkg/info/libc6:amd64.list", true),
            ("var/lib/dpkg/info/libc6.md5sums", false),
            ("var/lib/dpkg/status.d/libc6.md5sums", true),
            ("var/lib/dpkg/status.d/libc6", false),
            ("lib/apk/db/installed", true),
            ("usr/lib/apk/db/installed", true),
            ("usr/lib/python3/site-packages/a-1.0.dist-info/RECORD", true),
            ("usr/lib/python3/site-packages/a.egg-info/installed-files.txt", true),
            ("usr/lib/RECORD", false),
            ("site-packages/.dist-info/RECORD", false),
            ("installed-files.txt", false),
        ] {
            assert_eq!(recognises(path), expected, "{path}");
            assert!(expected || files(path, "a\n").1.is_empty(), "{path}");
        }
    }

    #[test]
    fn lists_of_distributions_name_paths_from_the_root() {
        let dpkg = files("var/lib/dpkg/info/libc6:amd64.list", "/.\n/usr\n/usr/lib/libc.so.6\n\n");
        assert_eq!(dpkg, (Owner::Distribution, vec!["libc6: usr".into(), "libc6: usr/lib/libc.so.6".into()]));
        let digests = files("var/lib/dpkg/status.d/tzdata.md5sums", "0123  usr/share/a b\n0123 *./etc/c\nx\n");
        assert_eq!(digests, (Owner::Distribution, vec!["tzdata: usr/share/a b".into(), "tzdata: etc/c".into()]));
        let text = "C:Q1\nP:musl\nV:1\nF:lib\nM:0:0:0\nR:libc.so\na:0:0:755\nR:ld.so\nF:\nR:top\n\nR:nobody\n\nP:b\nR:x\nF:usr/bin\nR:b\n";
        let apk = files("lib/apk/db/installed", text);
        assert_eq!(
            apk,
            (Owner::Distribution, ["musl: lib/libc.so", "musl: lib/ld.so", "musl: top", "b: x", "b: usr/bin/b"].map(String::from).to_vec())
        );
    }

    #[test]
    fn records_of_python_packages_are_resolved() {
        let text = "a/__init__.py,sha256=x,1\r\n../../../bin/a,,\n\"a/b,c.py\",,\n\"a/\"\"d\"\".py\",,\n/opt/e,,\n../../../../../../f,,\n";
        let (owner, files_of_record) = files("usr/lib/python3/site-packages/a-1.0.dist-info/RECORD", text);
        let base = "usr/lib/python3/site-packages";
        let expected = [
            format!("a: {base}/a/__init__.py"),
            "a: usr/bin/a".into(),
            format!("a: {base}/a/b,c.py"),
            format!("a: {base}/a/\"d\".py"),
            "a: opt/e".into(),
            "a: f".into(),
        ];
        assert_eq!((owner, files_of_record), (Owner::Language, expected.to_vec()));
        let egg = files("lib/site-packages/six-1.0-py3.egg-info/installed-files.txt", "../six.py\nPKG-INFO\n../../../bin/six\n");
        let expected = ["six: lib/site-packages/six.py", "six: lib/site-packages/six-1.0-py3.egg-info/PKG-INFO", "six: bin/six"];
        assert_eq!(egg, (Owner::Language, expected.map(String::from).to_vec()));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic_and_no_path_leads_out(
            bytes in proptest::collection::vec(any::<u8>(), 0..80),
            text in "(\"|,|a|/|\\.\\./|\\./|é|\n|\r\n|P:|F:|R:| ){0,30}",
        ) {
            let places = ["var/lib/dpkg/info/a.list", "var/lib/dpkg/status.d/a.md5sums", "lib/apk/db/installed", "b/a-1.dist-info/RECORD", "b/a.egg-info/installed-files.txt"];
            for place in places {
                each_file(place, &bytes, &mut |_, _| {});
                let mut led_out = false;
                each_file(place, text.as_bytes(), &mut |_, path| led_out |= path.is_empty() || path.starts_with('/'));
                prop_assert!(!led_out, "{}", place);
            }
        }
    }
}
