//! Edges from issues to the open pull requests that close them.

use super::super::Context;
use super::super::effects::Effects;
use super::done::set_done;
use crate::domain::edge::{Edge, EdgeEnd, EdgeKind};
use crate::domain::id::PullKey;
use crate::domain::pull_request::Pull;
use crate::domain::standing::Merged;
use crate::domain::webhook::GithubEvent;
use crate::engine::command::Action;
use crate::engine::view::Rows;

impl Context<'_> {
    /// Keeps the edges to the pull requests that the command changed. There are some only while a pull request is open. Edges are
    /// added by news of the pull request itself alone, because only these bring the issues that it closes.
    pub(super) fn follow_pulls(&self, fx: &mut Effects<'_>) {
        let told = self.pull_told(fx);
        let mut pulls: Vec<Pull> = fx.changed_pulls().cloned().collect();
        pulls.extend(told.and_then(|key| fx.pull(key)).cloned());
        pulls.dedup_by_key(|pull| pull.key());
        for pull in pulls {
            let (repo, number) = pull.key();
            let end = EdgeEnd::Here(repo, number);
            let private = fx.repo_by_id(repo).is_some_and(|repo| repo.facts.private);
            // Where strangers are not trusted, their pull requests keep nobody from an issue either.
            let counts = pull.facts.trusted || !self.policy.readiness.authors.need_write(private);
            let is_open = pull.facts.open && !pull.facts.merged && counts;
            for edge in fx.edges_to(&end) {
                let closes = edge.of.0 == repo && pull.closing.issues.contains(&edge.of.1);
                if !is_open || !closes {
                    self.drop_edge(edge.key(), fx);
                }
            }
            let was_merged = self
                .view
                .pull(pull.key())
                .is_some_and(|pull| pull.facts.merged);
            let closes = pull.closing.issues.iter();
            for issue in closes.filter(|_| told == Some(pull.key())) {
                let of = (repo, *issue);
                if is_open {
                    let edge = Edge {
                        of,
                        kind: EdgeKind::Pull,
                        to: end.clone(),
                        open: true,
                    };
                    self.put_edge(edge, fx);
                }
                if pull.facts.merged && !was_merged && counts {
                    let at = pull.facts.merged_at;
                    let merged = Merged {
                        url: Some(pull.facts.url.clone()),
                        at: at.unwrap_or_else(|| self.on_github(self.now)),
                    };
                    set_done(of, merged, fx);
                }
            }
        }
    }

    /// Drops the edges to pull requests that a list shows open no more. Whether one was merged shows in the issue itself, which GitHub
    /// closes then.
    pub(super) fn follow_lists(&self, fx: &mut Effects<'_>) {
        let Action::RecordIssues { repo, pulls, .. } = &self.command.action else {
            return;
        };
        let Some(repo) = fx.repo_named(repo).map(|repo| repo.id) else {
            return;
        };
        for pull in pulls.iter().filter(|pull| !pull.open) {
            let edges = fx.edges_to(&EdgeEnd::Here(repo, pull.number)).into_iter();
            for edge in edges.filter(|edge| edge.kind == EdgeKind::Pull) {
                self.drop_edge(edge.key(), fx);
            }
        }
    }

    /// The pull request that the command has news of.
    fn pull_told(&self, fx: &Effects<'_>) -> Option<PullKey> {
        let (Action::ProcessDelivery { meaning, .. } | Action::ApplyPolledEvent(meaning)) =
            &self.command.action
        else {
            return None;
        };
        let GithubEvent::Pull { repo, pull, .. } = &**meaning else {
            return None;
        };
        Some((fx.repo_named(&repo.name)?.id, pull.number))
    }
}
