//! Deleting what is older than the limits of the history.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::engine::change::Trim;
use issuecommand_store_sql::Args as _;

use crate::statement::{Args, Db};

/// $1 how many ended claims stay. Their history goes with them.
pub(crate) const CLAIMS: &str = "-- trim_claims
     DELETE FROM claim WHERE n IN (
         SELECT n FROM claim WHERE status IN ('closed', 'released')
         ORDER BY last_updated DESC, claim_id DESC OFFSET $1)";

const COUNT: &str = "-- count_trimmed
     UPDATE meta SET trimmed_claims = trimmed_claims + $1 WHERE id = 1";

/// $1 how many ended follow-ups stay. The ids of their events stay known.
pub(crate) const SOURCES: &str = "-- trim_sources
     UPDATE followup_source SET data = NULL WHERE work_item_id IS NOT NULL AND work_item_id IN (
         SELECT work_item_id FROM followup WHERE status IN ('done', 'dismissed')
         ORDER BY last_updated DESC, work_item_id DESC OFFSET $1)";

/// $1 how many ended follow-ups stay.
pub(crate) const FOLLOWUPS: &str = "-- trim_followups
     DELETE FROM followup WHERE work_item_id IN (
         SELECT work_item_id FROM followup WHERE status IN ('done', 'dismissed')
         ORDER BY last_updated DESC, work_item_id DESC OFFSET $1)";

/// $1 how many processed deliveries stay.
pub(crate) const DELIVERIES: &str = "-- trim_deliveries
     DELETE FROM delivery WHERE id IN (
         SELECT id FROM delivery WHERE processed_at IS NOT NULL ORDER BY received_at DESC, id DESC OFFSET $1)";

/// $1 the first moment of events that stay. Their order is that of time, so that only events to delete are read.
pub(crate) const EVENTS: &str = "-- trim_events
     DELETE FROM event WHERE seq < coalesce(
         (SELECT seq FROM event WHERE at >= $1 ORDER BY seq LIMIT 1),
         (SELECT max(seq) + 1 FROM event))";

/// $1 the first moment of answers that stay.
pub(crate) const ANSWERS: &str = "-- trim_answers
     DELETE FROM idempotency WHERE at < $1";

/// $1 the first moment of failed writes to GitHub that stay.
pub(crate) const OUTBOX: &str = "-- trim_outbox
     DELETE FROM outbox WHERE failed_at < $1";

/// $1 the first moment of attempts that stay, $2 that of ended claims that were none.
pub(crate) const ATTEMPTS: &str = "-- trim_attempts
     DELETE FROM attempt WHERE to_at < $1 OR (to_at < $2 AND counts = 0)";

/// $1 the first moment of counts of quick releases that stay.
pub(crate) const QUICK_RELEASES: &str = "-- trim_quick_releases
     DELETE FROM quick_release WHERE at < $1";
/// $1 the first moment of sessions that stay.
pub(crate) const SESSIONS: &str = "-- trim_sessions
     DELETE FROM session WHERE last_seen < $1";

/// $1 the first moment of agents that stay without a claim.
pub(crate) const AGENTS: &str = "-- trim_agents
     DELETE FROM agent a WHERE last_seen < $1 AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.agent_id = a.agent_id
         AND c.status NOT IN ('closed', 'released'))";

/// $1 the first moment of notices that stay.
pub(crate) const NOTICES: &str = "-- trim_notices
     DELETE FROM notice WHERE at < $1";

/// $1 how many notices of an agent stay.
pub(crate) const MANY_NOTICES: &str = "-- trim_many_notices
     DELETE FROM notice WHERE notice_id IN (SELECT notice_id FROM (
         SELECT notice_id, row_number() OVER (PARTITION BY agent_id ORDER BY at DESC, notice_id DESC) AS place FROM notice) n
         WHERE place > $1)";

/// $1 the first moment of held feedback that stays.
pub(crate) const HELD: &str = "-- trim_held
     DELETE FROM held_feedback WHERE at < $1";

/// $1 the first day of numbers that stay.
pub(crate) const DAILY: &str = "-- trim_daily
     DELETE FROM daily WHERE day < $1";

/// $1 the first day of numbers of agents that stay.
pub(crate) const AGENT_TOTALS: &str = "-- trim_agent_totals
     DELETE FROM agent_total WHERE day < $1";

pub(super) async fn trim(db: &mut Db<'_>, trim: Trim) -> Result<(), StoreError> {
    let one = |most: i64| Args::default().number(most);
    let gone = db.change(CLAIMS, one(trim.history.into())?).await?;
    if gone > 0 {
        db.change(COUNT, one(i64::try_from(gone).unwrap_or(i64::MAX))?)
            .await?;
    }
    db.change(SOURCES, one(trim.followups.into())?).await?;
    db.change(FOLLOWUPS, one(trim.followups.into())?).await?;
    db.change(DELIVERIES, one(trim.deliveries.into())?).await?;
    db.change(EVENTS, one(trim.events_before.0)?).await?;
    db.change(ANSWERS, one(trim.remembered_before.0)?).await?;
    db.change(OUTBOX, one(trim.events_before.0)?).await?;
    let attempts = one(trim.attempts_before.0)?.number(trim.remembered_before.0)?;
    db.change(ATTEMPTS, attempts).await?;
    db.change(QUICK_RELEASES, one(trim.remembered_before.0)?)
        .await?;
    db.change(SESSIONS, one(trim.sessions_before.0)?).await?;
    db.change(AGENTS, one(trim.agents_before.0)?).await?;
    db.change(NOTICES, one(trim.notices_before.0)?).await?;
    db.change(MANY_NOTICES, one(trim.notices.into())?).await?;
    db.change(HELD, one(trim.events_before.0)?).await?;
    db.change(DAILY, one(trim.days_before.0)?).await?;
    db.change(AGENT_TOTALS, one(trim.days_before.0)?).await?;
    Ok(())
}
