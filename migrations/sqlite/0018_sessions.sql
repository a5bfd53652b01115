-- Agents and their sessions, signs of life apart from status calls, and what agents are told.
CREATE TABLE agent (
    agent_id   TEXT PRIMARY KEY,
    -- The program that it runs in, as that names itself.
    client     TEXT,
    version    TEXT,
    principal  TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX agent_seen ON agent (last_seen);
CREATE TABLE session (
    agent_id    TEXT NOT NULL,
    session_id  TEXT NOT NULL,
    client      TEXT,
    version     TEXT,
    principal   TEXT NOT NULL,
    transport   TEXT NOT NULL,
    -- The process that serves it, if it ends with it.
    host        TEXT,
    pid         INTEGER,
    pid_started INTEGER,
    first_seen  INTEGER NOT NULL,
    last_seen   INTEGER NOT NULL,
    ended_at    INTEGER,
    ended_how   TEXT,
    PRIMARY KEY (agent_id, session_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_seen ON session (last_seen);
CREATE TABLE notice (
    notice_id TEXT PRIMARY KEY,
    agent_id  TEXT NOT NULL,
    at        INTEGER NOT NULL,
    -- What happened to what and why, and which sessions were told, as JSON with a version.
    body      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_agent ON notice (agent_id, at);
CREATE INDEX notice_at ON notice (at);

ALTER TABLE claim ADD COLUMN session_id TEXT;
-- The last sign of life apart from last_updated; the later of the two counts.
ALTER TABLE claim ADD COLUMN signed_at INTEGER NOT NULL DEFAULT 0;
DROP INDEX claim_expiry;
CREATE INDEX claim_expiry ON claim (status, max(last_updated, signed_at)) WHERE status NOT IN ('closed', 'released');
ALTER TABLE followup ADD COLUMN session_id TEXT;
ALTER TABLE followup ADD COLUMN signed_at INTEGER NOT NULL DEFAULT 0;
DROP INDEX followup_expiry;
CREATE INDEX followup_expiry ON followup (max(last_updated, signed_at)) WHERE status IN ('queued', 'claimed', 'in_progress');
CREATE INDEX followup_held ON followup (owner) WHERE status IN ('claimed', 'in_progress');
