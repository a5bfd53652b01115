//! An agent that remembers the service's responses, and checks it by them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastrand::Rng;
use serde_json::{Value, json};

use super::{ISSUES, REPO};
use crate::harness::{Broken, Http, JsonResponse};

/// The statuses of a claim, in order; it ends with `closed` or `released`.
const WAY: [&str; 4] = ["claimed", "in_progress", "pr_submitted", "pr_merged"];

/// A call that may stay without a response.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Call {
    /// With a key it may be repeated for the same response.
    Next {
        key: Option<String>,
    },
    Claim {
        issue: u64,
    },
    Move {
        claim: String,
        to: &'static str,
    },
    Release {
        claim: String,
    },
}

/// An active claim as last returned to its agent.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Held {
    issue: u64,
    status: String,
}

impl Held {
    fn of(claim: &Value) -> (String, Self) {
        let text = |name: &str| claim[name].as_str().unwrap().to_owned();
        let issue = claim["issue_number"].as_u64().unwrap();
        (
            text("claim_id"),
            Self {
                issue,
                status: text("status"),
            },
        )
    }
}

/// See the module.
pub(super) struct Agent {
    name: String,
    random: Rng,
    held: BTreeMap<String, Held>,
    /// The running call when the server was killed.
    pending: Option<Call>,
    keys: u64,
    acknowledged: usize,
    unsure: usize,
}

impl Agent {
    pub(super) fn new(n: u64) -> Self {
        Self {
            name: format!("agent-{n}"),
            random: Rng::with_seed(n + 1),
            held: BTreeMap::new(),
            pending: None,
            keys: 0,
            acknowledged: 0,
            unsure: 0,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn issues(&self) -> impl Iterator<Item = u64> {
        self.held.values().map(|held| held.issue)
    }

    /// The number of acknowledged changes.
    pub(super) fn acknowledged(&self) -> usize {
        self.acknowledged
    }

    /// The number of calls without a response.
    pub(super) fn unsure(&self) -> usize {
        self.unsure
    }

    /// Works until the server is gone.
    pub(super) fn work_until_cut_off(&mut self, http: &Http, answered: &AtomicUsize) {
        if self.come_back(http).is_err() {
            return;
        }
        loop {
            let call = self.choose();
            self.pending = Some(call.clone());
            let Ok(reply) = self.make(http, &call) else {
                self.unsure += 1;
                return;
            };
            self.take(&call, &reply);
            self.pending = None;
            answered.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Reads its claims and compares: all acknowledged changes must be there, and a difference must come from the one call
    /// without a response.
    pub(super) fn come_back(&mut self, http: &Http) -> Result<(), Broken> {
        let mine = http.ask("GET", &format!("/api/my-work?agent_id={}", self.name), None)?;
        assert_eq!(mine.status, 200, "{}", mine.body);
        let mine = mine.body["work"]["claims"]
            .as_array()
            .unwrap()
            .iter()
            .map(Held::of);
        let mine: BTreeMap<String, Held> = mine.collect();

        for (id, told) in &self.held {
            let ends = [
                Call::Release { claim: id.clone() },
                Call::Move {
                    claim: id.clone(),
                    to: "closed",
                },
            ];
            match mine.get(id) {
                Some(now) if now == told => {}
                Some(now) => {
                    let moved = WAY
                        .iter()
                        .find(|to| **to == now.status)
                        .map(|to| Call::Move {
                            claim: id.clone(),
                            to,
                        });
                    assert!(
                        moved.is_some() && self.pending == moved,
                        "{self:?} finds {id} as {now:?}"
                    );
                }
                None => assert!(
                    self.pending
                        .as_ref()
                        .is_some_and(|pending| ends.contains(pending)),
                    "{self:?} was told of {id}, and it is gone"
                ),
            }
        }
        let new: Vec<&String> = mine
            .keys()
            .filter(|id| !self.held.contains_key(*id))
            .collect();
        let unanswered = match (&new[..], &self.pending) {
            ([], _) => None,
            ([id], Some(Call::Next { .. })) => Some((*id).clone()),
            ([id], Some(Call::Claim { issue })) if mine[*id].issue == *issue => Some((*id).clone()),
            _ => panic!("{self:?} never asked for {new:?}"),
        };

        if let Some(call @ Call::Next { key: Some(_) }) = self.pending.clone() {
            // Whether or not it was executed before: repeated, it returns the same single claim.
            let reply = self.make(http, &call)?;
            assert_eq!(reply.status, 200, "{}", reply.body);
            let (id, held) = Held::of(&reply.body["claim"]);
            assert!(
                unanswered.is_none_or(|before| before == id),
                "{self:?} was given two: {id}"
            );
            self.held = mine;
            self.held.insert(id, held);
        } else {
            self.held = mine;
        }
        self.pending = None;
        Ok(())
    }

    fn choose(&mut self) -> Call {
        let dice = self.random.usize(..10);
        if self.held.len() < 3 || (dice < 3 && self.held.len() < 8) {
            return match dice % 3 {
                0 => Call::Next { key: None },
                1 => {
                    self.keys += 1;
                    Call::Next {
                        key: Some(format!("{}-{}", self.name, self.keys)),
                    }
                }
                _ => Call::Claim {
                    issue: 1 + self.random.usize(..ISSUES as usize) as u64,
                },
            };
        }
        let one = self.random.usize(..self.held.len());
        let (id, held) = self.held.iter().nth(one).unwrap();
        let claim = id.clone();
        if dice == 9 {
            return Call::Release { claim };
        }
        let place = WAY
            .iter()
            .position(|status| *status == held.status)
            .unwrap();
        Call::Move {
            claim,
            to: WAY.get(place + 1).unwrap_or(&"closed"),
        }
    }

    fn make(&self, http: &Http, call: &Call) -> Result<JsonResponse, Broken> {
        let agent = &self.name;
        match call {
            Call::Next { key: None } => http.ask(
                "POST",
                "/api/next-work",
                Some(&json!({ "agent_id": agent })),
            ),
            Call::Next { key: Some(key) } => {
                let headers = [("Idempotency-Key", key.as_str())];
                http.ask_with(
                    "POST",
                    "/api/next",
                    &headers,
                    Some(&json!({ "agent_id": agent })),
                )
            }
            Call::Claim { issue } => {
                let body = json!({ "agent_id": agent, "repo": REPO, "issue_number": issue });
                http.ask("POST", "/api/claims", Some(&body))
            }
            Call::Move { claim, to } => {
                let body = json!({ "agent_id": agent, "status": to, "pr_url": format!("https://github.com/{REPO}/pull/9000") });
                http.ask("PATCH", &format!("/api/claims/{claim}"), Some(&body))
            }
            Call::Release { claim } => http.ask(
                "DELETE",
                &format!("/api/claims/{claim}"),
                Some(&json!({ "agent_id": agent })),
            ),
        }
    }

    /// Records the response.
    fn take(&mut self, call: &Call, JsonResponse { status, body, .. }: &JsonResponse) {
        if let Call::Claim { .. } = call
            && *status == 409
        {
            assert_eq!(body["reason"], "already_claimed", "{self:?}: {body}");
            assert_ne!(
                body["owner_agent_id"],
                self.name.as_str(),
                "{self:?}: {body}"
            );
            return;
        }
        assert_eq!(*status, 200, "{self:?}: {body}");
        self.acknowledged += 1;
        let (id, held) = Held::of(&body["claim"]);
        match held.status.as_str() {
            "closed" | "released" => {
                self.held.remove(&id);
            }
            _ => {
                self.held.insert(id, held);
            }
        }
    }
}

impl std::fmt::Debug for Agent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}, who holds {:?} and had no answer to {:?},",
            self.name, self.held, self.pending
        )
    }
}
