//! What a run came across, so that a proof cannot pass because nothing ever happened.

use std::collections::BTreeMap;

use issuecommand_core::command::{Command, Outcome};
use issuecommand_core::memory::Snapshot;

/// How often each thing happened.
#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeMap<String, u64>);

/// What must have happened; each happens a dozen times and more in the shortest run.
const EXPECTED: [&str; 42] = [
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
    "Done to SeeIssues",
    "Done to SeeRepos",
    "IdempotencyMismatch to UpdateClaim",
    "InvalidIssue to SeeIssue",
    "InvalidTransition to UpdateClaim",
    "Issue missing to ClaimIssue",
    "Lease missing to UpdateClaim",
    "NothingEligible to NextIssue",
    "PrUrlRequired to UpdateClaim",
    "Repo missing to ClaimIssue",
    "Sync missing to NextIssue",
    "doubt CalledClosed",
    "doubt Closing",
    "doubt Gone",
    "doubt Moved",
    "doubt NotFound",
    "claim forgotten",
    "claim with a pull request",
];

impl Tally {
    fn count(&mut self, what: impl Into<String>, times: u64) {
        *self.0.entry(what.into()).or_default() += times;
    }

    /// Takes note of what a command came to.
    pub(crate) fn outcome(&mut self, command: &Command, outcome: &Outcome) {
        let action = head(&command.action);
        let kind = match outcome {
            Outcome::Done(_) => "Done".to_owned(),
            Outcome::Refused(refusal) => head(refusal),
            Outcome::Missing(missing) => format!("{} missing", head(missing)),
        };
        self.count(format!("{kind} to {action}"), 1);
    }

    /// Takes note of where a history ended.
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
        for (doubt, _) in store.issues().filter_map(|row| row.doubt) {
            self.count(format!("doubt {doubt:?}"), 1);
        }
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
