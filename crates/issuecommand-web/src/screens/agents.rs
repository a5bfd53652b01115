//! Agents: all that were heard lately, and the page of one.

use askama::Template;
use issuecommand_wire::ApiError;
use issuecommand_wire::call::{GetAgent, GetAgents};
use issuecommand_wire::record::{AgentRecord, HaltRecord};
use issuecommand_wire::response::AgentPageResponse;

use super::{CallRunner, NoFilters, ScreenParts, link, screen};
use crate::form::Form;
use crate::view::{View, encoded};

/// How many agents are on a page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "agents.html")]
struct Agents<'a> {
    view: View,
    agents: &'a [AgentRecord],
    total: usize,
    halts: &'a [HaltRecord],
    next: Option<String>,
    is_first_page: bool,
    words: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "agents_filters.html")]
struct Filters<'a> {
    words: Option<&'a str>,
}

fn client(agent: &AgentRecord) -> String {
    let version = agent.client_version.as_deref().unwrap_or_default();
    let client = agent.client.as_deref().unwrap_or_default();
    format!("{client} {version}").trim().to_owned()
}

impl Agents<'_> {
    fn client(&self, agent: &AgentRecord) -> String {
        client(agent)
    }

    /// The address of an act on an agent, or on all work.
    fn act(&self, act: &str, agent: Option<&str>) -> String {
        let back = Some(self.view.back.as_str());
        link(
            &format!("/ui/act/{act}"),
            &[("agent_id", agent), ("back", back)],
        )
    }

    fn halted(&self, halt: &HaltRecord) -> String {
        let back = Some(self.view.back.as_str());
        let fields = [
            ("agent_id", halt.agent_id.as_deref()),
            ("repo", halt.repo.as_deref()),
            ("back", back),
        ];
        link("/ui/act/resume", &fields)
    }
}

pub(super) async fn list(
    asker: &CallRunner<'_>,
    view: View,
    form: &Form,
) -> Result<ScreenParts, ApiError> {
    let words = form.text("q");
    let mut agents = asker.ask::<GetAgents>(&[]).await?.agents;
    if let Some(words) = words {
        let words = words.to_lowercase();
        agents.retain(|agent| {
            agent.agent_id.to_lowercase().contains(&words)
                || client(agent).to_lowercase().contains(&words)
        });
    }
    // Who is at work first, then who was heard last.
    agents.sort_by(|a, b| {
        let key = |agent: &AgentRecord| (!agent.holds.is_empty(), agent.last_seen.clone());
        key(b)
            .cmp(&key(a))
            .then_with(|| a.agent_id.cmp(&b.agent_id))
    });
    let total = agents.len();
    let from: usize = form
        .text("from")
        .and_then(|from| from.parse().ok())
        .unwrap_or(0);
    let from = from.min(total);
    let shown = &agents[from..total.min(from.saturating_add(PAGE))];
    let health = asker
        .ask::<issuecommand_wire::call::SystemHealth>(&[])
        .await?
        .health;
    let next = from + shown.len();
    let next = (next < total).then(|| {
        let next = next.to_string();
        link("/ui/agents", &[("q", words), ("from", Some(next.as_str()))])
    });
    let page = Agents {
        view,
        agents: shown,
        total,
        halts: &health.halted,
        next,
        is_first_page: from == 0,
        words,
    };
    Ok(screen("Agents", &Filters { words }, &page))
}

#[derive(Template)]
#[template(path = "agent.html")]
struct Agent<'a> {
    view: View,
    page: &'a AgentPageResponse,
    is_first_page: bool,
}

impl Agent<'_> {
    fn client(&self) -> String {
        client(&self.page.agent)
    }

    fn act(&self, act: &str) -> String {
        let back = Some(self.view.back.as_str());
        let agent = Some(self.page.agent.agent_id.as_str());
        link(
            &format!("/ui/act/{act}"),
            &[("agent_id", agent), ("back", back)],
        )
    }

    fn older(&self) -> Option<String> {
        let before = self.page.next_before.as_deref()?;
        let path = format!("/ui/a/{}", encoded(&self.page.agent.agent_id));
        Some(link(&path, &[("before", Some(before))]))
    }
}

pub(super) async fn one(
    asker: &CallRunner<'_>,
    view: View,
    agent: &str,
    form: &Form,
) -> Result<ScreenParts, ApiError> {
    let before = form.text("before");
    let page = asker
        .ask::<GetAgent>(&[("agent_id", Some(agent)), ("before", before)])
        .await?;
    let shown = Agent {
        view,
        page: &page,
        is_first_page: before.is_none(),
    };
    Ok(screen(agent, &NoFilters, &shown))
}
