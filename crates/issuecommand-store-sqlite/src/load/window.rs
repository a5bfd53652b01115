//! Candidates in serving order, read from the queue of each lane without a scan of the mirror and without a sort.

use std::collections::BTreeSet;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::IssueKey;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_store_sql::json::issue_keys;
use issuecommand_store_sql::new_rows::{OptionalTags, wanted_tags};
use issuecommand_store_sql::{Args as _, CandidateQuestion};
use sqlx::sqlite::SqliteConnection;

use crate::statement::{Args, rows};

/// Up to this number of open issues with a tag, they are found by the index of tags and sorted; above it, the queue is walked until
/// enough match.
const RARE: i64 = 2_000;

/// In all of these `?1` is the scope by name key, `?2` the tags that an issue must have, `?3` how many, `?6` the repositories that are
/// passed over, `?7` the tags of which it must have one, `?8` those of which it must have none, `?9` the tags of types of which it
/// must have one, and `?10` the lane.
macro_rules! fits {
    () => {
        " AND (?1 IS NULL OR q.repo_id IN (SELECT id FROM repo WHERE key IN (SELECT value FROM json_each(?1))))
            AND q.repo_id NOT IN (SELECT value FROM json_each(?6))"
    };
    (tagged) => {
        concat!(
            fits!(),
            " AND NOT EXISTS (SELECT 1 FROM json_each(?2) w WHERE NOT EXISTS (
                SELECT 1 FROM issue_tag t WHERE t.repo_id = q.repo_id AND t.number = q.number AND t.tag = w.value))
            AND (?7 = '[]' OR EXISTS (SELECT 1 FROM json_each(?7) w CROSS JOIN issue_tag t
                ON t.repo_id = q.repo_id AND t.number = q.number AND t.tag = w.value))
            AND (?9 = '[]' OR EXISTS (SELECT 1 FROM json_each(?9) w CROSS JOIN issue_tag t
                ON t.repo_id = q.repo_id AND t.number = q.number AND t.tag = w.value))
            AND NOT EXISTS (SELECT 1 FROM json_each(?8) w CROSS JOIN issue_tag t
                ON t.repo_id = q.repo_id AND t.number = q.number AND t.tag = w.value)"
        )
    };
}

macro_rules! queue {
    ($name:literal, $($tagged:ident)?) => {
        concat!(
            "-- ", $name, "
             SELECT q.turn, q.created_at, q.repo_id, q.number FROM queue q WHERE q.lane = ?10",
            fits!($($tagged)?),
            " ORDER BY q.turn, q.created_at, q.repo_id, q.number LIMIT ?3"
        )
    };
}

/// `?4` is the name key of the repository.
macro_rules! queue_of_repo {
    ($name:literal, $($tagged:ident)?) => {
        concat!(
            "-- ", $name, "
             SELECT q.turn, q.created_at, q.repo_id, q.number FROM queue q INDEXED BY queue_repo
             WHERE q.repo_id = (SELECT repo_id FROM repo_alias WHERE key = ?4) AND q.lane = ?10",
            fits!($($tagged)?),
            " ORDER BY q.turn, q.created_at, q.number LIMIT ?3"
        )
    };
}

pub(crate) const ALL: &str = queue!("window",);
pub(crate) const ALL_TAGGED: &str = queue!("window_tagged", tagged);
pub(crate) const REPO: &str = queue_of_repo!("window_repo",);
pub(crate) const REPO_TAGGED: &str = queue_of_repo!("window_repo_tagged", tagged);

/// `?5` is the rare tag.
pub(crate) const RARE_TAG: &str = concat!(
    "-- window_rare_tag
     SELECT q.turn, q.created_at, q.repo_id, q.number
     FROM issue_tag rare INDEXED BY issue_tag_tag
     CROSS JOIN readiness d ON d.repo_id = rare.repo_id AND d.number = rare.number
     CROSS JOIN queue q ON q.lane = d.lane AND q.turn = d.turn AND q.created_at = d.created_at AND q.repo_id = d.repo_id
         AND q.number = d.number
     WHERE rare.tag = ?5 AND d.lane = ?10 AND (?4 IS NULL OR q.repo_id = (SELECT repo_id FROM repo_alias WHERE key = ?4))",
    fits!(tagged),
    " ORDER BY q.turn, q.created_at, q.repo_id, q.number LIMIT ?3"
);

/// The rarest of the tags ?1, if there are fewer than ?2 of it.
pub(crate) const RAREST: &str = "-- rarest_tag
     SELECT w.value AS tag, (SELECT count(*) FROM (SELECT 1 FROM issue_tag t WHERE t.tag = w.value LIMIT ?2)) AS n
     FROM json_each(?1) w WHERE n < ?2 ORDER BY n LIMIT 1";

/// A candidate with the key by which lists of lanes are merged: its turn, its creation, repository and number.
type Candidate = (i64, i64, i64, i64);

/// The first ready issues that match.
pub(crate) async fn keys(
    conn: &mut SqliteConnection,
    question: CandidateQuestion<'_>,
) -> Result<Vec<IssueKey>, StoreError> {
    let filter = question.filter;
    let tags = wanted_tags(filter);
    let repo = filter.repo.as_ref().map(RepoName::key);
    let rare = rarest(conn, &tags).await?;
    let optional = OptionalTags::of(filter);
    let sql = match (&rare, &repo, tags.is_empty() && optional.is_empty()) {
        (Some(_), _, _) => RARE_TAG,
        (None, None, true) => ALL,
        (None, None, false) => ALL_TAGGED,
        (None, Some(_), true) => REPO,
        (None, Some(_), false) => REPO_TAGGED,
    };
    let mut found: Vec<Candidate> = Vec::new();
    for lane in question.lanes {
        let args = Args::default()
            .scope(question.scope)?
            .list(&tags)?
            .number(question.limit())?
            .text(repo)?
            .text(rare.as_deref())?
            .list(question.passed_over)?
            .list(&optional.any)?
            .list(&optional.none)?
            .list(&optional.types)?
            .text(Some(lane.as_str()))?;
        found.extend(rows::<Candidate>(conn, sql, args).await?);
    }
    found.sort_unstable();
    found.truncate(question.limit);
    let keys = found.into_iter().map(|(_, _, repo, number)| (repo, number));
    issue_keys(keys.collect())
}

async fn rarest(
    conn: &mut SqliteConnection,
    tags: &BTreeSet<String>,
) -> Result<Option<String>, StoreError> {
    if tags.is_empty() {
        return Ok(None);
    }
    let args = Args::default().list(tags)?.number(RARE)?;
    let found: Vec<(String, i64)> = rows(conn, RAREST, args).await?;
    Ok(found.into_iter().next().map(|(tag, _)| tag))
}
