//! Versions by name, as one text: popular packages have hundreds of advisories that list hundreds of versions each,
//! and a lookup should not allocate every one of them.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{SeqAccess, Visitor},
};

/// A list of versions, in the order of its source. A list in formats for people, one text in the index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionList(String);

impl VersionList {
    /// Whether it names no version.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The versions.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split('\n').filter(|version| !version.is_empty())
    }

    fn push(&mut self, version: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        // No version of any scheme has a line break; one that has is no version, and stays none.
        self.0.extend(version.chars().map(|c| if c == '\n' { ' ' } else { c }));
    }
}

impl<S: AsRef<str>> FromIterator<S> for VersionList {
    fn from_iter<I: IntoIterator<Item = S>>(versions: I) -> Self {
        let mut list = Self::default();
        for version in versions {
            list.push(version.as_ref());
        }
        list
    }
}

impl Serialize for VersionList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_seq(self.iter()) } else { serializer.serialize_str(&self.0) }
    }
}

impl<'de> Deserialize<'de> for VersionList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = VersionList;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of versions")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<VersionList, A::Error> {
                let mut list = VersionList::default();
                while let Some(version) = items.next_element::<String>()? {
                    list.push(&version);
                }
                Ok(list)
            }
        }
        if deserializer.is_human_readable() { deserializer.deserialize_seq(List) } else { String::deserialize(deserializer).map(Self) }
    }
}

#[cfg(test)]
mod tests {
    use super::VersionList;

    #[test]
    fn it_reads_back_from_both_forms() {
        let list: VersionList = ["1.0", "1.0.post1", "2!3"].into_iter().collect();
        let json = serde_json::to_string(&list).expect("JSON");
        assert_eq!(json, r#"["1.0","1.0.post1","2!3"]"#);
        assert_eq!(serde_json::from_str::<VersionList>(&json).expect("JSON"), list);
        let bytes = postcard::to_stdvec(&list).expect("postcard");
        assert_eq!(postcard::from_bytes::<VersionList>(&bytes).expect("postcard"), list);
        assert_eq!(list.iter().collect::<Vec<_>>(), ["1.0", "1.0.post1", "2!3"]);
        assert!(VersionList::default().is_empty() && VersionList::default().iter().next().is_none());
    }
}
