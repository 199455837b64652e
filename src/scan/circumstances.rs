//! What a policy wants to know of findings beside their advisories: since when they are there, since when they are known,
//! whether a release still ships them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use rayon::prelude::*;

use super::{
    ScanError, ScanRequest,
    policies::Applied,
    releases::in_words,
    subject::{Subject, given},
};
use crate::{
    model::{Finding, ImageLayer, Timestamp, image::EARLIEST},
    policy::{Circumstances, Clock, Known, Shipped, state},
    report::{DependencyFile, Placed},
    tree::{GitError, Since},
};

/// The circumstances of findings, in their order. `policies` are theirs.
pub(super) fn of(
    request: &ScanRequest,
    subjects: &[Subject<'_>],
    applied: &Applied<'_>,
    findings: &[Box<Finding>],
    policies: &[usize],
    files: &[Placed<DependencyFile>],
) -> Result<Vec<Circumstances>, ScanError> {
    let clock = |at: usize| applied.policy(policies[at]).judging.clock;
    let introduced = introduced(request, subjects, findings, &|at| clock(at) == Clock::Introduced);
    let of = |(at, (finding, introduced)): (usize, (&Finding, Known))| {
        let mut known = Circumstances {
            manifest: applied.manifest(subjects, finding),
            introduced,
            shipped: Shipped::default(),
            ..Circumstances::default()
        };
        if clock(at).needs_state() {
            written_down(applied, given(subjects, finding.target), finding, &mut known);
        }
        known
    };
    let mut known: Vec<Circumstances> = findings.iter().map(|finding| &**finding).zip(introduced).enumerate().map(of).collect();
    super::releases::ship(request, subjects, applied, (findings, policies), files, &mut known)?;
    Ok(known)
}

/// What the state file says of a finding.
fn written_down(applied: &Applied<'_>, target: usize, finding: &Finding, known: &mut Circumstances) {
    let project = applied.project(target).map(|(_, project, _)| project);
    let name = project.map_or(state::FILE, |project| project.state_file.as_str());
    let Some(written) = project.and_then(|project| project.state.as_ref()) else {
        let why: Arc<str> = format!("there is no {name}; `overdue --record` writes it").into();
        (known.first_seen, known.fix_seen) = (Known::Not(why.clone()), Known::Not(why));
        return;
    };
    known.recorded = true;
    let seen = written.of(finding);
    let not = || Known::Not(format!("{name} has no line about it yet; `overdue --record` adds it").into());
    known.first_seen = seen.map_or_else(not, |seen| Known::At(seen.first));
    let fix = seen.and_then(|seen| seen.fix);
    known.fix_seen = fix.map_or_else(|| Known::Not(format!("{name} does not say since when there is a fix").into()), Known::At);
}

/// When the versions of findings entered their dependency files, from the history of those: one question a file.
fn introduced(request: &ScanRequest, subjects: &[Subject<'_>], findings: &[Box<Finding>], is_asked: &dyn Fn(usize) -> bool) -> Vec<Known> {
    let mut files: BTreeMap<(usize, &str), Vec<usize>> = BTreeMap::new();
    let of_files = findings.iter().enumerate().filter(|(at, finding)| is_asked(*at) && finding.layer.is_none());
    for (at, finding) in of_files {
        files.entry((finding.target, finding.manifest.as_str())).or_default().push(at);
    }
    let files: Vec<_> = files.into_iter().collect();
    let asked = files.par_iter().flat_map_iter(|((target, path), here)| {
        let known = subjects
            .get(*target)
            .map(|subject| in_file(request, subject, path, &here.iter().map(|at| &*findings[*at]).collect::<Vec<_>>()));
        here.iter().copied().zip(known.into_iter().flatten())
    });
    let mut found: HashMap<usize, Known> = asked.collect();
    let known = |(at, finding): (usize, &Finding)| match &finding.layer {
        Some(layer) if is_asked(at) => in_layer(layer),
        _ => found.remove(&at).unwrap_or_default(),
    };
    findings.iter().map(|finding| &**finding).enumerate().map(known).collect()
}

/// When the layer was made that brought a package.
fn in_layer(layer: &ImageLayer) -> Known {
    match layer.created {
        Some(created) if created.seconds() > EARLIEST => Known::At(created),
        Some(_) => Known::Not("the image says that its layer was made at the beginning of time, as reproducible builds do".into()),
        None => Known::Not("the image does not say when its layer was made".into()),
    }
}

/// When the versions of findings of one file entered it.
fn in_file(request: &ScanRequest, subject: &Subject<'_>, path: &str, findings: &[&Finding]) -> Vec<Known> {
    let not = |why: String| {
        let why: Arc<str> = why.into();
        findings.iter().map(|_| Known::Not(why.clone())).collect()
    };
    let text = match subject.source.find(path).map(|found| found.map(|found| subject.source.read(&found, &request.limits))) {
        Ok(Some(Ok(bytes))) => String::from_utf8_lossy(&bytes).into_owned(),
        _ => return not(format!("{path} has no history")),
    };
    let lines: Vec<&str> = text.lines().collect();
    // Of each finding the lines of its entries: where it begins, and where its version stands.
    let of = |finding: &Finding| -> Vec<[u32; 2]> {
        let here = finding.locations.iter().filter(|location| location.path == path);
        // A requirement stands on its own line, whatever stands below.
        let version = |line: u32| finding.wanted.version().map_or(line, |version| version_line(&lines, line, version));
        here.map(|location| [location.line, version(location.line)]).collect()
    };
    let entries: Vec<Vec<[u32; 2]>> = findings.iter().map(|finding| of(finding)).collect();
    let asked: BTreeSet<u32> = entries.iter().flatten().flatten().copied().filter(|line| *line as usize <= lines.len()).collect();
    if asked.is_empty() {
        return not(format!("{path} has no line for it"));
    }
    let since = match subject.source.since(path, &asked.into_iter().collect::<Vec<_>>()) {
        Ok(since) => since,
        Err(error) => return not(reason(path, &error)),
    };
    entries.iter().map(|entries| earliest(entries, &since, request.as_of)).collect()
}

fn reason(path: &str, error: &GitError) -> String {
    match error {
        GitError::NoRepository(_) => format!("{path} is in no git repository"),
        GitError::Failed { words, .. } if words.contains("no such path") => format!("git does not track {path} in the last commit"),
        GitError::NoRevision { revision, .. } if revision == "HEAD" => "nothing is committed yet".to_owned(),
        other => in_words(other),
    }
}

/// The earliest of several entries; of one, when the later of its two lines came.
fn earliest(entries: &[[u32; 2]], since: &BTreeMap<u32, Since>, as_of: Timestamp) -> Known {
    let cut_off = || Known::Not("this is a shallow clone, and the line is older: fetch the whole history (fetch-depth: 0)".into());
    let moment = |line: &u32| match since.get(line)? {
        Since::Commit(at) => Some(Some(*at)),
        // It comes in with the next commit.
        Since::Uncommitted => Some(Some(as_of)),
        Since::CutOff => Some(None),
    };
    // `None` sorts first: what is older than the history is the earliest.
    let entry = |lines: &[u32; 2]| lines.iter().filter_map(moment).max();
    match entries.iter().filter_map(entry).min() {
        Some(Some(at)) => Known::At(at),
        Some(None) => cut_off(),
        None => Known::Not("git does not tell since when the line is there".into()),
    }
}

/// The line of an entry on which its version stands: the first from its beginning that has it as a word, before the next
/// entry begins. An entry without is its own line.
fn version_line(lines: &[&str], line: u32, version: &str) -> u32 {
    /// Entries are no longer, but for their hashes.
    const LONGEST: usize = 500;
    let begins = |text: &str| text.trim_start().starts_with("[[") || text.trim_end().ends_with("\": {");
    let first = (line as usize).saturating_sub(1);
    let entry = lines.iter().enumerate().skip(first).take(LONGEST).take_while(|(at, text)| *at == first || !begins(text));
    let found = entry.into_iter().find(|(_, text)| has_word(text, version));
    found.map_or(line, |(at, _)| u32::try_from(at + 1).unwrap_or(line))
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".-+_".contains(c);
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let (before, after) = (text[..at].chars().next_back(), text[at + word.len()..].chars().next());
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
}

#[cfg(test)]
mod tests {
    use super::version_line;

    #[test]
    fn the_line_of_a_version_is_found_in_its_entry() {
        let cargo = "[[package]]\nname = \"time\"\nversion = \"0.1.43\"\n\n[[package]]\nname = \"x\"\nversion = \"0.1.4\"\n";
        let pipfile = "{\n  \"default\": {\n    \"a\": {\n      \"hashes\": [\n        \"sha256:1.2.3\"\n      ],\n      \"version\": \"==1.2.4\"\n    },\n    \"b\": {\n      \"version\": \"==1.2.3\"\n";
        for (text, line, version, expected) in [
            (cargo, 2, "0.1.43", 3),
            (cargo, 2, "0.1.4", 2),
            (cargo, 6, "0.1.4", 7),
            (pipfile, 3, "1.2.4", 7),
            (pipfile, 9, "1.2.3", 10),
            ("a==1.0\nb==1.1\n", 1, "1.1", 2),
            ("", 1, "1.0", 1),
        ] {
            assert_eq!(version_line(&text.lines().collect::<Vec<_>>(), line, version), expected, "{line} {version}");
        }
    }
}
