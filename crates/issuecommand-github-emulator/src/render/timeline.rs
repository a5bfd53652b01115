//! Commits, and the timeline of an issue or pull request.

use serde_json::{Value, json};

use super::{Shape, web};
use crate::model::{Commit, Repo, TimelineEvent, TimelineKind};

impl Shape<'_> {
    /// A commit as `/commits` shows it, without its files.
    pub(crate) fn commit(self, repo: &Repo, commit: &Commit) -> Value {
        let home = format!("{}/commits", self.repo_url(repo));
        let url = format!("{home}/{}", commit.sha);
        let parents: Value = commit
            .parents
            .iter()
            .map(|sha| {
                json!({"sha": sha, "url": format!("{home}/{sha}"), "html_url": web(repo, &format!("commit/{sha}"))})
            })
            .collect();
        json!({
            "sha": commit.sha,
            "node_id": format!("C_{}", commit.sha),
            "url": url,
            "html_url": web(repo, &format!("commit/{}", commit.sha)),
            "comments_url": format!("{url}/comments"),
            "commit": {
                "author": stamp(commit.author.as_deref(), commit),
                "committer": stamp(commit.committer.as_deref(), commit),
                "message": commit.message,
                "comment_count": 0,
                "verification": {"verified": false, "reason": "unsigned", "signature": null, "payload": null},
            },
            "author": self.user(commit.author.as_deref()),
            "committer": self.user(commit.committer.as_deref()),
            "parents": parents,
        })
    }

    /// An entry of a timeline.
    pub(crate) fn happened(self, repo: &Repo, event: &TimelineEvent) -> Value {
        let commit = match &event.what {
            TimelineKind::Merged(sha) | TimelineKind::ForcePushed(sha) => Some(sha),
            TimelineKind::Closed
            | TimelineKind::Reopened
            | TimelineKind::BecameDraft
            | TimelineKind::BecameReady
            | TimelineKind::BaseChanged
            | TimelineKind::Transferred
            | TimelineKind::Renamed { .. } => None,
        };
        let mut row = json!({
            "id": event.id,
            "node_id": format!("E_{}", event.id),
            "url": format!("{}/issues/events/{}", self.repo_url(repo), event.id),
            "actor": self.user(event.actor.as_deref()),
            "event": event.what.as_str(),
            "commit_id": commit,
            "commit_url": commit.map(|sha| format!("{}/commits/{sha}", self.repo_url(repo))),
            "created_at": event.at.to_string(),
            "performed_via_github_app": null,
        });
        if let TimelineKind::Renamed { from, to } = &event.what {
            row["rename"] = json!({"from": from, "to": to});
        }
        row
    }
}

/// The author or committer of a commit in git's format.
fn stamp(login: Option<&str>, commit: &Commit) -> Value {
    let (name, address) = match login {
        Some("web-flow") => ("GitHub".to_owned(), "noreply@github.com".to_owned()),
        Some(login) => (
            login.to_owned(),
            format!("{login}@users.noreply.github.com"),
        ),
        None => ("Ada".to_owned(), "ada@example.com".to_owned()),
    };
    json!({"name": name, "email": address, "date": commit.date.to_string()})
}
