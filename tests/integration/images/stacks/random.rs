//! A thousand stacks of layers by chance, over so few names that everything collides with everything.

use proptest::{
    collection::vec,
    prelude::{Just, ProptestConfig, Strategy, prop_oneof},
    sample::select,
    test_runner::TestRunner,
};

use overdue::tree::image::{Keep, merged_listing, wanted_listing};

use super::{
    operation::{Operation, archive},
    unpacker::{Listing, unpacked},
};

/// What the program makes of layers.
pub(super) fn merged(layers: &[Vec<Operation>]) -> Listing {
    let archives: Vec<Vec<u8>> = layers.iter().map(|layer| archive(layer)).collect();
    let mut listing = merged_listing(&archives).expect("layers that can be read");
    listing.sort();
    listing
}

fn name() -> impl Strategy<Value = &'static str> {
    select(&["a", "b", "c", "d"][..])
}

/// A path of one to `most` names, in one of the ways in which archives write it.
fn path(most: usize) -> impl Strategy<Value = String> {
    let begin = select(&["", "", "", "./", "/", "//", ".//"][..]);
    let between = select(&["/", "/", "/", "/", "//", "/./"][..]);
    (begin, between, vec(name(), 1..=most)).prop_map(|(begin, between, names)| format!("{begin}{}", names.join(between)))
}

/// Where a link leads: from where it is, up and down again, or from the root.
fn target() -> impl Strategy<Value = String> {
    let begin = select(&["", "", "/", "/", "./", "../", "../../", "../../../../../", "//"][..]);
    let alone = select(&["/", ".", "..", "../.."][..]).prop_map(str::to_owned);
    prop_oneof![
        9 => (begin, vec(name(), 1..=3)).prop_map(|(begin, names)| format!("{begin}{}", names.join("/"))),
        1 => alone,
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    let content = (0..1000_u32).prop_map(|number| format!("content{number}"));
    prop_oneof![
        3 => path(4).prop_map(Operation::Directory),
        5 => (path(4), content).prop_map(|(path, content)| Operation::File(path, content)),
        4 => (path(3), target()).prop_map(|(path, target)| Operation::Link(path, target)),
        3 => (path(4), path(3)).prop_map(|(path, target)| Operation::HardLink(path, target)),
        3 => path(3).prop_map(Operation::Whiteout),
        // An empty one is the root's.
        1 => prop_oneof![4 => path(3), 1 => Just(String::new())].prop_map(Operation::Opaque),
    ]
}

fn stack() -> impl Strategy<Value = Vec<Vec<Operation>>> {
    vec(vec(operation(), 0..12), 1..6)
}

/// Files that a scan would want: some by their names, some by where they are.
fn is_wanted(path: &str) -> bool {
    path.ends_with("/a") || path == "a" || path.starts_with("b/c/")
}

/// What a scan holds of all that is there: it knows nothing of most files, and of none but those that are wanted the content.
pub(super) fn wanted_of(all: Listing) -> Vec<(String, String)> {
    let files = all.into_iter().filter(|(path, _)| is_wanted(path));
    files.filter_map(|(path, what)| Some((path, what.strip_prefix("file ")?.to_owned()))).collect()
}

/// The wanted files, as a scan comes by them.
pub(super) fn wanted(layers: &[Vec<Operation>]) -> Vec<(String, String)> {
    let keep = |path: &str| if is_wanted(path) { Keep::Bytes } else { Keep::Nothing };
    let archives: Vec<Vec<u8>> = layers.iter().map(|layer| archive(layer)).collect();
    wanted_listing(&archives, keep).expect("layers that can be read")
}

#[test]
fn a_thousand_stacks_are_merged_as_unpacking_them_gives() {
    let mut runner = TestRunner::new(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() });
    let outcome = runner.run(&stack(), |layers| {
        let unpacked = unpacked(&layers);
        proptest::prop_assert_eq!(merged(&layers), unpacked.clone());
        proptest::prop_assert_eq!(wanted(&layers), wanted_of(unpacked));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}
