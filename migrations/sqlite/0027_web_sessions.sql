-- Browsers that are signed in to the dashboard, and the one-time codes that sign them in. Of a token or code its SHA-256 alone is
-- kept.

CREATE TABLE web_session (
    -- 64 hex digits.
    hash      TEXT PRIMARY KEY CHECK (length(hash) = 64),
    -- On whose authority it was begun: api-key, local, or the id of an access key, with which it ends.
    principal TEXT NOT NULL,
    made_at   INTEGER NOT NULL,
    -- To within a minute.
    used_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE sign_in_code (
    hash      TEXT PRIMARY KEY CHECK (length(hash) = 64),
    principal TEXT NOT NULL,
    made_at   INTEGER NOT NULL
) STRICT;
