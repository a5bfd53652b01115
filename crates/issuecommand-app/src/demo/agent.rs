//! One simulated agent: it makes pull requests of issues, answers what reviewers ask for, and sometimes crashes.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};

use super::DemoArgs;
use super::api::Api;
use super::random::Random;
use super::story::{Doing, Story};
use super::world::DemoWorld;

const NAMES: [&str; 4] = ["claude-code", "codex", "cursor", "copilot"];

pub(super) struct Agent {
    name: String,
    api: Api,
    world: Arc<DemoWorld>,
    story: Story,
    random: Random,
    pace: f64,
}

/// The name of the demo's nth agent.
pub(super) fn name(n: u16) -> String {
    let kind = NAMES[usize::from(n) % NAMES.len()];
    format!("{kind}-{}", n / 4 + 1)
}

/// How a piece of work was left.
enum Left {
    Done,
    Crashed,
}

impl Agent {
    pub(super) fn new(
        n: u16,
        args: &DemoArgs,
        api: Api,
        world: Arc<DemoWorld>,
        story: Story,
    ) -> Self {
        let name = name(n);
        let random = Random::new(args.seed, u64::from(n));
        Self {
            name,
            api,
            world,
            story,
            random,
            pace: args.pace(),
        }
    }

    /// Works for ever.
    pub(super) async fn run(mut self) {
        // People do not start their agents all in the same instant.
        self.think(1500).await;
        loop {
            self.story.agent(&self.name, Doing::Looking);
            let asked = json!({ "agent_id": self.name });
            let answer = self.api.call(Method::POST, "/api/next-work", Some(&asked));
            let Some((200, work)) = answer.await else {
                // A history goes on while nobody works, or nobody would ever have work again.
                self.world.step();
                self.think(1500).await;
                continue;
            };
            if work["kind"] == "pr_followup" {
                self.answer(&work["work_item"]).await;
            } else if let Left::Crashed = self.follow(work["claim"].clone()).await {
                self.come_back().await;
            }
            self.think(500).await;
        }
    }

    /// A crashed agent knows nothing any more; it asks what it holds and goes on from there. Sometimes that is too late.
    async fn come_back(&mut self) {
        self.story.agent(&self.name, Doing::Crashed);
        let away = if self.random.below(2) == 0 {
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

    /// Answers feedback: reads it, pushes, and says so.
    async fn answer(&mut self, item: &Value) {
        self.story.agent(&self.name, Doing::Working);
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
        // The push may have ended it already.
        let _ = self.api.call(Method::PATCH, &path, Some(&done)).await;
    }

    /// Takes a claim from wherever it is to its pull request.
    async fn follow(&mut self, mut claim: Value) -> Left {
        self.story.agent(&self.name, Doing::Working);
        loop {
            self.world.step();
            let (status, pull) = match claim["status"].as_str() {
                Some("claimed" | "stale") => ("in_progress", None),
                Some("in_progress") => {
                    self.think(2500).await;
                    match self.random.below(20) {
                        0 | 1 => return Left::Crashed,
                        2 => return self.release(&claim).await,
                        _ => {}
                    }
                    let Some(url) = self.open_pull(&claim).await else {
                        return self.release(&claim).await;
                    };
                    ("pr_submitted", Some(url))
                }
                // The rest is with the maintainers; what they ask for comes back as work.
                _ => return Left::Done,
            };
            self.think(700).await;
            let Some(id) = claim["claim_id"].as_str() else {
                return Left::Done;
            };
            let body = json!({ "agent_id": self.name, "status": status, "pr_url": pull });
            match self
                .api
                .call(Method::PATCH, &format!("/api/claims/{id}"), Some(&body))
                .await
            {
                Some((200, answer)) => claim = answer["claim"].clone(),
                // The merge has closed the issue, and the sync has closed the claim; or somebody else got it meanwhile.
                Some(_) => return Left::Done,
                None => self.think(1000).await,
            }
        }
    }

    async fn release(&mut self, claim: &Value) -> Left {
        let path = format!(
            "/api/claims/{}",
            claim["claim_id"].as_str().unwrap_or_default()
        );
        let body =
            json!({ "agent_id": self.name, "reason": "needs a decision of the maintainers first" });
        // A claim that is gone needs no release.
        let _ = self.api.call(Method::DELETE, &path, Some(&body)).await;
        Left::Done
    }

    async fn open_pull(&self, claim: &Value) -> Option<String> {
        let (repo, issue) = (claim["repo"].as_str()?, claim["issue_number"].as_u64()?);
        let title = claim["issue_title"].as_str().unwrap_or_default();
        self.api
            .open_pull(repo, issue, title, &self.name)
            .await
            .map(|(_, url)| url)
    }

    /// About so many milliseconds, at this demo's pace.
    async fn think(&mut self, millis: u32) {
        self.random.pause(millis, self.pace).await;
    }
}
