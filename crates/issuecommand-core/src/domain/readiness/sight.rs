//! What a reason tells a caller who does not see all repositories.

use super::NotReady;
use crate::domain::access::Scope;
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
            Self::Closed
            | Self::RepoNotOffered
            | Self::RepoPaused(_)
            | Self::Held { .. }
            | Self::Withheld(_)
            | Self::UntrustedAuthor { .. }
            | Self::NeedsHuman(_)
            | Self::MergedPr { .. }
            | Self::HasOpenPr { .. }
            | Self::Assigned { .. }
            | Self::ExcludedLabel { .. }
            | Self::MissingLabel { .. }
            | Self::MissingType { .. } => self,
        }
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
}
