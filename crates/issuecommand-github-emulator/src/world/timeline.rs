//! The timeline of an issue.

use super::{Place, World};
use crate::model::{TimelineEvent, TimelineKind};

impl World {
    /// Adds an entry by the acting account, or by `by` if none is named.
    pub(super) fn happened(&mut self, place: Place, what: TimelineKind, by: Option<&str>) {
        let id = self.fresh_id();
        let at = self.now();
        let actor = by.unwrap_or(self.acting()).to_owned();
        let issue = self
            .repos
            .get_mut(&place.repo)
            .and_then(|repo| repo.issues.get_mut(&place.number));
        if let Some(issue) = issue {
            issue.timeline.push(TimelineEvent {
                id,
                actor: Some(actor),
                at,
                what,
            });
        }
    }
}
