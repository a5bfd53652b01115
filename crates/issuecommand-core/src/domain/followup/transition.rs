//! From where to where a follow-up may go: the contract's table, and who may move it.

use crate::domain::followup::{Followup, FollowupStatus};
use crate::domain::id::AgentId;

/// Everywhere a follow-up may go from here, whoever moves it.
pub fn allowed(from: FollowupStatus) -> Vec<FollowupStatus> {
    FollowupStatus::ALL
        .into_iter()
        .filter(|to| table(from, *to))
        .collect()
}

/// A move that the table does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPermitted {
    /// The status before.
    pub from: FollowupStatus,
    /// The status that was wanted.
    pub to: FollowupStatus,
}

/// Lets a move pass or names what stands against it.
///
/// # Errors
/// [`NotPermitted`], also for a move to the same status: that is a heartbeat, and no move.
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

/// What an agent may do with a follow-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// It is its own: anything that the table has.
    Own,
    /// Nobody has it: it may be taken, never ended.
    Take,
    /// It is another agent's.
    None,
}

/// What this agent may do with this follow-up, if nobody else is on its pull request.
pub fn right(item: &Followup, agent: &AgentId) -> Right {
    match (item.status.is_held(), &item.owner) {
        (true, Some(owner)) if owner == agent => Right::Own,
        (true, _) => Right::None,
        (false, _) => Right::Take,
    }
}

/// Everywhere this agent may take this follow-up.
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
