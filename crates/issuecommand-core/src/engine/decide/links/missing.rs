//! Handles pull requests that claims name and GitHub does not show. Each holder is told, and told again when GitHub shows it.

use super::sharing::{BETWEEN, notice_of};
use crate::domain::claim::{Claim, Link, LinkOrigin};
use crate::domain::id::PullKey;
use crate::engine::decide::Context;
use crate::engine::decide::effects::Effects;
use crate::engine::view::Rows;

/// The note when GitHub shows a pull request that was missing.
pub(super) const SHOWN: &str = "GitHub shows its pull request";

impl Context<'_> {
    /// Updates the claims after a poll of a pull request. `shown` is whether GitHub showed it.
    pub(in crate::engine::decide) fn follow_poll(
        &self,
        key: PullKey,
        shown: bool,
        fx: &mut Effects<'_>,
    ) {
        let claims: Vec<Claim> = fx.claims_of(key).into_iter().cloned().collect();
        for claim in claims.iter().filter(|claim| is_missing(claim) == shown) {
            let Some(words) = missing(claim) else {
                continue;
            };
            let mut after = claim.clone();
            let link = after.link.get_or_insert(Link::new(LinkOrigin::Agent));
            link.missing = !shown;
            let notice = claim.pull_notice.as_deref().unwrap_or_default();
            let others = notice.split(BETWEEN).filter(|part| !part.is_empty());
            let others = others.filter(|part| *part != words);
            let told = Some(words.as_str()).filter(|_| !shown);
            let parts: Vec<&str> = told.into_iter().chain(others).collect();
            after.pull_notice = notice_of(&parts);
            let note = told.unwrap_or(SHOWN).to_owned();
            self.notify_of_link(claim, after, note, fx);
        }
    }
}

/// Whether the last poll did not find the claim's pull request.
pub(super) fn is_missing(claim: &Claim) -> bool {
    claim.link.as_ref().is_some_and(|link| link.missing)
}

/// The notice about a pull request that GitHub does not show.
pub(super) fn missing(claim: &Claim) -> Option<String> {
    let (repo, number) = claim.pull?;
    let place = if repo == claim.repo {
        "the issue's repository"
    } else {
        "the repository that its address names"
    };
    Some(format!(
        "GitHub shows no pull request #{number} in {place}: feedback and merge cannot be noticed. Name the right one with update_claim_status and its pr_url"
    ))
}
