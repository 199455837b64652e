//! How images are read: what was asked for, and a line a layer on a terminal.

use std::{
    collections::BTreeMap,
    fs,
    io::{IsTerminal, stderr},
    path::Path,
    sync::{Mutex, PoisonError},
};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use xxhash_rust::xxh3::xxh3_64;

use super::{
    args::{PlatformChoice, ScanArgs},
    environment,
    exit::Failure,
};
use crate::{
    inventory::EXTRACTORS,
    report::phrases,
    scan::ImageOptions,
    tree::image::{Cache, Limits, Watch, layers_of},
};

/// What was asked for.
///
/// # Errors
/// When the base is neither a list of digests nor an image.
pub(super) fn options(args: &ScanArgs) -> Result<ImageOptions, Failure> {
    let platform = match &args.wanted.platform {
        Some(PlatformChoice::Image(platform)) => Some(platform.clone()),
        Some(PlatformChoice::System(_)) | None => None,
    };
    let cache = if args.images.no_cache { None } else { environment::layer_cache() };
    // What is kept of layers depends on the formats that are known and on the limits.
    let formats: Vec<&str> = EXTRACTORS.iter().map(|extractor| extractor.name()).collect();
    let rules = xxh3_64(format!("{:?} {formats:?}", Limits::default()).as_bytes());
    let version = format!("{} {rules:x}", env!("CARGO_PKG_VERSION"));
    Ok(ImageOptions {
        base: args.images.base.as_deref().map(|base| digests(base, platform.as_deref())).transpose()?,
        platform,
        layers: args.images.layers.clone(),
        cache: cache.map(|folder| Cache { folder, version, now: environment::now() }),
        limits: Limits::default(),
        application_only: args.images.application_only,
    })
}

/// The digests of a base's layers: as they were given, as they stand in a file, or those of an image.
fn digests(given: &str, platform: Option<&str>) -> Result<Vec<String>, Failure> {
    /// A list of digests is no longer.
    const MOST: u64 = 1 << 20;
    let hint = "name the digests of its layers, the lowest first, as sha256:...,sha256:...; or its archive or OCI layout";
    let wrong = |why: String| Failure::usage(format!("--base {given}: {why}")).hint(hint);
    if let Some(list) = list(given) {
        return Ok(list);
    }
    let path = Path::new(given);
    let found = fs::metadata(path).map_err(|error| wrong(error.to_string()))?;
    if found.is_file() && found.len() <= MOST {
        let text = fs::read_to_string(path).ok();
        if let Some(list) = text.and_then(|text| list(&text)) {
            return Ok(list);
        }
    }
    layers_of(path, platform, &Limits::default()).map_err(wrong)
}

/// Digests between commas, blanks or lines; none where anything else is among them.
fn list(text: &str) -> Option<Vec<String>> {
    let words: Vec<&str> = text.split([',', ' ', '\n', '\r', '\t']).filter(|word| !word.is_empty()).collect();
    let digest = |word: &&str| {
        let hex = word.strip_prefix("sha256:").unwrap_or(word);
        let is_digest = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_digest.then(|| format!("sha256:{}", hex.to_ascii_lowercase()))
    };
    words.iter().map(digest).collect::<Option<Vec<_>>>().filter(|list| !list.is_empty())
}

/// Watches layers for a person: a line each on a terminal, nothing elsewhere.
pub(super) struct Watched {
    bars: Option<MultiProgress>,
    open: Mutex<BTreeMap<usize, ProgressBar>>,
}

const LINE: &str = "{msg} {wide_bar} {bytes} of {total_bytes} {bytes_per_sec}";

impl Watched {
    /// Watches where stderr is a terminal, unless it is to be quiet.
    #[must_use]
    pub(super) fn new(quiet: bool) -> Self {
        let bars = (!quiet && stderr().is_terminal()).then(MultiProgress::new);
        Self { bars, open: Mutex::default() }
    }

    fn with(&self, layer: usize, act: impl FnOnce(&ProgressBar)) {
        if let Some(bar) = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(&layer) {
            act(bar);
        }
    }
}

impl Watch for Watched {
    fn begin(&self, layer: usize, name: &str, size: u64) {
        let Some(bars) = &self.bars else { return };
        let bar = bars.add(ProgressBar::new(size));
        // A template that cannot be read would be a fault of ours; the default does as well.
        if let Ok(style) = ProgressStyle::with_template(LINE) {
            bar.set_style(style);
        }
        let short: String = name.chars().take(19).collect();
        bar.set_message(format!("layer {layer} {}", phrases::safe(&short)));
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(layer, bar);
    }

    fn advance(&self, layer: usize, bytes: u64) {
        if self.bars.is_some() {
            self.with(layer, |bar| bar.inc(bytes));
        }
    }

    fn end(&self, layer: usize) {
        if let Some(bar) = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&layer) {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn digests_are_told_from_paths() {
        let hex = "0".repeat(64);
        assert_eq!(list(&format!("sha256:{hex},{hex}\n")).map(|list| list.len()), Some(2));
        assert_eq!(list("base.tar"), None);
        assert_eq!(list(&format!("{hex} base.tar")), None);
        assert_eq!(list(""), None);
    }
}
