-- Which database this is: 32 random hex digits that no other database has. A dump keeps them, as the same database of an
-- earlier moment; an import into another database does not take them over.

ALTER TABLE meta ADD COLUMN database_id text COLLATE "C" NOT NULL DEFAULT '';
UPDATE meta SET database_id = replace(gen_random_uuid()::text, '-', '');
