//! Calls whose connection is cut at a random moment: each has happened wholly or not at all, its repetition by the idempotency key
//! gets the answer that was lost, and nothing happens twice.

mod stage;

use std::io::{Read as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use issuecommand_testkit::prove::rounds;
use serde_json::Value;

use self::stage::{Case, Stage};
use crate::harness::{Http, Store};
use crate::waiting::Surface;

on_each_store!(
    prove_calls_cut_off_over_http_happen_wholly_or_not_at_all,
    prove_calls_cut_off_over_mcp_happen_wholly_or_not_at_all,
);

const CLIENTS: u64 = 8;

fn prove_calls_cut_off_over_http_happen_wholly_or_not_at_all(store: Store) {
    prove(store, Surface::Http);
}

fn prove_calls_cut_off_over_mcp_happen_wholly_or_not_at_all(store: Store) {
    prove(store, Surface::Mcp);
}

fn prove(store: Store, surface: Surface) {
    let calls = rounds(100, 1_000) as usize;
    let stage = Stage::set(store, surface, calls);
    let here = stage.faces();

    // Each second client repeats its call at once, perhaps while the first is still at work.
    let at_once = |case: &Case| case.n % 2 == 1;
    let taken = AtomicUsize::new(0);
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (stage, taken) = (&stage, &taken);
            scope.spawn(move || {
                let mut random = Rng::with_seed(client + 1);
                while let Some(case) = stage.cases.get(taken.fetch_add(1, Ordering::Relaxed)) {
                    let [one, other] = here;
                    cut_off(one, &case.bytes(one), &mut random);
                    if at_once(case) {
                        case.repeat(other);
                    }
                }
            });
        }
    });

    let first = stage.facts();
    let mut done = 0;
    for (case, facts) in stage.cases.iter().zip(&first) {
        let whole = facts.is_whole(case);
        assert!(whole || facts.is_nothing(), "{case:?}: {facts:?}");
        assert!(whole || !at_once(case), "{case:?} is there: {facts:?}");
        done += usize::from(whole && !at_once(case));
    }
    let left = stage.cases.iter().filter(|case| !at_once(case)).count();
    assert!(
        done > left / 10 && left - done > left / 10,
        "{done} of {left} calls happened: the moments are badly chosen"
    );

    let answers: Vec<Value> = all(&stage, here[1]);
    let second = stage.facts();
    for (n, case) in stage.cases.iter().enumerate() {
        let (before, after) = (&first[n], &second[n]);
        assert!(after.is_whole(case), "{case:?}: {after:?}");
        if before.is_whole(case) && case.is_remembered() {
            assert_eq!(before, after, "{case:?} happened twice");
        }
        assert!(after.is_told_by(&answers[n]), "{after:?}: {}", answers[n]);
    }
    // The answer stays what it was, and says when it happened.
    for (n, again) in all(&stage, here[0]).iter().enumerate() {
        if stage.cases[n].is_remembered() {
            assert_eq!(*again, answers[n], "{:?}", stage.cases[n]);
        }
    }
    let third = stage.facts();
    for (n, case) in stage.cases.iter().enumerate() {
        assert!(third[n].is_whole(case), "{case:?}: {:?}", third[n]);
        assert!(!case.is_remembered() || third[n] == second[n], "{case:?}");
    }
    stage.site.assert_sound();
    eprintln!(
        "{surface:?}: {calls} calls cut off; of {left} that were not repeated at once {done} had happened"
    );
}

/// The answers of all calls, repeated.
fn all(stage: &Stage, http: &Http) -> Vec<Value> {
    stage.cases.iter().map(|case| case.repeat(http)).collect()
}

/// Sends the request, or a part of it, and closes the connection: before all was sent, a moment later, or within the answer.
fn cut_off(http: &Http, request: &[u8], random: &mut Rng) {
    let mut stream = http.connect().unwrap();
    match random.usize(..4) {
        0 => {
            stream
                .write_all(&request[..random.usize(..request.len())])
                .unwrap();
            thread::sleep(Duration::from_micros(random.u64(..3_000)));
        }
        1 => {
            stream.write_all(request).unwrap();
            let mut part = vec![0; 1 + random.usize(..400)];
            // What comes is not looked at.
            let _ = stream.read(&mut part);
        }
        _ => {
            stream.write_all(request).unwrap();
            let late = random.f64();
            thread::sleep(Duration::from_millis(30).mul_f64(late * late * late));
        }
    }
}
