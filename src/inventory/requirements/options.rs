//! The options of a requirements file's line, split and read as pip does: `--hash=sha256:...`, `-r other.txt`,
//! `--index-url https://...`.

use OptionKind::{Constraints, Editable, ExtraIndex, Hash, Index, NoIndex, Other, Requirements};

/// What the options of a line say.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) given: Vec<Given>,
    /// Words that belong to no option, which pip passes over.
    pub(crate) stray: Vec<String>,
    /// Why pip would not read the line.
    pub(crate) fault: Option<String>,
}

/// An option that was given.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) kind: OptionKind,
    /// As written, without its value.
    pub(crate) name: String,
    pub(crate) value: String,
}

/// What an option means for what is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OptionKind {
    /// `-r`.
    Requirements,
    /// `-c`.
    Constraints,
    /// `-e`.
    Editable,
    /// `--hash`.
    Hash,
    /// `--index-url`.
    Index,
    /// `--extra-index-url`.
    ExtraIndex,
    /// `--no-index`.
    NoIndex,
    /// Where from and how, which says nothing of what.
    Other,
}

/// The name, whether it takes a value, and what it means.
type Row = (&'static str, bool, OptionKind);

/// What pip reads today. A long name may be shortened as far as it stays the only one.
const LONG: [Row; 20] = [
    ("--index-url", true, Index),
    ("--pypi-url", true, Index),
    ("--extra-index-url", true, ExtraIndex),
    ("--no-index", false, NoIndex),
    ("--constraint", true, Constraints),
    ("--requirement", true, Requirements),
    ("--editable", true, Editable),
    ("--find-links", true, Other),
    ("--no-binary", true, Other),
    ("--only-binary", true, Other),
    ("--prefer-binary", false, Other),
    ("--require-hashes", false, Other),
    ("--no-require-hashes", false, Other),
    ("--pre", false, Other),
    ("--all-releases", true, Other),
    ("--only-final", true, Other),
    ("--trusted-host", true, Other),
    ("--use-feature", true, Other),
    ("--hash", true, Hash),
    ("--config-settings", true, Other),
];

/// What older versions of pip read.
const OLD: [Row; 14] = [
    ("--global-option", true, Other),
    ("--install-option", true, Other),
    ("--config-setting", true, Other),
    ("--use-wheel", false, Other),
    ("--no-use-wheel", false, Other),
    ("--always-unzip", false, Other),
    ("--allow-external", true, Other),
    ("--allow-all-external", false, Other),
    ("--allow-unverified", true, Other),
    ("--allow-insecure", true, Other),
    ("--process-dependency-links", false, Other),
    ("--extra-index", true, ExtraIndex),
    ("--download-cache", true, Other),
    ("--use-mirrors", false, Other),
];

const SHORT: [(char, bool, OptionKind); 7] = [
    ('i', true, Index),
    ('c', true, Constraints),
    ('r', true, Requirements),
    ('e', true, Editable),
    ('f', true, Other),
    ('C', true, Other),
    ('Z', false, Other),
];

/// A line's requirement and its options: they begin at the first word with a dash.
pub(crate) fn split(line: &str) -> (&str, &str) {
    if line.starts_with('-') {
        return ("", line);
    }
    line.find(" -").map_or((line, ""), |at| (line[..at].trim_end(), &line[at + 1..]))
}

/// Reads the options of a line.
pub(crate) fn read(text: &str) -> Options {
    let mut options = Options::default();
    let words = match words(text) {
        Ok(words) => words,
        Err(cause) => {
            options.fault = Some(cause.to_owned());
            return options;
        }
    };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let read = if word == "--" {
            words.by_ref().for_each(|word| stray(&mut options.stray, word));
            Ok(())
        } else if word.starts_with("--") {
            long(&word, &mut words, &mut options)
        } else if word.starts_with('-') && word.len() > 1 {
            short(&word, &mut words, &mut options)
        } else {
            stray(&mut options.stray, word);
            Ok(())
        };
        if let Err(cause) = read {
            options.fault = Some(cause);
            break;
        }
    }
    options
}

/// Keeps a stray word, if there are not too many to be meant.
fn stray(words: &mut Vec<String>, word: String) {
    if words.len() < 1000 {
        words.push(word);
    }
}

fn long(word: &str, words: &mut impl Iterator<Item = String>, options: &mut Options) -> Result<(), String> {
    let (name, attached) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value.to_owned())));
    let exact = LONG.iter().chain(&OLD).find(|(known, ..)| *known == name);
    let mut shortened = LONG.iter().filter(|(known, ..)| known.starts_with(name));
    let (_, takes_value, kind) = match (exact, shortened.next(), shortened.next()) {
        (Some(row), ..) | (None, Some(row), None) => *row,
        (None, None, _) => return Err(format!("pip knows no option {name}; take it out")),
        (None, Some(_), Some(_)) => return Err(format!("{name} may be short for several options; write it out")),
    };
    let value = match (takes_value, attached) {
        (true, None) => words.next().ok_or_else(|| format!("{name} wants a value"))?,
        (true, Some(value)) => value,
        (false, None) => String::new(),
        (false, Some(_)) => return Err(format!("{name} takes no value")),
    };
    options.given.push(Given { kind, name: name.to_owned(), value });
    Ok(())
}

fn short(word: &str, words: &mut impl Iterator<Item = String>, options: &mut Options) -> Result<(), String> {
    let mut rest = word[1..].chars();
    while let Some(letter) = rest.next() {
        let Some((_, takes_value, kind)) = SHORT.iter().find(|(known, ..)| *known == letter) else {
            return Err(format!("pip knows no option -{letter}; take it out"));
        };
        let name = format!("-{letter}");
        if *takes_value {
            let attached = rest.as_str().to_owned();
            let value = if attached.is_empty() { words.next().ok_or_else(|| format!("{name} wants a value"))? } else { attached };
            options.given.push(Given { kind: *kind, name, value });
            break;
        }
        options.given.push(Given { kind: *kind, name, value: String::new() });
    }
    Ok(())
}

/// The words of a text by the rules of a POSIX shell: blanks part, quotes and backslashes keep together.
pub(crate) fn words(text: &str) -> Result<Vec<String>, &'static str> {
    let mut found = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => {
                let next = chars.next().ok_or("it ends in a lone backslash")?;
                let word = word.get_or_insert_default();
                if quote.is_some() && !matches!(next, '"' | '\\') {
                    word.push('\\');
                }
                word.push(next);
            }
            (None, ' ' | '\t' | '\r' | '\n') => found.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote among its options is never closed");
    }
    found.extend(word);
    Ok(found)
}

/// What is wrong with the value of `--hash`, if anything: pip wants `sha256:` and 64 digits, or the like.
pub(crate) fn hash_fault(value: &str) -> Option<String> {
    const LENGTHS: [(&str, usize); 3] = [("sha256", 64), ("sha384", 96), ("sha512", 128)];
    let Some((algorithm, digest)) = value.split_once(':') else { return Some("a hash is written as --hash=sha256:...".to_owned()) };
    let Some((_, length)) = LENGTHS.iter().find(|(known, _)| *known == algorithm) else {
        return Some("pip takes hashes of sha256, sha384 and sha512 only".to_owned());
    };
    let fits = digest.len() == *length && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    (!fits).then(|| {
        format!("a hash of {algorithm} has {length} hexadecimal digits and this one has not, as if the line were cut off; restore it")
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{OptionKind, hash_fault, read, split, words};

    #[test]
    fn options_are_read_in_every_spelling() {
        for (text, name, value, kind) in [
            ("-r a.txt", "-r", "a.txt", OptionKind::Requirements),
            ("-ra.txt", "-r", "a.txt", OptionKind::Requirements),
            ("--requirement=a.txt", "--requirement", "a.txt", OptionKind::Requirements),
            ("--requirem 'a b.txt'", "--requirem", "a b.txt", OptionKind::Requirements),
            ("--cons=c.txt", "--cons", "c.txt", OptionKind::Constraints),
            ("-e .", "-e", ".", OptionKind::Editable),
            ("--hash=sha256:0", "--hash", "sha256:0", OptionKind::Hash),
            ("--global-option=\"--no-user-cfg\"", "--global-option", "--no-user-cfg", OptionKind::Other),
            ("--pre", "--pre", "", OptionKind::Other),
            ("-ihttps://index.example", "-i", "https://index.example", OptionKind::Index),
            ("--index=https://index.example", "--index", "https://index.example", OptionKind::Index),
            ("--pypi-url x", "--pypi-url", "x", OptionKind::Index),
            ("--extra-index-url=${A}", "--extra-index-url", "${A}", OptionKind::ExtraIndex),
            ("--extra-index x", "--extra-index", "x", OptionKind::ExtraIndex),
            ("--no-index", "--no-index", "", OptionKind::NoIndex),
        ] {
            let options = read(text);
            let given = options.given.first().expect(text);
            assert_eq!((given.name.as_str(), given.value.as_str(), given.kind), (name, value, kind), "{text}");
            assert_eq!((options.fault, options.stray.len()), (None, 0), "{text}");
        }
    }

    #[test]
    fn what_pip_would_not_read_has_a_cause() {
        for (text, cause) in [
            ("--frobnicate", "knows no option --frobnicate"),
            ("-q", "knows no option -q"),
            ("--con=c.txt", "short for several"),
            ("--pre=1", "takes no value"),
            ("-r", "wants a value"),
            ("--hash 'a", "never closed"),
        ] {
            let fault = read(text).fault.expect(text);
            assert!(fault.contains(cause), "{text}: {fault}");
        }
        assert_eq!(read("-r a.txt b.txt").stray, ["b.txt"]);
        assert!(hash_fault("md5:0").is_some() && hash_fault("sha256:ab").is_some());
        assert_eq!(hash_fault(&format!("sha256:{}", "0".repeat(64))), None);
    }

    #[test]
    fn a_requirement_ends_at_the_first_dash() {
        assert_eq!(split("a==1 --hash=x -C y"), ("a==1", "--hash=x -C y"));
        assert_eq!(split("-e a"), ("", "-e a"));
        assert_eq!(split("a-b==1 ; c < '-'"), ("a-b==1 ; c < '-'", ""));
        assert_eq!(words(r#"-r sub\x "a\b" 'q\w' x\ y """#).expect("words"), ["-r", "subx", r"a\b", r"q\w", "x y", ""]);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,20}|(-|--|r|e|hash|=|'|\"|\\\\| |é){0,20}") {
            let _ = read(split(&text).1);
        }
    }
}
