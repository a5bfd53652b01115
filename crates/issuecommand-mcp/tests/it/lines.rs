//! Malformed and unusual lines.

use issuecommand_mcp::SessionEnd;
use serde_json::{Value, json};

use crate::world::{FakeBehaviour, Raw, World};

/// A call that works, which shows that the server is healthy.
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
async fn a_malformed_tools_call_is_an_error() {
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
async fn an_unknown_method_is_a_protocol_error() {
    let (_world, stream) = World::open();
    let mut raw = Raw::met(stream).await;
    for method in [
        "no/such",
        "resources/subscribe",
        "completion/complete",
        "logging/setLevel",
    ] {
        let answer = raw.request(1, method, json!({})).await;
        assert_eq!(answer["error"]["code"], -32601, "{method}: {answer}");
        let words = answer["error"]["message"].as_str().unwrap();
        let named = format!("There is no method {method:?} here");
        assert!(words.starts_with(&named), "{words}");
    }
    still_well(&mut raw, 2).await;
}

/// The code, the message and the id of the error for a line.
async fn refused(raw: &mut Raw, line: &[u8]) -> (i64, String, Value) {
    raw.bytes(line).await;
    raw.bytes(b"\n").await;
    let answer = raw.next().await;
    let shown = String::from_utf8_lossy(line);
    assert_eq!(answer["jsonrpc"], "2.0", "{shown:.100}: {answer}");
    assert!(answer.get("id").is_some(), "{shown:.100}: {answer}");
    (
        answer["error"]["code"].as_i64().unwrap(),
        answer["error"]["message"].as_str().unwrap().to_owned(),
        answer["id"].clone(),
    )
}

fn call(id: &str, agent: &str) -> String {
    format!(
        r#"{{"method":"tools/call","params":{{"name":"next_work","arguments":{{"agent_id":{agent}}}}},"jsonrpc":"2.0","id":{id}}}"#
    )
}

#[tokio::test]
async fn half_a_surrogate_pair_is_read_as_a_replacement_character() {
    let (_world, stream) = World::open();
    let mut raw = Raw::met(stream).await;
    for (id, (sent, read)) in (1..).zip([
        (r#""ann\ud83d""#, "ann\u{fffd}"),
        (r#""\udc00""#, "\u{fffd}"),
        (r#""a\ud83d\ude00""#, "a\u{1f600}"),
        (r#""\\ud83d""#, r"\ud83d"),
    ]) {
        raw.bytes(call(&id.to_string(), sent).as_bytes()).await;
        raw.bytes(b"\n").await;
        let answer = raw.next().await;
        assert_eq!(answer["id"], id, "{answer}");
        let told = &answer["result"]["structuredContent"];
        if told["ok"] == true {
            assert_eq!(told["claim"]["agent_id"], read, "{answer}");
        } else {
            assert_eq!(told["reason"], "invalid_issue", "{answer}");
        }
        let call = json!({ "name": "get_my_work", "arguments": { "agent_id": read } });
        let mine = raw.request(100 + id, "tools/call", call).await;
        let mine = &mine["result"]["structuredContent"]["work"]["claims"];
        assert_eq!(mine.as_array().unwrap().len(), 1, "{mine}");
    }
}

#[tokio::test]
async fn a_line_that_is_no_json_is_answered_under_its_id() {
    let (world, stream) = World::open();
    let mut raw = Raw::met(stream).await;
    let events = world.events().await;
    let deep = call("\"deep\"", &"[".repeat(200));
    let tower = call("7", &format!("{}{}", "[".repeat(128), "]".repeat(128)));
    let mut utf8 = call("8", r#""ann"#).into_bytes();
    utf8.extend(b"\xc3\x28\"}");
    let wtf8 = [&br#"{"id":9,"x":""#[..], b"\xed\xa0\x80", b"\"}"].concat();
    let cases: Vec<(Vec<u8>, Value, &str)> = vec![
        (call("1", "1e400").into(), json!(1), "number out of range"),
        (call("2", "NaN").into(), json!(2), "no NaN"),
        (call("3", "-Infinity").into(), json!(3), "no Infinity"),
        (
            call("\"four\"", "'ann'").into(),
            json!("four"),
            "not valid JSON",
        ),
        (call("5", r#""a"b""#).into(), json!(5), "not valid JSON"),
        (call("6", "undefined").into(), json!(6), "not valid JSON"),
        (deep.into(), json!("deep"), "nested"),
        (tower.into(), json!(7), "nested"),
        (utf8, json!(8), "not UTF-8"),
        (wtf8, json!(9), "not UTF-8"),
        (
            br#"{"jsonrpc":"2.0","id":10,"method":"tools/call","params":{"name":"next"#.to_vec(),
            json!(10),
            "EOF",
        ),
        (br#"{"jsonrpc":"2.0","id":11"#.to_vec(), json!(null), "EOF"),
        (b"not JSON".to_vec(), json!(null), "not valid JSON"),
        (b"\xff\xfe{\0}\0".to_vec(), json!(null), "not UTF-8"),
        (
            b"curl http://127.0.0.1:3100/api/repos".to_vec(),
            json!(null),
            "JSON object",
        ),
        (b"{} {}".to_vec(), json!(null), "trailing"),
        (
            br#"{"id":12,"a":"tab	"}"#.to_vec(),
            json!(12),
            "control character",
        ),
        (br#"{"id":13,"a":"\x41"}"#.to_vec(), json!(13), "escape"),
    ];
    for (line, id, words) in cases {
        let shown = String::from_utf8_lossy(&line).into_owned();
        let (code, message, answered) = refused(&mut raw, &line).await;
        assert_eq!((code, &answered), (-32700, &id), "{shown:.200}: {message}");
        assert!(message.contains(words), "{shown:.200}: {message}");
        assert!(message.len() < 300, "{message}");
    }
    still_well(&mut raw, 50).await;
    assert_eq!(world.events().await, events);
}

#[tokio::test]
async fn json_that_is_no_message_is_answered_under_its_id() {
    let (_world, stream) = World::open();
    let mut raw = Raw::met(stream).await;
    let big = u64::MAX;
    for (line, id, words) in [
        (json!({}), json!(null), "jsonrpc"),
        (json!([]), json!(null), "Batches"),
        (json!(7), json!(null), "must be a JSON object"),
        (json!("x"), json!(null), "must be a JSON object"),
        (json!({ "id": 1, "method": "ping" }), json!(1), "jsonrpc"),
        (
            json!({ "jsonrpc": "1.0", "id": "a", "method": "ping" }),
            json!("a"),
            "jsonrpc",
        ),
        (
            json!({ "jsonrpc": "2.0", "id": {}, "method": "ping" }),
            json!(null),
            "id must be",
        ),
        (
            json!({ "jsonrpc": "2.0", "id": null, "method": "ping" }),
            json!(null),
            "id must be",
        ),
        (
            json!({ "jsonrpc": "2.0", "id": 1.5, "method": "ping" }),
            json!(1.5),
            "id must be",
        ),
        (
            json!({ "jsonrpc": "2.0", "id": big, "method": "ping" }),
            json!(big),
            "id must be",
        ),
        (
            json!({ "jsonrpc": "2.0", "id": 2 }),
            json!(2),
            "needs a method",
        ),
        (
            json!({ "jsonrpc": "2.0", "id": 3, "method": 7 }),
            json!(3),
            "method must be text",
        ),
        (
            json!({ "jsonrpc": "2.0", "id": 4, "method": "ping", "result": {} }),
            json!(4),
            "neither result",
        ),
        (
            json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": 7 }),
            json!(null),
            "form",
        ),
    ] {
        let line = line.to_string();
        let (code, message, answered) = refused(&mut raw, line.as_bytes()).await;
        assert_eq!((code, &answered), (-32600, &id), "{line}: {message}");
        assert!(message.contains(words), "{line}: {message}");
    }
    // These get no answer.
    for line in [
        json!({ "jsonrpc": "2.0", "method": "notifications/unheard_of" }),
        json!({ "jsonrpc": "2.0", "method": "notifications/unheard_of", "params": 7 }),
        json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": [1] }),
        json!({ "jsonrpc": "2.0", "id": 77, "result": {} }),
        json!({ "jsonrpc": "2.0", "id": null, "error": { "code": -32700, "message": "x" } }),
    ] {
        raw.send(&line).await;
    }
    raw.bytes(b"\n\r\n  \t\n").await;
    still_well(&mut raw, 50).await;
}

#[tokio::test]
async fn each_request_of_a_batch_is_refused() {
    let (world, stream) = World::open();
    let mut raw = Raw::met(stream).await;
    let events = world.events().await;
    let one = |id: Value| {
        json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call",
        "params": { "name": "next_work", "arguments": { "agent_id": "ann" } } })
    };
    let none = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    raw.send(&json!([one(json!(1)), none, one(json!("b"))]))
        .await;
    for id in [json!(1), json!("b")] {
        let answer = raw.next().await;
        assert_eq!(
            (&answer["id"], &answer["error"]["code"]),
            (&id, &json!(-32600))
        );
    }
    let many: Vec<Value> = (0..1000).map(|id| one(json!(id))).collect();
    raw.send(&json!(many)).await;
    for id in 0..100 {
        assert_eq!(raw.next().await["id"], id);
    }
    still_well(&mut raw, 5000).await;
    assert_eq!(world.events().await, events);
}

#[tokio::test]
async fn an_oversized_line_is_skipped_and_answered() {
    let (_world, stream) = World::open();
    let mut raw = Raw::met(stream).await;
    let piece = vec![b'x'; 1024 * 1024];
    for (before, after, id) in [
        ("", "", json!(null)),
        (
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":""#,
            "\"}",
            json!(7),
        ),
        (
            r#"{"method":"tools/call","params":""#,
            r#"","jsonrpc":"2.0","id":"late"}"#,
            json!("late"),
        ),
    ] {
        raw.bytes(before.as_bytes()).await;
        for _ in 0..17 {
            raw.bytes(&piece).await;
        }
        let (code, message, answered) = refused(&mut raw, after.as_bytes()).await;
        assert_eq!((code, answered), (-32600, id));
        assert!(message.contains("16777216 bytes"), "{message}");
    }
    still_well(&mut raw, 1).await;
}

/// Without a line break at its end, as `printf` sends it.
#[tokio::test]
async fn the_last_line_may_lack_a_newline() {
    for (line, id) in [
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, json!(1)),
        (r#"{"jsonrpc":"2.0","id":1,"method":"pi"#, json!(1)),
        (r#"{"jsonrpc""#, json!(null)),
    ] {
        let (world, stream) = World::open();
        let mut raw = Raw::met(stream).await;
        raw.bytes(line.as_bytes()).await;
        raw.leave().await;
        let answer = raw.next().await;
        assert_eq!(answer["id"], id, "{line}: {answer}");
        assert_eq!(raw.next().await, Value::Null);
        assert_eq!(world.end().await, SessionEnd::ClientLeft);
    }
}

/// A client that sends and does not read is not read further, so that memory is bounded; it loses nothing.
#[tokio::test]
async fn reading_stops_while_the_client_does_not_read() {
    let (_world, stream) = World::open();
    let mut raw = Raw::met(stream).await;
    let mut sent = 0_i64;
    loop {
        let call = json!({ "name": "system_health", "arguments": {} });
        let line = json!({ "jsonrpc": "2.0", "id": sent, "method": "tools/call", "params": call });
        let write = raw.send(&line);
        if tokio::time::timeout(std::time::Duration::from_millis(500), write)
            .await
            .is_err()
        {
            break;
        }
        sent += 1;
        // The pipe buffers 64 KB each way, and 128 calls may run.
        assert!(sent < 2000, "all was read");
    }
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..sent {
        let answer = raw.next().await;
        assert_eq!(answer["result"]["isError"], false, "{answer}");
        ids.insert(answer["id"].as_i64().unwrap());
    }
    assert_eq!(ids.len(), usize::try_from(sent).unwrap());
}

/// rmcp answers only one of two concurrent calls with the same id.
#[tokio::test]
async fn calls_of_one_id_are_answered_one_after_the_other() {
    let (world, stream) = World::open();
    world.github.be(FakeBehaviour::Slow);
    let mut raw = Raw::met(stream).await;
    for agent in ["ann", "bob", "eve"] {
        let call = json!({ "name": "next_work", "arguments": { "agent_id": agent } });
        raw.send(&json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": call }))
            .await;
    }
    for agent in ["ann", "bob", "eve"] {
        let answer = raw.next().await;
        assert_eq!(answer["id"], 7);
        let told = &answer["result"]["structuredContent"];
        if told["ok"] == true {
            assert_eq!(told["claim"]["agent_id"], agent, "{answer}");
        }
    }
    still_well(&mut raw, 7).await;
}

/// Calls that are cancelled at once run anyway, and count for the limit of concurrent calls.
#[tokio::test]
async fn cancelled_calls_free_their_slots() {
    let (_world, stream) = World::open();
    let mut raw = Raw::met(stream).await;
    let mut answered = 0;
    for id in 1..=500 {
        let call = json!({ "name": "system_health", "arguments": {} });
        raw.send(&json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": call }))
            .await;
        raw.send(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } })).await;
    }
    raw.send(&json!({ "jsonrpc": "2.0", "id": "last", "method": "ping" }))
        .await;
    while raw.next().await["id"] != "last" {
        answered += 1;
    }
    assert!(answered <= 500);
    still_well(&mut raw, 1000).await;
}

#[tokio::test]
async fn an_argument_of_ten_megabytes_is_rejected() {
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
async fn notifications_before_the_handshake_are_ignored() {
    let (_world, stream) = World::open();
    let mut raw = Raw::new(stream);
    assert_eq!(refused(&mut raw, b"hello?").await.0, -32700);
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
async fn pending_calls_are_answered_after_the_input_closes() {
    let (world, stream) = World::open();
    world.github.be(FakeBehaviour::Slow);
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
    assert_eq!(world.end().await, SessionEnd::ClientLeft);
}

/// The client cancels its call during the GitHub request. The claim is made completely, and can be found.
#[tokio::test]
async fn a_cancelled_call_still_finishes() {
    let (world, stream) = World::open();
    world.github.be(FakeBehaviour::Slow);
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

/// The same if the client leaves at once: the session ends after its calls.
#[tokio::test]
async fn shutdown_waits_for_a_cancelled_call() {
    let (world, stream) = World::open();
    world.github.be(FakeBehaviour::Slow);
    let mut raw = Raw::met(stream).await;
    let call = json!({ "name": "next_work", "arguments": { "agent_id": "ann" } });
    raw.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call }))
        .await;
    // The call has begun when a later one was answered.
    still_well(&mut raw, 2).await;
    raw.send(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 1 } })).await;
    raw.leave().await;
    let service = world.service.clone();
    assert_eq!(world.end().await, SessionEnd::ClientLeft);
    let events = service.store().last_event().await.unwrap();
    assert!(events > 0, "the claim was made before the session was over");
}
