//! The edges that commands need, and what GitHub said of authors.

use super::ReadSet;
use crate::domain::issue::{Issue, IssuePlace};
use crate::domain::policy::{Authors, Policy};
use crate::domain::repo_name::RepoName;
use crate::engine::command::Action;

/// Which edges to load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EdgeNeed {
    /// Whether to load those that lead from the loaded issues, with the repositories to which they lead. Without `to` those of issues
    /// that wait for nothing open may be left out.
    pub from: bool,
    /// Whether to load also those that lead to the loaded issues and pull requests, with the standing and the repository of each issue
    /// that they lead from, and whether an agent holds it.
    pub to: bool,
}

impl ReadSet {
    pub(super) fn need_edges(&mut self, action: &Action, policy: &Policy) {
        // One row, for whatever judges an issue.
        self.tables.own_logins.all |= policy.readiness.agent_logins.is_none() && judges(action);
        self.tables.repo_policies.all |= judges(action);
        for (repo, issue) in action.told_issues() {
            self.author(repo, issue, policy);
            self.parent(issue);
        }
        match action {
            Action::ClaimIssue { .. } | Action::AskReadiness { .. } => {
                self.edges.from = true;
                self.tables.cycles.all = true;
            }
            Action::ProcessDelivery { .. }
            | Action::ApplyPolledEvent(_)
            | Action::RecordIssues { .. }
            | Action::RecordIssue { .. }
            | Action::RecordEdges { .. }
            | Action::FinishPullPoll { .. } => self.all_edges(),
            Action::Rerank(_) => {
                self.tables.writers.all |= policy.readiness.authors != Authors::Anyone;
            }
            Action::NextIssue { .. }
            | Action::NextWork { .. }
            | Action::UpdateFollowup { .. }
            | Action::DeferDelivery { .. }
            | Action::RecordHead { .. }
            | Action::UpdateClaim { .. }
            | Action::ReleaseClaim { .. }
            | Action::RecordRepos(_)
            | Action::NameRepo { .. }
            | Action::MarkRepoUnavailable(_)
            | Action::RecordCycles(_)
            | Action::RecordWriters { .. }
            | Action::RecordPolicy(..)
            | Action::JudgeRepo(_)
            | Action::RecordLogin(_)
            | Action::FinishPoll { .. }
            | Action::NotifyRepoHolder(_)
            | Action::CompareCounts { .. }
            | Action::FinishSync { .. }
            | Action::Sweep
            | Action::SetHalt { .. }
            | Action::GiveClaim { .. }
            | Action::GiveFollowup { .. }
            | Action::DismissFollowup(..)
            | Action::ParkIssue { .. }
            | Action::OfferIssue { .. }
            | Action::Heard { .. }
            | Action::AskAgent(_)
            | Action::Retry(_)
            | Action::EndSession { .. }
            | Action::AcquireLease { .. }
            | Action::ReleaseLease(_)
            | Action::SignIn(_)
            | Action::CreateKey(_)
            | Action::RevokeKey(_)
            | Action::SettleOutbox { .. } => {}
        }
    }

    fn all_edges(&mut self) {
        (self.edges.from, self.edges.to) = (true, true);
    }

    /// What GitHub said of the author of an issue, where the settings ask for it.
    fn author(&mut self, repo: &RepoName, issue: &Issue, policy: &Policy) {
        let asked = issue.author.as_ref();
        if let Some(login) = asked.filter(|_| policy.readiness.authors != Authors::Anyone) {
            let key = (repo.key().to_owned(), login.to_lowercase());
            self.tables.writers.keys.insert(key);
        }
    }

    fn parent(&mut self, issue: &Issue) {
        if let Some(parent) = issue.more.parent.value() {
            self.end(parent);
        }
    }

    /// An issue in a repository that may not be known.
    pub(super) fn end(&mut self, place: &IssuePlace) {
        self.issue(&place.repo, place.number);
    }
}

/// Whether a command may judge issues.
fn judges(action: &Action) -> bool {
    match action {
        Action::ClaimIssue { .. }
        | Action::AskReadiness { .. }
        | Action::ProcessDelivery { .. }
        | Action::ApplyPolledEvent(_)
        | Action::RecordIssues { .. }
        | Action::RecordIssue { .. }
        | Action::RecordEdges { .. }
        | Action::FinishPullPoll { .. }
        | Action::FinishPoll { .. }
        | Action::UpdateClaim { .. }
        | Action::ReleaseClaim { .. }
        | Action::GiveClaim { .. }
        | Action::ParkIssue { .. }
        | Action::OfferIssue { .. }
        | Action::Sweep
        | Action::SettleOutbox { .. }
        | Action::RecordWriters { .. }
        | Action::RecordLogin(_)
        | Action::RecordPolicy(..)
        | Action::JudgeRepo(_)
        | Action::Rerank(_) => true,
        Action::NextIssue { .. }
        | Action::NextWork { .. }
        | Action::UpdateFollowup { .. }
        | Action::DeferDelivery { .. }
        | Action::RecordHead { .. }
        | Action::RecordRepos(_)
        | Action::NameRepo { .. }
        | Action::MarkRepoUnavailable(_)
        | Action::RecordCycles(_)
        | Action::NotifyRepoHolder(_)
        | Action::CompareCounts { .. }
        | Action::FinishSync { .. }
        | Action::SetHalt { .. }
        | Action::GiveFollowup { .. }
        | Action::DismissFollowup(..)
        | Action::Heard { .. }
        | Action::AskAgent(_)
        | Action::Retry(_)
        | Action::EndSession { .. }
        | Action::AcquireLease { .. }
        | Action::ReleaseLease(_)
        | Action::SignIn(_)
        | Action::CreateKey(_)
        | Action::RevokeKey(_) => false,
    }
}
