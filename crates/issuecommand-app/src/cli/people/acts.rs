//! What a person does about one issue: `claim`, `release`, `give`, `keep`.

use clap::{Args, ValueEnum};
use issuecommand_core::domain::id::AgentId;
use issuecommand_wire::call::{
    ClaimIssue, GetFollowups, GiveClaim, GiveFollowup, ReleaseIssue, UpdateClaimStatus,
};
use serde_json::{Value, json};

use super::channel::Given;
use super::claims::{Claim, find_claim, held_claim};
use super::confirm::confirm;
use super::failure::Failure;
use super::reference::{Place, Reference};
use super::{Acting, Common, Here};
use crate::text::{long_length, one_line};

/// Which issue is taken.
#[derive(Args, Clone, Debug)]
pub struct ClaimArgs {
    /// The issue: acme/web#127, web#127, its address, or 127 in a checkout
    issue: Reference,
    /// Also from an agent that has been stale for long
    #[arg(long)]
    take_over: bool,
    /// Take it as this agent [default: you@host]
    #[arg(long = "as", value_name = "AGENT_ID", value_parser = AgentId::parse)]
    agent: Option<AgentId>,
    /// Ask nothing
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    pub(super) common: Common,
}

/// Which issue is given back.
#[derive(Args, Clone, Debug)]
pub struct ReleaseArgs {
    /// The issue: acme/web#127, web#127, its address, or 127 in a checkout
    issue: Reference,
    /// What was found; all but gave-up keep the issue from agents until a person offers it again
    #[arg(long, value_enum)]
    outcome: Option<Outcome>,
    #[command(flatten)]
    acting: Acting,
    #[command(flatten)]
    pub(super) common: Common,
}

/// What was found about an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Outcome {
    GaveUp,
    Blocked,
    NotReproducible,
    AlreadyDone,
    NeedsHuman,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::GaveUp => "gave_up",
            Self::Blocked => "blocked",
            Self::NotReproducible => "not_reproducible",
            Self::AlreadyDone => "already_done",
            Self::NeedsHuman => "needs_human",
        }
    }
}

/// What is given to whom.
#[derive(Args, Clone, Debug)]
pub struct GiveArgs {
    /// The issue: acme/web#127, web#127, its address, or 127 in a checkout. A pull request (web!301) for the feedback on it
    what: Reference,
    /// The agent that gets it
    #[arg(value_name = "AGENT_ID", value_parser = AgentId::parse)]
    to: AgentId,
    #[command(flatten)]
    acting: Acting,
    #[command(flatten)]
    pub(super) common: Common,
}

/// Which issue is kept.
#[derive(Args, Clone, Debug)]
pub struct KeepArgs {
    /// The issue: acme/web#127, web#127, its address, or 127 in a checkout
    issue: Reference,
    #[command(flatten)]
    pub(super) common: Common,
}

pub(super) async fn claim(here: &Here, args: ClaimArgs) -> Result<(), Failure> {
    let place = issue(&args.issue, here).await?;
    let agent = args.agent.as_ref().unwrap_or(&here.person);
    if args.take_over
        && let Some(held) = find_claim(&here.channel, &place).await?
        && held.agent_id != agent.as_str()
    {
        let what = format!(
            "Take {}? {} loses it.",
            held_words(here, &held),
            one_line(&held.agent_id)
        );
        confirm(args.yes, &what).await?;
    }
    let given = of_issue(&place)
        .with("agent_id", agent.as_str())
        .maybe("take_over", args.take_over.then_some(true));
    let answer = here.channel.call::<ClaimIssue>(given).await?;
    let had = if answer["idempotent"] == true {
        "already "
    } else {
        ""
    };
    done(
        here,
        &answer,
        &format!(
            "{} is {had}held by {agent}",
            Claim::read(&answer["claim"]).issue()
        ),
    )
}

pub(super) async fn release(here: &Here, args: ReleaseArgs) -> Result<(), Failure> {
    let place = issue(&args.issue, here).await?;
    let held = held_claim(&here.channel, &place).await?;
    let own = held.agent_id == here.acting(&args.acting).as_str();
    if !own {
        let next = match args.outcome {
            None | Some(Outcome::GaveUp) => "It is offered again at once.",
            Some(_) => "It waits for a person.",
        };
        let what = format!("release {}? {next}", held_words(here, &held));
        confirm(args.acting.yes, &what).await?;
    }
    let reason = args.acting.reason.clone();
    let reason =
        reason.or_else(|| (!own).then(|| format!("released by {}", here.acting(&args.acting))));
    let given = Given::new()
        .with("claim_id", held.id.as_str())
        .with("agent_id", held.agent_id.as_str())
        .maybe("reason", reason)
        .maybe("outcome", args.outcome.map(Outcome::as_str));
    let answer = here.channel.call::<ReleaseIssue>(given).await?;
    let holder = one_line(&held.agent_id);
    done(
        here,
        &answer,
        &format!(
            "{place} is released. Undo: issuecommand give {place} {}",
            quoted(&holder)
        ),
    )
}

pub(super) async fn give(here: &Here, args: GiveArgs) -> Result<(), Failure> {
    let place = args.what.find(&here.channel).await?;
    if place.is_pull {
        return give_feedback(here, &place, &args).await;
    }
    let to = args.to.as_str();
    let Some(held) = find_claim(&here.channel, &place).await? else {
        let given = of_issue(&place).with("agent_id", to);
        let answer = here.channel.call::<ClaimIssue>(given).await?;
        return done(
            here,
            &answer,
            &format!("{place} is held by {}", one_line(to)),
        );
    };
    if held.agent_id != to {
        let holder = one_line(&held.agent_id);
        let what = format!(
            "give {} to {}? {holder} loses it.",
            held_words(here, &held),
            one_line(to)
        );
        confirm(args.acting.yes, &what).await?;
    }
    let given = Given::new()
        .with("claim_id", held.id.as_str())
        .with("to_agent_id", to)
        .maybe("note", args.acting.reason.clone());
    let answer = here.channel.call::<GiveClaim>(given).await?;
    let undo = quoted(&one_line(&held.agent_id));
    done(
        here,
        &answer,
        &format!(
            "{place} is held by {}. Undo: issuecommand give {place} {undo}",
            one_line(to)
        ),
    )
}

/// Gives all open feedback on a pull request to an agent.
async fn give_feedback(here: &Here, place: &Place, args: &GiveArgs) -> Result<(), Failure> {
    let to = args.to.as_str();
    let given = Given::new()
        .with("repo", place.repo.as_str())
        .with("pr_number", place.number);
    let answer = here.channel.call::<GetFollowups>(given).await?;
    let items: Vec<&Value> = answer["followups"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    if items.is_empty() {
        return Err(Failure::nothing(format!("no feedback on {place} waits"))
            .hint("What waits: issuecommand followups"));
    }
    let owners = items
        .iter()
        .filter_map(|item| item["claimed_by_agent_id"].as_str());
    let others: Vec<String> = owners.filter(|owner| *owner != to).map(one_line).collect();
    if let Some(other) = others.first() {
        let what = format!(
            "give the feedback on {place}, on which {other} is at work, to {}?",
            one_line(to)
        );
        confirm(args.acting.yes, &what).await?;
    }
    let mut given_items = Vec::new();
    for item in items {
        let given = Given::new()
            .with("work_item_id", item["work_item_id"].clone())
            .with("to_agent_id", to)
            .maybe("note", args.acting.reason.clone());
        given_items.push(here.channel.call::<GiveFollowup>(given).await?);
    }
    let answer = match given_items.as_mut_slice() {
        [one] => one.take(),
        several => json!({ "ok": true, "given": several }),
    };
    done(
        here,
        &answer,
        &format!("the feedback on {place} is for {}", one_line(to)),
    )
}

pub(super) async fn keep(here: &Here, args: KeepArgs) -> Result<(), Failure> {
    let place = issue(&args.issue, here).await?;
    let held = held_claim(&here.channel, &place).await?;
    let given = Given::new()
        .with("claim_id", held.id.as_str())
        .with("agent_id", held.agent_id.as_str())
        .with("status", held.living_status());
    let answer = here.channel.call::<UpdateClaimStatus>(given).await?;
    let until = Claim::read(&answer["claim"]).stale_at;
    let until = until.map(|at| {
        format!(
            ", and goes stale at {} without a sign of life",
            here.output.moment(&at)
        )
    });
    let holder = one_line(&held.agent_id);
    done(
        here,
        &answer,
        &format!("{holder} keeps {place}{}", until.unwrap_or_default()),
    )
}

/// The issue that is meant. A number of a pull request is none.
async fn issue(reference: &Reference, here: &Here) -> Result<Place, Failure> {
    let place = reference.find(&here.channel).await?;
    if place.is_pull {
        return Err(Failure::usage(format!(
            "{place} is a pull request, and this is about an issue: name it as {}#NUMBER",
            place.repo
        )));
    }
    Ok(place)
}

fn of_issue(place: &Place) -> Given {
    Given::new()
        .with("repo", place.repo.as_str())
        .with("issue_number", place.number)
}

/// `acme/api#812, held by codex-2 for 2 h 31 min`.
fn held_words(here: &Here, held: &Claim) -> String {
    let long = long_length(here.output.age(&held.claimed_at));
    format!(
        "{}, held by {} for {long}",
        one_line(&held.issue()),
        one_line(&held.agent_id)
    )
}

/// A name as a word of a shell.
fn quoted(name: &str) -> String {
    let plain =
        |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '/' | ':' | '+');
    if !name.is_empty() && name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}

/// Says that it is done: the answer, or one line.
pub(super) fn done(here: &Here, answer: &Value, line: &str) -> Result<(), Failure> {
    if here.output.json {
        return here.output.document(answer);
    }
    here.output.result(&format!("{line}\n"))?;
    here.output.tell_warnings(answer);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_word_of_a_shell() {
        assert_eq!(quoted("codex-2"), "codex-2");
        assert_eq!(quoted("a b'c$(x)"), r"'a b'\''c$(x)'");
    }
}
