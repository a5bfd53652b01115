//! `issuecommand watch`: the live table of who holds what, and what a person may do about it.

mod keys;

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use clap::Args;
use issuecommand_core::domain::event::Seq;
use issuecommand_wire::call::{ExplainWork, GetAllClaims, ListEvents, ReleaseIssue};
use jiff::Timestamp;
use tokio::time::{interval, timeout};

use self::keys::{Key, Keys};
use super::channel::{Channel, Given};
use super::claims::Claim;
use super::failure::Failure;
use super::sentences::{sentence, subject};
use super::terminal::{Typing, TypingMode};
use super::{Common, Here};
use crate::live::{Picture, Row, ScreenSize, TerminalGuard, draw, over, put};
use crate::text::{long_length, one_line};

/// How often ages are drawn anew.
const FRAME: Duration = Duration::from_secs(1);
/// How long a change is waited for before everything is read again.
const AT_LEAST: Duration = Duration::from_secs(10);
/// How many lines of what happened are kept.
const KEPT: usize = 50;
/// How many events are read at once.
const PAGE: u32 = 100;

/// Nothing but what all commands take.
#[derive(Args, Clone, Debug)]
pub struct WatchArgs {
    #[command(flatten)]
    pub(super) common: Common,
}

/// What is shown.
#[derive(Debug, Default)]
struct Sight {
    claims: Vec<Claim>,
    /// The same as the API has them.
    values: Vec<serde_json::Value>,
    lately: Vec<String>,
    after: Seq,
    chosen: usize,
    /// The id of the chosen claim, which stays chosen when rows come and go.
    chosen_claim: String,
    /// The claim whose release waits for a yes.
    asks: Option<Claim>,
    /// What there is to say, above the foot.
    said: Vec<String>,
}

pub(super) async fn run(here: &mut Here, _: WatchArgs) -> Result<(), Failure> {
    if here.output.json || !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Failure::usage("watch is for a person at a terminal")
            .hint("For programs: issuecommand events --follow --json"));
    }
    let mut sight = Sight {
        after: last(&here.channel).await?,
        ..Sight::default()
    };
    sight.read(&here.channel).await?;
    let _mode = TypingMode::begin(Typing::Keys);
    let _guard = TerminalGuard::begin_apart();
    let mut keys = Keys::begin();
    let mut frames = interval(FRAME);
    let mut trouble: Option<String> = None;
    loop {
        let text = sight.draw(&here.channel.place(), trouble.as_deref());
        put(&over(&text)).map_err(|_| Failure::reader_gone())?;
        tokio::select! {
            key = keys.next() => match key {
                None | Some(Key::Quit) if sight.asks.is_none() => return Ok(()),
                None => return Ok(()),
                Some(key) => sight.typed(key, &here.channel).await,
            },
            _ = timeout(AT_LEAST, here.channel.changed()) => {
                trouble = sight.read(&here.channel).await.err().map(|failure| failure.message());
            }
            _ = frames.tick() => {}
        }
    }
}

/// The last event of the log.
async fn last(channel: &Channel) -> Result<Seq, Failure> {
    let given = Given::new().with("limit", 1).with("after", Seq::MAX);
    let page = channel.call::<ListEvents>(given).await?;
    let last: Option<Seq> = page["last_event_id"]
        .as_str()
        .and_then(|id| id.parse().ok());
    // A few events from before fill the lines.
    Ok(last.unwrap_or(0).saturating_sub(20).max(0))
}

impl Sight {
    async fn read(&mut self, channel: &Channel) -> Result<(), Failure> {
        let mut answer = channel.call::<GetAllClaims>(Given::new()).await?;
        self.values = answer["claims"]
            .as_array_mut()
            .map(std::mem::take)
            .unwrap_or_default();
        self.claims = self.values.iter().map(Claim::read).collect();
        let place = self
            .claims
            .iter()
            .position(|claim| claim.id == self.chosen_claim);
        self.choose(place.unwrap_or(self.chosen));
        loop {
            let given = Given::new().with("limit", PAGE).with("after", self.after);
            let page = channel.call::<ListEvents>(given).await?;
            for event in page["events"].as_array().into_iter().flatten() {
                let text = |name: &str| event[name].as_str().unwrap_or_default();
                if matches!(text("type"), "sync.reconciled" | "webhook.received") {
                    continue;
                }
                let time = text("timestamp").parse::<Timestamp>().map_or_else(
                    |_| String::new(),
                    |at| {
                        at.to_zoned(jiff::tz::TimeZone::system())
                            .strftime("%H:%M:%S")
                            .to_string()
                    },
                );
                let agent = one_line(text("agent_id"));
                self.lately.push(format!(
                    "{time}  {agent}  {}  {}",
                    subject(event),
                    sentence(event)
                ));
            }
            let more = self.lately.len().saturating_sub(KEPT);
            self.lately.drain(..more);
            self.after = page["last_event_id"]
                .as_str()
                .and_then(|id| id.parse().ok())
                .unwrap_or(self.after);
            if page["more"] != true {
                return Ok(());
            }
        }
    }

    fn choose(&mut self, n: usize) {
        self.chosen = n.min(self.claims.len().saturating_sub(1));
        self.chosen_claim = self
            .chosen()
            .map(|claim| claim.id.clone())
            .unwrap_or_default();
    }

    fn chosen(&self) -> Option<&Claim> {
        self.claims.get(self.chosen)
    }

    async fn typed(&mut self, key: Key, channel: &Channel) {
        if let Some(claim) = self.asks.take() {
            self.said = vec![match key {
                Key::Other(b'y' | b'Y') => release(&claim, channel).await,
                _ => "nothing was done".to_owned(),
            }];
            return;
        }
        self.said.clear();
        match key {
            Key::Up => self.choose(self.chosen.saturating_sub(1)),
            Key::Down => self.choose(self.chosen + 1),
            Key::Other(b'r') => self.asks = self.chosen().cloned(),
            Key::Other(b'e') => self.said = self.explain(channel).await,
            Key::Quit | Key::Other(_) => {}
        }
    }

    /// Why the chosen issue is not handed out besides being held.
    async fn explain(&self, channel: &Channel) -> Vec<String> {
        let Some(claim) = self.chosen() else {
            return Vec::new();
        };
        let given = Given::new()
            .with("repo", claim.repo.as_str())
            .with("issue_number", claim.issue_number);
        match channel.call::<ExplainWork>(given).await {
            Ok(answer) => {
                let reasons = answer["readiness"]["reasons"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default();
                let words = reasons
                    .iter()
                    .filter_map(|reason| reason["message"].as_str());
                words
                    .map(|words| format!("{}: {}", claim.issue(), one_line(words)))
                    .collect()
            }
            Err(failure) => vec![failure.message()],
        }
    }

    fn draw(&self, place: &str, trouble: Option<&str>) -> String {
        let now = Timestamp::now();
        let rows: Vec<Row> = self
            .values
            .iter()
            .map(|claim| Row::of_claim(claim, now))
            .collect();
        let stale = self
            .claims
            .iter()
            .filter(|claim| claim.status == "stale")
            .count();
        let mut foot: Vec<(String, &str)> =
            self.said.iter().map(|line| (line.clone(), "")).collect();
        if let Some(trouble) = trouble {
            foot.push((format!("not live: {trouble}"), "31"));
        }
        let last = if let Some(claim) = &self.asks {
            question(claim, now)
        } else {
            let stale = if stale > 0 {
                format!(" ({stale} stale)")
            } else {
                String::new()
            };
            let held = rows.len();
            format!("{held} held{stale}, by {place}   q quit  ↑↓ choose  r release  e explain")
        };
        foot.push((last, "1"));
        let chosen = (!rows.is_empty()).then_some(self.chosen);
        let picture = Picture {
            pinned: &[],
            rows: &rows,
            chosen,
            lately: &self.lately,
            foot: &foot,
        };
        draw(&picture, ScreenSize::of_terminal())
    }
}

fn question(claim: &Claim, now: Timestamp) -> String {
    let since = claim.claimed_at.parse::<Timestamp>().unwrap_or(now);
    let long = long_length(now.as_millisecond() - since.as_millisecond());
    let holder = one_line(&claim.agent_id);
    format!(
        "release {}, held by {holder} for {long}? It is offered again at once. [y/N]",
        claim.issue()
    )
}

async fn release(claim: &Claim, channel: &Channel) -> String {
    let given = Given::new()
        .with("claim_id", claim.id.as_str())
        .with("agent_id", claim.agent_id.as_str())
        .with("reason", "released by a person");
    match channel.call::<ReleaseIssue>(given).await {
        Ok(_) => format!("{} is released", claim.issue()),
        Err(failure) => failure.message(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(id: &str) -> Claim {
        Claim {
            id: id.to_owned(),
            ..Claim::default()
        }
    }

    #[test]
    fn a_chosen_claim_stays_chosen_when_rows_come_and_go() {
        let mut sight = Sight {
            claims: vec![claim("a"), claim("b"), claim("c")],
            ..Sight::default()
        };
        sight.choose(1);
        assert_eq!(sight.chosen_claim, "b");
        sight.choose(9);
        assert_eq!((sight.chosen, sight.chosen_claim.as_str()), (2, "c"));
        sight.claims.clear();
        sight.choose(2);
        assert_eq!((sight.chosen, sight.chosen_claim.as_str()), (0, ""));
    }
}
