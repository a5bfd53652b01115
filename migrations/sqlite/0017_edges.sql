-- What open issues wait for, and whether their authors are trusted.
ALTER TABLE readiness ADD COLUMN open_blockers INTEGER NOT NULL DEFAULT 0;
-- Of those that are hidden, GitHub says only how many are open.
ALTER TABLE readiness ADD COLUMN hidden_blockers INTEGER NOT NULL DEFAULT 0;
ALTER TABLE readiness ADD COLUMN open_children INTEGER NOT NULL DEFAULT 0;
ALTER TABLE readiness ADD COLUMN hidden_children INTEGER NOT NULL DEFAULT 0;
ALTER TABLE readiness ADD COLUMN open_pulls INTEGER NOT NULL DEFAULT 0;
-- From when on GitHub is to be asked for the edges, by our clock.
ALTER TABLE readiness ADD COLUMN due_at INTEGER;
-- Since when it is open, by GitHub's clock, as far as that is known.
ALTER TABLE readiness ADD COLUMN opened_at INTEGER NOT NULL DEFAULT 0;
-- JSON: the merge, or the claim that was ended as done, after which GitHub still shows it open.
ALTER TABLE readiness ADD COLUMN merged TEXT;
-- JSON: whether the author is a stranger, and whether somebody approved; NULL for a trusted one.
ALTER TABLE readiness ADD COLUMN trust TEXT;
CREATE INDEX readiness_due ON readiness (due_at, repo_id, number) WHERE due_at IS NOT NULL;
UPDATE readiness SET opened_at = created_at;

-- From an issue to an issue or a pull request that it waits for.
CREATE TABLE issue_edge (
    repo_id    INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('blocked_by', 'child', 'pull')),
    -- 0: in a repository that is not known here; to_key is its name in lower case.
    to_repo_id INTEGER NOT NULL,
    to_key     TEXT NOT NULL,
    to_number  INTEGER NOT NULL,
    open       INTEGER NOT NULL CHECK (open IN (0, 1)),
    PRIMARY KEY (repo_id, number, kind, to_repo_id, to_key, to_number),
    CHECK ((to_repo_id = 0) = (to_key <> ''))
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_edge_to ON issue_edge (to_repo_id, to_number, repo_id, number) WHERE to_repo_id <> 0;

-- Issues that block each other in a circle, as a JSON list, by the first of them.
CREATE TABLE dependency_cycle (
    first  TEXT NOT NULL PRIMARY KEY,
    issues TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Whether accounts may write to repositories, as GitHub said when it was asked.
CREATE TABLE writer (
    repo  TEXT NOT NULL,
    login TEXT NOT NULL,
    may   INTEGER NOT NULL CHECK (may IN (0, 1)),
    at    INTEGER NOT NULL,
    PRIMARY KEY (repo, login)
) STRICT, WITHOUT ROWID;
-- The login of the credential's own user.
CREATE TABLE own_login (
    id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    login TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Feedback of people without write access, for other people to see.
CREATE TABLE held_feedback (
    source_event_id TEXT NOT NULL PRIMARY KEY,
    repo_id         INTEGER NOT NULL,
    number          INTEGER NOT NULL,
    bot             INTEGER NOT NULL CHECK (bot IN (0, 1)),
    at              INTEGER NOT NULL,
    -- JSON: the review or comment.
    data            TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX held_feedback_at ON held_feedback (at);
CREATE INDEX issue_author ON issue (repo_id, lower(author)) WHERE state = 'open';

-- JSON: the type, the parent, the fields and the like, which not every message says. NULL in rows from before: these are read again
-- as a whole, because what they wait for is not known.
ALTER TABLE issue ADD COLUMN facts TEXT;
UPDATE repo SET full_at = NULL, etag = NULL;
