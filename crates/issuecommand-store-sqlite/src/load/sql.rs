//! The statements that load a view. `CROSS JOIN` keeps the short list outside: left to itself the planner scans the table.

use crate::rows::{claim_columns, issue_columns, repo_columns};

/// Name keys, claim ids, leases, outbox ids, [principal, key] pairs.
pub(crate) const BY_NAME: &str = concat!(
    "-- load_names
     SELECT a.key, a.repo_id FROM json_each(?) j CROSS JOIN repo_alias a ON a.key = j.value;
     -- load_claims
     SELECT ",
    claim_columns!(),
    " FROM json_each(?) j CROSS JOIN claim c ON c.claim_id = j.value CROSS JOIN repo r ON r.id = c.repo_id;
     -- load_leases
     SELECT l.name, l.holder, l.epoch, l.until FROM json_each(?) j CROSS JOIN lease l ON l.name = j.value;
     -- load_outbox
     SELECT o.id, o.write, o.claim_id, o.attempts, o.due, o.error
     FROM json_each(?) j CROSS JOIN outbox o ON o.id = j.value;
     -- load_remembered
     SELECT m.principal, m.key, m.request, m.answer, m.at
     FROM json_each(?) j CROSS JOIN idempotency m ON m.principal = j.value->>0 AND m.key = j.value->>1;
     -- next_repo
     SELECT coalesce(max(id), 0) + 1 FROM repo"
);

/// Also those whose last name is another's by now.
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
    claim_columns!(),
    " FROM json_each(?1) j
     CROSS JOIN claim c INDEXED BY claim_expiry ON c.status = j.value->>0 AND c.last_updated BETWEEN j.value->>2 AND j.value->>1
       AND c.status NOT IN ('closed', 'released')
     CROSS JOIN repo r ON r.id = c.repo_id
     ORDER BY c.claim_id LIMIT ?2"
);

/// ?1 and ?2 the key before the page, ?3 how many.
pub(crate) const PAGE: &str = "-- page
     SELECT repo_id, number FROM issue WHERE (repo_id, number) > (?1, ?2) ORDER BY repo_id, number LIMIT ?3";

/// [repository, number] pairs, three times, then repositories.
pub(crate) const BY_KEY: &str = concat!(
    "-- load_issues
     SELECT ",
    issue_columns!(),
    " FROM json_each(?) j CROSS JOIN issue i ON i.repo_id = j.value->>0 AND i.number = j.value->>1
     CROSS JOIN repo r ON r.id = i.repo_id;
     -- load_active
     SELECT ",
    claim_columns!(),
    " FROM json_each(?) j
     CROSS JOIN claim c INDEXED BY claim_active ON c.repo_id = j.value->>0 AND c.number = j.value->>1
       AND c.status NOT IN ('closed', 'released')
     CROSS JOIN repo r ON r.id = c.repo_id;
     -- load_reopenable
     SELECT ",
    claim_columns!(),
    " FROM json_each(?) j
     CROSS JOIN claim c INDEXED BY claim_reopen ON c.repo_id = j.value->>0 AND c.number = j.value->>1
       AND c.github_closed_at IS NOT NULL
     CROSS JOIN repo r ON r.id = c.repo_id;
     -- load_repos
     SELECT ",
    repo_columns!(),
    " FROM json_each(?) j CROSS JOIN repo r ON r.id = j.value"
);
