//! What is known of the environment that a project is installed in, as markers ask for it.

use crate::inventory::{pep508::marker::Operator, pep508::scanner::Scanner, pep508::specifiers};
use crate::version::{Pep440, Specifiers, Version, VersionSet, specifier::Specifier};

/// An environment of which not all may be known.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// The version of Python.
    pub python_version: Option<PythonVersion>,
    /// The operating system.
    pub platform: Option<Platform>,
}

/// A version of Python, with or without its patch level.
#[derive(Clone, Debug)]
pub struct PythonVersion {
    /// The first two segments, as `python_version` has them.
    short: String,
    /// All of it, as `python_full_version` has it, if it was given.
    full: Option<String>,
    /// The versions that it may be.
    possible: VersionSet,
}

/// An operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Linux.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

/// A variable of markers. Old spellings (`os.name`, `python_implementation`) are the same variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variable {
    /// `python_version`.
    PythonVersion,
    /// `python_full_version`.
    PythonFullVersion,
    /// `os_name`.
    OsName,
    /// `sys_platform`.
    SysPlatform,
    /// `platform_system`.
    PlatformSystem,
    /// What no option tells: the machine, the implementation, extras, dependency groups, ...
    Untold,
}

/// The names of variables.
const NAMES: [(&str, Variable); 20] = [
    ("python_version", Variable::PythonVersion),
    ("python_full_version", Variable::PythonFullVersion),
    ("os_name", Variable::OsName),
    ("os.name", Variable::OsName),
    ("sys_platform", Variable::SysPlatform),
    ("sys.platform", Variable::SysPlatform),
    ("platform_system", Variable::PlatformSystem),
    ("platform_release", Variable::Untold),
    ("platform_version", Variable::Untold),
    ("platform.version", Variable::Untold),
    ("platform_machine", Variable::Untold),
    ("platform.machine", Variable::Untold),
    ("platform_python_implementation", Variable::Untold),
    ("platform.python_implementation", Variable::Untold),
    ("python_implementation", Variable::Untold),
    ("implementation_name", Variable::Untold),
    ("implementation_version", Variable::Untold),
    ("extra", Variable::Untold),
    // Sets, in lockfiles (PEP 751).
    ("extras", Variable::Untold),
    ("dependency_groups", Variable::Untold),
];

impl Variable {
    /// The variable that comes next, if one does.
    pub(crate) fn take(scanner: &mut Scanner<'_>) -> Option<Self> {
        NAMES.iter().find(|(name, _)| scanner.take_word(name)).map(|(_, variable)| *variable)
    }

    /// Whether it is compared as a version.
    fn is_version(self) -> bool {
        matches!(self, Self::PythonVersion | Self::PythonFullVersion)
    }
}

impl PythonVersion {
    /// Reads a version: `3.11`, which is any release 3.11.x, or `3.11.4`. `None` where it is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Pep440::parse(text).ok()?;
        let mut segments = text.splitn(3, '.');
        let (major, minor, patch) = (segments.next()?, segments.next()?, segments.next());
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(major) || !is_number(minor) {
            return None;
        }
        let short = format!("{major}.{minor}");
        let possible = match patch {
            Some(_) => format!("==={text}"),
            None => format!(">={short},<{major}.{}", minor.parse::<u64>().ok()?.checked_add(1)?),
        };
        let possible = Specifiers::parse(&possible).ok()?.admissions().first()?.set.clone();
        Some(Self { short, full: patch.map(|_| text.to_owned()), possible })
    }
}

impl Platform {
    /// The platform of this name: `linux`, `macos` or `windows`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "linux" => Some(Self::Linux),
            "macos" => Some(Self::MacOs),
            "windows" => Some(Self::Windows),
            _ => None,
        }
    }

    fn value(self, variable: Variable) -> Option<&'static str> {
        let values = match self {
            Self::Linux => ["posix", "linux", "Linux"],
            Self::MacOs => ["posix", "darwin", "Darwin"],
            Self::Windows => ["nt", "win32", "Windows"],
        };
        let at = match variable {
            Variable::OsName => 0,
            Variable::SysPlatform => 1,
            Variable::PlatformSystem => 2,
            Variable::PythonVersion | Variable::PythonFullVersion | Variable::Untold => return None,
        };
        Some(values[at])
    }
}

impl Environment {
    /// `variable operator "text"`; `None` where what is known does not tell.
    pub(crate) fn compare(&self, variable: Variable, operator: Operator, text: &str) -> Option<bool> {
        match (self.value(variable), &self.python_version) {
            (Some(value), _) => compare(&value, operator, text, variable.is_version()),
            (None, Some(python)) if variable == Variable::PythonFullVersion => python.compare(operator, text),
            _ => None,
        }
    }

    /// `"text" operator variable`.
    pub(crate) fn compare_reversed(&self, text: &str, operator: Operator, variable: Variable) -> Option<bool> {
        match (self.value(variable), &self.python_version) {
            (Some(value), _) => compare(text, operator, &value, variable.is_version()),
            // Turned around it means the same for what is plainly a release.
            (None, Some(python)) if variable == Variable::PythonFullVersion && is_plain_release(text) => {
                python.compare(operator.turned()?, text)
            }
            _ => None,
        }
    }

    /// The value of a variable, if it is known.
    fn value(&self, variable: Variable) -> Option<String> {
        match variable {
            Variable::PythonVersion => self.python_version.as_ref().map(|python| python.short.clone()),
            Variable::PythonFullVersion => self.python_version.as_ref().and_then(|python| python.full.clone()),
            _ => self.platform.and_then(|platform| platform.value(variable)).map(str::to_owned),
        }
    }
}

impl PythonVersion {
    /// Compares a full version of which only the beginning is known: by the set of all that it may be.
    fn compare(&self, operator: Operator, text: &str) -> Option<bool> {
        let Side::Version(specifier) = side(operator, text) else { return None };
        let meant = specifier.set();
        if self.possible.intersection(&meant).spans().is_empty() {
            Some(false)
        } else if operator != Operator::Arbitrary && self.possible.difference(&meant).spans().is_empty() {
            Some(true)
        } else {
            None
        }
    }
}

/// What the right side of a comparison of versions is.
enum Side {
    Version(Box<Specifier>),
    Text,
    /// Neither for sure: `packaging` would read something else into it than stands there, or its numbers are too large.
    Unsure,
}

fn side(operator: Operator, text: &str) -> Side {
    let Some(sign) = operator.sign() else { return Side::Text };
    let is_long = |text: &str| text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() > 15);
    if text.starts_with(['=', '<', '>', '!', '~']) || is_long(text) {
        return Side::Unsure;
    }
    specifiers::one(&format!("{sign}{text}")).map_or(Side::Text, |specifier| Side::Version(Box::new(specifier)))
}

fn compare(left: &str, operator: Operator, right: &str, as_versions: bool) -> Option<bool> {
    if as_versions {
        match side(operator, right) {
            Side::Version(_) if operator == Operator::Arbitrary => return Some(left.eq_ignore_ascii_case(right.trim())),
            // A text that is no version satisfies no specifier.
            Side::Version(specifier) => return Some(Pep440::parse(left).is_ok_and(|left| specifier.set().contains(&left))),
            Side::Unsure => return None,
            Side::Text => {}
        }
    }
    match operator {
        Operator::Equal | Operator::AtMost | Operator::AtLeast => Some(left == right),
        Operator::NotEqual => Some(left != right),
        Operator::Below | Operator::Above => Some(false),
        Operator::In => Some(right.contains(left)),
        Operator::NotIn => Some(!right.contains(left)),
        // Of texts they mean nothing.
        Operator::Compatible | Operator::Arbitrary => None,
    }
}

fn is_plain_release(text: &str) -> bool {
    text.split('.').all(|segment| !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Operator {
    /// The operator of version specifiers that it is.
    fn sign(self) -> Option<&'static str> {
        match self {
            Self::Arbitrary => Some("==="),
            Self::Equal => Some("=="),
            Self::Compatible => Some("~="),
            Self::NotEqual => Some("!="),
            Self::AtMost => Some("<="),
            Self::AtLeast => Some(">="),
            Self::Below => Some("<"),
            Self::Above => Some(">"),
            Self::In | Self::NotIn => None,
        }
    }

    /// The operator that says the same when the sides are swapped.
    fn turned(self) -> Option<Self> {
        match self {
            Self::Equal | Self::NotEqual => Some(self),
            Self::AtMost => Some(Self::AtLeast),
            Self::AtLeast => Some(Self::AtMost),
            Self::Below => Some(Self::Above),
            Self::Above => Some(Self::Below),
            Self::Arbitrary | Self::Compatible | Self::In | Self::NotIn => None,
        }
    }
}
