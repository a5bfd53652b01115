//! Which agent acts by an action, and which actions are what a caller asked for.

use super::Action;
use crate::domain::id::AgentId;

impl Action {
    /// The agent that acts; `None` for IssueCommand, GitHub or the operator. The match is exhaustive, so each new action must
    /// be assigned here.
    pub fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::ClaimIssue { agent, .. }
            | Self::NextIssue { agent, .. }
            | Self::NextWork { agent, .. }
            | Self::UpdateFollowup { agent, .. }
            | Self::UpdateClaim { agent, .. }
            | Self::Heard { agent, .. }
            | Self::ReleaseClaim { agent, .. } => Some(agent),
            Self::ProcessDelivery { .. }
            | Self::DeferDelivery { .. }
            | Self::ApplyPolledEvent(_)
            | Self::FinishPullPoll { .. }
            | Self::RecordHead { .. }
            | Self::RecordRepos(_)
            | Self::NameRepo { .. }
            | Self::MarkRepoUnavailable(_)
            | Self::NotifyRepoHolder(_)
            | Self::RecordIssues { .. }
            | Self::RecordIssue { .. }
            | Self::RecordEdges { .. }
            | Self::RecordCycles(_)
            | Self::RecordWriters { .. }
            | Self::RecordPolicy(..)
            | Self::JudgeRepo(_)
            | Self::RecordLogin(_)
            | Self::FinishPoll { .. }
            | Self::CompareCounts { .. }
            | Self::FinishSync { .. }
            | Self::Sweep
            | Self::SetHalt { .. }
            | Self::GiveClaim { .. }
            | Self::GiveFollowup { .. }
            | Self::DismissFollowup(..)
            | Self::ParkIssue { .. }
            | Self::OfferIssue { .. }
            | Self::Rerank(_)
            | Self::AskReadiness { .. }
            | Self::EndSession { .. }
            | Self::AskAgent(_)
            | Self::Retry(_)
            | Self::AcquireLease { .. }
            | Self::ReleaseLease(_)
            | Self::SignIn(_)
            | Self::CreateKey(_)
            | Self::RevokeKey(_)
            | Self::SettleOutbox { .. } => None,
        }
    }
    /// Whether it is the change that a caller asked for, whose answer is kept for the idempotency key of the request. The match is
    /// exhaustive, so each new action must be assigned here.
    pub fn is_asked_for(&self) -> bool {
        match self {
            Self::ClaimIssue { .. }
            | Self::NextIssue { .. }
            | Self::NextWork { .. }
            | Self::UpdateFollowup { .. }
            | Self::UpdateClaim { .. }
            | Self::ReleaseClaim { .. }
            | Self::SetHalt { .. }
            | Self::GiveClaim { .. }
            | Self::GiveFollowup { .. }
            | Self::DismissFollowup(..)
            | Self::ParkIssue { .. }
            | Self::OfferIssue { .. } => true,
            Self::Heard { .. }
            | Self::ProcessDelivery { .. }
            | Self::DeferDelivery { .. }
            | Self::ApplyPolledEvent(_)
            | Self::FinishPullPoll { .. }
            | Self::RecordHead { .. }
            | Self::RecordRepos(_)
            | Self::NameRepo { .. }
            | Self::MarkRepoUnavailable(_)
            | Self::NotifyRepoHolder(_)
            | Self::RecordIssues { .. }
            | Self::RecordIssue { .. }
            | Self::RecordEdges { .. }
            | Self::RecordCycles(_)
            | Self::RecordWriters { .. }
            | Self::RecordPolicy(..)
            | Self::JudgeRepo(_)
            | Self::RecordLogin(_)
            | Self::FinishPoll { .. }
            | Self::CompareCounts { .. }
            | Self::FinishSync { .. }
            | Self::Sweep
            | Self::Rerank(_)
            | Self::AskReadiness { .. }
            | Self::EndSession { .. }
            | Self::AskAgent(_)
            | Self::Retry(_)
            | Self::AcquireLease { .. }
            | Self::ReleaseLease(_)
            | Self::SignIn(_)
            | Self::CreateKey(_)
            | Self::RevokeKey(_)
            | Self::SettleOutbox { .. } => false,
        }
    }
}
