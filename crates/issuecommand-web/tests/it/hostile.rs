//! Text of strangers in every field that they can fill, on every screen.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::engine::command::{Action, Command};
use issuecommand_testkit::builders::{agent, issue, local};

use crate::world::{KEY, REPO, World};

/// What strangers write, and what of it must not be in a page.
fn corpus() -> Vec<(String, &'static str)> {
    vec![
        ("<script>alert(1)</script>".to_owned(), "<script>alert"),
        ("\"><img src=x onerror=alert(1)>".to_owned(), "<img"),
        ("' onmouseover='alert(1)".to_owned(), "' onmouseover"),
        ("</title><body onload=alert(1)>".to_owned(), "<body onload"),
        ("{{ 7 * 7 }} {% include \"x\" %}".to_owned(), "49 "),
        (
            "hx-get=\"/ui/sign-out\" hx-trigger=\"load\"".to_owned(),
            "hx-get=\"",
        ),
        ("invoice\u{202e}gpj.exe".to_owned(), "\u{202e}"),
        ("zero\u{200b}width\u{feff}\u{2066}".to_owned(), "\u{200b}"),
        ("bell\u{7}and escape \u{1b}[31mred".to_owned(), "\u{1b}"),
        (
            "data: evil\n\nid: 666\n\nevent: ended".to_owned(),
            "\nid: 666\n",
        ),
        ("x".repeat(65_000), "\u{0}"),
        (
            "[link](javascript:alert(1)) **bold**".to_owned(),
            "href=\"javascript",
        ),
    ]
}

#[tokio::test]
async fn text_of_strangers_is_text_on_every_screen() {
    for (text, forbidden) in corpus() {
        let world = World::new();
        let labelled = issue(1)
            .title(&text)
            .body(&text)
            .labels(&[&text])
            .assignees(&[])
            .milestone(1, &text);
        world
            .mirror(REPO, [labelled, issue(2).title(&text), issue(3)])
            .await;
        let claim = world.claim("claude-a", 1).await;
        world
            .note(Command::new(
                &local(),
                Action::UpdateClaim {
                    claim: claim.id,
                    agent: agent("claude-a"),
                    to: ClaimStatus::InProgress,
                    note: Some(text.clone()),
                    pr_url: None,
                },
            ))
            .await;
        world
            .note(Command::new(
                &local(),
                Action::ReleaseClaim {
                    claim: claim.id,
                    agent: agent("claude-a"),
                    reason: Some(text.clone()),
                    outcome: None,
                },
            ))
            .await;
        world.claim("claude-a", 2).await;
        let cookie = world.sign_in(KEY).await;
        let park = format!(
            "repo={REPO}&number=3&note={}",
            url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()
        );
        world.post("/ui/act/park", &cookie, &park).await;
        for path in [
            "/ui",
            "/ui/issues?state=all",
            "/ui/issues?state=held",
            "/ui/issues?state=blocked",
            "/ui/i/acme/web/1",
            "/ui/i/acme/web/2",
            "/ui/i/acme/web/3",
            "/ui/feedback",
            "/ui/agents",
            "/ui/a/claude-a",
            "/ui/events",
            "/ui/system",
            "/ui/act/release?repo=acme/web&number=2",
        ] {
            let page = world.get(path, &cookie).await;
            assert_eq!(page.status, 200, "{path} {text:.30}");
            assert!(!page.text.contains(forbidden), "{path} has {forbidden:?}");
            // Nothing of ours has an event handler or a style in a tag.
            for inline in [
                " onclick=",
                " onerror=alert(1)>",
                " style=\"",
                "javascript:alert(1)\"",
            ] {
                assert!(!page.text.contains(inline), "{path} has {inline}");
            }
        }
    }
}

#[tokio::test]
async fn a_long_text_is_folded_and_whole() {
    let world = World::new();
    world.mirror(REPO, [issue(1)]).await;
    let claim = world.claim("claude-a", 1).await;
    let text = format!("{}THE END", "word ".repeat(1_500));
    world
        .note(Command::new(
            &local(),
            Action::ReleaseClaim {
                claim: claim.id,
                agent: agent("claude-a"),
                reason: Some(text.clone()),
                outcome: None,
            },
        ))
        .await;
    let cookie = world.sign_in(KEY).await;
    let page = world.get("/ui/events", &cookie).await.text;
    assert!(
        page.contains("… (7507 characters)</summary>") && page.contains("THE END"),
        "{page}"
    );
}

#[tokio::test]
async fn parameters_of_strangers_are_text_too() {
    let world = World::new();
    let cookie = world.sign_in(KEY).await;
    let evil = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for path in [
        format!("/ui?repo={evil}"),
        format!("/ui?agent_id={evil}"),
        format!("/ui/issues?state={evil}"),
        format!("/ui/issues?q={evil}&label={evil}&cursor={evil}"),
        format!("/ui/events?types={evil}&before={evil}"),
        format!("/ui/a/{evil}"),
        format!("/ui/i/acme/{evil}/1"),
        format!("/ui/i/acme/web/{evil}"),
        format!("/ui/act/{evil}?back={evil}"),
        format!("/ui/act/release?repo={evil}&number={evil}&back={evil}"),
        format!("/ui/open/{evil}"),
    ] {
        let page = world.get(&path, &cookie).await;
        assert!(
            !page.text.contains("<script>alert"),
            "{path}: {}",
            page.text
        );
        assert!(page.status.as_u16() < 500, "{path}: {page:?}");
    }
    let told = format!("{cookie}; issuecommand-said={evil}");
    assert!(
        !world
            .get("/ui/issues", &told)
            .await
            .text
            .contains("<script>alert")
    );
}
