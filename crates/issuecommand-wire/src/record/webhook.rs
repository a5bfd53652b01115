//! What GitHub hears of a delivery, and what readers of the event log see of it.

use issuecommand_core::domain::webhook::{AuthMethod, WebhookAnswer};
use schemars::JsonSchema;
use serde::Serialize;

use super::source::SourceKindName;

/// What became of a delivery, without the name of its event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum WebhookOutcome {
    /// Feedback was taken.
    Feedback {
        /// `true`.
        ok: bool,
        /// `true`.
        processed: bool,
        /// What kind of feedback.
        source_event_type: SourceKindName,
        /// It made a new follow-up.
        created: bool,
        /// It had been taken before.
        idempotent: bool,
        /// The follow-up that holds it; absent when it was over before it was seen.
        #[serde(skip_serializing_if = "Option::is_none")]
        work_item_id: Option<String>,
        /// `owner/name`.
        repo: String,
        /// The pull request's number.
        pr_number: i64,
    },
    /// Something else was taken.
    Taken {
        /// `true`.
        ok: bool,
        /// `true`.
        processed: bool,
        /// GitHub's word for what happened.
        action: String,
        /// Follow-ups that ended because of it.
        resolved_followups: u64,
    },
    /// It means nothing to us.
    Ignored {
        /// `true`.
        ok: bool,
        /// `true`.
        ignored: bool,
        /// Why.
        reason: String,
    },
    /// It was taken before.
    Duplicate {
        /// `true`.
        ok: bool,
        /// `true`.
        duplicate: bool,
        /// GitHub's id of it.
        delivery_id: String,
    },
    /// It could not be applied; it is kept and tried again.
    Deferred {
        /// `true`.
        ok: bool,
        /// `false`.
        processed: bool,
        /// `deferred`.
        reason: &'static str,
    },
}

impl WebhookOutcome {
    /// It could not be applied; it is kept and tried again.
    pub fn deferred() -> Self {
        Self::Deferred {
            ok: true,
            processed: false,
            reason: "deferred",
        }
    }
}

impl From<&WebhookAnswer> for WebhookOutcome {
    fn from(answer: &WebhookAnswer) -> Self {
        let ok = true;
        match answer {
            WebhookAnswer::Feedback {
                kind,
                created,
                idempotent,
                item,
                repo,
                pull,
                ..
            } => Self::Feedback {
                ok,
                processed: true,
                source_event_type: SourceKindName(*kind),
                created: *created,
                idempotent: *idempotent,
                work_item_id: item.map(|id| id.to_string()),
                repo: repo.to_string(),
                pr_number: pull.get(),
            },
            WebhookAnswer::Taken {
                action, resolved, ..
            } => Self::Taken {
                ok,
                processed: true,
                action: action.clone(),
                resolved_followups: *resolved,
            },
            WebhookAnswer::Ignored(reason) => Self::Ignored {
                ok,
                ignored: true,
                reason: reason.to_string(),
            },
            WebhookAnswer::Duplicate { id } => Self::Duplicate {
                ok,
                duplicate: true,
                delivery_id: id.clone(),
            },
        }
    }
}

/// The answer to a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WebhookReply {
    /// GitHub's name of the event, where it was processed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: WebhookOutcome,
}

impl WebhookReply {
    /// The answer to a delivery of the event of that name.
    pub fn new(event: &str, outcome: WebhookOutcome) -> Self {
        let event_type = match outcome {
            WebhookOutcome::Feedback { .. } | WebhookOutcome::Taken { .. } => {
                Some(event.to_owned())
            }
            WebhookOutcome::Ignored { .. }
            | WebhookOutcome::Duplicate { .. }
            | WebhookOutcome::Deferred { .. } => None,
        };
        Self {
            event_type,
            outcome,
        }
    }

    /// The HTTP status: what was taken before is done, everything else is merely accepted.
    pub fn status(&self) -> u16 {
        match self.outcome {
            WebhookOutcome::Duplicate { .. } => 200,
            WebhookOutcome::Feedback { .. }
            | WebhookOutcome::Taken { .. }
            | WebhookOutcome::Ignored { .. }
            | WebhookOutcome::Deferred { .. } => 202,
        }
    }
}

/// What `webhook.received` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WebhookReceived {
    /// How the delivery proved itself.
    #[schemars(extend("enum" = ["signature", "api_key"]))]
    pub auth_method: &'static str,
    /// GitHub's name of the event.
    pub event_type: String,
    /// GitHub's id of the delivery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_id: Option<String>,
    /// What it was answered. Duplicates make no event, so that the delivery's id stands here once.
    #[serde(flatten)]
    pub outcome: WebhookOutcome,
}

impl WebhookReceived {
    pub(crate) fn new(
        auth: AuthMethod,
        event: &str,
        delivery: Option<&str>,
        answer: &WebhookAnswer,
    ) -> Self {
        Self {
            auth_method: match auth {
                AuthMethod::Signature => "signature",
                AuthMethod::ApiKey => "api_key",
            },
            event_type: event.to_owned(),
            delivery_id: delivery.map(str::to_owned),
            outcome: answer.into(),
        }
    }
}
