//! Loads what issues wait for.

use std::collections::BTreeSet;

use super::super::State;
use crate::domain::edge::{Edge, EdgeEnd};
use crate::domain::id::IssueKey;
use crate::engine::read_set::EdgeNeed;
use crate::engine::view::View;

impl State {
    pub(super) fn load_edges(&self, need: &EdgeNeed, view: &mut View) {
        let issues = view.named_issues().clone();
        let ends: BTreeSet<IssueKey> = view.named_ends();
        let is_needed = |edge: &&Edge| {
            let leads_here = match edge.to {
                EdgeEnd::Here(repo, number) => ends.contains(&(repo, number)),
                EdgeEnd::Elsewhere(..) => false,
            };
            (need.from && issues.contains(&edge.of)) || (need.to && leads_here)
        };
        let edges = self.tables.edges.rows().filter(is_needed);
        let edges: Vec<Edge> = edges.cloned().collect();
        for edge in edges {
            if let EdgeEnd::Here(repo, _) = edge.to {
                self.load_repo(repo, view);
            }
            self.load_dependent(edge.of, view);
            view.tables.edges.load(edge);
        }
    }

    fn load_dependent(&self, key: IssueKey, view: &mut View) {
        self.load_repo(key.0, view);
        if let Some(standing) = self.tables.standings.get(&key) {
            view.tables.standings.load(standing.clone());
        }
        if self.active.contains_key(&key) {
            view.load_held(key);
        }
    }
}
