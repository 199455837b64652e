//! What nobody has filled in: contacts, and the sentences of a template.

/// Sentences of GitHub's template for a security policy.
const TEMPLATE: [&str; 2] = [
    "Use this section to tell people about which versions of your project are currently being supported with security updates.",
    "Use this section to tell people how to report a vulnerability.",
];

/// The versions of its table.
pub(super) const TEMPLATE_VERSIONS: [&str; 4] = ["5.1.x", "5.0.x", "4.0.x", "< 4.0"];

/// The place of a template's sentence in a text.
pub(super) fn template_sentences(plain: &str) -> Vec<usize> {
    let flat: String = plain.chars().map(|c| if c == '\n' { ' ' } else { c }).collect();
    TEMPLATE.iter().filter_map(|sentence| flat.find(sentence)).collect()
}

/// Hosts that stand for one that is to be filled in.
const HOSTS: [&str; 22] = [
    "example.com", "example.org", "example.net", "yourproject.com", "yourproject.org", "your-project.com", "yourdomain.com",
    "your-domain.com", "yourcompany.com", "your-company.com", "yourorg.com", "your-org.com", "domain.com", "company.com", "mydomain.com",
    "email.com", "yoursite.com", "your.domain", "project.com", "yourapp.com", "your-email.com", "test.com",
];

/// A contact that nobody has filled in, with its place.
pub(super) fn contact(plain: &str) -> Option<(usize, String)> {
    // Lower case with the same places: only ASCII changes.
    let lower = plain.to_ascii_lowercase();
    // "security@[your-domain]"
    if let Some(at) = ["@[", "@<", "@{"].iter().find_map(|open| lower.find(open)) {
        return Some(word(plain, at));
    }
    for (at, _) in lower.match_indices('@') {
        let host: &str = lower[at + 1..].split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).next().unwrap_or_default();
        let host = host.trim_end_matches('.');
        let local: &str =
            lower[..at].rsplit(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+'))).next().unwrap_or_default();
        let is_template_host = HOSTS.contains(&host)
            || host.starts_with("placeholder")
            || ["your-", "your_", "yourproject.", "yourdomain.", "yourcompany."].iter().any(|start| host.starts_with(start));
        let is_template_local = ["your-email", "your.email", "your_email", "youremail", "your-name", "yourname"].contains(&local);
        if is_template_host || is_template_local {
            return Some(word(plain, at));
        }
    }
    // "https://yourproject.com/security"; other hosts of that list are used in examples of all kinds.
    for (at, _) in lower.match_indices("://your") {
        let host = lower[at + 3..].split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).next().unwrap_or_default();
        if HOSTS.contains(&host.trim_end_matches('.')) {
            return Some(word(plain, at));
        }
    }
    // An address whose host was in angle brackets, which HTML swallows: "security@<your-domain>.com".
    if let Some(at) = lower.find("@.").or_else(|| lower.find("github.com//")) {
        return Some(word(plain, at));
    }
    if let Some(at) = ["your_email", "your-email", "youremail", "email_here", "email-here"].iter().find_map(|name| lower.find(name)) {
        return Some(word(plain, at));
    }
    let asks_for_reports = is_about_reports(plain);
    if let Some((at, _)) = plain.match_indices("TODO").next().filter(|_| asks_for_reports) {
        return Some(word(plain, at));
    }
    for open in ['[', '<', '{', '('] {
        let close = match open {
            '[' => ']',
            '<' => '>',
            '{' => '}',
            _ => ')',
        };
        for (at, _) in lower.match_indices(open) {
            // Only a look ahead, so that a page of brackets is read once.
            let ahead = &lower.as_bytes()[at + 1..lower.len().min(at + 64)];
            let Some(inner) = ahead.iter().position(|byte| char::from(*byte) == close).and_then(|end| lower.get(at + 1..at + 1 + end))
            else {
                continue;
            };
            let is_filled_in = inner.len() > 40 || inner.contains('\n');
            let said = ["email", "e-mail", "mail", "contact", "address", "security@"].iter().any(|word| inner.contains(word));
            let asks = ["insert", "your", "todo", "replace", "add ", "enter", "tbd", "here", "maintainer email", "placeholder"]
                .iter()
                .any(|word| inner.contains(word))
                || (open != '(' && said && inner.len() <= 24 && !inner.contains('@') && is_upper(&plain[at + 1..at + 1 + inner.len()]));
            if !is_filled_in && said && (asks || inner.starts_with('{')) && open != '('
                || (open == '(' && inner.contains("replace with") && said)
            {
                let end = (at + inner.len() + 2).min(plain.len());
                return Some((at, plain.get(at..end).unwrap_or_default().to_owned()));
            }
        }
    }
    None
}

fn is_upper(text: &str) -> bool {
    text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
}

/// Whether a line is about whom to tell.
pub(super) fn is_about_reports(plain: &str) -> bool {
    let lower = plain.to_ascii_lowercase();
    ["report", "email", "e-mail", "contact", "write to", "send"].iter().any(|word| lower.contains(word))
}

/// The word around a place.
fn word(plain: &str, at: usize) -> (usize, String) {
    let is_edge = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | '"' | '\u{2028}');
    let start = plain[..at].rfind(is_edge).map_or(0, |edge| edge + plain[edge..].chars().next().map_or(1, char::len_utf8));
    let end = plain[at..].find(is_edge).map_or(plain.len(), |edge| at + edge);
    // The full stop of a sentence is no part of an address.
    (start, plain[start..end].trim_end_matches(['.', ',', ';', ':']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::contact;

    #[test]
    fn contacts_that_nobody_filled_in_are_found() {
        for (text, expected) in [
            ("write to security@yourproject.com", Some("security@yourproject.com")),
            ("to: security@[your-domain] (now)", Some("security@[your-domain]")),
            ("to [security@example.com]", Some("[security@example.com]")),
            ("to [INSERT EMAIL ADDRESS]", Some("[INSERT EMAIL ADDRESS]")),
            ("write to your-email@gmail.test", Some("your-email@gmail.test")),
            ("write to security@acme.test", None),
            ("send an email to us [see below]", None),
            ("security@.com", Some("security@.com")),
            ("to [security email address here]", Some("[security email address here]")),
            ("mail YOUR_EMAIL_HERE please", Some("YOUR_EMAIL_HERE")),
            ("report to TODO", Some("TODO")),
            ("mail {{ email }}", Some("{{ email }")),
        ] {
            assert_eq!(contact(text).map(|(_, word)| word).as_deref(), expected, "{text}");
        }
    }
}
