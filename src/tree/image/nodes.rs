//! A file system tree of what matters, as nodes in a list: no more of them, and no longer paths, than there is room for.

use std::{collections::BTreeMap, ops::Index};

use super::{
    limits::Limits,
    log::{Audit, Content},
};

/// A place among the nodes.
pub(super) type At = usize;

/// The place of the root.
pub(super) const ROOT: At = 0;

/// Something at a path.
#[derive(Debug)]
pub(super) struct Node {
    name: Box<str>,
    parent: At,
    /// How long its path is.
    length: usize,
    /// The layer that put it there, or had a part in it.
    pub(super) layer: u32,
    pub(super) what: What,
}

/// What it is.
#[derive(Debug)]
pub(super) enum What {
    Directory(BTreeMap<Box<str>, At>),
    File(FileNode),
    Link(Box<str>),
    Special,
}

/// A file: which entry of which layer has its content, and what is known of that.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileNode {
    pub(super) layer: u32,
    pub(super) entry: u64,
    pub(super) content: Content,
}

impl FileNode {
    /// Where its bytes are among what its layer keeps.
    pub(super) fn kept(&self) -> Option<u32> {
        match self.content {
            Content::Kept(at) | Content::Program(_, Audit::Kept(at)) => Some(at),
            _ => None,
        }
    }
}

/// All nodes, those that are gone among them.
pub(super) struct Nodes {
    all: Vec<Node>,
    /// What the paths of all nodes take, in bytes.
    paths: usize,
    most: usize,
    most_of_paths: usize,
}

impl Nodes {
    /// Nothing but the root.
    pub(super) fn new(limits: &Limits) -> Self {
        let root = Node { name: "".into(), parent: ROOT, length: 0, layer: 0, what: What::Directory(BTreeMap::new()) };
        Self { all: vec![root], paths: 0, most: limits.nodes, most_of_paths: limits.paths }
    }

    /// How many nodes there may be.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// How many nodes there are, and what their paths take.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.all.len(), self.paths)
    }

    /// What is of this name in a folder.
    pub(super) fn child(&self, folder: At, name: &str) -> Option<At> {
        match &self.all[folder].what {
            What::Directory(children) => children.get(name).copied(),
            _ => None,
        }
    }

    /// Puts something into a folder, where nothing of this name is; `None` if there is no room.
    pub(super) fn insert(&mut self, folder: At, name: &str, layer: u32, what: What) -> Option<At> {
        let length = self.all[folder].length + 1 + name.len();
        let target = if let What::Link(target) = &what { target.len() } else { 0 };
        if self.all.len() >= self.most || self.paths + length + target > self.most_of_paths {
            return None;
        }
        self.paths += length + target;
        let at = self.all.len();
        self.all.push(Node { name: name.into(), parent: folder, length, layer, what });
        if let What::Directory(children) = &mut self.all[folder].what {
            children.insert(name.into(), at);
        }
        Some(at)
    }

    /// Takes something out of its folder. Its room is not used again, nor that of what is below it.
    pub(super) fn detach(&mut self, at: At) {
        if at == ROOT {
            return;
        }
        let (parent, name) = (self.all[at].parent, std::mem::take(&mut self.all[at].name));
        if let What::Directory(children) = &mut self.all[parent].what {
            children.remove(&name);
        }
        self.all[at].what = What::Special;
    }

    /// A layer has a part in it.
    pub(super) fn touch(&mut self, at: At, layer: u32) {
        self.all[at].layer = layer;
    }

    /// The path of a node.
    pub(super) fn path(&self, mut at: At) -> String {
        let mut parts = Vec::new();
        while at != ROOT {
            parts.push(&*self.all[at].name);
            at = self.all[at].parent;
        }
        parts.reverse();
        parts.join("/")
    }

    /// Everything that is there, with its path, sorted.
    pub(super) fn all(&self) -> Vec<(String, At)> {
        let mut found = Vec::new();
        let mut open = vec![ROOT];
        while let Some(at) = open.pop() {
            if at != ROOT {
                found.push((self.path(at), at));
            }
            if let What::Directory(children) = &self.all[at].what {
                open.extend(children.values());
            }
        }
        found.sort();
        found
    }
}

impl Index<At> for Nodes {
    type Output = Node;

    fn index(&self, at: At) -> &Node {
        &self.all[at]
    }
}
