//! What is around layers: manifests, indexes and configurations that contradict, repeat or miss each other.

use serde_json::{Value, json};

use super::{
    super::{
        docker,
        image::{Blob, INDEX, Image, MANIFEST, Packed},
        oci::{self, Layout},
        packing::{Packing, digest},
        swollen,
        tape::Tape,
    },
    cases::{
        Case,
        Outcome::{Error, Incomplete, Whole},
        image, root,
    },
};

pub(super) const CASES: [Case; 31] = [
    ("archive-of-nothing", Incomplete, || Tape::new().bytes()),
    ("archive-of-a-zeroed-file", Incomplete, || vec![0; 100_000]),
    ("archive-of-an-empty-manifest", Incomplete, || listed(&json!([]))),
    ("archive-of-a-manifest-of-null", Incomplete, || listed(&Value::Null)),
    ("archive-of-a-manifest-without-layers", Incomplete, || listed(&json!([{"Config": CONFIG, "RepoTags": null, "Layers": null}]))),
    ("archive-of-a-manifest-of-missing-files", Incomplete, || listed(&json!([{"Config": "x.json", "Layers": ["x/layer.tar"]}]))),
    ("archive-of-a-manifest-of-missing-layers", Incomplete, || listed(&json!([{"Config": CONFIG, "Layers": ["x/layer.tar"]}]))),
    ("archive-of-a-manifest-of-files-of-the-machine", Incomplete, || {
        listed(&json!([{"Config": "/etc/passwd", "Layers": ["../../../../etc/passwd"]}]))
    }),
    ("archive-of-a-manifest-that-is-no-text", Incomplete, || Tape::new().file("manifest.json", b"[{\"Config\": \"\xff\xfe\"").bytes()),
    ("archive-of-a-manifest-with-a-key-twice", Incomplete, || {
        Tape::new()
            .file("manifest.json", format!(r#"[{{"Config": "{CONFIG}", "Config": "y.json", "Layers": []}}]"#))
            .file(CONFIG, "{}")
            .bytes()
    }),
    ("archive-of-a-manifest-of-100000-brackets", Incomplete, || Tape::new().file("manifest.json", "[".repeat(100_000)).bytes()),
    ("archive-of-a-manifest-of-9-mib", Incomplete, || {
        let size: usize = 9 << 20;
        let head = super::super::tape::Header::new(b'0', "manifest.json", size as u64).block();
        swollen::gzip(&head, b' ', size, &Tape::new().bytes())
    }),
    ("archive-with-two-manifests", Whole, || {
        // What is unpacked last stays.
        let harmless = Image::new().layer("2026-08-01T00:00:00Z", "COPY x /", Tape::new().file("x", ""));
        docker::legacy(&[&harmless]).and(&docker::legacy(&[&of_root()])).bytes()
    }),
    ("layer-that-links-round-in-circles", Incomplete, || linked(&["a/layer.tar", "../b/layer.tar", "b/layer.tar", "../a/layer.tar"])),
    ("layer-that-links-to-the-machine", Incomplete, || linked(&["a/layer.tar", "../../../../etc/passwd"])),
    ("layer-that-links-to-the-manifest", Error, || linked(&["a/layer.tar", "../manifest.json"])),
    ("layer-that-is-a-folder", Incomplete, || {
        let manifest = json!([{"Config": CONFIG, "Layers": ["a/layer.tar"]}]);
        Tape::new().file("manifest.json", manifest.to_string()).file(CONFIG, config(1)).dir("a/layer.tar").bytes()
    }),
    ("layer-that-is-elsewhere", Incomplete, || {
        let packed = of_root().packed(Packing::Gzip);
        let mut manifest: Value = serde_json::from_slice(&packed.manifest().bytes).expect("JSON");
        manifest["layers"][0]["urls"] = json!(["https://index.example/layer"]);
        let manifest = Blob::of(&manifest);
        Layout::new(&[packed.config, manifest.clone()], &[manifest.descriptor(MANIFEST)]).archive().bytes()
    }),
    ("layer-by-an-unknown-digest", Incomplete, || {
        let packed = of_root().packed(Packing::Gzip);
        let manifest = String::from_utf8(packed.manifest().bytes)
            .expect("text")
            .replace(&packed.blobs[0].digest, "md5:d41d8cd98f00b204e9800998ecf8427e");
        let manifest = Blob::new(manifest.into_bytes());
        Layout::new(&[packed.config, manifest.clone()], &[manifest.descriptor(MANIFEST)]).archive().bytes()
    }),
    ("layer-by-a-digest-that-is-a-path", Incomplete, || {
        let index = json!({"manifests": [{"mediaType": MANIFEST, "digest": "sha256:../../../../../etc/passwd", "size": 1}]});
        Layout::with_index(&[], &index).archive().bytes()
    }),
    ("layer-that-is-another", Error, || {
        let packed = of_root().packed(Packing::Gzip);
        let other = Packing::Gzip.pack(&Tape::new().file("x", "").bytes());
        replaced(oci::layout_of(&packed), &packed.blobs[0].digest, &other)
    }),
    ("configuration-that-is-another", Error, || {
        let packed = of_root().packed(Packing::Gzip);
        replaced(oci::layout_of(&packed), &packed.config.digest, b"{}")
    }),
    ("configuration-that-is-no-json", Incomplete, || {
        Tape::new().file("manifest.json", json!([{"Config": CONFIG, "Layers": []}]).to_string()).file(CONFIG, "<html>").bytes()
    }),
    ("configuration-of-too-few-layers", Incomplete, || {
        let packed = of_root().packed(Packing::Plain);
        let manifest = json!([{"Config": CONFIG, "Layers": ["a.tar", "a.tar"]}]);
        let tape = Tape::new().file("manifest.json", manifest.to_string()).file("a.tar", &packed.blobs[0].bytes);
        tape.file(CONFIG, json!({"rootfs": {"type": "layers", "diff_ids": packed.diff_ids}}).to_string()).bytes()
    }),
    ("configuration-of-a-longer-history", Whole, || {
        let mut image = of_root();
        let line = image.config.history.as_ref().expect("a history")[0].clone();
        image.config.history = Some(vec![line; 5]);
        docker::legacy(&[&image]).bytes()
    }),
    ("index-of-null", Incomplete, || Layout::with_index(&[], &json!({"schemaVersion": 2, "manifests": null})).archive().bytes()),
    ("index-of-null-beside-a-manifest", Whole, || {
        docker::legacy(&[&of_root()]).file("index.json", r#"{"schemaVersion": 2, "manifests": null}"#).file("oci-layout", "{}").bytes()
    }),
    ("index-in-itself", Error, || {
        // No digest can be in what it is the digest of, so this one is a lie.
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [{"mediaType": INDEX, "digest": digest(b"x"), "size": 1}]});
        let liar = Blob { digest: digest(b"x"), bytes: index.to_string().into_bytes() };
        Layout::with_index(&[liar], &index).archive().bytes()
    }),
    ("index-10-deep", Incomplete, || nested(10)),
    ("layers-by-the-hundred", Whole, || image([root()].into_iter().chain((0..200).map(|at| Tape::new().file(&format!("srv/{at}"), ""))))),
    ("layers-by-the-thousand", Incomplete, || image([root()].into_iter().chain((0..1000).map(|_| Tape::new())))),
];

/// A name of a configuration that states no digest.
const CONFIG: &str = "configuration.json";

fn of_root() -> Image {
    Image::new().layer("2026-08-01T00:00:00Z", "COPY x /", root())
}

/// A configuration of so many layers.
fn config(layers: usize) -> String {
    json!({"rootfs": {"type": "layers", "diff_ids": vec![digest(b""); layers]}}).to_string()
}

/// An archive of a manifest and a configuration of one layer.
fn listed(manifest: &Value) -> Vec<u8> {
    Tape::new().file("manifest.json", manifest.to_string()).file(CONFIG, config(1)).bytes()
}

/// An archive whose layers are links, each by its name and its target.
fn linked(links: &[&str]) -> Vec<u8> {
    let manifest = json!([{"Config": CONFIG, "Layers": [links[0]]}]);
    let tape = Tape::new().file("manifest.json", manifest.to_string()).file(CONFIG, config(1));
    links.chunks(2).fold(tape, |tape, link| tape.symlink(link[0], link[1])).bytes()
}

/// A layout one blob of which has other bytes.
fn replaced(mut layout: Layout, digest: &str, bytes: &[u8]) -> Vec<u8> {
    let place = oci::place(digest);
    for (path, content) in &mut layout.0 {
        if *path == place {
            *content = bytes.to_vec();
        }
    }
    layout.archive().bytes()
}

/// An image behind so many indexes.
fn nested(depth: usize) -> Vec<u8> {
    let packed: Packed = of_root().packed(Packing::Gzip);
    let mut blobs = oci::blobs(&packed);
    let mut descriptor = packed.manifest().descriptor(MANIFEST);
    for _ in 0..depth {
        let index = Blob::of(&json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor]}));
        descriptor = index.descriptor(INDEX);
        blobs.push(index);
    }
    Layout::new(&blobs, &[descriptor]).archive().bytes()
}
