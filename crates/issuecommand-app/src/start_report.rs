//! Reports at startup the credential, how much it can see, and the state of each name in `ALLOWED_REPOS`. Without it a misspelt
//! name, or a token with too little access, would only show as agents without work.

use std::collections::BTreeSet;
use std::time::Duration;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::ports::store::{RepoCount, StoreHealth};
use issuecommand_core::service::Service;
use tokio::time::sleep;

/// How often the end of the first sync is checked.
const FIRST: Duration = Duration::from_secs(1);
/// How often the names are checked afterwards.
const AGAIN: Duration = Duration::from_mins(1);
/// The topic of the standing warnings.
const TOPIC: &str = "allowed";

/// Reports once the mirror knows what the credential sees, and keeps the warnings about names up to date. Never returns.
pub(crate) async fn report(service: Service, allowed: Scope) {
    let mut told = false;
    loop {
        let wait = match look(&service, &allowed, told).await {
            Ok(true) => {
                told = true;
                AGAIN
            }
            // A store error is reported elsewhere.
            Ok(false) | Err(_) => FIRST,
        };
        sleep(wait).await;
    }
}

/// `false` while no sync has ended.
async fn look(service: &Service, allowed: &Scope, told: bool) -> Result<bool, StoreError> {
    let store = service.store();
    let health = store.health(&Scope::All).await?;
    if health.last_sync.is_none() {
        return Ok(false);
    }
    let repos = store.repos().await?;
    if !told {
        let offered = repos
            .iter()
            .filter(|count| count.repo.offered && service.allows(&count.repo.facts.name));
        let (count, issues) = offered.fold((0_u64, 0_u64), |(repos, issues), count| {
            (repos + 1, issues + count.open)
        });
        let whose = match service.viewer().await {
            Ok(login) => format!("the credential of {login}"),
            Err(_) => "a credential whose user GitHub does not tell".to_owned(),
        };
        tracing::info!(
            name: "github.sees", repositories = count, open_issues = issues,
            "GitHub is asked with {whose}: {count} repositories with {issues} open issues are offered"
        );
    }
    if !told {
        let offered = repos.iter().filter(|count| count.repo.offered);
        let public = offered.filter(|count| !count.repo.facts.private);
        let mut served = public.filter(|count| service.allows(&count.repo.facts.name));
        if let Some(public) = served.next().filter(|_| service.trusts_anyone()) {
            let text = trusts_strangers(&public.repo.facts.name);
            tracing::warn!(name: "authors.anyone", "{text}");
        }
    }
    if let Scope::Only(names) = allowed {
        let states = states(service, names, &repos, &health).await?;
        if !told {
            for (name, state) in &states {
                if let NameState::Found { open } = state {
                    tracing::info!(name: "allowed.found", repo = %name, open_issues = open, "ALLOWED_REPOS names a repository that is offered");
                }
            }
        }
        let texts = states
            .iter()
            .filter_map(|(name, state)| state.warning(name));
        let new = service.standing_warnings().set(TOPIC, texts.collect());
        for text in new {
            tracing::warn!(name: "allowed.not_offered", "{text}");
        }
    }
    Ok(true)
}

/// The state of a name in `ALLOWED_REPOS`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum NameState {
    /// Its issues are offered.
    Found {
        /// The number of open issues.
        open: u64,
    },
    /// GitHub shows it, but its issues cannot be offered.
    NoWork,
    /// GitHub does not show it, with GitHub's response if known.
    NotVisible(Option<String>),
}

impl NameState {
    fn warning(&self, name: &RepoName) -> Option<String> {
        match self {
            Self::Found { .. } => None,
            Self::NoWork => Some(no_work(name)),
            Self::NotVisible(why) => {
                let why = why.as_ref().map(|why| format!(" ({why})"));
                Some(format!(
                    "ALLOWED_REPOS names {name}, which the token cannot see: nothing of it is offered{}. Correct the name, or give the \
                     token access to it",
                    why.unwrap_or_default()
                ))
            }
        }
    }
}

/// The recommendation where strangers' issues reach agents.
pub(crate) fn trusts_strangers(name: &RepoName) -> String {
    format!(
        "{name} is public and READY_AUTHORS is anyone: issues of strangers are handed out to agents. READY_AUTHORS=auto hands out those of \
         people with write access, and those that they label agent-ok"
    )
}

/// The message for a repository whose issues cannot be offered.
pub(crate) fn no_work(name: &RepoName) -> String {
    format!(
        "ALLOWED_REPOS names {name}, which is archived or without issues (they are switched off): nothing of it is offered"
    )
}

async fn states(
    service: &Service,
    names: &BTreeSet<RepoName>,
    repos: &[RepoCount],
    health: &StoreHealth,
) -> Result<Vec<(RepoName, NameState)>, StoreError> {
    let found = service.store().allowed_repos(names).await?;
    let state = |name: &RepoName| {
        let repo = found.iter().find(|found| found.asked == *name);
        let repo = repo.map(|found| &found.repo);
        let failed = health.sync_failures.iter().find(|failure| {
            failure.fault.number.is_none() && failure.fault.repo.as_ref() == Some(name)
        });
        match repo {
            Some(repo) if repo.facts.archived && !repo.unseen => NameState::NoWork,
            Some(repo) if repo.offered => {
                let count = repos.iter().find(|count| count.repo.id == repo.id);
                let open = count.map_or(0, |count| count.open);
                NameState::Found { open }
            }
            _ => NameState::NotVisible(failed.map(|failed| failed.fault.reason.clone())),
        }
    };
    Ok(names
        .iter()
        .map(|name| (name.clone(), state(name)))
        .collect())
}
