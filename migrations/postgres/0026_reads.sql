-- What people read: the events of an issue or an agent, issues by words of their titles, and what happened on each day.

-- What the event is about, for the look-ups below: the repository's name in lower case, the number of the issue or, without one, of the
-- pull request, and the agent.
ALTER TABLE event ADD COLUMN repo text COLLATE "C";
ALTER TABLE event ADD COLUMN subject bigint;
ALTER TABLE event ADD COLUMN agent_id text COLLATE "C";
UPDATE event SET repo = lower(body::jsonb->>'repo'), subject = coalesce(body::jsonb->>'number', body::jsonb->>'pull')::bigint,
    agent_id = body::jsonb->>'agent';
CREATE INDEX event_subject ON event (repo, subject, seq) WHERE subject IS NOT NULL;
CREATE INDEX event_agent ON event (agent_id, seq) WHERE agent_id IS NOT NULL;

-- The issues of a repository that are not ready, by their first reason, and those that are parked.
CREATE INDEX readiness_repo ON readiness (repo_id, first, created_at, number) WHERE first IS NOT NULL;
CREATE INDEX readiness_parked ON readiness (repo_id, number) WHERE parked IS NOT NULL;
-- The ended claims of an issue.
CREATE INDEX claim_of_issue ON claim (repo_id, number) WHERE status IN ('closed', 'released');
-- Writes to GitHub that failed for good.
CREATE INDEX outbox_failed ON outbox (failed_at, id) WHERE failed_at IS NOT NULL;

-- The words of the titles of open issues. Punctuation parts words.
CREATE INDEX issue_words ON issue USING gin (to_tsvector('simple', regexp_replace(title, '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g')))
    WHERE state = 'open';

-- What happened on a day, in days since 1970 in UTC: how many claims were made, for example. A repository's id, or 0 for all together.
-- The bucket is the length of a duration, on a scale whose steps are about 6 percent, or the hour in which something was measured.
CREATE TABLE daily (
    repo_id bigint NOT NULL,
    day     bigint NOT NULL,
    measure text COLLATE "C" NOT NULL,
    bucket  bigint NOT NULL,
    n       bigint NOT NULL,
    PRIMARY KEY (repo_id, day, measure, bucket)
);
CREATE INDEX daily_day ON daily (day);
-- What an agent did since it is counted, and on which day it did so last.
CREATE TABLE agent_total (
    agent_id text COLLATE "C" NOT NULL,
    measure  text COLLATE "C" NOT NULL,
    n        bigint NOT NULL,
    day      bigint NOT NULL,
    PRIMARY KEY (agent_id, measure)
);
CREATE INDEX agent_total_day ON agent_total (day);

-- From the events that are still there.
INSERT INTO daily (repo_id, day, measure, bucket, n)
SELECT r.id, e.at / 86400000, 'claims', 0, count(*) FROM event e
JOIN (SELECT key, repo_id AS id FROM repo_alias UNION ALL SELECT key, 0 FROM repo_alias) r ON r.key = e.repo
WHERE e.kind = 'claim.created' GROUP BY 1, 2;
INSERT INTO agent_total (agent_id, measure, n, day)
SELECT agent_id, 'claims', count(*), max(at / 86400000) FROM event WHERE kind = 'claim.created' AND agent_id IS NOT NULL GROUP BY 1;
