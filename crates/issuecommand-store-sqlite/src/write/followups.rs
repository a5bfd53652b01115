//! Writing what belongs to pull requests, in one call, where there is any.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_store_sql::new_rows::{NewRows, expect_changed};
use sqlx::sqlite::SqliteConnection;

use crate::statement::{Args, run};

/// Lists of: pull requests; their keys; the issues that they close; follow-ups that move; new follow-ups; entries of their
/// histories; feedback events; [repository, number] of pull requests that nobody holds any more; holds; deliveries.
///
/// A hold is never taken over: its former holder must have let go of the pull request.
pub(crate) const PUT: &str = "-- put_pulls
     WITH put AS MATERIALIZED (SELECT value AS v FROM jsonb_each(?))
     INSERT INTO pull_request (repo_id, number, pushed_at, cut_at, validators, facts, activity, closing)
     SELECT v->>'repo_id', v->>'number', v->>'pushed_at', v->>'cut_at', v->>'validators', v->>'facts', v->>'activity',
         v->>'closing' FROM put WHERE true
     ON CONFLICT (repo_id, number) DO UPDATE SET pushed_at = excluded.pushed_at, cut_at = excluded.cut_at,
         validators = excluded.validators, facts = excluded.facts, activity = excluded.activity,
         closing = excluded.closing;
     -- drop_closes
     DELETE FROM pull_closes WHERE (repo_id, number) IN (SELECT value->>0, value->>1 FROM json_each(?));
     -- put_closes
     INSERT INTO pull_closes (repo_id, number, issue, candidate)
     SELECT value->>'repo_id', value->>'number', value->>'issue', value->>'candidate' FROM jsonb_each(?);
     -- move_followups
     WITH moved AS MATERIALIZED (
         SELECT f.rowid AS id, j.value AS v FROM jsonb_each(?) j
         CROSS JOIN followup f ON f.work_item_id = j.value->>'work_item_id' AND f.status = j.value->>'was'
           AND f.last_updated = j.value->>'seen'
     )
     UPDATE followup SET kind = v->>'kind', status = v->>'status', last_updated = v->>'last_updated', owner = v->>'owner',
         claimed_at = v->>'claimed_at', done_at = v->>'done_at', dismiss_reason = v->>'dismiss_reason',
         window_from = v->>'window_from', pr_url = v->>'pr_url', pr_title = v->>'pr_title', concerns = v->>'concerns',
         session_id = v->>'session_id', signed_at = v->>'signed_at'
     FROM moved WHERE followup.rowid = moved.id;
     -- make_followups
     WITH made AS MATERIALIZED (SELECT value AS v FROM jsonb_each(?))
     INSERT INTO followup (work_item_id, repo_id, number, pr_url, pr_title, kind, status, created_at, last_updated, owner,
         claimed_at, done_at, dismiss_reason, window_from, concerns, session_id, signed_at)
     SELECT v->>'work_item_id', v->>'repo_id', v->>'number', v->>'pr_url', v->>'pr_title', v->>'kind', v->>'status',
         v->>'created_at', v->>'last_updated', v->>'owner', v->>'claimed_at', v->>'done_at', v->>'dismiss_reason',
         v->>'window_from', v->>'concerns', v->>'session_id', v->>'signed_at' FROM made;
     -- add_followup_history
     WITH added AS MATERIALIZED (SELECT value AS v FROM jsonb_each(?))
     INSERT INTO followup_status (work_item_id, n, status, timestamp, note)
     SELECT v->>'work_item_id', v->>'n', v->>'status', v->>'timestamp', v->>'note' FROM added;
     -- put_sources
     WITH put AS MATERIALIZED (SELECT value AS v FROM jsonb_each(?))
     INSERT INTO followup_source (source_event_id, repo_id, number, work_item_id, n, ended, data, facts)
     SELECT v->>'source_event_id', v->>'repo_id', v->>'number', v->>'work_item_id', v->>'n', v->>'ended', v->>'data',
         v->>'facts' FROM put WHERE true
     ON CONFLICT (source_event_id) DO UPDATE SET repo_id = excluded.repo_id, number = excluded.number,
         work_item_id = excluded.work_item_id, n = coalesce(excluded.n, n), ended = excluded.ended,
         data = coalesce(excluded.data, data), facts = excluded.facts;
     -- drop_holds
     DELETE FROM pr_hold WHERE (repo_id, number) IN (SELECT value->>0, value->>1 FROM json_each(?));
     -- put_holds
     INSERT INTO pr_hold (repo_id, number, agent_id)
     SELECT value->>'repo_id', value->>'number', value->>'agent_id' FROM jsonb_each(?) WHERE true
     ON CONFLICT (repo_id, number) DO UPDATE SET agent_id = excluded.agent_id WHERE pr_hold.agent_id = excluded.agent_id;
     -- put_deliveries
     WITH put AS MATERIALIZED (SELECT value AS v FROM jsonb_each(?))
     INSERT OR REPLACE INTO delivery (id, delivery_id, event, auth, received_at, processed_at, attempts, error, body)
     SELECT v->>'id', v->>'delivery_id', v->>'event', v->>'auth', v->>'received_at', v->>'processed_at', v->>'attempts',
         v->>'error', v->>'body' FROM put";

pub(super) async fn put(conn: &mut SqliteConnection, rows: &NewRows<'_>) -> Result<(), StoreError> {
    let (pulls, items) = (&rows.pulls, &rows.followups);
    let nothing = pulls.pulls.is_empty()
        && items.moved.is_empty()
        && items.made.is_empty()
        && items.sources.is_empty()
        && items.free.is_empty()
        && items.holds.is_empty()
        && items.deliveries.is_empty();
    if nothing {
        return Ok(());
    }
    let args = Args::default()
        .list(&pulls.pulls)?
        .list(&pulls.keys)?
        .list(&pulls.closes)?
        .list(&items.moved)?
        .list(&items.made)?
        .list(&items.history)?
        .list(&items.sources)?
        .list(&items.free)?
        .list(&items.holds)?
        .list(&items.deliveries)?;
    let [_, _, _, (_, moved), _, _, _, _, (_, holds), _] = run(conn, PUT, args).await?;
    expect_changed("follow-ups", moved, items.moved.len())?;
    expect_changed("holds on pull requests", holds, items.holds.len())
}
