//! Poetry's notation of version constraints, turned into the specifiers of PEP 440: `^1.2` is `>=1.2,<2.0`.
//!
//! Poetry has carets, tildes, wildcards, bare versions (which mean that very version), lists by comma or blank, and
//! unions by `|` or `||`. What is meant was compared with poetry-core: `fixtures/requirements/poetry.tsv`.

use crate::{
    inventory::lines,
    version::{Pep440, Specifiers, Version},
};

/// More clauses than anybody writes.
const MOST: usize = 500;

/// Reads a constraint.
///
/// # Errors
/// A sentence about what is wrong.
pub(crate) fn parse(text: &str) -> Result<Specifiers, String> {
    let wrong = |cause: String| format!("`{}` is no constraint of Poetry's: {cause}", lines::shorten(text));
    if text.trim().is_empty() {
        return Err("its constraint is empty; write \"*\" for any version".to_owned());
    }
    if text.split([',', '|', ' ']).nth(MOST).is_some() {
        return Err(wrong(format!("more than {MOST} clauses")));
    }
    let mut alternatives = Vec::new();
    for alternative in text.replace("||", "|").split('|') {
        let alternative = alternative.trim().trim_end_matches(',').trim();
        if alternative.is_empty() {
            return Err(wrong("nothing stands where a version belongs".to_owned()));
        }
        let clauses = clauses(alternative).iter().map(|clause| specifiers(clause)).collect::<Result<Vec<_>, _>>().map_err(wrong)?;
        let clauses: Vec<String> = clauses.into_iter().filter(|clause| !clause.is_empty()).collect();
        // An alternative that lets everything in makes the others idle.
        if clauses.is_empty() {
            return Specifiers::parse("").map_err(|error| wrong(error.to_string()));
        }
        alternatives.push(clauses.join(","));
    }
    Specifiers::parse(&alternatives.join(" || ")).map_err(|error| wrong(error.cause))
}

/// The clauses of a list by comma or blank. An operator may stand apart from its version.
fn clauses(list: &str) -> Vec<String> {
    let mut clauses: Vec<String> = Vec::new();
    for word in list.split(',').flat_map(str::split_whitespace) {
        match clauses.last_mut().filter(|last| last.chars().all(is_operator)) {
            Some(operator) => operator.push_str(word),
            None => clauses.push(word.to_owned()),
        }
    }
    clauses
}

fn is_operator(c: char) -> bool {
    "^~=<>!".contains(c)
}

/// One clause as specifiers of PEP 440; empty if it lets everything in.
fn specifiers(clause: &str) -> Result<String, String> {
    if clause.trim_start_matches(['v', 'V']).split('.').all(|part| matches!(part, "*" | "x" | "X")) {
        return Ok(String::new());
    }
    let (operator, version) = clause.split_at(clause.find(|c| !is_operator(c)).unwrap_or(clause.len()));
    let prefix = version.trim_end_matches(".*");
    let has_wildcard = prefix.len() < version.len();
    match operator {
        "" | "=" | "==" | "!=" => {
            let operator = if operator == "!=" { "!=" } else { "==" };
            Ok(format!("{operator}{prefix}{}", if has_wildcard { ".*" } else { "" }))
        }
        "===" => Ok(clause.to_owned()),
        // Poetry reads `>=1.*` as `>=1`.
        "<" | "<=" | ">" | ">=" => Ok(format!("{operator}{}", Bound::parse(prefix)?.text)),
        "^" | "~" | "~=" if has_wildcard => Err(format!("`.*` cannot follow `{operator}`")),
        "^" => Bound::parse(version).map(|bound| bound.up_to(bound.breaking())),
        "~" => Bound::parse(version).map(|bound| bound.up_to(bound.release.len().min(2) - 1)),
        // `~=1` is no specifier of PEP 440.
        "~=" => {
            let bound = Bound::parse(version)?;
            Ok(bound.up_to(bound.release.len().saturating_sub(2)))
        }
        _ => Err(format!("`{operator}` is no operator")),
    }
}

/// A version that something is measured from, in its parts.
struct Bound {
    /// Normalised, without a local part: there is no order among builds.
    text: String,
    /// With its `!`; empty if there is none.
    epoch: String,
    /// At least one segment.
    release: Vec<u64>,
}

impl Bound {
    fn parse(text: &str) -> Result<Self, String> {
        let version = Pep440::parse(text).map_err(|error| error.to_string())?.to_string();
        let text = version.split('+').next().unwrap_or_default().to_owned();
        let at = text.find('!').map_or(0, |at| at + 1);
        let (epoch, rest) = text.split_at(at);
        let digits = rest.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default();
        let release: Vec<u64> = digits.split('.').filter(|part| !part.is_empty()).filter_map(|part| part.parse().ok()).collect();
        if release.is_empty() {
            return Err("it has no numbers".to_owned());
        }
        Ok(Self { epoch: epoch.to_owned(), release, text })
    }

    /// The segment whose growth may break things: the first that is not zero, of the first three.
    fn breaking(&self) -> usize {
        let last = self.release.len().min(3) - 1;
        self.release.iter().take(last).position(|segment| *segment != 0).unwrap_or(last)
    }

    /// From this version on, as long as no segment up to this one grows.
    fn up_to(&self, segment: usize) -> String {
        let grown = |(at, number): (usize, &u64)| match at.cmp(&segment) {
            std::cmp::Ordering::Less => *number,
            std::cmp::Ordering::Equal => number.saturating_add(1),
            std::cmp::Ordering::Greater => 0,
        };
        let end: Vec<String> = self.release.iter().enumerate().map(grown).map(|number| number.to_string()).collect();
        format!(">={},<{}{}", self.text, self.epoch, end.join("."))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::parse;
    use crate::version::{Pep440, Version};

    #[test]
    fn constraints_are_specifiers_of_pep_440() {
        for (constraint, expected) in [
            ("*", ""),
            ("^1.2.3", ">=1.2.3,<2.0.0"),
            ("^1.2", ">=1.2,<2.0"),
            ("^1", ">=1,<2"),
            ("^0.2.3", ">=0.2.3,<0.3.0"),
            ("^0.0.3", ">=0.0.3,<0.0.4"),
            ("^0.0", ">=0.0,<0.1"),
            ("^0", ">=0,<1"),
            ("^0.0.0.4", ">=0.0.0.4,<0.0.1.0"),
            ("^1.2.3b1", ">=1.2.3b1,<2.0.0"),
            ("^1!1.2", ">=1!1.2,<1!2.0"),
            ("~1.2.3", ">=1.2.3,<1.3.0"),
            ("~1.2", ">=1.2,<1.3"),
            ("~1", ">=1,<2"),
            ("~=1", ">=1,<2"),
            ("~=1.2.3", ">=1.2.3,<1.3.0"),
            ("1.2", "==1.2"),
            ("=1.2", "==1.2"),
            ("1.2.*", "==1.2.*"),
            ("== 1.*", "==1.*"),
            ("!=1.2.*", "!=1.2.*"),
            (">= 1.2, < 2", ">=1.2,<2"),
            (">=1.2 <2 !=1.5", ">=1.2,<2,!=1.5"),
            ("^1.2 || ^3.0", ">=1.2,<2.0 || >=3.0,<4.0"),
            ("1.0 | 2.0,", "==1.0 || ==2.0"),
            ("^1 || *", ""),
            (">=1.*", ">=1"),
            ("==1.0+cu118", "==1.0+cu118"),
            (">=1.0+cu118", ">=1.0"),
        ] {
            assert_eq!(parse(constraint).map(|s| s.to_string()), Ok(expected.to_owned()), "{constraint}");
        }
        for constraint in ["", "^", "^1.*", "1 ||", "latest", "^one", "<>1", "1.2.*.3", "=>1"] {
            assert!(parse(constraint).is_err(), "{constraint}");
        }
    }

    /// Poetry's own judgement. `fixtures/requirements/poetry_oracle.py` makes the table.
    #[test]
    fn what_poetry_lets_in_is_let_in() {
        let table = include_str!("../../../fixtures/requirements/poetry.tsv");
        let mut rows = table.lines().filter(|line| !line.starts_with('#'));
        let probes: Vec<&str> = rows.next().expect("the versions").split(' ').collect();
        let mut count = 0;
        for row in rows {
            let (constraint, allowed) = row.split_once('\t').expect("two columns");
            let specifiers = parse(constraint).expect("a constraint");
            let contains = |probe: &&&str| {
                let version = Pep440::parse(probe).expect("a version");
                specifiers.admissions().iter().any(|admission| admission.set.contains(&version))
            };
            let ours: Vec<&str> = probes.iter().filter(contains).copied().collect();
            assert_eq!(ours.join(" "), allowed, "{constraint} as {specifiers}");
            count += 1;
        }
        assert!(count >= 60, "{count} constraints");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[\\^~=<>!|, .*vx0-9a-z+é-]{0,24}", any in ".*") {
            let _ = (parse(&text), parse(&any));
        }

        #[test]
        fn a_caret_lets_in_its_own_version(version in "([0-3]!)?[0-3](\\.[0-3]){0,4}((a|rc)[0-3])?") {
            for operator in ["^", "~"] {
                let specifiers = parse(&format!("{operator}{version}")).expect("a constraint");
                prop_assert!(specifiers.admissions()[0].set.contains(&Pep440::parse(&version).expect("a version")));
            }
        }
    }
}
