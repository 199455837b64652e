//! Why a resource could not be fetched, in one line, and whether trying again may help.

use std::{error::Error, io, time::Duration};

use reqwest::{StatusCode, Url};

use super::location::shown;

/// A resource that could not be fetched.
#[derive(Debug, thiserror::Error)]
#[error("cannot fetch {location}: {cause}{}", if *attempts > 1 { format!(" ({attempts} attempts)") } else { String::new() })]
pub struct TransportError {
    /// The resource, as it may be shown.
    pub location: String,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong the last time.
    pub cause: Cause,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// This machine is not set up for it: no trusted certificates, most likely.
    #[error("no HTTP client can be made: {0}")]
    Client(String),
    /// The server cannot be reached, or left before it answered. The line or the server is at fault.
    #[error("{0}")]
    Connection(String),
    /// The server was reached and is not trusted, or leads astray. The same would happen again.
    #[error("{0}")]
    Untrusted(String),
    /// The server accepted the request, or did not even that, and said nothing.
    #[error("no answer within {0:?}")]
    Silent(Duration),
    /// The server answered that it will not.
    #[error("the server answered {status}")]
    Status {
        /// Its answer.
        status: StatusCode,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// The server stopped in the middle, or only drips.
    #[error("next to nothing came for {idle:?} after {came} bytes")]
    Stalled {
        /// How long was waited.
        idle: Duration,
        /// What had come.
        came: u64,
    },
    /// The line broke in the middle.
    #[error("broken off after {}: {cause}", amount(*came, *announced))]
    BrokenOff {
        /// What had come.
        came: u64,
        /// What was to come, if that was said.
        announced: Option<u64>,
        /// How it showed.
        cause: String,
    },
    /// Everything together took longer than there was time for. The line is slow, or the server drips.
    #[error("there was no time left for it")]
    Late,
    /// Nothing came.
    #[error("an empty body came")]
    Empty,
    /// More than is taken.
    #[error("larger than the {most} bytes that are taken{}", announced.map_or(String::new(), |n| format!(": {n} bytes are announced")))]
    TooLarge {
        /// The limit.
        most: u64,
        /// What was to come, if that was said.
        announced: Option<u64>,
    },
    /// Something else came. Often the network is at fault.
    #[error("{came} came instead of {wanted}{}", if came.contains("HTML") { " (a captive portal or a proxy's error page?)" } else { "" })]
    WrongKind {
        /// What came.
        came: &'static str,
        /// What was asked for.
        wanted: &'static str,
    },
    /// Another server answered than was asked.
    #[error("{cause} (redirected to {to})")]
    Redirected {
        /// The last one, as it may be shown.
        to: String,
        /// What went wrong there.
        cause: Box<Cause>,
    },
    /// A file of this machine cannot be read or written.
    #[error("{0}")]
    File(#[from] io::Error),
}

fn amount(came: u64, announced: Option<u64>) -> String {
    announced.map_or_else(|| format!("{came} bytes"), |announced| format!("{came} of {announced} bytes"))
}

impl Cause {
    /// A request that got no answer. `patience` is how long one was waited for.
    pub(super) fn of_request(error: reqwest::Error, patience: Duration) -> Self {
        // What it would say of the URL is said already, and with the query.
        let error = error.without_url();
        if error.is_timeout() {
            Self::Silent(patience)
        } else if error.is_builder() || error.is_redirect() || is_tls(&error) {
            Self::Untrusted(chain(&error))
        } else {
            Self::Connection(chain(&error))
        }
    }

    /// A body that broke off after `came` bytes.
    pub(super) fn of_read(error: &io::Error, idle: Duration, came: u64, announced: Option<u64>) -> Self {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<reqwest::Error>());
        if inner.is_some_and(reqwest::Error::is_timeout) {
            Self::Stalled { idle, came }
        } else {
            Self::BrokenOff { came, announced, cause: chain(error) }
        }
    }

    /// Tells of the redirect, if there was one.
    pub(super) fn at(self, asked: &Url, answered: &Url) -> Self {
        let to = shown(answered);
        if shown(asked) == to { self } else { Self::Redirected { to, cause: Box::new(self) } }
    }

    /// Whether it is the server, not the resource, that cannot be had.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Connection(_) | Self::Silent(_))
    }

    /// Whether something came, and not what was expected.
    #[must_use]
    pub fn is_about_content(&self) -> bool {
        matches!(self, Self::Empty | Self::TooLarge { .. } | Self::WrongKind { .. })
    }

    /// Whether the same request may succeed a little later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Connection(_) | Self::Silent(_) | Self::Stalled { .. } | Self::BrokenOff { .. } => true,
            Self::Status { status, .. } => {
                [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(status) || status.is_server_error()
            }
            Self::Redirected { cause, .. } => cause.is_passing(),
            Self::Client(_)
            | Self::Untrusted(_)
            | Self::Late
            | Self::Empty
            | Self::TooLarge { .. }
            | Self::WrongKind { .. }
            | Self::File(_) => false,
        }
    }

    /// How long the server asks to be left alone.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            Self::Redirected { cause, .. } => cause.retry_after(),
            _ => None,
        }
    }
}

/// The error and its sources. An I/O error passes over what it holds, so that is looked into.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut found = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        found.push(error);
        let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = held.map(|held| held as &(dyn Error + 'static)).or_else(|| error.source());
    }
    found
}

/// An error and its causes in one line, each said once.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut line = String::new();
    for cause in causes(error) {
        let text: String = cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        if !line.contains(&text) {
            let separator = if line.is_empty() { "" } else { ": " };
            line = format!("{line}{separator}{text}");
        }
    }
    line
}

/// Whether the other side was reached and is not who it should be, or speaks no TLS.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    causes(error).iter().any(|cause| cause.is::<rustls::Error>())
}

#[cfg(test)]
mod tests {
    use std::{io, time::Duration};

    use reqwest::StatusCode;

    use super::{Cause, chain, is_tls};

    #[test]
    fn every_cause_is_said_once() {
        let certificate = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let error = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, certificate));
        assert_eq!(chain(&error), "invalid peer certificate: UnknownIssuer");
        assert!(is_tls(&error));
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(chain(&refused), "connection refused");
        assert!(!is_tls(&refused));
    }

    #[test]
    fn what_may_pass_is_tried_again() {
        let answered = |status: StatusCode| Cause::Status { status, retry_after: None }.is_passing();
        for status in [408, 429, 500, 502, 503, 504] {
            assert!(answered(StatusCode::from_u16(status).expect("a status")), "{status}");
        }
        for status in [206, 304, 400, 401, 403, 407, 418] {
            assert!(!answered(StatusCode::from_u16(status).expect("a status")), "{status}");
        }
        let moved = |cause: Cause| Cause::Redirected { to: "x".to_owned(), cause: Box::new(cause) };
        assert!(moved(Cause::Silent(Duration::ZERO)).is_passing() && !moved(Cause::Empty).is_passing());
    }
}
