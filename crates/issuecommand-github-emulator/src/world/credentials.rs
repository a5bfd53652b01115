//! Tokens: their users, and the repositories that they see.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::World;
use crate::model::Repo;

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Classic: it has visible scopes.
    Classic,
    /// Fine-grained: without scopes, so GitHub sends no `x-oauth-scopes`.
    FineGrained,
    /// An installation of an App. It has no user, so `/user` and the paths below refuse it.
    Installation,
}

/// A token and its permissions.
#[derive(Debug, Clone)]
pub(super) struct Token {
    login: String,
    kind: Kind,
    /// Ids of the repositories that it sees; `None` for all.
    repos: Option<Arc<BTreeSet<u64>>>,
}

/// The sender of a request.
#[derive(Debug, Clone)]
pub(crate) struct Viewer {
    pub(crate) login: String,
    pub(crate) kind: Kind,
    repos: Option<Arc<BTreeSet<u64>>>,
}

impl Viewer {
    /// The status that hides the repository from this viewer; `None` if it sees the repository.
    pub(crate) fn refusal(&self, repo: &Repo) -> Option<u16> {
        let unseen = self
            .repos
            .as_ref()
            .is_some_and(|repos| !repos.contains(&repo.id));
        repo.refused.or(unseen.then_some(404))
    }

    /// Whether it sees only some repositories.
    pub(crate) fn is_narrow(&self) -> bool {
        self.repos.is_some()
    }

    /// The value of `x-oauth-scopes`.
    pub(crate) fn scopes(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Classic => Some("repo, read:org"),
            Kind::FineGrained | Kind::Installation => None,
        }
    }

    /// GitHub's message for a forbidden action.
    pub(crate) fn not_accessible(&self) -> &'static str {
        match self.kind {
            Kind::Classic | Kind::FineGrained => "Resource not accessible by personal access token",
            Kind::Installation => "Resource not accessible by integration",
        }
    }
}

impl World {
    /// Accepts a classic token for this login, with the scopes `repo, read:org`.
    pub fn accept_token(&mut self, token: &str, login: &str) {
        self.accept(token, login, Kind::Classic);
    }

    /// Accepts a fine-grained token, which has no scopes to show.
    pub fn accept_fine_grained_token(&mut self, token: &str, login: &str) {
        self.accept(token, login, Kind::FineGrained);
    }

    /// Accepts an installation token of the App with this name: it writes as `NAME[bot]`, cannot list `/user/repos` (403), and
    /// lists its repositories by `/installation/repositories`.
    pub fn accept_installation_token(&mut self, token: &str, app: &str) {
        self.accept(token, &format!("{app}[bot]"), Kind::Installation);
    }

    fn accept(&mut self, token: &str, login: &str, kind: Kind) {
        self.add_user(login);
        self.tokens.insert(
            token.to_owned(),
            Token {
                login: login.to_owned(),
                kind,
                repos: None,
            },
        );
    }

    /// Restricts this token to these repositories. All others answer 404 and are missing from its lists; hooks still cover
    /// them.
    ///
    /// # Panics
    /// If there is no such token.
    pub fn narrow_token(&mut self, token: &str, repos: &[&str]) {
        let ids = repos.iter().map(|repo| self.id_of(repo)).collect();
        let Some(token) = self.tokens.get_mut(token) else {
            panic!("no such token was accepted")
        };
        token.repos = Some(Arc::new(ids));
    }

    /// Refuses this token from now on (401).
    pub fn revoke_token(&mut self, token: &str) {
        self.tokens.remove(token);
    }

    pub(crate) fn viewer_of(&self, token: &str) -> Option<Viewer> {
        self.tokens.get(token).map(|token| Viewer {
            login: token.login.clone(),
            kind: token.kind,
            repos: token.repos.clone(),
        })
    }

    /// The repositories that a viewer sees, oldest first.
    pub(crate) fn seen_by<'w>(&'w self, viewer: &'w Viewer) -> impl Iterator<Item = &'w Repo> {
        self.repos().filter(|repo| viewer.refusal(repo).is_none())
    }
}
