//! What the contract calls records: the shapes that answers are made of. An unset field is absent, never `null`.

mod attempt;
mod claim;
mod client_session;
mod comments;
mod event;
mod followup;
mod halt;
mod health;
mod held;
mod history;
mod issue;
mod readiness;
mod repo;
mod session;
mod source;
mod webhook;
mod why;

pub use attempt::AttemptRecord;
pub use claim::{ClaimRecord, ClaimStatusName, StatusEntry};
pub use client_session::{ClientAgentRecord, ClientClaimRecord, ClientFeedbackRecord};
pub use comments::CommentRecord;
pub use event::{EventDetails, EventRecord, ResetRecord};
pub use followup::{FollowupRecord, FollowupStatusEntry, FollowupStatusName};
pub use halt::HaltRecord;
pub use health::{DatabaseRecord, GithubBudget, HealthRecord, SyncFailureRecord};
pub use held::HeldFeedbackRecord;
pub use history::TruncatedClaimRecord;
pub(crate) use history::json_length;
pub use issue::{IssueRecord, LeanIssueRecord, TruncatedIssueRecord};
pub use readiness::{ReadinessRecord, ReasonRecord};
pub use repo::RepoRecord;
pub use session::{AgentRecord, HeldRecord, NoticeRecord, SessionRecord};
pub use source::{SourceKindName, SourceRecord, TruncatedRecord};
pub use webhook::{WebhookOutcome, WebhookReceived, WebhookReply};
pub use why::{ChosenRecord, ExampleRecord, HindranceRecord, WhyNotRecord, WhyRecord};
