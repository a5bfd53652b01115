//! Acts on issues, claims and feedback.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_wire::ApiError;
use issuecommand_wire::call::{
    DismissFollowup, GetAgent, GetIssueHistory, GiveClaim, GiveFollowup, OfferIssue, ParkIssue,
    ReleaseIssue, UpdateClaimStatus,
};
use issuecommand_wire::record::WorkingRecord;
use issuecommand_wire::response::IssueHistoryResponse;

use super::{ActContext, ActOutcome, Confirmation, Field, Kind};
use crate::view::{Html, duration};

/// An issue as the address of an act names it.
fn place(doing: &ActContext<'_>) -> Result<(String, String), ApiError> {
    Ok((
        doing.needed("repo")?.to_owned(),
        doing.needed("number")?.to_owned(),
    ))
}

async fn history(
    doing: &ActContext<'_>,
    repo: &str,
    number: &str,
) -> Result<IssueHistoryResponse, ApiError> {
    let params = [
        ("repo", Some(repo)),
        ("issue_number", Some(number)),
        ("limit", Some("1")),
    ];
    doing.asker().ask::<GetIssueHistory>(&params).await
}

/// The claim on the issue; what to say where there is none.
async fn working(doing: &ActContext<'_>) -> Result<WorkingRecord, ApiError> {
    let (repo, number) = place(doing)?;
    let history = history(doing, &repo, &number).await?;
    history.working.ok_or_else(|| {
        ApiError::bad_request(format!(
            "No agent has {repo}#{number} any more. Nothing was done."
        ))
    })
}

fn issue(repo: &str, number: &str) -> Html {
    Html::default()
        .tag("<strong>")
        .text(&format!("{repo}#{number}"))
        .tag("</strong>")
}

fn name(work: &WorkingRecord) -> Html {
    issue(&work.repo, &work.issue_number.to_string())
        .tag(" ")
        .text(&work.title)
}

fn sentence(text: &str) -> Html {
    Html::default().text(text)
}

fn hidden_place(repo: &str, number: &str) -> Vec<(&'static str, String)> {
    vec![("repo", repo.to_owned()), ("number", number.to_owned())]
}

fn reason() -> Field {
    Field::new("reason", "Reason (kept with the issue)", Kind::Long)
}

fn note() -> Field {
    Field::new(
        "note",
        "Note (kept with the issue; agents read it)",
        Kind::Long,
    )
}

fn to_agent() -> Field {
    Field::new("to_agent_id", "To the agent", Kind::Text(String::new())).needed()
}

/// The fields that keep an act to the very claim that the page showed.
fn of_claim(work: &WorkingRecord) -> Vec<(&'static str, String)> {
    let mut hidden = hidden_place(&work.repo, &work.issue_number.to_string());
    hidden.push(("claim_id", work.claim_id.clone()));
    hidden.push(("agent_id", work.agent_id.clone()));
    hidden
}

pub(super) async fn confirm_release(doing: &ActContext<'_>) -> Result<Confirmation, ApiError> {
    let work = working(doing).await?;
    Ok(Confirmation {
        title: format!("Release {}#{}", work.repo, work.issue_number),
        what: vec![
            Html::default()
                .text(&work.agent_id)
                .tag(" loses ")
                .tag(&name(&work).0)
                .tag("."),
            sentence("Its next call is told so. What it has pushed stays on GitHub."),
            sentence("The issue is offered again at once, to every agent."),
        ],
        fields: vec![reason()],
        hidden: of_claim(&work),
        button: "Release it",
    })
}

pub(super) async fn release(doing: &ActContext<'_>) -> Result<ActOutcome, ApiError> {
    let (repo, number) = place(doing)?;
    let (claim, agent) = (doing.needed("claim_id")?, doing.needed("agent_id")?);
    let fields = [
        ("claim_id", Some(claim)),
        ("agent_id", Some(agent)),
        ("reason", doing.form.text("reason")),
    ];
    doing.call::<ReleaseIssue>(&fields).await?;
    Ok(ActOutcome::Said(format!(
        "Released: {repo}#{number} is offered again."
    )))
}

pub(super) async fn confirm_release_all(doing: &ActContext<'_>) -> Result<Confirmation, ApiError> {
    let agent = doing.needed("agent_id")?;
    let page = doing
        .asker()
        .ask::<GetAgent>(&[("agent_id", Some(agent)), ("limit", Some("1"))])
        .await?;
    let what = page
        .working
        .iter()
        .map(|work| Html::default().tag("It loses ").tag(&name(work).0).tag("."));
    let mut what: Vec<Html> = what.collect();
    if what.is_empty() {
        let words = format!("{agent} holds no issue. Nothing was done.");
        return Err(ApiError::bad_request(words));
    }
    what.push(sentence(
        "Its next call is told so. The issues are offered again at once.",
    ));
    Ok(Confirmation {
        title: format!("Release all {} issues of {agent}", page.working.len()),
        what,
        fields: vec![reason()],
        hidden: vec![("agent_id", agent.to_owned())],
        button: "Release all of them",
    })
}

pub(super) async fn release_all(doing: &ActContext<'_>) -> Result<ActOutcome, ApiError> {
    let agent = doing.needed("agent_id")?;
    let page = doing
        .asker()
        .ask::<GetAgent>(&[("agent_id", Some(agent)), ("limit", Some("1"))])
        .await?;
    let (mut released, mut refused) = (0, Vec::new());
    for work in &page.working {
        // Each is a change of its own, so that none takes the form's key.
        let fields = [
            ("claim_id", Some(work.claim_id.as_str())),
            ("agent_id", Some(agent)),
            ("reason", doing.form.text("reason")),
        ];
        let single = ActContext {
            form: &crate::form::Form::default(),
            ..*doing
        };
        match single.call::<ReleaseIssue>(&fields).await {
            Ok(_) => released += 1,
            Err(error) => refused.push(format!(
                "{}#{}: {}",
                work.repo,
                work.issue_number,
                crate::page::words(&error)
            )),
        }
    }
    match refused.first() {
        None => Ok(ActOutcome::Said(format!(
            "Released all {released} issues of {agent}."
        ))),
        Some(first) => Ok(ActOutcome::Said(format!(
            "Released {released} issues of {agent}; {} not. {first}",
            refused.len()
        ))),
    }
}

pub(super) async fn confirm_keep(doing: &ActContext<'_>) -> Result<Confirmation, ApiError> {
    let work = working(doing).await?;
    Ok(Confirmation {
        title: format!(
            "Keep {}#{} with {}",
            work.repo, work.issue_number, work.agent_id
        ),
        what: vec![
            Html::default()
                .text(&work.agent_id)
                .tag(" keeps ")
                .tag(&name(&work).0)
                .tag(", as if it had given a sign of life."),
        ],
        fields: Vec::new(),
        hidden: of_claim(&work),
        button: "Keep",
    })
}

pub(super) async fn keep(doing: &ActContext<'_>) -> Result<ActOutcome, ApiError> {
    let work = working(doing).await?;
    // A stale claim comes back to where it most likely was.
    let status = match (work.status.0, work.pr_number) {
        (ClaimStatus::Stale, Some(_)) => ClaimStatus::PrSubmitted,
        (ClaimStatus::Stale, None) => ClaimStatus::InProgress,
        (status, _) => status,
    };
    let fields = [
        ("claim_id", Some(work.claim_id.as_str())),
        ("agent_id", Some(work.agent_id.as_str())),
        ("status", Some(status.as_str())),
        ("note", Some("Kept by a person")),
    ];
    doing.call::<UpdateClaimStatus>(&fields).await?;
    let until = doing.web.service().policy().claim_timeout.0 / 1000;
    Ok(ActOutcome::Said(format!(
        "Kept: {} has {}#{} for another {} without a sign of life.",
        work.agent_id,
        work.repo,
        work.issue_number,
        duration(until)
    )))
}

pub(super) async fn confirm_give(doing: &ActContext<'_>) -> Result<Confirmation, ApiError> {
    let work = working(doing).await?;
    Ok(Confirmation {
        title: format!("Give {}#{} to another agent", work.repo, work.issue_number),
        what: vec![
            Html::default()
                .text(&work.agent_id)
                .tag(" loses ")
                .tag(&name(&work).0)
                .tag("."),
            sentence(
                "The other agent gets the claim as it stands, with its branch and its history. Both are told with their next calls.",
            ),
        ],
        fields: vec![to_agent(), note()],
        hidden: of_claim(&work),
        button: "Give it",
    })
}

pub(super) async fn give(doing: &ActContext<'_>) -> Result<ActOutcome, ApiError> {
    let (repo, number) = place(doing)?;
    let to = doing.needed("to_agent_id")?;
    let fields = [
        ("claim_id", Some(doing.needed("claim_id")?)),
        ("to_agent_id", Some(to)),
        ("note", doing.form.text("note")),
    ];
    doing.call::<GiveClaim>(&fields).await?;
    Ok(ActOutcome::Said(format!(
        "Given: {to} has {repo}#{number} now."
    )))
}

pub(super) fn confirm_give_feedback(doing: &ActContext<'_>) -> Result<Confirmation, ApiError> {
    let item = doing.needed("work_item_id")?;
    Ok(Confirmation {
        title: "Give feedback to an agent".to_owned(),
        what: vec![sentence(
            "The agent gets it with its next call; whoever works on it loses it and is told so.",
        )],
        fields: vec![to_agent(), note()],
        hidden: vec![("work_item_id", item.to_owned())],
        button: "Give it",
    })
}

pub(super) async fn give_feedback(doing: &ActContext<'_>) -> Result<ActOutcome, ApiError> {
    let to = doing.needed("to_agent_id")?;
    let fields = [
        ("work_item_id", Some(doing.needed("work_item_id")?)),
        ("to_agent_id", Some(to)),
        ("note", doing.form.text("note")),
    ];
    doing.call::<GiveFollowup>(&fields).await?;
    Ok(ActOutcome::Said(format!(
        "Given: {to} has the feedback now."
    )))
}

pub(super) fn confirm_dismiss(doing: &ActContext<'_>) -> Result<Confirmation, ApiError> {
    let item = doing.needed("work_item_id")?;
    Ok(Confirmation {
        title: "Dismiss feedback".to_owned(),
        what: vec![
            sentence("No agent is asked to answer it any more. On GitHub it stays as it is."),
            sentence("If an agent works on it, its next call is told so."),
        ],
        fields: vec![Field::new("note", "Why (kept with the feedback)", Kind::Long).needed()],
        hidden: vec![("work_item_id", item.to_owned())],
        button: "Dismiss it",
    })
}

pub(super) async fn dismiss(doing: &ActContext<'_>) -> Result<ActOutcome, ApiError> {
    let fields = [
        ("work_item_id", Some(doing.needed("work_item_id")?)),
        ("note", Some(doing.needed("note")?)),
    ];
    doing.call::<DismissFollowup>(&fields).await?;
    Ok(ActOutcome::Said(
        "Dismissed: no agent is asked to answer it any more.".to_owned(),
    ))
}

pub(super) async fn confirm_offer(doing: &ActContext<'_>) -> Result<Confirmation, ApiError> {
    let (repo, number) = place(doing)?;
    let history = history(doing, &repo, &number).await?;
    let mut what = vec![
        issue(&repo, &number).tag(" is parked no longer, its earlier attempts do not count any more, and no agent has to wait for it."),
    ];
    let others = history.issue.iter().flat_map(|issue| &issue.not_ready);
    let others: Vec<String> = others
        .filter(|reason| !["parked", "cooldown"].contains(&reason.reason))
        .map(|reason| reason.words.clone())
        .collect();
    if !others.is_empty() {
        what.push(sentence(&format!(
            "What else stands against it stays: {}.",
            others.join("; ")
        )));
    }
    Ok(Confirmation {
        title: format!("Offer {repo}#{number} again"),
        what,
        fields: vec![note()],
        hidden: hidden_place(&repo, &number),
        button: "Offer it again",
    })
}

pub(super) async fn offer(doing: &ActContext<'_>) -> Result<ActOutcome, ApiError> {
    let (repo, number) = place(doing)?;
    let fields = [
        ("repo", Some(repo.as_str())),
        ("issue_number", Some(number.as_str())),
        ("note", doing.form.text("note")),
    ];
    let answer = doing.call::<OfferIssue>(&fields).await?;
    let ready = answer.readiness.ready;
    Ok(ActOutcome::Said(if ready {
        format!("{repo}#{number} is offered again.")
    } else {
        format!(
            "{repo}#{number} is parked no longer, but something else stands against it: see the issue."
        )
    }))
}

pub(super) async fn confirm_park(doing: &ActContext<'_>) -> Result<Confirmation, ApiError> {
    let (repo, number) = place(doing)?;
    let history = history(doing, &repo, &number).await?;
    let mut what = vec![
        issue(&repo, &number).tag(" is not offered to any agent until a person offers it again."),
    ];
    if let Some(work) = &history.working {
        what.push(
            Html::default()
                .text(&work.agent_id)
                .tag(" has it now, and keeps it."),
        );
    }
    Ok(Confirmation {
        title: format!("Park {repo}#{number}"),
        what,
        fields: vec![Field::new("note", "Why (agents and people read it)", Kind::Long).needed()],
        hidden: hidden_place(&repo, &number),
        button: "Park it",
    })
}

pub(super) async fn park(doing: &ActContext<'_>) -> Result<ActOutcome, ApiError> {
    let (repo, number) = place(doing)?;
    let fields = [
        ("repo", Some(repo.as_str())),
        ("issue_number", Some(number.as_str())),
        ("note", Some(doing.needed("note")?)),
    ];
    doing.call::<ParkIssue>(&fields).await?;
    Ok(ActOutcome::Said(format!(
        "Parked: {repo}#{number} is not offered until a person offers it again."
    )))
}
