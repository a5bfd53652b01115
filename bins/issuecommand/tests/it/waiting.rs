//! Many callers wait for work: one piece of work goes to one of them, and wakes the others at most once.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use issuecommand_testkit::prove::rounds;
use serde_json::{Value, json};

use crate::followups::talk::{REPO, site};
use crate::harness::{Http, JsonResponse, PATIENCE, Process, Program, Site, Store, ping, wait_for};
use crate::operator::metrics::{scrape, value};

on_each_store!(prove_a_connection_that_is_cut_frees_its_turn_within_a_second);

/// After how long all waiters look without an event.
const REGULAR: u64 = 10;

/// The way in which a call comes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Surface {
    Http,
    Mcp,
}

/// The headers of a message of MCP.
pub(crate) const MCP_HEADERS: [(&str, &str); 2] = [
    ("Content-Type", "application/json"),
    ("Accept", "application/json, text/event-stream"),
];

/// A connection of its own on which an agent waits for work.
pub(crate) struct Waiter {
    pub(crate) agent: String,
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Waiter {
    pub(crate) fn begin(surface: Surface, http: &Http, agent: &str) -> Self {
        let asks = json!({ "agent_id": agent, "wait_seconds": 50 });
        let request = match surface {
            Surface::Http => http.bytes("POST", "/api/next-work", &[], &asks.to_string()),
            Surface::Mcp => {
                let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                    "params": {"name": "next_work", "arguments": asks}});
                http.bytes("POST", "/mcp", &MCP_HEADERS, &message.to_string())
            }
        };
        let mut stream = http.connect().unwrap();
        stream.write_all(&request).unwrap();
        stream.set_nonblocking(true).unwrap();
        Self {
            agent: agent.to_owned(),
            stream,
            answer: Vec::new(),
        }
    }

    /// The answer, if it is there.
    pub(crate) fn answer(&mut self) -> Option<JsonResponse> {
        let mut part = [0; 16 * 1024];
        loop {
            match self.stream.read(&mut part) {
                Ok(0) => break,
                Ok(read) => self.answer.extend_from_slice(&part[..read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
                Err(error) => panic!("{}: {error}", self.agent),
            }
        }
        Some(JsonResponse::parse(&self.answer).expect("a whole answer"))
    }

    /// The work that it got, if it got some.
    fn given(&mut self) -> Option<Value> {
        let mut answer = self.answer()?;
        assert_eq!(answer.status, 200, "{}: {}", self.agent, answer.body);
        let result = answer.body["result"]["structuredContent"].take();
        let given = if result.is_null() {
            answer.body
        } else {
            result
        };
        assert_eq!(given["ok"], true, "{}: {given}", self.agent);
        Some(given)
    }
}

/// How many calls wait at this address.
pub(crate) fn waiting(address: &str) -> u64 {
    sample(&scrape(address), "issuecommand_waiting_calls")
}

/// How often waiting calls of this address were woken: with and without finding work.
pub(crate) fn woken(address: &str) -> (u64, u64) {
    let text = scrape(address);
    let found = |what: &str| {
        let name = format!("issuecommand_wakeups_total{{found=\"{what}\"}}");
        sample(&text, &name)
    };
    (found("work"), found("nothing"))
}

fn sample(text: &str, name: &str) -> u64 {
    let value = value(text, name).unwrap_or_else(|| panic!("{name} in\n{text}"));
    format!("{value:.0}").parse().unwrap()
}

fn wait_until_waiting(address: &str, calls: u64) {
    let what = format!("{calls} calls to wait");
    wait_for(&what, PATIENCE, || {
        (waiting(address) == calls).then_some(())
    });
}

/// The value once it has not changed for a while.
fn settled<T: PartialEq>(mut look: impl FnMut() -> T) -> T {
    let mut last = look();
    loop {
        std::thread::sleep(Duration::from_millis(500));
        let now = look();
        if now == last {
            return now;
        }
        last = now;
    }
}

/// A new issue, told by a signed delivery. Returns its number.
pub(crate) fn open_issue(site: &Site, http: &Http) -> u64 {
    let (number, told) = site.github.world(|world| {
        let number = world.open_issue(REPO, "Something new");
        (number, world.deliveries())
    });
    assert!(!told.is_empty());
    for told in &told {
        let reply = http.deliver(told).expect("an answer");
        assert_eq!(reply.status, 202, "{}", reply.body);
    }
    number
}

/// A service that has read an empty repository.
fn serve(site: &Site) -> (Process, String) {
    let program = site.program(Program::Http).env("METRICS_PUBLIC", "true");
    let mut server = program.env("MCP_ALLOWED_HOSTS", "test").start();
    let address = server.address();
    server.wait_until_logged("synced with GitHub", PATIENCE);
    (server, address)
}

#[test]
fn prove_one_new_issue_ends_one_of_many_waits_and_wakes_the_others_once() {
    let waiters = u64::from(rounds(20, 200));
    let site = site(Store::Sqlite, 0, 0);
    let (_server, address) = serve(&site);
    let http = Http::at(&address);
    let begins = |n| Waiter::begin(Surface::Http, &http, &format!("w{n}"));
    let mut crowd: Vec<Waiter> = (0..waiters).map(begins).collect();
    wait_until_waiting(&address, waiters);

    // An event that brings nothing wakes each of them. The next regular turns are far away then.
    let begin = Instant::now();
    let (_, before) = woken(&address);
    assert_eq!(http.deliver(&ping()).expect("an answer").status, 202);
    wait_for("a turn of each waiter", PATIENCE, || {
        (woken(&address).1 >= before + waiters).then_some(())
    });

    let before = settled(|| woken(&address));
    let told = Instant::now();
    let issue = open_issue(&site, &http);
    let (agent, given) = wait_for("work", PATIENCE, || {
        crowd
            .iter_mut()
            .find_map(|waiter| Some((waiter.agent.clone(), waiter.given()?)))
    });
    let took = told.elapsed();
    assert_eq!(given["claim"]["issue_number"], issue, "{given}");
    assert_eq!(given["claim"]["agent_id"], *agent, "{given}");
    let after = settled(|| woken(&address));
    let regular = begin.elapsed().as_secs() / REGULAR;
    let (work, nothing) = (after.0 - before.0, after.1 - before.1);
    assert_eq!(work, 1);
    assert!(
        nothing <= (waiters - 1) * (1 + regular),
        "{nothing} turns of {waiters} waiters for nothing; {regular} regular rounds"
    );
    crowd.retain(|waiter| waiter.agent != agent);
    for waiter in &mut crowd {
        assert!(waiter.answer().is_none(), "{} got one too", waiter.agent);
    }
    assert_eq!(waiting(&address), waiters - 1);
    assert_eq!(site.ask_database("SELECT agent_id FROM claim"), [agent]);
    site.assert_sound();

    drop(crowd);
    let left = Instant::now();
    wait_until_waiting(&address, 0);
    eprintln!(
        "{waiters} waiters, one issue: given after {took:.1?}, {nothing} turns for nothing; all gone {:.1?} after they left",
        left.elapsed()
    );
}

fn prove_a_connection_that_is_cut_frees_its_turn_within_a_second(store: Store) {
    let site = site(store, 0, 0);
    let (_server, address) = serve(&site);
    let http = Http::at(&address);
    let mut longest = Duration::ZERO;
    for round in 0..rounds(2, 20) {
        for surface in [Surface::Http, Surface::Mcp] {
            let mut arrived = 0;
            let mut arrive = |who: &str| {
                let agent = format!("{who}-{surface:?}-{round}");
                let waiter = Waiter::begin(surface, &http, &agent);
                arrived += 1;
                wait_until_waiting(&address, arrived);
                waiter
            };
            let (gone, mut next, mut last) = (arrive("gone"), arrive("next"), arrive("last"));
            let left = gone.agent.clone();
            drop(gone);
            let begin = Instant::now();
            wait_until_waiting(&address, 2);
            longest = longest.max(begin.elapsed());
            assert!(longest < Duration::from_secs(1), "{surface:?}: {longest:?}");
            let issue = open_issue(&site, &http);
            let given = wait_for("work for the next", PATIENCE, || next.given());
            assert_eq!(given["claim"]["issue_number"], issue, "{given}");
            assert!(last.answer().is_none(), "it is not its turn");
            drop(last);
            wait_until_waiting(&address, 0);
            let held = http.get(&format!("/api/my-work?agent_id={left}")).body;
            assert_eq!(held["work"]["claims"], json!([]), "{held}");
        }
    }
    site.assert_sound();
    eprintln!("a waiter that left was gone after {longest:.1?} at most");
}
