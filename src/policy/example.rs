//! Which classes of weaknesses an example of a tier names (`Remote code execution`, `XSS in the viewer`), so that an advisory
//! that nobody has scored gets the tier whose example speaks of it. Words are read as people mean them: in any form, joined
//! (`SQL and command injection`), turned (`leak of user data`); what is denied, and what only limits another, names nothing.
//! Not what is of a class: that is `weakness`.

use std::sync::LazyLock;

use super::weakness::{CLASSES, Class};

/// Words that look like a class and are none.
const HARMLESS: &str = "crash dump/report/log, panic button, code execution time/environment/engine";

/// Nouns and verbs of what an attacker does. Another that is joined by `and`, `or`, a comma or a slash may stand before one.
const DEEDS: &str = "injection bypass leak leakage exposure disclosure breach escalation elevation traversal forgery scripting \
    hijack fixation corruption overflow underflow exhaustion consumption execution smuggling tampering read write";

/// What may stand between a deed and what it is done to: `leak of another user's private data`.
const FILLERS: [&str; 23] = [
    "file", "of", "the", "a", "an", "any", "all", "another", "other", "one", "user", "users", "admin", "customer", "customers",
    "sensitive", "private", "personal", "confidential", "internal", "untrusted", "arbitrary", "potential",
];

/// Words before which nothing is denied: `not limited to`.
const NOT_DENIED: [&str; 4] = ["limited", "only", "just", "necessarily"];

/// What denies all that follows it.
const DENIALS: [&str; 20] = [
    "not", "never", "cannot", "cant", "dont", "doesnt", "wont", "isnt", "arent", "nor", "neither", "than", "except", "unlike", "unlikely",
    "instead", "besides", "apart", "aside", "prevents",
];

/// What limits the class before it, as far as the next comma: `XSS with user interaction`.
const LIMITS: [&str; 16] = [
    "with", "via", "through", "by", "using", "from", "to", "requiring", "requires", "that", "which", "if", "when", "where", "after", "due",
];

/// What tells the consequences of the class before it: `XSS leading to data exposure, theft or loss`.
const CONSEQUENCES: &str = "leads results allows enables causes permits exposes :";

/// Endings that do not change what a word means here, the longest first.
const ENDINGS: [&str; 20] = [
    "ations", "ation", "ating", "ions", "ures", "ates", "ion", "ure", "ate", "ing", "ies", "ery", "als", "es", "ed", "al", "ic", "s", "e",
    "y",
];

/// An example is a line. What has more bytes is a description, which names nothing.
const MOST_BYTES: usize = 600;

/// Whether an example speaks of an advisory of these RustSec categories and these weaknesses (`CWE-787`).
#[must_use]
pub fn speaks_of(example: &str, categories: &[String], cwes: &[String]) -> bool {
    (!categories.is_empty() || !cwes.is_empty()) && classes(example).iter().any(|class| class.holds(categories, cwes))
}

/// The classes that an example names, in its order, each once. None where it denies them, nor where one only limits another.
#[must_use]
pub fn classes(example: &str) -> Vec<&'static Class> {
    let tokens = if example.len() > MOST_BYTES { Vec::new() } else { tokens(example) };
    if is_denied_whole(&tokens) {
        return Vec::new();
    }
    let all: Vec<Found> = PHRASES.iter().flat_map(|phrase| (0..tokens.len()).filter_map(|from| phrase.at(&tokens, from))).collect();
    // `regex denial of service` is not denial of service as such.
    let is_within =
        |one: &Found, other: &Found| other.places.len() > one.places.len() && one.places.iter().all(|p| other.places.contains(p));
    let mut found: Vec<&Found> = all.iter().filter(|one| !all.iter().any(|other| is_within(one, other))).collect();
    found.sort_by_key(|one| one.last());
    let mut named: Vec<&'static Class> = Vec::new();
    let (mut clause, mut outer) = (Clause::default(), Vec::new());
    for place in 0..tokens.len() {
        clause = clause.after(&tokens, place, &mut outer);
        for one in found.iter().filter(|one| one.first() == place) {
            let Some(class) = one.class else { continue };
            let is_free = clause.denied == Denied::No && clause.limited == Limited::No;
            let is_non = place > 0 && ["non", "self"].contains(&tokens[place - 1].text.as_str());
            if clause.denied == Denied::Next {
                clause.denied = Denied::All;
            }
            if is_free && !is_non && !named.iter().any(|other| other.name() == class.name()) {
                named.push(class);
            }
        }
        clause.has_head |= found.iter().any(|one| one.last() == place);
    }
    named
}

/// `DoS is not considered`, `XSS is out of scope`: what stands before is denied.
fn is_denied_whole(tokens: &[Token]) -> bool {
    let is = |token: &Token, words: &[&str]| words.contains(&token.text.as_str());
    let verdicts = [
        "considered", "included", "covered", "eligible", "accepted", "applicable", "scope", "security", "vulnerability", "vulnerabilities",
    ];
    let is_denied = |rest: &[Token]| match rest {
        [first, ..] if is(first, &["excluded", "excluding", "excludes"]) => true,
        [first, second, third, ..] if is(first, &["out"]) && is(second, &["of"]) => is(third, &["scope"]),
        [first, rest @ ..] if is(first, &["not"]) => rest.iter().take(2).any(|token| is(token, &verdicts)),
        _ => false,
    };
    (0..tokens.len()).any(|place| is_denied(&tokens[place..]))
}

/// Whether what follows is denied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Denied {
    #[default]
    No,
    /// By `no` or `without`: the nouns that follow.
    Next,
    /// To the end of the sentence.
    All,
}

/// Whether what follows only limits the class before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Limited {
    #[default]
    No,
    /// To the next comma.
    Part,
    /// To the end of the sentence.
    All,
}

/// What is known of a sentence at a place in it.
#[derive(Clone, Copy, Debug, Default)]
struct Clause {
    denied: Denied,
    limited: Limited,
    /// Whether a class stands before, in the same part.
    has_head: bool,
}

impl Clause {
    /// What is known behind a token.
    fn after(mut self, tokens: &[Token], place: usize, outer: &mut Vec<Self>) -> Self {
        let token = &tokens[place];
        let is_denied = !tokens.get(place + 1).is_some_and(|next| NOT_DENIED.contains(&next.text.as_str()));
        match token.text.as_str() {
            "." | ";" | "but" => return Self::default(),
            "(" => outer.push(self),
            ")" => return outer.pop().unwrap_or_default(),
            "," => {
                self.has_head = false;
                self.limited = if self.limited == Limited::Part { Limited::No } else { self.limited };
                self.denied = if self.denied == Denied::Next { Denied::No } else { self.denied };
            }
            "and" | "or" | "/" | "&" | "+" => self.has_head = false,
            "no" | "without" if is_denied && self.denied == Denied::No => self.denied = Denied::Next,
            word if is_denied && DENIALS.contains(&word) => self.denied = Denied::All,
            _ if self.has_head && CONSEQUENCE_STEMS.contains(&token.stem) => self.limited = Limited::All,
            word if self.has_head && self.limited == Limited::No && LIMITS.contains(&word) => self.limited = Limited::Part,
            _ => {}
        }
        self
    }
}

/// A word or a sign.
#[derive(Debug)]
struct Token {
    text: String,
    stem: String,
}

impl Token {
    fn joins(&self) -> bool {
        ["and", "or", ",", "/", "&", "+"].contains(&self.text.as_str())
    }

    fn is_word(&self) -> bool {
        self.text.starts_with(char::is_alphanumeric) && !self.joins()
    }

    fn is_deed(&self) -> bool {
        DEED_STEMS.contains(&self.stem)
    }

    fn fills(&self) -> bool {
        FILLERS.contains(&self.text.as_str())
    }

    /// `injection`, `exposure`: a noun, which takes `of`, where `leak` and `bypass` do without.
    fn takes_of(&self) -> bool {
        ["ion", "ions", "ure", "ures", "al", "ery"].iter().any(|ending| self.text.ends_with(ending))
    }
}

/// The words and signs of a text. A hyphen between words is a blank; a dash between blanks is a colon.
fn tokens(text: &str) -> Vec<Token> {
    let mut texts: Vec<String> = vec![String::new()];
    let mut before = ' ';
    let mut characters = text.chars().filter(|c| !matches!(c, '\'' | '’' | '*' | '`' | '\u{ad}' | '\u{200b}')).peekable();
    while let Some(c) = characters.next() {
        let is_dash = matches!(c, '-' | '\u{2010}'..='\u{2015}');
        let is_apart = before.is_whitespace() && characters.peek().is_none_or(|next| next.is_whitespace());
        let last = texts.len() - 1;
        if c.is_alphanumeric() {
            texts[last].extend(c.to_lowercase());
        } else {
            let sign = match c {
                '.' if characters.peek().is_some_and(|next| !next.is_whitespace()) => None,
                '.' | '!' | '?' | ';' | '\n' => Some('.'),
                ',' | '/' | '&' | '+' | '(' | ')' | ':' => Some(c),
                _ => (is_dash && is_apart).then_some(':'),
            };
            texts.extend([sign.map(String::from).unwrap_or_default(), String::new()]);
        }
        before = c;
    }
    texts.into_iter().filter(|text| !text.is_empty()).map(|text| Token { stem: stem(&text), text }).collect()
}

/// What the forms of a word have in common: `execut` of `execute` and `execution`.
fn stem(word: &str) -> String {
    let word = word.replace("authoris", "authoriz").replace("serialis", "serializ");
    let strips = |ending: &&&str| {
        let least = if **ending == "s" { 3 } else { 4 };
        let is_none = **ending == "s" && (word.ends_with("ss") || word.ends_with("os") || word.ends_with("us"));
        word.strip_suffix(**ending).is_some_and(|rest| rest.chars().count() >= least) && !is_none
    };
    let ending = ENDINGS.iter().find(strips).map_or("", |ending| ending);
    word.strip_suffix(ending).unwrap_or(&word).to_owned()
}

static DEED_STEMS: LazyLock<Vec<String>> = LazyLock::new(|| DEEDS.split_whitespace().map(stem).collect());

static CONSEQUENCE_STEMS: LazyLock<Vec<String>> = LazyLock::new(|| CONSEQUENCES.split(' ').map(stem).collect());

static PHRASES: LazyLock<Vec<Phrase>> = LazyLock::new(|| {
    let named = CLASSES.iter().flat_map(|class| class.phrases().map(move |text| Phrase::new(text, Some(class))));
    named.chain(HARMLESS.split(", ").map(|text| Phrase::new(text, None))).collect()
});

/// A phrase that names a class, or that names none though it looks alike.
#[derive(Debug)]
struct Phrase {
    /// The stems that may stand at each of its places.
    words: Vec<Vec<String>>,
    is_deed: bool,
    begins: bool,
    class: Option<&'static Class>,
}

/// Where a phrase stands.
#[derive(Debug)]
struct Found {
    places: Vec<usize>,
    class: Option<&'static Class>,
}

impl Found {
    fn first(&self) -> usize {
        self.places.iter().copied().min().unwrap_or_default()
    }

    fn last(&self) -> usize {
        self.places.iter().copied().max().unwrap_or_default()
    }
}

impl Phrase {
    fn new(text: &str, class: Option<&'static Class>) -> Self {
        let begins = text.starts_with('^');
        let words: Vec<Vec<String>> = text.trim_start_matches('^').split(' ').map(|word| word.split('/').map(stem).collect()).collect();
        let is_deed = words.len() > 1 && words.last().is_some_and(|last| last.iter().any(|word| DEED_STEMS.contains(word)));
        Self { words, is_deed, begins, class }
    }

    fn is(&self, word: usize, tokens: &[Token], place: usize) -> bool {
        tokens.get(place).is_some_and(|token| self.words[word].contains(&token.stem))
    }

    /// Where it stands, if its first word (or the deed that is done) is at a place.
    fn at(&self, tokens: &[Token], from: usize) -> Option<Found> {
        let places = self.forwards(tokens, from).or_else(|| self.turned(tokens, from))?;
        Some(Found { places, class: self.class })
    }

    fn forwards(&self, tokens: &[Token], from: usize) -> Option<Vec<usize>> {
        let is_begun = from == 0 || tokens[from - 1].fills() || !(tokens[from - 1].is_word() || tokens[from - 1].text == ")");
        if !self.is(0, tokens, from) || (self.begins && !is_begun) {
            return None;
        }
        let mut places = vec![from];
        for word in 1..self.words.len() {
            let next = places[word - 1] + 1;
            let is_last = word + 1 == self.words.len();
            places.push(self.next(word, tokens, next).or_else(|| self.joined(word, tokens, next).filter(|_| is_last && self.is_deed))?);
        }
        Some(places)
    }

    /// A word of it, at a place or behind what may stand between: an adjective, or another deed and what joins it.
    fn next(&self, word: usize, tokens: &[Token], place: usize) -> Option<usize> {
        let is_skipped = |place: usize| tokens.get(place).is_some_and(Token::is_deed) && tokens.get(place + 1).is_some_and(Token::joins);
        let is_filled = tokens.get(place).is_some_and(|token| token.fills() && token.text != "of");
        [place, place + 1, place + 2]
            .into_iter()
            .zip([true, is_filled, is_skipped(place)])
            .find_map(|(place, may)| (may && self.is(word, tokens, place)).then_some(place))
    }

    /// Its last word behind others that are joined: `SQL, OS command or template injection`.
    fn joined(&self, word: usize, tokens: &[Token], place: usize) -> Option<usize> {
        let mut alone = 0;
        if !tokens.get(place).is_some_and(Token::joins) {
            return None;
        }
        for (at, token) in tokens.iter().enumerate().skip(place).take(10) {
            if alone > 0 && self.is(word, tokens, at) {
                return Some(at);
            }
            alone = if token.joins() { 0 } else { alone + 1 };
            if alone > 2 || !(token.joins() || token.is_word()) {
                return None;
            }
        }
        None
    }

    /// Its last word first: `execution of arbitrary code`, `leaking other users' data`.
    fn turned(&self, tokens: &[Token], from: usize) -> Option<Vec<usize>> {
        let last = self.words.len() - 1;
        let follows_of = tokens.get(from + 1).is_some_and(|token| token.text == "of");
        if !self.is_deed || !self.is(last, tokens, from) || (tokens[from].takes_of() && !follows_of) {
            return None;
        }
        let mut place = from + 1;
        while !self.is(0, tokens, place) {
            let joins = tokens.get(place + 1).is_some_and(Token::joins) && tokens[place].is_word();
            place += if tokens.get(place)?.fills() {
                1
            } else if joins {
                2
            } else {
                return None;
            };
        }
        let places: Vec<usize> = (0..last).map(|word| place + word).collect();
        places.iter().enumerate().all(|(word, place)| self.is(word, tokens, *place)).then(|| [vec![from], places].concat())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{classes, speaks_of};
    use crate::policy::weakness::{CLASSES, Class};

    #[test]
    fn examples_name_their_classes() {
        let table = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/policy/tier_examples/examples.tsv"));
        let rows: Vec<(&str, &str)> =
            table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t')).collect();
        assert!(rows.len() >= 120);
        let wrong: Vec<String> = rows
            .iter()
            .map(|(text, expected)| (text, *expected, classes(text).into_iter().map(Class::name).collect::<Vec<_>>().join(",")))
            .filter(|(_, expected, names)| expected != names)
            .map(|(text, expected, names)| format!("{text}: {names}, not {expected}"))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn the_name_of_every_phrase_names_its_class() {
        for class in CLASSES {
            for phrase in class.phrases() {
                let text: Vec<&str> = phrase.trim_start_matches('^').split(' ').filter_map(|word| word.split('/').next()).collect();
                let found = classes(&text.join(" "));
                assert!(found.iter().any(|other| other.name() == class.name()), "{phrase}: {found:?}");
            }
        }
    }

    #[test]
    fn an_advisory_is_spoken_of_by_its_class() {
        let (dos, cwe) = (vec!["denial-of-service".to_owned()], vec!["CWE-79".to_owned()]);
        assert!(speaks_of("Denial of service attacks", &dos, &[]) && speaks_of("Stored XSS", &[], &cwe));
        assert!(!speaks_of("Denial of service attacks", &[], &cwe) && !speaks_of("XSS", &[], &[]));
    }

    proptest! {
        #[test]
        fn no_text_panics(
            text in "\\PC{0,200}",
            words in proptest::collection::vec("[(),./:-]|and|or|of|no|not|XSS|SQL|leak|injection|data|É|\u{1F600}", 0..200),
        ) {
            for text in [text, words.join(" "), words.concat()] {
                assert!(classes(&text).len() <= CLASSES.len());
            }
        }
    }
}
