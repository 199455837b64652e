//! The whole merged view of layers, as text: what tests compare with really unpacking them.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use super::{
    kept::{Budget, Interest, Keep},
    layer::{self, Digest, Manner},
    limits::Limits,
    log::Content,
    merged::Merged,
    nodes::What,
};

/// Everything that layers, each a tar, the lowest first, have together: each path with `dir`, `file CONTENT` or
/// `link TARGET`, sorted. Contents are shown as text.
///
/// # Errors
/// When a layer cannot be read.
pub fn merged_listing(layers: &[Vec<u8>]) -> io::Result<Vec<(String, String)>> {
    let limits = Limits::default();
    let budget = Budget::new(limits, true);
    let manner = Manner { interest: Interest { keep: |_| Keep::Bytes, audit: |_| Ok(None) }, budget: &budget, limits: &limits };
    let read = layers.iter().map(|layer| layer::read(&mut layer.as_slice(), &Digest::Unknown, &manner, &|_| {}));
    let read: Vec<_> = read.collect::<io::Result<_>>()?;
    let logs: Vec<_> = read.iter().map(|layer| &layer.log).collect();
    let merged = Merged::new(&logs, &limits, |_| Keep::Bytes, true, &BTreeSet::new())?;
    let told = |at: usize| match &merged.nodes[at].what {
        What::Directory(_) => "dir".to_owned(),
        What::Link(target) => format!("link {target}"),
        What::Special => "special".to_owned(),
        What::File(file) => {
            let kept = match file.content {
                Content::Kept(kept) => read.get(file.layer as usize).and_then(|layer| layer.kept.get(kept as usize)),
                _ => None,
            };
            let bytes = kept.and_then(|kept| kept.read(&limits).ok().flatten()).unwrap_or_default();
            format!("file {}", String::from_utf8_lossy(&bytes))
        }
    };
    Ok(merged.nodes.all().into_iter().map(|(path, at)| (path, told(at))).collect())
}

/// The files that layers have together and whose paths are wanted, with their contents: read as a scan reads them, nothing
/// but what is wanted held, and what went by unseen read again.
///
/// # Errors
/// When a layer cannot be read.
pub fn wanted_listing(layers: &[Vec<u8>], keep: fn(&str) -> Keep) -> io::Result<Vec<(String, String)>> {
    let limits = Limits::default();
    let budget = Budget::new(limits, true);
    let interest = Interest { keep, audit: |_| Ok(None) };
    let manner = Manner { interest, budget: &budget, limits: &limits };
    let read = layers.iter().map(|layer| layer::read(&mut layer.as_slice(), &Digest::Unknown, &manner, &|_| {}));
    let read: Vec<_> = read.collect::<io::Result<_>>()?;
    let logs: Vec<_> = read.iter().map(|layer| &layer.log).collect();
    let merged = Merged::new(&logs, &limits, keep, false, &BTreeSet::new())?;
    let mut found = Vec::new();
    for (path, at) in merged.nodes.all() {
        let What::File(file) = &merged.nodes[at].what else { continue };
        if keep(&path) == Keep::Nothing {
            continue;
        }
        let (layer, mut bytes) = (file.layer as usize, Vec::new());
        if let Some(kept) = file.kept().and_then(|kept| read[layer].kept.get(kept as usize)) {
            bytes = kept.read(&limits)?.unwrap_or_default();
        } else {
            let wanted = BTreeMap::from([(file.entry, limits.file)]);
            layer::read_again(&mut layers[layer].as_slice(), &wanted, &limits, &mut |_, again| bytes = again.unwrap_or_default())?;
        }
        found.push((path, String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(found)
}
