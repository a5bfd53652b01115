//! What a person does about issues.

use serde_json::json;

use super::{REPO, Schemas, claim, command, document, printed, run, serve, told};
use crate::harness::{Site, Store};

on_each_store!(a_person_takes_gives_and_parks);

fn a_person_takes_gives_and_parks(store: Store) {
    let site = Site::with_issues_on(store, REPO, 3);
    let (_service, http, _) = serve(&site);
    let schemas = Schemas::of(&http);
    let ask = |path: &str| http.get(path).body;
    let holder = || ask("/api/claims")["claims"][0]["agent_id"].clone();

    // As an agent: the oldest issue, in the person's name.
    let next = document(&run(&site, &["next", "--json"]));
    schemas.check("NextWorkResponse", &next);
    assert_eq!(next["claim"]["agent_id"], "ann@desk");
    assert_eq!(next["claim"]["issue_number"], 1);
    // What is one's own is given back without a question.
    let back = printed(&run(
        &site,
        &["release", "harbour#1", "--reason", "a rainy day"],
    ));
    assert!(back.starts_with("acme/harbour#1 is released."), "{back}");
    assert_eq!(ask("/api/claims")["claims"], json!([]));

    claim(&http, "codex-1", 2);
    let refused = run(&site, &["release", "harbour#2"]);
    assert!(
        told(&refused).contains("held by codex-1 for"),
        "{refused:?}"
    );
    assert_eq!(holder(), "codex-1");
    let kept = printed(&run(&site, &["keep", "harbour#2"]));
    assert!(
        kept.starts_with("codex-1 keeps acme/harbour#2, and goes stale at "),
        "{kept}"
    );
    let given = document(&run(
        &site,
        &["give", "harbour#2", "claude-a", "--yes", "--json"],
    ));
    schemas.check("ClaimResponse", &given);
    assert_eq!(holder(), "claude-a");
    printed(&run(&site, &["release", "harbour#2", "--yes"]));
    // What the last line said undoes it.
    printed(&run(&site, &["give", "harbour#2", "claude-a"]));
    assert_eq!(holder(), "claude-a");
    let again = printed(&run(&site, &["claim", "harbour#2", "--as", "claude-a"]));
    assert_eq!(again, "acme/harbour#2 is already held by claude-a\n");

    printed(&run(
        &site,
        &["park", "harbour#3", "--reason", "needs a decision"],
    ));
    let why = document(&run(&site, &["explain", "harbour#3", "--json"]));
    schemas.check("ExplainResponse", &why);
    assert_eq!(why["readiness"]["reasons"][0]["reason"], "needs_human");
    let why = printed(&run(&site, &["explain", "harbour#3"]));
    assert!(why.contains("needs a decision"), "{why}");
    let offered = printed(&run(&site, &["offer", "harbour#3"]));
    assert_eq!(offered, "acme/harbour#3 is offered again\n");

    printed(&run(
        &site,
        &["pause", "--agent", "codex-1", "--reason", "too fast"],
    ));
    let paused = run(&site, &["next", "--as", "codex-1"]);
    assert_eq!(paused.status.code(), Some(5), "{paused:?}");
    assert!(told(&paused).contains("too fast"), "{paused:?}");
    printed(&run(&site, &["resume", "--agent", "codex-1"]));
    let taken = printed(&run(&site, &["next", "--as", "codex-1"]));
    assert!(taken.starts_with("acme/harbour#1\tIssue 1\t"), "{taken}");
    site.assert_sound();
}

#[test]
fn reads_need_no_token_and_leave_no_log() {
    let site = Site::with_issues(REPO, 1);
    let (_service, http, _) = serve(&site);
    claim(&http, "codex-1", 1);
    for args in [["list"], ["agents"], ["followups"]] {
        let output = command(&site, &args)
            .without("GITHUB_TOKEN")
            .without("API_KEY")
            .output();
        printed(&output);
        let words = told(&output);
        assert!(
            words.is_empty() || words == "no feedback waits\n",
            "{output:?}"
        );
    }
}
