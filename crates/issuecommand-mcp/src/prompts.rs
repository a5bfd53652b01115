//! Prompts: instructions for a piece of work, which a person gives to an agent by name.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::policy::Policy;
use issuecommand_wire::params::{Param, ParamType};
use issuecommand_wire::{ParamError, Params};
use rmcp::model::{
    ErrorData, GetPromptResult, JsonObject, Prompt, PromptArgument, PromptMessage, Role,
};

use crate::server::with_interval;

const AGENT_ID: Param = Param::optional(
    "agent_id",
    ParamType::String,
    "the agent's name; without it that of the session or key",
);
const REPO: Param = Param::optional(
    "repo",
    ParamType::String,
    "work in this repository alone, as owner/name",
);
/// The arguments of each prompt.
const ARGUMENTS: [Param; 2] = [AGENT_ID, REPO];

struct PromptEntry {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    text: &'static str,
    /// The tools that take the repository.
    of_repo: &'static str,
}

const TABLE: [PromptEntry; 2] = [
    PromptEntry {
        name: "work_loop",
        title: "Work on issues",
        description: "Take issues and review feedback one after the other, and bring each to a pull request.",
        text: include_str!("prompts/work_loop.md"),
        of_repo: "next_work",
    },
    PromptEntry {
        name: "answer_review",
        title: "Answer reviews",
        description: "Answer the review feedback on the agent's own pull requests, and take no new issue.",
        text: include_str!("prompts/answer_review.md"),
        of_repo: "get_followups",
    },
];

/// All prompts.
pub(crate) fn list() -> Vec<Prompt> {
    let argument = |param: Param| {
        PromptArgument::new(param.name)
            .with_description(param.description)
            .with_required(param.needed)
    };
    let prompt = |entry: &PromptEntry| {
        let arguments = ARGUMENTS.map(argument).to_vec();
        Prompt::new(entry.name, Some(entry.description), Some(arguments)).with_title(entry.title)
    };
    TABLE.iter().map(prompt).collect()
}

/// The text of a prompt for this caller.
///
/// # Errors
/// There is no such prompt, or it does not take these arguments.
pub(crate) fn get(
    name: &str,
    arguments: JsonObject,
    caller: Option<&Caller>,
    policy: &Policy,
) -> Result<GetPromptResult, ErrorData> {
    let Some(entry) = TABLE.iter().find(|entry| entry.name == name) else {
        let name: String = name.chars().take(64).collect();
        let names = TABLE.each_ref().map(|entry| entry.name).join(", ");
        return Err(invalid(format!(
            "There is no prompt {name:?}. The prompts are: {names}."
        )));
    };
    for (name, value) in &arguments {
        let known = ARGUMENTS.iter().any(|param| param.name == name);
        if !known || !(value.is_string() || value.is_null()) {
            let name: String = name.chars().take(64).collect();
            let what = if known {
                "must be text"
            } else {
                "is no argument"
            };
            let names = ARGUMENTS.map(|param| param.name).join(", ");
            return Err(invalid(format!(
                "{name:?} {what}. The prompt {} takes {names}, as text.",
                entry.name
            )));
        }
    }
    let text = text(entry, &arguments.into(), caller, policy);
    let text = text.map_err(|error| invalid(error.message))?;
    let message = PromptMessage::new_text(Role::User, text);
    Ok(GetPromptResult::new(vec![message]).with_description(entry.description))
}

/// The error for a request that names no prompt, or whose arguments are no object.
pub(crate) fn malformed() -> ErrorData {
    let names = TABLE.each_ref().map(|entry| entry.name).join(", ");
    invalid(format!(
        "prompts/get needs name, one of {names}, and takes arguments, an object of texts."
    ))
}

fn text(
    entry: &PromptEntry,
    arguments: &Params,
    caller: Option<&Caller>,
    policy: &Policy,
) -> Result<String, ParamError> {
    let of_session = || caller?.session.as_ref()?.agent.clone();
    let of_key = || caller?.agent.clone();
    let given = arguments.agent(&AGENT_ID)?;
    let agent = given.or_else(of_session).or_else(of_key);
    let who = match agent {
        Some(agent) => format!("Your agent_id is {:?} in every call that takes one.", agent.as_str()),
        None => "Choose an agent_id that nobody else has, and give the same one in every call that takes one."
            .to_owned(),
    };
    let alone = |repo: String| {
        let tool = entry.of_repo;
        format!(" Work in {repo} alone: give repo {repo:?} to {tool}.")
    };
    let repo = arguments.repo(&REPO)?.map(|repo| repo.to_string());
    // The agent's name comes last: it may have braces in it.
    Ok(with_interval(entry.text, policy)
        .replace("{where}", &repo.map(alone).unwrap_or_default())
        .replace("{who}", &who))
}

fn invalid(message: String) -> ErrorData {
    ErrorData::invalid_params(message, None)
}
