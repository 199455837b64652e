//! What is in layers: small distributions, and Python packages as pip installs them. Names and versions are made up where
//! advisories are about them.

use super::tape::Tape;

/// A package of a database of dpkg, with the files that it owns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deb {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// The source package as the field says it: a name, or a name and a version.
    pub(crate) source: Option<&'static str>,
    pub(crate) owns: &'static [&'static str],
}

const fn deb(name: &'static str, version: &'static str, source: Option<&'static str>, owns: &'static [&'static str]) -> Deb {
    Deb { name, version, source, owns }
}

/// The packages of the small Debian 12. A binary package has its source's version but for a rebuild.
pub(crate) const DEBIAN: [Deb; 4] = [
    deb("base-files", "12.4+deb12u8", None, &["/.", "/etc", "/etc/debian_version", "/usr/lib/os-release"]),
    deb("libc6", "2.36-9+deb12u8", Some("glibc"), &["/.", "/usr", "/usr/lib/libfixture-c.so.6"]),
    deb("libssl3", "3.0.15-1~deb12u1", Some("openssl"), &["/.", "/usr/lib/libfixture-ssl.so.3"]),
    deb("libfixture1", "2.0-3+b2", Some("fixture (2.0-3)"), &["/.", "/usr/lib/libfixture.so.1"]),
];

impl Deb {
    /// Its stanza in the database.
    pub(crate) fn stanza(&self) -> String {
        let Self { name, version, .. } = self;
        let source = self.source.map(|source| format!("Source: {source}\n")).unwrap_or_default();
        format!(
            "Package: {name}\nStatus: install ok installed\nPriority: optional\nSection: libs\nInstalled-Size: 100\n\
            Maintainer: A Person <person@index.example>\nArchitecture: amd64\n{source}Version: {version}\n\
            Description: made up for a test\n with a second line\n .\n and a third\n\n"
        )
    }
}

/// The text of a `status` file. What is removed and has left its configuration behind is in it too.
pub(crate) fn status(packages: &[Deb]) -> String {
    let removed = "Package: libgone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1.0-1\n\n";
    packages.iter().map(Deb::stanza).collect::<String>() + removed
}

/// dpkg's database of these packages.
pub(crate) fn dpkg(packages: &[Deb]) -> Tape {
    let info = Tape::new().dir("var/lib/dpkg").dir("var/lib/dpkg/info").file("var/lib/dpkg/status", status(packages));
    packages.iter().fold(info, |tape, package| {
        let list: String = package.owns.iter().map(|path| format!("{path}\n")).collect();
        tape.file(&format!("var/lib/dpkg/info/{}.list", package.name), list)
    })
}

pub(crate) fn os_release(id: &str, version: &str) -> String {
    format!("PRETTY_NAME=\"A {id} for tests\"\nNAME='{id}'\nVERSION_ID=\"{version}\"\n# a comment\nID={id}\n")
}

/// A small Debian 12: its name behind a link, `/lib` behind one too.
pub(crate) fn debian() -> Tape {
    debian_with(&DEBIAN)
}

/// The same with these packages.
pub(crate) fn debian_with(packages: &[Deb]) -> Tape {
    let root = ["etc", "usr", "usr/lib", "var", "var/lib"].iter().fold(Tape::new(), |tape, folder| tape.dir(folder));
    root.symlink("lib", "usr/lib")
        .file("etc/debian_version", "12.8\n")
        .file("usr/lib/os-release", os_release("debian", "12"))
        .symlink("etc/os-release", "../usr/lib/os-release")
        .file("usr/lib/libfixture-c.so.6", "not really a library")
        .and(&dpkg(packages))
}

/// A package of apk's database: `P:`, `V:` and `o:`, and a file that it owns.
pub(crate) const ALPINE: [(&str, &str, &str, &str); 3] = [
    ("alpine-baselayout", "3.1.0-r3", "alpine-baselayout", "etc/fixture"),
    ("musl", "1.1.20-r4", "musl", "lib/libfixture-c.musl"),
    ("libcrypto1.1", "1.1.1b-r1", "openssl", "lib/libfixture-crypto.so.1.1"),
];

/// A small Alpine 3.9, its database at the old place.
pub(crate) fn alpine() -> Tape {
    let record = |(name, version, origin, file): &(&str, &str, &str, &str)| {
        let (folder, file) = file.rsplit_once('/').expect("a path");
        format!(
            "C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nP:{name}\nV:{version}\nA:x86_64\nS:1\nI:1\nT:made up for a test\nL:MIT\no:{origin}\n\
            D:so:libfixture\nF:{folder}\nR:{file}\nZ:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"
        )
    };
    let folders = ["etc", "lib", "lib/apk", "lib/apk/db"].iter().fold(Tape::new(), |tape, folder| tape.dir(folder));
    folders
        .file("etc/alpine-release", "3.9.4\n")
        .file("etc/os-release", os_release("alpine", "3.9.4"))
        .file("lib/apk/db/installed", ALPINE.iter().map(record).collect::<String>())
}

/// Where pip puts packages in the tests that do not say otherwise.
pub(crate) const SITE: &str = "opt/app/lib/python3.12/site-packages";

/// A Python package in a folder, as pip installs it.
pub(crate) fn python(site: &str, name: &str, version: &str) -> Tape {
    let module = name.replace('-', "_");
    let info = format!("{module}-{version}.dist-info");
    let record = format!("{module}/__init__.py,,\n{info}/METADATA,,\n{info}/INSTALLER,,\n{info}/RECORD,,\n");
    Tape::new()
        .file(&format!("{site}/{module}/__init__.py"), "")
        .file(&format!("{site}/{info}/METADATA"), metadata(name, version))
        .file(&format!("{site}/{info}/INSTALLER"), "pip\n")
        .file(&format!("{site}/{info}/RECORD"), record)
}

pub(crate) fn metadata(name: &str, version: &str) -> String {
    format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: made up for a test\n\nA description.\n")
}
