-- What is known of repositories' own policies (.github/issuecommand.toml). A repository without a file has no row.
CREATE TABLE repo_policy (
    repo_id bigint PRIMARY KEY,
    -- JSON: the last good one; NULL if there is none.
    policy text,
    etag text,
    -- Why the newest file was not taken.
    error text,
    since bigint NOT NULL,
    -- How often the policy changed, and the version by which all open issues were judged.
    version bigint NOT NULL,
    judged bigint NOT NULL
);
