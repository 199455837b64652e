//! What a package of a `pylock.toml` is wanted for, as its marker says: `'dev' in dependency_groups or 'x' in extras`.

use crate::inventory::pep508::marker::Marker;
use crate::model::{Group, pep503};

/// A part of a marker.
#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Open,
    Close,
    And,
    Or,
    Text(&'a str),
    Word(&'a str),
}

/// What is asked for when a lockfile is installed.
struct Selection<'a> {
    /// The groups that are installed unless others are asked for, pep503: the project's own dependencies.
    default_groups: &'a [String],
    all_extras: bool,
    all_groups: bool,
}

/// What a package is wanted for: for running, if it may be installed when nothing is asked for; else as an extra, if it
/// may be with extras alone; else for development. Whatever else a marker asks may hold.
pub(crate) fn groups(marker: Option<&str>, default_groups: &[String]) -> Vec<Group> {
    // The bound on depth is the parser's, and a marker that it refuses says nothing.
    let Some(marker) = marker.filter(|marker| Marker::parse(marker).is_ok()) else { return vec![Group::Runtime] };
    let tokens = tokens(marker);
    let may_hold = |all_extras: bool, all_groups: bool| {
        let mut rest = tokens.as_slice();
        any(&mut rest, &Selection { default_groups, all_extras, all_groups })
    };
    if may_hold(false, false) {
        return vec![Group::Runtime];
    }
    let mut groups = Vec::new();
    groups.extend(may_hold(true, false).then_some(Group::Optional));
    groups.extend(may_hold(false, true).then_some(Group::Dev));
    // An extra and a group at once: both must be asked for, and it counts for the one that reaches users.
    if groups.is_empty() { vec![Group::Optional] } else { groups }
}

fn tokens(marker: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = marker.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '\'' | '"' => {
                let end = rest[1..].find(first).map_or(rest.len(), |at| at + 1);
                (Token::Text(&rest[1..end]), (end + 1).min(rest.len()))
            }
            _ => {
                let is_word = |c: char| c.is_alphanumeric() || "_.".contains(c);
                let end = rest.find(|c| is_word(c) != is_word(first) || "()'\" \t".contains(c)).unwrap_or(rest.len()).max(first.len_utf8());
                let token = match &rest[..end] {
                    "and" => Token::And,
                    "or" => Token::Or,
                    word => Token::Word(word),
                };
                (token, end)
            }
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    tokens
}

fn any(rest: &mut &[Token<'_>], selection: &Selection<'_>) -> bool {
    let mut holds = all(rest, selection);
    while let [Token::Or, behind @ ..] = *rest {
        *rest = behind;
        holds |= all(rest, selection);
    }
    holds
}

fn all(rest: &mut &[Token<'_>], selection: &Selection<'_>) -> bool {
    let mut holds = one(rest, selection);
    while let [Token::And, behind @ ..] = *rest {
        *rest = behind;
        holds &= one(rest, selection);
    }
    holds
}

fn one(rest: &mut &[Token<'_>], selection: &Selection<'_>) -> bool {
    if let [Token::Open, behind @ ..] = *rest {
        *rest = behind;
        let holds = any(rest, selection);
        if let [Token::Close, behind @ ..] = *rest {
            *rest = behind;
        }
        return holds;
    }
    let is_part = |token: &Token<'_>| matches!(token, Token::Text(_) | Token::Word(_));
    let end = rest.iter().position(|token| !is_part(token)).unwrap_or(rest.len());
    let (comparison, behind) = rest.split_at(end);
    *rest = behind;
    match comparison {
        [Token::Text(_), Token::Word("in"), Token::Word("extras")] => selection.all_extras,
        [Token::Text(name), Token::Word("in"), Token::Word("dependency_groups")] => {
            selection.all_groups || selection.default_groups.contains(&pep503(name))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::groups;
    use crate::model::Group::{Dev, Optional, Runtime};

    #[test]
    fn markers_say_what_a_package_is_for() {
        for (marker, expected) in [
            ("python_version < '3.11'", vec![Runtime]),
            ("'dev' in dependency_groups", vec![Dev]),
            ("\"default\" in dependency_groups", vec![Runtime]),
            ("'Default' in dependency_groups and os_name == 'nt'", vec![Runtime]),
            ("'x' in extras", vec![Optional]),
            ("'x' in extras or 'dev' in dependency_groups", vec![Optional, Dev]),
            ("'x' in extras and 'dev' in dependency_groups", vec![Optional]),
            ("(os_name=='nt' and 'x' in extras)or('dev'in dependency_groups)", vec![Optional, Dev]),
            ("'dev' in dependency_groups or python_version < '3'", vec![Runtime]),
            ("'dev' in dependency_groups and (python_version < '3' or os_name == 'nt')", vec![Dev]),
            ("'dev' not in dependency_groups", vec![Runtime]),
            ("no marker in dependency_groups", vec![Runtime]),
        ] {
            assert_eq!(groups(Some(marker), &["default".to_owned()]), expected, "{marker}");
        }
        assert_eq!(groups(None, &[]), [Runtime]);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(marker in "\\PC{0,20}|('a'|\"b\"| in | not in |extras|dependency_groups|and|or|\\(|\\)| |==|os_name){0,16}") {
            super::tokens(&marker);
            prop_assert!(!groups(Some(&marker), &[]).is_empty());
        }
    }
}
