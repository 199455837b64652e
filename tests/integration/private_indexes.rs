//! Packages of an index that a policy calls private are unchecked, and not matched by a name that is another package's.

use crate::projects::{Project, scan};

const POETRY: &str = "[[package]]\nname = \"jinja2\"\nversion = \"2.10\"\noptional = false\nfiles = []\n\n[package.source]\ntype = \"legacy\"\n\
                      url = \"https://index.example/acme/simple\"\nreference = \"acme\"\n\n[metadata]\nlock-version = \"2.0\"\n";

#[test]
fn what_comes_from_a_private_index_is_unchecked() {
    let private = "[[private-indexes]]\nurl = \"https://somebody:secret@INDEX.example/acme/simple/\"\n";
    let named = "[[private-indexes]]\nurl = \"https://index.example/other\"\npackages = [\"Jinja*\"]\n";
    let only = "--index-url https://index.example/acme\njinja2==2.10\n";
    let also = "--extra-index-url https://index.example/acme/simple\njinja2==2.10\n";
    for (file, text, policy, is_private) in [
        ("requirements.txt", only, private, true),
        ("requirements.txt", only, "", false),
        // It may as well come from the public one.
        ("requirements.txt", also, private, false),
        ("requirements.txt", also, named, true),
        ("requirements.txt", "jinja2==2.10\n", private, false),
        ("requirements.txt", "jinja2==2.10\n", named, true),
        ("poetry.lock", POETRY, private, true),
        ("poetry.lock", POETRY, "[[private-indexes]]\nurl = \"https://index.example/other\"\n", false),
    ] {
        let project = Project::new();
        project.write("overdue.toml", policy).write(file, text);
        let run = scan(project.path(), &["--format", "json"]);
        let report = run.json();
        let unchecked: Vec<(&str, &str)> = report["unchecked"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|item| Some((item["reason"].as_str()?, item["subject"].as_str()?)))
            .collect();
        let findings = report["findings"].as_array().expect("a list").len();
        let case = format!("{file} {text:?} {policy:?}: {}", run.text());
        if is_private {
            assert_eq!((unchecked, findings, run.code()), (vec![("other-registry", "jinja2 2.10")], 0, 3), "{case}");
        } else {
            assert!(unchecked.is_empty() && findings > 0 && run.code() == 1, "{case}");
        }
        assert_eq!(report["packages"]["found"], 1, "{case}");
        assert!(!run.text().contains("secret"), "{case}");
    }
}
