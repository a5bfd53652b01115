//! Writing repositories, issues and the queue.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::RepoId;
use issuecommand_store_sql::Args as _;
use issuecommand_store_sql::new_rows::NewRows;

use super::{change_keys, put as put_rows};
use crate::statement::{Args, Db};

/// $1 repositories as objects.
pub(crate) const PUT_REPOS: &str = "-- put_repos
     INSERT INTO repo (id, github_id, name, key, url, description, private, archived, open_count, known_at, offered, unseen, synced_at,
         polled_at, watermark, etag, full_at, count_gap, count_runs)
     SELECT id, github_id, name, key, url, description, private, archived, open_count, known_at, offered, unseen, synced_at, polled_at,
         watermark, etag, full_at, count_gap, count_runs
     FROM jsonb_populate_recordset(NULL::repo, $1::jsonb)
     ON CONFLICT (id) DO UPDATE SET github_id = excluded.github_id, name = excluded.name, key = excluded.key,
         url = excluded.url, description = excluded.description, private = excluded.private, archived = excluded.archived,
         open_count = excluded.open_count, known_at = excluded.known_at, offered = excluded.offered, unseen = excluded.unseen,
         synced_at = excluded.synced_at, polled_at = excluded.polled_at, watermark = excluded.watermark, etag = excluded.etag,
         full_at = excluded.full_at, count_gap = excluded.count_gap, count_runs = excluded.count_runs";

/// $1 keys, $2 repositories: a name belongs to its last repository.
pub(crate) const PUT_NAMES: &str = "-- put_names
     INSERT INTO repo_alias (key, repo_id)
     SELECT DISTINCT ON (key) key, repo_id FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS j (key, repo_id, n)
     ORDER BY key, n DESC
     ON CONFLICT (key) DO UPDATE SET repo_id = excluded.repo_id";

/// $1 keys, $2 repositories: a name of `ALLOWED_REPOS` keeps its first repository.
pub(crate) const BIND_NAMES: &str = "-- bind_names
     INSERT INTO allowed_repo (key, repo_id)
     SELECT DISTINCT ON (key) key, repo_id FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS j (key, repo_id, n)
     ORDER BY key, n
     ON CONFLICT (key) DO NOTHING";

/// $1 issues as objects.
pub(crate) const PUT_ISSUES: &str = "-- put_issues
     INSERT INTO issue (repo_id, number, rank, state, created_at, updated_at, checked_at, doubt, doubt_detail, doubt_at, title,
         labels, assignees, milestone_number, milestone_title, author, url, etag, facts, body)
     SELECT repo_id, number, rank, state, created_at, updated_at, checked_at, doubt, doubt_detail, doubt_at, title, labels, assignees,
         milestone_number, milestone_title, author, url, etag, facts, body
     FROM jsonb_populate_recordset(NULL::issue, $1::jsonb)
     ON CONFLICT (repo_id, number) DO UPDATE SET rank = excluded.rank, state = excluded.state,
         created_at = excluded.created_at, updated_at = excluded.updated_at, checked_at = excluded.checked_at,
         doubt = excluded.doubt, doubt_detail = excluded.doubt_detail, doubt_at = excluded.doubt_at, title = excluded.title, labels = excluded.labels,
         assignees = excluded.assignees, milestone_number = excluded.milestone_number,
         milestone_title = excluded.milestone_title, author = excluded.author, url = excluded.url, etag = excluded.etag,
         facts = excluded.facts, body = excluded.body";

/// $1 and $2 repositories and numbers.
pub(crate) const DROP_TAGS: &str = "-- drop_tags
     DELETE FROM issue_tag t USING unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     WHERE t.repo_id = j.repo_id AND t.number = j.number";

/// $1 tags as objects.
pub(crate) const PUT_TAGS: &str = "-- put_tags
     INSERT INTO issue_tag (repo_id, number, tag)
     SELECT repo_id, number, tag FROM jsonb_populate_recordset(NULL::issue_tag, $1::jsonb)
     ON CONFLICT DO NOTHING";

/// $1 repository.
pub(crate) const EMPTY_QUEUE: &str = "-- empty_queue
     DELETE FROM queue WHERE repo_id = $1";

/// $1 repository.
pub(crate) const FILL_QUEUE: &str = "-- fill_queue
     INSERT INTO queue (lane, turn, created_at, repo_id, number)
     SELECT d.lane, d.turn, d.created_at, d.repo_id, d.number FROM readiness d WHERE d.repo_id = $1 AND d.first IS NULL
         AND (SELECT offered FROM repo WHERE id = d.repo_id)
         AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = d.repo_id AND c.number = d.number
             AND c.status NOT IN ('closed', 'released'))";

/// Writes repositories, their names, and issues.
pub(super) async fn put(db: &mut Db<'_>, rows: &NewRows<'_>) -> Result<(), StoreError> {
    put_rows(db, PUT_REPOS, &rows.repos).await?;
    put_names(db, PUT_NAMES, rows.names).await?;
    put_names(db, BIND_NAMES, rows.bound).await?;
    let issues = &rows.issues;
    put_rows(db, PUT_ISSUES, &issues.issues).await?;
    change_keys(db, DROP_TAGS, &issues.keys).await?;
    put_rows(db, PUT_TAGS, &issues.tags).await.map(drop)
}

async fn put_names(
    db: &mut Db<'_>,
    sql: &'static str,
    names: &[(String, RepoId)],
) -> Result<(), StoreError> {
    if names.is_empty() {
        return Ok(());
    }
    let repos: Vec<i64> = names.iter().map(|(_, repo)| repo.0).collect();
    let args = Args::default()
        .texts(names.iter().map(|(name, _)| name))?
        .with(repos)?;
    db.change(sql, args).await.map(drop)
}

/// Builds the queue of the repositories anew whose `offered` changed.
pub(super) async fn requeue(db: &mut Db<'_>, rows: &NewRows<'_>) -> Result<(), StoreError> {
    for repo in rows.requeue {
        db.change(EMPTY_QUEUE, Args::default().number(repo.0)?)
            .await?;
        db.change(FILL_QUEUE, Args::default().number(repo.0)?)
            .await?;
    }
    Ok(())
}
