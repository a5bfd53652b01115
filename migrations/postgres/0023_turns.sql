-- The queue is served in order of turns: since when an issue waits, later by AGING_DAYS for each priority below the first. Each lane has
-- a queue of its own. The service judges all issues by its settings when it starts, so that turns written here are of the default.
ALTER TABLE repo ADD COLUMN known_at bigint NOT NULL DEFAULT 0;
UPDATE repo SET known_at = (SELECT min(coalesce(synced_at, full_at, polled_at, (extract(epoch FROM now()) * 1000)::bigint)) FROM repo);
ALTER TABLE readiness ADD COLUMN turn bigint NOT NULL DEFAULT 0;
UPDATE readiness SET turn = rank * 1209600000 + greatest(created_at, (SELECT known_at FROM repo WHERE id = repo_id));
DROP TABLE queue;
CREATE TABLE queue (
    lane       text COLLATE "C" NOT NULL,
    turn       bigint NOT NULL,
    created_at bigint NOT NULL,
    repo_id    bigint NOT NULL,
    number     bigint NOT NULL,
    PRIMARY KEY (lane, turn, created_at, repo_id, number)
);
CREATE UNIQUE INDEX queue_repo ON queue (repo_id, lane, turn, created_at, number);
INSERT INTO queue (lane, turn, created_at, repo_id, number)
SELECT d.lane, d.turn, d.created_at, d.repo_id, d.number FROM readiness d JOIN repo r ON r.id = d.repo_id
WHERE r.offered AND d.first IS NULL AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = d.repo_id AND c.number = d.number
    AND c.status NOT IN ('closed', 'released'));
-- Filters look for types too.
INSERT INTO issue_tag (repo_id, number, tag)
SELECT repo_id, number, 't:' || lower((facts::jsonb->>'kind')) FROM issue WHERE state = 'open' AND (facts::jsonb->>'kind') IS NOT NULL
ON CONFLICT DO NOTHING;
UPDATE meta SET priority_source = NULL;
