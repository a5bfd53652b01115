//! Rows of the numbers of days and agents.

use issuecommand_core::domain::daily::{AgentTotalKey, DailyKey, Day};
use serde::Serialize;

/// What is added to a number of a day.
#[derive(Debug, Serialize)]
pub struct NewDailyRow {
    #[serde(flatten)]
    key: DailyKey,
    n: i64,
}

impl NewDailyRow {
    pub(super) fn of((key, n): (&DailyKey, &i64)) -> Self {
        Self { key: *key, n: *n }
    }
}

/// What is added to a number of an agent.
#[derive(Debug, Serialize)]
pub struct NewAgentTotalRow<'a> {
    #[serde(flatten)]
    key: &'a AgentTotalKey,
    n: i64,
    day: Day,
}

impl<'a> NewAgentTotalRow<'a> {
    pub(super) fn of((key, (n, day)): (&'a AgentTotalKey, &(i64, Day))) -> Self {
        Self {
            key,
            n: *n,
            day: *day,
        }
    }
}
