//! Identifiers of advisories.

/// What identifiers of databases of vulnerabilities begin with, before a `-`.
const DATABASES: [&str; 44] = [
    "CVE", "GHSA", "RUSTSEC", "PYSEC", "OSV", "GO", "MAL", "PSF", "TALOS", "GSD", "UVI", "GMS", "BIT", "CGA", "DSA", "DLA", "DTSA", "TEMP",
    "USN", "LSN", "RHSA", "RHBA", "RHEA", "ALSA", "ALBA", "ALEA", "RLSA", "RXSA", "ELSA", "ALAS", "ALAS2", "ALAS2022", "ALAS2023", "PHSA",
    "MGASA", "OESA", "SUSE", "OPENSUSE", "DEBIAN", "UBUNTU", "ALPINE", "HSEC", "RSEC", "JLSEC",
];

/// Whether this could be an identifier at all: one word, of the characters that databases use.
pub(super) fn is_word(text: &str) -> bool {
    let usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    text.len() <= 100 && text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(usual)
}

/// Whether this is an identifier of a known database of vulnerabilities.
pub(super) fn is_known(text: &str) -> bool {
    let Some((database, number)) = text.split_once('-') else { return false };
    is_word(text) && !number.is_empty() && DATABASES.iter().any(|known| known.eq_ignore_ascii_case(database))
}

#[cfg(test)]
mod tests {
    use super::{is_known, is_word};

    #[test]
    fn databases_are_told_from_rules() {
        for id in
            ["CVE-2020-1", "GHSA-h452-7996-h45h", "RUSTSEC-2020-0001", "PYSEC-2021-1", "DSA-1-1", "ALAS2-2023-1", "openSUSE-SU-2020:1-1"]
        {
            assert!(is_known(id), "{id}");
        }
        for id in ["AVD-DS-0002", "DS002", "DS-0002", "KSV001", "KSV-0001", "aws-account-id", "GPL-3.0", "CVE", "CVE-", "CVE-1#x", ""] {
            assert!(!is_known(id), "{id}");
        }
        assert!(is_word("Anonymous-42"));
        for text in ["", "a b", "-a", "a\u{7}", "é"] {
            assert!(!is_word(text), "{text:?}");
        }
    }
}
