-- The mirror, claims and what belongs to them.
--
-- Moments are whole milliseconds since 1970 in UTC, booleans are 0 or 1, ids are UUIDs in lower case with hyphens.
-- Lists of words are JSON arrays; other values kept as JSON are objects with a version in "v".

-- What the store knows of itself: one row.
CREATE TABLE meta (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    -- The latest moment that anything was written: time never goes back behind it.
    last_now        INTEGER NOT NULL DEFAULT 0,
    -- Claims that were made and are kept no longer.
    trimmed_claims  INTEGER NOT NULL DEFAULT 0,
    last_sync       INTEGER,
    priority_source TEXT
) STRICT;
INSERT INTO meta (id) VALUES (1);

CREATE TABLE repo (
    id          INTEGER PRIMARY KEY,
    -- 0 while GitHub has not said it.
    github_id   INTEGER NOT NULL,
    name        TEXT NOT NULL,
    -- The name in lower case. Not unique: two repositories may have had it one after the other, see repo_alias.
    key         TEXT NOT NULL,
    url         TEXT NOT NULL,
    description TEXT,
    private     INTEGER NOT NULL CHECK (private IN (0, 1)),
    archived    INTEGER NOT NULL CHECK (archived IN (0, 1)),
    open_count  INTEGER NOT NULL,
    offered     INTEGER NOT NULL CHECK (offered IN (0, 1)),
    synced_at   INTEGER,
    polled_at   INTEGER,
    watermark   INTEGER,
    etag        TEXT
) STRICT;
CREATE UNIQUE INDEX repo_github ON repo (github_id) WHERE github_id <> 0;
CREATE INDEX repo_key ON repo (key);

-- Every name under which a repository is or was known, in lower case, and whose it is now.
CREATE TABLE repo_alias (
    key     TEXT PRIMARY KEY,
    repo_id INTEGER NOT NULL REFERENCES repo (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE issue (
    repo_id          INTEGER NOT NULL REFERENCES repo (id),
    number           INTEGER NOT NULL CHECK (number > 0),
    rank             INTEGER NOT NULL CHECK (rank BETWEEN 0 AND 3),
    state            TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    checked_at       INTEGER NOT NULL,
    doubt            TEXT CHECK (doubt IN ('not_found', 'gone', 'moved', 'called_closed', 'closing')),
    doubt_at         INTEGER,
    title            TEXT NOT NULL,
    labels           TEXT NOT NULL,
    assignees        TEXT NOT NULL,
    milestone_number INTEGER,
    milestone_title  TEXT,
    author           TEXT,
    url              TEXT NOT NULL,
    etag             TEXT,
    -- Last, because it is long and may spill onto pages of its own.
    body             TEXT NOT NULL,
    PRIMARY KEY (repo_id, number),
    CHECK ((doubt IS NULL) = (doubt_at IS NULL))
) STRICT;
CREATE INDEX issue_open ON issue (repo_id) WHERE state = 'open';
CREATE INDEX issue_doubt ON issue (repo_id, doubt_at) WHERE doubt IS NOT NULL;

-- The issues that may be handed out, in serving order: open, undoubted, their repository offered, held by nobody. Kept with
-- every write. Apart from the issue, so that a claim need not write the long row again.
CREATE TABLE queue (
    rank       INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    repo_id    INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    PRIMARY KEY (rank, created_at, repo_id, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX queue_repo ON queue (repo_id, rank, created_at, number);

-- What filters look for in open issues: `l:` and a label, `m:` and a milestone's title or number, in lower case.
CREATE TABLE issue_tag (
    repo_id INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    tag     TEXT NOT NULL,
    PRIMARY KEY (repo_id, number, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_tag_tag ON issue_tag (tag, repo_id, number);

CREATE TABLE claim (
    -- Our own short number of it, for the history: ids come in no order, and would spread it over the whole file.
    n            INTEGER PRIMARY KEY,
    claim_id     TEXT NOT NULL UNIQUE,
    repo_id      INTEGER NOT NULL REFERENCES repo (id),
    number       INTEGER NOT NULL CHECK (number > 0),
    agent_id     TEXT NOT NULL,
    principal    TEXT NOT NULL,
    title        TEXT NOT NULL,
    labels       TEXT NOT NULL,
    assignees    TEXT NOT NULL,
    status       TEXT NOT NULL CHECK (status IN
        ('claimed', 'in_progress', 'pr_submitted', 'pr_merged', 'closed', 'released', 'stale')),
    before_stale TEXT CHECK (before_stale IN ('claimed', 'in_progress', 'pr_submitted', 'pr_merged')),
    claimed_at   INTEGER NOT NULL,
    last_updated INTEGER NOT NULL,
    pr_url       TEXT,
    pull_repo_id INTEGER,
    pull_number  INTEGER,
    notice       TEXT
) STRICT;
-- The last word on exclusivity: no issue has two owners, whatever the code above believes.
CREATE UNIQUE INDEX claim_active ON claim (repo_id, number) WHERE status NOT IN ('closed', 'released');
CREATE INDEX claim_agent ON claim (agent_id) WHERE status NOT IN ('closed', 'released');
CREATE INDEX claim_expiry ON claim (status, last_updated) WHERE status NOT IN ('closed', 'released');
CREATE INDEX claim_ended ON claim (last_updated, claim_id) WHERE status IN ('closed', 'released');

-- The history of each claim, counted from 0.
CREATE TABLE claim_status (
    claim_n   INTEGER NOT NULL REFERENCES claim (n) ON DELETE CASCADE,
    n         INTEGER NOT NULL,
    status    TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    note      TEXT,
    PRIMARY KEY (claim_n, n)
) STRICT, WITHOUT ROWID;

-- Append-only but for its oldest end. AUTOINCREMENT: a seq is never given again, also when the newest was trimmed.
CREATE TABLE event (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    kind      TEXT NOT NULL,
    at        INTEGER NOT NULL,
    principal TEXT NOT NULL,
    body      TEXT NOT NULL
) STRICT;

-- Writes to GitHub that wait.
CREATE TABLE outbox (
    id       TEXT PRIMARY KEY,
    write    TEXT NOT NULL,
    claim_id TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due      INTEGER NOT NULL,
    error    TEXT
) STRICT;
CREATE INDEX outbox_due ON outbox (due, id);

-- Answers to requests that carried an idempotency key.
CREATE TABLE idempotency (
    principal TEXT NOT NULL,
    key       TEXT NOT NULL,
    request   TEXT NOT NULL,
    answer    TEXT NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency (at);

-- Who does the background work.
CREATE TABLE lease (
    name   TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    epoch  INTEGER NOT NULL,
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
