//! The same delivery again: concurrently, at another process, after a restart.

use std::sync::Barrier;
use std::thread;

use issuecommand_github_emulator::Delivery;
use issuecommand_testkit::prove::rounds;
use serde_json::json;

use super::talk::{counted, followups, once, site, sources, talk};
use crate::harness::{EventLog, Http, PATIENCE, Process, Program, Store};

on_each_store!(prove_duplicates_have_one_effect);

const SENDERS: usize = 6;

fn prove_duplicates_have_one_effect(store: Store) {
    let site = site(store, 0, 7);
    let pulls: Vec<u64> = (1..=7).collect();
    let count = rounds(30, 300) as usize;
    let told = site.github.world(|world| talk(world, &pulls, count));
    let start = || -> Vec<Process> {
        (0..2)
            .map(|_| site.program(Program::Http).start())
            .collect()
    };

    let mut servers = start();
    let faces: Vec<Http> = servers.iter_mut().map(|s| Http::at(s.address())).collect();
    let here = Barrier::new(SENDERS);
    let answers: Vec<Vec<u16>> = thread::scope(|scope| {
        let sending = (0..SENDERS).map(|n| {
            let (http, here, told) = (&faces[n % faces.len()], &here, &told);
            scope.spawn(move || {
                let deliver = |delivery: &Delivery| {
                    here.wait();
                    // A failed thread must not leave the others at the barrier.
                    http.deliver(delivery).map_or(0, |reply| reply.status)
                };
                told.iter().map(|told| deliver(&told.delivery)).collect()
            })
        });
        let sending: Vec<_> = sending.collect();
        sending.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for n in 0..count {
        let mut heard: Vec<u16> = answers.iter().map(|answers| answers[n]).collect();
        heard.sort_unstable();
        let mut expected = [200; SENDERS];
        expected[SENDERS - 1] = 202;
        assert_eq!(heard, expected, "{:?}", told[n]);
    }
    let expected = once(&sources(&told));
    assert_eq!(counted(&followups(&faces[0])), expected);

    // One process is stopped, the other is killed.
    servers[0].signal("TERM");
    assert!(servers[0].wait_for_end(PATIENCE).success());
    servers[1].kill_9();
    let mut servers = start();
    for server in &mut servers {
        let http = Http::at(server.address());
        for told in &told {
            let reply = http.deliver(&told.delivery).expect("an answer");
            let duplicate =
                json!({ "ok": true, "duplicate": true, "delivery_id": told.delivery.id });
            assert_eq!((reply.status, reply.body), (200, duplicate));
        }
    }
    // The same event under other ids, as with two webhooks, is recognised by its content.
    let address = servers[0].address();
    for (n, told) in told.iter().enumerate() {
        let id = format!("another-{n}");
        let delivery = Delivery {
            id,
            ..told.delivery.clone()
        };
        let reply = Http::at(&address).deliver(&delivery).expect("an answer");
        assert_eq!(reply.status, 202, "{}", reply.body);
        if told.source.is_some() {
            let heard = (&reply.body["created"], &reply.body["idempotent"]);
            assert_eq!(heard, (&json!(false), &json!(true)), "{}", reply.body);
        }
    }
    let log = EventLog::read(&address);
    for told in &told {
        assert_eq!(log.times_received(&told.delivery.id), 1, "{told:?}");
    }
    assert_eq!(log.of("followup.created").count(), pulls.len());
    assert_eq!(counted(&followups(&Http::at(&address))), expected);
    site.assert_sound();
}
