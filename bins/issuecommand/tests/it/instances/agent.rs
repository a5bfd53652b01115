//! An agent that competes for all issues, and checks the service by its earlier responses.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::{Value, json};

use super::{Owner, REPO};
use crate::harness::{Http, JsonResponse, PATIENCE};

/// The most issues that a releasing agent holds.
const MOST: usize = 4;

/// The responses of all agents together.
#[derive(Default)]
pub(super) struct AgentStats {
    held: Mutex<BTreeMap<u64, Owner>>,
    /// Whether instances may be killed, so that there may be no response.
    mortal: bool,
    answers: AtomicUsize,
    /// Responses that ask for a retry.
    later: AtomicUsize,
    /// Responses with an unknown outcome.
    unsure: AtomicUsize,
    /// Calls without a response.
    pub(super) cut_off: AtomicUsize,
}

impl AgentStats {
    /// For instances that are killed.
    pub(super) fn of_mortals() -> Self {
        Self {
            mortal: true,
            ..Self::default()
        }
    }

    pub(super) fn held(&self) -> BTreeMap<u64, Owner> {
        self.held.lock().unwrap().clone()
    }

    pub(super) fn answered(&self) -> usize {
        self.answers.load(Ordering::Relaxed)
    }

    /// How many responses asked for a retry.
    pub(super) fn repeated(&self) -> usize {
        self.later.load(Ordering::Relaxed) + self.unsure.load(Ordering::Relaxed)
    }

    /// The figures, for people.
    pub(super) fn figures(&self) -> String {
        let of = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        format!(
            "{} answers, {} times 503 with Retry-After, {} times 503 since the outcome is not known, {} calls cut off",
            of(&self.answers),
            of(&self.later),
            of(&self.unsure),
            of(&self.cut_off)
        )
    }
}

pub(super) struct Agent<'a> {
    name: String,
    faces: &'a [Http],
    /// The index of its instance.
    at: usize,
    random: Rng,
    tally: &'a AgentStats,
    keys: usize,
    /// The longest wait for a response.
    pub(super) slowest: Duration,
}

impl<'a> Agent<'a> {
    /// The n-th, at one of these instances. If that one dies it uses another.
    pub(super) fn new(n: usize, faces: &'a [Http], tally: &'a AgentStats) -> Self {
        Self {
            name: format!("agent-{n}"),
            faces,
            at: n % faces.len(),
            random: Rng::with_seed(n as u64 + 1),
            tally,
            keys: 0,
            slowest: Duration::ZERO,
        }
    }

    /// Claims all issues one after the other, in an order of its own, and takes what it is given besides.
    pub(super) fn want_all(mut self, issues: u32) -> Self {
        let mut numbers: Vec<u64> = (1..=u64::from(issues)).collect();
        while !numbers.is_empty() {
            let issue = numbers.swap_remove(self.random.usize(..numbers.len()));
            self.claim(issue);
            if self.random.usize(..4) == 0 {
                self.next();
            }
        }
        self
    }

    /// Claims and releases until the end.
    pub(super) fn take_and_give(mut self, issues: u32, over: &AtomicBool) -> Self {
        let mut mine = Vec::new();
        while !over.load(Ordering::Relaxed) {
            let dice = self.random.usize(..=MOST);
            if mine.len() > dice {
                let issue = mine.swap_remove(self.random.usize(..mine.len()));
                self.release(issue);
            } else if self.random.usize(..2) == 0 {
                let issue = self.random.usize(..issues as usize) as u64 + 1;
                mine.extend(self.claim(issue));
            } else {
                mine.extend(self.next());
            }
            mine.sort_unstable();
            mine.dedup();
        }
        self
    }

    /// Claims an issue if it is free.
    fn claim(&mut self, issue: u64) -> Option<u64> {
        let body = json!({ "agent_id": self.name, "repo": REPO, "issue_number": issue });
        let (JsonResponse { status, body, .. }, _) = self.call("POST", "/api/claims", &[], &body);
        if status == 409 {
            assert_eq!(body["reason"], "already_claimed", "{}: {body}", self.name);
            assert_ne!(body["owner_agent_id"], *self.name, "{body}");
            return None;
        }
        assert_eq!(status, 200, "{} claims {issue}: {body}", self.name);
        assert_eq!(body["claim"]["issue_number"], issue, "{body}");
        Some(self.told(&body["claim"]))
    }

    /// Takes the next issue, if any. With its key the call may be repeated.
    fn next(&mut self) -> Option<u64> {
        self.keys += 1;
        let key = format!("{}-{}", self.name, self.keys);
        let headers = [("Idempotency-Key", &*key)];
        let body = json!({ "agent_id": self.name });
        let (JsonResponse { status, body, .. }, _) =
            self.call("POST", "/api/next", &headers, &body);
        if status == 409 {
            assert_eq!(body["message"], "No eligible unclaimed issues found");
            return None;
        }
        assert_eq!(status, 200, "{} asks for the next: {body}", self.name);
        Some(self.told(&body["claim"]))
    }

    /// From before it is asked for, others may have it.
    fn release(&mut self, issue: u64) {
        let (_, claim) = self.tally.held.lock().unwrap().remove(&issue).unwrap();
        let body = json!({ "agent_id": self.name });
        let path = format!("/api/claims/{claim}");
        let (JsonResponse { status, body, .. }, calls) = self.call("DELETE", &path, &[], &body);
        // A call with a lost response may have done it.
        let gone = calls > 1 && [404, 409].contains(&status);
        assert!(
            status == 200 || gone,
            "{} {path}: {status} {body}",
            self.name
        );
    }

    /// It has an issue now, which no other agent may have.
    fn told(&self, claim: &Value) -> u64 {
        let issue = claim["issue_number"].as_u64().unwrap();
        let mine = (
            self.name.clone(),
            claim["claim_id"].as_str().unwrap().to_owned(),
        );
        let before = self.tally.held.lock().unwrap().insert(issue, mine.clone());
        assert!(
            before.is_none() || before == Some(mine),
            "{} was told that {issue} is its own, and so was {before:?}",
            self.name
        );
        issue
    }

    /// Calls until there is a definite response, and returns how many calls it took. A server may ask for a retry; it may not
    /// fail or stay silent.
    fn call(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> (JsonResponse, usize) {
        let begin = Instant::now();
        let mut calls = 0;
        loop {
            let late = begin.elapsed() < 2 * PATIENCE;
            assert!(late, "{} {method} {path} is never answered", self.name);
            let asked = Instant::now();
            let reply = self.faces[self.at].ask_with(method, path, headers, Some(body));
            self.slowest = self.slowest.max(asked.elapsed());
            calls += 1;
            let count = match reply {
                Err(_) => {
                    assert!(self.tally.mortal, "{} {path}: no answer", self.name);
                    self.at = (self.at + 1) % self.faces.len();
                    &self.tally.cut_off
                }
                Ok(reply) if reply.status != 503 => {
                    self.tally.answers.fetch_add(1, Ordering::Relaxed);
                    return (reply, calls);
                }
                Ok(reply) => {
                    let named = reply.retry_after.is_some();
                    assert!(named, "{} {path}: when? {}", self.name, reply.body);
                    if reply.body["error"] == "outcome_unknown" {
                        &self.tally.unsure
                    } else {
                        &self.tally.later
                    }
                }
            };
            count.fetch_add(1, Ordering::Relaxed);
            // Sooner than requested, for more attempts.
            thread::sleep(Duration::from_millis(20));
        }
    }
}
