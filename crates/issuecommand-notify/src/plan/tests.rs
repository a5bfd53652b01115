//! What is told when, and what is not.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::event::{Details, EventKind, EventOrigin};
use issuecommand_core::domain::id::{AgentId, IssueNumber, Principal};
use issuecommand_core::domain::repo_name::RepoName;
use serde_json::Value;

use super::*;
use crate::endpoint::Table;
use crate::message::{Message, Tone};

const START: Timestamp = Timestamp(1_796_000_000_000);

fn settings(kind: &str, on: &[&str]) -> EndpointSettings {
    let mut table = Table::new();
    let mut put = |key: &str, texts: &[&str]| {
        table.insert(
            key.to_owned(),
            texts.iter().map(|text| (*text).to_owned()).collect(),
        );
    };
    put("kind", &[kind]);
    if kind != "desktop" {
        put("url_env", &["URL"]);
    }
    if kind == "webhook" {
        put("secret_env", &["SECRET"]);
    }
    put("on", on);
    let variable = |name: &str| {
        let text = if name == "URL" {
            "https://hooks.example/x"
        } else {
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        };
        Some(text.to_owned())
    };
    EndpointSettings::read(table, &variable, false).unwrap()
}

fn endpoint() -> Endpoint {
    Endpoint {
        name: "slack".to_owned(),
        kind: "slack".to_owned(),
        cursor: 10,
        disabled: None,
        told: String::new(),
    }
}

fn event(seq: Seq, kind: EventKind, status: ClaimStatus, note: &str) -> Event {
    Event {
        seq,
        kind,
        timestamp: START,
        principal: Principal::Local,
        claim: None,
        item: None,
        repo: Some(RepoName::parse("acme/api").unwrap()),
        number: IssueNumber::new(812),
        pull: None,
        agent: Some(AgentId::parse("codex-2").unwrap()),
        details: Details::Moved {
            source: EventOrigin::Sync,
            status,
            note: Some(note.to_owned()),
        },
    }
}

fn concern(kind: &str, number: i64) -> Concern {
    Concern {
        kind: kind.to_owned(),
        key: format!("{kind}:{number}"),
        repo: Some(RepoName::parse("acme/api").unwrap()),
        number: Some(number),
        pull: None,
        agent: None,
        title: Some("Token does not expire".to_owned()),
        message: "codex-2 has been silent for 2 h".to_owned(),
        command: Some(format!("issuecommand release acme/api#{number}")),
        url: None,
    }
}

/// An endpoint that is looked at again and again.
struct Watch {
    settings: EndpointSettings,
    known: Endpoint,
    now: Timestamp,
}

impl Watch {
    fn new(on: &[&str]) -> Self {
        Self {
            settings: settings("slack", on),
            known: endpoint(),
            now: START,
        }
    }

    fn look(&mut self, after: Millis, concerns: &[Concern]) -> Vec<Message> {
        self.stands(
            after,
            &Situation {
                concerns: concerns.to_vec(),
                ready: 1,
                claims: 1,
            },
        )
    }

    fn stands(&mut self, after: Millis, situation: &Situation) -> Vec<Message> {
        self.now = self.now.plus(after);
        let board = Some("https://board.example");
        let planned = plan(
            &self.settings,
            &self.known,
            &[],
            Some(situation),
            board,
            self.now,
        );
        self.known.told = planned.told;
        let read = |one: &Notification| serde_json::from_str(&one.content).unwrap();
        planned.notifications.iter().map(read).collect()
    }
}

fn titles(messages: &[Message]) -> Vec<(Tone, &str)> {
    messages
        .iter()
        .map(|message| (message.tone, message.title.as_str()))
        .collect()
}

const MINUTE: Millis = Millis::minutes(1);

#[test]
fn a_program_gets_the_event_with_an_id_that_follows_from_it() {
    let settings = settings("webhook", &["claim.*"]);
    let events = [
        event(11, EventKind::ClaimStale, ClaimStatus::Stale, "quiet"),
        event(12, EventKind::FollowupStale, ClaimStatus::Stale, ""),
    ];
    let planned = plan(&settings, &endpoint(), &events, None, None, START);
    assert_eq!(planned.to, 12);
    let [only] = &planned.notifications[..] else {
        panic!("{planned:?}")
    };
    assert_eq!(
        (only.id.as_str(), only.kind.as_str()),
        ("evt_11_1796000000000", "claim.stale")
    );
    let body: Value = serde_json::from_str(&only.content).unwrap();
    assert_eq!(body["type"], "claim.stale");
    assert_eq!(body["timestamp"], "2026-11-30T00:53:20.000Z");
    assert_eq!(body["data"]["event_id"], "11");
    assert_eq!(body["data"]["details"]["note"], "quiet");
    let again = plan(
        &settings,
        &endpoint(),
        &events,
        None,
        None,
        START.plus(MINUTE),
    );
    assert_eq!(again.notifications[0].id, only.id);
}

#[test]
fn a_body_is_bounded() {
    let note = "\u{1}\"\\".repeat(2_700);
    let long = [event(11, EventKind::ClaimStale, ClaimStatus::Stale, &note)];
    let planned = plan(
        &settings("webhook", &["all"]),
        &endpoint(),
        &long,
        None,
        None,
        START,
    );
    let content = &planned.notifications[0].content;
    assert!(content.len() < 20_000, "{}", content.len());
    let body: Value = serde_json::from_str(content).unwrap();
    assert!(
        body["data"]["details"]["note"]
            .as_str()
            .unwrap()
            .ends_with('…')
    );
}

#[test]
fn people_are_told_once_what_needs_them_and_when_it_is_over() {
    let mut watch = Watch::new(&["needs_you"]);
    let stale = [concern("claim_stale", 812)];
    let told = watch.look(Millis(0), &stale);
    assert_eq!(
        told,
        [Message {
            tone: Tone::Attention,
            kind: "claim_stale".to_owned(),
            key: "claim_stale:812".to_owned(),
            title: "Agent silent: acme/api#812 Token does not expire".to_owned(),
            lines: vec!["codex-2 has been silent for 2 h".to_owned()],
            link: Some("https://board.example/ui/i/acme/api/812".to_owned()),
            github: None,
            command: Some("issuecommand release acme/api#812".to_owned()),
        }]
    );
    for _ in 0..40 {
        assert_eq!(watch.look(MINUTE, &stale), []);
    }
    let told = watch.look(MINUTE, &[]);
    assert_eq!(
        titles(&told),
        [(
            Tone::Resolved,
            "Agent silent: acme/api#812 Token does not expire"
        )]
    );
    assert_eq!(watch.look(MINUTE, &[]), []);
}

#[test]
fn one_message_goes_out_about_a_subject_in_a_quarter_of_an_hour() {
    let mut watch = Watch::new(&["needs_you"]);
    let (stale, parked) = (concern("claim_stale", 1), concern("issue_parked", 1));
    assert_eq!(watch.look(Millis(0), std::slice::from_ref(&stale)).len(), 1);
    // It ends, and comes back as something else: said when the time is over, if it is still so.
    assert_eq!(watch.look(MINUTE, &[]).len(), 1);
    for _ in 0..13 {
        assert_eq!(watch.look(MINUTE, std::slice::from_ref(&parked)), []);
    }
    let told = watch.look(MINUTE, std::slice::from_ref(&parked));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].kind, "issue_parked");
    // What came and went meanwhile is not told at all.
    assert_eq!(watch.look(MINUTE, &[parked.clone(), stale.clone()]), []);
    assert_eq!(watch.look(MINUTE, &[parked]), []);
}

#[test]
fn two_needs_of_one_subject_are_one_message_and_over_together() {
    let mut watch = Watch::new(&["needs_you"]);
    let both = [concern("claim_stale", 1), concern("feedback_unclaimed", 1)];
    assert_eq!(watch.look(Millis(0), &both).len(), 1);
    assert_eq!(watch.look(MINUTE, &both[1..]), []);
    assert_eq!(watch.look(MINUTE, &[]).len(), 1);
}

#[test]
fn many_needs_at_once_are_one_message() {
    let mut watch = Watch::new(&["needs_you"]);
    let many: Vec<Concern> = (1..=37).map(|n| concern("claim_stale", n)).collect();
    let told = watch.look(Millis(0), &many);
    assert_eq!(titles(&told), [(Tone::Attention, "37 things need you")]);
    assert_eq!(told[0].lines.len(), 11);
    assert_eq!(told[0].lines[10], "and 27 more");
    assert_eq!(
        titles(&watch.look(MINUTE, &[])),
        [(Tone::Resolved, "37 things do not need you any more")]
    );
}

#[test]
fn repositories_and_words_confine_what_is_told() {
    let mut watch = Watch::new(&["queue_empty"]);
    assert_eq!(watch.look(Millis(0), &[concern("claim_stale", 1)]), []);
    let elsewhere = Concern {
        repo: Some(RepoName::parse("acme/web").unwrap()),
        ..concern("claim_stale", 1)
    };
    let mut watch = Watch::new(&["needs_you"]);
    watch.settings.on.repos = vec![RepoName::parse("acme/api").unwrap()];
    let none = Concern {
        repo: None,
        number: None,
        ..concern("deliveries_dead", 1)
    };
    assert_eq!(watch.look(Millis(0), &[elsewhere, none]), []);
    assert_eq!(watch.look(Millis(0), &[concern("claim_stale", 1)]).len(), 1);
}

#[test]
fn turns_are_told_when_they_happen() {
    let mut watch = Watch::new(&["queue_empty", "agents_idle"]);
    let stands = |ready, claims| Situation {
        concerns: Vec::new(),
        ready,
        claims,
    };
    assert_eq!(watch.stands(MINUTE, &stands(0, 0)), []);
    assert_eq!(watch.stands(MINUTE, &stands(3, 1)), []);
    let told = watch.stands(MINUTE, &stands(0, 1));
    assert_eq!(titles(&told), [(Tone::Info, "No issue is left to take")]);
    let told = watch.stands(MINUTE, &stands(0, 0));
    assert_eq!(titles(&told), [(Tone::Info, "No agent has work any more")]);
    assert_eq!(watch.stands(MINUTE, &stands(0, 0)), []);
}

#[test]
fn a_digest_comes_once_a_day() {
    let mut watch = Watch::new(&["digest"]);
    let mut told = Vec::new();
    for _ in 0..3 * 24 * 4 {
        told.extend(watch.look(Millis::minutes(15), &[concern("claim_stale", 1)]));
    }
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told.iter()
            .all(|one| one.kind == "digest" && one.lines.len() == 4)
    );
}

#[test]
fn a_merge_is_told_where_it_was_asked_for() {
    let merge = [
        event(11, EventKind::ClaimUpdated, ClaimStatus::InProgress, ""),
        event(12, EventKind::ClaimUpdated, ClaimStatus::PrMerged, "done"),
    ];
    let planned = plan(
        &settings("slack", &["merged"]),
        &endpoint(),
        &merge,
        None,
        None,
        START,
    );
    let [only] = &planned.notifications[..] else {
        panic!("{planned:?}")
    };
    let message: Message = serde_json::from_str(&only.content).unwrap();
    assert_eq!(message.title, "Merged: acme/api#812 (codex-2)");
    assert_eq!(message.lines, ["done"]);
}
