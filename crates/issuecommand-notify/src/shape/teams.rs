//! Microsoft Teams: an Adaptive Card for a workflow that posts what a webhook receives. Text runs have no Markdown.

use serde_json::{Value, json};

use super::Shaped;
use crate::message::Message;
use crate::text::cut;

/// A card may have 28 KB.
const MOST: usize = 4_000;

pub(super) fn shape(message: &Message) -> Shaped {
    let headline = json!({
        "type": "TextRun", "text": cut(&message.headline(), 300), "weight": "Bolder", "size": "Medium",
    });
    let mut body = vec![block(&headline)];
    let details: Vec<String> = message.details().collect();
    let text = cut(&details.join("\n"), MOST);
    for line in text.lines() {
        body.push(block(&json!({ "type": "TextRun", "text": line })));
    }
    if let Some(command) = message.shown_command() {
        let command = cut(&command, 500);
        body.push(block(
            &json!({ "type": "TextRun", "text": command, "fontType": "Monospace" }),
        ));
    }
    let links = message.links();
    let actions: Vec<Value> = links
        .map(|(words, url)| json!({ "type": "Action.OpenUrl", "title": words, "url": url }))
        .collect();
    Shaped::json(&json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": body,
                "actions": actions,
            },
        }],
    }))
}

fn block(run: &Value) -> Value {
    json!({ "type": "RichTextBlock", "inlines": [run] })
}
