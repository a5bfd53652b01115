//! Builders of commands. Agents' commands have a local caller, those of the mirror have IssueCommand itself.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::{KeyName, NewKey, SecretHash};
use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::SyncStats;
use issuecommand_core::domain::followup::{FollowupStatus, WorkItemId};
use issuecommand_core::domain::id::{ClaimId, IssueKey};
use issuecommand_core::domain::issue::{Issue, IssueFilter, IssueLookup};
use issuecommand_core::domain::lease::LeaseProof;
use issuecommand_core::domain::outbox::{OutboxEntry, OutboxId, Write, WriteFailure};
use issuecommand_core::domain::pull_request::ListedPull;
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::sync::{SyncFault, SyncRun};
use issuecommand_core::domain::time::{Millis, Timestamp};
use issuecommand_core::engine::command::{Action, CandidateChecks, Command, Reading};

use super::{agent, local, number, repo};

fn own(action: Action) -> Command {
    Command::new(&local(), action)
}

/// The agent claims this issue.
pub fn claim(who: &str, name: &str, n: i64) -> Command {
    own(Action::ClaimIssue {
        agent: agent(who),
        repo: repo(name),
        number: number(n),
        unreachable: false,
        take_over: false,
    })
}

/// The agent asks for any issue.
pub fn next(who: &str) -> Command {
    next_of(who, IssueFilter::default())
}

/// The agent asks for an issue that matches, as the mirror knows it.
pub fn next_of(who: &str, filter: IssueFilter) -> Command {
    own(Action::NextIssue {
        agent: agent(who),
        filter,
        checks: unreachable(),
    })
}

/// The agent asks for an issue with fresh evidence, except `busy` ones.
pub fn next_vouched(who: &str, busy: impl IntoIterator<Item = IssueKey>) -> Command {
    own(Action::NextIssue {
        agent: agent(who),
        filter: IssueFilter::default(),
        checks: CandidateChecks {
            unreachable: false,
            busy: busy.into_iter().collect(),
        },
    })
}

/// GitHub cannot be reached, so the mirror's state suffices.
pub fn unreachable() -> CandidateChecks {
    CandidateChecks {
        unreachable: true,
        ..CandidateChecks::default()
    }
}

/// The agent asks for feedback or an issue.
pub fn work(who: &str) -> Command {
    work_of(who, IssueFilter::default())
}

/// The agent asks for feedback, or for an issue that matches.
pub fn work_of(who: &str, filter: IssueFilter) -> Command {
    own(Action::NextWork {
        agent: agent(who),
        filter,
        checks: unreachable(),
    })
}

/// The agent moves the follow-up, without a note.
pub fn follow(who: &str, item: WorkItemId, to: FollowupStatus) -> Command {
    own(Action::UpdateFollowup {
        item,
        agent: agent(who),
        to,
        note: None,
    })
}

/// The claim's own agent moves it, without a note.
pub fn update(claim: &Claim, to: ClaimStatus) -> Command {
    own(Action::UpdateClaim {
        claim: claim.id,
        agent: claim.agent.clone(),
        to,
        note: None,
        pr_url: None,
    })
}

/// The claim's own agent sends a heartbeat.
pub fn beat(claim: &Claim) -> Command {
    update(claim, claim.status)
}

/// The claim's own agent releases the issue.
pub fn release(claim: &Claim) -> Command {
    own(Action::ReleaseClaim {
        claim: claim.id,
        agent: claim.agent.clone(),
        reason: None,
        outcome: None,
    })
}

/// GitHub returned these repositories.
pub fn record_repos(facts: &[RepoSnapshot]) -> Command {
    Command::system(Action::RecordRepos(facts.to_vec()))
}

/// GitHub answered 404 for the repository.
pub fn mark_repo_unavailable(name: &str) -> Command {
    Command::system(Action::MarkRepoUnavailable(repo(name)))
}

/// A list of GitHub contained these issues.
pub fn record_issues(name: &str, issues: impl IntoIterator<Item = impl Into<Issue>>) -> Command {
    Command::system(Action::RecordIssues {
        repo: repo(name),
        issues: issues.into_iter().map(Into::into).collect(),
        pulls: Vec::new(),
    })
}

/// A list of GitHub contained these pull requests: their numbers, and whether they are open.
pub fn list_pulls(name: &str, pulls: &[(i64, bool)]) -> Command {
    let listed = |(n, open): &(i64, bool)| ListedPull {
        number: number(*n),
        open: *open,
    };
    Command::system(Action::RecordIssues {
        repo: repo(name),
        issues: Vec::new(),
        pulls: pulls.iter().map(listed).collect(),
    })
}

/// GitHub's response for this one issue.
pub fn record_issue(name: &str, n: i64, seen: IssueLookup) -> Command {
    Command::system(Action::RecordIssue {
        repo: repo(name),
        number: number(n),
        seen,
    })
}

/// A poll that began at that time was complete.
pub fn finish_poll(name: &str, began: Timestamp) -> Command {
    Command::system(Action::FinishPoll {
        repo: repo(name),
        began,
        watermark: None,
        etag: None,
        reading: Reading::default(),
    })
}

/// All open issues of a repository were read, starting at that time.
pub fn full_poll(name: &str, began: Timestamp) -> Command {
    let mut command = finish_poll(name, began);
    if let Action::FinishPoll { reading, .. } = &mut command.action {
        reading.full = true;
    }
    command
}

/// A sync of all repositories ended with these results.
pub fn finish_sync(tally: SyncStats, faults: &[SyncFault]) -> Command {
    let faults = faults.to_vec();
    let run = SyncRun {
        scope: Scope::All,
        read: true,
        faults,
    };
    let run = Box::new(run);
    Command::system(Action::FinishSync { tally, run })
}

/// Time has passed.
pub fn sweep() -> Command {
    Command::system(Action::Sweep)
}

/// The priority table changed.
pub fn rerank(after: Option<IssueKey>) -> Command {
    Command::system(Action::Rerank(after))
}

/// The process asks for the lease.
pub fn acquire_lease(name: &str, holder: &str, length: Millis) -> Command {
    Command::system(Action::AcquireLease {
        name: name.to_owned(),
        holder: holder.to_owned(),
        length,
    })
}

/// The proof of a lease that may never have been acquired. Read from its stored form, since core makes proofs for acquired leases only.
pub fn lease_proof(name: &str, holder: &str, epoch: i64) -> LeaseProof {
    let stored = serde_json::json!({"name": name, "holder": holder, "epoch": epoch});
    serde_json::from_value(stored).expect("the stored form of a proof")
}

/// The process releases the lease.
pub fn release_lease(proof: &LeaseProof) -> Command {
    Command::system(Action::ReleaseLease(proof.clone()))
}

/// A key without restrictions, with this name and a digest made of the number.
pub fn new_key(name: &str, secret: u8) -> NewKey {
    NewKey {
        name: KeyName::parse(name).expect("a good name for a key"),
        hash: SecretHash([secret; 32]),
        agent: None,
        read_only: false,
        scope: Scope::All,
        expires_at: None,
    }
}

/// The operator creates a key.
pub fn create_key(new: NewKey) -> Command {
    Command::system(Action::CreateKey(Box::new(new)))
}

/// The operator revokes a key.
pub fn revoke_key(which: &str) -> Command {
    Command::system(Action::RevokeKey(which.to_owned()))
}

/// The result of a write to GitHub.
pub fn settle(entry: &OutboxEntry, error: Option<&str>) -> Command {
    settle_with(entry, error.map(|words| failure(words, None)))
}

/// An outbox entry that no store has.
pub fn no_entry() -> OutboxEntry {
    OutboxEntry {
        id: OutboxId(uuid::Uuid::nil()),
        write: Write::CloseIssue {
            repo: repo("acme/none"),
            number: number(1),
        },
        repo: None,
        claim: Some(ClaimId(uuid::Uuid::nil())),
        coalesce_key: None,
        attempts: 0,
        due: Timestamp(0),
        error: None,
        failed_at: None,
    }
}

/// The same with all details of a failure.
pub fn settle_with(entry: &OutboxEntry, failure: Option<WriteFailure>) -> Command {
    let entry = Box::new(entry.clone());
    Command::system(Action::SettleOutbox { entry, failure })
}

/// A write that failed with this status.
pub fn failure(words: &str, status: Option<u16>) -> WriteFailure {
    WriteFailure {
        words: words.to_owned(),
        status,
        limited: false,
    }
}
