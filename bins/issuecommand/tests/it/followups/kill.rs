//! A server that is killed between a delivery and its response.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use issuecommand_testkit::prove::rounds;
use serde_json::json;

use super::talk::{SentDelivery, counted, followups, once, site, sources, talk};
use crate::harness::{EventLog, Http, PATIENCE, Program, Site, Store, wait_for};

on_each_store!(prove_kill_9_between_a_delivery_and_its_answer);

const PULLS: u64 = 40;
const SENDERS: usize = 8;
/// The deliveries for each life of a server; more than it can receive before the kill.
const NEWS: usize = 300;

/// One delivery to send.
#[derive(Debug)]
struct QueuedDelivery {
    told: SentDelivery,
    /// It was sent before, with an unknown outcome.
    unsure: bool,
}

/// The deliveries of the senders.
#[derive(Debug, Default)]
struct SendQueue {
    waiting: VecDeque<QueuedDelivery>,
    answered: Vec<SentDelivery>,
    /// Deliveries without a response.
    unsure: Vec<SentDelivery>,
    /// How many of those had taken effect.
    effective: usize,
    cut_off: usize,
}

fn prove_kill_9_between_a_delivery_and_its_answer(store: Store) {
    let site = site(store, 0, PULLS);
    let pulls: Vec<u64> = (1..=PULLS).collect();
    let kills = rounds(3, 30);
    let mut random = Rng::with_seed(99);
    let mut queue = SendQueue::default();
    for life in 0..kills {
        let news = NEWS.saturating_sub(queue.waiting.len());
        let news = site.github.world(|world| talk(world, &pulls, news));
        let news = news.into_iter().map(|told| QueuedDelivery {
            told,
            unsure: false,
        });
        // Failed deliveries are sent first, like GitHub's redeliveries.
        let again = queue
            .unsure
            .drain(..)
            .map(|told| QueuedDelivery { told, unsure: true });
        let rest = std::mem::take(&mut queue.waiting);
        queue.waiting = again.chain(rest).chain(news).collect();
        queue = live_and_die(&site, life, queue, &mut random);
    }

    let mut server = site.program(Program::Http).start();
    let address = server.address();
    let http = Http::at(&address);
    let unsure = queue
        .unsure
        .drain(..)
        .map(|told| QueuedDelivery { told, unsure: true });
    queue.waiting = unsure.chain(std::mem::take(&mut queue.waiting)).collect();
    let queue = Mutex::new(queue);
    thread::scope(|scope| {
        for _ in 0..SENDERS {
            scope.spawn(|| send_until_cut_off(&http, &queue, &mut Rng::with_seed(1)));
        }
    });
    let queue = queue.into_inner().unwrap();
    assert!(
        queue.waiting.is_empty() && queue.cut_off > 0,
        "{}",
        queue.cut_off
    );

    // Each took effect once: it was received once, and its event is in one follow-up.
    let expected = once(&sources(&queue.answered));
    assert_eq!(counted(&followups(&http)), expected);
    let log = EventLog::read(&address);
    let mut received: BTreeMap<&str, usize> = BTreeMap::new();
    for event in log.of("webhook.received") {
        let id = event["details"]["delivery_id"].as_str().unwrap();
        *received.entry(id).or_default() += 1;
    }
    let all = queue.answered.iter();
    let all: BTreeMap<&str, usize> = all.map(|told| (told.delivery.id.as_str(), 1)).collect();
    assert_eq!(received, all);
    assert_eq!(put(&log), expected);

    // And each is recorded as received.
    for told in &queue.answered {
        let reply = http.deliver(&told.delivery).expect("an answer");
        let duplicate = json!({ "ok": true, "duplicate": true, "delivery_id": told.delivery.id });
        assert_eq!((reply.status, reply.body), (200, duplicate));
    }
    assert_eq!(counted(&followups(&http)), expected);
    site.assert_sound();
    eprintln!(
        "{kills} kills, {} deliveries, {} cut off by them, {} of those and of the ones hung up had taken effect",
        queue.answered.len(),
        queue.cut_off,
        queue.effective
    );
}

/// How often the log shows each event creating or joining a follow-up.
fn put(log: &EventLog) -> BTreeMap<String, usize> {
    let made = log
        .of("followup.created")
        .map(|event| event["details"]["source_event_id"].as_str().unwrap());
    let joined = log
        .of("followup.updated")
        .filter_map(|event| event["details"]["note"].as_str()?.strip_suffix(" joined"));
    let mut put = BTreeMap::new();
    for source in made.chain(joined) {
        *put.entry(source.to_owned()).or_default() += 1;
    }
    put
}

/// One life of a server: it receives deliveries, and is killed.
fn live_and_die(site: &Site, life: u32, queue: SendQueue, random: &mut Rng) -> SendQueue {
    let mut server = site.program(Program::Http).start();
    let http = Http::at(server.address());
    site.assert_sound();
    if life > 0 {
        // Later feedback on the pull request of this one goes to a second follow-up.
        let agent = json!({ "agent_id": format!("agent-{life}") });
        let given = http.post("/api/next-work", &agent);
        assert_eq!(given.body["kind"], "pr_followup", "{}", given.body);
    }
    let before = queue.answered.len();
    let enough = before + 20 + random.usize(..80);
    let pause = Duration::from_millis(random.usize(..20) as u64);
    let queue = Mutex::new(queue);
    thread::scope(|scope| {
        // Moved in here, so that the server and its senders end even if waiting fails.
        let mut server = server;
        for sender in 0..SENDERS {
            let (http, queue) = (&http, &queue);
            let mut random = Rng::with_seed(u64::from(life) * 100 + sender as u64);
            scope.spawn(move || send_until_cut_off(http, queue, &mut random));
        }
        wait_for("deliveries to be answered", PATIENCE, || {
            (queue.lock().unwrap().answered.len() >= enough).then_some(())
        });
        thread::sleep(pause);
        server.kill_9();
    });
    queue.into_inner().unwrap()
}

fn send_until_cut_off(http: &Http, queue: &Mutex<SendQueue>, random: &mut Rng) {
    loop {
        let Some(QueuedDelivery { told, unsure }) = queue.lock().unwrap().waiting.pop_front()
        else {
            return;
        };
        if !unsure && random.usize(..10) == 0 {
            // GitHub stops waiting; the outcome is unknown to it.
            let _ = http.deliver_and_hang_up(&told.delivery);
            let again = QueuedDelivery { told, unsure: true };
            queue.lock().unwrap().waiting.push_back(again);
            continue;
        }
        let reply = http.deliver(&told.delivery);
        let mut queue = queue.lock().unwrap();
        let Ok(reply) = reply else {
            queue.cut_off += 1;
            queue.unsure.push(told);
            return;
        };
        let (taken, known) = (reply.status == 202, reply.status == 200);
        assert!(taken || (known && unsure), "{told:?} {reply:?}");
        assert_eq!(reply.body["ok"], true, "{reply:?}");
        assert_ne!(reply.body["processed"], false, "deferred: {reply:?}");
        queue.effective += usize::from(known);
        queue.answered.push(told);
    }
}
