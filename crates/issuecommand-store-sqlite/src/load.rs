//! Loading a view: the keys of a batch first, then all rows of those keys in one call.

pub(crate) mod followups;
pub(crate) mod links;
pub(crate) mod sql;
pub(crate) mod window;

use std::collections::{BTreeMap, BTreeSet};

use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{ClaimId, IssueKey, PullKey, RepoId};
use issuecommand_core::engine::read_set::{CHUNK, PageNeed, ReadSet};
use issuecommand_core::engine::view::{View, Window};
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::bulk::{Args, read, rows, run};
use crate::rows::keys::KeyRow;
use crate::rows::{
    ClaimRow, IssueRow, LeaseRow, OutboxRow, RememberedRow, RepoRow, SyncFailureRow, name, number,
};
use crate::store::sql as store;

/// What was found on the way, before it goes into the view.
#[derive(Default)]
struct Found {
    names: BTreeMap<String, RepoId>,
    keys: BTreeSet<IssueKey>,
    repos: BTreeSet<RepoId>,
    claims: BTreeMap<ClaimId, Claim>,
    /// Of these all events are needed.
    pulls: BTreeSet<PullKey>,
    /// Of these, perhaps not.
    talked_on: BTreeSet<PullKey>,
}

impl Found {
    /// With a claim come its issue, its repository, and the active claim on that issue.
    fn claim(&mut self, claim: Claim) {
        self.keys.insert(claim.key());
        self.talked_on.extend(claim.pull);
        self.claims.insert(claim.id, claim);
    }
}

/// Loads by the rules of [`ReadSet`], within the caller's transaction.
pub(crate) async fn view(conn: &mut SqliteConnection, needs: &ReadSet) -> Result<View, StoreError> {
    let mut found = Found::default();
    // The first repository gets 1, and none is ever deleted.
    let mut next_repo = 1;
    if needs.all_repos {
        let [(repos, _), (names, _)] = run(conn, sql::ALL_REPOS, Args::default()).await?;
        let repos: Vec<(i64,)> = read(&repos)?;
        next_repo = repos.last().map_or(1, |(last,)| last + 1);
        found
            .repos
            .extend(repos.into_iter().map(|(id,)| RepoId(id)));
        found.names.extend(aliases(&names)?);
    }
    let mut view = by_name(conn, needs, &mut found, next_repo).await?;
    if needs.keys {
        for row in read::<KeyRow>(&rows(conn, store::KEYS, Args::default()).await?)? {
            view.load_key(row.key()?);
        }
    }
    if needs.sync_failures {
        let all = Args::default().with(None::<String>)?;
        let failures = rows(conn, store::SYNC_FAILURES_OF, all).await?;
        let failures = read::<SyncFailureRow>(&failures)?.into_iter();
        let failures = failures.map(SyncFailureRow::failure);
        view.load_sync_failures(failures.collect::<Result<_, _>>()?);
    }
    followups::find(conn, needs, &mut found, &mut view).await?;
    if !needs.windows.is_empty() {
        windows(conn, needs, &mut found, &mut view).await?;
    }
    if !needs.expired.is_empty() {
        expired(conn, needs, &mut found, &mut view).await?;
    }
    if let Some(page) = needs.page {
        let page = page_keys(conn, page).await?;
        found.keys.extend(&page);
        view.load_page(page);
    }
    let loaded = followups::by_pull(conn, needs, &mut found, &mut view).await?;
    links::by_issue(conn, needs, &loaded, &mut found, &mut view).await?;
    by_key(conn, found, &mut view).await?;
    followups::linked(conn, needs, loaded, &mut view).await?;
    Ok(view)
}

/// Everything that a command names itself. Only a command that names a repository can make one.
async fn by_name(
    conn: &mut SqliteConnection,
    needs: &ReadSet,
    found: &mut Found,
    next_repo: i64,
) -> Result<View, StoreError> {
    let names: Vec<&String> = needs.repos.iter().collect();
    let claims: Vec<String> = needs.claims.iter().map(ToString::to_string).collect();
    let leases: Vec<&String> = needs.leases.iter().collect();
    let outbox: Vec<String> = needs.outbox.iter().map(|id| id.0.to_string()).collect();
    let remembered: Vec<_> = needs.remembered.iter().collect();
    let nothing = names.is_empty()
        && claims.is_empty()
        && leases.is_empty()
        && outbox.is_empty()
        && remembered.is_empty();
    if nothing {
        return Ok(View::new(next_repo));
    }
    let args = Args::default()
        .list(&names)?
        .list(&claims)?
        .list(&leases)?
        .list(&outbox)?
        .list(&remembered)?;
    let [
        (names, _),
        (claims, _),
        (leases, _),
        (outbox, _),
        (remembered, _),
        (next_repo, _),
    ] = run(conn, sql::BY_NAME, args).await?;
    let next_repo: Vec<(i64,)> = read(&next_repo)?;
    let mut view = View::new(next_repo.first().map_or(1, |(next,)| *next));
    found.names.extend(aliases(&names)?);
    found.repos.extend(found.names.values());
    for (key, number) in &needs.issues {
        found
            .keys
            .extend(found.names.get(key).map(|repo| (*repo, *number)));
    }
    for claim in read::<ClaimRow>(&claims)? {
        found.claim(claim.claim()?);
    }
    for lease in read::<LeaseRow>(&leases)? {
        view.load_lease(lease.lease());
    }
    for entry in read::<OutboxRow>(&outbox)? {
        view.load_outbox(entry.entry()?);
    }
    for row in read::<RememberedRow>(&remembered)? {
        view.load_remembered(row.remembered()?);
    }
    Ok(view)
}

async fn windows(
    conn: &mut SqliteConnection,
    needs: &ReadSet,
    found: &mut Found,
    view: &mut View,
) -> Result<(), StoreError> {
    let mut any_complete = false;
    for need in &needs.windows {
        let wanted = needs.consumers;
        // One more than wanted tells whether there are others.
        let mut keys = window::keys(conn, &need.filter, &need.scope, wanted + 1).await?;
        let complete = keys.len() <= wanted;
        keys.truncate(wanted);
        any_complete |= complete;
        found.keys.extend(&keys);
        view.load_window(need.clone(), Window { keys, complete });
    }
    // Only a command that came to the end of a complete list asks whether silence means anything.
    if any_complete {
        let [(known, _), (unsynced, _)] = run(conn, sql::UNSYNCED, Args::default()).await?;
        let known: Vec<(bool,)> = read(&known)?;
        let unsynced: Vec<(String,)> = read(&unsynced)?;
        let names: Result<Vec<_>, _> = unsynced.iter().map(|(text,)| name(text)).collect();
        view.load_unsynced(known.iter().any(|(known,)| *known), names?);
    }
    Ok(())
}

async fn expired(
    conn: &mut SqliteConnection,
    needs: &ReadSet,
    found: &mut Found,
    view: &mut View,
) -> Result<(), StoreError> {
    let cutoffs: Vec<(&str, i64, i64)> = needs
        .expired
        .iter()
        .map(|cut| (cut.status.as_str(), cut.before.0, cut.since.0))
        .collect();
    let args = Args::default().list(&cutoffs)?.with(chunk())?;
    let mut ids = Vec::new();
    for row in read::<ClaimRow>(&rows(conn, sql::EXPIRED, args).await?)? {
        let claim = row.claim()?;
        ids.push(claim.id);
        found.claim(claim);
    }
    view.load_expired(ids);
    Ok(())
}

async fn page_keys(
    conn: &mut SqliteConnection,
    page: PageNeed,
) -> Result<Vec<IssueKey>, StoreError> {
    let (repo, behind) = page
        .after
        .map_or((0, 0), |(repo, number)| (repo.0, number.get()));
    let args = Args::default().with(repo)?.with(behind)?.with(chunk())?;
    keys(&rows(conn, sql::PAGE, args).await?)
}

/// The rows of all keys: issues, the active claims on them, their repositories.
async fn by_key(
    conn: &mut SqliteConnection,
    mut found: Found,
    view: &mut View,
) -> Result<(), StoreError> {
    found.repos.extend(found.keys.iter().map(|key| key.0));
    if found.repos.is_empty() {
        return Ok(());
    }
    let keys: Vec<&IssueKey> = found.keys.iter().collect();
    let repos: Vec<&RepoId> = found.repos.iter().collect();
    let args = Args::default()
        .list(&keys)?
        .list(&keys)?
        .list(&keys)?
        .list(&repos)?;
    let [(issues, _), (claims, _), (reopenable, _), (repos, _)] =
        run(conn, sql::BY_KEY, args).await?;
    for row in read::<RepoRow>(&repos)? {
        view.load_repo(row.repo()?);
    }
    // After the repositories: two of them may have had one name, and then it is the alias that says whose it is now.
    for (key, repo) in found.names {
        view.load_name(key, repo);
    }
    for row in read::<IssueRow>(&issues)? {
        view.load_issue(row.issue()?);
    }
    let claims = read::<ClaimRow>(&claims)?.into_iter();
    for row in claims.chain(read::<ClaimRow>(&reopenable)?) {
        let claim = row.claim()?;
        found.claims.insert(claim.id, claim);
    }
    for claim in found.claims.into_values() {
        view.load_claim(claim);
    }
    Ok(())
}

/// [`CHUNK`] as SQLite counts.
fn chunk() -> i64 {
    i64::try_from(CHUNK).unwrap_or(i64::MAX)
}

fn aliases(rows: &[SqliteRow]) -> Result<Vec<(String, RepoId)>, StoreError> {
    let names: Vec<(String, i64)> = read(rows)?;
    Ok(names
        .into_iter()
        .map(|(key, repo)| (key, RepoId(repo)))
        .collect())
}

pub(crate) fn keys(rows: &[SqliteRow]) -> Result<Vec<IssueKey>, StoreError> {
    let keys: Vec<(i64, i64)> = read(rows)?;
    keys.into_iter()
        .map(|(repo, issue)| Ok((RepoId(repo), number(issue)?)))
        .collect()
}
