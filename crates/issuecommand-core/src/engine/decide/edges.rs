//! What issues wait for: blockers, sub-issues and pull requests, and what their ends change for those that wait.

mod done;
mod pulls;
mod relations;

pub(super) use self::relations::Relation;
use super::Context;
use super::effects::Effects;
use crate::domain::edge::{Edge, EdgeEnd, EdgeKey, EdgeKind};
use crate::domain::event::{Details, Event, EventKind};
use crate::domain::id::IssueKey;
use crate::domain::issue::{IssuePlace, IssueState, MirroredIssue, WithheldReason};
use crate::domain::policy::{Parents, ReadinessPolicy};
use crate::domain::readiness::{ReasonCode, ReasonSet};
use crate::domain::standing::Open;
use crate::domain::time::Millis;
use crate::engine::view::Rows;

/// How long after an answer GitHub is asked again for edges of which the mirror cannot see the ends.
const ASK_AGAIN: Millis = Millis::minutes(10);

/// An issue that was closed, with the issues that waited for it.
pub(super) struct Unblocked {
    closed: IssueKey,
    dependents: Vec<IssueKey>,
}

impl Context<'_> {
    /// What follows from the changes of a command for those that wait. Returns whom closed issues set free.
    pub(super) fn follow_waits(&self, fx: &mut Effects<'_>) -> Vec<Unblocked> {
        self.note_done(fx);
        self.follow_pulls(fx);
        self.follow_lists(fx);
        let changed: Vec<_> = fx
            .changed_issues()
            .map(|issue| (issue.key(), issue.facts.state, issue.withheld))
            .collect();
        let mut unblocked = Vec::new();
        for (key, state, withheld) in changed {
            unblocked.extend(self.follow_state(key, state == IssueState::Open, fx));
            let is_gone = withheld.is_some_and(|(reason, _)| WithheldReason::is_gone(reason));
            let row = self.view.issue(key);
            let was_gone = row.is_some_and(|row| row.withheld == withheld);
            if is_gone && !was_gone {
                // Where it went, only the edges themselves can say. Until then it counts as it was.
                for edge in fx.edges_to(&EdgeEnd::Here(key.0, key.1)) {
                    fx.ask_edges(edge.of);
                }
            }
        }
        unblocked
    }

    /// Opens or closes the edges that lead to an issue.
    pub(super) fn follow_state(
        &self,
        key: IssueKey,
        open: bool,
        fx: &mut Effects<'_>,
    ) -> Option<Unblocked> {
        let edges = fx.edges_to(&EdgeEnd::Here(key.0, key.1)).into_iter();
        let changed: Vec<Edge> = edges.filter(|edge| edge.open != open).collect();
        let dependents: Vec<IssueKey> = changed.iter().map(|edge| edge.of).collect();
        for edge in changed {
            self.put_edge(Edge { open, ..edge }, fx);
        }
        (!open && !dependents.is_empty()).then_some(Unblocked {
            closed: key,
            dependents,
        })
    }

    /// Tells in one event each whom closed issues set free.
    pub(super) fn tell_unblocked(&self, unblocked: Vec<Unblocked>, fx: &mut Effects<'_>) {
        for Unblocked { closed, dependents } in unblocked {
            let is_ready = |of: &&IssueKey| {
                let standing = fx.standing(**of);
                standing.is_some_and(|standing| standing.reasons.is_empty())
            };
            let ready = dependents.iter().filter(is_ready).count();
            let repo = fx.repo_by_id(closed.0).map(|repo| repo.facts.name.clone());
            fx.emit(Event {
                seq: 0,
                kind: EventKind::IssueUnblocked,
                timestamp: self.now,
                principal: self.command.caller.principal.clone(),
                claim: None,
                item: None,
                repo,
                number: Some(closed.1),
                pull: None,
                agent: None,
                details: Details::Unblocked {
                    dependents: dependents.len() as u64,
                    ready: ready as u64,
                },
            });
        }
    }

    /// Inserts or replaces an edge and counts it where it leads from.
    pub(super) fn put_edge(&self, edge: Edge, fx: &mut Effects<'_>) {
        let key = edge.key();
        let was = fx.edge(&key).is_some_and(|before| before.open);
        self.count(edge.of, edge.kind, (was, edge.open), fx);
        fx.set_edge(key, Some(edge));
    }

    /// Deletes an edge, if it is there.
    pub(super) fn drop_edge(&self, key: EdgeKey, fx: &mut Effects<'_>) {
        if let Some(before) = fx.edge(&key) {
            let was = before.open;
            self.count(key.0, key.1, (was, false), fx);
            fx.set_edge(key, None);
        }
    }

    /// A closed issue has no standing; its edges are counted when it is reopened.
    fn count(&self, of: IssueKey, kind: EdgeKind, (was, is): (bool, bool), fx: &mut Effects<'_>) {
        let Some(mut standing) = fx.standing(of).filter(|_| was != is).cloned() else {
            return;
        };
        let known = standing.open.of(kind);
        *known = if is {
            *known + 1
        } else {
            known.saturating_sub(1)
        };
        standing.reasons = waiting(standing.reasons, standing.open, &self.policy.readiness);
        fx.put_standing(standing);
    }

    /// The open edges of an issue, counted anew.
    pub(super) fn recounted(key: IssueKey, fx: &Effects<'_>) -> Open {
        let mut open = Open::default();
        for kind in EdgeKind::ALL {
            let edges = fx.edges_of(key, kind);
            let number = edges.iter().filter(|edge| edge.open).count();
            *open.of(kind) = u32::try_from(number).unwrap_or(u32::MAX);
        }
        open
    }
}

/// The end of an edge to an issue.
fn end_of(place: &IssuePlace, fx: &Effects<'_>) -> EdgeEnd {
    match fx.repo_named(&place.repo) {
        Some(repo) => EdgeEnd::Here(repo.id, place.number),
        None => EdgeEnd::Elsewhere(place.repo.clone(), place.number),
    }
}

/// Whether an end is open: the mirror's word before a message's, and a message that does not say it means an open one.
fn is_open(end: &EdgeEnd, said: Option<bool>, fx: &Effects<'_>) -> bool {
    let row = mirrored(end, fx);
    let known = row.map(|row| row.facts.state == IssueState::Open);
    known.or(said).unwrap_or(true)
}

/// The mirror's row of an end, if the mirror follows its repository.
fn mirrored<'f>(end: &EdgeEnd, fx: &'f Effects<'_>) -> Option<&'f MirroredIssue> {
    match end {
        EdgeEnd::Here(repo, number) => {
            let is_followed = fx.repo_by_id(*repo).is_some_and(|repo| repo.offered);
            fx.issue((*repo, *number)).filter(|_| is_followed)
        }
        EdgeEnd::Elsewhere(..) => None,
    }
}

/// The reasons, with those that follow from what the issue waits for.
pub(super) fn waiting(reasons: ReasonSet, open: Open, policy: &ReadinessPolicy) -> ReasonSet {
    let parents = match policy.parents {
        Parents::Skip => open.children + open.hidden_children > 0,
        Parents::Offer => false,
    };
    reasons
        .with(ReasonCode::HasOpenPr, open.pulls > 0)
        .with(
            ReasonCode::BlockedBy,
            open.blockers + open.hidden_blockers > 0,
        )
        .with(ReasonCode::HasOpenChildren, parents)
}
