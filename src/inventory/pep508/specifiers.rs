//! Version specifiers as PyPI's `packaging` accepts them: nothing more and nothing less.

use crate::version::{InvalidSpecifier, Specifiers, specifier::Specifier};

/// Reads one specifier.
///
/// # Errors
/// When it is none.
pub(crate) fn one(text: &str) -> Result<Specifier, InvalidSpecifier> {
    let specifier = Specifier::parse(text)?;
    let version = text.trim().trim_start_matches(['=', '!', '<', '>', '~']).trim();
    let wrong = |cause: &str| Err(InvalidSpecifier { text: text.trim().to_owned(), cause: cause.to_owned() });
    match version.strip_suffix(".*") {
        // PEP 440 would let `==1.0a1.*` pass, and no tool does.
        Some(prefix) if !text.trim().starts_with("===") && !is_release(prefix) => {
            wrong("`.*` follows the numbers of a release only, as ==1.4.*")
        }
        _ => Ok(specifier),
    }
}

/// More specifiers than anybody writes: working out what they have in common takes the square of their number.
const MOST: usize = 500;

/// Reads a list of specifiers between commas; the last may be followed by one.
///
/// # Errors
/// For the first that is none.
pub(crate) fn list(text: &str) -> Result<Specifiers, InvalidSpecifier> {
    let trimmed = text.trim_matches([' ', '\t']);
    if trimmed.is_empty() {
        return Specifiers::parse("");
    }
    let parts = trimmed.strip_suffix(',').unwrap_or(trimmed);
    if parts.split(',').nth(MOST).is_some() {
        return Err(InvalidSpecifier { text: parts.chars().take(20).collect(), cause: format!("more than {MOST} specifiers") });
    }
    for part in parts.split(',') {
        let part = part.trim_matches([' ', '\t']);
        if part.is_empty() {
            return Err(InvalidSpecifier { text: trimmed.to_owned(), cause: "a comma without a specifier before it".to_owned() });
        }
        // Other blanks may stand behind an operator, nowhere else.
        if part.trim() != part {
            return Err(InvalidSpecifier { text: part.to_owned(), cause: "a blank that is neither a space nor a tab".to_owned() });
        }
        one(part)?;
    }
    Specifiers::parse(parts)
}

fn is_release(text: &str) -> bool {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let text = text.split_once('!').map_or(text, |(_, release)| release);
    text.split('.').all(|segment| !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::{list, one};

    #[test]
    fn lists_are_as_strict_as_those_of_packaging() {
        for text in ["", " ", ">=1", ">=1,<2", " >=1 , <2 , ", "==1.*", "===x.*"] {
            assert!(list(text).is_ok(), "{text}");
        }
        for text in [",", ">=1,,<2", ",>=1", ">=1,,", "==1a1.*", "!=1.post1.*", "1", ">=1 <2", "\u{a0}>=1", ">=1 || <2"] {
            assert!(list(text).is_err(), "{text}");
        }
        assert!(one(" == 1.0 ").is_ok());
        assert!(list(&"!=1,".repeat(501)).is_err() && list(&"!=1,".repeat(500)).is_ok());
    }
}
