//! The statements that load a view. `CROSS JOIN` keeps the given list as the outer loop; otherwise the planner scans the table. A text
//! of several statements is run by one call.

use issuecommand_store_sql::{
    claim_columns, followup_columns, issue_columns, pull_columns, repo_columns,
};

use crate::claims_of_pull::claims_of_pull;
use crate::statement::list;

/// An edge as an object.
macro_rules! edge {
    () => {
        "json_object('repo_id', e.repo_id, 'number', e.number, 'kind', e.kind, 'to_repo_id', e.to_repo_id, 'to_key', e.to_key, \
         'to_number', e.to_number, 'open', e.open)"
    };
}

/// Name keys. Each row is an array of a key and its repository.
pub(crate) const NAMES: &str = "-- load_names
     SELECT json_array(a.key, a.repo_id) FROM json_each(?) j CROSS JOIN repo_alias a ON a.key = j.value";

/// The id of the next new repository, as text.
pub(crate) const NEXT_REPO: &str = "-- next_repo
     SELECT CAST(coalesce(max(id), 0) + 1 AS TEXT) FROM repo";

/// Claim ids.
pub(crate) const CLAIMS: &str = concat!(
    "-- load_claims
     SELECT ",
    claim_columns!(list),
    " FROM json_each(?) j CROSS JOIN claim c ON c.claim_id = j.value CROSS JOIN repo r ON r.id = c.repo_id"
);

/// Agents twice, how many of each kind. Each row is an array of an agent and an object of what it holds, as text.
pub(crate) const HOLDINGS: &str = "-- load_holdings
     SELECT json_array(a.value, h.value || '') FROM json_each(?) a CROSS JOIN json_each((SELECT json_group_array(json(held)) FROM (
         SELECT json_object('claim_id', c.claim_id, 'repo_name', r.name, 'number', c.number, 'status', c.status,
             'stale_since', CASE c.status WHEN 'stale' THEN (SELECT max(s.timestamp) FROM claim_status s
                 WHERE s.claim_n = c.n AND s.status = 'stale') END,
             'alive_at', max(c.last_updated, c.signed_at), 'session_id', c.session_id) AS held
         FROM claim c INDEXED BY claim_agent CROSS JOIN repo r ON r.id = c.repo_id
         WHERE c.agent_id = a.value AND c.status NOT IN ('closed', 'released')
         ORDER BY c.claimed_at, c.claim_id LIMIT ?))) h
     UNION ALL
     SELECT json_array(a.value, h.value || '') FROM json_each(?) a CROSS JOIN json_each((SELECT json_group_array(json(held)) FROM (
         SELECT json_object('work_item_id', f.work_item_id, 'repo_name', r.name, 'number', f.number, 'status', f.status,
             'alive_at', max(f.last_updated, f.signed_at), 'session_id', f.session_id) AS held
         FROM followup f INDEXED BY followup_held CROSS JOIN repo r ON r.id = f.repo_id
         WHERE f.owner = a.value AND f.status IN ('claimed', 'in_progress')
         ORDER BY f.claimed_at, f.work_item_id LIMIT ?))) h";

/// Includes repositories whose last name belongs to another one now.
pub(crate) const ALL_REPOS: &str = "-- all_repos
     SELECT id FROM repo ORDER BY id;
     -- all_names
     SELECT key, repo_id FROM repo_alias";

/// Whether any repository is known, and the offered ones that were never synced.
pub(crate) const UNSYNCED: &str = "-- knows_repos
     SELECT EXISTS (SELECT 1 FROM repo WHERE github_id <> 0);
     -- unsynced
     SELECT name FROM repo WHERE offered = 1 AND synced_at IS NULL ORDER BY id";

/// ?1 [status, last moment, first moment] lists, ?2 how many.
pub(crate) const EXPIRED: &str = concat!(
    "-- expired
     SELECT ",
    claim_columns!(list),
    " FROM json_each(?1) j
     CROSS JOIN claim c INDEXED BY claim_expiry ON c.status = j.value->>0 AND max(c.last_updated, c.signed_at) BETWEEN j.value->>2 AND j.value->>1
       AND c.status NOT IN ('closed', 'released')
     CROSS JOIN repo r ON r.id = c.repo_id
     ORDER BY c.claim_id LIMIT ?2"
);

/// ?1 when sessions were over at the latest, ?2 how many.
pub(crate) const LEFT_BEHIND: &str = concat!(
    "-- left_behind
     SELECT ",
    claim_columns!(list),
    " FROM session s
     CROSS JOIN claim c ON c.agent_id = s.agent_id AND c.session_id = s.session_id AND c.status NOT IN ('closed', 'released')
     CROSS JOIN repo r ON r.id = c.repo_id
     WHERE s.ended_how = 'over' AND s.ended_at <= ?1 AND c.pr_url IS NULL AND c.status IN ('claimed', 'in_progress', 'stale')
       AND (s.ended_repos IS NULL OR EXISTS (SELECT 1 FROM json_each(s.ended_repos) j WHERE j.value = r.key))
       AND NOT EXISTS (SELECT 1 FROM session o WHERE o.agent_id = s.agent_id AND o.ended_at IS NULL AND o.last_seen > s.ended_at)
     ORDER BY c.claim_id LIMIT ?2"
);

/// ?1 and ?2 the key before the page, ?3 how many.
pub(crate) const PAGE: &str = "-- page
     SELECT repo_id, number FROM issue WHERE (repo_id, number) > (?1, ?2) ORDER BY repo_id, number LIMIT ?3";

/// ?1 repository, ?2 the time.
pub(crate) const REPORTED_CLOSED: &str = "-- reported_closed
     SELECT repo_id, number FROM issue INDEXED BY issue_doubt
     WHERE repo_id = ?1 AND doubt IS NOT NULL AND doubt = 'called_closed' AND doubt_at < ?2";

/// [repository, number] pairs, three times, then repositories.
pub(crate) const BY_KEY: &str = concat!(
    "-- load_issues
     SELECT ",
    issue_columns!(),
    " FROM json_each(?) j CROSS JOIN issue i ON i.repo_id = j.value->>0 AND i.number = j.value->>1
     CROSS JOIN repo r ON r.id = i.repo_id;
     -- load_active_and_reopenable
     SELECT ",
    claim_columns!(list),
    " FROM json_each(?) j
     CROSS JOIN claim c INDEXED BY claim_active ON c.repo_id = j.value->>0 AND c.number = j.value->>1
       AND c.status NOT IN ('closed', 'released')
     CROSS JOIN repo r ON r.id = c.repo_id
     UNION ALL
     SELECT ",
    claim_columns!(list),
    " FROM json_each(?) j
     CROSS JOIN claim c INDEXED BY claim_reopen ON c.repo_id = j.value->>0 AND c.number = j.value->>1
       AND c.github_closed_at IS NOT NULL
     CROSS JOIN repo r ON r.id = c.repo_id;
     -- load_repos
     SELECT ",
    repo_columns!(),
    " FROM json_each(?) j CROSS JOIN repo r ON r.id = j.value"
);

/// ?1 repository, ?2 login, ?3 1 if it may write, ?4 how many.
pub(crate) const ISSUES_OF_AUTHOR: &str = "-- issues_of_author
     SELECT i.repo_id, i.number FROM issue i INDEXED BY issue_author
     CROSS JOIN readiness d ON d.repo_id = i.repo_id AND d.number = i.number
     WHERE i.repo_id = ?1 AND lower(i.author) = ?2 AND i.state = 'open'
       AND (coalesce(d.trust, '') LIKE '%\"stranger\":true%') = ?3
     ORDER BY i.number LIMIT ?4";

/// [repository, number] pairs of issues, then of issues and pull requests.
pub(crate) const EDGES: &str = concat!(
    "-- load_edges_from
     SELECT ",
    edge!(),
    " FROM json_each(?) j CROSS JOIN issue_edge e ON e.repo_id = j.value->>0 AND e.number = j.value->>1;
     -- load_edges_to
     SELECT ",
    edge!(),
    " FROM json_each(?) j CROSS JOIN issue_edge e INDEXED BY issue_edge_to
       ON e.to_repo_id = j.value->>0 AND e.to_number = j.value->>1 AND e.to_repo_id <> 0"
);

/// [repository, number] pairs of issues, then repositories.
pub(crate) const DEPENDENTS: &str = concat!(
    "-- load_held
     SELECT c.repo_id, c.number FROM json_each(?) j
     CROSS JOIN claim c INDEXED BY claim_active ON c.repo_id = j.value->>0 AND c.number = j.value->>1
       AND c.status NOT IN ('closed', 'released');
     -- load_repos_of_edges
     SELECT ",
    repo_columns!(),
    " FROM json_each(?) j CROSS JOIN repo r ON r.id = j.value"
);

/// Lists of GitHub's ids of repositories; follow-ups; [event, first, last id of its edits]; deliveries. Then for expired follow-ups the
/// moment and how many. Then for lists of follow-ups the paused repositories, the moment at which a window that began by then has passed, how many, and
/// [agent, name key, scope] each.
///
/// The index of waiting follow-ups is walked in its order until enough are found that nobody else holds and that this agent may be
/// offered.
pub(crate) const FIND: &str = concat!(
    "-- find_repos
     SELECT r.github_id, r.id FROM json_each(?) j
     CROSS JOIN repo r INDEXED BY repo_github ON r.github_id = j.value AND r.github_id <> 0;
     -- find_items
     SELECT f.repo_id, f.number FROM json_each(?) j CROSS JOIN followup f ON f.work_item_id = j.value;
     -- load_sources
     SELECT s.source_event_id, s.repo_id, s.number, s.work_item_id, s.ended, s.facts, s.data,
         f.repo_id AS item_repo, f.number AS item_number
     FROM json_each(?) j CROSS JOIN followup_source s ON s.source_event_id = j.value->>0
         OR (s.source_event_id > j.value->>1 AND s.source_event_id < j.value->>2)
     LEFT JOIN followup f ON f.work_item_id = s.work_item_id;
     -- load_deliveries
     SELECT d.id, d.delivery_id, d.event, d.auth, d.received_at, d.processed_at, d.attempts, d.error, d.body
     FROM json_each(?) j CROSS JOIN delivery d ON d.id = j.value;
     -- expired_items
     SELECT work_item_id, repo_id, number FROM followup INDEXED BY followup_expiry
     WHERE status IN ('queued', 'claimed', 'in_progress') AND max(last_updated, signed_at) <= ? ORDER BY work_item_id LIMIT ?;
     -- followup_windows
     SELECT (SELECT json_group_array(json_array(w.work_item_id, w.repo_id, w.number)) FROM (
         SELECT f.work_item_id, f.repo_id, f.number
         FROM followup f INDEXED BY followup_waiting CROSS JOIN repo r ON r.id = f.repo_id
         WHERE f.status IN ('queued', 'stale') AND (r.offered OR r.unseen)
           AND f.repo_id NOT IN (SELECT value FROM json_each(?))
           AND (j.value->>1 IS NULL OR f.repo_id = (SELECT repo_id FROM repo_alias WHERE key = j.value->>1))
           AND (j.value->>2 IS NULL OR r.key IN (SELECT value FROM json_each(j.value->>2)))
           AND NOT EXISTS (SELECT 1 FROM pr_hold h
               WHERE h.repo_id = f.repo_id AND h.number = f.number AND h.agent_id <> j.value->>0)
           AND (f.window_from <= ? OR ",
    claims_of_pull!(
        "CASE WHEN c.status <> 'stale' THEN c.agent_id <> j.value->>0 END",
        "f"
    ),
    " IS NOT 1)
         ORDER BY f.kind, f.created_at, f.work_item_id LIMIT ?) w)
     FROM json_each(?) j"
);

/// ?1 agents, ?2 the time after which they gave issues back.
pub(crate) const GAVE_BACK: &str = "-- gave_back
     SELECT a.agent_id, a.repo_id, a.number, max(a.to_at) FROM json_each(?) j
     CROSS JOIN attempt a INDEXED BY attempt_agent ON a.agent_id = j.value AND a.to_at > ? AND a.gave_back = 1
     GROUP BY a.agent_id, a.repo_id, a.number";

/// Statuses that count, agents.
pub(crate) const CLAIMS_OF_AGENTS: &str = "-- claims_of_agents
     SELECT j.value, (SELECT count(*) FROM claim c INDEXED BY claim_agent WHERE c.agent_id = j.value
         AND c.status NOT IN ('closed', 'released') AND c.status IN (SELECT value FROM json_each(?)))
     FROM json_each(?) j";

/// Statuses that count.
pub(crate) const CLAIMS_OF_REPOS: &str = "-- claims_of_repos
     SELECT c.repo_id, count(*) FROM claim c INDEXED BY claim_active WHERE c.status NOT IN ('closed', 'released')
         AND c.status IN (SELECT value FROM json_each(?)) GROUP BY c.repo_id";

/// [repository, number] pairs.
pub(crate) const PULLS: &str = concat!(
    "-- load_pulls
     SELECT ",
    pull_columns!(),
    " FROM json_each(?) j CROSS JOIN pull_request p ON p.repo_id = j.value->>0 AND p.number = j.value->>1"
);

/// Lists of [repository, number]: those of which all events are needed; those of which they are not; the first list again; all.
pub(crate) const BY_PULL: &str = concat!(
    "-- load_followups
     SELECT ",
    followup_columns!(list),
    " FROM json_each(?) j
     CROSS JOIN followup f INDEXED BY followup_open ON f.repo_id = j.value->>0 AND f.number = j.value->>1
       AND f.status NOT IN ('done', 'dismissed')
     CROSS JOIN repo r ON r.id = f.repo_id;
     -- load_light_followups
     SELECT ",
    followup_columns!(list, light),
    " FROM json_each(?) j
     CROSS JOIN followup f INDEXED BY followup_open ON f.repo_id = j.value->>0 AND f.number = j.value->>1
       AND f.status NOT IN ('done', 'dismissed')
     CROSS JOIN repo r ON r.id = f.repo_id;
     -- load_suspended
     SELECT s.source_event_id, s.repo_id, s.number, s.work_item_id, s.ended, s.facts, s.data,
         NULL AS item_repo, NULL AS item_number
     FROM json_each(?) j
     CROSS JOIN followup_source s INDEXED BY followup_source_suspended
       ON s.repo_id = j.value->>0 AND s.number = j.value->>1 AND s.ended = 'closed';
     -- load_linked
     SELECT ",
    claim_columns!(list),
    " FROM json_each(?) j
     CROSS JOIN claim c INDEXED BY claim_pull ON c.pull_repo_id = j.value->>0 AND c.pull_number = j.value->>1
       AND c.status NOT IN ('closed', 'released')
     CROSS JOIN repo r ON r.id = c.repo_id"
);

/// [repository, number] of pull requests, twice: the issues that they close, and those of the claims that were linked to one of them before
/// another replaced it.
pub(crate) const CLOSES: &str = "-- find_closes
     SELECT k.repo_id, k.issue FROM json_each(?) j
     CROSS JOIN pull_closes k ON k.repo_id = j.value->>0 AND k.number = j.value->>1
     UNION ALL
     SELECT c.repo_id, c.number FROM json_each(?) j
     CROSS JOIN claim c INDEXED BY claim_replaced ON c.link->>'$.value.replaces.pull[0]' = j.value->>0
       AND c.link->>'$.value.replaces.pull[1]' = j.value->>1";

/// [repository, number] pairs of issues, three times.
pub(crate) const CANDIDATES: &str = concat!(
    "-- load_candidates
     SELECT ",
    pull_columns!(),
    " FROM json_each(?) j
     CROSS JOIN pull_closes k INDEXED BY pull_closes_issue ON k.repo_id = j.value->>0 AND k.issue = j.value->>1
       AND k.candidate = 1
     CROSS JOIN pull_request p ON p.repo_id = k.repo_id AND p.number = k.number;
     -- load_linked_pulls
     SELECT ",
    pull_columns!(),
    " FROM json_each(?) j
     CROSS JOIN claim c INDEXED BY claim_active ON c.repo_id = j.value->>0 AND c.number = j.value->>1
       AND c.status NOT IN ('closed', 'released')
     CROSS JOIN pull_request p ON p.repo_id = c.pull_repo_id AND p.number = c.pull_number;
     -- load_replaced_pulls
     SELECT ",
    pull_columns!(),
    " FROM json_each(?) j
     CROSS JOIN claim c INDEXED BY claim_active ON c.repo_id = j.value->>0 AND c.number = j.value->>1
       AND c.status NOT IN ('closed', 'released')
     CROSS JOIN pull_request p ON p.repo_id = c.link->>'$.value.replaces.pull[0]'
       AND p.number = c.link->>'$.value.replaces.pull[1]'"
);
