//! What every answer has in common, and what of it depends on the surface.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    ClaimResponse, ClaimsResponse, ExplainResponse, FollowupResponse, FollowupsResponse,
    HaltResponse, HealthResponse, HistoryResponse, IssueResponse, IssuesResponse,
    NextIssueResponse, NextWorkResponse, ReadinessResponse, ReposResponse, SyncResponse,
    UpdateResponse, WorkResponse,
};
use crate::record::IssueRecord;

/// What a call answers.
pub trait Response: Serialize + JsonSchema + Send + 'static {
    /// Takes out what the service warned of, for [`WithWarnings`].
    fn take_warnings(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// Leaves out fields that the contract of HTTP has empty where they were not read. A model would take that for a fact.
    fn leave_out_unread(&mut self) {}
}

/// An answer as it is sent, with what its caller is warned of: input that was ignored, or taken although it will not do what
/// was meant. Warnings belong to the call: a repeated one has its own, whatever was remembered for its idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WithWarnings<A> {
    #[serde(flatten)]
    answer: A,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

impl<A: Response> WithWarnings<A> {
    /// The answer with the warnings on its input, and after them its own.
    pub fn new(mut answer: A, mut warnings: Vec<String>) -> Self {
        warnings.append(&mut answer.take_warnings());
        Self { answer, warnings }
    }

    /// See [`Response::leave_out_unread`].
    pub fn leave_out_unread(&mut self) {
        self.answer.leave_out_unread();
    }
}

impl Response for ClaimResponse {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }
}

impl Response for HaltResponse {}
impl Response for ExplainResponse {}
impl Response for ReadinessResponse {}
impl Response for FollowupResponse {}
impl Response for HistoryResponse {}
impl Response for SyncResponse {}
impl Response for WorkResponse {}
impl Response for HealthResponse {}

impl Response for IssuesResponse {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    fn leave_out_unread(&mut self) {
        self.issues
            .iter_mut()
            .for_each(IssueRecord::leave_out_unread);
    }
}

impl Response for NextIssueResponse {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    fn leave_out_unread(&mut self) {
        self.issue.leave_out_unread();
    }
}

impl Response for NextWorkResponse {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    fn leave_out_unread(&mut self) {
        if let Some(issue) = &mut self.issue {
            issue.leave_out_unread();
        }
    }
}

impl Response for ReposResponse {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }
}

impl Response for IssueResponse {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    fn leave_out_unread(&mut self) {
        self.issue.leave_out_unread();
    }
}

impl Response for ClaimsResponse {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }
}

impl Response for FollowupsResponse {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }
}

impl Response for UpdateResponse {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }
}
