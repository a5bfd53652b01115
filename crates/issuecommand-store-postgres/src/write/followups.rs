//! Writing what belongs to pull requests.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_store_sql::new_rows::{NewDeliveryRow, NewRows, expect_changed};

use super::{change_keys, put};
use crate::statement::{Args, Db};

/// $1 pull requests as objects.
pub(crate) const PUT_PULLS: &str = "-- put_pulls
     INSERT INTO pull_request (repo_id, number, pushed_at, cut_at, validators, facts, activity, closing)
     SELECT repo_id, number, pushed_at, cut_at, validators, facts, activity, closing
     FROM jsonb_populate_recordset(NULL::pull_request, $1::jsonb)
     ON CONFLICT (repo_id, number) DO UPDATE SET pushed_at = excluded.pushed_at, cut_at = excluded.cut_at,
         validators = excluded.validators, facts = excluded.facts, activity = excluded.activity, closing = excluded.closing";

/// $1 and $2 repositories and numbers of pull requests.
pub(crate) const DROP_CLOSES: &str = "-- drop_closes
     DELETE FROM pull_closes k USING unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     WHERE k.repo_id = j.repo_id AND k.number = j.number";

/// $1 the issues that pull requests close, as objects.
pub(crate) const PUT_CLOSES: &str = "-- put_closes
     INSERT INTO pull_closes (repo_id, number, issue, candidate)
     SELECT repo_id, number, issue, candidate FROM jsonb_populate_recordset(NULL::pull_closes, $1::jsonb)";

/// $1 follow-ups as objects, with the status and the time that they must still have.
pub(crate) const MOVE_FOLLOWUPS: &str = "-- move_followups
     UPDATE followup f SET kind = v.kind, status = v.status, last_updated = v.last_updated, owner = v.owner,
         claimed_at = v.claimed_at, done_at = v.done_at, dismiss_reason = v.dismiss_reason, window_from = v.window_from,
         pr_url = v.pr_url, pr_title = v.pr_title, concerns = v.concerns, session_id = v.session_id, signed_at = v.signed_at
     FROM jsonb_to_recordset($1::jsonb) AS v (was text, seen bigint, work_item_id text, kind bigint, status text,
         last_updated bigint, owner text, claimed_at bigint, done_at bigint, dismiss_reason text, window_from bigint,
         pr_url text, pr_title text, concerns text, session_id text, signed_at bigint)
     WHERE f.work_item_id = v.work_item_id AND f.status = v.was AND f.last_updated = v.seen";

/// $1 follow-ups as objects.
pub(crate) const MAKE_FOLLOWUPS: &str = "-- make_followups
     INSERT INTO followup (work_item_id, repo_id, number, pr_url, pr_title, kind, status, created_at, last_updated, owner,
         claimed_at, done_at, dismiss_reason, window_from, concerns, session_id, signed_at)
     SELECT work_item_id, repo_id, number, pr_url, pr_title, kind, status, created_at, last_updated, owner, claimed_at,
         done_at, dismiss_reason, window_from, concerns, session_id, signed_at
     FROM jsonb_populate_recordset(NULL::followup, $1::jsonb)";

/// $1 entries as objects.
pub(crate) const ADD_HISTORY: &str = "-- add_followup_history
     INSERT INTO followup_status (work_item_id, n, status, timestamp, note)
     SELECT work_item_id, n, status, timestamp, note FROM jsonb_populate_recordset(NULL::followup_status, $1::jsonb)";

/// $1 events as objects.
pub(crate) const PUT_SOURCES: &str = "-- put_sources
     INSERT INTO followup_source AS s (source_event_id, repo_id, number, work_item_id, n, ended, data, facts)
     SELECT source_event_id, repo_id, number, work_item_id, n, ended, data, facts
     FROM jsonb_populate_recordset(NULL::followup_source, $1::jsonb)
     ON CONFLICT (source_event_id) DO UPDATE SET repo_id = excluded.repo_id, number = excluded.number,
         work_item_id = excluded.work_item_id, n = coalesce(excluded.n, s.n), ended = excluded.ended,
         data = coalesce(excluded.data, s.data), facts = excluded.facts";

/// $1 and $2 repositories and numbers of the pull requests that nobody holds any more.
pub(crate) const DROP_HOLDS: &str = "-- drop_holds
     DELETE FROM pr_hold h USING unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     WHERE h.repo_id = j.repo_id AND h.number = j.number";

/// $1 holds as objects. A hold is never taken over: its former holder must have let go of the pull request.
pub(crate) const PUT_HOLDS: &str = "-- put_holds
     INSERT INTO pr_hold AS h (repo_id, number, agent_id)
     SELECT repo_id, number, agent_id FROM jsonb_populate_recordset(NULL::pr_hold, $1::jsonb)
     ON CONFLICT (repo_id, number) DO UPDATE SET agent_id = excluded.agent_id WHERE h.agent_id = excluded.agent_id";

/// $1 deliveries as objects without their bodies, $2 the bodies; member `n` is the place of a delivery's body, from 1.
pub(crate) const PUT_DELIVERIES: &str = "-- put_deliveries
     INSERT INTO delivery (id, delivery_id, event, auth, received_at, processed_at, attempts, error, body)
     SELECT v.id, v.delivery_id, v.event, v.auth, v.received_at, v.processed_at, v.attempts, v.error, ($2::bytea[])[v.n]
     FROM jsonb_to_recordset($1::jsonb) AS v (n int, id text, delivery_id text, event text, auth text, received_at bigint,
         processed_at bigint, attempts bigint, error text)
     ON CONFLICT (id) DO UPDATE SET delivery_id = excluded.delivery_id, event = excluded.event, auth = excluded.auth,
         received_at = excluded.received_at, processed_at = excluded.processed_at, attempts = excluded.attempts,
         error = excluded.error, body = excluded.body";

pub(super) async fn put_all(db: &mut Db<'_>, rows: &NewRows<'_>) -> Result<(), StoreError> {
    let (pulls, items) = (&rows.pulls, &rows.followups);
    put(db, PUT_PULLS, &pulls.pulls).await?;
    change_keys(db, DROP_CLOSES, &pulls.keys).await?;
    put(db, PUT_CLOSES, &pulls.closes).await?;
    let moved = put(db, MOVE_FOLLOWUPS, &items.moved).await?;
    expect_changed("follow-ups", moved, items.moved.len())?;
    put(db, MAKE_FOLLOWUPS, &items.made).await?;
    put(db, ADD_HISTORY, &items.history).await?;
    put(db, PUT_SOURCES, &items.sources).await?;
    change_keys(db, DROP_HOLDS, &items.free).await?;
    let holds = put(db, PUT_HOLDS, &items.holds).await?;
    expect_changed("holds on pull requests", holds, items.holds.len())?;
    deliveries(db, &items.deliveries).await
}

/// Bodies are bytes and not part of the JSON, because its text has no place for U+0000.
async fn deliveries(db: &mut Db<'_>, deliveries: &[NewDeliveryRow<'_>]) -> Result<(), StoreError> {
    if deliveries.is_empty() {
        return Ok(());
    }
    let bodies = deliveries.iter().map(|row| row.body.map(str::as_bytes));
    let bodies: Vec<Option<&[u8]>> = bodies.collect();
    let rows = deliveries.iter().map(NewDeliveryRow::without_body);
    let rows: Vec<_> = rows.collect();
    let args = Args::default().rows(&rows)?.with(bodies)?;
    db.change(PUT_DELIVERIES, args).await.map(drop)
}
