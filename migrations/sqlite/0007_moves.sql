-- Issues that move or come back, and settings and writes that outlive what they named.

-- Says more of a doubt than "doubt" can, whose list of words SQLite cannot extend in place. 'close_failed' stands beside
-- 'closing': GitHub refused to close the issue for good.
ALTER TABLE issue ADD COLUMN doubt_detail TEXT CHECK (doubt_detail IN ('close_failed'));
CREATE INDEX issue_close_failed ON issue (doubt_at, repo_id, number) WHERE doubt_detail = 'close_failed';

-- When GitHub closed the issue, where that ended the claim: GitHub's time. The claim is given back if the issue is reopened
-- soon after.
ALTER TABLE claim ADD COLUMN github_closed_at INTEGER;
CREATE INDEX claim_reopen ON claim (repo_id, number) WHERE github_closed_at IS NOT NULL;

-- Which repository a name of ALLOWED_REPOS (in lower case) means, from the first time that GitHub showed it. A repository
-- that takes the name later is another one.
CREATE TABLE allowed_repo (
    key     TEXT PRIMARY KEY,
    repo_id INTEGER NOT NULL REFERENCES repo (id)
) STRICT, WITHOUT ROWID;
-- All names that lead to a repository now.
CREATE INDEX repo_alias_repo ON repo_alias (repo_id);
