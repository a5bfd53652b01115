//! The events of the demo as readable lines, checked for issues with two owners.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Notify;

use crate::api::Api;

/// The most lines that are kept.
const KEPT: usize = 200;

/// What an agent of the demo does, if its claims do not show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    /// It asks for work.
    Looking,
    /// It works on its claims.
    Working,
    /// It has crashed and lost its state.
    Crashed,
}

/// The log. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct EventLog {
    inner: Arc<Mutex<LogState>>,
    connected: Arc<Notify>,
}

/// See [`EventLog`].
#[derive(Default)]
pub(crate) struct LogState {
    /// The agents of the demo.
    pub(crate) agents: BTreeMap<String, Activity>,
    /// The latest lines, the newest last, and the total number of lines.
    pub(crate) lines: VecDeque<String>,
    pub(crate) total: usize,
    /// Claims that ended as closed.
    pub(crate) closed: u64,
    /// How often a held issue was given to another agent. Always 0 unless IssueCommand is broken.
    pub(crate) two_owners: u64,
    holders: HashMap<String, String>,
}

impl EventLog {
    /// Locks the log. Hold it briefly, because all others wait.
    pub(crate) fn read(&self) -> MutexGuard<'_, LogState> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records what an agent does.
    pub(crate) fn agent(&self, name: &str, doing: Activity) {
        let mut told = self.read();
        if told.agents.insert(name.to_owned(), doing) != Some(doing) && doing == Activity::Crashed {
            drop(told);
            self.remark(&format!("{name} CRASHED and forgot everything"));
        }
    }

    /// Adds a line that has no event.
    pub(crate) fn remark(&self, words: &str) {
        let time = Timestamp::now().strftime("%H:%M:%S");
        self.read().say(&format!("{time}  {words}"));
    }

    /// Returns when the stream is open. Later events are logged.
    pub(crate) async fn begun(&self) {
        self.connected.notified().await;
    }

    /// Follows the event stream until it ends.
    pub(crate) async fn follow(self, api: Api) {
        let Some(mut stream) = api.events().await else {
            return;
        };
        let mut text = Vec::new();
        while let Ok(Some(chunk)) = stream.chunk().await {
            text.extend_from_slice(&chunk);
            while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = text.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line);
                match line.trim_end().split_once(": ") {
                    Some(("event", "connected")) => self.connected.notify_one(),
                    Some(("data", data)) => {
                        if let Ok(event) = serde_json::from_str(data) {
                            self.read().happened(&event);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

impl LogState {
    fn say(&mut self, line: &str) {
        // Titles and notes are untrusted, so control characters are removed before they reach a terminal.
        let line = line.chars().filter(|c| !c.is_control()).collect();
        self.lines.push_back(line);
        self.total += 1;
        if self.lines.len() > KEPT {
            self.lines.pop_front();
        }
    }

    fn happened(&mut self, event: &Value) {
        let field = |name: &str| event[name].as_str().unwrap_or_default();
        let (agent, claim) = (field("agent_id"), field("claim_id"));
        let details = &event["details"];
        let (by, status) = (details["source"].as_str(), details["status"].as_str());
        let pull = format!("{}#{}", field("repo"), event["pr_number"]);
        let issue = format!("{}#{}", field("repo"), event["issue_number"]);
        let words = match (field("type"), status) {
            ("claim.created", _) => {
                let before = self.holders.insert(issue.clone(), claim.to_owned());
                self.two_owners += u64::from(before.is_some_and(|other| other != claim));
                format!("{agent} took {issue}")
            }
            ("claim.updated", Some("in_progress")) => format!("{agent} works on {issue}"),
            ("claim.updated", Some("pr_submitted")) => {
                format!("{agent} opened a pull request for {issue}")
            }
            ("claim.updated", Some("pr_merged")) => {
                format!("the work of {agent} was merged: {issue}")
            }
            ("claim.updated", Some("closed")) => {
                self.closed += 1;
                match by {
                    Some("agent") => format!("{agent} closed {issue}"),
                    _ => format!("GitHub closed {issue}, and with it the claim of {agent}"),
                }
            }
            ("claim.released", _) => {
                let why = details["note"].as_str().unwrap_or("no reason given");
                format!("{agent} gave {issue} back: {why}")
            }
            ("followup.created", _) => format!("a review asks for changes in {pull}"),
            ("followup.claimed", _) => format!("{agent} got the review of {pull}"),
            ("followup.done", _) => format!("{agent} answered the review of {pull}"),
            ("claim.stale", _) => format!("{issue} is stale: {agent} shows no sign of life"),
            ("claim.auto_released", _) => format!("{issue} is free again, {agent} being gone"),
            _ => return,
        };
        let ended = matches!(status, Some("closed" | "released"));
        if ended && self.holders.get(&issue).is_some_and(|id| id == claim) {
            self.holders.remove(&issue);
        }
        let time = field("timestamp").get(11..19).unwrap_or_default();
        self.say(&format!("{time}  {words}"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, claim: &str, details: &Value) -> Value {
        json!({ "event_id": "1", "type": kind, "timestamp": "2026-11-22T10:11:12.000Z", "claim_id": claim,
            "repo": "a/b", "issue_number": 7, "agent_id": format!("agent of {claim}"), "details": details })
    }

    #[test]
    fn an_issue_given_away_twice_is_noticed_and_one_that_was_given_back_is_not() {
        let mut told = LogState::default();
        told.happened(&event("claim.created", "x", &json!({})));
        let back = json!({ "source": "agent", "status": "released", "note": "too\u{1b}[2J hard" });
        told.happened(&event("claim.released", "x", &back));
        told.happened(&event("claim.created", "y", &json!({})));
        assert_eq!(told.two_owners, 0);
        assert_eq!(
            told.lines[1],
            "10:11:12  agent of x gave a/b#7 back: too[2J hard"
        );
        told.happened(&event("claim.created", "z", &json!({})));
        assert_eq!(told.two_owners, 1);
    }
}
