//! OpenAI's Responses API, as far as Codex needs it.

use serde_json::{Value, json};

use super::model::{Provider, Turn, events};

pub(super) struct OpenAi;

impl Provider for OpenAi {
    fn aside(&self, path: &str) -> Option<Value> {
        (!path.contains("/responses")).then(|| json!({ "data": [], "models": [] }))
    }

    fn read(&self, body: &Value) -> Option<Value> {
        let input = body["input"].as_array().unwrap();
        let is_own = |item: &Value| item["role"] == "assistant" || item["type"] == "function_call";
        let said = input.iter().rposition(is_own);
        let new = &input[said.map_or(0, |at| at + 1)..];
        Some(Value::Array(new.to_vec()))
    }

    fn answer(&self, n: usize, body: &Value, turn: &Turn) -> (String, &'static str) {
        let item = match turn {
            Turn::Tool(name, input) => {
                let offered = body["tools"].as_array().unwrap();
                let tool = offered.iter().find(|tool| tool.to_string().contains(name));
                let tool = tool.unwrap_or_else(|| panic!("{name} is not offered: {offered:?}"));
                let mut call = json!({
                    "type": "function_call", "id": format!("fc_{n}"), "call_id": format!("call_{n}"), "name": tool["name"],
                    "arguments": input.to_string(),
                });
                if tool["type"] == "namespace" {
                    call["name"] = json!(name);
                    call["namespace"] = tool["name"].clone();
                }
                call
            }
            Turn::Text(text) => json!({
                "type": "message", "id": format!("msg_{n}"), "role": "assistant",
                "content": [{ "type": "output_text", "text": text }],
            }),
            Turn::Meanwhile(_) => unreachable!("it is no answer"),
        };
        let id = format!("resp_{n}");
        let usage = json!({
            "input_tokens": 1, "input_tokens_details": null, "output_tokens": 1, "output_tokens_details": null, "total_tokens": 2,
        });
        events(&[
            json!({ "type": "response.created", "response": { "id": id } }),
            json!({ "type": "response.output_item.done", "item": item }),
            json!({ "type": "response.completed", "response": { "id": id, "usage": usage } }),
        ])
    }

    fn search(&self, _: &Value, _: &Turn) -> Option<Turn> {
        None
    }
}
