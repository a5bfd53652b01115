//! The stream of a tab. Tokio's time stands still and jumps to the next timer, so that these take no time.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout};

use crate::world::{HOST, KEY, World};

/// The stream of a page.
struct Tab(BodyDataStream);

impl Tab {
    async fn open(world: &World, page: &str, cookie: &str) -> Self {
        let page: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
        let request = Request::builder()
            .uri(format!("/ui/stream?page={page}"))
            .header(header::HOST, HOST)
            .header(header::COOKIE, cookie)
            .body(Body::empty())
            .unwrap();
        let response = world.answer(request).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/event-stream"
        );
        Self(response.into_body().into_data_stream())
    }

    /// The next message; `None` at the end of the stream.
    async fn message(&mut self) -> Option<String> {
        let piece = self.0.next().await?.unwrap();
        Some(String::from_utf8(piece.to_vec()).unwrap())
    }

    /// The next rendering.
    async fn rendering(&mut self) -> String {
        loop {
            let message = self.message().await.expect("the stream goes on");
            if message.starts_with("id: ") {
                return message;
            }
            assert!(message == "event: ping\ndata: \n\n" || message == ":\n\n");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_tab_gets_the_screen_at_once_and_when_something_happens() {
    let world = World::with_work().await;
    let cookie = world.sign_in(KEY).await;
    let mut tab = Tab::open(&world, "/ui/issues?state=held", &cookie).await;
    assert_eq!(
        tab.message().await.as_deref(),
        Some("event: ping\ndata: \n\n")
    );
    let first = tab.rendering().await;
    assert!(
        first.contains("acme/web#1") && !first.contains("acme/web#2"),
        "{first}"
    );
    assert!(first.contains("<span id=\"facts\" hx-swap-oob=\"innerHTML\">"));
    let begin = Instant::now();
    world.claim("codex-1", 2).await;
    let second = tab.rendering().await;
    assert!(second.contains("acme/web#2"), "{second}");
    assert!(
        begin.elapsed() <= Duration::from_secs(2),
        "{:?}",
        begin.elapsed()
    );
    let id = |text: &str| {
        text["id: ".len()..]
            .lines()
            .next()
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    assert!(id(&second) > id(&first));
    // A line of a screen is a line of the message, whatever is in it.
    for line in second.lines().skip(1).filter(|line| !line.is_empty()) {
        assert!(line.starts_with("data: "), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tab_hears_that_it_lives() {
    let world = World::with_work().await;
    let cookie = world.sign_in(KEY).await;
    let mut tab = Tab::open(&world, "/ui", &cookie).await;
    for _ in 0..20 {
        let begin = Instant::now();
        tab.message().await.unwrap();
        assert!(
            begin.elapsed() <= Duration::from_secs(3),
            "{:?}",
            begin.elapsed()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_tab_ends_with_its_key() {
    let world = World::with_work().await;
    let secret = world.key("ann", |key| key).await;
    let cookie = world.sign_in(&secret).await;
    let mut tab = Tab::open(&world, "/ui", &cookie).await;
    tab.rendering().await;
    world.revoke("ann").await;
    let until_end = async {
        let mut last = String::new();
        while let Some(message) = tab.message().await {
            last = message;
        }
        last
    };
    let last = timeout(Duration::from_secs(10), until_end)
        .await
        .expect("it ends");
    assert_eq!(last, "event: ended\ndata: \n\n");
}

#[tokio::test(start_paused = true)]
async fn only_screens_have_streams() {
    let world = World::with_work().await;
    let cookie = world.sign_in(KEY).await;
    for page in [
        "/ui/act/release",
        "/ui/sign-out",
        "/api/claims",
        "https://evil.example/ui",
        "/ui/i/acme",
    ] {
        let page: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
        let answer = world.get(&format!("/ui/stream?page={page}"), &cookie).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{page}");
    }
}

/// So many tabs, and so many events a second for some seconds.
#[tokio::test(start_paused = true)]
async fn many_tabs_and_many_events_cost_few_renderings() {
    let world = World::with_work().await;
    let cookie = world.sign_in(KEY).await;
    let mut tabs = Vec::new();
    for _ in 0..200 {
        tabs.push(Tab::open(&world, "/ui/events", &cookie).await);
    }
    for tab in &mut tabs {
        tab.rendering().await;
    }
    let seconds = 4;
    let working = async {
        for n in 0..seconds * 1_000 {
            let action = if n % 2 == 0 { "pause" } else { "resume" };
            world.set_work(action, "busy", &format!("event {n}")).await;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let reading = tabs.iter_mut().map(|tab| async {
        let mut renderings = Vec::new();
        let read = async {
            loop {
                renderings.push(tab.rendering().await);
            }
        };
        let _ = timeout(Duration::from_secs(seconds), read).await;
        renderings
    });
    let ((), seen) = tokio::join!(working, futures_util::future::join_all(reading));
    let mut different = std::collections::BTreeSet::new();
    for renderings in &seen {
        // Twice a second at most, and one that was on its way.
        assert!(
            (2..=9).contains(&renderings.len()),
            "{} renderings",
            renderings.len()
        );
        different.extend(renderings.iter().cloned());
    }
    assert!(
        different.len() <= 9,
        "{} different renderings",
        different.len()
    );
    assert!(
        seen[0].last().unwrap().contains("event "),
        "the newest events are seen"
    );
}

/// A reader who reads nothing for a while gets the newest screen next, and nothing was kept for it.
#[tokio::test(start_paused = true)]
async fn a_slow_tab_gets_the_newest_screen() {
    let world = World::with_work().await;
    let cookie = world.sign_in(KEY).await;
    let mut tab = Tab::open(&world, "/ui/events", &cookie).await;
    tab.rendering().await;
    for n in 0..50 {
        world.set_work("pause", &format!("agent-{n}"), "slow").await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let next = tab.rendering().await;
    assert!(next.contains("agent-49"), "{next}");
}
