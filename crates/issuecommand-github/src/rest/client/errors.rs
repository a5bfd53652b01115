//! What a client says when it fails: what was asked, what came back, and never the token.

use issuecommand_core::failure::{GithubError, GithubErrorKind};
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;

use super::Client;
use crate::rest::answer::{Answer, kind};
use crate::rest::budget::Shut;

/// How much of GitHub's own words an error text holds, in characters.
const WORDS: usize = 200;

/// A try that failed.
pub(super) struct Failed {
    pub(super) error: GithubError,
    /// Whether the same request may well succeed if it is sent again at once.
    pub(super) passing: bool,
}

impl From<GithubError> for Failed {
    fn from(error: GithubError) -> Self {
        Self {
            error,
            passing: false,
        }
    }
}

impl Client {
    /// The error for an answer that is not what was hoped for.
    pub(in crate::rest) fn refusal(&self, answer: &Answer) -> GithubError {
        // Before it is cut, lest half a token remain that nobody recognises.
        let words = self.redact(&answer.message().unwrap_or_default());
        let words = words.chars().take(WORDS).collect::<String>();
        let colon = if words.is_empty() { "" } else { ": " };
        self.error(
            kind(answer.status),
            &answer.request,
            &format!("{}{colon}{words}", answer.status.as_u16()),
        )
    }

    /// The error for an answer that makes no sense.
    pub(in crate::rest) fn unexpected(&self, request: &str, words: &str) -> GithubError {
        self.error(GithubErrorKind::Unexpected, request, words)
    }

    /// Reads the JSON of a 200; any other status is an error.
    pub(in crate::rest) fn parse<T: DeserializeOwned>(
        &self,
        answer: &Answer,
    ) -> Result<T, GithubError> {
        if answer.status != StatusCode::OK {
            return Err(self.refusal(answer));
        }
        serde_json::from_slice(&answer.body).map_err(|error| {
            let words = error.to_string();
            // Words that quote may quote the text of strangers: where it stands must do for them.
            let words = if words.contains('"') {
                format!("at line {} column {}", error.line(), error.column())
            } else {
                words
            };
            self.unexpected(
                &answer.request,
                &format!("an answer that cannot be read: {words}"),
            )
        })
    }

    pub(super) fn shut(&self, request: &str, shut: Shut) -> GithubError {
        match shut {
            Shut::Waiting(length) => {
                let words = "not sent, for GitHub asked to be left alone";
                GithubError {
                    retry_after: Some(length),
                    ..self.error(GithubErrorKind::Limited, request, words)
                }
            }
            Shut::Crowded => {
                let words = "not sent, for those before it did not end in time";
                self.error(GithubErrorKind::Unreachable, request, words)
            }
        }
    }

    pub(super) fn broken(&self, request: &str, error: reqwest::Error) -> Failed {
        let timed_out = error.is_timeout();
        let kind = if error.is_builder() {
            GithubErrorKind::Unexpected
        } else {
            GithubErrorKind::Unreachable
        };
        // Its address would show the query.
        let words = chain(&error.without_url());
        Failed {
            error: self.error(kind, request, &words),
            passing: kind == GithubErrorKind::Unreachable && !timed_out,
        }
    }

    fn error(&self, kind: GithubErrorKind, request: &str, words: &str) -> GithubError {
        GithubError {
            kind,
            retry_after: None,
            detail: self.redact(&format!("{request}: {words}")),
        }
    }

    /// The text without the token, which a server may repeat, and without control characters, which could forge a line of
    /// the log.
    fn redact(&self, text: &str) -> String {
        let text = text.replace(self.token.expose_secret(), "[token]");
        text.chars()
            .map(|character| {
                if character.is_control() {
                    ' '
                } else {
                    character
                }
            })
            .collect()
    }
}

/// An error and what caused it, in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}
