//! Names of Python packages as they are compared, by [PEP 503](https://peps.python.org/pep-0503/#normalized-names).

/// The name in lower case, with one `-` for each run of `-`, `_` and `.`.
pub(crate) fn normalised(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut in_run = false;
    for c in name.chars() {
        let separates = matches!(c, '-' | '_' | '.');
        if !separates {
            out.extend(c.to_lowercase());
        } else if !in_run {
            out.push('-');
        }
        in_run = separates;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::normalised;

    #[test]
    fn spellings_of_one_name_are_one() {
        for name in ["Foo.Bar", "foo-bar", "FOO_BAR", "foo._-bar"] {
            assert_eq!(normalised(name), "foo-bar", "{name}");
        }
        assert_eq!(normalised("zope.interface"), "zope-interface");
    }
}
