-- What the mirror needs to know of itself to find what its lists did not show.

-- When the last complete reading of all open issues began.
ALTER TABLE repo ADD COLUMN full_at INTEGER;
-- How many open issues and pull requests GitHub counts beyond ours, and how many comparisons in a row found a difference.
ALTER TABLE repo ADD COLUMN count_gap INTEGER NOT NULL DEFAULT 0;
ALTER TABLE repo ADD COLUMN count_runs INTEGER NOT NULL DEFAULT 0;
UPDATE repo SET full_at = synced_at;

-- Pull requests that GitHub listed as open. Its own count of open issues includes them.
CREATE TABLE open_pull (
    repo_id INTEGER NOT NULL REFERENCES repo (id),
    number  INTEGER NOT NULL CHECK (number > 0),
    PRIMARY KEY (repo_id, number)
) STRICT, WITHOUT ROWID;

-- What the latest run of the sync could not read, and since when no run can.
CREATE TABLE sync_failure (
    -- As people name it: repositories, owner/name, owner/name#number.
    subject TEXT PRIMARY KEY,
    -- NULL where it is the list of repositories.
    repo    TEXT,
    -- The issue or pull request; NULL where it is the whole repository.
    number  INTEGER,
    since   INTEGER NOT NULL,
    reason  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
