-- Whose pull request it is, who says so, and what is needed to undo it.

-- As JSON: the origin, how far the claim has followed its pull request, the status before; NULL without a pull request.
ALTER TABLE claim ADD COLUMN link TEXT;
-- Claims whose agent's pull request gave way to another, by that one.
CREATE INDEX claim_replaced ON claim (link->>'$.value.replaces.pull[0]', link->>'$.value.replaces.pull[1]')
    WHERE link->>'$.value.replaces.pull[0]' IS NOT NULL;
-- As JSON: which issues of its own repository it closes, and since when.
ALTER TABLE pull_request ADD COLUMN closing TEXT;
-- Which issues it is about, as ',1,2,b3,': those that its feedback names, then (with a b) those that the branch names. Where
-- several claims name the pull request, they say which of them it is for.
ALTER TABLE followup ADD COLUMN concerns TEXT;

-- The issues of its own repository that a pull request closes.
CREATE TABLE pull_closes (
    repo_id INTEGER NOT NULL REFERENCES repo (id),
    number  INTEGER NOT NULL CHECK (number > 0),
    issue   INTEGER NOT NULL CHECK (issue > 0),
    -- It is open, and by somebody who may write there.
    candidate INTEGER NOT NULL CHECK (candidate IN (0, 1)),
    PRIMARY KEY (repo_id, number, issue)
) STRICT, WITHOUT ROWID;
CREATE INDEX pull_closes_issue ON pull_closes (repo_id, issue, number) WHERE candidate = 1;

-- Links that there are. The notes are those of the moves that were derived. An agent gave the address where it moved the claim
-- to pr_submitted before anything was derived, where nothing was derived at all, or where the log shows that it set one.
WITH derived AS (
    SELECT claim_n, min(n) AS first, max(note = 'Its pull request was merged') AS merged
    FROM claim_status
    WHERE note IN ('A pull request that closes the issue was opened', 'Its pull request was merged')
    GROUP BY claim_n
), known AS (
    SELECT c.n, d.first, coalesce(d.merged, 0) AS merged,
        d.first IS NULL
            OR EXISTS (SELECT 1 FROM claim_status s
                WHERE s.claim_n = c.n AND s.n < d.first AND s.status = 'pr_submitted')
            OR EXISTS (SELECT 1 FROM event e
                WHERE e.kind = 'claim.updated' AND e.body->>'$.claim' = c.claim_id
                  AND e.body->>'$.details.Moved.source' = 'agent'
                  AND e.body->>'$.details.Moved.note' = 'pull request set') AS named,
        -- Nobody but GitHub and time has moved it since.
        NOT EXISTS (SELECT 1 FROM claim_status s WHERE s.claim_n = c.n AND s.n >= d.first AND coalesce(s.note, '') NOT IN (
            'A pull request that closes the issue was opened', 'Its pull request was merged', 'No sign of life for too long'
        )) AS still
    FROM claim c LEFT JOIN derived d ON d.claim_n = c.n
    WHERE c.pr_url IS NOT NULL
)
UPDATE claim SET link = json_object('v', 1, 'value', json_object(
    'origin', CASE WHEN k.named THEN 'agent' ELSE 'derived' END,
    'followed', CASE WHEN k.merged THEN 'merged' WHEN k.named THEN 'nothing' ELSE 'opened' END,
    'before', CASE WHEN k.still THEN (SELECT s.status FROM claim_status s WHERE s.claim_n = k.n AND s.n = k.first - 1) END
))
FROM known k WHERE k.n = claim.n;
