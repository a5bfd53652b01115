//! Loading a view: the keys of a batch first, then all rows of those keys.

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
use sqlx::postgres::PgRow;

use crate::bulk::{Args, Db, read};
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

/// Loads by the rules of [`ReadSet`], within the caller's transaction. Lists that are empty cost nothing.
pub(crate) async fn view(
    db: &mut Db<'_>,
    needs: &ReadSet,
    next_repo: i64,
) -> Result<View, StoreError> {
    let mut found = Found::default();
    let mut view = View::new(next_repo);
    names(db, needs, &mut found).await?;
    by_name(db, needs, &mut found, &mut view).await?;
    if needs.keys {
        let keys: Vec<KeyRow> = db.read(store::KEYS, Args::default()).await?;
        for row in keys {
            view.load_key(row.key()?);
        }
    }
    if needs.sync_failures {
        let all = Args::default().with(None::<Vec<String>>)?;
        let failures: Vec<SyncFailureRow> = db.read(store::SYNC_FAILURES_OF, all).await?;
        let failures = failures.into_iter().map(SyncFailureRow::failure);
        view.load_sync_failures(failures.collect::<Result<_, _>>()?);
    }
    followups::find(db, needs, &mut found, &mut view).await?;
    if !needs.windows.is_empty() {
        windows(db, needs, &mut found, &mut view).await?;
    }
    if !needs.expired.is_empty() {
        expired(db, needs, &mut found, &mut view).await?;
    }
    if let Some(page) = needs.page {
        let page = page_keys(db, page).await?;
        found.keys.extend(&page);
        view.load_page(page);
    }
    let loaded = followups::by_pull(db, needs, &mut found, &mut view).await?;
    links::by_issue(db, needs, &loaded, &mut found, &mut view).await?;
    by_key(db, found, &mut view).await?;
    followups::linked(db, needs, loaded, &mut view).await?;
    Ok(view)
}

/// Repositories, and the issues in them that a command names.
async fn names(db: &mut Db<'_>, needs: &ReadSet, found: &mut Found) -> Result<(), StoreError> {
    if needs.all_repos {
        let repos: Vec<(i64,)> = db.read(sql::ALL_REPOS, Args::default()).await?;
        found
            .repos
            .extend(repos.into_iter().map(|(id,)| RepoId(id)));
        let names = db.read(sql::ALL_NAMES, Args::default()).await?;
        found.names.extend(aliases(names));
    } else if !needs.repos.is_empty() {
        let names = db
            .read(sql::NAMES, Args::default().texts(&needs.repos)?)
            .await?;
        found.names.extend(aliases(names));
    }
    for key in &needs.repos {
        found.repos.extend(found.names.get(key));
    }
    for (key, number) in &needs.issues {
        found
            .keys
            .extend(found.names.get(key).map(|repo| (*repo, *number)));
    }
    Ok(())
}

/// Everything else that a command names itself.
async fn by_name(
    db: &mut Db<'_>,
    needs: &ReadSet,
    found: &mut Found,
    view: &mut View,
) -> Result<(), StoreError> {
    if !needs.claims.is_empty() {
        let ids = needs.claims.iter().map(ToString::to_string);
        let claims: Vec<ClaimRow> = db.read(sql::CLAIMS, Args::default().texts(ids)?).await?;
        for claim in claims {
            found.claim(claim.claim()?);
        }
    }
    if !needs.leases.is_empty() {
        let args = Args::default().texts(&needs.leases)?;
        let leases: Vec<LeaseRow> = db.read(sql::LEASES, args).await?;
        for lease in leases {
            view.load_lease(lease.lease());
        }
    }
    if !needs.outbox.is_empty() {
        let ids = needs.outbox.iter().map(|id| id.0.to_string());
        let outbox: Vec<OutboxRow> = db.read(sql::OUTBOX, Args::default().texts(ids)?).await?;
        for entry in outbox {
            view.load_outbox(entry.entry()?);
        }
    }
    if !needs.remembered.is_empty() {
        let principals = needs.remembered.iter();
        let principals = principals.map(|(principal, _)| String::from(principal.clone()));
        let args = Args::default()
            .texts(principals)?
            .texts(needs.remembered.iter().map(|(_, key)| key))?;
        let remembered: Vec<RememberedRow> = db.read(sql::REMEMBERED, args).await?;
        for row in remembered {
            view.load_remembered(row.remembered()?);
        }
    }
    Ok(())
}

async fn windows(
    db: &mut Db<'_>,
    needs: &ReadSet,
    found: &mut Found,
    view: &mut View,
) -> Result<(), StoreError> {
    let mut any_complete = false;
    for need in &needs.windows {
        let wanted = needs.consumers;
        // One more than wanted tells whether there are others.
        let mut keys = window::keys(db, &need.filter, &need.scope, wanted + 1).await?;
        let complete = keys.len() <= wanted;
        keys.truncate(wanted);
        any_complete |= complete;
        found.keys.extend(&keys);
        view.load_window(need.clone(), Window { keys, complete });
    }
    // Only a command that came to the end of a complete list asks whether silence means anything.
    if any_complete {
        let known: Vec<(bool,)> = db.read(sql::KNOWS_REPOS, Args::default()).await?;
        let unsynced: Vec<(String,)> = db.read(sql::UNSYNCED, Args::default()).await?;
        let names: Result<Vec<_>, _> = unsynced.iter().map(|(text,)| name(text)).collect();
        view.load_unsynced(known.iter().any(|(known,)| *known), names?);
    }
    Ok(())
}

async fn expired(
    db: &mut Db<'_>,
    needs: &ReadSet,
    found: &mut Found,
    view: &mut View,
) -> Result<(), StoreError> {
    let moments: Vec<i64> = needs.expired.iter().map(|cut| cut.before.0).collect();
    let since: Vec<i64> = needs.expired.iter().map(|cut| cut.since.0).collect();
    let args = Args::default()
        .texts(needs.expired.iter().map(|cut| cut.status.as_str()))?
        .with(moments)?
        .with(chunk())?
        .with(since)?;
    let mut ids = Vec::new();
    let rows: Vec<ClaimRow> = db.read(sql::EXPIRED, args).await?;
    for row in rows {
        let claim = row.claim()?;
        ids.push(claim.id);
        found.claim(claim);
    }
    view.load_expired(ids);
    Ok(())
}

async fn page_keys(db: &mut Db<'_>, page: PageNeed) -> Result<Vec<IssueKey>, StoreError> {
    let (repo, behind) = page
        .after
        .map_or((0, 0), |(repo, number)| (repo.0, number.get()));
    let args = Args::default().with(repo)?.with(behind)?.with(chunk())?;
    keys(&db.rows(sql::PAGE, args).await?)
}

/// The rows of all keys: issues, the active claims on them, their repositories.
async fn by_key(db: &mut Db<'_>, mut found: Found, view: &mut View) -> Result<(), StoreError> {
    found.repos.extend(found.keys.iter().map(|key| key.0));
    if found.repos.is_empty() {
        return Ok(());
    }
    let repos: Vec<i64> = found.repos.iter().map(|repo| repo.0).collect();
    let repos: Vec<RepoRow> = db.read(sql::REPOS, Args::default().with(repos)?).await?;
    for row in repos {
        view.load_repo(row.repo()?);
    }
    // After the repositories: two of them may have had one name, and then it is the alias that says whose it is now.
    for (key, repo) in found.names {
        view.load_name(key, repo);
    }
    if !found.keys.is_empty() {
        let args = Args::default().keys(&found.keys)?;
        let issues: Vec<IssueRow> = db.read(sql::ISSUES, args).await?;
        for row in issues {
            view.load_issue(row.issue()?);
        }
        let args = Args::default().keys(&found.keys)?;
        let claims: Vec<ClaimRow> = db.read(sql::ACTIVE, args).await?;
        for row in claims {
            let claim = row.claim()?;
            found.claims.insert(claim.id, claim);
        }
    }
    for claim in found.claims.into_values() {
        view.load_claim(claim);
    }
    Ok(())
}

/// [`CHUNK`] as the database counts.
fn chunk() -> i64 {
    i64::try_from(CHUNK).unwrap_or(i64::MAX)
}

fn aliases(names: Vec<(String, i64)>) -> impl Iterator<Item = (String, RepoId)> {
    names.into_iter().map(|(key, repo)| (key, RepoId(repo)))
}

pub(crate) fn keys(rows: &[PgRow]) -> Result<Vec<IssueKey>, StoreError> {
    let keys: Vec<(i64, i64)> = read(rows)?;
    keys.into_iter()
        .map(|(repo, issue)| Ok((RepoId(repo), number(issue)?)))
        .collect()
}
