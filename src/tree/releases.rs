//! Tags with the commits that they name and when they were made.

use super::{GitError, Objects, objects::Object};
use crate::model::Timestamp;

/// The largest tag or commit object that is read.
const LARGEST: u64 = 1 << 20;

/// A tag of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// Its name, without `refs/tags/`.
    pub tag: String,
    /// The commit's id.
    pub commit: String,
    /// When it was made: the tag, if it says so, else the commit.
    pub at: Timestamp,
}

/// A tag by its name; `None` where it names no commit, or its object says no time.
///
/// # Errors
/// When git does not answer.
pub fn tagged(objects: &Objects, tag: &str) -> Result<Option<Tagged>, GitError> {
    let name = format!("refs/tags/{tag}");
    let Some(own) = objects.read(&name, LARGEST)? else { return Ok(None) };
    let Some(commit) = objects.read(&format!("{name}^{{commit}}"), LARGEST)? else { return Ok(None) };
    let time = time_of(&own, "tagger ").or_else(|| time_of(&commit, "committer "));
    Ok(time.map(|at| Tagged { tag: tag.to_owned(), commit: commit.id, at }))
}

/// The moment in the head of a commit or tag object: `committer Name <mail> seconds zone`.
fn time_of(object: &Object, field: &str) -> Option<Timestamp> {
    let text = String::from_utf8_lossy(object.bytes.as_ref()?);
    let line = text.lines().take_while(|line| !line.is_empty()).find_map(|line| line.strip_prefix(field))?;
    let (_, time) = line.rsplit_once('>')?;
    time.split_whitespace().next()?.parse().ok().map(Timestamp::from_seconds)
}
