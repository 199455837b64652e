//! What reading a layer takes beside decompressing it: entries to a log, and the merged view of what is wanted. `cargo bench`.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use overdue::tree::image::{Keep, wanted_listing};

/// A layer of so many small files in folders of a thousand.
fn layer(files: usize) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for at in 0..files {
        let mut header = tar::Header::new_gnu();
        header.set_size(4);
        header.set_mode(0o644);
        let path = format!("srv/{:04}/file-{at:07}.txt", at / 1000);
        archive.append_data(&mut header, path, &b"text"[..]).expect("it is written");
    }
    archive.into_inner().expect("it is whole")
}

fn benches(criterion: &mut Criterion) {
    let lower = layer(20_000);
    let keep = |path: &str| if path.ends_with("000.txt") { Keep::Bytes } else { Keep::Nothing };
    criterion.bench_function("read and merge two layers of 20,000 files", |b| {
        b.iter(|| wanted_listing(black_box(&[lower.clone(), lower.clone()]), keep).expect("they can be read"));
    });
}

criterion_group!(group, benches);
criterion_main!(group);
