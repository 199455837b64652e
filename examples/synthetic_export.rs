//! Writes a made-up OSV export of the public one's sizes and shapes: something to measure imports and look-ups on
//! without the network, and without anybody's data.
//!
//! `cargo run --release --example synthetic_export -- OUT [--scale FACTOR] [ECOSYSTEM]...`
//!
//! The layout is that of the public export: `<OUT>/<ECOSYSTEM>/all.zip`, and beside it `modified_id.csv`, newest
//! first. Without names all ecosystems of [`SHAPES`] are written; a factor of 0.01 makes a hundredth of their records.
//! The same arguments give the same bytes. Only the zip's own directory stays in memory, 200 bytes a record.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use overdue::model::Timestamp;
use serde_json::{Map, Value, json};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

/// How the records of an ecosystem look. Pairs of numbers are the least and the most of something.
struct Shape {
    ecosystem: &'static str,
    /// How many there are in the public export, rounded.
    records: u64,
    /// There are two to the power of this many packages.
    name_bits: u64,
    purl: &'static str,
    /// The records that speak of one flaw, as templates of their ids: the first set that a throw of a hundred is below.
    ids: &'static [(u64, &'static [&'static str])],
    /// Where a record names the CVE: as an alias, or as the upstream of a distribution's own record.
    relation: &'static str,
    range: &'static str,
    releases: &'static [&'static str],
    /// Of how many releases, and of how many packages, a record speaks.
    spread: [(u64, u64); 2],
    /// Templates of versions.
    versions: &'static [&'static str],
    /// One in this many entries lists its versions, and how many; never for 0.
    listed: (u64, (u64, u64)),
    /// Bytes of prose; none without.
    details: (u64, u64),
    /// One in this many records has no vector; none has one for 1.
    unscored: u64,
    references: (u64, u64),
    /// What the database says of a package, in fields of its own.
    specific: fn(&mut Dice, &str, &str) -> Map<String, Value>,
}

const SHAPES: [Shape; 7] = [
    Shape {
        ecosystem: "crates.io",
        records: 2_700,
        name_bits: 10,
        purl: "pkg:cargo/{name}",
        ids: &[(40, &["RUSTSEC-{year}-{n}", "GHSA-{code}"]), (70, &["RUSTSEC-{year}-{n}"]), (100, &["GHSA-{code}"])],
        relation: "aliases",
        range: "SEMVER",
        details: (200, 1_500),
        specific: rust,
        ..PLAIN
    },
    Shape {
        ecosystem: "PyPI",
        records: 25_000,
        purl: "pkg:pypi/{name}",
        ids: &[(50, &["GHSA-{code}", "PYSEC-{year}-{n}"]), (85, &["GHSA-{code}"]), (100, &["PYSEC-{year}-{n}"])],
        relation: "aliases",
        versions: &["{v}", "{v}", "{v}", "{v}.post1", "{v}rc1", "{v}"],
        listed: (1, (10, 300)),
        details: (300, 2_000),
        references: (3, 8),
        ..PLAIN
    },
    Shape {
        ecosystem: "Debian",
        records: 65_000,
        purl: "pkg:deb/debian/{name}?arch=source",
        ids: &[(86, &["DEBIAN-CVE-{year}-{n}"]), (93, &["DSA-{n}-1"]), (100, &["DLA-{n}-1"])],
        releases: &[":11", ":12", ":13", ":14"],
        spread: [(2, 4), (1, 1)],
        versions: &["{v}-1", "{v}-2", "{v}-2+deb12u1", "{v}+dfsg-3"],
        listed: (2, (4, 60)),
        specific: urgency,
        ..PLAIN
    },
    Shape {
        ecosystem: "Ubuntu",
        records: 60_000,
        purl: "pkg:deb/ubuntu/{name}?arch=source",
        ids: &[(90, &["UBUNTU-CVE-{year}-{n}"]), (100, &["USN-{n}-1"])],
        releases: &[":Pro:16.04:LTS", ":Pro:18.04:LTS", ":20.04:LTS", ":22.04:LTS", ":24.04:LTS", ":25.04", ":25.10"],
        spread: [(3, 7), (1, 1)],
        versions: &["{v}-1", "{v}-1ubuntu1", "{v}-1ubuntu0.1", "{v}-2build1"],
        listed: (1, (4, 24)),
        specific: binaries,
        ..PLAIN
    },
    Shape {
        ecosystem: "Alpine",
        records: 5_000,
        purl: "pkg:apk/alpine/{name}?arch=source",
        ids: &[(100, &["ALPINE-CVE-{year}-{n}"])],
        releases: &[":v3.17", ":v3.18", ":v3.19", ":v3.20", ":v3.21", ":v3.22"],
        spread: [(1, 6), (1, 1)],
        versions: &["{v}-r0", "{v}-r1", "{v}-r4"],
        listed: (2, (2, 40)),
        ..PLAIN
    },
    Shape {
        ecosystem: "Red Hat",
        records: 23_000,
        purl: "pkg:rpm/redhat/{name}",
        ids: &[(92, &["RHSA-{year}:{n}"]), (100, &["RHBA-{year}:{n}"])],
        releases: &[":enterprise_linux:8::baseos", ":enterprise_linux:9::appstream", ":rhel_eus:9.2::appstream", ":openshift:4.14::el9"],
        spread: [(1, 2), (2, 30)],
        versions: &["0:{v}-1.el9", "0:{v}-3.el9_4", "0:{v}-3.el9_4.2"],
        details: (0, 0),
        ..PLAIN
    },
    Shape {
        ecosystem: "Chainguard",
        records: 993_000,
        name_bits: 14,
        purl: "pkg:apk/chainguard/{name}",
        ids: &[(100, &["CGA-{code}"])],
        spread: [(1, 1), (1, 2)],
        versions: &["{v}-r0", "{v}-r1", "{v}-r2"],
        details: (0, 0),
        unscored: 1,
        references: (0, 0),
        ..PLAIN
    },
];

/// What most of them have in common.
const PLAIN: Shape = Shape {
    ecosystem: "",
    records: 0,
    name_bits: 12,
    purl: "",
    ids: &[],
    relation: "upstream",
    range: "ECOSYSTEM",
    releases: &[""],
    spread: [(1, 1), (1, 1)],
    versions: &["{v}"],
    listed: (0, (0, 0)),
    details: (200, 600),
    unscored: 6,
    references: (1, 6),
    specific: nothing,
};

/// The moment of the newest record, and the seconds from the oldest to it: twelve years.
const NEWEST: i64 = 1_787_270_400;
const SPAN: u64 = 12 * 365 * 86_400;

const PARTS: [&str; 12] = ["dev", "libs", "common", "doc", "tools", "data", "core", "client", "server", "utils", "plugins", "static"];
const WORDS: &str = "a the of in and before when without long remote local crafted input parser buffer request token header session \
     decoder archive path length integer cache worker template upload cookie index stream handle reads writes frees skips trusts \
     leaks exhausts overflows follows accepts attacker caller memory process file certificate signature limit version release";

/// A splitmix64 generator: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    fn between(&mut self, (least, most): (u64, u64)) -> u64 {
        least + self.below(most - least + 1)
    }

    fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[at(self.below(items.len() as u64))]
    }

    /// Much like Zipf's law: each power of two has the same share, so that a few packages have hundreds of records.
    fn package(&mut self, bits: u64) -> String {
        let below = 1 << self.between((5, bits));
        name(self.below(below))
    }

    fn code(&mut self) -> String {
        let letter = |place| if place % 5 == 4 { '-' } else { char::from(b"23456789cfghjmpqrvwx"[at(self.below(20))]) };
        (0..14).map(letter).collect()
    }

    fn prose(&mut self, bytes: usize) -> String {
        let words: Vec<&str> = WORDS.split_whitespace().collect();
        let mut text = String::new();
        while text.len() < bytes {
            text.push_str(self.pick(&words));
            text.push_str(if self.below(11) == 0 { ".\n" } else { " " });
        }
        text
    }

    /// One vector in five is of version 4.0.
    fn severity(&mut self) -> Value {
        let is_v4 = self.below(5) == 0;
        let (mut vector, metrics) = if is_v4 {
            ("CVSS:4.0".to_owned(), "AV:NALP AC:LH AT:NP PR:NLH UI:NPA VC:HLN VI:HLN VA:HLN SC:NLH SI:NLH SA:NLH")
        } else {
            ("CVSS:3.1".to_owned(), "AV:NALP AC:LH PR:NLH UI:NR S:UC C:HLN I:HLN A:HLN")
        };
        for (name, values) in metrics.split(' ').filter_map(|metric| metric.split_once(':')) {
            let value = char::from(values.as_bytes()[at(self.below(values.len() as u64))]);
            vector.push_str(&format!("/{name}:{value}"));
        }
        json!({"type": if is_v4 { "CVSS_V4" } else { "CVSS_V3" }, "score": vector})
    }
}

fn at(number: u64) -> usize {
    usize::try_from(number).expect("it fits")
}

/// Three syllables, which only this rank has; neighbours do not look alike.
fn name(rank: u64) -> String {
    let mixed = rank * 92_821 % 70_u64.pow(3);
    let syllable = |digit: u64| [b"bdfgklmnprstvz"[at(digit / 5)], b"aeiou"[at(digit % 5)]].map(char::from);
    [mixed % 70, mixed / 70 % 70, mixed / 4_900].into_iter().flat_map(syllable).collect()
}

fn before_newest(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(NEWEST.saturating_sub_unsigned(seconds))
}

/// The version of a number; a greater number is a later version.
fn version(templates: &[&str], number: u64) -> String {
    let digits = format!("{}.{}.{}", number / 100, number / 10 % 10, number % 10);
    templates[at(number) % templates.len()].replace("{v}", &digits)
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(fields) = value { fields } else { Map::new() }
}

fn nothing(_: &mut Dice, _: &str, _: &str) -> Map<String, Value> {
    Map::new()
}

fn rust(dice: &mut Dice, name: &str, _: &str) -> Map<String, Value> {
    let categories = [["memory-corruption"], ["denial-of-service"], ["crypto-failure"], ["code-execution"]];
    let informational = [json!(null), json!(null), json!(null), json!("unmaintained"), json!("unsound")];
    let function = format!("{name}::{}::{}", dice.pick(&PARTS), dice.pick(&PARTS));
    object(json!({
        "database_specific": {"categories": categories[at(dice.below(4))], "informational": informational[at(dice.below(5))]},
        "ecosystem_specific": {"affects": {"arch": [], "functions": [function], "os": []}},
    }))
}

fn urgency(dice: &mut Dice, _: &str, _: &str) -> Map<String, Value> {
    let urgencies = ["not yet assigned", "not yet assigned", "unimportant", "low", "medium", "end-of-life"];
    object(json!({"ecosystem_specific": {"urgency": dice.pick(&urgencies)}}))
}

fn binaries(dice: &mut Dice, name: &str, version: &str) -> Map<String, Value> {
    let binary = |part: &&str| json!({"binary_name": format!("{name}-{part}"), "binary_version": version});
    object(json!({"ecosystem_specific": {"binaries": PARTS.iter().take(at(dice.between((2, 8)))).map(binary).collect::<Vec<_>>()}}))
}

/// The entries of `affected`, which all records of one flaw share.
fn affected(shape: &Shape, dice: &mut Dice) -> Vec<Value> {
    let package = dice.package(shape.name_bits);
    let [releases, packages] = shape.spread.map(|spread| dice.between(spread));
    let first = dice.below(shape.releases.len() as u64 - releases + 1);
    let mut entries = Vec::new();
    for part in 0..packages {
        let name = if part == 0 { package.clone() } else { format!("{package}-{}{part}", PARTS[at(part % 12)]) };
        for release in &shape.releases[at(first)..at(first + releases)] {
            let listed = if shape.listed.0 > 0 && dice.below(shape.listed.0) == 0 { dice.between(shape.listed.1) } else { 0 };
            let fixed = listed + dice.between((20, 900));
            let end = version(shape.versions, fixed);
            let events = match dice.below(10) {
                0 => json!([{"introduced": "0"}]),
                1 => json!([{"introduced": "0"}, {"last_affected": end}]),
                _ => json!([{"introduced": "0"}, {"fixed": end}]),
            };
            let (ecosystem, purl) = (format!("{}{release}", shape.ecosystem), shape.purl.replace("{name}", &name));
            let package = json!({"ecosystem": ecosystem, "name": name, "purl": purl});
            let mut entry = object(json!({"package": package, "ranges": [{"type": shape.range, "events": events}]}));
            if listed > 0 {
                let versions: Vec<String> = (fixed - listed..fixed).map(|number| version(shape.versions, number)).collect();
                entry.insert("versions".to_owned(), json!(versions));
            }
            entry.extend((shape.specific)(dice, &name, &end));
            entries.push(Value::Object(entry));
        }
    }
    entries
}

/// The records that speak of one flaw, without their dates.
fn flaw(shape: &Shape, number: u64, year: &str, dice: &mut Dice) -> Vec<Map<String, Value>> {
    let throw = dice.below(100);
    let templates = shape.ids.iter().find(|(below, _)| throw < *below).map_or(&[][..], |(_, templates)| *templates);
    let code = dice.code();
    let filled = |template: &&str| template.replace("{year}", year).replace("{n}", &(1_000 + number).to_string()).replace("{code}", &code);
    let mut ids: Vec<String> = templates.iter().map(filled).collect();
    let own = ids.len();
    ids.push(filled(&"CVE-{year}-{n}"));
    if shape.ecosystem == "Chainguard" {
        ids.push(format!("GHSA-{}", dice.code()));
    }
    let severity = (shape.unscored > 1 && dice.below(shape.unscored) > 0).then(|| dice.severity());
    let affected = affected(shape, dice);
    let records = ids[..own].iter().map(|id| {
        let related: Vec<&String> = ids.iter().filter(|other| *other != id).collect();
        let mut fields = object(json!({"schema_version": "1.7.3", "id": id, "affected": affected, shape.relation: related}));
        fields.extend(severity.iter().map(|severity| ("severity".to_owned(), json!([severity]))));
        fields.extend(texts(shape, id, dice));
        fields
    });
    records.collect()
}

/// What people read.
fn texts(shape: &Shape, id: &str, dice: &mut Dice) -> Map<String, Value> {
    let links = 0..dice.between(shape.references);
    let links = links.map(|_| json!({"type": "WEB", "url": format!("https://example.org/{:016x}/{id}", dice.roll())}));
    let mut fields = object(json!({"references": links.collect::<Vec<_>>()}));
    if shape.details.1 > 0 {
        let length = at(dice.between(shape.details));
        fields.extend(object(json!({"summary": dice.prose(60).replace(".\n", " ").trim_end(), "details": dice.prose(length)})));
    }
    if id.starts_with("GHSA") {
        let label = dice.pick(&["LOW", "MODERATE", "MODERATE", "HIGH", "CRITICAL"]);
        let cwe = format!("CWE-{}", dice.between((20, 1_300)));
        fields.extend(object(json!({"database_specific": {"severity": label, "cwe_ids": [cwe], "github_reviewed": true}})));
    }
    fields
}

/// Writes one ecosystem; the number of records, and their bytes before compression.
fn write(shape: &Shape, folder: &Path, scale: f64) -> io::Result<(u64, u64)> {
    fs::create_dir_all(folder)?;
    let mut archive = ZipWriter::new(BufWriter::new(File::create(folder.join("all.zip"))?));
    let mut list = BufWriter::new(File::create(folder.join("modified_id.csv"))?);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).last_modified_time(DateTime::DEFAULT);
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "a rounded count")]
    let records = ((shape.records as f64 * scale).round() as u64).max(1);
    let mut dice = Dice(shape.ecosystem.bytes().fold(0, |seed, byte| seed * 31 + u64::from(byte)));
    let (mut number, mut written, mut bytes) = (0, 0, 0);
    while written < records {
        // Newest first: the list beside the archive is written as the records are.
        let published = before_newest((written + 1) * SPAN / records + dice.below(SPAN / 20));
        for mut record in flaw(shape, number, &published.date()[..4], &mut dice).into_iter().take(at(records - written)) {
            let modified = before_newest(written * SPAN / records).to_string();
            let id = record["id"].as_str().unwrap_or_default().to_owned();
            writeln!(list, "{modified},{id}")?;
            if dice.below(100) == 0 {
                record.insert("withdrawn".to_owned(), json!(modified));
            }
            record.insert("published".to_owned(), json!(published));
            record.insert("modified".to_owned(), json!(modified));
            let text = serde_json::to_vec(&record)?;
            archive.start_file(format!("{id}.json"), options).map_err(io::Error::other)?;
            archive.write_all(&text)?;
            (written, bytes) = (written + 1, bytes + text.len() as u64);
        }
        number += 1;
    }
    list.flush()?;
    archive.finish().map_err(io::Error::other)?.flush()?;
    Ok((records, bytes))
}

#[expect(clippy::print_stdout, reason = "a program of its own")]
fn main() {
    let usage = "usage: synthetic_export OUT [--scale FACTOR] [ECOSYSTEM]...";
    let mut words = std::env::args().skip(1);
    let out = PathBuf::from(words.next().expect(usage));
    let (mut scale, mut names) = (1.0, Vec::new());
    while let Some(word) = words.next() {
        if word == "--scale" {
            scale = words.next().and_then(|factor| factor.parse().ok()).expect(usage);
        } else {
            assert!(SHAPES.iter().any(|shape| shape.ecosystem == word), "no shape for `{word}`; {usage}");
            names.push(word);
        }
    }
    for shape in SHAPES.iter().filter(|shape| names.is_empty() || names.iter().any(|name| name == shape.ecosystem)) {
        let folder = out.join(shape.ecosystem);
        let (records, bytes) = write(shape, &folder, scale).expect("a writable folder");
        let packed = fs::metadata(folder.join("all.zip")).expect("an archive").len();
        println!("{}: {records} records, {} KiB of JSON, {} KiB packed", shape.ecosystem, bytes >> 10, packed >> 10);
    }
}
