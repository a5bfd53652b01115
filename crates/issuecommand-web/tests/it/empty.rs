//! What screens say while there is nothing to show: the next step.

use axum::http::StatusCode;

use crate::world::{KEY, World};

#[tokio::test]
async fn empty_screens_say_what_to_do_next() {
    let world = World::new();
    let cookie = world.sign_in(KEY).await;
    for (path, words) in [
        ("/ui", "issuecommand install claude-code"),
        ("/ui", "Nothing needs you."),
        ("/ui/issues", "Issues come with the next sync"),
        ("/ui/issues?state=held", "No agent holds an issue"),
        ("/ui/issues?state=all&q=x", "No issue with these filters"),
        (
            "/ui/feedback",
            "Reviews and comments on pull requests of agents come here",
        ),
        ("/ui/agents", "No agent has asked yet"),
        ("/ui/events", "Nothing has happened yet"),
        ("/ui/system", "No repository is on offer"),
    ] {
        let page = world.get(path, &cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(
            page.text.contains(words),
            "{path} lacks {words:?}: {}",
            page.text
        );
    }
}
