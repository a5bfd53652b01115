//! The limits on callers in their wire form.

use schemars::JsonSchema;
use serde::Serialize;

use super::{ApiError, ErrorBody, ErrorCode, FailureRecord};

/// Which limit a caller has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum LimitScope {
    /// Calls from one address.
    Ip,
    /// Changes by one key, or by one agent.
    AgentMutation,
    /// Event streams opened from one address.
    SseConnect,
    /// Attempts to sign in to the dashboard from one address.
    SignIn,
}

impl LimitScope {
    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::AgentMutation => "agent_mutation",
            Self::SseConnect => "sse_connect",
            Self::SignIn => "sign_in",
        }
    }
}

pub(super) fn api_error(scope: LimitScope, seconds: u64, remaining: u32) -> ApiError {
    let what = match scope {
        LimitScope::Ip => "Too many calls from this address.",
        LimitScope::AgentMutation => "Too many changes by this key or this agent.",
        LimitScope::SseConnect => "Too many event streams were opened from this address.",
        LimitScope::SignIn => "Too many attempts to sign in from this address.",
    };
    ApiError {
        status: 429,
        cause: None,
        body: ErrorBody::Failure(Box::new(FailureRecord {
            ok: false,
            error: ErrorCode::RateLimited,
            reason: None,
            message: Some(format!(
                "{what} Nothing was changed. Try again in {seconds} s."
            )),
            scope: Some(scope),
            retry_after_seconds: Some(seconds),
            remaining_tokens: Some(remaining),
            request_id: None,
            warnings: Vec::new(),
        })),
    }
}
