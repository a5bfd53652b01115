//! Lines that no proper client sends.

use issuecommand_mcp::End;
use serde_json::{Value, json};

use crate::world::{Mood, Raw, World};

/// A call that works, as the proof that the server is well.
async fn still_well(raw: &mut Raw, id: i64) {
    let answer = raw
        .request(
            id,
            "tools/call",
            json!({ "name": "system_health", "arguments": {} }),
        )
        .await;
    assert_eq!(answer["result"]["isError"], false, "{answer}");
}

fn told(answer: &Value) -> Value {
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    assert_eq!(answer["result"].get("structuredContent"), None);
    assert_eq!(answer["result"]["content"].as_array().unwrap().len(), 1);
    serde_json::from_str(answer["result"]["content"][0]["text"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_call_without_the_form_of_one_is_told_so() {
    let (world, stream) = World::open();
    let mut raw = Raw::met(stream).await;
    let events = world.events().await;
    let calls = [
        json!({ "name": "claim_issue", "arguments": "agent_id=ann" }),
        json!({ "name": "claim_issue", "arguments": ["ann"] }),
        json!({ "name": "claim_issue", "arguments": 7 }),
        json!({ "arguments": {} }),
        json!({ "name": 7 }),
        json!({}),
    ];
    for (id, params) in (10..).zip(calls) {
        let answer = raw.request(id, "tools/call", params.clone()).await;
        let told = told(&answer);
        assert_eq!(
            (&told["ok"], &told["error"]),
            (&json!(false), &json!("request_failed")),
            "{params}"
        );
        assert!(told["message"].as_str().unwrap().contains("JSON object"));
        assert_eq!(answer["result"].get("resultType"), None);
    }
    for (id, arguments) in (30..).zip([
        json!({ "name": "claim_issue" }),
        json!({ "name": "claim_issue", "arguments": null }),
    ]) {
        let answer = raw.request(id, "tools/call", arguments).await;
        assert!(
            told(&answer)["message"]
                .as_str()
                .unwrap()
                .contains("agent_id")
        );
    }
    assert_eq!(world.events().await, events);
    still_well(&mut raw, 40).await;
}

#[tokio::test]
async fn a_method_that_is_not_there_is_a_protocol_error() {
    let (_world, stream) = World::open();
    let mut raw = Raw::met(stream).await;
    for method in [
        "no/such",
        "prompts/get",
        "resources/read",
        "completion/complete",
        "logging/setLevel",
    ] {
        let answer = raw.request(1, method, json!({})).await;
        assert_eq!(answer["error"]["code"], -32601, "{method}: {answer}");
    }
    still_well(&mut raw, 2).await;
}

#[tokio::test]
async fn rubbish_does_not_end_the_session() {
    let (_world, stream) = World::open();
    let mut raw = Raw::met(stream).await;
    for line in [
        &b"not JSON\n"[..],
        b"{\"jsonrpc\":\n",
        b"\xff\xfe\xfd\n",
        b"\n",
        b"\r\n",
    ] {
        raw.bytes(line).await;
    }
    still_well(&mut raw, 1).await;
    for message in [
        json!({}),
        json!([]),
        json!(7),
        json!({ "jsonrpc": "2.0", "id": {}, "method": "ping" }),
    ] {
        raw.send(&message).await;
        let answer = raw.next().await;
        assert_eq!(answer["error"]["code"], -32600, "{message}: {answer}");
    }
    raw.send(&json!({ "jsonrpc": "2.0", "method": "notifications/unheard_of" }))
        .await;
    raw.send(&json!({ "jsonrpc": "2.0", "id": 77, "result": {} }))
        .await;
    still_well(&mut raw, 2).await;
}

#[tokio::test]
async fn a_line_beyond_all_measure_is_passed_over() {
    let (_world, stream) = World::open();
    let mut raw = Raw::met(stream).await;
    let piece = vec![b'x'; 1024 * 1024];
    for _ in 0..17 {
        raw.bytes(&piece).await;
    }
    raw.bytes(b"\n").await;
    still_well(&mut raw, 1).await;
}

#[tokio::test]
async fn an_argument_of_ten_megabytes_is_told_to_be_wrong() {
    let (world, stream) = World::open();
    let mut raw = Raw::met(stream).await;
    let events = world.events().await;
    let agent = "a".repeat(10 * 1024 * 1024);
    let answer = raw
        .request(
            1,
            "tools/call",
            json!({ "name": "next_work", "arguments": { "agent_id": agent } }),
        )
        .await;
    let told = told(&answer);
    assert!(
        told.to_string().len() < 1000 && told["message"].as_str().unwrap().contains("agent_id")
    );
    assert_eq!(world.events().await, events);
}

#[tokio::test]
async fn what_comes_before_the_handshake_and_asks_for_nothing_is_passed_over() {
    let (_world, stream) = World::open();
    let mut raw = Raw::new(stream);
    raw.bytes(b"hello?\n").await;
    raw.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
        .await;
    raw.send(&json!({ "jsonrpc": "2.0", "id": 5, "result": {} }))
        .await;
    assert_eq!(raw.request(1, "ping", json!({})).await["result"], json!({}));
    let early = raw
        .request(2, "tools/call", json!({ "name": "system_health" }))
        .await;
    assert!(early.get("error").is_some());
    raw.send(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 2 } })).await;
    let client = json!({ "name": "raw", "version": "1" });
    let hello =
        json!({ "protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": client });
    assert_eq!(
        raw.request(3, "initialize", hello).await["result"]["serverInfo"]["name"],
        "issuecommand"
    );
    still_well(&mut raw, 4).await;
}

/// `printf … | issuecommand-mcp`: all is sent and the input closed before the first answer.
#[tokio::test]
async fn who_leaves_early_still_hears_what_it_asked_for() {
    let (world, stream) = World::open();
    world.github.be(Mood::Slow);
    let mut raw = Raw::met(stream).await;
    let call = json!({ "name": "next_work", "arguments": { "agent_id": "ann" } });
    raw.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call }))
        .await;
    raw.leave().await;
    let answer = raw.next().await;
    assert_eq!(
        answer["result"]["structuredContent"]["ok"], true,
        "{answer}"
    );
    assert_eq!(raw.next().await, Value::Null);
    assert_eq!(world.end().await, End::ClientLeft);
}

/// The client takes its call back while GitHub is being asked; the claim is made all the same, whole, and can be found.
#[tokio::test]
async fn a_call_that_was_taken_back_is_not_cut_in_two() {
    let (world, stream) = World::open();
    world.github.be(Mood::Slow);
    let mut raw = Raw::met(stream).await;
    let call = json!({ "name": "next_work", "arguments": { "agent_id": "ann" } });
    raw.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call }))
        .await;
    raw.send(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 1 } })).await;
    for id in 2.. {
        let call = json!({ "name": "get_my_work", "arguments": { "agent_id": "ann" } });
        let answer = raw.request(id, "tools/call", call).await;
        let claims = answer["result"]["structuredContent"]["work"]["claims"]
            .as_array()
            .unwrap()
            .clone();
        if let [claim] = &claims[..] {
            assert_eq!(claim["status"], "claimed");
            break;
        }
        assert!(id < 200, "the claim never came");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
