//! An agent in a loop: it takes issues and gives them back at once, until IssueCommand pauses it.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::time::sleep;

use crate::api::Api;
use crate::event_log::EventLog;

/// Its name.
pub(crate) const NAME: &str = "looping-bot";

/// Takes issues and gives them back until it is paused.
pub(crate) async fn run(api: Api, log: EventLog, pace: f64) {
    let moment = Duration::from_secs_f64(4.0 * pace);
    loop {
        sleep(moment).await;
        let asked = json!({ "agent_id": NAME });
        let answer = api.call(Method::POST, "/api/next", Some(&asked)).await;
        let Some((status, answer)) = answer else {
            continue;
        };
        if answer["reason"] == "paused" {
            log.remark(&format!(
                "{NAME} IS PAUSED: it gave back five issues in a row at once"
            ));
            return;
        }
        let Some(id) = answer["claim"]["claim_id"]
            .as_str()
            .filter(|_| status == 200)
        else {
            continue;
        };
        let body = json!({ "agent_id": NAME, "reason": "I do not understand it" });
        // A lost claim needs no release.
        let _ = api
            .call(Method::DELETE, &format!("/api/claims/{id}"), Some(&body))
            .await;
    }
}
