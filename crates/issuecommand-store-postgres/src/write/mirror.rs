//! Writing repositories and issues, and which of these are in the queue.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{IssueKey, IssueNumber, RepoId};
use issuecommand_core::domain::issue::{IssueState, MirroredIssue, WithheldReason};
use issuecommand_core::domain::repo::Repo;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::change::WriteBatch;
use serde::Serialize;

use super::{put as put_rows, sql};
use crate::bulk::{Args, Db};
use crate::rows::tags;

/// $1 repositories as objects.
pub(crate) const PUT_REPOS: &str = "-- put_repos
     INSERT INTO repo (id, github_id, name, key, url, description, private, archived, open_count, offered, unseen, synced_at,
         polled_at, watermark, etag, full_at, count_gap, count_runs)
     SELECT id, github_id, name, key, url, description, private, archived, open_count, offered, unseen, synced_at, polled_at,
         watermark, etag, full_at, count_gap, count_runs
     FROM jsonb_populate_recordset(NULL::repo, $1::jsonb)
     ON CONFLICT (id) DO UPDATE SET github_id = excluded.github_id, name = excluded.name, key = excluded.key,
         url = excluded.url, description = excluded.description, private = excluded.private, archived = excluded.archived,
         open_count = excluded.open_count, offered = excluded.offered, unseen = excluded.unseen,
         synced_at = excluded.synced_at, polled_at = excluded.polled_at, watermark = excluded.watermark, etag = excluded.etag,
         full_at = excluded.full_at, count_gap = excluded.count_gap, count_runs = excluded.count_runs";

/// $1 keys, $2 repositories: a name is whose it was last.
pub(crate) const PUT_NAMES: &str = "-- put_names
     INSERT INTO repo_alias (key, repo_id)
     SELECT DISTINCT ON (key) key, repo_id FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS j (key, repo_id, n)
     ORDER BY key, n DESC
     ON CONFLICT (key) DO UPDATE SET repo_id = excluded.repo_id";

/// $1 keys, $2 repositories: what a name of `ALLOWED_REPOS` meant first it means for good.
pub(crate) const BIND_NAMES: &str = "-- bind_names
     INSERT INTO allowed_repo (key, repo_id)
     SELECT DISTINCT ON (key) key, repo_id FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS j (key, repo_id, n)
     ORDER BY key, n
     ON CONFLICT (key) DO NOTHING";

/// $1 issues as objects.
pub(crate) const PUT_ISSUES: &str = "-- put_issues
     INSERT INTO issue (repo_id, number, rank, state, created_at, updated_at, checked_at, doubt, doubt_detail, doubt_at, title,
         labels, assignees, milestone_number, milestone_title, author, url, etag, body)
     SELECT repo_id, number, rank, state, created_at, updated_at, checked_at, doubt, doubt_detail, doubt_at, title, labels, assignees,
         milestone_number, milestone_title, author, url, etag, body
     FROM jsonb_populate_recordset(NULL::issue, $1::jsonb)
     ON CONFLICT (repo_id, number) DO UPDATE SET rank = excluded.rank, state = excluded.state,
         created_at = excluded.created_at, updated_at = excluded.updated_at, checked_at = excluded.checked_at,
         doubt = excluded.doubt, doubt_detail = excluded.doubt_detail, doubt_at = excluded.doubt_at, title = excluded.title, labels = excluded.labels,
         assignees = excluded.assignees, milestone_number = excluded.milestone_number,
         milestone_title = excluded.milestone_title, author = excluded.author, url = excluded.url, etag = excluded.etag,
         body = excluded.body";

/// $1 and $2 repositories and numbers.
pub(crate) const DROP_TAGS: &str = "-- drop_tags
     DELETE FROM issue_tag t USING unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     WHERE t.repo_id = j.repo_id AND t.number = j.number";

/// $1 tags as objects.
pub(crate) const PUT_TAGS: &str = "-- put_tags
     INSERT INTO issue_tag (repo_id, number, tag)
     SELECT repo_id, number, tag FROM jsonb_populate_recordset(NULL::issue_tag, $1::jsonb)
     ON CONFLICT DO NOTHING";

/// $1 repository, $2 the moment: issues that were called closed before it are believed open again.
pub(crate) const TRUST: &str = "-- trust
     UPDATE issue SET doubt = NULL, doubt_at = NULL
     WHERE repo_id = $1 AND doubt IS NOT NULL AND doubt = 'called_closed' AND doubt_at < $2
     RETURNING number";

/// The open issues of a repository that may be handed out.
macro_rules! ready {
    () => {
        " i.state = 'open' AND i.doubt IS NULL AND (SELECT offered FROM repo WHERE id = i.repo_id)
           AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = i.repo_id AND c.number = i.number
             AND c.status NOT IN ('closed', 'released'))"
    };
}

/// $1 repository, $2 numbers.
pub(crate) const REJOIN: &str = concat!(
    "-- rejoin_queue
     INSERT INTO queue (rank, created_at, repo_id, number)
     SELECT i.rank, i.created_at, i.repo_id, i.number FROM issue i WHERE i.repo_id = $1 AND i.number = ANY($2) AND",
    ready!(),
    " ON CONFLICT DO NOTHING"
);

/// $1 repository.
pub(crate) const EMPTY_QUEUE: &str = "-- empty_queue
     DELETE FROM queue WHERE repo_id = $1";

/// $1 repository.
pub(crate) const FILL_QUEUE: &str = concat!(
    "-- fill_queue
     INSERT INTO queue (rank, created_at, repo_id, number)
     SELECT i.rank, i.created_at, i.repo_id, i.number FROM issue i WHERE i.repo_id = $1 AND",
    ready!()
);

#[expect(clippy::struct_excessive_bools, reason = "each is a column")]
#[derive(Serialize)]
struct RepoOut<'a> {
    id: RepoId,
    github_id: i64,
    name: &'a str,
    key: &'a str,
    url: &'a str,
    description: Option<&'a str>,
    private: bool,
    archived: bool,
    open_count: i64,
    offered: bool,
    unseen: bool,
    synced_at: Option<Timestamp>,
    polled_at: Option<Timestamp>,
    watermark: Option<Timestamp>,
    etag: Option<&'a str>,
    full_at: Option<Timestamp>,
    count_gap: i64,
    count_runs: u32,
}

#[derive(Serialize)]
struct IssueOut<'a> {
    repo_id: RepoId,
    number: IssueNumber,
    rank: i64,
    state: IssueState,
    created_at: Timestamp,
    updated_at: Timestamp,
    checked_at: Timestamp,
    doubt: Option<WithheldReason>,
    doubt_detail: Option<WithheldReason>,
    doubt_at: Option<Timestamp>,
    title: &'a str,
    labels: &'a [String],
    assignees: &'a [String],
    milestone_number: Option<i64>,
    milestone_title: Option<&'a str>,
    author: Option<&'a str>,
    url: &'a str,
    etag: Option<&'a str>,
    body: &'a str,
}

#[derive(Serialize)]
struct TagOut {
    repo_id: RepoId,
    number: IssueNumber,
    tag: String,
}

/// Repositories, their names, issues.
pub(super) async fn put(db: &mut Db<'_>, writes: &WriteBatch) -> Result<(), StoreError> {
    let repos: Vec<_> = writes.repos.iter().map(repo_row).collect();
    put_rows(db, PUT_REPOS, &repos).await?;
    if !writes.names.is_empty() {
        let repos: Vec<i64> = writes.names.iter().map(|(_, repo)| repo.0).collect();
        let names = Args::default()
            .texts(writes.names.iter().map(|(name, _)| name))?
            .with(repos)?;
        db.change(PUT_NAMES, names).await?;
    }
    if !writes.bound.is_empty() {
        let repos: Vec<i64> = writes.bound.iter().map(|(_, repo)| repo.0).collect();
        let bound = Args::default()
            .texts(writes.bound.iter().map(|(name, _)| name))?
            .with(repos)?;
        db.change(BIND_NAMES, bound).await?;
    }
    if !writes.issues.is_empty() {
        issues(db, &writes.issues).await?;
    }
    Ok(())
}

/// An issue leaves its place in the queue and takes its new one.
async fn issues(db: &mut Db<'_>, issues: &[(MirroredIssue, bool)]) -> Result<(), StoreError> {
    let keys: Vec<IssueKey> = issues.iter().map(|(issue, _)| issue.key()).collect();
    let ready = issues.iter().filter(|(_, ready)| *ready);
    let ready: Vec<IssueKey> = ready.map(|(issue, _)| issue.key()).collect();
    let rows: Vec<_> = issues.iter().map(|(issue, _)| issue_row(issue)).collect();
    let tagged: Vec<_> = issues
        .iter()
        .flat_map(|(issue, _)| {
            tags(&issue.facts).map(|tag| TagOut {
                repo_id: issue.repo,
                number: issue.facts.number,
                tag,
            })
        })
        .collect();
    db.change(sql::LEAVE_QUEUE, Args::default().keys(&keys)?)
        .await?;
    put_rows(db, PUT_ISSUES, &rows).await?;
    if !ready.is_empty() {
        db.change(sql::JOIN_QUEUE, Args::default().keys(&ready)?)
            .await?;
    }
    db.change(DROP_TAGS, Args::default().keys(&keys)?).await?;
    put_rows(db, PUT_TAGS, &tagged).await?;
    Ok(())
}

fn repo_row(repo: &Repo) -> RepoOut<'_> {
    RepoOut {
        id: repo.id,
        github_id: repo.facts.github_id,
        name: repo.facts.name.as_str(),
        key: repo.facts.name.key(),
        url: &repo.facts.url,
        description: repo.facts.description.as_deref(),
        private: repo.facts.private,
        archived: repo.facts.archived,
        open_count: repo.facts.open_count,
        offered: repo.offered,
        unseen: repo.unseen,
        synced_at: repo.synced_at,
        polled_at: repo.polled_at,
        watermark: repo.watermark,
        etag: repo.etag.as_deref(),
        full_at: repo.full_at,
        count_gap: repo.counts.gap,
        count_runs: repo.counts.runs,
    }
}

/// A doubt as its two columns hold it: a doubt of the first version of the schema, and what says more of it.
fn in_columns(doubt: WithheldReason) -> (WithheldReason, Option<WithheldReason>) {
    match doubt {
        WithheldReason::CloseFailed => (WithheldReason::Closing, Some(doubt)),
        WithheldReason::NotFound
        | WithheldReason::Gone
        | WithheldReason::Moved
        | WithheldReason::CalledClosed
        | WithheldReason::Closing => (doubt, None),
    }
}

fn issue_row(issue: &MirroredIssue) -> IssueOut<'_> {
    let facts = &issue.facts;
    let milestone = facts.milestone.as_ref();
    let doubt = issue.doubt.map(|(doubt, _)| in_columns(doubt));
    IssueOut {
        repo_id: issue.repo,
        number: facts.number,
        rank: issue.rank.number(),
        state: facts.state,
        created_at: facts.created_at,
        updated_at: facts.updated_at,
        checked_at: issue.checked_at,
        doubt: doubt.map(|(doubt, _)| doubt),
        doubt_detail: doubt.and_then(|(_, detail)| detail),
        doubt_at: issue.doubt.map(|(_, at)| at),
        title: &facts.title,
        labels: &facts.labels,
        assignees: &facts.assignees,
        milestone_number: milestone.map(|milestone| milestone.number),
        milestone_title: milestone.map(|milestone| milestone.title.as_str()),
        author: facts.author.as_deref(),
        url: &facts.url,
        etag: issue.etag.as_deref(),
        body: &facts.body,
    }
}

/// Puts into the queue, or out of it, what more than the written rows may have changed.
pub(super) async fn requeue(db: &mut Db<'_>, writes: &WriteBatch) -> Result<(), StoreError> {
    for (repo, began) in &writes.trust {
        let args = Args::default().with(repo.0)?.with(began.0)?;
        let believed: Vec<(i64,)> = db.read(TRUST, args).await?;
        if believed.is_empty() {
            continue;
        }
        let numbers: Vec<i64> = believed.into_iter().map(|(number,)| number).collect();
        db.change(REJOIN, Args::default().with(repo.0)?.with(numbers)?)
            .await?;
    }
    for repo in &writes.reoffer {
        db.change(EMPTY_QUEUE, Args::default().with(repo.0)?)
            .await?;
        db.change(FILL_QUEUE, Args::default().with(repo.0)?).await?;
    }
    Ok(())
}
