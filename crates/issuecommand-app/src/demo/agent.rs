//! One simulated agent: it takes work, makes a pull request of it, waits for the merge, and sometimes crashes.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::DemoArgs;
use super::api::Api;
use super::story::{Doing, Story};
use super::world::History;

const NAMES: [&str; 4] = ["claude-code", "codex", "cursor", "copilot"];

pub(super) struct Agent {
    name: String,
    api: Api,
    history: Option<Arc<History>>,
    story: Story,
    random: Random,
    pace: f64,
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
        history: Option<Arc<History>>,
        story: Story,
    ) -> Self {
        let kind = NAMES[usize::from(n) % NAMES.len()];
        let name = format!("{kind}-{}", n / 4 + 1);
        let random = Random(args.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (u64::from(n) + 1));
        Self {
            name,
            api,
            history,
            story,
            random,
            pace: args.pace.clamp(0.001, 100.0),
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
                self.let_time_pass();
                self.think(1500).await;
                continue;
            };
            if let Left::Crashed = self.follow(work["claim"].clone()).await {
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

    /// Takes a claim from wherever it is to its end.
    async fn follow(&mut self, mut claim: Value) -> Left {
        self.story.agent(&self.name, Doing::Working);
        loop {
            self.let_time_pass();
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
                Some("pr_submitted") => {
                    self.think(3000).await;
                    self.merge(&claim).await;
                    ("pr_merged", None)
                }
                Some("pr_merged") => ("closed", None),
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

    fn let_time_pass(&self) {
        if let Some(history) = &self.history {
            history.step();
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

    async fn merge(&self, claim: &Value) {
        let pull = claim["pr_url"]
            .as_str()
            .and_then(|url| url.rsplit('/').next()?.parse().ok());
        if let (Some(repo), Some(pull)) = (claim["repo"].as_str(), pull) {
            self.api.merge(repo, pull).await;
        }
    }

    /// About so many milliseconds, at this demo's pace.
    async fn think(&mut self, millis: u32) {
        let spread = 0.5 + f64::from(self.random.below(1000)) / 1000.0;
        sleep(Duration::from_secs_f64(
            f64::from(millis) / 1000.0 * spread * self.pace,
        ))
        .await;
    }
}

/// Enough randomness for a show, and the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from((self.0 >> 33) % u64::from(limit)).unwrap_or(0)
    }
}
