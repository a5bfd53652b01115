//! Real payloads of GitHub.

use std::time::Duration;

use issuecommand_github_emulator::{Delivery, Fault, NewComment, ReviewState};
use issuecommand_testkit::machine;
use issuecommand_testkit::payloads::Payloads;
use serde_json::{Value, json};

use super::talk::{REPO, followups, site};
use crate::harness::{EventLog, Http, Process, Program, Site, Store};

on_each_store!(
    every_example_of_githubs_is_taken_and_the_second_time_known,
    the_cases_that_the_examples_lack,
    bots_are_left_out_where_that_is_set,
);

/// The repository of GitHub's own examples.
const SHOWN: &str = "Codertocat/Hello-World";

fn every_example_of_githubs_is_taken_and_the_second_time_known(store: Store) {
    let Payloads { com, servers } = match Payloads::load(env!("CARGO_TARGET_TMPDIR")) {
        Ok(payloads) => payloads,
        Err(why) => return machine::Program::Npm.is_missing(&why),
    };
    assert!(
        com.len() >= 329 && servers.len() >= 397,
        "{} {}",
        com.len(),
        servers.len()
    );
    let site = site(store, 1, 1);
    // Most examples are of this repository. Those of other repositories, which the credential does not see, are ignored.
    let shown = com.iter().map(|(_, payload)| &payload["repository"]);
    let shown = shown
        .into_iter()
        .find(|repo| repo["full_name"] == SHOWN && repo["open_issues_count"].is_number())
        .expect("an example with the whole repository");
    let answer = Fault::text(&shown.to_string());
    site.github.fault(&format!("GET /repos/{SHOWN}"), answer);
    let mut server = site.program(Program::Http).start();
    let address = server.address();
    let http = Http::at(&address);
    let as_delivery = |(n, (event, payload)): (usize, (String, Value))| Delivery {
        id: format!("example-{n}"),
        action: payload["action"].as_str().unwrap_or_default().to_owned(),
        repo: String::new(),
        body: payload.to_string(),
        event,
    };
    let all = com.into_iter().chain(servers).enumerate().map(as_delivery);
    let all: Vec<Delivery> = all.collect();

    let mut told = OutcomeCounts::default();
    for delivery in &all {
        let reply = http.deliver(delivery).expect("an answer");
        let (event, action) = (&delivery.event, &delivery.action);
        assert_eq!(reply.status, 202, "{event} {action}: {}", reply.body);
        told.count(&reply.body, event, action);
    }
    for delivery in &all {
        let reply = http.deliver(delivery).expect("an answer");
        let duplicate = json!({ "ok": true, "duplicate": true, "delivery_id": delivery.id });
        assert_eq!((reply.status, reply.body), (200, duplicate));
    }
    let log = EventLog::read(&address);
    assert_eq!(log.of("webhook.received").count(), all.len());
    let health = http.get("/api/health").body["health"].clone();
    let waiting = (&health["deferred_deliveries"], &health["dead_deliveries"]);
    assert_eq!(waiting, (&json!(0), &json!(0)));
    assert_no_error(&server);
    site.assert_sound();
    eprintln!("{} examples: {told:?}", all.len());
    assert!(told.feedback > 0 && told.taken > 0 && told.ignored > 0);
}

/// How many examples had which outcome.
#[derive(Debug, Default)]
struct OutcomeCounts {
    feedback: usize,
    taken: usize,
    ignored: usize,
}

impl OutcomeCounts {
    fn count(&mut self, answer: &Value, event: &str, action: &str) {
        match answer {
            _ if answer["ignored"] == true => {
                let plain = format!("event {event} is not actionable");
                let of_pull = format!("pull_request action {action} is not handled");
                let why = answer["reason"].as_str().unwrap();
                assert!(
                    why == plain
                        || why == of_pull
                        || why.contains(action)
                        || why.contains("cannot be seen by the credential"),
                    "{event} {action}: {answer}"
                );
                self.ignored += 1;
            }
            _ if answer["processed"] != true => panic!("{event} {action}: {answer}"),
            _ if answer.get("source_event_type").is_some() => self.feedback += 1,
            _ => self.taken += 1,
        }
    }
}

fn assert_no_error(server: &Process) {
    let lines = server.stderr();
    let errors: Vec<&str> = lines
        .lines()
        .filter(|line| line.contains(r#""level":"error""#) || line.contains("panicked"))
        .collect();
    assert_eq!(errors, [] as [&str; 0]);
}

/// Sends all of GitHub's deliveries. Each must be answered 202 without being deferred.
fn tell(site: &Site, http: &Http) -> Vec<Value> {
    let deliver = |delivery: &Delivery| {
        let reply = http.deliver(delivery).expect("an answer");
        assert_eq!(reply.status, 202, "{delivery:?}: {}", reply.body);
        assert_ne!(
            reply.body["processed"], false,
            "{delivery:?}: {}",
            reply.body
        );
        reply.body
    };
    site.github.deliveries().iter().map(deliver).collect()
}

fn the_cases_that_the_examples_lack(store: Store) {
    // Issues 1 to 3, pull requests 4 and 5.
    let site = site(store, 3, 2);
    let mut server = site.program(Program::Http).start();
    let http = Http::at(server.address());
    let status = |issue: u64| -> Value {
        let claims = http.get("/api/claims").body["claims"].clone();
        let claims = claims.as_array().unwrap();
        let claim = claims.iter().find(|claim| claim["issue_number"] == issue);
        claim.map_or(Value::Null, |claim| claim["status"].clone())
    };
    for (issue, pull) in [(1, None), (2, Some(4)), (3, Some(5))] {
        let claim = json!({ "agent_id": "ada", "repo": REPO, "issue_number": issue });
        let claim = http.post("/api/claims", &claim).body["claim"].clone();
        let Some(pull) = pull else { continue };
        let path = format!("/api/claims/{}", claim["claim_id"].as_str().unwrap());
        for status in ["in_progress", "pr_submitted"] {
            let url = format!("https://github.com/{REPO}/pull/{pull}");
            let to = json!({ "agent_id": "ada", "status": status, "pr_url": url });
            assert_eq!(http.ask("PATCH", &path, Some(&to)).unwrap().status, 200);
        }
    }

    // Comments under a pull request: by a person, a bot, and a deleted account.
    for words in [
        NewComment::saying("by a person").by("rita"),
        NewComment::saying("by a bot").by("reviewer[bot]"),
        NewComment::saying("by a ghost").by_ghost(),
    ] {
        site.github.world(|world| {
            // An event as old as the last push is resolved by it.
            world.advance(Duration::from_secs(1));
            world.comment(REPO, 4, words.clone());
            world.review_comment(REPO, 4, words.clone());
            world.review(REPO, 4, ReviewState::ChangesRequested, words);
        });
    }
    let answers = tell(&site, &http);
    let asked = answers
        .iter()
        .filter(|answer| answer.get("work_item_id").is_some());
    assert_eq!(asked.count(), 9, "{answers:?}");
    let items = followups(&http);
    let [item] = &items[..] else {
        panic!("{items:?}")
    };
    let by: Vec<&Value> = item["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| &source["requested_by"])
        .collect();
    let none = Value::Null;
    let (person, bot) = (json!("rita"), json!("reviewer[bot]"));
    assert_eq!(
        by,
        [
            &person, &person, &person, &bot, &bot, &bot, &none, &none, &none
        ]
    );
    assert_eq!(item["source_event_type"], "review_changes_requested");

    // A comment under an issue is ignored.
    site.github.world(|world| world.comment(REPO, 1, "Me too"));
    assert_eq!(tell(&site, &http)[0]["ignored"], true);

    // A merge resolves its follow-up and moves its claim.
    site.github.world(|world| world.merge_pull(REPO, 4));
    let answers = tell(&site, &http);
    assert_eq!(
        (&answers[0]["action"], &answers[0]["resolved_followups"]),
        (&json!("closed"), &json!(1))
    );
    assert_eq!(followups(&http), [] as [Value; 0]);
    assert_eq!(status(2), "pr_merged");

    // Closed without a merge: the claim stays, and is notified.
    site.github.world(|world| world.close_pull(REPO, 5));
    assert_eq!(tell(&site, &http)[0]["action"], "closed");
    assert_eq!(status(3), "pr_submitted");

    // A closed issue closes its claim; reopened soon, the claim is restored.
    assert_eq!(status(1), "claimed");
    site.github.world(|world| world.close_issue(REPO, 1));
    assert_eq!(tell(&site, &http)[0]["action"], "closed");
    assert_eq!(status(1), Value::Null);
    site.github.world(|world| world.reopen(REPO, 1));
    tell(&site, &http);
    assert_eq!(status(1), "claimed");
    let open = http.get(&format!("/api/repos/{REPO}/issues")).body;
    assert_eq!(open["issues"], json!([]));
    assert_no_error(&server);
    site.assert_sound();
}

fn bots_are_left_out_where_that_is_set(store: Store) {
    let site = site(store, 0, 1);
    let server = site.program(Program::Http);
    let mut server = server
        .env("FOLLOWUP_IGNORE_BOTS", "true")
        .env("FOLLOWUP_IGNORE_SELF", "true")
        .start();
    let http = Http::at(server.address());
    site.github.world(|world| {
        world.comment(REPO, 1, NewComment::saying("by a bot").by("reviewer[bot]"));
        // The token's own user.
        world.comment(REPO, 1, "by the user who started all this");
    });
    for answer in tell(&site, &http) {
        assert_eq!(answer["ignored"], true, "{answer}");
    }
    assert_eq!(followups(&http), [] as [Value; 0]);
    site.github
        .world(|world| world.comment(REPO, 1, NewComment::saying("by a person").by("rita")));
    assert_eq!(tell(&site, &http)[0]["created"], true);
}
