//! Keeps visitors' claims alive: a visitor who joins with the printed commands keeps an issue for ten minutes, although the
//! demo's own agents lose theirs after 15 s of silence.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::api::Api;
use crate::event_log::EventLog;

/// How long a visitor keeps an issue without a heartbeat.
pub(crate) const MINUTES: i64 = 10;

/// How often claims are checked: more often than the shortest staleness timeout.
const EACH: Duration = Duration::from_secs(1);

/// Sends heartbeats for the claims of visitors.
pub(crate) struct Host {
    api: Api,
    log: EventLog,
    /// The demo's own agents.
    own: BTreeSet<String>,
}

impl Host {
    pub(crate) fn new(api: Api, log: EventLog, own: BTreeSet<String>) -> Self {
        Self { api, log, own }
    }

    /// Never returns.
    pub(crate) async fn run(self) {
        // For each claim, whether its time is over.
        let mut known: BTreeMap<String, bool> = BTreeMap::new();
        loop {
            let answer = self.api.get("/api/claims").await.unwrap_or_default();
            for claim in answer["claims"].as_array().into_iter().flatten() {
                self.look_after(claim, &mut known).await;
            }
            sleep(EACH).await;
        }
    }

    async fn look_after(&self, claim: &Value, known: &mut BTreeMap<String, bool>) {
        let field = |name: &str| claim[name].as_str().unwrap_or_default();
        let (agent, id, status) = (field("agent_id"), field("claim_id"), field("status"));
        if self.own.contains(agent) {
            return;
        }
        let Ok(since) = field("claimed_at").parse::<Timestamp>() else {
            return;
        };
        let over = Timestamp::now().duration_since(since).as_secs() >= MINUTES * 60;
        let issue = format!("{}#{}", field("repo"), claim["issue_number"]);
        if known.insert(id.to_owned(), over) != Some(over) {
            let words = if over {
                format!(
                    "the {MINUTES} minutes of {agent} with {issue} are over: silence frees it now"
                )
            } else {
                format!("{agent} has joined, and keeps {issue} for {MINUTES} minutes")
            };
            self.log.remark(&words);
        }
        if over || !matches!(status, "claimed" | "in_progress") {
            return;
        }
        // The same status again is a heartbeat and logs no event.
        let body = json!({ "agent_id": agent, "status": status });
        let path = format!("/api/claims/{id}");
        // If the claim moved meanwhile, the next check has its new status.
        let _ = self.api.call(Method::PATCH, &path, Some(&body)).await;
    }
}
