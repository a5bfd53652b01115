//! The standings and edges that a command changed, and what its messages said of them.

use std::collections::{BTreeMap, BTreeSet};

use super::Effects;
use crate::domain::edge::{Edge, EdgeEnd, EdgeKey, EdgeKind};
use crate::domain::id::IssueKey;
use crate::domain::issue::RelationCount;
use crate::domain::standing::Standing;
use crate::engine::change::Change;
use crate::engine::tables::PlainKey;
use crate::engine::view::View;

/// How many blockers and sub-issues a message says that an issue has.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::engine::decide) struct Counts {
    pub(in crate::engine::decide) blockers: Option<RelationCount>,
    pub(in crate::engine::decide) children: Option<RelationCount>,
}

/// Changed rows; `None` for a row that was removed.
#[derive(Debug, Default)]
pub(super) struct Waits {
    standings: BTreeMap<IssueKey, Option<Standing>>,
    edges: BTreeMap<EdgeKey, Option<Edge>>,
    said: BTreeMap<IssueKey, Counts>,
    /// Issues that wait for one whose state changed, or that GitHub does not show any more.
    due: BTreeSet<IssueKey>,
    /// Issues to judge although their rows did not change.
    again: BTreeSet<IssueKey>,
}

impl Waits {
    pub(super) fn into_changes(self, view: &View) -> impl Iterator<Item = Change> {
        let tables = &view.tables;
        let standings = self.standings.into_iter();
        let standings = standings.filter_map(|(key, row)| match row {
            Some(row) if tables.standings.get(&key) == Some(&row) => None,
            Some(row) => Some(Change::Row(row.into())),
            None => Some(Change::NoStanding(key)),
        });
        let edges = self.edges.into_iter();
        let edges = edges.filter_map(|(key, row)| match row {
            Some(row) if tables.edges.get(&key) == Some(&row) => None,
            Some(row) => Some(Change::Row(row.into())),
            None => Some(Change::NoRow(PlainKey::Edge(key))),
        });
        edges.chain(standings)
    }
}

impl Effects<'_> {
    pub(in crate::engine::decide) fn standing(&self, key: IssueKey) -> Option<&Standing> {
        match self.waits.standings.get(&key) {
            Some(changed) => changed.as_ref(),
            None => self.view.tables.standings.get(&key),
        }
    }

    pub(in crate::engine::decide) fn put_standing(&mut self, standing: Standing) {
        self.waits.standings.insert(standing.key(), Some(standing));
    }

    pub(in crate::engine::decide) fn remove_standing(&mut self, key: IssueKey) {
        if self.standing(key).is_some() {
            self.waits.standings.insert(key, None);
        }
    }

    pub(in crate::engine::decide) fn edge(&self, key: &EdgeKey) -> Option<&Edge> {
        match self.waits.edges.get(key) {
            Some(changed) => changed.as_ref(),
            None => self.view.tables.edges.get(key),
        }
    }

    /// Puts a row, or removes it. See `decide/edges.rs` for what must follow from it.
    pub(in crate::engine::decide) fn set_edge(&mut self, key: EdgeKey, row: Option<Edge>) {
        self.waits.edges.insert(key, row);
    }

    /// The edges of one kind that lead from an issue.
    pub(in crate::engine::decide) fn edges_of(&self, of: IssueKey, kind: EdgeKind) -> Vec<Edge> {
        self.edges_with(|edge| edge.of == of && edge.kind == kind, Some(of))
    }

    /// The loaded edges that lead to an issue or a pull request.
    pub(in crate::engine::decide) fn edges_to(&self, to: &EdgeEnd) -> Vec<Edge> {
        self.edges_with(|edge| edge.to == *to, None)
    }

    fn edges_with(&self, fits: impl Fn(&Edge) -> bool, of: Option<IssueKey>) -> Vec<Edge> {
        let known = self.view.tables.edges_from(of);
        let known = known.filter(|edge| fits(edge) && !self.waits.edges.contains_key(&edge.key()));
        let changed = self.waits.edges.values().flatten();
        let mut edges: Vec<Edge> = known
            .chain(changed.filter(|edge| fits(edge)))
            .cloned()
            .collect();
        edges.sort_by_key(Edge::key);
        edges
    }

    /// Records what a message said of the numbers of an issue's blockers and sub-issues.
    pub(in crate::engine::decide) fn heard_counts(&mut self, key: IssueKey, counts: Counts) {
        self.waits.said.insert(key, counts);
    }

    pub(in crate::engine::decide) fn counts_of(&self, key: IssueKey) -> Counts {
        self.waits.said.get(&key).copied().unwrap_or_default()
    }

    /// The issues of which a message said how much they wait for.
    pub(in crate::engine::decide) fn counted_issues(&self) -> Vec<IssueKey> {
        self.waits.said.keys().copied().collect()
    }

    /// Has an issue judged at the end of the command.
    pub(in crate::engine::decide) fn judge_again(&mut self, key: IssueKey) {
        self.waits.again.insert(key);
    }

    pub(in crate::engine::decide) fn to_judge_again(&self) -> Vec<IssueKey> {
        self.waits.again.iter().copied().collect()
    }

    /// GitHub must be asked for the edges of this issue.
    pub(in crate::engine::decide) fn ask_edges(&mut self, key: IssueKey) {
        self.waits.due.insert(key);
    }

    pub(in crate::engine::decide) fn edges_asked_for(&self) -> Vec<IssueKey> {
        self.waits.due.iter().copied().collect()
    }
}
