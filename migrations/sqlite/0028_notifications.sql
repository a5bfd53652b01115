-- Where notifications are sent to, and the notifications. Addresses and secrets are in the settings alone.
CREATE TABLE notify_endpoint (
    name         TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    -- Notifications are made of all events up to this one.
    cursor       INTEGER NOT NULL,
    -- Since when nothing is sent to it, and why.
    disabled_at  INTEGER,
    disabled_why TEXT,
    -- What it was told needs a person and is not over, as JSON; empty for nothing.
    told         TEXT NOT NULL
) STRICT;
CREATE TABLE notification (
    endpoint   TEXT NOT NULL,
    -- The id that its receiver knows it by.
    id         TEXT NOT NULL,
    kind       TEXT NOT NULL,
    -- What is told, as JSON; the endpoint's kind decides its form.
    content    TEXT NOT NULL,
    -- waiting, delivered or failed.
    state      TEXT NOT NULL,
    attempts   INTEGER NOT NULL,
    due        INTEGER NOT NULL,
    -- The HTTP status of the last response.
    status     INTEGER,
    error      TEXT,
    created_at INTEGER NOT NULL,
    -- When it was delivered or given up.
    ended_at   INTEGER,
    PRIMARY KEY (endpoint, id)
) STRICT;
CREATE INDEX notification_due ON notification (endpoint, due, id) WHERE state = 'waiting';
CREATE INDEX notification_latest ON notification (created_at DESC, endpoint, id);
CREATE INDEX notification_age ON notification (coalesce(ended_at, due));
