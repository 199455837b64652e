//! Whose promise a sentence is. Much of a security policy is about time and promises nothing: rules for reporters,
//! advice to users, guarantees that are denied, what to do when nobody answers, rewards, history, examples.

use std::ops::Range;

use super::token::{Token, at, contains};

/// Words right after which the one who reads is asked for something.
const ASKED: [&[&str]; 41] = [
    &["please"],
    &["give", "us"],
    &["giving", "us"],
    &["grant", "us"],
    &["granting", "us"],
    &["allow", "us"],
    &["allowing", "us"],
    &["allows", "us"],
    &["gives", "us"],
    &["give", "the", "maintainers"],
    &["give", "maintainers"],
    &["give", "the", "team"],
    &["allow", "the", "team"],
    &["allow", "maintainers"],
    &["allow", "the", "maintainers"],
    &["ask", "that"],
    &["ask", "you"],
    &["ask", "reporters"],
    &["ask", "researchers"],
    &["request", "that"],
    &["requests", "that"],
    &["asks", "that"],
    &["we", "ask"],
    &["i", "ask"],
    &["we", "request"],
    &["we", "kindly"],
    &["let", "us", "know"],
    &["we", "welcome"],
    &["we", "appreciate"],
    &["working", "with", "you"],
    &["be", "applied"],
    &["be", "installed"],
    &["be", "deployed"],
    &["be", "upgraded"],
    &["be", "rotated"],
    &["be", "renewed"],
    &["you", "agree"],
    &["you", "must"],
    &["do", "not", "disclose"],
    &["don't", "disclose"],
    &["do", "not", "publish"],
];

/// Who is told what to do: reporters, users, operators, others who handle vulnerabilities.
const OTHERS: [&str; 41] = [
    "reporter", "reporters", "researcher", "researchers", "finder", "finders", "user", "users", "operator", "operators", "administrator",
    "administrators", "admins", "customer", "customers", "deployer", "deployers", "cert", "cna", "mitre", "nvd", "hackerone", "bugcrowd",
    "zdi", "huntr", "tidelift", "upstream", "downstream", "distributors", "vendor", "vendors", "adopters", "integrators", "packagers",
    "github", "distributions", "distros", "employer", "google", "contributors", "contributor",
];

const OURSELVES: [&str; 15] = [
    "we", "we'll", "we're", "our", "us", "i", "i'll", "maintainers", "maintainer", "team", "project", "you'll", "core", "committee",
    "staff",
];

/// Verbs that a sentence begins with when it tells its reader what to do.
const IMPERATIVES: [&str; 34] = [
    "apply", "rotate", "update", "upgrade", "install", "report", "contact", "email", "send", "submit", "wait", "allow", "give", "provide",
    "use", "keep", "set", "configure", "enable", "monitor", "subscribe", "ensure", "make", "run", "check", "include", "retain", "delete",
    "expire", "revoke", "schedule", "re", "require", "renew",
];

const DENIED: [&str; 18] = [
    "not", "no", "never", "cannot", "can't", "don't", "doesn't", "won't", "without", "isn't", "aren't", "nor", "neither", "unable", "none",
    "nobody", "couldn't", "wouldn't",
];

const GUARANTEES: [&str; 14] = [
    "guarantee", "guarantees", "guaranteed", "promise", "promised", "promises", "commit", "commitment", "commitments", "sla", "slas",
    "obligation", "warrant", "binding",
];

/// Parts of a sentence, in tokens, from which nothing may be taken; all of it where it is nobody's promise.
pub(super) fn taken_out(tokens: &[Token], ours: bool) -> Vec<Range<usize>> {
    let all = 0..tokens.len();
    if is_nobodys(tokens, ours) {
        // "Please write to us, and we will answer within 2 days": the first half asks, the second promises.
        let turns = (1..tokens.len()).find(|place| {
            tokens[*place].any(&["and", "but", ";", ",", "so"])
                && tokens.get(place + 1).is_some_and(|next| next.any(&["we", "we'll", "i", "i'll", "our"]))
        });
        let promises = |at: &usize| !is_nobodys(&tokens[at + 1..], true);
        return Vec::from([turns.filter(promises).map_or(all, |at| 0..at)]);
    }
    let mut parts = Vec::new();
    parts.extend(examples(tokens));
    parts.extend(conditions(tokens));
    parts
}

/// Whether words name somebody else who handles vulnerabilities, or reports them.
pub(super) fn names_others(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| token.any(&OTHERS))
}

/// Whether a sentence is nobody's promise of ours.
/// `ours`: it is introduced as what we do.
pub(super) fn is_nobodys(tokens: &[Token], ours: bool) -> bool {
    is_asked(tokens) || is_denied(tokens) || is_other(tokens) || is_past(tokens) || is_off_topic(tokens) || (!ours && is_imperative(tokens))
}

fn is_asked(tokens: &[Token]) -> bool {
    let is_for_us = |words: &&&[&str]| contains(tokens, words);
    if ASKED.iter().any(|words| is_for_us(&words)) {
        return true;
    }
    let reward =
        ["bounty", "bounties", "reward", "rewards", "rewarded", "payout", "payouts", "paid", "payment", "payments", "invoice", "swag"];
    if tokens.iter().any(|token| token.any(&reward)) {
        return true;
    }
    // "We expect reporters to respond", "it is critical that you ..."
    let expects = tokens.windows(3).any(|t| t[0].text.starts_with("expect") && (t[1].any(&OTHERS) || t[1].is("you") || t[2].any(&OTHERS)));
    let is_urged = tokens.windows(3).any(|t| {
        t[0].any(&["critical", "important", "essential", "crucial", "vital"])
            && t[1].is("that")
            && t[2].any(&["you", "reporters", "researchers", "users"])
    });
    if (expects && !tokens.iter().any(|token| token.any(&["response", "reply", "can"]))) || is_urged {
        return true;
    }
    // "before disclosing", "prior to public disclosure", said to somebody else than us.
    let before = (0..tokens.len()).any(|place| {
        let is_before = at(tokens, place, &["before"]) || at(tokens, place, &["prior", "to"]);
        let reach = tokens[place..].iter().take(6);
        is_before
            && reach
                .into_iter()
                .any(|token| token.text.starts_with("disclos") || token.text.starts_with("publish") || token.any(&["public", "publicly"]))
    });
    before
        && tokens.iter().any(|token| token.any(&["you", "your", "reporters", "researchers", "reporter", "researcher", "wait"]))
        && !begins_with_us(tokens)
}

fn begins_with_us(tokens: &[Token]) -> bool {
    tokens.first().is_some_and(|token| token.any(&["we", "we'll", "our", "i", "i'll"]))
}

/// A guarantee that is denied, or a verb that is.
fn is_denied(tokens: &[Token]) -> bool {
    let denies = |place: usize| tokens[place].any(&DENIED);
    (0..tokens.len()).any(|place| {
        if !denies(place) {
            return false;
        }
        // "no later than", "not more than", "not exceed", "no unpatched ..." mean a limit; "not only" means nothing.
        let next = tokens.get(place + 1);
        if next.is_some_and(|token| token.any(&["later", "more", "longer", "exceed", "only", "-", "sooner", "earlier"])) {
            return false;
        }
        let near = || tokens[place + 1..].iter().take(6).take_while(|token| !token.any(&[".", ";"]));
        let denied_guarantee = near().any(|token| {
            token.any(&GUARANTEES) || token.any(&["response", "specific", "fixed", "formal", "timeframe", "timeline", "deadline"])
        });
        let behind = tokens[..place].iter().rev().take(5).any(|token| token.any(&GUARANTEES));
        let denied_verb = near().take(5).any(|token| {
            let stems = [
                "fix", "patch", "resolv", "respond", "acknowledg", "address", "remediat", "disclos", "releas", "receiv", "publish",
                "answer", "investigat", "support", "mitigat", "repl", "expect", "triag", "assess", "confirm", "commit", "guarant", "oblig",
            ];
            stems.iter().any(|stem| token.text.starts_with(stem))
        });
        denied_guarantee || behind || denied_verb
    })
}

/// Somebody else acts, and nobody of us is spoken of.
fn is_other(tokens: &[Token]) -> bool {
    // GitHub's advisories are ours.
    let mut words = tokens
        .iter()
        .enumerate()
        .filter(|(at, token)| token.is_word() && !(token.is("github") && super::token::at(tokens, at + 1, &["security", "advisory"])))
        .map(|(_, token)| token);
    let first = words.by_ref().take(6).any(|token| token.any(&OTHERS));
    let ours = tokens.iter().any(|token| token.any(&OURSELVES));
    let must = tokens.windows(2).any(|pair| {
        pair[0].any(&OTHERS)
            && pair[1].any(&["must", "should", "are", "may", "shall", "can", "need", "agree", "is", "discloses", "disclose"])
    });
    let you = tokens
        .windows(2)
        .any(|pair| pair[0].is("you") && pair[1].any(&["must", "may", "disclose", "publish", "wait", "agree", "apply", "patch"]));
    // "Reporters must respond to our questions", "applied by users"
    let word_at = tokens.iter().position(Token::is_word).unwrap_or(0);
    let told = tokens.get(word_at).is_some_and(|token| token.any(&OTHERS));
    let obliged = tokens[word_at..]
        .iter()
        .take(5)
        .any(|token| token.any(&["must", "should", "shall", "may", "need", "have", "given", "asked", "required"]));
    let by_them =
        (0..tokens.len()).any(|place| tokens[place].is("by") && tokens[place + 1..].iter().take(3).any(|token| token.any(&OTHERS)));
    if (told && obliged) || by_them {
        return true;
    }
    // "Reporters can expect a response within 72 hours."
    let is_served =
        tokens.iter().any(|token| token.any(&["expect", "receive", "receives", "hear", "get", "notified", "informed", "updated", "kept"]))
            && !tokens.iter().any(|token| token.any(&["expected"]));
    let first = first && !is_served;
    (!ours && (first || must)) || you
}

/// Other work: outages, builds, questions. A word about vulnerabilities or reports says that it is not.
fn is_off_topic(tokens: &[Token]) -> bool {
    let work = [
        "outage", "outages", "downtime", "uptime", "build", "builds", "pr", "prs", "pull", "question", "questions", "feature", "features",
        "comment", "comments", "systems", "servers", "hosts", "machines", "infrastructure", "endpoints", "workstations", "devices",
        "emails", "tickets", "backups", "logs", "passwords", "accounts", "invoices", "links", "typos", "nodes", "requests", "appeals",
    ];
    let topic = [
        "security", "report", "reports", "cve", "cves", "issue", "issues", "flaw", "flaws", "finding", "findings", "advisory",
        "submission", "submissions", "response", "you", "your",
    ];
    let is_topic = |token: &Token| token.any(&topic) || token.text.starts_with("vulnerab");
    tokens.iter().any(|token| token.any(&work)) && !tokens.iter().any(is_topic)
}

/// What happened once.
fn is_past(tokens: &[Token]) -> bool {
    let participle = |token: &Token| token.text.ends_with("ed") || token.is("fixed");
    let happened = tokens.iter().enumerate().any(|(place, token)| {
        let has_been = token.any(&["been"]) && place > 0 && tokens[place - 1].any(&["has", "have", "had"]);
        has_been || token.any(&["took", "had"]) || (token.any(&["was", "were"]) && tokens[place + 1..].iter().take(3).any(participle))
    });
    // A date of the past century or this one, as years stand in histories.
    let dated = tokens
        .windows(3)
        .any(|t| t[0].number().is_some_and(|year| (1990..2100).contains(&year)) && t[1].any(&["-", "/", "."]) && t[2].number().is_some());
    // "in 2022"
    let long_ago = tokens.windows(2).any(|t| {
        t[0].any(&["in", "since", "of", "during", ","])
            && t[1].number().is_some_and(|year| (1990..2100).contains(&year))
            && t[1].text.len() == 4
    });
    let conditional =
        tokens.iter().any(|token| token.any(&["once", "after", "when", "will", "if", "can", "expect", "should", "aim", "shall", "may"]));
    let told = ["average", "median", "mean", "%", "percent", "percentage", "formerly"];
    let statistic = tokens.iter().any(|token| token.any(&told))
        || [
            &["used", "to"][..],
            &["last", "year"],
            &["last", "month"],
            &["previous", "policy"],
            &["past", "policy"],
            &["industry", "standard"],
            &["hosting", "provider"],
            &["in", "the", "past"],
            &["most", "critical"],
            &["most", "high"],
            &["most", "vulnerabilities"],
            &["most", "issues"],
        ]
        .iter()
        .any(|words| contains(tokens, words));
    (happened && !conditional) || dated || long_ago || statistic
}

fn is_imperative(tokens: &[Token]) -> bool {
    // "Keep you updated", "provide an initial assessment" are what we do.
    let serves = tokens.iter().find(|token| token.is_word()).is_some_and(|token| token.any(&["provide", "keep", "send", "update"]));
    if serves
        && tokens.iter().any(|token| token.any(&["you", "initial", "preliminary"]))
        && !tokens.iter().any(|token| token.any(&["your"]))
    {
        return false;
    }
    tokens.iter().find(|token| token.is_word()).is_some_and(|token| token.any(&IMPERATIVES))
        && !tokens.iter().any(|token| token.any(&["we", "we'll", "will"]))
}

/// From `for example` to the end, or to the end of the parentheses that it stands in.
fn examples(tokens: &[Token]) -> Option<Range<usize>> {
    let marks: [&[&str]; 5] = [&["for", "example"], &["for", "instance"], &["e", ".", "g"], &["eg"], &["example", ":"]];
    let start = (0..tokens.len()).find(|place| marks.iter().any(|words| at(tokens, *place, words)))?;
    let depth_at =
        |until: usize| tokens[..until].iter().fold(0_i32, |depth, token| depth + i32::from(token.is("(")) - i32::from(token.is(")")));
    if depth_at(start) > 0 {
        let end = (start..tokens.len()).find(|place| tokens[*place].is(")")).unwrap_or(tokens.len());
        return Some(start..end);
    }
    Some(start..tokens.len())
}

/// `If you do not hear back within 48 hours, ...`: what is supposed to have gone wrong.
fn conditions(tokens: &[Token]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for place in 0..tokens.len() {
        let opens = tokens[place].any(&["if", "unless", "should"])
            && (place == 0 || tokens[place].any(&["if", "unless"]) || tokens[place - 1].is(","));
        let is_case = tokens[place].any(&["if", "unless"])
            || (tokens[place].is("should") && tokens.get(place + 1).is_some_and(|token| token.any(&["you", "we"])));
        if !(opens && is_case) {
            continue;
        }
        let end = (place..tokens.len()).find(|at| tokens[*at].any(&[",", "then", ";"])).unwrap_or(tokens.len());
        let part = &tokens[place..end];
        let fails = part
            .iter()
            .any(|token| token.any(&DENIED) || token.text.ends_with("n't") || token.any(&["longer", "fail", "fails", "exceeds"]));
        // Without a comma the condition may go on to the end; what it begins with decides.
        if end < tokens.len() || fails {
            found.push(place..end);
        }
        // What is to be done then is no promise either: "if nobody answers, write again within 7 days".
        if fails && place <= 1 && !tokens[end..].iter().any(|token| token.any(&["we", "we'll", "i"])) {
            found.push(place..tokens.len());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::taken_out;
    use crate::policy::security_md::{figure::figures, token::tokens};

    /// How many figures are left of a sentence.
    fn left(text: &str) -> usize {
        let tokens = tokens(text);
        let out = taken_out(&tokens, false);
        figures(&tokens).iter().filter(|figure| figure.says_when() && !out.iter().any(|part| part.contains(&figure.span.start))).count()
    }

    #[test]
    fn what_is_no_promise_of_ours_is_left_out() {
        for text in [
            "Please give us 90 days before you disclose anything.",
            "We ask that you allow us 30 days to fix it.",
            "If you do not hear back within 48 hours, please follow up.",
            "If you have not received a reply within 5 days, write again.",
            "We cannot guarantee a fix within 30 days.",
            "No response within 24 hours is guaranteed.",
            "Reporters must wait for up to 90 days.",
            "Users should patch within 7 days.",
            "Rotate API keys within 90 days.",
            "Rewards are paid within 14 days of the fix.",
            "The issue was fixed within 3 days.",
            "2023-04-01: fixed within 3 days",
            "For example, a critical issue is fixed within 3 days.",
            "CERT discloses after 45 days.",
            "You may disclose after 90 days.",
            "Should you get no answer within 7 days, ping us.",
            "Please write to us within 7 days.",
            "Reporters must respond to our questions within 14 days.",
            "Critical patches should be applied by users within 24 hours.",
            "Our previous policy was to fix critical vulnerabilities within 30 days.",
            "On average critical vulnerabilities are fixed within 2 days.",
            "Vendors are given 90 days to fix what we find.",
            "Outages are resolved within 4 hours.",
            "Failing builds must be fixed within 1 day.",
            "Mission-critical systems are patched within 1 day.",
        ] {
            assert_eq!(left(text), 0, "{text}");
        }
    }

    #[test]
    fn promises_of_ours_stay() {
        for text in [
            "We will respond within 48 hours.",
            "You should receive a response within 24 hours.",
            "Critical vulnerabilities (e.g. code execution) are fixed within 7 days.",
            "If the report is confirmed, we will release a fix within 30 days.",
            "Reports are acknowledged no later than 3 days after they arrive.",
            "We keep researchers informed and fix within 7 days.",
            "Fixes are released in not more than 30 days.",
            "Please write to us, and we will respond within 2 days.",
            "The GitHub Security Advisory is published within 90 days.",
        ] {
            assert_eq!(left(text), 1, "{text}");
        }
    }
}
