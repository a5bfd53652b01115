//! What people do: the page before, what comes of it, and what the log says.

use axum::http::StatusCode;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::ports::store::{ClaimFilter, Store};

use crate::world::{KEY, World};

#[tokio::test]
async fn a_claim_is_released_by_a_person() {
    let world = World::with_work().await;
    let ann = world.key("ann", |key| key).await;
    let cookie = world.sign_in(&ann).await;
    let page = world
        .get(
            "/ui/act/release?repo=acme/web&number=1&back=/ui/issues",
            &cookie,
        )
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.text
            .contains("claude-a loses <strong>acme/web#1</strong>"),
        "{}",
        page.text
    );
    assert!(page.text.contains("href=\"/ui/issues\">Cancel"));
    let claim = world.claim("claude-a", 1).await;
    let form = format!(
        "repo=acme/web&number=1&claim_id={}&agent_id=claude-a&reason=wrong+agent&back=/ui/issues&idempotency_key=one",
        claim.id
    );
    let heard = world.store.agents(None).await.unwrap();
    let answer = world.post("/ui/act/release", &cookie, &form).await;
    assert_eq!(answer.to(), "/ui/issues");
    let said = world
        .get("/ui/issues", &format!("{cookie}; {}", answer.cookie()))
        .await;
    assert!(said.text.contains("Released: acme/web#1 is offered again."));
    assert!(
        world
            .store
            .claims(&ClaimFilter::default())
            .await
            .unwrap()
            .is_empty()
    );
    // Nobody takes the person for the agent.
    assert_eq!(world.store.agents(None).await.unwrap(), heard);
    let events = world.events().await;
    let last = events
        .iter()
        .rev()
        .find(|event| event.claim == Some(claim.id))
        .unwrap();
    let Principal::Person { by, name } = &last.principal else {
        panic!("a person did it: {last:?}")
    };
    assert_eq!(name, "ann");
    assert!(matches!(&**by, Principal::Key(id) if id.starts_with("key_")));
    assert!(
        world
            .get("/ui/events", &cookie)
            .await
            .text
            .contains(", by ann")
    );
    // A form that is sent twice is one change.
    let again = world.post("/ui/act/release", &cookie, &form).await;
    assert_eq!(again.to(), "/ui/issues");
    assert_eq!(world.events().await, events);
    // And a page that is too old says so.
    let late = world
        .get("/ui/act/release?repo=acme/web&number=1", &cookie)
        .await;
    assert!(
        late.text.contains("No agent has acme/web#1 any more"),
        "{}",
        late.text
    );
}

#[tokio::test]
async fn a_refusal_says_why_and_who_has_it() {
    let world = World::with_work().await;
    let cookie = world.sign_in(KEY).await;
    let claim = world.claim("claude-a", 1).await;
    let form = format!(
        "repo=acme/web&number=1&claim_id={}&agent_id=codex-1",
        claim.id
    );
    let answer = world.post("/ui/act/release", &cookie, &form).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text.contains("Nothing was done"));
    assert!(
        answer
            .text
            .contains("<a href=\"/ui/a/claude-a\">claude-a</a>"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn keys_are_made_once_shown_and_revoked() {
    let world = World::with_work().await;
    let cookie = world.sign_in(KEY).await;
    let form = "name=for+ann&days=7&read_only=on&agent=&repos=acme/web,+acme/api";
    let made = world.post("/ui/act/make-key", &cookie, form).await;
    assert_eq!(made.status, StatusCode::OK);
    let secret = made
        .text
        .split("id=\"secret\">")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    assert!(secret.starts_with("ick_") && secret.len() == 68, "{secret}");
    let keys = world.store.keys().await.unwrap();
    let [key] = &keys[..] else {
        panic!("one key: {keys:?}")
    };
    assert!(key.read_only && key.name.as_str() == "for ann");
    let ann = world.sign_in(secret).await;
    let system = world.get("/ui/system", &cookie).await.text;
    assert!(
        system.contains("for ann")
            && system.contains("read only, in acme/api, acme/web")
            && !system.contains(secret)
    );
    for (bad, words) in [
        ("name=for+ann", "There is a key with the name for ann"),
        ("name=", "name is empty"),
        ("name=x&days=0", "1 to 3650 days"),
        ("name=x&repos=nonsense", "Nothing was done"),
    ] {
        let answer = world.post("/ui/act/make-key", &cookie, bad).await;
        assert!(
            answer.status.is_client_error() && answer.text.contains(words),
            "{bad}: {}",
            answer.text
        );
    }
    assert_eq!(world.store.keys().await.unwrap().len(), 1);
    let revoked = world
        .post("/ui/act/revoke-key", &cookie, &format!("key={}", key.id))
        .await;
    assert_eq!(revoked.to(), "/ui");
    assert_eq!(
        world.get("/ui", &ann).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn work_is_parked_offered_paused_and_goes_on() {
    let world = World::with_work().await;
    let cookie = world.sign_in(KEY).await;
    for (act, fields, words) in [
        (
            "park",
            "repo=acme/web&number=2&note=wait+for+design",
            "Parked: acme/web#2",
        ),
        (
            "offer",
            "repo=acme/web&number=2",
            "acme/web#2 is offered again.",
        ),
        (
            "pause",
            "agent_id=claude-a&note=lunch",
            "work of claude-a is paused",
        ),
        ("resume", "agent_id=claude-a", "work of claude-a goes on"),
        (
            "drain",
            "repo=acme/web",
            "work in acme/web takes no new issues",
        ),
        ("resume", "repo=acme/web", "work in acme/web goes on"),
        (
            "keep",
            "repo=acme/web&number=1",
            "Kept: claude-a has acme/web#1",
        ),
    ] {
        let page = world.get(&format!("/ui/act/{act}?{fields}"), &cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{act}");
        let answer = world.post(&format!("/ui/act/{act}"), &cookie, fields).await;
        assert_eq!(answer.to(), "/ui", "{act}");
        let told = world
            .get("/ui", &format!("{cookie}; {}", answer.cookie()))
            .await
            .text;
        assert!(told.contains(words), "{act}: {told}");
    }
    let page = world
        .post("/ui/act/park", &cookie, "repo=acme/web&number=2")
        .await;
    assert!(page.status.is_client_error() && page.text.contains("note is empty"));
}
