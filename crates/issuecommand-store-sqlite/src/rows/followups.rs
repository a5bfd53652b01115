//! Rows of pull requests, of the feedback on them, and of deliveries.

use issuecommand_core::domain::followup::{
    Concerns, FeedbackEvent, Followup, FollowupEntry, FollowupStatus, KnownSource,
    PullRequestOwner, Resolution, SourceFacts, SourceId, SourceKind, Unloaded, WorkItemId,
};
use issuecommand_core::domain::id::PullKey;
use issuecommand_core::domain::pull_request::{
    Activity, Closing, LinkedPull, Pull, PullRequestSnapshot, PullValidators,
};
use issuecommand_core::domain::webhook::{Delivery, StoredDelivery};
use sqlx::FromRow;

use super::{
    AgentId, ClaimId, HistoryEntry, RepoId, StoreError, Timestamp, Versioned, json, name, number,
    unreadable, uuid, word,
};

/// The columns of [`FollowupOut`], of `followup f` and its `repo r`.
macro_rules! followup_columns {
    () => {
        followup_columns!("(SELECT json_group_array(json_array(s.data, s.ended, s.facts) ORDER BY s.n) \
          FROM followup_source s WHERE s.work_item_id = f.work_item_id)", "NULL")
    };
    ($sources:literal, $stored:literal) => {
        concat!(
            "f.work_item_id, f.repo_id, r.name AS repo_name, r.offered OR r.unseen AS repo_offered, f.number, f.pr_url, f.pr_title, f.status, f.created_at, \
         f.last_updated, f.owner, f.claimed_at, f.done_at, f.dismiss_reason, f.window_from, f.concerns, ",
            $sources,
            " AS sources, ",
            $stored,
            " AS stored, f.kind, ",
            "(SELECT json_group_array(json_array(t.n, t.status, t.timestamp, substr(t.note, 1, 8193)) ORDER BY t.n) \
          FROM followup_status t WHERE t.work_item_id = f.work_item_id \
            AND t.n > (SELECT max(l.n) FROM followup_status l WHERE l.work_item_id = f.work_item_id) - 50) AS history"
        )
    };
}

/// The claims that a follow-up `$of` may be for: the one that counts first. See `Concerns`. SQLite finds no column of an outer
/// query in ORDER BY, so the rank is one of the inner query.
macro_rules! claims_of_pull {
    ($what:literal, $of:literal) => {
        concat!(
            "(SELECT ",
            $what,
            " FROM (SELECT c.*, CASE WHEN c.repo_id <> ",
            $of,
            ".repo_id THEN 3 WHEN instr(",
            $of,
            ".concerns, ',' || c.number || ',') > 0 THEN 0 WHEN instr(",
            $of,
            ".concerns, ',b' || c.number || ',') > 0 THEN 1 ELSE 2 END AS concern
              FROM claim c INDEXED BY claim_pull WHERE c.pull_repo_id = ",
            $of,
            ".repo_id AND c.pull_number = ",
            $of,
            ".number AND c.status NOT IN ('closed', 'released')) c
              ORDER BY c.status = 'stale', c.concern, c.claimed_at, c.claim_id LIMIT 1)"
        )
    };
}

/// The columns of [`PullOut`], of `pull_request p`.
macro_rules! pull_columns {
    () => {
        "p.repo_id, p.pushed_at, p.cut_at, p.validators, p.facts, p.activity, p.closing"
    };
}

pub(crate) use {claims_of_pull, followup_columns, pull_columns};

/// The number that an item is served by: the lower the earlier.
pub(crate) fn kind_rank(kind: SourceKind) -> i64 {
    match kind {
        SourceKind::ReviewChangesRequested => 0,
        SourceKind::ReviewComment => 1,
        SourceKind::PrComment => 2,
    }
}

/// The kind of that number.
fn kind_of_rank(rank: i64) -> SourceKind {
    let mut kinds = SourceKind::ALL.into_iter();
    kinds
        .find(|kind| kind_rank(*kind) == rank)
        .unwrap_or(SourceKind::PrComment)
}

#[derive(FromRow)]
pub(crate) struct PullOut {
    repo_id: i64,
    pushed_at: Option<i64>,
    cut_at: Option<i64>,
    validators: String,
    facts: String,
    activity: Option<String>,
    closing: Option<String>,
}

impl PullOut {
    pub(crate) fn pull(self) -> Result<Pull, StoreError> {
        let facts: Versioned<PullRequestSnapshot> = json(&self.facts)?;
        let validators: Versioned<PullValidators> = json(&self.validators)?;
        let activity: Option<Versioned<Activity>> =
            self.activity.as_deref().map(json).transpose()?;
        let closing: Option<Versioned<Closing>> = self.closing.as_deref().map(json).transpose()?;
        Ok(Pull {
            repo: RepoId(self.repo_id),
            facts: facts.value,
            pushed_at: self.pushed_at.map(Timestamp),
            cut_at: self.cut_at.map(Timestamp),
            validators: validators.value,
            activity: activity.map(|activity| activity.value).unwrap_or_default(),
            closing: closing.map(|closing| closing.value).unwrap_or_default(),
        })
    }
}

/// A pull request that a claim names; of one that was never heard of there is no more than its key.
#[derive(FromRow)]
pub(crate) struct LinkedOut {
    repo_name: String,
    number: i64,
    facts: Option<String>,
    validators: Option<String>,
    waiting: String,
}

impl LinkedOut {
    pub(crate) fn linked(self) -> Result<LinkedPull, StoreError> {
        let facts: Option<Versioned<PullRequestSnapshot>> =
            self.facts.as_deref().map(json).transpose()?;
        let validators: Option<Versioned<PullValidators>> =
            self.validators.as_deref().map(json).transpose()?;
        Ok(LinkedPull {
            repo: name(&self.repo_name)?,
            number: number(self.number)?,
            head: facts.and_then(|facts| facts.value.head),
            waiting: json(&self.waiting)?,
            validators: validators.map(|v| v.value).unwrap_or_default(),
        })
    }
}

#[derive(FromRow)]
pub(crate) struct FollowupOut {
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
    sources: String,
    /// How many events it has, where they are not in `sources`.
    stored: Option<i64>,
    kind: i64,
    history: String,
}

impl FollowupOut {
    /// Without the claim that its pull request belongs to.
    pub(crate) fn item(self) -> Result<Followup, StoreError> {
        let sources: Vec<(String, Option<String>, Option<String>)> = json(&self.sources)?;
        let history: Vec<HistoryEntry> = json(&self.history)?;
        let earlier = history.first().map_or(0, |(place, ..)| *place);
        let entry = |(_, word, at, note): HistoryEntry| {
            Ok(FollowupEntry {
                status: status(&word)?,
                timestamp: Timestamp(at),
                note,
            })
        };
        let owner = self.owner.as_deref().map(AgentId::parse).transpose();
        Ok(Followup {
            id: item_id(&self.work_item_id)?,
            repo: RepoId(self.repo_id),
            repo_name: name(&self.repo_name)?,
            repo_offered: self.repo_offered,
            number: number(self.number)?,
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
            owner: owner.map_err(unreadable)?,
            claimed_at: self.claimed_at.map(Timestamp),
            done_at: self.done_at.map(Timestamp),
            dismiss_reason: self.dismiss_reason,
            window_from: Timestamp(self.window_from),
            history: history
                .into_iter()
                .map(entry)
                .collect::<Result<_, StoreError>>()?,
            earlier,
            concerns: concerns(self.concerns.as_deref()),
            author: None,
        })
    }
}

/// An item from before this was kept says nothing of it.
fn concerns(text: Option<&str>) -> Concerns {
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// The columns say how it ended, and why.
fn source(
    (data, ended, facts): (String, Option<String>, Option<String>),
) -> Result<FeedbackEvent, StoreError> {
    let data: Versioned<FeedbackEvent> = json(&data)?;
    let ended = ended.as_deref().map(word).transpose()?;
    let facts = source_facts(facts.as_deref(), ended, Some(&data.value))?;
    Ok(FeedbackEvent {
        ended,
        facts,
        ..data.value
    })
}

/// Rows that were written before there were facts tell them by their end.
fn source_facts(
    facts: Option<&str>,
    ended: Option<Resolution>,
    text: Option<&FeedbackEvent>,
) -> Result<SourceFacts, StoreError> {
    let Some(facts) = facts else {
        return Ok(SourceFacts::recovered(ended, text));
    };
    let facts: Versioned<SourceFacts> = json(facts)?;
    Ok(facts.value)
}

/// A follow-up as it is shown: [claim_id, issue, agent unless the claim is stale] of its pull request.
#[derive(FromRow)]
pub(crate) struct ShownOut {
    #[sqlx(flatten)]
    item: FollowupOut,
    author: Option<String>,
}

impl ShownOut {
    pub(crate) fn item(self) -> Result<Followup, StoreError> {
        let author = self.author.as_deref().map(author).transpose()?;
        Ok(Followup {
            author,
            ..self.item.item()?
        })
    }
}

fn author(text: &str) -> Result<PullRequestOwner, StoreError> {
    let (claim, issue, agent): (String, i64, Option<String>) = json(text)?;
    let preferred = agent.as_deref().map(AgentId::parse).transpose();
    Ok(PullRequestOwner {
        claim: ClaimId(uuid(&claim)?),
        number: number(issue)?,
        preferred: preferred.map_err(unreadable)?,
    })
}

/// What became of an event, its text while that is kept, and the pull request of its item while that is kept.
#[derive(FromRow)]
pub(crate) struct SourceOut {
    source_event_id: String,
    repo_id: i64,
    number: i64,
    work_item_id: Option<String>,
    ended: Option<String>,
    facts: Option<String>,
    data: Option<String>,
    item_repo: Option<i64>,
    item_number: Option<i64>,
}

impl SourceOut {
    pub(crate) fn source(
        self,
    ) -> Result<(KnownSource, Option<FeedbackEvent>, Option<PullKey>), StoreError> {
        let item_number = self.item_number.map(number).transpose()?;
        let ended = self.ended.as_deref().map(word).transpose()?;
        let text: Option<Versioned<FeedbackEvent>> = self.data.as_deref().map(json).transpose()?;
        let text = text.map(|text| text.value);
        let row = KnownSource {
            id: SourceId(self.source_event_id),
            pull: (RepoId(self.repo_id), number(self.number)?),
            item: self.work_item_id.as_deref().map(item_id).transpose()?,
            ended,
            facts: source_facts(self.facts.as_deref(), ended, text.as_ref())?,
        };
        Ok((row, text, self.item_repo.map(RepoId).zip(item_number)))
    }
}

#[derive(FromRow)]
pub(crate) struct DeliveryOut {
    id: String,
    delivery_id: Option<String>,
    event: String,
    auth: String,
    received_at: i64,
    processed_at: Option<i64>,
    attempts: u32,
    error: Option<String>,
    body: Option<String>,
}

impl DeliveryOut {
    pub(crate) fn delivery(self) -> Result<StoredDelivery, StoreError> {
        Ok(StoredDelivery {
            id: self.id,
            delivery: Delivery {
                id: self.delivery_id,
                event: self.event,
                auth: word(&self.auth)?,
            },
            body: self.body,
            received_at: Timestamp(self.received_at),
            processed_at: self.processed_at.map(Timestamp),
            attempts: self.attempts,
            error: self.error,
        })
    }
}

pub(crate) fn item_id(text: &str) -> Result<WorkItemId, StoreError> {
    uuid(text).map(WorkItemId)
}

fn status(text: &str) -> Result<FollowupStatus, StoreError> {
    FollowupStatus::parse(text).ok_or_else(|| unreadable(format!("follow-up status {text:?}")))
}
