//! The agents of a replay, which use HTTP as real ones do.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::closing_keywords::closed_by;
use issuecommand_core::ports::store::ClaimFilter;
use issuecommand_testkit::builders::repo;
use serde_json::{Value, json};

use crate::world::{Http, Setup};

/// The number of agents.
const AGENTS: u64 = 7;

/// The agents of a replay.
pub(super) struct AgentPool {
    name: String,
    /// Follow-ups in progress: the agent, the follow-up, and the remaining number of events.
    working: VecDeque<(String, String, u32)>,
    /// The events that each agent was offered.
    pub(super) offered: BTreeMap<String, BTreeSet<String>>,
    strangers: u64,
}

impl AgentPool {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            working: VecDeque::new(),
            offered: BTreeMap::new(),
            strangers: 0,
        }
    }

    pub(super) async fn claims(&self, setup: &Setup) -> Vec<Claim> {
        setup.store.claims(&ClaimFilter::default()).await.unwrap()
    }

    /// An agent claims an issue. Returns whether it succeeded.
    pub(super) async fn take(&self, http: &Http, number: u64) -> bool {
        let body = json!({
            "agent_id": format!("agent-{}", number % AGENTS),
            "repo": self.name,
            "issue_number": number,
        });
        let reply = http.json("POST", "/api/claims", &body).await;
        assert!(matches!(reply.status, 200 | 409), "{reply:?}");
        reply.status == 200
    }

    /// The agents whose issues a pull request closes wrote it, and name it.
    pub(super) async fn wrote(&self, setup: &Setup, http: &Http, number: u64, text: &str) {
        let closes = closed_by(text, &repo(&self.name), "github.com");
        for claim in self.claims(setup).await {
            let is_closed = closes
                .iter()
                .any(|(name, n)| *name == claim.repo_name && *n == claim.number);
            let first = claim.pr_url.is_none();
            if !is_closed || !first {
                continue;
            }
            let url = format!("https://github.com/{}/pull/{number}", self.name);
            for (status, pr_url) in [("in_progress", None), ("pr_submitted", Some(url))] {
                let body =
                    json!({"agent_id": claim.agent.as_str(), "status": status, "pr_url": pr_url});
                let path = format!("/api/claims/{}", claim.id);
                let reply = http.json("PATCH", &path, &body).await;
                assert_eq!(reply.status, 200, "{reply:?}");
            }
        }
    }

    /// All agents ask for work: an unrelated one first, then the authors of pull requests.
    pub(super) async fn ask(&mut self, setup: &Setup, http: &Http) {
        self.strangers += 1;
        let stranger = format!("stranger-{}", self.strangers % 3);
        if let Some(item) = self.next(http, &stranger).await {
            // Work reserved for a live agent is not given to a faster one.
            assert_eq!(item["preferred_agent_id"], Value::Null, "{item}");
        }
        let claims = self.claims(setup).await;
        let with_pulls = claims.iter().filter(|claim| claim.pull.is_some());
        let agents: BTreeSet<&str> = with_pulls.map(|claim| claim.agent.as_str()).collect();
        for agent in agents {
            while self.next(http, agent).await.is_some() {}
        }
    }

    async fn next(&mut self, http: &Http, agent: &str) -> Option<Value> {
        let reply = http
            .json("POST", "/api/next-work", &json!({"agent_id": agent}))
            .await;
        match (reply.status, reply.body["kind"].as_str()) {
            (200, Some("pr_followup")) => {}
            // A free issue, which now belongs to this agent.
            (200, Some("issue")) | (409, _) => return None,
            _ => panic!("{reply:?}"),
        }
        let item = reply.body["work_item"].clone();
        let sources = item["sources"].as_array().unwrap().iter();
        let ids = sources.map(|source| source["source_event_id"].as_str().unwrap().to_owned());
        self.offered
            .entry(agent.to_owned())
            .or_default()
            .extend(ids);
        let id = item["work_item_id"].as_str().unwrap().to_owned();
        let length = u32::try_from(self.working.len()).unwrap() % 4;
        self.working.push_back((agent.to_owned(), id, length));
        Some(item)
    }

    /// After an event: finishes some of the work.
    pub(super) async fn work(&mut self, http: &Http) {
        for _ in 0..self.working.len() {
            let Some((agent, item, left)) = self.working.pop_front() else {
                return;
            };
            let status = if left == 0 { "done" } else { "in_progress" };
            let body = json!({"agent_id": agent, "status": status});
            let path = format!("/api/followups/{item}");
            let reply = http.json("PATCH", &path, &body).await;
            match reply.status {
                200 if left > 0 => self.working.push_back((agent, item, left - 1)),
                200 => {}
                // A push, a merge or a close came first.
                404 => assert_eq!(reply.body["reason"], "not_found", "{reply:?}"),
                // It was stale for weeks of the history: the agent claims it again, unless another one has it.
                409 if reply.body["work_item"]["status"] == "stale" => {
                    assert_eq!(reply.body["reason"], "invalid_transition", "{reply:?}");
                    self.working.push_front((agent, item, 1));
                }
                409 => assert_eq!(reply.body["reason"], "agent_mismatch", "{reply:?}"),
                _ => panic!("{agent}: {reply:?}"),
            }
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.working.is_empty()
    }

    /// The agents send heartbeats: all of them, or those with a pull request under review.
    pub(super) async fn live(&self, setup: &Setup, http: &Http, all: bool) {
        for claim in self.claims(setup).await {
            if claim.status == ClaimStatus::Stale || (claim.pull.is_none() && !all) {
                continue;
            }
            let body = json!({"agent_id": claim.agent.as_str(), "status": claim.status.as_str()});
            let path = format!("/api/claims/{}", claim.id);
            let reply = http.json("PATCH", &path, &body).await;
            assert_eq!(reply.status, 200, "{reply:?}");
        }
    }
}
