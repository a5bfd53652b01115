//! The invariants of follow-ups, pull requests and deliveries after every command.

use std::collections::{BTreeMap, BTreeSet};

use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::{Details, Event, EventKind, EventOrigin as Doing};
use issuecommand_core::domain::followup::{
    FeedbackEvent, Followup, FollowupStatus, KnownSource, Resolution, SourceFacts, SourceId,
    WorkItemId,
};
use issuecommand_core::domain::id::{AgentId, PullKey};
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::webhook::WebhookAnswer;
use issuecommand_core::engine::command::{Action, Answer, Outcome};
use issuecommand_core::memory::Snapshot;

use FollowupStatus::{Claimed, Dismissed, Done, InProgress, Queued, Stale};

use super::Invariants;
use crate::steps::policy;

impl Invariants<'_> {
    pub(super) fn feedback(&self) {
        one_agent_each(self.after);
        each_event_once(self.after);
        self.every_followup_has_its_event();
        self.what_ends_stays_ended();
        self.pulls_only_go_on();
        self.deliveries_are_remembered();
        if self.command.idempotency.is_none() && self.command.lease.is_none() {
            self.serving();
            self.following();
        }
    }

    fn every_followup_has_its_event(&self) {
        let mut told: BTreeMap<WorkItemId, Vec<&Event>> = BTreeMap::new();
        for event in self.news() {
            match (event.kind, event.item) {
                // It names the follow-up that it created or joined.
                (EventKind::WebhookReceived, _) | (_, None) => {}
                (_, Some(item)) => told.entry(item).or_default().push(event),
            }
        }
        let before: BTreeMap<WorkItemId, &Followup> = self
            .before
            .followups()
            .map(|item| (item.id, item))
            .collect();
        for item in self.after.followups() {
            let expected = match before.get(&item.id) {
                None => Some(self.made_followup(item)),
                Some(was) => self.followup_changed(was, item),
            };
            let events = told.remove(&item.id).unwrap_or_default();
            let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
            assert_eq!(kinds, expected.into_iter().collect::<Vec<_>>(), "{item:?}");
            for event in events {
                self.has_event_of(event, item);
            }
        }
        assert!(told.is_empty(), "events without a change: {told:?}");
        // Only a sweep trims follow-ups, and only ended ones.
        for (id, item) in before {
            let kept = self.after.followups().any(|other| other.id == id);
            assert!(
                kept || matches!(self.command.action, Action::Sweep) && item.status.is_terminal(),
                "{item:?} is gone"
            );
        }
    }

    fn is_told_or_polled(&self) -> bool {
        matches!(
            self.command.action,
            Action::ProcessDelivery { .. } | Action::ApplyPolledEvent(_)
        )
    }

    /// Deliveries bring events. So does an agent that ends a follow-up whose text was edited since, because the new text waits
    /// again.
    fn may_feed(&self) -> bool {
        self.is_told_or_polled() || matches!(self.command.action, Action::UpdateFollowup { .. })
    }

    fn made_followup(&self, item: &Followup) -> EventKind {
        assert!(self.may_feed());
        assert_eq!((item.status, item.history.len()), (Queued, 1));
        assert!(item.sources.iter().all(FeedbackEvent::waits));
        assert_eq!((item.created_at, item.last_updated), (self.now, self.now));
        assert_eq!((item.window_from, &item.owner), (self.now, &None));
        EventKind::FollowupCreated
    }

    /// The event that this change needs, if any.
    fn followup_changed(&self, was: &Followup, is: &Followup) -> Option<EventKind> {
        // The name of its repository and its window are not reported.
        let same = Followup {
            repo_name: is.repo_name.clone(),
            repo_offered: is.repo_offered,
            window_from: is.window_from,
            sources: is.sources.clone(),
            ..was.clone()
        };
        assert!(is.window_from >= was.window_from);
        if same == *is && shows_the_same(was, is) {
            return None;
        }
        assert!(
            !was.status.is_terminal(),
            "an ended follow-up changed: {was:?} to {is:?}"
        );
        assert!(is.last_updated >= was.last_updated, "time went back");
        assert_eq!((is.created_at, is.pull()), (was.created_at, was.pull()));
        assert!(is.history.starts_with(&was.history), "history changed");
        assert!(is.sources.len() >= was.sources.len(), "events were lost");
        for (was, is) in was.sources.iter().zip(&is.sources) {
            assert_eq!((&was.id, was.kind), (&is.id, is.kind));
            let again = was.ended.is_some() && is.ended.is_none();
            assert!(!again || was.ended.is_some_and(Resolution::may_return));
        }
        match &is.history[was.history.len()..] {
            [] => self.fed(was, is),
            [entry] => {
                assert_eq!(
                    (entry.status, entry.timestamp),
                    (is.status, is.last_updated)
                );
                self.followup_moved(was, is);
                Some(match is.status {
                    Queued => panic!("nothing is queued again"),
                    Claimed if matches!(self.command.action, Action::NextWork { .. }) => {
                        EventKind::FollowupClaimed
                    }
                    Claimed | InProgress => EventKind::FollowupUpdated,
                    Done => EventKind::FollowupDone,
                    Dismissed => EventKind::FollowupDismissed,
                    Stale => EventKind::FollowupStale,
                })
            }
            more => panic!("one command moved a follow-up more than once: {more:?}"),
        }
    }

    /// It keeps its status: a heartbeat, another event, or a resolved event.
    fn fed(&self, was: &Followup, is: &Followup) -> Option<EventKind> {
        assert_eq!((is.status, &is.owner), (was.status, &was.owner));
        if shows_the_same(was, is) {
            let alive = matches!(&self.command.action, Action::UpdateFollowup { item, to, agent, .. }
                if *item == is.id && *to == is.status && is.owner.as_ref() == Some(agent));
            assert!(alive && is.status.is_held(), "{was:?} to {is:?}");
            return None;
        }
        assert!(self.may_feed());
        if is.sources.len() > was.sources.len() {
            assert!(
                matches!(is.status, Queued | Stale),
                "it grew while it was held"
            );
        }
        Some(EventKind::FollowupUpdated)
    }

    fn followup_moved(&self, was: &Followup, is: &Followup) {
        let may: &[FollowupStatus] = match was.status {
            Queued => &[Claimed, InProgress, Done, Dismissed, Stale],
            Claimed => &[InProgress, Done, Dismissed, Stale],
            InProgress => &[Done, Dismissed, Stale],
            Stale => &[Claimed, InProgress, Done, Dismissed],
            Done | Dismissed => &[],
        };
        assert!(may.contains(&is.status), "{} to {}", was.status, is.status);
        match &self.command.action {
            Action::UpdateFollowup { agent, to, .. } => {
                assert_eq!(is.status, *to);
                assert_eq!(is.owner.as_ref(), Some(agent), "moved by another agent");
                assert!(
                    was.status.is_held() || to.is_held(),
                    "ended by who had not taken it"
                );
            }
            Action::NextWork { agent, .. } => {
                assert_eq!((is.status, is.owner.as_ref()), (Claimed, Some(agent)));
                assert!(matches!(was.status, Queued | Stale));
            }
            Action::Sweep => assert_eq!(is.status, Stale),
            _ if is.status == Stale => {
                let before = self.before.claims().filter(|claim| claim.is_active());
                let mut ended = before.filter(|claim| {
                    let same = |other: &&Claim| other.id == claim.id && other.is_active();
                    !self.after.claims().any(|other| same(&other))
                });
                let mine = |claim: &Claim| {
                    claim.pull == Some(was.pull()) && was.owner.as_ref() == Some(&claim.agent)
                };
                assert!(ended.any(mine), "{was:?} was taken from its agent");
            }
            _ => assert!(self.is_told_or_polled() && is.status.is_terminal()),
        }
        if is.status.is_held() && !was.status.is_held() {
            assert_eq!(is.claimed_at, Some(is.last_updated));
        }
        assert_eq!(is.done_at, (is.status == Done).then_some(is.last_updated));
    }

    fn has_event_of(&self, event: &Event, item: &Followup) {
        assert_eq!(
            (event.pull, event.agent.as_ref()),
            (Some(item.number), item.owner.as_ref())
        );
        match &event.details {
            Details::FollowupCreated { kind, source } => {
                let first = &item.sources[0];
                assert_eq!((*kind, source), (first.kind, &first.id));
            }
            Details::FollowupClaimed { by } => assert_eq!(Some(by), item.owner.as_ref()),
            Details::FollowupMoved { source, status, .. } => {
                let by_agent = matches!(
                    self.command.action,
                    Action::UpdateFollowup { .. }
                        | Action::UpdateClaim { .. }
                        | Action::ReleaseClaim { .. }
                );
                let told = matches!(self.command.action, Action::ProcessDelivery { .. });
                assert_eq!(*status, item.status);
                assert_eq!(
                    (*source == Doing::Agent, *source == Doing::Webhook),
                    (by_agent, told)
                );
            }
            other => panic!("{other:?} is of no follow-up"),
        }
    }

    /// A known event is never recorded again, and a resolved one stays resolved.
    fn what_ends_stays_ended(&self) {
        let after: BTreeMap<&SourceId, _> =
            self.after.sources().map(|row| (&row.id, row)).collect();
        for was in self.before.sources() {
            let is = after[&was.id];
            assert_eq!(is.pull, was.pull);
            let facts = |row: &KnownSource| {
                let facts = &row.facts;
                [facts.gone, facts.dismissed, facts.answered, facts.replaced]
            };
            for (was, is) in facts(was).into_iter().zip(facts(is)) {
                assert!(is || !was, "{is:?} was taken back");
            }
            assert!(
                is.facts.version >= was.facts.version,
                "an older text counts"
            );
            let again = was.ended.is_some() && is.ended.is_none();
            assert!(!again || self.is_told_or_polled());
        }
    }

    fn pulls_only_go_on(&self) {
        let after: BTreeMap<PullKey, _> =
            self.after.pulls().map(|pull| (pull.key(), pull)).collect();
        for was in self.before.pulls() {
            let is = after[&was.key()];
            assert!(
                is.facts.merged || !was.facts.merged,
                "a merge was taken back"
            );
            assert!(
                is.pushed_at >= was.pushed_at
                    && is.closed_or_reopened_at >= was.closed_or_reopened_at
            );
            assert!(is.facts.updated_at >= was.facts.updated_at);
        }
        for pull in self.after.pulls().filter(|pull| !pull.facts.open) {
            let mut open = self
                .after
                .followups()
                .filter(|item| !item.status.is_terminal());
            let over = open.all(|item| item.pull() != pull.key());
            assert!(over, "{pull:?} is over and asks for something");
        }
    }

    fn deliveries_are_remembered(&self) {
        let received = self
            .news()
            .iter()
            .filter(|event| event.kind == EventKind::WebhookReceived);
        let Action::ProcessDelivery { delivery, .. } = &self.command.action else {
            assert_eq!(received.count(), 0);
            return;
        };
        let Outcome::Done(Answer::Delivery { answer, .. }) = self.outcome else {
            return;
        };
        let processed = |store: &Snapshot| {
            let row = store
                .deliveries()
                .find(|row| Some(&row.id) == delivery.id.as_ref());
            row.is_some_and(|row| row.processed_at.is_some() && row.body.is_none())
        };
        if self.command.idempotency.is_none() {
            let duplicate = matches!(answer, WebhookAnswer::Duplicate { .. });
            assert_eq!(duplicate, processed(self.before));
            assert_eq!(received.count(), usize::from(!duplicate));
            assert!(!duplicate || self.before == self.after);
            assert!(delivery.id.is_none() || processed(self.after));
        }
    }

    /// `next_work` gives the first follow-up that this agent may get, and only then an issue.
    fn serving(&self) {
        let Action::NextWork { agent, filter, .. } = &self.command.action else {
            return;
        };
        let asked = filter
            .repo
            .as_ref()
            .map(|name| self.before.named(name.key()));
        let mut offered: Vec<&Followup> = self
            .before
            .followups()
            .filter(|item| asked.is_none_or(|repo| repo == Some(item.repo)))
            .filter(|item| self.is_in_scope(item) && self.is_offered(item, agent))
            .collect();
        offered.sort_by_key(|item| (item.kind(), item.created_at, item.id));
        match self.outcome {
            Outcome::Done(Answer::Followup { item, idempotent }) => {
                assert_eq!(Some(item.id), offered.first().map(|item| item.id));
                assert!(!idempotent);
            }
            Outcome::Done(Answer::Claim { .. })
            | Outcome::Refused(Refusal::NothingEligible)
            | Outcome::Missing(_) => assert_eq!(offered, Vec::<&Followup>::new()),
            other => panic!("{other:?}"),
        }
    }

    fn is_in_scope(&self, item: &Followup) -> bool {
        let place = self.before.repos().find(|repo| repo.id == item.repo);
        self.command.caller.scope.has(&place.unwrap().facts.name)
    }

    fn is_offered(&self, item: &Followup, agent: &AgentId) -> bool {
        let held = self.before.followups().any(|other| {
            other.pull() == item.pull()
                && other.status.is_held()
                && other.owner.as_ref() != Some(agent)
        });
        let author = author(self.before, item);
        let passed = self.now >= item.window_from.plus(policy().affinity);
        let place = self.before.repos().find(|repo| repo.id == item.repo);
        matches!(item.status, Queued | Stale)
            && place.is_some_and(issuecommand_core::domain::repo::Repo::offers_feedback)
            && !held
            && (passed || author.is_none_or(|author| author == agent))
    }

    /// The holder is checked before anything else.
    fn following(&self) {
        let Action::UpdateFollowup { item, agent, .. } = &self.command.action else {
            return;
        };
        let open = |row: &&Followup| row.id == *item && !row.status.is_terminal();
        let known = self
            .before
            .followups()
            .find(open)
            .filter(|item| self.is_in_scope(item));
        let Some(known) = known else {
            assert_eq!(
                *self.outcome,
                Outcome::Refused(Refusal::FollowupNotFound { id: *item })
            );
            return;
        };
        let holder = self.before.holds().find(|(key, _)| *key == known.pull());
        let others = holder.filter(|(_, holder)| *holder != agent);
        match (others, self.outcome) {
            (Some((_, holder)), Outcome::Refused(Refusal::FollowupMismatch { owner, .. })) => {
                assert_eq!(owner, holder);
            }
            (Some(_), other) => panic!("{other:?}"),
            (None, outcome) => {
                let no = matches!(outcome, Outcome::Refused(Refusal::FollowupMismatch { .. }));
                assert!(!no, "{outcome:?}");
            }
        }
    }
}

/// Whether two states of a follow-up ask for the same. Changes of resolved events are not reported.
fn shows_the_same(was: &Followup, is: &Followup) -> bool {
    let shown = |source: &FeedbackEvent| FeedbackEvent {
        facts: SourceFacts::default(),
        unseen: false,
        updated_at: None,
        hidden: false,
        ..source.clone()
    };
    let same = |(was, is): (&FeedbackEvent, &FeedbackEvent)| {
        shown(was) == shown(is) || (was.ended.is_some() && is.ended.is_some())
    };
    was.sources.len() == is.sources.len() && was.sources.iter().zip(&is.sources).all(same)
}

/// The agent of the oldest claim on a pull request that is not stale.
fn author<'a>(store: &'a Snapshot, item: &Followup) -> Option<&'a AgentId> {
    let key = item.pull();
    let mut claims: Vec<&Claim> = store
        .claims()
        .filter(|claim| {
            claim.is_active() && claim.pull == Some(key) && claim.status != ClaimStatus::Stale
        })
        .collect();
    // By the issues that the feedback names, then by those of the branch, then by age.
    claims.sort_by_key(|claim| {
        let here = claim.repo == item.repo;
        let named = here && item.concerns.feedback.contains(&claim.number);
        let branch = here && item.concerns.branch.contains(&claim.number);
        (!named, !branch, !here, claim.claimed_at, claim.id)
    });
    claims.first().map(|claim| &claim.agent)
}

/// Never two agents on one pull request.
fn one_agent_each(store: &Snapshot) {
    let mut held: BTreeMap<PullKey, &AgentId> = BTreeMap::new();
    for item in store.followups().filter(|item| item.status.is_held()) {
        let owner = item.owner.as_ref().unwrap();
        let first = held.entry(item.pull()).or_insert(owner);
        assert_eq!(*first, owner, "two agents on {:?}", item.pull());
    }
    assert_eq!(held, store.holds().collect());
}

/// An event is in at most one follow-up, which its record names; an open follow-up has a waiting event.
fn each_event_once(store: &Snapshot) {
    let rows: BTreeMap<&SourceId, _> = store.sources().map(|row| (&row.id, row)).collect();
    let mut seen = BTreeSet::new();
    for item in store.followups() {
        // An ended follow-up keeps its events, also those that wait again in another.
        let open = item.sources.iter().filter(|_| !item.status.is_terminal());
        for source in open {
            assert!(seen.insert(&source.id), "{} is in two", source.id);
            let row = rows[&source.id];
            assert_eq!((row.item, row.ended), (Some(item.id), source.ended));
            assert_eq!(row.facts, source.facts);
        }
        let asks = item.sources.iter().any(|source| source.ended.is_none());
        assert_eq!(asks, !item.status.is_terminal(), "{item:?}");
    }
}
