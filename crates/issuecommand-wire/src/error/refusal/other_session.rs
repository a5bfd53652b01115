//! Refusals since another live session of the caller's own name is at work.

use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::followup::Followup;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::session::OtherSession;

use super::{Reason, RefusalRecord, plain, with_claim};

/// An issue that the other session holds.
pub(super) fn issue(claim: &Claim, other: &OtherSession) -> RefusalRecord {
    let message = format!(
        "{}#{} is held by another live session of your name {:?} ({}). If that session is over or you are to go on in its place, \
         call claim_issue again with take_over:true; to work beside it, use another agent_id. next_work gives you other work.",
        claim.repo_name,
        claim.number,
        claim.agent.as_str(),
        words(other)
    );
    RefusalRecord {
        owner_session: Some(other.id.to_string()),
        ..with_claim(Reason::AlreadyClaimed, message, claim)
    }
}

/// A claim that the other session holds.
pub(super) fn claim(claim: &Claim, other: &OtherSession) -> RefusalRecord {
    let message = format!(
        "Claim {} on {}#{} is at work in another live session of {:?} ({}). Only that session may move it; claim_issue with \
         take_over:true first makes it yours.",
        claim.id,
        claim.repo_name,
        claim.number,
        claim.agent.as_str(),
        words(other)
    );
    RefusalRecord {
        owner_session: Some(other.id.to_string()),
        ..with_claim(Reason::AgentMismatch, message, claim)
    }
}

/// A follow-up of a pull request on which the other session is at work.
pub(super) fn followup(owner: &AgentId, item: &Followup, other: &OtherSession) -> RefusalRecord {
    let message = format!(
        "Another live session of your name ({}) is at work on pull request {}#{}, so all feedback on it is for that session alone. \
         next_work gives you other work.",
        words(other),
        item.repo_name,
        item.number
    );
    RefusalRecord {
        owner_agent_id: Some(owner.to_string()),
        owner_session: Some(other.id.to_string()),
        work_item: Some(item.into()),
        ..plain(Reason::AgentMismatch, message)
    }
}

/// Which session, and when it was last heard.
fn words(other: &OtherSession) -> String {
    let minutes = other.silent / 60_000;
    let s = if minutes == 1 { "" } else { "s" };
    let heard = match minutes {
        0 => "last heard less than a minute ago".to_owned(),
        _ => format!("last heard {minutes} minute{s} ago"),
    };
    format!("session {}…, {heard}", other.id.short())
}
