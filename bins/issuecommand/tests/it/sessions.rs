//! Sessions of real processes: two of one name, one that is killed, and what reaches each of them.

mod side;

use std::collections::BTreeMap;
use std::thread;
use std::time::Instant;

use issuecommand_testkit::prove::rounds;
use serde_json::json;

use self::side::{Call, Side};
use crate::harness::{Http, Mcp, Program, Site, Store};

on_each_store!(
    prove_two_sessions_of_one_name_over_stdio,
    prove_two_sessions_of_one_name_over_http,
    a_killed_process_comes_back_under_its_name,
    what_was_lost_is_told_once_across_restarts_and_instances,
);

const REPO: &str = "acme/harbour";
const ISSUES: u32 = 3;

fn prove_two_sessions_of_one_name_over_stdio(store: Store) {
    let site = Site::with_issues_on(store, REPO, ISSUES);
    let sides = ["one", "two"].map(|session| Side::Mcp(Box::new(client(&site, session))));
    interleave(&site, sides);
}

fn prove_two_sessions_of_one_name_over_http(store: Store) {
    let site = Site::with_issues_on(store, REPO, ISSUES);
    let mut server = site.program(Program::Http).start();
    let http = Http::at(server.address());
    let sides = ["one", "two"].map(|session| Side::Http(http.clone(), session));
    interleave(&site, sides);
}

/// An MCP client in a process of its own, as the agent `ann` in this session.
fn client(site: &Site, session: &str) -> Mcp {
    let program = site.program(Program::Mcp);
    let program = program.env("ISSUECOMMAND_AGENT_ID", "ann");
    let mut mcp = program
        .env("CLAUDE_CODE_SESSION_ID", session)
        .without("API_KEY")
        .start_mcp();
    mcp.greet();
    mcp
}

/// From the yes to an issue until the session gave it back.
#[derive(Debug)]
struct Spell {
    from: Instant,
    to: Option<Instant>,
}

/// Both sessions work at once, under a new name each time, so that what came before has no part in it.
fn interleave(site: &Site, mut sides: [Side; 2]) {
    let (mut refused, mut shared, mut moved) = (0, 0, 0);
    for round in 1..=rounds(100, 1_000) {
        let name = format!("ann-{round}");
        // Every fifth time one of the sessions says that it takes over.
        let taking = round % 5 == 0;
        let told: Vec<Vec<Call>> = thread::scope(|scope| {
            let sides = sides.iter_mut().enumerate();
            let busy = sides.map(|(n, side)| {
                let (name, takes) = (&name, taking && n == 1);
                scope.spawn(move || side.play(name, u64::from(round) * 2 + n as u64, takes))
            });
            let busy: Vec<_> = busy.collect();
            busy.into_iter().map(|side| side.join().unwrap()).collect()
        });
        let place = format!("round {round}: {told:#?}");
        let calls = || told.iter().flatten();
        refused += calls().filter(|call| call.is_refused).count();
        moved += calls().filter(|call| call.taken_over).count();
        let [one, two] = [spells(&told[0]), spells(&told[1])];
        for (issue, of_one) in &one {
            let of_two = two.get(issue).into_iter().flatten();
            for (a, b) in of_two.flat_map(|b| of_one.iter().map(move |a| (a, b))) {
                let apart = |a: &Spell, b: &Spell| a.to.is_some_and(|to| to <= b.from);
                assert!(apart(a, b) || apart(b, a) || taking, "#{issue} in {place}");
            }
            shared += usize::from(two.contains_key(issue));
        }
        each_claim_is_in_one_session(&mut sides, &name, &place);
    }
    site.assert_sound();
    // The rounds came to all of it.
    let least = rounds(10, 100) as usize;
    assert!(
        refused > least && shared > least && moved > least / 10,
        "{refused} {shared} {moved}"
    );
}

/// When a session was at work on which issue, as it believed.
fn spells(calls: &[Call]) -> BTreeMap<u64, Vec<Spell>> {
    let mut spells: BTreeMap<u64, Vec<Spell>> = BTreeMap::new();
    for call in calls {
        let of_it = spells.entry(call.issue).or_default();
        let last = of_it.last_mut().filter(|spell| spell.to.is_none());
        match (last, call.works) {
            (None, true) => of_it.push(Spell {
                from: call.answered,
                to: None,
            }),
            (Some(spell), false) => spell.to = Some(call.asked),
            (Some(_), true) | (None, false) => {}
        }
    }
    spells.retain(|_, of_it| !of_it.is_empty());
    spells
}

/// Each claim is one session's own and the other one's "other"; then it is given back.
fn each_claim_is_in_one_session(sides: &mut [Side; 2], name: &str, place: &str) {
    let seen = sides.each_mut().map(|side| side.claims(name));
    assert_eq!(seen[0].len(), seen[1].len(), "{place}");
    for (claim, is_mine) in &seen[0] {
        assert_eq!(seen[1].get(claim), Some(&!is_mine), "{claim} in {place}");
        let owner = usize::from(!is_mine);
        sides[owner].release(name, claim);
    }
}

fn a_killed_process_comes_back_under_its_name(store: Store) {
    let site = Site::with_issues_on(store, REPO, ISSUES);
    let issue = json!({ "repo": REPO, "issue_number": 1 });
    let mut before = client(&site, "before");
    let given = before.call("claim_issue", &issue);
    let mut beside = client(&site, "beside");
    let no = beside.call("claim_issue", &issue);
    assert_eq!(
        (&no["reason"], &no["owner_session"]),
        (&json!("already_claimed"), &json!("before"))
    );
    before.process.kill_9();
    let mut after = client(&site, "after");
    let resumed = after.call("claim_issue", &issue);
    assert_eq!(
        (
            &resumed["ok"],
            &resumed["idempotent"],
            &resumed["claim"]["claim_id"]
        ),
        (&json!(true), &json!(true), &given["claim"]["claim_id"]),
        "{resumed}"
    );
    let no = beside.call("claim_issue", &issue);
    assert_eq!(
        (&no["reason"], &no["owner_session"]),
        (&json!("already_claimed"), &json!("after")),
        "{no}"
    );
    // A client that names no session has one a process, which ends with it all the same.
    let unnamed = || {
        let program = site.program(Program::Mcp).without("API_KEY");
        let mut mcp = program.env("ISSUECOMMAND_AGENT_ID", "bob").start_mcp();
        mcp.greet();
        mcp
    };
    let issue = json!({ "repo": REPO, "issue_number": 2 });
    let (mut before, mut beside) = (unnamed(), unnamed());
    assert_eq!(before.call("claim_issue", &issue)["idempotent"], false);
    assert_eq!(
        beside.call("claim_issue", &issue)["reason"],
        "already_claimed"
    );
    before.process.kill_9();
    assert_eq!(unnamed().call("claim_issue", &issue)["idempotent"], true);
}

/// A session hears once that another one of its name took its issue, and all of them hear once that another agent got one,
/// whichever instance they speak to and however often it was started.
fn what_was_lost_is_told_once_across_restarts_and_instances(store: Store) {
    let site = Site::with_issues_on(store, REPO, ISSUES);
    let mut servers = [(); 2].map(|()| site.program(Program::Http).start());
    let at = servers.each_mut().map(|server| Http::at(server.address()));
    let claim = |http: &Http, session: &str, issue: u32, take_over: bool| -> String {
        let input = json!({
            "agent_id": "ann",
            "session_id": session,
            "repo": REPO,
            "issue_number": issue,
            "take_over": take_over,
        });
        let body = http.post("/api/claims", &input).body;
        assert_eq!(body["ok"], true, "{body}");
        body["claim"]["claim_id"].as_str().unwrap().to_owned()
    };
    let notices = |http: &Http, session: &str| -> usize {
        let beat = json!({ "agent_id": "ann", "session_id": session });
        let body = http.post("/api/heartbeat", &beat).body;
        assert_eq!(body["ok"], true, "{body}");
        body["notices"].as_array().map_or(0, Vec::len)
    };
    claim(&at[0], "one", 1, false);
    let given = claim(&at[0], "one", 2, false);
    for session in ["two", "three"] {
        assert_eq!(notices(&at[1], session), 0);
    }
    // The third session takes the first issue over, and a person gives the second one to another agent.
    claim(&at[1], "three", 1, true);
    let give = json!({ "to_agent_id": "bob" });
    let body = at[1].post(&format!("/api/claims/{given}/give"), &give).body;
    assert_eq!(body["ok"], true, "{body}");
    let mut heard: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..2 {
        servers[0].kill_9();
        servers[0] = site.program(Program::Http).start();
        let restarted = Http::at(servers[0].address());
        for http in [&restarted, &at[1], &restarted] {
            for session in ["one", "two", "three", "late"] {
                *heard.entry(session).or_default() += notices(http, session);
            }
        }
    }
    let wanted = BTreeMap::from([("late", 1), ("one", 2), ("three", 1), ("two", 1)]);
    assert_eq!(heard, wanted);
}
