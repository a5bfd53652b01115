-- The mirror, claims and what belongs to them.
--
-- Moments are whole milliseconds since 1970 in UTC, ids are UUIDs in lower case with hyphens. Lists of words are JSON arrays;
-- other values kept as JSON are objects with a version in "v". What is compared or put in order has the collation "C", so that
-- every database has one order, whatever language it was made for.

-- What the store knows of itself: one row, which whoever writes locks first.
CREATE TABLE meta (
    id              bigint PRIMARY KEY CHECK (id = 1),
    -- The latest moment that anything was written: time never goes back behind it.
    last_now        bigint NOT NULL DEFAULT 0,
    -- Claims that were made and are kept no longer.
    trimmed_claims  bigint NOT NULL DEFAULT 0,
    last_sync       bigint,
    priority_source text,
    -- The seq of the latest event. A sequence would count ahead of what is committed.
    last_event      bigint NOT NULL DEFAULT 0
);
INSERT INTO meta (id) VALUES (1);

CREATE TABLE repo (
    id          bigint PRIMARY KEY,
    -- 0 while GitHub has not said it.
    github_id   bigint NOT NULL,
    name        text COLLATE "C" NOT NULL,
    -- The name in lower case. Not unique: two repositories may have had it one after the other, see repo_alias.
    key         text COLLATE "C" NOT NULL,
    url         text NOT NULL,
    description text,
    private     boolean NOT NULL,
    archived    boolean NOT NULL,
    open_count  bigint NOT NULL,
    offered     boolean NOT NULL,
    synced_at   bigint,
    polled_at   bigint,
    watermark   bigint,
    etag        text
);
CREATE UNIQUE INDEX repo_github ON repo (github_id) WHERE github_id <> 0;
CREATE INDEX repo_key ON repo (key);

-- Every name under which a repository is or was known, in lower case, and whose it is now.
CREATE TABLE repo_alias (
    key     text COLLATE "C" PRIMARY KEY,
    repo_id bigint NOT NULL REFERENCES repo (id)
);

CREATE TABLE issue (
    repo_id          bigint NOT NULL REFERENCES repo (id),
    number           bigint NOT NULL CHECK (number > 0),
    rank             bigint NOT NULL CHECK (rank BETWEEN 0 AND 3),
    state            text NOT NULL CHECK (state IN ('open', 'closed')),
    created_at       bigint NOT NULL,
    updated_at       bigint NOT NULL,
    checked_at       bigint NOT NULL,
    doubt            text CHECK (doubt IN ('not_found', 'gone', 'moved', 'called_closed', 'closing')),
    doubt_at         bigint,
    title            text NOT NULL,
    labels           text NOT NULL,
    assignees        text NOT NULL,
    milestone_number bigint,
    milestone_title  text,
    author           text,
    url              text NOT NULL,
    etag             text,
    body             text NOT NULL,
    PRIMARY KEY (repo_id, number),
    CHECK ((doubt IS NULL) = (doubt_at IS NULL))
);
CREATE INDEX issue_open ON issue (repo_id) WHERE state = 'open';
CREATE INDEX issue_doubt ON issue (repo_id, doubt_at) WHERE doubt IS NOT NULL;

-- The issues that may be handed out, in serving order: open, undoubted, their repository offered, held by nobody. Kept with
-- every write. Apart from the issue, so that a claim need not write the long row again.
CREATE TABLE queue (
    rank       bigint NOT NULL,
    created_at bigint NOT NULL,
    repo_id    bigint NOT NULL,
    number     bigint NOT NULL,
    PRIMARY KEY (rank, created_at, repo_id, number)
);
CREATE UNIQUE INDEX queue_repo ON queue (repo_id, rank, created_at, number);

-- What filters look for in open issues: `l:` and a label, `m:` and a milestone's title or number, in lower case.
CREATE TABLE issue_tag (
    repo_id bigint NOT NULL,
    number  bigint NOT NULL,
    tag     text COLLATE "C" NOT NULL,
    PRIMARY KEY (repo_id, number, tag)
);
CREATE INDEX issue_tag_tag ON issue_tag (tag, repo_id, number);

CREATE TABLE claim (
    -- Our own short number of it, for the history: ids come in no order, and would spread it over the whole table.
    n            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    claim_id     text COLLATE "C" NOT NULL UNIQUE,
    repo_id      bigint NOT NULL REFERENCES repo (id),
    number       bigint NOT NULL CHECK (number > 0),
    agent_id     text COLLATE "C" NOT NULL,
    principal    text COLLATE "C" NOT NULL,
    title        text NOT NULL,
    labels       text NOT NULL,
    assignees    text NOT NULL,
    status       text COLLATE "C" NOT NULL CHECK (status IN
        ('claimed', 'in_progress', 'pr_submitted', 'pr_merged', 'closed', 'released', 'stale')),
    before_stale text CHECK (before_stale IN ('claimed', 'in_progress', 'pr_submitted', 'pr_merged')),
    claimed_at   bigint NOT NULL,
    last_updated bigint NOT NULL,
    pr_url       text,
    pull_repo_id bigint,
    pull_number  bigint,
    notice       text
);
-- The last word on exclusivity: no issue has two owners, whatever the code above believes.
CREATE UNIQUE INDEX claim_active ON claim (repo_id, number) WHERE status NOT IN ('closed', 'released');
CREATE INDEX claim_agent ON claim (agent_id) WHERE status NOT IN ('closed', 'released');
CREATE INDEX claim_expiry ON claim (status, last_updated) WHERE status NOT IN ('closed', 'released');
CREATE INDEX claim_ended ON claim (last_updated, claim_id) WHERE status IN ('closed', 'released');

-- The history of each claim, counted from 0.
CREATE TABLE claim_status (
    claim_n   bigint NOT NULL REFERENCES claim (n) ON DELETE CASCADE,
    n         bigint NOT NULL,
    status    text NOT NULL,
    timestamp bigint NOT NULL,
    note      text,
    PRIMARY KEY (claim_n, n)
);

-- Append-only but for its oldest end. Its seq goes on from meta.last_event, also when the newest was trimmed.
CREATE TABLE event (
    seq       bigint PRIMARY KEY,
    kind      text NOT NULL,
    at        bigint NOT NULL,
    principal text NOT NULL,
    body      text NOT NULL
);

-- Writes to GitHub that wait.
CREATE TABLE outbox (
    id       text COLLATE "C" PRIMARY KEY,
    write    text NOT NULL,
    claim_id text NOT NULL,
    attempts bigint NOT NULL,
    due      bigint NOT NULL,
    error    text
);
CREATE INDEX outbox_due ON outbox (due, id);

-- Answers to requests that carried an idempotency key.
CREATE TABLE idempotency (
    principal text COLLATE "C" NOT NULL,
    key       text COLLATE "C" NOT NULL,
    request   text NOT NULL,
    answer    text NOT NULL,
    at        bigint NOT NULL,
    PRIMARY KEY (principal, key)
);
CREATE INDEX idempotency_at ON idempotency (at);

-- Who does the background work.
CREATE TABLE lease (
    name   text COLLATE "C" PRIMARY KEY,
    holder text NOT NULL,
    epoch  bigint NOT NULL,
    until  bigint NOT NULL
);
