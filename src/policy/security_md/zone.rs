//! Which parts of a security policy are about something else than handling vulnerabilities, by their headings: advice to
//! those who run the software, rewards, history, examples, rules for reporters.

use super::token::{Token, contains};

/// Headings, or words of headings, under which nothing is promised.
const ELSEWHERE: [&[&str]; 99] = [
    &["best", "practices"],
    &["best", "practice"],
    &["good", "practices"],
    &["good", "practice"],
    &["thanks"],
    &["acknowledgments"],
    &["acknowledgements"],
    &["contributors"],
    &["credit"],
    &["checklist"],
    &["checklists"],
    &["recommendations"],
    &["recommended"],
    &["hardening"],
    &["for", "users"],
    &["for", "operators"],
    &["for", "administrators"],
    &["for", "packagers"],
    &["for", "integrators"],
    &["for", "deployers"],
    &["for", "developers"],
    &["for", "contributors"],
    &["for", "researchers"],
    &["for", "reporters"],
    &["for", "you"],
    &["for", "self"],
    &["configuration"],
    &["configuring"],
    &["bounty"],
    &["bounties"],
    &["reward"],
    &["rewards"],
    &["hall", "of", "fame"],
    &["example"],
    &["examples"],
    &["sample"],
    &["history"],
    &["past"],
    &["previous"],
    &["changelog"],
    &["published", "advisories"],
    &["known", "issues"],
    &["known", "limitations"],
    &["known", "vulnerabilities"],
    &["known", "security"],
    &["security", "features"],
    &["security", "measures"],
    &["security", "controls"],
    &["security", "considerations"],
    &["security", "architecture"],
    &["security", "headers"],
    &["compliance"],
    &["roadmap"],
    &["out", "of", "scope"],
    &["safe", "harbor"],
    &["safe", "harbour"],
    &["credits"],
    &["appeals"],
    &["gdpr"],
    &["privacy"],
    &["from", "you"],
    &["of", "researchers"],
    &["of", "reporters"],
    &["your", "part"],
    &["your", "side"],
    &["non", "security"],
    &["non", "-", "security"],
    &["researchers"],
    &["reporters"],
    &["community", "support"],
    &["deployment"],
    &["deploying"],
    &["threat", "model"],
    &["tips"],
    &["your", "responsibilities"],
    &["what", "we", "ask"],
    &["reporter", "guidelines"],
    &["researcher", "guidelines"],
    &["rules", "of", "engagement"],
    &["rate", "limiting"],
    &["rate", "limits"],
    &["authentication"],
    &["retention"],
    &["backup"],
    &["backups"],
    &["logging"],
    &["monitoring"],
    &["secrets"],
    &["secret"],
    &["key", "management"],
    &["key", "rotation"],
    &["rotation"],
    &["tokens"],
    &["sessions"],
    &["session", "management"],
    &["data", "protection"],
    &["data", "privacy"],
    &["operations"],
    &["running"],
];

/// Whether a heading opens such a part.
pub(super) fn is_elsewhere(heading: &[Token]) -> bool {
    ELSEWHERE.iter().any(|words| contains(heading, words))
}

#[cfg(test)]
mod tests {
    use super::is_elsewhere;
    use crate::policy::security_md::token::tokens;

    #[test]
    fn headings_tell() {
        for (heading, expected) in [
            ("🛡️ Security Best Practices", true),
            ("Bug Bounty", true),
            ("Reporting a Vulnerability", false),
            ("Response Timeline", false),
            ("Supported Versions", false),
            ("What to Expect", false),
        ] {
            assert_eq!(is_elsewhere(&tokens(heading)), expected, "{heading}");
        }
    }
}
