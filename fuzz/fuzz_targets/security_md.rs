//! Any bytes are a text: reading one never panics, names lines that there are, and what is written of it is read back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use overdue::policy::{config, security_md};

fuzz_target!(|bytes: &[u8]| {
    let reading = security_md::read("SECURITY.md", bytes);
    // Every line end that the reader knows ends a line.
    let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
    let deadlines = reading.tiers.iter().flat_map(|row| row.deadlines.values()).chain(reading.general.values());
    for deadline in deadlines {
        assert!(deadline.line.is_some_and(|line| line >= 1 && line as usize <= lines));
        assert!(!deadline.text.is_empty());
        assert!(deadline.target_hours.is_none() || deadline.target_hours < deadline.limit_hours);
    }
    let toml = config::write(&reading, Some("SECURITY.md"), "fuzz");
    let back = config::read("overdue.toml", toml.as_bytes()).expect("what is written can be read");
    let rules = |reading: &overdue::policy::Reading| reading.rules.iter().map(|rule| (rule.min_tier, rule.max_age_hours)).collect::<Vec<_>>();
    assert_eq!(rules(&reading), rules(&back.reading));
    let versions =
        |reading: &overdue::policy::Reading| reading.supported_versions.iter().map(|v| (v.pattern.clone(), v.supported, v.until)).collect::<Vec<_>>();
    assert_eq!(versions(&reading), versions(&back.reading));
    for (row, other) in reading.tiers.iter().zip(&back.reading.tiers) {
        assert_eq!(row.bounds, other.bounds);
        assert_eq!(row.examples, other.examples);
        assert_eq!(row.deadlines.len(), other.deadlines.len());
        assert!(row.deadlines.iter().all(|(stage, deadline)| deadline.promises_the_same(&other.deadlines[stage])));
    }
});
