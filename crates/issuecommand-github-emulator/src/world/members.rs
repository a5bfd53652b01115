//! Who belongs to a repository, and what they may do there.

use serde_json::{Value, json};

use super::World;
use crate::associations::Association;
use crate::model::{Permission, Repo};

impl World {
    /// Says how a login stands to a repository, for all it writes there later. Nothing is told.
    pub fn add_member(&mut self, repo: &str, login: &str, association: Association) {
        let id = self.id_of(repo);
        self.add_user(login);
        if let Some(repo) = self.repos.get_mut(&id) {
            repo.members.insert(login.to_lowercase(), association);
        }
    }

    /// Says what a login may do in a repository, however it is said to stand to it. Nothing is told.
    pub fn set_permission(&mut self, repo: &str, login: &str, permission: Permission) {
        let id = self.id_of(repo);
        self.add_user(login);
        if let Some(repo) = self.repos.get_mut(&id) {
            repo.permissions.insert(login.to_lowercase(), permission);
        }
    }

    /// A member of the organization who does not show it: it may write, and what it writes says `CONTRIBUTOR`.
    pub fn add_private_member(&mut self, repo: &str, login: &str) {
        self.add_member(repo, login, Association::Contributor);
        self.set_permission(repo, login, Permission::Write);
    }

    /// Invites somebody, who accepts: `member.added`, or `member.edited` of a collaborator who may do something else now.
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

    /// Takes somebody's standing and permission away: `member.removed`.
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

    /// What a user may do in a repository: as it was said, or else as follows from how it stands to it.
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
        // In a public repository everybody may look.
        standing.max(if repo.private {
            Permission::None
        } else {
            Permission::Read
        })
    }
}
