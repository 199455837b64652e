//! Where data is: a mirror, and one resource of it. What is shown of an address never holds its secrets.

use std::{
    fmt,
    path::{Component, Path, PathBuf},
};

use reqwest::Url;

use crate::model::percent;

/// Where a mirror is: `http(s)://`, `file://`, or a folder.
#[derive(Clone, PartialEq, Eq)]
pub enum Base {
    /// A server, and the path above the mirror's files.
    Http(Url),
    /// The folder of the mirror's files.
    Folder(PathBuf),
}

/// Where one resource is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// On a server.
    Http(Url),
    /// A file.
    Path(PathBuf),
}

/// Why a text is no location. Does not repeat the text, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a URL or a path that can be read from: {cause}")]
pub struct InvalidLocation {
    /// What is wrong with it.
    pub cause: String,
}

impl Base {
    /// Reads the address of a mirror. It may end with a slash or not.
    ///
    /// # Errors
    /// When it is empty, of a scheme that is not spoken, or no URL although it begins as one.
    pub fn parse(text: &str) -> Result<Self, InvalidLocation> {
        Location::parse(text).map(|location| match location {
            Location::Http(url) => Self::Http(url),
            Location::Path(path) => Self::Folder(path),
        })
    }

    /// The resource under these segments, each one level deeper. Segments come from data: nothing in one leads elsewhere.
    #[must_use]
    pub fn join(&self, segments: &[&str]) -> Location {
        match self {
            Self::Http(url) => {
                let mut url = url.clone();
                // Every http URL has a path. `.` and `..` are passed over.
                if let Ok(mut path) = url.path_segments_mut() {
                    path.pop_if_empty().extend(segments);
                }
                Location::Http(url)
            }
            Self::Folder(folder) => Location::Path(segments.iter().fold(folder.clone(), |path, segment| path.join(file_name(segment)))),
        }
    }
}

/// A segment as the name of a file: as it stands where it is one, else encoded.
fn file_name(segment: &str) -> String {
    let mut components = Path::new(segment).components();
    match (components.next(), components.next()) {
        (Some(Component::Normal(name)), None) if name == segment => segment.to_owned(),
        _ => percent::encode(segment, "").replace('.', "%2E"),
    }
}

impl Location {
    /// Reads one URL, or else a path.
    ///
    /// # Errors
    /// When it is empty, of a scheme that is not spoken, or no URL although it begins as one.
    pub fn parse(text: &str) -> Result<Self, InvalidLocation> {
        let invalid = |cause: String| InvalidLocation { cause };
        let Some(scheme) = scheme(text) else {
            return if text.trim().is_empty() { Err(invalid("it is empty".to_owned())) } else { Ok(Self::Path(PathBuf::from(text))) };
        };
        if !["http", "https", "file"].contains(&scheme.as_str()) {
            return Err(invalid(format!("the scheme `{scheme}` is none of `http`, `https` and `file`")));
        }
        let mut url = Url::parse(text).map_err(|error| invalid(error.to_string()))?;
        url.set_fragment(None);
        if scheme == "file" {
            return url.to_file_path().map(Self::Path).map_err(|()| invalid("it names a file on another machine".to_owned()));
        }
        Ok(Self::Http(url))
    }
}

impl Location {
    /// Whether it is on the same server as another, of which only what may be shown is known.
    #[must_use]
    pub fn shares_server(&self, shown: &str) -> bool {
        matches!((self, Url::parse(shown)), (Self::Http(own), Ok(other)) if own.origin() == other.origin())
    }
}

/// The scheme of what begins as a URL. A URL with a slash too few is one: as a path it would be shown with its password.
fn scheme(text: &str) -> Option<String> {
    let (scheme, rest) = text.trim().split_once(':')?;
    let scheme = scheme.to_ascii_lowercase();
    let is_scheme = !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let begins = match scheme.as_str() {
        "http" | "https" => true,
        "file" => rest.starts_with('/'),
        _ => is_scheme && rest.starts_with("//"),
    };
    begins.then_some(scheme)
}

/// A URL without user, password, query and fragment: any of them may be secret.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Refused by URLs that can have neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(url) => f.write_str(&shown(url)),
            Self::Path(path) => path.display().fmt(f),
        }
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.join(&[]).fmt(f)
    }
}

// Derived, it would show what Display hides.
impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use proptest::prelude::*;

    use super::{Base, Location};

    #[test]
    fn a_base_with_and_without_slash_has_the_same_resources() {
        for (base, segments, shown) in [
            ("https://a.example/mirror", &["crates.io", "all.zip"][..], "https://a.example/mirror/crates.io/all.zip"),
            ("https://a.example/mirror/", &["crates.io", "all.zip"], "https://a.example/mirror/crates.io/all.zip"),
            ("https://a.example", &["Red Hat", "all.zip"], "https://a.example/Red%20Hat/all.zip"),
            ("HTTP://u:p@a.example:80?key=1#x", &["100%/é", ".."], "http://a.example/100%25%2F%C3%A9"),
            ("http:/u:p@a.example", &["x"], "http://a.example/x"),
            ("/mirror", &["Red Hat", "all.zip"], "/mirror/Red Hat/all.zip"),
            ("mirror/", &["PyPI", "../../x", ".."], "mirror/PyPI/%2E%2E%2F%2E%2E%2Fx/%2E%2E"),
            ("file:///a%20b/", &["c/"], "/a b/c%2F"),
            ("file://localhost/a", &[], "/a"),
        ] {
            assert_eq!(Base::parse(base).expect(base).join(segments).to_string(), shown, "{base}");
        }
    }

    #[test]
    fn what_a_query_holds_is_sent_and_not_shown() {
        let Location::Http(url) = Base::parse("https://a.example/m?key=secret").expect("a URL").join(&["x"]) else { panic!("a path") };
        assert_eq!(url.as_str(), "https://a.example/m/x?key=secret");
        assert_eq!(format!("{:?}", Location::Http(url)), "https://a.example/m/x");
    }

    #[test]
    fn what_is_neither_url_nor_path_is_told_without_its_text() {
        for (text, cause) in [
            ("", "empty"),
            (" \t", "empty"),
            ("ftp://user:secret@a.example", "`ftp`"),
            ("https://user:secret@", "empty host"),
            ("https://user:secret@a.example:99999/", "port"),
            ("file://user-secret.example/x", "another machine"),
        ] {
            let error = Base::parse(text).expect_err(text).to_string();
            assert!(error.contains(cause) && !error.contains("secret"), "{text}: {error}");
        }
        // A path may look odd.
        for text in ["C:\\mirror", "a:b", "file:x", "日 本"] {
            assert_eq!(Location::parse(text), Ok(Location::Path(PathBuf::from(text))));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".*", scheme in "(https?|file|ftp|)", segments in prop::collection::vec(".*", 0..3)) {
            let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
            for text in [text.clone(), format!("{scheme}://{text}"), format!("{scheme}:{text}")] {
                if let Ok(base) = Base::parse(&text) {
                    let _ = base.join(&segments).to_string();
                }
            }
        }

        #[test]
        fn a_password_is_never_shown(
            slashes in "(/|//|///)", user in "[ -~]{0,6}", secret in "s3cr3t[ -~&&[^/\\\\?#]]{0,6}", tail in "[ -~]{0,9}",
        ) {
            let text = format!("https:{slashes}{}:{secret}@a.example/{}?k={secret}", user.replace(['/', '\\', '?', '#'], ""), tail.replace(['?', '#'], ""));
            match Base::parse(&text) {
                Ok(base) => prop_assert!(!format!("{base} {base:?} {}", base.join(&["x"])).contains("s3cr3t"), "{base}"),
                Err(error) => prop_assert!(!error.to_string().contains("s3cr3t"), "{error}"),
            }
        }

        #[test]
        fn a_segment_stays_one_level_below_its_base(segment in ".*", odd in "[./\\\\%~: ]{1,4}") {
            for segment in [segment, odd] {
                let Location::Http(url) = Base::parse("https://a.example/m/").expect("a URL").join(&[&segment]) else { panic!("a path") };
                prop_assert!(url.host_str() == Some("a.example") && url.path().starts_with("/m"), "{segment:?}: {url}");
                prop_assert!(url.path().matches('/').count() <= 2, "{segment:?}: {url}");
                let Location::Path(path) = Base::Folder(PathBuf::from("/m")).join(&[&segment]) else { panic!("a URL") };
                prop_assert!(segment.is_empty() || path.parent() == Some("/m".as_ref()), "{segment:?}: {}", path.display());
            }
        }
    }
}
