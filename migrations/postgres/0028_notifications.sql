-- Where notifications are sent to, and the notifications. Addresses and secrets are in the settings alone.
CREATE TABLE notify_endpoint (
    name         text COLLATE "C" PRIMARY KEY,
    kind         text NOT NULL,
    -- Notifications are made of all events up to this one.
    cursor       bigint NOT NULL,
    -- Since when nothing is sent to it, and why.
    disabled_at  bigint,
    disabled_why text,
    -- What it was told needs a person and is not over, as JSON; empty for nothing.
    told         text NOT NULL
);
CREATE TABLE notification (
    endpoint   text COLLATE "C" NOT NULL,
    -- The id that its receiver knows it by.
    id         text COLLATE "C" NOT NULL,
    kind       text NOT NULL,
    -- What is told, as JSON; the endpoint's kind decides its form.
    content    text NOT NULL,
    -- waiting, delivered or failed.
    state      text COLLATE "C" NOT NULL,
    attempts   bigint NOT NULL,
    due        bigint NOT NULL,
    -- The HTTP status of the last response.
    status     bigint,
    error      text,
    created_at bigint NOT NULL,
    -- When it was delivered or given up.
    ended_at   bigint,
    PRIMARY KEY (endpoint, id)
);
CREATE INDEX notification_due ON notification (endpoint, due, id) WHERE state = 'waiting';
CREATE INDEX notification_latest ON notification (created_at DESC, endpoint, id);
CREATE INDEX notification_age ON notification (coalesce(ended_at, due));
