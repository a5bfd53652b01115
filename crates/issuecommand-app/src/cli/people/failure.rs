//! Why a command did not do what it was asked, as JSON, as words and as an exit code.

use std::io::Write as _;
use std::process::ExitCode;

use issuecommand_config::SettingsError;
use issuecommand_wire::ApiError;
use serde_json::{Value, json};

use super::output::Output;
use super::words;
use crate::error::AppError;
use crate::text::one_line;

/// The exit codes. 0 is: done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// It failed.
    Failed = 1,
    /// The command line or a setting is wrong.
    Usage = 2,
    /// There is nothing: no work, or no such thing.
    Nothing = 3,
    /// The service does not know the key, or there is none.
    NotSignedIn = 4,
    /// It is held by another, or not allowed now.
    Refused = 5,
    /// It may succeed later: a limit, a service or network that does not answer.
    TryAgain = 6,
}

impl Exit {
    /// The code for an answer of the service.
    fn of(status: u16, body: &Value) -> Self {
        let is = |reason: &str| body["reason"] == reason;
        match status {
            401 => Self::NotSignedIn,
            404 => Self::Nothing,
            409 if body["why"].is_object() && is("invalid_issue") => Self::Nothing,
            403 | 409 => Self::Refused,
            400 | 413 => Self::Usage,
            408 | 429 | 503 => Self::TryAgain,
            _ => Self::Failed,
        }
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    exit: Option<Exit>,
    /// The document of `--json`: the service's own, or one of the same form.
    body: Value,
    /// What to do next, in the words of the command line.
    hint: Option<String>,
}

impl Failure {
    fn new(exit: Exit, error: &str, message: impl Into<String>) -> Self {
        let body = json!({ "ok": false, "error": error, "message": message.into() });
        Self {
            exit: Some(exit),
            body,
            hint: None,
        }
    }

    /// A wrong command line.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "request_failed", message)
    }

    /// Something on this machine failed.
    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, "failed", message)
    }

    /// There is no such thing.
    pub(super) fn nothing(message: impl Into<String>) -> Self {
        Self::new(Exit::Nothing, "not_found", message)
    }

    /// There is no key for the service.
    pub(super) fn not_signed_in(message: impl Into<String>) -> Self {
        Self::new(Exit::NotSignedIn, "unauthorized", message)
    }

    /// The service cannot be reached.
    pub(super) fn unreachable(message: impl Into<String>) -> Self {
        Self::new(Exit::TryAgain, "unreachable", message)
    }

    /// Nobody reads what there is to say, which is no error.
    pub(super) fn reader_gone() -> Self {
        Self {
            exit: None,
            body: Value::Null,
            hint: None,
        }
    }

    /// What the service answered.
    pub(super) fn of_answer(status: u16, body: Value) -> Self {
        Self {
            exit: Some(Exit::of(status, &body)),
            hint: words::hint(&body),
            body,
        }
    }

    /// The same with what to do next.
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// The service's word for the reason.
    pub(super) fn is(&self, word: &str) -> bool {
        self.body["reason"] == word || self.body["error"] == word
    }

    /// What it says, for people.
    pub(super) fn message(&self) -> String {
        words::message(&self.body)
    }

    /// Says it, and returns the code.
    pub(super) fn tell(&self, output: &Output) -> ExitCode {
        let Some(exit) = self.exit else {
            return ExitCode::SUCCESS;
        };
        if output.json {
            // Without a reader there is nobody to tell.
            let _ = output.document(&self.body);
        } else {
            let mut err = std::io::stderr().lock();
            // The same.
            let _ = writeln!(err, "error: {}", one_line(&self.message()));
            for warning in self.body["warnings"].as_array().into_iter().flatten() {
                let _ = writeln!(
                    err,
                    "note: {}",
                    one_line(warning.as_str().unwrap_or_default())
                );
            }
            if let Some(hint) = &self.hint {
                let _ = writeln!(err, "{}", one_line(hint));
            }
        }
        ExitCode::from(exit as u8)
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::of_answer(error.status, error.json())
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self::usage(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_has_its_code() {
        let none = json!({});
        let no_work = json!({ "reason": "invalid_issue", "why": {} });
        let paused = json!({ "reason": "paused", "why": {} });
        let held = json!({ "reason": "already_claimed" });
        for (status, body, exit) in [
            (401, &none, Exit::NotSignedIn),
            (404, &none, Exit::Nothing),
            (409, &no_work, Exit::Nothing),
            (409, &paused, Exit::Refused),
            (409, &held, Exit::Refused),
            (403, &none, Exit::Refused),
            (400, &none, Exit::Usage),
            (429, &none, Exit::TryAgain),
            (503, &none, Exit::TryAgain),
            (500, &none, Exit::Failed),
        ] {
            assert_eq!(Exit::of(status, body), exit, "{status} {body}");
        }
    }
}
