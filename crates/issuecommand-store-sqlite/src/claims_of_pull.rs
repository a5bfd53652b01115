//! The claim that a pull request belongs to, as a subquery.

/// `$what` of the claim that a follow-up `$of` belongs to: of the active ones that name its pull request the first in the order of
/// `Concerns`. SQLite finds no column of an outer query in ORDER BY, so the rank is a column of the inner query.
macro_rules! claims_of_pull {
    ($what:literal, $of:literal) => {
        concat!(
            "(SELECT ",
            $what,
            " FROM (SELECT c.*, CASE WHEN c.repo_id <> ",
            $of,
            ".repo_id THEN 3 WHEN instr(",
            $of,
            ".concerns, ',' || c.number || ',') > 0 THEN 0 WHEN instr(",
            $of,
            ".concerns, ',b' || c.number || ',') > 0 THEN 1 ELSE 2 END AS concern
              FROM claim c INDEXED BY claim_pull WHERE c.pull_repo_id = ",
            $of,
            ".repo_id AND c.pull_number = ",
            $of,
            ".number AND c.status NOT IN ('closed', 'released')) c
              ORDER BY c.status = 'stale', c.concern, c.claimed_at, c.claim_id LIMIT 1)"
        )
    };
}

pub(crate) use claims_of_pull;
