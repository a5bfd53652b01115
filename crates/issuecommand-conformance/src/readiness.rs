//! Issues are handed out unless there is a reason of their own against it, and the reasons can be read.

use issuecommand_core::domain::issue::{IssueFilter, IssueLookup, WithheldReason};
use issuecommand_core::domain::policy::{Policy, ReadinessPolicy};
use issuecommand_core::domain::readiness::{NotReady, ReasonCode, ReasonSet};
use issuecommand_core::engine::command::{Action, Answer, Command};
use issuecommand_testkit::builders::{claim, issue, number, record_issue, repo, rerank};

use super::world::{API, World};

fn policy(readiness: ReadinessPolicy) -> Policy {
    Policy {
        readiness,
        ..Policy::default()
    }
}

/// The reasons of an issue, as callers hear them.
pub(super) async fn reasons(world: &World, n: i64) -> Vec<NotReady> {
    let action = Action::AskReadiness {
        repo: repo(API),
        number: number(n),
    };
    match world.note(Command::system(action)).await {
        Answer::Readiness { reasons, .. } => reasons,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn codes(world: &World, n: i64) -> Vec<ReasonCode> {
    let reasons = reasons(world, n).await;
    reasons.iter().map(NotReady::code).collect()
}

/// The issues that are listed with reasons.
async fn unready(world: &World) -> Vec<(i64, ReasonSet)> {
    let rows = world.store.unready_issues(&repo(API)).await;
    let rows = rows.expect("issues are read").into_iter();
    let listed = rows.map(|(row, reasons)| (row.facts.number.get(), reasons));
    listed.collect()
}

pub(super) async fn offered(world: &World) -> Vec<i64> {
    world.offered(&IssueFilter::default()).await
}

fn set(codes: &[ReasonCode]) -> ReasonSet {
    codes.iter().copied().collect()
}

pub(super) async fn an_issue_without_reasons_is_ready(world: &World) {
    world.mirror(API, [issue(1).labels(&["bug"])]).await;
    assert_eq!(reasons(world, 1).await, []);
    assert_eq!(offered(world).await, [1]);
    assert_eq!(unready(world).await, []);
}

pub(super) async fn an_assigned_issue_is_not_handed_out(world: &World) {
    let world = &world
        .under(policy(ReadinessPolicy {
            agent_logins: Some(["bot-1".to_owned()].into()),
            ..ReadinessPolicy::default()
        }))
        .await;
    let issues = [
        issue(1).assignees(&["kim"]),
        issue(2).assignees(&["Bot-1"]),
        issue(3).assignees(&["bot-1", "kim"]),
    ];
    world.mirror(API, issues).await;
    assert_eq!(offered(world).await, [2]);
    let kim = NotReady::Assigned {
        people: vec!["kim".to_owned()],
    };
    assert_eq!(reasons(world, 1).await, std::slice::from_ref(&kim));
    assert_eq!(reasons(world, 3).await, [kim]);
    world.mirror(API, [issue(1).changed(9)]).await;
    assert_eq!(offered(world).await, [1, 2]);
}

pub(super) async fn labels_keep_an_issue_back(world: &World) {
    let world = &world
        .under(policy(ReadinessPolicy {
            require_labels: vec!["ready".to_owned()],
            ..ReadinessPolicy::default()
        }))
        .await;
    let issues = [
        issue(1).labels(&["Ready"]),
        issue(2).labels(&["READY", "No-Agent"]),
        issue(3).labels(&["bug"]),
    ];
    world.mirror(API, issues).await;
    assert_eq!(offered(world).await, [1]);
    let excluded = NotReady::ExcludedLabel {
        label: "No-Agent".to_owned(),
        by_repo: false,
    };
    assert_eq!(reasons(world, 2).await, [excluded]);
    assert_eq!(codes(world, 3).await, [ReasonCode::MissingLabel]);
    let listed = [
        (2, set(&[ReasonCode::ExcludedLabel])),
        (3, set(&[ReasonCode::MissingLabel])),
    ];
    assert_eq!(unready(world).await, listed);
}

pub(super) async fn all_reasons_are_kept(world: &World) {
    let assigned = issue(1).labels(&["no-agent"]).assignees(&["kim"]);
    world.mirror(API, [assigned]).await;
    world.claim("ann", API, 1).await;
    let gone = IssueLookup::Withheld(WithheldReason::NotFound);
    world.note(record_issue(API, 1, gone)).await;
    let all = [
        ReasonCode::Held,
        ReasonCode::Withheld,
        ReasonCode::Assigned,
        ReasonCode::ExcludedLabel,
    ];
    assert_eq!(codes(world, 1).await, all);
}

pub(super) async fn a_claim_by_number_is_warned(world: &World) {
    world.mirror(API, [issue(1).labels(&["no-agent"])]).await;
    let Answer::Claim { not_ready, .. } = world.note(claim("ann", API, 1)).await else {
        panic!("it is claimed");
    };
    let excluded = NotReady::ExcludedLabel {
        label: "no-agent".to_owned(),
        by_repo: false,
    };
    assert_eq!(not_ready, [excluded]);
    assert_eq!(
        codes(world, 1).await,
        [ReasonCode::Held, ReasonCode::ExcludedLabel]
    );
    assert_eq!(unready(world).await, [], "it is held");
}

pub(super) async fn changed_settings_judge_anew(world: &World) {
    let issues = [issue(1).labels(&["frozen"]), issue(2).assignees(&["kim"])];
    world.mirror(API, issues).await;
    assert_eq!(offered(world).await, [1]);
    let other = &world
        .under(policy(ReadinessPolicy {
            exclude_labels: vec!["frozen".to_owned()],
            ..ReadinessPolicy::anything()
        }))
        .await;
    other.note(rerank(None)).await;
    assert_eq!(offered(other).await, [2]);
    let before = other.everything().await;
    other.note(rerank(None)).await;
    assert_eq!(other.everything().await, before);
}

pub(super) async fn a_closed_issue_is_listed_nowhere(world: &World) {
    world.mirror(API, [issue(1).labels(&["no-agent"])]).await;
    assert_eq!(unready(world).await.len(), 1);
    world.mirror(API, [issue(1).closed().changed(9)]).await;
    assert_eq!(unready(world).await, []);
    assert_eq!(codes(world, 1).await, [ReasonCode::Closed]);
    world.mirror(API, [issue(1).changed(20)]).await;
    assert_eq!(offered(world).await, [1]);
}
