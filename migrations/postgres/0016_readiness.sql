-- How open issues stand: their place in the queue, and the reasons of their own for which they are not handed out. Apart from the
-- issue, so that a change of readiness does not write its text again. The service judges all issues by its settings when it starts.
CREATE TABLE readiness (
    repo_id    bigint NOT NULL,
    number     bigint NOT NULL,
    rank       bigint NOT NULL CHECK (rank BETWEEN 0 AND 3),
    created_at bigint NOT NULL,
    -- The codes as a JSON list, and the first of them; NULL if there are none.
    reasons    text,
    first      text,
    PRIMARY KEY (repo_id, number),
    CHECK ((first IS NULL) = (reasons IS NULL))
);
INSERT INTO readiness (repo_id, number, rank, created_at, reasons, first)
SELECT repo_id, number, rank, created_at, CASE WHEN doubt IS NOT NULL THEN '["withheld"]' END,
    CASE WHEN doubt IS NOT NULL THEN 'withheld' END
FROM issue WHERE state = 'open';
DROP INDEX issue_ready;
ALTER TABLE issue DROP COLUMN not_ready;
