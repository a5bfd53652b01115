-- A write to GitHub need not belong to a claim, knows its repository whatever its name is, may be replaced by a newer one of its kind
-- and key, and is kept for a while when it has failed for good.

ALTER TABLE outbox ALTER COLUMN claim_id DROP NOT NULL;
ALTER TABLE outbox ADD COLUMN kind text NOT NULL DEFAULT 'close_issue';
ALTER TABLE outbox ALTER COLUMN kind DROP DEFAULT;
ALTER TABLE outbox ADD COLUMN repo_id bigint;
-- While it waits, a newer write of the same kind and key takes its place.
ALTER TABLE outbox ADD COLUMN coalesce_key text COLLATE "C";
-- When it failed for good. It is not sent any more.
ALTER TABLE outbox ADD COLUMN failed_at bigint;
UPDATE outbox SET repo_id =
    (SELECT repo_id FROM repo_alias WHERE key = lower(write::jsonb #>> '{value,CloseIssue,repo}'));
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (due, id) WHERE failed_at IS NULL;
CREATE INDEX outbox_coalesced ON outbox (kind, coalesce_key) WHERE failed_at IS NULL;
