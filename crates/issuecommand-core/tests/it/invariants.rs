//! The invariants after every command, checked from outside by rules that are written a second time here.

mod followups;

use std::collections::{BTreeMap, BTreeSet};

use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::{Details, Event, EventKind, EventOrigin};
use issuecommand_core::domain::id::{ClaimId, IssueKey, IssueNumber};
use issuecommand_core::domain::issue::{IssueState, MirroredIssue};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::readiness::ReasonSet;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::command::{Action, Answer, Command, Missing, Outcome};
use issuecommand_core::memory::Snapshot;

use ClaimStatus::{Claimed, Closed, InProgress, PrMerged, PrSubmitted, Released, Stale};

/// Checks one command by the store before and after it.
pub(crate) struct Invariants<'a> {
    pub(crate) before: &'a Snapshot,
    pub(crate) command: &'a Command,
    pub(crate) outcome: &'a Outcome,
    pub(crate) after: &'a Snapshot,
    pub(crate) now: Timestamp,
}

impl Invariants<'_> {
    pub(crate) fn check(&self) {
        if !matches!(self.outcome, Outcome::Done(_)) {
            assert_eq!(self.before, self.after, "a refusal changed something");
        }
        one_owner_each(self.after);
        self.log_only_grows();
        self.every_change_has_its_event();
        self.counts();
        ranks(self.after);
        self.feedback();
        self.naming();
        if self.command.idempotency.is_none() && self.command.lease.is_none() {
            self.claiming();
            self.choosing();
        }
    }

    fn news(&self) -> &[Event] {
        let last = self.before.events().last().map_or(0, |event| event.seq);
        let from = self
            .after
            .events()
            .partition_point(|event| event.seq <= last);
        &self.after.events()[from..]
    }

    fn log_only_grows(&self) {
        let log = self.after.events();
        assert!(
            log.windows(2)
                .all(|pair| pair[0].seq < pair[1].seq && pair[0].timestamp <= pair[1].timestamp)
        );
        assert!(
            self.news()
                .iter()
                .all(|event| event.principal == self.command.caller.principal)
        );
        let kept = self.before.events();
        let old = &log[..log.len() - self.news().len()];
        if matches!(self.command.action, Action::Sweep) {
            assert!(kept.ends_with(old));
        } else {
            assert_eq!(kept, old);
        }
    }

    fn every_change_has_its_event(&self) {
        let mut told: BTreeMap<ClaimId, Vec<&Event>> = BTreeMap::new();
        for event in self.news() {
            match event.claim {
                Some(claim) => told.entry(claim).or_default().push(event),
                None => assert!(
                    event.item.is_some()
                        || event.kind == EventKind::WebhookReceived
                        || (event.kind == EventKind::SyncReconciled
                            && matches!(self.command.action, Action::FinishSync { .. }))
                ),
            }
        }
        let before: BTreeMap<ClaimId, &Claim> = self
            .before
            .claims()
            .map(|claim| (claim.id, claim))
            .collect();
        for claim in self.after.claims() {
            let expected = match before.get(&claim.id) {
                None => Some(self.made(claim)),
                Some(was) => self.changed(was, claim),
            };
            let events = told.remove(&claim.id).unwrap_or_default();
            let (competing, events): (Vec<&Event>, Vec<&Event>) = events
                .into_iter()
                .partition(|event| event.kind == EventKind::ClaimCompetingPr);
            let new = competing.iter().filter_map(|event| event.pull).collect();
            assert_eq!(rivals_since(before.get(&claim.id).copied(), claim), new);
            let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
            let only_rivals = events.is_empty() && !competing.is_empty();
            let expected = expected.filter(|_| !only_rivals);
            assert_eq!(
                kinds,
                expected.into_iter().collect::<Vec<_>>(),
                "{:?} after {:?}: {claim:?}, told {events:?}",
                before.get(&claim.id),
                self.command.action
            );
            for event in events.into_iter().chain(competing) {
                self.tells(event, claim);
            }
        }
        // A sweep may trim a claim in the same run in which it releases it.
        for (id, events) in told {
            let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
            let was = before.get(&id).map(|claim| claim.status);
            assert_eq!(
                (kinds.as_slice(), was),
                (&[EventKind::ClaimAutoReleased][..], Some(Stale)),
                "events of nothing"
            );
            assert!(matches!(self.command.action, Action::Sweep));
        }
    }

    fn made(&self, claim: &Claim) -> EventKind {
        assert_eq!((claim.status, claim.history.len()), (Claimed, 1));
        assert_eq!((claim.claimed_at, claim.last_updated), (self.now, self.now));
        assert!(matches!(
            self.command.action,
            Action::ClaimIssue { .. } | Action::NextIssue { .. } | Action::NextWork { .. }
        ));
        EventKind::ClaimCreated
    }

    /// The event that this change needs, if any.
    fn changed(&self, was: &Claim, is: &Claim) -> Option<EventKind> {
        // The name of its repository is not part of it.
        let renamed = Claim {
            repo_name: is.repo_name.clone(),
            ..was.clone()
        };
        if renamed == *is {
            return None;
        }
        if !was.is_active() {
            return Some(self.changed_after_its_end(was, is));
        }
        assert!(is.last_updated >= was.last_updated, "time went back");
        assert_eq!(
            (is.id, &is.agent, &is.principal, is.key(), is.claimed_at),
            (
                was.id,
                &was.agent,
                &was.principal,
                was.key(),
                was.claimed_at
            )
        );
        assert!(is.history.starts_with(&was.history), "history changed");
        match &is.history[was.history.len()..] {
            [] => self.changed_in_place(was, is),
            [entry] => {
                assert_eq!(
                    (entry.status, entry.timestamp),
                    (is.status, is.last_updated)
                );
                self.moved(was, is);
                Some(match (is.status, self.is_by_agent()) {
                    (Released, true) => EventKind::ClaimReleased,
                    (Released, false) => EventKind::ClaimAutoReleased,
                    // The end of a derived link is logged as such, to whichever status the claim returns.
                    (Stale, false) if was.pull != is.pull => EventKind::ClaimUpdated,
                    (Stale, _) => EventKind::ClaimStale,
                    _ => EventKind::ClaimUpdated,
                })
            }
            more => panic!("one command moved a claim more than once: {more:?}"),
        }
    }

    /// An ended claim is restored if GitHub closed its issue and reopened it, or is notified that a write failed for good.
    fn changed_after_its_end(&self, was: &Claim, is: &Claim) -> EventKind {
        let [known @ .., entry] = &is.history[..] else {
            panic!("{is:?} has no history")
        };
        assert_eq!(
            known, was.history,
            "an ended claim changed: {was:?} to {is:?}"
        );
        assert_eq!(entry.status, is.status);
        if is.is_active() {
            assert!(was.github_closed_at.is_some() && !self.is_by_agent());
            assert_eq!(is.github_closed_at, None);
            assert_eq!(entry.timestamp, is.last_updated);
            let before = known.iter().rev().nth(1).map(|entry| entry.status);
            assert_eq!(before, Some(is.status));
        } else {
            assert!(matches!(self.command.action, Action::SettleOutbox { .. }));
            let told = Claim {
                history: is.history.clone(),
                repo_name: is.repo_name.clone(),
                ..was.clone()
            };
            assert_eq!(told, *is);
        }
        EventKind::ClaimUpdated
    }

    fn changed_in_place(&self, was: &Claim, is: &Claim) -> Option<EventKind> {
        assert_eq!(is.status, was.status);
        // The end of a derived link also resets the status that a stale claim would return to.
        let ended = was.pull != is.pull && before_derived(is).is_none();
        let undone = before_derived(was).filter(|_| ended && was.status == Stale);
        assert_eq!(is.before_stale, undone.or(was.before_stale));
        let beaten = Claim {
            last_updated: is.last_updated,
            // A sign of life is told in no event.
            signed_at: is.signed_at,
            repo_name: is.repo_name.clone(),
            ..was.clone()
        };
        let alive = matches!(&self.command.action, Action::UpdateClaim { claim, to, .. } if *claim == is.id && *to == is.status);
        if is.last_updated != was.last_updated {
            assert!(
                alive,
                "something else than a sign of life moved the time of {is:?}"
            );
        }
        (beaten != told_as(&beaten, is)).then_some(EventKind::ClaimUpdated)
    }

    fn moved(&self, was: &Claim, is: &Claim) {
        let may: &[ClaimStatus] = match (was.status, self.is_by_agent()) {
            (Claimed, true) => &[InProgress, Released, Stale],
            (InProgress, true) => &[PrSubmitted, Released, Stale],
            (PrSubmitted, true) => &[PrMerged, Released, Stale],
            (PrMerged, true) => &[Closed, Released, Stale],
            (Stale, true) => &[InProgress, Released],
            (Claimed | InProgress, false) => &[PrSubmitted, PrMerged, Closed, Stale, Released],
            (PrSubmitted, false) => &[PrMerged, Closed, Stale, Released],
            (PrMerged, false) => &[Closed, Stale, Released],
            (Stale, false) => &[PrSubmitted, PrMerged, Closed, Released],
            (Closed | Released, _) => &[],
        };
        let returns =
            self.is_by_agent() && was.status == Stale && was.before_stale == Some(is.status);
        let before = before_derived(was);
        let undone = !self.is_by_agent() && before == Some(is.status) && was.pull != is.pull;
        let freed = self.is_by_agent()
            && before.is_some_and(|before| before == is.status || goes(before, is.status, was));
        assert!(
            returns || undone || freed || may.contains(&is.status),
            "{} to {}",
            was.status,
            is.status
        );
        assert!(is.status != PrSubmitted || is.pr_url.is_some());
        let woken = before_derived(is) == Some(Stale) && !self.is_by_agent();
        let stale = match is.status {
            Stale if undone => was.before_stale,
            Stale => Some(was.status),
            Closed | Released => None,
            _ => was.before_stale.filter(|_| woken),
        };
        assert_eq!(is.before_stale, stale);
    }

    fn is_by_agent(&self) -> bool {
        matches!(
            self.command.action,
            Action::UpdateClaim { .. } | Action::ReleaseClaim { .. }
        )
    }

    fn tells(&self, event: &Event, claim: &Claim) {
        assert_eq!(
            (event.number, event.agent.as_ref()),
            (Some(claim.number), Some(&claim.agent))
        );
        match &event.details {
            Details::Created { idempotent } => assert!(!idempotent),
            Details::Moved { source, status, .. } => {
                // If an agent names a pull request of other claims, their holders are notified too.
                let agent = *source == EventOrigin::Agent;
                assert_eq!((agent, *status), (self.is_by_agent(), claim.status));
            }
            other => panic!("{other:?} is of no claim"),
        }
        let entry = claim.history.last().unwrap();
        let in_place = matches!(
            event.kind,
            EventKind::ClaimUpdated | EventKind::ClaimCompetingPr
        );
        if !in_place || claim.status == Closed {
            assert_eq!(event.timestamp, entry.timestamp);
        }
    }

    /// No claim is lost from the counts, and only a sweep trims claims, and only ended ones.
    fn counts(&self) {
        let old: Vec<ClaimId> = self.before.claims().map(|claim| claim.id).collect();
        let made = self
            .after
            .claims()
            .filter(|claim| !old.contains(&claim.id))
            .count();
        assert_eq!(
            self.after.total_claims(),
            self.before.total_claims() + made as u64
        );
        let kept: Vec<ClaimId> = self.after.claims().map(|claim| claim.id).collect();
        for gone in self
            .before
            .claims()
            .filter(|claim| !kept.contains(&claim.id))
        {
            let released = self.news().iter().any(|event| event.claim == Some(gone.id));
            assert!(
                matches!(self.command.action, Action::Sweep),
                "{gone:?} is gone"
            );
            assert!(
                released || !gone.is_active(),
                "{gone:?} was forgotten alive"
            );
        }
    }

    /// A name belongs to the repository that GitHub showed under it last.
    fn naming(&self) {
        let (Action::RecordRepos(seen), Outcome::Done(_)) = (&self.command.action, self.outcome)
        else {
            return;
        };
        let last = seen.last().unwrap();
        let owner = self.after.named(last.name.key());
        let known = self.after.repos().find(|repo| repo.facts == *last);
        // A remembered answer changed nothing.
        if self.command.idempotency.is_none() {
            assert_eq!(owner, known.map(|repo| repo.id), "{last:?}");
            assert!(known.is_some());
        }
    }

    /// Claiming by number, checked by the holder before it.
    fn claiming(&self) {
        let Action::ClaimIssue {
            agent,
            repo,
            number,
            ..
        } = &self.command.action
        else {
            return;
        };
        let key = self.before.named(repo.key()).map(|id| (id, *number));
        let holder = self
            .before
            .claims()
            .find(|claim| claim.is_active() && Some(claim.key()) == key);
        match (holder, self.outcome) {
            (
                Some(held),
                Outcome::Done(Answer::Claim {
                    claim, idempotent, ..
                }),
            ) => {
                assert_eq!(
                    (claim.id, &claim.agent, *idempotent),
                    (held.id, agent, true)
                );
                assert_eq!(self.before, self.after);
            }
            (Some(held), Outcome::Refused(Refusal::AlreadyClaimed { claim, .. })) => {
                assert!(claim.id == held.id && claim.agent != *agent);
            }
            (Some(held), other) => panic!("{held:?} is held, not {other:?}"),
            (
                None,
                Outcome::Done(Answer::Claim {
                    claim, idempotent, ..
                }),
            ) => {
                assert!(!idempotent);
                assert_eq!((Some(claim.key()), &claim.agent), (key, agent));
                let row = self
                    .before
                    .issues()
                    .find(|row| Some(row.key()) == key)
                    .unwrap();
                assert!(
                    row.facts.state == IssueState::Open,
                    "{row:?} was given away"
                );
            }
            (None, Outcome::Refused(refusal)) => {
                assert!(matches!(
                    refusal,
                    Refusal::InvalidIssue { .. } | Refusal::NotReady { .. }
                ));
            }
            (None, _) => {}
        }
    }

    /// The next issue is the first ready one that matches.
    fn choosing(&self) {
        let (Action::NextIssue { filter, .. } | Action::NextWork { filter, .. }) =
            &self.command.action
        else {
            return;
        };
        if matches!(self.outcome, Outcome::Done(Answer::Followup { .. })) {
            return;
        }
        let asked = filter
            .repo
            .as_ref()
            .map(|name| self.before.named(name.key()));
        let labels = |row: &MirroredIssue| {
            filter.labels.iter().all(|label| {
                row.facts
                    .labels
                    .iter()
                    .any(|has| has.to_lowercase() == *label)
            })
        };
        let scoped = |row: &MirroredIssue| {
            let repo = self
                .before
                .repos()
                .find(|repo| repo.id == row.repo)
                .unwrap();
            self.command.caller.scope.has(&repo.facts.name)
        };
        let first = ready(self.before).into_iter().find(|row| {
            asked.is_none_or(|repo| repo == Some(row.repo)) && labels(row) && scoped(row)
        });
        match self.outcome {
            Outcome::Done(Answer::Claim {
                claim,
                issue,
                idempotent,
                ..
            }) => {
                assert_eq!(
                    (Some(claim.key()), *idempotent),
                    (first.map(MirroredIssue::key), false)
                );
                assert_eq!(issue.as_ref().map(|row| row.key()), Some(claim.key()));
            }
            // Only a delivery named that repository: GitHub is asked about it before its issues are handed out.
            Outcome::Missing(Missing::Repo(name)) => {
                let known = self.before.named(name.key());
                let known = known.and_then(|id| self.before.repos().find(|repo| repo.id == id));
                assert!(
                    known.is_none_or(|repo| repo.facts.github_id == 0),
                    "{known:?}"
                );
            }
            Outcome::Refused(Refusal::NothingEligible) | Outcome::Missing(_) => {
                assert_eq!(first, None, "{:?}", self.outcome);
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Open, offered, not withheld, not held; in serving order.
pub(crate) fn ready(store: &Snapshot) -> Vec<&MirroredIssue> {
    let held: Vec<IssueKey> = store
        .claims()
        .filter(|claim| claim.is_active())
        .map(Claim::key)
        .collect();
    let mut rows: Vec<&MirroredIssue> = store
        .issues()
        .filter(|row| {
            row.facts.state == IssueState::Open
                && row.withheld.is_none()
                && store.reasons(row.key()).is_some_and(ReasonSet::is_empty)
                && store
                    .repos()
                    .any(|repo| repo.id == row.repo && repo.offered)
                && !held.contains(&row.key())
        })
        .collect();
    let turn = |row: &MirroredIssue| store.standing(row.key()).map(|standing| standing.turn);
    rows.sort_by_key(|row| (turn(row), row.facts.created_at, row.key()));
    rows
}

fn one_owner_each(store: &Snapshot) {
    let mut held: Vec<IssueKey> = store
        .claims()
        .filter(|claim| claim.is_active())
        .map(Claim::key)
        .collect();
    held.sort();
    assert!(
        held.windows(2).all(|pair| pair[0] != pair[1]),
        "two owners: {held:?}"
    );
}

fn ranks(store: &Snapshot) {
    let table = Policy::default().priority;
    assert!(
        store
            .issues()
            .all(|row| row.rank == table.rank(&row.facts.labels))
    );
}

/// The status that a claim had before a derived change moved it.
fn before_derived(claim: &Claim) -> Option<ClaimStatus> {
    claim.link.as_ref()?.before
}

/// The transitions of an agent from the status before.
fn goes(before: ClaimStatus, to: ClaimStatus, was: &Claim) -> bool {
    match before {
        Claimed => matches!(to, InProgress | Released | Stale),
        InProgress => matches!(to, PrSubmitted | Released | Stale),
        PrSubmitted => matches!(to, PrMerged | Released | Stale),
        PrMerged => matches!(to, Closed | Released | Stale),
        Stale => matches!(to, InProgress | Released) || was.before_stale == Some(to),
        Closed | Released => false,
    }
}

/// The new competing pull requests.
fn rivals_since(was: Option<&Claim>, is: &Claim) -> BTreeSet<IssueNumber> {
    let rivals = |claim: &Claim| claim.link.as_ref().map(|link| link.rivals.clone());
    let known = was.and_then(rivals).unwrap_or_default();
    let now = rivals(is).unwrap_or_default();
    now.difference(&known).copied().collect()
}

/// The part of a link that is only kept for its undoing is not reported.
fn told_as(was: &Claim, is: &Claim) -> Claim {
    let quiet = is.link_origin() == was.link_origin() && is.pull == was.pull;
    Claim {
        link: if quiet {
            was.link.clone()
        } else {
            is.link.clone()
        },
        ..is.clone()
    }
}
