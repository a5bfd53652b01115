//! Decides after news of a pull request which of its reviews and comments wait, and in which item.

mod changed_items;
mod ended_items;

pub(super) use self::changed_items::TouchedItems;
use self::ended_items::ended_as;
use super::Context;
use super::effects::Effects;
use crate::domain::followup::{
    Concerns, FeedbackEvent, Followup, FollowupEntry, FollowupStatus, KnownSource, Resolution,
    WorkItemId,
};
use crate::domain::id::IdGenerator;
use crate::domain::policy::ResolveOnPush;
use crate::domain::pull_request::Pull;
use crate::domain::repo::Repo;
use crate::engine::command::HeadQuestion;
use crate::engine::view::Rows;

/// The pull request of the news, with the news applied.
pub(super) struct Place<'a> {
    pub(super) repo: &'a Repo,
    pub(super) pull: &'a Pull,
}

impl Context<'_> {
    /// Judges every event of a pull request that waits, or that its closing suspended.
    pub(super) fn judge_sources(
        &self,
        place: &Place<'_>,
        before: Option<&Pull>,
        touched: &mut TouchedItems,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) {
        let pull = place.pull;
        let weight = |pull: &Pull| (pull.facts.open, pull.facts.merged, pull.pushed_until());
        let same = before.is_some_and(|before| {
            weight(before) == weight(pull) && before.activity.verdicts == pull.activity.verdicts
        });
        if same {
            return;
        }
        let pushed = pull.pushed_until() > before.and_then(Pull::pushed_until);
        for (mut row, held) in undecided(pull, fx) {
            if pushed && held && self.policy.resolve_on_push == ResolveOnPush::Owned {
                row.facts.pushed |= row.facts.is_pushed_over(pull);
            }
            let text = fx.text(&row.id).cloned();
            self.judge_source(place, row, text, touched, fx, ids);
        }
    }

    /// Decides whether one event waits, and stores it accordingly. `text` is its full text, if known.
    pub(super) fn judge_source(
        &self,
        place: &Place<'_>,
        mut row: KnownSource,
        text: Option<FeedbackEvent>,
        touched: &mut TouchedItems,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> Option<WorkItemId> {
        let ending = row.facts.ending(place.pull, self.policy.resolve_on_push);
        asks_about_push(place, &row, ending, fx);
        let home = row
            .item
            .and_then(|id| fx.followup(id))
            .filter(|item| !item.status.is_terminal())
            .and_then(|item| Some((item.id, fx.place_in(item, &row.id)?)));
        let text = text.map(|text| text.with(&row));
        match (home, ending, text) {
            // Only its end is known, or its text is no longer kept. It is judged when the text arrives.
            (None, None, None) => {
                row.ended = row.ended.or(Some(Resolution::Edited));
                if row.facts.version.is_some() {
                    fx.request_refetch(place.repo, place.pull);
                }
            }
            (None, None, Some(text)) => {
                row.ended = None;
                row.item = Some(self.queue(
                    place,
                    FeedbackEvent {
                        ended: None,
                        ..text
                    },
                    touched,
                    fx,
                    ids,
                ));
            }
            (None, Some(ending), text) => {
                row.ended = Some(ending);
                if let Some(text) = text.filter(|_| ending.may_return()) {
                    fx.put_text(text.as_text());
                }
            }
            (Some(home), ending, text) => {
                row.ended = ending;
                update_in(home, place, &row, text, touched, fx);
            }
        }
        let item = row.item;
        fx.put_source(row);
        item
    }

    /// Adds an event to the waiting item, or to a new one, and returns the item.
    pub(super) fn queue(
        &self,
        place: &Place<'_>,
        source: FeedbackEvent,
        touched: &mut TouchedItems,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> WorkItemId {
        let open = fx.open_on(place.pull.key());
        let with = |status| {
            let joins =
                |item: &&&Followup| self.policy.coalesce && item.status == status && item.asks();
            open.iter().find(joins)
        };
        let joined = with(FollowupStatus::Queued).or_else(|| with(FollowupStatus::Stale));
        if let Some(id) = joined.map(|item| item.id)
            && let Some(item) = fx.edit_followup(id)
        {
            if !touched.made(id) {
                touched.note(id, format!("{} joined", source.id));
            }
            concern(item, place, &source.body);
            item.sources.push(source);
            return id;
        }
        let (status, now) = (FollowupStatus::Queued, self.now);
        let mut item = Followup {
            id: WorkItemId(ids.uuid()),
            repo: place.repo.id,
            repo_name: place.repo.facts.name.clone(),
            repo_offered: place.repo.offers_feedback(),
            number: place.pull.facts.number,
            pr_url: place.pull.facts.url.clone(),
            pr_title: place.pull.facts.title.clone(),
            sources: vec![source],
            unloaded: None,
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
                note: Some("Created from webhook event".to_owned()),
            }],
            earlier: 0,
            concerns: Concerns::default(),
            author: None,
            session: None,
            signed_at: crate::domain::time::Timestamp::default(),
        };
        let body = item.sources[0].body.clone();
        concern(&mut item, place, &body);
        let id = item.id;
        touched.0.entry(id).or_default().made = true;
        fx.put_followup(item);
        id
    }
}

/// Records which issues a piece of feedback is about.
fn concern(item: &mut Followup, place: &Place<'_>, body: &str) {
    item.concerns.add_text(body, &place.repo.facts.name);
    if let Some(branch) = &place.pull.facts.branch {
        item.concerns.set_branch(branch);
    }
}

/// The row of an event in an item.
pub(super) fn row_of(item: &Followup, source: &FeedbackEvent) -> KnownSource {
    KnownSource {
        id: source.id.clone(),
        pull: item.pull(),
        item: Some(item.id),
        ended: source.ended,
        facts: source.facts.clone(),
    }
}

/// The events that wait or that the pull request's closing suspended, oldest first, each with whether an agent holds its item.
fn undecided(pull: &Pull, fx: &Effects<'_>) -> Vec<(KnownSource, bool)> {
    let mut rows = Vec::new();
    for item in fx.open_on(pull.key()) {
        let waiting = item.sources.iter().filter(|source| source.waits());
        rows.extend(waiting.map(|source| (row_of(item, source), item.status.is_held())));
    }
    let suspended = fx
        .sources()
        .filter(|row| row.pull == pull.key() && row.ended == Some(Resolution::Closed));
    rows.extend(suspended.map(|row| (row.clone(), false)));
    rows.sort_by(|(a, _), (b, _)| (a.facts.said_at, &a.id).cmp(&(b.facts.said_at, &b.id)));
    rows
}

/// Asks GitHub about an unknown push before that push may resolve this event.
fn asks_about_push(
    place: &Place<'_>,
    row: &KnownSource,
    ending: Option<Resolution>,
    fx: &mut Effects<'_>,
) {
    let pull = place.pull;
    if ending != Some(Resolution::Pushed) || row.ended == Some(Resolution::Pushed) {
        return;
    }
    let unknown = row
        .facts
        .said_at
        .and_then(|said| pull.activity.unknown_push(said, pull.facts.head.as_deref()));
    if let Some(sha) = unknown {
        fx.question.get_or_insert_with(|| HeadQuestion {
            repo: place.repo.facts.name.clone(),
            number: pull.facts.number,
            sha: sha.to_owned(),
            base: pull.facts.base.clone(),
            base_sha: pull.facts.base_sha.clone(),
        });
    }
}

/// Writes an event's new state into its open item, at this position.
fn update_in(
    (id, n): (WorkItemId, usize),
    place: &Place<'_>,
    row: &KnownSource,
    text: Option<FeedbackEvent>,
    touched: &mut TouchedItems,
    fx: &mut Effects<'_>,
) {
    let Some(item) = fx.followup(id) else {
        return;
    };
    let (held, was) = (item.status.is_held(), &item.sources[n]);
    let told = text.is_some();
    let new = text.unwrap_or_else(|| was.clone());
    let source = FeedbackEvent {
        delivery: was.delivery.clone(),
        unseen: (was.unseen || new.unseen) && held,
        ..new.with(row)
    };
    let note = match (was.ended, source.ended) {
        (None, Some(ending)) => {
            touched.0.entry(id).or_default().ending = Some(ending);
            Some(ended_as(ending).1.to_owned())
        }
        (Some(_), None) => Some(format!("{} asks again", row.id)),
        (None, None) if was.body != source.body => Some(format!("{} was edited", row.id)),
        (Some(_), Some(_)) | (None, None) if *was == source => return,
        (Some(_), Some(_)) | (None, None) => None,
    };
    if let Some(note) = note {
        touched.note(id, note);
    }
    if let Some(item) = fx.edit_followup(id) {
        if told {
            concern(item, place, &source.body);
        }
        item.sources[n] = source;
    }
}
