//! How a hostile case is run, and what holds for all of them.

use std::{collections::BTreeSet, fs};

use super::{
    super::{
        content, docker,
        image::{Image, Packed},
        oci,
        reading::{Place, findings},
        tape::Tape,
    },
    containers, contents, floods, links, names, sizes,
};
use crate::harness::assert_case;

/// What is to come of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is odd, not wrong: all of it is read, and the package that is there is found.
    Whole,
    /// Something was not looked at, and that is said.
    Incomplete,
    /// The bytes are not what a digest says.
    Error,
}

/// A name, what is to come of it, and the bytes.
pub(super) type Case = (&'static str, Outcome, fn() -> Vec<u8>);

/// The advisory about what [`root`] has.
const FOUND: &str = "ALPINE-CVE-2026-0005";

/// A small distribution with one package that there is an advisory about.
pub(super) fn root() -> Tape {
    content::alpine()
}

/// The same without its database, which the case brings in its own way.
pub(super) fn without_database() -> Tape {
    Tape::new().file("etc/os-release", content::os_release("alpine", "3.9.4"))
}

/// The text of the database that `root` has.
pub(super) const DATABASE: &str = "P:libcrypto1.1\nV:1.1.1b-r1\no:openssl\n\n";

/// Where it is.
pub(super) const INSTALLED: &str = "lib/apk/db/installed";

/// An archive of an image with these layers.
pub(super) fn image(layers: impl IntoIterator<Item = Tape>) -> Vec<u8> {
    let image = layers.into_iter().fold(Image::new(), |image, layer| image.layer("2026-08-01T00:00:00Z", "COPY x /", layer));
    docker::legacy(&[&image]).bytes()
}

/// An archive of an image of one layer, whose bytes as they are stored are these.
pub(super) fn stored(layer: Vec<u8>) -> Vec<u8> {
    oci::layout_of(&Packed::of_blobs(vec![layer])).archive().bytes()
}

/// Runs a table. Each case that goes wrong is told, not only the first.
fn run_all(cases: &[Case]) {
    let wrong: Vec<String> = cases.iter().flat_map(|(name, outcome, bytes)| run(name, *outcome, &bytes())).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Runs a case and tells what is wrong about it.
fn run(name: &str, outcome: Outcome, bytes: &[u8]) -> Vec<String> {
    let place = Place::new();
    place.write("image.tar", bytes);
    // The gate counts nothing, so that the exit code tells what was looked at.
    let scan = |words: &[&'static str]| place.index().scan(place.path(), ["--fail-on", "never", "image.tar"].iter().chain(words).copied());
    let (table, json) = (scan(&["--width", "120"]), scan(&["--format", "json"]));
    assert_case(&format!("hostile-{name}"), &table.text());
    let code = match outcome {
        Outcome::Whole => 0,
        Outcome::Incomplete => 3,
        Outcome::Error => 2,
    };
    let text = table.text();
    let is_found = || findings(&json.json()).contains(&FOUND);
    let names: Vec<_> = fs::read_dir(place.path()).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    let holds = [
        (table.code() == code && json.code() == code, "the exit code is another"),
        (!text.chars().any(|c| c.is_control() && c != '\n'), "it lets a control character through"),
        (text.len() < 20_000, "the report repeats what it read"),
        (!table.stdout().contains("clean"), "it is called clean"),
        (outcome != Outcome::Whole || json.code() != code || is_found(), "the package is not found"),
        (names == ["image.tar"], "something was written"),
    ];
    if [0, 1, 3].contains(&json.code()) {
        crate::json::assert_consistent(&json.json(), json.code());
    }
    holds.into_iter().filter(|(holds, _)| !holds).map(|(_, wrong)| format!("{name}: {wrong}, wanted {outcome:?}: {text}")).collect()
}

#[test]
fn names_that_lead_elsewhere() {
    run_all(&names::CASES);
}

#[test]
fn links_that_lead_nowhere_or_out() {
    run_all(&links::CASES);
}

#[test]
fn sizes_that_are_lies() {
    run_all(&sizes::CASES);
}

#[test]
fn containers_that_are_not_what_they_say() {
    run_all(&containers::CASES);
}

#[test]
fn contents_that_are_no_files_or_no_text() {
    run_all(&contents::CASES);
}

#[test]
fn floods_of_what_is_small() {
    run_all(&floods::CASES);
}

#[test]
fn every_case_has_a_name_of_its_own() {
    let all = [&names::CASES[..], &links::CASES, &sizes::CASES, &containers::CASES, &contents::CASES, &floods::CASES].concat();
    let names: BTreeSet<&str> = all.iter().map(|(name, ..)| *name).collect();
    assert!(names.len() == all.len() && names.len() >= 20);
}
