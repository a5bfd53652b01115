//! Every "no" as it is told, over HTTP and MCP alike: the one table from core's refusals and failures to code, status, fields
//! and words. The words are written for models: what was wrong, what is allowed, what to do next. No inner text passes here.

mod failure;
mod limit;
mod refusal;

use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::service::ServiceError;
use schemars::JsonSchema;
use serde::Serialize;

pub use self::failure::ErrorCode;
pub use self::limit::LimitScope;
pub use self::refusal::Reason;
use crate::params::ParamError;
use crate::record::{
    ClaimRecord, FollowupRecord, HeldRecord, NoticeRecord, ReasonRecord, WhyRecord,
};

/// A plain no: an answer like any other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RefusalRecord {
    /// `false`.
    pub ok: bool,
    /// Why, as a word.
    pub reason: Reason,
    /// Why, and what to do next.
    pub message: String,
    /// Who holds the claim, or works on the pull request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_agent_id: Option<String>,
    /// The claim as it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<ClaimRecord>,
    /// The follow-up as it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_item: Option<FollowupRecord>,
    /// What holds back an issue that GitHub has open: `closing` or `close_failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["closing", "close_failed"]))]
    pub withheld: Option<&'static str>,
    /// The reasons for which an issue is for nobody; absent unless that refuses the claim.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_ready: Vec<ReasonRecord>,
    /// Where the claim or follow-up may go from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_statuses: Option<Vec<&'static str>>,
    /// Of a call for any work: how many issues there are, and why none of them is handed out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<WhyRecord>,
    /// The other live session of your name that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_session: Option<String>,
    /// From when on claim_issue with take_over takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_take_over_at: Option<String>,
    /// What you hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_yours: Vec<HeldRecord>,
    /// What became of your work by another's hand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<NoticeRecord>,
    /// What of the input was ignored, and what was most likely meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Something went wrong; nothing was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FailureRecord {
    /// `false`.
    pub ok: bool,
    /// What, as a word.
    pub error: ErrorCode,
    /// Of a delivery of GitHub: why, as a word or in the parser's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What, and what to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Of a limit on callers: which one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<LimitScope>,
    /// Whole seconds after which to try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
    /// Of a limit on callers: the tokens that are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining_tokens: Option<u32>,
    /// The request's id, under which the log tells more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What of the input was ignored, and what was most likely meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// The body of a "no".
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ErrorBody {
    /// A plain no. Over MCP a normal answer.
    Refusal(Box<RefusalRecord>),
    /// Something went wrong. Over MCP an answer marked as an error.
    Failure(Box<FailureRecord>),
}

/// A "no" as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: ErrorBody,
    /// What really happened, for the log alone; it is no part of the body. `None` for a plain no, and where the log hears of it
    /// from the store, once and not by each call.
    pub cause: Option<String>,
}

impl ApiError {
    /// Whether something went wrong, as against a plain no.
    pub fn is_failure(&self) -> bool {
        matches!(self.body, ErrorBody::Failure(_))
    }

    /// Whether it says that there is no work for the agent now: none that fits, a pause, or no room below a limit on claims.
    pub fn is_no_work(&self) -> bool {
        matches!(&self.body, ErrorBody::Refusal(refusal) if refusal.why.is_some())
    }

    /// Whole seconds for `Retry-After`.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match &self.body {
            ErrorBody::Refusal(_) => None,
            ErrorBody::Failure(failure) => failure.retry_after_seconds,
        }
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::to_value(&self.body).unwrap_or(serde_json::Value::Null)
    }

    /// A refusal's reason and message.
    pub(crate) fn reason_and_message(refusal: &Refusal) -> (Option<Reason>, String) {
        match refusal::api_error(refusal).body {
            ErrorBody::Refusal(record) => (Some(record.reason), record.message),
            ErrorBody::Failure(record) => (None, record.message.unwrap_or_default()),
        }
    }

    /// The answer to an id that is no UUID.
    pub fn no_such_claim(id: &str) -> Self {
        refusal::no_such_claim(id)
    }

    /// The answer to an id of a follow-up that is no UUID.
    pub fn no_such_followup(id: &str) -> Self {
        refusal::no_such_followup(id)
    }

    /// 401: a delivery that does not prove that it is GitHub's.
    pub fn unauthorized_webhook(reason: &str) -> Self {
        Self::webhook(401, ErrorCode::UnauthorizedWebhook, reason)
    }

    /// 400: a request that is no delivery.
    pub fn invalid_webhook(reason: &str) -> Self {
        Self::webhook(400, ErrorCode::InvalidWebhookPayload, reason)
    }

    /// 400: a wrong or missing field, bad JSON.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::failure(400, ErrorCode::RequestFailed, Some(message.into()), None)
    }

    /// 401: no key or a wrong one.
    pub fn unauthorized() -> Self {
        let message = "This needs a key that is good here: Authorization: Bearer <API_KEY>, or a named key. Nothing was done.";
        Self::failure(401, ErrorCode::Unauthorized, Some(message.to_owned()), None)
    }

    /// 404: no such path, or not by this method.
    pub fn not_found() -> Self {
        let message = "There is nothing at this path, or not by this method. Nothing was done.";
        Self::failure(404, ErrorCode::NotFound, Some(message.to_owned()), None)
    }

    /// 413: a body of more than so many bytes.
    pub fn payload_too_large(limit: usize) -> Self {
        let message = format!("The body is too large: at most {limit} bytes are taken.");
        Self::failure(413, ErrorCode::PayloadTooLarge, Some(message), None)
    }

    /// 408: the body did not come in time.
    pub fn body_timed_out() -> Self {
        let message = "The body of the request did not come in time. Nothing was done.".to_owned();
        Self::failure(408, ErrorCode::RequestTimeout, Some(message), None)
    }

    /// 503: too many bodies are under way of which it is not known who sent them.
    pub fn no_room_for_body() -> Self {
        failure::no_room("Too many bodies are on their way to this service at once.")
    }

    /// 503: too many large answers wait for their readers.
    pub fn no_room_for_answer() -> Self {
        failure::no_room("Too many large answers wait for callers who read slowly.")
    }

    /// 429: the caller calls too often; so many whole seconds, so many tokens left.
    pub fn rate_limited(scope: LimitScope, retry_after_seconds: u64, remaining: u32) -> Self {
        limit::api_error(scope, retry_after_seconds, remaining)
    }

    /// 503: the call goes on, but nobody waits for it any longer.
    pub fn call_timed_out() -> Self {
        failure::call_timed_out()
    }

    /// 503: there is a face, and nothing behind it, because the program could not start.
    pub fn not_started(why: &str) -> Self {
        failure::not_started(why)
    }

    /// 503: taking a delivery goes on, but nobody waits for it any longer.
    pub fn delivery_timed_out() -> Self {
        failure::delivery_timed_out()
    }

    /// The same, told in the answer to this request: a failure names it. A refusal is an answer like any other, and stays.
    #[must_use]
    pub fn for_request(mut self, id: &str) -> Self {
        if let ErrorBody::Failure(failure) = &mut self.body {
            failure.request_id = Some(id.to_owned());
        }
        self
    }

    /// The same with what of the input was ignored.
    #[must_use]
    pub fn with_warnings(mut self, more: Vec<String>) -> Self {
        match &mut self.body {
            ErrorBody::Refusal(refusal) => refusal.warnings.extend(more),
            ErrorBody::Failure(failure) => failure.warnings.extend(more),
        }
        self
    }

    /// The same refusal with notices, and with what the agent holds. A failure has neither.
    #[must_use]
    pub(crate) fn beside(mut self, notices: Vec<NoticeRecord>, held: Vec<HeldRecord>) -> Self {
        if let ErrorBody::Refusal(refusal) = &mut self.body {
            refusal.notices = notices;
            refusal.also_yours = held;
        }
        self
    }

    /// 500: a fault in IssueCommand itself, of which nothing is told.
    pub fn internal() -> Self {
        failure::internal()
    }

    fn webhook(status: u16, error: ErrorCode, reason: &str) -> Self {
        Self {
            status,
            cause: None,
            body: ErrorBody::Failure(Box::new(FailureRecord {
                ok: false,
                error,
                reason: Some(reason.to_owned()),
                message: None,
                scope: None,
                retry_after_seconds: None,
                remaining_tokens: None,
                request_id: None,
                warnings: Vec::new(),
            })),
        }
    }

    fn failure(
        status: u16,
        error: ErrorCode,
        message: Option<String>,
        retry_after_seconds: Option<u64>,
    ) -> Self {
        Self {
            status,
            cause: None,
            body: ErrorBody::Failure(Box::new(FailureRecord {
                ok: false,
                error,
                reason: None,
                message,
                scope: None,
                retry_after_seconds,
                remaining_tokens: None,
                request_id: None,
                warnings: Vec::new(),
            })),
        }
    }
}

impl From<&ServiceError> for ApiError {
    fn from(error: &ServiceError) -> Self {
        match error {
            ServiceError::Refused(refusal) => refusal::api_error(refusal),
            ServiceError::NoWork { refusal, why } => {
                let mut error = refusal::api_error(refusal);
                if let ErrorBody::Refusal(record) = &mut error.body {
                    record.why = Some(WhyRecord::of(why));
                }
                error
            }
            ServiceError::Failed(failure) => Self {
                cause: failure::cause(failure),
                ..failure::api_error(failure)
            },
        }
    }
}

impl From<ParamError> for ApiError {
    fn from(error: ParamError) -> Self {
        Self::bad_request(error.message)
    }
}
