//! JSON as publishers write it: with a byte-order mark at times, which RFC 8259 (section 8.1) lets a reader pass over.

use serde::Deserialize;

/// Reads a document.
///
/// # Errors
/// What is wrong with it, and where.
pub(super) fn from_slice<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> serde_json::Result<T> {
    serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}
