//! Environment markers, by [PEP 508](https://peps.python.org/pep-0508/#environment-markers):
//! `python_version < "3.11" and sys_platform != "win32"`.
//!
//! Whoever scans a project seldom knows all of the environment that it will be installed in. So a marker is true,
//! false or unknown, and unknown is never a reason to leave a package out.

use crate::inventory::{
    lines,
    pep508::environment::{Environment, Variable},
    pep508::literal::{self as python_literal, Literal},
    pep508::scanner::Scanner,
};

/// A marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    root: Expression,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Expression {
    Comparison(Comparison),
    /// `and`.
    All(Vec<Expression>),
    /// `or`.
    Any(Vec<Expression>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Comparison {
    left: Operand,
    operator: Operator,
    right: Operand,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operand {
    Variable(Variable),
    Text(String),
    /// A text that cannot be told here: see [`Literal::Unspeakable`].
    Unspeakable,
}

/// What two operands are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `===`.
    Arbitrary,
    /// `==`.
    Equal,
    /// `~=`.
    Compatible,
    /// `!=`.
    NotEqual,
    /// `<=`.
    AtMost,
    /// `>=`.
    AtLeast,
    /// `<`.
    Below,
    /// `>`.
    Above,
    /// `in`: part of the other text.
    In,
    /// `not in`.
    NotIn,
}

/// Longer ones before their beginnings.
const OPERATORS: [(&str, Operator); 8] = [
    ("===", Operator::Arbitrary),
    ("==", Operator::Equal),
    ("~=", Operator::Compatible),
    ("!=", Operator::NotEqual),
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("<", Operator::Below),
    (">", Operator::Above),
];

/// Text that is no marker.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at {}: {cause}", if excerpt.is_empty() { "its end".to_owned() } else { format!("`{excerpt}`") })]
pub struct InvalidMarker {
    /// Where, in bytes from the beginning of the marker.
    pub at: usize,
    /// What stands there.
    pub excerpt: String,
    /// What is wrong with it.
    pub cause: String,
}

/// How deep parentheses may be nested. PyPI's `packaging` has the same bound.
const DEEPEST: usize = 200;

impl Marker {
    /// Reads a marker.
    ///
    /// # Errors
    /// Where and why it is none.
    pub fn parse(text: &str) -> Result<Self, InvalidMarker> {
        let mut scanner = Scanner::new(text);
        let fault = |(at, cause): (usize, String)| {
            let excerpt = lines::shorten(text[at..].split_inclusive([' ', '\t']).take(3).collect::<String>().trim_end());
            InvalidMarker { at, excerpt, cause }
        };
        let root = expression(&mut scanner, 0).map_err(fault)?;
        if scanner.is_done() { Ok(Self { root }) } else { Err(fault((scanner.at, "`and` or `or` is expected".to_owned()))) }
    }

    /// Whether it holds in an environment of which not all may be known; `None` if what is known does not tell.
    #[must_use]
    pub fn evaluate(&self, environment: &Environment) -> Option<bool> {
        self.root.evaluate(environment)
    }
}

impl Expression {
    /// By Kleene's logic of three values.
    fn evaluate(&self, environment: &Environment) -> Option<bool> {
        let fold = |parts: &[Self], decides: bool| {
            let mut all_known = true;
            for part in parts {
                match part.evaluate(environment) {
                    Some(value) if value == decides => return Some(decides),
                    Some(_) => {}
                    None => all_known = false,
                }
            }
            all_known.then_some(!decides)
        };
        match self {
            Self::Comparison(Comparison { left, operator, right }) => match (left, right) {
                (Operand::Variable(variable), Operand::Text(text)) => environment.compare(*variable, *operator, text),
                (Operand::Text(text), Operand::Variable(variable)) => environment.compare_reversed(text, *operator, *variable),
                // Two variables, or none: PEP 508 does not say what that means.
                _ => None,
            },
            Self::All(parts) => fold(parts, false),
            Self::Any(parts) => fold(parts, true),
        }
    }
}

type Read<T> = Result<T, (usize, String)>;

fn expression(scanner: &mut Scanner<'_>, depth: usize) -> Read<Expression> {
    let mut alternatives = Vec::new();
    let mut conjunction = vec![atom(scanner, depth)?];
    loop {
        if scanner.take_word("and") {
            conjunction.push(atom(scanner, depth)?);
        } else if scanner.take_word("or") {
            alternatives.push(all(std::mem::take(&mut conjunction)));
            conjunction.push(atom(scanner, depth)?);
        } else {
            break;
        }
    }
    alternatives.push(all(conjunction));
    Ok(if alternatives.len() == 1 { alternatives.remove(0) } else { Expression::Any(alternatives) })
}

fn all(mut parts: Vec<Expression>) -> Expression {
    if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) }
}

fn atom(scanner: &mut Scanner<'_>, depth: usize) -> Read<Expression> {
    scanner.blanks();
    let opened = scanner.at;
    let read = if scanner.take("(") {
        if depth >= DEEPEST {
            return Err((opened, format!("more than {DEEPEST} parentheses in each other")));
        }
        let inner = expression(scanner, depth + 1)?;
        if !scanner.take(")") {
            return Err((scanner.at, "`and`, `or` or a closing parenthesis is expected".to_owned()));
        }
        inner
    } else {
        comparison(scanner)?
    };
    scanner.blanks();
    Ok(read)
}

fn comparison(scanner: &mut Scanner<'_>) -> Read<Expression> {
    let left = operand(scanner)?;
    scanner.blanks();
    let operator = operator(scanner)?;
    scanner.blanks();
    let right = operand(scanner)?;
    Ok(Expression::Comparison(Comparison { left, operator, right }))
}

fn operator(scanner: &mut Scanner<'_>) -> Read<Operator> {
    if scanner.take_word("in") {
        return Ok(Operator::In);
    }
    if scanner.take_word("not") {
        let before = scanner.at;
        scanner.blanks();
        return if scanner.at > before && scanner.take_word("in") {
            Ok(Operator::NotIn)
        } else {
            Err((before, "`in` is expected after `not`".to_owned()))
        };
    }
    let known = OPERATORS.iter().find(|(text, _)| scanner.take(text));
    known.map(|(_, operator)| *operator).ok_or_else(|| {
        let cause =
            if scanner.rest().starts_with('=') { "`=` compares nothing; write `==`" } else { "an operator is expected, as ==, <, in" };
        (scanner.at, cause.to_owned())
    })
}

fn operand(scanner: &mut Scanner<'_>) -> Read<Operand> {
    let at = scanner.at;
    if let Some(variable) = Variable::take(scanner) {
        return Ok(Operand::Variable(variable));
    }
    let rest = scanner.rest();
    let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
        let word = rest.split(|c: char| !c.is_alphanumeric() && !"._*+-".contains(c)).next().unwrap_or_default();
        let cause = if word.is_empty() {
            "a variable or a text in quotes is expected".to_owned()
        } else {
            format!("`{}` is no variable of markers; a text needs quotes", lines::shorten(word))
        };
        return Err((at, cause));
    };
    let Some(end) = rest[1..].find(quote) else { return Err((at, "the quote is never closed".to_owned())) };
    scanner.at += end + 2;
    match python_literal::unescaped(&rest[1..=end]) {
        Some(Literal::Text(text)) => Ok(Operand::Text(text)),
        Some(Literal::Unspeakable) => Ok(Operand::Unspeakable),
        None => Err((at, "Python cannot read the text in quotes".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Marker;
    use crate::inventory::pep508::environment::{Environment, Platform, PythonVersion};

    fn evaluate(marker: &str, python: &str, platform: &str) -> Option<bool> {
        let environment = Environment { python_version: PythonVersion::parse(python), platform: Platform::parse(platform) };
        Marker::parse(marker).expect(marker).evaluate(&environment)
    }

    #[test]
    fn what_is_not_known_does_not_decide() {
        for (marker, python, platform, expected) in [
            ("python_version < '3.9'", "3.11", "", Some(false)),
            ("python_version < '3.9'", "", "linux", None),
            ("python_full_version < '3.12'", "3.11", "", Some(true)),
            ("python_full_version < '3.11.4'", "3.11", "", None),
            ("python_full_version < '3.11.4'", "3.11.3", "", Some(true)),
            ("python_full_version >= '3.11'", "3.11", "", Some(true)),
            ("'3.11' <= python_full_version", "3.11", "", Some(true)),
            ("python_full_version == '3.11.*'", "3.11", "", Some(true)),
            ("python_version in '3.10 3.11'", "3.11.2", "", Some(true)),
            ("python_version == '3.11' and extra == 'x'", "3.11", "", None),
            ("python_version == '3.10' and extra == 'x'", "3.11", "", Some(false)),
            ("python_version == '3.11' or extra == 'x'", "3.11", "", Some(true)),
            ("sys_platform == 'win32' or os.name == 'nt'", "", "linux", Some(false)),
            ("(sys_platform == 'win32' or platform_machine == 'arm64') and os_name == 'nt'", "", "macos", Some(false)),
            ("platform_system == 'Windows' and 'win' in sys_platform", "", "windows", Some(true)),
            ("implementation_name == 'cpython'", "3.11", "linux", None),
            ("'dev' in dependency_groups", "3.11", "linux", None),
            ("os_name == sys_platform", "3.11", "linux", None),
        ] {
            assert_eq!(evaluate(marker, python, platform), expected, "{marker} with {python:?} on {platform:?}");
        }
    }

    #[test]
    fn versions_of_python_are_told_from_other_text() {
        for text in ["3", "3.x", "", "3.11.", "latest", ">=3.11", "3.11rc1"] {
            assert!(PythonVersion::parse(text).is_none(), "{text}");
        }
        assert!(PythonVersion::parse("3.13.0rc1").is_some());
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| format!("{}os_name == 'x'{}", "(".repeat(depth), ")".repeat(depth));
        assert!(Marker::parse(&nested(200)).is_ok());
        let error = Marker::parse(&nested(100_000)).expect_err("too deep");
        assert!(error.cause.contains("200"), "{error}");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,20}|(python_full_version|os_name|extra|'3\\.1'|'|\"|\\(|\\)|and|or|not|in|[<>=!~]| |\\\\|é){0,24}") {
            let environment = Environment { python_version: PythonVersion::parse("3.11"), platform: Some(Platform::Linux) };
            match Marker::parse(&text) {
                Ok(marker) => drop(marker.evaluate(&environment)),
                Err(error) => prop_assert!(error.at <= text.len() && !error.to_string().is_empty()),
            }
        }
    }
}
