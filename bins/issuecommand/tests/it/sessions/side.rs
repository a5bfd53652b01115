//! One of two sessions that share a name, over either surface.

use std::collections::BTreeMap;
use std::time::Instant;

use fastrand::Rng;
use serde_json::{Value, json};

use super::{ISSUES, REPO};
use crate::harness::{Http, Mcp};

/// A session.
pub(super) enum Side {
    Mcp(Box<Mcp>),
    Http(Http, &'static str),
}

/// One call about an issue, and what the session believes after the answer.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) issue: u64,
    pub(super) asked: Instant,
    pub(super) answered: Instant,
    /// It is at work on the issue.
    pub(super) works: bool,
    pub(super) is_refused: bool,
    /// It said that it takes the issue over, and did.
    pub(super) taken_over: bool,
}

impl Side {
    fn ask(&mut self, tool: &str, (method, path): (&str, &str), mut input: Value) -> Value {
        match self {
            Self::Mcp(mcp) => mcp.call(tool, &input),
            Self::Http(http, session) => {
                input["session_id"] = json!(session);
                let reply = http.ask(method, path, Some(&input));
                reply.expect("an answer").body
            }
        }
    }

    /// A few random calls under this name.
    pub(super) fn play(&mut self, name: &str, seed: u64, takes_over: bool) -> Vec<Call> {
        let mut random = Rng::with_seed(seed);
        let mut mine: BTreeMap<u64, String> = BTreeMap::new();
        let mut calls = Vec::new();
        for _ in 0..8 {
            let some = mine.iter().next();
            let some = some.map(|(issue, claim)| (*issue, claim.clone()));
            let (call, claim) = match (random.u32(0..8), some) {
                (0 | 1, Some((issue, claim))) => (self.begin(name, issue, &claim), claim),
                (2, Some((issue, claim))) => (self.give_back(name, issue, &claim), claim),
                (3, _) => match self.next(name) {
                    Some(given) => given,
                    None => continue,
                },
                _ => {
                    let takes = takes_over && random.bool();
                    self.claim(name, random.u64(1..=ISSUES.into()), takes)
                }
            };
            if call.works {
                mine.insert(call.issue, claim);
            } else {
                mine.remove(&call.issue);
            }
            calls.push(call);
        }
        calls
    }

    fn claim(&mut self, name: &str, issue: u64, take_over: bool) -> (Call, String) {
        let asked = Instant::now();
        let input = json!({ "agent_id": name, "repo": REPO, "issue_number": issue, "take_over": take_over });
        let told = self.ask("claim_issue", ("POST", "/api/claims"), input);
        let works = told["ok"] == true;
        let call = Call {
            taken_over: works && take_over && told["idempotent"] == true,
            is_refused: told["reason"] == "already_claimed",
            ..Call::new(issue, asked, works)
        };
        assert!(works || call.is_refused, "{told}");
        (call, claim_of(&told))
    }

    fn next(&mut self, name: &str) -> Option<(Call, String)> {
        let asked = Instant::now();
        let input = json!({ "agent_id": name });
        let told = self.ask("next_issue", ("POST", "/api/next"), input);
        let issue = told["issue"]["number"].as_u64()?;
        Some((Call::new(issue, asked, true), claim_of(&told)))
    }

    fn begin(&mut self, name: &str, issue: u64, claim: &str) -> Call {
        let asked = Instant::now();
        let input = json!({ "agent_id": name, "claim_id": claim, "status": "in_progress" });
        let path = format!("/api/claims/{claim}");
        let told = self.ask("update_claim_status", ("PATCH", &path), input);
        Call {
            is_refused: told["ok"] != true,
            ..Call::new(issue, asked, told["ok"] == true)
        }
    }

    fn give_back(&mut self, name: &str, issue: u64, claim: &str) -> Call {
        let asked = Instant::now();
        self.release(name, claim);
        Call::new(issue, asked, false)
    }

    pub(super) fn release(&mut self, name: &str, claim: &str) {
        let input = json!({ "agent_id": name, "claim_id": claim });
        let path = format!("/api/claims/{claim}");
        self.ask("release_issue", ("DELETE", &path), input);
    }

    /// The claims under this name, and whether each is this session's own.
    pub(super) fn claims(&mut self, name: &str) -> BTreeMap<String, bool> {
        let told = match self {
            Self::Mcp(mcp) => mcp.call("get_my_work", &json!({ "agent_id": name })),
            Self::Http(http, session) => {
                http.get(&format!(
                    "/api/my-work?agent_id={name}&session_id={session}"
                ))
                .body
            }
        };
        let claims = told["work"]["claims"].as_array().expect("claims").iter();
        let is_mine = |claim: &Value| claim["session"] != "other";
        claims
            .map(|claim| {
                let id = claim["claim_id"].as_str().expect("an id");
                (id.to_owned(), is_mine(claim))
            })
            .collect()
    }
}

impl Call {
    fn new(issue: u64, asked: Instant, works: bool) -> Self {
        Self {
            issue,
            asked,
            answered: Instant::now(),
            works,
            is_refused: false,
            taken_over: false,
        }
    }
}

fn claim_of(told: &Value) -> String {
    let id = told["claim"]["claim_id"].as_str();
    id.unwrap_or_default().to_owned()
}
