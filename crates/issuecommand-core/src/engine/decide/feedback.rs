//! Feedback on pull requests from deliveries and polls: new, edited and repeated texts.

use super::Context;
use super::activity::record_glance;
use super::effects::Effects;
use super::sources::{Place, TouchedItems};
use crate::domain::followup::feedback_event::adds_text;
use crate::domain::followup::{
    FeedbackEvent, KnownSource, Resolution, SourceFacts, SourceKind, WorkItemId,
};
use crate::domain::id::IdGenerator;
use crate::domain::policy::FollowupScope;
use crate::domain::pull_request::{Pull, PullRequestSnapshot};
use crate::domain::repo::Repo;
use crate::domain::webhook::{Delivery, Ignored, PullChange, PullRequestRef, Voice, WebhookAnswer};
use crate::engine::view::Rows;

/// One review or comment from a delivery or a poll.
pub(super) struct Said<'a> {
    pub(super) pull: &'a PullRequestRef,
    pub(super) source: &'a FeedbackEvent,
    pub(super) voice: Voice,
}

/// The result of recording a text.
struct Taken {
    /// The follow-up that holds it, while it waits.
    item: Option<WorkItemId>,
    /// The text's event was known before.
    known: bool,
}

impl Context<'_> {
    pub(super) fn apply_feedback(
        &self,
        repo: &Repo,
        said: &Said<'_>,
        delivery: &Delivery,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> WebhookAnswer {
        let glance = said.pull;
        if let Some(reason) = self.no_feedback(repo, said, fx) {
            return WebhookAnswer::Ignored(Ignored::Other(reason.to_owned()));
        }
        if let Some(held) = self.hold_back(repo, said, fx) {
            return held;
        }
        let (before, pull) = self.pull_of(repo, glance, fx);
        let (place, mut touched) = (Place { repo, pull: &pull }, TouchedItems::default());
        self.judge_sources(&place, before.as_ref(), &mut touched, fx, ids);
        let source = FeedbackEvent {
            delivery: delivery.id.clone(),
            ..said.source.clone()
        };
        let taken = self.record_text(&place, source, said.voice, &mut touched, fx, ids);
        let made = taken.item.is_some_and(|item| touched.made(item));
        self.close_items(touched, fx);
        let item = taken
            .item
            .filter(|item| !made || fx.followup(*item).is_some());
        WebhookAnswer::Feedback {
            kind: said.source.kind,
            source: said.source.id.clone(),
            created: made && item.is_some() && !taken.known,
            idempotent: taken.known,
            item,
            repo: repo.facts.name.clone(),
            pull: glance.number,
        }
    }

    /// The reason why this feedback creates no work, if there is one.
    fn no_feedback(&self, repo: &Repo, said: &Said<'_>, fx: &Effects<'_>) -> Option<&'static str> {
        let (glance, source, voice) = (said.pull, said.source, said.voice);
        let key = (repo.id, glance.number);
        let is_review = source.id.is_review();
        let commented = is_review && source.kind == SourceKind::PrComment;
        if voice.marked && (voice.own || is_by_an_agent(repo, said, fx)) {
            Some("an agent wrote it: it carries the marker of agents' replies")
        } else if voice.bot && self.policy.ignore_bots {
            Some("a bot said it, and FOLLOWUP_IGNORE_BOTS is on")
        } else if commented && !self.policy.commented_reviews {
            Some("the review asks for nothing, and FOLLOWUP_COMMENTED_REVIEWS is off")
        } else if self.policy.followup_scope == FollowupScope::Claims
            && fx.claims_of(key).is_empty()
        {
            Some("no claim names its pull request, and FOLLOWUP_SCOPE is claims")
        } else {
            None
        }
    }

    /// The pull request that the news is about: the row before, and the row with the news applied. Creates the row if there is
    /// none.
    pub(super) fn pull_of(
        &self,
        repo: &Repo,
        glance: &PullRequestRef,
        fx: &mut Effects<'_>,
    ) -> (Option<Pull>, Pull) {
        let before = fx.pull((repo.id, glance.number)).cloned();
        let pull = match (&before, &glance.facts) {
            (_, Some(facts)) => {
                // Feedback does not link its pull request to a claim; only news of the pull request itself does.
                self.record_pull(repo, facts, PullChange::Facts, fx)
            }
            (Some(known), None) => record_glance(repo, known, glance, fx),
            (None, None) => {
                let pull = self.record_pull(repo, &thin(repo, glance), PullChange::Facts, fx);
                let mut pull = pull;
                pull.activity.state_at = glance.open.and(glance.at);
                fx.put_pull(pull.clone());
                pull
            }
        };
        (before, pull)
    }

    /// Records the text of a review or comment, new or edited.
    fn record_text(
        &self,
        place: &Place<'_>,
        source: FeedbackEvent,
        voice: Voice,
        touched: &mut TouchedItems,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> Taken {
        let now = self.on_github(self.now);
        let mut facts = SourceFacts::of(&source, now);
        if source.updated_at.is_none() {
            facts.version = facts.version.max(voice.as_of);
        }
        let family = fx.sources().filter(|row| row.id.base() == source.id.base());
        let newest = family
            .max_by_key(|row| (row.facts.version, row.id.clone()))
            .cloned();
        let Some(row) = newest else {
            let row = KnownSource {
                id: source.id.clone(),
                pull: place.pull.key(),
                item: None,
                ended: None,
                facts,
            };
            let item = self.judge_source(place, row, Some(source), touched, fx, ids);
            return Taken { item, known: false };
        };
        if row.pull != place.pull.key() {
            // GitHub never reuses ids, so the repository's name now means another repository.
            fx.request_refetch(place.repo, place.pull);
            return Taken {
                item: row.item,
                known: true,
            };
        }
        if row.facts.version.is_none() {
            // Only the event's end was known so far.
            let facts = SourceFacts {
                said_at: facts.said_at,
                version: facts.version,
                digest: facts.digest,
                reviewer: facts.reviewer,
                hidden: facts.hidden || row.facts.hidden,
                ..row.facts
            };
            let row = KnownSource { facts, ..row };
            let item = self.judge_source(place, row, Some(source), touched, fx, ids);
            return Taken { item, known: true };
        }
        self.record_edit(place, row, (source, facts), touched, fx, ids)
    }

    /// Records a text of an event that has one already: the same, an older or a newer text.
    fn record_edit(
        &self,
        place: &Place<'_>,
        mut row: KnownSource,
        (source, facts): (FeedbackEvent, SourceFacts),
        touched: &mut TouchedItems,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> Taken {
        let was = fx.text(&row.id).cloned();
        let same = facts.digest == row.facts.digest;
        // Only polls reliably report whether a comment is hidden.
        let hidden = if self.is_poll() {
            source.hidden
        } else {
            source.hidden || row.facts.hidden
        };
        // Two texts of the same second: ask GitHub; the text of the poll wins.
        let tie = facts.version == row.facts.version && !same;
        if tie && !self.is_poll() {
            fx.request_refetch(place.repo, place.pull);
        }
        let newer = facts.version > row.facts.version || (tie && self.is_poll());
        if !newer || same {
            let revived = row.ended.is_some_and(Resolution::may_return) && was.is_none() && same;
            let text = if revived { Some(source) } else { was };
            row.facts.version = row.facts.version.max(facts.version.filter(|_| same));
            row.facts.hidden = hidden;
            let item = self.judge_source(place, row, text, touched, fx, ids);
            return Taken { item, known: true };
        }
        let over = match row.ended {
            Some(Resolution::Answered | Resolution::Pushed | Resolution::Edited) => true,
            None
            | Some(
                Resolution::Dismissed
                | Resolution::Resolved
                | Resolution::Merged
                | Resolution::Closed
                | Resolution::Approved
                | Resolution::Deleted
                | Resolution::Minimized,
            ) => false,
        };
        let adds = was
            .as_ref()
            .is_none_or(|was| adds_text(&was.body, &source.body));
        row.facts.hidden = hidden;
        if over && !adds {
            (row.facts.version, row.facts.digest) = (facts.version, facts.digest);
            fx.put_source(row);
            return Taken {
                item: None,
                known: true,
            };
        }
        if over {
            let id = source.id.edited(facts.version.unwrap_or(self.now));
            let facts = SourceFacts {
                said_at: facts.version,
                hidden,
                thread: row.facts.thread,
                gone: row.facts.gone,
                dismissed: row.facts.dismissed,
                ..facts
            };
            let row = KnownSource {
                id: id.clone(),
                pull: place.pull.key(),
                item: None,
                ended: None,
                facts,
            };
            let source = FeedbackEvent { id, ..source };
            let item = self.judge_source(place, row, Some(source), touched, fx, ids);
            return Taken { item, known: false };
        }
        row.facts.said_at = facts.version.max(row.facts.said_at);
        (row.facts.version, row.facts.digest) = (facts.version, facts.digest);
        let text = FeedbackEvent {
            unseen: adds,
            ..source
        };
        let item = self.judge_source(place, row, Some(text), touched, fx, ids);
        Taken { item, known: false }
    }

    fn is_poll(&self) -> bool {
        matches!(
            self.command.action,
            crate::engine::command::Action::ApplyPolledEvent(_)
        )
    }
}

/// The facts of a pull request from a thin payload, which has little more than the number.
fn thin(repo: &Repo, glance: &PullRequestRef) -> PullRequestSnapshot {
    let url = glance.url.clone();
    let url = url.unwrap_or_else(|| format!("{}/pull/{}", repo.facts.url, glance.number));
    PullRequestSnapshot {
        open: glance.open.unwrap_or(true),
        ..PullRequestSnapshot::thin(glance.number, glance.title.clone().unwrap_or_default(), url)
    }
}

/// Whether the author's login belongs to an agent: it opened a pull request that an active claim names. The marker alone proves
/// nothing, because anybody can copy it.
fn is_by_an_agent(repo: &Repo, said: &Said<'_>, fx: &Effects<'_>) -> bool {
    let key = (repo.id, said.pull.number);
    let told = said
        .pull
        .facts
        .as_ref()
        .and_then(|facts| facts.author.as_ref());
    let author = told.or_else(|| fx.pull(key).and_then(|pull| pull.facts.author.as_ref()));
    let by = said.source.requested_by.as_ref();
    by.zip(author)
        .is_some_and(|(by, author)| by.eq_ignore_ascii_case(author))
        && !fx.claims_of(key).is_empty()
}
