//! Issues whose work is done although GitHub still shows them open.

use super::super::Context;
use super::super::effects::Effects;
use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::id::IssueKey;
use crate::domain::readiness::ReasonCode;
use crate::domain::standing::Merged;
use crate::engine::view::Rows;

impl Context<'_> {
    /// A claim that its agent ended as closed leaves an issue with nothing to do.
    pub(super) fn note_done(&self, fx: &mut Effects<'_>) {
        let is_done = |claim: &&Claim| {
            let was_active = self.view.claim(claim.id).is_some_and(Claim::is_active);
            was_active && claim.status == ClaimStatus::Closed && claim.github_closed_at.is_none()
        };
        let done: Vec<(IssueKey, Option<String>)> = fx
            .changed_claims()
            .filter(is_done)
            .map(|claim| (claim.key(), claim.pr_url.clone()))
            .collect();
        let at = self.on_github(self.now);
        for (key, url) in done {
            set_done(key, Merged { url, at }, fx);
        }
    }
}

/// Records a merge at an open issue, unless one is known or the issue was reopened since.
pub(super) fn set_done(key: IssueKey, merged: Merged, fx: &mut Effects<'_>) {
    let open = fx.standing(key);
    let open = open.filter(|open| open.merged.is_none() && open.opened_at <= merged.at);
    if let Some(mut standing) = open.cloned() {
        standing.merged = Some(merged);
        standing.reasons = standing.reasons.with(ReasonCode::MergedPr, true);
        fx.put_standing(standing);
    }
}
