//! How much of an image is read. One place, so that hostile input meets one set of numbers.

/// Limits of reading an image. What is beyond one is unchecked, with the limit's name.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest file that is kept, in bytes.
    pub file: u64,
    /// The most things that a dependency file may name (see `Extractor::parts`).
    pub parts: u64,
    /// What dependency files and programs of a target say, in bytes, as it is held.
    pub inventory: u64,
    /// The findings of a target, in bytes, as they are held.
    pub findings: u64,
    /// All that is kept of a target, in bytes, as it is held (compressed).
    pub kept: u64,
    /// The same, as it is when it is read.
    pub plain: u64,
    /// What the entries of all layers take, in bytes, as they are held.
    pub entries_size: u64,
    /// Entries of all layers.
    pub entries: u64,
    /// The most that a layer may unpack to, in bytes.
    pub unpacked: u64,
    /// So many times its stored size a layer may unpack to...
    pub ratio: u64,
    /// ...once it has unpacked to this, in bytes.
    pub ratio_from: u64,
    /// What stands before one entry (long names, extended headers), in bytes.
    pub header: u64,
    /// The largest program that is held to look for what `cargo auditable` left in it, while others go by, in bytes.
    pub program: u64,
    /// The largest that is held for that at all, when it is the only one.
    pub single_program: u64,
    /// Files, directories and links that matter in the merged views of a target.
    pub nodes: usize,
    /// What their paths take, in bytes.
    pub paths: usize,
    /// Links that are followed on the way to one file, as Linux does.
    pub hops: usize,
    /// Layers of an image.
    pub layers: usize,
    /// A manifest, configuration or index, in bytes; all configurations may take four times as much.
    pub json: u64,
    /// Indexes in indexes.
    pub nesting: usize,
    /// Manifests and indexes that are looked at.
    pub manifests: usize,
    /// Layers that are read at a time.
    pub readers: usize,
    /// Images of a target.
    pub images: usize,
    /// Members of an archive of an image.
    pub members: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file: 16 << 20,
            parts: 80_000,
            inventory: 32 << 20,
            findings: 40 << 20,
            kept: 32 << 20,
            plain: 256 << 20,
            entries_size: 32 << 20,
            entries: 20_000_000,
            unpacked: 1 << 40,
            ratio: 200,
            ratio_from: 256 << 20,
            header: 1 << 20,
            program: 16 << 20,
            single_program: 64 << 20,
            nodes: 100_000,
            paths: 16 << 20,
            hops: 40,
            layers: 512,
            json: 2 << 20,
            nesting: 4,
            manifests: 4096,
            readers: 6,
            images: 64,
            members: 200_000,
        }
    }
}

/// A limit that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Limit {
    /// [`Limits::parts`].
    Parts,
    /// [`Limits::inventory`].
    Inventory,
    /// [`Limits::findings`].
    Findings,
    /// [`Limits::kept`].
    Kept,
    /// [`Limits::entries`] or [`Limits::entries_size`].
    Entries,
    /// [`Limits::unpacked`].
    Unpacked,
    /// [`Limits::ratio`].
    Ratio,
    /// [`Limits::header`].
    Header,
    /// The longest path.
    Path,
    /// [`Limits::nodes`] or [`Limits::paths`].
    Nodes,
    /// [`Limits::hops`].
    Hops,
    /// [`Limits::layers`].
    Layers,
    /// [`Limits::nesting`].
    Nesting,
    /// [`Limits::images`].
    Images,
    /// [`Limits::members`].
    Members,
    /// [`Limits::json`].
    Json,
    /// [`Limits::manifests`].
    Manifests,
    /// Steps of merging layers.
    Work,
}

impl Limit {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::Parts,
        Self::Inventory,
        Self::Findings,
        Self::Kept,
        Self::Entries,
        Self::Unpacked,
        Self::Ratio,
        Self::Header,
        Self::Path,
        Self::Nodes,
        Self::Hops,
        Self::Layers,
        Self::Nesting,
        Self::Images,
        Self::Members,
        Self::Json,
        Self::Manifests,
        Self::Work,
    ];

    /// What was reached, as a sentence.
    #[must_use]
    pub fn sentence(self, limits: &Limits) -> String {
        let mib = |bytes: u64| format!("{} MiB", bytes >> 20);
        match self {
            Self::Parts => format!("it has more than {} lines, entries or values", limits.parts),
            Self::Inventory => format!("what the files of the image say takes more than {}", mib(limits.inventory)),
            Self::Findings => format!("what was found in the image takes more than {}", mib(limits.findings)),
            Self::Kept => format!("its dependency files take more than {}", mib(limits.kept)),
            Self::Entries => {
                format!("its layers have more than {} entries, or their names take more than {}", limits.entries, mib(limits.entries_size))
            }
            Self::Unpacked => format!("it unpacks to more than {} GiB", limits.unpacked >> 30),
            Self::Ratio => format!("it unpacks to more than {} times its size", limits.ratio),
            Self::Header => format!("the header of an entry is larger than {}", mib(limits.header)),
            Self::Path => format!("a path is longer than {} bytes", super::path::LONGEST),
            Self::Nodes => {
                format!("more than {} files and links matter, or their paths take more than {}", limits.nodes, mib(limits.paths as u64))
            }
            Self::Hops => format!("a path leads over more than {} links", limits.hops),
            Self::Layers => format!("it has more than {} layers", limits.layers),
            Self::Nesting => format!("indexes are nested more than {} deep", limits.nesting),
            Self::Images => format!("it holds more than {} images", limits.images),
            Self::Members => format!("the archive has more than {} members", limits.members),
            Self::Manifests => format!("it has more than {} manifests and indexes", limits.manifests),
            Self::Work => "its entries and links take too many steps to merge".to_owned(),
            Self::Json => {
                format!(
                    "a manifest, index or configuration is larger than {}, or all configurations together than {}",
                    mib(limits.json),
                    mib(4 * limits.json)
                )
            }
        }
    }
}
