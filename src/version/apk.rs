//! Alpine package versions, `1.2.3a_rc4~0a1b-r5`, ordered as apk-tools 3 does (apk-version(8)).
//!
//! apk-tools 2 differs, and is not followed, where a place begins with a zero (there `1.010` is above `1.09`, `1.0`
//! above `1.00`, even `1.0_pre` above `1.0`), and in that it knows no `~` before a hash. Both stop comparing at a part
//! that is malformed; here that is no version.

use std::{cmp::Ordering, fmt};

use super::{InvalidVersion, Version, number::Number, precedence::equal_by_precedence};

/// A version of an Alpine package.
#[derive(Clone, Debug)]
pub struct Apk(String);

impl Version for Apk {
    fn parse(text: &str) -> Result<Self, InvalidVersion> {
        if tokens(text).last() == Some(Token::End) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidVersion::new(text, "apk", "it is not of the form 1.2.3a_rc4~0a1b-r5"))
    }
}

equal_by_precedence!(Apk);

impl Ord for Apk {
    fn cmp(&self, other: &Self) -> Ordering {
        tokens(&self.0).cmp(tokens(&other.0))
    }
}

impl fmt::Display for Apk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The suffixes of what comes before a release, ascending.
const BEFORE: [&str; 4] = ["alpha", "beta", "pre", "rc"];

/// The suffixes of what comes after a release, ascending.
const AFTER: [&str; 5] = ["cvs", "svn", "git", "hg", "p"];

/// A part of a version, ascending: where two versions agree until one of them has this part and the other that.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Token<'a> {
    /// A suffix of [`BEFORE`].
    Before(usize),
    End,
    Revision(Number<'a>),
    Hash(&'a str),
    SuffixNumber(Number<'a>),
    /// A suffix of [`AFTER`].
    After(usize),
    Letter(char),
    /// With a zero in front, read like the places after a decimal point: as text, and below every other number.
    ZeroLed(&'a str),
    Number(Number<'a>),
    /// The first number of all.
    Major(Number<'a>),
}

/// How far a version has been read; what may follow depends on it.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Stage {
    Start,
    Numbers,
    Letter,
    Suffix,
    SuffixNumber,
    Hash,
    Revision,
    End,
}

/// The parts, [`Token::End`] included. Where the text is no version, they stop before they reach it.
fn tokens(text: &str) -> Tokens<'_> {
    Tokens { stage: Stage::Start, rest: text }
}

struct Tokens<'a> {
    stage: Stage,
    rest: &'a str,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let (token, stage, rest) = self.token()?;
        (self.stage, self.rest) = (stage, rest);
        Some(token)
    }
}

impl<'a> Tokens<'a> {
    fn token(&self) -> Option<(Token<'a>, Stage, &'a str)> {
        let (stage, text) = (self.stage, self.rest);
        let mut after = text.chars();
        match after.next() {
            _ if stage == Stage::Start => Number::take(text).map(|(major, rest)| (Token::Major(major), Stage::Numbers, rest)),
            None if stage < Stage::End => Some((Token::End, Stage::End, text)),
            Some('.') if stage == Stage::Numbers => place(after.as_str()),
            Some(letter @ 'a'..='z') if stage == Stage::Numbers => Some((Token::Letter(letter), Stage::Letter, after.as_str())),
            Some('_') if stage <= Stage::SuffixNumber => suffix(after.as_str()),
            Some('0'..='9') if stage == Stage::Suffix => {
                Number::take(text).map(|(number, rest)| (Token::SuffixNumber(number), Stage::SuffixNumber, rest))
            }
            Some('~') if stage < Stage::Hash => hash(after.as_str()),
            Some('-') if stage < Stage::Revision => {
                let (number, rest) = Number::take(after.as_str().strip_prefix('r')?)?;
                Some((Token::Revision(number), Stage::Revision, rest))
            }
            _ => None,
        }
    }
}

/// A number after a dot.
fn place(text: &str) -> Option<(Token<'_>, Stage, &str)> {
    let (number, rest) = Number::take(text)?;
    let token = if text.starts_with('0') { Token::ZeroLed(&text[..text.len() - rest.len()]) } else { Token::Number(number) };
    Some((token, Stage::Numbers, rest))
}

/// The word after an underscore.
fn suffix(text: &str) -> Option<(Token<'_>, Stage, &str)> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let word = &text[..text.len() - rest.len()];
    let rank = |words: &[&str]| words.iter().position(|known| *known == word);
    let token = rank(&BEFORE).map(Token::Before).or_else(|| rank(&AFTER).map(Token::After))?;
    Some((token, Stage::Suffix, rest))
}

/// The commit after a tilde.
fn hash(text: &str) -> Option<(Token<'_>, Stage, &str)> {
    let rest = text.trim_start_matches(|c: char| matches!(c, '0'..='9' | 'a'..='f'));
    let hash = &text[..text.len() - rest.len()];
    (!hash.is_empty()).then_some((Token::Hash(hash), Stage::Hash, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Apk;
    use crate::version::{Version, laws};

    #[test]
    fn what_apk_calls_invalid_is_no_version() {
        for text in [
            "", "a", ".1", "1.", "1..2", "1ab", "1a1", "1a.1", "1_", "1_foo", "1_rc1.2", "1~", "1~xyz", "1-r", "1-2", "1-r1-r2", "1-r1_p1",
            "1.r2",
        ] {
            assert!(Apk::parse(text).is_err(), "{text:?}");
        }
        for text in ["0", "01.0a", "1_alpha_p2_git20200101", "1a_rc1~0af-r0", "1~abc"] {
            assert!(Apk::parse(text).is_ok(), "{text:?}");
        }
    }

    fn version() -> impl Strategy<Value = Apk> {
        let text = "[01]{1,2}(\\.(0|1|01|10|010|9|[0-9]{22})){0,3}[ab]?(_(alpha|beta|pre|rc|cvs|svn|git|hg|p)[01]{0,2}){0,2}(~[0a]{1,2})?(-r[01]{1,2})?";
        text.prop_map(|text| Apk::parse(&text).expect("a version"))
    }

    proptest! {
        #[test]
        fn the_order_is_lawful(a in version(), b in version(), c in version()) {
            laws::hold(&a, &b, &c)?;
        }

        #[test]
        fn no_text_makes_the_reader_panic(a in laws::text(), b in laws::text()) {
            laws::survive::<Apk>(&a, &b);
        }
    }
}
