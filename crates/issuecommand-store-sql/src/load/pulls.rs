//! Loading what belongs to pull requests: which ones a batch is about, then all rows of these.

use std::collections::{BTreeMap, BTreeSet};

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::WorkItemId;
use issuecommand_core::domain::id::{IssueNumber, PullKey, RepoId};
use issuecommand_core::engine::read_set::ReadSet;
use issuecommand_core::engine::view::{FollowupWindow, View};

use super::{LoadState, Loader, WindowItem, by_key};
use crate::json::{issue_number, item_id};
use crate::rows::values;

/// Which pull requests the batch is about; asks nothing for a batch that is about none.
pub(super) async fn find<L: Loader>(
    loader: &mut L,
    needs: &ReadSet,
    state: &mut LoadState,
    view: &mut View,
) -> Result<(), StoreError> {
    for (key, number) in &needs.pulls {
        let repo = state.names.get(key);
        state.pulls.extend(repo.map(|repo| (*repo, *number)));
    }
    for (claim, number) in &needs.pulls_of_claims {
        let repo = state.claims.get(claim).map(|claim| claim.repo);
        state.whole_pulls.extend(repo.map(|repo| (repo, *number)));
    }
    let mut github_ids = needs.github_ids.clone();
    let named_by_id = needs.issues_by_id.iter().chain(&needs.pulls_by_id);
    github_ids.extend(named_by_id.map(|(id, _)| *id));
    let nothing = github_ids.is_empty()
        && needs.items.is_empty()
        && needs.sources.is_empty()
        && needs.tables.deliveries.keys.is_empty()
        && needs.expired_items.is_none()
        && needs.followup_windows.is_empty();
    if nothing {
        return Ok(());
    }
    let paused = view.paused_repos();
    let rows = loader.found(needs, &github_ids, &paused).await?;
    add_by_github_id(needs, rows.repos, state);
    state.whole_pulls.extend(rows.items);
    for row in values(rows.sources)? {
        // A command may withdraw an event that is part of a follow-up of another pull request than it names.
        let is_named = |key: &PullKey| needs.whole_pulls.is_empty() && state.pulls.contains(key);
        let other = row.pull.filter(|key| !is_named(key));
        state.whole_pulls.extend(other);
        view.load_source(row.source, row.event);
    }
    for delivery in values(rows.deliveries)? {
        view.tables.deliveries.load(delivery);
    }
    if needs.expired_items.is_some() {
        view.load_expired_followups(add_items(rows.expired, state)?);
    }
    for (need, mut items) in needs.followup_windows.iter().zip(rows.windows) {
        let wanted = needs.consumers + needs.passed_over;
        let complete = items.len() <= wanted;
        items.truncate(wanted);
        let items = add_items(items, state)?;
        view.load_followup_window(need.clone(), FollowupWindow { items, complete });
    }
    Ok(())
}

fn add_by_github_id(needs: &ReadSet, repos: Vec<(i64, i64)>, state: &mut LoadState) {
    let repos: BTreeMap<i64, i64> = repos.into_iter().collect();
    state.repos.extend(repos.values().copied().map(RepoId));
    let key = |(github_id, number): &(i64, IssueNumber)| {
        let repo = repos.get(github_id)?;
        Some((RepoId(*repo), *number))
    };
    let issues = needs.issues_by_id.iter();
    state.issues.extend(issues.filter_map(key));
    let pulls = needs.pulls_by_id.iter();
    state.pulls.extend(pulls.filter_map(key));
}

/// The ids of follow-ups, whose pull requests are loaded with all of their events.
fn add_items(items: Vec<WindowItem>, state: &mut LoadState) -> Result<Vec<WorkItemId>, StoreError> {
    let mut ids = Vec::with_capacity(items.len());
    for (id, repo, pull) in items {
        let key = (RepoId(repo), issue_number(pull)?);
        state.whole_pulls.insert(key);
        ids.push(item_id(&id)?);
    }
    Ok(ids)
}

/// The pull requests that the claims which were found last name or may get, beside those that were loaded, with who else names
/// them.
pub(super) async fn linked<L: Loader>(
    loader: &mut L,
    needs: &ReadSet,
    mut known_pulls: BTreeSet<PullKey>,
    view: &mut View,
) -> Result<(), StoreError> {
    loop {
        // The end of a claim moves the follow-ups that its agent holds, and needs none of their events.
        let mut state = LoadState {
            pulls: view.linked().difference(&known_pulls).copied().collect(),
            ..LoadState::default()
        };
        if state.pulls.is_empty() {
            return Ok(());
        }
        known_pulls.extend(by_pull(loader, needs, &mut state, view).await?);
        by_key(loader, state, view).await?;
    }
}

/// Each pull request with its open follow-ups and the claims that name it. Returns which.
pub(super) async fn by_pull<L: Loader>(
    loader: &mut L,
    needs: &ReadSet,
    state: &mut LoadState,
    view: &mut View,
) -> Result<BTreeSet<PullKey>, StoreError> {
    let all: BTreeSet<PullKey> = state.whole_pulls.union(&state.pulls).copied().collect();
    if all.is_empty() {
        return Ok(all);
    }
    state.repos.extend(all.iter().map(|key| key.0));
    for pull in values(loader.pulls(&all).await?)? {
        view.load_pull(pull);
    }
    let is_light = |key: &PullKey| !state.whole_pulls.contains(key) && needs.is_light(*key, view);
    let (light, whole) = all.iter().copied().partition(is_light);
    let rows = loader.by_pull(&whole, &light).await?;
    for followup in values(rows.followups)? {
        view.load_followup(followup);
    }
    for row in values(rows.suspended)? {
        view.load_source(row.source, row.event);
    }
    for claim in values(rows.claims)? {
        state.add_claim(claim);
    }
    Ok(all)
}
