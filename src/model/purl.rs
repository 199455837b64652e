//! Package URLs, as the purl specification writes them (`pkg:type/namespace/name@version?qualifiers`).

use super::{Ecosystem, percent};

/// The distributions: their name as an ecosystem, their purl type, their namespace, and how `distro` calls them. The
/// specification leaves namespaces to the distributions; this is how each calls itself in its `os-release`, and Red Hat
/// as the specification does.
const DISTRIBUTIONS: &[(&str, &str, &str)] = &[
    ("Debian", "deb", "debian"),
    ("Ubuntu", "deb", "ubuntu"),
    ("Echo", "deb", "echo"),
    ("Alpine", "apk", "alpine"),
    ("Wolfi", "apk", "wolfi"),
    ("Chainguard", "apk", "chainguard"),
    ("MinimOS", "apk", "minimos"),
    ("Alpaquita", "apk", "alpaquita"),
    ("BellSoft Hardened Containers", "apk", "bellsoft-hardened-containers"),
    ("Red Hat", "rpm", "redhat"),
    ("Rocky Linux", "rpm", "rocky"),
    ("AlmaLinux", "rpm", "almalinux"),
    ("SUSE", "rpm", "suse"),
    ("openSUSE", "rpm", "opensuse"),
    ("openEuler", "rpm", "openeuler"),
    ("Mageia", "rpm", "mageia"),
    ("Azure Linux", "rpm", "azurelinux"),
];

/// The package URL of a package of this ecosystem, or `None` for an ecosystem without a purl type.
#[must_use]
pub fn purl(ecosystem: &Ecosystem, name: &str, version: Option<&str>) -> Option<String> {
    let base = ecosystem.base();
    let (kind, name) = match base.as_str() {
        Ecosystem::CRATES_IO => ("cargo", encode(name)),
        // purl-spec, type pypi: lower case, `_` as `-`.
        Ecosystem::PYPI => ("pypi", encode(&name.to_lowercase().replace('_', "-"))),
        Ecosystem::RUST_TOOLCHAIN => ("generic", encode(&format!("rust-{name}"))),
        base => {
            let (_, kind, namespace) = DISTRIBUTIONS.iter().find(|(name, ..)| *name == base)?;
            return Some(of_distribution(kind, namespace, name, version, ecosystem.release()));
        }
    };
    Some(match version {
        Some(version) => format!("pkg:{kind}/{name}@{}", encode(version)),
        None => format!("pkg:{kind}/{name}"),
    })
}

fn of_distribution(kind: &str, namespace: &str, name: &str, version: Option<&str>, release: Option<&str>) -> String {
    // purl-spec, types deb and apk: lower case. An rpm's name keeps its case, and its epoch is a qualifier.
    let (name, (epoch, version)) = match kind {
        "rpm" => (encode(name), version.map_or((None, None), epoch)),
        _ => (encode(&name.to_lowercase()), (None, version)),
    };
    let mut purl = format!("pkg:{kind}/{namespace}/{name}");
    if let Some(version) = version {
        purl.push_str(&format!("@{}", encode(version)));
    }
    let distro = release.map(|release| format!("distro={namespace}-{}", encode(&short(namespace, release))));
    let qualifiers: Vec<String> = distro.into_iter().chain(epoch.map(|epoch| format!("epoch={epoch}"))).collect();
    if !qualifiers.is_empty() {
        purl.push_str(&format!("?{}", qualifiers.join("&")));
    }
    purl
}

/// The epoch and the rest of an rpm's version.
fn epoch(version: &str) -> (Option<&str>, Option<&str>) {
    match version.split_once(':') {
        Some((epoch, rest)) => (Some(epoch).filter(|epoch| *epoch != "0"), Some(rest)),
        None => (None, Some(version)),
    }
}

/// A release as `distro` has it: `22.04` of `22.04:LTS`, `3.18` of `v3.18`, `leap-15.5` of `Leap 15.5`.
fn short(namespace: &str, release: &str) -> String {
    match namespace {
        "ubuntu" => release.trim_end_matches(":LTS").to_lowercase(),
        "alpine" => release.strip_prefix('v').unwrap_or(release).to_owned(),
        _ => release.to_lowercase().replace(' ', "-"),
    }
}

/// The purl specification leaves a colon as it is, too.
fn encode(text: &str) -> String {
    percent::encode(text, ":")
}

#[cfg(test)]
mod tests {
    use super::{DISTRIBUTIONS, Ecosystem, purl};
    use crate::model::percent;

    #[test]
    fn build_metadata_is_encoded() {
        let purl = purl(&Ecosystem::crates_io(), "openssl-src", Some("300.1.0+3.1.0"));
        assert_eq!(purl.as_deref(), Some("pkg:cargo/openssl-src@300.1.0%2B3.1.0"));
    }

    #[test]
    fn packages_of_distributions_have_a_namespace_and_name_their_release() {
        for (ecosystem, name, version, expected) in [
            ("Debian:12", "libstdc++6", "12.2.0-14+deb12u1", "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?distro=debian-12"),
            ("Debian:12", "git", "1:2.39.2-1.1", "pkg:deb/debian/git@1:2.39.2-1.1?distro=debian-12"),
            ("Ubuntu:22.04:LTS", "bash", "5.1-6~ubuntu1", "pkg:deb/ubuntu/bash@5.1-6~ubuntu1?distro=ubuntu-22.04"),
            ("Ubuntu:23.10", "bash", "5.2", "pkg:deb/ubuntu/bash@5.2?distro=ubuntu-23.10"),
            ("Alpine:v3.18", "musl", "1.2.4-r2", "pkg:apk/alpine/musl@1.2.4-r2?distro=alpine-3.18"),
            ("Wolfi", "zlib", "1.3-r0", "pkg:apk/wolfi/zlib@1.3-r0"),
            ("Chainguard", "zlib", "1.3-r0", "pkg:apk/chainguard/zlib@1.3-r0"),
            ("Rocky Linux:9", "GConf2", "1:3.2-27.el9", "pkg:rpm/rocky/GConf2@3.2-27.el9?distro=rocky-9&epoch=1"),
            ("AlmaLinux:9", "bash", "0:5.1-6", "pkg:rpm/almalinux/bash@5.1-6?distro=almalinux-9"),
            ("openSUSE:Leap 15.5", "bash", "4.4", "pkg:rpm/opensuse/bash@4.4?distro=opensuse-leap-15.5"),
        ] {
            assert_eq!(purl(&Ecosystem::new(ecosystem), name, Some(version)).as_deref(), Some(expected), "{ecosystem}");
        }
        assert_eq!(purl(&Ecosystem::new("Debian"), "bash", None).as_deref(), Some("pkg:deb/debian/bash"));
        assert_eq!(purl(&Ecosystem::new("dpkg"), "bash", Some("1")), None);
    }

    #[test]
    fn every_distribution_with_a_version_scheme_has_a_namespace_that_needs_no_encoding() {
        for (name, kind, namespace) in DISTRIBUTIONS {
            assert_eq!(percent::encode(namespace, ""), *namespace);
            assert!(purl(&Ecosystem::new(*name), "a", None).is_some_and(|purl| purl.starts_with(&format!("pkg:{kind}/"))));
        }
    }
}
