//! Nothing is lost after an outage of the service during reviews and merges.

use issuecommand_github_emulator::Delivery;
use issuecommand_testkit::prove::rounds;
use serde_json::{Value, json};

use super::talk::{REPO, SentDelivery, counted, followups, once, say, site, sources, sources_of};
use crate::harness::{Http, PATIENCE, Program, Store};

on_each_store!(prove_repair_after_an_outage);

/// The pull requests of issues 1, 2 and 3.
const REVIEWED: u64 = 4;
const MERGED: u64 = 5;
const CLOSED: u64 = 6;

fn prove_repair_after_an_outage(store: Store) {
    let site = site(store, 3, 3);
    let mut server = site.program(Program::Http).start();
    let http = Http::at(server.address());
    for (issue, pull) in [(1, REVIEWED), (2, MERGED), (3, CLOSED)] {
        submit(&http, issue, pull);
    }
    let heard = site.github.world(|world| say(world, REVIEWED, 0));
    for told in &heard {
        assert_eq!(http.deliver(&told.delivery).unwrap().status, 202);
    }
    // The waiting feedback on the merged one is resolved by the merge.
    let over = site.github.world(|world| say(world, MERGED, 0));
    for told in &over {
        assert_eq!(http.deliver(&told.delivery).unwrap().status, 202);
    }
    // A killed process keeps the lease of the background work for half a minute.
    if rounds(0, 1) == 0 {
        server.signal("TERM");
        server.wait_for_end(PATIENCE);
    } else {
        server.kill_9();
    }

    // GitHub's deliveries fail.
    let mut missed: Vec<SentDelivery> = Vec::new();
    let ended: Vec<Delivery> = site.github.world(|world| {
        for n in 0..3 {
            missed.extend(say(world, REVIEWED, n));
        }
        world.merge_pull(REPO, MERGED);
        world.close_pull(REPO, CLOSED);
        world.close_issue(REPO, 3);
        world.deliveries()
    });

    let mut server = site.program(Program::Http).start();
    let http = Http::at(server.address());
    server.wait_until_logged("synced with GitHub", PATIENCE);
    let expected = once(&sources(heard.iter().chain(&missed)));
    let items = followups(&http);
    assert_eq!(counted(&items), expected);
    let [item] = &items[..] else {
        panic!("one item waits, and the others join it: {items:?}")
    };
    assert_eq!(item["preferred_agent_id"], "agent-1");
    assert_eq!(status_of(&http, 1), "pr_submitted");
    assert_eq!(status_of(&http, 2), "pr_merged");
    assert_eq!(status_of(&http, 3), "none", "closed with its issue");

    // A later redelivery has no second effect.
    let late = missed.iter().map(|told| &told.delivery).chain(&ended);
    for delivery in late {
        let reply = http.deliver(delivery).unwrap();
        assert_eq!(reply.status, 202, "{}", reply.body);
        assert_ne!(reply.body["created"], true, "{}", reply.body);
        assert_ne!(reply.body["processed"], false, "{}", reply.body);
    }
    assert_eq!(counted(&followups(&http)), expected);
    assert_eq!(
        (status_of(&http, 1), status_of(&http, 2)),
        ("pr_submitted".to_owned(), "pr_merged".to_owned())
    );
    let given = http
        .post("/api/next-work", &json!({ "agent_id": "agent-1" }))
        .body;
    assert_eq!(
        sources_of(&given["work_item"]).len(),
        expected.len(),
        "{given}"
    );
    site.assert_sound();
}

fn submit(http: &Http, issue: u64, pull: u64) {
    let agent = format!("agent-{issue}");
    let claim = json!({ "agent_id": agent, "repo": REPO, "issue_number": issue });
    let claim = http.post("/api/claims", &claim).body["claim"].clone();
    let path = format!("/api/claims/{}", claim["claim_id"].as_str().unwrap());
    for status in ["in_progress", "pr_submitted"] {
        let url = format!("https://github.com/{REPO}/pull/{pull}");
        let to = json!({ "agent_id": agent, "status": status, "pr_url": url });
        let moved = http.ask("PATCH", &path, Some(&to)).expect("an answer");
        assert_eq!(moved.status, 200, "{}", moved.body);
    }
}

/// The status of the active claim on this issue; `none` if there is none.
fn status_of(http: &Http, issue: u64) -> String {
    let claims = http.get("/api/claims").body["claims"].clone();
    let of_issue = |claim: &&Value| claim["issue_number"] == issue;
    let claim = claims.as_array().unwrap().iter().find(of_issue).cloned();
    claim.map_or("none".to_owned(), |claim| {
        claim["status"].as_str().unwrap().to_owned()
    })
}
