//! Use cases that choose the next work of an agent.

use std::collections::BTreeSet;

use super::candidates::Asking;
use super::claims::unexpected;
use super::timeout::within;
use super::{Service, ServiceResult};
use crate::domain::access::Caller;
use crate::domain::chosen::Chosen;
use crate::domain::claim::Claim;
use crate::domain::failure::Failure;
use crate::domain::followup::Followup;
use crate::domain::id::{AgentId, IssueKey};
use crate::domain::issue::{IssueFilter, IssueLookup, MirroredIssue};
use crate::domain::refusal::Refusal;
use crate::domain::repo_name::RepoName;
use crate::domain::time::{Millis, Timestamp};
use crate::engine::command::{Action, Answer, CandidateChecks, Command, Missing, Outcome};

/// How many candidates a call checks with GitHub. If that many are gone, the mirror is far behind.
const LOOKS: u32 = 30;
/// How long a call checks candidates before it relies on the mirror.
const PATIENCE: Millis = Millis::seconds(8);

/// The work that an agent got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssignedWork {
    /// Feedback on a pull request.
    Followup(Box<Followup>),
    /// A new issue.
    Issue(AssignedIssue),
}

/// The issue that an agent got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignedIssue {
    /// The claim on it.
    pub claim: Box<Claim>,
    /// The claimed issue.
    pub issue: Box<MirroredIssue>,
    /// Why it was chosen; unknown for an answer that an earlier version remembered.
    pub chosen: Option<Chosen>,
    /// It is known to have no earlier attempt.
    pub untried: bool,
}

impl Service {
    /// Gives an agent the most urgent issue that fits and that no other call got. A repeated key gets the same issue.
    pub async fn next_issue(
        &self,
        caller: &Caller,
        agent: AgentId,
        filter: IssueFilter,
    ) -> ServiceResult<AssignedIssue> {
        let wish = NextFilter::Issue;
        match self.next(caller, wish, &agent, &filter).await? {
            AssignedWork::Issue(issue) => Ok(issue),
            AssignedWork::Followup(item) => {
                Err(Failure::Internal(format!("next_issue gave the follow-up {}", item.id)).into())
            }
        }
    }

    /// Gives an agent a follow-up, or if there is none for it, an issue as [`Service::next_issue`] does.
    pub async fn next_work(
        &self,
        caller: &Caller,
        agent: AgentId,
        filter: IssueFilter,
    ) -> ServiceResult<AssignedWork> {
        self.next(caller, NextFilter::Work, &agent, &filter).await
    }

    /// Fills the mirror for a call that found nothing. Returns whether to look again: not if none of the missing repositories
    /// could be read, because the others have been searched already.
    async fn fill_for(
        &self,
        caller: &Caller,
        filter: &IssueFilter,
        missing: &[RepoName],
    ) -> Result<bool, Failure> {
        if missing.is_empty() {
            self.ensure_synced(&[]).await?;
            return Ok(true);
        }
        let repos = self.store.repos().await?;
        let others = filter.repo.is_none()
            && repos.iter().map(|count| &count.repo).any(|repo| {
                repo.offered && repo.synced_at.is_some() && caller.scope.has(&repo.facts.name)
            });
        let failed = self.sync_each(missing, others).await?;
        Ok(failed.len() < missing.len())
    }

    async fn next(
        &self,
        caller: &Caller,
        wish: NextFilter,
        agent: &AgentId,
        filter: &IssueFilter,
    ) -> ServiceResult<AssignedWork> {
        let caller = self.scoped(caller);
        if let Some(repo) = &filter.repo {
            Self::permit(&caller, repo)?;
        }
        let command = |checks| {
            let action = wish.action(agent, filter, checks);
            Command::new(&caller, action)
        };
        let mut round = Round::new(self.clock.now());
        loop {
            let (outcome, asking) = self.choose(&round, &command).await?;
            // The reservation of the checked candidate ends with the decision.
            round.asked = None;
            match outcome {
                Outcome::Done(Answer::Claim {
                    claim,
                    issue: Some(issue),
                    chosen,
                    untried,
                    ..
                }) => {
                    let claim = Box::new(self.shown(*claim));
                    return Ok(AssignedWork::Issue(AssignedIssue {
                        claim,
                        issue,
                        chosen,
                        untried,
                    }));
                }
                Outcome::Done(Answer::Followup { item, .. }) => {
                    return Ok(AssignedWork::Followup(item));
                }
                Outcome::Refused(Refusal::NothingEligible) => {
                    let unreadable = self.unreadable(&caller, filter.repo.as_ref());
                    let missing = Box::pin(unreadable).await?;
                    let refusal = if missing.is_empty() {
                        Refusal::NothingEligible
                    } else {
                        Refusal::NothingAmongRead { missing }
                    };
                    return Err(Box::pin(self.no_work(&caller, agent, filter, refusal)).await);
                }
                Outcome::Refused(
                    refusal @ (Refusal::Paused { .. } | Refusal::AtCapacity { .. }),
                ) => return Err(Box::pin(self.no_work(&caller, agent, filter, refusal)).await),
                Outcome::Refused(refusal) => return Err(refusal.into()),
                // The list of repositories may be missing, then issues of some of them, then issues that could not be read.
                Outcome::Missing(Missing::Repo(repo)) => {
                    round.learns()?;
                    Box::pin(self.learn_repo(&repo)).await?;
                }
                Outcome::Missing(Missing::Sync(repos)) => {
                    round.learns()?;
                    if !Box::pin(self.fill_for(&caller, filter, &repos)).await? {
                        let missing = self.unread(repos);
                        let refusal = Refusal::NothingAmongRead { missing };
                        return Err(Box::pin(self.no_work(&caller, agent, filter, refusal)).await);
                    }
                }
                Outcome::Missing(Missing::Issue { key, repo, etag }) => match asking {
                    Some(asking) => {
                        let etag = etag.as_deref();
                        Box::pin(self.check(&mut round, asking, &repo, key, etag)).await?;
                    }
                    None => Box::pin(self.await_others(&mut round, key)).await?,
                },
                other => return Err(unexpected(&other)),
            }
        }
    }

    /// Decides once, and reserves the candidate to check with GitHub unless another call has it.
    async fn choose(
        &self,
        round: &Round,
        command: &impl Fn(CandidateChecks) -> Command,
    ) -> Result<(Outcome, Option<Asking>), Failure> {
        let first = round.looks == 0 && !round.unreachable;
        // If the evidence is fresh, no call has to wait for its turn.
        let turn = if first {
            None
        } else {
            Some(self.candidates.choosing.lock().await)
        };
        let outcome = self.store.transact(command(round.checks(self))).await?;
        let taken = |outcome: &Outcome| match outcome {
            Outcome::Missing(Missing::Issue { key, .. }) if !round.passed.contains(key) => {
                self.candidates.take(*key)
            }
            _ => None,
        };
        let asking = taken(&outcome);
        let lost = matches!(outcome, Outcome::Missing(Missing::Issue { .. })) && asking.is_none();
        if !(lost && turn.is_none()) {
            return Ok((outcome, asking));
        }
        // Concurrent calls see the same first candidate. One after the other they choose different ones.
        let _turn = self.candidates.choosing.lock().await;
        let outcome = self.store.transact(command(round.checks(self))).await?;
        let asking = taken(&outcome);
        Ok((outcome, asking))
    }

    /// Checks a candidate with GitHub and records the answer. Without an answer, the mirror counts.
    async fn check(
        &self,
        round: &mut Round,
        asking: Asking,
        repo: &RepoName,
        key: IssueKey,
        etag: Option<&str>,
    ) -> ServiceResult<()> {
        round.looks += 1;
        if round.looks > LOOKS {
            return Err(Failure::MirrorBehind.into());
        }
        let left = Millis(round.until.0 - self.clock.now().0);
        let looked = within(&*self.clock, left, self.look(repo, key.1, etag)).await;
        match looked {
            Some(Ok(seen)) => {
                let shown = matches!(seen, IssueLookup::Issue { .. } | IssueLookup::Unchanged);
                let (repo, number) = (repo.clone(), key.1);
                let action = Action::RecordIssue { repo, number, seen };
                let command = Command::system(action).skewed(self.github.skew());
                self.store.transact(command).await?;
                if shown {
                    round.asked = Some(asking);
                } else {
                    // This call does not check the candidate again, whatever the store decided about it.
                    round.passed.insert(key);
                }
            }
            Some(Err(Failure::Github(_))) | None => round.unreachable = true,
            Some(Err(failure)) => return Err(failure.into()),
        }
        Ok(())
    }

    /// Other calls are checking every candidate: waits until one of them finishes.
    async fn await_others(&self, round: &mut Round, key: IssueKey) -> ServiceResult<()> {
        let left = Millis(round.until.0 - self.clock.now().0);
        let ended = self.candidates.listen();
        if self.candidates.busy().is_empty() {
            // GitHub does not show the only candidate, and that could not be recorded in the mirror.
            let passed = round.passed.contains(&key);
            return if passed {
                Err(Failure::MirrorBehind.into())
            } else {
                Ok(())
            };
        }
        if within(&*self.clock, left, ended).await.is_none() {
            round.unreachable = true;
        }
        Ok(())
    }
}

/// The kind of work that a call asks for.
#[derive(Clone, Copy)]
enum NextFilter {
    Issue,
    Work,
}

impl NextFilter {
    fn action(self, agent: &AgentId, filter: &IssueFilter, checks: CandidateChecks) -> Action {
        let (agent, filter) = (agent.clone(), filter.clone());
        match self {
            Self::Issue => Action::NextIssue {
                agent,
                filter,
                checks,
            },
            Self::Work => Action::NextWork {
                agent,
                filter,
                checks,
            },
        }
    }
}

/// The state of one call while it looks for work.
struct Round {
    /// When the call stops checking and relies on the mirror.
    until: Timestamp,
    /// How many candidates were checked with GitHub.
    looks: u32,
    /// How many times the mirror had to be filled first.
    learned: u32,
    unreachable: bool,
    /// The candidate that GitHub has just confirmed. No other call takes it while there are others.
    asked: Option<Asking>,
    /// Candidates that GitHub does not show as open issues.
    passed: BTreeSet<IssueKey>,
}

impl Round {
    fn new(now: Timestamp) -> Self {
        Self {
            until: now.plus(PATIENCE),
            looks: 0,
            learned: 0,
            unreachable: false,
            asked: None,
            passed: BTreeSet::new(),
        }
    }

    fn checks(&self, service: &Service) -> CandidateChecks {
        let mut busy = service.candidates.busy();
        if let Some(asked) = &self.asked {
            busy.remove(&asked.key);
        }
        busy.extend(&self.passed);
        CandidateChecks {
            unreachable: self.unreachable,
            busy,
        }
    }

    fn learns(&mut self) -> Result<(), Failure> {
        self.learned += 1;
        if self.learned > 3 {
            return Err(Failure::NotSynced);
        }
        Ok(())
    }
}
