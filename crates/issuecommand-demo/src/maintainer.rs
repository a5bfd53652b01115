//! The simulated maintainers: they review the agents' pull requests, request changes, and merge.

use std::collections::HashSet;
use std::sync::Arc;

use issuecommand_github_emulator::ReviewState;
use serde_json::Value;

use crate::api::Api;
use crate::pause::{pause, random_of};
use crate::world::DemoWorld;

/// Their review texts.
const REQUESTS: [&str; 5] = [
    "Please add a test that fails without this change.",
    "This changes the public API: could it be done without?",
    "The error message should say what to do next.",
    "What happens when the list is empty?",
    "Please keep the old name as an alias for one release.",
];

/// The maintainers of all repositories.
pub(crate) struct Maintainer {
    api: Api,
    world: Arc<DemoWorld>,
    random: fastrand::Rng,
    pace: f64,
    asked: HashSet<String>,
}

impl Maintainer {
    pub(crate) fn new(api: Api, world: Arc<DemoWorld>, seed: u64, pace: f64) -> Self {
        let (random, asked) = (random_of(seed, 1_000_000), HashSet::new());
        Self {
            api,
            world,
            random,
            pace,
            asked,
        }
    }

    /// Never returns.
    pub(crate) async fn run(mut self) {
        loop {
            pause(&mut self.random, 2500, self.pace).await;
            let submitted = self
                .api
                .get("/api/claims?status=pr_submitted")
                .await
                .unwrap_or_default();
            for claim in submitted["claims"].as_array().into_iter().flatten() {
                self.look_at(claim).await;
            }
        }
    }

    async fn look_at(&mut self, claim: &Value) {
        let url = claim["pr_url"].as_str().unwrap_or_default();
        let number = url
            .rsplit('/')
            .next()
            .and_then(|number| number.parse().ok());
        let (Some(repo), Some(number)) = (claim["repo"].as_str(), number) else {
            return;
        };
        // Not every pull request is reviewed at once.
        if self.random.u32(..3) > 0 {
            return;
        }
        let path = format!("/api/followups?repo={repo}&pr_number={number}");
        let open = self.api.get(&path).await.unwrap_or_default();
        if open["followups"]
            .as_array()
            .is_none_or(|open| !open.is_empty())
        {
            return;
        }
        if self.asked.insert(url.to_owned()) && self.random.u32(..5) < 2 {
            let request = REQUESTS[self.random.usize(..5)];
            self.world.github(|github| {
                github.review(repo, number, ReviewState::ChangesRequested, request);
            });
        } else {
            self.api.merge(repo, number).await;
        }
    }
}
