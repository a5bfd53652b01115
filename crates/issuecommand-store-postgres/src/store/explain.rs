//! The statements that count open issues by their first reason.

use issuecommand_store_sql::{ExplainStatements, repo_columns};

pub(crate) const ALL: ExplainStatements = ExplainStatements {
    lanes: LANES,
    sums: SUMS,
    repos: REPOS,
    oldest_unready: OLDEST_UNREADY,
    lowest_held: LOWEST_HELD,
    lowest_open: LOWEST_OPEN,
    of_tags: OF_TAGS,
    fitting: FITTING,
};

/// Goes from the first row of a lane to the first of the next one.
pub(crate) const LANES: &str = "-- explain_lanes
     WITH RECURSIVE l (lane) AS (
         SELECT min(lane) FROM readiness_count
         UNION ALL
         SELECT (SELECT min(c.lane) FROM readiness_count c WHERE c.lane > l.lane) FROM l WHERE l.lane IS NOT NULL)
     SELECT lane FROM l WHERE lane IS NOT NULL";

/// $1 lanes that are for the agent, $2 other lanes, $3 repository's name key, $4 scope.
pub(crate) const SUMS: &str = "-- explain_sums
     SELECT s.repo_id, s.first, sum(s.n)::bigint AS n FROM (
         SELECT c.repo_id, c.first, c.n FROM readiness_count c WHERE c.lane = ANY ($1::text[])
         UNION ALL
         SELECT c.repo_id, 'elsewhere', c.n FROM readiness_count c WHERE c.lane = ANY ($2::text[]) AND c.first = '') s
     WHERE s.n > 0
       AND ($3::text IS NULL OR s.repo_id = (SELECT repo_id FROM repo_alias WHERE key = $3::text))
       AND ($4::text[] IS NULL OR s.repo_id = ANY (ARRAY(SELECT id FROM repo WHERE key = ANY ($4::text[]))))
     GROUP BY s.repo_id, s.first";

/// $1 ids.
pub(crate) const REPOS: &str = concat!(
    "-- explain_repos
     SELECT ",
    repo_columns!(),
    " FROM repo r WHERE r.id = ANY ($1::bigint[])"
);

/// $1 reasons, $2 lanes, $3 repositories.
pub(crate) const OLDEST_UNREADY: &str = "-- oldest_unready
     SELECT j.code, (SELECT json_build_array(d.repo_id, d.number)::text FROM readiness d
         WHERE d.first = j.code AND d.lane = ANY ($2::text[]) AND d.repo_id = ANY ($3::bigint[])
           AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = d.repo_id AND c.number = d.number
               AND c.status NOT IN ('closed', 'released'))
         ORDER BY d.created_at, d.repo_id, d.number LIMIT 1) AS issue
     FROM unnest($1::text[]) AS j (code)";

/// $1 repositories, $2 lanes.
pub(crate) const LOWEST_HELD: &str = "-- lowest_held
     SELECT j.repo_id, (SELECT json_build_array(d.created_at, d.number)::text FROM claim c
         JOIN readiness d ON d.repo_id = c.repo_id AND d.number = c.number
         WHERE c.repo_id = j.repo_id AND c.status NOT IN ('closed', 'released') AND d.lane = ANY ($2::text[])
         ORDER BY c.number LIMIT 1) AS issue
     FROM unnest($1::bigint[]) AS j (repo_id)";

/// $1 repositories, $2 lanes.
pub(crate) const LOWEST_OPEN: &str = "-- lowest_open
     SELECT j.repo_id, (SELECT json_build_array(d.created_at, d.number)::text FROM readiness d
         WHERE d.repo_id = j.repo_id AND d.lane = ANY ($2::text[])
         ORDER BY d.number LIMIT 1) AS issue
     FROM unnest($1::bigint[]) AS j (repo_id)";

/// An issue that counts one by one.
macro_rules! counted {
    () => {
        "SELECT d.repo_id, d.number, d.created_at, d.lane, CASE WHEN EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = d.repo_id
         AND c.number = d.number AND c.status NOT IN ('closed', 'released')) THEN 'held' ELSE coalesce(d.first, '') END AS first"
    };
}

/// $2 repository's name key, $3 scope, $5 tags of which the issue must have one, $6 those of which it must have none, $7 types of which
/// it must be one.
macro_rules! fits {
    () => {
        " AND ($2::text IS NULL OR d.repo_id = (SELECT repo_id FROM repo_alias WHERE key = $2::text))
       AND ($3::text[] IS NULL OR d.repo_id = ANY (ARRAY(SELECT id FROM repo WHERE key = ANY ($3::text[]))))
       AND (cardinality($5::text[]) = 0 OR EXISTS (SELECT 1 FROM issue_tag t
           WHERE t.repo_id = d.repo_id AND t.number = d.number AND t.tag = ANY ($5::text[])))
       AND (cardinality($6::text[]) = 0 OR NOT EXISTS (SELECT 1 FROM issue_tag t
           WHERE t.repo_id = d.repo_id AND t.number = d.number AND t.tag = ANY ($6::text[])))
       AND (cardinality($7::text[]) = 0 OR EXISTS (SELECT 1 FROM issue_tag t
           WHERE t.repo_id = d.repo_id AND t.number = d.number AND t.tag = ANY ($7::text[])))"
    };
}

/// $1 tags, each once, $4 how many. The index of tags is read for the rarest of them.
pub(crate) const OF_TAGS: &str = concat!(
    "-- explain_tags
     ",
    counted!(),
    " FROM issue_tag rare
     JOIN readiness d ON d.repo_id = rare.repo_id AND d.number = rare.number
     WHERE rare.tag = (SELECT w.tag FROM unnest($1::text[]) AS w (tag) ORDER BY (SELECT count(*) FROM (
             SELECT 1 FROM issue_tag t WHERE t.tag = w.tag LIMIT $4) enough) LIMIT 1)
       AND (SELECT count(*) FROM issue_tag t WHERE t.repo_id = rare.repo_id AND t.number = rare.number
           AND t.tag = ANY ($1::text[])) = cardinality($1::text[])",
    fits!(),
    " ORDER BY rare.repo_id, rare.number LIMIT $4"
);

/// $1 is an empty list, $4 how many. Passes the open issues in order of their keys.
pub(crate) const FITTING: &str = concat!(
    "-- explain_fitting
     ",
    counted!(),
    " FROM readiness d WHERE cardinality($1::text[]) = 0",
    fits!(),
    " ORDER BY d.repo_id, d.number LIMIT $4"
);
