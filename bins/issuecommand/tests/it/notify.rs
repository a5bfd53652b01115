//! Notifications of the real program: nothing is lost or doubled, whatever happens to it, and people are told what needs them.

mod commands;
mod receiver;
mod verified;

use std::time::Duration;

use issuecommand_core::domain::time::Timestamp;
use serde_json::{Value, json};

use self::receiver::Receiver;
use crate::harness::{Http, PATIENCE, Process, Program, Site, Start, Store, wait_for};

on_each_store!(
    what_happened_is_sent_although_the_process_was_killed,
    a_notification_on_its_way_is_sent_again_with_the_same_id,
    one_of_two_instances_sends,
    a_receiver_that_answers_410_is_told_nothing_more,
    people_are_told_what_needs_them_and_when_it_is_over,
);

const REPO: &str = "acme/harbour";
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// A lease of a process that was killed runs out after 30 s.
const TAKEOVER: Duration = Duration::from_secs(90);

/// A program that tells this receiver of claims.
fn telling(site: &Site, receiver: &Receiver) -> Start {
    with_table(
        site,
        receiver,
        "{ kind = 'webhook', url_env = 'HOOK_URL', secret_env = 'HOOK_SECRET', on = ['claim.*'] }",
    )
}

fn with_table(site: &Site, receiver: &Receiver, table: &str) -> Start {
    site.program(Program::Http)
        .env("NOTIFY", &format!("[{table}]"))
        .env("NOTIFY_ALLOW_PRIVATE", "true")
        .env("HOOK_URL", &format!("http://{}/hook", receiver.address))
        .env("HOOK_SECRET", SECRET)
}

fn synced(service: &mut Process) -> Http {
    let http = Http::at(service.address());
    wait_for("the first sync", PATIENCE, || {
        let issues = http.get(&format!("/api/repos/{REPO}/issues"));
        let issues = issues.body["issues"].as_array().cloned()?;
        (!issues.is_empty()).then_some(())
    });
    http
}

fn claim(http: &Http, agent: &str, issue: u32) {
    let body = json!({ "agent_id": agent, "repo": REPO, "issue_number": issue });
    let answer = http.post("/api/claims", &body);
    assert!(matches!(answer.status, 200 | 201), "{}", answer.body);
}

/// The event of a claim, as the service logs it, with the id that its notification must have.
fn id_of_claim(http: &Http, issue: u32) -> String {
    let events = http.get("/api/events?since=0&types=claim.created").body;
    let of = |event: &&Value| event["issue_number"] == issue;
    let events = events["events"].as_array().unwrap();
    let event = events
        .iter()
        .find(of)
        .unwrap_or_else(|| panic!("{events:?}"));
    let at = Timestamp::parse(event["timestamp"].as_str().unwrap()).unwrap();
    format!("evt_{}_{}", event["event_id"].as_str().unwrap(), at.0)
}

/// The service must know the endpoint before something happens.
fn wait_for_endpoint(site: &Site) {
    wait_for("the endpoint", PATIENCE, || {
        let names = site.ask_database("SELECT name FROM notify_endpoint");
        (!names.is_empty()).then_some(())
    });
}

fn what_happened_is_sent_although_the_process_was_killed(store: Store) {
    let site = Site::with_issues_on(store, REPO, 3);
    let receiver = Receiver::answering(200);
    let mut first = telling(&site, &receiver).start();
    synced(&mut first);
    wait_for_endpoint(&site);
    first.signal("TERM");
    first.wait_for_end(PATIENCE);
    // A process without the endpoint commits the event, and is killed at once.
    let mut second = site.program(Program::Http).start();
    let http = synced(&mut second);
    claim(&http, "ann", 1);
    let wanted = id_of_claim(&http, 1);
    second.kill_9();
    assert_eq!(receiver.ids(), [""; 0]);
    let mut third = telling(&site, &receiver).start();
    synced(&mut third);
    let ids = wait_for("the notification", TAKEOVER, || {
        Some(receiver.ids()).filter(|ids| !ids.is_empty())
    });
    assert_eq!(ids, [wanted]);
    site.assert_sound();
}

fn a_notification_on_its_way_is_sent_again_with_the_same_id(store: Store) {
    let site = Site::with_issues_on(store, REPO, 3);
    // It takes the request, and never answers.
    let receiver = Receiver::silent();
    let mut first = telling(&site, &receiver).start();
    let http = synced(&mut first);
    wait_for_endpoint(&site);
    claim(&http, "ann", 2);
    let wanted = id_of_claim(&http, 2);
    wait_for("the request", PATIENCE, || {
        (!receiver.ids().is_empty()).then_some(())
    });
    first.kill_9();
    receiver.answer(204);
    let mut second = telling(&site, &receiver).start();
    synced(&mut second);
    let ids = wait_for("the second request", TAKEOVER, || {
        Some(receiver.ids()).filter(|ids| ids.len() == 2)
    });
    assert_eq!(ids, [wanted.clone(), wanted]);
    wait_for("the record of it", PATIENCE, || {
        let states = site.ask_database("SELECT state FROM notification");
        (states == ["delivered"]).then_some(())
    });
    site.assert_sound();
}

fn one_of_two_instances_sends(store: Store) {
    let site = Site::with_issues_on(store, REPO, 20);
    let receiver = Receiver::answering(200);
    let mut first = telling(&site, &receiver).start();
    let mut second = telling(&site, &receiver).start();
    let faces = [synced(&mut first), synced(&mut second)];
    wait_for_endpoint(&site);
    for issue in 1..=20 {
        let face = &faces[issue as usize % 2];
        claim(face, &format!("agent-{issue}"), issue);
    }
    let mut ids = wait_for("the notifications", PATIENCE, || {
        Some(receiver.ids()).filter(|ids| ids.len() >= 20)
    });
    // Time for what would be sent twice.
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(receiver.ids().len(), 20);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 20);
}

fn a_receiver_that_answers_410_is_told_nothing_more(store: Store) {
    let site = Site::with_issues_on(store, REPO, 3);
    let receiver = Receiver::answering(410);
    let mut service = telling(&site, &receiver).start();
    let http = synced(&mut service);
    wait_for_endpoint(&site);
    claim(&http, "ann", 1);
    wait_for("the endpoint to be disabled", PATIENCE, || {
        let why = site
            .ask_database("SELECT disabled_why FROM notify_endpoint WHERE disabled_at IS NOT NULL");
        (!why.is_empty()).then_some(())
    });
    claim(&http, "ann", 2);
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(receiver.ids().len(), 1);
}

fn people_are_told_what_needs_them_and_when_it_is_over(store: Store) {
    let site = Site::with_issues_on(store, REPO, 3);
    let receiver = Receiver::answering(200);
    let mut service = with_table(
        &site,
        &receiver,
        "{ kind = 'slack', name = 'team', url_env = 'HOOK_URL' }",
    )
    .env("PAUSE_AFTER_QUICK_RELEASES", "1")
    .env("DASHBOARD_URL", "https://board.example")
    .start();
    let http = synced(&mut service);
    wait_for_endpoint(&site);
    claim(&http, "codex-2", 1);
    let claims = http.get("/api/claims").body;
    let id = claims["claims"][0]["claim_id"].as_str().unwrap().to_owned();
    let body = json!({ "agent_id": "codex-2", "reason": "<!channel> @everyone" });
    assert_eq!(
        http.post(&format!("/api/claims/{id}/release"), &body)
            .status,
        200
    );
    let told = wait_for("the message", PATIENCE, || {
        receiver.bodies().first().cloned()
    });
    let text = told["text"].as_str().unwrap();
    assert!(text.starts_with("⚠️ Agent in a loop: codex-2"), "{told}");
    assert!(
        told.to_string()
            .contains("https://board.example/ui/a/codex-2"),
        "{told}"
    );
    assert!(!told.to_string().contains("<!channel>"), "{told}");
    let resumed = http.post(
        "/api/work",
        &json!({ "action": "resume", "agent_id": "codex-2" }),
    );
    assert_eq!(resumed.status, 200, "{}", resumed.body);
    let told = wait_for("the end of it", PATIENCE, || {
        receiver.bodies().get(1).cloned()
    });
    assert!(
        told["text"].as_str().unwrap().starts_with("✅ Resolved: "),
        "{told}"
    );
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(receiver.bodies().len(), 2);
}
