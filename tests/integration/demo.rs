//! The README's first command, and the terminal report in all its widths.

use overdue::report::RENDERERS;

use crate::harness::{AS_OF, Overdue, assert_case, fixture, repository};

fn scan(words: &[&str]) -> String {
    let words = ["scan", "--as-of", AS_OF].iter().chain(words).copied();
    Overdue::new(words).in_folder(repository()).run().text()
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    let run = Overdue::new(["scan", "--as-of", AS_OF, "--fail-on", "never", "fixtures/demo"]).in_folder(repository()).run();
    assert_eq!(run.code(), 0, "{}", run.text());
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("README.md");
    for line in run.stdout().lines() {
        assert!(readme.contains(line.trim_end()), "the README lacks this line:\n{line}");
    }
}

#[test]
fn every_width_is_readable() {
    let widths = std::fs::read_to_string(fixture("reports/table/widths.txt")).expect("the widths");
    for width in widths.lines() {
        let text = scan(&["fixtures/demo", "--width", width]);
        for line in text.lines() {
            assert!(line.chars().count() <= width.parse().expect("a number"), "wider than {width}: {line}");
        }
        for line in scan(&["fixtures/demo", "-v", "--width", width]).lines() {
            // What cannot be broken between words (a vector) may stick out.
            assert!(line.chars().count() <= width.parse().expect("a number") || !line.trim().contains(' '), "wider than {width}: {line}");
        }
        assert_case(&format!("demo-{width}"), &text);
    }
}

#[test]
fn piped_verbose_quiet_and_coloured() {
    for (name, words) in [
        ("demo-piped", vec!["fixtures/demo"]),
        ("demo-verbose", vec!["fixtures/demo", "-v", "--width", "120"]),
        ("demo-quiet", vec!["fixtures/demo", "-q"]),
        ("demo-coloured", vec!["fixtures/demo", "--color", "always", "--width", "80"]),
        ("demo-rust-version", vec!["fixtures/demo/Cargo.lock", "--rust-version", "1.75.0", "--width", "120"]),
    ] {
        assert_case(name, &scan(&words));
    }
    let run = Overdue::new(["scan", "fixtures/demo", "--fail-on", "never", "-q", "--as-of", "2026-11-23"]).in_folder(repository()).run();
    assert_case("demo-stale", &run.text());
}

#[test]
fn the_same_input_gives_the_same_bytes_at_any_thread_count_and_place() {
    let copied = || {
        let copy = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(copy.path().join("crates/store")).expect("a folder");
        for name in ["Cargo.lock", "Cargo.toml", "rust-toolchain.toml", "crates/store/Cargo.toml"] {
            std::fs::copy(fixture("demo").join(name), copy.path().join(name)).expect("copied");
        }
        copy
    };
    // Where a folder lies in its repository is part of the input: paths are told from there.
    let (here, there) = (copied(), copied());
    let run = |jobs: &str, folder: &std::path::Path, format: &str| {
        Overdue::new(["scan", "--as-of", AS_OF, "--format", format, "-j", jobs]).in_folder(folder).run().stdout()
    };
    for renderer in RENDERERS {
        let format = renderer.name();
        let first = run("1", here.path(), format);
        assert!(first.contains("overdue"));
        for jobs in ["1", "2", "7"] {
            assert_eq!(run(jobs, there.path(), format), first, "{format} -j {jobs}");
        }
    }
}

#[test]
fn a_closed_pipe_is_no_crash_and_several_reports_come_from_one_scan() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.json");
    let output = format!("json={}", file.display());
    let run = Overdue::new(["scan", "--as-of", AS_OF, "--output", &output, "fixtures/demo"]).in_folder(repository()).run();
    assert_eq!(run.code(), 1);
    let written = std::fs::read_to_string(file).expect("written");
    let direct = Overdue::new(["scan", "--as-of", AS_OF, "--format", "json", "fixtures/demo"]).in_folder(repository()).run();
    assert_eq!(written, direct.stdout());
}

#[test]
fn the_gate_counts_what_it_is_told_to() {
    for (list, code, counted) in [
        ("any", 1, 8),
        ("critical", 1, 1),
        ("high", 1, 6),
        ("overdue", 1, 5),
        ("unsound", 1, 1),
        ("unmaintained,unsound", 1, 2),
        ("notice", 0, 0),
        ("never", 0, 0),
    ] {
        let run = Overdue::new(["scan", "--as-of", AS_OF, "--format", "json", "--fail-on", list, "fixtures/demo/Cargo.lock"])
            .in_folder(repository())
            .run();
        let gate = run.json()["gate"].clone();
        assert_eq!((run.code(), gate["counted"].as_u64(), gate["tripped"].as_bool()), (code, Some(counted), Some(code == 1)), "{list}");
    }
}

#[test]
fn usage_errors_are_exit_2_and_say_what_to_do() {
    for (name, words) in [
        ("usage-missing-target", vec!["scan", "no-such-thing"]),
        ("usage-unknown-option", vec!["scan", "--colour", "always"]),
        ("usage-format", vec!["--format", "yaml"]),
        ("usage-fail-on", vec!["scan", "--fail-on", "severe"]),
        ("usage-as-of", vec!["scan", "--as-of", "tomorrow"]),
        ("usage-max-db-age", vec!["scan", "--max-db-age", "a month"]),
        ("usage-output", vec!["scan", "--output", "report.json"]),
        ("usage-rust-version", vec!["scan", "--rust-version", "stable", "fixtures/demo"]),
        ("usage-misspelt-command", vec!["db", "statsu"]),
        ("usage-verbose-and-quiet", vec!["-v", "-q"]),
    ] {
        let run = Overdue::new(words).in_folder(repository()).run();
        assert_eq!(run.code(), 2, "{name}: {}", run.text());
        assert_case(name, &run.text());
    }
}

#[test]
fn the_environment_names_the_index_folder_and_offline_is_accepted() {
    let run = Overdue::new(["--as-of", AS_OF, "-q", "--fail-on", "never", "fixtures/demo"])
        .env("OVERDUE_OFFLINE", "1")
        .in_folder(repository())
        .run();
    assert_eq!(run.code(), 0, "{}", run.text());
}
