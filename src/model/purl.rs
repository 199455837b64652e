//! Package URLs, as the purl specification writes them (`pkg:type/namespace/name@version`).

use super::Ecosystem;

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

/// Percent-encodes all but the characters that the purl specification leaves as they are.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b':' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
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
