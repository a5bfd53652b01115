//! The numbers of days and agents.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_store_sql::Args as _;
use sqlx::sqlite::SqliteConnection;

use crate::statement::{Args, change};

/// A list of numbers to add.
pub(crate) const ADD: &str = "-- add_daily
     INSERT INTO daily (repo_id, day, measure, bucket, n)
     SELECT value->>'repo_id', value->>'day', value->>'measure', value->>'bucket', value->>'n' FROM jsonb_each(?) WHERE true
     ON CONFLICT (repo_id, day, measure, bucket) DO UPDATE SET n = n + excluded.n";

/// The same of agents.
pub(crate) const ADD_OF_AGENTS: &str = "-- add_agent_totals
     INSERT INTO agent_total (agent_id, measure, n, day)
     SELECT value->>'agent_id', value->>'measure', value->>'n', value->>'day' FROM jsonb_each(?) WHERE true
     ON CONFLICT (agent_id, measure) DO UPDATE SET n = n + excluded.n, day = max(day, excluded.day)";

/// ?1 day, ?2 hour. The number of all repositories together is there even if it is 0, since it says that the hour was measured.
pub(crate) const MEASURE: &str = "-- measure
     INSERT INTO daily (repo_id, day, measure, bucket, n)
     SELECT m.repo_id, ?1, m.measure, ?2, m.n FROM (
         SELECT c.repo_id, 'queue' AS measure, sum(c.n) AS n FROM readiness_count c JOIN repo r ON r.id = c.repo_id
         WHERE c.first = '' AND r.offered GROUP BY c.repo_id
         UNION ALL
         SELECT 0, 'queue', coalesce(sum(c.n), 0) FROM readiness_count c JOIN repo r ON r.id = c.repo_id
         WHERE c.first = '' AND r.offered
         UNION ALL
         SELECT c.repo_id, 'agents', count(DISTINCT c.agent_id) FROM claim c WHERE c.status NOT IN ('closed', 'released')
         GROUP BY c.repo_id
         UNION ALL
         SELECT 0, 'agents', count(DISTINCT c.agent_id) FROM claim c WHERE c.status NOT IN ('closed', 'released')) m
     WHERE (m.repo_id = 0 OR m.n > 0)
         AND NOT EXISTS (SELECT 1 FROM daily WHERE repo_id = 0 AND day = ?1 AND measure = 'queue' AND bucket = ?2)
     ON CONFLICT DO NOTHING";

/// Measures the queue and the agents at work, unless that was done in this hour.
pub(super) async fn measure(
    conn: &mut SqliteConnection,
    measured: Option<(i64, i64)>,
) -> Result<(), StoreError> {
    if let Some((day, hour)) = measured {
        change(conn, MEASURE, Args::default().number(day)?.number(hour)?).await?;
    }
    Ok(())
}
