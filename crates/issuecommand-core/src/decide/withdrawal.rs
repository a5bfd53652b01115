//! What is withdrawn of feedback, or asked for again, as deliveries and polls tell of it.

use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use super::deliveries::taken;
use super::effects::Effects;
use super::sources::{Place, TouchedItems};
use crate::followup::{Ending, SourceFacts, SourceId, SourceRow, ThreadState};
use crate::id::Ids;
use crate::repo::Repo;
use crate::time::Timestamp;
use crate::view::Rows;
use crate::webhook::{Delivery, Meaning, PullGlance, WebhookAnswer};

/// What is withdrawn, or asked for again.
pub(super) struct Withdrawal<'a> {
    pub(super) pull: &'a PullGlance,
    pub(super) sources: &'a [SourceId],
    /// `None`: its thread was opened again.
    pub(super) ending: Option<Ending>,
    pub(super) reviewer: Option<&'a str>,
    pub(super) at: Option<Timestamp>,
}

impl Context<'_> {
    pub(super) fn hear_withdrawal(
        &self,
        repo: &Repo,
        told: &Withdrawal<'_>,
        delivery: &Delivery,
        fx: &mut Effects<'_>,
        ids: &mut dyn Ids,
    ) -> WebhookAnswer {
        let (before, mut pull) = self.pull_of(repo, told.pull, fx);
        if let (Some(reviewer), Some(at)) = (told.reviewer, told.at) {
            pull.activity.hear_verdict(reviewer, at);
            fx.put_pull(pull.clone());
        }
        let (place, mut touched) = (Place { repo, pull: &pull }, TouchedItems::default());
        self.judge_sources(&place, before.as_ref(), &mut touched, fx, ids);
        let moment = told.at.or(told.pull.at);
        let moment = moment.unwrap_or_else(|| self.on_github(self.now));
        let bases: BTreeSet<&str> = told.sources.iter().map(SourceId::base).collect();
        let mut families = BTreeMap::<String, Vec<SourceRow>>::new();
        for row in fx.sources().filter(|row| bases.contains(row.id.base())) {
            let family = families.entry(row.id.base().to_owned());
            family.or_default().push(row.clone());
        }
        let mut heard = BTreeSet::new();
        for id in told.sources.iter().filter(|id| heard.insert(id.base())) {
            let mut rows = families.remove(id.base()).unwrap_or_default();
            if rows.is_empty() {
                // Withdrawn before it was seen: when it comes it is over.
                rows.push(SourceRow {
                    id: id.clone(),
                    pull: pull.key(),
                    item: None,
                    ended: Some(told.ending.unwrap_or(Ending::Edited)),
                    facts: SourceFacts::default(),
                });
            }
            // One of another pull request is told of under a name that has another meaning by now.
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
    /// `None` of any other news.
    pub(super) fn of(meaning: &'a Meaning) -> Option<Self> {
        match meaning {
            Meaning::Withdrawn {
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
            Meaning::Unresolved {
                pull, sources, at, ..
            } => Some(Self {
                pull,
                sources,
                ending: None,
                reviewer: None,
                at: *at,
            }),
            Meaning::Feedback { .. }
            | Meaning::Pull { .. }
            | Meaning::Transferred { .. }
            | Meaning::Relabelled { .. }
            | Meaning::Member { .. }
            | Meaning::Issue { .. }
            | Meaning::Repo { .. }
            | Meaning::Access { .. }
            | Meaning::Ping
            | Meaning::Ignored(_) => None,
        }
    }

    /// GitHub's word for it.
    fn action(&self) -> &'static str {
        match self.ending {
            None => "unresolved",
            Some(Ending::Resolved) => "resolved",
            Some(Ending::Deleted) => "deleted",
            Some(Ending::Approved) => "submitted",
            Some(
                Ending::Answered
                | Ending::Pushed
                | Ending::Dismissed
                | Ending::Merged
                | Ending::Closed
                | Ending::Minimized
                | Ending::Edited,
            ) => "dismissed",
        }
    }
}

fn withdraw(facts: &mut SourceFacts, ending: Option<Ending>, at: Timestamp) {
    match ending {
        None => facts.hear_thread(ThreadState {
            resolved: false,
            at,
        }),
        Some(Ending::Resolved) => facts.hear_thread(ThreadState { resolved: true, at }),
        Some(Ending::Dismissed) => facts.dismissed = true,
        Some(Ending::Deleted) => facts.gone = true,
        Some(Ending::Minimized) => facts.hidden = true,
        Some(Ending::Edited) => facts.replaced = true,
        Some(
            Ending::Answered | Ending::Pushed | Ending::Merged | Ending::Closed | Ending::Approved,
        ) => {}
    }
}
