//! The claim that a pull request belongs to, as a subquery.

/// `$what` of the claim that a follow-up `$of` belongs to: of the active ones that name its pull request the first in the order of
/// `Concerns`.
macro_rules! claims_of_pull {
    ($what:literal, $of:literal) => {
        concat!(
            "(SELECT ",
            $what,
            " FROM claim c WHERE c.pull_repo_id = ",
            $of,
            ".repo_id AND c.pull_number = ",
            $of,
            ".number AND c.status NOT IN ('closed', 'released')
              ORDER BY c.status = 'stale', CASE WHEN c.repo_id <> ",
            $of,
            ".repo_id THEN 3 WHEN strpos(",
            $of,
            ".concerns, ',' || c.number || ',') > 0 THEN 0 WHEN strpos(",
            $of,
            ".concerns, ',b' || c.number || ',') > 0 THEN 1 ELSE 2 END, c.claimed_at, c.claim_id LIMIT 1)"
        )
    };
}

pub(crate) use claims_of_pull;
