//! Tests of the rules: a table of links, known pull requests and verdicts.

use super::*;
use crate::domain::claim::{Claim, ClaimStatus, Followed, Link, NamedPull, StatusEntry};
use crate::domain::id::{AgentId, ClaimId, IssueNumber, Principal, RepoId};
use crate::domain::pull_request::{Activity, Closing, PullRequestSnapshot, PullValidators};
use crate::domain::repo_name::RepoName;

const MADE: i64 = 100;

fn n(number: i64) -> IssueNumber {
    IssueNumber::new(number).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp(second * 1000)
}

/// A claim of issue 1, made at second [`MADE`], with the link that the text describes.
fn claim(link: &str) -> Claim {
    let status = ClaimStatus::InProgress;
    let (origin, pull) = match link.split_once(' ') {
        None => (None, None),
        Some(("agent", "text")) => (Some(LinkOrigin::Agent), None),
        Some(("agent", number)) => (Some(LinkOrigin::Agent), Some(number)),
        Some((_, number)) => (Some(LinkOrigin::Derived), Some(number)),
    };
    let (pull, replaced) = match pull.map(|pull| pull.split_once(" for ")) {
        Some(Some((pull, replaced))) => (Some(pull), Some(replaced)),
        _ => (pull, None),
    };
    let key = |number: &str| (RepoId(1), n(number.parse().unwrap()));
    Claim {
        earlier: 0,
        id: ClaimId(uuid::Uuid::nil()),
        agent: AgentId::parse("ann").unwrap(),
        principal: Principal::System,
        repo: RepoId(1),
        repo_name: RepoName::parse("acme/api").unwrap(),
        number: n(1),
        title: String::new(),
        labels: Vec::new(),
        assignees: Vec::new(),
        status,
        before_stale: None,
        claimed_at: at(MADE),
        last_updated: at(MADE),
        history: vec![StatusEntry {
            status,
            timestamp: at(MADE),
            note: None,
        }],
        pr_url: origin.map(|_| String::new()),
        pull: pull.map(key),
        link: origin.map(|origin| Link {
            followed: Followed::Opened,
            replaces: replaced.map(|number| {
                let (url, pull) = (String::new(), Some(key(number)));
                Box::new(NamedPull { url, pull })
            }),
            ..Link::new(origin)
        }),
        notice: None,
        pull_notice: None,
        github_closed_at: None,
        session: None,
        signed_at: Timestamp(0),
        stale_at: None,
    }
}

/// A pull request from text: its number, then its traits. By default it is open, closes issue 1, has a trusted author, and
/// was opened as many seconds after the claim as its number.
fn pull(words: &str) -> Pull {
    let (number, words) = words.split_once(' ').unwrap_or((words, ""));
    let number: i64 = number.parse().unwrap();
    let thin = PullRequestSnapshot::thin(n(number), String::new(), String::new());
    let mut pull = Pull {
        repo: RepoId(1),
        facts: PullRequestSnapshot {
            trusted: true,
            created_at: Some(at(MADE + number)),
            ..thin
        },
        pushed_at: None,
        closed_or_reopened_at: None,
        validators: PullValidators::default(),
        activity: Activity::default(),
        closing: Closing {
            issues: [n(1)].into(),
            ..Closing::default()
        },
    };
    for word in words.split(", ").filter(|word| !word.is_empty()) {
        match word {
            "closed" => pull.facts.open = false,
            "merged" => {
                (pull.facts.open, pull.facts.merged) = (false, true);
                pull.facts.merged_at = Some(at(MADE + 50));
            }
            "merged before" => {
                (pull.facts.open, pull.facts.merged) = (false, true);
                pull.facts.merged_at = Some(at(MADE - 1));
            }
            "closes nothing" => pull.closing.issues.clear(),
            "closes #2" => pull.closing.issues = [n(2)].into(),
            "of a stranger" => pull.facts.trusted = false,
            "elsewhere" => pull.repo = RepoId(2),
            "older" => pull.facts.created_at = Some(at(MADE - 1)),
            "of the same second" => pull.facts.created_at = Some(at(MADE)),
            "of unknown age" => pull.facts.created_at = None,
            "reopened" => pull.closing.reopened_at = Some(at(MADE + 40)),
            "reworded" => {
                pull.closing.added.insert(n(1), at(MADE + 40));
            }
            other => panic!("{other}"),
        }
    }
    pull
}

/// The verdict on a claim with this link and these pull requests. The last one is the current news.
fn judged(link: &str, pulls: &[&str]) -> String {
    let (claim, pulls): (_, Vec<Pull>) = (claim(link), pulls.iter().map(|it| pull(it)).collect());
    let case = Case {
        claim: &claim,
        made_at: at(MADE),
        pulls: pulls.iter().collect(),
        told: pulls.last().unwrap().key(),
    };
    let verdict = match case.judge() {
        Verdict::Nothing => "none".to_owned(),
        Verdict::Named => "agent's".to_owned(),
        Verdict::Derived(pull) => format!("#{}", pull.facts.number),
        Verdict::Ended(end) => format!("{end:?}").to_lowercase(),
    };
    let own = match case.judge() {
        Verdict::Derived(pull) => Some(pull.key()),
        Verdict::Named => named_by_agent(&claim).flatten(),
        Verdict::Nothing | Verdict::Ended(_) => None,
    };
    let mut rivals: Vec<String> = case
        .rivals(own)
        .map(|it| format!("#{}", it.facts.number))
        .collect();
    rivals.sort();
    match rivals.as_slice() {
        [] => verdict,
        rivals => format!("{verdict}, beside {}", rivals.join(" ")),
    }
}

#[test]
fn the_rules() {
    // The claim's link before; the known pull requests; the verdict.
    let table: &[(&str, &[&str], &str)] = &[
        // Open, in the issue's repository, newer than the claim, by an author with write access.
        ("none", &["7"], "#7"),
        ("none", &["7 of the same second"], "#7"),
        ("none", &["7 older"], "none"),
        ("none", &["7 of unknown age"], "none"),
        ("none", &["7 of a stranger"], "none"),
        ("none", &["7 elsewhere"], "none"),
        ("none", &["7 closes #2"], "none"),
        ("none", &["7 closes nothing"], "none"),
        ("none", &["7 closed"], "none"),
        // A merge counts if the pull request was opened after the claim, even if the opening arrives later.
        ("none", &["7 merged"], "#7"),
        ("none", &["7 merged, older"], "none"),
        ("none", &["7 merged, closes nothing"], "none"),
        ("none", &["7 merged", "8 closed"], "none"),
        // Of several, the one that has closed the issue for longest; the others are rivals.
        ("none", &["8", "7"], "#7, beside #8"),
        ("none", &["7 reworded", "8"], "#8, beside #7"),
        ("none", &["7 reopened", "8"], "#8, beside #7"),
        ("derived 7", &["7", "8"], "#7, beside #8"),
        ("derived 7", &["7", "8 of a stranger"], "#7"),
        ("derived 7", &["7", "8 merged"], "#7"),
        // A derived link ends, and the next one that fits replaces it.
        ("derived 7", &["7 closes #2"], "reworded"),
        ("derived 7", &["7 closes nothing"], "reworded"),
        ("derived 7", &["7 closed"], "closed"),
        ("derived 7", &["7 elsewhere"], "unfit"),
        ("derived 7", &["7 older"], "unfit"),
        ("derived 7", &["7 of unknown age"], "#7"),
        ("derived 7", &["8", "7 closed"], "#8"),
        ("derived 7", &["7 closed", "8"], "#8"),
        ("derived 7", &["8", "7 closes nothing"], "#8"),
        ("derived 7", &["8 merged", "7 closed"], "closed"),
        ("derived 7", &["7 merged"], "#7"),
        ("derived 7", &["7 merged", "6"], "#7, beside #6"),
        ("derived 7", &["7 merged, closes nothing"], "reworded"),
        // The named pull request stands, whatever GitHub suggests.
        ("agent 7", &["7", "8"], "agent's, beside #8"),
        ("agent 7", &["8"], "agent's, beside #8"),
        (
            "agent 7",
            &["7 closes nothing, older, of a stranger", "8"],
            "agent's, beside #8",
        ),
        ("agent 7", &["7 merged", "8"], "agent's, beside #8"),
        ("agent text", &["8"], "agent's, beside #8"),
        // If it was closed unmerged, or merged before the claim, a newer one replaces it.
        ("agent 7", &["7 closed"], "agent's"),
        ("agent 7", &["7 closed", "8"], "#8"),
        ("agent 7", &["7 closed", "6"], "agent's, beside #6"),
        ("agent 7", &["7 closed", "8 of a stranger"], "agent's"),
        ("agent 7", &["7 merged before", "8"], "#8"),
        // The named one returns when it is open again or the derived one has ended.
        ("derived 8 for 7", &["7 closed", "8"], "#8"),
        ("derived 8 for 7", &["8"], "#8"),
        ("derived 8 for 7", &["8", "7"], "agent's, beside #8"),
        ("derived 8 for 7", &["7 closed", "8 closed"], "agent's"),
        ("derived 8 for 7", &["7 closed", "8 merged"], "#8"),
        ("derived 8 for 7", &["7 closed", "8 closed", "9"], "#9"),
    ];
    for (link, pulls, wanted) in table {
        assert_eq!(judged(link, pulls), *wanted, "{link}: {pulls:?}");
    }
}
