//! Feedback on pull requests becomes follow-ups, and ends them.

use super::Context;
use super::deliveries::taken;
use super::effects::Effects;
use crate::event::{Details, EventKind};
use crate::followup::{
    Ending, Followup, FollowupEntry, FollowupStatus, Source, SourceId, SourceRow, WorkItemId,
};
use crate::id::Ids;
use crate::policy::ResolveOnPush;
use crate::pull::{Pull, PullFacts};
use crate::repo::Repo;
use crate::time::Timestamp;
use crate::view::Rows;
use crate::webhook::{Delivery, Ignored, MARKER, PullChange, PullGlance, WebhookAnswer};

/// One piece of feedback, as a delivery or a poll tells of it.
pub(super) struct Said<'a> {
    pub(super) pull: &'a PullGlance,
    pub(super) source: &'a Source,
    pub(super) bot: bool,
}

impl Context<'_> {
    pub(super) fn hear_feedback(
        &self,
        repo: &Repo,
        Said {
            pull: glance,
            source,
            bot,
        }: Said<'_>,
        delivery: &Delivery,
        fx: &mut Effects<'_>,
        ids: &mut dyn Ids,
    ) -> WebhookAnswer {
        if source.body.contains(MARKER) {
            return WebhookAnswer::Ignored(Ignored::Other(
                "an agent wrote it: it carries the marker of agents' replies".to_owned(),
            ));
        }
        if bot && self.policy.ignore_bots {
            return WebhookAnswer::Ignored(Ignored::Other(
                "a bot said it, and FOLLOWUP_IGNORE_BOTS is on".to_owned(),
            ));
        }
        let answer = |created, idempotent, item| WebhookAnswer::Feedback {
            kind: source.kind,
            source: source.id.clone(),
            created,
            idempotent,
            item,
            repo: repo.facts.name.clone(),
            pull: glance.number,
        };
        let (pull, over) = self.pull_of(repo, glance, fx);
        if over {
            self.end_by(&pull, None, &|_| None, fx);
        }
        if let Some(known) = fx.source(&source.id) {
            return answer(false, true, known.item);
        }
        let source = Source {
            delivery: delivery.id.clone(),
            ..source.clone()
        };
        let over = self.over(&source, glance, &pull);
        let item = match over {
            Some(_) => None,
            None => Some(self.queue(repo, &pull, source.clone(), fx, ids)),
        };
        fx.put_source(SourceRow {
            id: source.id,
            pull: pull.key(),
            item: item.map(|(id, _)| id),
            ended: over,
        });
        let created = item.is_some_and(|(_, new)| new);
        answer(created, false, item.map(|(id, _)| id))
    }

    /// The pull request that a delivery speaks of, with what the delivery says of it; a new row of it where there was none.
    /// Also says whether this very word closed it.
    fn pull_of(&self, repo: &Repo, glance: &PullGlance, fx: &mut Effects<'_>) -> (Pull, bool) {
        let known = fx.pull((repo.id, glance.number)).cloned();
        let pull = match (&known, &glance.facts) {
            (_, Some(facts)) => {
                let pull = self.record_pull(repo, facts, PullChange::Facts, fx);
                if !pull.facts.open {
                    self.move_claims(repo, &pull, facts, fx);
                }
                pull
            }
            (Some(known), None) => known.clone(),
            (None, None) => self.record_pull(repo, &thin(repo, glance), PullChange::Facts, fx),
        };
        let over = !pull.facts.open && known.as_ref() != Some(&pull);
        (pull, over)
    }

    /// Why an event that is seen only now asks for nothing any more. What it says itself of its pull request counts, not what
    /// the row says: the row may be older, or newer.
    fn over(&self, source: &Source, glance: &PullGlance, pull: &Pull) -> Option<Ending> {
        let before = |moment: Option<_>| {
            source
                .created_at
                .is_some_and(|at| moment.is_some_and(|moment| at <= moment))
        };
        let was_open = glance
            .facts
            .as_ref()
            .map(|facts| facts.open)
            .or(glance.open);
        let after = |moment: Timestamp| source.created_at.is_some_and(|at| at > moment);
        let closed = match was_open {
            Some(open) => !open || (!pull.facts.open && !pull.facts.updated_at.is_some_and(after)),
            None => !pull.facts.open,
        };
        if pull.facts.merged {
            Some(Ending::Merged)
        } else if closed || before(pull.cut_at) {
            Some(Ending::Closed)
        } else if self.policy.resolve_on_push == ResolveOnPush::All && before(pull.pushed_at) {
            Some(Ending::Pushed)
        } else {
            None
        }
    }

    /// Puts an event into the item that waits, or into a new one. Says which, and whether it is new.
    fn queue(
        &self,
        repo: &Repo,
        pull: &Pull,
        source: Source,
        fx: &mut Effects<'_>,
        ids: &mut dyn Ids,
    ) -> (WorkItemId, bool) {
        let open = fx.open_on(pull.key());
        let with = |status| {
            open.iter()
                .find(|item| self.policy.coalesce && item.status == status)
        };
        if let Some(item) = with(FollowupStatus::Queued).or_else(|| with(FollowupStatus::Stale)) {
            let note = format!("{} joined", source.id);
            let mut item = Followup {
                last_updated: item.moment(self.now),
                ..(*item).clone()
            };
            item.sources.push(source);
            let id = item.id;
            fx.emit(self.followup_moved(EventKind::FollowupUpdated, &item, note));
            fx.put_followup(item);
            return (id, false);
        }
        let (status, now) = (FollowupStatus::Queued, self.now);
        let note = Some("Created from webhook event".to_owned());
        let details = Details::FollowupCreated {
            kind: source.kind,
            source: source.id.clone(),
        };
        let item = Followup {
            id: WorkItemId(ids.uuid()),
            repo: repo.id,
            repo_name: repo.facts.name.clone(),
            number: pull.facts.number,
            pr_url: pull.facts.url.clone(),
            pr_title: pull.facts.title.clone(),
            sources: vec![source],
            status,
            created_at: now,
            last_updated: now,
            owner: None,
            claimed_at: None,
            done_at: None,
            dismiss_reason: None,
            window_from: now,
            history: vec![FollowupEntry {
                status,
                timestamp: now,
                note,
            }],
            author: None,
        };
        let id = item.id;
        fx.emit(self.followup_event(EventKind::FollowupCreated, &item, details));
        fx.put_followup(item);
        (id, true)
    }

    pub(super) fn hear_withdrawn(
        &self,
        repo: &Repo,
        glance: &PullGlance,
        sources: &[SourceId],
        ending: Ending,
        delivery: &Delivery,
        fx: &mut Effects<'_>,
    ) -> WebhookAnswer {
        let action = if ending == Ending::Resolved {
            "resolved"
        } else {
            "dismissed"
        };
        let (pull, _) = self.pull_of(repo, glance, fx);
        for id in sources {
            if fx.source(id).is_none() {
                // Withdrawn before it was seen: when it comes it is over.
                fx.put_source(SourceRow {
                    id: id.clone(),
                    pull: pull.key(),
                    item: None,
                    ended: Some(ending),
                });
            }
        }
        let end = |source: &Source| sources.contains(&source.id).then_some(ending);
        let resolved = self.end_by(&pull, None, &end, fx);
        taken(delivery, action, resolved)
    }
}

/// What is known of a pull request of which a thin payload says hardly more than the number.
fn thin(repo: &Repo, glance: &PullGlance) -> PullFacts {
    PullFacts {
        number: glance.number,
        title: glance.title.clone().unwrap_or_default(),
        url: glance
            .url
            .clone()
            .unwrap_or_else(|| format!("{}/pull/{}", repo.facts.url, glance.number)),
        open: true,
        merged: false,
        head: None,
        updated_at: None,
        closes: Vec::new(),
        trusted: false,
    }
}
