//! Refusals in their wire form.

mod other_session;

use issuecommand_core::domain::bounds::beginning;
use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::followup::{Followup, FollowupStatus};
use issuecommand_core::domain::halt::{Halt, HaltKind, HaltOf};
use issuecommand_core::domain::id::{AgentId, IssueNumber};
use issuecommand_core::domain::readiness::NotReady;
use issuecommand_core::domain::refusal::{Ended, Refusal, Unclaimable, UnreadRepo};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{ApiError, ErrorBody, RefusalRecord, failure};
use crate::record::{ClaimRecord, ReasonRecord};

/// Why not, as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Reason {
    /// Another agent holds the issue.
    AlreadyClaimed,
    /// The issue cannot be claimed, or there is none.
    InvalidIssue,
    /// Work is halted.
    Paused,
    /// The agent has as many claims as it may have.
    AtCapacity,
    /// No active claim has that id.
    ClaimNotFound,
    /// No open follow-up has that id.
    NotFound,
    /// The claim, or the pull request, is another agent's.
    AgentMismatch,
    /// The claim or follow-up cannot go there.
    InvalidTransition,
    /// The idempotency key was used for another request.
    IdempotencyMismatch,
}

impl Reason {
    fn status(self) -> u16 {
        match self {
            Self::ClaimNotFound | Self::NotFound => 404,
            Self::AlreadyClaimed
            | Self::InvalidIssue
            | Self::Paused
            | Self::AtCapacity
            | Self::AgentMismatch
            | Self::InvalidTransition
            | Self::IdempotencyMismatch => 409,
        }
    }
}

fn plain(reason: Reason, message: String) -> RefusalRecord {
    RefusalRecord {
        ok: false,
        reason,
        message,
        owner_agent_id: None,
        claim: None,
        work_item: None,
        withheld: None,
        not_ready: Vec::new(),
        allowed_statuses: None,
        why: None,
        owner_session: None,
        may_take_over_at: None,
        also_yours: Vec::new(),
        notices: Vec::new(),
        warnings: Vec::new(),
    }
}

/// A refusal with the claim that causes it.
fn with_claim(reason: Reason, message: String, claim: &Claim) -> RefusalRecord {
    let owner_agent_id = Some(claim.agent.to_string());
    RefusalRecord {
        owner_agent_id,
        claim: Some(ClaimRecord::lean(claim)),
        ..plain(reason, message)
    }
}

fn refused(record: RefusalRecord) -> ApiError {
    ApiError {
        status: record.reason.status(),
        body: ErrorBody::Refusal(Box::new(record)),
        cause: None,
    }
}

#[expect(clippy::too_many_lines, reason = "one arm a refusal")]
pub(super) fn api_error(refusal: &Refusal) -> ApiError {
    let record = match refusal {
        Refusal::AlreadyClaimed {
            claim,
            session: Some(other),
            ..
        } => other_session::issue(claim, other),
        Refusal::AlreadyClaimed {
            claim,
            session: None,
            may_take_over_at,
        } => held(claim, *may_take_over_at),
        Refusal::InvalidIssue { repo, number, why } => unclaimable(repo, *number, *why),
        Refusal::NotReady {
            repo,
            number,
            reasons,
        } => not_ready(repo, *number, reasons),
        Refusal::NothingAmongRead { missing } => RefusalRecord {
            warnings: missing.iter().map(unread_warning).collect(),
            ..plain(Reason::InvalidIssue, NOTHING.to_owned())
        },
        Refusal::NothingEligible => plain(Reason::InvalidIssue, NOTHING.to_owned()),
        Refusal::Paused { halt, repo } => {
            plain(Reason::Paused, paused_message(halt, repo.as_ref()))
        }
        Refusal::AtCapacity { held, limit } => plain(
            Reason::AtCapacity,
            format!(
                "You hold {held} issue{s}, and {limit} is the most at a time (MAX_CLAIMS_PER_AGENT): finish or release one. \
                 Feedback on your pull requests is still given by next_work; get_my_work lists what is yours.",
                s = if *held == 1 { "" } else { "s" },
            ),
        ),
        Refusal::ClaimNotFound { id, ended: None } => return no_such_claim(&id.to_string()),
        Refusal::ClaimNotFound {
            id,
            ended: Some(ended),
        } => plain(Reason::ClaimNotFound, ended_message(&id.to_string(), ended)),
        Refusal::AgentMismatch {
            claim,
            session: Some(other),
        } => other_session::claim(claim, other),
        Refusal::AgentMismatch {
            claim,
            session: None,
        } => with_claim(
            Reason::AgentMismatch,
            format!(
                "Claim {} on {}#{} belongs to agent {:?}, who alone may move or release it. get_my_work lists what is \
                 yours.",
                claim.id,
                claim.repo_name,
                claim.number,
                claim.agent.as_str()
            ),
            claim,
        ),
        Refusal::InvalidTransition { claim, to, allowed } => RefusalRecord {
            claim: Some(ClaimRecord::lean(claim)),
            allowed_statuses: Some(allowed.iter().map(|status| status.as_str()).collect()),
            ..plain(
                Reason::InvalidTransition,
                transition_message(claim.status, *to, allowed),
            )
        },
        Refusal::PrUrlRequired { claim } => RefusalRecord {
            claim: Some(ClaimRecord::lean(claim)),
            ..plain(
                Reason::InvalidTransition,
                "pr_url is required when transitioning to pr_submitted".to_owned(),
            )
        },
        Refusal::FollowupNotFound { id } => return no_such_followup(&id.to_string()),
        Refusal::FollowupMismatch {
            owner,
            item,
            session: Some(other),
        } => other_session::followup(owner, item, other),
        Refusal::FollowupMismatch {
            owner,
            item,
            session: None,
        } => held_pull(owner, item),
        Refusal::FollowupTransition { item, to, allowed } => RefusalRecord {
            work_item: Some(item.as_ref().into()),
            allowed_statuses: Some(allowed.iter().map(|status| status.as_str()).collect()),
            ..plain(
                Reason::InvalidTransition,
                followup_transition_message(item, *to, allowed),
            )
        },
        Refusal::IdempotencyMismatch => plain(
            Reason::IdempotencyMismatch,
            "This idempotency key was used for another request. Use a new key for a new request."
                .to_owned(),
        ),
        Refusal::AgentNotAllowed { own } => return failure::agent_not_allowed(own),
        Refusal::ReadOnlyKey => return failure::read_only_key(),
        Refusal::KeyEnded => return ApiError::unauthorized(),
        Refusal::SessionNotAllowed => return failure::session_not_allowed(),
        Refusal::CallerLeft => return failure::caller_left(),
    };
    refused(record)
}

fn paused_message(halt: &Halt, repo: Option<&RepoName>) -> String {
    let note = halt.note.as_deref().map(|note| beginning(note, NOTE));
    let note = note.map(|note| format!(": {note}")).unwrap_or_default();
    if halt.by == Halt::LOOP {
        return format!(
            "You are paused since {}{note}. That looks like a loop, so a person must look first: stop, and say so to whoever \
             runs you.",
            halt.at
        );
    }
    let what = match (&halt.of, repo) {
        (HaltOf::Agent(_), _) => "for you".to_owned(),
        (HaltOf::Repo(_), Some(repo)) => format!("in {repo}"),
        (HaltOf::Everything | HaltOf::Repo(_), _) => "everywhere".to_owned(),
    };
    let (how, next) = match halt.kind {
        HaltKind::Paused => (
            "is paused",
            "Nothing is given: finish what you hold, and ask again later",
        ),
        HaltKind::Draining => (
            "is being drained",
            "No new issues are given: finish what you hold; feedback on your pull requests is still given",
        ),
    };
    format!("Work {how} {what} since {}{note}. {next}.", halt.at)
}

/// A pull request on which another agent is at work.
fn held_pull(owner: &AgentId, item: &Followup) -> RefusalRecord {
    let message = format!(
        "Agent {:?} is at work on pull request {}#{}, so all feedback on it is for that agent alone. next_work gives you other \
         work, get_my_work lists what is yours.",
        owner.as_str(),
        item.repo_name,
        item.number
    );
    RefusalRecord {
        owner_agent_id: Some(owner.to_string()),
        work_item: Some(item.into()),
        ..plain(Reason::AgentMismatch, message)
    }
}

/// An issue that another agent holds.
fn held(claim: &Claim, may_take_over_at: Option<Timestamp>) -> RefusalRecord {
    let take_over = may_take_over_at.map_or_else(String::new, |at| {
        format!(
            " It is stale; claim_issue with take_over:true takes it over from {at} on, unless there is a sign of life."
        )
    });
    let message = format!(
        "{}#{} is held by agent {:?} (status {}). Take another issue: next_issue gives you one, list_open_issues shows what \
         is free.{take_over}",
        claim.repo_name,
        claim.number,
        claim.agent.as_str(),
        claim.status
    );
    RefusalRecord {
        may_take_over_at: may_take_over_at.map(|at| at.to_string()),
        ..with_claim(Reason::AlreadyClaimed, message, claim)
    }
}

fn unclaimable(repo: &RepoName, number: IssueNumber, why: Unclaimable) -> RefusalRecord {
    let (what, reason) = match why {
        Unclaimable::Closed => ("is not open", None),
        Unclaimable::PullRequest => ("is a pull request, not an issue", None),
        Unclaimable::Closing => (
            "was finished by its agent and is being closed on GitHub (closing)",
            Some("closing"),
        ),
        Unclaimable::CloseFailed => (
            "was finished by its agent, but GitHub refuses to close it (close_failed) until somebody changes it there, by a \
                     comment, a label or closing and reopening it",
            Some("close_failed"),
        ),
    };
    let message = format!(
        "{repo}#{number} {what}, so it cannot be claimed. Take another issue: next_issue gives you one."
    );
    RefusalRecord {
        withheld: reason,
        ..plain(Reason::InvalidIssue, message)
    }
}

fn not_ready(repo: &RepoName, number: IssueNumber, reasons: &[NotReady]) -> RefusalRecord {
    let words = reasons.first().map(NotReady::words).unwrap_or_default();
    let message = format!(
        "{repo}#{number} cannot be claimed: {words}. Take another issue: next_issue gives you one."
    );
    RefusalRecord {
        not_ready: reasons.iter().map(ReasonRecord::of).collect(),
        ..plain(Reason::InvalidIssue, message)
    }
}

/// The message is fixed, because clients of the legacy service match it.
const NOTHING: &str = "No eligible unclaimed issues found";

fn unread_warning(unread: &UnreadRepo) -> String {
    if let Some(words) = unread.words() {
        return words;
    }
    let repo = &unread.repo;
    format!(
        "The issues of {repo} cannot be read from GitHub now: there may be work that is not known yet."
    )
}

pub(super) fn no_such_claim(id: &str) -> ApiError {
    // Whatever was sent as an id is echoed only up to the maximum length of an id.
    let id: String = id.chars().take(64).collect();
    let message =
        format!("No claim has the id {id:?}. get_my_work lists your claims with their ids.");
    let record = plain(Reason::ClaimNotFound, message);
    refused(record)
}

pub(super) fn no_such_followup(id: &str) -> ApiError {
    let id: String = id.chars().take(64).collect();
    let message = format!(
        "No open follow-up has the id {id:?}: it has ended, perhaps by a push, or never was. get_my_work lists those that \
         are yours, next_work gives you other work."
    );
    refused(plain(Reason::NotFound, message))
}

/// The most bytes of a note in a sentence.
const NOTE: usize = 400;

fn ended_message(id: &str, ended: &Ended) -> String {
    let Ended {
        status,
        at,
        note,
        repo,
        number,
        holder,
    } = ended;
    let note = note
        .as_ref()
        .map(|note| format!(" with the note {:?}", beginning(note, NOTE)))
        .unwrap_or_default();
    let now = match holder {
        Some(agent) => {
            format!("Agent {:?} holds the issue now. Take another one: next_issue gives you one.", agent.as_str())
        }
        None => "Nobody holds the issue now: claim_issue takes it again if it is still open, next_issue gives you \
                 another one."
            .to_owned(),
    };
    format!("Claim {id} on {repo}#{number} was {status} at {at}{note}. {now}")
}

fn transition_message(from: ClaimStatus, to: ClaimStatus, allowed: &[ClaimStatus]) -> String {
    let allowed: Vec<&str> = allowed.iter().map(|status| status.as_str()).collect();
    let first = match (from, to) {
        (
            ClaimStatus::Claimed | ClaimStatus::Stale,
            ClaimStatus::PrSubmitted | ClaimStatus::PrMerged | ClaimStatus::Closed,
        ) => " First say in_progress with update_claim_status.",
        (ClaimStatus::InProgress, ClaimStatus::PrMerged | ClaimStatus::Closed) => {
            " First say pr_submitted with pr_url."
        }
        (ClaimStatus::PrSubmitted, ClaimStatus::Closed) => " First say pr_merged.",
        _ => "",
    };
    format!(
        "A claim cannot go from {from} to {to}. From {from} you may go to: {}.{first}",
        allowed.join(", ")
    )
}

fn followup_transition_message(
    item: &Followup,
    to: FollowupStatus,
    allowed: &[FollowupStatus],
) -> String {
    let from = item.status;
    let allowed: Vec<&str> = allowed.iter().map(|status| status.as_str()).collect();
    let allowed = allowed.join(", ");
    if item.waits() {
        format!(
            "This follow-up is {from} and held by nobody: you may take it ({allowed}) and then end it, but not bring it to {to} \
             now."
        )
    } else {
        format!("A follow-up cannot go from {from} to {to}. From {from} you may go to: {allowed}.")
    }
}
