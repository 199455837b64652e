//! From a target to its images: layers read side by side, each once, and merged.

use std::{
    collections::{BTreeSet, HashMap},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rayon::ThreadPoolBuilder;

use super::{
    base::{self, Base, Basis},
    cache::Cache,
    folder,
    kept::{Budget, Interest, Kept},
    layer::{self, Digest, Fault, Layer, Manner},
    limits::Limits,
    manifests,
    merged::Merged,
    room::Room,
    source::{Opened, Source},
    spec::{LayerSpec, Spec, SpecError},
    told::{fault_of_layer, info},
    view::{Contents, Image},
};
use crate::model::{Reason, Unchecked};

/// How images are opened.
pub struct Options<'a> {
    /// What of their files is wanted.
    pub interest: Interest,
    /// Only images of this platform.
    pub platform: Option<&'a str>,
    /// The digests of the base's layers, the lowest first.
    pub base: Option<&'a [String]>,
    /// What was read of layers before.
    pub cache: Option<&'a Cache>,
    /// How many layers are read at a time.
    pub threads: usize,
    /// How much is read.
    pub limits: Limits,
    /// Who watches.
    pub watch: &'a dyn Watch,
}

/// Watches layers being read.
pub trait Watch: Sync {
    /// A layer of this number, name and size in bytes begins.
    fn begin(&self, layer: usize, name: &str, size: u64);

    /// So many bytes more of it were read.
    fn advance(&self, layer: usize, bytes: u64);

    /// It ends.
    fn end(&self, layer: usize);
}

/// Nobody watches.
pub struct Unwatched;

impl Watch for Unwatched {
    fn begin(&self, _layer: usize, _name: &str, _size: u64) {}
    fn advance(&self, _layer: usize, _bytes: u64) {}
    fn end(&self, _layer: usize) {}
}

/// What a target turned out to hold.
#[derive(Default)]
pub struct Images {
    /// Its images; a root filesystem is one.
    pub images: Vec<Image>,
    /// Images that are named and passed over, with the reason.
    pub passed: Vec<(String, String)>,
    /// Why none could be read, although the target can.
    pub fault: Option<Unchecked>,
}

/// Why a target cannot be scanned.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A layer, manifest or configuration is not what its digest says.
    #[error("{}: {subject} is damaged: its digest is sha256:{found}", path.display())]
    Digest {
        /// The target.
        path: PathBuf,
        /// What it is, with the digest that it should have.
        subject: String,
        /// The digest that it has, in hexadecimal.
        found: String,
    },
    /// The base that was given is none of this image's.
    #[error("{}: its lowest layers are not those of the base: {digest} is not in its place", path.display())]
    NotItsBase {
        /// The target.
        path: PathBuf,
        /// The first digest that differs.
        digest: String,
    },
}

/// Opens a file: an archive of images, or a root filesystem as a tar.
///
/// # Errors
/// When it cannot be read, or a digest does not fit.
pub fn file(path: &Path, options: &Options<'_>) -> Result<Images, ImageError> {
    let unreadable = |source| ImageError::Unreadable { path: path.to_owned(), source };
    match Source::file(path, &options.limits) {
        Ok(Opened::Images(source)) => images(path, source, options),
        Ok(Opened::Layer) => single(path, options),
        Ok(Opened::Beyond(limit)) => Ok(faulty(path, Reason::LimitReached, limit.sentence(&options.limits))),
        Ok(Opened::Nothing) => Ok(faulty(path, Reason::NotUnderstood, "it is an archive without any member".to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound || error.kind() == io::ErrorKind::PermissionDenied => Err(unreadable(error)),
        Err(error) => Ok(faulty(path, Reason::NotUnderstood, format!("it is no archive that can be read: {error}"))),
    }
}

/// Opens an OCI layout.
///
/// # Errors
/// When it cannot be read, or a digest does not fit.
pub fn layout(path: &Path, options: &Options<'_>) -> Result<Images, ImageError> {
    images(path, Source::folder(path), options)
}

/// Opens unpacked layers, the lowest first; or with one, not as a layer, a root filesystem.
///
/// # Errors
/// When one of them cannot be read.
pub fn folders(paths: &[PathBuf], as_layers: bool, options: &Options<'_>) -> Result<Images, ImageError> {
    let mut layers = Vec::new();
    let budget = Budget::new(options.limits, true);
    let manner = Manner { interest: options.interest, budget: &budget, limits: &options.limits };
    for path in paths {
        let layer = folder::read(path, as_layers, &manner).map_err(|source| ImageError::Unreadable { path: path.clone(), source })?;
        layers.push(Arc::new(layer));
    }
    let specs = paths.iter().map(|path| LayerSpec {
        blob: String::new(),
        name: path.display().to_string(),
        digest: Digest::Unknown,
        diff_id: None,
        is_foreign: false,
    });
    let spec = Spec { layers: specs.collect(), ..Spec::default() };
    let first = paths.first().cloned().unwrap_or_default();
    let faults = layers.iter().enumerate().flat_map(|(at, layer)| layer.faults.iter().map(move |fault| (at, fault.clone())));
    let faults = faults.collect();
    let left = Left::of(&options.limits, layers.iter());
    let (mut image, _) = image(&first, &spec, layers, None, paths, faults, (options, &left))?;
    image.info.is_image = as_layers;
    Ok(Images { images: vec![image], ..Images::default() })
}

/// The digests of the layers of the one image that a file or an OCI layout holds, the lowest first: of their tars where the
/// configuration tells those, which are the same however a layer is packed.
///
/// # Errors
/// A sentence, when there is not one image.
pub fn layers_of(path: &Path, platform: Option<&str>, limits: &Limits) -> Result<Vec<String>, String> {
    let source = if path.is_dir() {
        Source::folder(path)
    } else {
        match Source::file(path, limits).map_err(|error| error.to_string())? {
            Opened::Images(source) => source,
            Opened::Layer | Opened::Beyond(_) | Opened::Nothing => return Err("it is no archive of an image".to_owned()),
        }
    };
    let specs = manifests::read(&source, platform, limits).map_err(|error| error.to_string())?;
    match specs.images.as_slice() {
        [image] => Ok(image.layers.iter().map(|layer| layer.diff_id.clone().unwrap_or_else(|| layer.name.clone())).collect()),
        several => Err(format!("it holds {} images, and one is wanted: choose by --platform", several.len())),
    }
}

fn faulty(path: &Path, reason: Reason, detail: String) -> Images {
    let subject = path.file_name().map_or_else(|| path.display().to_string(), super::super::names::shown);
    let item = Unchecked { path: ".".to_owned(), line: None, subject, packages: 0, reason, detail };
    Images { fault: Some(item), ..Images::default() }
}

/// A tar of files: one layer.
fn single(path: &Path, options: &Options<'_>) -> Result<Images, ImageError> {
    let unreadable = |source| ImageError::Unreadable { path: path.to_owned(), source };
    let source = Source::whole(path).map_err(unreadable)?;
    let name = path.file_name().map_or_else(String::new, super::super::names::shown);
    let spec = LayerSpec { blob: String::new(), name, digest: Digest::Unknown, diff_id: None, is_foreign: false };
    let spec = Spec { layers: vec![spec], ..Spec::default() };
    let layers = read_layers(path, &source, &[&spec.layers[0]], options)?;
    let Some(layer) = layers.into_values().next() else {
        return Ok(faulty(path, Reason::Unreadable, "it cannot be read".to_owned()));
    };
    let (layer, faults) = layer;
    let faults = faults.into_iter().map(|fault| (0, fault)).collect();
    let digest = layer.digest.as_ref().map(|hex| format!("sha256:{hex}"));
    let mut spec = spec;
    spec.digest.clone_from(&digest);
    if let Some(digest) = digest {
        spec.layers[0].name = digest;
    }
    let left = Left::of(&options.limits, std::iter::once(&layer));
    let (mut image, _) = image(path, &spec, vec![layer], Some(Arc::new(source)), &[], faults, (options, &left))?;
    image.info.is_image = false;
    Ok(Images { images: vec![image], ..Images::default() })
}

fn images(path: &Path, source: Source, options: &Options<'_>) -> Result<Images, ImageError> {
    let specs = match manifests::read(&source, options.platform, &options.limits) {
        Ok(specs) => specs,
        Err(SpecError::Digest(subject, found)) => return Err(ImageError::Digest { path: path.to_owned(), subject, found }),
        Err(SpecError::Limit(limit)) => return Ok(faulty(path, Reason::LimitReached, limit.sentence(&options.limits))),
        Err(error) => return Ok(faulty(path, Reason::NotUnderstood, error.to_string())),
    };
    if specs.images.is_empty() {
        let detail = match options.platform {
            Some(platform) => format!("it holds no image of the platform {platform}"),
            None => "it holds no image".to_owned(),
        };
        return Ok(Images { passed: specs.passed, ..faulty(path, Reason::NotUnderstood, detail) });
    }
    // Images of one archive share layers.
    let mut distinct: Vec<&LayerSpec> = Vec::new();
    let mut known: BTreeSet<(String, String)> = BTreeSet::new();
    let mut told: HashMap<(&str, bool), usize> = HashMap::new();
    for layer in specs.images.iter().flat_map(|image| &image.layers) {
        if known.insert(key(layer)) {
            // Of two digests of the same bytes one is wrong, and which ones there are besides does not matter.
            let times = told.entry((&layer.blob, matches!(layer.digest, Digest::Stored(_)))).or_default();
            *times += 1;
            if *times <= 2 {
                distinct.push(layer);
            }
        }
    }
    let layers = read_layers(path, &source, &distinct, options)?;
    // Of several images one has to be built on the base that was given.
    if let Some(digests) = options.base {
        let wrong: Vec<String> = specs.images.iter().filter_map(|spec| base::given(spec, digests).err()).collect();
        if let Some(digest) = wrong.first().filter(|_| wrong.len() == specs.images.len()) {
            return Err(ImageError::NotItsBase { path: path.to_owned(), digest: digest.clone() });
        }
    }
    let is_mixed = source.is_mixed;
    let source = Arc::new(source);
    let mut found = Images { passed: specs.passed, ..Images::default() };
    let mut left = Left::of(&options.limits, layers.values().map(|(layer, _)| layer));
    for spec in specs.images {
        let mut faults = Vec::new();
        let read = spec.layers.iter().enumerate().map(|(at, layer)| {
            if let Some((layer, its)) = layers.get(&key(layer)) {
                faults.extend(its.iter().map(|fault| (at, fault.clone())));
                Arc::clone(layer)
            } else {
                let why = if layer.is_foreign { "a foreign layer: its bytes are somewhere else" } else { "it is not in the archive" };
                faults.push((at, Fault::Missing(why.to_owned())));
                Arc::default()
            }
        });
        let read = read.collect();
        let (image, taken) = image(path, &spec, read, Some(Arc::clone(&source)), &[], faults, (options, &left))?;
        found.images.push(image);
        // The next one takes what is left.
        left.nodes = (left.nodes.0.saturating_sub(taken.0), left.nodes.1.saturating_sub(taken.1));
    }
    if let Some(first) = found.images.first_mut().filter(|_| is_mixed) {
        let detail = "beside its images the archive has files of a root filesystem, which were not looked at".to_owned();
        let (path, subject) = (".".to_owned(), "files beside the images".to_owned());
        first.faults.push(Unchecked { path, line: None, subject, packages: 0, reason: Reason::NotUnderstood, detail });
    }
    Ok(found)
}

/// Layers by their blobs and digests, with what is wrong with them.
type ReadLayers = HashMap<(String, String), (Arc<Layer>, Vec<Fault>)>;

/// What tells layers of a target apart: the same blob under two digests is two, of which one is a lie.
fn key(layer: &LayerSpec) -> (String, String) {
    let digest = match &layer.digest {
        Digest::Stored(hex) | Digest::Plain(hex) => hex.clone(),
        Digest::Unknown => String::new(),
    };
    (layer.blob.clone(), digest)
}

/// Reads layers, as many at a time as there are threads; one after the other if they take more than there is room for.
fn read_layers(path: &Path, source: &Source, wanted: &[&LayerSpec], options: &Options<'_>) -> Result<ReadLayers, ImageError> {
    let mut cached: HashMap<usize, Layer> = options.cache.map_or_else(HashMap::new, |cache| {
        wanted.iter().enumerate().filter_map(|(at, layer)| Some((at, cache.get(&layer.digest)?))).collect()
    });
    let side_by_side = Budget::new(options.limits, false);
    for layer in cached.values() {
        // A budget that is spent says so below.
        for kept in &layer.kept {
            let _ = side_by_side.keep(kept);
        }
        let _ = side_by_side.enter(layer.log.entries, layer.log.size() as u64);
    }
    let mut all: Vec<(usize, &str, u64)> =
        wanted.iter().enumerate().map(|(at, layer)| (at, layer.blob.as_str(), source.size(&layer.blob).unwrap_or_default())).collect();
    // The largest first, so that none of them begins when everybody else has ended.
    all.sort_by_key(|(at, _, size)| (std::cmp::Reverse(*size), *at));
    let mut read =
        if side_by_side.is_spent() { Vec::new() } else { read_with(path, source, wanted, &all, &cached, options, &side_by_side)? };
    if side_by_side.is_spent() {
        // As if nothing had been known before, so that it gives what it gave then.
        cached.clear();
        all.sort_by_key(|(at, ..)| *at);
        read = read_with(path, source, wanted, &all, &cached, options, &Budget::new(options.limits, true))?;
    }
    let mut found = HashMap::new();
    for (at, mut layer) in read {
        let spec = wanted[at];
        if let Digest::Stored(expected) | Digest::Plain(expected) = &spec.digest {
            match &layer.digest {
                Some(digest) if digest != expected => {
                    let subject = format!("layer {at} ({})", spec.name);
                    return Err(ImageError::Digest { path: path.to_owned(), subject, found: digest.clone() });
                }
                None if layer.faults.is_empty() => layer.faults.push(Fault::Damaged("its digest cannot be worked out".to_owned())),
                _ => {}
            }
        }
        let layer = cached.remove(&at).unwrap_or(layer);
        if let Some(cache) = options.cache {
            // A cache that cannot be written costs time, and nothing else.
            let _ = cache.put(&spec.digest, source.size(&spec.blob).unwrap_or_default(), &layer);
        }
        found.insert(key(spec), settled(layer));
    }
    options.cache.into_iter().for_each(Cache::tidy);
    Ok(found)
}

fn settled(mut layer: Layer) -> (Arc<Layer>, Vec<Fault>) {
    let faults = std::mem::take(&mut layer.faults);
    (Arc::new(layer), faults)
}

fn read_with(
    path: &Path,
    source: &Source,
    wanted: &[&LayerSpec],
    all: &[(usize, &str, u64)],
    cached: &HashMap<usize, Layer>,
    options: &Options<'_>,
    budget: &Budget,
) -> Result<Vec<(usize, Layer)>, ImageError> {
    let unreadable = |source| ImageError::Unreadable { path: path.to_owned(), source };
    let manner = Manner { interest: options.interest, budget, limits: &options.limits };
    let read = Mutex::new(Vec::new());
    let take = |at: usize, bytes: &mut dyn io::Read, size: u64| {
        options.watch.begin(at, &wanted[at].name, size);
        let told = |more: u64| options.watch.advance(at, more);
        // Of what is known only the digest is looked at.
        let outcome = if cached.contains_key(&at) {
            let digest = layer::digest_of(bytes, &wanted[at].digest, &options.limits, &told);
            digest.map(|digest| Layer { digest, ..Layer::default() })
        } else {
            layer::read(bytes, &wanted[at].digest, &manner, &told)
        };
        let layer = outcome.unwrap_or_else(|error| Layer { faults: vec![Fault::damaged(&error)], ..Layer::default() });
        options.watch.end(at);
        read.lock().unwrap_or_else(PoisonError::into_inner).push((at, layer));
    };
    let asked: Vec<(usize, &str)> = all.iter().map(|(at, blob, _)| (*at, *blob)).collect();
    if budget.in_order {
        asked.iter().try_for_each(|one| source.each(std::slice::from_ref(one), &take)).map_err(unreadable)?;
    } else {
        let threads = options.threads.clamp(1, options.limits.readers);
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| unreadable(io::Error::other(error)))?;
        pool.install(|| source.each(&asked, &take)).map_err(unreadable)?;
    }
    let mut read = read.into_inner().unwrap_or_else(PoisonError::into_inner);
    read.sort_by_key(|(at, _)| *at);
    Ok(read)
}

/// What all images of a target have together.
#[derive(Clone)]
struct Left {
    /// How many nodes they may still have, and what their paths may take.
    nodes: (usize, usize),
    /// Room for what is read again, beside what was kept at first.
    again: Arc<Room>,
}

impl Left {
    /// All, but for what these layers keep.
    fn of<'a>(limits: &Limits, layers: impl Iterator<Item = &'a Arc<Layer>>) -> Self {
        let kept: u64 = layers.flat_map(|layer| &layer.kept).map(Kept::size).sum();
        Self { nodes: (limits.nodes, limits.paths), again: Arc::new(Room::new(limits.kept.saturating_sub(kept))) }
    }
}

/// Puts an image together, as far as there is room. Says how many nodes it has, and what their paths take.
fn image(
    path: &Path,
    spec: &Spec,
    layers: Vec<Arc<Layer>>,
    source: Option<Arc<Source>>,
    folders: &[PathBuf],
    faults: Vec<(usize, Fault)>,
    (options, left): (&Options<'_>, &Left),
) -> Result<(Image, (usize, usize)), ImageError> {
    let logs: Vec<_> = layers.iter().map(|layer| &layer.log).collect();
    let limits = Limits { nodes: left.nodes.0, paths: left.nodes.1, ..options.limits };
    let merged = Merged::new(&logs, &limits, options.interest.keep, false, &BTreeSet::new());
    let merged = merged.map_err(|source| ImageError::Unreadable { path: path.to_owned(), source })?;
    let size = merged.nodes.size();
    let blobs = spec.layers.iter().map(|layer| layer.blob.clone()).collect();
    let contents = Contents::new(layers, blobs, (source, folders), options.interest, (options.limits, Arc::clone(&left.again)));
    let mut image = Image::new(contents, merged);
    let base = match options.base {
        Some(digests) if base::given(spec, digests).is_ok() => {
            Base { layers: digests.len(), basis: Basis::Given, ..base::infer(spec, None) }
        }
        _ => base::infer(spec, image.system_layer()),
    };
    image.info = info(spec, &base);
    let again = image.look_again().into_iter();
    let again = again.map(|(at, error)| (at, Fault::Missing(format!("what links lead to cannot be read again: {error}"))));
    for (at, fault) in faults.into_iter().chain(again) {
        let name = image.info.layers.get(at).and_then(|layer| layer.digest.clone()).unwrap_or_default();
        image.faults.push(fault_of_layer(at, &name, &fault, &options.limits));
    }
    Ok((image, size))
}
