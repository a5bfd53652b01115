-- What people read: the events of an issue or an agent, issues by words of their titles, and what happened on each day.

-- What the event is about, for the look-ups below: the repository's name in lower case, the number of the issue or, without one, of the
-- pull request, and the agent.
ALTER TABLE event ADD COLUMN repo TEXT;
ALTER TABLE event ADD COLUMN subject INTEGER;
ALTER TABLE event ADD COLUMN agent_id TEXT;
UPDATE event SET repo = lower(body->>'repo'), subject = coalesce(body->>'number', body->>'pull'), agent_id = body->>'agent';
CREATE INDEX event_subject ON event (repo, subject, seq) WHERE subject IS NOT NULL;
CREATE INDEX event_agent ON event (agent_id, seq) WHERE agent_id IS NOT NULL;

-- The issues of a repository that are not ready, by their first reason, and those that are parked.
CREATE INDEX readiness_repo ON readiness (repo_id, first, created_at, number) WHERE first IS NOT NULL;
CREATE INDEX readiness_parked ON readiness (repo_id, number) WHERE parked IS NOT NULL;
-- The ended claims of an issue.
CREATE INDEX claim_of_issue ON claim (repo_id, number) WHERE status IN ('closed', 'released');
-- Writes to GitHub that failed for good.
CREATE INDEX outbox_failed ON outbox (failed_at, id) WHERE failed_at IS NOT NULL;

-- The words of the titles of open issues. A row's id is the repository's id times 2^32 plus the issue's number. It holds no text of its
-- own, and is filled by the triggers.
CREATE VIRTUAL TABLE issue_words USING fts5 (
    title, content = '', contentless_delete = 1, detail = none, tokenize = 'unicode61 remove_diacritics 0'
);
INSERT INTO issue_words (rowid, title) SELECT (repo_id << 32) + number, title FROM issue WHERE state = 'open';
CREATE TRIGGER issue_words_added AFTER INSERT ON issue WHEN new.state = 'open' BEGIN
    INSERT INTO issue_words (rowid, title) VALUES ((new.repo_id << 32) + new.number, new.title);
END;
CREATE TRIGGER issue_words_changed AFTER UPDATE OF state, title ON issue
    WHEN (old.state, old.title) IS NOT (new.state, new.title) BEGIN
    DELETE FROM issue_words WHERE rowid = (old.repo_id << 32) + old.number AND old.state = 'open';
    INSERT INTO issue_words (rowid, title) SELECT (new.repo_id << 32) + new.number, new.title WHERE new.state = 'open';
END;
CREATE TRIGGER issue_words_removed AFTER DELETE ON issue WHEN old.state = 'open' BEGIN
    DELETE FROM issue_words WHERE rowid = (old.repo_id << 32) + old.number;
END;

-- What happened on a day, in days since 1970 in UTC: how many claims were made, for example. A repository's id, or 0 for all together.
-- The bucket is the length of a duration, on a scale whose steps are about 6 percent, or the hour in which something was measured.
CREATE TABLE daily (
    repo_id INTEGER NOT NULL,
    day     INTEGER NOT NULL,
    measure TEXT NOT NULL,
    bucket  INTEGER NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (repo_id, day, measure, bucket)
) STRICT, WITHOUT ROWID;
CREATE INDEX daily_day ON daily (day);
-- What an agent did since it is counted, and on which day it did so last.
CREATE TABLE agent_total (
    agent_id TEXT NOT NULL,
    measure  TEXT NOT NULL,
    n        INTEGER NOT NULL,
    day      INTEGER NOT NULL,
    PRIMARY KEY (agent_id, measure)
) STRICT, WITHOUT ROWID;
CREATE INDEX agent_total_day ON agent_total (day);

-- From the events that are still there.
INSERT INTO daily (repo_id, day, measure, bucket, n)
SELECT r.id, e.at / 86400000, 'claims', 0, count(*) FROM event e
CROSS JOIN (SELECT key, repo_id AS id FROM repo_alias UNION ALL SELECT key, 0 FROM repo_alias) r ON r.key = e.repo
WHERE e.kind = 'claim.created' GROUP BY 1, 2;
INSERT INTO agent_total (agent_id, measure, n, day)
SELECT agent_id, 'claims', count(*), max(at / 86400000) FROM event WHERE kind = 'claim.created' AND agent_id IS NOT NULL GROUP BY 1;
