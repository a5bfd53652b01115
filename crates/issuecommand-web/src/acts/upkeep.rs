//! Acts on work as a whole, and on what goes to and from GitHub.

use issuecommand_wire::ApiError;
use issuecommand_wire::call::{RetryDelivery, RetryWrite, SetWork, Sync};

use super::{Act, ActContext, ActOutcome, Confirmation, Field, Kind};
use crate::view::Html;

/// Whose work it is, in words.
fn whose(doing: &ActContext<'_>) -> String {
    match (doing.form.text("agent_id"), doing.form.text("repo")) {
        (Some(agent), _) => format!("the work of {agent}"),
        (None, Some(repo)) => format!("the work in {repo}"),
        (None, None) => "all work".to_owned(),
    }
}

pub(super) fn confirm_halt(act: Act, doing: &ActContext<'_>) -> Result<Confirmation, ApiError> {
    let whose = whose(doing);
    let (verb, what, button) = match act {
        Act::Pause => (
            "Pause",
            "No issue and no feedback is given. Agents that ask are told so, with your note.",
            "Pause",
        ),
        Act::Drain => (
            "Drain",
            "No new issue is given, but feedback on pull requests that there are is. Agents that ask are told so, with your note.",
            "Drain",
        ),
        _ => (
            "Let go on:",
            "Issues and feedback are given again.",
            "Let go on",
        ),
    };
    let hidden = ["agent_id", "repo"].into_iter();
    let hidden = hidden.filter_map(|name| Some((name, doing.form.text(name)?.to_owned())));
    Ok(Confirmation {
        title: format!("{verb} {whose}"),
        what: vec![
            Html::default().text(what),
            Html::default().text("What agents have they keep."),
        ],
        fields: vec![Field::new("note", "Note (agents read it)", Kind::Long)],
        hidden: hidden.collect(),
        button,
    })
}

pub(super) async fn halt(act: Act, doing: &ActContext<'_>) -> Result<ActOutcome, ApiError> {
    let (action, told) = match act {
        Act::Pause => ("pause", "is paused"),
        Act::Drain => ("drain", "takes no new issues"),
        _ => ("resume", "goes on"),
    };
    let fields = [
        ("action", Some(action)),
        ("agent_id", doing.form.text("agent_id")),
        ("repo", doing.form.text("repo")),
        ("note", doing.form.text("note")),
    ];
    doing.call::<SetWork>(&fields).await?;
    let whose = whose(doing);
    let whose = whose.strip_prefix("the ").unwrap_or(&whose);
    Ok(ActOutcome::Said(format!("From now on {whose} {told}.")))
}

pub(super) fn confirm_sync(doing: &ActContext<'_>) -> Confirmation {
    let repo = doing.form.text("repo");
    let what = repo.map_or("All repositories are".to_owned(), |repo| {
        format!("{repo} is")
    });
    Confirmation {
        title: "Sync with GitHub now".to_owned(),
        what: vec![Html::default().text(&format!("{what} read from GitHub at once."))],
        fields: Vec::new(),
        hidden: repo
            .map(|repo| ("repo", repo.to_owned()))
            .into_iter()
            .collect(),
        button: "Sync now",
    }
}

pub(super) async fn sync(doing: &ActContext<'_>) -> Result<ActOutcome, ApiError> {
    let answer = doing
        .call::<Sync>(&[("repo", doing.form.text("repo"))])
        .await?;
    let failures = answer.sync_failures.len();
    let failed = match failures {
        0 => String::new(),
        _ => format!(" What could not be read ({failures}) is listed here."),
    };
    Ok(ActOutcome::Said(format!(
        "Synced: {} repositories, {} issues that are new.{failed}",
        answer.repos_scanned, answer.newly_opened_issues
    )))
}

pub(super) fn confirm_retry(act: Act, doing: &ActContext<'_>) -> Result<Confirmation, ApiError> {
    let name = if act == Act::RetryDelivery {
        "delivery_id"
    } else {
        "write_id"
    };
    Ok(Confirmation {
        title: "Try again".to_owned(),
        what: vec![
            Html::default().text(
                "It is tried again with the next run of the background work, within seconds.",
            ),
        ],
        fields: Vec::new(),
        hidden: vec![(name, doing.needed(name)?.to_owned())],
        button: "Try again",
    })
}

pub(super) async fn retry_delivery(doing: &ActContext<'_>) -> Result<ActOutcome, ApiError> {
    let id = doing.needed("delivery_id")?;
    doing
        .call::<RetryDelivery>(&[("delivery_id", Some(id))])
        .await?;
    Ok(ActOutcome::Said("The delivery is tried again.".to_owned()))
}

pub(super) async fn retry_write(doing: &ActContext<'_>) -> Result<ActOutcome, ApiError> {
    let id = doing.needed("write_id")?;
    doing.call::<RetryWrite>(&[("write_id", Some(id))]).await?;
    Ok(ActOutcome::Said(
        "The write to GitHub is tried again.".to_owned(),
    ))
}
