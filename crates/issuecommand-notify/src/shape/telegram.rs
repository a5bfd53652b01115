//! Telegram: plain text without a parse mode, in which nothing is markup.

use serde_json::json;

use super::Shaped;
use crate::message::Message;
use crate::text::{cut, without_mentions};

pub(super) fn shape(message: &Message, chat: &str) -> Shaped {
    let mut lines = vec![without_mentions(&cut(&message.headline(), 300))];
    let details: Vec<String> = message.details().collect();
    if !details.is_empty() {
        lines.push(without_mentions(&cut(&details.join("\n"), 2_500)));
    }
    lines.extend(
        message
            .shown_command()
            .map(|command| without_mentions(&cut(&command, 500))),
    );
    lines.extend(
        message
            .links()
            .map(|(words, url)| format!("{words}: {}", cut(url, 300))),
    );
    Shaped::json(&json!({
        "chat_id": chat,
        "text": cut(&lines.join("\n"), 4_096),
        "link_preview_options": { "is_disabled": true },
    }))
}
