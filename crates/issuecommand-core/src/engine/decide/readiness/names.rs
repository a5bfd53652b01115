//! Names what an issue waits for.

use super::super::Context;
use crate::domain::edge::{Edge, EdgeEnd, EdgeKind};
use crate::domain::issue::IssuePlace;
use crate::domain::policy::Parents;
use crate::domain::readiness::NotReady;
use crate::domain::standing::Standing;

impl Context<'_> {
    /// What an issue waits for, and what ended its work.
    pub(super) fn named_waits(&self, standing: &Standing) -> Vec<NotReady> {
        let open = standing.open;
        let named = |kind| self.open_ends(standing, kind);
        let blocked = open.blockers + open.hidden_blockers > 0;
        let parent = self.policy.readiness.parents == Parents::Skip
            && open.children + open.hidden_children > 0;
        let merged = standing.merged.as_ref().map(|merged| NotReady::MergedPr {
            url: merged.url.clone(),
            hidden: false,
        });
        merged
            .into_iter()
            .chain((open.pulls > 0).then(|| NotReady::HasOpenPr {
                pulls: named(EdgeKind::Pull),
            }))
            .chain(blocked.then(|| NotReady::BlockedBy {
                open: named(EdgeKind::BlockedBy),
                hidden: open.hidden_blockers,
                cycle: self.is_in_circle(standing),
            }))
            .chain(parent.then(|| NotReady::HasOpenChildren {
                open: named(EdgeKind::Child),
                hidden: open.hidden_children,
            }))
            .collect()
    }

    fn open_ends(&self, standing: &Standing, kind: EdgeKind) -> Vec<IssuePlace> {
        let edges = self.view.tables.edges_from(Some(standing.key()));
        let open = edges.filter(|edge| edge.kind == kind && edge.open);
        let mut places: Vec<IssuePlace> = open.filter_map(|edge| self.place_of(edge)).collect();
        places.sort();
        places
    }

    fn place_of(&self, edge: &Edge) -> Option<IssuePlace> {
        let (repo, number) = match &edge.to {
            EdgeEnd::Here(repo, number) => (self.view.repo(*repo)?.facts.name.clone(), *number),
            EdgeEnd::Elsewhere(repo, number) => (repo.clone(), *number),
        };
        Some(IssuePlace { repo, number })
    }

    fn is_in_circle(&self, standing: &Standing) -> bool {
        let repo = self.view.repo(standing.repo);
        let place = repo.map(|repo| IssuePlace {
            repo: repo.facts.name.clone(),
            number: standing.number,
        });
        let mut cycles = self.view.tables.cycles.rows();
        place.is_some_and(|place| cycles.any(|cycle| cycle.issues.contains(&place)))
    }
}
