-- Where the end of a session gives claims back, as a list of repositories in lower case; NULL for everywhere.
ALTER TABLE session ADD COLUMN ended_repos TEXT;
