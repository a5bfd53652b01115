//! Reading what a caller sent: one way to take a field, whether it came as a body, a query or the arguments of a tool.
//!
//! Text is trimmed. An optional field that is `null` or blank counts as absent. What is needed and missing, or there and not
//! allowed, is an [`InputError`] that says what is allowed. What happens to a field that no call knows, or to an optional
//! one of a wrong type, depends on its [`ParamSource`].

mod check;
mod nearest;

pub use self::check::ParamSource;
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::id::{AgentId, IssueNumber};
use issuecommand_core::domain::repo_name::RepoName;
use serde_json::{Map, Value};

/// What may stand in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamType {
    /// Text, trimmed.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number within these bounds.
    Whole {
        /// The least that is allowed.
        least: i64,
        /// The most that is allowed.
        most: i64,
    },
    /// The word of a [`ClaimStatus`].
    Status,
    /// The word of a [`FollowupStatus`].
    FollowupStatus,
}

impl ParamType {
    /// What must stand in the field, to follow its name.
    fn demand(self) -> String {
        match self {
            Self::Text => "must be text".to_owned(),
            Self::Flag => "must be true or false".to_owned(),
            Self::Whole { least, most } => {
                format!("must be a whole number from {least} to {most}")
            }
            Self::Status => format!("must be one of {}", claim_words()),
            Self::FollowupStatus => format!("must be one of {}", followup_words()),
        }
    }
}

/// One field of a call's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name on the wire.
    pub name: &'static str,
    /// Whether the call cannot do without it.
    pub needed: bool,
    /// What may stand in it.
    pub kind: ParamType,
    /// What it is for, in words that also stand in messages and in the schemas of tools.
    pub about: &'static str,
    /// The most bytes of a text in it.
    pub longest: usize,
}

/// The most bytes of a text where its field does not say otherwise.
const TEXT_MAX: usize = 2 << 10;

impl Param {
    /// A field that the call cannot do without.
    pub const fn needed(name: &'static str, kind: ParamType, about: &'static str) -> Self {
        Self {
            name,
            needed: true,
            kind,
            about,
            longest: TEXT_MAX,
        }
    }

    /// A field that may be left out.
    pub const fn optional(name: &'static str, kind: ParamType, about: &'static str) -> Self {
        Self {
            name,
            needed: false,
            kind,
            about,
            longest: TEXT_MAX,
        }
    }

    /// The same for a text of up to so many bytes.
    #[must_use]
    pub const fn up_to(self, longest: usize) -> Self {
        Self { longest, ..self }
    }

    /// The same, with which it is or is not left out.
    #[must_use]
    pub const fn or_absent(self) -> Self {
        Self {
            needed: false,
            ..self
        }
    }

    fn missing(&self) -> InputError {
        InputError {
            message: format!("{} is required: {}.", self.name, self.about),
        }
    }

    fn wrong(&self, what: &str) -> InputError {
        InputError {
            message: format!("{} {what}. What it is for: {}.", self.name, self.about),
        }
    }
}

/// Why an input was not taken: a 400. Nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InputError {
    /// Which field, what is wrong with it, and what is allowed.
    pub message: String,
}

/// The fields that a caller sent.
#[derive(Clone, Debug, Default)]
pub struct Params {
    map: Map<String, Value>,
    /// What was ignored before the fields were read, in sentences for the caller.
    notes: Vec<String>,
}

impl From<Map<String, Value>> for Params {
    fn from(map: Map<String, Value>) -> Self {
        Self {
            map,
            notes: Vec::new(),
        }
    }
}

impl Params {
    /// Takes a JSON value, which must be an object.
    ///
    /// # Errors
    /// [`InputError`] for anything that is no object.
    pub fn from_json(value: Value) -> Result<Self, InputError> {
        match value {
            Value::Object(map) => Ok(map.into()),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Err(InputError {
                message: "The input must be a JSON object.".to_owned(),
            }),
        }
    }

    /// Puts a field in, in place of what was sent under its name: a part of a path, a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.map.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a warning on something that is not among the fields and that the caller may have meant to count.
    #[must_use]
    pub fn noting(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }

    /// Why a needed field is not there: it is missing, or what stands in it is of another type.
    fn absent(&self, input: &Param) -> InputError {
        match self.other_kind(input) {
            Some(kind) => input.wrong(&format!("{}, not {kind}", input.kind.demand())),
            None => input.missing(),
        }
    }

    fn no_status(&self, input: &Param, words: &str) -> InputError {
        let what = match self.other_kind(input) {
            Some(kind) => format!("must be text, not {kind}"),
            None => "is required".to_owned(),
        };
        InputError {
            message: format!("{} {what}: {}, one of {words}.", input.name, input.about),
        }
    }

    /// A text that may be absent.
    ///
    /// # Errors
    /// A NUL character, which not every database can keep, and more bytes than the field may have.
    pub fn text(&self, input: &Param) -> Result<Option<&str>, InputError> {
        let text = self
            .map
            .get(input.name)
            .and_then(Value::as_str)
            .map(str::trim);
        match text {
            None | Some("") => Ok(None),
            Some(text) if text.contains('\0') => {
                Err(input.wrong("must not contain the character NUL"))
            }
            Some(text) if text.len() > input.longest => Err(input.wrong(&format!(
                "must not be longer than {} bytes, and has {}",
                input.longest,
                text.len()
            ))),
            some => Ok(some),
        }
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// As [`Self::text`], and when it is missing, blank or no text.
    pub fn needed_text(&self, input: &Param) -> Result<&str, InputError> {
        self.text(input)?.ok_or_else(|| self.absent(input))
    }

    /// `false` alone counts as no.
    pub fn flag(&self, input: &Param) -> bool {
        self.map.get(input.name) != Some(&Value::Bool(false))
    }

    /// `true` alone counts as yes.
    pub fn is_set(&self, input: &Param) -> bool {
        self.map.get(input.name) == Some(&Value::Bool(true))
    }

    /// A whole number that may be absent.
    ///
    /// # Errors
    /// A number with a fraction or out of the field's bounds.
    pub fn whole(&self, input: &Param) -> Result<Option<i64>, InputError> {
        let Some(Value::Number(number)) = self.map.get(input.name) else {
            return Ok(None);
        };
        let (least, most) = match input.kind {
            ParamType::Whole { least, most } => (least, most),
            ParamType::Text | ParamType::Flag | ParamType::Status | ParamType::FollowupStatus => {
                (i64::MIN, i64::MAX)
            }
        };
        // 7.0 is how some languages write the whole number 7.
        let whole = number.as_i64().or_else(|| {
            let text = number.as_f64().filter(|n| n.fract() == 0.0)?.to_string();
            text.parse().ok()
        });
        match whole.filter(|n| (least..=most).contains(n)) {
            None => Err(input.wrong(&ParamType::Whole { least, most }.demand())),
            some => Ok(some),
        }
    }

    /// Who asks.
    ///
    /// # Errors
    /// When it is missing or no name.
    pub fn needed_agent(&self, input: &Param) -> Result<AgentId, InputError> {
        self.agent(input)?.ok_or_else(|| self.absent(input))
    }

    /// An agent that is asked about, if any.
    ///
    /// # Errors
    /// When it is no name.
    pub fn agent(&self, input: &Param) -> Result<Option<AgentId>, InputError> {
        let text = self
            .map
            .get(input.name)
            .and_then(Value::as_str)
            .map(str::trim)
            .filter(|t| !t.is_empty());
        text.map(|text| {
            AgentId::parse(text).map_err(|_| {
                input.wrong("must be 1 to 200 bytes of text without control characters")
            })
        })
        .transpose()
    }

    /// A repository that must be named.
    ///
    /// # Errors
    /// When it is missing or no repository's name.
    pub fn needed_repo(&self, input: &Param) -> Result<RepoName, InputError> {
        self.repo(input)?.ok_or_else(|| self.absent(input))
    }

    /// A repository, if one is named.
    ///
    /// # Errors
    /// When it is no repository's name.
    pub fn repo(&self, input: &Param) -> Result<Option<RepoName>, InputError> {
        let text = self.text(input)?;
        text.map(|text| {
            RepoName::parse(text)
                .map_err(|_| input.wrong("must be the name of a repository, as owner/name"))
        })
        .transpose()
    }

    /// The number of an issue.
    ///
    /// # Errors
    /// When it is missing, no JSON number, or a number that GitHub cannot have given.
    pub fn needed_issue(&self, input: &Param) -> Result<IssueNumber, InputError> {
        self.whole(input)?
            .and_then(IssueNumber::new)
            .ok_or_else(|| self.absent(input))
    }

    /// The number of an issue or a pull request to narrow a list by. It may be text, since in a query everything is.
    ///
    /// # Errors
    /// For anything but a number that GitHub can have given: a filter that means nothing must not show everything.
    pub fn number(&self, input: &Param) -> Result<Option<IssueNumber>, InputError> {
        let given = match self.map.get(input.name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Number(_)) => self.whole(input)?,
            Some(Value::String(text)) => match text.trim() {
                "" => return Ok(None),
                // Digits alone: the parser of Rust would also take "+7".
                text if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
                _ => None,
            },
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => None,
        };
        match given.and_then(IssueNumber::new) {
            None => Err(input.wrong(&input.kind.demand())),
            some => Ok(some),
        }
    }

    /// A status that must be named.
    ///
    /// # Errors
    /// When it is missing or no status.
    pub fn needed_status(&self, input: &Param) -> Result<ClaimStatus, InputError> {
        self.status(input)?
            .ok_or_else(|| self.no_status(input, &claim_words()))
    }

    /// A status, if one is named.
    ///
    /// # Errors
    /// When it is no status.
    pub fn status(&self, input: &Param) -> Result<Option<ClaimStatus>, InputError> {
        let Some(word) = self.text(input)? else {
            return Ok(None);
        };
        ClaimStatus::parse(word)
            .map(Some)
            .ok_or_else(|| bad_status(input, &claim_words()))
    }

    /// A status of a follow-up that must be named.
    ///
    /// # Errors
    /// When it is missing or no status.
    pub fn needed_followup_status(&self, input: &Param) -> Result<FollowupStatus, InputError> {
        self.followup_status(input)?
            .ok_or_else(|| self.no_status(input, &followup_words()))
    }

    /// A status of a follow-up, if one is named.
    ///
    /// # Errors
    /// When it is no status.
    pub fn followup_status(&self, input: &Param) -> Result<Option<FollowupStatus>, InputError> {
        let Some(word) = self.text(input)? else {
            return Ok(None);
        };
        FollowupStatus::parse(word)
            .map(Some)
            .ok_or_else(|| bad_status(input, &followup_words()))
    }
}

fn bad_status(input: &Param, words: &str) -> InputError {
    InputError {
        message: format!("{} must be one of {words}.", input.name),
    }
}

fn claim_words() -> String {
    ClaimStatus::ALL.map(ClaimStatus::as_str).join(", ")
}

fn followup_words() -> String {
    FollowupStatus::ALL.map(FollowupStatus::as_str).join(", ")
}
