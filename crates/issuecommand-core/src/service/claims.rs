//! Use cases for taking, updating and releasing claims.

use super::outbox::write_failure;
use super::timeout::within;
use super::{Service, ServiceError, ServiceResult};
use crate::domain::access::Caller;
use crate::domain::attempt::ReleaseOutcome;
use crate::domain::claim::{Claim, ClaimStatus, PullRef};
use crate::domain::failure::{Failure, GithubErrorKind};
use crate::domain::id::{AgentId, ClaimId, IssueNumber};
use crate::domain::issue::{IssueLookup, IssueState, WithheldReason};
use crate::domain::outbox::OutboxEntry;
use crate::domain::readiness::NotReady;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Millis;
use crate::engine::command::{Action, Answer, Command, Missing, Outcome};

/// The answer to a claim request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The claim after the call.
    pub claim: Claim,
    /// The agent already had the claim.
    pub idempotent: bool,
    /// The issue is known to have no earlier attempt.
    pub untried: bool,
    /// Why the issue would not have been handed out, in sentences for the agent.
    pub warnings: Vec<String>,
}

/// The answer to an update of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Updated {
    /// The claim after the call.
    pub claim: Claim,
    /// The claim already had this state.
    pub idempotent: bool,
    /// For a claim that became closed: whether its GitHub issue was closed by this call.
    pub issue_closed: Option<bool>,
    /// Why the issue was not closed when it should have been. The outbox retries.
    pub issue_close_error: Option<String>,
    /// GitHub has the issue closed, by this call or not.
    pub closed_on_github: bool,
    /// Accepted input that probably does not do what the agent intended, in sentences for the agent.
    pub warnings: Vec<String>,
}

/// How long a call waits for GitHub to close an issue.
const CLOSE_PATIENCE: Millis = Millis::seconds(10);
/// How long a call waits for GitHub to confirm an issue that its agent reported closed.
const LOOK_PATIENCE: Millis = Millis::seconds(3);

impl Service {
    /// Gives one issue to one agent, or refuses with its holder. `take_over`: takes it from another live session of the agent, or
    /// from an agent whose claim has been stale for long.
    pub async fn claim_issue(
        &self,
        caller: &Caller,
        agent: AgentId,
        repo: RepoName,
        number: IssueNumber,
        take_over: bool,
    ) -> ServiceResult<Claimed> {
        let caller = self.scoped(caller);
        Self::permit(&caller, &repo)?;
        let mut silence = None;
        // Four rounds suffice: one may have to read the repository, one the issue, one may find that the holder's process is gone.
        for _ in 0..4 {
            let unreachable = silence.is_some();
            let action = Action::ClaimIssue {
                agent: agent.clone(),
                repo: repo.clone(),
                number,
                unreachable,
                take_over,
            };
            match self.store.transact(Command::new(&caller, action)).await? {
                Outcome::Done(Answer::Claim {
                    claim,
                    idempotent,
                    not_ready,
                    untried,
                    ..
                }) => {
                    let named = self.named_in(&caller.scope);
                    let warn = |reason: NotReady| not_handed_out(&claim, &reason.seen_in(&named));
                    return Ok(Claimed {
                        idempotent,
                        untried,
                        warnings: not_ready.into_iter().map(warn).collect(),
                        claim: self.shown(*claim),
                    });
                }
                Outcome::Refused(refusal) => {
                    if !Box::pin(self.clears_the_way(&agent, &refusal)).await? {
                        return Err(self.shown_refusal(refusal).into());
                    }
                }
                Outcome::Missing(Missing::Repo(missing)) => {
                    Box::pin(self.learn_repo(&missing)).await?;
                }
                Outcome::Missing(Missing::Issue { etag, .. }) => {
                    if let Some(error) = silence.take() {
                        return Err(Failure::Github(error).into());
                    }
                    match Box::pin(self.look(&repo, number, etag.as_deref())).await {
                        Ok(seen) => Box::pin(self.see(&repo, number, seen)).await?,
                        Err(Failure::Github(error)) => silence = Some(error),
                        Err(failure) => return Err(failure.into()),
                    }
                }
                other => return Err(unexpected(&other)),
            }
        }
        Err(Failure::IssueNotFound { repo, number }.into())
    }

    /// Releases a claim. `outcome`: what the agent says about the issue.
    pub async fn release_claim(
        &self,
        caller: &Caller,
        claim: ClaimId,
        agent: AgentId,
        reason: Option<String>,
        outcome: Option<ReleaseOutcome>,
    ) -> ServiceResult<Claimed> {
        let action = Action::ReleaseClaim {
            claim,
            agent,
            reason,
            outcome,
        };
        let (claim, idempotent, _) = self.moved(caller, action).await?;
        Ok(Claimed {
            claim,
            idempotent,
            untried: false,
            warnings: Vec::new(),
        })
    }

    /// Updates a claim, or renews its sign of life. A claim that becomes closed closes its issue if configured.
    pub async fn update_claim(
        &self,
        caller: &Caller,
        claim: ClaimId,
        agent: AgentId,
        to: ClaimStatus,
        note: Option<String>,
        pr_url: Option<String>,
    ) -> ServiceResult<Updated> {
        let named = pr_url.clone();
        let action = Action::UpdateClaim {
            claim,
            agent,
            to,
            note,
            pr_url,
        };
        let (claim, idempotent, outbox) = self.moved(caller, action).await?;
        let mut updated = Updated {
            warnings: named
                .filter(|_| claim.pull.is_none())
                .map(|url| not_followed(&url))
                .into_iter()
                .collect(),
            claim,
            idempotent,
            issue_closed: None,
            issue_close_error: None,
            closed_on_github: false,
        };
        if updated.claim.status == ClaimStatus::Closed {
            updated.issue_closed = Some(false);
            match outbox {
                Some(entry) => match Box::pin(self.close_once(caller, entry)).await {
                    Ok(()) => updated.issue_closed = Some(true),
                    Err(words) => updated.issue_close_error = Some(words),
                },
                None => Box::pin(self.vouch(&updated.claim)).await,
            }
            updated.closed_on_github = self.is_closed(&updated.claim).await;
        }
        Ok(updated)
    }

    pub(super) async fn moved(
        &self,
        caller: &Caller,
        action: Action,
    ) -> ServiceResult<(Claim, bool, Option<OutboxEntry>)> {
        let command = Command::new(&self.scoped(caller), action);
        let mut outcome = self.store.transact(command.clone()).await?;
        if let (Outcome::Refused(refusal), Some(agent)) = (&outcome, command.action.agent())
            && Box::pin(self.clears_the_way(agent, refusal)).await?
        {
            outcome = self.store.transact(command.clone()).await?;
        }
        match outcome {
            Outcome::Done(Answer::Claim {
                claim,
                idempotent,
                outbox,
                ..
            }) => Ok((self.shown(*claim), idempotent, outbox)),
            Outcome::Refused(refusal) => Err(self.shown_refusal(refusal).into()),
            other => Err(unexpected(&other)),
        }
    }

    /// Closes the issue as the outbox entry of this call says. A repetition of the call gets the same entry, so what became of the
    /// issue since is looked at first: it may have been opened again.
    async fn close_once(&self, caller: &Caller, entry: OutboxEntry) -> Result<(), String> {
        let (repo, number) = entry.write.issue();
        let may_be_repeated = caller.idempotency.is_some();
        let issue = self.store.issue(repo, number).await.ok().flatten();
        match issue.filter(|_| may_be_repeated) {
            Some(issue) if issue.facts.state == IssueState::Closed => Ok(()),
            Some(issue) if !matches!(issue.withheld, Some((WithheldReason::Closing, _))) => Err(
                "the issue is open on GitHub, and closing it is not tried again by a repeated request"
                    .to_owned(),
            ),
            Some(_) | None => self.close_now(entry).await,
        }
    }

    /// Carries out the outbox entry of this call. A failure that may pass stays for the background.
    async fn close_now(&self, entry: OutboxEntry) -> Result<(), String> {
        let words = match within(&*self.clock, CLOSE_PATIENCE, self.carry_out(&entry, None)).await {
            Some(Ok(())) => return Ok(()),
            Some(Err(Failure::Github(error))) if entry.is_final(&write_failure(&error)) => {
                let status = error
                    .status
                    .map(|status| format!(" ({status})"))
                    .unwrap_or_default();
                return Err(format!(
                    "GitHub refuses to close the issue{status}, and it will not be tried again. It stays open on GitHub and is \
                     withheld from other agents (close_failed) until it changes there"
                ));
            }
            Some(Err(_)) => {
                "GitHub did not close the issue; it will be tried again in the background"
            }
            None => {
                "GitHub did not answer in time; closing the issue will be tried again in the background"
            }
        };
        Err(words.to_owned())
    }

    /// Whether the mirror has the claim's issue as closed.
    async fn is_closed(&self, claim: &Claim) -> bool {
        let issue = self.store.issue(&claim.repo_name, claim.number).await;
        issue.is_ok_and(|issue| issue.is_some_and(|issue| issue.facts.state == IssueState::Closed))
    }

    /// Checks an issue that its agent reported closed, so that an issue closed by a merge is not offered again.
    async fn vouch(&self, claim: &Claim) {
        let look = async {
            let etag = self
                .store
                .issue(&claim.repo_name, claim.number)
                .await
                .ok()
                .flatten()
                .and_then(|i| i.etag);
            if let Ok(seen) = self
                .look(&claim.repo_name, claim.number, etag.as_deref())
                .await
            {
                // The claim is closed whatever this returns, and the next poll checks the issue again.
                let _ = self.see(&claim.repo_name, claim.number, seen).await;
            }
        };
        within(&*self.clock, LOOK_PATIENCE, look).await;
    }

    /// Records GitHub's answer about one issue. Refuses if it is no issue that can be claimed.
    pub(super) async fn see(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        seen: IssueLookup,
    ) -> ServiceResult<()> {
        let there = matches!(seen, IssueLookup::Issue { .. } | IssueLookup::Unchanged);
        if let IssueLookup::Issue { issue, .. } = &seen {
            self.follow_arrivals(repo, std::slice::from_ref(issue), None)
                .await?;
        }
        let action = Action::RecordIssue {
            repo: repo.clone(),
            number,
            seen,
        };
        let command = Command::system(action).skewed(self.github.skew());
        match self.store.transact(command).await? {
            Outcome::Done(_) if there => Ok(()),
            Outcome::Done(_) => Err(Failure::IssueNotFound {
                repo: repo.clone(),
                number,
            }
            .into()),
            Outcome::Refused(refusal) => Err(refusal.into()),
            other @ Outcome::Missing(_) => Err(unexpected(&other)),
        }
    }

    /// Requests one issue from GitHub. A 301 caused by a rename of the repository is followed to the issue.
    pub(crate) async fn look(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        etag: Option<&str>,
    ) -> Result<IssueLookup, Failure> {
        let seen = self.github.issue(repo, number, etag).await?;
        if seen != IssueLookup::Withheld(WithheldReason::Moved) {
            return Ok(seen);
        }
        match self.github.moved_issue(repo, number).await {
            Ok(Some((facts, issue))) => {
                return self.found_elsewhere(repo, number, facts, issue).await;
            }
            Ok(None) => {}
            Err(error) if error.kind == GithubErrorKind::NotFound => return Ok(seen),
            Err(error) => return Err(error.into()),
        }
        match self.github.repo(repo).await {
            Ok(facts) if facts.name != *repo => {
                let name = facts.name.clone();
                self.note(Command::system(Action::RecordRepos(vec![facts])))
                    .await?;
                Ok(self.github.issue(&name, number, etag).await?)
            }
            Err(error) if error.kind != GithubErrorKind::NotFound => Err(error.into()),
            _ => Ok(seen),
        }
    }
}

/// The warning about a `pr_url` that is kept as text only.
fn not_followed(url: &str) -> String {
    let shown: String = url.chars().take(200).collect();
    let why = match PullRef::parse(url) {
        None => "not a pull request's address",
        Some(_) => "not a pull request of a repository that is known here",
    };
    format!("pr_url {shown}: {why}; feedback and merge will not be noticed")
}

pub(super) fn unexpected(outcome: &Outcome) -> ServiceError {
    Failure::Internal(format!("a command came to {outcome:?}")).into()
}

/// The warning to an agent that claimed an issue by number which would not have been handed out.
fn not_handed_out(claim: &Claim, reason: &NotReady) -> String {
    let (repo, number) = (&claim.repo_name, claim.number);
    format!(
        "{repo}#{number} is yours, but is not handed out by itself: {} ({})",
        reason.words(),
        reason.code()
    )
}
