//! `issuecommand next`: a person takes work as an agent does.

use clap::Args;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_wire::call::NextWork;
use serde_json::Value;

use super::channel::Given;
use super::claims::Claim;
use super::failure::Failure;
use super::reference::RepoReference;
use super::{Common, Here};
use crate::text::one_line;

/// Which work.
#[derive(Args, Clone, Debug)]
pub struct NextArgs {
    /// Take it as this agent [default: you@host]
    #[arg(long = "as", value_name = "AGENT_ID", value_parser = AgentId::parse)]
    agent: Option<AgentId>,
    /// Only of this repository
    #[arg(long, value_name = "REPO")]
    repo: Option<RepoReference>,
    /// Only issues with all of these labels, comma separated
    #[arg(long, value_name = "LABELS")]
    label: Option<String>,
    /// Wait up to so many seconds for work
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(0..=50))]
    wait: Option<u32>,
    #[command(flatten)]
    pub(super) common: Common,
}

pub(super) async fn run(here: &Here, args: NextArgs) -> Result<(), Failure> {
    let agent = args.agent.as_ref().unwrap_or(&here.person);
    let repo = match &args.repo {
        Some(repo) => Some(repo.find(&here.channel).await?),
        None => None,
    };
    let given = Given::new()
        .with("agent_id", agent.as_str())
        .maybe("repo", repo.as_ref().map(RepoName::as_str))
        .maybe("label", args.label.as_deref())
        .maybe("wait_seconds", args.wait);
    let answer = here.channel.call::<NextWork>(given).await?;
    if here.output.json {
        return here.output.document(&answer);
    }
    here.output
        .result(&words(&answer, agent, here.output.screen.is_some()))?;
    here.output.tell_warnings(&answer);
    Ok(())
}

pub(super) fn words(answer: &Value, agent: &AgentId, for_people: bool) -> String {
    let text = |of: &Value, name: &str| one_line(of[name].as_str().unwrap_or_default());
    let why = text(&answer["chosen_because"], "words");
    let (place, title, url, more) = if answer["kind"] == "pr_followup" {
        let item = &answer["work_item"];
        let place = format!("{}!{}", text(item, "repo"), item["pr_number"]);
        (
            place,
            text(item, "pr_title"),
            text(item, "pr_url"),
            text(item, "summary"),
        )
    } else {
        let issue = Claim::read(&answer["claim"]).issue();
        let back = format!("give it back: issuecommand release {issue}");
        (
            issue,
            text(&answer["issue"], "title"),
            text(&answer["issue"], "url"),
            back,
        )
    };
    if for_people {
        format!("{place}  {title}\n  {url}\n  now of {agent}; chosen because: {why}\n  {more}\n")
    } else {
        format!("{place}\t{title}\t{url}\n")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn feedback_is_named_by_its_pull_request() {
        let agent = AgentId::parse("ann@desk").unwrap();
        let answer = json!({ "kind": "pr_followup", "chosen_because": { "words": "your own pull request" },
            "work_item": { "repo": "acme/web", "pr_number": 301, "pr_title": "Fix\u{202e}", "pr_url": "https://x/pull/301",
                "summary": "use a constant" } });
        assert_eq!(
            words(&answer, &agent, true),
            "acme/web!301  Fix\\u{202e}\n  https://x/pull/301\n  now of ann@desk; chosen because: your own pull request\n  use a constant\n"
        );
        assert_eq!(
            words(&answer, &agent, false),
            "acme/web!301\tFix\\u{202e}\thttps://x/pull/301\n"
        );
    }
}
