//! Image references, as the OCI distribution specification writes them.

/// The repository of an image reference, without its tag and digest: what stays the same from one build to the next.
#[must_use]
pub fn repository(reference: &str) -> &str {
    let reference = reference.split('@').next().unwrap_or_default();
    // A colon before the last slash belongs to the registry's port.
    let name = reference.rfind('/').map_or(0, |at| at + 1);
    reference[name..].find(':').map_or(reference, |at| &reference[..name + at])
}

#[cfg(test)]
mod tests {
    use super::repository;

    #[test]
    fn tags_and_digests_are_not_part_of_it() {
        for (reference, name) in [
            ("alpine", "alpine"),
            ("alpine:3.20", "alpine"),
            ("index.example:5000/team/app:1.2", "index.example:5000/team/app"),
            ("index.example:5000/team/app", "index.example:5000/team/app"),
            ("team/app@sha256:0123", "team/app"),
            ("team/app:1.2@sha256:0123", "team/app"),
        ] {
            assert_eq!(repository(reference), name, "{reference}");
        }
    }
}
