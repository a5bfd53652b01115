//! The statements that write claims, events and the queue.

/// $1 claims as objects, with the status and the time that they must still have.
pub(crate) const MOVE_CLAIMS: &str = "-- move_claims
     UPDATE claim c SET title = v.title, labels = v.labels, assignees = v.assignees, status = v.status,
         before_stale = v.before_stale, last_updated = v.last_updated, pr_url = v.pr_url, pull_repo_id = v.pull_repo_id,
         pull_number = v.pull_number, notice = v.notice, pull_notice = v.pull_notice, repo_id = v.repo_id,
         number = v.number, github_closed_at = v.github_closed_at, link = v.link, session_id = v.session_id,
         signed_at = v.signed_at, agent_id = v.agent_id
     FROM jsonb_to_recordset($1::jsonb) AS v (was text, seen bigint, claim_id text, title text, labels text, assignees text,
         status text, before_stale text, last_updated bigint, pr_url text, pull_repo_id bigint, pull_number bigint,
         notice text, pull_notice text, repo_id bigint, number bigint, github_closed_at bigint, link text, session_id text,
         signed_at bigint, agent_id text)
     WHERE c.claim_id = v.claim_id AND c.status = v.was AND c.last_updated = v.seen";

/// $1 claims as objects.
pub(crate) const MAKE_CLAIMS: &str = "-- make_claims
     INSERT INTO claim (claim_id, repo_id, number, agent_id, principal, title, labels, assignees, status, before_stale,
         claimed_at, last_updated, pr_url, pull_repo_id, pull_number, notice, pull_notice, github_closed_at, link,
         session_id, signed_at)
     SELECT claim_id, repo_id, number, agent_id, principal, title, labels, assignees, status, before_stale,
         claimed_at, last_updated, pr_url, pull_repo_id, pull_number, notice, pull_notice, github_closed_at, link,
         session_id, signed_at
     FROM jsonb_populate_recordset(NULL::claim, $1::jsonb)";

/// $1 entries as objects.
pub(crate) const ADD_HISTORY: &str = "-- add_history
     INSERT INTO claim_status (claim_n, n, status, timestamp, note)
     SELECT c.n, h.n, h.status, h.timestamp, h.note
     FROM jsonb_to_recordset($1::jsonb) AS h (claim_id text, n bigint, status text, timestamp bigint, note text)
     JOIN claim c ON c.claim_id = h.claim_id";

/// $1 events as objects, counted from 1.
pub(crate) const ADD_EVENTS: &str = "-- add_events
     INSERT INTO event (seq, kind, at, principal, repo, subject, agent_id, body)
     SELECT (SELECT last_event FROM meta WHERE id = 1) + e.n, e.kind, e.at, e.principal, e.repo, e.subject, e.agent_id, e.body
     FROM jsonb_to_recordset($1::jsonb) AS e (n bigint, kind text, at bigint, principal text, repo text, subject bigint,
         agent_id text, body text)";

/// $1 places as objects.
pub(crate) const LEAVE_QUEUE: &str = "-- leave_queue
     DELETE FROM queue q USING jsonb_populate_recordset(NULL::queue, $1::jsonb) AS j
     WHERE q.lane = j.lane AND q.turn = j.turn AND q.created_at = j.created_at AND q.repo_id = j.repo_id AND q.number = j.number";

/// $1 places as objects.
pub(crate) const JOIN_QUEUE: &str = "-- join_queue
     INSERT INTO queue (lane, turn, created_at, repo_id, number)
     SELECT lane, turn, created_at, repo_id, number FROM jsonb_populate_recordset(NULL::queue, $1::jsonb)
     ON CONFLICT DO NOTHING";

/// $1 changes of the numbers of issues as objects.
pub(crate) const COUNT_ISSUES: &str = "-- count_issues
     INSERT INTO readiness_count AS c (lane, first, repo_id, n)
     SELECT lane, first, repo_id, n FROM jsonb_populate_recordset(NULL::readiness_count, $1::jsonb)
     ON CONFLICT (lane, first, repo_id) DO UPDATE SET n = c.n + excluded.n";

/// $1 now, $2 last_sync, $3 priority_source, $4 how many events were added.
pub(crate) const SET_META: &str = "-- set_meta
     UPDATE meta SET last_now = $1, last_sync = coalesce($2, last_sync), priority_source = coalesce($3, priority_source),
         last_event = last_event + $4, writes = writes + 1
     WHERE id = 1";

/// $1 signs of life as objects. A row that had one within the last minute stays as it is.
pub(crate) const SIGN_CLAIMS: &str = "-- sign_claims
     UPDATE claim c SET signed_at = v.at
     FROM jsonb_to_recordset($1::jsonb) AS v (agent_id text, session_id text, at bigint, due bigint)
     WHERE c.agent_id = v.agent_id AND c.session_id IS NOT DISTINCT FROM v.session_id
       AND c.status NOT IN ('closed', 'released') AND greatest(c.last_updated, c.signed_at) <= v.due";

/// $1 signs of life as objects.
pub(crate) const SIGN_FOLLOWUPS: &str = "-- sign_followups
     UPDATE followup f SET signed_at = v.at
     FROM jsonb_to_recordset($1::jsonb) AS v (agent_id text, session_id text, at bigint, due bigint)
     WHERE f.owner = v.agent_id AND f.session_id IS NOT DISTINCT FROM v.session_id
       AND f.status IN ('claimed', 'in_progress') AND greatest(f.last_updated, f.signed_at) <= v.due";
