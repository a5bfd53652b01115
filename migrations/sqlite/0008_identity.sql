-- Which database this is: 32 random hex digits that no other database has. A copy of the file keeps them, as the same database
-- of an earlier moment; an import into another database does not take them over.

ALTER TABLE meta ADD COLUMN database_id TEXT NOT NULL DEFAULT '';
UPDATE meta SET database_id = lower(hex(randomblob(16)));
