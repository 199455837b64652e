//! Words of the file as people get to see them: on one line, and short where they are only quoted.

/// The most characters that are quoted.
const QUOTED: usize = 200;

/// The most characters of a reason: one comment may speak of many entries.
const LONGEST: usize = 1000;

/// Words on one line without control characters, cut where they are very long; `None` where there are none.
pub(super) fn one_line(text: &str) -> Option<String> {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.chars().filter(|c| !c.is_control()).collect())
        .filter(|word: &String| !word.is_empty())
        .collect();
    (!words.is_empty()).then(|| cut(words.join(" "), LONGEST))
}

/// Words to be quoted: on one line, and cut where they are long.
pub(super) fn shown(text: &str) -> String {
    one_line(text).map_or_else(|| "(empty)".to_owned(), |line| cut(line, QUOTED))
}

fn cut(line: String, most: usize) -> String {
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// What comments say, without their signs. Lines that only draw a rule say nothing.
pub(super) fn remark(comments: &[&str]) -> Option<String> {
    let said = comments.iter().map(|line| line.trim().trim_matches('#')).filter(|line| line.chars().any(char::is_alphanumeric));
    one_line(&said.collect::<Vec<_>>().join(" "))
}

/// Two remarks on the same thing.
pub(super) fn both(first: Option<String>, second: Option<String>) -> Option<String> {
    match (first, second) {
        (Some(first), Some(second)) => Some(format!("{first}; {second}")),
        (first, second) => first.or(second),
    }
}

#[cfg(test)]
mod tests {
    use super::{both, one_line, remark, shown};

    #[test]
    fn words_are_put_on_one_line() {
        assert_eq!(one_line(" a\n\t b\u{1b}[1m \u{7} ").as_deref(), Some("a b[1m"));
        assert_eq!(one_line(" \n\u{7}"), None);
        assert_eq!(shown(&"é".repeat(300)).chars().count(), 201);
        assert_eq!(shown(" "), "(empty)");
    }

    #[test]
    fn comments_lose_their_signs() {
        assert_eq!(remark(&["# ------", "## no fix ##", "  # yet"]).as_deref(), Some("no fix yet"));
        assert_eq!(remark(&["#", "# ==="]), None);
        assert_eq!(both(Some("a".to_owned()), Some("b".to_owned())).as_deref(), Some("a; b"));
    }
}
