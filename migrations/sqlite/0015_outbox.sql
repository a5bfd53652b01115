-- A write to GitHub need not belong to a claim, knows its repository whatever its name is, may be replaced by a newer one of its kind
-- and key, and is kept for a while when it has failed for good.

CREATE TABLE outbox_new (
    id           TEXT PRIMARY KEY,
    write        TEXT NOT NULL,
    claim_id     TEXT,
    attempts     INTEGER NOT NULL,
    due          INTEGER NOT NULL,
    error        TEXT,
    kind         TEXT NOT NULL,
    repo_id      INTEGER,
    -- While it waits, a newer write of the same kind and key takes its place.
    coalesce_key TEXT,
    -- When it failed for good. It is not sent any more.
    failed_at    INTEGER
) STRICT;
INSERT INTO outbox_new (id, write, claim_id, attempts, due, error, kind, repo_id)
SELECT id, write, claim_id, attempts, due, error, 'close_issue',
    (SELECT repo_id FROM repo_alias WHERE key = lower(write->>'$.value.CloseIssue.repo'))
FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX outbox_due ON outbox (due, id) WHERE failed_at IS NULL;
CREATE INDEX outbox_coalesced ON outbox (kind, coalesce_key) WHERE failed_at IS NULL;
