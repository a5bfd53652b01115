//! The content of a notification, for a program or for people.

use issuecommand_core::domain::event::Event;
use issuecommand_core::domain::notification::Notification;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_wire::record::EventRecord;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::concern::Concern;
use crate::endpoint::{EndpointSettings, is_merge};
use crate::message::{Message, Tone};

/// The most bytes that a program is sent.
const BODY_MAX: usize = 20_000;
/// Texts and lists of a longer body are cut to these lengths, the second where the first does not do.
const CUTS: [(usize, usize); 2] = [(1_000, 100), (100, 10)];

/// What the content of an endpoint's notifications is made with.
pub(super) struct Content<'a> {
    pub(super) settings: &'a EndpointSettings,
    /// The address of the dashboard, without a slash at its end.
    pub(super) dashboard: Option<&'a str>,
    pub(super) now: Timestamp,
}

impl Content<'_> {
    /// The notification of an event. Its id follows from the event alone, so that it is the same after a restart and for every
    /// endpoint. The time is a part of it, because a database that was restored counts its events anew.
    pub(super) fn of_event(&self, event: &Event) -> Notification {
        let id = format!("evt_{}_{}", event.seq, event.timestamp.0);
        let record = EventRecord::from(event);
        if !self.settings.is_for_people() {
            let content = body(record.kind, &record.timestamp, &record);
            return self.notification(id, record.kind, content);
        }
        let kind = if is_merge(event) {
            "merged"
        } else {
            record.kind
        };
        let message = self.event_message(kind, &record);
        self.of_message(id, &message)
    }

    /// The notification of a message. `unique` tells it from others about the same.
    pub(super) fn told(&self, message: &Message, unique: &str) -> Notification {
        let text = format!(
            "{}\n{unique}\n{}\n{}",
            self.settings.name, message.key, self.now.0
        );
        let id = format!("msg_{}", hex::encode(&Sha256::digest(text)[..16]));
        self.of_message(id, message)
    }

    fn of_message(&self, id: String, message: &Message) -> Notification {
        let content = if self.settings.is_for_people() {
            serde_json::to_string(message).unwrap_or_default()
        } else {
            body(&message.kind, &self.now.to_string(), message)
        };
        self.notification(id, &message.kind, content)
    }

    fn notification(&self, id: String, kind: &str, content: String) -> Notification {
        let name = &self.settings.name;
        Notification::new(name, id, kind.to_owned(), content, self.now)
    }

    /// The message about something that needs a person, or does not any more.
    pub(super) fn concern(&self, concern: &Concern, tone: Tone) -> Message {
        let page = match (&concern.repo, concern.number, &concern.agent) {
            (Some(repo), Some(number), _) => format!("/ui/i/{repo}/{number}"),
            (_, None, Some(agent)) => format!("/ui/a/{}", path(agent)),
            _ => "/ui".to_owned(),
        };
        let place = match (&concern.repo, concern.number.or(concern.pull)) {
            (Some(repo), Some(number)) => format!("{repo}#{number}"),
            (Some(repo), None) => repo.to_string(),
            (None, _) => String::new(),
        };
        let parts = [place, concern.title.clone().unwrap_or_default()];
        let parts: Vec<&str> = parts
            .iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        let about = match (parts.is_empty(), &concern.agent) {
            (false, _) => Some(parts.join(" ")),
            (true, Some(agent)) => Some(agent.clone()),
            (true, None) => None,
        };
        let is_told_in_title = about.is_none();
        let about = about.unwrap_or_else(|| concern.message.clone());
        let needs_words = tone == Tone::Attention && !is_told_in_title;
        Message {
            tone,
            kind: concern.kind.clone(),
            key: concern.key.clone(),
            title: format!("{}: {about}", concern.label()),
            lines: if needs_words {
                vec![concern.message.clone()]
            } else {
                Vec::new()
            },
            link: self.page(&page),
            github: concern.url.clone(),
            command: concern.command.clone().filter(|_| tone == Tone::Attention),
        }
    }

    /// One message for several.
    pub(super) fn several(&self, tone: Tone, messages: &[Message]) -> Message {
        let rest = messages.len().saturating_sub(super::NAMED);
        let mut lines: Vec<String> = messages
            .iter()
            .take(super::NAMED)
            .map(|one| one.title.clone())
            .collect();
        if rest > 0 {
            lines.push(format!("and {rest} more"));
        }
        let title = match tone {
            Tone::Resolved => format!("{} things do not need you any more", messages.len()),
            Tone::Attention | Tone::Info => format!("{} things need you", messages.len()),
        };
        Message {
            tone,
            kind: "several".to_owned(),
            key: "several".to_owned(),
            title,
            lines,
            link: self.page("/ui"),
            github: None,
            command: (tone == Tone::Attention).then(|| "issuecommand status".to_owned()),
        }
    }

    /// A message that tells of no single thing.
    pub(super) fn info(
        &self,
        kind: &str,
        title: String,
        lines: Vec<String>,
        page: &str,
    ) -> Message {
        Message {
            tone: Tone::Info,
            kind: kind.to_owned(),
            key: kind.to_owned(),
            title,
            lines,
            link: self.page(page),
            github: None,
            command: None,
        }
    }

    fn event_message(&self, kind: &str, record: &EventRecord) -> Message {
        let number = record.issue_number.or(record.pr_number);
        let place = match (&record.repo, number) {
            (Some(repo), Some(number)) => format!(" {repo}#{number}"),
            (Some(repo), None) => format!(" {repo}"),
            (None, _) => String::new(),
        };
        let agent = record.agent_id.as_deref();
        let by = agent.map_or_else(String::new, |agent| format!(" ({agent})"));
        let details = serde_json::to_value(&record.details).unwrap_or_default();
        let note = details.get("note").and_then(Value::as_str);
        let page = match (&record.repo, record.issue_number, agent) {
            (Some(repo), Some(number), _) => format!("/ui/i/{repo}/{number}"),
            (_, None, Some(agent)) => format!("/ui/a/{}", path(agent)),
            _ => "/ui/events".to_owned(),
        };
        let title = match kind {
            "merged" => format!("Merged:{place}{by}"),
            _ => format!("{kind}:{place}{by}"),
        };
        Message {
            lines: note.map(str::to_owned).into_iter().collect(),
            ..self.info(kind, title, Vec::new(), &page)
        }
    }

    fn page(&self, page: &str) -> Option<String> {
        self.dashboard.map(|dashboard| format!("{dashboard}{page}"))
    }
}

/// An agent's name as a part of a path.
fn path(agent: &str) -> String {
    let mut escaped = String::new();
    for byte in agent.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// The body for a program, bounded.
fn body(kind: &str, timestamp: &str, data: &impl Serialize) -> String {
    let mut data = serde_json::to_value(data).unwrap_or_default();
    let mut text = json!({ "type": kind, "timestamp": timestamp, "data": data }).to_string();
    for (texts, lists) in CUTS {
        if text.len() < BODY_MAX {
            break;
        }
        shorten(&mut data, texts, lists);
        text = json!({ "type": kind, "timestamp": timestamp, "data": data }).to_string();
    }
    text
}

fn shorten(value: &mut Value, texts: usize, lists: usize) {
    match value {
        Value::String(text) => *text = crate::text::cut(text, texts),
        Value::Array(parts) => {
            parts.truncate(lists);
            parts
                .iter_mut()
                .for_each(|part| shorten(part, texts, lists));
        }
        Value::Object(parts) => parts
            .values_mut()
            .for_each(|part| shorten(part, texts, lists)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
