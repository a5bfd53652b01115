//! Webhook deliveries, and retries of those that were deferred.

use super::timeout::within;
use super::{Service, ServiceResult};
use crate::domain::access::Caller;
use crate::domain::failure::{Failure, GithubError, StoreError};
use crate::domain::pull_request::{LinkedPull, PullValidators};
use crate::domain::time::Millis;
use crate::domain::webhook::{Delivery, GithubEvent, Ignored, Refetch, Voice, WebhookAnswer};
use crate::engine::command::{Action, Answer, Command, Missing, Outcome};
use crate::ports::deliveries::BadDelivery;

/// The most commits that are requested for one delivery.
const LOOKS: u32 = 8;

/// How long a delivery waits for the lookup of where its issue came from.
const PREPARE: Millis = Millis::seconds(2);

/// The result of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// It was processed, with this answer.
    Answered(WebhookAnswer, Option<Refetch>),
    /// It could not be applied. It is stored and retried in the background.
    Deferred,
    /// The body is not a delivery.
    Bad(BadDelivery),
}

impl Service {
    /// Processes a verified delivery. It is stored before this returns. The returned [`Refetch`] is for [`Service::settle`],
    /// after the answer.
    pub async fn process_delivery(
        &self,
        caller: &Caller,
        delivery: Delivery,
        body: &[u8],
    ) -> ServiceResult<DeliveryOutcome> {
        let meaning = match self.read(&delivery, body).await {
            Ok(meaning) => meaning,
            Err(bad) => return Ok(DeliveryOutcome::Bad(bad)),
        };
        let (meaning, later) = self.prepare(meaning).await?;
        match self.apply(&self.scoped(caller), &delivery, meaning).await {
            Ok((answer, look)) => Ok(DeliveryOutcome::Answered(answer, look.or(later))),
            // Nothing was written, or the result is unknown. The next poll brings the event, or an operator has GitHub deliver it again:
            // GitHub does not do so by itself.
            Err(
                failure @ Failure::Store(
                    StoreError::Busy(_)
                    | StoreError::Unavailable(_)
                    | StoreError::Unwritable { .. }
                    | StoreError::Fenced(_)
                    | StoreError::OutcomeUnknown(_),
                ),
            ) => Err(failure.into()),
            Err(failure) => {
                self.defer(&delivery, body, &failure).await?;
                Ok(DeliveryOutcome::Deferred)
            }
        }
    }

    async fn read(&self, delivery: &Delivery, body: &[u8]) -> Result<GithubEvent, BadDelivery> {
        let Some(decoder) = &self.decoder else {
            return Ok(GithubEvent::Ignored(Ignored::Other(
                "webhooks are not read here".to_owned(),
            )));
        };
        let meaning = self.with_viewer(decoder.decode(delivery, body)?).await;
        let meaning = self.with_author(meaning).await;
        Ok(self.with_commenter(meaning).await)
    }

    /// Marks a comment on an issue by an author who may write, where the settings ask for that.
    async fn with_commenter(&self, mut meaning: GithubEvent) -> GithubEvent {
        if let GithubEvent::IssueComment {
            repo,
            author,
            voice,
            ..
        } = &mut meaning
        {
            let trusted = self.trusted.issues;
            voice.trusted = self.is_trusted(trusted, repo, author.as_deref()).await;
        }
        meaning
    }

    /// The login of the credential's user, requested once. An App installation has none.
    ///
    /// # Errors
    /// GitHub's error; the next call requests it again.
    pub async fn viewer(&self) -> Result<&str, GithubError> {
        let login = self.viewer.get_or_try_init(|| self.github.viewer()).await?;
        Ok(login)
    }

    /// Marks feedback by the credential's own user, and ignores it if configured.
    pub(super) async fn with_viewer(&self, meaning: GithubEvent) -> GithubEvent {
        let GithubEvent::Feedback {
            repo,
            pull,
            source,
            voice,
        } = meaning
        else {
            return meaning;
        };
        // While the viewer is unknown, no feedback is ignored: a superfluous follow-up is better than lost feedback.
        let own = (self.ignores_self || voice.marked)
            && match self.viewer().await {
                Ok(login) => {
                    let by = source.requested_by.as_ref();
                    by.is_some_and(|by| by.eq_ignore_ascii_case(login))
                }
                Err(_) => false,
            };
        if own && self.ignores_self {
            let words = "the token's own user said it, and FOLLOWUP_IGNORE_SELF is on";
            return GithubEvent::Ignored(Ignored::Other(words.to_owned()));
        }
        let trusted = self.is_trusted(self.trusted.feedback, &repo, source.requested_by.as_deref());
        let trusted = trusted.await;
        GithubEvent::Feedback {
            repo,
            pull,
            source,
            voice: Voice {
                own,
                trusted,
                ..voice
            },
        }
    }

    /// Requests from GitHub what must be known before the delivery is applied.
    async fn prepare(
        &self,
        meaning: GithubEvent,
    ) -> Result<(GithubEvent, Option<Refetch>), Failure> {
        let (meaning, later) = self.meet(meaning).await?;
        self.meet_author(&meaning).await?;
        if let GithubEvent::Issue {
            repo,
            issue,
            gone: None,
            ..
        } = &meaning
        {
            let follow = self.follow_arrivals(&repo.name, std::slice::from_ref(&**issue), None);
            within(&*self.clock, PREPARE, follow).await.transpose()?;
        }
        Ok((meaning, later))
    }

    async fn apply(
        &self,
        caller: &Caller,
        delivery: &Delivery,
        meaning: GithubEvent,
    ) -> Result<(WebhookAnswer, Option<Refetch>), Failure> {
        let action = Action::ProcessDelivery {
            delivery: delivery.clone(),
            meaning: Box::new(meaning),
        };
        let command = Command::new(caller, action).skewed(self.github.skew());
        match self.informed(command).await? {
            Outcome::Done(Answer::Delivery { answer, look }) => Ok((answer, look)),
            other => Err(Failure::Internal(format!("a delivery came to {other:?}"))),
        }
    }

    /// Runs a command, and requests the commits that its decision needs.
    pub(super) async fn informed(&self, command: Command) -> Result<Outcome, Failure> {
        for _ in 0..LOOKS {
            let outcome = self.store.transact(command.clone()).await?;
            let Outcome::Missing(Missing::Head(question)) = outcome else {
                return Ok(outcome);
            };
            // A commit that cannot be looked up counts as an ordinary push.
            let merges_base_into = self.github.merges_base(&question).await.unwrap_or(None);
            let action = Action::RecordHead {
                repo: question.repo,
                number: question.number,
                sha: question.sha,
                merges_base_into,
            };
            let seen = Command::system(action).under(command.lease.as_ref());
            self.note(seen).await?;
        }
        Err(Failure::Internal(
            "a push is asked about without end".to_owned(),
        ))
    }

    async fn defer(
        &self,
        delivery: &Delivery,
        body: &[u8],
        failure: &Failure,
    ) -> Result<(), Failure> {
        // A delivery without GitHub's id gets an id made of its body.
        let id = delivery
            .id
            .clone()
            .unwrap_or_else(|| format!("unnamed:{:x}", fingerprint(body)));
        let body = String::from_utf8_lossy(body).into_owned();
        let action = Action::DeferDelivery {
            delivery: delivery.clone(),
            id,
            body,
            error: failure.to_string(),
        };
        self.note(Command::system(action)).await.map(drop)
    }

    /// Retries the deferred deliveries. Returns how many were applied.
    ///
    /// # Errors
    /// The store's errors. A delivery that fails again stays until its retries are used up.
    pub async fn retry_deliveries(&self) -> Result<u64, Failure> {
        let mut done = 0;
        for row in self.store.deferred_deliveries(50).await? {
            let body = row.body.unwrap_or_default();
            // Idempotent by the id under which it was stored.
            let delivery = Delivery {
                id: Some(row.id.clone()),
                ..row.delivery
            };
            let result = match self.read(&delivery, body.as_bytes()).await {
                Ok(meaning) => {
                    let (meaning, _) = self.prepare(meaning).await?;
                    self.apply(&self.scoped(&Caller::system()), &delivery, meaning)
                        .await
                        .map(drop)
                }
                Err(bad) => Err(Failure::Internal(bad.to_string())),
            };
            match result {
                Ok(()) => done += 1,
                Err(failure) => self.defer(&delivery, body.as_bytes(), &failure).await?,
            }
        }
        Ok(done)
    }

    /// Requests from GitHub what a delivery leaves open.
    ///
    /// # Errors
    /// GitHub's and the store's errors; the next sync asks again.
    pub async fn settle(&self, look: Refetch) -> Result<(), Failure> {
        match look {
            Refetch::Issue(repo, number) => {
                let seen = self.look(&repo, number, None).await?;
                let action = Action::RecordIssue { repo, number, seen };
                let command = Command::system(action).skewed(self.github.skew());
                self.store.transact(command).await?;
                Ok(())
            }
            Refetch::Pull(repo, number) => {
                let pull = LinkedPull {
                    repo,
                    number,
                    head: None,
                    waiting: Vec::new(),
                    validators: PullValidators::default(),
                };
                self.poll_pull(&pull, None).await.map(drop)
            }
            Refetch::Edges(repo, number) => self.ask_edges(&repo, number, None).await,
            Refetch::Repo(repo) => self.settle_repo(&repo).await,
            Refetch::Issues(repo) => self.reread_issues(&repo).await,
            Refetch::Repos => self.record_repos(None).await.map(drop),
        }
    }
}

/// FNV-1a. Equal bodies must have equal ids; no other property is needed.
fn fingerprint(body: &[u8]) -> u64 {
    body.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
