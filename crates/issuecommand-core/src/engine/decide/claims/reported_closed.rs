//! Withholds an issue that an agent reported closed, and has it closed on GitHub.

use crate::domain::claim::Claim;
use crate::domain::id::IdGenerator;
use crate::domain::issue::{IssueState, MirroredIssue, WithheldReason};
use crate::domain::outbox::{OutboxEntry, OutboxId, Write};
use crate::engine::decide::Context;
use crate::engine::decide::effects::Effects;
use crate::engine::view::Rows;

impl Context<'_> {
    /// The agent reported its issue closed, so the issue is withheld until GitHub answers. With `auto_close`, the returned
    /// entry tells GitHub to close it.
    pub(super) fn call_closed(
        &self,
        claim: &Claim,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> Option<OutboxEntry> {
        let entry = self.policy.auto_close.then(|| OutboxEntry {
            id: OutboxId(ids.uuid()),
            write: Write::CloseIssue {
                repo: claim.repo_name.clone(),
                number: claim.number,
            },
            repo: Some(claim.repo),
            claim: Some(claim.id),
            coalesce_key: Some(OutboxEntry::issue_key(claim.key())),
            attempts: 0,
            due: self.now.plus(OutboxEntry::HEAD_START),
            error: None,
            failed_at: None,
        });
        if let Some(entry) = &entry {
            fx.put_row(entry.clone());
        }
        let issue = self
            .view
            .issue(claim.key())
            .filter(|issue| issue.facts.state == IssueState::Open);
        if let Some(issue) = issue {
            let reason = if self.policy.auto_close {
                WithheldReason::Closing
            } else {
                WithheldReason::CalledClosed
            };
            fx.put_issue(MirroredIssue {
                withheld: Some((reason, self.now)),
                ..issue.clone()
            });
        }
        entry
    }
}
