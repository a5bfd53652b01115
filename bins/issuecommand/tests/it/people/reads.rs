//! How things stand: `status`, `list --ready`, `show`, `history`, `agents NAME`, each as the API has it.

use super::{REPO, Schemas, claim, command, document, printed, run, serve, told};
use crate::harness::{API_KEY, Site, Store};

on_each_store!(what_stands_is_shown);

fn what_stands_is_shown(store: Store) {
    let site = Site::with_issues_on(store, REPO, 4);
    let (_service, http, address) = serve(&site);
    let schemas = Schemas::of(&http);
    claim(&http, "codex-1", 1);
    printed(&run(
        &site,
        &["park", "harbour#4", "--reason", "needs a decision"],
    ));
    let base = format!("http://{address}");
    for (args, schema) in [
        (&["status"][..], "OverviewResponse"),
        (&["list", "--ready"], "IssueListResponse"),
        (&["list", "--blocked"], "IssueListResponse"),
        (&["show", "harbour#1"], "IssueHistoryResponse"),
        (&["history"], "LatestEventsResponse"),
        (&["agents", "codex-1"], "AgentPageResponse"),
        (&["agents"], "AgentsResponse"),
        (&["followups"], "FollowupsResponse"),
    ] {
        let json = [args, &["--json"]].concat();
        let own = document(&run(&site, &json));
        schemas.check(schema, &own);
        let url = [&json[..], &["--url", &base]].concat();
        let remote = command(&site, &url)
            .env("ISSUECOMMAND_KEY", API_KEY)
            .output();
        printed(&remote);
        schemas.check(schema, &document(&remote));
        printed(&run(&site, args));
    }
    let ready = printed(&run(&site, &["list", "--ready"]));
    let issues: Vec<&str> = ready
        .lines()
        .filter_map(|line| line.split('\t').next())
        .collect();
    assert_eq!(issues, ["acme/harbour#2", "acme/harbour#3"], "{ready}");
    let cut = run(&site, &["list", "--ready", "--limit", "1"]);
    assert_eq!(printed(&cut).lines().count(), 1);
    assert!(told(&cut).contains("1 of 2"), "{cut:?}");
    let blocked = printed(&run(
        &site,
        &["list", "--blocked", "--reason", "needs_human"],
    ));
    assert!(blocked.starts_with("acme/harbour#4\t"), "{blocked}");
    let shown = printed(&run(&site, &["show", "harbour#1"]));
    assert!(
        shown.contains("held by codex-1") && shown.contains("took it"),
        "{shown}"
    );
    let history = printed(&run(&site, &["history", "harbour#4"]));
    assert!(
        history.contains("\tacme/harbour#4\tparked by "),
        "{history}"
    );
    let nobody = run(&site, &["agents", "nobody"]);
    assert_eq!(nobody.status.code(), Some(3), "{nobody:?}");
}
