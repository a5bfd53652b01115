//! Short builders for values of core. Fields that a test does not set are plausible and the same in every run.

#![expect(
    clippy::missing_panics_doc,
    reason = "a builder panics on what the contract does not allow: the test is wrong"
)]

mod commands;
mod github_events;
mod issues;
mod latest_time;
mod relations;

use issuecommand_core::domain::access::{Caller, IdempotencyKey, Scope};
use issuecommand_core::domain::id::{AgentId, IssueNumber, Principal};
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::repo_name::RepoName;

pub use self::commands::{
    acquire_lease, beat, claim, create_key, failure, finish_poll, finish_sync, follow, full_poll,
    lease_proof, list_pulls, mark_repo_unavailable, new_key, next, next_of, next_vouched, no_entry,
    record_issue, record_issues, record_repos, release, release_lease, rerank, revoke_key, settle,
    settle_with, sweep, unreachable, update, work, work_of,
};
pub use self::github_events::{
    PullDraft, SourceDraft, comment, deliver, delivery, hear, line_comment, minute, place, pull,
    review, told,
};
pub use self::issues::{IssueDraft, issue};
pub use self::latest_time::latest_told;
pub use self::relations::{
    blocked_facts, child_facts, dependency, issue_place, record_blockers, related, sub_issue,
};

/// An agent of that name.
pub fn agent(name: &str) -> AgentId {
    AgentId::parse(name).expect("a good agent id")
}

/// A repository's name, `owner/name`.
pub fn repo(name: &str) -> RepoName {
    RepoName::parse(name).expect("a good repository name")
}

/// The number of an issue.
pub fn number(number: i64) -> IssueNumber {
    IssueNumber::new(number).expect("a good issue number")
}

/// A local caller that may see everything.
pub fn local() -> Caller {
    Caller::full(Principal::Local)
}

/// A local caller that may see only these repositories.
pub fn confined(repos: &[&str]) -> Caller {
    Caller {
        scope: Scope::Only(repos.iter().copied().map(repo).collect()),
        ..local()
    }
}

/// A key for a request with that digest.
pub fn key(key: &str, request: &str) -> IdempotencyKey {
    IdempotencyKey {
        key: key.to_owned(),
        request: request.to_owned(),
    }
}

/// A public repository whose GitHub id follows from its name.
pub fn facts(name: &str) -> RepoSnapshot {
    let name = repo(name);
    let digest = |hash: i64, byte: u8| (hash * 31 + i64::from(byte)) % 1_000_000_007;
    RepoSnapshot {
        github_id: 1 + name.key().bytes().fold(7, digest),
        url: format!("https://github.com/{name}"),
        name,
        description: None,
        private: false,
        archived: false,
        open_count: 0,
    }
}
