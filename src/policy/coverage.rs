//! Which versions a row about supported versions is about: `1.x`, `< 2.0`, `>= 3.21`, `1.0 - 1.4`, `latest`.

/// A version as numbers, without `v` before it and what stands behind them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Numbers(Vec<u64>);

impl Numbers {
    /// Reads a version or a tag: `v1.2.3`, `release-1.2`, `1.2.3-rc.1`. `None` where it has no numbers.
    #[must_use]
    pub fn of(version: &str) -> Option<Self> {
        let start = version.find(|c: char| c.is_ascii_digit())?;
        let numbers = &version[start..];
        let end = numbers.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(numbers.len());
        let parts: Option<Vec<u64>> = numbers[..end].split('.').filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect();
        parts.filter(|parts| !parts.is_empty()).map(Self)
    }

    /// Whether a tag or version is one before a release: `1.2.3-rc.1`, `2.0b1`.
    #[must_use]
    pub fn is_preliminary(version: &str) -> bool {
        let Some(start) = version.find(|c: char| c.is_ascii_digit()) else { return false };
        let rest = version[start..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').to_ascii_lowercase();
        ["a", "b", "rc", "alpha", "beta", "pre", "dev", "snapshot"]
            .iter()
            .any(|word| rest.trim_start_matches(['-', '.', '_']).starts_with(word))
    }

    /// Whether a tag is that of a release: a version and nothing else, `v1.2.3` or `1.2`.
    #[must_use]
    pub fn is_release(tag: &str) -> bool {
        let plain = ["release-", "release/", "rel-"].iter().find_map(|word| tag.strip_prefix(word)).unwrap_or(tag);
        let version = plain.strip_prefix(['v', 'V']).unwrap_or(plain);
        // Build metadata is no version of its own.
        let version = version.split('+').next().unwrap_or(version);
        let is_version = version.contains('.') && version.starts_with(|c: char| c.is_ascii_digit());
        is_version && !Self::is_preliminary(version) && version.chars().all(|c| c.is_ascii_digit() || c == '.')
    }

    /// The first of them.
    #[must_use]
    pub fn major(&self) -> u64 {
        self.0.first().copied().unwrap_or_default()
    }

    fn cmp_padded(&self, other: &Self) -> std::cmp::Ordering {
        let length = self.0.len().max(other.0.len());
        let padded = |numbers: &[u64]| (0..length).map(|at| numbers.get(at).copied().unwrap_or(0)).collect::<Vec<_>>();
        padded(&self.0).cmp(&padded(&other.0))
    }

    fn starts_with(&self, prefix: &Self) -> bool {
        prefix.0.iter().enumerate().all(|(at, number)| self.0.get(at).copied().unwrap_or(0) == *number)
    }
}

/// What a cell names beside each other.
fn parts(text: &str) -> Vec<&str> {
    let beside = text.split([',', '/', '|']).flat_map(|part| part.split(" and ")).flat_map(|part| part.split(" or "));
    beside.map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// The lines of releases that a row names one by one: `1.x` and `2.x` of `1.x, 2.x`; the row itself where it names one, or
/// bounds.
#[must_use]
pub fn alternatives(pattern: &str) -> Vec<String> {
    let parts = parts(pattern.split('(').next().unwrap_or_default());
    let is_line = |part: &&str| one(&part.to_lowercase(), &Numbers(vec![0])).is_some() && !part.starts_with(['<', '>', '≥', '≤']);
    if parts.len() > 1 && parts.iter().all(is_line) { parts.into_iter().map(str::to_owned).collect() } else { vec![pattern.to_owned()] }
}

/// Whether a row is about a version; `None` where that cannot be told.
#[must_use]
pub fn covers(pattern: &str, version: &Numbers) -> Option<bool> {
    let text = pattern.trim().to_lowercase().replace('≥', ">=").replace('≤', "<=").replace(['–', '—'], "-");
    // "5.2 (LTS)": what is in parentheses explains.
    let text = text.split('(').next().unwrap_or_default().trim();
    // "1.x (except 1.9)" is about less than it seems to be.
    let limits = ["except", "excluding", "without", "but", "not"];
    if pattern.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| limits.contains(&word)) {
        return None;
    }
    // Requirements of package managers mean other things to each of them.
    if text.is_empty() || text.starts_with(['^', '~']) {
        return None;
    }
    // Several in one cell: any of them, but for bounds, which hold together.
    let is_open = ["later", "newer", "above", "below", "older", "earlier"].iter().any(|word| text.ends_with(word));
    if is_open {
        return one(text, version);
    }
    let any = text.contains(" or ") || text.contains('|');
    let parts = parts(text);
    if parts.len() > 1 {
        let each: Option<Vec<bool>> = parts.iter().map(|part| one(part, version)).collect();
        let bounds = !any && parts.iter().all(|part| part.starts_with(['<', '>']));
        return each.map(|each| if bounds { each.iter().all(|is| *is) } else { each.iter().any(|is| *is) });
    }
    one(text, version)
}

fn one(text: &str, version: &Numbers) -> Option<bool> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    for (sign, accepted) in [("<=", &[Less, Equal][..]), (">=", &[Greater, Equal]), ("<", &[Less]), (">", &[Greater])] {
        if let Some(bound) = text.strip_prefix(sign) {
            let (numbers, open) = numbers(bound.trim())?;
            // "<= 1.x" and "> 1.x" count all of 1.x in and out.
            if open > 0 && version.starts_with(&numbers) {
                return Some(matches!(sign, "<=" | ">="));
            }
            return Some(accepted.contains(&version.cmp_padded(&numbers)));
        }
    }
    // "1.0 - 1.4", "1.0 to 1.4"
    if let Some((low, high)) = text.split_once(" - ").or_else(|| text.split_once(" to ")) {
        let ((low, _), (high, _)) = (numbers(low.trim())?, numbers(high.trim())?);
        return Some(version.cmp_padded(&low).is_ge() && (version.cmp_padded(&high).is_le() || version.starts_with(&high)));
    }
    for (word, above) in [
        ("and above", true),
        ("and later", true),
        ("and newer", true),
        ("or later", true),
        ("or newer", true),
        ("+", true),
        ("and below", false),
        ("and older", false),
        ("or older", false),
        ("and earlier", false),
    ] {
        if let Some(bound) = text.strip_suffix(word) {
            let (numbers, _) = numbers(bound.trim())?;
            let order = version.cmp_padded(&numbers);
            return Some(if above { order.is_ge() } else { order.is_le() || version.starts_with(&numbers) });
        }
    }
    let (prefix, _) = numbers(text)?;
    Some(version.starts_with(&prefix))
}

/// The numbers of `v1.2`, `1.2.x`, `1.*`, with how many places are open; `None` for anything else.
fn numbers(text: &str) -> Option<(Numbers, usize)> {
    let text = text.trim_start_matches("version ").trim_start_matches(['v', '^', '~', '=']).trim();
    let mut parts = Vec::new();
    let mut open = 0;
    for part in text.split('.') {
        match part {
            "x" | "*" | "y" | "z" | "n" => open += 1,
            part if open == 0 => parts.push(part.parse().ok()?),
            _ => return None,
        }
    }
    (!parts.is_empty()).then_some((Numbers(parts), open))
}

#[cfg(test)]
mod tests {
    use super::{Numbers, alternatives, covers};

    #[test]
    fn rows_are_about_versions() {
        for (pattern, version, expected) in [
            ("1.x", "1.4.2", Some(true)),
            ("1.x.x", "1.4.2", Some(true)),
            ("1.0.x", "1.1.0", Some(false)),
            ("v2", "2.5", Some(true)),
            ("2.1", "2.10.0", Some(false)),
            ("< 1.0", "0.9", Some(true)),
            ("< 1.0", "1.0.0", Some(false)),
            ("<= 1.x", "1.9", Some(true)),
            ("> 1.x", "1.9", Some(false)),
            ("≥ 3.21", "3.22", Some(true)),
            (">= 1.0, < 2.0", "2.0", Some(false)),
            ("1.0 – 1.4", "1.4.7", Some(true)),
            ("1.2+", "1.3", Some(true)),
            ("1.x, 2.x", "2.0", Some(true)),
            ("5.2 (LTS)", "5.2.1", Some(true)),
            ("2.0 and later", "3.0", Some(true)),
            ("latest", "1.0", None),
            ("^2.1", "2.7", None),
            ("main", "1.0", None),
            ("n-2", "1.0", None),
            ("1.x and 2.x", "2.1", Some(true)),
            ("1.x (except 1.9)", "1.8", None),
        ] {
            assert_eq!(covers(pattern, &Numbers::of(version).expect("numbers")), expected, "{pattern} {version}");
        }
    }

    #[test]
    fn rows_name_lines_one_by_one() {
        for (pattern, expected) in [
            ("1.x, 2.x", &["1.x", "2.x"][..]),
            ("1.x and 2.x", &["1.x", "2.x"]),
            ("v1 / v2 (LTS)", &["v1", "v2"]),
            (">= 1.0, < 2.0", &[">= 1.0, < 2.0"]),
            ("2.0 and later", &["2.0 and later"]),
            ("1.x", &["1.x"]),
            ("latest", &["latest"]),
        ] {
            assert_eq!(alternatives(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn tags_are_versions() {
        let of = |tag: &str| Numbers::of(tag).map(|numbers| numbers.0);
        assert_eq!(
            [of("v1.2.3"), of("release-2.0"), of("1.0.0-rc.1"), of("nightly")],
            [Some(vec![1, 2, 3]), Some(vec![2, 0]), Some(vec![1, 0, 0]), None]
        );
        assert!(Numbers::is_preliminary("1.0.0-rc.1") && Numbers::is_preliminary("2.0b1") && !Numbers::is_preliminary("v1.0.0"));
        assert!(Numbers::is_release("release-1.2.0") && Numbers::is_release("v1.6.0+build.5"));
        assert!(Numbers::is_release("v1.2.0") && !Numbers::is_release("nightly-20240101") && !Numbers::is_release("2.0.0-rc.1"));
    }
}
