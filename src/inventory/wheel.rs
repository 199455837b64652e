//! Wheels and zipped eggs that lie about, as those that Python brings its own pip in: their name says what they are.

use super::{Extracted, Extractor, file_name, lines::shorten, python_manifest::is_name};
use crate::model::{Ecosystem, Package, Reason, Wanted};

/// A built Python package.
pub struct Wheel;

impl Extractor for Wheel {
    fn name(&self) -> &'static str {
        "wheel"
    }

    fn recognises(&self, path: &str) -> bool {
        let name = file_name(path);
        [".whl", ".egg"].iter().any(|end| name.len() > end.len() && name.ends_with(end)) && !name.starts_with('.')
    }

    fn is_of_root_filesystems(&self) -> bool {
        true
    }

    fn needs_content(&self) -> bool {
        false
    }

    fn extract(&self, path: &str, _: &[u8]) -> Extracted {
        let file = file_name(path);
        let parts = match file.strip_suffix(".whl") {
            Some(stem) => of_wheel(stem),
            None => of_egg(file.strip_suffix(".egg").unwrap_or(file)),
        };
        let Some((name, version)) = parts.filter(|(name, version)| is_name(name) && !version.is_empty()) else {
            let detail = format!("`{}` does not say which package and version it is; install it, and its record is read", shorten(file));
            return Extracted::not_read(path, None, Reason::NotUnderstood, 1, detail);
        };
        // What a file name cannot hold is written `_`; in names and versions alike that means no other thing than `-`.
        let [name, version] = [name, version].map(|part| part.replace('_', "-"));
        let package = Package::new(Ecosystem::new(Ecosystem::PYPI), name, Wanted::Version(version), 1);
        Extracted { packages: vec![package], ..Extracted::default() }
    }
}

/// Name and version of `NAME-VERSION(-BUILD)-PYTHON-ABI-PLATFORM`
/// ([PEP 427](https://peps.python.org/pep-0427/#file-name-convention)).
fn of_wheel(stem: &str) -> Option<(&str, &str)> {
    match stem.split('-').collect::<Vec<_>>().as_slice() {
        [name, version, _, _, _] => Some((name, version)),
        [name, version, build, _, _, _] if build.starts_with(|c: char| c.is_ascii_digit()) => Some((name, version)),
        _ => None,
    }
}

/// Name and version of `NAME-VERSION-pyX.Y(-PLATFORM)`.
fn of_egg(stem: &str) -> Option<(&str, &str)> {
    let mut parts = stem.split('-');
    let (name, version, python) = (parts.next()?, parts.next()?, parts.next()?);
    python.starts_with("py").then_some((name, version))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Extractor, Wheel};

    #[test]
    fn names_say_what_they_are() {
        for (path, expected) in [
            ("ensurepip/_bundled/pip-23.2.1-py3-none-any.whl", Some("pip 23.2.1")),
            ("a/zope.interface-5.0-1-cp39-cp39-manylinux1_x86_64.whl", Some("zope.interface 5.0")),
            ("my_app-1.0+cu_118-py3-none-any.whl", Some("my-app 1.0+cu-118")),
            ("a/old_one-0.6c11-py2.7.egg", Some("old-one 0.6c11")),
            ("a/b-1.0-py3.9-linux-x86_64.egg", Some("b 1.0")),
            ("a/b.egg", None),
            ("a/b-1.0.whl", None),
            ("a/b-1.0-x-py3-none-any.whl", None),
            ("a/-1.0-py3-none-any.whl", None),
            ("a/b--py3-none-any.whl", None),
        ] {
            assert!(Wheel.recognises(path), "{path}");
            let read = Wheel.extract(path, b"");
            let package = read.packages.first().map(|package| format!("{} {}", package.name, package.wanted));
            assert_eq!((package.as_deref(), read.unchecked.len()), (expected, usize::from(expected.is_none())), "{path}");
        }
        assert!(!Wheel.recognises("a.whl/b") && !Wheel.recognises(".whl") && !Wheel.recognises("a.egg-info"));
    }

    proptest! {
        #[test]
        fn a_package_or_an_unchecked_one(name in "[a-z_.é-]{0,12}(-[0-9.]{0,4})?(-py3)?(-none-any)?(.whl|.egg)?") {
            let read = Wheel.extract(&name, b"");
            prop_assert_eq!(read.packages.len() + read.unchecked.len(), 1);
        }
    }
}
