-- Agents' work on issues that ended without a merge. It outlives the claims, whose history is trimmed.
CREATE TABLE attempt (
    claim_id TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    repo_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    how TEXT NOT NULL CHECK (how IN ('released', 'auto_released', 'taken_over', 'given')),
    outcome TEXT,
    note TEXT,
    pr_url TEXT,
    -- 0: the issue was taken and given back at once, which is no attempt.
    counts INTEGER NOT NULL CHECK (counts IN (0, 1)),
    -- 1: the agent itself gave the issue back, so that it is not offered to the agent for a while.
    gave_back INTEGER NOT NULL CHECK (gave_back IN (0, 1)),
    PRIMARY KEY (claim_id, agent_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_issue ON attempt (repo_id, number, to_at) WHERE counts = 1;
CREATE INDEX attempt_agent ON attempt (agent_id, to_at) WHERE gave_back = 1;
CREATE INDEX attempt_end ON attempt (to_at);

-- How many issues in a row an agent gave back quickly.
CREATE TABLE quick_release (
    agent_id TEXT PRIMARY KEY,
    releases INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Halted work: halted is 'all', 'agent:' with the agent, or 'repo:' with the repository's id.
CREATE TABLE halt (
    halted TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('paused', 'draining')),
    halted_by TEXT NOT NULL,
    note TEXT,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
