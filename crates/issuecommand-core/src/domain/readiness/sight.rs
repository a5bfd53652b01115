//! What a reason tells a caller who does not see all repositories.

use super::NotReady;
use crate::domain::access::Scope;
use crate::domain::claim::PullRef;
use crate::domain::issue::IssuePlace;

impl NotReady {
    /// The reason for a caller who sees these repositories alone. Issues elsewhere are counted and not named.
    #[must_use]
    pub fn seen_in(self, scope: &Scope) -> Self {
        match self {
            Self::BlockedBy {
                open,
                hidden,
                cycle,
            } => {
                let (open, hidden) = named(open, hidden, scope);
                Self::BlockedBy {
                    open,
                    hidden,
                    cycle,
                }
            }
            Self::HasOpenChildren { open, hidden } => {
                let (open, hidden) = named(open, hidden, scope);
                Self::HasOpenChildren { open, hidden }
            }
            Self::MergedPr { url, hidden } => {
                let was_known = url.is_some();
                let seen = url.filter(|url| *scope == Scope::All || is_in(url, scope));
                let hidden = hidden || (was_known && seen.is_none());
                Self::MergedPr { url: seen, hidden }
            }
            Self::HasOpenPr { mut pulls } => {
                pulls.retain(|pull| scope.has(&pull.repo));
                Self::HasOpenPr { pulls }
            }
            Self::Closed
            | Self::RepoNotOffered
            | Self::RepoPaused(_)
            | Self::Held { .. }
            | Self::Withheld(_)
            | Self::UntrustedAuthor { .. }
            | Self::NeedsHuman(_)
            | Self::Assigned { .. }
            | Self::ExcludedLabel { .. }
            | Self::MissingLabel { .. }
            | Self::MissingType { .. } => self,
        }
    }
}

/// Whether the address names a pull request of these repositories.
fn is_in(url: &str, scope: &Scope) -> bool {
    match PullRef::parse(url) {
        Some(PullRef::In { repo, .. }) => scope.has(&repo),
        Some(PullRef::Here(_)) | None => false,
    }
}

fn named(mut open: Vec<IssuePlace>, hidden: u32, scope: &Scope) -> (Vec<IssuePlace>, u32) {
    let all = open.len();
    open.retain(|place| scope.has(&place.repo));
    let elsewhere = u32::try_from(all - open.len()).unwrap_or(u32::MAX);
    (open, hidden.saturating_add(elsewhere))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::IssueNumber;
    use crate::domain::repo_name::RepoName;

    #[test]
    fn issues_elsewhere_are_counted_and_not_named() {
        let repo = |name: &str| RepoName::parse(name).expect("a name");
        let place = |name: &str| IssuePlace {
            repo: repo(name),
            number: IssueNumber::new(3).expect("a number"),
        };
        let open = vec![place("acme/api"), place("acme/vault")];
        let seen = |scope: &Scope| {
            let (open, hidden) = (open.clone(), 1);
            NotReady::HasOpenChildren { open, hidden }.seen_in(scope)
        };
        assert_eq!(
            seen(&Scope::Only([repo("acme/api")].into())),
            NotReady::HasOpenChildren {
                open: vec![place("acme/api")],
                hidden: 2,
            }
        );
        let whole = NotReady::HasOpenChildren {
            open: open.clone(),
            hidden: 1,
        };
        assert_eq!(seen(&Scope::All), whole);
    }

    #[test]
    fn a_merged_pull_request_elsewhere_is_told_without_its_address() {
        let url = "https://github.com/acme/vault/pull/7";
        let merged = |scope: &[&str]| {
            let names = scope
                .iter()
                .map(|name| RepoName::parse(name).expect("a name"));
            let reason = NotReady::MergedPr {
                url: Some(url.to_owned()),
                hidden: false,
            };
            reason.seen_in(&Scope::Only(names.collect())).words()
        };
        assert!(merged(&["acme/api", "Acme/Vault"]).starts_with(url));
        let words = merged(&["acme/api"]);
        assert!(
            words.starts_with("A pull request that closes it was merged"),
            "{words}"
        );
        let ended = NotReady::MergedPr {
            url: None,
            hidden: false,
        };
        let words = ended.seen_in(&Scope::Only([].into())).words();
        assert!(words.starts_with("Its agent ended it as done"), "{words}");
    }
}
