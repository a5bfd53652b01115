//! The statements that load a view. Each row of the given list finds its rows by an index.

use issuecommand_core::domain::holding::Holding;
use issuecommand_store_sql::{claim_columns, issue_columns, repo_columns};

use crate::statement::list;

/// $1 name keys.
pub(crate) const NAMES: &str = "-- load_names
     SELECT key, repo_id FROM repo_alias WHERE key = ANY($1)";

/// $1 claim ids.
pub(crate) const CLAIMS: &str = concat!(
    "-- load_claims
     SELECT ",
    claim_columns!(list),
    " FROM claim c JOIN repo r ON r.id = c.repo_id WHERE c.claim_id = ANY($1)"
);

const _: () = assert!(Holding::MOST == 7);

/// $1 agents. Seven of each kind are [`Holding::MOST`].
pub(crate) const HOLDINGS: &str = "-- load_holdings
     SELECT agent, held FROM (
         SELECT a.id AS agent, 0 AS kind, h.* FROM unnest($1::text[]) AS a (id) CROSS JOIN LATERAL (
             SELECT json_build_object('claim_id', c.claim_id, 'repo_name', r.name, 'number', c.number, 'status', c.status,
                 'stale_since', CASE c.status WHEN 'stale' THEN (SELECT max(s.timestamp) FROM claim_status s
                     WHERE s.claim_n = c.n AND s.status = 'stale') END,
                 'alive_at', greatest(c.last_updated, c.signed_at), 'session_id', c.session_id)::text AS held,
                 c.claimed_at AS at, c.claim_id AS id
             FROM claim c JOIN repo r ON r.id = c.repo_id
             WHERE c.agent_id = a.id AND c.status NOT IN ('closed', 'released')
             ORDER BY c.claimed_at, c.claim_id LIMIT 7) h
         UNION ALL
         SELECT a.id, 1, h.* FROM unnest($1::text[]) AS a (id) CROSS JOIN LATERAL (
             SELECT json_build_object('work_item_id', f.work_item_id, 'repo_name', r.name, 'number', f.number, 'status', f.status,
                 'alive_at', greatest(f.last_updated, f.signed_at), 'session_id', f.session_id)::text,
                 f.claimed_at, f.work_item_id
             FROM followup f JOIN repo r ON r.id = f.repo_id
             WHERE f.owner = a.id AND f.status IN ('claimed', 'in_progress')
             ORDER BY f.claimed_at, f.work_item_id LIMIT 7) h) AS all_held
     ORDER BY agent, kind, at, id";

/// Includes repositories whose last name belongs to another one now.
pub(crate) const ALL_REPOS: &str = "-- all_repos
     SELECT id FROM repo ORDER BY id";

pub(crate) const ALL_NAMES: &str = "-- all_names
     SELECT key, repo_id FROM repo_alias";

/// Whether any repository is known.
pub(crate) const KNOWS_REPOS: &str = "-- knows_repos
     SELECT EXISTS (SELECT 1 FROM repo WHERE github_id <> 0)";

/// The offered repositories that were never synced.
pub(crate) const UNSYNCED: &str = "-- unsynced
     SELECT name FROM repo WHERE offered AND synced_at IS NULL ORDER BY id";

/// $1 statuses, $2 their last moments, $3 how many, $4 their first moments. `OFFSET 0` keeps the planner from swapping the two sides of
/// the join to avoid a small sort.
pub(crate) const EXPIRED: &str = concat!(
    "-- expired
     SELECT ",
    claim_columns!(list),
    " FROM unnest($1::text[], $2::bigint[], $4::bigint[]) AS j (status, last, first)
     CROSS JOIN LATERAL (SELECT * FROM claim x
         WHERE x.status = j.status AND greatest(x.last_updated, x.signed_at) BETWEEN j.first AND j.last AND x.status NOT IN ('closed', 'released') OFFSET 0) c
     JOIN repo r ON r.id = c.repo_id
     ORDER BY c.claim_id LIMIT $3"
);

/// $1 when sessions were over at the latest, $2 how many.
pub(crate) const LEFT_BEHIND: &str = concat!(
    "-- left_behind
     SELECT ",
    claim_columns!(list),
    " FROM session s
     JOIN claim c ON c.agent_id = s.agent_id AND c.session_id = s.session_id AND c.status NOT IN ('closed', 'released')
     JOIN repo r ON r.id = c.repo_id
     WHERE s.ended_how = 'over' AND s.ended_at <= $1 AND c.pr_url IS NULL AND c.status IN ('claimed', 'in_progress', 'stale')
       AND (s.ended_repos IS NULL OR r.key IN (SELECT jsonb_array_elements_text(s.ended_repos::jsonb)))
       AND NOT EXISTS (SELECT 1 FROM session o WHERE o.agent_id = s.agent_id AND o.ended_at IS NULL AND o.last_seen > s.ended_at)
     ORDER BY c.claim_id LIMIT $2"
);

/// $1 and $2 the key before the page, $3 how many.
pub(crate) const PAGE: &str = "-- page
     SELECT repo_id, number FROM issue WHERE (repo_id, number) > ($1, $2) ORDER BY repo_id, number LIMIT $3";

/// $1 repository, $2 the time.
pub(crate) const REPORTED_CLOSED: &str = "-- reported_closed
     SELECT repo_id, number FROM issue
     WHERE repo_id = $1 AND doubt IS NOT NULL AND doubt = 'called_closed' AND doubt_at < $2";

/// $1 and $2 repositories and numbers.
pub(crate) const ISSUES: &str = concat!(
    "-- load_issues
     SELECT ",
    issue_columns!(),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN issue i ON i.repo_id = j.repo_id AND i.number = j.number
     JOIN repo r ON r.id = i.repo_id"
);

/// $1 and $2 repositories and numbers: the active claims, and those that GitHub's closing of the issue ended.
pub(crate) const ACTIVE: &str = concat!(
    "-- load_active
     SELECT ",
    claim_columns!(list),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN claim c ON c.repo_id = j.repo_id AND c.number = j.number AND c.status NOT IN ('closed', 'released')
     JOIN repo r ON r.id = c.repo_id
     UNION ALL SELECT ",
    claim_columns!(list),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN claim c ON c.repo_id = j.repo_id AND c.number = j.number AND c.github_closed_at IS NOT NULL
     JOIN repo r ON r.id = c.repo_id"
);

/// $1 and $2 repositories and numbers of issues.
pub(crate) const EDGES_FROM: &str = "-- load_edges_from
     SELECT row_to_json(e)::text FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN issue_edge e ON e.repo_id = j.repo_id AND e.number = j.number";

/// $1 and $2 repositories and numbers of issues and pull requests.
pub(crate) const EDGES_TO: &str = "-- load_edges_to
     SELECT row_to_json(e)::text FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN issue_edge e ON e.to_repo_id = j.repo_id AND e.to_number = j.number AND e.to_repo_id <> 0";

/// $1 and $2 repositories and numbers.
pub(crate) const HELD: &str = "-- load_held
     SELECT c.repo_id, c.number FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN claim c ON c.repo_id = j.repo_id AND c.number = j.number AND c.status NOT IN ('closed', 'released')";

/// $1 repository, $2 login, $3 1 if it may write, $4 how many.
pub(crate) const ISSUES_OF_AUTHOR: &str = "-- issues_of_author
     SELECT i.repo_id, i.number FROM issue i JOIN readiness d ON d.repo_id = i.repo_id AND d.number = i.number
     WHERE i.repo_id = $1 AND lower(i.author) COLLATE \"C\" = $2 AND i.state = 'open'
       AND (coalesce(d.trust, '') LIKE '%\"stranger\":true%') = ($3 = 1)
     ORDER BY i.number LIMIT $4";

/// $1 repositories.
pub(crate) const REPOS: &str = concat!(
    "-- load_repos
     SELECT ",
    repo_columns!(),
    " FROM repo r WHERE r.id = ANY($1)"
);

/// $1 agents, $2 the time after which they gave issues back.
pub(crate) const GAVE_BACK: &str = "-- gave_back
     SELECT a.agent_id, a.repo_id, a.number, max(a.to_at) FROM attempt a
     WHERE a.agent_id = ANY ($1::text[]) AND a.to_at > $2 AND a.gave_back = 1
     GROUP BY a.agent_id, a.repo_id, a.number";

/// $1 agents, $2 statuses that count.
pub(crate) const CLAIMS_OF_AGENTS: &str = "-- claims_of_agents
     SELECT j.agent, (SELECT count(*) FROM claim c WHERE c.agent_id = j.agent
         AND c.status NOT IN ('closed', 'released') AND c.status = ANY ($2::text[]))
     FROM unnest($1::text[]) AS j (agent)";

/// $1 statuses that count.
pub(crate) const CLAIMS_OF_REPOS: &str = "-- claims_of_repos
     SELECT c.repo_id, count(*) FROM claim c
     WHERE c.status NOT IN ('closed', 'released') AND c.status = ANY ($1::text[]) GROUP BY c.repo_id";
