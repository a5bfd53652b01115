//! The engine: one synchronous, total function from what is known and what is asked to what changes and what is answered.

mod claims;
mod deliveries;
mod feedback;
mod followups;
mod heard;
mod keys;
mod lease;
mod mirror;
mod next;
mod outbox;
mod pulls;
mod repos;
mod sweep;

use crate::change::{Change, Remembered};
use crate::command::{Action, Answer, Command, Missing, Outcome};
use crate::event::Event;
use crate::id::Ids;
use crate::needs::PageNeed;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::time::Timestamp;
use crate::view::View;

/// What follows from a command. A refusal and a missing piece of knowledge change nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What changes.
    pub changes: Vec<Change>,
    /// What happened, for the log.
    pub events: Vec<Event>,
    /// What the caller hears.
    pub outcome: Outcome,
}

/// What the engine says to a command.
#[expect(
    clippy::large_enum_variant,
    reason = "a verdict is taken apart where it is made"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// This.
    Decided(Decision),
    /// Commands before it in the batch took or changed what was loaded for it: ask in the next batch.
    Later,
}

/// What every rule may look at.
struct Context<'a> {
    view: &'a View,
    command: &'a Command,
    policy: &'a Policy,
    now: Timestamp,
}

impl Decision {
    fn done(answer: Answer) -> Self {
        Self {
            changes: Vec::new(),
            events: Vec::new(),
            outcome: Outcome::Done(answer),
        }
    }

    fn refused(refusal: Refusal) -> Self {
        Self {
            changes: Vec::new(),
            events: Vec::new(),
            outcome: Outcome::Refused(refusal),
        }
    }

    fn missing(missing: Missing) -> Self {
        Self {
            changes: Vec::new(),
            events: Vec::new(),
            outcome: Outcome::Missing(missing),
        }
    }
}

/// Decides one command. `view` holds what [`crate::needs::Needs::of`] asked for; `now` is the store's time, read once in the
/// transaction.
pub fn decide(
    view: &View,
    command: &Command,
    policy: &Policy,
    now: Timestamp,
    ids: &mut dyn Ids,
) -> Verdict {
    let context = Context {
        view,
        command,
        policy,
        now,
    };
    if let Err(refusal) = command.caller.may(&command.action) {
        return Verdict::Decided(Decision::refused(refusal));
    }
    if let Some(proof) = &command.lease
        && !view
            .lease(&proof.name)
            .is_some_and(|lease| lease.honours(proof, now))
    {
        return Verdict::Decided(Decision::missing(Missing::Lease(proof.name.clone())));
    }
    let Some(key) = &command.idempotency else {
        return context.act(ids);
    };
    if let Some(remembered) = view.remembered(&command.caller.principal, &key.key) {
        return Verdict::Decided(if remembered.request == key.request {
            Decision::done(remembered.answer.clone())
        } else {
            Decision::refused(Refusal::IdempotencyMismatch)
        });
    }
    let mut verdict = context.act(ids);
    if let Verdict::Decided(Decision {
        changes,
        outcome: Outcome::Done(answer),
        ..
    }) = &mut verdict
    {
        changes.push(Change::Remember(Box::new(Remembered {
            principal: command.caller.principal.clone(),
            key: key.key.clone(),
            request: key.request.clone(),
            answer: answer.clone(),
            at: now,
        })));
    }
    verdict
}

/// Decides a batch, each command seeing what those before it changed, so that it comes to what the commands would come to
/// one by one. `None` for a command that must be asked again in the next batch; never for the first.
pub fn decide_batch(
    view: &mut View,
    commands: &[Command],
    policy: &Policy,
    now: Timestamp,
    ids: &mut dyn Ids,
) -> Vec<Option<Outcome>> {
    let page = commands.iter().find_map(PageNeed::of);
    commands
        .iter()
        .map(|command| {
            let other_page = PageNeed::of(command).is_some_and(|wanted| Some(wanted) != page);
            if view.is_outdated() || other_page {
                return None;
            }
            match decide(view, command, policy, now, ids) {
                Verdict::Decided(decision) => {
                    view.apply(decision.changes, decision.events);
                    Some(decision.outcome)
                }
                Verdict::Later => None,
            }
        })
        .collect()
}

impl Context<'_> {
    fn act(&self, ids: &mut dyn Ids) -> Verdict {
        Verdict::Decided(match &self.command.action {
            Action::ClaimIssue {
                agent,
                repo,
                number,
                unreachable,
            } => self.claim_issue(agent, repo, *number, *unreachable, ids),
            Action::NextIssue { agent, filter } => return self.next_issue(agent, filter, ids),
            Action::NextWork { agent, filter } => return self.next_work(agent, filter, ids),
            Action::UpdateFollowup {
                item,
                agent,
                to,
                note,
            } => self.update_followup(*item, agent, *to, note.as_deref()),
            Action::TakeDelivery { delivery, meaning } => {
                self.take_delivery(delivery, meaning, ids)
            }
            Action::DeferDelivery {
                delivery,
                id,
                body,
                error,
            } => self.defer_delivery(delivery, id, body, error),
            Action::Hear(meaning) => self.hear_poll(meaning, ids),
            Action::FinishPullPoll {
                repo,
                number,
                validators,
            } => self.finish_pull_poll(repo, *number, validators),
            Action::UpdateClaim {
                claim,
                agent,
                to,
                note,
                pr_url,
            } => self.update_claim(*claim, agent, *to, note.as_deref(), pr_url.as_deref(), ids),
            Action::ReleaseClaim {
                claim,
                agent,
                reason,
            } => self.release_claim(*claim, agent, reason.as_deref()),
            Action::SeeRepos(repos) => self.see_repos(repos),
            Action::LoseRepo(repo) => self.lose_repo(repo),
            Action::SeeIssues { repo, issues } => self.see_issues(repo, issues),
            Action::SeeIssue { repo, number, seen } => self.see_issue(repo, *number, seen),
            Action::FinishPoll {
                repo,
                began,
                watermark,
                etag,
            } => self.finish_poll(repo, *began, *watermark, etag.as_deref()),
            Action::FinishSync(tally) => self.finish_sync(*tally),
            Action::Sweep => self.sweep(),
            Action::Rerank(_) => self.rerank(),
            Action::TakeLease {
                name,
                holder,
                length,
            } => self.take_lease(name, holder, *length),
            Action::GiveLease(proof) => self.give_lease(proof),
            Action::CreateKey(new) => self.create_key(new, ids),
            Action::RevokeKey(which) => self.revoke_key(which),
            Action::SettleOutbox { id, error } => self.settle_outbox(*id, error.as_deref()),
        })
    }
}
