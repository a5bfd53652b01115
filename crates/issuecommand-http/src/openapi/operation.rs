//! One operation of the document.

use issuecommand_wire::PAGE_LIMIT;
use issuecommand_wire::call::EventSelection;
use issuecommand_wire::params::{Param, ParamType};
use issuecommand_wire::schema::{Components, field};
use serde_json::{Map, Value, json};

use super::links::links;
use super::parts::{self, KEY, answer, failure};
use crate::routes::table::{Answers, CallRoute, Door, Input, Route};

pub(super) fn operation(route: &Route, components: &mut Components) -> Value {
    let mut responses = Map::new();
    let mut parameters = path_parameters(route.path);
    let mut body = None;
    match &route.answers {
        Answers::Call(call) => {
            let schema = (call.answer)(components);
            responses.insert("200".to_owned(), answer("what was asked for", &schema));
            parameters.push(json!({ "$ref": "#/components/parameters/SessionId" }));
            match call.input {
                Input::Query => parameters.extend(query(call.params, route.path)),
                Input::Body => body = Some(request_body(call.params, route.path)),
            }
            if call.params.iter().any(|param| param.name == KEY) {
                parameters.push(json!({ "$ref": "#/components/parameters/IdempotencyKey" }));
            }
            no_answers(call, &mut responses);
        }
        Answers::File(kind) => {
            let kind = kind.split(';').next().unwrap_or_default();
            let file = json!({ "description": "the file", "content": { kind: {} } });
            responses.insert("200".to_owned(), file);
        }
        Answers::Stream => {
            parameters.push(json!({
                "name": "Last-Event-ID",
                "in": "header",
                "description": "go on after the event with this id; what is kept no longer is told by an event `reset`",
                "schema": { "type": "string" },
            }));
            parameters.extend(query(EventSelection::STREAM, route.path));
            let about = "`connected`, then each event of the log with its id, its type and a JSON object (EventRecord) as data; `ping` \
                each 15 seconds, `webhook.rejected` without an id, `reset` where events are missing";
            let stream = json!({ "description": about, "content": { "text/event-stream": {} } });
            responses.insert("200".to_owned(), stream);
            responses.insert("400".to_owned(), failure("400"));
        }
        Answers::Health => {
            let schema = json!({
                "type": "object",
                "properties": { "service": { "const": "issuecommand" }, "ok": { "type": "boolean" } },
                "required": ["service", "ok"],
            });
            responses.insert("200".to_owned(), answer("it is", &schema));
            responses.insert("503".to_owned(), answer("it is not", &schema));
        }
    }
    if route.door != Door::Open {
        for status in ["401", "404", "429", "500", "503"] {
            let failure = || failure(status);
            responses.entry(status).or_insert_with(failure);
        }
    }
    responses.insert("431".to_owned(), parts::head_too_large());
    let id = id(route);
    let links = links(&id);
    if !links.is_empty() {
        responses["200"]["links"] = links.into();
    }
    let mut operation = json!({
        "operationId": id,
        "summary": route.summary,
        "responses": responses,
    });
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(body) = body {
        operation["requestBody"] = body;
    }
    if route.door == Door::Open {
        operation["security"] = json!([]);
    }
    operation
}

/// GitHub's deliveries.
pub(super) fn webhook() -> Value {
    let reply = json!({ "$ref": "#/components/schemas/WebhookReply" });
    let mut responses = json!({
        "200": answer("it was taken before", &reply),
        "202": answer("taken, or of no meaning here", &reply),
    });
    for status in ["400", "401", "408", "413", "429", "500", "503"] {
        responses[status] = failure(status);
    }
    responses["431"] = parts::head_too_large();
    json!({
        "operationId": "webhook",
        "summary": "A delivery of GitHub. It needs no idempotency key: X-GitHub-Delivery is remembered",
        "description": "It proves itself by X-Hub-Signature-256, or by API_KEY.",
        "security": [{ "key": [] }, {}],
        "parameters": [
            header("X-GitHub-Event", true, "GitHub's name of the event"),
            header("X-GitHub-Delivery", false, "GitHub's id of the delivery"),
            header("X-Hub-Signature-256", false, "sha256= and the HMAC-SHA256 of the body in hexadecimal digits"),
        ],
        "requestBody": {
            "required": true,
            "content": { "application/json": { "schema": { "type": "object" } } },
        },
        "responses": responses,
    })
}

fn header(name: &str, required: bool, about: &str) -> Value {
    json!({
        "name": name,
        "in": "header",
        "required": required,
        "description": about,
        "schema": { "type": "string", "pattern": r"^\S+$" },
    })
}

/// The answers to a call that cannot be done.
fn no_answers(call: &CallRoute, responses: &mut Map<String, Value>) {
    for status in ["400", "403"] {
        responses.insert(status.to_owned(), failure(status));
    }
    if call.input == Input::Body {
        for status in ["408", "413"] {
            responses.insert(status.to_owned(), failure(status));
        }
    }
    if call.refuses {
        responses.insert("404".to_owned(), parts::not_found());
        responses.insert("409".to_owned(), parts::refused());
    }
}

/// The method and the path as one word.
fn id(route: &Route) -> String {
    let path = route
        .path
        .trim_start_matches("/api")
        .trim_start_matches('/');
    let words = path.split(['/', '-', '.', '_']).map(|word| {
        let word = word.trim_matches(['{', '}']);
        let (first, rest) = word.split_at_checked(1).unwrap_or_default();
        format!("{}{rest}", first.to_uppercase())
    });
    format!("{}{}", route.method, words.collect::<String>())
}

/// The names in a path.
fn names(path: &str) -> impl Iterator<Item = &str> {
    let parts = path.split('/');
    parts.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn path_parameters(path: &str) -> Vec<Value> {
    let one = |name| {
        let schema = match name {
            "number" => json!({ "type": "integer", "minimum": 1, "maximum": i32::MAX }),
            "owner" | "repo" => json!({ "type": "string", "pattern": "^[A-Za-z0-9_.-]+$" }),
            _ => json!({ "type": "string", "minLength": 1 }),
        };
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    };
    names(path).map(one).collect()
}

/// Whether the path gives this parameter.
fn is_in_path(param: &Param, path: &str) -> bool {
    names(path).any(|name| match name {
        "number" => param.name == "issue_number",
        name => param.name == name,
    })
}

fn query(params: &'static [Param], path: &'static str) -> impl Iterator<Item = Value> {
    let asked = params.iter().filter(|param| !is_in_path(param, path));
    asked.map(|param| {
        let mut schema = schema(param);
        let about = schema
            .as_object_mut()
            .and_then(|schema| schema.remove("description"));
        json!({
            "name": param.name,
            "in": "query",
            "required": param.needed,
            "description": about,
            "schema": schema,
        })
    })
}

fn request_body(params: &[Param], path: &str) -> Value {
    let asked = || params.iter().filter(|param| !is_in_path(param, path));
    let properties: Map<String, Value> = asked()
        .map(|param| (param.name.to_owned(), schema(param)))
        .collect();
    let needed: Vec<&str> = asked()
        .filter(|param| param.needed)
        .map(|param| param.name)
        .collect();
    let schema = json!({ "type": "object", "properties": properties, "required": needed });
    json!({ "required": true, "content": { "application/json": { "schema": schema } } })
}

/// A parameter with its form, which for tools is in words alone.
fn schema(param: &Param) -> Value {
    let mut schema = field(param);
    if *param == PAGE_LIMIT {
        schema["description"] = "how many at most; all when not said".into();
    }
    if *param == EventSelection::TYPES {
        schema["pattern"] = EventSelection::pattern().into();
        return schema;
    }
    match (param.kind, param.name) {
        (ParamType::String, "repo") => schema["pattern"] = REPO.into(),
        (ParamType::String, "agent_id" | "to_agent_id" | "claimed_by_agent_id") => {
            schema["pattern"] = AGENT.into();
            schema["maxLength"] = 200.into();
        }
        (ParamType::String, "cursor") => schema["pattern"] = CURSOR.into(),
        (ParamType::String, _) if param.max_bytes < usize::MAX => {
            schema["maxLength"] = param.max_bytes.into();
            schema["pattern"] = if param.needed { NEEDED_TEXT } else { TEXT }.into();
        }
        _ => {}
    }
    schema
}

/// Text without NUL.
const TEXT: &str = r"^[^\u0000]*$";
/// The same, not blank.
const NEEDED_TEXT: &str = r"^[^\u0000]*[^\s\u0000][^\u0000]*$";
/// A place in a list, and the row there.
const CURSOR: &str = r"^[0-9]{1,9}\.[^\u0000]*$";
const REPO: &str = "^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$";
const AGENT: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";
