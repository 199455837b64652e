//! Since when lines stand in a file, from `git blame`: one child process a file.

use std::{collections::BTreeMap, path::Path};

use super::{
    objects::{GitError, git},
    repository::cut_off,
};
use crate::model::Timestamp;

/// Since when a line stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// The commit that brought it in, as it is now, was made then.
    Commit(Timestamp),
    /// It is not committed yet.
    Uncommitted,
    /// The history is cut off before it was brought in: a shallow clone.
    CutOff,
}

/// Since when these lines stand in a file, which is given from the root of its repository, as it is in a commit.
///
/// # Errors
/// When git does not know the file, or does not answer.
pub fn blame(root: &Path, commit: &str, file: &str, lines: &[u32]) -> Result<BTreeMap<u32, Since>, GitError> {
    let ranges: Vec<String> = lines.iter().map(|line| format!("-L{line},{line}")).collect();
    // Without what the user's configuration has to say, and without changes of line ends.
    let trusted = format!("safe.directory={}", root.display());
    // A name and a version that moved together have some 15 letters and digits; a version alone has fewer.
    let mut words = vec![
        "-c",
        &trusted,
        "-c",
        "i18n.logOutputEncoding=UTF-8",
        "blame",
        "-w",
        "-M15",
        "--encoding=UTF-8",
        "--porcelain",
        "--root",
        "--no-textconv",
    ];
    words.extend(ranges.iter().map(String::as_str));
    words.extend([commit, "--", file]);
    let mut command = git(root, &words);
    // Files of revisions to be passed over are named there, and cannot be taken back by an option.
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    let output = command.output().map_err(GitError::NoGit)?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr).trim().lines().last().unwrap_or_default().to_owned();
        return Err(GitError::Failed { repository: root.to_owned(), words });
    }
    Ok(read(&String::from_utf8_lossy(&output.stdout), &cut_off(root)))
}

/// Reads what git-blame(1) calls the porcelain format.
fn read(text: &str, cut_off: &[String]) -> BTreeMap<u32, Since> {
    let mut times: BTreeMap<&str, Timestamp> = BTreeMap::new();
    let mut lines: Vec<(u32, &str)> = Vec::new();
    let mut here = None;
    for line in text.lines() {
        if line.starts_with('\t') {
            here = None;
            continue;
        }
        match here {
            // The head of an entry: the commit, the line in it, the line now.
            None => {
                let mut words = line.split(' ');
                let (commit, now) = (words.next().unwrap_or_default(), words.nth(1).and_then(|word| word.parse().ok()));
                lines.extend(now.map(|now| (now, commit)));
                here = Some(commit);
            }
            Some(commit) => {
                let seconds = line.strip_prefix("committer-time ").and_then(|seconds| seconds.trim().parse().ok());
                times.extend(seconds.map(|seconds| (commit, Timestamp::from_seconds(seconds))));
            }
        }
    }
    let since = |commit: &str| match times.get(commit) {
        _ if commit.bytes().all(|byte| byte == b'0') => Some(Since::Uncommitted),
        _ if cut_off.iter().any(|cut| cut == commit) => Some(Since::CutOff),
        time => time.map(|time| Since::Commit(*time)),
    };
    lines.into_iter().filter_map(|(line, commit)| Some((line, since(commit)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::{Since, read};
    use crate::model::Timestamp;

    #[test]
    fn entries_of_one_commit_share_its_time() {
        let text = "aa 1 1 1\nauthor n\ncommitter-time 100\nsummary aa 9 9\nfilename f\n\tx\nbb 3 2 1\ncommitter-time 200\nfilename f\n\t\naa 2 3\n\tcommitter-time 7\n\
                    0000 1 4\ncommitter-time 300\n\ty\ncc 1 5 1\ncommitter-time 400\n\tz\n";
        let at = |seconds| Since::Commit(Timestamp::from_seconds(seconds));
        let expected = [(1, at(100)), (2, at(200)), (3, at(100)), (4, Since::Uncommitted), (5, Since::CutOff)];
        assert_eq!(read(text, &["cc".to_owned()]).into_iter().collect::<Vec<_>>(), expected);
    }
}
