//! Changes a claim by the verdict on its link: follows the pull request that the agent named or a derived one, or ends the link.

use super::OPEN_AGAIN;
use super::rules::{Case, End, Verdict};
use crate::domain::claim::{Claim, ClaimStatus, Followed, Link, LinkOrigin, NamedPull};
use crate::domain::id::{IssueNumber, PullKey};
use crate::domain::pull_request::Pull;
use crate::engine::decide::Context;
use crate::engine::decide::effects::Effects;

/// Notes for the history of a claim that follows its pull request.
const OPENED: &str = "A pull request that closes the issue was opened";
const MERGED: &str = "Its pull request was merged";

impl Context<'_> {
    pub(super) fn judge_link(
        &self,
        claim: &Claim,
        told: PullKey,
        fx: &Effects<'_>,
    ) -> (Claim, String) {
        let case = self.case(claim, told, fx);
        match case.judge() {
            Verdict::Nothing => (claim.clone(), String::new()),
            Verdict::Named => self.follow_named(&case),
            Verdict::Derived(pull) => self.follow_derived(claim, pull),
            Verdict::Ended(end) => {
                let number = claim.pull.map(|(_, number)| number);
                let note = ended(number, end);
                let mut ended = claim.clone().unlink(&note, self.now);
                // If the agent moved on by itself, nothing is undone and the history has no entry for it.
                let is_told = ended.history.len() > claim.history.len();
                ended.pull_notice = Some(note.clone()).filter(|_| !is_told);
                (ended, note)
            }
        }
    }

    /// Follows the pull request that the agent named. Until the merge, the agent reports the claim's status itself.
    fn follow_named(&self, case: &Case<'_>) -> (Claim, String) {
        let mut claim = case.claim.clone();
        let mut note = String::new();
        let replaced = claim.link.as_mut().and_then(|link| link.replaces.take());
        let pull = match &replaced {
            Some(named) => named.pull,
            None => claim.pull,
        };
        let pull = pull.and_then(|key| case.pull(key));
        let is_merged = pull.is_some_and(|pull| case.is_merged(pull));
        if let Some(named) = replaced {
            note = match case.claim.pull {
                Some((_, number)) if !pull.is_some_and(|pull| case.stands(pull)) => {
                    format!("Pull request #{number} is no longer the claim's")
                }
                Some(_) | None => OPEN_AGAIN.to_owned(),
            };
            let mut link = Link::new(LinkOrigin::Agent);
            if is_merged {
                // The merge moves the claim from its present status.
                link.before = claim.before_derived();
            } else {
                claim = claim.unlink(&note, self.now);
            }
            (claim.pr_url, claim.pull, claim.link) = (Some(named.url), named.pull, Some(link));
        }
        let link = claim
            .link
            .get_or_insert_with(|| Link::new(LinkOrigin::Agent));
        if is_merged && link.followed < Followed::Merged {
            link.followed = Followed::Merged;
            MERGED.clone_into(&mut note);
            claim = claim.derive(ClaimStatus::PrMerged, MERGED, self.now);
        }
        (claim, note)
    }

    fn follow_derived(&self, claim: &Claim, pull: &Pull) -> (Claim, String) {
        let mut claim = claim.clone();
        let mut note = String::new();
        let origin = claim.link_origin();
        if origin != Some(LinkOrigin::Derived) || claim.pull != Some(pull.key()) {
            let old = claim.link.take();
            let named = claim
                .pr_url
                .take()
                .filter(|_| origin == Some(LinkOrigin::Agent));
            let named = named.map(|url| {
                let pull = claim.pull;
                Box::new(NamedPull { url, pull })
            });
            let new = Link::new(LinkOrigin::Derived);
            claim.link = Some(match (old, named) {
                (Some(old), Some(named)) => Link {
                    before: old.before,
                    replaces: Some(named),
                    ..new
                },
                (None, Some(named)) => Link {
                    replaces: Some(named),
                    ..new
                },
                // The claim followed the previous pull request to this point.
                (Some(old), None) => Link {
                    followed: old.followed.min(Followed::Opened),
                    missing: false,
                    ..old
                },
                (None, None) => new,
            });
            (claim.pr_url, claim.pull) = (Some(pull.facts.url.clone()), Some(pull.key()));
            note = format!("Pull request #{} closes the issue", pull.facts.number);
        }
        let (reached, status, words) = if pull.facts.merged {
            (Followed::Merged, ClaimStatus::PrMerged, MERGED)
        } else {
            (Followed::Opened, ClaimStatus::PrSubmitted, OPENED)
        };
        if let Some(link) = claim.link.as_mut().filter(|link| link.followed < reached) {
            link.followed = reached;
            let was = claim.history.len();
            claim = claim.derive(status, words, self.now);
            if claim.history.len() > was {
                words.clone_into(&mut note);
            }
        }
        (claim, note)
    }
}

fn ended(number: Option<IssueNumber>, end: End) -> String {
    let which = number.map_or_else(
        || "Its pull request".to_owned(),
        |number| format!("Pull request #{number}"),
    );
    let why = match end {
        End::Closed => "was closed without being merged",
        End::Reworded => "no longer closes the issue",
        End::Elsewhere => "is of another repository than the issue",
        End::Unfit => "is not by somebody who may write here, or older than the claim",
    };
    format!("{which} {why}")
}
