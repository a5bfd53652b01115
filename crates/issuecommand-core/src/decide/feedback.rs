//! Feedback on pull requests becomes follow-ups, and ends them.

use super::Context;
use super::deliveries::taken;
use super::followups::kind_of;
use super::heard::Heard;
use crate::change::Change;
use crate::event::{Details, Event, EventKind, Source as Doing};
use crate::followup::{
    Ending, Followup, FollowupEntry, FollowupStatus, Source, SourceId, SourceRow, WorkItemId,
};
use crate::id::{Ids, PullKey};
use crate::policy::ResolveOnPush;
use crate::pull::{Pull, PullFacts};
use crate::repo::Repo;
use crate::time::Timestamp;
use crate::webhook::{Delivery, Ignored, MARKER, PullChange, PullGlance, WebhookAnswer};

impl Context<'_> {
    pub(super) fn hear_feedback(
        &self,
        repo: &Repo,
        glance: &PullGlance,
        source: &Source,
        bot: bool,
        delivery: &Delivery,
        ids: &mut dyn Ids,
    ) -> Heard {
        if source.body.contains(MARKER) {
            return Heard::ignored(Ignored::Other(
                "an agent wrote it: it carries the marker of agents' replies".to_owned(),
            ));
        }
        if bot && self.policy.ignore_bots {
            return Heard::ignored(Ignored::Other(
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
        let mut heard = Heard::nothing(answer(false, false, None));
        let (pull, over) = self.pull_of(repo, glance, &mut heard);
        if over {
            // Nothing is queued then, so that each item changes once.
            self.end_by(&pull, None, &|_| None, &mut heard);
        }
        if let Some(known) = self.view.source(&source.id) {
            heard.answer = answer(false, true, known.item);
            return heard;
        }
        let source = Source {
            delivery: delivery.id.clone(),
            ..source.clone()
        };
        let over = self.over(&source, glance, &pull);
        let item = match over {
            Some(_) => None,
            None => Some(self.queue(repo, &pull, source.clone(), ids, &mut heard)),
        };
        let row = SourceRow {
            id: source.id.clone(),
            pull: pull.key(),
            item: item.map(|(id, _)| id),
            ended: over,
        };
        heard.changes.push(Change::Source(row));
        heard.answer = answer(
            item.is_some_and(|(_, new)| new),
            false,
            item.map(|(id, _)| id),
        );
        heard
    }

    /// The pull request that a delivery speaks of, with what the delivery says of it; a new row of it where there was none.
    /// Also says whether it is over by this very word.
    fn pull_of(&self, repo: &Repo, glance: &PullGlance, heard: &mut Heard) -> (Pull, bool) {
        let known = self.view.pull((repo.id, glance.number));
        let pull = match (known, &glance.facts) {
            (_, Some(facts)) => {
                let pull = self.word(repo, facts, PullChange::Facts, heard);
                if !pull.facts.open {
                    self.move_claims(repo, &pull, facts, heard);
                }
                pull
            }
            (Some(known), None) => known.clone(),
            (None, None) => self.word(repo, &thin(repo, glance), PullChange::Facts, heard),
        };
        let over = !pull.facts.open && known != Some(&pull);
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
        ids: &mut dyn Ids,
        heard: &mut Heard,
    ) -> (WorkItemId, bool) {
        let open = self.view.open_on(pull.key());
        let with = |status| {
            open.iter()
                .find(|item| self.policy.coalesce && item.status == status)
        };
        if let Some(item) = with(FollowupStatus::Queued).or_else(|| with(FollowupStatus::Stale)) {
            let note = Some(format!("{} joined", source.id));
            let mut item = Followup {
                last_updated: item.moment(self.now),
                ..(*item).clone()
            };
            item.sources.push(source);
            let details = Details::FollowupMoved {
                source: self.doing(),
                status: item.status,
                note,
            };
            heard
                .events
                .push(self.followup_event(EventKind::FollowupUpdated, &item, details));
            let id = item.id;
            heard.changes.push(Change::Followup(Box::new(item)));
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
        heard
            .events
            .push(self.followup_event(EventKind::FollowupCreated, &item, details));
        let id = item.id;
        heard.changes.push(Change::Followup(Box::new(item)));
        (id, true)
    }

    pub(super) fn hear_withdrawn(
        &self,
        repo: &Repo,
        glance: &PullGlance,
        sources: &[SourceId],
        ending: Ending,
        delivery: &Delivery,
    ) -> Heard {
        let action = if ending == Ending::Resolved {
            "resolved"
        } else {
            "dismissed"
        };
        let mut heard = Heard::nothing(taken(delivery, action, 0));
        let (pull, _) = self.pull_of(repo, glance, &mut heard);
        for id in sources.iter().filter(|id| self.view.source(id).is_none()) {
            // Withdrawn before it was seen: when it comes it is over.
            let row = SourceRow {
                id: id.clone(),
                pull: pull.key(),
                item: None,
                ended: Some(ending),
            };
            heard.changes.push(Change::Source(row));
        }
        let end = |source: &Source| sources.contains(&source.id).then_some(ending);
        let resolved = self.end_by(&pull, None, &end, &mut heard);
        heard.answer = taken(delivery, action, resolved);
        heard
    }

    /// Ends the events of a pull request as `end` says. An item with none left ends too. Says how many items ended.
    pub(super) fn end_sources(
        &self,
        pull: PullKey,
        end: &dyn Fn(&Followup, &Source) -> Option<Ending>,
        heard: &mut Heard,
    ) -> u64 {
        let mut resolved = 0;
        let mut freed = None;
        let open = self.view.open_on(pull);
        for before in &open {
            let mut item = (*before).clone();
            let mut last = None;
            for source in item
                .sources
                .iter_mut()
                .filter(|source| source.ended.is_none())
            {
                let Some(ending) = end(before, source) else {
                    continue;
                };
                (source.ended, last) = (Some(ending), Some(ending));
                heard.changes.push(Change::Source(SourceRow {
                    id: source.id.clone(),
                    pull,
                    item: Some(before.id),
                    ended: source.ended,
                }));
            }
            let Some((status, note)) = last.map(ended_as) else {
                continue;
            };
            let kind = if item.sources.iter().all(|source| source.ended.is_some()) {
                freed = freed.or(before.status.is_held().then_some(item.id));
                item = item.put(status, Some(note.to_owned()), self.now);
                resolved += 1;
                kind_of(status)
            } else {
                item.last_updated = item.moment(self.now);
                EventKind::FollowupUpdated
            };
            heard.events.push(self.moved_event(kind, &item, note));
            heard.changes.push(Change::Followup(Box::new(item)));
        }
        if let Some(id) = freed {
            self.begin_windows_again(pull, id, heard);
        }
        resolved
    }

    /// The end of a hold begins the windows of what else waits, where this news has not touched it.
    fn begin_windows_again(&self, pull: PullKey, but: WorkItemId, heard: &mut Heard) {
        for again in self.windows_begin_again(pull, but) {
            let Change::Followup(again) = again else {
                continue;
            };
            let mut known = heard.changes.iter_mut().filter_map(|change| match change {
                Change::Followup(item) if item.id == again.id => Some(item),
                _ => None,
            });
            match known.next() {
                Some(item) => item.window_from = again.window_from,
                None => heard.changes.push(Change::Followup(again)),
            }
        }
    }

    fn moved_event(&self, kind: EventKind, item: &Followup, note: &str) -> Event {
        let note = Some(note.to_owned());
        let details = Details::FollowupMoved {
            source: self.doing(),
            status: item.status,
            note,
        };
        self.followup_event(kind, item, details)
    }

    /// Whose doing news are: a delivery's, or the sync's.
    pub(super) fn doing(&self) -> Doing {
        match self.command.action {
            crate::command::Action::TakeDelivery { .. } => Doing::Webhook,
            _ => Doing::Sync,
        }
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

/// What an item becomes whose last event ended so, and why.
fn ended_as(ending: Ending) -> (FollowupStatus, &'static str) {
    match ending {
        Ending::Answered => (FollowupStatus::Done, "Answered"),
        Ending::Pushed => (
            FollowupStatus::Done,
            "Resolved by a push to the pull request",
        ),
        Ending::Dismissed => (FollowupStatus::Done, "The review was dismissed"),
        Ending::Resolved => (FollowupStatus::Done, "The thread was resolved"),
        Ending::Merged => (FollowupStatus::Done, "The pull request was merged"),
        Ending::Closed => (
            FollowupStatus::Dismissed,
            "The pull request was closed without being merged",
        ),
    }
}
