//! The statements that only read.

use issuecommand_store_sql::{
    Statements, claim_columns, followup_columns, issue_columns, key_columns, repo_columns,
};

use super::{explain, reads};
use crate::claims_of_pull::claims_of_pull;
use crate::statement::list;

/// All of them but [`ISSUES`], which follows another statement.
pub(crate) const ALL: Statements = Statements {
    claims: CLAIMS,
    claims_of_agent: CLAIMS_OF_AGENT,
    history: HISTORY,
    issue: ISSUE,
    unready_issues: UNREADY_ISSUES,
    explain: explain::ALL,
    reads: reads::ALL,
    attempts: ATTEMPTS,
    halts: HALTS,
    edges_due: EDGES_DUE,
    open_dependencies: OPEN_DEPENDENCIES,
    dependency_cycles: DEPENDENCY_CYCLES,
    repo_policy: REPO_POLICY,
    authors_due: AUTHORS_DUE,
    held_feedback: HELD_FEEDBACK,
    repos: REPOS,
    repo: REPO,
    allowed_repos: ALLOWED_REPOS,
    repo_on_github: REPO_ON_GITHUB,
    open_rows: OPEN_ROWS,
    open_pulls: OPEN_PULLS,
    open_count: OPEN_COUNT,
    followups: FOLLOWUPS,
    ended_followups: ENDED_FOLLOWUPS,
    linked_pulls: LINKED_PULLS,
    deferred_deliveries: DEFERRED_DELIVERIES,
    due_outbox: DUE_OUTBOX,
    events_after: EVENTS_AFTER,
    last_event: LAST_EVENT,
    oldest_event: OLDEST_EVENT,
    condition: CONDITION,
    health: HEALTH,
    health_of: HEALTH_OF,
    sync_failures: SYNC_FAILURES_OF,
    close_failed: CLOSE_FAILED,
    key_by_hash: KEY_BY_HASH,
    keys: KEYS,
    web_session: WEB_SESSION,
    agents: AGENTS,
    sessions: SESSIONS,
    notices: NOTICES,
};

/// ?1 agent, ?2 repository's name key, ?3 status, ?4 scope, ?5 how many.
macro_rules! active_claims {
    ($name:literal, $index:literal, $agent:literal) => {
        concat!(
            "-- ",
            $name,
            "
     SELECT ",
            claim_columns!(list),
            " FROM claim c INDEXED BY ",
            $index,
            " CROSS JOIN repo r ON r.id = c.repo_id
     WHERE c.status NOT IN ('closed', 'released') AND ",
            $agent,
            "
       AND (?2 IS NULL OR c.repo_id = (SELECT repo_id FROM repo_alias WHERE key = ?2))
       AND (?3 IS NULL OR c.status = ?3)
       AND (?4 IS NULL OR r.key IN (SELECT value FROM json_each(?4)))
     ORDER BY c.claimed_at, c.claim_id LIMIT coalesce(?5, -1)"
        )
    };
}

pub(crate) const CLAIMS: &str = active_claims!("claims", "claim_active", "?1 IS NULL");
pub(crate) const CLAIMS_OF_AGENT: &str =
    active_claims!("claims_of_agent", "claim_agent", "c.agent_id = ?1");

/// ?1 agent, ?2 repository's name key, ?3 scope, ?4 and ?5 the place before, ?6 how many, ?7 status.
pub(crate) const HISTORY: &str = concat!(
    "-- history
     SELECT ",
    claim_columns!(list),
    " FROM claim c INDEXED BY claim_ended CROSS JOIN repo r ON r.id = c.repo_id
     WHERE c.status IN ('closed', 'released')
       AND (?1 IS NULL OR c.agent_id = ?1)
       AND (?2 IS NULL OR c.repo_id = (SELECT repo_id FROM repo_alias WHERE key = ?2))
       AND (?3 IS NULL OR r.key IN (SELECT value FROM json_each(?3)))
       AND (?4 IS NULL OR (c.last_updated, c.claim_id) < (?4, ?5))
       AND (?7 IS NULL OR c.status = ?7)
     ORDER BY c.last_updated DESC, c.claim_id DESC LIMIT ?6"
);

/// ?1 [repository, number] pairs, in the order of the answer.
pub(crate) const ISSUES: &str = concat!(
    "-- issues
     SELECT ",
    issue_columns!(),
    " FROM json_each(?1) j CROSS JOIN issue i ON i.repo_id = j.value->>0 AND i.number = j.value->>1
     CROSS JOIN repo r ON r.id = i.repo_id"
);

/// ?1 repository's name key, ?2 number.
pub(crate) const ISSUE: &str = concat!(
    "-- issue
     SELECT ",
    issue_columns!(),
    " FROM repo_alias a CROSS JOIN repo r ON r.id = a.repo_id
     CROSS JOIN issue i ON i.repo_id = r.id AND i.number = ?2 WHERE a.key = ?1"
);

pub(crate) const UNREADY_ISSUES: &str = concat!(
    "-- unready_issues
     SELECT ",
    issue_columns!(),
    ", d.reasons FROM repo_alias a CROSS JOIN repo r ON r.id = a.repo_id CROSS JOIN readiness d ON d.repo_id = r.id
     CROSS JOIN issue i ON i.repo_id = d.repo_id AND i.number = d.number
     WHERE a.key = ?1 AND r.offered AND d.first IS NOT NULL AND d.first <> 'withheld'
         AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = d.repo_id AND c.number = d.number
             AND c.status NOT IN ('closed', 'released'))
     ORDER BY d.turn, d.created_at, d.number"
);

/// ?1 repository, ?2 number, ?3 how many.
pub(crate) const ATTEMPTS: &str = "-- attempts
     SELECT claim_id, agent_id, repo_id, number, from_at, to_at, how, outcome, note, pr_url, counts, gave_back
     FROM attempt INDEXED BY attempt_issue WHERE repo_id = ?1 AND number = ?2 AND counts = 1 ORDER BY to_at DESC, claim_id DESC LIMIT ?3";

/// ?1 repository.
pub(crate) const REPO_POLICY: &str = "-- repo_policy
     SELECT repo_id, policy, etag, error, since, version, judged FROM repo_policy WHERE repo_id = ?1";

pub(crate) const HALTS: &str = "-- halts
     SELECT halted, kind, halted_by, note, at FROM halt";

/// ?1 now, ?2 how many.
pub(crate) const EDGES_DUE: &str = "-- edges_due
     SELECT r.name, d.number FROM readiness d CROSS JOIN repo r ON r.id = d.repo_id
     WHERE d.due_at IS NOT NULL AND d.due_at <= ?1 AND r.offered ORDER BY d.due_at, d.repo_id, d.number LIMIT ?2";

pub(crate) const OPEN_DEPENDENCIES: &str = "-- open_dependencies
     SELECT r.name, e.number, t.name AS to_name, e.to_number FROM issue_edge e
     CROSS JOIN readiness d ON d.repo_id = e.repo_id AND d.number = e.number
     CROSS JOIN repo r ON r.id = e.repo_id CROSS JOIN repo t ON t.id = e.to_repo_id
     WHERE e.kind = 'blocked_by' AND e.open";

/// ?1 moment, ?2 1 for private repositories too, ?3 how many.
pub(crate) const AUTHORS_DUE: &str = "-- authors_due
     SELECT r.name, a.login FROM (
         SELECT DISTINCT repo_id, lower(author) AS login FROM issue WHERE state = 'open' AND author IS NOT NULL) a
     JOIN repo r ON r.id = a.repo_id
     LEFT JOIN writer w ON w.repo = r.key AND w.login = a.login
     WHERE r.offered AND (r.private = 0 OR ?2 = 1) AND (w.at IS NULL OR w.at < ?1)
     ORDER BY coalesce(w.at, -9223372036854775807), r.key, a.login LIMIT ?3";

/// ?1 repository's name key or NULL, ?2 how many.
pub(crate) const HELD_FEEDBACK: &str = "-- held_feedback
     SELECT r.name, json_object('source_event_id', h.source_event_id, 'repo_id', h.repo_id, 'number', h.number, 'bot', h.bot, 'at', h.at, 
         'data', h.data)
     FROM held_feedback h JOIN repo r ON r.id = h.repo_id
     WHERE ?1 IS NULL OR h.repo_id = (SELECT repo_id FROM repo_alias WHERE key = ?1)
     ORDER BY h.at, h.source_event_id LIMIT ?2";

pub(crate) const DEPENDENCY_CYCLES: &str = "-- dependency_cycles
     SELECT issues FROM dependency_cycle ORDER BY first";

pub(crate) const REPOS: &str = concat!(
    "-- repos
     SELECT ",
    repo_columns!(),
    ", (SELECT count(*) FROM issue i INDEXED BY issue_open WHERE i.repo_id = r.id AND i.state = 'open') AS open
     FROM repo r ORDER BY r.key, r.id"
);

/// ?1 name key.
pub(crate) const REPO: &str = concat!(
    "-- repo
     SELECT ",
    repo_columns!(),
    " FROM repo_alias a CROSS JOIN repo r ON r.id = a.repo_id WHERE a.key = ?1"
);

/// ?1 name keys.
pub(crate) const ALLOWED_REPOS: &str = concat!(
    "-- allowed_repos
     SELECT j.value AS asked, b.repo_id IS NOT NULL AS bound,
         (SELECT json_group_array(n.key ORDER BY n.key) FROM repo_alias n INDEXED BY repo_alias_repo
          WHERE n.repo_id = r.id) AS names, ",
    repo_columns!(),
    " FROM json_each(?1) j
     LEFT JOIN allowed_repo b ON b.key = j.value
     LEFT JOIN repo_alias a ON a.key = j.value
     CROSS JOIN repo r ON r.id = coalesce(b.repo_id, a.repo_id)
     ORDER BY j.value"
);

/// ?1 GitHub's id.
pub(crate) const REPO_ON_GITHUB: &str = concat!(
    "-- repo_on_github
     SELECT ",
    repo_columns!(),
    " FROM repo r INDEXED BY repo_github WHERE r.github_id = ?1 AND r.github_id <> 0"
);

/// ?1 name key.
pub(crate) const OPEN_ROWS: &str = "-- open_rows
     SELECT i.number, i.checked_at, i.doubt, i.etag
     FROM repo_alias a CROSS JOIN issue i INDEXED BY issue_open ON i.repo_id = a.repo_id AND i.state = 'open'
     WHERE a.key = ?1 ORDER BY i.checked_at, i.number";

/// ?1 name key.
pub(crate) const OPEN_PULLS: &str = "-- open_pulls
     SELECT p.number FROM repo_alias a CROSS JOIN open_pull p ON p.repo_id = a.repo_id WHERE a.key = ?1 ORDER BY p.number";

/// ?1 name key. The open issues and pull requests, as GitHub counts them.
pub(crate) const OPEN_COUNT: &str = "-- open_count
     SELECT (SELECT count(*) FROM issue i INDEXED BY issue_open WHERE i.repo_id = a.repo_id AND i.state = 'open')
         - (SELECT count(*) FROM issue i INDEXED BY issue_doubt WHERE i.repo_id = a.repo_id AND i.doubt IS NOT NULL
             AND i.doubt IN ('not_found', 'gone', 'moved') AND i.state = 'open')
         + (SELECT count(*) FROM open_pull p WHERE p.repo_id = a.repo_id)
     FROM repo_alias a WHERE a.key = ?1";

/// ?1 scope. A failure to list the repositories belongs to no scope.
pub(crate) const SYNC_FAILURES_OF: &str = "-- sync_failures_of
     SELECT repo, number, since, reason FROM sync_failure
     WHERE ?1 IS NULL OR lower(repo) IN (SELECT value FROM json_each(?1)) ORDER BY since, subject";

/// ?1 owner, ?2 repository's name key, ?3 status, ?4 number, ?5 scope.
macro_rules! followups {
    ($name:literal, $index:literal, $which:literal, $order:literal) => {
        concat!(
            "-- ",
            $name,
            "
     SELECT ",
            followup_columns!(list),
            ", ",
            claims_of_pull!(
                "json_array(c.claim_id, c.number, CASE WHEN c.status <> 'stale' THEN c.agent_id END)",
                "f"
            ),
            " AS author
     FROM followup f INDEXED BY ",
            $index,
            " CROSS JOIN repo r ON r.id = f.repo_id
     WHERE f.status ",
            $which,
            " ('done', 'dismissed')
       AND (?1 IS NULL OR f.owner = ?1)
       AND (?2 IS NULL OR f.repo_id = (SELECT repo_id FROM repo_alias WHERE key = ?2))
       AND (?3 IS NULL OR f.status = ?3)
       AND (?4 IS NULL OR f.number = ?4)
       AND (?5 IS NULL OR r.key IN (SELECT value FROM json_each(?5)))
     ORDER BY ",
            $order
        )
    };
}

pub(crate) const FOLLOWUPS: &str = followups!(
    "followups",
    "followup_open",
    "NOT IN",
    "f.kind, f.created_at, f.work_item_id"
);

/// ?6 how many.
pub(crate) const ENDED_FOLLOWUPS: &str = followups!(
    "ended_followups",
    "followup_ended",
    "IN",
    "f.last_updated DESC, f.work_item_id DESC LIMIT ?6"
);

pub(crate) const LINKED_PULLS: &str = "-- linked_pulls
     SELECT r.name AS repo_name, c.pull_number AS number, p.facts, p.validators,
         (SELECT json_group_array(s.source_event_id ORDER BY s.source_event_id)
          FROM followup f INDEXED BY followup_open CROSS JOIN followup_source s ON s.work_item_id = f.work_item_id
          WHERE f.repo_id = c.pull_repo_id AND f.number = c.pull_number AND f.status NOT IN ('done', 'dismissed')
            AND s.ended IS NULL) AS waiting
     FROM (SELECT DISTINCT pull_repo_id, pull_number FROM claim INDEXED BY claim_pull
         WHERE pull_repo_id IS NOT NULL AND status NOT IN ('closed', 'released')) c
     CROSS JOIN repo r ON r.id = c.pull_repo_id
     LEFT JOIN pull_request p ON p.repo_id = c.pull_repo_id AND p.number = c.pull_number
     ORDER BY c.pull_repo_id, c.pull_number";

/// ?1 so many failures are too many, ?2 how many.
pub(crate) const DEFERRED_DELIVERIES: &str = "-- deferred_deliveries
     SELECT id, delivery_id, event, auth, received_at, processed_at, attempts, error, body
     FROM delivery INDEXED BY delivery_waiting WHERE processed_at IS NULL AND attempts < ?1
     ORDER BY received_at, id LIMIT ?2";

/// ?1 now, ?2 how many.
pub(crate) const DUE_OUTBOX: &str = "-- due_outbox
     SELECT o.id, o.write, o.repo_id, o.claim_id, o.coalesce_key, o.attempts, o.due, o.error, o.failed_at, r.name AS repo_name
     FROM outbox o LEFT JOIN repo r ON r.id = o.repo_id
     WHERE o.failed_at IS NULL AND o.due <= ?1 ORDER BY o.due, o.id LIMIT ?2";

/// ?1 place, ?2 how many.
pub(crate) const EVENTS_AFTER: &str = "-- events_after
     SELECT seq, kind, at, principal, body FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2";

/// Counts trimmed events too.
pub(crate) const LAST_EVENT: &str = "-- last_event
     SELECT seq FROM sqlite_sequence WHERE name = 'event'";

/// If all were trimmed, the place of the next.
pub(crate) const OLDEST_EVENT: &str = "-- oldest_event
     SELECT coalesce((SELECT min(seq) FROM event), (SELECT seq + 1 FROM sqlite_sequence WHERE name = 'event'), 1)";

pub(crate) const CONDITION: &str = "-- condition
     SELECT last_now, clock FROM meta";

/// ?1 so many failures are too many.
pub(crate) const HEALTH: &str = "-- health
     SELECT (SELECT count(*) FROM claim) + meta.trimmed_claims AS total,
         (SELECT count(*) FROM claim WHERE status NOT IN ('closed', 'released')) AS active,
         (SELECT count(DISTINCT agent_id) FROM claim WHERE status NOT IN ('closed', 'released')) AS agents,
         (SELECT count(*) FROM claim WHERE status NOT IN ('closed', 'released') AND status = 'stale') AS stale,
         meta.last_sync, (SELECT count(*) FROM outbox WHERE failed_at IS NULL) AS outbox,
         (SELECT count(*) FROM followup WHERE status NOT IN ('done', 'dismissed')) AS open_followups,
         (SELECT count(*) FROM followup WHERE status NOT IN ('done', 'dismissed') AND status = 'stale') AS stale_followups,
         (SELECT count(*) FROM delivery WHERE processed_at IS NULL AND attempts < ?1) AS deferred,
         (SELECT count(*) FROM delivery WHERE processed_at IS NULL AND attempts >= ?1) AS dead,
         meta.priority_source
     FROM meta";

/// ?1 scope.
pub(crate) const HEALTH_OF: &str = "-- health_of
     WITH seen AS MATERIALIZED (SELECT id FROM repo WHERE key IN (SELECT value FROM json_each(?1))),
         mine AS MATERIALIZED (SELECT claim_id, agent_id, status FROM claim WHERE repo_id IN (SELECT id FROM seen)),
         open AS MATERIALIZED (SELECT status FROM followup INDEXED BY followup_open
             WHERE status NOT IN ('done', 'dismissed') AND repo_id IN (SELECT id FROM seen))
     SELECT (SELECT count(*) FROM mine) AS total,
         (SELECT count(*) FROM mine WHERE status NOT IN ('closed', 'released')) AS active,
         (SELECT count(DISTINCT agent_id) FROM mine WHERE status NOT IN ('closed', 'released')) AS agents,
         (SELECT count(*) FROM mine WHERE status = 'stale') AS stale,
         meta.last_sync, (SELECT count(*) FROM outbox WHERE failed_at IS NULL AND (claim_id IN (SELECT claim_id FROM mine)
             OR claim_id IS NULL AND repo_id IN (SELECT id FROM seen))) AS outbox,
         (SELECT count(*) FROM open) AS open_followups,
         (SELECT count(*) FROM open WHERE status = 'stale') AS stale_followups,
         0 AS deferred, 0 AS dead, meta.priority_source
     FROM meta";

/// ?1 scope, ?2 how many.
pub(crate) const CLOSE_FAILED: &str = "-- close_failed
     SELECT r.name, i.number, i.doubt_at FROM issue i INDEXED BY issue_close_failed CROSS JOIN repo r ON r.id = i.repo_id
     WHERE i.doubt_detail = 'close_failed' AND (?1 IS NULL OR r.key IN (SELECT value FROM json_each(?1)))
     ORDER BY i.doubt_at, i.repo_id, i.number LIMIT ?2";

/// ?1 digest.
pub(crate) const KEY_BY_HASH: &str = concat!(
    "-- key_by_hash
     SELECT ",
    key_columns!(),
    " FROM access_key k WHERE k.hash = ?1"
);

pub(crate) const KEYS: &str = concat!(
    "-- keys
     SELECT ",
    key_columns!(),
    " FROM access_key k ORDER BY k.created_at, k.id"
);

/// ?1 digest.
pub(crate) const WEB_SESSION: &str = "-- web_session
     SELECT hash, principal, made_at, used_at FROM web_session WHERE hash = ?1";

/// ?1 the agent, or NULL.
pub(crate) const AGENTS: &str = "-- agents
     SELECT agent_id, client, version, principal, first_seen, last_seen FROM agent
     WHERE ?1 IS NULL OR agent_id = ?1 ORDER BY agent_id";

/// ?1 the agent, or NULL.
pub(crate) const SESSIONS: &str = "-- sessions
     SELECT agent_id, session_id, client, version, principal, transport, host, pid, pid_started, first_seen, last_seen,
         ended_at, ended_how FROM session
     WHERE ?1 IS NULL OR agent_id = ?1 ORDER BY agent_id, session_id";

/// ?1 the agent.
pub(crate) const NOTICES: &str = "-- notices
     SELECT notice_id, agent_id, at, body FROM notice WHERE agent_id = ?1";
