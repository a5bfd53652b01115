//! What GitHub says of blockers and sub-issues: in deliveries, in lists, and when asked for all of one issue.

use std::collections::BTreeMap;

use super::super::Context;
use super::super::effects::{Counts, Effects};
use super::{ASK_AGAIN, end_of, is_open, mirrored, waiting};
use crate::domain::edge::{Cycle, Edge, EdgeEnd, EdgeKind};
use crate::domain::event::{Details, Event, EventKind};
use crate::domain::id::{IssueKey, IssueNumber};
use crate::domain::issue::{Issue, IssuePlace, IssueState, RelatedIssue, RelationCount, Said};
use crate::domain::policy::Parents;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::standing::Standing;
use crate::domain::webhook::{GithubEvent, Refetch, RepoRef};
use crate::engine::change::Change;
use crate::engine::command::{Answer, Missing, Outcome, SeenEdges};
use crate::engine::tables::PlainKey;
use crate::engine::view::Rows;

/// A relation that a delivery tells of.
pub(in crate::engine::decide) struct Relation<'a> {
    pub(in crate::engine::decide) kind: EdgeKind,
    /// The issue that waits.
    pub(in crate::engine::decide) of: &'a RelatedIssue,
    /// What it waits for.
    pub(in crate::engine::decide) to: &'a RelatedIssue,
    pub(in crate::engine::decide) added: bool,
}

impl<'a> Relation<'a> {
    /// The relation that an event is about, if it is about one.
    pub(in crate::engine::decide) fn of(event: &'a GithubEvent) -> Option<Self> {
        match event {
            GithubEvent::Dependency {
                blocked: of,
                blocking: to,
                added,
                ..
            } => Some(Self {
                kind: EdgeKind::BlockedBy,
                of,
                to,
                added: *added,
            }),
            GithubEvent::SubIssue {
                parent: of,
                child: to,
                added,
                ..
            } => Some(Self {
                kind: EdgeKind::Child,
                of,
                to,
                added: *added,
            }),
            GithubEvent::Feedback { .. }
            | GithubEvent::Withdrawn { .. }
            | GithubEvent::Unresolved { .. }
            | GithubEvent::Pull { .. }
            | GithubEvent::Issue { .. }
            | GithubEvent::Transferred { .. }
            | GithubEvent::IssueComment { .. }
            | GithubEvent::Relabelled { .. }
            | GithubEvent::Member { .. }
            | GithubEvent::Repo { .. }
            | GithubEvent::Access { .. }
            | GithubEvent::Ping
            | GithubEvent::Ignored(_) => None,
        }
    }
}

impl Context<'_> {
    /// Applies a delivery about a relation. Both repositories send one, and the second changes nothing.
    pub(in crate::engine::decide) fn apply_relation(
        &self,
        relation: &Relation<'_>,
        (home, seen): (&Repo, &RepoRef),
        fx: &mut Effects<'_>,
    ) {
        let end = |place: &IssuePlace, fx: &Effects<'_>| {
            if place.repo == seen.name {
                EdgeEnd::Here(home.id, place.number)
            } else {
                end_of(place, fx)
            }
        };
        let EdgeEnd::Here(repo, number) = end(&relation.of.place, fx) else {
            return;
        };
        let (of, kind) = ((repo, number), relation.kind);
        let to = end(&relation.to.place, fx);
        let place = &relation.to.place;
        let by_name = EdgeEnd::Elsewhere(place.repo.clone(), place.number);
        if to != by_name {
            self.drop_edge((of, kind, by_name), fx);
        }
        if relation.added {
            let open = is_open(&to, relation.to.open, fx);
            self.put_edge(Edge { of, kind, to, open }, fx);
        } else {
            self.drop_edge((of, kind, to), fx);
        }
        // Deliveries may come in the wrong order, and what was hidden may be what this one tells of.
        let hides = fx.standing(of).is_some_and(|standing| {
            standing.open.hidden_blockers + standing.open.hidden_children > 0
        });
        if !relation.added || hides {
            fx.ask_edges(of);
            if let Some(repo) = fx.repo_by_id(repo) {
                fx.look = Some(Refetch::Edges(repo.facts.name.clone(), number));
            }
        }
    }

    /// Takes the relations from a message about an issue: how many there are, and its parent.
    pub(in crate::engine::decide) fn hear_relations(
        &self,
        key: IssueKey,
        said: &Issue,
        fx: &mut Effects<'_>,
    ) {
        let is_open = said.state == IssueState::Open;
        let counts = Counts {
            blockers: said.more.blockers,
            children: said.more.children,
        };
        if is_open && (counts.blockers.is_some() || counts.children.is_some()) {
            fx.heard_counts(key, counts);
        }
        let place = match &said.more.parent {
            Said::Unsaid => return,
            Said::Nothing => None,
            Said::Is(place) => Some(place),
        };
        let parent = place.and_then(|place| match end_of(place, fx) {
            EdgeEnd::Here(repo, number) => Some((repo, number)),
            EdgeEnd::Elsewhere(..) => None,
        });
        let to = EdgeEnd::Here(key.0, key.1);
        let known = fx.edges_to(&to).into_iter();
        let known: Vec<Edge> = known.filter(|edge| edge.kind == EdgeKind::Child).collect();
        for edge in known.iter().filter(|edge| Some(edge.of) != parent) {
            // The message may be older than the delivery that told of the edge.
            fx.ask_edges(edge.of);
        }
        if let Some(of) = parent.filter(|of| !known.iter().any(|edge| edge.of == *of)) {
            let edge = Edge {
                of,
                kind: EdgeKind::Child,
                to,
                open: is_open,
            };
            self.put_edge(edge, fx);
        }
    }

    /// Compares what a message said with what is known. What is open beyond that is hidden until GitHub was asked.
    pub(in crate::engine::decide) fn count_hidden(&self, standing: &mut Standing, said: Counts) {
        let before = standing.open;
        let hidden = |said: RelationCount, known: u32| said.open.saturating_sub(known);
        let mut differs = false;
        if let Some(blockers) = said.blockers {
            standing.open.hidden_blockers = hidden(blockers, before.blockers);
            differs |= blockers.open != before.blockers + before.hidden_blockers;
        }
        if let Some(children) = said.children {
            standing.open.hidden_children = hidden(children, before.children);
            let matters = self.policy.readiness.parents == Parents::Skip;
            differs |= matters && children.open != before.children + before.hidden_children;
        }
        if differs {
            standing.due_at = Some(self.now);
        }
    }

    /// Whether a message tells of more open relations than are known, so that GitHub must be asked for them.
    pub(in crate::engine::decide) fn is_unexplained(
        &self,
        key: IssueKey,
        fx: &Effects<'_>,
    ) -> bool {
        let said = fx.counts_of(key);
        let known = fx.standing(key).map(|standing| standing.open);
        let known = known.unwrap_or_else(|| Self::recounted(key, fx));
        let more =
            |said: Option<RelationCount>, known: u32| said.is_some_and(|said| said.open > known);
        let matters = self.policy.readiness.parents == Parents::Skip;
        more(said.blockers, known.blockers + known.hidden_blockers)
            || (matters && more(said.children, known.children + known.hidden_children))
    }

    /// Replaces the edges of an issue by what GitHub answered.
    pub(in crate::engine::decide) fn record_edges(
        &self,
        name: &RepoName,
        number: IssueNumber,
        seen: &SeenEdges,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let Some(repo) = self.view.repo_named(name) else {
            return Outcome::Missing(Missing::Repo(name.clone()));
        };
        let of = (repo.id, number);
        let mut unseen = false;
        let mut open = [None, None];
        let lists = [
            (EdgeKind::BlockedBy, &seen.blockers),
            (EdgeKind::Child, &seen.children),
        ];
        for (n, (kind, list)) in lists.into_iter().enumerate() {
            let Some(list) = list else {
                unseen = true;
                continue;
            };
            let said = list.iter().filter(|end| end.open != Some(false)).count();
            open[n] = Some(u32::try_from(said).unwrap_or(u32::MAX));
            let ends = list.iter().map(|end| (end_of(&end.place, fx), end));
            let ends: BTreeMap<EdgeEnd, &RelatedIssue> = ends.collect();
            for edge in fx.edges_of(of, kind) {
                if !ends.contains_key(&edge.to) {
                    self.drop_edge(edge.key(), fx);
                }
            }
            for (to, end) in ends {
                let open = is_open(&to, end.open, fx);
                unseen |= open && mirrored(&to, fx).is_none();
                self.put_edge(Edge { of, kind, to, open }, fx);
            }
        }
        if let Some(mut standing) = fx.standing(of).cloned() {
            let hidden = |said: Option<RelationCount>, shown, known, before| match (said, shown) {
                (Some(said), Some(shown)) => said.open.saturating_sub(shown),
                // GitHub cannot list them, so that nothing but their number can be known.
                (Some(said), None) => said.open.saturating_sub(known),
                (None, Some(_)) => 0,
                (None, None) => before,
            };
            let waits = &mut standing.open;
            let [blockers, children] = open;
            waits.hidden_blockers = hidden(
                seen.blocker_count,
                blockers,
                waits.blockers,
                waits.hidden_blockers,
            );
            waits.hidden_children = hidden(
                seen.child_count,
                children,
                waits.children,
                waits.hidden_children,
            );
            let is_hidden = waits.hidden_blockers + waits.hidden_children > 0;
            standing.due_at = (unseen || is_hidden).then(|| self.now.plus(ASK_AGAIN));
            standing.reasons = waiting(standing.reasons, standing.open, &self.policy.readiness);
            fx.put_standing(standing);
        }
        Outcome::Done(Answer::Noted)
    }

    /// Replaces the known circles, and tells of new ones.
    pub(in crate::engine::decide) fn record_cycles(
        &self,
        found: &[Cycle],
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let known = &self.view.tables.cycles;
        for known in known.rows() {
            if !found.iter().any(|cycle| cycle.first() == known.first()) {
                fx.put_other(Change::NoRow(PlainKey::Cycle(known.first())));
            }
        }
        for cycle in found {
            if known.get(&cycle.first()) == Some(cycle) {
                continue;
            }
            let at = cycle.issues.first();
            fx.emit(Event {
                seq: 0,
                kind: EventKind::DependencyCycle,
                timestamp: self.now,
                principal: self.command.caller.principal.clone(),
                claim: None,
                item: None,
                repo: at.map(|place| place.repo.clone()),
                number: at.map(|place| place.number),
                pull: None,
                agent: None,
                details: Details::Cycle {
                    issues: cycle.issues.clone(),
                },
            });
            fx.put_row(cycle.clone());
        }
        Outcome::Done(Answer::Noted)
    }
}
