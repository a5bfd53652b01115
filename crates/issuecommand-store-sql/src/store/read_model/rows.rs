//! Rows of the read model: JSON lists, in the order of their fields here.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::daily::{DailyKey, Day, Measure};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::{FollowupStatus, SourceKind};
use issuecommand_core::domain::id::{ClaimId, IssueKey, RepoId};
use issuecommand_core::domain::lane::Lane;
use issuecommand_core::domain::pull_request::PullRequestSnapshot;
use issuecommand_core::domain::repo_policy::RepoPolicy;
use issuecommand_core::domain::session::ClientInfo;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::ports::read_model::{
    BrokenPolicy, DailyNumber, FoundIssue, LineClaim, ParkedIssue, PullOfIssue, UnclaimedFeedback,
    WaitingDelivery, WorkingCursor,
};
use serde::Deserialize;

use crate::error::unreadable;
use crate::json::{
    agent, agent_id, boolean, count, issue_number, item_id, parse, parse_uuid, repo_name,
    unversioned,
};
use crate::rows::kind_of_rank;
use crate::store::first_reason;

/// A row of JSON that becomes a value of core.
pub(super) trait Readable {
    /// The value.
    type Value;

    fn read(self) -> Result<Self::Value, StoreError>;
}

pub(super) fn measure(text: &str) -> Result<Measure, StoreError> {
    Measure::parse(text).ok_or_else(|| unreadable(format!("the measure {text:?}")))
}

/// Claim, how many follow-ups, client, version.
#[derive(Deserialize)]
pub(super) struct ExtrasRow(String, u64, Option<String>, Option<String>);

impl Readable for ExtrasRow {
    type Value = (String, (u64, Option<ClientInfo>));

    fn read(self) -> Result<Self::Value, StoreError> {
        let Self(claim, feedback, name, version) = self;
        let client = name.map(|name| ClientInfo {
            name,
            version: version.unwrap_or_default(),
        });
        Ok((claim, (feedback, client)))
    }
}

/// Repository, number, title, address, why it is parked.
#[derive(Deserialize)]
pub(super) struct ParkedRow(String, i64, String, String, String);

impl Readable for ParkedRow {
    type Value = ParkedIssue;

    fn read(self) -> Result<ParkedIssue, StoreError> {
        let Self(repo, number, title, url, parked) = self;
        Ok(ParkedIssue {
            repo: repo_name(&repo)?,
            number: issue_number(number)?,
            title,
            url,
            parked: parse(&parked)?,
        })
    }
}

/// Follow-up, repository, number, address, title, kind, status, since when, agent of its claim.
#[derive(Deserialize)]
pub(super) struct UnclaimedRow(
    String,
    String,
    i64,
    String,
    String,
    i64,
    String,
    i64,
    Option<String>,
);

impl Readable for UnclaimedRow {
    type Value = UnclaimedFeedback;

    fn read(self) -> Result<UnclaimedFeedback, StoreError> {
        let Self(id, repo, number, url, title, kind, status, since, author) = self;
        let known = FollowupStatus::parse(&status);
        let kind: SourceKind = kind_of_rank(kind);
        Ok(UnclaimedFeedback {
            id: item_id(&id)?,
            repo: repo_name(&repo)?,
            number: issue_number(number)?,
            url,
            title,
            kind,
            status: known.ok_or_else(|| unreadable(format!("status {status:?}")))?,
            since: Timestamp(since),
            author: agent(author.as_deref())?,
        })
    }
}

/// Repository, error, since when.
#[derive(Deserialize)]
pub(super) struct BrokenPolicyRow(String, String, i64);

impl Readable for BrokenPolicyRow {
    type Value = BrokenPolicy;

    fn read(self) -> Result<BrokenPolicy, StoreError> {
        let Self(repo, error, since) = self;
        Ok(BrokenPolicy {
            repo: repo_name(&repo)?,
            error,
            since: Timestamp(since),
        })
    }
}

/// Repository, number, facts.
#[derive(Deserialize)]
pub(super) struct PullOfIssueRow(String, i64, Option<String>);

impl Readable for PullOfIssueRow {
    type Value = PullOfIssue;

    fn read(self) -> Result<PullOfIssue, StoreError> {
        let Self(repo, number, facts) = self;
        let facts: Option<PullRequestSnapshot> = facts.as_deref().map(unversioned).transpose()?;
        Ok(PullOfIssue {
            repo: repo_name(&repo)?,
            number: issue_number(number)?,
            facts,
        })
    }
}

/// Repository, day, measure, bucket, number.
#[derive(Deserialize)]
pub(super) struct DailyRow(i64, i64, String, i64, i64);

impl Readable for DailyRow {
    type Value = DailyNumber;

    fn read(self) -> Result<DailyNumber, StoreError> {
        let Self(repo, day, text, bucket, n) = self;
        let key = DailyKey {
            repo_id: RepoId(repo),
            day: Day(day),
            measure: measure(&text)?,
            bucket,
        };
        Ok(DailyNumber {
            key,
            n: n.unsigned_abs(),
        })
    }
}

/// Id, GitHub's id, event, arrival, attempts, error.
#[derive(Deserialize)]
pub(super) struct WaitingDeliveryRow(String, Option<String>, String, i64, i64, Option<String>);

impl Readable for WaitingDeliveryRow {
    type Value = WaitingDelivery;

    fn read(self) -> Result<WaitingDelivery, StoreError> {
        let Self(id, delivery_id, event, received_at, attempts, error) = self;
        Ok(WaitingDelivery {
            id,
            delivery_id,
            event,
            received_at: Timestamp(received_at),
            attempts: count(attempts)?,
            error,
        })
    }
}

/// Repository, number, claim, agent, status, when it was made.
#[derive(Deserialize)]
pub(super) struct LineClaimRow(i64, i64, String, String, String, i64);

impl Readable for LineClaimRow {
    type Value = (IssueKey, LineClaim);

    fn read(self) -> Result<Self::Value, StoreError> {
        let Self(repo, number, id, agent, status, claimed_at) = self;
        let known = ClaimStatus::parse(&status);
        let claim = LineClaim {
            id: ClaimId(parse_uuid(&id)?),
            agent: agent_id(&agent)?,
            status: known.ok_or_else(|| unreadable(format!("status {status:?}")))?,
            claimed_at: Timestamp(claimed_at),
        };
        Ok(((RepoId(repo), issue_number(number)?), claim))
    }
}

/// Repository, policy.
#[derive(Deserialize)]
pub(super) struct PolicyRow(i64, String);

impl Readable for PolicyRow {
    type Value = (RepoId, RepoPolicy);

    fn read(self) -> Result<Self::Value, StoreError> {
        Ok((RepoId(self.0), parse(&self.1)?))
    }
}

/// A wrapped boolean, because SQLite has numbers for it.
#[derive(Deserialize)]
struct Flag(#[serde(deserialize_with = "boolean")] bool);

/// Repository, number, lane, turn, creation, first reason, whether the repository is on offer, and of the claim when it was made, its id
/// and its agent.
#[derive(Deserialize)]
pub(super) struct FoundRow(
    i64,
    i64,
    String,
    i64,
    i64,
    Option<String>,
    Flag,
    Option<i64>,
    Option<String>,
    Option<String>,
);

impl Readable for FoundRow {
    type Value = FoundIssue;

    fn read(self) -> Result<FoundIssue, StoreError> {
        let Self(repo, number, lane, turn, created_at, first, offered, claimed_at, claim, holder) =
            self;
        let cursor = claimed_at.zip(claim).map(|(at, claim)| WorkingCursor {
            claimed_at: Timestamp(at),
            claim,
        });
        let holder = agent(holder.as_deref())?;
        Ok(FoundIssue {
            key: (RepoId(repo), issue_number(number)?),
            lane: Lane::new(lane),
            turn: Timestamp(turn),
            created_at: Timestamp(created_at),
            first: first_reason(first.as_deref().unwrap_or_default())?,
            offered: offered.0,
            held: cursor.zip(holder),
        })
    }
}
