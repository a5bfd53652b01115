//! Records, field by field.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::claim::{ClaimStatus, StatusEntry};
use issuecommand_core::domain::event::{Details, Event, EventKind, EventOrigin, SyncStats};
use issuecommand_core::domain::halt::{Halt, HaltKind, HaltOf};
use issuecommand_core::domain::id::{Principal, RepoId};
use issuecommand_core::domain::issue::{Comment, IssuePlace, IssueState, Milestone};
use issuecommand_core::domain::readiness::ReasonCode;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::ports::github::Budget;
use issuecommand_core::ports::store::{RepoCount, StoreHealth, WithheldIssue};
use issuecommand_core::service::{
    AssignedIssue, AssignedWork, DatabaseInfo, Health, IssueDetails, ShownHalt, Updated, Work,
};
use issuecommand_wire::record::{ClaimRecord, EventRecord, HealthRecord, IssueRecord, RepoRecord};
use issuecommand_wire::response::{
    NextIssueResponse, NextWorkResponse, UpdateResponse, WorkResponse,
};
use serde_json::{Value, json};

use crate::followups::bare_followup_json;
use crate::samples::{
    at, bare_claim, bare_followup, bare_issue, bare_repo, chosen, number, repo_name, wire,
};

fn bare_claim_json() -> Value {
    json!({
        "claim_id": "00000000-0000-4000-8000-000000000007",
        "agent_id": "ada",
        "repo": "Acme/Api",
        "issue_number": 7,
        "issue_title": "Broken",
        "issue_labels": ["bug"],
        "issue_assignees": ["octo"],
        "status": "claimed",
        "claimed_at": "2026-01-02T03:04:05.006Z",
        "last_updated": "2026-01-02T03:04:05.006Z",
        "status_history": [{ "status": "claimed", "timestamp": "2026-01-02T03:04:05.006Z" }],
    })
}

#[test]
fn a_claim_has_only_the_fields_that_are_set() {
    let mut claim = bare_claim();
    assert_eq!(wire(ClaimRecord::from(&claim)), bare_claim_json());

    claim.status = ClaimStatus::PrSubmitted;
    claim.pr_url = Some("https://github.com/Acme/Api/pull/8".to_owned());
    claim.notice = Some("GitHub moved it".to_owned());
    claim.pull_notice = Some("Closed without being merged".to_owned());
    claim.before_stale = Some(ClaimStatus::InProgress);
    let timestamp = at("2026-01-02T04:00:00Z");
    claim.history.push(StatusEntry {
        status: ClaimStatus::PrSubmitted,
        timestamp,
        note: Some("done".to_owned()),
    });
    let told = wire(ClaimRecord::from(&claim));
    assert_eq!(told["status"], "pr_submitted");
    assert_eq!(told["pr_url"], "https://github.com/Acme/Api/pull/8");
    assert_eq!(told["pr_link"], "agent");
    assert_eq!(told["issue_notice"], "GitHub moved it");
    assert_eq!(told["pr_notice"], "Closed without being merged");
    let last = json!({ "status": "pr_submitted", "timestamp": "2026-01-02T04:00:00.000Z", "note": "done" });
    assert_eq!(told["status_history"][1], last);
    assert!(
        told.get("before_stale").is_none() && told.get("principal").is_none(),
        "inner fields stay inside"
    );
}

fn bare_issue_json() -> Value {
    json!({
        "repo": "Acme/Api",
        "number": 7,
        "title": "Broken",
        "body": "",
        "state": "open",
        "labels": ["bug"],
        "assignees": [],
        "comments": [],
        "created_at": "2025-12-31T23:59:59Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "url": "https://github.com/Acme/Api/issues/7",
        "author": "ghost",
        "priority": "medium",
    })
}

#[test]
fn an_issue_has_githubs_times_and_comments_in_details_alone() {
    let mut issue = bare_issue();
    assert_eq!(wire(IssueRecord::from(&issue)), bare_issue_json());

    issue.facts.state = IssueState::Closed;
    issue.facts.milestone = Some(Milestone {
        number: 3,
        title: "v1".to_owned(),
    });
    let comment = |author: Option<&str>, url: Option<&str>| Comment {
        author: author.map(str::to_owned),
        body: "Me too".to_owned(),
        created_at: at("2026-01-01T00:00:00Z"),
        url: url.map(str::to_owned),
    };
    let comments = vec![
        comment(Some("bob"), Some("https://x/1")),
        comment(None, None),
    ];
    let told = wire(IssueRecord::from(&IssueDetails {
        issue,
        comments: Some(comments.into()),
        warnings: Vec::new(),
    }));
    assert_eq!(
        (&told["state"], &told["milestone"]),
        (&json!("closed"), &json!("v1"))
    );
    assert_eq!(told["comments_count"], 2);
    assert_eq!(
        told["comments"],
        json!([
            { "author": "bob", "body": "Me too", "created_at": "2026-01-01T00:00:00Z", "url": "https://x/1" },
            { "author": "ghost", "body": "Me too", "created_at": "2026-01-01T00:00:00Z" },
        ])
    );
}

#[test]
fn a_repository_has_githubs_count_until_the_mirror_has_its_own() {
    let mut repo = bare_repo();
    let expected = json!({
        "full_name": "Acme/Api",
        "owner": "Acme",
        "name": "Api",
        "url": "https://github.com/Acme/Api",
        "private": false,
        "open_issue_count": 12,
    });
    assert_eq!(
        wire(RepoRecord::from(&RepoCount {
            repo: repo.clone(),
            open: 5
        })),
        expected
    );
    repo.synced_at = Some(at("2026-01-01T00:00:00Z"));
    repo.facts.description = Some("An API".to_owned());
    let told = wire(RepoRecord::from(&RepoCount { repo, open: 5 }));
    assert_eq!(
        (&told["open_issue_count"], &told["description"]),
        (&json!(5), &json!("An API"))
    );
}

#[test]
fn events_say_whom_they_concern() {
    let claim = bare_claim();
    let event = |kind, details| {
        let event = Event::of_claim(
            kind,
            &claim,
            at("2026-01-02T03:04:05.006Z"),
            &Principal::ApiKey,
            details,
        );
        wire(EventRecord::from(&Event {
            seq: 9_007_199_254_740_993,
            ..event
        }))
    };
    assert_eq!(
        event(
            EventKind::ClaimCreated,
            Details::Created { idempotent: false }
        ),
        json!({
            "event_id": "9007199254740993",
            "type": "claim.created",
            "timestamp": "2026-01-02T03:04:05.006Z",
            "claim_id": "00000000-0000-4000-8000-000000000007",
            "repo": "Acme/Api",
            "issue_number": 7,
            "agent_id": "ada",
            "details": { "idempotent": false },
        })
    );
    let moved = |source, note| Details::Moved {
        source,
        status: ClaimStatus::Released,
        note,
    };
    let told = event(
        EventKind::ClaimReleased,
        moved(EventOrigin::Agent, Some("later".to_owned())),
    );
    assert_eq!(
        told["details"],
        json!({ "source": "agent", "status": "released", "note": "later" })
    );
    let told = event(EventKind::ClaimAutoReleased, moved(EventOrigin::Sync, None));
    assert_eq!(
        told["details"],
        json!({ "source": "sync", "status": "released" })
    );

    let run = Event {
        seq: 2,
        kind: EventKind::SyncReconciled,
        timestamp: at("2026-01-02T00:00:00Z"),
        principal: Principal::System,
        claim: None,
        item: None,
        repo: None,
        number: None,
        pull: None,
        agent: None,
        details: Details::Reconciled(SyncStats {
            repos_scanned: 1,
            stale_auto_released: 7,
            ..SyncStats::default()
        }),
    };
    assert_eq!(
        wire(EventRecord::from(&run)),
        json!({
            "event_id": "2",
            "type": "sync.reconciled",
            "timestamp": "2026-01-02T00:00:00.000Z",
            "details": {
                "repos_scanned": 1,
                "open_issues_seen": 0,
                "newly_opened_issues": 0,
                "externally_closed_claims": 0,
                "metadata_updates": 0,
                "stale_marked": 0,
                "stale_auto_released": 7,
            },
        })
    );
}

#[test]
fn an_event_of_a_transfer_names_both_places() {
    let event = |kind, details| {
        let at = at("2026-01-02T03:04:05.006Z");
        wire(EventRecord::from(&Event::of_claim(
            kind,
            &bare_claim(),
            at,
            &Principal::ApiKey,
            details,
        )))
    };
    let told = event(
        EventKind::ClaimMoved,
        Details::Transferred {
            source: EventOrigin::Webhook,
            from_repo: RepoName::parse("acme/old").unwrap(),
            from_number: number(1),
        },
    );
    assert_eq!(
        (&told["type"], &told["repo"], &told["issue_number"]),
        (&json!("claim.moved"), &json!("Acme/Api"), &json!(7))
    );
    assert_eq!(
        told["details"],
        json!({
            "source": "webhook",
            "from_repo": "acme/old",
            "from_issue_number": 1,
            "to_repo": "Acme/Api",
            "to_issue_number": 7,
        })
    );
}

#[test]
fn an_event_names_no_repository_that_its_reader_does_not_see() {
    let place = |name: &str| IssuePlace {
        repo: RepoName::parse(name).unwrap(),
        number: number(3),
    };
    let event = |details| {
        let at = at("2026-01-02T03:04:05.006Z");
        let by = Principal::ApiKey;
        Event::of_claim(EventKind::ClaimMoved, &bare_claim(), at, &by, details)
    };
    let sight = Scope::Only([RepoName::parse("acme/api").unwrap()].into());
    let cycle = event(Details::Cycle {
        issues: vec![place("Acme/Api"), place("acme/vault")],
    });
    let told = |event: &Event, sight| wire(EventRecord::seen_in(event, sight))["details"].clone();
    assert_eq!(told(&cycle, &sight), json!({ "issues": ["Acme/Api#3"] }));
    let whole = json!({ "issues": ["Acme/Api#3", "acme/vault#3"] });
    assert_eq!(told(&cycle, &Scope::All), whole);
    let moved = event(Details::Transferred {
        source: EventOrigin::Sync,
        from_repo: RepoName::parse("acme/vault").unwrap(),
        from_number: number(1),
    });
    assert_eq!(
        told(&moved, &sight),
        json!({ "source": "sync", "to_repo": "Acme/Api", "to_issue_number": 7 })
    );
}

#[test]
fn health_counts() {
    let store = StoreHealth {
        total_claims: 4,
        active_claims: 3,
        active_agents: 2,
        stale_claims: 1,
        open_followups: 5,
        stale_followups: 6,
        deferred_deliveries: 7,
        dead_deliveries: 8,
        ..StoreHealth::default()
    };
    let mut health = Health {
        uptime: Millis(61_999),
        store,
        not_ready: [(ReasonCode::Held, 3), (ReasonCode::Assigned, 2)].into(),
        cycles: Vec::new(),
        halts: Vec::new(),
        held_back: 0,
        budget: Budget::default(),
        warnings: Vec::new(),
        database: None,
    };
    let told = wire(HealthRecord::from(&health));
    assert_eq!(
        told,
        json!({
            "uptime_seconds": 61,
            "total_claims": 4,
            "active_claims": 3,
            "active_agents": 2,
            "stale_claims": 1,
            "not_ready": { "held": 3, "assigned": 2 },
            "outbox_waiting": 0,
            "open_followups": 5,
            "stale_followups": 6,
            "deferred_deliveries": 7,
            "dead_deliveries": 8,
            "github": {},
        })
    );
    health.store.last_sync = Some(at("2026-01-02T00:00:00Z"));
    health.budget.waiting = Some(Millis(1));
    health.warnings = vec!["look at this".to_owned()];
    health.halts = vec![ShownHalt {
        halt: Halt {
            of: HaltOf::Repo(RepoId(3)),
            kind: HaltKind::Draining,
            by: "api-key".to_owned(),
            note: Some("release".to_owned()),
            at: at("2026-01-02T00:00:00Z"),
        },
        repo: Some(repo_name()),
    }];
    health.store.close_failed = vec![WithheldIssue {
        repo: repo_name(),
        number: number(7),
        since: at("2026-01-02T00:00:00Z"),
    }];
    let told = wire(HealthRecord::from(&health));
    assert_eq!(told["last_github_sync_at"], "2026-01-02T00:00:00.000Z");
    assert_eq!(told["github"], json!({ "waiting_seconds": 1 }));
    assert_eq!(told["warnings"], json!(["look at this"]));
    let withheld =
        json!({ "repo": "Acme/Api", "issue_number": 7, "since": "2026-01-02T00:00:00.000Z" });
    assert_eq!(told["close_failed"], json!([withheld]));
    let halted = json!({ "of": "repo", "repo": "Acme/Api", "state": "draining", "by": "api-key", "note": "release",
        "since": "2026-01-02T00:00:00.000Z" });
    assert_eq!(told["halted"], json!([halted]));
    health.database = Some(DatabaseInfo {
        id: "0a@1:2".to_owned(),
        place: "/data/issues.db".to_owned(),
    });
    let told = wire(HealthRecord::from(&health));
    assert_eq!(
        told["database"],
        json!({ "id": "0a@1:2", "place": "/data/issues.db" })
    );
}

#[test]
fn successful_responses_have_ok_true() {
    let next = wire(NextIssueResponse::from(AssignedIssue {
        claim: Box::new(bare_claim()),
        issue: Box::new(bare_issue()),
        chosen: Some(chosen()),
        untried: true,
    }));
    let expected = json!({ "ok": true, "claim": bare_claim_json(), "issue": bare_issue_json(), "idempotent": false,
        "chosen_because": { "words": "the oldest that fits of rank high (label \"p1\"), open for 2 days", "rank": "high",
            "rank_source": "label p1", "age_days": 2 } });
    assert_eq!(next, expected);
    let work = wire(NextWorkResponse::from(AssignedWork::Issue(AssignedIssue {
        claim: Box::new(bare_claim()),
        issue: Box::new(bare_issue()),
        chosen: None,
        untried: true,
    })));
    let expected = json!({ "ok": true, "kind": "issue", "claim": bare_claim_json(), "issue": bare_issue_json() });
    assert_eq!(work, expected);
    let work = wire(NextWorkResponse::from(AssignedWork::Followup(Box::new(
        bare_followup(),
    ))));
    let expected = json!({ "ok": true, "kind": "pr_followup", "work_item": bare_followup_json(),
        "chosen_because": { "words": "feedback that nobody had answered for 0 seconds", "age_days": 0 } });
    assert_eq!(work, expected);
    let mine = wire(WorkResponse::from(Work {
        claims: vec![bare_claim()],
        followups: vec![bare_followup()],
        others: std::collections::BTreeSet::new(),
    }));
    assert_eq!(
        mine,
        json!({ "work": { "claims": [bare_claim_json()], "followups": [bare_followup_json()] } })
    );

    let updated = |issue_closed, error: Option<&str>| {
        let issue_close_error = error.map(str::to_owned);
        wire(UpdateResponse::from(Updated {
            claim: bare_claim(),
            idempotent: true,
            issue_closed,
            issue_close_error,
            closed_on_github: false,
            warnings: Vec::new(),
        }))
    };
    assert_eq!(
        updated(None, None),
        json!({ "ok": true, "claim": bare_claim_json(), "idempotent": true })
    );
    let closed = updated(Some(false), Some("not now"));
    assert_eq!(
        (&closed["issue_closed"], &closed["issue_close_error"]),
        (&json!(false), &json!("not now"))
    );
}
