-- A clock that is set goes back, so that its moments cannot tell an older copy of the database from this one.

-- How often anything was written.
ALTER TABLE meta ADD COLUMN writes bigint NOT NULL DEFAULT 0;
-- The latest steps of the clock, as JSON.
ALTER TABLE meta ADD COLUMN clock text;
