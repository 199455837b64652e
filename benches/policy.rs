//! Reading a SECURITY.md: a page as people write it, and the largest that is read. `cargo bench --bench policy`.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use overdue::policy::security_md;

const PAGE: &str = include_str!("../fixtures/security_md/long-policy-of-many-parts.md");

fn benches(criterion: &mut Criterion) {
    criterion.bench_function("read a page", |b| b.iter(|| security_md::read("SECURITY.md", black_box(PAGE.as_bytes()))));
    for (what, line) in [
        ("items", "- **Critical**: fix within 7 days\n"),
        ("sentences", "Critical vulnerabilities are fixed within 7 days and high ones within 14 days.\n\n"),
        ("brackets", "[a](b) [c]\n\n"),
        ("others", "- Others: fixed within 7 days\n"),
    ] {
        for kibibytes in [64, 128] {
            let text = line.repeat((kibibytes << 10) / line.len());
            let name = format!("read {kibibytes} KiB of {what}");
            criterion.bench_function(&name, |b| b.iter(|| security_md::read("SECURITY.md", black_box(text.as_bytes()))));
        }
    }
}

criterion_group!(group, benches);
criterion_main!(group);
