//! Texts that are the name of a tier and nothing else: labels, first cells of rows, headings; also by CVSS bounds.

use std::collections::BTreeSet;

use super::{
    bounds,
    severity::{Reading, Scope, tier_marks, united},
    token::Token,
};
use crate::policy::Tier;

/// The tier that a text is the name of, as a label, a row's first cell or a heading: nothing but the name, what goes with
/// it, numbers and signs.
pub(super) fn label(tokens: &[Token]) -> Option<Scope> {
    whole_label(tokens).or_else(|| {
        // "Critical (for example a remote takeover)"
        let open = tokens.iter().position(|token| token.is("(")).filter(|open| *open > 0)?;
        let close = tokens.iter().rposition(|token| token.is(")")).filter(|close| *close > open)?;
        let outside: Vec<Token> = tokens[..open].iter().chain(&tokens[close + 1..]).cloned().collect();
        whole_label(&outside)
    })
}

fn whole_label(tokens: &[Token]) -> Option<Scope> {
    // Longer ones are no names.
    if tokens.len() > 60 {
        return None;
    }
    let marks = tier_marks(tokens, Reading::Label);
    let is_said = |place: usize| marks.iter().any(|mark| (mark.start..mark.end).contains(&place));
    let around = [
        "severity", "priority", "risk", "risks", "level", "impact", "vulnerability", "vulnerabilities", "issue", "issues", "bug", "bugs",
        "tier", "class", "rating", "rated", "score", "scores", "cvss", "v", "and", "or", "above", "higher", "below", "lower", "security",
        "finding", "findings", "the", "all", "base", "to", "for", "of", "non", "severities", "other", "remaining", "vulns", "flaws",
        "problems", "any", "p", "s", "sev", "up", "greater", "than", "category", "with", "a", "reports", "report", "cves", "cve", "alerts",
        "ones",
    ];
    // "CVSS 9.0-10.0" names the tier by its bounds.
    if marks.is_empty() && tokens.iter().any(|token| token.is("cvss")) {
        let is_bare = tokens.iter().all(|token| !token.is_word() || token.any(&around));
        return bounds::bounds(tokens, true).filter(|_| is_bare).map(by_bounds);
    }
    let is_plain =
        tokens.iter().enumerate().all(|(place, token)| is_said(place) || !token.is_word() || token.any(&around) || !token.text.is_ascii());
    if marks.is_empty() || !is_plain {
        return None;
    }
    Some(united(&marks))
}

/// The tiers that CVSS bounds without a name mean: those whose usual bounds they are, or several of them together.
pub(super) fn by_bounds((low, high): (u8, u8)) -> Scope {
    let within: BTreeSet<Tier> = Tier::ALL
        .into_iter()
        .filter(|tier| (low..=high).contains(&tier.default_bounds().0) && (low..=high).contains(&tier.default_bounds().1))
        .collect();
    let starts = within.last().is_some_and(|tier| tier.default_bounds().0 == low || low <= 1);
    let ends = within.first().is_some_and(|tier| tier.default_bounds().1 == high);
    if starts && ends { Scope::Tiers(within) } else { Scope::Unknown }
}

#[cfg(test)]
mod tests {
    use super::label;
    use crate::policy::security_md::{severity::tests::said, token::tokens};

    #[test]
    fn labels_are_names_and_nothing_else() {
        for (text, expected) in [
            ("Critical", Some("critical")),
            ("🔴 Critical (CVSS 9.0-10.0)", Some("critical")),
            ("P0 (Critical)", Some("critical")),
            ("P1", Some("unknown")),
            ("Sev-2", Some("unknown")),
            ("High / Medium", Some("high medium")),
            ("Medium and below", Some("medium low")),
            ("High+", Some("critical high")),
            ("All others", Some("others")),
            ("Other", Some("others")),
            ("Critical security considerations", None),
            ("High availability", None),
            ("CVSS 9.0-10.0", Some("critical")),
            ("CVSS ≥ 7.0", Some("critical high")),
            ("CVSS 5.0-8.0", Some("unknown")),
            ("< High", Some("medium low")),
            ("≥ High", Some("critical high")),
            ("Up to Medium", Some("medium low")),
            ("Medium - Critical", Some("critical high medium")),
            ("Response", None),
        ] {
            assert_eq!(label(&tokens(text)).as_ref().map(said).as_deref(), expected, "{text}");
        }
    }
}
