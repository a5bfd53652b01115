//! GitHub's JSON, field by field as in its REST documentation.

mod comment;
mod issue;
mod optional_facts;
mod pull;
mod repo;
mod review;
mod timeline;

use serde_json::{Value, json};

use super::model::{Repo, User};
use super::world::World;

/// The context of rendering: the accounts, and the base URL.
#[derive(Clone, Copy)]
pub(super) struct Shape<'a> {
    pub(super) world: &'a World,
    /// Base URL of the API without a trailing slash.
    pub(super) api: &'a str,
    /// Whether corrupted rows are rendered as such; deliveries show the real ones.
    pub(super) garbles: bool,
}

/// The address of pages for people; clients only pass it on.
pub(super) const WEB: &str = "https://github.com";

impl Shape<'_> {
    /// A user inside another object; `null` for a deleted account.
    pub(super) fn user(self, login: Option<&str>) -> Value {
        match login.and_then(|login| self.world.user(login)) {
            Some(user) => self.account(user),
            None => Value::Null,
        }
    }

    fn account(self, user: &User) -> Value {
        let User { id, login, .. } = user;
        let url = format!("{}/users/{login}", self.api);
        object([
            ("login", login.as_str().into()),
            ("id", (*id).into()),
            ("node_id", format!("U_{id}").into()),
            (
                "avatar_url",
                format!("https://avatars.githubusercontent.com/u/{id}?v=4").into(),
            ),
            ("gravatar_id", "".into()),
            ("url", url.as_str().into()),
            ("html_url", format!("{WEB}/{login}").into()),
            ("followers_url", format!("{url}/followers").into()),
            (
                "following_url",
                format!("{url}/following{{/other_user}}").into(),
            ),
            ("gists_url", format!("{url}/gists{{/gist_id}}").into()),
            (
                "starred_url",
                format!("{url}/starred{{/owner}}{{/repo}}").into(),
            ),
            ("subscriptions_url", format!("{url}/subscriptions").into()),
            ("organizations_url", format!("{url}/orgs").into()),
            ("repos_url", format!("{url}/repos").into()),
            ("events_url", format!("{url}/events{{/privacy}}").into()),
            (
                "received_events_url",
                format!("{url}/received_events").into(),
            ),
            ("type", kind_of(user).into()),
            ("user_view_type", "public".into()),
            ("site_admin", false.into()),
        ])
    }

    /// The row with this id, corrupted if a test wants that.
    fn row(self, id: u64, row: Value) -> Value {
        if self.garbles {
            self.world.garbled(id, row)
        } else {
            row
        }
    }

    /// The sender of a delivery. GitHub names the ghost account for a deleted one.
    pub(super) fn sender(self, login: &str) -> Value {
        match self.user(Some(login)) {
            Value::Null => json!({"login": "ghost", "id": 10_137, "type": "User"}),
            user => user,
        }
    }

    /// The token's own user, as `GET /user` shows it.
    pub(super) fn myself(self, login: &str) -> Value {
        let mut value = self.user(Some(login));
        value["name"] = json!(login);
        value["company"] = Value::Null;
        value["email"] = Value::Null;
        value["bio"] = Value::Null;
        value["public_repos"] = json!(self.world.repos().count());
        value["created_at"] = json!("2011-01-25T18:44:36Z");
        value["updated_at"] = json!("2025-11-01T00:00:00Z");
        value
    }

    fn repo_url(self, repo: &Repo) -> String {
        format!("{}/repos/{}/{}", self.api, repo.owner, repo.name)
    }
}

fn kind_of(user: &User) -> &'static str {
    if user.login.ends_with("[bot]") {
        "Bot"
    } else if user.organization {
        "Organization"
    } else {
        "User"
    }
}

/// The last segments of a web page's path.
fn web(repo: &Repo, rest: &str) -> String {
    format!("{WEB}/{}/{}/{rest}", repo.owner, repo.name)
}

fn reactions(of: &str) -> Value {
    json!({
        "url": format!("{of}/reactions"),
        "total_count": 0, "+1": 0, "-1": 0, "laugh": 0, "hooray": 0, "confused": 0, "heart": 0, "rocket": 0, "eyes": 0,
    })
}

/// Builds an object by moving its strings; `json!` would copy each of them.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

/// Joins two halves of an object that is too long for one `json!`.
fn joined(mut one: Value, other: Value) -> Value {
    if let (Value::Object(one), Value::Object(other)) = (&mut one, other) {
        one.extend(other);
    }
    one
}
