//! Readers of the event log that resume after its oldest events were trimmed, over real HTTP on each database.

use issuecommand_core::domain::time::Millis;
use serde_json::json;

use crate::world::{API, Http, Setup, StoreKind, Stream, github_with};

on_each_store!(
    a_reader_behind_the_trimmed_end_is_told_where_it_goes_on,
    a_reader_of_a_log_that_was_trimmed_whole_is_told_so,
);

async fn week_later(setup: &Setup) {
    setup.pass(Millis::minutes(8 * 24 * 60));
    let lease = setup.lease().await;
    setup.service.sweep(&lease).await.unwrap();
}

async fn a_reader_behind_the_trimmed_end_is_told_where_it_goes_on(kind: StoreKind) {
    let setup = Setup::synced_on(kind, github_with(3)).await;
    let http = Http::serving(&setup).await;
    setup.claim("ann", API, 1).await.unwrap();
    let seen = setup.store.last_event().await.unwrap();
    setup.claim("ann", API, 2).await.unwrap();
    week_later(&setup).await;
    setup.claim("ann", API, 3).await.unwrap();
    let (oldest, last) = (
        setup.store.oldest_event().await.unwrap(),
        setup.store.last_event().await.unwrap(),
    );
    assert!(
        seen + 1 < oldest && oldest <= last,
        "{seen} {oldest} {last}"
    );

    let mut stream = Stream::open(&http, Some(&seen.to_string())).await;
    let connected = stream.next().await;
    assert_eq!(
        (&*connected.event, &connected.data["event_id"]),
        ("connected", &json!(seen.to_string()))
    );
    let reset = stream.next().await;
    assert_eq!(reset.event, "reset");
    assert_eq!(reset.id, Some((oldest - 1).to_string()));
    assert_eq!(reset.data["event_id"], json!((oldest - 1).to_string()));
    assert_eq!(reset.data["oldest_event_id"], json!(oldest.to_string()));
    assert_eq!(reset.data["reason"], "trimmed");
    for seq in oldest..=last {
        let event = stream.next().await;
        assert_eq!(event.id, Some(seq.to_string()));
    }
    // Disconnected right after the reset, it resumes without another one.
    let mut stream = Stream::open(&http, reset.id.as_deref()).await;
    assert_eq!(stream.next().await.event, "connected");
    assert_eq!(stream.next().await.id, Some(oldest.to_string()));
    // A reader of the last trimmed event misses nothing, and a reader at the end requests nothing.
    for id in [Some((oldest - 1).to_string()), Some(last.to_string()), None] {
        let mut stream = Stream::open(&http, id.as_deref()).await;
        assert_eq!(stream.next().await.event, "connected");
        let lease = setup.lease().await;
        setup.service.sync(&lease).await.unwrap();
        loop {
            let told = stream.next().await;
            assert_ne!(told.event, "reset", "{id:?}");
            if told.event == "sync.reconciled" {
                break;
            }
        }
    }
}

async fn a_reader_of_a_log_that_was_trimmed_whole_is_told_so(kind: StoreKind) {
    let setup = Setup::synced_on(kind, github_with(2)).await;
    let http = Http::serving(&setup).await;
    setup.claim("ann", API, 1).await.unwrap();
    // The first run marks the claim stale, and releases it later; both are events.
    for _ in 0..4 {
        week_later(&setup).await;
    }
    let last = setup.store.last_event().await.unwrap();
    assert_eq!(setup.store.events_after(0, 10).await.unwrap(), []);
    assert_eq!(setup.store.oldest_event().await.unwrap(), last + 1);
    let mut stream = Stream::open(&http, Some("0")).await;
    assert_eq!(stream.next().await.event, "connected");
    let reset = stream.next().await;
    assert_eq!((&*reset.event, reset.id), ("reset", Some(last.to_string())));
    assert_eq!(reset.data["oldest_event_id"], json!((last + 1).to_string()));
    setup.sync().await;
    let next = stream.next().await;
    assert_eq!(next.id, Some((last + 1).to_string()));
    // An id of another database, or of this one before a restore.
    let mut stream = Stream::open(&http, Some(&(last + 1000).to_string())).await;
    assert_eq!(stream.next().await.event, "connected");
    let reset = stream.next().await;
    assert_eq!(
        (&*reset.event, &reset.data["reason"]),
        ("reset", &json!("unknown_event_id"))
    );
}
