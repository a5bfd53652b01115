-- Which agents an issue is for, and how many open issues count alike: by lane, by the first reason, and by repository. A reason is
-- 'held' where an agent has an active claim on the issue, and '' where the issue is ready. Whether the repository is offered is read
-- when somebody asks, so that a repository that comes or goes changes no number.
ALTER TABLE readiness ADD COLUMN lane TEXT NOT NULL DEFAULT '';
CREATE TABLE readiness_count (
    lane    TEXT NOT NULL,
    first   TEXT NOT NULL,
    repo_id INTEGER NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (lane, first, repo_id)
) STRICT, WITHOUT ROWID;
INSERT INTO readiness_count (lane, first, repo_id, n)
SELECT d.lane, CASE WHEN EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = d.repo_id AND c.number = d.number
        AND c.status NOT IN ('closed', 'released')) THEN 'held' ELSE coalesce(d.first, '') END, d.repo_id, count(*)
FROM readiness d GROUP BY 1, 2, 3;
-- The oldest issue of a reason. Each issue is in it at most once, so that the search of all reasons together passes each once.
CREATE INDEX readiness_first ON readiness (first, created_at, repo_id, number, lane) WHERE first IS NOT NULL;
