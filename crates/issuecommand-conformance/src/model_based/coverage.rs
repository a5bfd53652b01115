//! Counts what happens in the histories, because a proof about cases that never occurred would prove nothing.

use std::collections::BTreeMap;

use issuecommand_core::domain::event::Event;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::webhook::WebhookAnswer;
use issuecommand_core::engine::command::{Action, Answer, Command, Outcome};

/// How often each case occurred.
#[derive(Debug, Default)]
pub(crate) struct Coverage(BTreeMap<String, u64>);

/// All cases that the histories must contain.
const ALL: [&str; 24] = [
    "a delivery came again",
    "a follow-up went to its author",
    "a follow-up went to somebody else than its author",
    "a follow-up was taken from nobody's pull request",
    "an issue, for want of feedback",
    "feedback came again",
    "feedback joined an item",
    "feedback made an item",
    "feedback was over before it was seen",
    "items ended by news",
    "nothing to give",
    "the pull request is with another",
    "there is no such open follow-up",
    "it may not go there",
    "GitHub is to be asked",
    "claim.updated",
    "followup.created",
    "followup.claimed",
    "followup.updated",
    "followup.done",
    "followup.dismissed",
    "followup.stale",
    "webhook.received",
    "news were ignored",
];

impl Coverage {
    fn seen(&mut self, what: &str) {
        *self.0.entry(what.to_owned()).or_default() += 1;
    }

    pub(crate) fn told(&mut self, events: &[Event]) {
        for event in events {
            self.seen(event.kind.as_str());
        }
    }

    pub(crate) fn heard(&mut self, command: &Command, outcome: &Outcome) {
        match (&command.action, outcome) {
            (Action::NextWork { agent, .. }, Outcome::Done(Answer::Followup { item, .. })) => {
                let author = item.author.as_ref();
                match author.and_then(|author| author.preferred.as_ref()) {
                    Some(author) if author == agent => self.seen("a follow-up went to its author"),
                    Some(_) => self.seen("a follow-up went to somebody else than its author"),
                    None => self.seen("a follow-up was taken from nobody's pull request"),
                }
            }
            (Action::NextWork { .. }, Outcome::Done(Answer::Claim { .. })) => {
                self.seen("an issue, for want of feedback");
            }
            (Action::NextWork { .. }, Outcome::Refused(Refusal::NothingEligible)) => {
                self.seen("nothing to give");
            }
            (_, Outcome::Refused(Refusal::FollowupMismatch { .. })) => {
                self.seen("the pull request is with another");
            }
            (_, Outcome::Refused(Refusal::FollowupNotFound { .. })) => {
                self.seen("there is no such open follow-up");
            }
            (_, Outcome::Refused(Refusal::FollowupTransition { .. })) => {
                self.seen("it may not go there");
            }
            (_, Outcome::Done(Answer::Delivery { answer, look })) => {
                if look.is_some() {
                    self.seen("GitHub is to be asked");
                }
                self.answered(answer);
            }
            _ => {}
        }
    }

    fn answered(&mut self, answer: &WebhookAnswer) {
        match answer {
            WebhookAnswer::Duplicate { .. } => self.seen("a delivery came again"),
            WebhookAnswer::Ignored(_) => self.seen("news were ignored"),
            WebhookAnswer::Taken { resolved: 0, .. } => {}
            WebhookAnswer::Taken { .. } => self.seen("items ended by news"),
            WebhookAnswer::Feedback {
                created,
                idempotent,
                item,
                ..
            } => self.seen(match (created, idempotent, item) {
                (_, true, _) => "feedback came again",
                (true, _, _) => "feedback made an item",
                (false, _, Some(_)) => "feedback joined an item",
                (false, _, None) => "feedback was over before it was seen",
            }),
        }
    }

    /// Each case occurred more than once, so that a change of the random numbers cannot hide that it became rare.
    pub(crate) fn is_all_there_is(&self) {
        let rare = |what: &&str| self.0.get(*what).is_none_or(|times| *times < 3);
        let missing: Vec<&str> = ALL.into_iter().filter(rare).collect();
        assert!(missing.is_empty(), "{missing:?} hardly ever: {self:#?}");
    }
}
