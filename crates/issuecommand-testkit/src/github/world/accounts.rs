//! Who there is, and which token speaks for whom.

use super::World;
use crate::github::associations::Association;
use crate::github::model::{Repo, User};
use crate::github::new::Author;

/// A token and what it may do.
#[derive(Debug, Clone)]
pub(super) struct Token {
    login: String,
    /// None for a fine-grained token: GitHub then sends no `x-oauth-scopes`.
    scopes: Option<String>,
}

/// Who makes a request.
#[derive(Debug, Clone)]
pub(crate) struct Viewer {
    pub(crate) login: String,
    pub(crate) scopes: Option<String>,
}

impl World {
    /// Accepts a classic token for this login, with the scopes `repo, read:org`. The first login is also the author of
    /// whatever tests make without saying by whom.
    pub fn accept_token(&mut self, token: &str, login: &str) {
        self.add_user(login);
        self.tokens.insert(
            token.to_owned(),
            Token {
                login: login.to_owned(),
                scopes: Some("repo, read:org".to_owned()),
            },
        );
    }

    /// Accepts a fine-grained token, which has no scopes to show.
    pub fn accept_fine_grained_token(&mut self, token: &str, login: &str) {
        self.add_user(login);
        self.tokens.insert(
            token.to_owned(),
            Token {
                login: login.to_owned(),
                scopes: None,
            },
        );
    }

    /// Refuses this token from now on (401).
    pub fn revoke_token(&mut self, token: &str) {
        self.tokens.remove(token);
    }

    /// Makes an account, or finds it; a login that ends in `[bot]` is a bot. Returns its id.
    pub fn add_user(&mut self, login: &str) -> u64 {
        self.account(login, false)
    }

    pub(super) fn account(&mut self, login: &str, organization: bool) -> u64 {
        let key = login.to_lowercase();
        if let Some(user) = self.users.get_mut(&key) {
            user.organization &= organization;
            return user.id;
        }
        let id = self.fresh_id();
        self.users.insert(
            key,
            User {
                id,
                login: login.to_owned(),
                organization,
            },
        );
        id
    }

    /// The account with this login.
    pub fn user(&self, login: &str) -> Option<&User> {
        self.users.get(&login.to_lowercase())
    }

    /// Says how a login stands to a repository, for all it writes there later.
    pub fn add_member(&mut self, repo: &str, login: &str, association: Association) {
        let id = self.id_of(repo);
        self.add_user(login);
        if let Some(repo) = self.repos.get_mut(&id) {
            repo.members.insert(login.to_lowercase(), association);
        }
    }

    pub(crate) fn viewer_of(&self, token: &str) -> Option<Viewer> {
        self.tokens.get(token).map(|token| Viewer {
            login: token.login.clone(),
            scopes: token.scopes.clone(),
        })
    }

    /// The author that was meant: the token's user when none was named.
    pub(super) fn author(&mut self, named: Author) -> Option<String> {
        let author = match named {
            Author::Viewer => self.viewer.clone(),
            Author::Login(login) => login,
            Author::Ghost => return None,
        };
        self.add_user(&author);
        Some(author)
    }

    /// How GitHub would say that this author stands to the repository.
    pub(super) fn association(&self, repo: &Repo, author: Option<&str>) -> Association {
        let Some(author) = author else {
            return Association::None;
        };
        let key = author.to_lowercase();
        if let Some(known) = repo.members.get(&key) {
            return *known;
        }
        if repo.owner.eq_ignore_ascii_case(author) {
            Association::Owner
        } else if author == self.viewer {
            Association::Member
        } else if repo.contributors.contains(&key) {
            Association::Contributor
        } else {
            Association::None
        }
    }
}
