//! The live table of claims and recent events.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::Value;

use crate::api::Api;
use crate::event_log::{Activity, LogState};

/// The most lines of recent events.
const LATELY: usize = 8;

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

/// The size of the screen, and whether it supports colours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScreenSize {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    pub(crate) colours: bool,
}

/// One line of the table.
struct Row {
    agent: String,
    issue: String,
    pull: String,
    status: String,
    since: String,
    title: String,
    look: &'static str,
}

/// The whole frame: no line exceeds the width, and one line less than the height. `pinned` is shown above the table as far as
/// it fits.
pub(crate) fn draw(
    state: &ServiceState,
    told: &LogState,
    pinned: &[String],
    place: Option<&str>,
    now: Timestamp,
    screen: ScreenSize,
) -> String {
    let rows = rows(state, told, now);
    // Head, foot, two blank lines, and the line of the cursor.
    let least = 5 + usize::from(place.is_some());
    let pinned = &pinned[..pinned.len().min(screen.rows.saturating_sub(least + 4))];
    let room = screen.rows.saturating_sub(least + pinned.len());
    let lately = told.lines.len().min(LATELY).min(room / 3);
    let shown = if rows.len() <= room - lately {
        rows.len()
    } else {
        (room - lately).saturating_sub(1)
    };
    let widest = |least: usize, most: usize, of: fn(&Row) -> &String| {
        let longest = rows.iter().map(|row| of(row).chars().count()).max();
        longest.unwrap_or(0).clamp(least, most)
    };
    let narrow = screen.columns < 100;
    let agent = widest(8, if narrow { 14 } else { 20 }, |row| &row.agent);
    let issue = widest(8, if narrow { 22 } else { 32 }, |row| &row.issue);
    let mut picture = Frame {
        text: String::new(),
        screen,
    };
    let columns = |row: &Row| {
        format!(
            "{:<agent$}  {:<issue$}  {:<6}  {:<12}  {:>5}  {}",
            cut(&row.agent, agent),
            cut_front(&row.issue, issue),
            cut_front(&row.pull, 6),
            row.status,
            row.since,
            row.title
        )
    };
    for line in pinned {
        picture.line(line, "");
    }
    picture.line(&columns(&Row::head()), "1");
    for row in rows.iter().take(shown) {
        picture.line(&columns(row), row.look);
    }
    if shown < rows.len() {
        picture.line(&format!("… and {} more", rows.len() - shown), "2");
    }
    picture.line("", "");
    for line in told.lines.iter().skip(told.lines.len() - lately) {
        picture.line(line, "2");
    }
    picture.line("", "");
    if let Some(place) = place {
        picture.line(place, "");
    }
    let broken = told.two_owners > 0;
    picture.line(&state.summary(told), if broken { "1;31" } else { "1" });
    picture.text
}

/// A row for each claim, by agent, and one for each agent of the demo without a claim.
fn rows(state: &ServiceState, told: &LogState, now: Timestamp) -> Vec<Row> {
    let mut rows: BTreeMap<(String, String), Row> = BTreeMap::new();
    for claim in &state.claims {
        let field = |name: &str| claim[name].as_str().unwrap_or_default();
        let agent = field("agent_id").to_owned();
        let issue = format!("{}#{}", field("repo"), claim["issue_number"]);
        let crashed = told.agents.get(&agent) == Some(&Activity::Crashed);
        let since = field("last_updated")
            .parse()
            .map(|then: Timestamp| now.duration_since(then).as_secs().max(0));
        let row = Row {
            status: match field("status") {
                "stale" => "stale".to_owned(),
                _ if crashed => "(crashed)".to_owned(),
                status => status.replace('_', " "),
            },
            look: match field("status") {
                "stale" => "33",
                _ if crashed => "33",
                "pr_submitted" => "36",
                "pr_merged" | "closed" => "32",
                _ => "",
            },
            since: since.map_or_else(|_| String::new(), length),
            title: field("issue_title").to_owned(),
            agent: agent.clone(),
            issue: issue.clone(),
            pull: pull_of(field("pr_url")),
        };
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

impl Row {
    fn head() -> Self {
        let word = |text: &str| text.to_owned();
        Self {
            agent: word("AGENT"),
            issue: word("ISSUE"),
            pull: word("PR"),
            status: word("STATUS"),
            since: word("FOR"),
            title: word("TITLE"),
            look: "1",
        }
    }
}

/// `#45`, as in the lines of events.
fn pull_of(url: &str) -> String {
    match url.rsplit_once("/pull/") {
        Some((_, number)) => format!("#{number}"),
        None => String::new(),
    }
}

struct Frame {
    text: String,
    screen: ScreenSize,
}

impl Frame {
    fn line(&mut self, line: &str, look: &str) {
        let line = cut(line, self.screen.columns.saturating_sub(1));
        let _ = if self.screen.colours && !look.is_empty() {
            writeln!(self.text, "\x1b[{look}m{line}\x1b[0m")
        } else {
            writeln!(self.text, "{}", line.trim_end())
        };
    }
}

/// A duration of so many seconds, in at most five characters.
fn length(seconds: i64) -> String {
    match seconds {
        0..100 => format!("{seconds} s"),
        100..6000 => format!("{} m", seconds / 60),
        _ => format!("{} h", (seconds / 3600).min(999)),
    }
}

/// The text without control characters, which an untrusted title may contain, and at most so many characters long.
fn cut(text: &str, most: usize) -> String {
    let clean = || text.chars().filter(|c| !c.is_control());
    if clean().count() <= most {
        clean().collect()
    } else {
        clean().take(most.saturating_sub(1)).chain(['…']).collect()
    }
}

/// The same, but it keeps the end, which has the issue's number.
fn cut_front(text: &str, most: usize) -> String {
    let clean: Vec<char> = text.chars().filter(|c| !c.is_control()).collect();
    if clean.len() <= most {
        clean.into_iter().collect()
    } else {
        let from = clean.len() + 1 - most;
        std::iter::once('…')
            .chain(clean[from..].iter().copied())
            .collect()
    }
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
