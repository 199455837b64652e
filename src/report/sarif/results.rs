//! Results: one a finding, each in a real file and line, each the same alert tomorrow.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    log::{SarifLocation, SarifResult, Suppression, Text},
    places,
    rules::level,
};
use crate::{
    model::{Location, purl::purl},
    policy::{Exception, Standing, deadline::Origin},
    report::{
        Judged, Report, cures,
        identity::{Key, fingerprint},
        images, phrases,
        places::Places,
        promises,
    },
};

/// Aliases that are listed.
const MOST_ALIASES: usize = 20;
/// GitHub keeps this many locations of a result.
const MOST_LOCATIONS: usize = 100;

/// A finding as a result; `None` where no file of the target could carry it. The rule is left to the caller.
pub(super) fn result(
    report: &Report,
    files: &Places<'_>,
    judged: &Judged,
    identity: &(Key, usize),
    suppressed: bool,
) -> Option<SarifResult> {
    let finding = &judged.finding;
    // Of a release the line is not that of the file at hand.
    let line = |location: &Location| Some(location.line).filter(|_| !files.is_release(finding.target));
    let place = |location: &Location| Some(places::location(&files.file(finding.target, &location.path)?, line(location)));
    let mut locations = finding.locations.iter().filter_map(place);
    let first = locations.next().or_else(|| Some(places::location(&files.any_file(finding.target)?, None)))?;
    let related = locations.take(MOST_LOCATIONS).enumerate().map(|(at, location)| SarifLocation { id: Some(at + 1), ..location });
    let (key, ordinal) = identity;
    let fingerprint = fingerprint(key, *ordinal);
    let suppression = |exception: &Exception| Suppression {
        kind: "external",
        status: "accepted",
        justification: format!("{} (until {}, {}:{})", exception.reason, exception.expires.date(), exception.file, exception.line),
    };
    Some(SarifResult {
        rule_id: String::new(),
        rule_index: 0,
        level: level(judged),
        message: Text { text: escaped(&message(report, judged)) },
        locations: [first],
        related_locations: related.collect(),
        partial_fingerprints: BTreeMap::from([
            // GitHub reads this one only; the text behind the colon counts equal lines in its own scheme.
            ("primaryLocationLineHash", format!("{fingerprint}:1")),
            ("overdueIdentity/v1", fingerprint),
        ]),
        suppressions: suppressed.then(|| judged.judgement.exception.as_deref().into_iter().map(suppression).collect()),
        properties: properties(judged),
    })
}

/// The title sentence, which stands alone, and what to do; a line each.
fn message(report: &Report, judged: &Judged) -> String {
    let finding = &judged.finding;
    let mut lines = vec![format!("{}.", phrases::title(judged))];
    lines.extend(phrases::let_in(finding).map(|let_in| format!("The requirement {let_in}.")));
    match cures::of(finding) {
        Some(cure) => lines.push(format!("Cure: {}", phrases::shorten(&cure, phrases::LONGEST_TEXT))),
        None if finding.kind.is_security() => lines.push("No fixed version is known.".to_owned()),
        None => {}
    }
    lines.extend(phrases::wanted_when(finding).map(|when| format!("It is wanted {when}.")));
    if let Some(path) = &finding.dependency_path {
        lines.push(format!("It comes in by {}", phrases::way(path)));
    }
    if finding.manifest.starts_with("--") {
        lines.push(format!("It stands in no file; {} names it.", finding.manifest));
    }
    if let Some(release) = report.targets.get(finding.target).and_then(|target| target.release.as_ref()) {
        lines.push(format!("The supported release {} of the line {} ships it", release.tag, release.line));
    }
    if let Some(image) = report.targets.get(finding.target).filter(|target| target.kind == "image") {
        let layer = finding.layer.as_ref().map(|layer| format!(", {}", images::layer(layer))).unwrap_or_default();
        lines.push(format!("It is in the image {}{layer}", image.path));
    }
    lines.iter().map(|line| phrases::safe(line)).collect::<Vec<_>>().join("\n")
}

/// Brackets begin a link in a message (section 3.11.6).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

fn properties(judged: &Judged) -> Map<String, Value> {
    let (finding, judgement) = (&judged.finding, &judged.judgement);
    let name = phrases::shorten(&finding.name, phrases::LONGEST_NAME);
    let version = finding.wanted.version().map(|version| phrases::shorten(version, phrases::LONGEST_NAME));
    let requirement = finding.wanted.requirement().map(|requirement| phrases::shorten(requirement, phrases::LONGEST_NAME));
    let by = judgement.judged_by.as_ref().map(|by| by.origin.as_ref().map_or("none", Origin::as_str));
    let all = json!({
        "id": phrases::shorten(&finding.id.0, phrases::LONGEST_NAME),
        "aliases": finding.aliases.iter().take(MOST_ALIASES).map(|id| phrases::shorten(&id.0, phrases::LONGEST_NAME)).collect::<Vec<_>>(),
        "kind": finding.kind.as_str(),
        "ecosystem": finding.ecosystem,
        "package": name,
        "version": version,
        "requirement": requirement,
        "purl": purl(&finding.ecosystem, &name, version.as_deref()),
        "certainty": finding.certainty.as_str(),
        "groups": Some(finding.groups.iter().map(|group| group.as_str()).collect::<Vec<_>>()).filter(|groups| !groups.is_empty()),
        "marker": finding.marker.as_ref().map(|marker| phrases::shorten(marker, phrases::LONGEST_NAME)),
        "score": finding.grade.score.map(|tenths| f64::from(tenths) / 10.0),
        "vector": finding.grade.vector,
        "graded_by": finding.grade.source,
        "tier": judgement.tier.as_str(),
        "tier_reason": judgement.tier_reason.as_str(),
        "standing": judgement.standing.as_str(),
        "published": finding.published,
        "clock_started": judgement.started,
        "respond_by": judgement.respond_by,
        "fix_by": judgement.fix_by,
        "judged_by": by,
        "judged_by_line": judgement.judged_by.as_ref().and_then(promises::stated_by).map(|place| phrases::shorten(&place, phrases::LONGEST_NAME)),
        "clock_fallback": judgement.fallback,
        "no_deadline": judgement.no_deadline.as_ref().map(crate::policy::judge::NoDeadline::as_str),
        "cure": finding.cure.as_ref().map(|cure| phrases::shorten(cure, phrases::LONGEST_NAME)),
        "dependency_path": finding.dependency_path.as_ref().map(|path| phrases::way(path)),
    });
    match all {
        Value::Object(map) => map.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Map::new(),
    }
}

/// Whether a finding is left out unless suppressed ones are asked for.
pub(super) fn is_excepted(judged: &Judged) -> bool {
    judged.judgement.standing == Standing::Excepted
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn brackets_do_not_become_links() {
        assert_eq!(escaped(r"a[b](1)\c"), r"a\[b\](1)\\c");
    }
}
