//! An HTTP/1.1 server on loopback, for tests: serves a folder as mirrors do, or says exactly what a test wants said,
//! and writes down what it was asked. One answer a connection.

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
    thread::{self, JoinHandle},
    time::Duration,
};

use sha2::{Digest, Sha256};

/// What a server was asked.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// As it stood in the request line: a path, or a whole URL from who takes the server for a proxy.
    pub(crate) target: String,
    /// By name in lower case.
    pub(crate) headers: BTreeMap<String, String>,
}

impl Request {
    /// Without scheme, host and query.
    pub(crate) fn path(&self) -> &str {
        let after_scheme = self.target.split_once("://").map_or(self.target.as_str(), |(_, rest)| rest);
        let path = &after_scheme[after_scheme.find('/').unwrap_or(0)..];
        path.split('?').next().unwrap_or(path)
    }
}

/// One answer: plain unless something is said about it.
#[derive(Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    framing: Framing,
    manner: Manner,
}

/// How the end of a body is told.
#[derive(Clone, Copy)]
enum Framing {
    /// By this length, or the true one.
    Length(Option<u64>),
    /// In chunks of three bytes.
    Chunked,
    /// By the end of the connection.
    None,
}

/// How a server behaves.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    /// Says what it has to and closes.
    Plain,
    /// Says it, without the last chunk if there are chunks, and holds the line.
    Stalls,
    /// Says it a byte at a time, never long enough apart to be taken for dead.
    Drips,
    /// Says nothing and holds the line.
    Silent,
    /// Closes before it says anything.
    Drops,
}

impl Answer {
    /// 200 with this body.
    pub(crate) fn of(body: impl AsRef<[u8]>) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.as_ref().to_owned(), framing: Framing::Length(None), manner: Manner::Plain }
    }

    /// A status and a page that nobody should take for data.
    pub(crate) fn status(status: u16) -> Self {
        Self { status, ..Self::of("<html>sorry</html>") }
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self::status(302).header("Location", to)
    }

    pub(crate) fn silent() -> Self {
        Self { manner: Manner::Silent, ..Self::of("") }
    }

    pub(crate) fn dropped() -> Self {
        Self { manner: Manner::Drops, ..Self::of("") }
    }

    /// With a header. `ETag` and `Last-Modified` also answer 304 to who knows them.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// With a Content-Length that need not be true.
    pub(crate) fn announcing(self, length: u64) -> Self {
        Self { framing: Framing::Length(Some(length)), ..self }
    }

    pub(crate) fn chunked(self) -> Self {
        Self { framing: Framing::Chunked, ..self }
    }

    /// Without a length: the end of the connection is the end of the body.
    pub(crate) fn unframed(self) -> Self {
        Self { framing: Framing::None, ..self }
    }

    /// Holds the line after the body.
    pub(crate) fn stalling(self) -> Self {
        Self { manner: Manner::Stalls, ..self }
    }

    /// A byte at a time.
    pub(crate) fn dripping(self) -> Self {
        Self { manner: Manner::Drips, ..self }
    }

    /// The answer to one who may have it already.
    fn to(self, request: &Request) -> Self {
        let own = |name: &str| self.headers.iter().find(|(own, _)| *own == name).map(|(_, value)| value);
        let asked = |name: &str| request.headers.get(name);
        // The tag decides if there is one (RFC 9110, section 13.2.2).
        let is_known = match asked("if-none-match") {
            Some(tag) => own("ETag") == Some(tag),
            None => asked("if-modified-since").is_some_and(|date| own("Last-Modified") == Some(date)),
        };
        if is_known { Self { status: 304, body: Vec::new(), ..self } } else { self }
    }

    fn send(&self, stream: &mut TcpStream) -> io::Result<()> {
        if matches!(self.manner, Manner::Silent | Manner::Drops) {
            return Ok(());
        }
        let mut head = format!("HTTP/1.1 {} Told\r\nConnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        match self.framing {
            Framing::Length(length) => head.push_str(&format!("Content-Length: {}\r\n", length.unwrap_or(self.body.len() as u64))),
            Framing::Chunked => head.push_str("Transfer-Encoding: chunked\r\n"),
            Framing::None => {}
        }
        write!(stream, "{head}\r\n")?;
        if self.manner == Manner::Drips {
            return self.body.iter().try_for_each(|byte| {
                thread::sleep(Duration::from_millis(20));
                stream.write_all(&[*byte])
            });
        }
        if !matches!(self.framing, Framing::Chunked) {
            return stream.write_all(&self.body);
        }
        for chunk in self.body.chunks(3) {
            write!(stream, "{:x}\r\n", chunk.len())?;
            stream.write_all(chunk)?;
            stream.write_all(b"\r\n")?;
        }
        if self.manner == Manner::Plain { stream.write_all(b"0\r\n\r\n") } else { Ok(()) }
    }
}

/// What a server knows and heard.
#[derive(Default)]
struct State {
    folder: Option<PathBuf>,
    scripts: BTreeMap<String, VecDeque<Answer>>,
    requests: Vec<Request>,
    is_over: bool,
}

impl State {
    /// The next answer of the path's script, of which the last one stays; else the folder's file; else 404.
    fn answer(&mut self, request: &Request) -> Answer {
        self.requests.push(request.clone());
        let answer = match self.scripts.get_mut(request.path()) {
            Some(script) if script.len() > 1 => script.pop_front(),
            Some(script) => script.front().cloned(),
            None => self.folder.as_ref().and_then(|folder| file(folder, request.path())),
        };
        answer.unwrap_or_else(|| Answer::status(404)).to(request)
    }
}

fn file(folder: &Path, path: &str) -> Option<Answer> {
    // Percent-decoded as far as names of ecosystems need it.
    let relative = path.trim_start_matches('/').replace("%20", " ");
    let bytes = fs::read(folder.join(relative)).ok()?;
    let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Some(Answer::of(bytes).header("ETag", &format!("\"{digest}\"")))
}

/// A server that runs until it is dropped.
pub(crate) struct Server {
    /// Its address, without a slash at the end.
    pub(crate) url: String,
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    listening: Option<JoinHandle<()>>,
}

impl Server {
    /// A server that has nothing yet.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let listening = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if lock(&shared).is_over {
                    break;
                }
                let state = Arc::clone(&shared);
                // A client may leave at any time.
                thread::spawn(move || drop(converse(stream, &state)));
            }
        });
        Self { url: format!("http://{address}"), address, state, listening: Some(listening) }
    }

    /// A server of the files below a folder, as they are when they are asked for.
    pub(crate) fn of_folder(folder: impl Into<PathBuf>) -> Self {
        let server = Self::start();
        lock(&server.state).folder = Some(folder.into());
        server
    }

    /// What is said about a path from now on: one answer a request, the last of them for ever.
    pub(crate) fn script(&self, path: &str, answers: impl IntoIterator<Item = Answer>) -> &Self {
        lock(&self.state).scripts.insert(path.to_owned(), answers.into_iter().collect());
        self
    }

    /// What it was asked since the last time.
    pub(crate) fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut lock(&self.state).requests)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        lock(&self.state).is_over = true;
        // Wakes the listener.
        drop(TcpStream::connect(self.address));
        let _ = self.listening.take().map(JoinHandle::join);
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("no test failed in here")
}

fn converse(mut stream: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let answer = match read(&stream) {
        Ok(request) => lock(state).answer(&request),
        // As servers answer what is no HTTP: TLS, for one.
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Answer::status(400),
        Err(error) => return Err(error),
    };
    answer.send(&mut stream)?;
    if matches!(answer.manner, Manner::Stalls | Manner::Silent) {
        // Until the client has had enough.
        let _ = stream.read(&mut [0])?;
    }
    Ok(())
}

/// The head of a request.
fn read(stream: &TcpStream) -> io::Result<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let [method, target, _] = first.split(' ').collect::<Vec<_>>()[..] else { return Err(io::ErrorKind::InvalidData.into()) };
    let mut headers = BTreeMap::new();
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    Ok(Request { method: method.to_owned(), target: target.to_owned(), headers })
}
