//! What Python's string literals mean: markers quote their texts so.

/// What a literal means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    Text(String),
    /// A text that is none in Unicode (half a surrogate pair), or that only Python's table of names could spell out.
    Unspeakable,
}

/// What stands between the quotes of a literal of one line means; `None` where Python would not read it.
pub(crate) fn unescaped(text: &str) -> Option<Literal> {
    if text.contains('\0') {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut speakable = true;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\n' | '\r' => return None,
            '\\' => {
                let (meaning, length) = escape(rest)?;
                rest = &rest[length..];
                match meaning {
                    Escape::Text(piece) => out.push_str(piece),
                    Escape::Code(code) => match char::from_u32(code) {
                        Some(c) => out.push(c),
                        None => speakable = false,
                    },
                    Escape::Named => speakable = false,
                }
            }
            c => out.push(c),
        }
    }
    Some(if speakable { Literal::Text(out) } else { Literal::Unspeakable })
}

enum Escape {
    Text(&'static str),
    Code(u32),
    Named,
}

/// What an escape means, and how long it is without its backslash. One that Python does not know is a backslash.
fn escape(after: &str) -> Option<(Escape, usize)> {
    let text = match *after.as_bytes().first()? {
        b'x' => return hexadecimal(after, 2),
        b'u' => return hexadecimal(after, 4),
        b'U' => return hexadecimal(after, 8),
        b'N' => {
            let end = after.strip_prefix("N{")?.find('}')?;
            return (end > 0).then_some((Escape::Named, end + 3));
        }
        b'0'..=b'7' => {
            let digits = after.bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
            return u32::from_str_radix(&after[..digits], 8).ok().map(|code| (Escape::Code(code), digits));
        }
        b'\n' => "",
        b'\r' => return Some((Escape::Text(""), if after.starts_with("\r\n") { 2 } else { 1 })),
        b'a' => "\u{7}",
        b'b' => "\u{8}",
        b'f' => "\u{c}",
        b'n' => "\n",
        b'r' => "\r",
        b't' => "\t",
        b'v' => "\u{b}",
        b'\\' => "\\",
        b'\'' => "'",
        b'"' => "\"",
        _ => return Some((Escape::Text("\\"), 0)),
    };
    Some((Escape::Text(text), 1))
}

fn hexadecimal(after: &str, digits: usize) -> Option<(Escape, usize)> {
    let code = after.get(1..=digits).filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    let code = u32::from_str_radix(code, 16).ok().filter(|code| *code <= 0x0010_FFFF)?;
    Some((Escape::Code(code), digits + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Literal, unescaped};

    #[test]
    fn escapes_mean_what_they_mean_in_python() {
        for (literal, text) in [
            ("plain", "plain"),
            (r"a\x41\u00e9\U0001F600", "aA\u{e9}\u{1f600}"),
            (r"\101\7", "A\u{7}"),
            (r"\d\\d", r"\d\d"),
            ("a\\\nb\\\r\nc", "abc"),
        ] {
            assert_eq!(unescaped(literal), Some(Literal::Text(text.to_owned())), "{literal}");
        }
        for literal in [r"\ud800", r"\N{BULLET}"] {
            assert_eq!(unescaped(literal), Some(Literal::Unspeakable), "{literal}");
        }
        for literal in ["\\", r"\x4", r"\U00110000", "a\nb", "\0", r"\N"] {
            assert_eq!(unescaped(literal), None, "{literal}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "(\\\\|[xuUN{}]|[0-9a-f]|\\PC|\\r|\\n){0,20}") {
            let _ = unescaped(&text);
        }
    }
}
