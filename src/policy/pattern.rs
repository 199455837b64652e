//! Patterns of paths, as a policy names files and folders: `*` stands for any text within a name, `**` for any folders.

/// Whether a pattern is that of a path, both with `/` between their parts.
#[must_use]
pub fn is_of(pattern: &str, path: &str) -> bool {
    parts_match(&parts(pattern), &parts(path))
}

/// Whether a pattern is that of a path, or of a folder that it is in; the empty pattern and `.` are that of all.
#[must_use]
pub fn encloses(pattern: &str, path: &str) -> bool {
    begins(pattern, path).is_some()
}

/// How many folders down the path the outermost one is that a pattern is that of: of two that enclose a path, the one that
/// begins further down is nearer.
#[must_use]
pub fn begins(pattern: &str, path: &str) -> Option<usize> {
    let (pattern, path) = (parts(pattern), parts(path));
    (0..=path.len()).find(|length| parts_match(&pattern, &path[..*length]))
}

/// Whether a text is the one that a pattern with `*` stands for.
#[must_use]
pub fn is_text(pattern: &str, text: &str) -> bool {
    part_matches(pattern, text)
}

fn parts(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".").collect()
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
    use super::{encloses, is_of};

    #[test]
    fn patterns_are_about_names_and_folders() {
        for (pattern, path, of, encloses_it) in [
            ("pyproject.toml", "pyproject.toml", true, true),
            ("./pyproject.toml", "pyproject.toml", true, true),
            ("pyproject.toml", "a/pyproject.toml", false, false),
            ("*/pyproject.toml", "a/pyproject.toml", true, true),
            ("*/pyproject.toml", "a/b/pyproject.toml", false, false),
            ("**/pyproject.toml", "a/b/pyproject.toml", true, true),
            ("**/pyproject.toml", "pyproject.toml", true, true),
            ("services/**/requirements*.in", "services/a/b/requirements-dev.in", true, true),
            ("services/**/requirements*.in", "services/requirements.txt", false, false),
            ("*a*b*", "xaxbx", true, true),
            ("*a*b*", "xbxax", false, false),
            ("services/a", "services/a/Cargo.lock", false, true),
            ("services/a/", "services/a/b/Cargo.lock", false, true),
            ("services/a", "services/ab/Cargo.lock", false, false),
            ("services/*", "services/a/Cargo.lock", false, true),
            ("services/*", "Cargo.lock", false, false),
            ("", "Cargo.lock", false, true),
            (".", "a/Cargo.lock", false, true),
            ("**", "a/Cargo.lock", true, true),
        ] {
            assert_eq!((is_of(pattern, path), encloses(pattern, path)), (of, encloses_it), "{pattern} {path}");
        }
    }
}
