//! Bad input gets a clear word, and never the word for a spotless result. A new case is a new folder under
//! `fixtures/bad/`.

use crate::harness::{AS_OF, Overdue, assert_case, cases, fixture};

#[test]
fn every_case_is_named_for_what_it_is() {
    for case in cases("bad") {
        let run = Overdue::new(["scan", "--as-of", AS_OF, "--width", "100"]).in_folder(fixture("bad").join(&case)).run();
        assert!(!run.stdout().contains("clean"), "{case}: {}", run.text());
        assert!([1, 3].contains(&run.code()), "{case}: {}", run.text());
        assert!(!run.text().contains('\u{1b}'), "{case} lets an escape through");
        assert_case(&format!("bad-{case}"), &run.text());

        let json = Overdue::new(["scan", "--as-of", AS_OF, "--format", "json"]).in_folder(fixture("bad").join(&case)).run().json();
        crate::json::assert_consistent(&json, run.code());
    }
}

#[test]
fn a_line_of_ten_megabytes_is_read_and_not_repeated() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("Cargo.lock"), format!("version = 4\nname = \"{}\" oops\n", "x".repeat(10 << 20))).expect("written");
    let run = Overdue::new(["scan", "--as-of", AS_OF]).in_folder(folder.path()).run();
    assert_eq!(run.code(), 3);
    assert!(run.stdout().len() < 2_000, "the report repeats the line");
    assert!(run.stdout().contains("Cargo.lock:2"), "{}", run.stdout());
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = std::fs::File::create(folder.path().join("Cargo.lock")).expect("created");
    file.set_len(65 << 20).expect("sparse");
    let run = Overdue::new(["scan", "--as-of", AS_OF]).in_folder(folder.path()).run();
    assert_eq!(run.code(), 3);
    assert!(run.stdout().contains("larger than 64 MiB"), "{}", run.stdout());
}

#[test]
fn files_named_as_targets_are_recognised_by_content() {
    let folder = tempfile::tempdir().expect("a folder");
    let scan = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.path().join(name), bytes).expect("written");
        Overdue::new(["scan", "--as-of", AS_OF, "--format", "json", name]).in_folder(folder.path()).run()
    };
    let lock = std::fs::read(fixture("demo/Cargo.lock")).expect("the demo");
    let run = scan("Cargo.lock.orig", &lock);
    assert_eq!((run.code(), run.json()["packages"]["checked"].as_u64()), (1, Some(177)), "{}", run.text());
    let run = scan("notes.txt", b"hello");
    assert_eq!((run.code(), run.json()["unchecked"][0]["reason"].as_str()), (3, Some("not-understood")));
    let run = scan("image.tar.gz", &[0x1f, 0x8b, 8, 0]);
    let json = run.json();
    assert_eq!(
        (run.code(), json["targets"][0]["kind"].as_str(), json["unchecked"][0]["reason"].as_str()),
        (3, Some("image"), Some("not-understood"))
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn no_bytes_make_an_extractor_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400), cut in 0usize..4000) {
        use overdue::inventory::EXTRACTORS;
        let lock = std::fs::read(fixture("inventory/cargo_lock/duplicates.lock")).expect("a lockfile");
        let mut mixed = lock[..cut.min(lock.len())].to_vec();
        mixed.extend(&bytes);
        for extractor in EXTRACTORS {
            for path in [
                "Cargo.lock", "a/Cargo.toml", "rust-toolchain", "rust-toolchain.toml", "go.mod", "requirements.txt", "requirements/a.in", "pyproject.toml",
                "poetry.lock", "uv.lock", "pdm.lock", "Pipfile", "Pipfile.lock", "pylock.toml", "setup.cfg", "setup.py", "a-1.dist-info/METADATA",
            ] {
                for input in [&bytes, &mixed] {
                    let extracted = extractor.extract(path, input);
                    for package in &extracted.packages {
                        proptest::prop_assert!(package.line > 0);
                    }
                }
            }
        }
    }
}
