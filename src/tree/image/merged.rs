//! The merged view of layers: what really unpacking them in order would give, of the files that matter.
//!
//! Entries of a layer are applied in order, their folders resolved through links of what is there so far. Whiteouts and opaque
//! directories take away what lower layers have, and nothing that their own layer put there, wherever they stand in it
//! (OCI image specification, "Image Layer Filesystem Changeset").

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io,
};

use super::{
    kept::Keep,
    limits::{Limit, Limits},
    log::{Content, Log, Op},
    nodes::{At, FileNode, Nodes, ROOT, What},
    path::{join, split},
};

/// The most that hard links to what did not matter may take, in bytes.
const MOST_OF_PASSED: usize = 24 << 20;

/// What a path in a set or a map takes besides its own bytes, about.
const AROUND: usize = 64;

/// The most steps: some forty for each entry of the largest image.
const MOST_WORK: u64 = 1 << 30;

/// A file system tree of what matters.
pub(super) struct Merged {
    pub(super) nodes: Nodes,
    hops: usize,
    /// Whether the file at a resolved path matters.
    keep: fn(&str) -> Keep,
    /// Everything matters.
    everything: bool,
    /// Paths that matter because links lead there.
    besides: BTreeSet<String>,
    /// Paths that links lead to and where nothing is known to be.
    lost: BTreeSet<String>,
    /// Hard links to what did not matter so far, by their paths: what they lead to may matter through them.
    passed: HashMap<String, String>,
    passed_size: usize,
    /// The folder that was resolved last: most entries are in the same as the one before. Any change makes it void.
    last: Option<(String, Way, Resolved)>,
    /// Hard links of wanted names that lead to what is no file, or not there.
    pub(super) broken: BTreeSet<String>,
    /// How many steps were made, in all rounds: so much as an image of any use needs, and no more.
    work: u64,
    /// Limits that were reached.
    pub(super) hit: BTreeSet<Limit>,
}

/// Where a path leads.
#[derive(Clone)]
struct Resolved {
    /// Without links; empty without a folder where it leads over too many.
    path: String,
    /// The folder that it is in, if that is there.
    folder: Option<At>,
    /// Whether there was a link on the way.
    linked: bool,
    /// Whether something that is no folder was on the way.
    blocked: bool,
}

/// What is done about folders on the way that are not there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// They are made, as the layer of this number; what is in their place goes.
    Make(u32),
    /// Nothing is made, but what would be in their place goes.
    Clear,
    /// Nothing changes.
    Look,
}

impl Merged {
    /// Merges logs, lowest first.
    ///
    /// # Errors
    /// When a log is damaged.
    pub(super) fn new(
        logs: &[&Log],
        limits: &Limits,
        keep: fn(&str) -> Keep,
        everything: bool,
        besides: &BTreeSet<String>,
    ) -> io::Result<Self> {
        let mut besides = besides.clone();
        // Each round makes links reach one step further: to what nobody knew that it matters.
        let (mut rounds, mut work, mut size) = (0, 0, 0);
        loop {
            let mut merged = Self {
                nodes: Nodes::new(limits),
                hops: limits.hops,
                keep,
                everything,
                besides,
                lost: BTreeSet::new(),
                passed: HashMap::new(),
                passed_size: 0,
                last: None,
                broken: BTreeSet::new(),
                work,
                hit: BTreeSet::new(),
            };
            for (layer, log) in logs.iter().enumerate() {
                merged.apply(u32::try_from(layer).unwrap_or(u32::MAX), log)?;
            }
            merged.look_for_lost_links();
            let before = merged.besides.len();
            let mut lost: Vec<String> = std::mem::take(&mut merged.lost).into_iter().collect();
            while let Some(path) = lost.pop() {
                // Hard links may stand in a row.
                if !merged.besides.contains(&path) {
                    size += path.len() + AROUND;
                    if size > limits.paths {
                        merged.hit.insert(Limit::Nodes);
                        return Ok(merged);
                    }
                    lost.extend(merged.passed.get(&path).cloned());
                    merged.besides.insert(path);
                }
            }
            if merged.besides.len() == before {
                return Ok(merged);
            }
            if rounds == limits.hops || merged.hit.contains(&Limit::Work) {
                merged.hit.insert(Limit::Hops);
                return Ok(merged);
            }
            rounds += 1;
            work = merged.work;
            besides = merged.besides;
        }
    }

    fn apply(&mut self, layer: u32, log: &Log) -> io::Result<()> {
        log.each(&mut |entry, path, op| match op {
            Op::Whiteout => self.remove_lower(layer, path, true),
            Op::Opaque => self.remove_lower(layer, path, false),
            Op::Directory => self.directory(layer, path),
            Op::File(content) => self.file(layer, path, FileNode { layer, entry, content }),
            Op::Link(target) => self.put(layer, path, What::Link(target.into())),
            Op::HardLink(target) => self.hard_link(layer, path, target),
            Op::Special => {
                if self.everything {
                    self.put(layer, path, What::Special);
                } else {
                    self.pass(path);
                }
            }
        })
    }

    fn file(&mut self, layer: u32, path: &str, file: FileNode) {
        let matters = self.everything || !matches!(file.content, Content::Passed);
        if matters {
            return self.put(layer, path, What::File(file));
        }
        let resolved = self.pass(path);
        let matters = self.besides.contains(&resolved.path) || (resolved.linked && (self.keep)(&resolved.path) != Keep::Nothing);
        if matters {
            // Not by its own path: the link that led there may be what it has taken the place of.
            self.put(layer, &resolved.path, What::File(file));
        }
    }

    /// What is at the path goes, and nothing that matters takes its place.
    fn pass(&mut self, path: &str) -> Resolved {
        let (folder, name) = split(path);
        let mut resolved = self.resolve(folder, Way::Clear);
        if let Some(at) = resolved.folder.and_then(|folder| self.child(folder, name)) {
            self.detach(at);
        }
        if resolved.folder.is_some() || !resolved.path.is_empty() {
            resolved.path = join(&resolved.path, name);
        }
        resolved
    }

    fn directory(&mut self, layer: u32, path: &str) {
        if path.is_empty() {
            return;
        }
        let (folder, name) = split(path);
        let way = if self.everything { Way::Make(layer) } else { Way::Clear };
        let Some(folder) = self.resolve(folder, way).folder else { return };
        match self.child(folder, name) {
            Some(at) if matches!(self.nodes[at].what, What::Directory(_)) => self.nodes.touch(at, layer),
            found => {
                if let Some(at) = found {
                    self.detach(at);
                }
                if self.everything {
                    self.insert(folder, name, layer, What::Directory(BTreeMap::new()));
                }
            }
        }
    }

    fn hard_link(&mut self, layer: u32, path: &str, target: &str) {
        let (folder, name) = split(target);
        let resolved = self.resolve(folder, Way::Look);
        let source = resolved.folder.and_then(|folder| self.child(folder, name));
        let what = match source.map(|at| &self.nodes[at].what) {
            Some(What::File(file)) => What::File(*file),
            Some(What::Link(target)) => What::Link(target.clone()),
            Some(What::Special) => What::Special,
            Some(What::Directory(_)) => {
                self.refuse(path);
                return;
            }
            None => {
                // It may be a file that did not matter so far.
                let target = join(&resolved.path, name);
                let place = self.resolve(split(path).0, Way::Look);
                let linked = join(&place.path, split(path).1);
                if self.besides.contains(&target) {
                    // It is not there: unpackers refuse such a link.
                    self.refuse(path);
                    return;
                }
                let is_wanted = |path: &str| (self.keep)(path) != Keep::Nothing || self.besides.contains(path);
                // What it would replace stays if it is refused.
                let replaces = place.blocked || place.folder.and_then(|folder| self.child(folder, split(path).1)).is_some();
                if replaces || is_wanted(path) || is_wanted(&linked) {
                    self.lose(target);
                } else if self.passed_size < MOST_OF_PASSED {
                    self.passed_size += linked.len() + target.len() + 2 * AROUND;
                    self.passed.insert(linked, target);
                } else {
                    self.hit.insert(Limit::Nodes);
                }
                self.pass(path);
                return;
            }
        };
        let place = self.resolve(split(path).0, Way::Look);
        let is_itself = place.folder.and_then(|folder| self.child(folder, split(path).1)) == source;
        if !is_itself {
            self.put(layer, path, what);
        }
    }

    /// A link leads to this path, and nothing is known to be there.
    fn lose(&mut self, path: String) {
        if self.lost.len() < self.nodes.most() {
            self.lost.insert(path);
        } else {
            self.hit.insert(Limit::Nodes);
        }
    }

    /// A hard link that nothing comes of.
    fn refuse(&mut self, path: &str) {
        let path = join(&self.resolve(split(path).0, Way::Look).path, split(path).1);
        if (self.keep)(&path) != Keep::Nothing && self.broken.len() < self.nodes.most() {
            self.broken.insert(path);
        }
    }

    fn put(&mut self, layer: u32, path: &str, what: What) {
        if path.is_empty() {
            return;
        }
        let (folder, name) = split(path);
        let Some(folder) = self.resolve(folder, Way::Make(layer)).folder else { return };
        if let Some(at) = self.child(folder, name) {
            self.detach(at);
        }
        self.insert(folder, name, layer, what);
    }

    /// Takes away what layers below this one have at a path, or below it.
    fn remove_lower(&mut self, layer: u32, path: &str, itself: bool) {
        let (folder, name) = split(path);
        let (folder, name) = if itself { (folder, Some(name)) } else { (path, None) };
        let Some(folder) = self.resolve(folder, Way::Look).folder else { return };
        let Some(at) = name.map_or(Some(folder), |name| self.child(folder, name)) else { return };
        let mut open = vec![at];
        let mut seen = Vec::new();
        while let Some(at) = open.pop() {
            if !self.step() {
                return;
            }
            seen.push(at);
            if let What::Directory(children) = &self.nodes[at].what {
                open.extend(children.values());
            }
        }
        // From below: a directory that still holds something stays.
        for found in seen.into_iter().rev() {
            let is_empty = !matches!(&self.nodes[found].what, What::Directory(children) if !children.is_empty());
            if self.nodes[found].layer < layer && is_empty && found != ROOT && (itself || found != at) {
                self.detach(found);
            }
        }
    }

    /// Makes a step; whether there are any left.
    fn step(&mut self) -> bool {
        self.work += 1;
        if self.work > MOST_WORK {
            self.hit.insert(Limit::Work);
        }
        self.work <= MOST_WORK
    }

    fn child(&self, folder: At, name: &str) -> Option<At> {
        self.nodes.child(folder, name)
    }

    fn insert(&mut self, folder: At, name: &str, layer: u32, what: What) -> Option<At> {
        self.last = None;
        let at = self.nodes.insert(folder, name, layer, what);
        if at.is_none() {
            self.hit.insert(Limit::Nodes);
        }
        at
    }

    fn detach(&mut self, at: At) {
        self.last = None;
        self.nodes.detach(at);
    }

    /// Where a folder's path leads.
    fn resolve(&mut self, folder: &str, way: Way) -> Resolved {
        if let Some((last, its, resolved)) = &self.last
            && last == folder
            && *its == way
        {
            return resolved.clone();
        }
        let resolved = self.resolve_anew(folder, way);
        self.last = Some((folder.to_owned(), way, resolved.clone()));
        resolved
    }

    fn resolve_anew(&mut self, folder: &str, way: Way) -> Resolved {
        let mut open: Vec<Box<str>> = folder.rsplit('/').filter(|part| !part.is_empty()).map(Into::into).collect();
        let mut at = Some(ROOT);
        // The nodes of what is there on the way; parts that are not there have none.
        let mut trail: Vec<(Box<str>, Option<At>)> = Vec::new();
        let (mut linked, mut blocked, mut hops) = (false, false, 0);
        while let Some(part) = open.pop() {
            if !self.step() {
                return Resolved { path: String::new(), folder: None, linked, blocked };
            }
            match &*part {
                "" | "." => continue,
                ".." => {
                    trail.pop();
                    at = trail.last().map_or(Some(ROOT), |(_, at)| *at);
                    continue;
                }
                _ => {}
            }
            let found = at.and_then(|at| self.child(at, &part));
            match found.map(|found| &self.nodes[found].what) {
                Some(What::Directory(_)) => {}
                Some(What::Link(target)) => {
                    (linked, hops) = (true, hops + 1);
                    if hops > self.hops {
                        self.hit.insert(Limit::Hops);
                        return Resolved { path: String::new(), folder: None, linked, blocked };
                    }
                    if target.starts_with('/') {
                        trail.clear();
                        at = Some(ROOT);
                    }
                    open.extend(target.rsplit('/').filter(|part| !part.is_empty()).map(Into::into));
                    continue;
                }
                other => {
                    blocked |= other.is_some();
                    if let Some(old) = found.filter(|_| way != Way::Look) {
                        self.detach(old);
                    }
                    at = match (way, at) {
                        (Way::Make(layer), Some(folder)) => self.insert(folder, &part, layer, What::Directory(BTreeMap::new())),
                        _ => None,
                    };
                    trail.push((part, at));
                    continue;
                }
            }
            at = found;
            trail.push((part, at));
        }
        let path = trail.iter().map(|(part, _)| &**part).collect::<Vec<_>>().join("/");
        Resolved { path, folder: at, linked, blocked }
    }

    /// The file or directory that a path leads to, over links; `Err` is the path without links where there is nothing.
    pub(super) fn find(&mut self, path: &str) -> Result<At, String> {
        let mut path = path.to_owned();
        for _ in 0..=self.hops {
            let (folder, name) = split(&path);
            let resolved = self.resolve(folder, Way::Look);
            let here = join(&resolved.path, name);
            let Some(at) = resolved.folder.and_then(|folder| if name.is_empty() { Some(folder) } else { self.child(folder, name) }) else {
                return Err(here);
            };
            let What::Link(target) = &self.nodes[at].what else { return Ok(at) };
            path = if target.starts_with('/') { target.to_string() } else { format!("{}/{target}", resolved.path) };
            // The last part has to be a name.
            path = path.trim_end_matches('/').to_owned();
            if matches!(split(&path).1, "." | "..") {
                let resolved = self.resolve(&path, Way::Look);
                return resolved.folder.ok_or(resolved.path);
            }
        }
        self.hit.insert(Limit::Hops);
        Err(path)
    }

    /// Links whose names are wanted and that lead to nothing known.
    fn look_for_lost_links(&mut self) {
        for (path, at) in self.nodes.all() {
            if matches!(self.nodes[at].what, What::Link(_))
                && (self.keep)(&path) != Keep::Nothing
                && let Err(lost) = self.find(&path)
            {
                self.lose(lost);
            }
        }
    }
}
