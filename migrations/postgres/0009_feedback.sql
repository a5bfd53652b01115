-- Feedback by its latest word.

-- What decides whether an event still waits: when it was said, whether its thread is resolved …
ALTER TABLE followup_source ADD COLUMN facts TEXT;
-- Events that wait for their pull request to be opened again.
CREATE INDEX followup_source_suspended ON followup_source (repo_id, number) WHERE ended = 'closed';
-- What was heard of a pull request beside its facts: its heads, who approved …
ALTER TABLE pull_request ADD COLUMN activity TEXT;
-- Repositories that GitHub has not shown yet: feedback on their pull requests is on offer, their issues wait.
ALTER TABLE repo ADD COLUMN unseen boolean NOT NULL DEFAULT false;
UPDATE repo SET unseen = true WHERE github_id = 0 OR (NOT offered AND NOT archived AND synced_at IS NULL);
