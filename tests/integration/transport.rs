//! The transport of `db update` against a server that behaves in every way that servers do.

use std::{
    fs,
    io::Read,
    process::Command,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use overdue::advisory::sync::{Base, Content, Expected, Fetched, Location, Progress, Settings, Transport, TransportError, Validators};

use crate::server::{Answer, Server};

const JSON: &str = r#"{"id": "X-1"}"#;

/// How long tests wait for what never comes.
const SHORT: Duration = Duration::from_millis(300);

/// A transport that hardly pauses, its folder, and what it told.
struct Client {
    folder: tempfile::TempDir,
    transport: Transport,
    told: Told,
}

#[derive(Default)]
struct Told {
    notes: Mutex<Vec<String>>,
    bytes: Mutex<u64>,
    running: Mutex<i32>,
}

impl Progress for Told {
    fn begin(&self, _: &str, _: Option<u64>) {
        *self.running.lock().expect("a lock") += 1;
    }
    fn advance(&self, bytes: u64) {
        *self.bytes.lock().expect("a lock") += bytes;
    }
    fn end(&self) {
        *self.running.lock().expect("a lock") -= 1;
    }
    fn note(&self, line: &str) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
    }
}

/// A body as tests look at it.
#[derive(Debug, PartialEq)]
enum Outcome {
    Unchanged,
    Missing,
    Body(String, Validators),
}

impl Client {
    fn new() -> Self {
        Self::with(|settings| settings)
    }

    /// One that soon has enough, for servers whose names say that they are slow. Machines are slow, too.
    fn for_server(name: &str) -> Self {
        Self::with(|settings| Settings {
            first_answer: if name.starts_with("silent") { SHORT } else { settings.first_answer },
            idle: if name.starts_with("stalled") { SHORT } else { settings.idle },
            ..settings
        })
    }

    fn with(change: impl FnOnce(Settings) -> Settings) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = Settings {
            attempts: 2,
            backoff: Duration::from_millis(1),
            // Those of whoever runs the tests.
            proxies: false,
            ..Settings::new(folder.path())
        };
        Self { folder, transport: Transport::new(change(settings)), told: Told::default() }
    }

    fn fetch_if(&self, location: &Location, known: &Validators, kind: Content) -> Result<Outcome, TransportError> {
        let expected = Expected { kind, most_bytes: 1 << 20 };
        let outcome = match self.transport.fetch(location, known, &expected, &self.told)? {
            Fetched::Unchanged => Outcome::Unchanged,
            Fetched::Missing => Outcome::Missing,
            Fetched::Body(mut body) => {
                assert!(body.file.path().starts_with(self.folder.path()));
                let mut bytes = Vec::new();
                body.file.read_to_end(&mut bytes).expect("readable");
                assert_eq!((body.length, body.sha256.len()), (bytes.len() as u64, 64));
                Outcome::Body(String::from_utf8_lossy(&bytes).into_owned(), body.validators)
            }
        };
        Ok(outcome)
    }

    fn fetch(&self, url: &str, kind: Content) -> Result<Outcome, TransportError> {
        let outcome = self.fetch_if(&Location::parse(url).expect("a location"), &Validators::default(), kind);
        assert_eq!(*self.told.running.lock().expect("a lock"), 0, "{url}: an end is missing");
        assert_eq!(fs::read_dir(self.folder.path()).expect("a folder").count(), 0, "{url}: a file is left behind");
        outcome
    }
}

fn body(text: &str) -> Outcome {
    Outcome::Body(text.to_owned(), Validators::default())
}

#[test]
fn answers_that_are_taken() {
    let server = Server::start();
    let long = format!("[{}]", " ".repeat(300_000));
    for (name, answers, expected, attempts) in [
        ("plain", vec![Answer::of(JSON)], body(JSON), 1),
        ("long", vec![Answer::of(&long)], body(&long), 1),
        ("chunked", vec![Answer::of(JSON).chunked()], body(JSON), 1),
        ("without length", vec![Answer::of(JSON).unframed()], body(JSON), 1),
        // More than was announced is not the body's.
        ("more than announced", vec![Answer::of(format!("{JSON}rubbish")).announcing(JSON.len() as u64)], body(JSON), 1),
        ("missing", vec![Answer::status(404)], Outcome::Missing, 1),
        ("gone", vec![Answer::status(410)], Outcome::Missing, 1),
        ("broken once", vec![Answer::status(500), Answer::of(JSON)], body(JSON), 2),
        ("busy once", vec![Answer::status(429).header("Retry-After", "0"), Answer::of(JSON)], body(JSON), 2),
        ("dropped once", vec![Answer::dropped(), Answer::of(JSON)], body(JSON), 2),
        ("silent once", vec![Answer::silent(), Answer::of(JSON)], body(JSON), 2),
        ("stalled once", vec![Answer::of(JSON).announcing(99).stalling(), Answer::of(JSON)], body(JSON), 2),
        ("cut once", vec![Answer::of(JSON).announcing(99), Answer::of(JSON)], body(JSON), 2),
        ("redirected", vec![Answer::redirect("/plain")], body(JSON), 2),
    ] {
        let (client, path) = (Client::for_server(name), format!("/{}", name.replace(' ', "-")));
        server.script(&path, answers);
        let outcome = client.fetch(&format!("{}{path}", server.url), Content::Json);
        assert_eq!(outcome.unwrap_or_else(|error| panic!("{name}: {error}")), expected, "{name}");
        assert_eq!(server.requests().len(), attempts, "{name}");
        let notes = client.told.notes.lock().expect("a lock");
        assert_eq!(notes.len(), if name == "redirected" { 0 } else { attempts - 1 }, "{name}: {notes:?}");
    }
}

#[test]
fn answers_that_are_refused() {
    let server = Server::start();
    let html = "<!DOCTYPE html><html>Please log in";
    let portal = "an HTML page came instead of a zip archive (a captive portal or a proxy's error page?)";
    server.script("/portal", [Answer::of(html)]);
    for (name, answer, cause, attempts) in [
        ("forbidden", Answer::status(403), "the server answered 403 Forbidden", 1),
        ("unasked", Answer::status(304), "the server answered 304 Not Modified", 1),
        ("partial", Answer::status(206), "the server answered 206 Partial Content", 1),
        ("broken", Answer::status(503), "the server answered 503 Service Unavailable (2 attempts)", 2),
        ("busy", Answer::status(429).header("Retry-After", "0"), "the server answered 429 Too Many Requests (2 attempts)", 2),
        ("page", Answer::of(html), portal, 1),
        ("moved", Answer::redirect("/portal?secret"), &format!("{portal} (redirected to {}/portal)", server.url), 2),
        ("wrong", Answer::of(JSON), "something else came instead of a zip archive", 1),
        ("empty", Answer::of(""), "an empty body came", 1),
        (
            "huge",
            Answer::of("PK").announcing(1 << 40),
            "larger than the 1048576 bytes that are taken: 1099511627776 bytes are announced",
            1,
        ),
        ("endless", Answer::of(format!("PK{}", " ".repeat(1 << 20))).unframed(), "larger than the 1048576 bytes that are taken", 1),
        ("silent", Answer::silent(), "no answer within 300ms (2 attempts)", 2),
        ("stalled", Answer::of("PK").announcing(99).stalling(), "next to nothing came for 300ms after 2 bytes (2 attempts)", 2),
        ("stalled chunks", Answer::of("PK34").chunked().stalling(), "next to nothing came for 300ms after 4 bytes (2 attempts)", 2),
        ("cut", Answer::of("PK").announcing(99), "broken off after 2 of 99 bytes: ", 2),
        ("dropped", Answer::dropped(), "connection closed before message completed (2 attempts)", 2),
        ("loop", Answer::redirect("/loop"), "more than 10 redirects", 11),
        ("to a file", Answer::redirect("file:///etc/passwd"), "the server answered 302 Found", 1),
        ("to a foreign scheme", Answer::redirect("ftp://a.example/all.zip"), "scheme", 1),
    ] {
        let (client, path) = (Client::for_server(name), format!("/{}", name.replace(' ', "-")));
        server.script(&path, [answer]);
        let address = server.url.replace("http://", "http://user:s3cr3t@");
        let error = client.fetch(&format!("{address}{path}?key=s3cr3t"), Content::Zip).expect_err(name);
        let (text, shown) = (error.to_string(), format!("cannot fetch {}{path}: ", server.url));
        assert!(text.starts_with(&shown) && text.contains(cause), "{name}: {text}");
        assert!(!format!("{text}{error:?}{:?}", client.told.notes.lock().expect("a lock")).contains("s3cr3t"), "{name}: {error:?}");
        assert_eq!(server.requests().len(), attempts, "{name}: {text}");
    }
}

#[test]
fn what_nobody_serves_is_tried_again_and_what_speaks_no_tls_is_not() {
    let server = Server::start();
    let error = Client::new().fetch(&server.url.replace("http:", "https:"), Content::Zip).expect_err("no TLS");
    assert_eq!(error.attempts, 1, "{error}");
    let url = server.url.clone();
    drop(server);
    let error = Client::new().fetch(&format!("{url}/all.zip"), Content::Zip).expect_err("nobody there").to_string();
    assert!(error.contains("refused") && error.ends_with("(2 attempts)") && !error.contains("for url"), "{error}");
}

#[test]
fn what_is_known_is_not_sent_again() {
    let server = Server::start();
    let tag = |tag: &str| Validators { etag: Some(tag.to_owned()), last_modified: None };
    let date = |date: &str| Validators { etag: None, last_modified: Some(date.to_owned()) };
    let old = "Wed, 21 Oct 2026 07:28:00 GMT";
    server.script("/tag", [Answer::of(JSON).header("ETag", "W/\"1\"")]);
    server.script("/date", [Answer::of(JSON).header("Last-Modified", old)]);
    let client = Client::new();
    for (path, known, outcome) in [
        ("/tag", tag("W/\"1\""), Outcome::Unchanged),
        ("/tag", tag("\"0\""), Outcome::Body(JSON.to_owned(), tag("W/\"1\""))),
        ("/date", date(old), Outcome::Unchanged),
        ("/date", date("Thu, 22 Oct 2026 07:28:00 GMT"), Outcome::Body(JSON.to_owned(), date(old))),
    ] {
        let location = Base::parse(&server.url).expect("a base").join(&[&path[1..]]);
        assert_eq!(client.fetch_if(&location, &known, Content::Json).expect(path), outcome, "{path} {known:?}");
        let headers = &server.requests()[0].headers;
        assert_eq!((headers.get("if-none-match"), headers.get("if-modified-since")), (known.etag.as_ref(), known.last_modified.as_ref()));
        assert_eq!((headers["accept-encoding"].as_str(), headers["user-agent"].starts_with("overdue/")), ("identity", true));
    }
    let location = Location::parse(&format!("{}/tag", server.url)).expect("a location");
    assert!(matches!(client.fetch_if(&location, &tag("a\nb"), Content::Json), Ok(Outcome::Body(..))), "one that cannot be sent");
    let kept = serde_json::to_string(&tag("x")).expect("JSON");
    assert_eq!(serde_json::from_str::<Validators>(&kept).expect("validators"), tag("x"));
    assert_eq!(serde_json::from_str::<Validators>("{}").expect("validators"), Validators::default());
}

#[test]
fn folders_and_servers_of_them_answer_alike() {
    let mirror = tempfile::tempdir().expect("a folder");
    fs::create_dir(mirror.path().join("Red Hat")).expect("a folder");
    let (zip, path) = (mirror.path().join("Red Hat/all.zip"), mirror.path().display().to_string());
    let server = Server::of_folder(mirror.path());
    for base in [server.url.clone(), format!("{}/", server.url), path.clone(), format!("file://{path}")] {
        let (client, base) = (Client::new(), Base::parse(&base).expect("a base"));
        let fetch = |known: &Validators| client.fetch_if(&base.join(&["Red Hat", "all.zip"]), known, Content::Zip);
        let _ = fs::remove_file(&zip);
        assert_eq!(fetch(&Validators::default()).expect("an answer"), Outcome::Missing, "{base}");
        fs::write(&zip, "PK1").expect("written");
        let Outcome::Body(text, known) = fetch(&Validators::default()).expect("a body") else { panic!("{base}: no body") };
        assert_eq!(text, "PK1");
        assert_eq!(fetch(&known).expect("an answer"), Outcome::Unchanged, "{base}");
        fs::write(&zip, "PK22").expect("written");
        assert!(matches!(fetch(&known), Ok(Outcome::Body(text, _)) if text == "PK22"), "{base}");
        fs::write(&zip, "<html>").expect("written");
        let error = fetch(&known).expect_err("a page").to_string();
        assert!(error.contains("all.zip: an HTML page came"), "{error}");
    }
    let error = Client::new().fetch(&path, Content::Zip).expect_err("a folder").to_string();
    assert_eq!(error, format!("cannot fetch {path}: it is no regular file"));
}

#[test]
fn one_transport_serves_many_threads() {
    let (server, client) = (Server::start(), Client::new());
    server.script("/a", [Answer::of(JSON)]);
    let location = Location::parse(&format!("{}/a", server.url)).expect("a location");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(client.fetch_if(&location, &Validators::default(), Content::Json).expect("a body"), body(JSON)));
        }
    });
    assert_eq!((server.requests().len(), *client.told.bytes.lock().expect("a lock")), (8, 8 * JSON.len() as u64));
}

#[test]
fn what_drips_for_ever_is_as_good_as_silent() {
    let server = Server::start();
    server.script("/drip.json", [Answer::of(format!("{{{}}}", " ".repeat(10_000))).dripping()]);
    let client = Client::with(|settings| Settings { idle: SHORT, attempts: 1, ..settings });
    let error = client.fetch(&format!("{}/drip.json", server.url), Content::Json).expect_err("too slow").to_string();
    assert!(error.contains("next to nothing came for 300ms after "), "{error}");
}

#[test]
fn who_asks_to_be_left_alone_for_long_is_left_alone() {
    let server = Server::start();
    server.script("/x.json", [Answer::status(429).header("Retry-After", "3600"), Answer::of(JSON)]);
    let client = Client::new();
    let error = client.fetch(&format!("{}/x.json", server.url), Content::Json).expect_err("put off");
    assert_eq!((error.attempts, server.requests().len()), (1, 1), "{error}");
}

#[test]
fn what_drips_is_given_up_when_the_time_for_everything_is_over() {
    let server = Server::start();
    server.script("/drip.json", [Answer::of(format!("{{{}}}", " ".repeat(10_000))).dripping()]).script("/x.json", [Answer::of(JSON)]);
    let client = Client::with(|settings| Settings { total: Some(SHORT), ..settings });
    let start = std::time::Instant::now();
    for path in ["drip.json", "x.json"] {
        let location = Base::parse(&server.url).expect("a URL").join(&[path]);
        let expected = Expected { kind: Content::Json, most_bytes: 1 << 20 };
        let error = client.transport.fetch(&location, &Validators::default(), &expected, &client.told).expect_err("too late");
        assert!(error.to_string().ends_with(": there was no time left for it") && error.attempts == 1, "{error}");
    }
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(server.requests().len(), 1);
}

/// The environment is the process's own, so each case fetches in a process of its own: this test, run again.
#[test]
fn proxies_of_the_environment_are_used() {
    if let Ok(url) = std::env::var("OVERDUE_TEST_FETCH") {
        let client = Client::with(|settings| Settings { proxies: true, attempts: 1, ..settings });
        assert_eq!(client.fetch(&url, Content::Json).expect("a body"), body(JSON));
        return;
    }
    let server = Server::start();
    server.script("/a.json", [Answer::of(JSON)]);
    let own = format!("{}/a.json", server.url);
    for (variable, url, exceptions, asked) in [
        ("http_proxy", "http://mirror.invalid/a.json", "", Some("GET http://mirror.invalid/a.json")),
        ("HTTP_PROXY", "http://mirror.invalid/a.json", "", Some("GET http://mirror.invalid/a.json")),
        ("ALL_PROXY", "http://mirror.invalid/a.json", "elsewhere", Some("GET http://mirror.invalid/a.json")),
        ("HTTPS_PROXY", "https://mirror.invalid/a.json", "", Some("CONNECT mirror.invalid:443")),
        ("HTTPS_PROXY", &own, "", Some("GET /a.json")),
        ("HTTP_PROXY", &own, "127.0.0.1", Some("GET /a.json")),
        ("HTTP_PROXY", "http://mirror.invalid/a.json", "mirror.invalid", None),
    ] {
        let mut child = Command::new(std::env::current_exe().expect("this program"));
        child.args(["--exact", "transport::proxies_of_the_environment_are_used"]).env_clear().env("OVERDUE_TEST_FETCH", url);
        let output = child.env(variable, &server.url).env("NO_PROXY", exceptions).output().expect("it runs");
        let requests: Vec<String> = server.requests().iter().map(|request| format!("{} {}", request.method, request.target)).collect();
        assert_eq!(requests, asked.into_iter().collect::<Vec<_>>(), "{variable} {url}");
        assert_eq!(output.status.success(), asked.is_some_and(|asked| asked.starts_with("GET")), "{variable} {url}: {output:?}");
    }
}
