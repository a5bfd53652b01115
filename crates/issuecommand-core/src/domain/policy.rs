//! What an operator decides: the settings that change what the engine answers.

use crate::domain::priority::PriorityTable;
use crate::domain::time::{Millis, StoreTime};

/// `FOLLOWUP_RESOLVE_ON_PUSH`: which open follow-ups a push ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResolveOnPush {
    /// All of the pull request's.
    All,
    /// Those that an agent has.
    Owned,
    /// None.
    Never,
}

/// `FOLLOWUP_SCOPE`: on which pull requests feedback is work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowupScope {
    /// On all.
    All,
    /// On those that an active claim names.
    Claims,
}

/// The engine's settings. The names are those of the configuration.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// `CLAIM_TIMEOUT_MINUTES`: silence after which a claim is stale.
    pub claim_timeout: Millis,
    /// `PR_CLAIM_TIMEOUT_MINUTES`: the same for a claim that waits on its pull request.
    pub pr_claim_timeout: Millis,
    /// `STALE_AUTO_RELEASE_MINUTES`: how long a claim is stale until it is released; `None` never.
    pub stale_auto_release: Option<Millis>,
    /// `AUTO_CLOSE_GITHUB_ISSUE`: a claim that its agent closes closes the issue on GitHub.
    pub auto_close: bool,
    /// `REOPEN_GRACE_MINUTES`: how soon after GitHub closed an issue it must be reopened for its claim to be given back; `None`
    /// never.
    pub reopen_grace: Option<Millis>,
    /// `HISTORY_MAX_ENTRIES`: ended claims kept.
    pub history_max: u32,
    /// `EVENT_KEEP_DAYS`, as a length: how far back the event log goes.
    pub event_keep: Millis,
    /// `FOLLOWUP_STALE_MINUTES`: silence after which a follow-up is stale.
    pub followup_stale: Millis,
    /// `FOLLOWUP_MAX_ENTRIES`: ended follow-ups kept.
    pub followup_max: u32,
    /// `FOLLOWUP_COALESCE`: events of a pull request that wait unowned are one item.
    pub coalesce: bool,
    /// `FOLLOWUP_AFFINITY_MINUTES`: how long an item waits for its pull request's agent.
    pub affinity: Millis,
    /// `FOLLOWUP_RESOLVE_ON_PUSH`.
    pub resolve_on_push: ResolveOnPush,
    /// `FOLLOWUP_IGNORE_BOTS`: what bots say makes no item.
    pub ignore_bots: bool,
    /// `FOLLOWUP_COMMENTED_REVIEWS`: a review that neither approves nor asks for changes is feedback when it has text.
    pub commented_reviews: bool,
    /// `FOLLOWUP_SCOPE`.
    pub followup_scope: FollowupScope,
    /// `WEBHOOK_DEDUPE_MAX_ENTRIES`: deliveries remembered.
    pub deliveries_max: u32,
    /// `PRIORITY_LABELS`: which words of a label mean which rank.
    pub priority: PriorityTable,
    /// `ISSUE_CHECK_SECONDS`, as a length: how old GitHub's last word on an issue may be when it is handed out.
    pub issue_check_age: Millis,
    /// How long the answer to an idempotency key is remembered. Not configurable.
    pub remember: Millis,
    /// Whether a jump of the clock forward counts as time in which agents were silent. True only where the caller lets hours
    /// pass at once and means ordinary time, as tests do. Not configurable.
    pub jump_is_silence: bool,
}

impl Policy {
    /// How long nothing is trimmed because the clock jumped forward, since what is trimmed does not come back.
    pub(crate) const TRIM_GRACE: Millis = Millis::minutes(60);

    /// The time of a transaction with what counts of the steps of its clock.
    pub(crate) fn heed(&self, time: StoreTime) -> StoreTime {
        let jump = time.jump.filter(|_| !self.jump_is_silence);
        StoreTime { jump, ..time }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            claim_timeout: Millis::minutes(120),
            pr_claim_timeout: Millis::minutes(10_080),
            stale_auto_release: None,
            auto_close: false,
            reopen_grace: Some(Millis::minutes(15)),
            history_max: 1000,
            event_keep: Millis::minutes(7 * 24 * 60),
            followup_stale: Millis::minutes(1440),
            followup_max: 2000,
            coalesce: true,
            affinity: Millis::minutes(30),
            resolve_on_push: ResolveOnPush::All,
            ignore_bots: false,
            commented_reviews: true,
            followup_scope: FollowupScope::All,
            deliveries_max: 20_000,
            priority: PriorityTable::default(),
            issue_check_age: Millis::seconds(60),
            remember: Millis::minutes(24 * 60),
            jump_is_silence: false,
        }
    }
}
