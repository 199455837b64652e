//! Reading a text from left to right: the common ground of requirements and markers.

/// A text and how far it was read.
pub(crate) struct Scanner<'a> {
    text: &'a str,
    /// The offset of what comes next, in bytes.
    pub(crate) at: usize,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// What was not read yet.
    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(crate) fn is_done(&self) -> bool {
        self.at == self.text.len()
    }

    /// Passes over blanks, which are spaces and tabs in PEP 508.
    pub(crate) fn blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches([' ', '\t']).len();
    }

    /// Passes over this text, if it comes next.
    pub(crate) fn take(&mut self, token: &str) -> bool {
        let is_next = self.rest().starts_with(token);
        if is_next {
            self.at += token.len();
        }
        is_next
    }

    /// Passes over this word, if it comes next and does not go on.
    pub(crate) fn take_word(&mut self, word: &str) -> bool {
        let goes_on = |after: &str| after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let is_next = self.rest().strip_prefix(word).is_some_and(|after| !goes_on(after));
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    /// Passes over all characters that belong, and returns them.
    pub(crate) fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|c| !belongs(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }
}
