-- Feedback by its latest word.

-- What decides whether an event still waits: when it was said, whether its thread is resolved …
ALTER TABLE followup_source ADD COLUMN facts TEXT;
-- Events that wait for their pull request to be opened again.
CREATE INDEX followup_source_suspended ON followup_source (repo_id, number) WHERE ended = 'closed';
-- What was heard of a pull request beside its facts: its heads, who approved …
ALTER TABLE pull_request ADD COLUMN activity TEXT;
