//! The rules for derived links: pure functions of the claim and the known pull requests, independent of the order of arrival.

use crate::domain::claim::{Claim, LinkOrigin};
use crate::domain::id::PullKey;
use crate::domain::pull_request::Pull;
use crate::domain::time::Timestamp;

/// The pull request that belongs to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict<'a> {
    /// None, and the claim had none.
    Nothing,
    /// The one that the agent named.
    Named,
    /// This one, derived from GitHub's facts.
    Derived(&'a Pull),
    /// The derived link has ended, and no other pull request fits.
    Ended(End),
}

/// Why a derived link ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The pull request was closed without a merge.
    Closed,
    /// Its text or base no longer closes the issue.
    Reworded,
    /// It is in another repository than the issue.
    Elsewhere,
    /// It is older than the claim, or nothing proves that its author has write access.
    Unfit,
}

/// A claim and the facts that its link is judged by.
pub(super) struct Case<'a> {
    pub(super) claim: &'a Claim,
    /// When the claim was made, on GitHub's clock, in whole seconds as in GitHub's times.
    pub(super) made_at: Timestamp,
    /// Known pull requests: the linked one, the one that the agent named, and others.
    pub(super) pulls: Vec<&'a Pull>,
    /// The pull request of the current news.
    pub(super) told: PullKey,
}

impl<'a> Case<'a> {
    pub(super) fn judge(&self) -> Verdict<'a> {
        let has_derived = self.claim.link_origin() == Some(LinkOrigin::Derived);
        let derived = self.claim.pull.filter(|_| has_derived);
        let derived = derived.and_then(|key| self.pull(key));
        if let Some(named) = named_by_agent(self.claim) {
            let row = named.and_then(|key| self.pull(key));
            // An unknown one stands, unless a derived one has already replaced it.
            if row.map_or(!has_derived, |row| self.stands(row)) {
                return Verdict::Named;
            }
            let newer = |pull: &Pull| named.is_none_or(|key| is_newer(pull, key, row));
            let merged = derived.filter(|pull| pull.facts.merged && self.may_be(pull));
            let next = merged.or_else(|| self.first(|pull| self.fits(pull) && newer(pull)));
            return next.map_or(Verdict::Named, Verdict::Derived);
        }
        // A merge is final: no other pull request replaces one that was merged while its link stood.
        if let Some(merged) = derived.filter(|pull| pull.facts.merged && self.may_be(pull)) {
            return Verdict::Derived(merged);
        }
        // If the merge arrives before the opening, the pull request was still open during the claim.
        let was_merged =
            |pull: &Pull| pull.key() == self.told && pull.facts.merged && self.may_be(pull);
        match self.first(|pull| self.fits(pull) || was_merged(pull)) {
            Some(pull) => Verdict::Derived(pull),
            None if has_derived => Verdict::Ended(derived.map_or(End::Unfit, |it| self.end(it))),
            None => Verdict::Nothing,
        }
    }

    /// Other open pull requests that close the claim's issue.
    pub(super) fn rivals(&self, own: Option<PullKey>) -> impl Iterator<Item = &'a Pull> {
        let others = self.pulls.iter().copied();
        others.filter(move |pull| Some(pull.key()) != own && self.fits(pull))
    }

    /// Whether a pull request that the agent named still counts: it is open, or was merged after the claim was made.
    pub(super) fn stands(&self, pull: &Pull) -> bool {
        pull.facts.open || self.is_merged(pull)
    }

    /// Whether it was merged, and not before the claim was made.
    pub(super) fn is_merged(&self, pull: &Pull) -> bool {
        let at = pull.facts.merged_at;
        pull.facts.merged && at.is_none_or(|at| at >= self.made_at)
    }

    /// Whether it can become the claim's pull request: it is open and [`Case::may_be`] holds.
    fn fits(&self, pull: &Pull) -> bool {
        pull.facts.open && self.may_be(pull)
    }

    /// It is in the issue's repository, closes the issue, is by an author with write access, and was opened after the claim. An
    /// unknown age does not end an existing link.
    fn may_be(&self, pull: &Pull) -> bool {
        let is_own = self.claim.pull == Some(pull.key());
        let opened = pull.facts.created_at;
        pull.repo == self.claim.repo
            && pull.closing.issues.contains(&self.claim.number)
            && pull.facts.trusted
            && opened.map_or(is_own, |at| at >= self.made_at)
    }

    fn end(&self, pull: &Pull) -> End {
        if pull.repo != self.claim.repo {
            End::Elsewhere
        } else if !pull.facts.open && !pull.facts.merged {
            End::Closed
        } else if pull.closing.issues.contains(&self.claim.number) {
            End::Unfit
        } else {
            End::Reworded
        }
    }

    /// The one that has closed the issue for longest. The order of deliveries does not matter.
    fn first(&self, wanted: impl Fn(&Pull) -> bool) -> Option<&'a Pull> {
        let pulls = self.pulls.iter().copied().filter(|pull| wanted(pull));
        pulls.min_by_key(|pull| {
            let added = pull.closing.added.get(&self.claim.number).copied();
            let since = pull.facts.created_at.max(added);
            (since.max(pull.closing.reopened_at), pull.facts.number)
        })
    }

    pub(super) fn pull(&self, key: PullKey) -> Option<&'a Pull> {
        self.pulls.iter().copied().find(|pull| pull.key() == key)
    }
}

/// The pull request that the agent named last, even if a derived one replaced it. `Some(None)` is an address that resolves to
/// no pull request.
#[expect(
    clippy::option_option,
    reason = "an address that nobody can follow is named too"
)]
pub(super) fn named_by_agent(claim: &Claim) -> Option<Option<PullKey>> {
    match claim.link_origin()? {
        LinkOrigin::Agent => Some(claim.pull),
        LinkOrigin::Derived => {
            let replaces = claim.link.as_ref()?.replaces.as_ref()?;
            Some(replaces.pull)
        }
    }
}

/// Whether a pull request was opened after the other.
fn is_newer(pull: &Pull, key: PullKey, than: Option<&Pull>) -> bool {
    if pull.repo == key.0 {
        return pull.facts.number > key.1;
    }
    let opened = than.and_then(|than| than.facts.created_at);
    pull.facts.created_at > opened
}

#[cfg(test)]
mod tests;
