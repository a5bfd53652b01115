//! Readers of parameters, by their types.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::id::{AgentId, IssueNumber};
use issuecommand_core::domain::repo_name::RepoName;
use serde_json::Value;

use super::Params;
use super::param::{Param, ParamError, ParamType, claim_words, followup_words, status_error};

impl Params {
    /// The error for a required parameter without a usable value: it is missing, or of another type.
    fn needed_error(&self, param: &Param) -> ParamError {
        match self.other_type(param) {
            Some(kind) => param.wrong(&format!("{}, not {kind}", param.kind.demand())),
            None => param.missing(),
        }
    }

    fn needed_status_error(&self, param: &Param, words: &str) -> ParamError {
        let what = match self.other_type(param) {
            Some(kind) => format!("must be text, not {kind}"),
            None => "is required".to_owned(),
        };
        ParamError {
            message: format!(
                "{} {what}: {}, one of {words}.",
                param.name, param.description
            ),
        }
    }

    /// A parameter as its reader takes it, as text: without blanks around it, and the name of a repository in lower case. `None` if
    /// it is absent, or ignored for its type.
    pub(crate) fn as_read(&self, param: &Param) -> Option<String> {
        match (param.kind, self.map.get(param.name)?) {
            (_, Value::String(text)) if text.trim().is_empty() => None,
            (ParamType::Bool, Value::Bool(value)) => Some(value.to_string()),
            (ParamType::Integer { .. }, Value::Number(_) | Value::String(_)) => {
                let number = self.whole_or_refused(param).ok().flatten();
                number.map(|number| number.to_string())
            }
            (
                ParamType::String
                | ParamType::Status
                | ParamType::FollowupStatus
                | ParamType::OneOf(_),
                Value::String(text),
            ) => {
                let text = text.trim();
                let is_repo = param.name == "repo";
                Some(if is_repo {
                    text.to_ascii_lowercase()
                } else {
                    text.to_owned()
                })
            }
            (
                _,
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_)
                | Value::Object(_),
            ) => None,
        }
    }

    /// An optional text.
    ///
    /// # Errors
    /// A NUL character, which not every database can store, or more bytes than allowed.
    pub fn text(&self, param: &Param) -> Result<Option<&str>, ParamError> {
        let text = self
            .map
            .get(param.name)
            .and_then(Value::as_str)
            .map(str::trim);
        match text {
            None | Some("") => Ok(None),
            Some(text) if text.contains('\0') => {
                Err(param.wrong("must not contain the character NUL"))
            }
            Some(text) if text.len() > param.max_bytes => Err(param.wrong(&format!(
                "must not be longer than {} bytes, and has {}",
                param.max_bytes,
                text.len()
            ))),
            some => Ok(some),
        }
    }

    /// A required text.
    ///
    /// # Errors
    /// As [`Self::text`], and if it is missing, blank or no text.
    pub fn needed_text(&self, param: &Param) -> Result<&str, ParamError> {
        self.text(param)?.ok_or_else(|| self.needed_error(param))
    }

    /// `true` unless the value is `false`.
    pub fn flag(&self, param: &Param) -> bool {
        self.map.get(param.name) != Some(&Value::Bool(false))
    }

    /// An optional Boolean.
    pub fn boolean(&self, param: &Param) -> Option<bool> {
        self.map.get(param.name).and_then(Value::as_bool)
    }

    /// `true` only when the value is `true`.
    pub fn is_set(&self, param: &Param) -> bool {
        self.map.get(param.name) == Some(&Value::Bool(true))
    }

    /// An optional whole number.
    ///
    /// # Errors
    /// A fraction, or a number outside the bounds.
    pub fn whole(&self, param: &Param) -> Result<Option<i64>, ParamError> {
        let Some(Value::Number(number)) = self.map.get(param.name) else {
            return Ok(None);
        };
        let (least, most) = match param.kind {
            ParamType::Integer { least, most } => (least, most),
            ParamType::String
            | ParamType::Bool
            | ParamType::Status
            | ParamType::FollowupStatus
            | ParamType::OneOf(_) => (i64::MIN, i64::MAX),
        };
        // Some languages write the whole number 7 as 7.0.
        let whole = number.as_i64().or_else(|| {
            let text = number.as_f64().filter(|n| n.fract() == 0.0)?.to_string();
            text.parse().ok()
        });
        match whole.filter(|n| (least..=most).contains(n)) {
            None => Err(param.wrong(&ParamType::Integer { least, most }.demand())),
            some => Ok(some),
        }
    }

    /// The calling agent.
    ///
    /// # Errors
    /// If it is missing or invalid.
    pub fn needed_agent(&self, param: &Param) -> Result<AgentId, ParamError> {
        self.agent(param)?.ok_or_else(|| self.needed_error(param))
    }

    /// The agent to filter by, if any.
    ///
    /// # Errors
    /// If it is invalid.
    pub fn agent(&self, param: &Param) -> Result<Option<AgentId>, ParamError> {
        let text = self
            .map
            .get(param.name)
            .and_then(Value::as_str)
            .map(str::trim)
            .filter(|t| !t.is_empty());
        text.map(|text| {
            AgentId::parse(text).map_err(|_| {
                param.wrong("must be 1 to 200 bytes of text without control characters")
            })
        })
        .transpose()
    }

    /// A required repository.
    ///
    /// # Errors
    /// If it is missing or no repository name.
    pub fn needed_repo(&self, param: &Param) -> Result<RepoName, ParamError> {
        self.repo(param)?.ok_or_else(|| self.needed_error(param))
    }

    /// An optional repository.
    ///
    /// # Errors
    /// If it is no repository name.
    pub fn repo(&self, param: &Param) -> Result<Option<RepoName>, ParamError> {
        let text = self.text(param)?;
        text.map(|text| {
            RepoName::parse(text)
                .map_err(|_| param.wrong("must be the name of a repository, as owner/name"))
        })
        .transpose()
    }

    /// A required issue number.
    ///
    /// # Errors
    /// If it is missing, no JSON number, or out of GitHub's range.
    pub fn needed_issue(&self, param: &Param) -> Result<IssueNumber, ParamError> {
        self.whole(param)?
            .and_then(IssueNumber::new)
            .ok_or_else(|| self.needed_error(param))
    }

    /// The number of an issue or a pull request to filter by. It may be text, because everything in a query is.
    ///
    /// # Errors
    /// Anything but a number in GitHub's range, because an invalid filter must not show everything.
    pub fn number(&self, param: &Param) -> Result<Option<IssueNumber>, ParamError> {
        match self.whole_or_refused(param)? {
            None => Ok(None),
            Some(number) => match IssueNumber::new(number) {
                None => Err(param.wrong(&param.kind.demand())),
                some => Ok(some),
            },
        }
    }

    /// An optional whole number, of which nothing is ignored. It may be text, because everything in a query is.
    ///
    /// # Errors
    /// Anything but a whole number within the bounds.
    pub fn whole_or_refused(&self, param: &Param) -> Result<Option<i64>, ParamError> {
        let given = match self.map.get(param.name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Number(_)) => return self.whole(param),
            Some(Value::String(text)) => match text.trim() {
                "" => return Ok(None),
                // Only digits: Rust's parser would also accept "+7".
                text if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
                _ => None,
            },
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => None,
        };
        let in_bounds = |n: &i64| match param.kind {
            ParamType::Integer { least, most } => (least..=most).contains(n),
            ParamType::String
            | ParamType::Bool
            | ParamType::Status
            | ParamType::FollowupStatus
            | ParamType::OneOf(_) => true,
        };
        match given.filter(in_bounds) {
            None => Err(param.wrong(&param.kind.demand())),
            some => Ok(some),
        }
    }

    /// A required status.
    ///
    /// # Errors
    /// If it is missing or no status.
    pub fn needed_status(&self, param: &Param) -> Result<ClaimStatus, ParamError> {
        self.status(param)?
            .ok_or_else(|| self.needed_status_error(param, &claim_words()))
    }

    /// An optional status.
    ///
    /// # Errors
    /// If it is no status.
    pub fn status(&self, param: &Param) -> Result<Option<ClaimStatus>, ParamError> {
        let Some(word) = self.text(param)? else {
            return Ok(None);
        };
        ClaimStatus::parse(word)
            .map(Some)
            .ok_or_else(|| status_error(param, &claim_words()))
    }

    /// A required word of [`ParamType::OneOf`].
    ///
    /// # Errors
    /// If it is missing or none of the words.
    pub fn needed_word(&self, param: &Param) -> Result<&str, ParamError> {
        self.word(param)?.ok_or_else(|| self.needed_error(param))
    }

    /// An optional word of [`ParamType::OneOf`].
    ///
    /// # Errors
    /// If it is none of the words.
    pub fn word(&self, param: &Param) -> Result<Option<&str>, ParamError> {
        let Some(word) = self.text(param)? else {
            return Ok(None);
        };
        match param.kind {
            ParamType::OneOf(words) if !words.contains(&word) => {
                Err(status_error(param, &words.join(", ")))
            }
            _ => Ok(Some(word)),
        }
    }

    /// A required status of a follow-up.
    ///
    /// # Errors
    /// If it is missing or no status.
    pub fn needed_followup_status(&self, param: &Param) -> Result<FollowupStatus, ParamError> {
        self.followup_status(param)?
            .ok_or_else(|| self.needed_status_error(param, &followup_words()))
    }

    /// An optional status of a follow-up.
    ///
    /// # Errors
    /// If it is no status.
    pub fn followup_status(&self, param: &Param) -> Result<Option<FollowupStatus>, ParamError> {
        let Some(word) = self.text(param)? else {
            return Ok(None);
        };
        FollowupStatus::parse(word)
            .map(Some)
            .ok_or_else(|| status_error(param, &followup_words()))
    }
}
