-- Keys of remote callers beside the one API key. Of a key's secret its SHA-256 alone is kept.

CREATE TABLE access_key (
    -- What stands as the principal of claims and events; revoked keys stay, so that it can be looked up.
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    -- 64 hex digits.
    hash       TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
    -- The one agent as which it may act.
    agent_id   TEXT,
    read_only  INTEGER NOT NULL CHECK (read_only IN (0, 1)),
    -- The repositories that it may see, as a JSON list of names; NULL: all.
    repos      TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;
-- A name is one key's until that is revoked.
CREATE UNIQUE INDEX access_key_name ON access_key (name) WHERE revoked_at IS NULL;
