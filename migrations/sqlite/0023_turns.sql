-- The queue is served in order of turns: since when an issue waits, later by AGING_DAYS for each priority below the first. Each lane has
-- a queue of its own. The service judges all issues by its settings when it starts, so that turns written here are of the default.
ALTER TABLE repo ADD COLUMN known_at INTEGER NOT NULL DEFAULT 0;
UPDATE repo SET known_at = (SELECT min(coalesce(synced_at, full_at, polled_at, unixepoch() * 1000)) FROM repo);
ALTER TABLE readiness ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
UPDATE readiness SET turn = rank * 1209600000 + max(created_at, (SELECT known_at FROM repo WHERE id = repo_id));
DROP TABLE queue;
CREATE TABLE queue (
    lane       TEXT NOT NULL,
    turn       INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    repo_id    INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    PRIMARY KEY (lane, turn, created_at, repo_id, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX queue_repo ON queue (repo_id, lane, turn, created_at, number);
INSERT INTO queue (lane, turn, created_at, repo_id, number)
SELECT d.lane, d.turn, d.created_at, d.repo_id, d.number FROM readiness d JOIN repo r ON r.id = d.repo_id
WHERE r.offered = 1 AND d.first IS NULL AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = d.repo_id AND c.number = d.number
    AND c.status NOT IN ('closed', 'released'));
-- Filters look for types too.
INSERT INTO issue_tag (repo_id, number, tag)
SELECT repo_id, number, 't:' || lower((facts->>'kind')) FROM issue WHERE state = 'open' AND (facts->>'kind') IS NOT NULL
ON CONFLICT DO NOTHING;
UPDATE meta SET priority_source = NULL;
