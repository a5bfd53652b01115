//! Deleting what is older than the limits of the history.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::engine::change::Trim;
use issuecommand_store_sql::Args as _;
use sqlx::sqlite::SqliteConnection;

use crate::statement::{Args, change, run};

/// ?1 how many ended claims stay. Their history goes with them.
pub(crate) const CLAIMS: &str = "-- trim_claims
     DELETE FROM claim WHERE n IN (
         SELECT n FROM claim WHERE status IN ('closed', 'released')
         ORDER BY last_updated DESC, claim_id DESC LIMIT -1 OFFSET ?1)";

/// ?1 how many claims were deleted.
pub(crate) const COUNT: &str = "-- count_trimmed
     UPDATE meta SET trimmed_claims = trimmed_claims + ?1";

/// How many ended follow-ups stay, twice; how many processed deliveries stay; the first moment of events that stay, of
/// answers, of failed writes to GitHub, of attempts, of ended claims that were none, of counts of quick releases, of sessions, of
/// agents, and of notices; how many notices of an agent stay; the first moment of held feedback; the first day of numbers, twice. The ids of the follow-ups' events stay known. The order of events is
/// that of time, so that only events to delete are read.
pub(crate) const REST: &str = "-- trim_sources
     UPDATE followup_source SET data = NULL WHERE work_item_id IN (
         SELECT work_item_id FROM followup WHERE status IN ('done', 'dismissed')
         ORDER BY last_updated DESC, work_item_id DESC LIMIT -1 OFFSET ?);
     -- trim_followups
     DELETE FROM followup WHERE rowid IN (
         SELECT rowid FROM followup WHERE status IN ('done', 'dismissed')
         ORDER BY last_updated DESC, work_item_id DESC LIMIT -1 OFFSET ?);
     -- trim_deliveries
     DELETE FROM delivery WHERE rowid IN (
         SELECT rowid FROM delivery WHERE processed_at IS NOT NULL
         ORDER BY received_at DESC, id DESC LIMIT -1 OFFSET ?);
     -- trim_events
     DELETE FROM event WHERE seq < coalesce(
         (SELECT seq FROM event WHERE at >= ? ORDER BY seq LIMIT 1),
         (SELECT max(seq) + 1 FROM event));
     -- trim_answers
     DELETE FROM idempotency WHERE at < ?;
     -- trim_outbox
     DELETE FROM outbox WHERE failed_at < ?;
     -- trim_attempts
     DELETE FROM attempt WHERE to_at < ? OR (to_at < ? AND counts = 0);
     -- trim_quick_releases
     DELETE FROM quick_release WHERE at < ?;
     -- trim_sessions
     DELETE FROM session WHERE last_seen < ?;
     -- trim_agents
     DELETE FROM agent WHERE last_seen < ? AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.agent_id = agent.agent_id
         AND c.status NOT IN ('closed', 'released'));
     -- trim_notices
     DELETE FROM notice WHERE at < ?;
     -- trim_many_notices
     DELETE FROM notice WHERE notice_id IN (SELECT notice_id FROM (
         SELECT notice_id, row_number() OVER (PARTITION BY agent_id ORDER BY at DESC, notice_id DESC) AS place FROM notice)
         WHERE place > ?);
     -- trim_held
     DELETE FROM held_feedback WHERE at < ?;
     -- trim_daily
     DELETE FROM daily WHERE day < ?;
     -- trim_agent_totals
     DELETE FROM agent_total WHERE day < ?";

pub(super) async fn trim(conn: &mut SqliteConnection, trim: Trim) -> Result<(), StoreError> {
    let gone = change(
        conn,
        CLAIMS,
        Args::default().number(i64::from(trim.history))?,
    )
    .await?;
    if gone > 0 {
        let count = Args::default().number(i64::try_from(gone).unwrap_or(i64::MAX))?;
        change(conn, COUNT, count).await?;
    }
    let args = Args::default()
        .number(i64::from(trim.followups))?
        .number(i64::from(trim.followups))?
        .number(i64::from(trim.deliveries))?
        .number(trim.events_before.0)?
        .number(trim.remembered_before.0)?
        .number(trim.events_before.0)?
        .number(trim.attempts_before.0)?
        .number(trim.remembered_before.0)?
        .number(trim.remembered_before.0)?
        .number(trim.sessions_before.0)?
        .number(trim.agents_before.0)?
        .number(trim.notices_before.0)?
        .number(i64::from(trim.notices))?
        .number(trim.events_before.0)?
        .number(trim.days_before.0)?
        .number(trim.days_before.0)?;
    let _: [_; 15] = run(conn, REST, args).await?;
    Ok(())
}
