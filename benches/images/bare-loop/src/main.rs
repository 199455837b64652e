//! The least that reading an image can be: its gzip layers decoded in parallel, the largest first, every tar entry's header
//! read and nothing kept but the texts that hold package names. What a scanner takes beyond this is its own work.
//!
//!     bare-loop OCI_LAYOUT [--sha256]
//!
//! `--sha256` also hashes the compressed bytes as they pass, as a scanner that checks the layers' digests must; a layer
//! that is not what its manifest says is an error. Prints one line: layers, entries, kept files and their bytes, plain bytes.

use std::{
    env,
    error::Error,
    fs::{self, File},
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

use flate2::bufread::MultiGzDecoder;
use rayon::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256};

type Failure = Box<dyn Error + Send + Sync>;

const BUFFER: usize = 64 * 1024;

/// A layer as the manifest names it.
struct Layer {
    digest: String,
    size: u64,
}

/// What reading gave, to be added up.
#[derive(Default)]
struct Sum {
    layers: u64,
    entries: u64,
    kept: u64,
    kept_bytes: u64,
    plain_bytes: u64,
}

impl Sum {
    fn plus(self, other: Self) -> Self {
        Self {
            layers: self.layers + other.layers,
            entries: self.entries + other.entries,
            kept: self.kept + other.kept,
            kept_bytes: self.kept_bytes + other.kept_bytes,
            plain_bytes: self.plain_bytes + other.plain_bytes,
        }
    }
}

/// Passes bytes on and hashes them, if asked to.
struct Hashing<R> {
    inner: R,
    hasher: Option<Sha256>,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&buffer[..count]);
        }
        Ok(count)
    }
}

/// Counts the bytes that pass.
struct Counting<R> {
    inner: R,
    count: u64,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count += count as u64;
        Ok(count)
    }
}

fn blob(layout: &Path, digest: &str) -> PathBuf {
    layout.join("blobs").join(digest.replace(':', "/"))
}

fn text<'v>(value: &'v Value, pointer: &str) -> Result<&'v str, Failure> {
    value.pointer(pointer).and_then(Value::as_str).ok_or_else(|| format!("no {pointer}").into())
}

/// The layers of the first image of the layout, the largest first.
fn layers(layout: &Path) -> Result<Vec<Layer>, Failure> {
    let index: Value = serde_json::from_slice(&fs::read(layout.join("index.json"))?)?;
    let manifest: Value = serde_json::from_slice(&fs::read(blob(layout, text(&index, "/manifests/0/digest")?))?)?;
    let described = manifest["layers"].as_array().ok_or("no layers")?;
    let mut layers = Vec::new();
    for it in described {
        let size = it["size"].as_u64().ok_or("a layer without size")?;
        layers.push(Layer { digest: text(it, "/digest")?.to_owned(), size });
    }
    layers.sort_by_key(|layer| std::cmp::Reverse(layer.size));
    Ok(layers)
}

fn is_kept(path: &[u8]) -> bool {
    let path = path.strip_prefix(b"./").unwrap_or(path);
    path == b"var/lib/dpkg/status" || path.ends_with(b".dist-info/METADATA")
}

fn read(layout: &Path, layer: &Layer, sha256: bool) -> Result<Sum, Failure> {
    let file = File::open(blob(layout, &layer.digest))?;
    let hashing = Hashing { inner: file, hasher: sha256.then(Sha256::new) };
    let decoder = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, hashing));
    let counting = Counting { inner: decoder, count: 0 };
    let mut archive = tar::Archive::new(BufReader::with_capacity(BUFFER, counting));
    let mut sum = Sum { layers: 1, ..Sum::default() };
    let mut kept = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        sum.entries += 1;
        if is_kept(&entry.path_bytes()) {
            kept.clear();
            entry.read_to_end(&mut kept)?;
            sum.kept += 1;
            sum.kept_bytes += kept.len() as u64;
        }
    }
    // What follows the end of the archive is read too: the digest is that of the whole file.
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink())?;
    let counting = rest.into_inner();
    sum.plain_bytes = counting.count;
    if let Some(hasher) = counting.inner.into_inner().into_inner().hasher {
        let found: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        if layer.digest.strip_prefix("sha256:") != Some(&found) {
            return Err(format!("{} is {found}", layer.digest).into());
        }
    }
    Ok(sum)
}

fn run() -> Result<Sum, Failure> {
    let mut layout = None;
    let mut sha256 = false;
    for argument in env::args_os().skip(1) {
        if argument == "--sha256" {
            sha256 = true;
        } else {
            layout = Some(PathBuf::from(argument));
        }
    }
    let layout = layout.ok_or("usage: bare-loop OCI_LAYOUT [--sha256]")?;
    // A bridge hands the layers out in their order, one at a time.
    layers(&layout)?
        .into_iter()
        .par_bridge()
        .map(|layer| read(&layout, &layer, sha256))
        .try_reduce(Sum::default, |left, right| Ok(left.plus(right)))
}

fn main() -> ExitCode {
    match run() {
        Ok(sum) => {
            println!(
                "{} layers, {} entries, {} kept of {} bytes, {} bytes",
                sum.layers, sum.entries, sum.kept, sum.kept_bytes, sum.plain_bytes
            );
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("bare-loop: {failure}");
            ExitCode::from(2)
        }
    }
}
