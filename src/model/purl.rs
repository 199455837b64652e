//! Package URLs, as the purl specification writes them (`pkg:type/namespace/name@version`).

use super::{Ecosystem, percent};

/// The package URL of a package of this ecosystem, or `None` for an ecosystem without a purl type.
#[must_use]
pub fn purl(ecosystem: &Ecosystem, name: &str, version: Option<&str>) -> Option<String> {
    let (kind, name) = match ecosystem.base().as_str() {
        Ecosystem::CRATES_IO => ("cargo", encode(name)),
        // purl-spec, type pypi: lower case, `_` as `-`.
        Ecosystem::PYPI => ("pypi", encode(&name.to_lowercase().replace('_', "-"))),
        Ecosystem::RUST_TOOLCHAIN => ("generic", encode(&format!("rust-{name}"))),
        _ => return None,
    };
    Some(match version {
        Some(version) => format!("pkg:{kind}/{name}@{}", encode(version)),
        None => format!("pkg:{kind}/{name}"),
    })
}

/// The purl specification leaves a colon as it is, too.
fn encode(text: &str) -> String {
    percent::encode(text, ":")
}

#[cfg(test)]
mod tests {
    use super::{Ecosystem, purl};

    #[test]
    fn build_metadata_is_encoded() {
        let purl = purl(&Ecosystem::crates_io(), "openssl-src", Some("300.1.0+3.1.0"));
        assert_eq!(purl.as_deref(), Some("pkg:cargo/openssl-src@300.1.0%2B3.1.0"));
    }
}
