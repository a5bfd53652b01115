-- What is known of repositories' own policies (.github/issuecommand.toml). A repository without a file has no row.
CREATE TABLE repo_policy (
    repo_id INTEGER NOT NULL PRIMARY KEY,
    -- JSON: the last good one; NULL if there is none.
    policy  TEXT,
    etag    TEXT,
    -- Why the newest file was not taken.
    error   TEXT,
    since   INTEGER NOT NULL,
    -- How often the policy changed, and the version by which all open issues were judged.
    version INTEGER NOT NULL,
    judged  INTEGER NOT NULL
) STRICT;
