-- How many attempts at an issue ended without a merge, whether it waits for a person, and when it was offered again.
ALTER TABLE readiness ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
-- JSON: why, by whom, since when; NULL if it is not parked.
ALTER TABLE readiness ADD COLUMN parked TEXT;
-- Cool-downs that began before then are over.
ALTER TABLE readiness ADD COLUMN offered_at INTEGER;
