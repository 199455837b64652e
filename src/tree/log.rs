//! The commits of a branch, first parents only, with the paths that each of them changed.

use std::path::Path;

use super::objects::{GitError, git};
use crate::model::Timestamp;

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Its id.
    pub commit: String,
    /// When it was committed.
    pub at: Timestamp,
    /// Whether it changed a path that the caller asked for.
    pub touches: bool,
}

/// Dates before this, in seconds, are no dates of commits, and git reads them in other ways.
const FIRST: i64 = 86_400 * 365;

/// The commits from a revision back to a moment, the newest first, and behind them the one before, which was there at that
/// moment. A commit whose clock was slow does not end it.
///
/// # Errors
/// When git does not answer, or there is no such revision.
pub fn first_parents(root: &Path, revision: &str, since: Timestamp, touches: &dyn Fn(&str) -> bool) -> Result<Vec<Logged>, GitError> {
    let since_word = format!("--since-as-filter={since}");
    // Without what the user's configuration has to say.
    let plain = ["-c", "log.showSignature=false", "-c", "i18n.logOutputEncoding=UTF-8", "log", "-O/dev/null"];
    let shape =
        ["--first-parent", "--diff-merges=first-parent", "--format=format:%x01%H %ct", "--raw", "-z", "--no-renames", "--no-abbrev"];
    let bound: &[&str] = if since.seconds() > FIRST { &[&since_word] } else { &[] };
    let from = ["--end-of-options", revision, "--"];
    let mut commits = read(&answer(root, &[&plain, bound, &shape, &from].concat())?, touches);
    // The last one again with the one before it, which the first commit of all has not.
    let (count, from, known) = match commits.last() {
        Some(last) => ("-2", last.commit.clone(), 1),
        None => ("-1", revision.to_owned(), 0),
    };
    let before = answer(root, &[&plain, &[count][..], &shape[..3], &["-z", "--end-of-options", &from, "--"]].concat())?;
    // What was there before is looked at whatever that commit changed.
    commits.extend(read(&before, touches).into_iter().skip(known).map(|commit| Logged { touches: true, ..commit }));
    Ok(commits)
}

fn answer(root: &Path, words: &[&str]) -> Result<Vec<u8>, GitError> {
    let output = git(root, words).output().map_err(GitError::NoGit)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(GitError::Failed { repository: root.to_owned(), words })
}

/// Reads `\x01ID SECONDS`, a line break, and `:MODE MODE ID ID STATUS` and a path, each with a NUL behind it; again and
/// again. A submodule that moves on touches what is in it, whatever that is.
fn read(bytes: &[u8], touches: &dyn Fn(&str) -> bool) -> Vec<Logged> {
    let mut commits: Vec<Logged> = Vec::new();
    let mut is_submodule = false;
    for part in bytes.split(|byte| *byte == 0).filter(|part| !part.is_empty()) {
        let text = String::from_utf8_lossy(part);
        let (head, rest) = match text.strip_prefix('\u{1}') {
            Some(rest) => rest.split_once('\n').map_or((Some(rest), None), |(head, rest)| (Some(head), Some(rest))),
            None => (None, Some(&*text)),
        };
        if let Some((commit, seconds)) = head.and_then(|head| head.split_once(' ')) {
            let at = Timestamp::from_seconds(seconds.trim().parse().unwrap_or_default());
            commits.push(Logged { commit: commit.to_owned(), at, touches: false });
        }
        let Some(rest) = rest else { continue };
        if let Some(change) = rest.strip_prefix(':') {
            is_submodule = change.split(' ').take(2).any(|mode| mode == "160000");
        } else if let Some(commit) = commits.last_mut() {
            commit.touches |= is_submodule || touches(rest);
        }
    }
    commits
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn commits_with_and_without_paths_are_read() {
        let text = b"\x01aa 3\0\x01bb 2\n:100644 100644 1 2 M\0sub/Cargo.lock\0:000000 100644 0 1 A\0README\0\0\x01cc 1\n:100644 100644 1 2 M\0README\0\
                     \0\x01dd 0\n:160000 160000 1 2 M\0module\0";
        let commits = read(text, &|path| path.ends_with("Cargo.lock"));
        let said: Vec<_> = commits.iter().map(|commit| (commit.commit.as_str(), commit.at.seconds(), commit.touches)).collect();
        assert_eq!(said, [("aa", 3, false), ("bb", 2, true), ("cc", 1, false), ("dd", 0, true)]);
    }
}
