//! What an agent gets next.

use std::collections::BTreeSet;

use super::candidates::Asking;
use super::claims::unexpected;
use super::timeout::within;
use super::{Service, ServiceResult};
use crate::domain::access::Caller;
use crate::domain::claim::Claim;
use crate::domain::failure::Failure;
use crate::domain::followup::Followup;
use crate::domain::id::{AgentId, IssueKey};
use crate::domain::issue::{IssueFilter, IssueLookup, MirroredIssue};
use crate::domain::refusal::Refusal;
use crate::domain::repo_name::RepoName;
use crate::domain::time::{Millis, Timestamp};
use crate::engine::command::{
    Action, Answer, CandidateChecks, Command, IdempotencyKey, Missing, Outcome,
};

/// How many candidates a call asks GitHub about. So many that are gone mean that the mirror is far behind.
const LOOKS: u32 = 30;
/// How long a call asks GitHub about candidates before it takes the mirror's word.
const PATIENCE: Millis = Millis::seconds(8);

/// What an agent got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssignedWork {
    /// Feedback to answer.
    Followup(Box<Followup>),
    /// A new issue.
    Issue {
        /// The claim on it.
        claim: Box<Claim>,
        /// The issue.
        issue: Box<MirroredIssue>,
    },
}

impl Service {
    /// Gives an agent the most urgent issue that fits, always another one; a repeated call with the same key gets the same.
    pub async fn next_issue(
        &self,
        caller: &Caller,
        agent: AgentId,
        filter: IssueFilter,
        key: Option<IdempotencyKey>,
    ) -> ServiceResult<(Claim, MirroredIssue)> {
        let wish = NextFilter::Issue;
        match self.next(caller, wish, &agent, &filter, key).await? {
            AssignedWork::Issue { claim, issue } => Ok((*claim, *issue)),
            AssignedWork::Followup(item) => {
                Err(Failure::Internal(format!("next_issue gave the follow-up {}", item.id)).into())
            }
        }
    }

    /// Gives an agent feedback to answer, or where there is none for it an issue as [`Service::next_issue`] does.
    pub async fn next_work(
        &self,
        caller: &Caller,
        agent: AgentId,
        filter: IssueFilter,
        key: Option<IdempotencyKey>,
    ) -> ServiceResult<AssignedWork> {
        self.next(caller, NextFilter::Work, &agent, &filter, key)
            .await
    }

    /// Fills the mirror for a call that found nothing in what is there. Says whether to look again: where no repository that is
    /// missing can be read, the others have answered.
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
        key: Option<IdempotencyKey>,
    ) -> ServiceResult<AssignedWork> {
        let caller = self.scoped(caller);
        if let Some(repo) = &filter.repo {
            Self::permit(&caller, repo)?;
        }
        let command = |checks| {
            let action = wish.action(agent, filter, checks);
            Command::new(&caller, action).keyed(key.clone())
        };
        let mut round = Round::new(self.clock.now());
        loop {
            let (outcome, asking) = self.choose(&round, &command).await?;
            // Until here what was asked about was for this call alone.
            round.asked = None;
            match outcome {
                Outcome::Done(Answer::Claim {
                    claim,
                    issue: Some(issue),
                    ..
                }) => {
                    return Ok(AssignedWork::Issue { claim, issue });
                }
                Outcome::Done(Answer::Followup { item, .. }) => {
                    return Ok(AssignedWork::Followup(item));
                }
                Outcome::Refused(Refusal::NothingEligible) => {
                    let missing = self.unreadable(&caller, filter.repo.as_ref()).await?;
                    let refusal = if missing.is_empty() {
                        Refusal::NothingEligible
                    } else {
                        Refusal::NothingAmongRead { missing }
                    };
                    return Err(refusal.into());
                }
                Outcome::Refused(refusal) => return Err(refusal.into()),
                // The list of repositories may be missing, then issues of some of them, then of those that could not be read.
                Outcome::Missing(Missing::Repo(repo)) => {
                    round.learns()?;
                    self.learn_repo(&repo).await?;
                }
                Outcome::Missing(Missing::Sync(repos)) => {
                    round.learns()?;
                    if !self.fill_for(&caller, filter, &repos).await? {
                        let missing = self.unread(repos);
                        return Err(Refusal::NothingAmongRead { missing }.into());
                    }
                }
                Outcome::Missing(Missing::Issue { key, repo, etag }) => match asking {
                    Some(asking) => {
                        self.check(&mut round, asking, &repo, key, etag.as_deref())
                            .await?;
                    }
                    None => self.await_others(&mut round, key).await?,
                },
                other => return Err(unexpected(&other)),
            }
        }
    }

    /// Decides once, and takes the candidate that GitHub is to be asked about, unless another call has it.
    async fn choose(
        &self,
        round: &Round,
        command: &impl Fn(CandidateChecks) -> Command,
    ) -> Result<(Outcome, Option<Asking>), Failure> {
        let first = round.looks == 0 && !round.unreachable;
        // Where GitHub's word is fresh nobody has to wait for a turn.
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
        // Calls that came together see the same first candidate: one after the other they choose different ones.
        let _turn = self.candidates.choosing.lock().await;
        let outcome = self.store.transact(command(round.checks(self))).await?;
        let asking = taken(&outcome);
        Ok((outcome, asking))
    }

    /// Asks GitHub about a candidate and tells the store what it said. While GitHub gives no answer the mirror's word counts.
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
                    // Whatever the store made of it, this call does not ask about it again.
                    round.passed.insert(key);
                }
            }
            Some(Err(Failure::Github(_))) | None => round.unreachable = true,
            Some(Err(failure)) => return Err(failure.into()),
        }
        Ok(())
    }

    /// Every candidate is asked about by other calls: waits until one of them knows more.
    async fn await_others(&self, round: &mut Round, key: IssueKey) -> ServiceResult<()> {
        let left = Millis(round.until.0 - self.clock.now().0);
        let ended = self.candidates.listen();
        if self.candidates.busy().is_empty() {
            // GitHub does not show the only candidate, and the mirror could not be told so.
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

/// What is asked for.
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

/// One call's way to an issue.
struct Round {
    /// When it asks no more, and takes the mirror's word.
    until: Timestamp,
    /// How often GitHub was asked about a candidate.
    looks: u32,
    /// How often the mirror had to be filled first.
    learned: u32,
    unreachable: bool,
    /// The candidate that GitHub vouched for just now; no other call takes it while there are more.
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
