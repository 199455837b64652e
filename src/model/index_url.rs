//! When two addresses are those of the same package index.

/// Whether two texts name the same package index, however they write it.
///
/// The case of scheme and host, user and password, the scheme's own port, slashes and `/simple` at the end, query and
/// fragment make no difference. Variables of the environment are not filled in; in the user part they do no harm.
#[must_use]
pub fn same_index(a: &str, b: &str) -> bool {
    Address::of(a) == Address::of(b)
}

/// What of an address tells indexes apart.
#[derive(PartialEq, Eq)]
struct Address<'a> {
    /// Empty where there is none: a name, or a path.
    scheme: String,
    /// With the port, if it is not the scheme's own.
    host: String,
    path: &'a str,
}

impl<'a> Address<'a> {
    fn of(text: &'a str) -> Self {
        let (scheme, rest) = text.trim().split_once("://").unwrap_or(("", text.trim()));
        let scheme = scheme.to_ascii_lowercase();
        let (authority, rest) = rest.split_at(first_of(rest, &['/', '?', '#']));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let host = without_own_port(host, &scheme).to_ascii_lowercase();
        let path = rest[..first_of(rest, &['?', '#'])].trim_end_matches('/');
        let path = path.strip_suffix("/simple").unwrap_or(path).trim_end_matches('/');
        Self { scheme, host, path }
    }
}

/// Where the first of these characters stands that is in no `${...}`; the end of the text if there is none.
fn first_of(text: &str, characters: &[char]) -> usize {
    let mut from = 0;
    while let Some(found) = text[from..].find(characters) {
        let at = from + found;
        let opened = text[..at].rfind("${").filter(|opening| *opening >= from && !text[*opening..at].contains('}'));
        let Some(closed) = opened.and(text[at..].find('}')) else { return at };
        from = at + closed;
    }
    text.len()
}

/// A host without the port that its scheme has anyway.
fn without_own_port<'a>(host: &'a str, scheme: &str) -> &'a str {
    match (host.rsplit_once(':'), scheme) {
        (Some((name, "")), _) | (Some((name, "80")), "http") | (Some((name, "443")), "https") => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::same_index;

    #[test]
    fn what_makes_no_difference_is_left_out() {
        for (a, b, expected) in [
            ("https://index.example/team", "HTTPS://Index.Example/team", true),
            ("https://index.example/team", "https://index.example/Team", false),
            ("https://index.example/team", "http://index.example/team", false),
            ("https://index.example/team", "https://index.example/other", false),
            ("https://index.example/team", "https://other.index.example/team", false),
            ("https://index.example/team", "https://user:p@ss@index.example/team", true),
            ("https://index.example/team", "https://${USER}:${PASSWORD}@index.example/team", true),
            ("https://index.example/team", "https://${TOKEN:-a/b?c#d}@index.example/team", true),
            ("https://index.example/team", "https://$USER:$PASSWORD@index.example/team", true),
            ("https://index.example/team", "https://index.example/${TEAM}", false),
            ("https://index.example/${TEAM}", "https://index.example/${TEAM}/simple/", true),
            ("https://${HOST/a", "https://${HOST/a/", true),
            ("https://index.example", "https://index.example:443/", true),
            ("https://index.example", "https://index.example:/", true),
            ("http://index.example/", "http://index.example:80", true),
            ("https://index.example", "https://index.example:80", false),
            ("https://index.example", "https://index.example:8443", false),
            ("https://[::1]/team", "https://[::1]:443/team", true),
            ("https://index.example/team", "https://index.example/team//", true),
            ("https://index.example/team/simple", "https://index.example/team", true),
            ("https://index.example/team/", "https://index.example/team/simple/", true),
            ("https://index.example", "https://index.example/simple", true),
            ("https://index.example/+simple", "https://index.example", false),
            ("https://index.example/notsimple", "https://index.example/not", false),
            ("https://index.example/simple/team", "https://index.example/team", false),
            ("https://index.example/team?a=/b", "https://index.example/team#c", true),
            ("https://index.example?a", "https://index.example", true),
            (" https://index.example ", "https://index.example", true),
            ("PyPI", "pypi", true),
            ("PyPI", "https://pypi", false),
            ("private", "public", false),
            ("../wheels/", "../wheels", true),
            ("file:///srv/wheels", "file:///srv/wheels/", true),
            ("file:///srv/wheels", "/srv/wheels", false),
            ("", "", true),
            ("", "https://index.example", false),
        ] {
            assert_eq!(same_index(a, b), expected, "{a} and {b}");
            assert_eq!(same_index(b, a), expected, "{b} and {a}");
        }
    }

    proptest! {
        #[test]
        fn an_index_is_itself_whichever_comes_first(
            a in "(https?://|[a-zA-Z]|\\$\\{|\\}|/|:|@|\\?|#|simple|443|é| ){0,12}",
            b in "(https?://|[a-zA-Z]|\\$\\{|\\}|/|:|@|\\?|#|simple|443|é| ){0,12}",
            any in ".*",
        ) {
            for text in [&a, &b, &any] {
                prop_assert!(same_index(text, text));
            }
            prop_assert_eq!(same_index(&a, &b), same_index(&b, &a));
            prop_assert_eq!(same_index(&a, &any), same_index(&any, &a));
        }

        #[test]
        fn who_asks_and_how_the_end_is_written_make_no_difference(
            host in "[a-z]{1,8}\\.example", path in "(/[a-z]{1,6}){0,3}", user in "[a-z$:{}]{0,12}", end in "/{0,2}(/simple)?/{0,2}",
        ) {
            let plain = format!("https://{host}{path}");
            let other = format!("HTTPS://{user}@{}:443{path}{end}?q#f", host.to_uppercase());
            // The plain one may end in `/simple`, of which each loses one.
            prop_assume!(!path.ends_with("/simple"));
            prop_assert!(same_index(&plain, &other), "{} and {}", plain, other);
        }
    }
}
