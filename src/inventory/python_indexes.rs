//! From which package indexes the packages of a Python file may come, as far as the file says so.

use std::collections::HashMap;

use crate::model::{Package, pep503};

/// How the index is called that every tool asks if nobody names another.
pub(crate) const DEFAULT: &str = "PyPI";

/// So many indexes, and bytes of their addresses, a package is given: each package of a file has a list of its own. What is
/// beyond is left out.
const MOST: usize = 50;
const MOST_BYTES: usize = 4096;

/// So many patterns of packages are heeded, one after the other for each package.
const MOST_PATTERNS: usize = 200;

/// The indexes that a file names.
#[derive(Default)]
pub(crate) struct Indexes {
    /// Addresses by their names, in lower case.
    names: HashMap<String, String>,
    /// Those that are asked for any package.
    listed: Vec<Listed>,
    /// Which are asked for a certain package, by its pep503 name.
    pins: HashMap<String, Vec<Pin>>,
    patterns: usize,
}

/// An index that is asked for any package, but for what patterns say.
struct Listed {
    address: String,
    /// The packages that come from such an index only.
    included: Vec<String>,
    /// The packages that never come from it.
    excluded: Vec<String>,
}

/// An index, by its name, that a certain package comes from.
struct Pin {
    index: String,
    is_conditional: bool,
}

impl Indexes {
    /// States what an index is called. The first of a name has it.
    pub(crate) fn name(&mut self, name: &str, address: &str) {
        if !address.is_empty() && address.len() <= MOST_BYTES {
            self.names.entry(name.to_lowercase()).or_insert_with(|| address.to_owned());
        }
    }

    /// States that an index is asked for any package.
    pub(crate) fn list(&mut self, address: &str) {
        self.list_for(address, &[], &[]);
    }

    /// States that an index is asked for any package, but for what patterns say: what is included anywhere comes from
    /// there only, and what is excluded comes from elsewhere.
    pub(crate) fn list_for(&mut self, address: &str, included: &[&str], excluded: &[&str]) {
        let address = address.trim();
        if address.is_empty() || address.len() > MOST_BYTES || self.listed.len() >= MOST {
            return;
        }
        let mut heeded = |patterns: &[&str]| -> Vec<String> {
            let left = MOST_PATTERNS - self.patterns;
            self.patterns += patterns.len().min(left);
            patterns.iter().take(left).map(|pattern| (*pattern).to_owned()).collect()
        };
        let (included, excluded) = (heeded(included), heeded(excluded));
        self.listed.push(Listed { address: address.to_owned(), included, excluded });
    }

    /// States that a package comes from the index of a name, always or under a condition.
    pub(crate) fn pin(&mut self, package: &str, index: &str, is_conditional: bool) {
        let pins = self.pins.entry(pep503(package)).or_default();
        if pins.len() < MOST {
            pins.push(Pin { index: index.to_owned(), is_conditional });
        }
    }

    /// The index of a name: its address, or the name where the file does not say which index that is.
    pub(crate) fn called(&self, name: &str) -> Vec<String> {
        let address = self.names.get(&name.to_lowercase()).map_or(name, String::as_str);
        let mut addresses = Vec::new();
        add(&mut addresses, address);
        addresses
    }

    /// The indexes that a package may come from, by its name.
    pub(crate) fn of(&self, package: &str) -> Vec<String> {
        let key = pep503(package);
        let pins = self.pins.get(&key).map(Vec::as_slice).unwrap_or_default();
        let mut addresses = Vec::new();
        for pin in pins {
            add(&mut addresses, self.names.get(&pin.index.to_lowercase()).unwrap_or(&pin.index));
        }
        // Where no condition holds, it comes from where the others do.
        if pins.iter().all(|pin| pin.is_conditional) {
            for address in self.unpinned(&key) {
                add(&mut addresses, &address);
            }
            if self.listed.is_empty() && !pins.is_empty() {
                add(&mut addresses, DEFAULT);
            }
        }
        addresses
    }

    /// The indexes that a package may come from where it is wanted from none in particular.
    pub(crate) fn unpinned(&self, package: &str) -> Vec<String> {
        let key = pep503(package);
        let is_any = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern, &key));
        let is_included = self.listed.iter().any(|listed| is_any(&listed.included));
        let mut addresses = Vec::new();
        for listed in &self.listed {
            let is_asked = if is_included { is_any(&listed.included) } else { !is_any(&listed.excluded) };
            if is_asked {
                add(&mut addresses, &listed.address);
            }
        }
        addresses
    }

    /// Completes packages whose entries name no index themselves.
    pub(crate) fn complete(&self, packages: &mut [Package]) {
        if self.listed.is_empty() && self.pins.is_empty() {
            return;
        }
        for package in packages.iter_mut().filter(|package| package.indexes.is_empty()) {
            package.indexes = self.of(&package.name);
        }
    }
}

fn add(addresses: &mut Vec<String>, address: &str) {
    let bytes: usize = addresses.iter().map(String::len).sum();
    if !address.is_empty() && bytes + address.len() <= MOST_BYTES && !addresses.iter().any(|known| known == address) {
        addresses.push(address.to_owned());
    }
}

/// Whether a pattern of a shell's is that of a name: `*` is any text, `?` any character.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut at, mut of) = (0, 0);
    // Where the last `*` stands, and how much of the name it has taken.
    let mut star: Option<(usize, usize)> = None;
    while of < name.len() {
        match (pattern.get(at), star) {
            (Some(b'*'), _) => {
                star = Some((at, of));
                at += 1;
            }
            (Some(c), _) if *c == b'?' || *c == name[of] => (at, of) = (at + 1, of + 1),
            (_, Some((back, taken))) => {
                star = Some((back, taken + 1));
                (at, of) = (back + 1, taken + 1);
            }
            _ => return false,
        }
    }
    pattern[at..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT, Indexes, MOST, MOST_BYTES, fits};

    #[test]
    fn a_package_comes_from_where_the_file_says() {
        let mut indexes = Indexes::default();
        assert_eq!(indexes.of("a"), [""; 0]);
        indexes.name("Private", "https://index.example/private");
        indexes.name("private", "https://index.example/second");
        indexes.pin("Some_Where", "private", true);
        assert_eq!(indexes.of("some.where"), ["https://index.example/private", DEFAULT]);
        for address in ["https://index.example/a", " https://index.example/a ", " ", DEFAULT] {
            indexes.list(address);
        }
        indexes.pin("here", "private", false);
        indexes.pin("here", "unknown", true);
        for (package, expected) in [
            ("any", vec!["https://index.example/a", DEFAULT]),
            ("some-where", vec!["https://index.example/private", "https://index.example/a", DEFAULT]),
            ("here", vec!["https://index.example/private", "unknown"]),
        ] {
            assert_eq!(indexes.of(package), expected, "{package}");
        }
        assert_eq!(indexes.called("PRIVATE"), ["https://index.example/private"]);
        assert_eq!(indexes.called("Other"), ["Other"]);
    }

    #[test]
    fn patterns_say_what_comes_from_an_index() {
        let mut indexes = Indexes::default();
        indexes.list_for("in", &["team-*", "x?"], &[]);
        indexes.list_for("out", &[], &["big*"]);
        for (package, expected) in [("Team.Web", vec!["in"]), ("xy", vec!["in"]), ("big-one", vec!["in"]), ("other", vec!["in", "out"])] {
            assert_eq!(indexes.of(package), expected, "{package}");
        }
        for (pattern, name, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*b*c", "axbxbc", true),
            ("a*b*c", "axbxbcd", false),
            ("*-x", "a-x-x", true),
            ("?", "", false),
            ("a", "ab", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn lists_made_to_be_large_are_cut() {
        let mut indexes = Indexes::default();
        for number in 0..100_000 {
            indexes.list_for(&format!("https://index.example/{number}"), &["a*a*a*b"; 10], &["b*"; 10]);
        }
        assert_eq!(indexes.of("a").len(), MOST);
        let mut indexes = Indexes::default();
        for number in 0..MOST {
            indexes.list(&format!("https://index.example/{}{number}", "x".repeat(500)));
            indexes.pin("a", &format!("https://index.example/{}{number}", "y".repeat(500)), true);
        }
        for package in ["a", "b"] {
            assert!((1..=MOST_BYTES).contains(&indexes.of(package).iter().map(String::len).sum()), "{package}");
        }
    }
}
