//! The formats for people and pipelines, over fixtures of their own. A new case is a new folder under
//! `fixtures/reports/<format>/`.

use crate::harness::{AS_OF, Overdue, assert_case, cases, repository};

#[test]
fn every_format_over_its_fixtures_and_the_demo() {
    for format in ["markdown", "github", "outputs"] {
        let own = cases(&format!("reports/{format}")).into_iter().map(|name| (name.clone(), format!("fixtures/reports/{format}/{name}")));
        for (name, target) in own.chain([("demo".to_owned(), "fixtures/demo".to_owned())]) {
            let run = Overdue::new(["scan", "--as-of", AS_OF, "--format", format, &target]).in_folder(repository()).run();
            let text = run.text();
            assert_case(&format!("{format}-{name}"), &text);
            // Whatever a file says, no line of it is read as a command.
            if format == "github" {
                let commands = run.stdout().lines().filter(|line| line.contains("::error::y")).count();
                let inside = run.stdout().lines().filter(|line| line.starts_with("::error::y")).count();
                assert!(name != "many" || (commands > 0 && inside == 0), "{text}");
            }
        }
    }
}

#[test]
fn of_each_kind_ten_annotations_are_shown_and_the_rest_is_counted() {
    let run = Overdue::new(["scan", "--as-of", AS_OF, "--format", "github", "fixtures/reports/github/many"]).in_folder(repository()).run();
    let shown = |kind: &str| run.stdout().lines().filter(|line| line.starts_with(&format!("::{kind} "))).count();
    assert_eq!((shown("error"), shown("notice")), (10, 10));
    assert!(run.stdout().contains("not shown as annotations: 13 errors"));
}

#[test]
fn two_reports_for_one_file_are_refused() {
    let run = Overdue::new(["scan", "--output", "json=x", "--output", "sarif=x", "fixtures/demo"]).in_folder(repository()).run();
    assert!(run.code() == 2 && run.stderr().contains("two reports for one file: x"), "{}", run.text());
}

#[test]
fn several_reports_come_from_one_scan() {
    let folder = tempfile::tempdir().expect("a folder");
    let outputs: Vec<String> = ["json", "sarif", "markdown", "github", "outputs", "table"]
        .map(|format| format!("{format}={}", folder.path().join(format).display()))
        .to_vec();
    let words = ["scan", "--as-of", AS_OF, "-q", "fixtures/demo"]
        .into_iter()
        .chain(outputs.iter().flat_map(|output| ["--output", output.as_str()]));
    let run = Overdue::new(words).in_folder(repository()).run();
    assert_eq!(run.code(), 1);
    for output in &outputs {
        let (format, file) = output.split_once('=').expect("a pair");
        let alone = Overdue::new(["scan", "--as-of", AS_OF, "--format", format, "fixtures/demo"]).in_folder(repository()).run();
        assert_eq!(std::fs::read_to_string(file).expect("written"), alone.stdout(), "{format}");
    }
}
