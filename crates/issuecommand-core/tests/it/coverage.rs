//! Counts what happens in a run, so that a proof cannot pass because nothing happened.

use std::collections::BTreeMap;

use issuecommand_core::domain::followup::WorkItemId;
use issuecommand_core::domain::webhook::WebhookAnswer;
use issuecommand_core::engine::command::{Answer, Command, Outcome};
use issuecommand_core::memory::Snapshot;

/// How often each case occurred.
#[derive(Debug, Default)]
pub(crate) struct Coverage(BTreeMap<String, u64>);

/// Required cases; each occurs at least a dozen times in the shortest run.
const EXPECTED: [&str; 77] = [
    "claim.auto_released",
    "claim.created",
    "claim.released",
    "claim.stale",
    "claim.updated",
    "sync.reconciled",
    "claimed to closed",
    "claimed to in_progress",
    "claimed to released",
    "claimed to stale",
    "in_progress to closed",
    "in_progress to pr_submitted",
    "in_progress to released",
    "in_progress to stale",
    "pr_merged to closed",
    "pr_submitted to pr_merged",
    "stale to claimed",
    "stale to in_progress",
    "stale to released",
    "AgentMismatch to UpdateClaim",
    "AlreadyClaimed to ClaimIssue",
    "ClaimNotFound to UpdateClaim",
    "Done to ClaimIssue",
    "Done to NextIssue",
    "Done to RecordIssues",
    "Done to RecordRepos",
    "IdempotencyMismatch to UpdateClaim",
    "InvalidIssue to RecordIssue",
    "InvalidTransition to UpdateClaim",
    "Issue missing to ClaimIssue",
    "Lease missing to UpdateClaim",
    "NothingEligible to NextIssue",
    "PrUrlRequired to UpdateClaim",
    "Repo missing to ClaimIssue",
    "Sync missing to NextIssue",
    "withheld CalledClosed",
    "withheld Closing",
    "withheld Gone",
    "withheld Moved",
    "withheld NotFound",
    "claim forgotten",
    "claim with a pull request",
    "followup.claimed",
    "followup.created",
    "followup.dismissed",
    "followup.done",
    "followup.stale",
    "followup.updated",
    "webhook.received",
    "item queued to claimed",
    "item queued to dismissed",
    "item queued to done",
    "item queued to in_progress",
    "item queued to stale",
    "item claimed to done",
    "item claimed to dismissed",
    "item claimed to in_progress",
    "item claimed to stale",
    "item in_progress to done",
    "item in_progress to dismissed",
    "item in_progress to stale",
    "item stale to claimed",
    "item stale to dismissed",
    "item stale to done",
    "item stale to in_progress",
    "item of several events",
    "item forgotten",
    "over before it was seen",
    "a duplicate",
    "Done to DeferDelivery",
    "Done to ApplyPolledEvent",
    "Done to NextWork",
    "Done to ProcessDelivery",
    "Done to UpdateFollowup",
    "FollowupMismatch to UpdateFollowup",
    "FollowupNotFound to UpdateFollowup",
    "FollowupTransition to UpdateFollowup",
];

impl Coverage {
    fn count(&mut self, what: impl Into<String>, times: u64) {
        *self.0.entry(what.into()).or_default() += times;
    }

    /// Counts the outcome of a command.
    pub(crate) fn outcome(&mut self, command: &Command, outcome: &Outcome) {
        let action = head(&command.action);
        let kind = match outcome {
            Outcome::Done(_) => "Done".to_owned(),
            Outcome::Refused(refusal) => head(refusal),
            Outcome::Missing(missing) => format!("{} missing", head(missing)),
        };
        self.count(format!("{kind} to {action}"), 1);
        if let Outcome::Done(Answer::Delivery { answer, .. }) = outcome {
            let duplicate = matches!(answer, WebhookAnswer::Duplicate { .. });
            self.count("a duplicate", u64::from(duplicate));
            let over = matches!(
                answer,
                WebhookAnswer::Feedback {
                    item: None,
                    idempotent: false,
                    ..
                }
            );
            self.count("over before it was seen", u64::from(over));
        }
    }

    /// Counts the final state of a history.
    pub(crate) fn end(&mut self, store: &Snapshot) {
        for event in store.events() {
            self.count(event.kind.as_str(), 1);
        }
        for claim in store.claims() {
            for pair in claim.history.windows(2) {
                self.count(format!("{} to {}", pair[0].status, pair[1].status), 1);
            }
            self.count("claim with a pull request", u64::from(claim.pull.is_some()));
        }
        for (reason, _) in store.issues().filter_map(|row| row.withheld) {
            self.count(format!("withheld {reason:?}"), 1);
        }
        for item in store.followups() {
            for pair in item.history.windows(2) {
                self.count(format!("item {} to {}", pair[0].status, pair[1].status), 1);
            }
            self.count("item of several events", u64::from(item.sources.len() > 1));
        }
        let known = |id: &WorkItemId| store.followups().any(|item| item.id == *id);
        let gone = store.sources().filter_map(|row| row.item);
        let gone = gone.filter(|id| !known(id)).count() as u64;
        self.count("item forgotten", gone);
        let kept = store.claims().count() as u64;
        self.count("claim forgotten", store.total_claims() - kept);
    }

    pub(crate) fn is_all_there(&self) {
        for what in EXPECTED {
            let times = self.0.get(what).copied().unwrap_or_default();
            eprintln!("{times:>8} {what}");
            assert!(times > 0, "never seen: {what}; seen were {:#?}", self.0);
        }
    }
}

/// The name of an enum's variant.
fn head(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.split(['(', '{', ' '])
        .next()
        .unwrap_or_default()
        .to_owned()
}
