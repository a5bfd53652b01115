//! The statements that write claims, events and the queue.

/// Arguments are lists of: changed claims; new claims; entries of their histories; events; [repository, number] of issues that leave
/// the queue; the same of issues that join it; changes of the numbers of issues. Then now, last_sync, priority_source.
///
/// `jsonb_each` parses the text once; reading members of objects by name is then as fast as reading elements of arrays by index.
/// `MATERIALIZED`, because SQLite would otherwise encode the row again for each member.
pub(crate) const PUT_CLAIMS_AND_EVENTS: &str = "-- move_claims
     WITH moved AS MATERIALIZED (
         SELECT c.n, j.value AS v FROM jsonb_each(?) j
         CROSS JOIN claim c ON c.claim_id = j.value->>'claim_id' AND c.status = j.value->>'was'
           AND c.last_updated = j.value->>'seen'
     )
     UPDATE claim SET title = v->>'title', labels = v->>'labels', assignees = v->>'assignees', status = v->>'status',
         before_stale = v->>'before_stale', last_updated = v->>'last_updated', pr_url = v->>'pr_url',
         pull_repo_id = v->>'pull_repo_id', pull_number = v->>'pull_number', notice = v->>'notice',
         pull_notice = v->>'pull_notice', repo_id = v->>'repo_id', number = v->>'number',
         github_closed_at = v->>'github_closed_at', link = v->>'link', session_id = v->>'session_id',
         signed_at = v->>'signed_at', agent_id = v->>'agent_id'
     FROM moved WHERE claim.n = moved.n;
     -- make_claims
     WITH made AS MATERIALIZED (SELECT value AS v FROM jsonb_each(?))
     INSERT INTO claim (claim_id, repo_id, number, agent_id, principal, title, labels, assignees, status, before_stale,
         claimed_at, last_updated, pr_url, pull_repo_id, pull_number, notice, pull_notice, github_closed_at, link,
         session_id, signed_at)
     SELECT v->>'claim_id', v->>'repo_id', v->>'number', v->>'agent_id', v->>'principal', v->>'title', v->>'labels',
         v->>'assignees', v->>'status', v->>'before_stale', v->>'claimed_at', v->>'last_updated', v->>'pr_url',
         v->>'pull_repo_id', v->>'pull_number', v->>'notice', v->>'pull_notice', v->>'github_closed_at', v->>'link',
         v->>'session_id', v->>'signed_at'
     FROM made;
     -- add_history
     WITH added AS MATERIALIZED (SELECT value AS v FROM jsonb_each(?))
     INSERT INTO claim_status (claim_n, n, status, timestamp, note)
     SELECT (SELECT n FROM claim WHERE claim_id = v->>'claim_id'), v->>'n', v->>'status', v->>'timestamp', v->>'note'
     FROM added;
     -- add_events
     WITH added AS MATERIALIZED (SELECT value AS v FROM jsonb_each(?))
     INSERT INTO event (kind, at, principal, repo, subject, agent_id, body)
     SELECT v->>'kind', v->>'at', v->>'principal', v->>'repo', v->>'subject', v->>'agent_id', v->>'body' FROM added;
     -- leave_queue
     DELETE FROM queue WHERE (lane, turn, created_at, repo_id, number) IN (
         SELECT value->>'lane', value->>'turn', value->>'created_at', value->>'repo_id', value->>'number' FROM jsonb_each(?));
     -- join_queue
     INSERT OR IGNORE INTO queue (lane, turn, created_at, repo_id, number)
     SELECT value->>'lane', value->>'turn', value->>'created_at', value->>'repo_id', value->>'number' FROM jsonb_each(?);
     -- count_issues
     INSERT INTO readiness_count (lane, first, repo_id, n)
     SELECT value->>'lane', value->>'first', value->>'repo_id', value->>'n' FROM jsonb_each(?) WHERE true
     ON CONFLICT (lane, first, repo_id) DO UPDATE SET n = n + excluded.n;
     -- set_meta
     UPDATE meta SET last_now = ?, last_sync = coalesce(?, last_sync), priority_source = coalesce(?, priority_source),
         writes = writes + 1";

/// The list of signs of life, twice. A row that had one within the last minute stays as it is.
pub(crate) const SIGN: &str = "-- sign_claims
     WITH put AS MATERIALIZED (
         SELECT c.n, j.value->>'at' AS at FROM json_each(?) j
         CROSS JOIN claim c INDEXED BY claim_agent ON c.agent_id = j.value->>'agent_id' AND c.session_id IS j.value->>'session_id'
             AND c.status NOT IN ('closed', 'released') AND max(c.last_updated, c.signed_at) <= j.value->>'due'
     )
     UPDATE claim SET signed_at = put.at FROM put WHERE claim.n = put.n;
     -- sign_followups
     WITH put AS MATERIALIZED (
         SELECT f.rowid AS id, j.value->>'at' AS at FROM json_each(?) j
         CROSS JOIN followup f INDEXED BY followup_held ON f.owner = j.value->>'agent_id' AND f.session_id IS j.value->>'session_id'
             AND f.status IN ('claimed', 'in_progress') AND max(f.last_updated, f.signed_at) <= j.value->>'due'
     )
     UPDATE followup SET signed_at = put.at FROM put WHERE followup.rowid = put.id";
