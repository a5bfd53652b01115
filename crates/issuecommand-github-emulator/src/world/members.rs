//! Members of a repository and their permissions.

use serde_json::{Value, json};

use super::World;
use crate::associations::Association;
use crate::model::{Permission, Repo};

impl World {
    /// Sets the association of a login with a repository for its later texts, without a delivery.
    pub fn add_member(&mut self, repo: &str, login: &str, association: Association) {
        let id = self.id_of(repo);
        self.add_user(login);
        if let Some(repo) = self.repos.get_mut(&id) {
            repo.members.insert(login.to_lowercase(), association);
        }
    }

    /// Sets the permission of a login in a repository independent of its association, without a delivery.
    pub fn set_permission(&mut self, repo: &str, login: &str, permission: Permission) {
        let id = self.id_of(repo);
        self.add_user(login);
        if let Some(repo) = self.repos.get_mut(&id) {
            repo.permissions.insert(login.to_lowercase(), permission);
        }
    }

    /// A member of the organization with a hidden membership: it may write, and its texts say `CONTRIBUTOR`.
    pub fn add_private_member(&mut self, repo: &str, login: &str) {
        self.add_member(repo, login, Association::Contributor);
        self.set_permission(repo, login, Permission::Write);
    }

    /// Adds a collaborator: `member.added`, or `member.edited` if an existing one gets another permission.
    pub fn add_collaborator(&mut self, repo: &str, login: &str, permission: Permission) {
        let id = self.id_of(repo);
        let key = login.to_lowercase();
        let before = self
            .repos
            .get(&id)
            .filter(|repo| repo.members.contains_key(&key))
            .and_then(|repo| repo.permissions.get(&key).copied());
        self.set_permission(repo, login, permission);
        let now = json!({"to": permission.role()});
        let Some(before) = before else {
            self.add_member(repo, login, Association::Collaborator);
            let changes = json!({"permission": now, "role_name": now});
            return self.tell_member(id, login, "added", json!({"changes": changes}));
        };
        if before != permission {
            let change = json!({"from": before.role(), "to": permission.role()});
            let changes = json!({"permission": change});
            self.tell_member(id, login, "edited", json!({"changes": changes}));
        }
    }

    /// Removes the association and permission of a login: `member.removed`.
    pub fn remove_collaborator(&mut self, repo: &str, login: &str) {
        let id = self.id_of(repo);
        let key = login.to_lowercase();
        if let Some(repo) = self.repos.get_mut(&id) {
            repo.members.remove(&key);
            repo.permissions.remove(&key);
        }
        self.tell_member(id, login, "removed", json!({}));
    }

    fn tell_member(&mut self, repo: u64, login: &str, action: &str, mut fields: Value) {
        fields["member"] = self.shape().user(Some(login));
        self.send(repo, "member", action, fields, None);
    }

    /// The role of a token's user in a repository. Without a configured permission it may write, unless the token may not.
    pub(crate) fn role(repo: &Repo, login: &str) -> Permission {
        if !repo.writable {
            return Permission::Read;
        }
        let known = repo.permissions.get(&login.to_lowercase());
        known.copied().unwrap_or(Permission::Write)
    }

    /// The permission of a user in a repository: the configured one, or one derived from the association.
    pub(crate) fn permission(&self, repo: &Repo, login: &str) -> Permission {
        let key = login.to_lowercase();
        if let Some(known) = repo.permissions.get(&key) {
            return *known;
        }
        let standing = match self.association(repo, Some(login)) {
            Association::Owner => Permission::Admin,
            Association::Member | Association::Collaborator => Permission::Write,
            Association::Contributor
            | Association::FirstTimeContributor
            | Association::FirstTimer
            | Association::Mannequin
            | Association::None => Permission::None,
        };
        // Everybody may read a public repository.
        standing.max(if repo.private {
            Permission::None
        } else {
            Permission::Read
        })
    }
}
