//! Standing rules: `no unpatched vulnerabilities of medium or higher severity that have been publicly known for more than
//! 60 days`.

use super::{
    severity::{self, Reading, Scope, tier_marks},
    token::Token,
};
use crate::policy::Tier;

/// The rule that a sentence states: its lowest tier, and how long something may stay unfixed, in hours.
pub(super) fn rule(tokens: &[Token]) -> Option<(Tier, u32)> {
    let any = |words: &[&str]| tokens.iter().any(|token| token.any(words));
    let forbids = any(&["no", "not", "never", "none", "zero", "without", "cannot"]);
    let open = any(&[
        "unpatched", "unfixed", "unresolved", "outstanding", "open", "known", "unremediated", "unmitigated", "unaddressed", "exist",
        "remain", "remains",
    ]);
    let vulnerable =
        tokens.iter().any(|token| token.text.starts_with("vulnerabilit") || token.any(&["issues", "cves", "flaws", "issue", "findings"]));
    // "Users shall have no ...", "there were no ..."
    let others = any(&["users", "you", "customers", "were", "was", "operators", "contributors"]);
    if others || !(forbids && open && vulnerable) {
        return None;
    }
    // "for more than 60 days", "longer than 60 days", "older than 60 days", "over 60 days", "beyond 60 days"
    let from = (0..tokens.len()).find_map(|place| {
        let than = tokens[place].is("than") && place > 0 && tokens[place - 1].any(&["more", "longer", "older", "greater"]);
        let alone = tokens[place].any(&["over", "beyond", "exceeding", ">"]);
        (than || alone).then_some(place + 1)
    })?;
    // Business days would want a calendar that a rule has no place for.
    let hours = super::quantity::length(tokens, from).filter(|hours| *hours > 0)?;
    let marks = tier_marks(tokens, Reading::Prose);
    let tier = match severity::united(&marks) {
        Scope::Tiers(tiers) => tiers.last().copied().unwrap_or(Tier::Low),
        Scope::All => Tier::Low,
        Scope::Others | Scope::Lower | Scope::Important | Scope::Unknown => return None,
    };
    Some((if marks.is_empty() { Tier::Low } else { tier }, hours))
}

#[cfg(test)]
mod tests {
    use super::rule;
    use crate::policy::{Tier, security_md::token::tokens};

    #[test]
    fn rules_say_how_long_what_may_stay_open() {
        for (text, expected) in [
            (
                "There are no unpatched vulnerabilities of medium or higher severity that have been publicly known for more than 60 days.",
                Some((Tier::Medium, 1440)),
            ),
            ("No known critical vulnerabilities older than 30 days may remain.", Some((Tier::Critical, 720))),
            ("No unpatched vulnerability stays open longer than 90 days.", Some((Tier::Low, 2160))),
            ("No critical or high severity issue remains unresolved for more than two weeks.", Some((Tier::High, 336))),
            ("We fix issues within 30 days.", None),
            ("No response for more than 7 days? Write again.", None),
        ] {
            assert_eq!(rule(&tokens(text)), expected, "{text}");
        }
    }
}
