//! The settings of attempts, cool-downs and capacity.

use crate::domain::time::Millis;

/// When work counts as an attempt and what follows from it, named as in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptPolicy {
    /// `ATTEMPT_AFTER_MINUTES`: a claim that lived this long and ended without a merge is an attempt.
    pub after: Millis,
    /// `COOLDOWN_MINUTES`: how long an agent is not offered the issue that it gave back; `None`: it is at once.
    pub cooldown: Option<Millis>,
    /// `MAX_ATTEMPTS`: attempts without a merge after which a person must offer the issue again; `None`: any number.
    pub max: Option<u32>,
    /// `PAUSE_AFTER_QUICK_RELEASES`: an agent that gives back this many issues in a row, each within [`AttemptPolicy::QUICK`], is
    /// paused; `None`: never.
    pub loop_after: Option<u32>,
}

impl AttemptPolicy {
    /// A claim that its agent gives back sooner than this was given back quickly.
    pub const QUICK: Millis = Millis::minutes(1);

    /// Nothing follows from attempts.
    pub fn ignored() -> Self {
        Self {
            cooldown: None,
            max: None,
            loop_after: None,
            ..Self::default()
        }
    }
}

impl Default for AttemptPolicy {
    fn default() -> Self {
        Self {
            after: Millis::minutes(5),
            cooldown: Some(Millis::minutes(60)),
            max: Some(3),
            loop_after: Some(5),
        }
    }
}

/// How much is given at a time, named as in the configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CapacityPolicy {
    /// `MAX_CLAIMS_PER_AGENT`: active claims of an agent beyond which it is offered no more issues; `None`: any number.
    pub per_agent: Option<u32>,
    /// `MAX_CLAIMS_PER_REPO`: active claims in a repository beyond which no more of its issues are offered; `None`: any number.
    pub per_repo: Option<u32>,
    /// `CAPACITY_COUNTS_PR`: claims that wait on their pull request count.
    pub counts_pr: bool,
}
