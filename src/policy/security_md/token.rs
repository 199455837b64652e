//! Words and signs of a text, with their places. What people read alike is alike: dashes, spaces, quotation marks, case.

/// A word, a number or a sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// In lower case; letters and digits are told apart (`48h` is two tokens), every dash is `-`.
    pub(super) text: String,
    /// Where it begins in the text, in bytes.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// Whether it follows the token before it without a space.
    pub(super) glued: bool,
}

impl Token {
    /// Whether it is this word or sign.
    pub(super) fn is(&self, text: &str) -> bool {
        self.text == text
    }

    /// Whether it is one of these.
    pub(super) fn any(&self, texts: &[&str]) -> bool {
        texts.contains(&self.text.as_str())
    }

    /// Whether it consists of letters.
    pub(super) fn is_word(&self) -> bool {
        self.text.starts_with(char::is_alphabetic)
    }

    /// The number, if it is one of ASCII digits.
    pub(super) fn number(&self) -> Option<u32> {
        self.text.starts_with(|c: char| c.is_ascii_digit()).then(|| self.text.parse().ok()).flatten()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Space,
    Letter,
    Digit,
    Sign,
    /// Zero-width characters, soft hyphens and variation selectors: nobody sees them.
    Unseen,
}

fn class(c: char) -> Class {
    match c {
        '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{fe00}'..='\u{fe0f}' => Class::Unseen,
        c if c.is_whitespace() || c == '\u{0}' => Class::Space,
        '0'..='9' => Class::Digit,
        c if c.is_alphabetic() || c.is_numeric() || c == '\'' || c == '’' => Class::Letter,
        _ => Class::Sign,
    }
}

fn unified(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => '-',
        '’' | '‘' => '\'',
        '：' => ':',
        '（' => '(',
        '）' => ')',
        '，' => ',',
        '⩽' => '≤',
        c => c,
    }
}

/// The tokens of a text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let (mut before, mut spaced) = (Class::Space, true);
    for (at, c) in text.char_indices() {
        let class = class(c);
        match class {
            Class::Unseen => continue,
            Class::Space => {
                (before, spaced) = (class, true);
                continue;
            }
            Class::Letter | Class::Digit | Class::Sign => {}
        }
        let c = unified(c);
        let end = at + text[at..].chars().next().map_or(1, char::len_utf8);
        match found.last_mut().filter(|_| !spaced && class == before && class != Class::Sign) {
            Some(last) => {
                last.text.extend(c.to_lowercase());
                last.end = end;
            }
            None => found.push(Token { text: c.to_lowercase().collect(), start: at, end, glued: !spaced && at > 0 }),
        }
        (before, spaced) = (class, false);
    }
    found
}

/// Whether these words stand at a place, one after the other.
pub(super) fn at(tokens: &[Token], place: usize, words: &[&str]) -> bool {
    tokens.len() >= place + words.len() && words.iter().zip(&tokens[place..]).all(|(word, token)| token.is(word))
}

/// Whether these words stand anywhere, one after the other.
pub(super) fn contains(tokens: &[Token], words: &[&str]) -> bool {
    (0..tokens.len()).any(|place| at(tokens, place, words))
}

#[cfg(test)]
mod tests {
    use super::tokens;

    #[test]
    fn what_is_read_alike_is_alike() {
        let texts = |text: &str| tokens(text).into_iter().map(|token| token.text).collect::<Vec<_>>();
        assert_eq!(texts("Within 48h – 3\u{a0}Days"), ["within", "48", "h", "-", "3", "days"]);
        assert_eq!(texts("won’t, ≤7d"), ["won't", ",", "≤", "7", "d"]);
        assert_eq!(texts("4\u{200b}8 ho\u{ad}urs"), ["48", "hours"]);
        assert_eq!(texts("４８ hours"), ["４８", "hours"]);
        let glued: Vec<bool> = tokens("48h (x)").iter().map(|token| token.glued).collect();
        assert_eq!(glued, [false, true, false, true, true]);
    }
}
