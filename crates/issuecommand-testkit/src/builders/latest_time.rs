//! The latest GitHub time in a command.

use issuecommand_core::domain::issue::IssueLookup;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::command::Action;
use serde_json::Value;

/// The range of test times among the numbers here. The creation time of a [`pull`](super::pull) lies beyond.
const MOMENTS: std::ops::Range<i64> = 1_700_000_000_000..1_778_000_000_000;

/// The latest GitHub time in an action; `None` if it has none.
pub fn latest_told(action: &Action) -> Option<Timestamp> {
    if let Action::ProcessDelivery { meaning, .. } | Action::ApplyPolledEvent(meaning) = action {
        let told = serde_json::to_value(meaning).unwrap_or_default();
        return latest(&told).map(Timestamp);
    }
    if let Action::RecordIssues { issues, .. } = action {
        return issues.iter().map(|issue| issue.updated_at).max();
    }
    if let Action::RecordIssue { seen, .. } = action
        && let IssueLookup::Issue { issue, .. } | IssueLookup::Transferred { issue, .. } = seen
    {
        return Some(issue.updated_at);
    }
    if let Action::FinishPoll { watermark, .. } = action {
        return *watermark;
    }
    None
}

fn latest(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().filter(|number| MOMENTS.contains(number)),
        Value::Array(values) => values.iter().filter_map(latest).max(),
        Value::Object(fields) => fields.values().filter_map(latest).max(),
        Value::Null | Value::Bool(_) | Value::String(_) => None,
    }
}
