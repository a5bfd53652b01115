//! Error texts of the client: the request and the answer, but never the token.

use issuecommand_core::domain::failure::{GithubError, GithubErrorKind};
use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Client;
use crate::api_types::BadRow;
use crate::json;
use crate::rest::attempt_error::AttemptError;
use crate::rest::rate_limiter::Blocked;
use crate::rest::response::{Answer, kind};
use crate::rest::transport::{FailureCause, TransportError};

/// The most characters of GitHub's message in an error text.
const WORDS: usize = 200;

impl Client {
    /// The error for an answer with an unexpected status.
    pub(in crate::rest) fn refusal(&self, answer: &Answer) -> GithubError {
        // Redacted before it is cut, so that no part of a token remains unrecognised.
        let words = self.redact(&answer.message().unwrap_or_default());
        let words = words.chars().take(WORDS).collect::<String>();
        let colon = if words.is_empty() { "" } else { ": " };
        let status = answer.status.as_u16();
        GithubError {
            status: Some(status),
            ..self.error(
                kind(answer.status),
                &answer.request,
                &format!("{status}{colon}{words}"),
            )
        }
    }

    /// The error for an answer that cannot be understood.
    pub(in crate::rest) fn unexpected(&self, request: &str, words: &str) -> GithubError {
        self.error(GithubErrorKind::Unexpected, request, words)
    }

    /// Parses the JSON of a 200; any other status is an error.
    pub(in crate::rest) fn parse<T: DeserializeOwned>(
        &self,
        answer: &Answer,
    ) -> Result<T, GithubError> {
        if answer.status != StatusCode::OK {
            return Err(self.refusal(answer));
        }
        json::parse(&answer.body).map_err(|error| self.unreadable(answer, &error))
    }

    /// Parses the rows of a list. Returns the unreadable ones separately.
    pub(in crate::rest) fn rows<T: DeserializeOwned>(
        &self,
        answer: &Answer,
    ) -> Result<(Vec<T>, Vec<BadRow>), GithubError> {
        if answer.status != StatusCode::OK {
            return Err(self.refusal(answer));
        }
        let error = match json::parse::<Vec<T>>(&answer.body) {
            Ok(rows) => return Ok((rows, Vec::new())),
            Err(error) => error,
        };
        // Row by row is slower, so this is done only if a row is unreadable.
        let Ok(values) = json::parse::<Vec<Value>>(&answer.body) else {
            return Err(self.unreadable(answer, &error));
        };
        let (mut rows, mut bad) = (Vec::new(), Vec::new());
        for value in values {
            let known = BadRow::of(&value);
            match serde_json::from_value(value) {
                Ok(row) => rows.push(row),
                Err(error) => bad.push(BadRow {
                    reason: self.redact(&words(&error, "a value of the wrong kind")),
                    ..known
                }),
            }
        }
        Ok((rows, bad))
    }

    fn unreadable(&self, answer: &Answer, error: &serde_json::Error) -> GithubError {
        let place = format!("at line {} column {}", error.line(), error.column());
        let words = words(error, &place);
        self.unexpected(
            &answer.request,
            &format!("an answer that cannot be read: {words}"),
        )
    }

    pub(super) fn shut(&self, request: &str, shut: Blocked) -> AttemptError {
        let (kind, words, retry_after) = match shut {
            Blocked::Waiting(length) => (
                GithubErrorKind::Limited,
                "not sent, for GitHub asked to be left alone",
                Some(length),
            ),
            Blocked::Crowded => (
                GithubErrorKind::Unreachable,
                "not sent, for those before it did not end in time",
                None,
            ),
        };
        AttemptError {
            error: GithubError {
                retry_after,
                ..self.error(kind, request, words)
            },
            why: FailureCause::Limit,
            transient: false,
            sent: false,
        }
    }

    pub(super) fn broken(&self, request: &str, broken: &TransportError) -> AttemptError {
        let words: String = self.redact(&broken.words).chars().take(WORDS).collect();
        AttemptError {
            error: self.error(broken.kind, request, &words),
            why: broken.why,
            transient: broken.transient,
            sent: broken.sent,
        }
    }

    fn error(&self, kind: GithubErrorKind, request: &str, words: &str) -> GithubError {
        GithubError {
            kind,
            retry_after: None,
            status: None,
            detail: self.redact(&format!("{request}: {words}")),
        }
    }

    /// Removes tokens, which a server may repeat, and control characters, which could forge a log line.
    fn redact(&self, text: &str) -> String {
        let text = self.routes.redact(text);
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

/// The parser's message. A message with quotes may contain text that users wrote, so `instead` replaces it.
fn words(error: &serde_json::Error, instead: &str) -> String {
    let words = error.to_string();
    if words.contains('"') {
        instead.to_owned()
    } else {
        words.chars().take(WORDS).collect()
    }
}
