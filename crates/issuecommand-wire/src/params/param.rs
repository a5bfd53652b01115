//! The definition of a parameter: its name, type and description.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::followup::FollowupStatus;

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamType {
    /// Text, trimmed.
    String,
    /// `true` or `false`.
    Bool,
    /// A whole number within these bounds.
    Integer {
        /// The least that is allowed.
        least: i64,
        /// The most that is allowed.
        most: i64,
    },
    /// The name of a [`ClaimStatus`].
    Status,
    /// The name of a [`FollowupStatus`].
    FollowupStatus,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

impl ParamType {
    /// The requirement of the type, in words that follow the parameter's name.
    pub(super) fn demand(self) -> String {
        match self {
            Self::String => "must be text".to_owned(),
            Self::Bool => "must be true or false".to_owned(),
            Self::Integer { least, most } => {
                format!("must be a whole number from {least} to {most}")
            }
            Self::Status => format!("must be one of {}", claim_words()),
            Self::FollowupStatus => format!("must be one of {}", followup_words()),
            Self::OneOf(words) => format!("must be one of {}", words.join(", ")),
        }
    }
}

/// One parameter of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name on the wire.
    pub name: &'static str,
    /// Whether the call requires it.
    pub needed: bool,
    /// Its type.
    pub kind: ParamType,
    /// Its purpose, also used in messages and in the schemas of tools.
    pub description: &'static str,
    /// The maximum length of a text, in bytes.
    pub max_bytes: usize,
    /// Whether a tool's caller may leave it out, because the session names it.
    pub of_session: bool,
}

/// The default maximum length of a text, in bytes.
const TEXT_MAX: usize = 2 << 10;

impl Param {
    /// A required parameter.
    pub const fn needed(name: &'static str, kind: ParamType, description: &'static str) -> Self {
        Self {
            name,
            needed: true,
            kind,
            description,
            max_bytes: TEXT_MAX,
            of_session: false,
        }
    }

    /// An optional parameter.
    pub const fn optional(name: &'static str, kind: ParamType, description: &'static str) -> Self {
        Self {
            name,
            needed: false,
            kind,
            description,
            max_bytes: TEXT_MAX,
            of_session: false,
        }
    }

    /// The same parameter with another maximum length in bytes.
    #[must_use]
    pub const fn up_to(self, max_bytes: usize) -> Self {
        Self { max_bytes, ..self }
    }

    /// The same parameter, which the session of a tool's caller gives where it is left out.
    #[must_use]
    pub const fn of_session(self) -> Self {
        Self {
            of_session: true,
            ..self
        }
    }

    /// The same parameter, but optional.
    #[must_use]
    pub const fn or_absent(self) -> Self {
        Self {
            needed: false,
            ..self
        }
    }

    pub(super) fn missing(&self) -> ParamError {
        ParamError {
            message: format!("{} is required: {}.", self.name, self.description),
        }
    }

    pub(super) fn wrong(&self, what: &str) -> ParamError {
        ParamError {
            message: format!(
                "{} {what}. What it is for: {}.",
                self.name, self.description
            ),
        }
    }
}

/// Parameters that were rejected with a 400. Nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParamError {
    /// The parameter's name, what is wrong with it, and what is allowed.
    pub message: String,
}

pub(super) fn status_error(param: &Param, words: &str) -> ParamError {
    ParamError {
        message: format!("{} must be one of {words}.", param.name),
    }
}

pub(super) fn claim_words() -> String {
    ClaimStatus::ALL.map(ClaimStatus::as_str).join(", ")
}

pub(super) fn followup_words() -> String {
    FollowupStatus::ALL.map(FollowupStatus::as_str).join(", ")
}
