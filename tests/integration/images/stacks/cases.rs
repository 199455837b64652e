//! Stacks that once were merged wrongly, by us or by others, with what is there in the end.

use super::{
    operation::Operation,
    random::{merged, wanted, wanted_of},
    unpacker::{Listing, unpacked},
};

/// A name, layers from the lowest on with the entries of each, and what is there.
type Case = (&'static str, &'static [&'static [&'static str]], &'static [&'static str]);

const CASES: [Case; 43] = [
    ("nothing", &[], &[]),
    ("an empty layer", &[&[]], &[]),
    ("folders on the way are made", &[&["f a/b/c 1"]], &["a dir", "a/b dir", "a/b/c file 1"]),
    ("ways of writing a path", &[&["d ./a", "f //a//b 1", "f /./a/c 2"]], &["a dir", "a/b file 1", "a/c file 2"]),
    ("the later entry wins", &[&["f a 1", "f a 2"]], &["a file 2"]),
    ("the upper layer wins", &[&["f a 1"], &["f a 2"]], &["a file 2"]),
    ("a folder over a folder", &[&["f a/b 1"], &["d a"]], &["a dir", "a/b file 1"]),
    ("a file over a folder", &[&["f a/b 1"], &["f a 2"]], &["a file 2"]),
    ("a folder over a file", &[&["f a 1"], &["d a"]], &["a dir"]),
    ("a path through a file", &[&["f a 1"], &["f a/b 2"]], &["a dir", "a/b file 2"]),
    ("a folder over a file over a folder, in one layer", &[&["f a/b 1"], &["f a 2", "d a"]], &["a dir"]),
    ("a whiteout", &[&["f a 1", "f b 2"], &["- a"]], &["b file 2"]),
    ("a whiteout of a folder", &[&["f a/b/c 1"], &["- a"]], &[]),
    ("a whiteout of nothing", &[&["f a 1"], &["- b", "- c/d"]], &["a file 1"]),
    ("a whiteout and the same name in one layer", &[&["f a 1"], &["- a", "f a 2"]], &["a file 2"]),
    ("the same the other way round", &[&["f a 1"], &["f a 2", "- a"]], &["a file 2"]),
    ("a whiteout of a folder that the layer fills", &[&["f a/b 1"], &["f a/c 2", "- a"]], &["a dir", "a/c file 2"]),
    ("a whiteout of a folder that the layer lists", &[&["f a/b 1"], &["d a", "- a"]], &["a dir"]),
    ("a whiteout does not reach up", &[&["f a 1"], &["- a"], &["f a 3"]], &["a file 3"]),
    ("an opaque folder before its content", &[&["f a/b 1", "f c 1"], &["o a", "f a/d 2"]], &["a dir", "a/d file 2", "c file 1"]),
    ("an opaque folder after its content", &[&["f a/b 1"], &["f a/d 2", "o a"]], &["a dir", "a/d file 2"]),
    ("an opaque folder below which the layer writes", &[&["f a/b/c 1"], &["o a", "f a/b/d 2"]], &["a dir", "a/b dir", "a/b/d file 2"]),
    ("an opaque folder that is listed", &[&["f a/b 1"], &["d a", "o a"]], &["a dir"]),
    ("an opaque folder that is not listed stays", &[&["f a/b 1"], &["o a"]], &["a dir"]),
    (
        "an opaque folder takes a link away before what is written through it",
        &[&["d opt/x", "l lib/apk ../opt/x"], &["o lib", "f lib/apk/db 1"]],
        &["lib dir", "lib/apk dir", "lib/apk/db file 1", "opt dir", "opt/x dir"],
    ),
    ("an opaque root", &[&["f a/b 1"], &["o ", "f c 2"]], &["c file 2"]),
    (
        "markers of aufs and odd ones mean nothing",
        &[&["f a 1", "f b/c 2"], &["m .wh..wh.plnk", "m b/.wh..wh.aufs", "m .wh.", "m b/.wh..", "m .wh..."]],
        &["a file 1", "b dir", "b/c file 2"],
    ),
    (
        "a folder that a link leads to",
        &[&["f usr/lib/a 1", "l lib usr/lib"], &["f lib/b 2"]],
        &["lib link usr/lib", "usr dir", "usr/lib dir", "usr/lib/a file 1", "usr/lib/b file 2"],
    ),
    ("a whiteout through a link", &[&["f usr/lib/a 1", "l lib /usr/lib"], &["- lib/a"]], &["lib link /usr/lib", "usr dir", "usr/lib dir"]),
    (
        "an opaque folder through a link",
        &[&["f usr/lib/a 1", "l lib usr/lib"], &["o lib"]],
        &["lib link usr/lib", "usr dir", "usr/lib dir"],
    ),
    ("a whiteout of a link", &[&["f b 1", "l a b"], &["- a"]], &["b file 1"]),
    ("a link over a folder", &[&["f a/b 1", "f c/d 2"], &["l a c", "f a/e 3"]], &["a link c", "c dir", "c/d file 2", "c/e file 3"]),
    ("a folder over a link", &[&["f c/d 2", "l a c"], &["d a"]], &["a dir", "c dir", "c/d file 2"]),
    ("a link to nothing as a parent", &[&["l a b/c"], &["f a/d 1"]], &["a link b/c", "b dir", "b/c dir", "b/c/d file 1"]),
    ("a link out of the root", &[&["l a ../../../b", "f a/c 1"]], &["a link ../../../b", "b dir", "b/c file 1"]),
    ("links in a circle", &[&["l a b", "l b a", "f a/c 1", "- a/c", "f d 1"]], &["a link b", "b link a", "d file 1"]),
    ("a hard link to the layer below, which then goes", &[&["f a 1"], &["h b a", "- a"]], &["b file 1"]),
    ("a hard link is a copy", &[&["f a 1", "h b a"], &["f a 2"]], &["a file 2", "b file 1"]),
    ("a hard link to what is not there", &[&["f b 1"], &["h b a", "h c d/e", "d f", "h g f"]], &["b file 1", "f dir"]),
    ("a hard link to itself", &[&["f a 1", "l l .", "h a a"], &["h ./a a", "h l/a a"]], &["a file 1", "l link ."]),
    ("a hard link to a file over the link that it is written through", &[&["l a/d ."], &["f a/d/d 1"], &["h a a/d"]], &["a file 1"]),
    ("a hard link to a file in a circle of links", &[&["l b c", "l c b", "f b/d 1", "h a d"]], &["b link c", "c link b"]),
    (
        "a hard link to a link",
        &[&["f a 1", "l b a", "h c b", "h d/e/f b"]],
        &["a file 1", "b link a", "c link a", "d dir", "d/e dir", "d/e/f link a"],
    ),
];

#[test]
fn known_stacks_are_merged_as_unpacking_them_gives() {
    for (name, layers, expected) in CASES {
        let layers: Vec<Vec<Operation>> = layers.iter().map(|layer| layer.iter().map(|line| Operation::read(line)).collect()).collect();
        let expected: Listing =
            expected.iter().map(|line| line.split_once(' ').expect("a path")).map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
        assert_eq!(unpacked(&layers), expected, "really unpacked: {name}");
        assert_eq!(merged(&layers), expected, "merged: {name}");
        assert_eq!(wanted(&layers), wanted_of(expected), "as a scan comes by it: {name}");
    }
}
