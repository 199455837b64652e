//! Manifests whose ranges are resolved elsewhere, so that what they let in is not what is installed.

use std::sync::Arc;

/// What a policy says of one manifest, or of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedElsewhere {
    /// The manifest, from the folder of the policy; `*` stands for any text within a name, `**` for any folders.
    pub manifest: String,
    /// What resolves it, in the project's words.
    pub by: String,
    /// The file that says so.
    pub path: Arc<str>,
    /// Its line, counted from 1.
    pub line: u32,
}

impl ResolvedElsewhere {
    /// Whether it speaks of the file at this path, from the folder of the policy.
    #[must_use]
    pub fn speaks_of(&self, path: &str) -> bool {
        let pattern: Vec<&str> = self.manifest.trim_start_matches("./").split('/').collect();
        let path: Vec<&str> = path.split('/').collect();
        parts_match(&pattern, &path)
    }
}

/// Whether the parts of a path match those of a pattern. Tables instead of recursion: a pattern may have many `**`.
fn parts_match(pattern: &[&str], path: &[&str]) -> bool {
    matches(pattern.len(), path.len(), &|at| pattern[at] == "**", &|at, part| part_matches(pattern[at], path[part]))
}

fn part_matches(pattern: &str, part: &str) -> bool {
    let (pattern, part): (Vec<char>, Vec<char>) = (pattern.chars().collect(), part.chars().collect());
    matches(pattern.len(), part.len(), &|at| pattern[at] == '*', &|at, place| pattern[at] == part[place])
}

/// Whether a sequence matches a pattern in which some elements stand for any number of others.
fn matches(pattern: usize, length: usize, is_any: &dyn Fn(usize) -> bool, is_same: &dyn Fn(usize, usize) -> bool) -> bool {
    // Whether what was read of the pattern matches the first so many elements.
    let mut reached = vec![false; length + 1];
    reached[0] = true;
    for at in 0..pattern {
        if is_any(at) {
            for place in 1..=length {
                reached[place] |= reached[place - 1];
            }
        } else {
            for place in (1..=length).rev() {
                reached[place] = reached[place - 1] && is_same(at, place - 1);
            }
            reached[0] = false;
        }
    }
    reached[length]
}

#[cfg(test)]
mod tests {
    use super::ResolvedElsewhere;

    #[test]
    fn patterns_are_about_names_and_folders() {
        for (manifest, path, expected) in [
            ("pyproject.toml", "pyproject.toml", true),
            ("./pyproject.toml", "pyproject.toml", true),
            ("pyproject.toml", "a/pyproject.toml", false),
            ("*/pyproject.toml", "a/pyproject.toml", true),
            ("*/pyproject.toml", "a/b/pyproject.toml", false),
            ("**/pyproject.toml", "a/b/pyproject.toml", true),
            ("**/pyproject.toml", "pyproject.toml", true),
            ("services/**/requirements*.in", "services/a/b/requirements-dev.in", true),
            ("services/**/requirements*.in", "services/requirements.txt", false),
            ("*a*b*", "xaxbx", true),
            ("*a*b*", "xbxax", false),
        ] {
            let rule = ResolvedElsewhere { manifest: manifest.into(), by: "the image".into(), path: "overdue.toml".into(), line: 1 };
            assert_eq!(rule.speaks_of(path), expected, "{manifest} {path}");
        }
    }
}
