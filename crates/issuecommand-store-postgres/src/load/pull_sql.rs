//! The statements that load what belongs to pull requests.

use issuecommand_store_sql::{claim_columns, followup_columns, pull_columns};

use crate::claims_of_pull::claims_of_pull;
use crate::statement::list;

/// $1 GitHub's ids.
pub(crate) const FIND_REPOS: &str = "-- find_repos
     SELECT github_id, id FROM repo WHERE github_id = ANY($1) AND github_id <> 0";

/// $1 ids.
pub(crate) const FIND_ITEMS: &str = "-- find_items
     SELECT repo_id, number FROM followup WHERE work_item_id = ANY($1)";

/// $1 ids.
pub(crate) const SOURCES: &str = "-- load_sources
     SELECT s.source_event_id, s.repo_id, s.number, s.work_item_id, s.ended, s.facts, s.data,
         f.repo_id AS item_repo, f.number AS item_number
     FROM followup_source s LEFT JOIN followup f ON f.work_item_id = s.work_item_id
     WHERE s.source_event_id = ANY($1)";

/// $1 and $2 the ends of ranges of ids.
pub(crate) const EDITS: &str = "-- load_edits
     SELECT s.source_event_id, s.repo_id, s.number, s.work_item_id, s.ended, s.facts, s.data,
         f.repo_id AS item_repo, f.number AS item_number
     FROM unnest($1::text[], $2::text[]) AS j (at, until)
     JOIN followup_source s ON s.source_event_id > j.at AND s.source_event_id < j.until
     LEFT JOIN followup f ON f.work_item_id = s.work_item_id";

/// $1 and $2 repositories and numbers.
pub(crate) const SUSPENDED: &str = "-- load_suspended
     SELECT s.source_event_id, s.repo_id, s.number, s.work_item_id, s.ended, s.facts, s.data,
         NULL::bigint AS item_repo, NULL::bigint AS item_number
     FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number) CROSS JOIN LATERAL (
         SELECT * FROM followup_source WHERE repo_id = j.repo_id AND number = j.number AND ended = 'closed' OFFSET 0) s";

/// $1 ids.
pub(crate) const DELIVERIES: &str = "-- load_deliveries
     SELECT id, delivery_id, event, auth, received_at, processed_at, attempts, error, body
     FROM delivery WHERE id = ANY($1)";

/// $1 the moment, $2 how many.
pub(crate) const EXPIRED_FOLLOWUPS: &str = "-- expired_items
     SELECT work_item_id, repo_id, number FROM followup
     WHERE status IN ('queued', 'claimed', 'in_progress') AND greatest(last_updated, signed_at) <= $1 ORDER BY work_item_id LIMIT $2";

/// $1 who asks, as objects; $2 the moment at which a window that began by then has passed; $3 how many.
///
/// The index of waiting follow-ups is walked in its order until enough are found that nobody else holds and that this agent may be
/// offered.
pub(crate) const FOLLOWUP_WINDOWS: &str = concat!(
    "-- followup_windows
     SELECT j.n, w.work_item_id, w.repo_id, w.number
     FROM jsonb_to_recordset($1::jsonb) AS j (n bigint, agent text, repo text, scope jsonb)
     CROSS JOIN LATERAL (
         SELECT f.kind, f.created_at, f.work_item_id, f.repo_id, f.number
         FROM followup f JOIN repo r ON r.id = f.repo_id
         WHERE f.status IN ('queued', 'stale') AND (r.offered OR r.unseen) AND f.repo_id <> ALL ($4::bigint[])
           AND (j.repo IS NULL OR f.repo_id = (SELECT repo_id FROM repo_alias WHERE key = j.repo))
           AND (j.scope IS NULL OR j.scope ? r.key)
           AND NOT EXISTS (SELECT 1 FROM pr_hold h
               WHERE h.repo_id = f.repo_id AND h.number = f.number AND h.agent_id <> j.agent)
           AND (f.window_from <= $2 OR ",
    claims_of_pull!(
        "CASE WHEN c.status <> 'stale' THEN c.agent_id <> j.agent END",
        "f"
    ),
    " IS NOT TRUE)
         ORDER BY f.kind, f.created_at, f.work_item_id LIMIT $3) w
     ORDER BY j.n, w.kind, w.created_at, w.work_item_id"
);

/// $1 and $2 repositories and numbers.
pub(crate) const PULLS: &str = concat!(
    "-- load_pulls
     SELECT ",
    pull_columns!(),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN pull_request p ON p.repo_id = j.repo_id AND p.number = j.number"
);

/// $1 and $2 repositories and numbers.
pub(crate) const FOLLOWUPS: &str = concat!(
    "-- load_followups
     SELECT ",
    followup_columns!(list),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN followup f ON f.repo_id = j.repo_id AND f.number = j.number AND f.status NOT IN ('done', 'dismissed')
     JOIN repo r ON r.id = f.repo_id"
);

/// $1 and $2 repositories and numbers.
pub(crate) const LIGHT_FOLLOWUPS: &str = concat!(
    "-- load_light_followups
     SELECT ",
    followup_columns!(list, light),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN followup f ON f.repo_id = j.repo_id AND f.number = j.number AND f.status NOT IN ('done', 'dismissed')
     JOIN repo r ON r.id = f.repo_id"
);

/// $1 and $2 repositories and numbers.
pub(crate) const LINKED_CLAIMS: &str = concat!(
    "-- load_linked
     SELECT ",
    claim_columns!(list),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN claim c ON c.pull_repo_id IS NOT NULL AND c.pull_repo_id = j.repo_id AND c.pull_number = j.number
       AND c.status NOT IN ('closed', 'released')
     JOIN repo r ON r.id = c.repo_id"
);

/// $1 and $2 repositories and numbers of pull requests: the issues that they close, and those of the claims that were linked to one of
/// them before another replaced it.
pub(crate) const CLOSES: &str = "-- find_closes
     SELECT k.repo_id, k.issue FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN pull_closes k ON k.repo_id = j.repo_id AND k.number = j.number
     UNION ALL
     SELECT c.repo_id, c.number FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN claim c ON c.link::jsonb #>> '{value,replaces,pull,0}' IS NOT NULL
       AND (c.link::jsonb #>> '{value,replaces,pull,0}')::bigint = j.repo_id
       AND (c.link::jsonb #>> '{value,replaces,pull,1}')::bigint = j.number";

/// $1 and $2 repositories and numbers of issues.
pub(crate) const CANDIDATES: &str = concat!(
    "-- load_candidates
     SELECT ",
    pull_columns!(),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, issue)
     JOIN pull_closes k ON k.repo_id = j.repo_id AND k.issue = j.issue AND k.candidate
     JOIN pull_request p ON p.repo_id = k.repo_id AND p.number = k.number"
);

/// $1 and $2 repositories and numbers of issues.
pub(crate) const LINKED_PULLS: &str = concat!(
    "-- load_linked_pulls
     SELECT ",
    pull_columns!(),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN claim c ON c.repo_id = j.repo_id AND c.number = j.number AND c.status NOT IN ('closed', 'released')
     JOIN pull_request p ON p.repo_id = c.pull_repo_id AND p.number = c.pull_number"
);

/// $1 and $2 repositories and numbers of issues.
pub(crate) const REPLACED_PULLS: &str = concat!(
    "-- load_replaced_pulls
     SELECT ",
    pull_columns!(),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN claim c ON c.repo_id = j.repo_id AND c.number = j.number AND c.status NOT IN ('closed', 'released')
     JOIN pull_request p ON p.repo_id = (c.link::jsonb #>> '{value,replaces,pull,0}')::bigint
       AND p.number = (c.link::jsonb #>> '{value,replaces,pull,1}')::bigint"
);
