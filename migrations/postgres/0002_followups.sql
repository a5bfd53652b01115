-- Pull requests, the feedback on them, and what GitHub delivers.

-- What the holder should know of its pull request.
ALTER TABLE claim ADD COLUMN pull_notice text;
-- Whose a pull request is.
CREATE INDEX claim_pull ON claim (pull_repo_id, pull_number)
    WHERE pull_repo_id IS NOT NULL AND status NOT IN ('closed', 'released');

CREATE TABLE pull_request (
    repo_id    bigint NOT NULL REFERENCES repo (id),
    number     bigint NOT NULL CHECK (number > 0),
    pushed_at  bigint,
    cut_at     bigint,
    validators text NOT NULL,
    -- What GitHub said last: title, address, open, merged, head, what it closes …
    facts      text NOT NULL,
    PRIMARY KEY (repo_id, number)
);

CREATE TABLE followup (
    work_item_id   text COLLATE "C" PRIMARY KEY,
    repo_id        bigint NOT NULL REFERENCES repo (id),
    number         bigint NOT NULL CHECK (number > 0),
    pr_url         text NOT NULL,
    pr_title       text NOT NULL,
    -- The most urgent of its events: 0 a review that asks for changes, 1 a comment on a line, 2 a comment under the whole.
    kind           bigint NOT NULL CHECK (kind BETWEEN 0 AND 2),
    status         text COLLATE "C" NOT NULL
        CHECK (status IN ('queued', 'claimed', 'in_progress', 'done', 'dismissed', 'stale')),
    created_at     bigint NOT NULL,
    last_updated   bigint NOT NULL,
    owner          text COLLATE "C",
    claimed_at     bigint,
    done_at        bigint,
    dismiss_reason text,
    -- When the window of the author's agent begins.
    window_from    bigint NOT NULL,
    CHECK (status NOT IN ('claimed', 'in_progress') OR owner IS NOT NULL)
);
CREATE INDEX followup_open ON followup (repo_id, number) WHERE status NOT IN ('done', 'dismissed');
-- The queue.
CREATE INDEX followup_waiting ON followup (kind, created_at, work_item_id) WHERE status IN ('queued', 'stale');
CREATE INDEX followup_expiry ON followup (last_updated) WHERE status IN ('queued', 'claimed', 'in_progress');
CREATE INDEX followup_ended ON followup (last_updated, work_item_id) WHERE status IN ('done', 'dismissed');

-- The history of each follow-up, counted from 0.
CREATE TABLE followup_status (
    work_item_id text COLLATE "C" NOT NULL REFERENCES followup (work_item_id) ON DELETE CASCADE,
    n            bigint NOT NULL,
    status       text NOT NULL,
    timestamp    bigint NOT NULL,
    note         text,
    PRIMARY KEY (work_item_id, n)
);

-- The events that follow-ups come from, each taken once and known by name for ever.
CREATE TABLE followup_source (
    source_event_id text COLLATE "C" PRIMARY KEY,
    repo_id         bigint NOT NULL REFERENCES repo (id),
    number          bigint NOT NULL CHECK (number > 0),
    -- The item that took it, which it outlives; NULL when it was over before it was seen.
    work_item_id    text COLLATE "C",
    -- Its place in that item, counted from 0.
    n               bigint,
    -- Why it asks for nothing any more.
    ended           text,
    -- Who said what and where, while its item is kept.
    data            text
);
CREATE INDEX followup_source_item ON followup_source (work_item_id, n) WHERE work_item_id IS NOT NULL;

-- The last word on pull requests: the one agent that has claimed or in_progress items of it, whatever the code above believes.
CREATE TABLE pr_hold (
    repo_id  bigint NOT NULL REFERENCES repo (id),
    number   bigint NOT NULL,
    agent_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (repo_id, number)
);

-- What GitHub delivered: remembered once it took effect, kept whole until then.
CREATE TABLE delivery (
    -- GitHub's id, or one of ours.
    id           text COLLATE "C" PRIMARY KEY,
    -- The id that came with it, if one did.
    delivery_id  text,
    event        text NOT NULL,
    auth         text NOT NULL,
    received_at  bigint NOT NULL,
    processed_at bigint,
    attempts     bigint NOT NULL,
    error        text,
    -- Bytes, since PostgreSQL's text has no place for U+0000; always UTF-8.
    body         bytea
);
CREATE INDEX delivery_waiting ON delivery (received_at, id) WHERE processed_at IS NULL;
CREATE INDEX delivery_taken ON delivery (received_at, id) WHERE processed_at IS NOT NULL;
