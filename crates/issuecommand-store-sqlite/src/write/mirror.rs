//! Writing repositories and issues, and which of these are in the queue.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::issue::{MirroredIssue, WithheldReason};
use issuecommand_core::domain::repo::Repo;
use issuecommand_core::engine::change::WriteBatch;
use serde::Serialize;
use sqlx::sqlite::SqliteConnection;

use crate::bulk::{Args, change, read, rows, run};
use crate::rows::{tags, word_of};

/// ?1 repositories as objects.
pub(crate) const PUT_REPOS: &str = "-- put_repos
     INSERT INTO repo (id, github_id, name, key, url, description, private, archived, open_count, offered, unseen, synced_at,
         polled_at, watermark, etag, full_at, count_gap, count_runs)
     SELECT value->>'id', value->>'github_id', value->>'name', value->>'key', value->>'url', value->>'description',
         value->>'private', value->>'archived', value->>'open_count', value->>'offered', value->>'unseen',
         value->>'synced_at', value->>'polled_at', value->>'watermark', value->>'etag', value->>'full_at',
         value->>'count_gap', value->>'count_runs'
     FROM json_each(?1) WHERE true
     ON CONFLICT (id) DO UPDATE SET github_id = excluded.github_id, name = excluded.name, key = excluded.key,
         url = excluded.url, description = excluded.description, private = excluded.private, archived = excluded.archived,
         open_count = excluded.open_count, offered = excluded.offered, unseen = excluded.unseen,
         synced_at = excluded.synced_at, polled_at = excluded.polled_at, watermark = excluded.watermark, etag = excluded.etag,
         full_at = excluded.full_at, count_gap = excluded.count_gap, count_runs = excluded.count_runs";

/// ?1 [key, repository]: a name is whose it was last.
pub(crate) const PUT_NAMES: &str = "-- put_names
     INSERT INTO repo_alias (key, repo_id) SELECT value->>0, value->>1 FROM json_each(?1) WHERE true
     ON CONFLICT (key) DO UPDATE SET repo_id = excluded.repo_id";

/// ?1 [key, repository]: what a name of `ALLOWED_REPOS` meant first it means for good.
pub(crate) const BIND_NAMES: &str = "-- bind_names
     INSERT INTO allowed_repo (key, repo_id) SELECT value->>0, value->>1 FROM json_each(?1) WHERE true
     ON CONFLICT (key) DO NOTHING";

/// Lists of: [repository, number]; issues as objects; those of the keys that are ready; the keys again; [repository, number,
/// tag].
pub(crate) const PUT_ISSUES: &str = "-- leave_queue
     DELETE FROM queue WHERE (rank, created_at, repo_id, number) IN (
         SELECT i.rank, i.created_at, i.repo_id, i.number FROM json_each(?) j
         CROSS JOIN issue i ON i.repo_id = j.value->>0 AND i.number = j.value->>1);
     -- put_issues
     WITH put AS MATERIALIZED (SELECT value AS v FROM json_each(?))
     INSERT INTO issue (repo_id, number, rank, state, created_at, updated_at, checked_at, doubt, doubt_detail, doubt_at, title,
         labels, assignees, milestone_number, milestone_title, author, url, etag, body)
     SELECT v->>'repo_id', v->>'number', v->>'rank', v->>'state', v->>'created_at', v->>'updated_at', v->>'checked_at',
         v->>'doubt', v->>'doubt_detail', v->>'doubt_at', v->>'title', v->>'labels', v->>'assignees', v->>'milestone_number',
         v->>'milestone_title', v->>'author', v->>'url', v->>'etag', v->>'body'
     FROM put WHERE true
     ON CONFLICT (repo_id, number) DO UPDATE SET rank = excluded.rank, state = excluded.state,
         created_at = excluded.created_at, updated_at = excluded.updated_at, checked_at = excluded.checked_at,
         doubt = excluded.doubt, doubt_detail = excluded.doubt_detail, doubt_at = excluded.doubt_at, title = excluded.title, labels = excluded.labels,
         assignees = excluded.assignees, milestone_number = excluded.milestone_number,
         milestone_title = excluded.milestone_title, author = excluded.author, url = excluded.url, etag = excluded.etag,
         body = excluded.body;
     -- join_queue
     INSERT INTO queue (rank, created_at, repo_id, number)
     SELECT i.rank, i.created_at, i.repo_id, i.number FROM json_each(?) j
     CROSS JOIN issue i ON i.repo_id = j.value->>0 AND i.number = j.value->>1;
     -- drop_tags
     DELETE FROM issue_tag WHERE (repo_id, number) IN (SELECT value->>0, value->>1 FROM json_each(?));
     -- put_tags
     INSERT OR IGNORE INTO issue_tag (repo_id, number, tag) SELECT value->>0, value->>1, value->>2 FROM json_each(?)";

/// ?1 repository, ?2 the moment: issues that were called closed before it are believed open again.
pub(crate) const TRUST: &str = "-- trust
     UPDATE issue INDEXED BY issue_doubt SET doubt = NULL, doubt_at = NULL
     WHERE repo_id = ?1 AND doubt IS NOT NULL AND doubt = 'called_closed' AND doubt_at < ?2
     RETURNING number";

/// The open issues of a repository that may be handed out.
macro_rules! ready {
    () => {
        " i.state = 'open' AND i.doubt IS NULL AND (SELECT offered FROM repo WHERE id = i.repo_id)
           AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = i.repo_id AND c.number = i.number
             AND c.status NOT IN ('closed', 'released'))"
    };
}

/// ?1 repository, ?2 numbers.
pub(crate) const REJOIN: &str = concat!(
    "-- rejoin_queue
     INSERT OR IGNORE INTO queue (rank, created_at, repo_id, number)
     SELECT i.rank, i.created_at, i.repo_id, i.number FROM json_each(?2) j
     CROSS JOIN issue i ON i.repo_id = ?1 AND i.number = j.value WHERE",
    ready!()
);

/// The repository, twice.
pub(crate) const REQUEUE: &str = concat!(
    "-- empty_queue
     DELETE FROM queue WHERE repo_id = ?;
     -- fill_queue
     INSERT INTO queue (rank, created_at, repo_id, number)
     SELECT i.rank, i.created_at, i.repo_id, i.number FROM issue i INDEXED BY issue_open WHERE i.repo_id = ? AND",
    ready!()
);

#[derive(Serialize)]
struct RepoOut<'a> {
    id: i64,
    github_id: i64,
    name: &'a str,
    key: &'a str,
    url: &'a str,
    description: Option<&'a str>,
    private: i64,
    archived: i64,
    open_count: i64,
    offered: i64,
    unseen: i64,
    synced_at: Option<i64>,
    polled_at: Option<i64>,
    watermark: Option<i64>,
    etag: Option<&'a str>,
    full_at: Option<i64>,
    count_gap: i64,
    count_runs: u32,
}

#[derive(Serialize)]
struct IssueOut<'a> {
    repo_id: i64,
    number: i64,
    rank: i64,
    state: String,
    created_at: i64,
    updated_at: i64,
    checked_at: i64,
    doubt: Option<String>,
    doubt_detail: Option<String>,
    doubt_at: Option<i64>,
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

pub(super) fn repos(repos: &[Repo]) -> Result<Args, StoreError> {
    Args::default().list(&repos.iter().map(repo_row).collect::<Vec<_>>())
}

fn repo_row(repo: &Repo) -> RepoOut<'_> {
    RepoOut {
        id: repo.id.0,
        github_id: repo.facts.github_id,
        name: repo.facts.name.as_str(),
        key: repo.facts.name.key(),
        url: &repo.facts.url,
        description: repo.facts.description.as_deref(),
        private: i64::from(repo.facts.private),
        archived: i64::from(repo.facts.archived),
        open_count: repo.facts.open_count,
        offered: i64::from(repo.offered),
        unseen: i64::from(repo.unseen),
        synced_at: repo.synced_at.map(|at| at.0),
        polled_at: repo.polled_at.map(|at| at.0),
        watermark: repo.watermark.map(|at| at.0),
        etag: repo.etag.as_deref(),
        full_at: repo.full_at.map(|at| at.0),
        count_gap: repo.counts.gap,
        count_runs: repo.counts.runs,
    }
}

pub(super) fn issues(issues: &[(MirroredIssue, bool)]) -> Result<Args, StoreError> {
    let whole: Vec<_> = issues
        .iter()
        .map(|(issue, _)| issue_row(issue))
        .collect::<Result<_, _>>()?;
    let keys: Vec<_> = issues.iter().map(|(issue, _)| issue.key()).collect();
    let ready = issues.iter().filter(|(_, ready)| *ready);
    let ready: Vec<_> = ready.map(|(issue, _)| issue.key()).collect();
    let tagged: Vec<_> = issues
        .iter()
        .flat_map(|(issue, _)| tags(&issue.facts).map(|tag| (issue.repo, issue.facts.number, tag)))
        .collect();
    Args::default()
        .list(&keys)?
        .list(&whole)?
        .list(&ready)?
        .list(&keys)?
        .list(&tagged)
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

fn issue_row(issue: &MirroredIssue) -> Result<IssueOut<'_>, StoreError> {
    let facts = &issue.facts;
    let milestone = facts.milestone.as_ref();
    let doubt = issue.doubt.map(|(doubt, _)| in_columns(doubt));
    Ok(IssueOut {
        repo_id: issue.repo.0,
        number: facts.number.get(),
        rank: issue.rank.number(),
        state: word_of(&facts.state)?,
        created_at: facts.created_at.0,
        updated_at: facts.updated_at.0,
        checked_at: issue.checked_at.0,
        doubt: doubt.map(|(doubt, _)| word_of(&doubt)).transpose()?,
        doubt_detail: doubt
            .and_then(|(_, detail)| detail)
            .map(|detail| word_of(&detail))
            .transpose()?,
        doubt_at: issue.doubt.map(|(_, at)| at.0),
        title: &facts.title,
        labels: &facts.labels,
        assignees: &facts.assignees,
        milestone_number: milestone.map(|milestone| milestone.number),
        milestone_title: milestone.map(|milestone| milestone.title.as_str()),
        author: facts.author.as_deref(),
        url: &facts.url,
        etag: issue.etag.as_deref(),
        body: &facts.body,
    })
}

/// Puts into the queue, or out of it, what more than the written rows may have changed.
pub(super) async fn requeue(
    conn: &mut SqliteConnection,
    writes: &WriteBatch,
) -> Result<(), StoreError> {
    for (repo, began) in &writes.trust {
        let args = Args::default().with(repo.0)?.with(began.0)?;
        let believed: Vec<(i64,)> = read(&rows(conn, TRUST, args).await?)?;
        if believed.is_empty() {
            continue;
        }
        let numbers: Vec<i64> = believed.into_iter().map(|(number,)| number).collect();
        change(conn, REJOIN, Args::default().with(repo.0)?.list(&numbers)?).await?;
    }
    for repo in &writes.reoffer {
        let args = Args::default().with(repo.0)?.with(repo.0)?;
        let _: [_; 2] = run(conn, REQUEUE, args).await?;
    }
    Ok(())
}
