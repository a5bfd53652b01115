//! The contract's transition table of follow-ups, and which agents may move them.

use crate::domain::followup::{Followup, FollowupStatus};
use crate::domain::id::AgentId;

/// All statuses that a follow-up may move to, for any agent.
pub fn allowed(from: FollowupStatus) -> Vec<FollowupStatus> {
    FollowupStatus::ALL
        .into_iter()
        .filter(|to| table(from, *to))
        .collect()
}

/// A move that the table does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPermitted {
    /// The present status.
    pub from: FollowupStatus,
    /// The requested status.
    pub to: FollowupStatus,
}

/// Checks a move.
///
/// # Errors
/// [`NotPermitted`], also for the same status, which is a heartbeat.
pub fn permit(from: FollowupStatus, to: FollowupStatus) -> Result<(), NotPermitted> {
    if table(from, to) {
        Ok(())
    } else {
        Err(NotPermitted { from, to })
    }
}

/// Whether the table has this move.
pub fn table(from: FollowupStatus, to: FollowupStatus) -> bool {
    use FollowupStatus::{Claimed, Dismissed, Done, InProgress, Queued, Stale};
    match from {
        Queued => matches!(to, Claimed | InProgress | Done | Dismissed | Stale),
        Claimed => matches!(to, InProgress | Done | Dismissed | Stale),
        InProgress => matches!(to, Done | Dismissed | Stale),
        Stale => matches!(to, Claimed | InProgress | Done | Dismissed),
        Done | Dismissed => false,
    }
}

/// The permission of an agent on a follow-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// The agent holds it, and may make any move of the table.
    Own,
    /// No agent holds it. It may be taken but not ended.
    Take,
    /// Another agent holds it.
    None,
}

/// This agent's permission on this follow-up, if no other agent holds its pull request.
pub fn right(item: &Followup, agent: &AgentId) -> Right {
    match (item.status.is_held(), &item.owner) {
        (true, Some(owner)) if owner == agent => Right::Own,
        (true, _) => Right::None,
        (false, _) => Right::Take,
    }
}

/// The statuses that this agent may move this follow-up to.
pub fn allowed_to(item: &Followup, agent: &AgentId) -> Vec<FollowupStatus> {
    let mut to = allowed(item.status);
    match right(item, agent) {
        Right::Own => {}
        Right::Take => to.retain(|to| to.is_held()),
        Right::None => to.clear(),
    }
    to
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn the_whole_table() {
        let mut text = String::new();
        for from in FollowupStatus::ALL {
            let to: Vec<&str> = allowed(from)
                .into_iter()
                .map(FollowupStatus::as_str)
                .collect();
            writeln!(text, "{from} | {}", to.join(", ")).unwrap();
        }
        assert_eq!(
            text,
            "queued | claimed, in_progress, done, dismissed, stale\n\
             claimed | in_progress, done, dismissed, stale\n\
             in_progress | done, dismissed, stale\n\
             done | \ndismissed | \n\
             stale | claimed, in_progress, done, dismissed\n"
        );
    }
}
