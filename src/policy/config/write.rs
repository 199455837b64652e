//! Writing an `overdue.toml` that says what a reading says, with the lines and words that it was read from as comments.

use crate::policy::{
    Deadline, Deadlines, Reading, Stage, TierRow,
    length::shown,
    reading::{AgeRule, BoundsOrigin, SupportedVersion},
};

/// A comment of one line that may hold anything.
#[must_use]
pub fn comment(text: &str) -> String {
    format!("# {}", one_line(text)).trim_end().to_owned() + "\n"
}

/// The text of an `overdue.toml` from which [`read`](super::read()) makes the same policy. `head` is a comment at its top.
#[must_use]
pub fn write(reading: &Reading, source: Option<&str>, head: &str) -> String {
    let mut out: String = head.lines().map(comment).collect();
    let page = Page { source };
    for row in &reading.tiers {
        page.tier(row, &mut out);
    }
    if !reading.general.is_empty() {
        out.push_str("\n[general]\n");
        page.deadlines(&reading.general, &mut out);
    }
    for rule in &reading.rules {
        page.rule(rule, &mut out);
    }
    for version in &reading.supported_versions {
        page.version(version, &mut out);
    }
    out
}

struct Page<'a> {
    /// The file that lines are those of.
    source: Option<&'a str>,
}

impl Page<'_> {
    fn tier(&self, row: &TierRow, out: &mut String) {
        let is_named =
            row.line.is_some() || !row.deadlines.is_empty() || !row.examples.is_empty() || row.bounds_origin == BoundsOrigin::Text;
        if !is_named {
            out.push_str(&format!("\n# [tiers.{}]: nothing is said of this tier\n", row.tier.as_str()));
            return;
        }
        out.push_str(&format!("\n[tiers.{}]{}\n", row.tier.as_str(), self.comment(row.line, None)));
        if row.bounds_origin == BoundsOrigin::Text {
            let score = |tenths: u8| format!("{}.{}", tenths / 10, tenths % 10);
            out.push_str(&format!("cvss = [{}, {}]\n", score(row.bounds.0), score(row.bounds.1)));
        }
        if !row.examples.is_empty() {
            let examples: Vec<String> = row.examples.iter().map(|example| format!("    {},\n", quoted(&example.text))).collect();
            out.push_str(&format!("examples = [\n{}]\n", examples.concat()));
        }
        self.deadlines(&row.deadlines, out);
    }

    fn deadlines(&self, deadlines: &Deadlines, out: &mut String) {
        for (stage, deadline) in deadlines {
            out.push_str(&format!("{} = {}{}\n", key(*stage), value(deadline), self.comment(deadline.line, Some(&deadline.text))));
        }
    }

    fn rule(&self, rule: &AgeRule, out: &mut String) {
        out.push_str(&format!("\n[[rules]]{}\n", self.comment(rule.line, Some(&rule.text))));
        out.push_str(&format!("min-tier = \"{}\"\nmax-age = \"{}\"\n", rule.min_tier.as_str(), shown(rule.max_age_hours, false)));
    }

    fn version(&self, version: &SupportedVersion, out: &mut String) {
        out.push_str(&format!("\n[[supported-versions]]{}\n", self.comment(version.line, None)));
        out.push_str(&format!("pattern = {}\nsupported = {}\n", quoted(&version.pattern), version.supported));
        if let Some(until) = version.until {
            out.push_str(&format!("until = \"{}\"\n", until.date()));
        }
    }

    /// ` # SECURITY.md:12: "within 48 hours"`
    fn comment(&self, line: Option<u32>, words: Option<&str>) -> String {
        let Some((source, line)) = self.source.zip(line) else { return String::new() };
        let place = format!(" # {}:{line}", one_line(source));
        match words {
            Some(words) => format!("{place}: {}", one_line(words)),
            None => place,
        }
    }
}

fn key(stage: Stage) -> &'static str {
    match stage {
        Stage::StatusUpdate => "status-update",
        other => other.as_str(),
    }
}

fn value(deadline: &Deadline) -> String {
    let within = deadline.limit_hours.map(|hours| shown(hours, deadline.business_days));
    let is_plain = deadline.target_hours.is_none() && deadline.until.is_none() && !deadline.recurring && !deadline.soft;
    if let Some(within) = within.as_ref().filter(|_| is_plain) {
        return quoted(within);
    }
    let mut parts = Vec::new();
    parts.extend(within.as_deref().map(|within| format!("within = {}", quoted(within))));
    parts.extend(deadline.target_hours.map(|hours| format!("target = {}", quoted(&shown(hours, deadline.business_days)))));
    parts.extend(deadline.until.map(|until| format!("until = \"{}\"", until.as_str())));
    if deadline.limit_hours.is_none() && deadline.until.is_none() {
        parts.push(format!("words = {}", quoted(&deadline.text)));
    }
    parts.extend(deadline.recurring.then(|| "recurring = true".to_owned()));
    parts.extend(deadline.soft.then(|| "soft = true".to_owned()));
    format!("{{ {} }}", parts.join(", "))
}

/// A basic string of TOML (section "String").
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// What a comment may hold: no control characters, and not too much.
fn one_line(text: &str) -> String {
    let mut out: String = text.chars().take(160).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(160).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::write;
    use crate::policy::{
        Reading,
        config::read,
        reading::{AgeRule, SupportedVersion},
        security_md,
    };

    /// What a reading says, without where it says it.
    fn said(reading: &Reading) -> String {
        let deadlines = |deadlines: &crate::policy::Deadlines| {
            let said = deadlines.iter().map(|(stage, d)| {
                let words = if d.limit_hours.is_none() && d.until.is_none() { d.text.as_str() } else { "" };
                (stage.as_str(), d.target_hours, d.limit_hours, d.business_days, d.recurring, d.soft, d.until, words.to_owned())
            });
            said.map(|said| format!("{said:?}\n")).collect::<String>()
        };
        let mut out = String::new();
        for row in &reading.tiers {
            out += &format!(
                "{:?} {:?} {:?} {} {:?}\n",
                row.tier,
                row.bounds,
                row.bounds_origin,
                row.line.is_some(),
                row.examples.iter().map(|example| &example.text).collect::<Vec<_>>()
            );
            out += &deadlines(&row.deadlines);
        }
        out += &deadlines(&reading.general);
        for AgeRule { min_tier, max_age_hours, .. } in &reading.rules {
            out += &format!("{min_tier:?} {max_age_hours}\n");
        }
        for SupportedVersion { pattern, supported, until, .. } in &reading.supported_versions {
            out += &format!("{pattern:?} {supported} {until:?}\n");
        }
        out
    }

    fn is_read_back(text: &[u8]) {
        let reading = security_md::read("SECURITY.md", text);
        let toml = write(&reading, Some("SECURITY.md"), "A head\nof two lines");
        let back = read("overdue.toml", toml.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{toml}"));
        assert_eq!(said(&back.stated.reading), said(&reading), "{toml}");
    }

    proptest::proptest! {
        #[test]
        fn odd_words_are_read_back(words in "\\PC{0,30}", line in "(- (Critical|High): )?\\PC{0,9}(fixed within [0-9]{1,3} (hours|business days)|as soon as possible|in the next release)\\PC{0,9}") {
            is_read_back(format!("# Fix\n\n{line}\n\n| Version {words} | Supported |\n| --- | --- |\n| {words} | yes |\n\n### High\n\n- {words}\n").as_bytes());
        }
    }
}
