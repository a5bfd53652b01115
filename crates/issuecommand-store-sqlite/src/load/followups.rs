//! Loading what belongs to pull requests: which ones a batch is about, then all rows of these in one call.

use std::collections::{BTreeMap, BTreeSet};

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::{SourceId, WorkItemId};
use issuecommand_core::domain::id::{IssueNumber, PullKey, RepoId};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::engine::read_set::ReadSet;
use issuecommand_core::engine::view::{FollowupWindow, View};
use issuecommand_core::engine::windows::FollowupWindowNeed;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::Found;
use crate::bulk::{Args, read, run};
use crate::error::unreadable;
use crate::rows::followups::{
    DeliveryOut, FollowupOut, PullOut, SourceOut, claims_of_pull, followup_columns, item_id,
    pull_columns,
};
use crate::rows::{ClaimRow, claim_columns, number};

/// GitHub's ids of repositories; work items; events, each with the ends of the range of its edits; deliveries; the moment and how many of expired items; then of lists of
/// follow-ups the moment at which a window that began by then has passed, how many, and [agent, name key, scope] each.
///
/// The lists are read straight from the index of waiting items, until there are enough that nobody else holds and that are in
/// reach.
pub(crate) const FIND: &str = concat!(
    "-- find_repos
     SELECT r.github_id, r.id FROM json_each(?) j
     CROSS JOIN repo r INDEXED BY repo_github ON r.github_id = j.value AND r.github_id <> 0;
     -- find_items
     SELECT f.repo_id, f.number FROM json_each(?) j CROSS JOIN followup f ON f.work_item_id = j.value;
     -- load_sources
     SELECT s.source_event_id, s.repo_id, s.number, s.work_item_id, s.ended, s.facts, s.data,
         f.repo_id AS item_repo, f.number AS item_number
     FROM json_each(?) j CROSS JOIN followup_source s ON s.source_event_id = j.value->>0
         OR (s.source_event_id > j.value->>1 AND s.source_event_id < j.value->>2)
     LEFT JOIN followup f ON f.work_item_id = s.work_item_id;
     -- load_deliveries
     SELECT d.id, d.delivery_id, d.event, d.auth, d.received_at, d.processed_at, d.attempts, d.error, d.body
     FROM json_each(?) j CROSS JOIN delivery d ON d.id = j.value;
     -- expired_items
     SELECT work_item_id, repo_id, number FROM followup INDEXED BY followup_expiry
     WHERE status IN ('queued', 'claimed', 'in_progress') AND last_updated <= ? ORDER BY work_item_id LIMIT ?;
     -- followup_windows
     SELECT (SELECT json_group_array(json_array(w.work_item_id, w.repo_id, w.number)) FROM (
         SELECT f.work_item_id, f.repo_id, f.number
         FROM followup f INDEXED BY followup_waiting CROSS JOIN repo r ON r.id = f.repo_id
         WHERE f.status IN ('queued', 'stale') AND (r.offered OR r.unseen)
           AND (j.value->>1 IS NULL OR f.repo_id = (SELECT repo_id FROM repo_alias WHERE key = j.value->>1))
           AND (j.value->>2 IS NULL OR r.key IN (SELECT value FROM json_each(j.value->>2)))
           AND NOT EXISTS (SELECT 1 FROM pr_hold h
               WHERE h.repo_id = f.repo_id AND h.number = f.number AND h.agent_id <> j.value->>0)
           AND (f.window_from <= ? OR ",
    claims_of_pull!(
        "CASE WHEN c.status <> 'stale' THEN c.agent_id <> j.value->>0 END",
        "f"
    ),
    " IS NOT 1)
         ORDER BY f.kind, f.created_at, f.work_item_id LIMIT ?) w)
     FROM json_each(?) j"
);

/// [repository, number] pairs.
pub(crate) const PULLS: &str = concat!(
    "-- load_pulls
     SELECT ",
    pull_columns!(),
    " FROM json_each(?) j CROSS JOIN pull_request p ON p.repo_id = j.value->>0 AND p.number = j.value->>1"
);

/// [repository, number] pairs: those of which all events are needed; those of which they are not; the first ones again; all.
pub(crate) const BY_PULL: &str = concat!(
    "-- load_followups
     SELECT ",
    followup_columns!(),
    " FROM json_each(?) j
     CROSS JOIN followup f INDEXED BY followup_open ON f.repo_id = j.value->>0 AND f.number = j.value->>1
       AND f.status NOT IN ('done', 'dismissed')
     CROSS JOIN repo r ON r.id = f.repo_id;
     -- load_light_followups
     SELECT ",
    followup_columns!("'[]'", "(SELECT coalesce(max(s.n) + 1, 0) FROM followup_source s WHERE s.work_item_id = f.work_item_id)"),
    " FROM json_each(?) j
     CROSS JOIN followup f INDEXED BY followup_open ON f.repo_id = j.value->>0 AND f.number = j.value->>1
       AND f.status NOT IN ('done', 'dismissed')
     CROSS JOIN repo r ON r.id = f.repo_id;
     -- load_suspended
     SELECT s.source_event_id, s.repo_id, s.number, s.work_item_id, s.ended, s.facts, s.data,
         NULL AS item_repo, NULL AS item_number
     FROM json_each(?) j
     CROSS JOIN followup_source s INDEXED BY followup_source_suspended
       ON s.repo_id = j.value->>0 AND s.number = j.value->>1 AND s.ended = 'closed';
     -- load_linked
     SELECT ",
    claim_columns!(),
    " FROM json_each(?) j
     CROSS JOIN claim c INDEXED BY claim_pull ON c.pull_repo_id = j.value->>0 AND c.pull_number = j.value->>1
       AND c.status NOT IN ('closed', 'released')
     CROSS JOIN repo r ON r.id = c.repo_id"
);

/// Which pull requests the batch is about; a batch that is about none costs nothing here.
pub(super) async fn find(
    conn: &mut SqliteConnection,
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
    let nothing = needs.github_ids.is_empty()
        && needs.issues_by_id.is_empty()
        && needs.pulls_by_id.is_empty()
        && needs.issues_by_id.is_empty()
        && needs.items.is_empty()
        && needs.sources.is_empty()
        && needs.deliveries.is_empty()
        && needs.expired_items.is_none()
        && needs.followup_windows.is_empty();
    if nothing {
        return Ok(());
    }
    let mut github_ids = needs.github_ids.clone();
    github_ids.extend(needs.issues_by_id.iter().map(|(id, _)| *id));
    github_ids.extend(needs.pulls_by_id.iter().map(|(id, _)| *id));
    github_ids.extend(needs.issues_by_id.iter().map(|(id, _)| *id));
    let github_ids: Vec<i64> = github_ids.into_iter().collect();
    let items: Vec<&WorkItemId> = needs.items.iter().collect();
    let sources: Vec<_> = needs.sources.iter().map(source_range).collect();
    let deliveries: Vec<_> = needs.deliveries.iter().collect();
    let windows: Vec<_> = needs.followup_windows.iter().map(window_row).collect();
    // One more than wanted tells whether there are others.
    let most = i64::try_from(needs.consumers + 1).unwrap_or(i64::MAX);
    let args = Args::default()
        .list(&github_ids)?
        .list(&items)?
        .list(&sources)?
        .list(&deliveries)?
        .with(needs.expired_items.map(|before| before.0))?
        .with(super::chunk())?
        .with(needs.affinity_passed.0)?
        .with(most)?
        .list(&windows)?;
    let [
        (repos, _),
        (items, _),
        (sources, _),
        (deliveries, _),
        (expired, _),
        (windows, _),
    ] = run(conn, FIND, args).await?;
    by_github_id(needs, &repos, found)?;
    found.pulls.extend(super::keys(&items)?);
    for row in read::<SourceOut>(&sources)? {
        let (source, text, pull) = row.source()?;
        // What a command withdraws may stand in an item of another pull request than it names.
        let named = |key: &PullKey| needs.whole_pulls.is_empty() && found.talked_on.contains(key);
        found.pulls.extend(pull.filter(|key| !named(key)));
        view.load_source(source, text);
    }
    for row in read::<DeliveryOut>(&deliveries)? {
        view.load_delivery(row.delivery()?);
    }
    if needs.expired_items.is_some() {
        let rows = read::<(String, i64, i64)>(&expired)?;
        view.load_expired_followups(ids(rows, found)?);
    }
    for (need, (items,)) in needs
        .followup_windows
        .iter()
        .zip(read::<(String,)>(&windows)?)
    {
        view.load_followup_window(need.clone(), window(&items, needs.consumers, found)?);
    }
    Ok(())
}

fn source_range(id: &SourceId) -> impl serde::Serialize {
    let (from, until) = id.edits();
    (id.base().to_owned(), from, until)
}

fn window_row(need: &FollowupWindowNeed) -> impl serde::Serialize {
    let scope: Option<Vec<&str>> = match &need.scope {
        Scope::All => None,
        Scope::Only(repos) => Some(repos.iter().map(RepoName::key).collect()),
    };
    (&need.agent, &need.repo, scope)
}

fn by_github_id(needs: &ReadSet, repos: &[SqliteRow], found: &mut Found) -> Result<(), StoreError> {
    let repos: BTreeMap<i64, i64> = read::<(i64, i64)>(repos)?.into_iter().collect();
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

/// The first `wanted` items, of which the text has one more where there are others.
fn window(text: &str, wanted: usize, found: &mut Found) -> Result<FollowupWindow, StoreError> {
    let mut rows: Vec<(String, i64, i64)> = serde_json::from_str(text).map_err(unreadable)?;
    let complete = rows.len() <= wanted;
    rows.truncate(wanted);
    let items = ids(rows, found)?;
    Ok(FollowupWindow { items, complete })
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
    conn: &mut SqliteConnection,
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
        loaded.extend(by_pull(conn, needs, &mut found, view).await?);
        super::by_key(conn, found, view).await?;
    }
}

/// Each pull request with its open follow-ups and the claims that name it. Says which.
pub(super) async fn by_pull(
    conn: &mut SqliteConnection,
    needs: &ReadSet,
    found: &mut Found,
    view: &mut View,
) -> Result<BTreeSet<PullKey>, StoreError> {
    let all: BTreeSet<PullKey> = found.pulls.union(&found.talked_on).copied().collect();
    if all.is_empty() {
        return Ok(all);
    }
    found.repos.extend(all.iter().map(|key| key.0));
    let keys: Vec<_> = all.iter().collect();
    let [(pulls, _)] = run(conn, PULLS, Args::default().list(&keys)?).await?;
    for row in read::<PullOut>(&pulls)? {
        view.load_pull(row.pull()?);
    }
    let is_light = |key: &&PullKey| !found.pulls.contains(*key) && needs.is_light(**key, view);
    let (light, whole): (Vec<&PullKey>, Vec<&PullKey>) = all.iter().partition(is_light);
    let args = Args::default()
        .list(&whole)?
        .list(&light)?
        .list(&whole)?
        .list(&keys)?;
    let [(items, _), (light, _), (suspended, _), (claims, _)] = run(conn, BY_PULL, args).await?;
    for row in read::<FollowupOut>(&items)?
        .into_iter()
        .chain(read::<FollowupOut>(&light)?)
    {
        view.load_followup(row.item()?);
    }
    for row in read::<SourceOut>(&suspended)? {
        let (source, text, _) = row.source()?;
        view.load_source(source, text);
    }
    for row in read::<ClaimRow>(&claims)? {
        found.claim(row.claim()?);
    }
    Ok(all)
}
