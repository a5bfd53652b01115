//! Anthropic's Messages API, as far as Claude Code needs it.

use serde_json::{Value, json};

use super::model::{Provider, Turn, events};

pub(super) struct Anthropic;

impl Provider for Anthropic {
    fn aside(&self, path: &str) -> Option<Value> {
        if !path.starts_with("/v1/messages") {
            return Some(json!({}));
        }
        path.contains("count_tokens")
            .then(|| json!({ "input_tokens": 1 }))
    }

    fn read(&self, body: &Value) -> Option<Value> {
        if tools(body).len() <= 3 {
            return None;
        }
        let messages = body["messages"].as_array().unwrap();
        let said = messages
            .iter()
            .rposition(|message| message["role"] == "assistant");
        let new = &messages[said.map_or(0, |at| at + 1)..];
        Some(Value::Array(new.to_vec()))
    }

    fn answer(&self, n: usize, body: &Value, turn: &Turn) -> (String, &'static str) {
        let id = format!("toolu_{n}");
        let (begin, delta, block, stop) = match turn {
            Turn::Tool(name, input) => {
                let name = tools(body)
                    .into_iter()
                    .find(|it| it.ends_with(name))
                    .expect(name);
                let begin = json!({ "type": "tool_use", "id": id, "name": name, "input": {} });
                let delta =
                    json!({ "type": "input_json_delta", "partial_json": input.to_string() });
                let block = json!({ "type": "tool_use", "id": id, "name": name, "input": input });
                (begin, delta, block, "tool_use")
            }
            Turn::Text(text) => {
                let begin = json!({ "type": "text", "text": "" });
                let delta = json!({ "type": "text_delta", "text": text });
                (
                    begin,
                    delta,
                    json!({ "type": "text", "text": text }),
                    "end_turn",
                )
            }
            Turn::Meanwhile(_) => unreachable!("it is no answer"),
        };
        let message = json!({
            "id": format!("msg_{n}"), "type": "message", "role": "assistant", "model": body["model"], "content": [],
            "stop_reason": null, "stop_sequence": null, "usage": { "input_tokens": 1, "output_tokens": 1 },
        });
        if body["stream"] != true {
            let mut whole = message;
            whole["content"] = json!([block]);
            whole["stop_reason"] = json!(stop);
            return (whole.to_string(), "application/json");
        }
        events(&[
            json!({ "type": "message_start", "message": message }),
            json!({ "type": "content_block_start", "index": 0, "content_block": begin }),
            json!({ "type": "content_block_delta", "index": 0, "delta": delta }),
            json!({ "type": "content_block_stop", "index": 0 }),
            json!({ "type": "message_delta", "delta": { "stop_reason": stop, "stop_sequence": null }, "usage": { "output_tokens": 1 } }),
            json!({ "type": "message_stop" }),
        ])
    }

    /// Claude Code shows the model names of MCP tools alone, and what they take once it has searched for them.
    fn search(&self, body: &Value, turn: &Turn) -> Option<Turn> {
        let Turn::Tool(name, _) = turn else {
            return None;
        };
        let offered = tools(body).iter().any(|tool| tool.ends_with(name));
        let query = json!({ "query": format!("select:mcp__issuecommand__{name}") });
        (!offered).then(|| Turn::Tool("ToolSearch", query))
    }
}

fn tools(body: &Value) -> Vec<String> {
    let tools = body["tools"].as_array().into_iter().flatten();
    tools
        .filter_map(|tool| tool["name"].as_str().map(str::to_owned))
        .collect()
}
