-- Agents' work on issues that ended without a merge. It outlives the claims, whose history is trimmed.
CREATE TABLE attempt (
    claim_id text COLLATE "C" NOT NULL,
    agent_id text COLLATE "C" NOT NULL,
    repo_id bigint NOT NULL,
    number bigint NOT NULL,
    from_at bigint NOT NULL,
    to_at bigint NOT NULL,
    how text NOT NULL CHECK (how IN ('released', 'auto_released', 'taken_over', 'given')),
    outcome text,
    note text,
    pr_url text,
    -- 0: the issue was taken and given back at once, which is no attempt.
    counts bigint NOT NULL CHECK (counts IN (0, 1)),
    -- 1: the agent itself gave the issue back, so that it is not offered to the agent for a while.
    gave_back bigint NOT NULL CHECK (gave_back IN (0, 1)),
    PRIMARY KEY (claim_id, agent_id)
);
CREATE INDEX attempt_issue ON attempt (repo_id, number, to_at) WHERE counts = 1;
CREATE INDEX attempt_agent ON attempt (agent_id, to_at) WHERE gave_back = 1;
CREATE INDEX attempt_end ON attempt (to_at);

-- How many issues in a row an agent gave back quickly.
CREATE TABLE quick_release (
    agent_id text COLLATE "C" PRIMARY KEY,
    releases bigint NOT NULL,
    at bigint NOT NULL
);

-- Halted work: halted is 'all', 'agent:' with the agent, or 'repo:' with the repository's id.
CREATE TABLE halt (
    halted text COLLATE "C" PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('paused', 'draining')),
    halted_by text NOT NULL,
    note text,
    at bigint NOT NULL
);
