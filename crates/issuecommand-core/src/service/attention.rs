//! What does not go on without a person.

mod kind;

pub use self::kind::AttentionKind;
use super::{Service, ShownHalt};
use crate::domain::access::{Caller, Scope};
use crate::domain::attempt::ReleaseOutcome;
use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::edge::Cycle;
use crate::domain::failure::StoreError;
use crate::domain::followup::WorkItemId;
use crate::domain::halt::{Halt, HaltOf};
use crate::domain::id::{AgentId, ClaimId, IssueNumber};
use crate::domain::outbox::OutboxEntry;
use crate::domain::park::ParkReason;
use crate::domain::repo_name::RepoName;
use crate::domain::sync::SyncFailure;
use crate::domain::time::Timestamp;
use crate::ports::read_model::{
    AttentionQuery, BrokenPolicy, ParkedIssue, UnclaimedFeedback, WorkingQuery,
};
use crate::ports::store::{StoreHealth, WithheldIssue};

/// How many rows of a kind are looked at.
const MOST: u32 = 1_000;

/// One thing that does not go on without a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attention {
    /// What.
    pub kind: AttentionKind,
    /// The same as long as it lasts, and of nothing else.
    pub key: String,
    /// The repository.
    pub repo: Option<RepoName>,
    /// The issue.
    pub number: Option<IssueNumber>,
    /// The pull request.
    pub pull: Option<IssueNumber>,
    /// The title of the issue or the pull request.
    pub title: Option<String>,
    /// Its page on GitHub.
    pub url: Option<String>,
    /// The agent.
    pub agent: Option<AgentId>,
    /// The claim.
    pub claim: Option<ClaimId>,
    /// The follow-up.
    pub item: Option<WorkItemId>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// When the agent of a stale claim was last heard.
    pub alive_at: Option<Timestamp>,
    /// How many it stands for.
    pub count: Option<u64>,
    /// One sentence. Notes in it are texts of agents and people.
    pub message: String,
    /// The command that a person may give next.
    pub command: Option<String>,
}

impl Attention {
    fn new(kind: AttentionKind, key: impl std::fmt::Display, message: String) -> Self {
        Self {
            kind,
            key: format!("{}:{key}", kind.as_str()),
            repo: None,
            number: None,
            pull: None,
            title: None,
            url: None,
            agent: None,
            claim: None,
            item: None,
            since: None,
            alive_at: None,
            count: None,
            message,
            command: None,
        }
    }

    fn stale(claim: &Claim) -> Self {
        let (repo, number, agent) = (&claim.repo_name, claim.number, claim.agent.as_str());
        let message = format!("No sign of life from {agent} for too long");
        Self {
            since: claim.stale_at,
            alive_at: Some(claim.last_sign_of_life()),
            command: Some(format!("issuecommand release {repo}#{number}")),
            claim: Some(claim.id),
            number: Some(number),
            repo: Some(repo.clone()),
            title: Some(claim.title.clone()),
            agent: Some(claim.agent.clone()),
            ..Self::new(AttentionKind::ClaimStale, claim.id, message)
        }
    }

    fn parked(issue: ParkedIssue) -> Self {
        let ParkedIssue {
            repo,
            number,
            title,
            url,
            parked,
        } = issue;
        let kind = match parked.why {
            ParkReason::Attempts(_) => AttentionKind::IssueTried,
            ParkReason::Outcome(_) | ParkReason::Person => AttentionKind::IssueParked,
        };
        let count = match parked.why {
            ParkReason::Attempts(n) => Some(u64::from(n)),
            ParkReason::Outcome(_) | ParkReason::Person => None,
        };
        let by_agent = AgentId::parse(&parked.by).ok();
        let agent = by_agent.filter(|_| parked.why != ParkReason::Person);
        let mut message = match parked.why {
            ParkReason::Attempts(n) => format!("{n} attempts ended without a merge"),
            ParkReason::Outcome(outcome) => {
                format!("{} gave it back as {}", parked.by, words(outcome))
            }
            ParkReason::Person => format!("{} parked it", parked.by),
        };
        if let Some(note) = &parked.note {
            message = format!("{message}: {note}");
        }
        Self {
            command: Some(format!("issuecommand offer {repo}#{number}")),
            since: Some(parked.at),
            title: Some(title),
            url: Some(url),
            number: Some(number),
            agent,
            count,
            ..Self::new(kind, format!("{repo}#{number}"), message)
        }
        .of(repo)
    }

    fn unclaimed(item: UnclaimedFeedback) -> Self {
        let UnclaimedFeedback {
            id,
            repo,
            number,
            url,
            title,
            kind: _,
            status: _,
            since,
            author,
        } = item;
        let message = match &author {
            Some(agent) => format!(
                "Feedback waits, and neither {} nor another agent has taken it",
                agent.as_str()
            ),
            None => "Feedback waits, and no agent has taken it".to_owned(),
        };
        Self {
            command: Some(format!("issuecommand give {repo}!{number} AGENT")),
            pull: Some(number),
            url: Some(url),
            title: Some(title),
            since: Some(since),
            agent: author,
            item: Some(id),
            ..Self::new(AttentionKind::FeedbackUnclaimed, id, message)
        }
        .of(repo)
    }

    fn failed_write(entry: &OutboxEntry) -> Self {
        let (repo, number) = entry.write.issue();
        let why = entry.error.as_deref().unwrap_or("GitHub refused it");
        let message = format!("The issue could not be closed on GitHub: {why}");
        Self {
            number: Some(number),
            since: entry.failed_at,
            claim: entry.claim,
            ..Self::new(AttentionKind::WriteFailed, entry.id.0, message)
        }
        .of(repo.clone())
    }

    fn close_failed(issue: WithheldIssue) -> Self {
        let WithheldIssue {
            repo,
            number,
            since,
        } = issue;
        let message =
            "Its agent finished it, and GitHub refuses to close it: close it there".to_owned();
        let key = format!("{repo}#{number}");
        Self {
            number: Some(number),
            since: Some(since),
            command: Some(format!("issuecommand show {repo}#{number}")),
            ..Self::new(AttentionKind::CloseFailed, key, message)
        }
        .of(repo)
    }

    fn policy(broken: BrokenPolicy) -> Self {
        let BrokenPolicy { repo, error, since } = broken;
        let message = format!("Its policy cannot be taken, and the last good one holds: {error}");
        Self {
            since: Some(since),
            ..Self::new(AttentionKind::PolicyBroken, &repo, message)
        }
        .of(repo)
    }

    fn cycle(cycle: &Cycle) -> Option<Self> {
        let first = cycle.issues.first()?;
        let all: Vec<String> = cycle.issues.iter().map(ToString::to_string).collect();
        let message = format!(
            "They block each other in a circle: {}. Remove one of the dependencies",
            all.join(", ")
        );
        let line = Self {
            number: Some(first.number),
            command: Some(format!("issuecommand explain {first}")),
            count: Some(all.len() as u64),
            ..Self::new(AttentionKind::DependencyCycle, first, message)
        };
        Some(line.of(first.repo.clone()))
    }

    fn looping(halt: &Halt) -> Option<Self> {
        let HaltOf::Agent(agent) = &halt.of else {
            return None;
        };
        let message = halt.note.clone().unwrap_or_else(|| {
            "It gave back one issue after the other at once, so it is paused".to_owned()
        });
        (halt.by == Halt::LOOP).then(|| Self {
            since: Some(halt.at),
            command: Some(format!("issuecommand resume --agent {}", agent.as_str())),
            agent: Some(agent.clone()),
            ..Self::new(AttentionKind::AgentLooping, agent.as_str(), message)
        })
    }

    fn sync_failure(failure: SyncFailure) -> Self {
        let SyncFailure { fault, since } = failure;
        // GitHub answers 401 to a credential that it does not know.
        let refused = fault.repo.is_none() && fault.reason.contains("401");
        let kind = if refused {
            AttentionKind::CredentialsRefused
        } else {
            AttentionKind::SyncFailing
        };
        let message = format!("{fault} cannot be read from GitHub: {}", fault.reason);
        let line = Self {
            since: Some(since),
            number: fault.number,
            command: Some("issuecommand doctor".to_owned()),
            ..Self::new(kind, &fault, message)
        };
        match fault.repo {
            Some(repo) => line.of(repo),
            None => line,
        }
    }

    fn of(self, repo: RepoName) -> Self {
        Self {
            repo: Some(repo),
            ..self
        }
    }
}

fn words(outcome: ReleaseOutcome) -> String {
    outcome.as_str().replace('_', " ")
}

/// What is read for the lines by the overview itself.
pub(super) struct Known<'a> {
    pub(super) health: &'a StoreHealth,
    pub(super) halts: &'a [ShownHalt],
    /// No repository and no agent was asked for.
    pub(super) is_whole: bool,
}

impl Service {
    /// All that does not go on without a person and that the caller may see, the most urgent first.
    pub(super) async fn attention(
        &self,
        caller: &Caller,
        scope: &Scope,
        agent: Option<&AgentId>,
        known: Known<'_>,
    ) -> Result<Vec<Attention>, StoreError> {
        let now = self.clock.now();
        let unclaimed_before = self.policy.feedback_unclaimed.map(|age| now.minus(age));
        let query = AttentionQuery {
            scope: scope.clone(),
            unclaimed_before,
            most: MOST,
        };
        let rows = self.store.attention(&query).await?;
        let stale = WorkingQuery {
            agent: agent.cloned(),
            status: Some(ClaimStatus::Stale),
            scope: scope.clone(),
            after: None,
            limit: MOST,
        };
        let stale = self.store.working(&stale).await?.into_iter();
        let mut lines: Vec<Attention> = stale
            .map(|working| Attention::stale(&self.shown(working.claim)))
            .collect();
        lines.extend(rows.parked.into_iter().map(Attention::parked));
        lines.extend(rows.unclaimed.into_iter().map(Attention::unclaimed));
        lines.extend(rows.failed_writes.iter().map(Attention::failed_write));
        lines.extend(rows.policies.into_iter().map(Attention::policy));
        let mut cycles = self.store.dependency_cycles().await?;
        cycles.retain(|cycle| cycle.issues.iter().all(|place| scope.has(&place.repo)));
        lines.extend(cycles.iter().filter_map(Attention::cycle));
        let halts = known.halts.iter();
        lines.extend(halts.filter_map(|shown| Attention::looping(&shown.halt)));
        let failing = known.health.sync_failures.iter();
        lines.extend(failing.cloned().map(Attention::sync_failure));
        let withheld = known.health.close_failed.iter();
        lines.extend(withheld.cloned().map(Attention::close_failed));
        if known.is_whole && self.sight(caller) == Scope::All {
            lines.extend(self.of_the_service(known.health).await?);
        }
        if let Some(agent) = agent {
            lines.retain(|line| line.agent.as_ref() == Some(agent));
        }
        lines.sort_by(|a, b| (a.kind, a.since, &a.key).cmp(&(b.kind, b.since, &b.key)));
        Ok(lines)
    }

    /// What concerns the service as a whole.
    async fn of_the_service(&self, health: &StoreHealth) -> Result<Vec<Attention>, StoreError> {
        let mut lines = Vec::new();
        if health.dead_deliveries > 0 {
            let n = health.dead_deliveries;
            let message = format!(
                "{n} deliveries of GitHub could not be applied however often they were tried"
            );
            lines.push(Attention {
                count: Some(n),
                ..Attention::new(AttentionKind::DeliveriesDead, "all", message)
            });
        }
        let budget = self.github.budget();
        if budget.remaining == Some(0) {
            let until = budget.resets_at.map(|at| format!(" until {at}"));
            let message = format!(
                "No request to GitHub is left{}: nothing is read or closed there",
                until.unwrap_or_default()
            );
            lines.push(Attention::new(
                AttentionKind::GithubBudgetGone,
                "github",
                message,
            ));
        }
        if let Some(why) = self.store.condition().await?.unwritable {
            let message = format!("The database cannot be written to: {why}");
            lines.push(Attention {
                command: Some("issuecommand doctor".to_owned()),
                ..Attention::new(AttentionKind::DatabaseUnwritable, "database", message)
            });
        }
        Ok(lines)
    }
}
