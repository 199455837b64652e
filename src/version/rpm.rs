//! RPM versions, `[epoch:]version[-release]`, ordered as rpm orders them (`rpmverCmp`, `rpmvercmp`).

use std::{cmp::Ordering, fmt, iter};

use super::{InvalidVersion, Version, number::Number, precedence::equal_by_precedence};

/// An RPM version. An epoch that is absent is 0; a version without release precedes all releases of it.
#[derive(Clone, Debug)]
pub struct Rpm {
    epoch: Option<String>,
    version: String,
    release: Option<String>,
}

impl Version for Rpm {
    fn parse(text: &str) -> Result<Self, InvalidVersion> {
        read(text).map_err(|cause| InvalidVersion::new(text, "rpm", cause))
    }
}

/// rpm itself takes any text. Not so here: what has no version in it, or bytes that rpm passes over as if they were
/// dots, is a mistake somewhere and not a version.
fn read(text: &str) -> Result<Rpm, &'static str> {
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("only printable ASCII without spaces is allowed");
    }
    // A colon after anything but digits is part of the version, and one without digits is epoch 0.
    let is_epoch = |epoch: &str| epoch.bytes().all(|b| b.is_ascii_digit());
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) if is_epoch(epoch) => (Some(epoch.to_owned()), rest),
        _ => (None, text),
    };
    let (version, release) = match rest.rsplit_once('-') {
        Some((version, release)) => (version, Some(release.to_owned())),
        None => (rest, None),
    };
    if !version.bytes().any(|b| b.is_ascii_alphanumeric()) {
        return Err("there is neither a digit nor a letter before the release");
    }
    Ok(Rpm { epoch, version: version.to_owned(), release })
}

impl Rpm {
    fn epoch(&self) -> Number<'_> {
        let epoch = self.epoch.as_deref().unwrap_or_default();
        Number::take(epoch).map_or(Number::ZERO, |(epoch, _)| epoch)
    }
}

equal_by_precedence!(Rpm);

impl Ord for Rpm {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_epoch = self.epoch().cmp(&other.epoch());
        let by_version = || segments(&self.version).cmp(segments(&other.version));
        by_epoch.then_with(by_version).then_with(|| match (&self.release, &other.release) {
            (Some(a), Some(b)) => segments(a).cmp(segments(b)),
            (a, b) => a.is_some().cmp(&b.is_some()),
        })
    }
}

/// A piece of a version, ascending: where one version is at its end, a tilde goes on below it and all else above.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Segment<'a> {
    Tilde,
    End,
    Caret,
    Letters(&'a str),
    Number(Number<'a>),
}

/// The pieces, with their end. Everything else only separates them.
fn segments(text: &str) -> impl Iterator<Item = Segment<'_>> {
    let mut left = Some(text);
    iter::from_fn(move || {
        let text = left?.trim_start_matches(|c: char| !c.is_ascii_alphanumeric() && c != '~' && c != '^');
        let (segment, rest) = segment(text);
        left = rest;
        Some(segment)
    })
}

/// The first piece, and what follows it.
fn segment(text: &str) -> (Segment<'_>, Option<&str>) {
    if text.is_empty() {
        return (Segment::End, None);
    }
    if let Some((number, rest)) = Number::take(text) {
        return (Segment::Number(number), Some(rest));
    }
    if let Some(rest) = text.strip_prefix('~') {
        return (Segment::Tilde, Some(rest));
    }
    if let Some(rest) = text.strip_prefix('^') {
        return (Segment::Caret, Some(rest));
    }
    let rest = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    (Segment::Letters(&text[..text.len() - rest.len()]), Some(rest))
}

impl fmt::Display for Rpm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(epoch) = &self.epoch {
            write!(f, "{epoch}:")?;
        }
        f.write_str(&self.version)?;
        self.release.as_ref().map_or(Ok(()), |release| write!(f, "-{release}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Rpm;
    use crate::version::{Version, laws};

    #[test]
    fn a_version_has_something_to_compare() {
        for text in ["", "-", "1:", "1:-1", "-1", ".", "~^", "1 2", " 1", "1\n", "1\u{e9}"] {
            assert!(Rpm::parse(text).is_err(), "{text:?}");
        }
        for text in ["0", "a", "1-", ":1", "1:1", "a:1", "1-2-3", "1_2+3%4"] {
            assert!(Rpm::parse(text).is_ok(), "{text:?}");
        }
    }

    fn version() -> impl Strategy<Value = Rpm> {
        let text = "((0|1|01|2)?:)?[01ab~^.+]{1,6}(-[0-9]{0,22})?(-[0ab~^.]{1,3})?";
        text.prop_filter_map("a version", |text| Rpm::parse(&text).ok())
    }

    proptest! {
        #[test]
        fn the_order_is_lawful(a in version(), b in version(), c in version()) {
            laws::hold(&a, &b, &c)?;
        }

        #[test]
        fn no_text_makes_the_reader_panic(a in laws::text(), b in laws::text()) {
            laws::survive::<Rpm>(&a, &b);
        }
    }
}
