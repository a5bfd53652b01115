-- What open issues wait for, and whether their authors are trusted.
ALTER TABLE readiness ADD COLUMN open_blockers bigint NOT NULL DEFAULT 0;
-- Of those that are hidden, GitHub says only how many are open.
ALTER TABLE readiness ADD COLUMN hidden_blockers bigint NOT NULL DEFAULT 0;
ALTER TABLE readiness ADD COLUMN open_children bigint NOT NULL DEFAULT 0;
ALTER TABLE readiness ADD COLUMN hidden_children bigint NOT NULL DEFAULT 0;
ALTER TABLE readiness ADD COLUMN open_pulls bigint NOT NULL DEFAULT 0;
-- From when on GitHub is to be asked for the edges, by our clock.
ALTER TABLE readiness ADD COLUMN due_at bigint;
-- Since when it is open, by GitHub's clock, as far as that is known.
ALTER TABLE readiness ADD COLUMN opened_at bigint NOT NULL DEFAULT 0;
-- JSON: the merge, or the claim that was ended as done, after which GitHub still shows it open.
ALTER TABLE readiness ADD COLUMN merged text;
-- JSON: whether the author is a stranger, and whether somebody approved; NULL for a trusted one.
ALTER TABLE readiness ADD COLUMN trust text;
CREATE INDEX readiness_due ON readiness (due_at, repo_id, number) WHERE due_at IS NOT NULL;
UPDATE readiness SET opened_at = created_at;

-- From an issue to an issue or a pull request that it waits for.
CREATE TABLE issue_edge (
    repo_id    bigint NOT NULL,
    number     bigint NOT NULL,
    kind       text COLLATE "C" NOT NULL CHECK (kind IN ('blocked_by', 'child', 'pull')),
    -- 0: in a repository that is not known here; to_key is its name in lower case.
    to_repo_id bigint NOT NULL,
    to_key     text COLLATE "C" NOT NULL,
    to_number  bigint NOT NULL,
    open       boolean NOT NULL,
    PRIMARY KEY (repo_id, number, kind, to_repo_id, to_key, to_number),
    CHECK ((to_repo_id = 0) = (to_key <> ''))
);
CREATE INDEX issue_edge_to ON issue_edge (to_repo_id, to_number, repo_id, number) WHERE to_repo_id <> 0;

-- Issues that block each other in a circle, as a JSON list, by the first of them.
CREATE TABLE dependency_cycle (
    first  text COLLATE "C" NOT NULL PRIMARY KEY,
    issues text NOT NULL
);

-- Whether accounts may write to repositories, as GitHub said when it was asked.
CREATE TABLE writer (
    repo  text COLLATE "C" NOT NULL,
    login text COLLATE "C" NOT NULL,
    may   boolean NOT NULL,
    at    bigint NOT NULL,
    PRIMARY KEY (repo, login)
);
-- The login of the credential's own user.
CREATE TABLE own_login (
    id    bigint NOT NULL PRIMARY KEY CHECK (id = 1),
    login text NOT NULL
);

-- Feedback of people without write access, for other people to see.
CREATE TABLE held_feedback (
    source_event_id text COLLATE "C" NOT NULL PRIMARY KEY,
    repo_id         bigint NOT NULL,
    number          bigint NOT NULL,
    bot             boolean NOT NULL,
    at              bigint NOT NULL,
    -- JSON: the review or comment.
    data            text NOT NULL
);
CREATE INDEX held_feedback_at ON held_feedback (at);
CREATE INDEX issue_author ON issue (repo_id, lower(author) COLLATE "C") WHERE state = 'open';

-- JSON: the type, the parent, the fields and the like, which not every message says. NULL in rows from before: these are read again
-- as a whole, because what they wait for is not known.
ALTER TABLE issue ADD COLUMN facts text;
UPDATE repo SET full_at = NULL, etag = NULL;
