//! The operator's settings that affect the engine's decisions.

mod attempts;
mod readiness;
mod route;
mod sessions;

pub use self::attempts::{AttemptPolicy, CapacityPolicy};
pub use self::readiness::{Authors, Parents, ReadinessPolicy};
pub use self::route::{BadRoute, Route};
pub use self::sessions::SessionPolicy;
use crate::domain::chosen::RankSource;
use crate::domain::issue::Issue;
use crate::domain::priority::{Priority, PriorityTable};
use crate::domain::time::{Millis, StoreTime, Timestamp};

/// `FOLLOWUP_RESOLVE_ON_PUSH`: which open follow-ups a push resolves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResolveOnPush {
    /// All follow-ups of the pull request.
    All,
    /// Those that an agent holds.
    Owned,
    /// Pushes resolve nothing.
    Never,
}

/// `FOLLOWUP_SCOPE`: the pull requests whose feedback creates follow-ups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowupScope {
    /// All pull requests.
    All,
    /// Those that an active claim names.
    Claims,
}

/// The engine's settings, named as in the configuration.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// `CLAIM_TIMEOUT_MINUTES`: silence after which a claim goes stale.
    pub claim_timeout: Millis,
    /// `PR_CLAIM_TIMEOUT_MINUTES`: the same for a claim with a submitted or merged pull request.
    pub pr_claim_timeout: Millis,
    /// `STALE_AUTO_RELEASE_MINUTES`: how long a claim stays stale before it is released; `None` for ever.
    pub stale_auto_release: Option<Millis>,
    /// `AUTO_CLOSE_GITHUB_ISSUE`: closing a claim also closes the issue on GitHub.
    pub auto_close: bool,
    /// `REOPEN_GRACE_MINUTES`: an issue reopened within this time gives its claim back; `None` for never.
    pub reopen_grace: Option<Millis>,
    /// `HISTORY_MAX_ENTRIES`: how many ended claims are kept.
    pub history_max: u32,
    /// `EVENT_KEEP_DAYS`, as a duration: how long events are kept.
    pub event_keep: Millis,
    /// `FOLLOWUP_STALE_MINUTES`: silence after which a follow-up goes stale.
    pub followup_stale: Millis,
    /// `FOLLOWUP_MAX_ENTRIES`: how many ended follow-ups are kept.
    pub followup_max: u32,
    /// `FOLLOWUP_COALESCE`: waiting feedback on a pull request that no agent holds is put into one item.
    pub coalesce: bool,
    /// `FOLLOWUP_AFFINITY_MINUTES`: the length of the affinity window.
    pub affinity: Millis,
    /// `FEEDBACK_UNCLAIMED_MINUTES`: feedback that nobody has had in hand for so long needs a person; `None`: none does.
    pub feedback_unclaimed: Option<Millis>,
    /// `FOLLOWUP_RESOLVE_ON_PUSH`: see [`ResolveOnPush`].
    pub resolve_on_push: ResolveOnPush,
    /// `FOLLOWUP_IGNORE_BOTS`: feedback of bots creates no item.
    pub ignore_bots: bool,
    /// `FOLLOWUP_COMMENTED_REVIEWS`: a review with text counts even if it neither approves nor requests changes.
    pub commented_reviews: bool,
    /// `FOLLOWUP_SCOPE`: see [`FollowupScope`].
    pub followup_scope: FollowupScope,
    /// `WEBHOOK_DEDUPE_MAX_ENTRIES`: how many deliveries are kept.
    pub deliveries_max: u32,
    /// `PRIORITY_LABELS`: the label words of each priority.
    pub priority: PriorityTable,
    /// `PRIORITY_FIELD`: the organization's issue field whose value counts like a word of a label; empty: none.
    pub priority_field: String,
    /// `AGING_DAYS`, as a duration: an issue that waited this much longer than another is served before it although it is one
    /// priority lower; `None`: priorities alone count, whatever the age.
    pub aging: Option<Millis>,
    /// `[[route]]`: which agents some issues are for.
    pub routes: Vec<Route>,
    /// Which issues are handed out.
    pub readiness: ReadinessPolicy,
    /// What follows from work that ended without a merge.
    pub attempts: AttemptPolicy,
    /// How much is given at a time.
    pub capacity: CapacityPolicy,
    /// How sessions are told apart.
    pub sessions: SessionPolicy,
    /// `FEEDBACK_AUTHORS`: whose feedback creates follow-ups.
    pub feedback_authors: Authors,
    /// `ISSUE_CHECK_SECONDS`, as a duration: the maximum age of GitHub's last answer about an issue that is handed out.
    pub issue_check_age: Millis,
    /// How long answers to idempotency keys are kept. Not configurable.
    pub remember: Millis,
    /// Whether a forward jump of the clock counts as silence of agents. True only for callers such as tests that let hours pass
    /// at once. Not configurable.
    pub jump_is_silence: bool,
}

impl Policy {
    /// How long nothing is trimmed after a forward jump of the clock, because trimmed rows are lost.
    pub(crate) const TRIM_GRACE: Millis = Millis::minutes(60);

    /// Stands for an aging that never lifts an issue: longer than any issue waits.
    const NO_AGING: Millis = Millis(1_000_000_000_000_000);

    /// Identifies the rules by which issues are ranked and judged: policies with the same source judge alike.
    pub(crate) fn judgement_source(&self) -> String {
        format!(
            "{}; field: {}; aging: {:?}; routes: {:?}; ready: {}",
            self.priority.source(),
            self.priority_field,
            self.aging,
            self.routes,
            self.readiness.source()
        )
    }

    /// The priority of an issue by this table: by its field, if that names one, else by its labels.
    pub(crate) fn rank(&self, table: &PriorityTable, issue: &Issue) -> Priority {
        let by_field = self.rank_of_field(table, issue).map(|(rank, _)| rank);
        by_field.unwrap_or_else(|| table.rank(&issue.labels))
    }

    /// What names the priority of an issue by this table.
    pub(crate) fn rank_source(&self, table: &PriorityTable, issue: &Issue) -> RankSource {
        if let Some((_, value)) = self.rank_of_field(table, issue) {
            return RankSource::Field(value.to_owned());
        }
        let label = table.source_of(&issue.labels);
        label.map_or(RankSource::Nothing, |label| {
            RankSource::Label(label.to_owned())
        })
    }

    /// The priority that the issue's field names, with the field's value.
    fn rank_of_field<'i>(
        &self,
        table: &PriorityTable,
        issue: &'i Issue,
    ) -> Option<(Priority, &'i str)> {
        let mut fields = issue.more.fields.iter().flatten();
        fields.find_map(|(name, value)| {
            let is_it = name.eq_ignore_ascii_case(&self.priority_field);
            let rank = table.rank_of(value).filter(|_| is_it)?;
            Some((rank, value.as_str()))
        })
    }

    /// The turn of an issue of this priority that waits since a moment: the issue with the earliest turn is served first. Turns do
    /// not change while issues wait, so that nothing is rewritten as time passes.
    pub(crate) fn turn(&self, rank: Priority, since: Timestamp) -> Timestamp {
        let step = self.aging.unwrap_or(Self::NO_AGING);
        since.plus(Millis(rank.number().saturating_mul(step.0)))
    }

    /// The priority that an issue has by now: one better for each [`Policy::aging`] that it waited.
    pub(crate) fn aged(&self, rank: Priority, waited: Millis) -> Priority {
        let Some(step) = self.aging.filter(|step| step.0 > 0) else {
            return rank;
        };
        let better = rank.number() - waited.0.max(0) / step.0;
        let found = Priority::ALL
            .into_iter()
            .find(|rank| rank.number() == better.max(0));
        found.unwrap_or(rank)
    }

    /// Drops the jump from a transaction's time if jumps count as silence.
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
            feedback_unclaimed: Some(Millis::minutes(30)),
            resolve_on_push: ResolveOnPush::All,
            ignore_bots: false,
            commented_reviews: true,
            followup_scope: FollowupScope::All,
            deliveries_max: 20_000,
            priority: PriorityTable::default(),
            priority_field: "Priority".to_owned(),
            aging: Some(Millis::minutes(14 * 24 * 60)),
            routes: Vec::new(),
            readiness: ReadinessPolicy::default(),
            attempts: AttemptPolicy::default(),
            capacity: CapacityPolicy::default(),
            sessions: SessionPolicy::default(),
            feedback_authors: Authors::Anyone,
            issue_check_age: Millis::seconds(60),
            remember: Millis::minutes(24 * 60),
            jump_is_silence: false,
        }
    }
}
