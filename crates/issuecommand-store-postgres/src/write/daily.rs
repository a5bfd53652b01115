//! The numbers of days and agents.

/// $1 numbers of days to add as objects, $2 the same of agents.
pub(crate) const ADD: &str = "-- add_daily
     WITH days AS (
         INSERT INTO daily AS d (repo_id, day, measure, bucket, n)
         SELECT repo_id, day, measure, bucket, n FROM jsonb_populate_recordset(NULL::daily, $1::jsonb)
         ON CONFLICT (repo_id, day, measure, bucket) DO UPDATE SET n = d.n + excluded.n)
     INSERT INTO agent_total AS t (agent_id, measure, n, day)
     SELECT agent_id, measure, n, day FROM jsonb_populate_recordset(NULL::agent_total, $2::jsonb)
     ON CONFLICT (agent_id, measure) DO UPDATE SET n = t.n + excluded.n, day = greatest(t.day, excluded.day)";

/// $1 day, $2 hour. The number of all repositories together is there even if it is 0, since it says that the hour was measured.
pub(crate) const MEASURE: &str = "-- measure
     INSERT INTO daily (repo_id, day, measure, bucket, n)
     SELECT m.repo_id, $1, m.measure, $2, m.n FROM (
         SELECT c.repo_id, 'queue' AS measure, sum(c.n)::bigint AS n FROM readiness_count c JOIN repo r ON r.id = c.repo_id
         WHERE c.first = '' AND r.offered GROUP BY c.repo_id
         UNION ALL
         SELECT 0, 'queue', coalesce(sum(c.n), 0)::bigint FROM readiness_count c JOIN repo r ON r.id = c.repo_id
         WHERE c.first = '' AND r.offered
         UNION ALL
         SELECT c.repo_id, 'agents', count(DISTINCT c.agent_id) FROM claim c WHERE c.status NOT IN ('closed', 'released')
         GROUP BY c.repo_id
         UNION ALL
         SELECT 0, 'agents', count(DISTINCT c.agent_id) FROM claim c WHERE c.status NOT IN ('closed', 'released')) m
     WHERE (m.repo_id = 0 OR m.n > 0)
         AND NOT EXISTS (SELECT 1 FROM daily WHERE repo_id = 0 AND day = $1 AND measure = 'queue' AND bucket = $2)
     ON CONFLICT DO NOTHING";
