//! What a report says of images: how old they are, whose their layers are, what a rebuild would clear.

use super::{Judged, Placed, Report, phrases};
use crate::{
    model::{
        Ecosystem, ImageLayer, Reason, Timestamp, Unchecked,
        image::{EARLIEST, ImageInfo},
        timestamp::DAY,
    },
    policy::Standing,
};

/// How old an image is, in whole days, if it says when it was made.
#[must_use]
pub fn age_days(info: &ImageInfo, as_of: Timestamp) -> Option<i64> {
    let created = info.created.filter(|created| created.seconds() > EARLIEST)?;
    Some((as_of.seconds() - created.seconds()).div_euclid(DAY).max(0))
}

/// How many vulnerabilities a rebuild on the same base would clear: those of the distribution's packages that it has a fixed
/// version for. Known of images that say when they were made and what their base is.
#[must_use]
pub fn rebuild_clears(report: &Report, target: usize) -> Option<usize> {
    let info = report.targets.get(target)?.image.as_ref().filter(|info| info.is_image)?;
    info.base.as_ref().filter(|_| age_days(info, report.as_of).is_some())?;
    // Of a distribution without advisories nobody knows.
    let is_unknown = |placed: &Placed<Unchecked>| {
        placed.target == target
            && matches!(placed.item.reason, Reason::NoAdvisories | Reason::UnknownDistribution)
            && placed.item.packages > 0
    };
    if report.unchecked.iter().any(is_unknown) {
        return None;
    }
    let is_cleared = |judged: &&Judged| {
        let finding = &judged.finding;
        finding.target == target
            && finding.kind.is_security()
            && judged.judgement.standing != Standing::Excepted
            && !matches!(finding.ecosystem.base().as_str(), Ecosystem::CRATES_IO | Ecosystem::PYPI | Ecosystem::RUST_TOOLCHAIN)
            && finding.cure.is_some()
    };
    Some(report.findings.iter().filter(is_cleared).count())
}

/// A layer in a few words, what matters most at the end: `RUN apt-get install ... (base, layer 2)`.
#[must_use]
pub fn layer(layer: &ImageLayer) -> String {
    let whose = layer.origin.map(|origin| format!("{}, ", origin.as_str())).unwrap_or_default();
    let place = format!("{whose}layer {}", layer.index);
    match layer.created_by.as_deref() {
        Some(text) => format!("{} ({place})", instruction(text)),
        None => place,
    }
}

/// An instruction as people wrote it, in one line and not too long.
fn instruction(text: &str) -> String {
    /// What a line of a table has room for.
    const MOST: usize = 60;
    let text = text.strip_prefix("/bin/sh -c #(nop)").unwrap_or(text);
    let text = text
        .strip_prefix("RUN /bin/sh -c")
        .or_else(|| text.strip_prefix("/bin/sh -c"))
        .map_or_else(|| text.to_owned(), |command| format!("RUN{command}"));
    let text = text.trim().trim_end_matches("# buildkit");
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}

/// What is known of an image, in one line, if it is one.
#[must_use]
pub fn about(report: &Report, target: usize) -> Option<String> {
    let info = report.targets.get(target)?.image.as_ref().filter(|info| info.is_image)?;
    let name = info.reference.clone().or_else(|| info.digest.clone());
    let age =
        age_days(info, report.as_of).map(|days| format!("made {} ago", phrases::count(u64::try_from(days).unwrap_or_default(), "day")));
    let layers = phrases::count(info.layers.len() as u64, "layer");
    let base = info.base.as_ref().map(|base| {
        let name = base.name.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
        let how = if base.is_inferred { format!(" (inferred: {})", base.basis) } else { String::new() };
        format!("{} of them the base's{name}{how}", base.layers)
    });
    let clears = rebuild_clears(report, target).filter(|count| *count > 0);
    let clears = clears.map(|count| format!("a rebuild on the same base would clear {count}"));
    let parts = [name, info.platform.clone(), age, Some(layers), base, clears];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::instruction;

    #[test]
    fn instructions_are_shown_as_they_were_written() {
        for (text, expected) in [
            ("/bin/sh -c #(nop) ADD file:0123 in / ", "ADD file:0123 in /"),
            ("/bin/sh -c apt-get update &&   apt-get install", "RUN apt-get update && apt-get install"),
            ("COPY . /app # buildkit", "COPY . /app"),
            ("RUN /bin/sh -c pip install x # buildkit", "RUN pip install x"),
        ] {
            assert_eq!(instruction(text), expected);
        }
        assert_eq!(instruction(&"x".repeat(100)).len(), 63);
    }
}
