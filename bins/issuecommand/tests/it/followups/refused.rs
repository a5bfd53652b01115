//! Invalid deliveries are not stored, and are sent to current readers of the event stream.

use issuecommand_github_emulator::sign;
use serde_json::json;

use super::talk::{say, site};
use crate::harness::{Events, Http, Program, SECRET, Store};

on_each_store!(a_rejected_delivery_is_not_stored_and_is_streamed);

const HOOK: &str = "/api/webhooks/github";

/// Name, proof and body; the expected status and reason.
type Case<'a> = (&'a str, (&'a str, String), &'a [u8], u16, &'a str);

fn a_rejected_delivery_is_not_stored_and_is_streamed(store: Store) {
    let site = site(store, 1, 1);
    let mut server = site.program(Program::Http).start();
    server.wait_until_logged("synced with GitHub", crate::harness::PATIENCE);
    let address = server.address();
    let http = Http::at(&address);
    let told = site.github.world(|world| say(world, 2, 2)).remove(0);
    let good = told.delivery.body.clone().into_bytes();
    let signed = |body: &[u8]| ("x-hub-signature-256", sign(SECRET, body));
    let mut forged = good.clone();
    *forged.last_mut().unwrap() = b' ';
    let (deep, text) = ("[".repeat(100_000), b"{\"a\":\"\xff\xfe\"}");
    let large = vec![b' '; 2 * 1024 * 1024];
    let sha1 = "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59".to_owned();
    let cases: [Case<'_>; 10] = [
        ("forged", signed(&good), &forged, 401, "invalid_signature"),
        (
            "another secret",
            ("x-hub-signature-256", sign("another", &good)),
            &good,
            401,
            "invalid_signature",
        ),
        (
            "blank secret",
            ("x-hub-signature-256", sign("", &good)),
            &good,
            401,
            "invalid_signature",
        ),
        (
            "unsigned",
            ("accept", "*/*".to_owned()),
            &good,
            401,
            "missing_valid_signature_or_api_key",
        ),
        (
            "sha1 alone",
            ("x-hub-signature", sha1.clone()),
            &good,
            401,
            "missing_valid_signature_or_api_key",
        ),
        (
            "sha1 as sha256",
            ("x-hub-signature-256", sha1),
            &good,
            401,
            "invalid_signature",
        ),
        (
            "not UTF-8",
            signed(text),
            text,
            400,
            "The body is not UTF-8.",
        ),
        (
            "too deep",
            signed(deep.as_bytes()),
            deep.as_bytes(),
            400,
            "recursion limit exceeded",
        ),
        (
            "no object",
            signed(b"[]"),
            b"[]",
            400,
            "payload_must_be_an_object",
        ),
        // Unsigned, with only its head sent: it is refused before the body arrives.
        ("too large", signed(b""), &large, 413, "payload_too_large"),
    ];
    let before = site.rows();
    let mut live = Events::open(&address);
    for (what, (header, value), body, status, reason) in cases {
        let headers = [
            ("x-github-event", "issue_comment"),
            ("x-github-delivery", told.delivery.id.as_str()),
            (header, value.as_str()),
        ];
        // The response to an unread body may be cut off by the end of the connection.
        match http.send("POST", HOOK, &headers, body) {
            Ok(reply) => {
                assert_eq!(
                    (reply.status, &reply.body["ok"]),
                    (status, &json!(false)),
                    "{what}"
                );
            }
            Err(broken) => assert_eq!(status, 413, "{what}: {broken:?}"),
        }
        let heard = live
            .find(|event, _| event != "ping")
            .expect("a live stream");
        assert_eq!(heard["type"], "webhook.rejected", "{what}: {heard}");
        let told = heard["details"]["reason"].as_str().unwrap();
        assert!(told.contains(reason), "{what}: {heard}");
    }
    assert_eq!(site.rows(), before, "nothing is stored");

    // The same id with a valid signature is new.
    assert_eq!(http.deliver(&told.delivery).unwrap().body["created"], true);
    let heard = live
        .find(|event, _| event != "ping")
        .expect("a live stream");
    assert_eq!(heard["type"], "followup.created", "{heard}");
    assert_ne!(site.rows(), before);
}
