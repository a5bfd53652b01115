//! Applies deliveries and polls about feedback that is withdrawn or asked for again.

use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use super::delivery_answers::taken;
use super::effects::Effects;
use super::sources::{Place, TouchedItems};
use crate::domain::followup::{KnownSource, Resolution, SourceFacts, SourceId, ThreadState};
use crate::domain::id::IdGenerator;
use crate::domain::repo::Repo;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Delivery, GithubEvent, PullRequestRef, WebhookAnswer};
use crate::engine::view::Rows;

/// Feedback that is withdrawn or asked for again.
pub(super) struct Withdrawal<'a> {
    pub(super) pull: &'a PullRequestRef,
    pub(super) sources: &'a [SourceId],
    /// Why it ended; `None` if its thread was reopened.
    pub(super) ending: Option<Resolution>,
    pub(super) reviewer: Option<&'a str>,
    pub(super) at: Option<Timestamp>,
}

impl Context<'_> {
    pub(super) fn apply_withdrawal(
        &self,
        repo: &Repo,
        told: &Withdrawal<'_>,
        delivery: &Delivery,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> WebhookAnswer {
        let (before, mut pull) = self.pull_of(repo, told.pull, fx);
        if let (Some(reviewer), Some(at)) = (told.reviewer, told.at) {
            pull.activity.record_verdict(reviewer, at);
            fx.put_pull(pull.clone());
        }
        let (place, mut touched) = (Place { repo, pull: &pull }, TouchedItems::default());
        self.judge_sources(&place, before.as_ref(), &mut touched, fx, ids);
        let moment = told.at.or(told.pull.at);
        let moment = moment.unwrap_or_else(|| self.on_github(self.now));
        let bases: BTreeSet<&str> = told.sources.iter().map(SourceId::base).collect();
        let mut families = BTreeMap::<String, Vec<KnownSource>>::new();
        for row in fx.sources().filter(|row| bases.contains(row.id.base())) {
            let family = families.entry(row.id.base().to_owned());
            family.or_default().push(row.clone());
        }
        let mut heard = BTreeSet::new();
        for id in told.sources.iter().filter(|id| heard.insert(id.base())) {
            let mut rows = families.remove(id.base()).unwrap_or_default();
            if rows.is_empty() {
                // It was withdrawn before it was seen. It stays ended when its text arrives.
                rows.push(KnownSource {
                    id: id.clone(),
                    pull: pull.key(),
                    item: None,
                    ended: Some(told.ending.unwrap_or(Resolution::Edited)),
                    facts: SourceFacts::default(),
                });
            }
            // A row of another pull request means that the repository's name now means another repository.
            rows.retain(|row| row.pull == pull.key());
            for mut row in rows {
                withdraw(&mut row.facts, told.ending, moment);
                let text = fx.text(&row.id).cloned();
                self.judge_source(&place, row, text, &mut touched, fx, ids);
            }
        }
        let resolved = self.close_items(touched, fx);
        taken(delivery, told.action(), resolved)
    }
}

impl<'a> Withdrawal<'a> {
    /// `None` if the event is of another kind.
    pub(super) fn of(meaning: &'a GithubEvent) -> Option<Self> {
        match meaning {
            GithubEvent::Withdrawn {
                pull,
                sources,
                ending,
                reviewer,
                at,
                ..
            } => Some(Self {
                pull,
                sources,
                ending: Some(*ending),
                reviewer: reviewer.as_deref(),
                at: *at,
            }),
            GithubEvent::Unresolved {
                pull, sources, at, ..
            } => Some(Self {
                pull,
                sources,
                ending: None,
                reviewer: None,
                at: *at,
            }),
            GithubEvent::Feedback { .. }
            | GithubEvent::Pull { .. }
            | GithubEvent::Transferred { .. }
            | GithubEvent::Dependency { .. }
            | GithubEvent::SubIssue { .. }
            | GithubEvent::IssueComment { .. }
            | GithubEvent::Relabelled { .. }
            | GithubEvent::Member { .. }
            | GithubEvent::Issue { .. }
            | GithubEvent::Repo { .. }
            | GithubEvent::Access { .. }
            | GithubEvent::Ping
            | GithubEvent::Ignored(_) => None,
        }
    }

    /// The action in GitHub's payload.
    fn action(&self) -> &'static str {
        match self.ending {
            None => "unresolved",
            Some(Resolution::Resolved) => "resolved",
            Some(Resolution::Deleted) => "deleted",
            Some(Resolution::Approved) => "submitted",
            Some(
                Resolution::Answered
                | Resolution::Pushed
                | Resolution::Dismissed
                | Resolution::Merged
                | Resolution::Closed
                | Resolution::Minimized
                | Resolution::Edited,
            ) => "dismissed",
        }
    }
}

fn withdraw(facts: &mut SourceFacts, ending: Option<Resolution>, at: Timestamp) {
    match ending {
        None => facts.record_thread(ThreadState {
            resolved: false,
            at,
        }),
        Some(Resolution::Resolved) => facts.record_thread(ThreadState { resolved: true, at }),
        Some(Resolution::Dismissed) => facts.dismissed = true,
        Some(Resolution::Deleted) => facts.gone = true,
        Some(Resolution::Minimized) => facts.hidden = true,
        Some(Resolution::Edited) => facts.replaced = true,
        Some(
            Resolution::Answered
            | Resolution::Pushed
            | Resolution::Merged
            | Resolution::Closed
            | Resolution::Approved,
        ) => {}
    }
}
