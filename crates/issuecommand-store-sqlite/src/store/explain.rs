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

/// ?1 lanes that are for the agent, ?2 other lanes, ?3 repository's name key, ?4 scope.
pub(crate) const SUMS: &str = "-- explain_sums
     SELECT s.repo_id, s.first, sum(s.n) AS n FROM (
         SELECT c.repo_id, c.first, c.n FROM json_each(?1) j CROSS JOIN readiness_count c ON c.lane = j.value
         UNION ALL
         SELECT c.repo_id, 'elsewhere', c.n FROM json_each(?2) j
         CROSS JOIN readiness_count c ON c.lane = j.value AND c.first = '') s
     WHERE s.n > 0
       AND (?3 IS NULL OR s.repo_id = (SELECT repo_id FROM repo_alias WHERE key = ?3))
       AND (?4 IS NULL OR s.repo_id IN (SELECT id FROM repo WHERE key IN (SELECT value FROM json_each(?4))))
     GROUP BY s.repo_id, s.first";

/// ?1 ids.
pub(crate) const REPOS: &str = concat!(
    "-- explain_repos
     SELECT ",
    repo_columns!(),
    " FROM json_each(?1) j CROSS JOIN repo r ON r.id = j.value"
);

/// ?1 reasons, ?2 lanes, ?3 repositories.
pub(crate) const OLDEST_UNREADY: &str = "-- oldest_unready
     SELECT j.value AS code, (SELECT json_array(d.repo_id, d.number) FROM readiness d INDEXED BY readiness_first
         WHERE d.first = j.value AND d.lane IN (SELECT value FROM json_each(?2))
           AND d.repo_id IN (SELECT value FROM json_each(?3))
           AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = d.repo_id AND c.number = d.number
               AND c.status NOT IN ('closed', 'released'))
         ORDER BY d.created_at, d.repo_id, d.number LIMIT 1) AS issue
     FROM json_each(?1) j";

/// ?1 repositories, ?2 lanes.
pub(crate) const LOWEST_HELD: &str = "-- lowest_held
     SELECT j.value AS repo_id, (SELECT json_array(d.created_at, d.number) FROM claim c INDEXED BY claim_active
         CROSS JOIN readiness d ON d.repo_id = c.repo_id AND d.number = c.number
         WHERE c.repo_id = j.value AND c.status NOT IN ('closed', 'released')
           AND d.lane IN (SELECT value FROM json_each(?2))
         ORDER BY c.number LIMIT 1) AS issue
     FROM json_each(?1) j";

/// ?1 repositories, ?2 lanes.
pub(crate) const LOWEST_OPEN: &str = "-- lowest_open
     SELECT j.value AS repo_id, (SELECT json_array(d.created_at, d.number) FROM readiness d
         WHERE d.repo_id = j.value AND d.lane IN (SELECT value FROM json_each(?2))
         ORDER BY d.number LIMIT 1) AS issue
     FROM json_each(?1) j";

/// An issue that counts one by one.
macro_rules! counted {
    () => {
        "SELECT d.repo_id, d.number, d.created_at, d.lane, CASE WHEN EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = d.repo_id
         AND c.number = d.number AND c.status NOT IN ('closed', 'released')) THEN 'held' ELSE coalesce(d.first, '') END AS first"
    };
}

/// ?2 repository's name key, ?3 scope, ?5 tags of which the issue must have one, ?6 those of which it must have none, ?7 types of which
/// it must be one.
macro_rules! fits {
    () => {
        " AND (?2 IS NULL OR d.repo_id = (SELECT repo_id FROM repo_alias WHERE key = ?2))
       AND (?3 IS NULL OR d.repo_id IN (SELECT id FROM repo WHERE key IN (SELECT value FROM json_each(?3))))
       AND (?5 = '[]' OR EXISTS (SELECT 1 FROM json_each(?5) w CROSS JOIN issue_tag t
           ON t.repo_id = d.repo_id AND t.number = d.number AND t.tag = w.value))
       AND NOT EXISTS (SELECT 1 FROM json_each(?6) w CROSS JOIN issue_tag t
           ON t.repo_id = d.repo_id AND t.number = d.number AND t.tag = w.value)
       AND (?7 = '[]' OR EXISTS (SELECT 1 FROM json_each(?7) w CROSS JOIN issue_tag t
           ON t.repo_id = d.repo_id AND t.number = d.number AND t.tag = w.value))"
    };
}

/// ?1 tags, ?4 how many. The index of tags is read for the rarest of them.
pub(crate) const OF_TAGS: &str = concat!(
    "-- explain_tags
     ",
    counted!(),
    " FROM issue_tag rare INDEXED BY issue_tag_tag
     CROSS JOIN readiness d ON d.repo_id = rare.repo_id AND d.number = rare.number
     WHERE rare.tag = (SELECT w.value FROM json_each(?1) w ORDER BY (SELECT count(*) FROM (
             SELECT 1 FROM issue_tag t WHERE t.tag = w.value LIMIT ?4)) LIMIT 1)
       AND NOT EXISTS (SELECT 1 FROM json_each(?1) w WHERE NOT EXISTS (
           SELECT 1 FROM issue_tag t WHERE t.repo_id = rare.repo_id AND t.number = rare.number AND t.tag = w.value))",
    fits!(),
    " ORDER BY rare.repo_id, rare.number LIMIT ?4"
);

/// ?1 is an empty list, ?4 how many. Passes the open issues in order of their keys.
pub(crate) const FITTING: &str = concat!(
    "-- explain_fitting
     ",
    counted!(),
    " FROM readiness d WHERE ?1 = '[]'",
    fits!(),
    " ORDER BY d.repo_id, d.number LIMIT ?4"
);
