//! Git objects, through one `git cat-file --batch` child process. Nothing is checked out, no hook or filter runs, and
//! nothing is fetched.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Mutex, PoisonError},
    thread::JoinHandle,
};

/// Bytes of git's complaints that are kept.
const MOST_COMPLAINTS: u64 = 64 << 10;

/// Why git objects cannot be read. All of them are the caller's or the machine's fault.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The target is in no repository.
    #[error("{0} is in no git repository")]
    NoRepository(String),
    /// There is no program `git`.
    #[error("cannot run git: {0}")]
    NoGit(io::Error),
    /// Git ended, or what it gave cannot be what it should; the words say why.
    #[error("git cannot read {}: {words}", repository.display())]
    Failed {
        /// The repository.
        repository: PathBuf,
        /// What it wrote to stderr.
        words: String,
    },
    /// The revision is not there.
    #[error("there is no revision `{revision}` in {}{}", repository.display(), if *shallow { ", which is a shallow clone" } else { "" })]
    NoRevision {
        /// As it was given.
        revision: String,
        /// Where it was looked for.
        repository: PathBuf,
        /// Whether the history is cut off.
        shallow: bool,
    },
    /// The name is that of something else.
    #[error("`{revision}` is a {kind} in {}, not a commit", repository.display())]
    NotACommit {
        /// As it was given.
        revision: String,
        /// What it is.
        kind: String,
        /// The repository.
        repository: PathBuf,
    },
    /// Two revisions have nothing in common.
    #[error("`{revisions}` have no common ancestor in {}{}", repository.display(), if *shallow { ", which is a shallow clone" } else { "" })]
    NoCommonAncestor {
        /// Both of them.
        revisions: String,
        /// Where they were looked for.
        repository: PathBuf,
        /// Whether the history is cut off.
        shallow: bool,
    },
    /// A partial clone lacks an object.
    #[error("{} lacks the object {name}: it is a partial or damaged clone", repository.display())]
    MissingObject {
        /// The object.
        name: String,
        /// The repository.
        repository: PathBuf,
    },
}

/// An object of a repository.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its id in hexadecimal.
    pub id: String,
    /// `blob`, `tree`, `commit`, `tag`.
    pub kind: String,
    /// Its content; `None` where it is larger than was asked for.
    pub bytes: Option<Vec<u8>>,
}

/// The objects of one repository.
pub struct Objects {
    repository: PathBuf,
    batch: Mutex<Batch>,
}

struct Batch {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// Reads what git complains of, so that it never waits for a reader; ends with git.
    complaints: Option<JoinHandle<String>>,
}

/// A git command in a repository that trusts neither its configuration's hooks nor its replacements, and that reaches
/// no network even in a partial clone.
pub(super) fn git(repository: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.args(["--no-replace-objects", "--no-optional-locks", "--literal-pathspecs", "-C"]).arg(repository);
    command.args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.allow=never"]);
    if repository.join(".git").exists() {
        command.args(["-c", "safe.bareRepository=explicit"]);
    }
    command.args(words);
    // A hook that runs us has set these for its own repository.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE"] {
        command.env_remove(name);
    }
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Objects {
    /// Starts the child process in a repository.
    ///
    /// # Errors
    /// When there is no git.
    pub fn open(repository: &Path) -> Result<Self, GitError> {
        let mut child = git(repository, &["cat-file", "--batch"]).stdin(Stdio::piped()).spawn().map_err(GitError::NoGit)?;
        let missing = || GitError::NoGit(io::Error::other("it has no input or output"));
        let requests = Some(child.stdin.take().ok_or_else(missing)?);
        let answers = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        let mut stderr = child.stderr.take().ok_or_else(missing)?;
        let complaints = Some(std::thread::spawn(move || {
            let mut words = Vec::new();
            let _ = stderr.by_ref().take(MOST_COMPLAINTS).read_to_end(&mut words);
            let _ = io::copy(&mut stderr, &mut io::sink());
            String::from_utf8_lossy(&words).into_owned()
        }));
        Ok(Self { repository: repository.to_owned(), batch: Mutex::new(Batch { child, requests, answers, complaints }) })
    }

    /// Reads an object by any name that git knows (`HEAD^{tree}`, `0123abcd...`); `None`: there is none. Of an object
    /// larger than `limit` bytes no content is kept.
    ///
    /// # Errors
    /// When git does not answer.
    pub fn read(&self, name: &str, limit: u64) -> Result<Option<Object>, GitError> {
        let mut batch = self.batch.lock().unwrap_or_else(PoisonError::into_inner);
        batch.read(name, limit).map_err(|error| {
            // Without requests it ends by itself; so do its complaints.
            drop(batch.requests.take());
            let words = batch.complaints.take().and_then(|complaints| complaints.join().ok()).unwrap_or_default();
            let words = if words.trim().is_empty() { error.to_string() } else { words.trim().to_owned() };
            GitError::Failed { repository: self.repository.clone(), words }
        })
    }

    /// Reads an object that must be there, because another object names it.
    ///
    /// # Errors
    /// When it is not, or git does not answer.
    pub fn expect(&self, name: &str, limit: u64) -> Result<Object, GitError> {
        let missing = || GitError::MissingObject { name: name.to_owned(), repository: self.repository.clone() };
        self.read(name, limit)?.ok_or_else(missing)
    }

    /// The content of an object of a kind that must be there, whole.
    ///
    /// # Errors
    /// When it is not there, is of another kind or larger than `limit` bytes, or git does not answer.
    pub fn content(&self, name: &str, kind: &str, limit: u64) -> Result<Vec<u8>, GitError> {
        let object = self.expect(name, limit)?;
        if object.kind != kind {
            return Err(self.damaged(name, &format!("is a {}, where a {kind} should be", object.kind)));
        }
        object.bytes.ok_or_else(|| self.damaged(name, "is too large"))
    }

    /// An object that cannot be what it should.
    pub(super) fn damaged(&self, name: &str, what: &str) -> GitError {
        GitError::Failed { repository: self.repository.clone(), words: format!("the object {name} {what}") }
    }

    /// The repository's root.
    #[must_use]
    pub fn repository(&self) -> &Path {
        &self.repository
    }

    /// The commit of a revision.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn commit(&self, revision: &str) -> Result<String, GitError> {
        let absent = || GitError::NoRevision {
            revision: revision.to_owned(),
            repository: self.repository.clone(),
            shallow: is_shallow(&self.repository),
        };
        // Such a name would be read as several requests, or as none.
        if revision.trim().is_empty() || revision.contains(['\n', '\0']) {
            return Err(absent());
        }
        if let Some(commit) = self.read(&format!("{revision}^{{commit}}"), 0)? {
            return Ok(commit.id);
        }
        let Some(Object { kind, .. }) = self.read(revision, 0)? else { return Err(absent()) };
        Err(GitError::NotACommit { revision: revision.to_owned(), kind, repository: self.repository.clone() })
    }
}

impl Batch {
    fn read(&mut self, name: &str, limit: u64) -> io::Result<Option<Object>> {
        let requests = self.requests.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        writeln!(requests, "{name}")?;
        requests.flush()?;
        let mut head = String::new();
        if self.answers.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let words: Vec<&str> = head.trim_end().rsplitn(3, ' ').collect();
        let (Some(size), Some(kind), Some(id)) = (words.first().and_then(|size| size.parse::<u64>().ok()), words.get(1), words.get(2))
        else {
            // `missing`, `ambiguous`: there is no one object of that name.
            return Ok(None);
        };
        let mut object = Object { id: (*id).to_owned(), kind: (*kind).to_owned(), bytes: None };
        let mut content = self.answers.by_ref().take(size);
        if size <= limit {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes)?;
            object.bytes = Some(bytes);
        } else {
            io::copy(&mut content, &mut io::sink())?;
        }
        // A line break ends every answer.
        self.answers.read_exact(&mut [0])?;
        Ok(Some(object))
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        let batch = self.batch.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Without requests it ends by itself.
        drop(batch.requests.take());
        let _ = batch.child.wait();
    }
}

fn is_shallow(repository: &Path) -> bool {
    let output = git(repository, &["rev-parse", "--is-shallow-repository"]).output();
    output.is_ok_and(|output| output.stdout.starts_with(b"true"))
}

/// The commit that two revisions have in common.
///
/// # Errors
/// When they have none, or one of them is not there.
pub fn merge_base(repository: &Path, a: &str, b: &str) -> Result<String, GitError> {
    let output = git(repository, &["merge-base", a, b]).output().map_err(GitError::NoGit)?;
    let commit = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() && !commit.is_empty() {
        return Ok(commit);
    }
    let (revisions, repository) = (format!("{a}...{b}"), repository.to_owned());
    Err(GitError::NoCommonAncestor { revisions, shallow: is_shallow(&repository), repository })
}
