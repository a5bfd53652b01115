//! The table of every refusal and failure, for comparison with the contract.

use std::fmt::Write;

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::failure::{
    Failure, GithubError, GithubErrorKind, StoreError, Unwritable,
};
use issuecommand_core::domain::followup::{Followup, FollowupStatus};
use issuecommand_core::domain::halt::{Halt, HaltKind, HaltOf};
use issuecommand_core::domain::id::RepoId;
use issuecommand_core::domain::refusal::{Ended, Refusal, Unclaimable, UnreadRepo};
use issuecommand_core::domain::time::Millis;
use issuecommand_core::service::ServiceError;
use issuecommand_wire::ApiError;

use crate::samples::{
    agent, at, bare_claim, bare_followup, claim_id, number, repo_name, work_item_id,
};

/// The text that must not get out.
const INNER: &str = "secret";

fn told(no: &ApiError) -> String {
    let body = no.json();
    let object = body.as_object().unwrap();
    assert_eq!(object["ok"], false);
    let word = object
        .get("error")
        .or(object.get("reason"))
        .unwrap()
        .as_str()
        .unwrap();
    let mut text = format!("{} {word}", no.status);
    for name in object.keys() {
        let word = if no.is_failure() { "error" } else { "reason" };
        if !["ok", word, "message"].contains(&name.as_str()) {
            write!(text, " +{name}").unwrap();
        }
    }
    if let Some(seconds) = no.retry_after_seconds() {
        write!(text, " ({seconds} s)").unwrap();
    }
    assert_eq!(no.is_failure(), object.contains_key("error"));
    if let Some(message) = object.get("message") {
        write!(text, "\n  {}", message.as_str().unwrap()).unwrap();
    }
    assert!(!text.contains(INNER), "{text}");
    text + "\n"
}

#[expect(clippy::too_many_lines, reason = "an entry for each refusal")]
fn refusals() -> Vec<Refusal> {
    let claim = || Box::new(bare_claim());
    let ended = |status, note: Option<&str>, holder: Option<&str>| Refusal::ClaimNotFound {
        id: claim_id(),
        ended: Some(Box::new(Ended {
            status,
            at: at("2026-01-02T03:04:05.006Z"),
            note: note.map(str::to_owned),
            repo: repo_name(),
            number: number(7),
            holder: holder.map(agent),
        })),
    };
    let halt = |of, kind, by: &str| {
        Box::new(Halt {
            of,
            kind,
            by: by.to_owned(),
            note: Some("why".to_owned()),
            at: at("2026-01-02T03:04:05.006Z"),
        })
    };
    vec![
        Refusal::AlreadyClaimed {
            claim: claim(),
            session: None,
            may_take_over_at: None,
        },
        Refusal::InvalidIssue {
            repo: repo_name(),
            number: number(7),
            why: Unclaimable::Closed,
        },
        Refusal::InvalidIssue {
            repo: repo_name(),
            number: number(7),
            why: Unclaimable::PullRequest,
        },
        Refusal::InvalidIssue {
            repo: repo_name(),
            number: number(7),
            why: Unclaimable::Closing,
        },
        Refusal::InvalidIssue {
            repo: repo_name(),
            number: number(7),
            why: Unclaimable::CloseFailed,
        },
        Refusal::NothingEligible,
        Refusal::NothingAmongRead {
            missing: vec![UnreadRepo {
                repo: repo_name(),
                status: None,
            }],
        },
        Refusal::NothingAmongRead {
            missing: vec![UnreadRepo {
                repo: repo_name(),
                status: Some(403),
            }],
        },
        Refusal::Paused {
            halt: halt(HaltOf::Everything, HaltKind::Paused, "api-key"),
            repo: None,
        },
        Refusal::Paused {
            halt: halt(HaltOf::Repo(RepoId(1)), HaltKind::Draining, "api-key"),
            repo: Some(repo_name()),
        },
        Refusal::Paused {
            halt: halt(HaltOf::Agent(agent("bob")), HaltKind::Paused, Halt::LOOP),
            repo: None,
        },
        Refusal::AtCapacity { held: 3, limit: 3 },
        Refusal::ClaimNotFound {
            id: claim_id(),
            ended: None,
        },
        ended(
            ClaimStatus::Released,
            Some("say \"hi\"\nand go"),
            Some("bob"),
        ),
        ended(ClaimStatus::Closed, None, None),
        Refusal::AgentMismatch {
            claim: claim(),
            session: None,
        },
        Refusal::InvalidTransition {
            claim: claim(),
            to: ClaimStatus::PrMerged,
            allowed: vec![ClaimStatus::InProgress, ClaimStatus::Released],
        },
        Refusal::PrUrlRequired { claim: claim() },
        Refusal::FollowupNotFound { id: work_item_id() },
        Refusal::FollowupMismatch {
            owner: agent("bob"),
            item: Box::new(bare_followup()),
            session: None,
        },
        Refusal::FollowupTransition {
            item: Box::new(bare_followup()),
            to: FollowupStatus::Done,
            allowed: vec![FollowupStatus::Claimed, FollowupStatus::InProgress],
        },
        Refusal::FollowupTransition {
            item: Box::new(Followup {
                status: FollowupStatus::InProgress,
                ..bare_followup()
            }),
            to: FollowupStatus::Claimed,
            allowed: vec![FollowupStatus::Done],
        },
        Refusal::IdempotencyMismatch,
        Refusal::AgentNotAllowed { own: agent("bob") },
        Refusal::ReadOnlyKey,
    ]
}

#[test]
fn refusals_in_the_error_table() {
    let table: String = refusals()
        .into_iter()
        .map(|refusal| told(&(&ServiceError::from(refusal)).into()))
        .collect();
    assert_eq!(
        table,
        r#"409 already_claimed +claim +owner_agent_id
  Acme/Api#7 is held by agent "ada" (status claimed). Take another issue: next_issue gives you one, list_open_issues shows what is free.
409 invalid_issue
  Acme/Api#7 is not open, so it cannot be claimed. Take another issue: next_issue gives you one.
409 invalid_issue
  Acme/Api#7 is a pull request, not an issue, so it cannot be claimed. Take another issue: next_issue gives you one.
409 invalid_issue +withheld
  Acme/Api#7 was finished by its agent and is being closed on GitHub (closing), so it cannot be claimed. Take another issue: next_issue gives you one.
409 invalid_issue +withheld
  Acme/Api#7 was finished by its agent, but GitHub refuses to close it (close_failed) until somebody changes it there, by a comment, a label or closing and reopening it, so it cannot be claimed. Take another issue: next_issue gives you one.
409 invalid_issue
  No eligible unclaimed issues found
409 invalid_issue +warnings
  No eligible unclaimed issues found
409 invalid_issue +warnings
  No eligible unclaimed issues found
409 paused
  Work is paused everywhere since 2026-01-02T03:04:05.006Z: why. Nothing is given: finish what you hold, and ask again later.
409 paused
  Work is being drained in Acme/Api since 2026-01-02T03:04:05.006Z: why. No new issues are given: finish what you hold; feedback on your pull requests is still given.
409 paused
  You are paused since 2026-01-02T03:04:05.006Z: why. That looks like a loop, so a person must look first: stop, and say so to whoever runs you.
409 at_capacity
  You hold 3 issues, and 3 is the most at a time (MAX_CLAIMS_PER_AGENT): finish or release one. Feedback on your pull requests is still given by next_work; get_my_work lists what is yours.
404 claim_not_found
  No claim has the id "00000000-0000-4000-8000-000000000007". get_my_work lists your claims with their ids.
404 claim_not_found
  Claim 00000000-0000-4000-8000-000000000007 on Acme/Api#7 was released at 2026-01-02T03:04:05.006Z with the note "say \"hi\"\nand go". Agent "bob" holds the issue now. Take another one: next_issue gives you one.
404 claim_not_found
  Claim 00000000-0000-4000-8000-000000000007 on Acme/Api#7 was closed at 2026-01-02T03:04:05.006Z. Nobody holds the issue now: claim_issue takes it again if it is still open, next_issue gives you another one.
409 agent_mismatch +claim +owner_agent_id
  Claim 00000000-0000-4000-8000-000000000007 on Acme/Api#7 belongs to agent "ada", who alone may move or release it. get_my_work lists what is yours.
409 invalid_transition +allowed_statuses +claim
  A claim cannot go from claimed to pr_merged. From claimed you may go to: in_progress, released. First say in_progress with update_claim_status.
409 invalid_transition +claim
  pr_url is required when transitioning to pr_submitted
404 not_found
  No open follow-up has the id "00000000-0000-4000-8000-000000000009": it has ended, perhaps by a push, or never was. get_my_work lists those that are yours, next_work gives you other work.
409 agent_mismatch +owner_agent_id +work_item
  Agent "bob" is at work on pull request Acme/Api#8, so all feedback on it is for that agent alone. next_work gives you other work, get_my_work lists what is yours.
409 invalid_transition +allowed_statuses +work_item
  This follow-up is queued and held by nobody: you may take it (claimed, in_progress) and then end it, but not bring it to done now.
409 invalid_transition +allowed_statuses +work_item
  A follow-up cannot go from in_progress to claimed. From in_progress you may go to: done.
409 idempotency_mismatch
  This idempotency key was used for another request. Use a new key for a new request.
403 agent_not_allowed
  The key that you come with acts as agent "bob" alone. Nothing was changed. Give that as agent_id, or ask the operator for a key of your own.
403 read_only_key
  The key that you come with may look and change nothing. Nothing was changed. Ask the operator for a key that may.
"#
    );
}

fn failures() -> Vec<Failure> {
    let inner = || INNER.to_owned();
    let github = |kind, wait: Option<i64>| {
        Failure::Github(GithubError {
            kind,
            retry_after: wait.map(Millis),
            status: None,
            detail: inner(),
        })
    };
    vec![
        Failure::IssueNotFound {
            repo: repo_name(),
            number: number(7),
        },
        Failure::RepoNotFound { repo: repo_name() },
        github(GithubErrorKind::NotFound, None),
        Failure::RepoNotAllowed { repo: repo_name() },
        Failure::ScopeTooNarrow,
        Failure::NotThere("No delivery waits under the id x.".to_owned()),
        github(GithubErrorKind::Refused, None),
        github(GithubErrorKind::Limited, Some(90_001)),
        github(GithubErrorKind::Limited, Some(0)),
        github(GithubErrorKind::Unreachable, None),
        github(GithubErrorKind::Unexpected, None),
        Failure::IssuesUnreadable {
            repo: repo_name(),
            status: 403,
        },
        Failure::IssuesUnreadable {
            repo: repo_name(),
            status: 410,
        },
        Failure::CannotListRepos { too_many: true },
        Failure::CannotListRepos { too_many: false },
        Failure::NotSynced,
        Failure::Store(StoreError::Busy(inner())),
        Failure::Store(StoreError::Unavailable(inner())),
        Failure::Store(StoreError::Unwritable {
            why: Unwritable::DiskFull,
            detail: inner(),
        }),
        Failure::Store(StoreError::Fenced("What callers are told.".to_owned())),
        Failure::Store(StoreError::OutcomeUnknown(inner())),
        Failure::Store(StoreError::Corrupt(inner())),
        Failure::Store(StoreError::NewerSchema { found: 2, known: 1 }),
        Failure::Internal(inner()),
        Failure::LeaseLost(inner()),
    ]
}

#[test]
fn failures_in_the_error_table() {
    let mut table = String::new();
    for failure in failures() {
        let no = ApiError::from(&ServiceError::from(failure.clone()));
        // The store itself logs these two, once.
        let told_once = matches!(
            failure,
            Failure::Store(StoreError::Fenced(_) | StoreError::Unwritable { .. })
        );
        assert_eq!(
            no.cause,
            (!told_once).then(|| failure.to_string()),
            "the log hears what callers do not"
        );
        table += &told(&no);
    }
    assert_eq!(
        table,
        "404 issue_not_found
  GitHub shows no issue Acme/Api#7. list_open_issues shows the issues of a repository.
404 issue_not_found
  GitHub shows no repository Acme/Api. list_repos shows the repositories that you can work on.
404 issue_not_found
  GitHub shows no such repository or issue. list_repos shows the repositories that you can work on.
403 repo_not_allowed
  Acme/Api is not among the repositories that are allowed here. list_repos shows those that are.
403 repo_not_allowed
  This key may see some repositories only, and this concerns all of them. Name one of its repositories with repo, where that is possible, or use a key without that limit.
404 not_found
  No delivery waits under the id x.
503 github_unavailable +retry_after_seconds (30 s)
  GitHub refuses the credential of this service; its operator must look at it. Nothing was changed. Try again in 30 s.
503 github_unavailable +retry_after_seconds (91 s)
  GitHub limits this service for now. Nothing was changed. Try again in 91 s.
503 github_unavailable +retry_after_seconds (1 s)
  GitHub limits this service for now. Nothing was changed. Try again in 1 s.
503 github_unavailable +retry_after_seconds (30 s)
  GitHub did not answer. Nothing was changed. Try again in 30 s.
503 github_unavailable +retry_after_seconds (30 s)
  GitHub answered something that cannot be read. Nothing was changed. Try again in 30 s.
503 github_unavailable +retry_after_seconds (30 s)
  The issues of Acme/Api cannot be read: GitHub answers 403; give the credential the Issues permission on it, or leave it out of ALLOWED_REPOS (for the operator of this service). Nothing was changed. list_repos shows the repositories that you can work on.
503 github_unavailable +retry_after_seconds (30 s)
  The issues of Acme/Api cannot be read: GitHub answers 410; switch its issues on, or leave it out of ALLOWED_REPOS (for the operator of this service). Nothing was changed. list_repos shows the repositories that you can work on.
503 github_unavailable
  The credential of this service sees more than 10,000 repositories, which are too many to list. Its operator must name those to work on: ALLOWED_REPOS=owner/name,owner/name. Nothing was changed.
503 github_unavailable
  The credential of this service may not list repositories, as an App's installation may not. Its operator must name those to work on: ALLOWED_REPOS=owner/name,owner/name. Nothing was changed.
503 github_unavailable +retry_after_seconds (30 s)
  The issues are being read from GitHub for the first time. Nothing was changed. Try again in 30 s.
503 store_busy +retry_after_seconds (1 s)
  The database is busy. Nothing was changed. Try again in 1 s.
503 store_unavailable +retry_after_seconds (5 s)
  The database cannot be reached. Nothing was changed. Try again in 5 s.
503 store_unavailable +retry_after_seconds (30 s)
  The database cannot be written to: its disk is full. The operator of this service must look at it. What only reads is still answered, and writing begins again by itself. Nothing was changed. Try again in 30 s.
503 store_unavailable
  What callers are told.
503 outcome_unknown +retry_after_seconds (1 s)
  It is not known whether this was done. Look at get_my_work before you repeat it: what you asked for may already be yours.
500 internal_error
  An unexpected server error occurred
500 internal_error
  An unexpected server error occurred
500 internal_error
  An unexpected server error occurred
500 internal_error
  An unexpected server error occurred
"
    );
}

#[test]
fn the_surfaces_own_failures() {
    let table: String = [
        ApiError::bad_request("x is missing."),
        ApiError::unauthorized(),
        ApiError::not_found(),
        ApiError::body_timed_out(),
        ApiError::payload_too_large(1024),
        ApiError::internal(),
        ApiError::call_timed_out(),
        ApiError::delivery_timed_out(),
        ApiError::unauthorized_webhook("invalid_signature"),
        ApiError::invalid_webhook("payload_must_be_an_object"),
    ]
    .iter()
    .map(told)
    .collect();
    assert_eq!(
        table,
        "400 request_failed
  x is missing.
401 unauthorized
  This needs a key that is good here: Authorization: Bearer <API_KEY>, or a named key. Nothing was done.
404 not_found
  There is nothing at this path, or not by this method. Nothing was done.
408 request_timeout
  The body of the request did not come in time. Nothing was done.
413 payload_too_large
  The body is too large: at most 1024 bytes are taken.
500 internal_error
  An unexpected server error occurred
503 github_unavailable +retry_after_seconds (30 s)
  This takes longer than usual and goes on without you; most likely issues are being read from GitHub for the first time. Look at get_my_work before you repeat it: what you asked for may already be yours.
503 store_busy +retry_after_seconds (5 s)
  Taking this delivery takes longer than usual and goes on without you. Sending it again is safe: a delivery is taken once.
401 unauthorized_webhook +reason
400 invalid_webhook_payload +reason
"
    );
    assert_eq!(
        ApiError::unauthorized_webhook("invalid_signature").json(),
        serde_json::json!({ "ok": false, "error": "unauthorized_webhook", "reason": "invalid_signature" })
    );
    assert_eq!(
        ApiError::invalid_webhook("payload_must_be_an_object").json(),
        serde_json::json!({ "ok": false, "error": "invalid_webhook_payload", "reason": "payload_must_be_an_object" })
    );
    assert_eq!(
        ApiError::unauthorized().json(),
        serde_json::json!({ "ok": false, "error": "unauthorized", "message": "This needs a key that is good here: Authorization: Bearer <API_KEY>, or a named key. Nothing was done." })
    );
}
