//! What an endpoint was told: which needs are open, and about which subjects a message went out lately.

use std::collections::{BTreeMap, BTreeSet};

use issuecommand_core::domain::event::Event;
use issuecommand_core::domain::notification::Notification;
use issuecommand_core::domain::time::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::content::Content;
use super::{SINGLE, Situation, WINDOW};
use crate::concern::Concern;
use crate::endpoint::{Topic, is_merge};
use crate::message::{Message, Tone};

/// The hour from which the daily message is sent.
const DIGEST_HOUR: i8 = 9;

/// What an endpoint was told, as the store keeps it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ToldState {
    /// What needs a person, by key, as it was told.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    open: BTreeMap<String, Concern>,
    /// When the last message went out about each subject.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    lately: BTreeMap<String, Timestamp>,
    /// There were issues to take at the last look.
    #[serde(skip_serializing_if = "Option::is_none")]
    had_issues: Option<bool>,
    /// There were claims at the last look.
    #[serde(skip_serializing_if = "Option::is_none")]
    had_claims: Option<bool>,
    /// The day of the last digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    /// Merges since then.
    #[serde(skip_serializing_if = "is_zero")]
    merges: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl ToldState {
    pub(super) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    pub(super) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Counts an event for the digest.
    pub(super) fn count(&mut self, event: &Event) {
        if is_merge(event) {
            self.merges += 1;
        }
    }

    /// The messages about what needs a person now, and about what was told and is over.
    pub(super) fn concerns(
        &mut self,
        content: &Content<'_>,
        concerns: &[Concern],
    ) -> Vec<Notification> {
        let now = content.now;
        self.lately.retain(|_, at| at.plus(WINDOW) > now);
        let on = &content.settings.on;
        let wanted =
            |concern: &&Concern| on.is_told(Topic::NeedsYou) && on.has_repo(concern.repo.as_ref());
        let present: BTreeMap<&str, &Concern> = concerns
            .iter()
            .filter(wanted)
            .map(|concern| (concern.key.as_str(), concern))
            .collect();
        let is_over = |key: &str| !present.contains_key(key);
        let over: Vec<String> = self
            .open
            .keys()
            .filter(|key| is_over(key))
            .cloned()
            .collect();
        let over: Vec<Concern> = over
            .iter()
            .filter_map(|key| self.open.remove(key))
            .collect();
        // In the order of the list, the most urgent first.
        let mut fresh = Vec::new();
        let mut subjects = BTreeSet::new();
        for concern in concerns.iter().filter(wanted) {
            let subject = concern.subject();
            if self.open.contains_key(&concern.key) || self.lately.contains_key(&subject) {
                continue;
            }
            // What is about the same subject is said with the first of it.
            if subjects.insert(subject) {
                fresh.push(concern);
            }
            self.open.insert(concern.key.clone(), concern.clone());
        }
        self.lately
            .extend(subjects.into_iter().map(|subject| (subject, now)));
        // A subject that still needs a person is not over, and it is one message whatever was told of it.
        let still: BTreeSet<String> = self.open.values().map(Concern::subject).collect();
        let mut ended = BTreeSet::new();
        let resolved = over.iter().filter(|concern| {
            let subject = concern.subject();
            !still.contains(&subject) && ended.insert(subject)
        });
        let mut notifications = messages(content, Tone::Attention, fresh.into_iter());
        notifications.extend(messages(content, Tone::Resolved, resolved));
        notifications
    }

    /// The messages about what has turned since the last look, and the digest.
    pub(super) fn turns(
        &mut self,
        content: &Content<'_>,
        situation: &Situation,
    ) -> Vec<Notification> {
        let on = &content.settings.on;
        let mut told = Vec::new();
        let has_issues = situation.ready > 0;
        if on.is_told(Topic::QueueEmpty) && self.had_issues == Some(true) && !has_issues {
            let title = "No issue is left to take".to_owned();
            told.push(content.info("queue_empty", title, Vec::new(), "/ui/issues"));
        }
        self.had_issues = on.is_told(Topic::QueueEmpty).then_some(has_issues);
        let has_claims = situation.claims > 0;
        if on.is_told(Topic::AgentsIdle) && self.had_claims == Some(true) && !has_claims {
            let title = "No agent has work any more".to_owned();
            told.push(content.info("agents_idle", title, Vec::new(), "/ui/agents"));
        }
        self.had_claims = on.is_told(Topic::AgentsIdle).then_some(has_claims);
        if on.is_told(Topic::Digest) {
            told.extend(self.digest(content, situation));
        }
        told.iter()
            .map(|message| content.told(message, ""))
            .collect()
    }

    fn digest(&mut self, content: &Content<'_>, situation: &Situation) -> Option<Message> {
        let quiet = content.settings.quiet.as_ref();
        let zone = quiet.map_or_else(TimeZone::system, |quiet| quiet.zone().clone());
        let instant = jiff::Timestamp::from_millisecond(content.now.0).ok()?;
        let here = instant.to_zoned(zone);
        let today = here.date().to_string();
        // The first look is no report of a day.
        if self.digest.is_none() {
            let is_late = here.hour() >= DIGEST_HOUR;
            self.digest = Some(if is_late { today } else { String::new() });
            return None;
        }
        if here.hour() < DIGEST_HOUR || self.digest.as_ref() == Some(&today) {
            return None;
        }
        self.digest = Some(today);
        let merges = std::mem::take(&mut self.merges);
        let lines = vec![
            format!("merged: {merges}"),
            format!("claims at work: {}", situation.claims),
            format!("issues to take: {}", situation.ready),
            format!("needs a person: {}", situation.concerns.len()),
        ];
        Some(content.info("digest", "How things stand".to_owned(), lines, "/ui"))
    }
}

/// A notification for each, or one for all where they are many.
fn messages<'a>(
    content: &Content<'_>,
    tone: Tone,
    concerns: impl Iterator<Item = &'a Concern>,
) -> Vec<Notification> {
    let of = |concern: &Concern| content.concern(concern, tone);
    let messages: Vec<Message> = concerns.map(of).collect();
    let unique = match tone {
        Tone::Resolved => "resolved",
        Tone::Attention | Tone::Info => "open",
    };
    if messages.len() > SINGLE {
        let one = content.several(tone, &messages);
        return vec![content.told(&one, unique)];
    }
    messages
        .iter()
        .map(|message| content.told(message, unique))
        .collect()
}
