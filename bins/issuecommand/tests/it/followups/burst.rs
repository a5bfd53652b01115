//! A thousand deliveries at once. GitHub waits ten seconds for each response.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use issuecommand_testkit::prove::rounds;

use super::talk::{counted, followups, once, site, sources, talk};
use crate::harness::{EventLog, Http, Program, Store};

on_each_store!(
    prove_burst_of_deliveries_is_answered_in_time,
    prove_burst_with_one_item_an_event
);

const PULLS: u64 = 50;
/// GitHub's limit.
const LIMIT: Duration = Duration::from_secs(10);

fn prove_burst_of_deliveries_is_answered_in_time(store: Store) {
    burst(store, true);
}

fn prove_burst_with_one_item_an_event(store: Store) {
    burst(store, false);
}

fn burst(store: Store, coalesce: bool) {
    // Fewer in ordinary runs, where all tests share the machine.
    let deliveries = rounds(200, 1_000) as usize;
    let site = site(store, 0, PULLS);
    let pulls: Vec<u64> = (1..=PULLS).collect();
    let told = site.github.world(|world| talk(world, &pulls, deliveries));
    let server = site.program(Program::Http);
    let mut server = server
        .env("FOLLOWUP_COALESCE", &coalesce.to_string())
        .start();
    let address = server.address();
    let http = Http::at(&address);

    let here = Barrier::new(told.len());
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let sending = told.iter().map(|told| {
            let (http, here) = (&http, &here);
            let send = move || {
                here.wait();
                let begin = Instant::now();
                let reply = http.deliver(&told.delivery).expect("an answer");
                let took = begin.elapsed();
                assert_eq!(reply.status, 202, "{}", reply.body);
                assert_ne!(reply.body["processed"], false, "deferred: {}", reply.body);
                took
            };
            // A thousand threads do not need the usual two megabytes of stack each.
            let thread = thread::Builder::new().stack_size(256 * 1024);
            thread.spawn_scoped(scope, send).expect("a thread")
        });
        let sending: Vec<_> = sending.collect();
        sending.into_iter().map(|one| one.join().unwrap()).collect()
    });
    times.sort();
    let (p50, p99) = (times[deliveries / 2], times[deliveries * 99 / 100]);
    let max = times[deliveries - 1];
    eprintln!(
        "{deliveries} deliveries at once, FOLLOWUP_COALESCE={coalesce}: p50 {p50:.1?}, p99 {p99:.1?}, max {max:.1?}"
    );
    assert!(max < LIMIT, "an answer took {max:?}");

    let asked = sources(&told);
    let items = followups(&http);
    assert_eq!(
        counted(&items),
        once(&asked),
        "nothing is lost or duplicated"
    );
    let expected = if coalesce { pulls.len() } else { asked.len() };
    assert_eq!(items.len(), expected);
    let log = EventLog::read(&address);
    for told in &told {
        assert_eq!(log.times_received(&told.delivery.id), 1, "{told:?}");
    }
    assert_eq!(log.of("followup.created").count(), expected);
    site.assert_sound();
}
