//! Accounts, the acting account, and associations with a repository.

use super::World;
use crate::associations::Association;
use crate::builders::Author;
use crate::model::{Repo, User};

impl World {
    /// Creates an account, or finds it; a login that ends in `[bot]` is a bot. Returns its id.
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

    /// Runs `act` as another account, which is the `sender` of deliveries and the default author.
    pub fn acting_as<T>(&mut self, login: &str, act: impl FnOnce(&mut Self) -> T) -> T {
        self.add_user(login);
        let before = self.actor.replace(login.to_owned());
        let result = act(self);
        self.actor = before;
        result
    }

    /// The acting account.
    pub(super) fn acting(&self) -> &str {
        self.actor.as_deref().unwrap_or(&self.viewer)
    }

    /// The acting account if one was named, else `author`.
    pub(super) fn acting_or(&self, author: Option<&str>) -> Option<String> {
        self.actor.as_deref().or(author).map(str::to_owned)
    }

    /// The resolved author; the acting account by default.
    pub(super) fn author(&mut self, named: Author) -> Option<String> {
        let author = match named {
            Author::Viewer => self.acting().to_owned(),
            Author::Login(login) => login,
            Author::Ghost => return None,
        };
        self.add_user(&author);
        Some(author)
    }

    /// The association of this author with the repository, as GitHub derives it.
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
        } else if key.ends_with("[bot]") {
            // An App is never a member, whatever permissions its installation has.
            Association::None
        } else if author == self.viewer {
            Association::Member
        } else if repo.contributors.contains(&key) {
            Association::Contributor
        } else {
            Association::None
        }
    }
}
