//! The forms that chat services want a message in. Pure: a message becomes the body and headers of a request, or the arguments of a
//! program.
//!
//! Titles, notes and names are texts of strangers. Where a service has a form of text in which nothing is markup and nothing a mention,
//! that form is taken; else the text is escaped.

mod desktop;
mod discord;
mod ntfy;
mod slack;
mod teams;
mod telegram;

pub use self::desktop::{Desktop, desktop};
use crate::message::Message;

/// A chat service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Slack, by an incoming webhook.
    Slack,
    /// Discord, by a webhook.
    Discord,
    /// Microsoft Teams, by a workflow.
    Teams,
    /// ntfy, by the address of a topic.
    Ntfy,
    /// Telegram, by a bot.
    Telegram,
}

/// The body and headers of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shaped {
    /// Headers beside the content type.
    pub headers: Vec<(&'static str, String)>,
    /// The content type.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

impl Shaped {
    fn json(value: &serde_json::Value) -> Self {
        Self {
            headers: Vec::new(),
            content_type: "application/json",
            body: value.to_string(),
        }
    }
}

/// The request for a message. `chat` is the chat of Telegram.
pub fn shape(preset: Preset, message: &Message, chat: Option<&str>) -> Shaped {
    match preset {
        Preset::Slack => slack::shape(message),
        Preset::Discord => discord::shape(message),
        Preset::Teams => teams::shape(message),
        Preset::Ntfy => ntfy::shape(message),
        Preset::Telegram => telegram::shape(message, chat.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests;
