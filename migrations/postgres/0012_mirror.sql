-- What the mirror needs to know of itself to find what its lists did not show.

-- When the last complete reading of all open issues began.
ALTER TABLE repo ADD COLUMN full_at bigint;
-- How many open issues and pull requests GitHub counts beyond ours, and how many comparisons in a row found a difference.
ALTER TABLE repo ADD COLUMN count_gap bigint NOT NULL DEFAULT 0;
ALTER TABLE repo ADD COLUMN count_runs bigint NOT NULL DEFAULT 0;
UPDATE repo SET full_at = synced_at;

-- Pull requests that GitHub listed as open. Its own count of open issues includes them.
CREATE TABLE open_pull (
    repo_id bigint NOT NULL REFERENCES repo (id),
    number  bigint NOT NULL CHECK (number > 0),
    PRIMARY KEY (repo_id, number)
);

-- What the latest run of the sync could not read, and since when no run can.
CREATE TABLE sync_failure (
    -- As people name it: repositories, owner/name, owner/name#number.
    subject text COLLATE "C" PRIMARY KEY,
    -- NULL where it is the list of repositories.
    repo    text COLLATE "C",
    -- The issue or pull request; NULL where it is the whole repository.
    number  bigint,
    since   bigint NOT NULL,
    reason  text NOT NULL
);
