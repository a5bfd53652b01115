//! Finds feedback that affects no other event of its pull request, so that the others need not be loaded.

use crate::domain::followup::feedback_event::digest;
use crate::domain::followup::{FeedbackEvent, Resolution, SourceId};
use crate::domain::policy::ResolveOnPush;
use crate::domain::pull_request::Pull;
use crate::domain::webhook::PullRequestRef;
use crate::engine::view::{Rows, View};

/// The facts that must be unchanged for a piece of feedback to affect only its own event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Talk {
    /// Whether the pull request is open, if the payload has it.
    open: Option<bool>,
    /// The merged flag and the head, if the payload has the whole pull request.
    facts: Option<(bool, Option<String>)>,
    source: SourceId,
    digest: u64,
    hidden: bool,
}

impl Talk {
    pub(super) fn of(pull: &PullRequestRef, source: &FeedbackEvent) -> Self {
        let facts = pull.facts.as_ref();
        Self {
            open: facts.map(|facts| facts.open).or(pull.open),
            facts: facts.map(|facts| (facts.merged, facts.head.clone())),
            source: source.id.clone(),
            digest: digest(&source.body),
            hidden: source.hidden,
        }
    }

    pub(super) fn is_news_of_itself(&self, pull: Option<&Pull>, view: &View) -> bool {
        let known = pull.map(|pull| &pull.facts);
        let as_known = known.is_none_or(|known| {
            let open = self.open.is_none_or(|open| open == known.open);
            let facts = self.facts.as_ref();
            open && facts
                .is_none_or(|(merged, head)| (*merged, head) == (known.merged, &known.head))
        });
        let mut family = view
            .sources()
            .filter(|row| row.id.base() == self.source.base());
        as_known
            && family.all(|row| {
                // A waiting event keeps waiting, whatever else changed on its pull request since it was judged.
                let ends = |pull: &Pull| row.facts.ending(pull, ResolveOnPush::All).is_some();
                let stays = row.ended.is_some() || !pull.is_some_and(ends);
                let same = row.facts.digest == self.digest && row.facts.hidden == self.hidden;
                stays
                    && same
                    && row.facts.version.is_some()
                    && !row.ended.is_some_and(Resolution::may_return)
            })
    }
}
