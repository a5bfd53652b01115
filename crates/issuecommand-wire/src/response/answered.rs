//! What every answer has in common, and what of it depends on the surface.

use issuecommand_core::domain::id::AgentId;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    ClaimResponse, ClaimsResponse, ExplainResponse, FollowupResponse, FollowupsResponse,
    HaltResponse, HealthResponse, HeldFeedbackResponse, HistoryResponse, IssueResponse,
    IssuesResponse, ListedIssue, NextIssueResponse, NextWorkResponse, ReadinessResponse,
    ReposResponse, SignInCodeResponse, SyncResponse, UpdateResponse, WorkResponse,
};
use crate::record::{
    AttemptRecord, FollowupRecord, HeldRecord, IssueRecord, NoticeRecord, json_length,
};

/// What a call answers.
pub trait Response: Serialize + JsonSchema + Send + 'static {
    /// Takes out what the service warned of, for [`WithWarnings`].
    fn take_warnings(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// Takes out what the use case itself heard, for [`WithWarnings`].
    fn take_notices(&mut self) -> Vec<NoticeRecord> {
        Vec::new()
    }

    /// The id of the claim or follow-up that it gives.
    fn given(&self) -> Option<&str> {
        None
    }

    /// Leaves out what a model is not to read: fields that the contract of HTTP has empty where they were not read, which it would
    /// take for a fact, and texts that stand in the answer twice.
    fn make_lean(&mut self) {}

    /// The body of the issue that it gives, if the rest of it is to be short.
    fn body(&self) -> Option<&str> {
        None
    }

    /// Shortens the texts around that body to so many bytes each.
    fn shorten(&mut self, _most: usize) {}
}

/// How many bytes a lean answer that gives an issue has beside the issue's body, if that can be had by shortening texts.
const LEAN_MAX: usize = 6 << 10;
/// What each text is shortened to, in bytes, one after the other until the answer is short enough.
const SHORTER: [usize; 5] = [1_000, 600, 400, 250, 150];

/// An answer as it is sent, with what its caller is warned of: input that was ignored, or taken although it will not do what
/// was meant. Warnings belong to the call: a repeated one has its own, whatever was remembered for its idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WithWarnings<A> {
    #[serde(flatten)]
    answer: A,
    /// The agent, if the session named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also_yours: Vec<HeldRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notices: Vec<NoticeRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

impl<A: Response> WithWarnings<A> {
    /// The answer with the warnings on its input, and after them its own.
    pub fn new(mut answer: A, mut warnings: Vec<String>) -> Self {
        warnings.append(&mut answer.take_warnings());
        Self {
            agent_id: None,
            also_yours: Vec::new(),
            notices: answer.take_notices(),
            answer,
            warnings,
        }
    }

    /// The answer itself.
    pub fn answer(&self) -> &A {
        &self.answer
    }

    /// The answer itself, without what stands beside it.
    pub fn into_answer(self) -> A {
        self.answer
    }

    /// What the caller is warned of.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The same with notices, and what else the agent holds.
    #[must_use]
    pub(crate) fn beside(mut self, notices: Vec<NoticeRecord>, held: Vec<HeldRecord>) -> Self {
        self.notices.extend(notices);
        self.also_yours = held;
        self
    }

    /// The same with the agent's name.
    #[must_use]
    pub(crate) fn by(mut self, agent: Option<&AgentId>) -> Self {
        self.agent_id = agent.map(ToString::to_string);
        self
    }

    /// See [`Response::make_lean`]. Of an answer that gives an issue, comments and notes are shortened, too, where it is long.
    pub fn make_lean(&mut self) {
        self.answer.make_lean();
        for most in SHORTER {
            if self.is_short() {
                return;
            }
            self.answer.shorten(most);
        }
    }

    fn is_short(&self) -> bool {
        let Some(body) = self.answer.body().map(json_length) else {
            return true;
        };
        serde_json::to_vec(self).is_ok_and(|all| all.len() <= body + LEAN_MAX)
    }
}

impl Response for ClaimResponse {
    fn given(&self) -> Option<&str> {
        Some(&self.claim.claim_id)
    }

    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }
}

impl Response for HaltResponse {}
impl Response for ExplainResponse {}
impl Response for ReadinessResponse {}
impl Response for HeldFeedbackResponse {}
impl Response for FollowupResponse {
    fn make_lean(&mut self) {
        if let Some(item) = &mut self.work_item {
            item.leave_out_repeated();
        }
    }
}
impl Response for HistoryResponse {}
impl Response for SyncResponse {}
impl Response for SignInCodeResponse {}
impl Response for WorkResponse {
    fn make_lean(&mut self) {
        let followups = &mut self.work.followups;
        followups
            .iter_mut()
            .for_each(FollowupRecord::leave_out_repeated);
    }
}
impl Response for HealthResponse {}

impl Response for IssuesResponse {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    fn make_lean(&mut self) {
        for issue in &mut self.issues {
            if let ListedIssue::Whole(issue) = issue {
                issue.leave_out_unread();
            }
        }
    }
}

impl Response for NextIssueResponse {
    fn given(&self) -> Option<&str> {
        Some(&self.claim.claim_id)
    }

    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    fn make_lean(&mut self) {
        self.issue.leave_out_unread();
    }

    fn body(&self) -> Option<&str> {
        Some(&self.issue.body)
    }

    fn shorten(&mut self, most: usize) {
        shorten(&mut self.issue, &mut self.previous_attempts, most);
    }
}

/// Shortens what was said of an issue that is given.
fn shorten(issue: &mut IssueRecord, attempts: &mut [AttemptRecord], most: usize) {
    issue.shorten_comments(most);
    for attempt in attempts {
        attempt.shorten_note(most);
    }
}

impl Response for NextWorkResponse {
    fn given(&self) -> Option<&str> {
        let claim = self.claim.as_ref().map(|claim| claim.claim_id.as_str());
        let item = self
            .work_item
            .as_ref()
            .map(|item| item.work_item_id.as_str());
        claim.or(item)
    }

    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    fn make_lean(&mut self) {
        if let Some(issue) = &mut self.issue {
            issue.leave_out_unread();
        }
        if let Some(item) = &mut self.work_item {
            item.leave_out_repeated();
        }
    }

    fn body(&self) -> Option<&str> {
        self.issue.as_ref().map(|issue| issue.body.as_str())
    }

    fn shorten(&mut self, most: usize) {
        if let Some(issue) = &mut self.issue {
            shorten(issue, &mut self.previous_attempts, most);
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

    fn make_lean(&mut self) {
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

    fn make_lean(&mut self) {
        self.followups
            .iter_mut()
            .for_each(FollowupRecord::leave_out_repeated);
    }
}

impl Response for UpdateResponse {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }
}
