-- Keys of remote callers beside the one API key. Of a key's secret its SHA-256 alone is kept.

CREATE TABLE access_key (
    -- What stands as the principal of claims and events; revoked keys stay, so that it can be looked up.
    id         text COLLATE "C" PRIMARY KEY,
    name       text COLLATE "C" NOT NULL,
    -- 64 hex digits.
    hash       text COLLATE "C" NOT NULL UNIQUE CHECK (length(hash) = 64),
    -- The one agent as which it may act.
    agent_id   text,
    read_only  boolean NOT NULL,
    -- The repositories that it may see, as a JSON list of names; NULL: all.
    repos      text,
    created_at bigint NOT NULL,
    expires_at bigint,
    revoked_at bigint
);
-- A name is one key's until that is revoked.
CREATE UNIQUE INDEX access_key_name ON access_key (name) WHERE revoked_at IS NULL;
