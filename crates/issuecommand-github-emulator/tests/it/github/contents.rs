//! Files of the default branch.

use super::emulator_with;
use crate::raw::{Answer, get, send};

const PATH: &str = "/repos/acme/app/contents/.github/issuecommand.toml";

async fn raw(base: &str, etag: &str) -> Answer {
    let headers = [
        ("accept", "application/vnd.github.raw+json"),
        ("if-none-match", etag),
    ];
    send(base, "GET", PATH, &headers, "").await
}

#[tokio::test]
async fn a_file_is_read_and_read_again_only_if_it_changed() {
    let github = emulator_with(0).await;
    let missing = raw(github.url(), "").await;
    assert_eq!((missing.status, missing.header("etag")), (404, None));
    let path = ".github/issuecommand.toml";
    github.world(|world| world.put_file("acme/app", path, "types = [\"Bug\"]\n"));
    let first = raw(github.url(), "").await;
    assert_eq!(
        (first.status, first.body.as_str()),
        (200, "types = [\"Bug\"]\n")
    );
    assert!(
        first
            .header("content-type")
            .unwrap()
            .starts_with("application/vnd.github.raw")
    );
    let etag = first.header("etag").unwrap();
    let again = raw(github.url(), etag).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    github.world(|world| world.put_file("acme/app", path, "types = []\n"));
    let changed = raw(github.url(), etag).await;
    assert_eq!(
        (changed.status, changed.body.as_str()),
        (200, "types = []\n")
    );

    let described = get(github.url(), PATH).await.json();
    assert_eq!(
        (&described["name"], &described["size"]),
        (&"issuecommand.toml".into(), &11.into())
    );
    let other = get(github.url(), &format!("{PATH}?ref=feature")).await;
    assert_eq!(other.status, 404, "the file is only on the default branch");
    github.world(|world| world.remove_file("acme/app", path));
    assert_eq!(raw(github.url(), etag).await.status, 404);
}
