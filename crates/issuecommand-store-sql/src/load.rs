//! Loading a view: first the keys that a batch is about, then all rows of those keys.
//!
//! The order of the questions and what follows from an answer is here; a backend runs the statements. SQLite answers one of these
//! questions by one call of several statements, PostgreSQL by one call a statement.

mod edges;
mod holdings;
mod loader;
mod pulls;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{ClaimId, IssueKey, PullKey, RepoId};
use issuecommand_core::domain::lane::Lane;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::read_set::{Asking, CHUNK, ReadSet};
use issuecommand_core::engine::view::{View, Window};

pub use self::loader::{
    AskingRows, CandidateQuestion, DependentRows, FoundRows, KeyedRows, Loader, NamedRows,
    PullRelatedRows, WindowItem,
};
use crate::json::{agent_id, count, issue_number, repo_name};
use crate::plain;
use crate::rows::{value, values};

/// What is known so far, before all rows of it are loaded.
#[derive(Default)]
struct LoadState {
    names: BTreeMap<String, RepoId>,
    issues: BTreeSet<IssueKey>,
    repos: BTreeSet<RepoId>,
    claims: BTreeMap<ClaimId, Claim>,
    /// Pull requests of which all events are needed.
    whole_pulls: BTreeSet<PullKey>,
    /// Pull requests of which perhaps not all events are needed.
    pulls: BTreeSet<PullKey>,
}

impl LoadState {
    /// With a claim come its issue, its repository, and the active claim on that issue.
    fn add_claim(&mut self, claim: Claim) {
        self.issues.insert(claim.key());
        self.pulls.extend(claim.pull);
        self.claims.insert(claim.id, claim);
    }
}

/// Loads by the rules of [`ReadSet`], within the transaction of the loader.
///
/// # Errors
/// Whatever the database says; [`StoreError::Corrupt`] for an unreadable row.
pub async fn view<L: Loader>(loader: &mut L, needs: &ReadSet) -> Result<View, StoreError> {
    let mut state = LoadState::default();
    let mut view = named(loader, needs, &mut state).await?;
    if needs.sync_failures {
        view.load_sync_failures(values(loader.sync_failures().await?)?);
    }
    pulls::find(loader, needs, &mut state, &mut view).await?;
    let lanes = asking(loader, &needs.asking, &mut view).await?;
    windows(loader, needs, &lanes, &mut state, &mut view).await?;
    if !needs.expired.is_empty() {
        let expired = values(loader.expired(&needs.expired).await?)?;
        view.load_expired(expired.iter().map(|claim| claim.id).collect());
        for claim in expired {
            state.add_claim(claim);
        }
    }
    if let Some(before) = needs.left_behind {
        let left = values(loader.left_behind(before).await?)?;
        view.load_left_behind(left.iter().map(|claim| claim.id).collect());
        for claim in left {
            state.add_claim(claim);
        }
    }
    if let Some(page) = needs.page {
        let page = loader.page(page).await?;
        state.issues.extend(&page);
        view.load_page(page);
    }
    for (repo, before) in &needs.reported_closed {
        if let Some(repo) = state.names.get(repo) {
            let keys = loader.reported_closed(*repo, *before).await?;
            state.issues.extend(keys);
        }
    }
    for (repo, login, may) in &needs.authors {
        if let Some(repo) = state.names.get(repo) {
            let author = (*repo, login.as_str(), *may);
            state
                .issues
                .extend(loader.issues_of_author(author, CHUNK).await?);
        }
    }
    let known_pulls = pulls::by_pull(loader, needs, &mut state, &mut view).await?;
    if needs.links && !known_pulls.is_empty() {
        links(loader, &known_pulls, &mut state, &mut view).await?;
    }
    by_key(loader, state, &mut view).await?;
    pulls::linked(loader, needs, known_pulls, &mut view).await?;
    edges::load(loader, &needs.edges, &mut view).await?;
    Ok(view)
}

/// Everything that a command names itself.
async fn named<L: Loader>(
    loader: &mut L,
    needs: &ReadSet,
    state: &mut LoadState,
) -> Result<View, StoreError> {
    let mut questions = plain::questions(&needs.tables);
    questions.extend(plain::questions_of_agents(needs));
    let NamedRows {
        next_repo,
        repos,
        names,
        claims,
        plain,
        holdings,
    } = loader.named(needs, &questions).await?;
    let mut view = View::new(next_repo);
    for (question, rows) in questions.iter().zip(&plain) {
        plain::load(question, rows, &mut view.tables)?;
    }
    for (agent, row) in holdings {
        view.load_holding(agent_id(&agent)?, holdings::read(&row)?);
    }
    let names = names.into_iter();
    state.names.extend(names.map(|(key, id)| (key, RepoId(id))));
    state.repos.extend(repos.into_iter().map(RepoId));
    state.repos.extend(state.names.values());
    for (key, number) in &needs.issues {
        let repo = state.names.get(key);
        state.issues.extend(repo.map(|repo| (*repo, *number)));
    }
    for claim in values(claims)? {
        state.add_claim(claim);
    }
    Ok(view)
}

/// What decides what agents are offered, beyond the lists of candidates. Returns the lanes; none where no agent asks.
async fn asking<L: Loader>(
    loader: &mut L,
    asking: &Asking,
    view: &mut View,
) -> Result<Vec<Lane>, StoreError> {
    if asking.agents.is_empty() {
        return Ok(Vec::new());
    }
    let asking = &asking.with_policies(view);
    view.load_counting(asking.counts_pr);
    let rows = loader.asking(asking).await?;
    for (agent, repo, number, at) in rows.gave_back {
        let key = (RepoId(repo), issue_number(number)?);
        view.load_gave_back(agent_id(&agent)?, key, Timestamp(at));
    }
    for (agent, claims) in rows.loads {
        view.load_claims_of(agent_id(&agent)?, count(claims)?);
    }
    if asking.full_at.is_some() {
        let loads = rows.repo_loads.into_iter();
        let loads = loads.map(|(repo, claims)| Ok((RepoId(repo), count(claims)?)));
        view.load_claims_of_repos(loads.collect::<Result<_, StoreError>>()?);
    }
    Ok(rows.lanes)
}

async fn windows<L: Loader>(
    loader: &mut L,
    needs: &ReadSet,
    lanes: &[Lane],
    state: &mut LoadState,
    view: &mut View,
) -> Result<(), StoreError> {
    if needs.windows.is_empty() {
        return Ok(());
    }
    let mut any_complete = false;
    let wanted = needs.candidates(view);
    let passed_over = view.passed_over(needs.asking.full_at);
    // Agents that are admitted to the same lanes share a list.
    let mut shared: BTreeMap<_, Arc<Window>> = BTreeMap::new();
    for need in &needs.windows {
        let admits = |lane: &&Lane| lane.admits(&need.agent);
        let lanes: Vec<&Lane> = lanes.iter().filter(admits).collect();
        let by = (&need.filter, &need.scope, lanes);
        let window = if let Some(window) = shared.get(&by) {
            Arc::clone(window)
        } else {
            // One more than wanted tells whether there are others.
            let question = CandidateQuestion {
                filter: &need.filter,
                scope: &need.scope,
                lanes: &by.2,
                passed_over: &passed_over,
                limit: wanted + 1,
            };
            let mut keys = loader.candidates(question).await?;
            let complete = keys.len() <= wanted;
            keys.truncate(wanted);
            any_complete |= complete;
            state.issues.extend(&keys);
            let window = Arc::new(Window { keys, complete });
            shared.insert(by, Arc::clone(&window));
            window
        };
        view.load_window(need.clone(), window);
    }
    // Only a command that reached the end of a complete list asks whether the mirror is complete.
    if any_complete {
        let (knows_repos, unsynced) = loader.unsynced().await?;
        let unsynced = unsynced.iter().map(|name| repo_name(name));
        view.load_unsynced(knows_repos, unsynced.collect::<Result<_, _>>()?);
    }
    Ok(())
}

/// The other pull requests that are looked at when a claim's link is judged: those that close its issue, and its own.
async fn links<L: Loader>(
    loader: &mut L,
    known_pulls: &BTreeSet<PullKey>,
    state: &mut LoadState,
    view: &mut View,
) -> Result<(), StoreError> {
    state
        .issues
        .extend(loader.closed_issues(known_pulls).await?);
    if state.issues.is_empty() {
        return Ok(());
    }
    for pull in values(loader.pulls_of_issues(&state.issues).await?)? {
        view.load_pull(pull);
    }
    Ok(())
}

/// The rows of all keys: issues, the active claims on them, their repositories.
async fn by_key<L: Loader>(
    loader: &mut L,
    mut state: LoadState,
    view: &mut View,
) -> Result<(), StoreError> {
    state.repos.extend(state.issues.iter().map(|key| key.0));
    for key in &state.issues {
        view.name_issue(*key);
    }
    if state.repos.is_empty() {
        return Ok(());
    }
    let standings = plain::standings_of(&state.issues);
    let rows = loader
        .by_key(&state.issues, &standings, &state.repos)
        .await?;
    plain::load(&standings, &rows.standings, &mut view.tables)?;
    for repo in values(rows.repos)? {
        view.load_repo(repo);
    }
    // After the repositories: two of them may have had one name, and the alias says which has it now.
    for (key, repo) in state.names {
        view.load_name(key, repo);
    }
    for issue in values(rows.issues)? {
        view.load_issue(issue);
    }
    for row in rows.claims {
        let claim = value(row)?;
        state.claims.insert(claim.id, claim);
    }
    for claim in state.claims.into_values() {
        view.load_claim(claim);
    }
    Ok(())
}

/// The statuses of claims that count for capacity, as the engine counts them.
pub fn counted(counts_pr: bool) -> &'static [&'static str] {
    const ALL: &[&str] = &[
        "claimed",
        "in_progress",
        "stale",
        "pr_submitted",
        "pr_merged",
    ];
    if counts_pr { ALL } else { &ALL[..3] }
}
