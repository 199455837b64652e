//! Direct references: requirements that name a place instead of a version (`git+https://...`, the URL of a wheel, a
//! path), what kind of place that is, and what of it may be shown.

use crate::inventory::lines;
use crate::version::{Pep440, Version};

/// The schemes of URLs that pip takes without a name before them, besides those of version control.
const SCHEMES: [&str; 4] = ["http", "https", "file", "ftp"];

/// Version control systems that pip knows, by the beginning of a scheme.
const VERSION_CONTROL: [(&str, &str); 4] =
    [("git+", "git repository"), ("hg+", "Mercurial repository"), ("svn+", "Subversion repository"), ("bzr+", "Bazaar repository")];

/// The endings of files that pip takes for packages, beside `.whl`.
const ARCHIVES: [&str; 11] = [".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma", ".tar"];

/// The scheme of a URL, in lower case: what comes before its first colon, if that can be one.
pub(crate) fn scheme(text: &str) -> Option<String> {
    let (scheme, _) = text.split_once(':')?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(fits)).then(|| scheme.to_ascii_lowercase())
}

/// Whether pip takes a text for a URL.
pub(crate) fn is_url(text: &str) -> bool {
    scheme(text).is_some_and(|scheme| SCHEMES.contains(&scheme.as_str()) || version_control(&scheme).is_some())
}

/// Whether it is a URL of a version control system.
pub(crate) fn is_version_control(text: &str) -> bool {
    scheme(text).is_some_and(|scheme| version_control(&scheme).is_some())
}

fn version_control(scheme: &str) -> Option<&'static str> {
    VERSION_CONTROL.iter().find(|(prefix, _)| scheme.starts_with(prefix)).map(|(_, what)| *what)
}

/// Whether a path or URL ends in what pip takes for a package's file.
pub(crate) fn is_archive(path: &str) -> bool {
    let lower = without_tail(path).to_ascii_lowercase();
    lower.ends_with(".whl") || ARCHIVES.iter().any(|ending| lower.ends_with(ending))
}

/// The drive of a Windows path, which looks like a scheme of one letter.
pub(crate) fn has_drive(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.get(1) == Some(&b':') && matches!(bytes.get(2), Some(b'\\' | b'/'))
}

/// Whether a path begins at a root and not at the file that names it.
pub(crate) fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\']) || has_drive(path)
}

/// A URL or path without its query and fragment.
fn without_tail(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

/// What the place is, as the end of a sentence that begins with "comes from".
pub(crate) fn describe(url: &str) -> String {
    let shown = lines::shorten(&disclosed(url));
    let what = scheme(url).as_deref().and_then(version_control);
    let place = match what {
        Some(what) => format!("the {what} {shown}"),
        None if is_archive(url) => format!("the file {shown}"),
        None => shown,
    };
    match stated(url).filter(|_| what.is_none()) {
        Some((name, version)) => {
            format!(
                "{place}, whose name states version {version}; advisories are about releases on PyPI: write {name}=={version} if it is that one"
            )
        }
        None => format!("{place}; advisories are about releases on PyPI"),
    }
}

/// The name and version that a wheel's (PEP 427) or source distribution's (PEP 625) file name states.
pub(crate) fn stated(url: &str) -> Option<(String, String)> {
    let path = without_tail(url).replace('\\', "/").replace("%2B", "+").replace("%2b", "+").replace("%21", "!");
    let file = path.rsplit('/').next().unwrap_or_default();
    let lower = file.to_ascii_lowercase();
    let (name, version) = if lower.ends_with(".whl") {
        let parts: Vec<&str> = file[..file.len() - 4].split('-').collect();
        let (5 | 6) = parts.len() else { return None };
        (parts[0].to_owned(), parts[1].replace('_', "-"))
    } else {
        let ending = ARCHIVES.iter().find(|ending| lower.ends_with(**ending))?;
        let (name, version) = file[..file.len() - ending.len()].rsplit_once('-')?;
        (name.to_owned(), version.to_owned())
    };
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    (is_name && Pep440::parse(&version).is_ok()).then_some((name, version))
}

/// A text as it may be shown: URLs in it lose user, password and query. `git@`, which every forge has, stays.
pub(crate) fn disclosed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after.find(char::is_whitespace).unwrap_or(after.len());
        let (url, behind) = after.split_at(end);
        let mut authority = url.find(['/', '?', '#']).unwrap_or(url.len());
        // What is no port behind the colon is a password with a slash in it.
        let port = url[..authority].rsplit_once(':').map_or("", |(_, port)| port);
        if !port.bytes().all(|byte| byte.is_ascii_digit() || byte == b']') && !url[..authority].contains(['@', '[']) {
            authority = url.rfind('@').map_or(authority, |at| at + 1);
        }
        let host = url[..authority].rfind('@').filter(|at| &url[..*at] != "git").map_or(0, |at| at + 1);
        let (address, fragment) = url[host..].split_at(url[host..].find('#').unwrap_or(url.len() - host));
        out.push_str(address.split('?').next().unwrap_or_default());
        out.push_str(fragment);
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The name that a URL's fragment gives to what it leads to: `#egg=name`, with extras perhaps.
pub(crate) fn egg(url: &str) -> Option<&str> {
    let (_, fragment) = url.split_once('#')?;
    let name = fragment.split('&').find_map(|part| part.strip_prefix("egg="))?;
    let name = name.split(['[', '=', '<', '>', '~', '!', ';']).next().unwrap_or_default();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{disclosed, egg, has_drive, is_url, stated};

    #[test]
    fn passwords_and_queries_are_not_shown() {
        for (url, shown) in [
            ("a @ https://user:pw@host.example/x.whl", "a @ https://host.example/x.whl"),
            ("https://token@host.example/x?sig=1#sha256=2 ; b", "https://host.example/x#sha256=2 ; b"),
            ("git+ssh://git@host.example/o/r.git@v1", "git+ssh://git@host.example/o/r.git@v1"),
            ("git+https://u:p@w@host.example/r", "git+https://host.example/r"),
            ("https://u:p@host.example https://v@host.example", "https://host.example https://host.example"),
            ("https://u:p/w@host.example/r https://h.example:80/a@b", "https://host.example/r https://h.example:80/a@b"),
            ("no url: a@b", "no url: a@b"),
        ] {
            assert_eq!(disclosed(url), shown);
        }
    }

    #[test]
    fn file_names_state_versions() {
        for (url, expected) in [
            ("https://h.example/foo_bar-1.0.post1-py3-none-any.whl#sha256=0", Some(("foo_bar", "1.0.post1"))),
            ("torch-2.0%2Bcu118-1-cp311-cp311-linux_x86_64.whl", Some(("torch", "2.0+cu118"))),
            ("file:///x/foo-bar-1.0.tar.gz", Some(("foo-bar", "1.0"))),
            ("dist\\foo-1.0.zip", Some(("foo", "1.0"))),
            ("https://h.example/archive/master.zip", None),
            ("https://h.example/foo-main.zip", None),
            ("foo-1.0.whl", None),
        ] {
            let found = stated(url);
            assert_eq!(found.as_ref().map(|(name, version)| (name.as_str(), version.as_str())), expected, "{url}");
        }
    }

    #[test]
    fn urls_are_told_from_paths_and_names() {
        for (text, expected) in [
            ("git+https://x", true),
            ("HTTPS://x", true),
            ("file:./x", true),
            ("git@host.example:o/r", false),
            ("ssh://x", false),
            ("C:\\x", false),
            ("foo", false),
        ] {
            assert_eq!(is_url(text), expected, "{text}");
        }
        assert!(has_drive("C:\\x") && !has_drive("c:x"));
        assert_eq!(egg("git+https://x@1#subdirectory=a&egg=name[extra]"), Some("name"));
    }
}
