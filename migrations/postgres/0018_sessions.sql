-- Agents and their sessions, signs of life apart from status calls, and what agents are told.
CREATE TABLE agent (
    agent_id   text COLLATE "C" PRIMARY KEY,
    -- The program that it runs in, as that names itself.
    client     text,
    version    text,
    principal  text NOT NULL,
    first_seen bigint NOT NULL,
    last_seen  bigint NOT NULL
);
CREATE INDEX agent_seen ON agent (last_seen);
CREATE TABLE session (
    agent_id    text COLLATE "C" NOT NULL,
    session_id  text COLLATE "C" NOT NULL,
    client      text,
    version     text,
    principal   text NOT NULL,
    transport   text NOT NULL,
    -- The process that serves it, if it ends with it.
    host        text,
    pid         bigint,
    pid_started bigint,
    first_seen  bigint NOT NULL,
    last_seen   bigint NOT NULL,
    ended_at    bigint,
    ended_how   text,
    PRIMARY KEY (agent_id, session_id)
);
CREATE INDEX session_seen ON session (last_seen);
CREATE TABLE notice (
    notice_id text COLLATE "C" PRIMARY KEY,
    agent_id  text COLLATE "C" NOT NULL,
    at        bigint NOT NULL,
    -- What happened to what and why, and which sessions were told, as JSON with a version.
    body      text NOT NULL
);
CREATE INDEX notice_agent ON notice (agent_id, at);
CREATE INDEX notice_at ON notice (at);

ALTER TABLE claim ADD COLUMN session_id text COLLATE "C";
-- The last sign of life apart from last_updated; the later of the two counts.
ALTER TABLE claim ADD COLUMN signed_at bigint NOT NULL DEFAULT 0;
DROP INDEX claim_expiry;
CREATE INDEX claim_expiry ON claim (status, greatest(last_updated, signed_at)) WHERE status NOT IN ('closed', 'released');
ALTER TABLE followup ADD COLUMN session_id text COLLATE "C";
ALTER TABLE followup ADD COLUMN signed_at bigint NOT NULL DEFAULT 0;
DROP INDEX followup_expiry;
CREATE INDEX followup_expiry ON followup (greatest(last_updated, signed_at)) WHERE status IN ('queued', 'claimed', 'in_progress');
CREATE INDEX followup_held ON followup (owner) WHERE status IN ('claimed', 'in_progress');
