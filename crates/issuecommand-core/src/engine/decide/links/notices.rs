//! Composes the notice for the holder of a claim about its pull request.

use std::collections::BTreeSet;

use super::CLOSED;
use super::missing::{is_missing, missing};
use super::sharing::{notice_of, shared};
use crate::domain::claim::Claim;
use crate::domain::id::{IssueNumber, PullKey};
use crate::domain::pull_request::Pull;
use crate::engine::decide::Context;
use crate::engine::decide::effects::Effects;
use crate::engine::view::Rows;

/// The most competing pull requests that a claim's notice names.
const RIVALS: usize = 20;

impl Context<'_> {
    /// Sets the notice and the rivals of the claim's pull request.
    pub(super) fn with_notice(&self, mut claim: Claim, told: PullKey, fx: &Effects<'_>) -> Claim {
        if claim.link.is_none() {
            return claim;
        }
        let (words, rivals) = self.noticed(&claim, told, fx);
        claim.pull_notice = notice_of(&words);
        if let Some(link) = &mut claim.link {
            link.rivals = rivals;
        }
        claim
    }

    fn noticed(
        &self,
        claim: &Claim,
        told: PullKey,
        fx: &Effects<'_>,
    ) -> (Vec<String>, BTreeSet<IssueNumber>) {
        let unseen = Some(claim).filter(|claim| is_missing(claim));
        let mut words: Vec<String> = unseen.and_then(missing).into_iter().collect();
        let case = self.case(claim, told, fx);
        let own = claim.pull.and_then(|key| case.pull(key));
        let closed = own.is_some_and(|pull| !pull.facts.open && !pull.facts.merged);
        if closed {
            words.push(CLOSED.to_owned());
        }
        let stands = own.is_none_or(|pull| case.stands(pull));
        let rivals = case.rivals(claim.pull).filter(|_| stands).take(RIVALS);
        let rivals: Vec<&Pull> = rivals.collect();
        if !rivals.is_empty() {
            let urls: Vec<&str> = rivals.iter().map(|pull| pull.facts.url.as_str()).collect();
            words.push(format!(
                "Another open pull request closes this issue too: {}",
                urls.join(", ")
            ));
        }
        let sharers = claim.pull.map(|key| fx.claims_of(key));
        let sharers = sharers.unwrap_or_default();
        let others = sharers
            .into_iter()
            .filter(|other| other.id != claim.id && other.agent != claim.agent);
        words.extend(others.take(RIVALS).map(|other| shared(claim, other)));
        let rivals = rivals.iter().map(|pull| pull.facts.number).collect();
        (words, rivals)
    }
}
