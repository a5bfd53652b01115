//! The engine: a synchronous, total function from the loaded rows and a command to changes, events and an outcome.

mod activity;
mod attempts;
mod authors;
mod claims;
mod deliveries;
mod delivery_answers;
mod delivery_repo;
mod edges;
mod effects;
mod events;
mod feedback;
mod followups;
mod future_times;
mod halts;
mod issues;
mod keys;
mod lease;
mod links;
mod losses;
mod next;
mod outbox;
mod parks;
mod people;
mod pulls;
mod readiness;
mod repo_policies;
mod repos;
mod resolution;
mod sessions;
mod sign_in;
mod sources;
mod sweep;
mod transfers;
mod withdrawal;

use self::claims::ClaimTerms;
use self::effects::Effects;
use crate::domain::event::Event;
use crate::domain::id::{AgentId, IdGenerator};
use crate::domain::policy::Policy;
use crate::domain::refusal::Refusal;
use crate::domain::time::{StoreTime, Timestamp};
use crate::engine::change::Change;
use crate::engine::command::IdempotencyRecord;
use crate::engine::command::{Action, Command, Missing, Outcome};
use crate::engine::read_set::PageNeed;
use crate::engine::view::View;

/// The result of a command. A refusal or missing data has no changes and no events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The rows to write.
    pub changes: Vec<Change>,
    /// Entries for the event log.
    pub events: Vec<Event>,
    /// The answer to the caller.
    pub outcome: Outcome,
}

/// Whether a command could be decided in this batch.
#[expect(
    clippy::large_enum_variant,
    reason = "a verdict is taken apart where it is made"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The command is decided.
    Decided(Decision),
    /// Earlier commands of the batch used or changed the rows loaded for this one, so it must run in the next batch.
    Later,
}

/// The input that every rule may read.
struct Context<'a> {
    view: &'a View,
    command: &'a Command,
    policy: &'a Policy,
    now: Timestamp,
    time: StoreTime,
    /// The delivery describes a pull request with a time in GitHub's future, and that time was removed.
    ahead: bool,
}

/// Decides one command. `view` holds the rows that [`crate::engine::read_set::ReadSet::of`] asked for. `time` is the store's
/// clock, read once in the transaction.
pub fn decide(
    view: &View,
    command: &Command,
    policy: &Policy,
    time: impl Into<StoreTime>,
    ids: &mut dyn IdGenerator,
) -> Verdict {
    let time = policy.heed(time.into());
    let bounded = future_times::without_future(command, time.now);
    let context = Context {
        view,
        command: bounded.as_ref().unwrap_or(command),
        policy,
        now: time.now,
        time,
        ahead: future_times::is_from_the_future(command, time.now),
    };
    let mut fx = Effects::new(view);
    match context.decide(&mut fx, ids) {
        Some(outcome) => Verdict::Decided(fx.into_decision(outcome)),
        None => Verdict::Later,
    }
}

/// Decides a batch. Each command sees the changes of those before it, so the result equals that of single decisions. `None`
/// means that the command must run in the next batch. The first command never gets `None`.
pub fn decide_batch(
    view: &mut View,
    commands: &[Command],
    policy: &Policy,
    time: impl Into<StoreTime>,
    ids: &mut dyn IdGenerator,
) -> Vec<Option<Outcome>> {
    let time = time.into();
    let page = commands.iter().find_map(PageNeed::of);
    commands
        .iter()
        .map(|command| {
            let other_page = PageNeed::of(command).is_some_and(|wanted| Some(wanted) != page);
            if view.is_outdated() || other_page {
                return None;
            }
            match decide(view, command, policy, time, ids) {
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
    /// `None` means that the command must run in the next batch.
    fn decide(&self, fx: &mut Effects<'_>, ids: &mut dyn IdGenerator) -> Option<Outcome> {
        let command = self.command;
        if let Err(refusal) = command.caller.may_change(command.action.agent()) {
            return Some(Outcome::Refused(refusal));
        }
        if let Some(proof) = &command.lease
            && !self
                .view
                .tables
                .leases
                .get(proof.name())
                .is_some_and(|lease| lease.honours(proof, self.now))
        {
            return Some(Outcome::Missing(Missing::Lease(proof.name().to_owned())));
        }
        let Some(key) = &command.idempotency else {
            return self.act_and_follow(fx, ids);
        };
        if let Some(remembered) = self
            .view
            .tables
            .idempotency
            .get(&(command.caller.principal.clone(), key.key.clone()))
        {
            return Some(if remembered.request == key.request {
                Outcome::Done(remembered.answer.clone())
            } else {
                Outcome::Refused(Refusal::IdempotencyMismatch)
            });
        }
        let outcome = self.act_and_follow(fx, ids)?;
        if let Outcome::Done(answer) = &outcome {
            fx.put_row(IdempotencyRecord {
                principal: command.caller.principal.clone(),
                key: key.key.clone(),
                request: key.request.clone(),
                answer: answer.clone(),
                at: self.now,
            });
        }
        Some(outcome)
    }

    /// Runs the command, then the rules that follow from its effects.
    fn act_and_follow(&self, fx: &mut Effects<'_>, ids: &mut dyn IdGenerator) -> Option<Outcome> {
        let outcome = self.act(fx, ids)?;
        self.end_holds(fx);
        self.notify_sharers(fx);
        self.note_attempts(fx);
        let unblocked = self.follow_waits(fx);
        self.judge_changed(fx);
        self.note_losses(fx);
        self.tell_unblocked(unblocked, fx);
        Some(outcome)
    }

    #[expect(clippy::too_many_lines, reason = "one arm an action")]
    fn act(&self, fx: &mut Effects<'_>, ids: &mut dyn IdGenerator) -> Option<Outcome> {
        Some(match &self.command.action {
            Action::ClaimIssue {
                agent,
                repo,
                number,
                unreachable,
                take_over,
            } => {
                let how = ClaimTerms {
                    unreachable: *unreachable,
                    take_over: *take_over,
                };
                self.claim_issue(agent, repo, *number, how, fx, ids)
            }
            Action::NextIssue {
                agent,
                filter,
                checks,
            } => return self.next_issue(agent, filter, checks, fx, ids),
            Action::NextWork {
                agent,
                filter,
                checks,
            } => return self.next_work(agent, filter, checks, fx, ids),
            Action::UpdateFollowup {
                item,
                agent,
                to,
                note,
            } => self.update_followup(*item, agent, *to, note.as_deref(), fx, ids),
            Action::ProcessDelivery { delivery, meaning } => {
                self.process_delivery(delivery, meaning, fx, ids)
            }
            Action::DeferDelivery {
                delivery,
                id,
                body,
                error,
            } => self.defer_delivery(delivery, id, body, error, fx),
            Action::ApplyPolledEvent(meaning) => self.apply_polled_event(meaning, fx, ids),
            Action::FinishPullPoll {
                repo,
                number,
                validators,
                shown,
            } => self.finish_pull_poll(repo, *number, validators, *shown, fx),
            Action::RecordHead {
                repo,
                number,
                sha,
                merges_base_into,
            } => activity::record_head(repo, *number, sha, merges_base_into.as_deref(), fx),
            Action::UpdateClaim {
                claim,
                agent,
                to,
                note,
                pr_url,
            } => {
                let (note, pr_url) = (note.as_deref(), pr_url.as_deref());
                self.update_claim(*claim, agent, *to, note, pr_url, fx, ids)
            }
            Action::ReleaseClaim {
                claim,
                agent,
                reason,
                outcome: _,
            } => self.release_claim(*claim, agent, reason.as_deref(), fx),
            Action::SetHalt { target, kind, note } => {
                self.set_halt(target, *kind, note.as_deref(), fx)
            }
            Action::GiveClaim { claim, to, note } => {
                self.give_claim(*claim, to, note.as_deref(), fx)
            }
            Action::GiveFollowup { item, to, note } => {
                self.give_followup(*item, to, note.as_deref(), fx)
            }
            Action::DismissFollowup(item, note) => self.dismiss_followup(*item, note, fx, ids),
            Action::ParkIssue { repo, number, note } => self.park_issue(repo, *number, note, fx),
            Action::OfferIssue { repo, number, note } => {
                self.offer_issue(repo, *number, note.as_deref(), fx)
            }
            Action::RecordRepos(repos) => self.record_repos(repos, fx),
            Action::NameRepo {
                name,
                github_id,
                bind,
            } => self.record_redirect(name, *github_id, *bind, fx),
            Action::NotifyRepoHolder(claim) => self.notify_repo_holder(*claim, fx),
            Action::MarkRepoUnavailable(repo) => self.mark_repo_unavailable(repo, fx),
            Action::RecordIssues {
                repo,
                issues,
                pulls,
            } => self.record_issues(repo, issues, pulls, fx),
            Action::RecordIssue { repo, number, seen } => {
                self.record_issue(repo, *number, seen, fx)
            }
            Action::RecordEdges { repo, number, seen } => {
                self.record_edges(repo, *number, seen, fx)
            }
            Action::RecordCycles(found) => self.record_cycles(found, fx),
            Action::RecordWriters { repo, rights } => self.record_writers(repo, rights, fx),
            Action::RecordLogin(login) => self.record_login(login, fx),
            Action::FinishPoll {
                repo,
                began,
                watermark,
                etag,
                reading,
            } => self.finish_poll(repo, *began, *watermark, etag.as_deref(), *reading, fx),
            Action::CompareCounts { repo, gap } => self.compare_counts(repo, *gap, fx),
            Action::FinishSync { tally, run } => self.finish_sync(*tally, run, fx),
            Action::RecordPolicy(repo, seen) => self.record_policy(repo, seen, fx),
            Action::JudgeRepo(page) => self.judge_repo(*page, fx),
            Action::Sweep => self.sweep(fx),
            Action::Rerank(_) => self.rerank(fx),
            Action::AskAgent(agent) => self.ask_agent(agent),
            Action::AskReadiness { repo, number } => self.ask_readiness(repo, *number),
            Action::Heard {
                agent,
                beats,
                holds,
            } => self.heard(agent, *beats, *holds, fx),
            Action::EndSession {
                agent,
                session,
                process,
                end,
            } => self.end_session(agent, session, process.as_ref(), *end, fx),
            Action::AcquireLease {
                name,
                holder,
                length,
            } => self.acquire_lease(name, holder, *length, fx),
            Action::ReleaseLease(proof) => self.release_lease(proof, fx),
            Action::SignIn(what) => self.sign_in(what, fx),
            Action::CreateKey(new) => self.create_key(new, fx, ids),
            Action::RevokeKey(which) => self.revoke_key(which, fx),
            Action::Retry(what) => self.retry(what, fx),
            Action::SettleOutbox { entry, failure } => {
                self.settle_outbox(entry, failure.as_ref(), fx)
            }
        })
    }

    /// The agent that acts by itself. A person who acts for an agent is another hand: the agent does not know of it.
    pub(super) fn acting_agent(&self) -> Option<&AgentId> {
        let is_person = self.command.caller.principal.is_person();
        self.command.action.agent().filter(|_| !is_person)
    }

    /// Converts a time of our clock to GitHub's clock, for comparison with GitHub's times.
    pub(super) fn on_github(&self, ours: Timestamp) -> Timestamp {
        ours.plus(self.command.skew)
    }
}
