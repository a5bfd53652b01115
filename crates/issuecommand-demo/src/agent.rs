//! A simulated agent: it opens pull requests for issues, answers reviews, and sometimes crashes.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};

use crate::DemoArgs;
use crate::api::Api;
use crate::event_log::{Activity, EventLog};
use crate::pause::{pause, random_of};
use crate::world::DemoWorld;

const NAMES: [&str; 4] = ["claude-code", "codex", "cursor", "copilot"];

pub(crate) struct Agent {
    name: String,
    api: Api,
    world: Arc<DemoWorld>,
    log: EventLog,
    random: fastrand::Rng,
    pace: f64,
}

/// The name of the demo's nth agent.
pub(crate) fn name(n: u16) -> String {
    let kind = NAMES[usize::from(n) % NAMES.len()];
    format!("{kind}-{}", n / 4 + 1)
}

/// How a piece of work ended.
enum WorkEnd {
    Done,
    Crashed,
}

impl Agent {
    pub(crate) fn new(
        n: u16,
        args: &DemoArgs,
        api: Api,
        world: Arc<DemoWorld>,
        log: EventLog,
    ) -> Self {
        let name = name(n);
        let random = random_of(args.seed, u64::from(n));
        Self {
            name,
            api,
            world,
            log,
            random,
            pace: args.pace(),
        }
    }

    /// Never returns.
    pub(crate) async fn run(mut self) {
        // Agents start one after another.
        self.think(1500).await;
        loop {
            self.log.agent(&self.name, Activity::Looking);
            let asked = json!({ "agent_id": self.name });
            let answer = self.api.call(Method::POST, "/api/next-work", Some(&asked));
            let Some((200, work)) = answer.await else {
                // The history advances while no agent works, because otherwise there would be no more work.
                self.world.step();
                self.think(1500).await;
                continue;
            };
            if work["kind"] == "pr_followup" {
                self.answer(&work["work_item"]).await;
            } else if let WorkEnd::Crashed = self.follow(work["claim"].clone()).await {
                self.come_back().await;
            }
            self.think(500).await;
        }
    }

    /// A crashed agent has lost its state. It asks for its claims and continues, sometimes too late.
    async fn come_back(&mut self) {
        self.log.agent(&self.name, Activity::Crashed);
        let away = if self.random.u32(..2) == 0 {
            6000
        } else {
            30_000
        };
        self.think(away).await;
        let path = format!("/api/my-work?agent_id={}", self.name);
        let mine = self.api.get(&path).await.unwrap_or_default();
        for claim in mine["work"]["claims"].as_array().into_iter().flatten() {
            self.follow(claim.clone()).await;
        }
    }

    /// Answers feedback: reads it, pushes, and marks it done.
    async fn answer(&mut self, item: &Value) {
        self.log.agent(&self.name, Activity::Working);
        let (Some(id), Some(repo), Some(number)) = (
            item["work_item_id"].as_str(),
            item["repo"].as_str(),
            item["pr_number"].as_u64(),
        ) else {
            return;
        };
        let path = format!("/api/followups/{id}");
        let working = json!({ "agent_id": self.name, "status": "in_progress" });
        let begun = self.api.call(Method::PATCH, &path, Some(&working)).await;
        if begun.is_none_or(|(status, _)| status != 200) {
            return;
        }
        self.think(2000).await;
        self.world.github(|github| drop(github.push(repo, number)));
        let done = json!({ "agent_id": self.name, "status": "done", "note": "pushed the change" });
        // The push may have resolved it already.
        let _ = self.api.call(Method::PATCH, &path, Some(&done)).await;
    }

    /// Moves a claim from its current status to its pull request.
    async fn follow(&mut self, mut claim: Value) -> WorkEnd {
        self.log.agent(&self.name, Activity::Working);
        loop {
            self.world.step();
            let (status, pull) = match claim["status"].as_str() {
                Some("claimed" | "stale") => ("in_progress", None),
                Some("in_progress") => {
                    self.think(2500).await;
                    match self.random.u32(..20) {
                        0 | 1 => return WorkEnd::Crashed,
                        2 => return self.release(&claim).await,
                        _ => {}
                    }
                    let Some(url) = self.open_pull(&claim).await else {
                        return self.release(&claim).await;
                    };
                    ("pr_submitted", Some(url))
                }
                // The maintainers review it; their feedback comes back as work.
                _ => return WorkEnd::Done,
            };
            self.think(700).await;
            let Some(id) = claim["claim_id"].as_str() else {
                return WorkEnd::Done;
            };
            let body = json!({ "agent_id": self.name, "status": status, "pr_url": pull });
            match self
                .api
                .call(Method::PATCH, &format!("/api/claims/{id}"), Some(&body))
                .await
            {
                Some((200, answer)) => claim = answer["claim"].clone(),
                // The merge has closed the issue and the sync its claim, or another agent has it meanwhile.
                Some(_) => return WorkEnd::Done,
                None => self.think(1000).await,
            }
        }
    }

    async fn release(&mut self, claim: &Value) -> WorkEnd {
        let path = format!(
            "/api/claims/{}",
            claim["claim_id"].as_str().unwrap_or_default()
        );
        let body =
            json!({ "agent_id": self.name, "reason": "needs a decision of the maintainers first" });
        // A lost claim needs no release.
        let _ = self.api.call(Method::DELETE, &path, Some(&body)).await;
        WorkEnd::Done
    }

    async fn open_pull(&self, claim: &Value) -> Option<String> {
        let (repo, issue) = (claim["repo"].as_str()?, claim["issue_number"].as_u64()?);
        let title = claim["issue_title"].as_str().unwrap_or_default();
        self.api
            .open_pull(repo, issue, title, &self.name)
            .await
            .map(|(_, url)| url)
    }

    /// Waits for about so many milliseconds, scaled by the demo's pace.
    async fn think(&mut self, millis: u32) {
        pause(&mut self.random, millis, self.pace).await;
    }
}
