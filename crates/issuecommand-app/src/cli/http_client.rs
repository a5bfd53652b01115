//! The client for a service elsewhere, which hooks, `wait` and `install` ask.

use std::error::Error;
use std::time::Duration;

use reqwest::{Client, StatusCode};
use url::Url;

use crate::error::AppError;

/// The client for a service elsewhere. Follows no redirect, so that no key goes where it was not sent.
///
/// # Errors
/// It cannot be made.
#[expect(
    clippy::disallowed_methods,
    reason = "the one client for a service elsewhere; it asks GitHub nothing"
)]
pub(super) fn http_client(patience: Duration) -> Result<Client, AppError> {
    // An error means that another part of the program has installed a provider, and any provider will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder().timeout(patience);
    let builder = builder.redirect(reqwest::redirect::Policy::none());
    builder
        .build()
        .map_err(|error| AppError::Command(format!("no HTTP client can be made: {error}")))
}

/// The error for a service that cannot be asked: why, and what to look at.
pub(super) fn unreachable(base: &Url, error: &reqwest::Error) -> AppError {
    // The first sentence says no more than that a request failed; the last one is the cause.
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let why = if error.is_timeout() {
        "it does not answer in time".to_owned()
    } else {
        cause.to_string()
    };
    AppError::Away(format!(
        "the service at {base} cannot be asked: {why}. Look whether it runs, and whether --remote is its address"
    ))
}

/// The error for a service that answers by this status.
pub(super) fn refused(base: &Url, status: StatusCode) -> AppError {
    let next = match status {
        StatusCode::UNAUTHORIZED => {
            "it does not know the key in ISSUECOMMAND_KEY. Set it to one that `issuecommand key create` made there"
        }
        StatusCode::FORBIDDEN => {
            "the key in ISSUECOMMAND_KEY may not do this for this agent. `issuecommand key list` shows there what each key may do"
        }
        StatusCode::NOT_FOUND => {
            "nothing of IssueCommand is at this address. Give --remote as https://HOST of the service, or as https://HOST/mcp"
        }
        StatusCode::TOO_MANY_REQUESTS => {
            "it is called too often from here. Wait a minute, or raise its RATE_LIMIT settings"
        }
        _ if status.is_redirection() => {
            "it sends to another address, where the key is not sent. Give --remote as that address"
        }
        _ => "its log says why. Try again later",
    };
    let words = format!("the service at {base} answers {status}: {next}");
    // What stands between may say so while the service is started again.
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        AppError::Away(words)
    } else {
        AppError::Command(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_says_what_to_do() {
        let base = Url::parse("https://ic.example.com/").unwrap();
        for (status, words) in [
            (
                401,
                "answers 401 Unauthorized: it does not know the key in ISSUECOMMAND_KEY",
            ),
            (403, "may not do this"),
            (404, "nothing of IssueCommand is at this address"),
            (429, "called too often"),
            (302, "sends to another address"),
            (503, "its log says why"),
        ] {
            let told = refused(&base, StatusCode::from_u16(status).unwrap()).to_string();
            assert!(told.contains("https://ic.example.com/ answers"), "{told}");
            assert!(told.contains(words), "{told}");
        }
    }
}
