//! Requirements that pin nothing: reading them, and matching them as sets of versions. `cargo bench --bench requirements`.

use std::{fmt::Write, hint::black_box};

use criterion::{Criterion, criterion_group, criterion_main};
use overdue::{
    advisory::Store,
    inventory::{Extractor, requirements::Requirements},
    matching::{Manifest, match_manifest},
    model::{DependencyGraph, Ecosystem, Package, Wanted},
    version::Specifiers,
};

/// Packages of the embedded snapshot, from one advisory to hundreds.
const NAMES: [&str; 8] = ["idna", "flask", "certifi", "jinja2", "aiohttp", "pillow", "django", "tensorflow"];

fn benches(criterion: &mut Criterion) {
    let mut text = String::from("# a header\n--index-url https://index.example/simple\n");
    for number in 0..500 {
        writeln!(text, "package-{number}[extra]>=1.{number},!=1.{number}.3,<3 ; python_version >= \"3.8\"  # why").expect("text");
    }
    let read = |bytes: &[u8]| Requirements.extract("requirements.txt", bytes);
    assert_eq!(read(text.as_bytes()).packages.len(), 500);
    criterion.bench_function("read a requirements.txt of 500 lines", |b| b.iter(|| read(black_box(text.as_bytes()))));

    criterion.bench_function("specifiers to a set", |b| {
        b.iter(|| Specifiers::parse(black_box(">=3.9,!=3.9.2,!=3.10.*,~=3.8,<4")).expect("specifiers").admissions());
    });

    let pypi = Ecosystem::new(Ecosystem::PYPI);
    let index = Store::new("/nowhere").open(&pypi).expect("sound").expect("embedded");
    for name in NAMES {
        for (what, wanted) in [("a range", Wanted::Requirement(">=1.0".into())), ("a version", Wanted::Version("1.0".into()))] {
            let packages = [Package::new(pypi.clone(), name, wanted, 1)];
            let manifest = Manifest { target: 0, path: "requirements.txt", packages: &packages, graph: &DependencyGraph::default() };
            criterion.bench_function(&format!("match {what} of {name}"), |b| {
                b.iter(|| match_manifest(black_box(&manifest), &|_| Some(&index)).expect("sound"));
            });
        }
    }
}

criterion_group!(all, benches);
criterion_main!(all);
