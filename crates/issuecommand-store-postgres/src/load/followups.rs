//! Loading what belongs to pull requests: which ones a batch is about, then all rows of these.

use std::collections::{BTreeMap, BTreeSet};

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::{SourceId, WorkItemId};
use issuecommand_core::domain::id::{IssueNumber, PullKey, RepoId};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::engine::read_set::ReadSet;
use issuecommand_core::engine::view::{FollowupWindow, View};
use issuecommand_core::engine::windows::FollowupWindowNeed;
use serde::Serialize;

use super::Found;
use crate::bulk::{Args, Db};
use crate::rows::followups::{
    DeliveryOut, FollowupOut, PullOut, SourceOut, claims_of_pull, followup_columns, item_id,
    pull_columns,
};
use crate::rows::{ClaimRow, claim_columns, number};

/// $1 GitHub's ids.
pub(crate) const REPOS: &str = "-- find_repos
     SELECT github_id, id FROM repo WHERE github_id = ANY($1) AND github_id <> 0";

/// $1 ids.
pub(crate) const ITEMS: &str = "-- find_items
     SELECT repo_id, number FROM followup WHERE work_item_id = ANY($1)";

/// $1 ids.
pub(crate) const SOURCES: &str = "-- load_sources
     SELECT s.source_event_id, s.repo_id, s.number, s.work_item_id, s.ended, s.facts, s.data,
         f.repo_id AS item_repo, f.number AS item_number
     FROM followup_source s LEFT JOIN followup f ON f.work_item_id = s.work_item_id
     WHERE s.source_event_id = ANY($1)";

/// $1 and $2 the ends of ranges of ids.
pub(crate) const EDITS: &str = "-- load_edits
     SELECT s.source_event_id, s.repo_id, s.number, s.work_item_id, s.ended, s.facts, s.data,
         f.repo_id AS item_repo, f.number AS item_number
     FROM unnest($1::text[], $2::text[]) AS j (at, until)
     JOIN followup_source s ON s.source_event_id > j.at AND s.source_event_id < j.until
     LEFT JOIN followup f ON f.work_item_id = s.work_item_id";

/// $1 and $2 repositories and numbers.
pub(crate) const SUSPENDED: &str = "-- load_suspended
     SELECT s.source_event_id, s.repo_id, s.number, s.work_item_id, s.ended, s.facts, s.data,
         NULL::bigint AS item_repo, NULL::bigint AS item_number
     FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number) CROSS JOIN LATERAL (
         SELECT * FROM followup_source WHERE repo_id = j.repo_id AND number = j.number AND ended = 'closed' OFFSET 0) s";

/// $1 ids.
pub(crate) const DELIVERIES: &str = "-- load_deliveries
     SELECT id, delivery_id, event, auth, received_at, processed_at, attempts, error, body
     FROM delivery WHERE id = ANY($1)";

/// $1 the moment, $2 how many.
pub(crate) const EXPIRED: &str = "-- expired_items
     SELECT work_item_id, repo_id, number FROM followup
     WHERE status IN ('queued', 'claimed', 'in_progress') AND last_updated <= $1 ORDER BY work_item_id LIMIT $2";

/// $1 who asks, as objects; $2 the moment at which a window that began by then has passed; $3 how many.
///
/// The lists are read straight from the index of waiting items, until there are enough that nobody else holds and that are in
/// reach.
pub(crate) const WINDOWS: &str = concat!(
    "-- followup_windows
     SELECT j.n, w.work_item_id, w.repo_id, w.number
     FROM jsonb_to_recordset($1::jsonb) AS j (n bigint, agent text, repo text, scope jsonb)
     CROSS JOIN LATERAL (
         SELECT f.kind, f.created_at, f.work_item_id, f.repo_id, f.number
         FROM followup f JOIN repo r ON r.id = f.repo_id
         WHERE f.status IN ('queued', 'stale') AND (r.offered OR r.unseen)
           AND (j.repo IS NULL OR f.repo_id = (SELECT repo_id FROM repo_alias WHERE key = j.repo))
           AND (j.scope IS NULL OR j.scope ? r.key)
           AND NOT EXISTS (SELECT 1 FROM pr_hold h
               WHERE h.repo_id = f.repo_id AND h.number = f.number AND h.agent_id <> j.agent)
           AND (f.window_from <= $2 OR ",
    claims_of_pull!(
        "CASE WHEN c.status <> 'stale' THEN c.agent_id <> j.agent END",
        "f"
    ),
    " IS NOT TRUE)
         ORDER BY f.kind, f.created_at, f.work_item_id LIMIT $3) w
     ORDER BY j.n, w.kind, w.created_at, w.work_item_id"
);

/// $1 and $2 repositories and numbers.
pub(crate) const PULLS: &str = concat!(
    "-- load_pulls
     SELECT ",
    pull_columns!(),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN pull_request p ON p.repo_id = j.repo_id AND p.number = j.number"
);

/// $1 and $2 repositories and numbers.
pub(crate) const FOLLOWUPS: &str = concat!(
    "-- load_followups
     SELECT ",
    followup_columns!(),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN followup f ON f.repo_id = j.repo_id AND f.number = j.number AND f.status NOT IN ('done', 'dismissed')
     JOIN repo r ON r.id = f.repo_id"
);

/// $1 and $2 repositories and numbers.
pub(crate) const LIGHT: &str = concat!(
    "-- load_light_followups
     SELECT ",
    followup_columns!(
        "'[]'",
        "(SELECT coalesce(max(s.n) + 1, 0) FROM followup_source s WHERE s.work_item_id = f.work_item_id)"
    ),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN followup f ON f.repo_id = j.repo_id AND f.number = j.number AND f.status NOT IN ('done', 'dismissed')
     JOIN repo r ON r.id = f.repo_id"
);

/// $1 and $2 repositories and numbers.
pub(crate) const LINKED: &str = concat!(
    "-- load_linked
     SELECT ",
    claim_columns!(),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN claim c ON c.pull_repo_id IS NOT NULL AND c.pull_repo_id = j.repo_id AND c.pull_number = j.number
       AND c.status NOT IN ('closed', 'released')
     JOIN repo r ON r.id = c.repo_id"
);

/// Which pull requests the batch is about; a batch that is about none costs nothing here.
pub(super) async fn find(
    db: &mut Db<'_>,
    needs: &ReadSet,
    found: &mut Found,
    view: &mut View,
) -> Result<(), StoreError> {
    for (key, number) in &needs.pulls {
        let named = found.names.get(key).map(|repo| (*repo, *number));
        found.talked_on.extend(named);
    }
    for (claim, number) in &needs.pulls_of_claims {
        let repo = found.claims.get(claim).map(|claim| claim.repo);
        found.pulls.extend(repo.map(|repo| (repo, *number)));
    }
    by_github_id(db, needs, found).await?;
    if !needs.items.is_empty() {
        let items = needs.items.iter().map(|item| item.0.to_string());
        let items = db.rows(ITEMS, Args::default().texts(items)?).await?;
        found.pulls.extend(super::keys(&items)?);
    }
    if !needs.sources.is_empty() {
        let ids = needs.sources.iter().map(SourceId::base);
        let mut sources: Vec<SourceOut> = db.read(SOURCES, Args::default().texts(ids)?).await?;
        let (from, until): (Vec<_>, Vec<_>) = needs
            .sources
            .iter()
            .map(|id| (id.edits().0.0, id.edits().1.0))
            .unzip();
        let args = Args::default().texts(from)?.texts(until)?;
        sources.extend(db.read::<SourceOut>(EDITS, args).await?);
        for row in sources {
            let (source, text, pull) = row.source()?;
            // What a command withdraws may stand in an item of another pull request than it names.
            let named =
                |key: &PullKey| needs.whole_pulls.is_empty() && found.talked_on.contains(key);
            found.pulls.extend(pull.filter(|key| !named(key)));
            view.load_source(source, text);
        }
    }
    if !needs.deliveries.is_empty() {
        let args = Args::default().texts(&needs.deliveries)?;
        let deliveries: Vec<DeliveryOut> = db.read(DELIVERIES, args).await?;
        for row in deliveries {
            view.load_delivery(row.delivery()?);
        }
    }
    if let Some(before) = needs.expired_items {
        let args = Args::default().with(before.0)?.with(super::chunk())?;
        let expired = db.read(EXPIRED, args).await?;
        view.load_expired_followups(ids(expired, found)?);
    }
    windows(db, needs, found, view).await
}

async fn by_github_id(
    db: &mut Db<'_>,
    needs: &ReadSet,
    found: &mut Found,
) -> Result<(), StoreError> {
    let mut ids = needs.github_ids.clone();
    ids.extend(needs.issues_by_id.iter().map(|(id, _)| *id));
    ids.extend(needs.pulls_by_id.iter().map(|(id, _)| *id));
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = ids.into_iter().collect();
    let repos: Vec<(i64, i64)> = db.read(REPOS, Args::default().with(ids)?).await?;
    let repos: BTreeMap<i64, i64> = repos.into_iter().collect();
    found.repos.extend(repos.values().copied().map(RepoId));
    let here = |(github_id, number): &(i64, IssueNumber)| {
        let repo = repos.get(github_id)?;
        Some((RepoId(*repo), *number))
    };
    found
        .keys
        .extend(needs.issues_by_id.iter().filter_map(here));
    found
        .talked_on
        .extend(needs.pulls_by_id.iter().filter_map(here));
    Ok(())
}

#[derive(Serialize)]
struct WindowOut<'a> {
    n: usize,
    agent: &'a str,
    repo: Option<&'a str>,
    scope: Option<Vec<&'a str>>,
}

fn window_row((n, need): (usize, &FollowupWindowNeed)) -> WindowOut<'_> {
    WindowOut {
        n,
        agent: need.agent.as_str(),
        repo: need.repo.as_deref(),
        scope: match &need.scope {
            Scope::All => None,
            Scope::Only(repos) => Some(repos.iter().map(RepoName::key).collect()),
        },
    }
}

async fn windows(
    db: &mut Db<'_>,
    needs: &ReadSet,
    found: &mut Found,
    view: &mut View,
) -> Result<(), StoreError> {
    if needs.followup_windows.is_empty() {
        return Ok(());
    }
    let asked: Vec<_> = needs
        .followup_windows
        .iter()
        .enumerate()
        .map(window_row)
        .collect();
    // One more than wanted tells whether there are others.
    let most = i64::try_from(needs.consumers + 1).unwrap_or(i64::MAX);
    let args = Args::default()
        .rows(&asked)?
        .with(needs.affinity_passed.0)?
        .with(most)?;
    let rows: Vec<(i64, String, i64, i64)> = db.read(WINDOWS, args).await?;
    let mut rows = rows.into_iter().peekable();
    for (n, need) in (0..).zip(&needs.followup_windows) {
        let mut items = Vec::new();
        while let Some((_, item, repo, number)) = rows.next_if(|(of, ..)| *of == n) {
            items.push((item, repo, number));
        }
        let complete = items.len() <= needs.consumers;
        items.truncate(needs.consumers);
        let items = ids(items, found)?;
        view.load_followup_window(need.clone(), FollowupWindow { items, complete });
    }
    Ok(())
}

/// The ids, whose pull requests are to be loaded.
fn ids(rows: Vec<(String, i64, i64)>, found: &mut Found) -> Result<Vec<WorkItemId>, StoreError> {
    let mut ids = Vec::with_capacity(rows.len());
    for (id, repo, pull) in rows {
        found.pulls.insert((RepoId(repo), number(pull)?));
        ids.push(item_id(&id)?);
    }
    Ok(ids)
}

/// The pull requests that the claims which were found last name or may get, beside those that were loaded, with who else names
/// them.
pub(super) async fn linked(
    db: &mut Db<'_>,
    needs: &ReadSet,
    mut loaded: BTreeSet<PullKey>,
    view: &mut View,
) -> Result<(), StoreError> {
    loop {
        // The end of a claim moves the items that its agent has, and looks at none of their events.
        let mut found = Found {
            talked_on: view.linked().difference(&loaded).copied().collect(),
            ..Found::default()
        };
        if found.talked_on.is_empty() {
            return Ok(());
        }
        loaded.extend(by_pull(db, needs, &mut found, view).await?);
        super::by_key(db, found, view).await?;
    }
}

/// Each pull request with its open follow-ups and the claims that name it. Says which.
pub(super) async fn by_pull(
    db: &mut Db<'_>,
    needs: &ReadSet,
    found: &mut Found,
    view: &mut View,
) -> Result<BTreeSet<PullKey>, StoreError> {
    let all: BTreeSet<PullKey> = found.pulls.union(&found.talked_on).copied().collect();
    if all.is_empty() {
        return Ok(all);
    }
    found.repos.extend(all.iter().map(|key| key.0));
    let args = Args::default().keys(&all)?;
    let pulls: Vec<PullOut> = db.read(PULLS, args).await?;
    for row in pulls {
        view.load_pull(row.pull()?);
    }
    let is_light = |key: &PullKey| !found.pulls.contains(key) && needs.is_light(*key, view);
    let (light, whole): (BTreeSet<PullKey>, BTreeSet<PullKey>) =
        all.iter().copied().partition(is_light);
    for (sql, keys) in [(FOLLOWUPS, &whole), (LIGHT, &light)] {
        if keys.is_empty() {
            continue;
        }
        let items: Vec<FollowupOut> = db.read(sql, Args::default().keys(keys)?).await?;
        for row in items {
            view.load_followup(row.item()?);
        }
    }
    if !whole.is_empty() {
        let args = Args::default().keys(&whole)?;
        let suspended: Vec<SourceOut> = db.read(SUSPENDED, args).await?;
        for row in suspended {
            let (source, text, _) = row.source()?;
            view.load_source(source, text);
        }
    }
    let args = Args::default().keys(&all)?;
    let claims: Vec<ClaimRow> = db.read(LINKED, args).await?;
    for row in claims {
        found.claim(row.claim()?);
    }
    Ok(all)
}
