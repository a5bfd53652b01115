//! What every answer has in common, and what of it depends on the surface.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    ClaimAnswer, ClaimsAnswer, FollowupAnswer, FollowupsAnswer, HealthAnswer, HistoryAnswer,
    IssueAnswer, IssuesAnswer, NextIssueAnswer, NextWorkAnswer, ReposAnswer, SyncAnswer,
    UpdateAnswer, WorkAnswer,
};
use crate::record::IssueRecord;

/// What a call answers.
pub trait Answer: Serialize + JsonSchema + Send + 'static {
    /// Takes out what the service warned of, for [`Answered`].
    fn take_warnings(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// Leaves out fields that the contract of HTTP has empty where they were not read. A model would take that for a fact.
    fn leave_out_unread(&mut self) {}
}

/// An answer as it is sent, with what its caller is warned of: input that was ignored, or taken although it will not do what
/// was meant. Warnings belong to the call: a repeated one has its own, whatever was remembered for its idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answered<A> {
    #[serde(flatten)]
    answer: A,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

impl<A: Answer> Answered<A> {
    /// The answer with the warnings on its input, and after them its own.
    pub fn new(mut answer: A, mut warnings: Vec<String>) -> Self {
        warnings.append(&mut answer.take_warnings());
        Self { answer, warnings }
    }

    /// See [`Answer::leave_out_unread`].
    pub fn leave_out_unread(&mut self) {
        self.answer.leave_out_unread();
    }
}

impl Answer for ClaimAnswer {}
impl Answer for FollowupAnswer {}
impl Answer for HistoryAnswer {}
impl Answer for SyncAnswer {}
impl Answer for WorkAnswer {}
impl Answer for HealthAnswer {}

impl Answer for IssuesAnswer {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    fn leave_out_unread(&mut self) {
        self.issues
            .iter_mut()
            .for_each(IssueRecord::leave_out_unread);
    }
}

impl Answer for NextIssueAnswer {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    fn leave_out_unread(&mut self) {
        self.issue.leave_out_unread();
    }
}

impl Answer for NextWorkAnswer {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    fn leave_out_unread(&mut self) {
        if let Some(issue) = &mut self.issue {
            issue.leave_out_unread();
        }
    }
}

impl Answer for ReposAnswer {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }
}

impl Answer for IssueAnswer {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    fn leave_out_unread(&mut self) {
        self.issue.leave_out_unread();
    }
}

impl Answer for ClaimsAnswer {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }
}

impl Answer for FollowupsAnswer {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }
}

impl Answer for UpdateAnswer {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }
}
