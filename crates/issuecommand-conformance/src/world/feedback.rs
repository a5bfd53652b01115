//! Helpers for GitHub's deliveries and for agents' commands about feedback.

use std::sync::atomic::Ordering;

use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::followup::{Followup, FollowupStatus, WorkItemId};
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::issue::Issue;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::webhook::{GithubEvent, Refetch, WebhookAnswer};
use issuecommand_core::engine::command::{Action, Answer, Command, Outcome};
use issuecommand_core::ports::store::FollowupFilter;
use issuecommand_testkit::builders::{deliver, follow, issue, local, pull, work};

use super::{API, World, claim_of};

impl World {
    /// Delivers an event under an id of its own. Returns the answer, and what to refetch.
    pub(in super::super) async fn delivered(
        &self,
        meaning: GithubEvent,
    ) -> (WebhookAnswer, Option<Refetch>) {
        let n = self.deliveries.fetch_add(1, Ordering::Relaxed);
        answer_of(self.note(deliver(&format!("delivery-{n}"), meaning)).await)
    }

    /// Delivers an event that must be applied. Returns the number of resolved follow-ups.
    pub(in super::super) async fn happens(&self, meaning: GithubEvent) -> u64 {
        match self.delivered(meaning).await {
            (WebhookAnswer::Taken { resolved, .. }, None) => resolved,
            other => panic!("a delivery was to be taken and settled, not {other:?}"),
        }
    }

    /// Delivers feedback that creates a follow-up.
    pub(in super::super) async fn asked(&self, meaning: GithubEvent) -> Followup {
        match self.delivered(meaning).await.0 {
            WebhookAnswer::Feedback {
                created: true,
                idempotent: false,
                item: Some(item),
                ..
            } => self.followup(item).await,
            other => panic!("a new follow-up was expected, not {other:?}"),
        }
    }

    /// Delivers feedback that joins a follow-up.
    pub(in super::super) async fn joined(&self, meaning: GithubEvent) -> Followup {
        match self.delivered(meaning).await.0 {
            WebhookAnswer::Feedback {
                created: false,
                idempotent: false,
                item: Some(item),
                ..
            } => self.followup(item).await,
            other => panic!("it was to join a follow-up, not {other:?}"),
        }
    }

    /// Delivers feedback that is resolved before it arrives.
    pub(in super::super) async fn born_done(&self, meaning: GithubEvent) {
        let before = self.followups().await;
        match self.delivered(meaning).await.0 {
            WebhookAnswer::Feedback {
                created: false,
                idempotent: false,
                item: None,
                ..
            } => {}
            other => panic!("it was to be over, not {other:?}"),
        }
        assert_eq!(self.followups().await, before);
    }

    /// Delivers feedback of which only the resolution was known.
    pub(in super::super) async fn born_done_or_known(&self, meaning: GithubEvent) {
        let before = self.followups().await;
        match self.delivered(meaning).await.0 {
            WebhookAnswer::Feedback {
                created: false,
                item: None,
                ..
            } => {}
            other => panic!("it was to be over, not {other:?}"),
        }
        assert_eq!(self.followups().await, before);
    }

    /// Open follow-ups.
    pub(in super::super) async fn followups(&self) -> Vec<Followup> {
        self.followups_of(&FollowupFilter::default()).await
    }

    /// Open follow-ups that match.
    pub(in super::super) async fn followups_of(&self, filter: &FollowupFilter) -> Vec<Followup> {
        let items = self.store.followups(filter).await;
        items.expect("follow-ups are read")
    }

    /// The open follow-up of that id.
    pub(in super::super) async fn followup(&self, id: WorkItemId) -> Followup {
        let items = self.followups().await;
        let mut items = items.into_iter().filter(|item| item.id == id);
        items
            .next()
            .unwrap_or_else(|| panic!("no open follow-up has the id {id}"))
    }

    /// The follow-up that `next_work` gives this agent.
    pub(in super::super) async fn given(&self, who: &str) -> Followup {
        let (item, idempotent) = item_of(self.note(work(who)).await);
        assert!(!idempotent && item.status == FollowupStatus::Claimed);
        assert_eq!(item.owner.as_ref().map(AgentId::as_str), Some(who));
        item
    }

    /// `next_work` gives this agent nothing.
    pub(in super::super) async fn given_nothing(&self, who: &str) {
        let no = self.refused(work(who)).await;
        assert_eq!(no, Refusal::NothingEligible, "{who}");
    }

    /// A follow-up moved by this agent to its next status.
    pub(in super::super) async fn followed(
        &self,
        who: &str,
        item: &Followup,
        to: FollowupStatus,
    ) -> Followup {
        let (item, idempotent) = item_of(self.note(follow(who, item.id, to)).await);
        assert!(!idempotent && item.status == to);
        item
    }

    /// This agent is refused because another one holds the pull request.
    pub(in super::super) async fn kept_from(&self, who: &str, item: &Followup, by: &str) {
        for to in FollowupStatus::ALL {
            match self.refused(follow(who, item.id, to)).await {
                Refusal::FollowupMismatch {
                    owner, item: told, ..
                } => {
                    assert_eq!((owner.as_str(), told.id), (by, item.id), "{to}");
                }
                other => panic!("{who} to {to}: {other:?}"),
            }
        }
    }

    /// A polled repository without issues, so that "nothing eligible" is certain there.
    pub(in super::super) async fn quiet(&self) {
        self.mirror(API, [] as [Issue; 0]).await;
    }

    /// A polled repository with one issue, claimed by the agent that wrote pull request 7.
    pub(in super::super) async fn authored(&self, who: &str) -> Claim {
        self.mirror(API, [issue(1)]).await;
        let claim = self.claim(who, API, 1).await;
        self.happens(pull(API, 7).opened()).await;
        self.names_its_pull(&claim, 7).await
    }

    /// The claim's agent names its pull request.
    pub(in super::super) async fn names_its_pull(&self, claim: &Claim, n: i64) -> Claim {
        let action = Action::UpdateClaim {
            claim: claim.id,
            agent: claim.agent.clone(),
            to: ClaimStatus::InProgress,
            note: None,
            pr_url: Some(format!("https://github.com/{API}/pull/{n}")),
        };
        let answer = self.note(Command::new(&local(), action)).await;
        claim_of(answer).0
    }
}

/// The answer to a delivery, and what to refetch.
pub(in super::super) fn answer_of(answer: Answer) -> (WebhookAnswer, Option<Refetch>) {
    match answer {
        Answer::Delivery { answer, look } => (answer, look),
        other => panic!("the answer to a delivery was expected, not {other:?}"),
    }
}

/// The follow-up in an answer, and whether it was idempotent.
pub(in super::super) fn item_of(answer: Answer) -> (Followup, bool) {
    match answer {
        Answer::Followup { item, idempotent } => (*item, idempotent),
        other => panic!("a follow-up was expected, not {other:?}"),
    }
}

/// The follow-up that `next_work` returned, if any.
pub(in super::super) fn got(outcome: &Outcome) -> Option<&Followup> {
    match outcome {
        Outcome::Done(Answer::Followup { item, .. }) => Some(item),
        Outcome::Refused(Refusal::NothingEligible) => None,
        other => panic!("a follow-up or nothing was expected, not {other:?}"),
    }
}
