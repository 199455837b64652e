//! Percent-encoding (RFC 3986, section 2.1).

/// Text with every byte encoded but unreserved characters and those in `also`.
#[must_use]
pub fn encode(text: &str, also: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~".contains(&byte) || also.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
