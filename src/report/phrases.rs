//! The few phrases that formats for people share. English, short, safe to print.

use std::collections::BTreeSet;

use super::{DataUse, Judged, Report, Verdict, identity::from_root, promises};
use crate::{
    model::{
        Certainty, Epss, Finding, Timestamp,
        timestamp::{DAY, HOUR},
    },
    policy::{Standing, TierReason},
};

/// Text from advisories and file names with everything taken out that could move a cursor, colour a terminal, break or
/// reverse a line, or that cannot be seen.
#[must_use]
pub fn safe(text: &str) -> String {
    text.chars()
        .map(|c| {
            let unseen = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
            if c.is_control() || unseen { '\u{fffd}' } else { c }
        })
        .collect()
}

/// The text in at most so many characters, with `…` where something was cut off.
#[must_use]
pub fn shorten(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A way of dependencies, the middle of a long one left out.
#[must_use]
pub fn way(path: &[String]) -> String {
    const ENDS: usize = 4;
    let shown = |part: &[String]| part.iter().map(|name| shorten(name, LONGEST_NAME)).collect::<Vec<_>>().join(" > ");
    if path.len() <= 2 * ENDS + 1 {
        return shown(path);
    }
    let between = path.len() - 2 * ENDS;
    format!("{} > … {between} more … > {}", shown(&path[..ENDS]), shown(&path[path.len() - ENDS..]))
}

/// Names longer than this are nobody's; they would fill a page.
pub const LONGEST_NAME: usize = 200;
/// Sentences longer than this are not read.
pub const LONGEST_TEXT: usize = 2000;

/// A CVSS score, given in tenths.
#[must_use]
pub fn score(tenths: u8) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The tier of a finding, or its kind where it is informational.
#[must_use]
pub fn tier(judged: &Judged) -> &'static str {
    if judged.finding.kind.is_security() { judged.judgement.tier.as_str() } else { judged.finding.kind.as_str() }
}

/// `1 package`, `2 packages`.
#[must_use]
pub fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A length of time in its largest whole unit: `3 days`, `5 hours`.
#[must_use]
pub fn duration(seconds: i64) -> String {
    let (number, unit) = match seconds.max(0) {
        s if s >= DAY => (s / DAY, "day"),
        s if s >= HOUR => (s / HOUR, "hour"),
        s => (s / 60, "minute"),
    };
    count(number.unsigned_abs(), unit)
}

/// A path in a target as a person would open it from here.
#[must_use]
pub fn place(report: &Report, target: usize, path: &str) -> String {
    let place = report.targets.get(target);
    let Some(target) = place.filter(|_| !path.starts_with("--")) else { return path.to_owned() };
    if let Some(release) = &target.release {
        // As `git show` takes it.
        let place = from_root(&release.folder, path);
        return if matches!(place.as_str(), "" | ".") { release.tag.clone() } else { format!("{}:{place}", release.tag) };
    }
    let is_alone = report.targets.len() == 1;
    match (target.kind, target.path.trim_end_matches('/')) {
        // What is in an image nobody opens from here.
        ("image", _) if is_alone && path != "." => format!("/{path}"),
        ("image", _) if path != "." => format!("{}:/{path}", target.base),
        (_, "." | "") => path.to_owned(),
        (_, whole) if path == "." => whole.to_owned(),
        ("directory" | "rootfs" | "environment" | "image", folder) => format!("{}/{path}", folder.strip_prefix("./").unwrap_or(folder)),
        (_, file) => match file.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{path}"),
            None => path.to_owned(),
        },
    }
}

/// The dependency files that findings are in, as a person would open them from here.
#[must_use]
pub fn manifests(report: &Report) -> BTreeSet<String> {
    report.findings.iter().map(|f| place(report, f.finding.target, &f.finding.manifest)).collect()
}

/// What a finding is about: the advisory's summary, else facts: categories and weaknesses, else its kind.
#[must_use]
pub fn headline(finding: &Finding) -> String {
    let exploited = finding.exploited.as_ref().map(|entry| format!("known to be exploited since {}", entry.added.date()));
    let mut parts: Vec<String> = exploited.into_iter().chain(let_in(finding)).collect();
    let subject = subject(finding);
    // That it is a vulnerability goes without saying where there is something to say.
    if parts.is_empty() || subject != finding.kind.as_str() {
        parts.push(subject);
    }
    parts.join("; ")
}

/// Of a requirement, what it lets in of what the advisory affects: `lets in 3.9.0 to 3.9.1`.
#[must_use]
pub fn let_in(finding: &Finding) -> Option<String> {
    let admitted = finding.admitted.as_ref()?;
    let what = match &admitted.ends {
        None => admitted.range.clone(),
        Some((one, _)) if admitted.releases == 1 => one.clone(),
        Some((first, last)) => format!("{first} to {last}"),
    };
    Some(safe(&match finding.certainty {
        Certainty::Admitted => format!("lets in {what}"),
        Certainty::Affected => format!("lets in nothing but affected versions ({what})"),
    }))
}

/// What a package is wanted for and under which circumstances, where either is known: `for dev, if python_version < "3.8"`.
#[must_use]
pub fn wanted_when(finding: &Finding) -> Option<String> {
    let groups: Vec<&str> = finding.groups.iter().map(|group| group.as_str()).collect();
    let groups = (!groups.is_empty()).then(|| format!("for {}", groups.join(" and ")));
    let marker = finding.marker.as_ref().map(|marker| safe(&format!("if {}", shorten(marker, LONGEST_NAME))));
    let parts: Vec<String> = groups.into_iter().chain(marker).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn subject(finding: &Finding) -> String {
    if let Some(summary) = &finding.summary {
        return safe(summary.trim());
    }
    let facts: Vec<&str> = finding.categories.iter().chain(&finding.cwes).map(String::as_str).collect();
    if facts.is_empty() { finding.kind.as_str().to_owned() } else { safe(&facts.join(", ")) }
}

/// The advisory data of an ecosystem in a phrase: its age, its origin, and whether that is too old.
#[must_use]
pub fn data(data: &DataUse, as_of: Timestamp) -> String {
    let metadata = &data.metadata;
    let age = metadata.data_date.map_or("of unknown date".to_owned(), |date| format!("{} old", duration(as_of.seconds() - date.seconds())));
    let origin = match metadata.origin.as_str() {
        "snapshot" => "built-in snapshot",
        other => other,
    };
    let stale = if data.stale { ", too old to rely on" } else { "" };
    let set_aside = match metadata.set_aside_count {
        0 => String::new(),
        bad => format!(", {} set aside", count(bad, "record")),
    };
    format!("{} {age} ({origin}{stale}{set_aside})", metadata.ecosystem)
}

/// What a finding is, in a sentence that stands alone: package, advisory, tier and the day that was promised.
#[must_use]
pub fn title(judged: &Judged) -> String {
    let (finding, judgement) = (&judged.finding, &judged.judgement);
    let (name, version) = (shorten(&finding.name, LONGEST_NAME), shorten(&finding.wanted.to_string(), LONGEST_NAME));
    let subject = safe(&format!("{name} {version}: {}", shorten(&finding.id.0, LONGEST_NAME)));
    if !finding.kind.is_security() {
        return format!("{subject}, {}", finding.kind.as_str());
    }
    let grade = match (finding.grade.score, judgement.tier_reason) {
        (_, TierReason::Malicious) => "critical, a malicious package".to_owned(),
        (Some(tenths), _) => format!("{} {}", judgement.tier.as_str(), score(tenths)),
        (None, TierReason::Unscored) => format!("{} (unscored)", judgement.tier.as_str()),
        (None, _) => judgement.tier.as_str().to_owned(),
    };
    format!("{subject}, {grade}, {}", promises::promise(judged))
}

/// An estimate of exploitation, with its day.
#[must_use]
pub fn epss(estimate: Epss) -> String {
    // Hundredths of a per cent.
    let (share, rank) = (estimate.probability / 100, estimate.percentile / 10_000);
    format!("EPSS {}.{:02} % as of {}, above {rank} % of all CVEs", share / 100, share % 100, estimate.date.date())
}

/// The gate in a phrase: whether it tripped, and by what.
#[must_use]
pub fn gate(report: &Report) -> String {
    let gate = &report.gate;
    let what = if report.compared.is_some() { "new finding" } else { "finding" };
    let mut by = Vec::new();
    if gate.counted > 0 {
        by.push(count(gate.counted as u64, what));
    }
    if gate.checks > 0 {
        by.push(count(gate.checks as u64, "fault") + " of the configuration");
    }
    let is_guessed = report.targets.iter().filter_map(|target| target.image.as_ref()?.base.as_ref()).any(|base| base.is_inferred);
    let of_base = match gate.of_base {
        0 => String::new(),
        number => format!("; {} of the{} base did not count", count(number as u64, "finding"), if is_guessed { " inferred" } else { "" }),
    };
    if by.is_empty() {
        return format!("not tripped: no {what} counts (--fail-on {}){of_base}", gate.fail_on);
    }
    format!("tripped by {} (--fail-on {}){of_base}", by.join(" and "), gate.fail_on)
}

/// The verdict in a line, with what keeps it from being complete.
#[must_use]
pub fn whole_verdict(report: &Report) -> String {
    let mut text = verdict(report);
    if !report.complete && report.verdict != Verdict::Incomplete {
        text.push_str("; incomplete");
    }
    if !report.complete && report.data.iter().any(|data| data.stale) {
        text.push_str(": the advisory data is too old");
    } else if !report.complete && report.unchecked.is_empty() {
        text.push_str(": the catalogue of known exploited vulnerabilities is too old");
    }
    text
}

/// The verdict in a line. The word for a spotless result stands only where everything was looked at.
#[must_use]
pub fn verdict(report: &Report) -> String {
    let standing = |standing| report.standing(standing).count();
    let (late, soon) = (standing(Standing::Overdue), standing(Standing::DueSoon));
    let (on_track, undated) = (standing(Standing::OnTrack), standing(Standing::NoDeadline));
    let open = late + soon + on_track + undated;
    let excepted = standing(Standing::Excepted);
    let informational = report.informational().count();
    let mut parts = Vec::new();
    if late > 0 {
        parts.push(format!("{late} overdue, {soon} due soon, {on_track} on track"));
        if undated > 0 {
            parts.push(format!("{undated} without a deadline"));
        }
    } else if open + informational + excepted > 0 {
        parts.push(format!("within policy: {open} open, 0 overdue"));
    } else if report.complete {
        parts.push("clean: nothing found".to_owned());
    } else {
        parts.push("incomplete: nothing found, but not everything was looked at".to_owned());
    }
    if excepted > 0 {
        parts.push(format!("{excepted} excepted"));
    }
    if informational > 0 {
        parts.push(format!("{informational} informational"));
    }
    let left_out = if report.excluded > 0 { format!(", {} left out as was asked for", report.excluded) } else { String::new() };
    let checked = format!("{} checked in {}{left_out}", count(report.packages.checked, "package"), count(report.files.checked, "file"));
    let vendored = if report.vendored > 0 { format!(", {} vendored ones not", report.vendored) } else { String::new() };
    format!("{}; {checked}{vendored}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{duration, safe};

    #[test]
    fn terminal_escapes_do_not_get_through() {
        assert_eq!(safe("a\u{1b}[31mb\u{202e}c\n"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}");
    }

    #[test]
    fn durations_use_the_largest_whole_unit() {
        for (seconds, text) in
            [(-5, "0 minutes"), (59, "0 minutes"), (60, "1 minute"), (7_199, "1 hour"), (86_400, "1 day"), (200_000, "2 days")]
        {
            assert_eq!(duration(seconds), text);
        }
    }
}
