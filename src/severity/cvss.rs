//! CVSS vectors of versions 2.0, 3.0, 3.1 and 4.0 to scores, by the `cvss` crate.
//!
//! The crate reads more than the specifications allow: v3 vectors that lack a mandatory metric, lower case. Such vectors
//! are invalid (v2.0 section 2.4, v3.1 section 6, v4.0 section 7), so they are refused here.

/// A vector that is not scored, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("CVSS vector `{vector}`: {cause}")]
pub struct RefusedVector {
    /// The vector as it was published.
    pub vector: String,
    /// What is wrong with it.
    pub cause: String,
}

/// The versions in order of preference, each with its prefix and its mandatory metrics.
const VERSIONS: [(&str, &[&str]); 4] = [
    ("CVSS:4.0/", &["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"]),
    ("CVSS:3.1/", &["AV", "AC", "PR", "UI", "S", "C", "I", "A"]),
    ("CVSS:3.0/", &["AV", "AC", "PR", "UI", "S", "C", "I", "A"]),
    ("", &["AV", "AC", "Au", "C", "I", "A"]),
];

/// The score of a vector in tenths, 0 to 100.
///
/// For v2 and v3 the base score, whatever temporal or environmental metrics follow; for v4.0 the vector as published.
///
/// # Errors
/// When the vector is not one that its specification allows.
pub fn score(vector: &str) -> Result<u8, RefusedVector> {
    let refused = |cause: String| RefusedVector { vector: vector.to_owned(), cause };
    let (prefix, mandatory) = VERSIONS[preference(vector)];
    let bare = if prefix.is_empty() { bare_v2(vector) } else { vector };
    if prefix.is_empty() && bare.starts_with("CVSS:") {
        return Err(refused("of an unknown version".to_owned()));
    }
    let metrics: Vec<&str> = bare[prefix.len()..].split('/').filter_map(|m| m.split_once(':')).map(|(name, _)| name).collect();
    if let Some(missing) = mandatory.iter().find(|name| !metrics.contains(name)) {
        return Err(refused(format!("the mandatory metric {missing} is missing")));
    }
    let parsed: ::cvss::Cvss = bare.parse().map_err(|error: ::cvss::Error| refused(error.to_string()))?;
    if let Some(cause) = misspelling(bare, &parsed) {
        return Err(refused(cause.to_owned()));
    }
    let value = parsed.score();
    // Scores have one decimal by specification; tenths as integers compare exactly.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0.0 to 10.0, rounded and clamped")]
    Ok((value * 10.0).round().clamp(0.0, 100.0) as u8)
}

/// The best of a record's vectors (v4.0 over v3.1 over v3.0 over v2.0) with its score, and the vectors that were
/// refused on the way.
#[must_use]
pub fn best_score(vectors: &[String]) -> (Option<(u8, &str)>, Vec<RefusedVector>) {
    let mut order: Vec<&String> = vectors.iter().collect();
    order.sort_by_key(|vector| preference(vector));
    let mut refused = Vec::new();
    for vector in order {
        match score(vector) {
            Ok(tenths) => return (Some((tenths, vector)), refused),
            Err(error) => refused.push(error),
        }
    }
    (None, refused)
}

/// Old feeds write v2 vectors in parentheses or with a prefix that v2.0 does not have.
fn bare_v2(vector: &str) -> &str {
    let bare = vector.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(vector);
    bare.strip_prefix("CVSS:2.0/").unwrap_or(bare)
}

/// What is wrong with how a vector is written, though its metrics are understood.
fn misspelling(bare: &str, parsed: &::cvss::Cvss) -> Option<&'static str> {
    // Metrics in another order are read: v3 allows it, and of v4.0 vectors so written, which section 7 calls invalid,
    // there is no doubt what they mean. To have no grade would be worse.
    (sorted(bare) != sorted(&parsed.to_string())).then_some("names and values of metrics are case sensitive")
}

fn sorted(vector: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = vector.split('/').collect();
    parts.sort_unstable();
    parts
}

/// The place of a vector's version among all, the preferred first: v4.0, v3.1, v3.0, v2.0.
#[must_use]
pub fn preference(vector: &str) -> usize {
    VERSIONS.iter().position(|(prefix, _)| vector.starts_with(prefix)).unwrap_or(VERSIONS.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::{best_score, score};

    #[test]
    fn each_version_is_scored() {
        // The figures were computed with the `cvss` package of PyPI.
        for (vector, tenths) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98),
            ("CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", 62),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:N", 0),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 93),
            ("AV:N/AC:L/Au:N/C:P/I:P/A:P", 75),
            ("(AV:N/AC:L/Au:N/C:C/I:C/A:C)", 100),
            ("CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P", 75),
            ("CVSS:3.1/C:H/I:H/A:H/AV:N/AC:L/PR:N/UI:N/S:U", 98),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:X/U:Red", 93),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U", 98),
            ("CVSS:4.0/AC:L/AV:N/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 93),
        ] {
            assert_eq!(score(vector), Ok(tenths), "{vector}");
        }
    }

    #[test]
    fn what_the_specifications_forbid_is_refused() {
        for vector in [
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/",
            "CVSS:3.1/av:n/ac:l/pr:n/ui:n/s:u/c:h/i:h/a:h",
            "CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N",
            "AV:N/AC:L/Au:N/C:P/I:P",
            "CVSS:3.1/AV:n/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/e:U",
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/U:RED",
            "(CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H)",
            "CVSS:2.0/CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            " CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "(AV:N/AC:L/Au:N/C:P/I:P/A:P",
            "AV:N/AC:L/Au:N/C:P/I:P/A:P\n",
            "AV:N/AC:L/au:N/C:P/I:P/A:P",
            "high",
            "",
        ] {
            assert!(score(vector).is_err(), "{vector}");
        }
    }

    #[test]
    fn the_newest_usable_version_wins() {
        let vectors = ["AV:N/AC:L/Au:N/C:P/I:P/A:P", "CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "CVSS:4.0/AV:N"];
        let vectors = vectors.map(str::to_owned);
        let (best, refused) = best_score(&vectors);
        assert_eq!(best, Some((62, vectors[1].as_str())));
        assert_eq!(refused.len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,30}|(CVSS:[0-9.]{1,3}/)?([A-Z]{1,3}:[A-Z]{0,2}/?){0,14}") {
            let _ = score(&text);
        }
    }
}
