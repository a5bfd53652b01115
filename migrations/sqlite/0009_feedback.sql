-- Feedback by its latest word.

-- What decides whether an event still waits: when it was said, whether its thread is resolved …
ALTER TABLE followup_source ADD COLUMN facts TEXT;
-- Events that wait for their pull request to be opened again.
CREATE INDEX followup_source_suspended ON followup_source (repo_id, number) WHERE ended = 'closed';
-- What was heard of a pull request beside its facts: its heads, who approved …
ALTER TABLE pull_request ADD COLUMN activity TEXT;
-- Repositories that GitHub has not shown yet: feedback on their pull requests is on offer, their issues wait.
ALTER TABLE repo ADD COLUMN unseen INTEGER NOT NULL DEFAULT 0;
UPDATE repo SET unseen = 1 WHERE github_id = 0 OR (offered = 0 AND archived = 0 AND synced_at IS NULL);
