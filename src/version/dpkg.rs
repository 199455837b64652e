//! Debian versions, `[epoch:]upstream[-revision]`, ordered as `dpkg --compare-versions` does.
//!
//! What dpkg refuses is no version. What it only warns of (an upstream part that does not begin with a digit, a
//! character that Debian's policy does not allow) it still orders, and so does this.

use std::{cmp::Ordering, fmt};

use super::{InvalidVersion, Version, number::Number, precedence::equal_by_precedence};

/// A Debian version. An epoch that is absent is 0, and so is a revision.
#[derive(Clone, Debug)]
pub struct Dpkg {
    epoch: Option<u32>,
    upstream: String,
    revision: Option<String>,
}

impl Version for Dpkg {
    fn parse(text: &str) -> Result<Self, InvalidVersion> {
        read(text).map_err(|cause| InvalidVersion::new(text, "dpkg", cause))
    }
}

fn read(text: &str) -> Result<Dpkg, &'static str> {
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("only printable ASCII without spaces is allowed");
    }
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) => (Some(read_epoch(epoch).ok_or("the epoch is no number that dpkg takes")?), rest),
        None => (None, text),
    };
    let (upstream, revision) = match rest.rsplit_once('-') {
        Some((_, "")) => return Err("nothing follows the last hyphen"),
        Some((upstream, revision)) => (upstream, Some(revision.to_owned())),
        None => (rest, None),
    };
    if upstream.is_empty() {
        return Err("the upstream part is empty");
    }
    Ok(Dpkg { epoch, upstream: upstream.to_owned(), revision })
}

/// dpkg keeps epochs in a C `int`.
fn read_epoch(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|epoch| plain && i32::try_from(*epoch).is_ok())
}

impl Dpkg {
    fn revision(&self) -> &str {
        self.revision.as_deref().unwrap_or_default()
    }
}

equal_by_precedence!(Dpkg);

impl Ord for Dpkg {
    fn cmp(&self, other: &Self) -> Ordering {
        let epoch = |version: &Self| version.epoch.unwrap_or(0);
        let by_epoch = epoch(self).cmp(&epoch(other));
        by_epoch.then_with(|| compare(&self.upstream, &other.upstream)).then_with(|| compare(self.revision(), other.revision()))
    }
}

/// Text and numbers take turns; where one version is at its end, the other is compared with nothing and with zero.
fn compare(mut a: &str, mut b: &str) -> Ordering {
    while !(a.is_empty() && b.is_empty()) {
        let ((a_text, a_number, a_rest), (b_text, b_number, b_rest)) = (turn(a), turn(b));
        let order = weights(a_text).cmp(weights(b_text)).then(a_number.cmp(&b_number));
        if order.is_ne() {
            return order;
        }
        (a, b) = (a_rest, b_rest);
    }
    Ordering::Equal
}

/// The text before the first number, the number, and what follows.
fn turn(text: &str) -> (&str, Number<'_>, &str) {
    let (before, rest) = text.split_at(text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len()));
    let (number, rest) = Number::take(rest).unwrap_or((Number::ZERO, rest));
    (before, number, rest)
}

/// What the characters weigh, and the end of the text: a tilde is less than the end, a letter less than a sign.
fn weights(text: &str) -> impl Iterator<Item = i32> {
    let weight = |byte: u8| match byte {
        b'~' => -1,
        _ if byte.is_ascii_alphabetic() => i32::from(byte),
        _ => i32::from(byte) + 256,
    };
    text.bytes().map(weight).chain([0])
}

impl fmt::Display for Dpkg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(epoch) = self.epoch {
            write!(f, "{epoch}:")?;
        }
        f.write_str(&self.upstream)?;
        self.revision.as_ref().map_or(Ok(()), |revision| write!(f, "-{revision}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Dpkg;
    use crate::version::{Version, laws};

    #[test]
    fn what_dpkg_refuses_is_no_version() {
        for text in ["", "1:", ":1", "a:1", "+1:2", "2147483648:1", "1-", "1-2-", "-1", "1:-1", "1 2", " 1", "1\n", "1\u{e9}"] {
            assert!(Dpkg::parse(text).is_err(), "{text:?}");
        }
        for text in ["0", "~", "a1", "0:0:0", "1-2-3", "2147483647:1", "1_2"] {
            assert!(Dpkg::parse(text).is_ok(), "{text:?}");
        }
    }

    fn version() -> impl Strategy<Value = Dpkg> {
        let text = "((0|1|01|2):)?[01a~.+]{1,6}([-:][0-9]{1,22})?(-[0ab~.+]{1,3})?";
        text.prop_filter_map("a version", |text| Dpkg::parse(&text).ok())
    }

    proptest! {
        #[test]
        fn the_order_is_lawful(a in version(), b in version(), c in version()) {
            laws::hold(&a, &b, &c)?;
        }

        #[test]
        fn no_text_makes_the_reader_panic(a in laws::text(), b in laws::text()) {
            laws::survive::<Dpkg>(&a, &b);
        }
    }
}
