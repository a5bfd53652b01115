//! The live table of claims and recent events.

use issuecommand_app::live::{Picture, Row, ScreenSize};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

use crate::api::Api;
use crate::event_log::{Activity, LogState};

/// The data to show.
pub(crate) struct ServiceState {
    pub(crate) claims: Vec<Value>,
    pub(crate) health: Value,
    pub(crate) open: u64,
}

impl ServiceState {
    /// Asks IssueCommand over HTTP. `None` if it does not answer.
    pub(crate) async fn look(api: &Api) -> Option<Self> {
        let repos = api.get("/api/repos").await?["repos"].as_array()?.clone();
        let health = api.get("/api/health").await?["health"].clone();
        let claims = api.get("/api/claims").await?["claims"].as_array()?.clone();
        let open = repos
            .iter()
            .filter_map(|repo| repo["open_issue_count"].as_u64())
            .sum();
        Some(Self {
            claims,
            health,
            open,
        })
    }

    /// A summary in one line.
    pub(crate) fn summary(&self, told: &LogState) -> String {
        let stale = self.health["stale_claims"].as_u64().unwrap_or_default();
        let open = match self.open {
            0 => "no open issue left".to_owned(),
            open => format!("{open} open issues"),
        };
        let mut kept = self.kept_back();
        if !kept.is_empty() {
            kept = format!(" ({kept})");
        }
        format!(
            "{open}{kept}, {} held{}, {} claims so far, {} closed; issues with two owners: {}",
            self.claims.len(),
            if stale > 0 {
                format!(" ({stale} stale)")
            } else {
                String::new()
            },
            self.health["total_claims"].as_u64().unwrap_or_default(),
            told.closed,
            told.two_owners
        )
    }

    /// How many issues are kept back for which reason, without those that agents hold, and who is paused.
    fn kept_back(&self) -> String {
        let counts = self.health["not_ready"].as_object().into_iter().flatten();
        let counts = counts.filter(|(reason, _)| *reason != "held");
        let halted = self.health["halted"].as_array().into_iter().flatten();
        let names = halted.filter_map(|halt| halt["agent_id"].as_str());
        let told = counts
            .map(|(reason, count)| format!("{count} {reason}"))
            .chain(names.map(|agent| format!("{agent} paused")));
        told.collect::<Vec<_>>().join(", ")
    }
}

/// The whole frame. `pinned` is shown above the table as far as it fits.
pub(crate) fn draw(
    state: &ServiceState,
    told: &LogState,
    pinned: &[String],
    place: Option<&str>,
    now: Timestamp,
    screen: ScreenSize,
) -> String {
    let rows = rows(state, told, now);
    let broken = told.two_owners > 0;
    let summary = (state.summary(told), if broken { "1;31" } else { "1" });
    let foot: Vec<_> = place
        .map(|place| (place.to_owned(), ""))
        .into_iter()
        .chain([summary])
        .collect();
    let lately: Vec<String> = told.lines.iter().cloned().collect();
    let picture = Picture {
        pinned,
        rows: &rows,
        chosen: None,
        lately: &lately,
        foot: &foot,
    };
    issuecommand_app::live::draw(&picture, screen)
}

/// A row for each claim, by agent, and one for each agent of the demo without a claim.
fn rows(state: &ServiceState, told: &LogState, now: Timestamp) -> Vec<Row> {
    let mut rows: BTreeMap<(String, String), Row> = BTreeMap::new();
    for claim in &state.claims {
        let mut row = Row::of_claim(claim, now);
        if told.agents.get(&row.agent) == Some(&Activity::Crashed) && row.status != "stale" {
            "(crashed)".clone_into(&mut row.status);
            row.look = "33";
        }
        let (agent, issue) = (row.agent.clone(), row.issue.clone());
        rows.insert((agent, issue), row);
    }
    for (agent, doing) in &told.agents {
        if !rows.values().any(|row| row.agent == *agent) {
            let row = Row {
                agent: agent.clone(),
                issue: "–".to_owned(),
                pull: String::new(),
                status: match doing {
                    Activity::Crashed => "crashed".to_owned(),
                    Activity::Looking | Activity::Working => "looking".to_owned(),
                },
                since: String::new(),
                title: String::new(),
                look: "2",
            };
            rows.insert((agent.clone(), String::new()), row);
        }
    }
    rows.into_values().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn crowd(agents: usize) -> ServiceState {
        let claims = (0..agents)
            .map(|n| {
                json!({ "agent_id": format!("agent-with-a-long-name-{n}"), "issue_number": 1000 + n,
                    "repo": "an-organisation-of-some-length/its-repository", "status": "pr_submitted", "pr_url": format!("https://x/acme/api/pull/{}", 4500 + n),
                    "issue_title": "a title \u{1b}[31m in red that goes on and on and on and on and on and on",
                    "last_updated": "2026-11-22T10:00:00.000Z" })
            })
            .collect();
        let health = json!({ "stale_claims": 1, "total_claims": 77 });
        ServiceState {
            claims,
            health,
            open: 200,
        }
    }

    #[test]
    fn no_frame_exceeds_its_screen() {
        let now: Timestamp = "2026-11-22T11:00:00Z".parse().unwrap();
        let mut told = LogState::default();
        told.agents.insert("idle".to_owned(), Activity::Looking);
        told.lines.extend((0..20).map(|n| {
            format!(
                "something long happened, and it was {n} {}",
                "x".repeat(200)
            )
        }));
        for agents in [0, 1, 4, 200] {
            for (columns, rows) in [(1, 1), (40, 10), (80, 24), (120, 50)] {
                let screen = ScreenSize {
                    columns,
                    rows,
                    colours: false,
                };
                let pinned: Vec<String> = (0..7).map(|n| format!("pinned {n}")).collect();
                let picture = draw(&crowd(agents), &told, &pinned, Some("then"), now, screen);
                assert!(
                    picture
                        .lines()
                        .all(|line| line.chars().count() < columns.max(2)),
                    "{picture}"
                );
                assert!(!picture.contains('\u{1b}'));
                if rows > 6 {
                    assert!(picture.lines().count() < rows, "{agents} {rows}: {picture}");
                    assert!(agents == 0 || picture.contains("#1000"), "{picture}");
                    assert!(picture.contains("200 open issues"), "{picture}");
                    assert!(rows < 24 || picture.contains("pinned 0"), "{picture}");
                    assert_eq!(picture.contains("pinned 6"), rows >= 24, "{picture}");
                    assert!(
                        rows < 24 || agents == 0 || picture.contains("#4500"),
                        "{picture}"
                    );
                }
            }
        }
    }
}
