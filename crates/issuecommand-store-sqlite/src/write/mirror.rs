//! Writing repositories, issues and the queue.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_store_sql::Args as _;
use issuecommand_store_sql::new_rows::NewRows;
use sqlx::sqlite::SqliteConnection;

use crate::statement::{Args, change, run};

/// ?1 repositories as objects.
pub(crate) const PUT_REPOS: &str = "-- put_repos
     INSERT INTO repo (id, github_id, name, key, url, description, private, archived, open_count, known_at, offered, unseen, synced_at,
         polled_at, watermark, etag, full_at, count_gap, count_runs)
     SELECT value->>'id', value->>'github_id', value->>'name', value->>'key', value->>'url', value->>'description',
         value->>'private', value->>'archived', value->>'open_count', value->>'known_at', value->>'offered', value->>'unseen',
         value->>'synced_at', value->>'polled_at', value->>'watermark', value->>'etag', value->>'full_at',
         value->>'count_gap', value->>'count_runs'
     FROM jsonb_each(?1) WHERE true
     ON CONFLICT (id) DO UPDATE SET github_id = excluded.github_id, name = excluded.name, key = excluded.key,
         url = excluded.url, description = excluded.description, private = excluded.private, archived = excluded.archived,
         open_count = excluded.open_count,
         known_at = excluded.known_at, offered = excluded.offered, unseen = excluded.unseen,
         synced_at = excluded.synced_at, polled_at = excluded.polled_at, watermark = excluded.watermark, etag = excluded.etag,
         full_at = excluded.full_at, count_gap = excluded.count_gap, count_runs = excluded.count_runs";

/// ?1 [key, repository]: a name belongs to its last repository.
pub(crate) const PUT_NAMES: &str = "-- put_names
     INSERT INTO repo_alias (key, repo_id) SELECT value->>0, value->>1 FROM json_each(?1) WHERE true
     ON CONFLICT (key) DO UPDATE SET repo_id = excluded.repo_id";

/// ?1 [key, repository]: a name of `ALLOWED_REPOS` keeps its first repository.
pub(crate) const BIND_NAMES: &str = "-- bind_names
     INSERT INTO allowed_repo (key, repo_id) SELECT value->>0, value->>1 FROM json_each(?1) WHERE true
     ON CONFLICT (key) DO NOTHING";

/// Lists of: the issues; [repository, number] of them; tags.
pub(crate) const PUT_ISSUES: &str = "-- put_issues
     WITH put AS MATERIALIZED (SELECT value AS v FROM jsonb_each(?))
     INSERT INTO issue (repo_id, number, rank, state, created_at, updated_at, checked_at, doubt, doubt_detail, doubt_at, title,
         labels, assignees, milestone_number, milestone_title, author, url, etag, facts, body)
     SELECT v->>'repo_id', v->>'number', v->>'rank', v->>'state', v->>'created_at', v->>'updated_at', v->>'checked_at',
         v->>'doubt', v->>'doubt_detail', v->>'doubt_at', v->>'title', v->>'labels', v->>'assignees', v->>'milestone_number',
         v->>'milestone_title', v->>'author', v->>'url', v->>'etag', v->>'facts', v->>'body'
     FROM put WHERE true
     ON CONFLICT (repo_id, number) DO UPDATE SET rank = excluded.rank, state = excluded.state,
         created_at = excluded.created_at, updated_at = excluded.updated_at, checked_at = excluded.checked_at,
         doubt = excluded.doubt, doubt_detail = excluded.doubt_detail, doubt_at = excluded.doubt_at, title = excluded.title, labels = excluded.labels,
         assignees = excluded.assignees, milestone_number = excluded.milestone_number,
         milestone_title = excluded.milestone_title, author = excluded.author, url = excluded.url, etag = excluded.etag,
         facts = excluded.facts, body = excluded.body;
     -- drop_tags
     DELETE FROM issue_tag WHERE (repo_id, number) IN (SELECT value->>0, value->>1 FROM json_each(?));
     -- put_tags
     INSERT OR IGNORE INTO issue_tag (repo_id, number, tag)
     SELECT value->>'repo_id', value->>'number', value->>'tag' FROM jsonb_each(?)";

/// The repository, twice.
pub(crate) const REQUEUE: &str = "-- empty_queue
     DELETE FROM queue WHERE repo_id = ?;
     -- fill_queue
     INSERT INTO queue (lane, turn, created_at, repo_id, number)
     SELECT d.lane, d.turn, d.created_at, d.repo_id, d.number FROM readiness d WHERE d.repo_id = ? AND d.first IS NULL
         AND (SELECT offered FROM repo WHERE id = d.repo_id)
         AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = d.repo_id AND c.number = d.number
             AND c.status NOT IN ('closed', 'released'))";

/// Writes repositories, their names, and issues.
pub(super) async fn put(conn: &mut SqliteConnection, rows: &NewRows<'_>) -> Result<(), StoreError> {
    if !rows.repos.is_empty() {
        change(conn, PUT_REPOS, Args::default().list(&rows.repos)?).await?;
    }
    if !rows.names.is_empty() {
        change(conn, PUT_NAMES, Args::default().list(rows.names)?).await?;
    }
    if !rows.bound.is_empty() {
        change(conn, BIND_NAMES, Args::default().list(rows.bound)?).await?;
    }
    let issues = &rows.issues;
    if !issues.issues.is_empty() {
        let args = Args::default()
            .list(&issues.issues)?
            .list(&issues.keys)?
            .list(&issues.tags)?;
        let _: [_; 3] = run(conn, PUT_ISSUES, args).await?;
    }
    Ok(())
}

/// Builds the queue of the repositories anew whose `offered` changed.
pub(super) async fn requeue(
    conn: &mut SqliteConnection,
    rows: &NewRows<'_>,
) -> Result<(), StoreError> {
    for repo in rows.requeue {
        let args = Args::default().number(repo.0)?.number(repo.0)?;
        let _: [_; 2] = run(conn, REQUEUE, args).await?;
    }
    Ok(())
}
