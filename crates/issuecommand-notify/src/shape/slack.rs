//! Slack: rich text, in which nothing is markup, and a text for places that show no blocks.

use serde_json::{Value, json};

use super::Shaped;
use crate::message::Message;
use crate::text::{cut, without_mentions};

/// Slack takes 3,000 characters in a text.
const MOST: usize = 2_900;

pub(super) fn shape(message: &Message) -> Shaped {
    let headline = cut(&message.headline(), 300);
    let mut elements = vec![section(&[
        json!({ "type": "text", "text": headline, "style": { "bold": true } }),
    ])];
    let details: Vec<String> = message.details().collect();
    if !details.is_empty() {
        let text = cut(&details.join("\n"), MOST);
        elements.push(section(&[json!({ "type": "text", "text": text })]));
    }
    if let Some(command) = message.shown_command() {
        let code = json!({ "type": "text", "text": cut(&command, 500), "style": { "code": true } });
        elements.push(section(&[code]));
    }
    let mut links = Vec::new();
    for (words, url) in message.links() {
        if !links.is_empty() {
            links.push(json!({ "type": "text", "text": " · " }));
        }
        links.push(json!({ "type": "link", "url": cut(url, MOST), "text": words }));
    }
    if !links.is_empty() {
        elements.push(section(&links));
    }
    Shaped::json(&json!({
        "text": without_mentions(&escape(&headline)),
        "blocks": [{ "type": "rich_text", "elements": elements }],
    }))
}

fn section(elements: &[Value]) -> Value {
    json!({ "type": "rich_text_section", "elements": elements })
}

/// By `<`, `>` and `&` alone Slack finds mentions and links.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
