//! System: whether all is well, what GitHub was asked, what waits to be applied or written, keys and settings.

use askama::Template;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::{AccessKey, KeyState};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::ports::store::RepoCount;
use issuecommand_core::service::ServiceError;
use issuecommand_wire::ApiError;
use issuecommand_wire::call::{ListDeliveries, ListOutbox, SystemHealth};
use issuecommand_wire::record::{HealthRecord, SyncFailureRecord};
use issuecommand_wire::response::{DeliveriesResponse, OutboxResponse};

use super::{CallRunner, NoFilters, ScreenParts, link, screen};
use crate::options::ShownSetting;
use crate::person::manages_keys;
use crate::view::{View, chip, duration};

#[derive(Template)]
#[template(path = "system.html")]
struct System<'a> {
    view: View,
    health: &'a HealthRecord,
    repos: &'a [RepoCount],
    deliveries: Option<&'a DeliveriesResponse>,
    outbox: Option<&'a OutboxResponse>,
    keys: Option<&'a [AccessKey]>,
    operates: bool,
    settings: &'a [ShownSetting],
}

impl System<'_> {
    fn uptime(&self) -> String {
        duration(self.health.uptime_seconds)
    }

    /// The failures of the sync in a repository.
    fn failures(&self, known: &RepoCount) -> Vec<&SyncFailureRecord> {
        let name = known.repo.facts.name.to_string();
        let failures = self.health.sync_failures.iter();
        failures
            .filter(|failure| failure.repo.as_deref() == Some(name.as_str()))
            .collect()
    }

    /// What of the sync concerns no repository of the list.
    fn other_failures(&self) -> Vec<&SyncFailureRecord> {
        let names: Vec<String> = self
            .repos
            .iter()
            .map(|known| known.repo.facts.name.to_string())
            .collect();
        let failures = self.health.sync_failures.iter();
        failures
            .filter(|failure| {
                !failure
                    .repo
                    .as_ref()
                    .is_some_and(|repo| names.contains(repo))
            })
            .collect()
    }

    fn polled(&self, known: &RepoCount) -> Option<String> {
        known.repo.polled_at.map(|at| at.to_string())
    }

    fn key_state(&self, key: &AccessKey) -> String {
        match key.state(self.view.now) {
            KeyState::Good => chip("p", "good"),
            KeyState::Expired => chip("q", "expired"),
            KeyState::Revoked => chip("", "revoked"),
        }
        .to_string()
    }

    fn may(&self, key: &AccessKey) -> String {
        let agent = key.agent.as_ref().map(|agent| format!("as {agent} only"));
        let repos = match &key.scope {
            Scope::All => None,
            Scope::Only(repos) => {
                let names: Vec<&str> = repos.iter().map(RepoName::as_str).collect();
                Some(format!("in {}", names.join(", ")))
            }
        };
        let reads = key.read_only.then(|| "read only".to_owned());
        let parts: Vec<String> = [reads, agent, repos].into_iter().flatten().collect();
        if parts.is_empty() {
            "everything".to_owned()
        } else {
            parts.join(", ")
        }
    }

    fn at(&self, at: &Timestamp) -> String {
        self.view.moment(&at.to_string()).to_string()
    }

    fn failed_writes(&self, list: &OutboxResponse) -> usize {
        let failed = list.writes.iter().filter(|write| write.state == "failed");
        failed.count()
    }

    fn is_good(&self, key: &AccessKey) -> bool {
        key.state(self.view.now) == KeyState::Good
    }

    fn act(&self, act: &str, name: &str, value: &str) -> String {
        let back = Some(self.view.back.as_str());
        link(
            &format!("/ui/act/{act}"),
            &[(name, Some(value)), ("back", back)],
        )
    }
}

pub(super) async fn render(asker: &CallRunner<'_>, view: View) -> Result<ScreenParts, ApiError> {
    let health = asker.ask::<SystemHealth>(&[]).await?.health;
    let repos = asker.repos().await?;
    let (mut deliveries, mut outbox, mut keys) = (None, None, None);
    if view.sees_all {
        deliveries = Some(asker.ask::<ListDeliveries>(&[]).await?);
        outbox = Some(asker.ask::<ListOutbox>(&[]).await?);
    }
    let manages_keys = manages_keys(asker.caller);
    if manages_keys {
        let known = asker.web.service().store().keys().await;
        keys = Some(known.map_err(|error| ApiError::from(&ServiceError::from(error)))?);
    }
    let page = System {
        settings: if manages_keys {
            &asker.web.options().settings
        } else {
            &[]
        },
        view,
        health: &health,
        repos: &repos,
        deliveries: deliveries.as_ref(),
        outbox: outbox.as_ref(),
        keys: keys.as_deref(),
        operates: manages_keys && asker.web.options().operator.is_some(),
    };
    Ok(screen("System", &NoFilters, &page))
}
