//! Many agents, few pull requests: never two agents on one of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use issuecommand_testkit::prove::rounds;
use serde_json::{Value, json};

use super::talk::{REPO, followups, once, say, site, sources_of};
use crate::harness::{EventLog, Http, PATIENCE, Process, Program, Store, wait_for};

on_each_store!(prove_one_agent_at_a_time_on_each_pull_request);

const AGENTS: usize = 20;
const PULLS: usize = 5;
const HELD: [&str; 2] = ["claimed", "in_progress"];

/// The held follow-ups of each pull request, as the agents know them. A follow-up is added after it was handed out and removed
/// before it is released, so two agents here are an error of the service.
#[derive(Debug, Default)]
struct Assignments {
    at_work: BTreeMap<u64, BTreeMap<String, String>>,
    /// How often each event was answered.
    answered: BTreeMap<String, usize>,
    /// How many follow-ups were handed out.
    given: usize,
    /// The longest wait for a response to a request for work.
    longest: Duration,
}

impl Assignments {
    fn take(&mut self, item: &Value, agent: &str) {
        let (pull, id) = names(item);
        let items = self.at_work.entry(pull).or_default();
        let before = items.insert(id.clone(), agent.to_owned());
        assert_eq!(before, None, "{id} was given to {agent} too");
        let agents: BTreeSet<&String> = items.values().collect();
        assert_eq!(agents.len(), 1, "on pull request {pull}: {items:?}");
        self.given += 1;
    }

    fn waited(&mut self, time: Duration) {
        self.longest = self.longest.max(time);
    }

    fn put_back(&mut self, item: &Value, answered: bool) {
        let (pull, id) = names(item);
        self.at_work.get_mut(&pull).unwrap().remove(&id);
        for source in sources_of(item).into_iter().filter(|_| answered) {
            *self.answered.entry(source).or_default() += 1;
        }
    }
}

fn names(item: &Value) -> (u64, String) {
    let id = item["work_item_id"].as_str().unwrap();
    (item["pr_number"].as_u64().unwrap(), id.to_owned())
}

fn prove_one_agent_at_a_time_on_each_pull_request(store: Store) {
    let events = rounds(100, 1_000) as usize;
    let site = site(store, 0, PULLS as u64);
    let mut servers: Vec<Process> = (0..2)
        .map(|_| site.program(Program::Http).start())
        .collect();
    let addresses: Vec<String> = servers.iter_mut().map(Process::address).collect();
    let faces: Vec<Http> = addresses.iter().map(Http::at).collect();
    // Before the first sync "nothing to give" is not certain.
    wait_for("the mirror", PATIENCE, || {
        let issues = faces[0].get(&format!("/api/repos/{REPO}/issues"));
        (issues.status == 200).then_some(())
    });

    let (assignments, over) = (Mutex::new(Assignments::default()), AtomicBool::new(false));
    let said = thread::scope(|scope| {
        let _over = EndOnDrop(&over);
        for n in 0..AGENTS {
            let (http, assignments, over) = (&faces[n % 2], &assignments, &over);
            scope.spawn(move || work(http, n, assignments, over));
        }
        let (http, over_too) = (&faces[1], &over);
        scope.spawn(move || watch(http, over_too));

        let mut random = Rng::with_seed(5);
        let mut said = BTreeSet::new();
        let mut pull = 1;
        for n in 0..events {
            // A reviewer writes several comments in a row.
            if n % 4 == 0 {
                pull = 1 + random.usize(..PULLS) as u64;
                thread::sleep(Duration::from_millis(random.usize(..40) as u64));
            }
            let told = site.github.world(|world| say(world, pull, n));
            for told in &told {
                let reply = faces[n % 2].deliver(&told.delivery).expect("an answer");
                assert_eq!(reply.status, 202, "{}", reply.body);
            }
            said.extend(told.into_iter().filter_map(|told| told.source));
        }
        wait_for("all of it to be answered", PATIENCE, || {
            (assignments.lock().unwrap().answered.len() >= said.len()).then_some(())
        });
        said
    });

    let assignments = assignments.into_inner().unwrap();
    assert_eq!(
        assignments.answered,
        once(&said),
        "each is answered by one agent"
    );
    assert_eq!(followups(&faces[0]), [] as [Value; 0], "nothing is left");
    let gathered = said.len() - EventLog::read(&addresses[0]).of("followup.created").count();
    let handed = count_handed_out(&EventLog::read(&addresses[1]));
    assert_eq!(handed, assignments.given);
    site.assert_sound();
    eprintln!(
        "{AGENTS} agents, {PULLS} pull requests, {events} events: {gathered} joined an item that waited, {handed} items handed out, next-work answered within {:.1?}",
        assignments.longest
    );
}

/// The work of one agent: it asks, answers its feedback, asks for more while holding some, and releases some.
fn work(http: &Http, n: usize, assignments: &Mutex<Assignments>, over: &AtomicBool) {
    let agent = format!("agent-{n}");
    let (mut random, mut in_hand) = (Rng::with_seed(n as u64 + 1), Vec::<Value>::new());
    let begin = Instant::now();
    while !over.load(Ordering::Relaxed) || !in_hand.is_empty() {
        assert!(
            begin.elapsed() < 5 * PATIENCE,
            "{agent} still has {in_hand:?}"
        );
        if in_hand.len() < 2 && !over.load(Ordering::Relaxed) {
            let asked = Instant::now();
            let reply = http.post("/api/next-work", &json!({ "agent_id": agent }));
            assignments.lock().unwrap().waited(asked.elapsed());
            if reply.status == 200 {
                assert_eq!(reply.body["kind"], "pr_followup", "{}", reply.body);
                let item = reply.body["work_item"].clone();
                assert_eq!(item["claimed_by_agent_id"], agent.as_str());
                assignments.lock().unwrap().take(&item, &agent);
                in_hand.push(item);
            } else {
                let nothing = "No eligible unclaimed issues found";
                assert_eq!(
                    (reply.status, &reply.body["message"]),
                    (409, &json!(nothing))
                );
            }
        }
        thread::sleep(Duration::from_millis(random.usize(..40) as u64));
        if in_hand.is_empty() || random.usize(..3) == 0 {
            continue;
        }
        let item = in_hand.remove(random.usize(..in_hand.len()));
        let to = match random.usize(..10) {
            0 => "stale",
            1 => "dismissed",
            2..5 if item["status"] == "claimed" => "in_progress",
            _ => "done",
        };
        let ends = to != "in_progress";
        if ends {
            assignments.lock().unwrap().put_back(&item, to != "stale");
        }
        let path = format!("/api/followups/{}", item["work_item_id"].as_str().unwrap());
        let body = json!({ "agent_id": agent, "status": to, "note": "so it is" });
        let moved = http.ask("PATCH", &path, Some(&body)).expect("an answer");
        assert_eq!(moved.status, 200, "{agent} {to}: {}", moved.body);
        assert_eq!(sources_of(&moved.body["work_item"]), sources_of(&item));
        if !ends {
            in_hand.push(moved.body["work_item"].clone());
        }
    }
}

/// Polls like a dashboard: one agent on each pull request at any time.
fn watch(http: &Http, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        let mut agents = BTreeMap::new();
        for item in followups(http) {
            if HELD.contains(&item["status"].as_str().unwrap()) {
                let agent = item["claimed_by_agent_id"].clone();
                let before = agents.insert(item["pr_number"].as_u64(), agent.clone());
                assert!(before.is_none_or(|before| before == agent), "{item}");
            }
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Checks the log in the order of commits: no pull request has two agents at any point. Returns how often a follow-up was
/// handed out.
fn count_handed_out(log: &EventLog) -> usize {
    let mut at_work: BTreeMap<u64, BTreeMap<String, String>> = BTreeMap::new();
    let mut handed = 0;
    for event in log.iter() {
        let kind = event["type"].as_str().unwrap();
        if !kind.starts_with("followup.") {
            continue;
        }
        let (pull, id) = names(event);
        let items = at_work.entry(pull).or_default();
        match kind {
            "followup.claimed" => {
                items.insert(id, event["agent_id"].as_str().unwrap().to_owned());
                let agents: BTreeSet<&String> = items.values().collect();
                assert_eq!(agents.len(), 1, "on pull request {pull}: {items:?} {event}");
                handed += 1;
            }
            "followup.done" | "followup.dismissed" | "followup.stale" => {
                let agent = items.remove(&id);
                assert_eq!(agent.as_deref(), event["agent_id"].as_str(), "{event}");
            }
            _ => {}
        }
    }
    assert!(at_work.values().all(BTreeMap::is_empty), "{at_work:?}");
    handed
}

/// Ends the agents also when a check fails.
struct EndOnDrop<'a>(&'a AtomicBool);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
