//! What needs a person, for notifications.

use async_trait::async_trait;
use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::failure::Failure;
use issuecommand_core::domain::halt::{Halt, HaltOf};
use issuecommand_core::domain::notification::Endpoint;
use issuecommand_core::domain::sync::SyncFailure;
use issuecommand_core::domain::time::{Millis, Timestamp};
use issuecommand_core::ports::store::ClaimFilter;
use issuecommand_core::service::{Service, ServiceError};
use issuecommand_notify::{Concern, ConcernSource};

/// How many stale claims are looked at.
const MOST: u32 = 1_000;
/// A sync must have failed for so long.
const FAILING: Millis = Millis::minutes(60);

/// What needs a person by what the store has.
#[derive(Debug)]
pub(super) struct StoreAttention;

#[async_trait]
impl ConcernSource for StoreAttention {
    async fn concerns(&self, service: &Service) -> Result<Vec<Concern>, Failure> {
        let caller = Caller::system();
        let now = service.clock().now();
        let mut concerns = Vec::new();
        let health = service.health(&caller).await.map_err(failure)?;
        let failing = health.store.sync_failures.iter();
        let failing = failing.filter(|failure| failure.since.plus(FAILING) <= now);
        concerns.extend(failing.map(sync));
        if health.store.dead_deliveries > 0 {
            concerns.push(dead(health.store.dead_deliveries));
        }
        let stale = ClaimFilter {
            status: Some(ClaimStatus::Stale),
            limit: Some(MOST),
            ..ClaimFilter::default()
        };
        let stale = service.claims(&caller, stale).await.map_err(failure)?;
        concerns.extend(stale.iter().map(silent));
        let halts = health.halts.iter();
        concerns.extend(halts.filter_map(|halt| looping(&halt.halt)));
        let endpoints = service.endpoints(&caller).await.map_err(failure)?;
        concerns.extend(endpoints.iter().filter_map(disabled));
        Ok(concerns)
    }
}

fn failure(error: ServiceError) -> Failure {
    match error {
        ServiceError::Failed(failure) => failure,
        ServiceError::Refused(_) | ServiceError::NoWork { .. } => {
            Failure::Internal("IssueCommand itself was refused".to_owned())
        }
    }
}

fn concern(kind: &str, key: &str, message: String) -> Concern {
    Concern {
        kind: kind.to_owned(),
        key: format!("{kind}:{key}"),
        repo: None,
        number: None,
        pull: None,
        agent: None,
        title: None,
        message,
        command: None,
        url: None,
    }
}

fn sync(failure: &SyncFailure) -> Concern {
    let fault = &failure.fault;
    let message = format!("{fault} cannot be read from GitHub: {}", fault.reason);
    Concern {
        repo: fault.repo.clone(),
        command: Some("issuecommand doctor".to_owned()),
        ..concern("sync_failing", &fault.to_string(), message)
    }
}

fn dead(count: u64) -> Concern {
    let message = format!("{count} deliveries of GitHub could not be applied");
    Concern {
        command: Some("issuecommand doctor".to_owned()),
        ..concern("deliveries_dead", "all", message)
    }
}

fn silent(claim: &Claim) -> Concern {
    let (repo, number, agent) = (&claim.repo_name, claim.number.get(), &claim.agent);
    let message = format!("No sign of life from {agent} for too long");
    Concern {
        repo: Some(repo.clone()),
        number: Some(number),
        agent: Some(agent.to_string()),
        title: Some(claim.title.clone()),
        command: Some(format!("issuecommand release {repo}#{number}")),
        ..concern("claim_stale", &claim.id.to_string(), message)
    }
}

fn looping(halt: &Halt) -> Option<Concern> {
    let HaltOf::Agent(agent) = &halt.of else {
        return None;
    };
    let message = "It gave back one issue after the other at once, so it is paused".to_owned();
    (halt.by == Halt::LOOP).then(|| Concern {
        agent: Some(agent.to_string()),
        command: Some(format!("issuecommand resume --agent {agent}")),
        ..concern("agent_looping", agent.as_str(), message)
    })
}

fn disabled(endpoint: &Endpoint) -> Option<Concern> {
    let name = &endpoint.name;
    let (_, why): &(Timestamp, String) = endpoint.disabled.as_ref()?;
    let message = format!("Nothing is sent to {name} any more: {why}");
    Some(Concern {
        command: Some(format!("issuecommand notify test {name}")),
        ..concern("endpoint_disabled", name, message)
    })
}
