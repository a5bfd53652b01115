//! What the contract calls records: the shapes that answers are made of. An unset field is absent, never `null`.

mod attempt;
mod claim;
mod comments;
mod deliveries;
mod event;
mod followup;
mod halt;
mod health;
mod held;
mod history;
mod issue;
mod issue_line;
mod overview;
mod readiness;
mod repo;
mod session;
mod source;
mod statistics;
mod webhook;
mod why;

pub use attempt::AttemptRecord;
pub use claim::{ClaimRecord, ClaimStatusName, StatusEntry};
pub use comments::CommentRecord;
pub use deliveries::{DeliveryRecord, OutboxRecord};
pub use event::{EventDetails, EventRecord, ResetRecord};
pub use followup::{FollowupRecord, FollowupStatusEntry, FollowupStatusName};
pub use halt::HaltRecord;
pub use health::{DatabaseRecord, GithubBudget, HealthRecord, SyncFailureRecord};
pub use held::HeldFeedbackRecord;
pub use history::TruncatedClaimRecord;
pub(crate) use history::json_length;
pub use issue::{IssueRecord, LeanIssueRecord, TruncatedIssueRecord};
pub use issue_line::{IssueCountsRecord, IssueLineRecord, NotReadyLine, ReasonCountRecord};
pub use overview::{
    AttentionList, AttentionRecord, OverviewCounts, OverviewRecord, WorkingList, WorkingRecord,
};
pub use readiness::{ReadinessRecord, ReasonRecord};
pub use repo::RepoRecord;
pub use session::{AgentRecord, HeldRecord, NoticeRecord, SessionRecord};
pub use source::{SourceKindName, SourceRecord, TruncatedRecord};
pub use statistics::{DayRecord, LevelRecord, SpreadRecord, StatisticsRecord};
pub use webhook::{WebhookOutcome, WebhookReceived, WebhookReply};
pub use why::{ChosenRecord, ExampleRecord, HindranceRecord, WhyNotRecord, WhyRecord};
