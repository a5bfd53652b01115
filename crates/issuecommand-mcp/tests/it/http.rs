//! MCP over HTTP, without a socket.

mod given_up;

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::id::{AgentId, Principal};
use issuecommand_core::domain::repo_name::RepoName;
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
    world: World,
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
            world,
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
        self.answer(Self::post(&message, headers)).await
    }

    async fn answer(&self, request: Request<Full<Bytes>>) -> Answer {
        let response = self.send(request).await;
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
    for method in ["server/discover", "tools/list", "ping"] {
        let asks = request(MODERN, method, "", json!({}));
        let answer = endpoint.answer(asks).await;
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

/// What each request of the newer era says of its client.
fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": {"name": "later", "version": "9"},
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// A request of either era. The newer one repeats in a header what it is about.
fn request(era: &str, method: &str, name: &str, mut params: Value) -> Request<Full<Bytes>> {
    let mut headers = vec![("mcp-protocol-version", era)];
    if era == MODERN {
        params["_meta"] = meta();
        headers.push(("mcp-method", method));
        headers.extend((!name.is_empty()).then_some(("mcp-name", name)));
    }
    let message = json!({"jsonrpc": "2.0", "id": 3, "method": method, "params": params});
    Endpoint::post(&message, &headers)
}

#[tokio::test]
async fn resources_and_prompts_are_answered_in_both_eras() {
    let endpoint = Endpoint::new(HttpOptions::default());
    let (session, hello) = endpoint.greet("later").await;
    let can = json!({"tools": {}, "resources": {}, "prompts": {}});
    assert_eq!(hello["result"]["capabilities"], can);
    let discover = request(MODERN, "server/discover", "", json!({}));
    let discovered = endpoint.answer(discover).await.json;
    assert_eq!(discovered["result"]["capabilities"], can, "{discovered}");
    endpoint
        .call(&session, "next_work", json!({"agent_id": "ann"}))
        .await;
    for era in [LEGACY, MODERN] {
        let ask = async |method: &str, name: &str, params: Value| {
            let answer = endpoint.answer(request(era, method, name, params)).await;
            assert_eq!(answer.status, StatusCode::OK, "{method}: {}", answer.json);
            answer.json
        };
        let counts = [
            ("resources/list", "resources", 1),
            ("resources/templates/list", "resourceTemplates", 2),
            ("prompts/list", "prompts", 2),
        ];
        for (method, list, count) in counts {
            let told = ask(method, "", json!({})).await;
            assert_eq!(told["result"][list].as_array().unwrap().len(), count);
        }
        let work = "issuecommand://work/ann";
        let read = ask("resources/read", work, json!({"uri": work})).await;
        let text = read["result"]["contents"][0]["text"].as_str().unwrap();
        let held: Value = serde_json::from_str(text).unwrap();
        assert_eq!(held["work"]["claims"][0]["agent_id"], "ann", "{held}");
        let nothing = "issuecommand://nothing";
        let missing = ask("resources/read", nothing, json!({"uri": nothing})).await;
        let code = if era == LEGACY { -32002 } else { -32602 };
        assert_eq!(missing["error"]["code"], code, "{missing}");
        let prompt = json!({"name": "work_loop", "arguments": {"agent_id": "ann"}});
        let prompt = ask("prompts/get", "work_loop", prompt).await;
        let message = &prompt["result"]["messages"][0];
        let text = message["content"]["text"].as_str().unwrap();
        assert!(text.contains(r#"Your agent_id is "ann""#), "{text}");
        assert_eq!(message["role"], "user");
    }
}

/// The keys and scopes of a caller are those that its tools have.
#[tokio::test]
async fn a_resource_is_for_whom_its_tool_is() {
    let endpoint = Endpoint::new(HttpOptions::default());
    let call = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call",
        "params": {"name": "next_work", "arguments": {"agent_id": "ann"}}});
    endpoint.ask(call, &[]).await;
    let ann = AgentId::parse("ann").unwrap();
    let full = Caller::full(Principal::ApiKey);
    let of_ann = Caller {
        agent: Some(ann),
        ..full.clone()
    };
    let of_other = Caller {
        scope: Scope::Only([RepoName::parse("acme/other").unwrap()].into()),
        ..full.clone()
    };
    let read = async |caller: Option<&Caller>, uri: &str| {
        let mut asks = request(LEGACY, "resources/read", uri, json!({"uri": uri}));
        asks.extensions_mut().remove::<Caller>();
        caller.map(|caller| asks.extensions_mut().insert(caller.clone()));
        endpoint.answer(asks).await.json
    };
    let claims = |answer: &Value| {
        let text = answer["result"]["contents"][0]["text"].as_str();
        let told: Value = serde_json::from_str(text.unwrap()).unwrap();
        told["claims"].as_array().unwrap().len()
    };
    let all = "issuecommand://claims";
    assert_eq!(claims(&read(Some(&full), all).await), 1);
    assert_eq!(claims(&read(Some(&of_other), all).await), 0);
    let issue = "issuecommand://issues/acme/api/1";
    for (caller, uri, word) in [
        (
            Some(&of_ann),
            "issuecommand://work/bob",
            "agent_not_allowed",
        ),
        (Some(&of_other), issue, "repo_not_allowed"),
        (None, all, "unauthorized"),
    ] {
        let error = read(caller, uri).await["error"].take();
        let told = (&error["code"], &error["data"]["error"]);
        assert_eq!(told, (&json!(-32602), &json!(word)), "{uri}: {error}");
    }
    // The prompt of a key that is one agent's has that name.
    let mut asks = request(
        LEGACY,
        "prompts/get",
        "work_loop",
        json!({"name": "work_loop"}),
    );
    asks.extensions_mut().insert(of_ann);
    let text = endpoint.answer(asks).await.json.to_string();
    assert!(text.contains(r#"Your agent_id is \"ann\""#), "{text}");
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
}

/// What came back for this body: the status, and the error, of which it is sure that it is one of JSON-RPC.
async fn refused(endpoint: &Endpoint, request: Request<Full<Bytes>>) -> (u16, Value) {
    let response = endpoint.send(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE).cloned();
    let text = String::from_utf8_lossy(response.body()).into_owned();
    assert_eq!(kind.unwrap(), "application/json", "{text}");
    let told: Value = serde_json::from_str(&text).unwrap();
    (response.status().as_u16(), told)
}

#[tokio::test]
async fn a_body_that_is_no_message_is_an_error_of_json_rpc() {
    let endpoint = Endpoint::new(HttpOptions::default());
    let of = |body: &str| {
        let mut request = Endpoint::post(&json!({}), &[]);
        *request.body_mut() = Full::from(body.to_owned());
        request
    };
    for (body, code, id, words) in [
        ("", -32700, json!(null), "The body is empty"),
        (" \n", -32700, json!(null), "The body is empty"),
        (
            r#"{"jsonrpc":"2.0","id":5,"#,
            -32700,
            json!(5),
            "The body is not valid JSON",
        ),
        (
            "{\n  \"jsonrpc\": \"2.0\",\n  \"x\": NaN,\n  \"id\": 6\n}",
            -32700,
            json!(6),
            "JSON has no NaN",
        ),
        (
            r#"{"jsonrpc":"2.0","id":null,"method":"tools/list"}"#,
            -32600,
            json!(null),
            "id must be text or a whole number",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}"#,
            -32600,
            json!(1.5),
            "id must be text or a whole number",
        ),
        ("7", -32600, json!(null), "must be a JSON object"),
        ("[]", -32600, json!(null), "in a request of its own"),
    ] {
        let (status, told) = refused(&endpoint, of(body)).await;
        let error = &told["error"];
        assert_eq!(
            (status, &error["code"]),
            (400, &json!(code)),
            "{body}: {told}"
        );
        assert_eq!(told["id"], id, "{body}: {told}");
        assert!(error["message"].as_str().unwrap().contains(words), "{told}");
    }
    let batch =
        r#"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"ping"}]"#;
    let (status, told) = refused(&endpoint, of(batch)).await;
    assert_eq!(
        (status, &told[0]["id"], &told[1]["id"]),
        (400, &json!(1), &json!(2)),
        "{told}"
    );
    let long = format!("{{\"x\":\"{}\"}}", "x".repeat(1024 * 1024));
    let (status, told) = refused(&endpoint, of(&long)).await;
    assert_eq!((status, &told["error"]["code"]), (413, &json!(-32600)));
    // A notification that means nothing here has no answer.
    let unknown = r#"{"jsonrpc":"2.0","method":"notifications/none"}"#;
    assert_eq!(
        endpoint.send(of(unknown)).await.status(),
        StatusCode::ACCEPTED
    );
    // Half a surrogate pair is read as on the other transport, and a byte order mark is passed over.
    let half = "\u{feff}{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/call\",\"params\":{\"name\":\"next_work\",\"arguments\":{\"agent_id\":\"a\\ud83d\"}}}";
    let answer = endpoint.answer(of(half)).await;
    let told = &answer.json["result"]["structuredContent"];
    assert_eq!(told["claim"]["agent_id"], "a\u{fffd}", "{}", answer.json);
}

#[tokio::test]
async fn whoever_takes_json_is_answered() {
    let endpoint = Endpoint::new(HttpOptions::default());
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    for (accept, good) in [
        (None, true),
        (Some("*/*"), true),
        (Some("application/json"), true),
        (Some("Application/JSON;q=0.9, text/plain"), true),
        (Some("application/json, */*"), true),
        (Some("text/event-stream"), false),
        (Some("text/html"), false),
    ] {
        let mut request = Endpoint::post(&list, &[]);
        request.headers_mut().remove(header::ACCEPT);
        if let Some(accept) = accept {
            let value = accept.parse().unwrap();
            request.headers_mut().insert(header::ACCEPT, value);
        }
        let (status, told) = refused(&endpoint, request).await;
        assert_eq!(status, if good { 200 } else { 406 }, "{accept:?}: {told}");
        assert_eq!(told.get("error").is_none(), good, "{accept:?}: {told}");
    }
    let mut text = Endpoint::post(&list, &[]);
    let kind = "text/plain".parse().unwrap();
    text.headers_mut().insert(header::CONTENT_TYPE, kind);
    let (status, told) = refused(&endpoint, text).await;
    assert_eq!(status, 415);
    assert_eq!(
        told["error"]["message"],
        "Content-Type must be application/json."
    );
}

#[tokio::test]
async fn a_foreign_name_and_an_unknown_method_are_told_in_words() {
    let endpoint = Endpoint::new(HttpOptions {
        allowed_hosts: vec!["tracker.example".to_owned()],
        ..HttpOptions::default()
    });
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let mut foreign = Endpoint::post(&list, &[]);
    let name = "evil.example".parse().unwrap();
    foreign.headers_mut().insert(header::HOST, name);
    let (status, told) = refused(&endpoint, foreign).await;
    let words = told["error"]["message"].as_str().unwrap();
    assert_eq!(status, 403);
    assert!(
        words.contains("evil.example") && words.contains("MCP_ALLOWED_HOSTS"),
        "{words}"
    );
    let page = Endpoint::post(&list, &[("origin", "https://evil.example")]);
    let (status, told) = refused(&endpoint, page).await;
    let words = told["error"]["message"].as_str().unwrap();
    assert_eq!(status, 403);
    assert!(words.contains("MCP_ALLOWED_ORIGINS"), "{words}");
    for method in ["no/such", "completion/complete", "logging/setLevel"] {
        for era in [LEGACY, MODERN] {
            let (_, told) = refused(&endpoint, request(era, method, "", json!({}))).await;
            assert_eq!(told["error"]["code"], -32601, "{method} {era}: {told}");
            let words = told["error"]["message"].as_str().unwrap();
            let named = format!("There is no method {method:?} here");
            assert!(words.starts_with(&named), "{era}: {words}");
        }
    }
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
