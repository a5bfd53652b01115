//! Loading what issues wait for, and who waits for them.

use std::collections::BTreeSet;

use issuecommand_core::domain::edge::EdgeEnd;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{IssueKey, RepoId};
use issuecommand_core::domain::standing::Open;
use issuecommand_core::engine::read_set::EdgeNeed;
use issuecommand_core::engine::view::View;

use super::Loader;
use crate::plain;
use crate::rows::values;

pub(super) async fn load<L: Loader>(
    loader: &mut L,
    need: &EdgeNeed,
    view: &mut View,
) -> Result<(), StoreError> {
    if !need.from && !need.to {
        return Ok(());
    }
    let (mut from, mut to) = (view.named_issues().clone(), BTreeSet::new());
    if need.to {
        to = view.named_ends();
    } else {
        // Only the open ends are named, and most issues have none.
        from.retain(|key| {
            let standing = view.tables.standings.get(key);
            standing.is_some_and(|standing| standing.open != Open::default())
        });
    }
    if from.is_empty() && to.is_empty() {
        return Ok(());
    }
    let edges = loader.edges(&from, &to).await?;
    plain::load_edges(&edges, &mut view.tables)?;
    let (mut issues, mut repos) = (BTreeSet::<IssueKey>::new(), BTreeSet::<RepoId>::new());
    for edge in view.tables.edges.rows() {
        if !from.contains(&edge.of) {
            issues.insert(edge.of);
            repos.insert(edge.of.0);
        }
        if let EdgeEnd::Here(repo, _) = edge.to {
            repos.insert(repo);
        }
    }
    if repos.is_empty() {
        return Ok(());
    }
    let question = plain::standings_of(&issues);
    let rows = loader.dependents(&issues, &question, &repos).await?;
    plain::load(&question, &rows.standings, &mut view.tables)?;
    for repo in values(rows.repos)? {
        view.load_repo(repo);
    }
    for key in rows.held {
        view.load_held(key);
    }
    Ok(())
}
