-- The reasons of an issue's own for which it is not handed out, as a JSON list of codes; NULL if there are none. The service
-- computes them whenever it writes the row, so that statements need not know the rules.
ALTER TABLE issue ADD COLUMN not_ready TEXT;
UPDATE issue SET not_ready = CASE
    WHEN state = 'open' THEN '["withheld"]'
    WHEN doubt IS NULL THEN '["closed"]'
    ELSE '["closed","withheld"]'
END
WHERE state <> 'open' OR doubt IS NOT NULL;
CREATE INDEX issue_ready ON issue (repo_id) WHERE not_ready IS NULL;
