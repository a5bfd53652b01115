//! MCP over HTTP, without a socket.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::Principal;
use issuecommand_executor::{Executor, Surface};
use issuecommand_mcp::{HttpOptions, http_service};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::world::World;

/// The version before the one without a handshake.
const LEGACY: &str = "2025-11-25";
const MODERN: &str = "2026-07-28";

struct Endpoint {
    _world: World,
    executor: Executor,
    options: HttpOptions,
}

/// What came back.
struct Answer {
    status: StatusCode,
    session: Option<String>,
    json: Value,
}

impl Endpoint {
    fn new(options: HttpOptions) -> Self {
        let (world, _stream) = World::open();
        let (service, stop) = (world.service.clone(), CancellationToken::new());
        let executor = Executor::new(service, Surface::Mcp, Duration::from_secs(20), None, stop);
        Self {
            _world: world,
            executor,
            options,
        }
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Response<Bytes> {
        let service = http_service(self.executor.clone(), self.options.clone());
        let (parts, body) = service.oneshot(request).await.unwrap().into_parts();
        Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
    }

    fn post(message: &Value, headers: &[(&str, &str)]) -> Request<Full<Bytes>> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri("/mcp")
            .header(header::HOST, "tracker.example")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json, text/event-stream")
            .extension(Caller::full(Principal::ApiKey));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Full::from(message.to_string())).unwrap()
    }

    async fn ask(&self, message: Value, headers: &[(&str, &str)]) -> Answer {
        let response = self.send(Self::post(&message, headers)).await;
        let session = response.headers().get("mcp-session-id");
        Answer {
            status: response.status(),
            session: session.map(|id| id.to_str().unwrap().to_owned()),
            json: serde_json::from_slice(response.body()).unwrap_or_default(),
        }
    }

    /// A handshake of this client; its session.
    async fn greet(&self, client: &str) -> (String, Value) {
        let hello = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": client, "version": "1"},
        }});
        let answer = self.ask(hello, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.json);
        (answer.session.expect("a session"), answer.json)
    }

    async fn call(&self, session: &str, tool: &str, arguments: Value) -> Value {
        let call = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call",
            "params": {"name": tool, "arguments": arguments}});
        let headers = [
            ("mcp-session-id", session),
            ("mcp-protocol-version", LEGACY),
        ];
        let answer = self.ask(call, &headers).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.json);
        answer.json["result"]["structuredContent"].clone()
    }
}

#[tokio::test]
async fn a_client_gets_a_session_that_names_it() {
    let endpoint = Endpoint::new(HttpOptions::default());
    let (session, hello) = endpoint.greet("Claude Code").await;
    let (client, id) = session.rsplit_once('.').unwrap();
    assert_eq!((client, id.len()), ("claude-code", 32));
    let name = format!("claude-code-{}", &id[..4]);
    let instructions = hello["result"]["instructions"].as_str().unwrap();
    assert!(instructions.contains(&name), "{instructions}");
    let given = endpoint.call(&session, "next_work", json!({})).await;
    assert_eq!(given["agent_id"], json!(name), "{given}");
    assert_eq!(given["claim"]["agent_id"], json!(name), "{given}");
    // Another client of the same make is somebody else.
    let (other, _) = endpoint.greet("Claude Code").await;
    let work = endpoint.call(&other, "get_my_work", json!({})).await;
    assert_eq!(work["work"]["claims"], json!([]), "{work}");
    let work = endpoint.call(&session, "get_my_work", json!({})).await;
    assert_eq!(
        work["work"]["claims"].as_array().unwrap().len(),
        1,
        "{work}"
    );
}

#[tokio::test]
async fn both_eras_of_the_protocol_are_answered() {
    let endpoint = Endpoint::new(HttpOptions::default());
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": {"name": "later", "version": "9"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    for method in ["server/discover", "tools/list", "ping"] {
        let message =
            json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": {"_meta": meta}});
        let headers = [("mcp-protocol-version", MODERN), ("mcp-method", method)];
        let answer = endpoint.ask(message, &headers).await;
        // The newer protocol has no ping.
        let known = method != "ping";
        assert_eq!(
            answer.json.get("result").is_some(),
            known,
            "{method}: {}",
            answer.json
        );
        assert_eq!(answer.session, None);
    }
    for method in ["tools/list", "ping"] {
        let message = json!({"jsonrpc": "2.0", "id": 7, "method": method});
        let answer = endpoint
            .ask(message, &[("mcp-protocol-version", LEGACY)])
            .await;
        assert!(
            answer.json["result"].is_object(),
            "{method}: {}",
            answer.json
        );
    }
}

#[tokio::test]
async fn without_a_session_a_call_names_its_agent() {
    let endpoint = Endpoint::new(HttpOptions::default());
    let call = |arguments: Value| {
        json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call",
            "params": {"name": "next_work", "arguments": arguments}})
    };
    let answer = endpoint.ask(call(json!({})), &[]).await;
    assert_eq!(
        answer.json["result"]["isError"],
        json!(true),
        "{}",
        answer.json
    );
    assert!(
        answer.json.to_string().contains("agent_id"),
        "{}",
        answer.json
    );
    let answer = endpoint.ask(call(json!({"agent_id": "ann"})), &[]).await;
    let given = &answer.json["result"]["structuredContent"];
    assert_eq!(given["claim"]["agent_id"], json!("ann"), "{given}");
}

#[tokio::test]
async fn what_is_no_message_is_refused() {
    let endpoint = Endpoint::new(HttpOptions {
        allowed_hosts: vec!["tracker.example".to_owned()],
        allowed_origins: vec!["https://tracker.example:443".to_owned()],
        ..HttpOptions::default()
    });
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let of = async |headers: &[(&str, &str)]| endpoint.ask(list.clone(), headers).await.status;
    assert_eq!(of(&[]).await, StatusCode::OK);
    assert_eq!(
        of(&[("origin", "https://tracker.example")]).await,
        StatusCode::OK
    );
    assert_eq!(
        of(&[("origin", "https://evil.example")]).await,
        StatusCode::FORBIDDEN
    );
    let mut foreign = Endpoint::post(&list, &[]);
    foreign
        .headers_mut()
        .insert(header::HOST, "evil.example".parse().unwrap());
    assert_eq!(endpoint.send(foreign).await.status(), StatusCode::FORBIDDEN);
    for (method, status) in [
        (Method::GET, StatusCode::METHOD_NOT_ALLOWED),
        (Method::PUT, StatusCode::METHOD_NOT_ALLOWED),
        (Method::DELETE, StatusCode::NO_CONTENT),
    ] {
        let mut request = Endpoint::post(&list, &[]);
        *request.method_mut() = method;
        let response = endpoint.send(request).await;
        assert_eq!(response.status(), status);
        let allow = response.headers().get(header::ALLOW);
        let told = allow.is_some_and(|allow| allow == "POST, DELETE");
        assert_eq!(told, status == StatusCode::METHOD_NOT_ALLOWED);
    }
    let mut broken = Endpoint::post(&list, &[]);
    *broken.body_mut() = Full::from("{");
    assert!(endpoint.send(broken).await.status().is_client_error());
}

#[tokio::test]
async fn a_request_without_a_caller_changes_nothing() {
    let endpoint = Endpoint::new(HttpOptions::default());
    let call = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call",
        "params": {"name": "next_work", "arguments": {"agent_id": "ann"}}});
    let mut request = Endpoint::post(&call, &[]);
    request.extensions_mut().remove::<Caller>();
    let before = endpoint
        .executor
        .service()
        .store()
        .last_event()
        .await
        .unwrap();
    let response = endpoint.send(request).await;
    let text = String::from_utf8_lossy(response.body()).into_owned();
    assert!(text.contains("unauthorized"), "{text}");
    let after = endpoint
        .executor
        .service()
        .store()
        .last_event()
        .await
        .unwrap();
    assert_eq!(before, after);
}
