//! How layers and archives are compressed.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

/// What a tool makes of a layer's tar archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    /// Several gzip members in a row, as parallel compressors write them.
    Members,
    Zstd,
}

impl Packing {
    pub(crate) const ALL: [Self; 4] = [Self::Plain, Self::Gzip, Self::Members, Self::Zstd];

    pub(crate) fn pack(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Plain => bytes.to_vec(),
            Self::Gzip => gzip(bytes),
            // A boundary in the middle of a block is the hard case.
            Self::Members => bytes.chunks((bytes.len() / 3).max(1) | 1).flat_map(gzip).collect(),
            Self::Zstd => zstd::encode_all(bytes, 1).expect("compressed"),
        }
    }

    /// The end of a media type.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Gzip | Self::Members => "+gzip",
            Self::Zstd => "+zstd",
        }
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("compressed");
    encoder.finish().expect("compressed")
}

/// `sha256:` and the digest of bytes.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// A digest without its algorithm.
pub(crate) fn hex(digest: &str) -> &str {
    digest.strip_prefix("sha256:").expect("a digest")
}
