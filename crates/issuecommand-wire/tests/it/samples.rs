//! Values of core for the tests of their JSON.

use issuecommand_core::domain::chosen::{Chosen, RankSource, Ranked};
use issuecommand_core::domain::claim::{Claim, ClaimStatus, StatusEntry};
use issuecommand_core::domain::followup::{
    Concerns, FeedbackEvent, Followup, FollowupEntry, FollowupStatus, SourceId, SourceKind,
    WorkItemId,
};
use issuecommand_core::domain::id::{AgentId, ClaimId, IssueNumber, Principal, RepoId};
use issuecommand_core::domain::issue::{Issue, IssueFacts, IssueState, MirroredIssue};
use issuecommand_core::domain::priority::Priority;
use issuecommand_core::domain::repo::{Repo, RepoSnapshot};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::{Millis, Timestamp};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

pub(crate) fn wire(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(crate) fn claim_id() -> ClaimId {
    ClaimId(Uuid::parse_str("00000000-0000-4000-8000-000000000007").unwrap())
}

pub(crate) fn work_item_id() -> WorkItemId {
    WorkItemId(Uuid::parse_str("00000000-0000-4000-8000-000000000009").unwrap())
}

pub(crate) fn repo_name() -> RepoName {
    RepoName::parse("Acme/Api").unwrap()
}

pub(crate) fn number(n: i64) -> IssueNumber {
    IssueNumber::new(n).unwrap()
}

pub(crate) fn agent(name: &str) -> AgentId {
    AgentId::parse(name).unwrap()
}

/// A claim without optional fields.
pub(crate) fn bare_claim() -> Claim {
    let made = at("2026-01-02T03:04:05.006Z");
    Claim {
        id: claim_id(),
        agent: agent("ada"),
        principal: Principal::ApiKey,
        repo: RepoId(1),
        repo_name: repo_name(),
        number: number(7),
        title: "Broken".to_owned(),
        labels: vec!["bug".to_owned()],
        assignees: vec!["octo".to_owned()],
        status: ClaimStatus::Claimed,
        before_stale: None,
        claimed_at: made,
        last_updated: made,
        history: vec![StatusEntry {
            status: ClaimStatus::Claimed,
            timestamp: made,
            note: None,
        }],
        earlier: 0,
        pr_url: None,
        pull: None,
        link: None,
        notice: None,
        pull_notice: None,
        github_closed_at: None,
        session: None,
        signed_at: Timestamp(0),
        stale_at: None,
    }
}

/// A feedback event without optional fields.
pub(crate) fn bare_source(id: SourceId, kind: SourceKind, body: &str) -> FeedbackEvent {
    FeedbackEvent {
        body: body.to_owned(),
        ..FeedbackEvent::new(id, kind)
    }
}

/// A follow-up of one comment without optional fields.
pub(crate) fn bare_followup() -> Followup {
    let made = at("2026-01-02T03:04:05.006Z");
    let comment = bare_source(
        SourceId::issue_comment(5),
        SourceKind::PrComment,
        "Why so?\nIt was fine.",
    );
    Followup {
        id: work_item_id(),
        repo: RepoId(1),
        repo_name: repo_name(),
        repo_offered: true,
        number: number(8),
        pr_url: "https://github.com/Acme/Api/pull/8".to_owned(),
        pr_title: "Repair".to_owned(),
        sources: vec![comment],
        unloaded: None,
        status: FollowupStatus::Queued,
        created_at: made,
        last_updated: made,
        owner: None,
        claimed_at: None,
        done_at: None,
        dismiss_reason: None,
        window_from: made,
        history: vec![FollowupEntry {
            status: FollowupStatus::Queued,
            timestamp: made,
            note: None,
        }],
        earlier: 0,
        concerns: Concerns::default(),
        author: None,
        session: None,
        signed_at: Timestamp(0),
    }
}

/// An issue without optional fields.
pub(crate) fn bare_issue() -> MirroredIssue {
    MirroredIssue {
        repo: RepoId(1),
        repo_name: repo_name(),
        facts: Issue {
            number: number(7),
            title: "Broken".to_owned(),
            body: String::new(),
            state: IssueState::Open,
            labels: vec!["bug".to_owned()],
            assignees: Vec::new(),
            milestone: None,
            author: None,
            created_at: at("2025-12-31T23:59:59Z"),
            updated_at: at("2026-01-01T00:00:00Z"),
            url: "https://github.com/Acme/Api/issues/7".to_owned(),
            more: IssueFacts::default(),
        },
        rank: Priority::Medium,
        withheld: None,
        checked_at: at("2026-01-01T00:00:00Z"),
        etag: None,
    }
}

/// A repository that was never synced.
pub(crate) fn bare_repo() -> Repo {
    Repo::new(
        RepoId(1),
        RepoSnapshot {
            github_id: 99,
            name: repo_name(),
            url: "https://github.com/Acme/Api".to_owned(),
            description: None,
            private: false,
            archived: false,
            open_count: 12,
        },
        true,
        Timestamp(0),
    )
}

/// Why an issue was chosen.
pub(crate) fn chosen() -> Chosen {
    Chosen::Issue {
        ranked: Ranked {
            rank: Priority::High,
            named: Priority::High,
            source: RankSource::Label("p1".to_owned()),
            waited: Millis(0),
        },
        open_for: Millis::minutes(2 * 24 * 60),
    }
}
