//! The statements of the read model.

use issuecommand_store_sql::plain::STANDINGS;
use issuecommand_store_sql::{ReadStatements, claim_columns, issue_columns};

use crate::claims_of_pull::claims_of_pull;
use crate::statement::list;

pub(crate) const ALL: ReadStatements = ReadStatements {
    events_before: EVENTS_BEFORE,
    events_of_agent: EVENTS_OF_AGENT,
    events_of_subjects: EVENTS_OF_SUBJECTS,
    ready: READY,
    ready_of_repo: READY_OF_REPO,
    blocked: BLOCKED,
    blocked_of_repo: BLOCKED_OF_REPO,
    repo_ids: REPO_IDS,
    of_tags: OF_TAGS,
    of_tags_in: OF_TAGS_IN,
    of_words: OF_WORDS,
    of_words_in: OF_WORDS_IN,
    of_number: OF_NUMBER,
    words,
    issues: LEAN_ISSUES,
    standings: STANDINGS.postgres.load,
    line_claims: LINE_CLAIMS,
    policies: POLICIES,
    working: WORKING,
    working_of_agent: WORKING_OF_AGENT,
    working_extras: WORKING_EXTRAS,
    working_counts: WORKING_COUNTS,
    parked: PARKED,
    unclaimed: UNCLAIMED,
    broken_policies: BROKEN_POLICIES,
    failed_writes: FAILED_WRITES,
    waiting_writes: WAITING_WRITES,
    pulls_of_issue: PULLS_OF_ISSUE,
    daily: DAILY,
    daily_of: DAILY_OF,
    agents_page: AGENTS_PAGE,
    agents_count: AGENTS_COUNT,
    agent_totals: AGENT_TOTALS,
    waiting_deliveries: WAITING_DELIVERIES,
};

/// The question of a text search for all of these beginnings of words.
fn words(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("{word}:*")).collect();
    words.join(" & ")
}

/// $1 place, $2 how many.
pub(crate) const EVENTS_BEFORE: &str = "-- events_before
     SELECT seq, kind, at, principal, body FROM event WHERE seq < $1 ORDER BY seq DESC LIMIT $2";

/// $1 agent, $2 place, $3 how many.
pub(crate) const EVENTS_OF_AGENT: &str = "-- events_of_agent
     SELECT seq, kind, at, principal, body FROM event WHERE agent_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";

/// $1 [name key, number], $2 place, $3 how many.
pub(crate) const EVENTS_OF_SUBJECTS: &str = "-- events_of_subjects
     SELECT e.seq, e.kind, e.at, e.principal, e.body FROM json_array_elements($1::json) j CROSS JOIN LATERAL (
         SELECT w.seq, w.kind, w.at, w.principal, w.body FROM event w
         WHERE w.repo = j->>0 AND w.subject = (j->>1)::bigint AND w.seq < $2 ORDER BY w.seq DESC LIMIT $3) e
     ORDER BY e.seq DESC LIMIT $3";

/// $1 lane, $2 scope, $3 to $6 the last one, $7 how many.
pub(crate) const READY: &str = "-- ready_page
     SELECT q.turn, q.created_at, q.repo_id, q.number FROM queue q
     WHERE q.lane = $1 AND ($2::text[] IS NULL OR q.repo_id = ANY (ARRAY(SELECT id FROM repo WHERE key = ANY ($2::text[]))))
       AND (q.turn, q.created_at, q.repo_id, q.number) > ($3, $4, $5, $6)
     ORDER BY q.turn, q.created_at, q.repo_id, q.number LIMIT $7";

/// $1 lane, $2 repository, $3 to $6 the last one, $7 how many.
pub(crate) const READY_OF_REPO: &str = "-- ready_page_of_repo
     SELECT q.turn, q.created_at, q.repo_id, q.number FROM queue q
     WHERE q.repo_id = $2 AND q.lane = $1 AND (q.turn, q.created_at) >= ($3, $4)
       AND (q.turn, q.created_at, q.repo_id, q.number) > ($3, $4, $5, $6)
     ORDER BY q.turn, q.created_at, q.number LIMIT $7";

/// $1 lanes or NULL, $2 `$where`, $3 to $6 the last one, $7 the last reason, $8 how many.
macro_rules! blocked {
    ($name:literal, $where:literal, $from:literal, $order:literal) => {
        concat!(
            "-- ",
            $name,
            "
     SELECT d.first, d.created_at, d.repo_id, d.number FROM readiness d
     WHERE d.first IS NOT NULL AND d.first <= $7 AND ",
            $where,
            $from,
            " AND (d.first, d.created_at, d.repo_id, d.number) > ($3, $4, $5, $6)
       AND ($1::text IS NULL OR d.lane = ANY (ARRAY(SELECT json_array_elements_text($1::json))))
       AND (SELECT r.offered FROM repo r WHERE r.id = d.repo_id)
       AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = d.repo_id AND c.number = d.number
           AND c.status NOT IN ('closed', 'released'))
     ORDER BY ",
            $order,
            " LIMIT $8"
        )
    };
}

pub(crate) const BLOCKED: &str = blocked!(
    "blocked_page",
    "($2::text[] IS NULL OR d.repo_id = ANY (ARRAY(SELECT id FROM repo WHERE key = ANY ($2::text[]))))",
    "",
    "d.first, d.created_at, d.repo_id, d.number"
);
pub(crate) const BLOCKED_OF_REPO: &str = blocked!(
    "blocked_page_of_repo",
    "d.repo_id = $2",
    " AND (d.first, d.created_at) >= ($3, $4)",
    "d.first, d.created_at, d.number"
);

/// $1 scope.
pub(crate) const REPO_IDS: &str = "-- repo_ids
     SELECT id FROM repo WHERE key = ANY ($1::text[]) AND offered";

/// An open issue that is found.
macro_rules! found {
    ($from:literal, $where:literal) => {
        concat!(
            "SELECT json_build_array(d.repo_id, d.number, d.lane, d.turn, d.created_at, d.first, r.offered, c.claimed_at,
         c.claim_id, c.agent_id)::text FROM ",
            $from,
            " LEFT JOIN claim c ON c.repo_id = d.repo_id AND c.number = d.number AND c.status NOT IN ('closed', 'released')
     WHERE ",
            $where,
            " AND (cardinality($1::text[]) = 0 OR (SELECT count(*) FROM issue_tag t WHERE t.repo_id = d.repo_id AND t.number = d.number
           AND t.tag = ANY ($1::text[])) = cardinality($1::text[]))"
        )
    };
}

macro_rules! of_tags {
    ($name:literal, $scope:literal) => {
        concat!(
            "-- ",
            $name,
            "
     ",
            found!(
                "issue_tag rare JOIN readiness d ON d.repo_id = rare.repo_id AND d.number = rare.number
         JOIN repo r ON r.id = d.repo_id",
                "rare.tag = (SELECT w.tag FROM unnest($1::text[]) AS w (tag) ORDER BY (SELECT count(*) FROM (
             SELECT 1 FROM issue_tag t WHERE t.tag = w.tag LIMIT $3) enough) LIMIT 1)"
            ),
            $scope,
            " ORDER BY rare.repo_id, rare.number LIMIT $3"
        )
    };
}

/// $1 tags, each once, $2 is NULL, $3 how many. The index of tags is read for the rarest of them.
pub(crate) const OF_TAGS: &str = of_tags!("search_tags", " AND $2::text[] IS NULL");
/// $1 tags, each once, $2 scope, $3 how many.
pub(crate) const OF_TAGS_IN: &str = of_tags!(
    "search_tags_in",
    " AND rare.repo_id = ANY (ARRAY(SELECT id FROM repo WHERE key = ANY ($2::text[])))"
);

macro_rules! of_words {
    ($name:literal, $scope:literal) => {
        concat!(
            "-- ",
            $name,
            "
     ",
            found!(
                "issue i JOIN readiness d ON d.repo_id = i.repo_id AND d.number = i.number JOIN repo r ON r.id = d.repo_id",
                "i.state = 'open'
         AND to_tsvector('simple', regexp_replace(i.title, '[\\u0001-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00bf\\u2000-\\u206f\\u3000-\\u303f]+', ' ', 'g')) @@ to_tsquery('simple', $4)"
            ),
            $scope,
            " LIMIT $3"
        )
    };
}

/// $1 tags, $2 is NULL, $3 how many, $4 question.
pub(crate) const OF_WORDS: &str = of_words!("search_words", " AND $2::text[] IS NULL");
/// $1 tags, $2 scope, $3 how many, $4 question.
pub(crate) const OF_WORDS_IN: &str = of_words!(
    "search_words_in",
    " AND i.repo_id = ANY (ARRAY(SELECT id FROM repo WHERE key = ANY ($2::text[])))"
);

/// $1 tags, $2 scope, $3 how many, $4 number.
pub(crate) const OF_NUMBER: &str = concat!(
    "-- search_number
     ",
    found!(
        "repo r JOIN readiness d ON d.repo_id = r.id AND d.number = $4",
        "($2::text[] IS NULL OR r.key = ANY ($2::text[]))"
    ),
    " ORDER BY r.id LIMIT $3"
);

/// $1 keys.
pub(crate) const LEAN_ISSUES: &str = concat!(
    "-- lean_issues
     SELECT ",
    issue_columns!(lean),
    " FROM unnest($1::bigint[]) AS j (key)
     JOIN issue i ON i.repo_id = j.key >> 32 AND i.number = j.key & 4294967295 JOIN repo r ON r.id = i.repo_id"
);

/// $1 keys.
pub(crate) const LINE_CLAIMS: &str = "-- line_claims
     SELECT json_build_array(c.repo_id, c.number, c.claim_id, c.agent_id, c.status, c.claimed_at)::text
     FROM unnest($1::bigint[]) AS j (key) JOIN claim c ON c.repo_id = j.key >> 32 AND c.number = j.key & 4294967295
     WHERE c.status NOT IN ('closed', 'released')";

/// $1 ids.
pub(crate) const POLICIES: &str = "-- policies_of
     SELECT json_build_array(p.repo_id, p.policy)::text FROM repo_policy p
     WHERE p.repo_id = ANY ($1::bigint[]) AND p.policy IS NOT NULL";

/// $1 agent, $2 status, $3 scope, $4 and $5 the last one, $6 how many. The columns are read for the rows of the page alone.
macro_rules! working {
    ($name:literal, $agent:literal) => {
        concat!(
            "-- ",
            $name,
            "
     WITH page AS MATERIALIZED (SELECT c.n FROM claim c WHERE c.status NOT IN ('closed', 'released') AND ",
            $agent,
            " AND ($2::text IS NULL OR c.status = $2)
         AND ($3::text[] IS NULL OR c.repo_id = ANY (ARRAY(SELECT id FROM repo WHERE key = ANY ($3::text[]))))
         AND (c.claimed_at, c.claim_id) > ($4, $5)
         ORDER BY c.claimed_at, c.claim_id LIMIT $6)
     SELECT ",
            claim_columns!(list),
            " FROM page JOIN claim c ON c.n = page.n JOIN repo r ON r.id = c.repo_id
     ORDER BY c.claimed_at, c.claim_id"
        )
    };
}

pub(crate) const WORKING: &str = working!("working", "$1::text IS NULL");
pub(crate) const WORKING_OF_AGENT: &str = working!("working_of_agent", "c.agent_id = $1");

/// $1 claims.
pub(crate) const WORKING_EXTRAS: &str = "-- working_extras
     SELECT json_build_array(c.claim_id, (SELECT count(*) FROM followup f
             WHERE f.repo_id = c.pull_repo_id AND f.number = c.pull_number AND f.status NOT IN ('done', 'dismissed')),
         coalesce(s.client, a.client), CASE WHEN s.client IS NOT NULL THEN s.version ELSE a.version END)::text
     FROM claim c LEFT JOIN session s ON s.agent_id = c.agent_id AND s.session_id = c.session_id
     LEFT JOIN agent a ON a.agent_id = c.agent_id WHERE c.claim_id = ANY ($1::text[])";

/// $1 agent, $2 scope.
pub(crate) const WORKING_COUNTS: &str = "-- working_counts
     WITH mine AS MATERIALIZED (SELECT c.status, c.agent_id FROM claim c WHERE c.status NOT IN ('closed', 'released')
             AND ($1::text IS NULL OR c.agent_id = $1)
             AND ($2::text[] IS NULL OR c.repo_id = ANY (ARRAY(SELECT id FROM repo WHERE key = ANY ($2::text[])))))
     SELECT status, count(*) FROM mine GROUP BY status
     UNION ALL SELECT 'agents', count(DISTINCT agent_id) FROM mine
     UNION ALL SELECT 'feedback', count(*) FROM followup f WHERE f.status IN ('queued', 'stale')
         AND ($2::text[] IS NULL OR f.repo_id = ANY (ARRAY(SELECT id FROM repo WHERE key = ANY ($2::text[]))))";

/// $1 scope, $2 how many.
pub(crate) const PARKED: &str = "-- parked
     SELECT json_build_array(r.name, d.number, i.title, i.url, d.parked)::text FROM readiness d
     JOIN repo r ON r.id = d.repo_id JOIN issue i ON i.repo_id = d.repo_id AND i.number = d.number
     WHERE d.parked IS NOT NULL AND r.offered AND ($1::text[] IS NULL OR r.key = ANY ($1::text[]))
       AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = d.repo_id AND c.number = d.number
           AND c.status NOT IN ('closed', 'released'))
     ORDER BY (d.parked::json->>'at')::bigint, r.key, d.number LIMIT $2";

/// $1 scope, $2 how many, $3 moment.
pub(crate) const UNCLAIMED: &str = concat!(
    "-- unclaimed
     SELECT json_build_array(f.work_item_id, r.name, f.number, f.pr_url, f.pr_title, f.kind, f.status, f.window_from, ",
    claims_of_pull!("c.agent_id", "f"),
    ")::text FROM followup f JOIN repo r ON r.id = f.repo_id
     WHERE f.status IN ('queued', 'stale') AND f.window_from < $3
       AND ($1::text[] IS NULL OR r.key = ANY ($1::text[]))
     ORDER BY f.window_from, f.work_item_id LIMIT $2"
);

/// $1 scope, $2 how many.
pub(crate) const BROKEN_POLICIES: &str = "-- broken_policies
     SELECT json_build_array(r.name, p.error, p.since)::text FROM repo_policy p JOIN repo r ON r.id = p.repo_id
     WHERE p.error IS NOT NULL AND ($1::text[] IS NULL OR r.key = ANY ($1::text[]))
     ORDER BY p.since, r.key LIMIT $2";

macro_rules! writes {
    ($name:literal, $where:literal, $order:literal) => {
        concat!(
            "-- ",
            $name,
            "
     SELECT o.id, o.write, o.repo_id, o.claim_id, o.coalesce_key, o.attempts, o.due, o.error, o.failed_at, r.name AS repo_name
     FROM outbox o LEFT JOIN repo r ON r.id = o.repo_id WHERE ",
            $where,
            " AND ($1::text[] IS NULL OR r.key = ANY ($1::text[]))
     ORDER BY ",
            $order,
            " LIMIT $2"
        )
    };
}

/// $1 scope, $2 how many.
pub(crate) const FAILED_WRITES: &str = writes!(
    "failed_writes",
    "o.failed_at IS NOT NULL",
    "o.failed_at, o.due, o.id"
);
/// $1 scope, $2 how many.
pub(crate) const WAITING_WRITES: &str =
    writes!("waiting_writes", "o.failed_at IS NULL", "o.due, o.id");

/// $1 repository, $2 number.
pub(crate) const PULLS_OF_ISSUE: &str = "-- pulls_of_issue
     WITH named (repo_id, number) AS MATERIALIZED (
         SELECT c.pull_repo_id, c.pull_number FROM claim c
         WHERE c.repo_id = $1 AND c.number = $2 AND c.status NOT IN ('closed', 'released')
         UNION SELECT c.pull_repo_id, c.pull_number FROM claim c
         WHERE c.repo_id = $1 AND c.number = $2 AND c.status IN ('closed', 'released')
         UNION SELECT k.repo_id, k.number FROM pull_closes k WHERE k.repo_id = $1 AND k.issue = $2 AND k.candidate)
     SELECT json_build_array(r.name, n.number, p.facts)::text FROM named n JOIN repo r ON r.id = n.repo_id
     LEFT JOIN pull_request p ON p.repo_id = n.repo_id AND p.number = n.number ORDER BY n.repo_id, n.number";

/// $1 first day, $2 last day.
pub(crate) const DAILY: &str = "-- daily
     SELECT json_build_array(repo_id, day, measure, bucket, n)::text FROM daily
     WHERE repo_id = 0 AND day BETWEEN $1 AND $2";

/// $1 first day, $2 last day, $3 scope.
pub(crate) const DAILY_OF: &str = "-- daily_of
     SELECT json_build_array(d.repo_id, d.day, d.measure, d.bucket, d.n)::text FROM repo r
     JOIN daily d ON d.repo_id = r.id AND d.day BETWEEN $1 AND $2 WHERE r.key = ANY ($3::text[])";

/// $1 the last agent, $2 how many.
pub(crate) const AGENTS_PAGE: &str = "-- agents_page
     SELECT agent_id, client, version, principal, first_seen, last_seen FROM agent
     WHERE agent_id > $1 ORDER BY agent_id LIMIT $2";

pub(crate) const AGENTS_COUNT: &str = "-- agents_count
     SELECT count(*) FROM agent";

/// $1 agent.
pub(crate) const AGENT_TOTALS: &str = "-- agent_totals
     SELECT measure, n FROM agent_total WHERE agent_id = $1";

/// $1 how many failures are too many, $2 how many.
pub(crate) const WAITING_DELIVERIES: &str = "-- waiting_deliveries
     SELECT json_build_array(id, delivery_id, event, received_at, attempts, error)::text FROM delivery
     WHERE processed_at IS NULL ORDER BY attempts < $1, received_at, id LIMIT $2";
