//! Feedback goes to the agent that wrote the pull request, while that agent is active.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use issuecommand_testkit::machine::skipped;
use issuecommand_testkit::prove::rounds;
use serde_json::{Value, json};

use super::talk::{REPO, say, site};
use crate::harness::{Http, PATIENCE, Process, Program, Site, Store, wait_for};

on_each_store!(
    the_author_gets_its_feedback_before_a_faster_stranger,
    a_stranger_gets_it_once_the_author_is_gone,
    without_a_window_it_is_for_whoever_asks_first,
    prove_the_window_of_the_author_passes,
);

/// The pull request on issue 1, which is the only issue, so that no agent gets another one.
const PULL: u64 = 2;

/// Two processes on one database: one for the author, one for other agents.
struct TwoProcesses {
    site: Site,
    _servers: Vec<Process>,
    authors: Http,
    strangers: Http,
    claim: String,
}

impl TwoProcesses {
    /// The author claims the issue and names its pull request.
    fn start(store: Store, window: &str) -> Self {
        let site = site(store, 1, 2);
        let start = || {
            let server = site.program(Program::Http);
            server.env("FOLLOWUP_AFFINITY_MINUTES", window).start()
        };
        let mut servers: Vec<Process> = (0..2).map(|_| start()).collect();
        // The first sync may be late, and find the review before its delivery arrives.
        wait_for("a first sync", PATIENCE, || {
            let synced = |server: &Process| !server.logged("synced with GitHub").is_empty();
            servers.iter().any(synced).then_some(())
        });
        let authors = Http::at(servers[0].address());
        let strangers = Http::at(servers[1].address());
        let claim = json!({ "agent_id": "author", "repo": REPO, "issue_number": 1 });
        let claim = authors.post("/api/claims", &claim);
        assert_eq!(claim.status, 200, "{}", claim.body);
        let claim = claim.body["claim"]["claim_id"].as_str().unwrap().to_owned();
        let two = Self {
            site,
            _servers: servers,
            authors,
            strangers,
            claim,
        };
        two.move_claim("in_progress");
        two.move_claim("pr_submitted");
        two
    }

    fn move_claim(&self, status: &str) {
        let url = format!("https://github.com/{REPO}/pull/{PULL}");
        let to = json!({ "agent_id": "author", "status": status, "pr_url": url });
        let path = format!("/api/claims/{}", self.claim);
        let moved = self
            .authors
            .ask("PATCH", &path, Some(&to))
            .expect("an answer");
        assert_eq!(moved.status, 200, "{}", moved.body);
    }

    /// Delivers a change request to the other agents' process. Returns the follow-up.
    fn review(&self) -> Value {
        let told = self.site.github.world(|world| say(world, PULL, 0));
        let reply = self
            .strangers
            .deliver(&told[0].delivery)
            .expect("an answer");
        assert_eq!(reply.body["created"], true, "{}", reply.body);
        let items = super::talk::followups(&self.strangers);
        let [item] = &items[..] else {
            panic!("{items:?}")
        };
        assert_eq!(item["preferred_agent_id"], "author");
        assert_eq!(item["claim_id"], self.claim.as_str());
        assert_eq!(item["issue_number"], 1);
        item.clone()
    }
}

/// The follow-up that this agent is given; `None` if there is none.
fn ask(http: &Http, agent: &str) -> Option<Value> {
    let reply = http.post("/api/next-work", &json!({ "agent_id": agent }));
    if reply.status == 409 {
        assert_eq!(reply.body["reason"], "invalid_issue", "{}", reply.body);
        return None;
    }
    assert_eq!(
        (reply.status, &reply.body["kind"]),
        (200, &json!("pr_followup"))
    );
    Some(reply.body["work_item"].clone())
}

fn the_author_gets_its_feedback_before_a_faster_stranger(store: Store) {
    let two = TwoProcesses::start(store, "30");
    let over = AtomicBool::new(false);
    let (asked, item, given) = thread::scope(|scope| {
        let hurry = |n: usize| {
            let (two, over) = (&two, &over);
            move || {
                let mut asked = 0;
                while !over.load(Ordering::Relaxed) {
                    assert_eq!(ask(&two.strangers, &format!("stranger-{n}")), None);
                    asked += 1;
                }
                asked
            }
        };
        let strangers: Vec<_> = (0..4).map(|n| scope.spawn(hurry(n))).collect();
        let item = two.review();
        // The others ask all the time, the author after a while.
        thread::sleep(Duration::from_millis(300));
        let given = ask(&two.authors, "author");
        over.store(true, Ordering::Relaxed);
        let asked: usize = strangers.into_iter().map(|one| one.join().unwrap()).sum();
        (asked, item, given)
    });
    let given = given.expect("feedback for its author");
    assert_eq!(given["work_item_id"], item["work_item_id"]);
    assert!(asked >= 8, "strangers asked {asked} times");
    two.site.assert_sound();
}

fn a_stranger_gets_it_once_the_author_is_gone(store: Store) {
    for gone in ["released", "stale"] {
        let two = TwoProcesses::start(store, "30");
        let item = two.review();
        assert_eq!(ask(&two.strangers, "stranger"), None);
        two.move_claim(gone);
        let given = ask(&two.strangers, "stranger").expect("nobody is preferred any more");
        assert_eq!(given["work_item_id"], item["work_item_id"], "{gone}");
        // The late agent is refused.
        assert_eq!(given["claimed_by_agent_id"], "stranger");
        let theirs = two
            .authors
            .post("/api/next-work", &json!({ "agent_id": "author" }));
        assert_ne!(theirs.body["kind"], "pr_followup", "{}", theirs.body);
        two.site.assert_sound();
    }
}

fn without_a_window_it_is_for_whoever_asks_first(store: Store) {
    let two = TwoProcesses::start(store, "0");
    let item = two.review();
    let given = ask(&two.strangers, "stranger").expect("no window");
    assert_eq!(given["work_item_id"], item["work_item_id"]);
    assert_eq!(ask(&two.authors, "author"), None);
}

/// It takes a minute, the shortest possible window: not in every run.
fn prove_the_window_of_the_author_passes(store: Store) {
    if rounds(0, 1) == 0 {
        skipped("it waits for a minute; `cargo xtask prove window` runs it");
        return;
    }
    let two = TwoProcesses::start(store, "1");
    let begin = Instant::now();
    let item = two.review();
    let given = wait_for("the window to pass", 2 * PATIENCE, || {
        ask(&two.strangers, "stranger")
    });
    assert_eq!(given["work_item_id"], item["work_item_id"]);
    let waited = begin.elapsed();
    assert!(waited >= Duration::from_mins(1), "{waited:?}");
    eprintln!("a stranger was given it after {waited:.1?}");
}
