//! The live table of who holds what.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _, stdout};
use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use super::api::Api;
use super::world::DemoWorld;

/// At most so many claims are shown.
const ROWS: usize = 30;

/// Shows the table until IssueCommand can no longer be asked, and says so. Where stdout is no terminal it is one line every
/// five seconds.
pub(super) async fn live(api: &Api, world: &DemoWorld) -> String {
    let terminal = stdout().is_terminal();
    let mut drawn = 0;
    let mut failures = 0;
    loop {
        match look(api).await {
            Some(state) => {
                failures = 0;
                let text = if terminal {
                    state.table(world.time())
                } else {
                    state.line(world.time())
                };
                let above = if drawn > 0 && terminal {
                    format!("\x1b[{drawn}A\x1b[J")
                } else {
                    String::new()
                };
                drawn = text.lines().count();
                if stdout()
                    .write_all(format!("{above}{text}").as_bytes())
                    .and_then(|()| stdout().flush())
                    .is_err()
                {
                    return "nobody reads any more".to_owned();
                }
            }
            None => failures += 1,
        }
        if failures > 10 {
            return "the demo's own server does not answer".to_owned();
        }
        sleep(if terminal {
            Duration::from_secs(1)
        } else {
            Duration::from_secs(5)
        })
        .await;
    }
}

/// The last words: what came of it.
pub(super) async fn farewell(api: &Api, broken: Option<String>) {
    let mut text = "\n".to_owned();
    if let Some(why) = broken {
        let _ = writeln!(text, "The demo ended: {why}.");
    }
    if let Some(state) = look(api).await {
        let _ = writeln!(
            text,
            "{} claims were made, {} are active, and no issue had two owners{}.",
            state.total,
            state.claims.len(),
            if state.doubles() == 0 {
                ""
            } else {
                " but for a FAULT"
            }
        );
    }
    let _ = stdout().write_all(text.as_bytes());
}

struct State {
    claims: Vec<Value>,
    total: u64,
    stale: u64,
    open: u64,
}

async fn look(api: &Api) -> Option<State> {
    let claims = api.get("/api/claims").await?["claims"].as_array()?.clone();
    let health = api.get("/api/health").await?["health"].clone();
    let repos = api.get("/api/repos").await?["repos"].as_array()?.clone();
    Some(State {
        claims,
        total: health["total_claims"].as_u64()?,
        stale: health["stale_claims"].as_u64()?,
        open: repos
            .iter()
            .filter_map(|repo| repo["open_issue_count"].as_u64())
            .sum(),
    })
}

impl State {
    /// Issues that stand in the list twice: never, unless IssueCommand is broken.
    fn doubles(&self) -> usize {
        let mut issues: Vec<String> = self.claims.iter().map(issue).collect();
        let all = issues.len();
        issues.sort();
        issues.dedup();
        all - issues.len()
    }

    fn line(&self, time: Option<String>) -> String {
        let time = time.map(|time| format!("{time}  ")).unwrap_or_default();
        format!(
            "{time}{} open issues, {} held by agents ({} stale), {} claims so far\n",
            self.open,
            self.claims.len(),
            self.stale,
            self.total
        )
    }

    fn table(&self, time: Option<String>) -> String {
        let mut text = format!(
            "{:<16} {:<28} {:<13} {}\n",
            "AGENT", "ISSUE", "STATUS", "TITLE"
        );
        for claim in self.claims.iter().take(ROWS) {
            let field = |name: &str| claim[name].as_str().unwrap_or_default();
            let _ = writeln!(
                text,
                "{:<16} {:<28} {:<13} {}",
                cut(field("agent_id"), 16),
                cut(&issue(claim), 28),
                field("status"),
                cut(field("issue_title"), 50)
            );
        }
        if self.claims.len() > ROWS {
            let _ = writeln!(text, "… and {} more", self.claims.len() - ROWS);
        }
        text.push('\n');
        text + &self.line(time)
    }
}

fn issue(claim: &Value) -> String {
    format!(
        "{}#{}",
        claim["repo"].as_str().unwrap_or_default(),
        claim["issue_number"]
    )
}

/// The text without control characters, which a stranger's title may hold, and no longer than so many characters.
fn cut(text: &str, most: usize) -> String {
    let clean = || text.chars().filter(|c| !c.is_control());
    if clean().count() <= most {
        clean().collect()
    } else {
        clean().take(most - 1).chain(['…']).collect()
    }
}
