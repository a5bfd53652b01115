//! Making keys and taking them back.

use super::Context;
use super::effects::Effects;
use crate::change::Change;
use crate::command::{Answer, Outcome};
use crate::id::Ids;
use crate::key::{Key, Keyed, NewKey};

impl Context<'_> {
    pub(super) fn create_key(
        &self,
        new: &NewKey,
        fx: &mut Effects<'_>,
        ids: &mut dyn Ids,
    ) -> Outcome {
        let taken = |key: &&Key| key.name == new.name && key.revoked_at.is_none();
        if let Some(key) = self.view.keys().find(taken) {
            return answer(Keyed::NameTaken(key.clone()));
        }
        let id = loop {
            let id = Key::id_of(ids.uuid());
            if self.view.keys().all(|key| key.id != id) {
                break id;
            }
        };
        let key = Key {
            id,
            name: new.name.clone(),
            hash: new.hash,
            agent: new.agent.clone(),
            read_only: new.read_only,
            scope: new.scope.clone(),
            created_at: self.now,
            expires_at: new.expires_at,
            revoked_at: None,
        };
        fx.put_other(Change::Key(Box::new(key.clone())));
        answer(Keyed::Made(key))
    }

    /// By id, or by name: the one that has the name now, else the last one that had it.
    pub(super) fn revoke_key(&self, which: &str, fx: &mut Effects<'_>) -> Outcome {
        let named = self
            .view
            .keys()
            .filter(|key| key.id == which || key.name.as_str() == which);
        let last = named.max_by_key(|key| (key.revoked_at.is_none(), key.revoked_at, &key.id));
        let Some(key) = last else {
            return answer(Keyed::Unknown);
        };
        let idempotent = key.revoked_at.is_some();
        let key = Key {
            revoked_at: key.revoked_at.or(Some(self.now)),
            ..key.clone()
        };
        if !idempotent {
            fx.put_other(Change::Key(Box::new(key.clone())));
        }
        answer(Keyed::Revoked { key, idempotent })
    }
}

fn answer(keyed: Keyed) -> Outcome {
    Outcome::Done(Answer::Key(Box::new(keyed)))
}
