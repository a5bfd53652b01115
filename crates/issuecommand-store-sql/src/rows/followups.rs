//! Rows of follow-ups.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::{
    FeedbackEvent, Followup, FollowupEntry, FollowupStatus, PullRequestOwner, SourceKind, Unloaded,
};
use issuecommand_core::domain::id::{ClaimId, RepoId};
use issuecommand_core::domain::time::Timestamp;
use sqlx::FromRow;

use super::feedback::feedback_facts;
use super::{StoredRow, history};
use crate::error::unreadable;
use crate::json::{
    agent, issue_number, item_id, parse, parse_enum, parse_uuid, repo_name, session, unversioned,
};

/// The place of a kind in the serving order: the lower is served earlier.
pub(crate) fn kind_rank(kind: SourceKind) -> i64 {
    match kind {
        SourceKind::ReviewChangesRequested => 0,
        SourceKind::ReviewComment => 1,
        SourceKind::PrComment => 2,
    }
}

pub(crate) fn kind_of_rank(rank: i64) -> SourceKind {
    let mut kinds = SourceKind::ALL.into_iter();
    kinds
        .find(|kind| kind_rank(*kind) == rank)
        .unwrap_or(SourceKind::PrComment)
}

/// A follow-up with its events, or with their number. See [`followup_columns`](crate::followup_columns).
#[derive(Debug, FromRow)]
pub struct FollowupRow {
    work_item_id: String,
    repo_id: i64,
    repo_name: String,
    repo_offered: bool,
    number: i64,
    pr_url: String,
    pr_title: String,
    status: String,
    created_at: i64,
    last_updated: i64,
    owner: Option<String>,
    claimed_at: Option<i64>,
    done_at: Option<i64>,
    dismiss_reason: Option<String>,
    window_from: i64,
    concerns: Option<String>,
    session_id: Option<String>,
    signed_at: i64,
    sources: String,
    /// How many events it has, where `sources` does not hold them.
    stored: Option<i64>,
    kind: i64,
    history: String,
}

impl StoredRow for FollowupRow {
    /// Without the claim that its pull request belongs to.
    type Value = Followup;

    const TABLE: &'static str = "followup";

    fn id(&self) -> String {
        self.work_item_id.clone()
    }

    fn value(self) -> Result<Followup, StoreError> {
        let sources: Vec<(String, Option<String>, Option<String>)> = parse(&self.sources)?;
        let (earlier, history) = history(&self.history, |text, timestamp, note| {
            Ok(FollowupEntry {
                status: status(text)?,
                timestamp,
                note,
            })
        })?;
        Ok(Followup {
            id: item_id(&self.work_item_id)?,
            repo: RepoId(self.repo_id),
            repo_name: repo_name(&self.repo_name)?,
            repo_offered: self.repo_offered,
            number: issue_number(self.number)?,
            pr_url: self.pr_url,
            pr_title: self.pr_title,
            sources: sources
                .into_iter()
                .map(source)
                .collect::<Result<_, StoreError>>()?,
            unloaded: self.stored.map(|stored| Unloaded {
                stored: usize::try_from(stored).unwrap_or_default(),
                loaded: 0,
                kind: kind_of_rank(self.kind),
            }),
            status: status(&self.status)?,
            created_at: Timestamp(self.created_at),
            last_updated: Timestamp(self.last_updated),
            owner: agent(self.owner.as_deref())?,
            claimed_at: self.claimed_at.map(Timestamp),
            done_at: self.done_at.map(Timestamp),
            dismiss_reason: self.dismiss_reason,
            window_from: Timestamp(self.window_from),
            history,
            earlier,
            // Rows from before this column was added have none.
            concerns: self
                .concerns
                .and_then(|text| text.parse().ok())
                .unwrap_or_default(),
            author: None,
            session: session(self.session_id.as_deref())?,
            signed_at: Timestamp(self.signed_at),
        })
    }
}

/// The columns `ended` and `facts` count, not what the JSON says of them.
fn source(
    (data, ended, facts): (String, Option<String>, Option<String>),
) -> Result<FeedbackEvent, StoreError> {
    let event: FeedbackEvent = unversioned(&data)?;
    let ended = ended.as_deref().map(parse_enum).transpose()?;
    let facts = feedback_facts(facts.as_deref(), ended, Some(&event))?;
    Ok(FeedbackEvent {
        ended,
        facts,
        ..event
    })
}

/// A follow-up as it is listed, with the claim that its pull request belongs to: [claim_id, issue, agent unless the claim is
/// stale].
#[derive(Debug, FromRow)]
pub struct FollowupWithOwnerRow {
    #[sqlx(flatten)]
    item: FollowupRow,
    author: Option<String>,
}

impl StoredRow for FollowupWithOwnerRow {
    type Value = Followup;

    const TABLE: &'static str = FollowupRow::TABLE;

    fn id(&self) -> String {
        self.item.id()
    }

    fn value(self) -> Result<Followup, StoreError> {
        let author = self.author.as_deref().map(author).transpose()?;
        Ok(Followup {
            author,
            ..self.item.value()?
        })
    }
}

fn author(text: &str) -> Result<PullRequestOwner, StoreError> {
    let (claim, issue, preferred): (String, i64, Option<String>) = parse(text)?;
    Ok(PullRequestOwner {
        claim: ClaimId(parse_uuid(&claim)?),
        number: issue_number(issue)?,
        preferred: agent(preferred.as_deref())?,
    })
}

fn status(text: &str) -> Result<FollowupStatus, StoreError> {
    FollowupStatus::parse(text).ok_or_else(|| unreadable(format!("follow-up status {text:?}")))
}
