//! Fetches one resource: asks whether it is new, tries again what may pass, takes the body in.
//!
//! Nobody is trusted but for the bytes: sizes, times and redirects are bounded, contents are looked at.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{OnceLock, mpsc},
    thread,
    time::{Duration, Instant, UNIX_EPOCH},
};

use reqwest::{
    StatusCode, Url,
    blocking::{Client, RequestBuilder, Response},
    header::{
        ACCEPT_ENCODING, DATE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, RETRY_AFTER,
    },
    redirect::{Action, Attempt, Policy},
};
use serde::{Deserialize, Serialize};

use super::{Body, Cause, Expected, Location, Progress, TransportError, failure::chain, intake::Intake};
use crate::model::Timestamp;

/// What servers are told of who asks.
const USER_AGENT: &str = concat!("overdue/", env!("CARGO_PKG_VERSION"));
/// How often a server may send us elsewhere.
const MOST_REDIRECTS: usize = 10;
/// The longest pause before another attempt, whatever a server asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What is known of an earlier answer: what to ask with, so that the same is not sent twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Validators {
    /// The server's name for that version; of a file, its size and the time of its last change.
    pub etag: Option<String>,
    /// When it was changed last, as the server wrote it.
    pub last_modified: Option<String>,
}

/// What came of it.
#[derive(Debug)]
pub enum Fetched {
    /// It is what it was.
    Unchanged,
    /// There is no such resource.
    Missing,
    /// It is new.
    Body(Body),
}

/// How patient a transport is, and where it works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where bodies are kept while they are used.
    pub folder: PathBuf,
    /// How long to wait for a connection and the head of an answer.
    pub first_answer: Duration,
    /// How long to wait for more of a body, of which less than a kibibyte does not count; if it is shorter, also for the
    /// first answer.
    pub idle: Duration,
    /// How long everything together may take. None where slow lines are fine.
    pub total: Option<Duration>,
    /// How often to try.
    pub attempts: u32,
    /// The pause before the second attempt; it doubles each time.
    pub backoff: Duration,
    /// Whether `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` of the environment count.
    pub proxies: bool,
}

impl Settings {
    /// What suits a public server and an office's line.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            first_answer: Duration::from_secs(30),
            idle: Duration::from_secs(60),
            total: None,
            attempts: 4,
            backoff: Duration::from_secs(1),
            proxies: true,
        }
    }
}

/// What is asked for and told, in every attempt.
struct Order<'a> {
    name: &'a str,
    known: &'a Validators,
    expected: &'a Expected,
    progress: &'a dyn Progress,
}

/// Fetches resources. May be used from several threads at a time.
pub struct Transport {
    settings: Settings,
    /// When everything has to be done.
    deadline: Option<Instant>,
    /// Made when a server is asked first: folders need no certificates.
    client: OnceLock<Result<Client, String>>,
}

impl Transport {
    /// A transport that has connected to nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let deadline = settings.total.and_then(|total| Instant::now().checked_add(total));
        Self { settings, deadline, client: OnceLock::new() }
    }

    /// Fetches a resource, unless it is what `known` describes. What may pass is tried again.
    ///
    /// # Errors
    /// When the last attempt failed, or the first with something that will not pass.
    pub fn fetch(
        &self,
        location: &Location,
        known: &Validators,
        expected: &Expected,
        progress: &dyn Progress,
    ) -> Result<Fetched, TransportError> {
        let name = &location.to_string();
        let order = Order { name, known, expected, progress };
        let mut attempts = 0;
        loop {
            attempts += 1;
            let outcome = match location {
                _ if self.deadline.is_some_and(|deadline| Instant::now() > deadline) => Err(Cause::Late),
                Location::Http(url) => self.request(url, &order),
                Location::Path(path) => self.read(path, &order),
            };
            let cause = match outcome {
                Ok(fetched) => return Ok(fetched),
                Err(cause) => cause,
            };
            // Who asks to be left alone for longer than that is left alone.
            let is_put_off = cause.retry_after().is_some_and(|asked| asked > LONGEST_PAUSE);
            if !cause.is_passing() || is_put_off || attempts >= self.settings.attempts {
                return Err(TransportError { location: name.clone(), attempts, cause });
            }
            let pause = pause(&cause, attempts, self.settings.backoff);
            progress.note(&format!("{name}: {cause}; trying again in {pause:?}"));
            thread::sleep(pause);
        }
    }

    fn read(&self, path: &Path, order: &Order<'_>) -> Result<Fetched, Cause> {
        let metadata = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Fetched::Missing),
            metadata => metadata?,
        };
        // Opening a pipe could wait for ever.
        if !metadata.is_file() {
            return Err(io::Error::other("it is no regular file").into());
        }
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        let changed = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        let etag = Some(format!("{}-{}", metadata.len(), changed.as_nanos()));
        if order.known.etag == etag {
            return Ok(Fetched::Unchanged);
        }
        let intake = self.intake(order, Some(metadata.len()), Validators { etag, last_modified: None });
        let broken = |error: &io::Error, _| Cause::File(io::Error::new(error.kind(), error.to_string()));
        intake.take(&mut file, &broken).map(Fetched::Body)
    }

    fn request(&self, url: &Url, order: &Order<'_>) -> Result<Fetched, Cause> {
        let mut request = self.client()?.get(url.clone());
        for (name, value) in [(IF_NONE_MATCH, &order.known.etag), (IF_MODIFIED_SINCE, &order.known.last_modified)] {
            // One that cannot be sent, from a damaged note of it, is as good as none.
            if let Some(Ok(value)) = value.as_deref().map(HeaderValue::from_str) {
                request = request.header(name, value);
            }
        }
        let response = self.answer(request)?;
        let answered = response.url().clone();
        self.understand(response, order).map_err(|cause| cause.at(url, &answered))
    }

    fn client(&self) -> Result<&Client, Cause> {
        self.client.get_or_init(|| client(&self.settings)).as_ref().map_err(|cause| Cause::Client(cause.clone()))
    }

    /// The head of the answer. Waits for it from another thread: the client has one time-out for the head and for
    /// every read after it. That thread ends with the other time-out at the latest.
    fn answer(&self, request: RequestBuilder) -> Result<Response, Cause> {
        let patience = self.settings.first_answer.min(self.settings.idle);
        let (sender, receiver) = mpsc::sync_channel(1);
        thread::Builder::new().spawn(move || drop(sender.send(request.send())))?;
        match receiver.recv_timeout(self.settings.first_answer) {
            Ok(answer) => answer.map_err(|error| Cause::of_request(error, patience)),
            Err(_) => Err(Cause::Silent(patience)),
        }
    }

    fn understand(&self, mut response: Response, order: &Order<'_>) -> Result<Fetched, Cause> {
        let headers = response.headers();
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED if *order.known != Validators::default() => return Ok(Fetched::Unchanged),
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(Fetched::Missing),
            status => return Err(Cause::Status { status, retry_after: retry_after(headers) }),
        }
        let validators = Validators { etag: text(headers, ETAG), last_modified: text(headers, LAST_MODIFIED) };
        let announced = response.content_length();
        let intake = self.intake(order, announced, validators);
        let broken = |error: &io::Error, came| Cause::of_read(error, self.settings.idle, came, announced);
        intake.take(&mut response, &broken).map(Fetched::Body)
    }

    fn intake<'a>(&'a self, order: &Order<'a>, announced: Option<u64>, validators: Validators) -> Intake<'a> {
        let Order { name, expected, progress, .. } = *order;
        Intake {
            folder: &self.settings.folder,
            what: name,
            expected,
            announced,
            validators,
            idle: Some(self.settings.idle),
            deadline: self.deadline,
            progress,
        }
    }
}

fn client(settings: &Settings) -> Result<Client, String> {
    // One that is installed already serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .user_agent(USER_AGENT)
        // Sizes and digests are those of the file, not of a form that a server made for the way.
        .default_headers([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))].into_iter().collect())
        .redirect(Policy::custom(follow))
        // The address asked for may hold secrets.
        .referer(false)
        .connect_timeout(settings.first_answer)
        .timeout(settings.idle);
    let builder = if settings.proxies { builder } else { builder.no_proxy() };
    builder.build().map_err(|error| chain(&error))
}

fn follow(attempt: Attempt<'_>) -> Action {
    match objection(attempt.previous(), attempt.url()) {
        Some(objection) => attempt.error(objection),
        None => attempt.follow(),
    }
}

/// Why a redirect is not followed.
fn objection(previous: &[Url], next: &Url) -> Option<&'static str> {
    if previous.len() > MOST_REDIRECTS {
        Some("more than 10 redirects")
    } else if next.scheme() == "http" && previous.iter().any(|url| url.scheme() == "https") {
        Some("it leads from https to http")
    } else {
        None
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Seconds, or a date (RFC 9110, section 10.2.3), which is held against the server's own clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let asked = text(headers, RETRY_AFTER)?;
    if let Ok(seconds) = asked.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = Timestamp::parse_http(&asked)?.seconds() - Timestamp::parse_http(&text(headers, DATE)?)?.seconds();
    Some(Duration::from_secs(u64::try_from(until).unwrap_or(0)))
}

/// How long to wait after so many attempts: what the server asks for, else twice as long each time.
fn pause(cause: &Cause, attempts: u32, backoff: Duration) -> Duration {
    let doubled = backoff.saturating_mul(1_u32.checked_shl(attempts - 1).unwrap_or(u32::MAX));
    cause.retry_after().unwrap_or(doubled).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::{
        StatusCode, Url,
        header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER},
    };

    use super::{Cause, objection, pause, retry_after};

    #[test]
    fn pauses_double_and_servers_may_ask_for_others() {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let asked = |retry_after: Option<u64>| Cause::Status { status, retry_after: retry_after.map(Duration::from_secs) };
        let seconds = |cause: &Cause, attempts: u32| pause(cause, attempts, Duration::from_secs(1)).as_secs();
        for (attempts, expected) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (40, 60), (u32::MAX, 60)] {
            assert_eq!(seconds(&Cause::Empty, attempts), expected);
            assert_eq!(seconds(&asked(None), attempts), expected);
            assert_eq!((seconds(&asked(Some(5)), attempts), seconds(&asked(Some(3600)), attempts)), (5, 60));
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_by_the_servers_clock() {
        let (date, now) = ("Wed, 21 Oct 2026 07:28:00 GMT", Some("Wed, 21 Oct 2026 07:27:50 GMT"));
        for (text, now, expected) in [
            ("7", None, Some(7)),
            (" 0 ", None, Some(0)),
            ("-1", now, None),
            (date, now, Some(10)),
            (date, Some("Wed, 21 Oct 2026 07:29:00 GMT"), Some(0)),
            (date, None, None),
            (date, Some("now"), None),
            ("soon", now, None),
        ] {
            let value = |text: &str| HeaderValue::from_str(text).expect("a value");
            let mut headers: HeaderMap = [(RETRY_AFTER, value(text))].into_iter().collect();
            headers.extend(now.map(|now| (DATE, value(now))));
            assert_eq!(retry_after(&headers), expected.map(Duration::from_secs), "{text} {now:?}");
        }
    }

    #[test]
    fn redirects_are_few_and_stay_encrypted() {
        let url = |text: &str| Url::parse(text).expect("a URL");
        let (open, closed) = (url("http://a.example"), url("https://a.example"));
        assert_eq!(objection(std::slice::from_ref(&open), &closed), None);
        assert_eq!(objection(std::slice::from_ref(&closed), &closed), None);
        assert_eq!(objection(&[open.clone(), closed.clone()], &open), Some("it leads from https to http"));
        assert_eq!(objection(&vec![open.clone(); 10], &open), None);
        assert_eq!(objection(&vec![open.clone(); 11], &open), Some("more than 10 redirects"));
    }
}
