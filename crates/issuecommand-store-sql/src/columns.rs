//! The columns that the row structs of [`rows`](crate::rows) are read from, as text for the statements of both databases.
//!
//! `$list` is a macro of the backend: `list!(columns, order)` collects rows as a JSON array of arrays, `[]` where there are none.

/// The columns of [`ClaimRow`](crate::rows::ClaimRow), of `claim c` and its `repo r`.
#[macro_export]
macro_rules! claim_columns {
    ($list:ident) => {
        concat!(
            "c.claim_id, c.repo_id, r.name AS repo_name, c.number, c.agent_id, c.principal, c.title, c.labels, c.assignees, \
             c.status, c.before_stale, c.claimed_at, c.last_updated, c.pr_url, c.pull_repo_id, c.pull_number, c.notice, \
             c.pull_notice, c.github_closed_at, c.link, c.session_id, c.signed_at, (SELECT ",
            $list!("s.n, s.status, s.timestamp, substr(s.note, 1, 8193)", "s.n"),
            " FROM claim_status s WHERE s.claim_n = c.n \
                AND s.n > (SELECT max(l.n) FROM claim_status l WHERE l.claim_n = c.n) - 50) AS history"
        )
    };
}

/// The columns of [`FollowupRow`](crate::rows::FollowupRow), of `followup f` and its `repo r`: with all of its events, or `light`,
/// with their number alone.
#[macro_export]
macro_rules! followup_columns {
    ($list:ident) => {
        $crate::followup_columns!(
            $list,
            concat!(
                "(SELECT ",
                $list!("s.data, s.ended, s.facts", "s.n"),
                " FROM followup_source s WHERE s.work_item_id = f.work_item_id)"
            ),
            "CAST(NULL AS bigint)"
        )
    };
    ($list:ident, light) => {
        $crate::followup_columns!(
            $list,
            "'[]'",
            "(SELECT coalesce(max(s.n) + 1, 0) FROM followup_source s WHERE s.work_item_id = f.work_item_id)"
        )
    };
    ($list:ident, $sources:expr, $stored:expr) => {
        concat!(
            "f.work_item_id, f.repo_id, r.name AS repo_name, r.offered OR r.unseen AS repo_offered, f.number, f.pr_url, \
             f.pr_title, f.status, f.created_at, f.last_updated, f.owner, f.claimed_at, f.done_at, f.dismiss_reason, \
             f.window_from, f.concerns, f.session_id, f.signed_at, ",
            $sources,
            " AS sources, ",
            $stored,
            " AS stored, f.kind, (SELECT ",
            $list!("t.n, t.status, t.timestamp, substr(t.note, 1, 8193)", "t.n"),
            " FROM followup_status t WHERE t.work_item_id = f.work_item_id \
                AND t.n > (SELECT max(l.n) FROM followup_status l WHERE l.work_item_id = f.work_item_id) - 50) AS history"
        )
    };
}

/// The columns of [`PullRow`](crate::rows::PullRow), of `pull_request p`.
#[macro_export]
macro_rules! pull_columns {
    () => {
        "p.repo_id, p.number, p.pushed_at, p.cut_at, p.validators, p.facts, p.activity, p.closing"
    };
}

/// The columns of [`RepoRow`](crate::rows::RepoRow), of `repo r`.
#[macro_export]
macro_rules! repo_columns {
    () => {
        "r.id, r.github_id, r.name, r.url, r.description, r.private, r.archived, r.open_count, r.known_at, r.offered, r.unseen, \
         r.synced_at, r.polled_at, r.watermark, r.etag, r.full_at, r.count_gap, r.count_runs"
    };
}

/// The columns of [`IssueRow`](crate::rows::IssueRow), of `issue i` and its `repo r`; `lean`: without the text.
#[macro_export]
macro_rules! issue_columns {
    () => {
        concat!($crate::issue_columns!(facts), "i.body")
    };
    (lean) => {
        concat!($crate::issue_columns!(facts), "'' AS body")
    };
    (facts) => {
        "i.repo_id, r.name AS repo_name, i.number, i.rank, i.state, i.created_at, i.updated_at, i.checked_at, \
         coalesce(i.doubt_detail, i.doubt) AS doubt, i.doubt_at, i.title, i.labels, i.assignees, i.milestone_number, \
         i.milestone_title, i.author, i.url, i.etag, i.facts, "
    };
}

/// The columns of [`KeyRow`](crate::plain::KeyRow), of `access_key k`.
#[macro_export]
macro_rules! key_columns {
    () => {
        "k.id, k.name, k.hash, k.agent_id, k.read_only, k.repos, k.created_at, k.expires_at, k.revoked_at"
    };
}
