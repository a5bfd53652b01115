//! Candidates in serving order, read from the queue without a scan of the mirror and without a sort.

use std::collections::BTreeSet;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::IssueKey;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_store_sql::json::issue_keys;
use issuecommand_store_sql::new_rows::{OptionalTags, wanted_tags};
use issuecommand_store_sql::{Args as _, CandidateQuestion};

use crate::statement::{Args, Db};

/// Up to this number of open issues with a tag, they are found by the index of tags and sorted; above it, the queue is walked until
/// enough match.
const RARE: i64 = 2_000;

/// In all of these `$1` is the scope by name key, `$2` the tags that an issue must have, each once, `$3` how many, `$4` the name key
/// of the repository, `$5` the repositories that are passed over, `$6` the tags of which it must have one, `$7` those of which it
/// must have none, `$8` the tags of types of which it must have one, and `$9` the lanes.
macro_rules! fits {
    () => {
        " AND ($1::text[] IS NULL OR q.repo_id = ANY (ARRAY(SELECT id FROM repo WHERE key = ANY ($1::text[]))))
          AND (cardinality($2::text[]) = 0 OR (SELECT count(*) FROM issue_tag t
              WHERE t.repo_id = q.repo_id AND t.number = q.number AND t.tag = ANY ($2::text[])) = cardinality($2::text[]))
          AND q.repo_id <> ALL ($5::bigint[])
          AND (cardinality($6::text[]) = 0 OR EXISTS (SELECT 1 FROM issue_tag t
              WHERE t.repo_id = q.repo_id AND t.number = q.number AND t.tag = ANY ($6::text[])))
          AND (cardinality($7::text[]) = 0 OR NOT EXISTS (SELECT 1 FROM issue_tag t
              WHERE t.repo_id = q.repo_id AND t.number = q.number AND t.tag = ANY ($7::text[])))
          AND (cardinality($8::text[]) = 0 OR EXISTS (SELECT 1 FROM issue_tag t
              WHERE t.repo_id = q.repo_id AND t.number = q.number AND t.tag = ANY ($8::text[])))"
    };
}

/// The first candidates of each lane, merged.
macro_rules! of_lanes {
    ($name:literal, $of_lane:expr) => {
        concat!(
            "-- ",
            $name,
            "
     SELECT w.repo_id, w.number FROM unnest($9::text[]) AS l (lane) CROSS JOIN LATERAL (
         SELECT q.turn, q.created_at, q.repo_id, q.number FROM queue q WHERE q.lane = l.lane AND ",
            $of_lane,
            fits!(),
            " ORDER BY q.turn, q.created_at, q.repo_id, q.number LIMIT $3) w
     ORDER BY w.turn, w.created_at, w.repo_id, w.number LIMIT $3"
        )
    };
}

pub(crate) const ALL: &str = of_lanes!("window", "$4::text IS NULL");
pub(crate) const REPO: &str = of_lanes!(
    "window_repo",
    "q.repo_id = (SELECT repo_id FROM repo_alias WHERE key = $4::text)"
);

/// `$10` is the rare tag.
pub(crate) const RARE_TAG: &str = concat!(
    "-- window_rare_tag
     SELECT q.repo_id, q.number
     FROM issue_tag rare
     JOIN readiness d ON d.repo_id = rare.repo_id AND d.number = rare.number
     JOIN queue q ON q.lane = d.lane AND q.turn = d.turn AND q.created_at = d.created_at AND q.repo_id = d.repo_id
         AND q.number = d.number
     WHERE rare.tag = $10 AND d.lane = ANY ($9::text[])
       AND ($4::text IS NULL OR q.repo_id = (SELECT repo_id FROM repo_alias WHERE key = $4::text))",
    fits!(),
    " ORDER BY q.turn, q.created_at, q.repo_id, q.number LIMIT $3"
);

/// The rarest of the tags $1, if there are fewer than $2 of it.
pub(crate) const RAREST: &str = "-- rarest_tag
     SELECT w.tag FROM unnest($1::text[]) AS w (tag) CROSS JOIN LATERAL (
         SELECT count(*) AS n FROM (SELECT 1 FROM issue_tag t WHERE t.tag = w.tag LIMIT $2) enough) found
     WHERE found.n < $2 ORDER BY found.n LIMIT 1";

/// The first ready issues that match.
pub(crate) async fn keys(
    db: &mut Db<'_>,
    question: CandidateQuestion<'_>,
) -> Result<Vec<IssueKey>, StoreError> {
    let filter = question.filter;
    let tags = wanted_tags(filter);
    let repo = filter.repo.as_ref().map(RepoName::key);
    let rare = rarest(db, &tags).await?;
    let optional = OptionalTags::of(filter);
    let sql = match (&rare, &repo) {
        (Some(_), _) => RARE_TAG,
        (None, None) => ALL,
        (None, Some(_)) => REPO,
    };
    let passed_over = question.passed_over.iter().map(|repo| repo.0);
    let args = Args::default()
        .scope(question.scope)?
        .texts(&tags)?
        .number(question.limit())?
        .text(repo)?
        .with(passed_over.collect::<Vec<i64>>())?
        .texts(&optional.any)?
        .texts(&optional.none)?
        .texts(&optional.types)?
        .texts(question.lanes.iter().map(|lane| lane.as_str()))?;
    let args = match rare {
        Some(rare) => args.text(Some(&rare))?,
        None => args,
    };
    issue_keys(db.read(sql, args).await?)
}

async fn rarest(db: &mut Db<'_>, tags: &BTreeSet<String>) -> Result<Option<String>, StoreError> {
    if tags.is_empty() {
        return Ok(None);
    }
    let args = Args::default().texts(tags)?.number(RARE)?;
    let found: Vec<(String,)> = db.read(RAREST, args).await?;
    Ok(found.into_iter().next().map(|(tag,)| tag))
}
