//! What a plain word of YAML is.

use super::tree::Value;

/// Text, unless the word is written as a number, a boolean or nothing. Dates are text.
pub(super) fn plain(text: String) -> Value {
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Boolean(true),
        "false" | "False" | "FALSE" => Value::Boolean(false),
        word if is_number(word) => Value::Number(text),
        _ => Value::Text(text),
    }
}

fn is_number(word: &str) -> bool {
    let bare = word.strip_prefix(['-', '+']).unwrap_or(word);
    let all = |digits: &str, radix| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    if let Some(digits) = bare.strip_prefix("0x") {
        return all(digits, 16);
    }
    if let Some(digits) = bare.strip_prefix("0o") {
        return all(digits, 8);
    }
    if matches!(bare, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (number, exponent) = bare.split_once(['e', 'E']).map_or((bare, None), |(number, exponent)| (number, Some(exponent)));
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let is_decimal = (all(whole, 10) && (part.is_empty() || all(part, 10))) || (whole.is_empty() && all(part, 10));
    is_decimal && exponent.is_none_or(|exponent| all(exponent.strip_prefix(['-', '+']).unwrap_or(exponent), 10))
}

#[cfg(test)]
mod tests {
    use super::is_number;

    #[test]
    fn numbers_are_told_from_words() {
        for word in ["0", "-12", "+3", "1.5", "1.", ".5", "1e5", "1.5E-3", "0x1F", "0o17", ".inf", "-.inf", ".nan"] {
            assert!(is_number(word), "{word}");
        }
        for word in ["", "-", ".", "1.2.3", "1e", "e5", "2026-01-01", "0x", "0xg", "1 ", "CVE-1", "1_000", "é1"] {
            assert!(!is_number(word), "{word}");
        }
    }
}
