//! Which layers of an image are its base's, and how that is known.

use super::spec::{Instruction, Spec};

/// The base of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Base {
    /// So many of its layers, from the lowest, are the base's.
    pub(super) layers: usize,
    /// How that is known.
    pub(super) basis: Basis,
    /// How the base is called, if a label says so.
    pub(super) name: Option<String>,
    /// Its digest, if a label says so.
    pub(super) digest: Option<String>,
}

/// How a base is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Basis {
    /// It was given.
    Given,
    /// Inferred: images end with the command that they run, and there is one in the midst of the history.
    History,
    /// Inferred: the lowest layer was added as a whole.
    FirstLayer,
    /// Inferred: the lowest layers up to the one that brings the operating system.
    OperatingSystem,
    /// Nothing tells.
    Unknown,
}

impl Basis {
    /// The name in reports.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::History => "history",
            Self::FirstLayer => "first-layer",
            Self::OperatingSystem => "operating-system",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it is a guess.
    pub(super) fn is_inferred(self) -> bool {
        matches!(self, Self::History | Self::FirstLayer | Self::OperatingSystem)
    }
}

/// Whether the layers of a base, told by any of their digests, are the lowest of an image. `Err` is the first that is not.
pub(super) fn given(spec: &Spec, digests: &[String]) -> Result<(), String> {
    for (at, digest) in digests.iter().enumerate() {
        let is_it = |known: &str| known == digest || known.strip_prefix("sha256:") == Some(digest);
        let same = spec.layers.get(at).is_some_and(|layer| is_it(&layer.name) || layer.diff_id.as_deref().is_some_and(is_it));
        if !same {
            return Err(digest.clone());
        }
    }
    Ok(())
}

/// Infers the base. `system` is the layer that brings the operating system.
pub(super) fn infer(spec: &Spec, system: Option<usize>) -> Base {
    let label = |name: &str| spec.labels.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let (layers, basis) = layers(spec, system);
    Base { layers, basis, name: label("org.opencontainers.image.base.name"), digest: label("org.opencontainers.image.base.digest") }
}

fn layers(spec: &Spec, system: Option<usize>) -> (usize, Basis) {
    let steps = of_layers(spec);
    if steps.len() == spec.layers.len() {
        if let Some(end) = end_of_base(&spec.history) {
            let layers = spec.history[..end].iter().filter(|step| !step.is_empty).count();
            if layers > 0 {
                return (layers, Basis::History);
            }
        }
        let first = steps.first().and_then(|step| step.created_by.as_deref());
        if system == Some(0) && first.is_some_and(is_whole_system) {
            return (1, Basis::FirstLayer);
        }
        // What was copied as a whole may be anything: a system with the application in it.
        if first.is_some_and(|text| text.starts_with("COPY ")) {
            return (0, Basis::Unknown);
        }
    }
    match system {
        // Of a single layer nobody can tell what of it came later.
        Some(layer) if spec.layers.len() > 1 && layer + 1 < spec.layers.len() => (layer + 1, Basis::OperatingSystem),
        _ => (0, Basis::Unknown),
    }
}

/// The steps that made layers, in the order of the layers.
pub(super) fn of_layers(spec: &Spec) -> Vec<&Instruction> {
    spec.history.iter().filter(|step| !step.is_empty).collect()
}

/// Where the base's steps end: before the layer that says from which image it was built, else after a command to run that
/// is not the image's own. Of several the last that stands before a pause, because a base was made earlier; where no pause
/// tells, the first: what may be the application's counts as its own.
fn end_of_base(history: &[Instruction]) -> Option<usize> {
    /// One build takes no longer between two steps.
    const PAUSE: i64 = 3600;
    let says_from = |step: &Instruction| step.comment.as_deref().is_some_and(|comment| comment.starts_with("FROM "));
    if let Some(at) = history.iter().position(says_from) {
        return Some(at);
    }
    let last = history.iter().rposition(|step| !step.is_empty)?;
    let is_command = |step: &Instruction| step.is_empty && step.created_by.as_deref().is_some_and(is_command);
    let ends: Vec<usize> = (0..last).filter(|at| is_command(&history[*at])).map(|at| at + 1).collect();
    let pauses = |end: &&usize| {
        let (before, after) = (history[**end - 1].created, history[**end].created);
        before.zip(after).is_some_and(|(before, after)| after.seconds() - before.seconds() > PAUSE)
    };
    ends.iter().rfind(pauses).or(ends.first()).copied()
}

/// Whether an instruction sets what is run. An entry point alone may be one's own, in the midst of a build.
fn is_command(text: &str) -> bool {
    let text = text.strip_prefix("/bin/sh -c #(nop)").unwrap_or(text).trim_start();
    text.strip_prefix("CMD").is_some_and(|rest| rest.starts_with([' ', '[']))
}

/// Whether an instruction adds the root filesystem of a distribution.
fn is_whole_system(text: &str) -> bool {
    let text = text.strip_prefix("/bin/sh -c #(nop)").unwrap_or(text).trim_start();
    let places = text.strip_prefix("ADD ").map(|rest| rest.trim_end_matches("# buildkit").trim_end());
    places.is_some_and(|places| places.ends_with(" in /") || places.ends_with(" /"))
        || text.starts_with("# debian.sh")
        || text.contains("debuerreotype")
}

#[cfg(test)]
mod tests {
    use super::{end_of_base, is_command, is_whole_system};
    use crate::{model::Timestamp, tree::image::spec::Instruction};

    fn history(steps: &[&str]) -> Vec<Instruction> {
        let is_empty =
            |text: &str| ["CMD", "ENV", "ENTRYPOINT", "LABEL", "/bin/sh -c #(nop)  CMD"].iter().any(|word| text.starts_with(word));
        let step = |text: &&str| {
            // `2@RUN it` was run two hours later.
            let (hours, text) = text.split_once('@').unwrap_or(("0", text));
            let created = hours.parse::<i64>().ok().map(|hours| Timestamp::from_seconds(hours * 3600));
            let (comment, text) = text.split_once('|').map_or((None, text), |(comment, text)| (Some(comment.to_owned()), text));
            Instruction { created, created_by: Some(text.to_owned()), comment, is_empty: is_empty(text) }
        };
        steps.iter().map(step).collect()
    }

    #[test]
    fn a_command_in_the_midst_of_the_history_ends_the_base() {
        for (steps, expected) in [
            (&["ADD file:1 in /", "CMD [\"bash\"]", "RUN apt-get install", "COPY . /app", "CMD [\"app\"]"][..], Some(2)),
            (
                &[
                    "ADD file:1 in /",
                    "/bin/sh -c #(nop)  CMD [\"bash\"]",
                    "9@RUN a",
                    "9@CMD [\"python3\"]",
                    "99@COPY . /app",
                    "99@CMD [\"x\"]",
                ],
                Some(4),
            ),
            // One's own command before the last layer: made in the same hour.
            (&["ADD file:1 in /", "CMD [\"bash\"]", "9@RUN pip install", "9@CMD [\"x\"]", "9@COPY . /app"], Some(2)),
            // Nothing tells.
            (&["ADD file:1 in /", "CMD [\"bash\"]", "RUN pip install", "CMD [\"x\"]", "COPY . /app"], Some(2)),
            (&["ADD file:1 in /", "9@RUN pip install", "9@ENTRYPOINT [\"x\"]", "9@COPY . /app"], None),
            (&["ADD file:1 in /", "RUN apt-get install", "FROM index.example/base:12|COPY . /app"], Some(2)),
            (&["ADD file:1 in /", "CMD [\"bash\"]"], None),
            (&["COPY app /app", "ENTRYPOINT [\"/app\"]"], None),
            (&[], None),
        ] {
            assert_eq!(end_of_base(&history(steps)), expected, "{steps:?}");
        }
    }

    #[test]
    fn instructions_are_known_in_both_ways_of_writing() {
        assert!(is_command("/bin/sh -c #(nop)  CMD [\"bash\"]") && is_command("CMD [\"bash\"]"));
        assert!(!is_command("ENTRYPOINT [\"a\"]") && !is_command("RUN CMD") && !is_command("COMMAND x"));
        for text in
            ["/bin/sh -c #(nop) ADD file:0123 in / ", "ADD rootfs.tar.gz / # buildkit", "# debian.sh --arch 'amd64' out/ 'bookworm'"]
        {
            assert!(is_whole_system(text.trim_end()), "{text}");
        }
        assert!(!is_whole_system("COPY app /app # buildkit") && !is_whole_system("COPY / / # buildkit"));
    }
}
